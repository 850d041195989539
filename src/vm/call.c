#include "vm/call.h"

#include <string.h>

#include "objects/names.h"
#include "objects/thread_state.h"
#include "vm/data_stack.h"
#include "vm/ops.h"
#include "vm/trace.h"
#include "vm/vm.h"

/* ---- Argument errors ------------------------------------------------------------------------------------------ */

static int positional_count(const PyCodeObject *code) { return code->co_argcount; }

static PyObject *parameter_name(const PyCodeObject *code, int i) { return PyTuple_GET_ITEM(code->co_localsplusnames, i); }

/* "'a'", "'a' and 'b'", "'a', 'b', and 'c'". A new str. */
static PyObject *list_names(PyObject *names)
{
    Py_ssize_t n = PyList_GET_SIZE(names);
    PyObject *text = PyUnicode_FromFormat("%R", PyList_GET_ITEM(names, 0));
    for (Py_ssize_t i = 1; text && i < n; i++) {
        const char *format = i + 1 < n ? "%U, %R" : n == 2 ? "%U and %R" : "%U, and %R";
        Py_SETREF(text, PyUnicode_FromFormat(format, text, PyList_GET_ITEM(names, i)));
    }
    return text;
}

static void missing_error(PyFunctionObject *func, const Value *locals, int start, int end, const char *kind)
{
    PyCodeObject *code = (PyCodeObject *)func->func_code;
    PyObject *names = PyList_New(0), *text = NULL;
    for (int i = start; names && i < end; i++) {
        if (locals[i] == VALUE_EMPTY && PyList_Append(names, parameter_name(code, i)) < 0) Py_CLEAR(names);
    }
    if (names) text = list_names(names);
    if (text) {
        Py_ssize_t n = PyList_GET_SIZE(names);
        PyErr_Format(PyExc_TypeError, "%U() missing %zd required %s argument%s: %U", func->func_qualname, n, kind,
                     n == 1 ? "" : "s", text);
    }
    Py_XDECREF(text);
    Py_XDECREF(names);
}

static void too_many_error(PyFunctionObject *func, const Value *locals, size_t given)
{
    PyCodeObject *code = (PyCodeObject *)func->func_code;
    int count = positional_count(code), keyword_only = 0;
    Py_ssize_t defaults = func->func_defaults ? PyTuple_GET_SIZE(func->func_defaults) : 0;
    for (int i = count; i < count + code->co_kwonlyargcount; i++) keyword_only += locals[i] != VALUE_EMPTY;
    PyObject *takes = defaults ? PyUnicode_FromFormat("from %zd to %d", count - defaults, count) : PyUnicode_FromFormat("%d", count);
    if (!takes) return;
    bool plural = defaults ? true : count != 1;
    if (keyword_only) {
        PyErr_Format(PyExc_TypeError, "%U() takes %U positional argument%s but %zd positional argument%s (and %d keyword-only argument%s) were given",
                     func->func_qualname, takes, plural ? "s" : "", (Py_ssize_t)given, given != 1 ? "s" : "", keyword_only,
                     keyword_only != 1 ? "s" : "");
    }
    else {
        PyErr_Format(PyExc_TypeError, "%U() takes %U positional argument%s but %zd %s given", func->func_qualname, takes,
                     plural ? "s" : "", (Py_ssize_t)given, given == 1 ? "was" : "were");
    }
    Py_DECREF(takes);
}

