/* The object protocol: text, comparison, hashing, truth, dir(); None and NotImplemented. Attributes
 * are in attributes.c. */
#include <Python.h>

#include "objects/abstract.h"
#include "objects/compare.h"
#include "objects/immortal.h"
#include "objects/names.h"
#include "objects/recursion.h"
#include "objects/thread_state.h"
#include "objects/type/type.h"

/* -- Text ------------------------------------------------------------------------------------- */

PyObject *PyObject_Repr(PyObject *v)
{
    if (PyErr_CheckSignals() < 0) return NULL;
    if (!v) return PyUnicode_FromString("<NULL>");
    if (!Py_TYPE(v)->tp_repr) {
        return PyUnicode_FromFormat("<%s object at %p>", Py_TYPE(v)->tp_name, v);
    }
    PyThreadState *tstate = thread_state();
    if (recursion_enter(tstate, " while getting the repr of an object")) return NULL;
    PyObject *text = Py_TYPE(v)->tp_repr(v);
    recursion_leave(tstate);
    if (text && !PyUnicode_Check(text)) {
        PyErr_Format(PyExc_TypeError, "__repr__ returned non-string (type %.200s)",
                     Py_TYPE(text)->tp_name);
        Py_CLEAR(text);
    }
    return text;
}

PyObject *PyObject_Str(PyObject *v)
{
    if (PyErr_CheckSignals() < 0) return NULL;
    if (!v) return PyUnicode_FromString("<NULL>");
    if (PyUnicode_CheckExact(v)) return Py_NewRef(v);
    if (!Py_TYPE(v)->tp_str) return PyObject_Repr(v);
    PyThreadState *tstate = thread_state();
    if (recursion_enter(tstate, " while getting the str of an object")) return NULL;
    PyObject *text = Py_TYPE(v)->tp_str(v);
    recursion_leave(tstate);
    if (text && !PyUnicode_Check(text)) {
        PyErr_Format(PyExc_TypeError, "__str__ returned non-string (type %.200s)",
                     Py_TYPE(text)->tp_name);
        Py_CLEAR(text);
    }
    return text;
}

PyObject *PyObject_ASCII(PyObject *v)
{
    PyObject *repr = PyObject_Repr(v);
    if (!repr || PyUnicode_IS_ASCII(repr)) return repr;
    PyObject *escaped = _PyUnicode_AsASCIIString(repr, "backslashreplace");
    Py_DECREF(repr);
    if (!escaped) return NULL;
    PyObject *text =
        PyUnicode_DecodeASCII(PyBytes_AS_STRING(escaped), PyBytes_GET_SIZE(escaped), "strict");
    Py_DECREF(escaped);
    return text;
}

PyObject *PyObject_Bytes(PyObject *v)
{
    if (!v) return PyBytes_FromString("<NULL>");
    if (PyBytes_CheckExact(v)) return Py_NewRef(v);
    PyObject *method = type_lookup_special(v, NAME(__bytes__));
    if (!method) return PyErr_Occurred() ? NULL : PyBytes_FromObject(v);
    PyObject *result = PyObject_CallNoArgs(method);
    Py_DECREF(method);
    if (result && !PyBytes_Check(result)) {
        PyErr_Format(PyExc_TypeError, "__bytes__ returned non-bytes (type %.200s)",
                     Py_TYPE(result)->tp_name);
        Py_CLEAR(result);
    }
    return result;
}

static int print_text(PyObject *op, FILE *file, int flags)
{
    PyObject *text = flags & Py_PRINT_RAW ? PyObject_Str(op) : PyObject_Repr(op);
    if (!text) return -1;
    PyObject *bytes = PyUnicode_AsEncodedString(text, "utf-8", "backslashreplace");
    Py_DECREF(text);
    if (!bytes) return -1;
    fwrite(PyBytes_AS_STRING(bytes), 1, (size_t)PyBytes_GET_SIZE(bytes), file);
    Py_DECREF(bytes);
    return 0;
}

/* Writes str(op) (flags Py_PRINT_RAW) or repr(op) to a C stream. 0, or -1 with an exception. */
int PyObject_Print(PyObject *op, FILE *file, int flags)
{
    int status = 0;
    if (PyErr_CheckSignals() < 0) return -1;
    clearerr(file);
    Py_BEGIN_ALLOW_THREADS if (!op) fprintf(file, "<nil>");
    else if (Py_REFCNT(op) <= 0) fprintf(file, "<refcnt %zd at %p>", Py_REFCNT(op), (void *)op);
    Py_END_ALLOW_THREADS if (op && Py_REFCNT(op) > 0) status = print_text(op, file, flags);
    if (status == 0 && ferror(file)) {
        PyErr_SetFromErrno(PyExc_OSError);
        clearerr(file);
        status = -1;
    }
    return status;
}

