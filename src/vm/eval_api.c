/* PyEval_*: running code from C, and asking what runs. */
#include "internal/krait_exports.h"
#include <frameobject.h>

#include "internal/pycore_frame.h"
#include "objects/names.h"
#include "objects/thread_state.h"
#include "vm/call.h"
#include "vm/vm.h"

/* ---- Running -------------------------------------------------------------------------------------------------- */

PyObject *PyEval_EvalCode(PyObject *code, PyObject *globals, PyObject *locals)
{
    return PyEval_EvalCodeEx(code, globals, locals, NULL, 0, NULL, 0, NULL, 0, NULL, NULL);
}

/* Keyword arguments come as pairs in an array. */
static PyObject *call_with_pairs(PyObject *func, PyObject *locals, PyObject *const *args, int argcount, PyObject *const *pairs, int count)
{
    PyObject *names = count ? PyTuple_New(count) : NULL, *result = NULL;
    PyObject **all = PyMem_New(PyObject *, argcount + count + 1);
    if ((count && !names) || !all) {
        if (!PyErr_Occurred()) PyErr_NoMemory();
        goto done;
    }
    for (int i = 0; i < argcount; i++) all[i] = args[i];
    for (int i = 0; i < count; i++) {
        PyTuple_SET_ITEM(names, i, Py_NewRef(pairs[2 * i]));
        all[argcount + i] = pairs[2 * i + 1];
    }
    result = vm_call_function(thread_state(), (PyFunctionObject *)func, locals, all, (size_t)argcount, names);
done:
    PyMem_Free(all);
    Py_XDECREF(names);
    return result;
}

PyObject *PyEval_EvalCodeEx(PyObject *code, PyObject *globals, PyObject *locals, PyObject *const *args, int argcount,
                            PyObject *const *kws, int kwcount, PyObject *const *defs, int defcount, PyObject *kwdefs,
                            PyObject *closure)
{
    if (!globals) {
        PyErr_SetString(PyExc_SystemError, "PyEval_EvalCodeEx: NULL globals");
        return NULL;
    }
    PyObject *func = PyFunction_New(code, globals), *result = NULL;
    if (!func) return NULL;
    if (!locals) locals = globals;
    if (((PyCodeObject *)code)->co_flags & CO_OPTIMIZED) locals = NULL;
    PyFunctionObject *f = (PyFunctionObject *)func;
    if (defcount) {
        f->func_defaults = PyTuple_New(defcount);
        if (!f->func_defaults) goto done;
        for (int i = 0; i < defcount; i++) PyTuple_SET_ITEM(f->func_defaults, i, Py_NewRef(defs[i]));
    }
    f->func_kwdefaults = Py_XNewRef(kwdefs);
    f->func_closure = Py_XNewRef(closure);
    result = call_with_pairs(func, locals, args, argcount, kws, kwcount);
done:
    Py_DECREF(func);
    return result;
}

/* Stands in for throwflag where what is to be run is no frame but an OperatorCall. */
enum { RUN_OPERATOR = -1 };

ONE_COPY PyObject *_PyEval_EvalFrameDefault(PyThreadState *tstate, struct _PyInterpreterFrame *frame, int throwflag)
{
    if (throwflag == RUN_OPERATOR) {
        OperatorCall *call = (OperatorCall *)frame;
        PyObject *result = call->right ? call->function.binary(call->left, call->right) : call->function.unary(call->left);
        call->left = NULL;      /* and so the call is no jump: this function stays on the C stack */
        return result;
    }
    return throwflag ? vm_run_raising(tstate, frame) : vm_run(tstate, frame);
}

PyObject *vm_call_operator(OperatorCall *call)
{
    return _PyEval_EvalFrameDefault(NULL, (struct _PyInterpreterFrame *)call, RUN_OPERATOR);
}

/* A frame object that PyFrame_New made: its contents run on the data stack like any other frame's. */
PyObject *PyEval_EvalFrameEx(PyFrameObject *object, int throwflag)
{
    Frame *frame = object->f_frame;
    if (frame->owner != FRAME_IN_OBJECT || throwflag) {
        PyErr_SetString(PyExc_SystemError, "this frame cannot be run");
        return NULL;
    }
    return vm_call_function(thread_state(), frame->func, frame->locals, NULL, 0, NULL);
}

PyObject *PyEval_EvalFrame(PyFrameObject *object) { return PyEval_EvalFrameEx(object, 0); }