/* Keyword arguments that name positional-only parameters: all of them are told. True if there are any. */
static bool positional_only_error(PyFunctionObject *func, PyObject *kwnames)
{
    PyCodeObject *code = (PyCodeObject *)func->func_code;
    PyObject *names = PyList_New(0);
    if (!names) return true;
    for (int i = 0; i < code->co_posonlyargcount; i++) {
        PyObject *name = parameter_name(code, i);
        for (Py_ssize_t k = 0; k < PyTuple_GET_SIZE(kwnames); k++) {
            int same = PyObject_RichCompareBool(name, PyTuple_GET_ITEM(kwnames, k), Py_EQ);
            if (same < 0 || (same && PyList_Append(names, name) < 0)) {
                Py_DECREF(names);
                return true;
            }
        }
    }
    bool any = PyList_GET_SIZE(names) > 0;
    if (any) {
        PyObject *comma = PyUnicode_FromString(", "), *text = comma ? PyUnicode_Join(comma, names) : NULL;
        if (text) {
            PyErr_Format(PyExc_TypeError, "%U() got some positional-only arguments passed as keyword arguments: '%U'",
                         func->func_qualname, text);
        }
        Py_XDECREF(comma);
        Py_XDECREF(text);
    }
    Py_DECREF(names);
    return any;
}

/* ---- Binding -------------------------------------------------------------------------------------------------- */

/* Index of the parameter that a keyword names, -1 if none, -2 with an exception set. Identity settles most cases. */
static int find_parameter(const PyCodeObject *code, PyObject *name)
{
    int total = code->co_argcount + code->co_kwonlyargcount;
    for (int i = code->co_posonlyargcount; i < total; i++) {
        if (parameter_name(code, i) == name) return i;
    }
    for (int i = code->co_posonlyargcount; i < total; i++) {
        int same = PyObject_RichCompareBool(name, parameter_name(code, i), Py_EQ);
        if (same < 0) return -2;
        if (same) return i;
    }
    return -1;
}

/* Binds keyword arguments; values[k] are stolen as they are bound (and emptied). */
static int bind_keywords(PyFunctionObject *func, Value *locals, Value *values, PyObject *kwnames, PyObject *extra)
{
    PyCodeObject *code = (PyCodeObject *)func->func_code;
    for (Py_ssize_t k = 0; k < PyTuple_GET_SIZE(kwnames); k++) {
        PyObject *name = PyTuple_GET_ITEM(kwnames, k);
        if (!PyUnicode_Check(name)) {
            PyErr_Format(PyExc_TypeError, "%U() keywords must be strings", func->func_qualname);
            return -1;
        }
        int i = find_parameter(code, name);
        if (i == -2) return -1;
        if (i == -1) {
            if (!extra) {
                if (code->co_posonlyargcount && positional_only_error(func, kwnames)) return -1;
                if (!PyErr_Occurred()) {
                    PyErr_Format(PyExc_TypeError, "%U() got an unexpected keyword argument '%S'", func->func_qualname, name);
                }
                return -1;
            }
            PyObject *o = operand_object(&values[k]);
            if (!o || PyDict_SetItem(extra, name, o) < 0) return -1;
            continue;
        }
        if (locals[i] != VALUE_EMPTY) {
            PyErr_Format(PyExc_TypeError, "%U() got multiple values for argument '%S'", func->func_qualname, name);
            return -1;
        }
        locals[i] = values[k];
        values[k] = VALUE_EMPTY;
    }
    return 0;
}

static int bind_defaults(PyFunctionObject *func, Value *locals, size_t given)
{
    PyCodeObject *code = (PyCodeObject *)func->func_code;
    int count = positional_count(code);
    if ((int)given < count) {
        int defaults = func->func_defaults ? (int)PyTuple_GET_SIZE(func->func_defaults) : 0, required = count - defaults;
        for (int i = (int)given; i < required; i++) {
            if (locals[i] == VALUE_EMPTY) {
                missing_error(func, locals, 0, required, "positional");
                return -1;
            }
        }
        for (int i = required < 0 ? 0 : required; i < count; i++) {
            if (locals[i] == VALUE_EMPTY) {
                locals[i] = value_from_owned(Py_NewRef(PyTuple_GET_ITEM(func->func_defaults, i - required)));
            }
        }
    }
    bool missing = false;
    for (int i = count; i < count + code->co_kwonlyargcount; i++) {
        if (locals[i] != VALUE_EMPTY) continue;
        PyObject *value = func->func_kwdefaults ? PyDict_GetItemWithError(func->func_kwdefaults, parameter_name(code, i)) : NULL;
        if (value) locals[i] = value_from_owned(Py_NewRef(value));
        else if (PyErr_Occurred()) return -1;
        else missing = true;
    }
    if (missing) missing_error(func, locals, count, count + code->co_kwonlyargcount, "keyword-only");
    return missing ? -1 : 0;
}