/* A description of a function for messages: "module.qualname()", "qualname()" for builtins, else
 * str(x). */
PyObject *_PyObject_FunctionStr(PyObject *x)
{
    PyObject *qualname, *module, *result = NULL;
    int found = _PyObject_LookupAttr(x, NAME(__qualname__), &qualname);
    if (found < 0) return NULL;
    if (found == 0) return PyObject_Str(x);
    found = _PyObject_LookupAttr(x, NAME(__module__), &module);
    if (found > 0 && module != Py_None) {
        int same = PyObject_RichCompareBool(module, NAME(builtins), Py_EQ);
        if (same < 0) goto done;
        if (!same) {
            result = PyUnicode_FromFormat("%S.%S()", module, qualname);
            goto done;
        }
    }
    if (found >= 0) result = PyUnicode_FromFormat("%S()", qualname);
done:
    Py_XDECREF(module);
    Py_DECREF(qualname);
    return result;
}

/* -- repr() of recursive containers ----------------------------------------------------------- */

/* 0: go on and call Py_ReprLeave afterwards; 1: this object's repr is being made already; -1:
 * exception. */
int Py_ReprEnter(PyObject *obj)
{
    PyObject *dict = PyThreadState_GetDict();
    if (!dict) return 0;
    PyObject *list = PyDict_GetItemWithError(dict, NAME(Py_Repr));
    if (!list) {
        if (PyErr_Occurred()) return -1;
        list = PyList_New(0);
        if (!list) return -1;
        int status = PyDict_SetItem(dict, NAME(Py_Repr), list);
        Py_DECREF(list);
        if (status < 0) return -1;
    }
    for (Py_ssize_t i = PyList_GET_SIZE(list); --i >= 0;) {
        if (PyList_GET_ITEM(list, i) == obj) return 1;
    }
    return PyList_Append(list, obj) < 0 ? -1 : 0;
}

void Py_ReprLeave(PyObject *obj)
{
    PyObject *error_type, *error_value, *error_traceback;
    PyErr_Fetch(&error_type, &error_value, &error_traceback);
    PyObject *dict = PyThreadState_GetDict();
    PyObject *list = dict ? PyDict_GetItemWithError(dict, NAME(Py_Repr)) : NULL;
    if (list && PyList_Check(list)) {
        for (Py_ssize_t i = PyList_GET_SIZE(list); --i >= 0;) {
            if (PyList_GET_ITEM(list, i) == obj) {
                PyList_SetSlice(list, i, i + 1, NULL);
                break;
            }
        }
    }
    PyErr_Restore(error_type, error_value, error_traceback);
}

/* -- Comparison ------------------------------------------------------------------------------- */

int _Py_SwappedOp[] = {Py_GT, Py_GE, Py_EQ, Py_NE, Py_LT, Py_LE};
static const char *const comparison_signs[] = {"<", "<=", "==", "!=", ">", ">="};

/* The end of a comparison: by the reflected slot of w, if it is still to be asked, or by identity. */
static PyObject *compare_rest(PyObject *v, PyObject *w, int op, bool ask)
{
    richcmpfunc compare = Py_TYPE(w)->tp_richcompare;
    if (ask && compare) {
        PyObject *result = compare(w, v, _Py_SwappedOp[op]);
        if (result != Py_NotImplemented) return result;
        Py_DECREF(result);
    }
    switch (op) {
    case Py_EQ:
        return PyBool_FromLong(v == w);
    case Py_NE:
        return PyBool_FromLong(v != w);
    default:
        return PyErr_Format(PyExc_TypeError,
                            "'%s' not supported between instances of '%.100s' and '%.100s'",
                            comparison_signs[op], Py_TYPE(v)->tp_name, Py_TYPE(w)->tp_name);
    }
}