/* ---- Asking --------------------------------------------------------------------------------------------------- */

PyFrameObject *PyEval_GetFrame(void)
{
    Frame *frame = frame_current(thread_state());
    PyFrameObject *object = frame ? frame_object_borrow(frame) : NULL;
    if (frame && !object) PyErr_Clear();
    return object;
}

PyFrameObject *PyThreadState_GetFrame(PyThreadState *tstate)
{
    Frame *frame = frame_current(tstate);
    PyFrameObject *object = frame ? frame_object_borrow(frame) : NULL;
    if (frame && !object) PyErr_Clear();
    return (PyFrameObject *)Py_XNewRef(object);
}

int _PyFrame_IsEntryFrame(PyFrameObject *object) { return object->f_frame->returns == RETURN_TO_C; }

PyObject *PyEval_GetBuiltins(void)
{
    Frame *frame = frame_current(thread_state());
    return frame ? frame_builtins(frame) : vm_runtime.default_builtins(thread_state());
}

PyObject *PyEval_GetGlobals(void)
{
    Frame *frame = frame_current(thread_state());
    return frame ? frame_globals(frame) : NULL;
}

PyObject *PyEval_GetLocals(void)
{
    Frame *frame = frame_current(thread_state());
    if (!frame) {
        PyErr_SetString(PyExc_SystemError, "frame does not exist");
        return NULL;
    }
    return frame_locals_borrow(frame);
}

PyObject *_PyEval_GetBuiltin(PyObject *name)
{
    PyObject *builtins = PyEval_GetBuiltins(), *o = NULL;
    if (builtins && PyDict_Check(builtins)) o = PyDict_GetItemWithError(builtins, name);
    if (!o && !PyErr_Occurred()) PyErr_SetObject(PyExc_AttributeError, name);
    return Py_XNewRef(o);
}

PyObject *_PyEval_GetBuiltinId(_Py_Identifier *id)
{
    PyObject *name = _PyUnicode_FromId(id);
    return name ? _PyEval_GetBuiltin(name) : NULL;
}

PyObject *vm_builtins_for(PyThreadState *tstate, PyObject *globals)
{
    PyObject *builtins = PyDict_GetItemWithError(globals, NAME(__builtins__));
    if (builtins) return Py_NewRef(PyModule_Check(builtins) ? PyModule_GetDict(builtins) : builtins);
    if (PyErr_Occurred()) return NULL;
    Frame *frame = frame_current(tstate);
    return Py_XNewRef(frame ? frame_builtins(frame) : vm_runtime.default_builtins(tstate));
}

const char *PyEval_GetFuncName(PyObject *func)
{
    if (PyMethod_Check(func)) return PyEval_GetFuncName(PyMethod_GET_FUNCTION(func));
    if (PyFunction_Check(func)) return PyUnicode_AsUTF8(((PyFunctionObject *)func)->func_name);
    if (PyCFunction_Check(func)) return ((PyCFunctionObject *)func)->m_ml->ml_name;
    return Py_TYPE(func)->tp_name;
}

const char *PyEval_GetFuncDesc(PyObject *func)
{
    if (PyMethod_Check(func) || PyFunction_Check(func) || PyCFunction_Check(func)) return "()";
    return " object";
}

int PyEval_MergeCompilerFlags(PyCompilerFlags *flags)
{
    Frame *frame = frame_current(thread_state());
    if (frame) flags->cf_flags |= frame->code->co_flags & PyCF_MASK;
    return flags->cf_flags != 0;
}

int _PyEval_SliceIndexNotNone(PyObject *v, Py_ssize_t *out)
{
    if (!PyIndex_Check(v)) {
        PyErr_SetString(PyExc_TypeError, "slice indices must be integers or have an __index__ method");
        return 0;
    }
    Py_ssize_t i = PyNumber_AsSsize_t(v, NULL);
    if (i == -1 && PyErr_Occurred()) return 0;
    *out = i;
    return 1;
}

int _PyEval_SliceIndex(PyObject *v, Py_ssize_t *out)
{
    if (v == Py_None) return 1;
    if (!PyIndex_Check(v)) {
        PyErr_SetString(PyExc_TypeError, "slice indices must be integers or None or have an __index__ method");
        return 0;
    }
    return _PyEval_SliceIndexNotNone(v, out);
}