static void release_all(Value *values, size_t count)
{
    for (size_t i = 0; i < count; i++) value_release(values[i]);
}

/* Binds all arguments to empty locals. Steals every value, also on failure. */
static int bind(PyFunctionObject *func, Value *locals, Value *args, size_t nargs, PyObject *kwnames)
{
    PyCodeObject *code = (PyCodeObject *)func->func_code;
    size_t keywords = kwnames ? (size_t)PyTuple_GET_SIZE(kwnames) : 0, count = (size_t)positional_count(code);
    size_t taken = nargs < count ? nargs : count;
    int result = -1, next = code->co_argcount + code->co_kwonlyargcount;
    PyObject *extra = NULL;
    memcpy(locals, args, taken * sizeof *locals);
    memset(args, 0, taken * sizeof *args);
    if (code->co_flags & CO_VARARGS) {
        PyObject *rest = PyTuple_New((Py_ssize_t)(nargs - taken));
        if (!rest) goto done;
        locals[next++] = value_from_owned(rest);
        for (size_t i = taken; i < nargs; i++) {
            PyObject *o = value_take_boxed(args[i]);
            args[i] = VALUE_EMPTY;
            if (!o) goto done;
            PyTuple_SET_ITEM(rest, (Py_ssize_t)(i - taken), o);
        }
    }
    if (code->co_flags & CO_VARKEYWORDS) {
        extra = PyDict_New();
        if (!extra) goto done;
        locals[next] = value_from_owned(extra);
    }
    if (keywords && bind_keywords(func, locals, args + nargs, kwnames, extra) < 0) goto done;
    if (nargs > count && !(code->co_flags & CO_VARARGS)) {
        too_many_error(func, locals, nargs);
        goto done;
    }
    result = bind_defaults(func, locals, nargs);
done:
    release_all(args, nargs + keywords);
    return result;
}

Frame *call_push(PyThreadState *tstate, PyFunctionObject *func, PyObject *locals, Value *args, size_t nargs, PyObject *kwnames)
{
    if (vm_enter_recursion(tstate) < 0) goto refuse;
    Frame *frame = frame_push(tstate, func, locals);
    if (!frame) {
        vm_leave_recursion(tstate);
        goto refuse;
    }
    if (bind(func, frame->registers, args, nargs, kwnames) == 0) return frame;
    vm_leave_recursion(tstate);
    frame_pop(tstate, frame);
    return NULL;
refuse:
    release_all(args, nargs + (kwnames ? (size_t)PyTuple_GET_SIZE(kwnames) : 0));
    return NULL;
}

/* ---- Calls from the loop -------------------------------------------------------------------------------------- */

static PyObject *keyword_names(const Value *constants, const Word *ip)
{
    return ip[1].op ? value_object(constants[ip[1].op - 1]) : NULL;
}

static uint16_t lane(const Word *ip, int i) { return ip[3 + i / 4].lane[i % 4]; }

Frame *call_push_operands(PyThreadState *tstate, PyFunctionObject *func, Value self, Value *registers, const Value *constants,
                          int first_temporary, const Word *ip)
{
    int count = ip->c, with_self = self != VALUE_EMPTY;
    PyObject *kwnames = keyword_names(constants, ip);
    Value few[CALL_FEW + 1], *args = count <= CALL_FEW ? few : PyMem_New(Value, count + 1);
    if (!args) {
        value_release(self);
        PyErr_NoMemory();
        return NULL;
    }
    args[0] = self;
    for (int i = 0; i < count; i++) {
        args[i + with_self] = operand_take(registers, constants, first_temporary, lane(ip, i));
    }
    size_t keywords = kwnames ? (size_t)PyTuple_GET_SIZE(kwnames) : 0;
    Frame *frame = call_push(tstate, func, NULL, args, (size_t)(count + with_self) - keywords, kwnames);
    if (args != few) PyMem_Free(args);
    return frame;
}