static PyObject *richcompare_unguarded(PyObject *v, PyObject *w, int op)
{
    PyTypeObject *v_type = Py_TYPE(v), *w_type = Py_TYPE(w);
    richcmpfunc compare;
    PyObject *result;
    bool reflected = false;
    if (v_type != w_type && (compare = w_type->tp_richcompare) != NULL
        && PyType_IsSubtype(w_type, v_type)) {
        reflected = true;
        result = compare(w, v, _Py_SwappedOp[op]);
        if (result != Py_NotImplemented) return result;
        Py_DECREF(result);
    }
    if ((compare = v_type->tp_richcompare) != NULL) {
        result = compare(v, w, op);
        if (result != Py_NotImplemented) return result;
        Py_DECREF(result);
    }
    return compare_rest(v, w, op, !reflected);
}

PyObject *object_compare_rest(PyObject *v, PyObject *w, int op)
{
    PyThreadState *tstate = thread_state();
    if (recursion_enter(tstate, " in comparison")) return NULL;
    PyObject *result = compare_rest(v, w, op, true);
    recursion_leave(tstate);
    return result;
}

PyObject *PyObject_RichCompare(PyObject *v, PyObject *w, int op)
{
    if (!v || !w) {
        if (!PyErr_Occurred()) PyErr_BadInternalCall();
        return NULL;
    }
    PyThreadState *tstate = thread_state();
    if (recursion_enter(tstate, " in comparison")) return NULL;
    PyObject *result = richcompare_unguarded(v, w, op);
    recursion_leave(tstate);
    return result;
}

int PyObject_RichCompareBool(PyObject *v, PyObject *w, int op)
{
    if (v == w) {
        if (op == Py_EQ) return 1;
        if (op == Py_NE) return 0;
    }
    if (!v || !w) {
        PyErr_BadInternalCall();
        return -1;
    }
    int plain = compare_plainly(v, w, op);
    if (plain >= 0) return plain;
    PyObject *result = PyObject_RichCompare(v, w, op);
    if (!result) return -1;
    int truth = PyBool_Check(result) ? result == Py_True : PyObject_IsTrue(result);
    Py_DECREF(result);
    return truth;
}

/* -- Hash, truth, callable -------------------------------------------------------------------- */

Py_hash_t PyObject_HashNotImplemented(PyObject *v)
{
    PyErr_Format(PyExc_TypeError, "unhashable type: '%.200s'", Py_TYPE(v)->tp_name);
    return -1;
}

Py_hash_t PyObject_Hash(PyObject *v)
{
    PyTypeObject *type = Py_TYPE(v);
    if (type->tp_hash) return type->tp_hash(v);
    /* An extension's static type that nobody made ready yet. */
    if (!type->tp_dict) {
        if (PyType_Ready(type) < 0) return -1;
        if (type->tp_hash) return type->tp_hash(v);
    }
    return PyObject_HashNotImplemented(v);
}

int PyObject_IsTrue(PyObject *v)
{
    if (v == Py_True) return 1;
    if (v == Py_False || v == Py_None) return 0;
    PyTypeObject *type = Py_TYPE(v);
    Py_ssize_t length;
    if (type->tp_as_number && type->tp_as_number->nb_bool) {
        length = type->tp_as_number->nb_bool(v);
    } else if (type->tp_as_mapping && type->tp_as_mapping->mp_length) {
        length = type->tp_as_mapping->mp_length(v);
    } else if (type->tp_as_sequence && type->tp_as_sequence->sq_length) {
        length = type->tp_as_sequence->sq_length(v);
    } else {
        return 1;
    }
    return length > 0 ? 1 : (int)length;
}

int PyObject_Not(PyObject *v)
{
    int truth = PyObject_IsTrue(v);
    return truth < 0 ? truth : !truth;
}

int PyCallable_Check(PyObject *x)
{
    return x && Py_TYPE(x)->tp_call;
}

PyObject *PyObject_SelfIter(PyObject *obj)
{
    return Py_NewRef(obj);
}

/* Stands in tp_iternext of a class whose base iterates but that sets __next__ to None. */
PyObject *_PyObject_NextNotImplemented(PyObject *self)
{
    return PyErr_Format(PyExc_TypeError, "'%.200s' object is not iterable", Py_TYPE(self)->tp_name);
}

#undef Py_Is
#undef Py_IsNone
#undef Py_IsTrue
#undef Py_IsFalse
int Py_Is(PyObject *x, PyObject *y)
{
    return x == y;
}

int Py_IsNone(PyObject *x)
{
    return x == Py_None;
}

int Py_IsTrue(PyObject *x)
{
    return x == Py_True;
}

int Py_IsFalse(PyObject *x)
{
    return x == Py_False;
}

/* -- dir() ------------------------------------------------------------------------------------ */

static PyObject *names_of_locals(void)
{
    PyObject *locals = PyEval_GetLocals();
    if (!locals) return NULL;
    PyObject *names = PyMapping_Keys(locals);
    if (!names) return NULL;
    if (!PyList_Check(names)) {
        PyErr_Format(PyExc_TypeError, "dir(): expected keys() of locals to be a list, not '%.200s'",
                     Py_TYPE(names)->tp_name);
        Py_DECREF(names);
        return NULL;
    }
    return names;
}

static PyObject *names_of_object(PyObject *obj)
{
    PyObject *method = type_lookup_special(obj, NAME(__dir__));
    if (!method) {
        if (!PyErr_Occurred()) PyErr_SetString(PyExc_TypeError, "object does not provide __dir__");
        return NULL;
    }
    PyObject *result = PyObject_CallNoArgs(method);
    Py_DECREF(method);
    if (!result) return NULL;
    PyObject *names = PySequence_List(result);
    Py_DECREF(result);
    return names;
}

/* New sorted list: the names of the current locals (obj NULL), or what obj.__dir__() gives. */
PyObject *PyObject_Dir(PyObject *obj)
{
    PyObject *names = obj ? names_of_object(obj) : names_of_locals();
    if (names && PyList_Sort(names) < 0) Py_CLEAR(names);
    return names;
}

/* -- None ------------------------------------------------------------------------------------- */

static PyObject *none_repr(PyObject *Py_UNUSED(self))
{
    return PyUnicode_FromString("None");
}

static int none_bool(PyObject *Py_UNUSED(self))
{
    return 0;
}

static void singleton_dealloc(PyObject *self)
{
    /* Somebody dropped references that were not theirs: there is no way to be without this
     * object. */
    self->ob_refcnt = IMMORTAL_REFCNT;
}

static PyObject *singleton_new(PyTypeObject *type, PyObject *args, PyObject *kwargs,
                               PyObject *singleton)
{
    if (PyTuple_GET_SIZE(args) || (kwargs && PyDict_GET_SIZE(kwargs))) {
        return PyErr_Format(PyExc_TypeError, "%.100s takes no arguments", type->tp_name);
    }
    return Py_NewRef(singleton);
}

static PyObject *none_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    return singleton_new(type, args, kwargs, Py_None);
}

static PyNumberMethods none_as_number = {.nb_bool = none_bool};

PyTypeObject _PyNone_Type = {
    IMMORTAL_TYPE_HEAD,
    .tp_name = "NoneType",
    .tp_basicsize = sizeof(PyObject),
    .tp_dealloc = singleton_dealloc,
    .tp_repr = none_repr,
    .tp_as_number = &none_as_number,
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_new = none_new,
};

PyObject _Py_NoneStruct = IMMORTAL_HEAD(&_PyNone_Type);

/* -- NotImplemented --------------------------------------------------------------------------- */

static PyObject *notimplemented_repr(PyObject *Py_UNUSED(self))
{
    return PyUnicode_FromString("NotImplemented");
}

static PyObject *notimplemented_reduce(PyObject *Py_UNUSED(self), PyObject *Py_UNUSED(ignored))
{
    return PyUnicode_FromString("NotImplemented");
}

static int notimplemented_bool(PyObject *Py_UNUSED(self))
{
    if (PyErr_WarnEx(PyExc_DeprecationWarning,
                     "NotImplemented should not be used in a boolean context", 1)
        < 0) {
        return -1;
    }
    return 1;
}

static PyObject *notimplemented_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    return singleton_new(type, args, kwargs, Py_NotImplemented);
}

static PyMethodDef notimplemented_methods[] = {
    {"__reduce__", notimplemented_reduce, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyNumberMethods notimplemented_as_number = {.nb_bool = notimplemented_bool};

PyTypeObject _PyNotImplemented_Type = {
    IMMORTAL_TYPE_HEAD,
    .tp_name = "NotImplementedType",
    .tp_basicsize = sizeof(PyObject),
    .tp_dealloc = singleton_dealloc,
    .tp_repr = notimplemented_repr,
    .tp_as_number = &notimplemented_as_number,
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_methods = notimplemented_methods,
    .tp_new = notimplemented_new,
};

PyObject _Py_NotImplementedStruct = IMMORTAL_HEAD(&_PyNotImplemented_Type);