Frame *call_push_bound(PyThreadState *tstate, PyObject *method, Value first, Value *registers, const Value *constants,
                       int first_temporary, const Word *ip)
{
    PyFunctionObject *func = (PyFunctionObject *)PyMethod_GET_FUNCTION(method);
    PyObject *kwnames = keyword_names(constants, ip);
    int count = ip->c, extra = first != VALUE_EMPTY ? 2 : 1;
    Value few[CALL_FEW + 2], *args = count <= CALL_FEW ? few : PyMem_New(Value, count + 2);
    if (!args) {
        value_release(first);
        PyErr_NoMemory();
        return NULL;
    }
    args[0] = value_from_owned(Py_NewRef(PyMethod_GET_SELF(method)));
    args[1] = first;
    for (int i = 0; i < count; i++) args[extra + i] = operand_take(registers, constants, first_temporary, lane(ip, i));
    ExecCode *exec = kwnames ? NULL : code_exec((PyCodeObject *)func->func_code);
    Frame *frame;
    if (exec && exec->simple_arguments == count + extra && !tstate->cframe->use_tracing) {
        frame = call_push_simple(tstate, func, exec);
        if (frame) memcpy(frame->registers, args, (size_t)(count + extra) * sizeof *args);
        else release_all(args, (size_t)(count + extra));
    }
    else {
        size_t keywords = kwnames ? (size_t)PyTuple_GET_SIZE(kwnames) : 0;
        frame = call_push(tstate, func, NULL, args, (size_t)(count + extra) - keywords, kwnames);
    }
    if (args != few) PyMem_Free(args);
    return frame;
}

PyObject *call_object(PyThreadState *tstate, PyObject *callable, PyObject *self, Value *registers, const Value *constants,
                      const Word *ip)
{
    int count = ip->c, with_self = self != NULL;
    PyObject *kwnames = keyword_names(constants, ip);
    PyObject *few[CALL_FEW + 2], **args = count <= CALL_FEW ? few : PyMem_New(PyObject *, count + 2), *result = NULL;
    if (!args) return PyErr_NoMemory();
    args[1] = self;
    for (int i = 0; i < count; i++) {
        uint16_t x = lane(ip, i);
        PyObject *o = operand_object(x & OPERAND_CONSTANT ? (Value *)&constants[x & ~OPERAND_CONSTANT] : &registers[x]);
        if (!o) goto done;
        args[1 + with_self + i] = o;
    }
    size_t keywords = kwnames ? (size_t)PyTuple_GET_SIZE(kwnames) : 0;
    size_t nargs = (size_t)(count + with_self) - keywords;
    if (tstate->cframe->use_tracing) result = trace_call(tstate, callable, args + 1, nargs | PY_VECTORCALL_ARGUMENTS_OFFSET, kwnames);
    else result = PyObject_Vectorcall(callable, args + 1, nargs | PY_VECTORCALL_ARGUMENTS_OFFSET, kwnames);
done:
    if (args != few) PyMem_Free(args);
    return result;
}

/* ---- f(*args, **keywords) ------------------------------------------------------------------------------------- */

static PyObject *as_tuple(PyObject *callable, PyObject *args)
{
    if (PyTuple_CheckExact(args)) return Py_NewRef(args);
    if (!Py_TYPE(args)->tp_iter && !PySequence_Check(args)) {
        PyObject *name = _PyObject_FunctionStr(callable);
        if (name) {
            PyErr_Format(PyExc_TypeError, "%U argument after * must be an iterable, not %.200s", name, Py_TYPE(args)->tp_name);
            Py_DECREF(name);
        }
        return NULL;
    }
    return PySequence_Tuple(args);
}

static PyObject *as_dict(PyObject *callable, PyObject *keywords)
{
    if (PyDict_CheckExact(keywords)) return Py_NewRef(keywords);
    PyObject *dict = PyDict_New();
    if (dict && op_dict_merge(dict, keywords, callable) < 0) Py_CLEAR(dict);
    return dict;
}

PyObject *call_ex(PyThreadState *tstate, PyObject *callable, PyObject *args, PyObject *keywords)
{
    PyObject *dict = keywords ? as_dict(callable, keywords) : NULL, *result = NULL;
    if (keywords && !dict) return NULL;
    PyObject *tuple = as_tuple(callable, args);
    if (tuple) {
        if (tstate->cframe->use_tracing) result = trace_call_ex(tstate, callable, tuple, dict);
        else result = PyObject_Call(callable, tuple, dict);
    }
    Py_XDECREF(tuple);
    Py_XDECREF(dict);
    return result;
}

void call_init_result_error(Value result)
{
    PyObject *o = value_take_boxed(result);
    if (!o) return;
    PyErr_Format(PyExc_TypeError, "__init__() should return None, not '%.200s'", Py_TYPE(o)->tp_name);
    Py_DECREF(o);
}

/* ---- Calls from C --------------------------------------------------------------------------------------------- */

PyObject *vm_call_function(PyThreadState *tstate, PyFunctionObject *func, PyObject *locals, PyObject *const *args, size_t nargs,
                           PyObject *kwnames)
{
    ExecCode *exec = kwnames || locals ? NULL : code_exec((PyCodeObject *)func->func_code);
    if (exec && exec->simple_arguments == (int)nargs && !tstate->cframe->use_tracing) {
        Frame *frame = call_push_simple(tstate, func, exec);
        if (!frame) return NULL;
        for (size_t i = 0; i < nargs; i++) frame->registers[i] = op_load(args[i]);
        vm_leave_recursion(tstate);     /* vm_run counts it */
        return vm_run(tstate, frame);
    }
    size_t count = nargs + (kwnames ? (size_t)PyTuple_GET_SIZE(kwnames) : 0);
    Value few[CALL_FEW], *values = count <= CALL_FEW ? few : PyMem_New(Value, count);
    if (!values) return PyErr_NoMemory();
    for (size_t i = 0; i < count; i++) values[i] = value_from_owned(Py_NewRef(args[i]));
    Frame *frame = call_push(tstate, func, locals, values, nargs, kwnames);
    if (values != few) PyMem_Free(values);
    if (!frame) return NULL;
    vm_leave_recursion(tstate);     /* vm_run counts it */
    return vm_run(tstate, frame);
}

PyObject *_PyFunction_Vectorcall(PyObject *func, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    return vm_call_function(thread_state(), (PyFunctionObject *)func, NULL, args, (size_t)PyVectorcall_NARGS(nargsf), kwnames);
}

/* ---- Loans ------------------------------------------------------------------------------------------------------ */

static bool calls_function(Value v, PyCFunction function)
{
    PyObject *o = value_is_object(v) ? value_object(v) : NULL;
    return o && PyCFunction_CheckExact(o) && PyCFunction_GET_FUNCTION(o) == function;
}

bool vm_argument_is_lent(PyThreadState *tstate, PyCFunction function)
{
    Frame *frame = tstate->cframe->current_frame;
    const Word *ip = frame ? frame->ip : NULL;
    if (!ip || frame->exec->word_count == 0 || ip < frame->exec->words || ip->c != 1) return false;
    uint16_t x = lane(ip, 0);
    bool lent = x & OPERAND_CONSTANT || x < frame->exec->first_temporary;
    switch (ip->op) {
    case X_CALL: case X_CALL_C_ONE:
        return lent && !(ip->b & OPERAND_CONSTANT) && calls_function(frame->registers[ip->b], function);
    case X_CALL_METHOD: case X_CALL_METHOD_C_ONE:
        return lent && frame->registers[ip->b] == VALUE_EMPTY && calls_function(frame->registers[ip->b + 1], function);
    default: return false;
    }
}
