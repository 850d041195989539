/* BaseException, and the table of all classes. */
#include "objects/exceptions/exceptions.h"

#include <errno.h>
#include <stddef.h>
#include <structmember.h>

#include "objects/immortal.h"
#include "objects/names.h"
#include "objects/thread_state.h"
#include "objects/tuple.h"

struct ExceptionsRuntime exceptions_runtime;

static PyBaseExceptionObject *base(PyObject *o) { return (PyBaseExceptionObject *)o; }

/* ---- Life ----------------------------------------------------------------------------------------------------- */

PyObject *exception_new(PyTypeObject *type, PyObject *args, PyObject *Py_UNUSED(kwargs))
{
    PyObject *self = type->tp_alloc(type, 0);
    if (!self) return NULL;
    base(self)->args = args ? Py_NewRef(args) : PyTuple_New(0);
    if (!base(self)->args) Py_CLEAR(self);
    return self;
}

int exception_init(PyObject *self, PyObject *args, PyObject *kwargs)
{
    if (kwargs && PyDict_GET_SIZE(kwargs)) {
        PyErr_Format(PyExc_TypeError, "%.200s() takes no keyword arguments", Py_TYPE(self)->tp_name);
        return -1;
    }
    Py_XSETREF(base(self)->args, Py_NewRef(args));
    return 0;
}

/* tp_vectorcall of the classes that have no fields of their own. */
static PyObject *exception_vectorcall(PyObject *op, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    PyTypeObject *type = (PyTypeObject *)op;
    Py_ssize_t nargs = PyVectorcall_NARGS(nargsf);
    if (kwnames && PyTuple_GET_SIZE(kwnames)) return _PyObject_MakeTpCall(thread_state(), op, args, nargs, kwnames);
    PyObject *tuple = tuple_from_array(args, nargs);
    PyBaseExceptionObject *self = tuple ? container_new(type, sizeof(PyBaseExceptionObject)) : NULL;
    if (!self) {
        Py_XDECREF(tuple);
        return NULL;
    }
    memset((char *)self + sizeof(PyObject), 0, sizeof *self - sizeof(PyObject));
    self->args = tuple;
    gc_track(self);
    return (PyObject *)self;
}

int exception_clear(PyObject *self)
{
    Py_CLEAR(base(self)->dict);
    Py_CLEAR(base(self)->args);
    Py_CLEAR(base(self)->notes);
    Py_CLEAR(base(self)->traceback);
    Py_CLEAR(base(self)->cause);
    Py_CLEAR(base(self)->context);
    return 0;
}

int exception_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(base(self)->dict);
    Py_VISIT(base(self)->args);
    Py_VISIT(base(self)->notes);
    Py_VISIT(base(self)->traceback);
    Py_VISIT(base(self)->cause);
    Py_VISIT(base(self)->context);
    return 0;
}

static PyObject **field(PyObject *self, Py_ssize_t offset) { return (PyObject **)((char *)self + offset); }

int exception_clear_fields(PyObject *self, const Py_ssize_t *offsets, size_t count)
{
    for (size_t i = 0; i < count; i++) Py_CLEAR(*field(self, offsets[i]));
    return exception_clear(self);
}

int exception_traverse_fields(PyObject *self, const Py_ssize_t *offsets, size_t count, visitproc visit, void *arg)
{
    for (size_t i = 0; i < count; i++) Py_VISIT(*field(self, offsets[i]));
    return exception_traverse(self, visit, arg);
}

/* Chains of contexts and causes may be long: the trashcan keeps the C stack bounded. */
void exception_free(PyObject *self, destructor dealloc, inquiry clear)
{
    PyObject_GC_UnTrack(self);
    Py_TRASHCAN_BEGIN(self, dealloc)
    clear(self);
    Py_TYPE(self)->tp_free(self);
    Py_TRASHCAN_END
}

static void base_dealloc(PyObject *self) { exception_free(self, base_dealloc, exception_clear); }

/* ---- Text ----------------------------------------------------------------------------------------------------- */

PyObject *exception_str(PyObject *self)
{
    PyObject *args = base(self)->args;
    switch (PyTuple_GET_SIZE(args)) {
    case 0: return PyUnicode_FromString("");
    case 1: return PyObject_Str(PyTuple_GET_ITEM(args, 0));
    default: return PyObject_Str(args);
    }
}

PyObject *exception_repr(PyObject *self)
{
    PyObject *args = base(self)->args;
    const char *name = _PyType_Name(Py_TYPE(self));
    if (PyTuple_GET_SIZE(args) == 1) return PyUnicode_FromFormat("%s(%R)", name, PyTuple_GET_ITEM(args, 0));
    return PyUnicode_FromFormat("%s%R", name, args);
}

/* ---- Methods -------------------------------------------------------------------------------------------------- */

static PyObject *exception_reduce(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    PyBaseExceptionObject *e = base(self);
    return e->dict ? PyTuple_Pack(3, Py_TYPE(self), e->args, e->dict) : PyTuple_Pack(2, Py_TYPE(self), e->args);
}

static PyObject *exception_setstate(PyObject *self, PyObject *state)
{
    if (state == Py_None) Py_RETURN_NONE;
    if (!PyDict_Check(state)) {
        PyErr_SetString(PyExc_TypeError, "state is not a dictionary");
        return NULL;
    }
    PyObject *key, *value;
    Py_ssize_t position = 0;
    while (PyDict_Next(state, &position, &key, &value)) {
        Py_INCREF(key);
        Py_INCREF(value);
        int failed = PyObject_SetAttr(self, key, value);
        Py_DECREF(key);
        Py_DECREF(value);
        if (failed) return NULL;
    }
    Py_RETURN_NONE;
}

static int set_traceback(PyObject *self, PyObject *value, void *Py_UNUSED(closure))
{
    if (!value) {
        PyErr_SetString(PyExc_TypeError, "__traceback__ may not be deleted");
        return -1;
    }
    if (value != Py_None && !PyTraceBack_Check(value)) {
        PyErr_SetString(PyExc_TypeError, "__traceback__ must be a traceback or None");
        return -1;
    }
    Py_XSETREF(base(self)->traceback, value == Py_None ? NULL : Py_NewRef(value));
    return 0;
}

static PyObject *with_traceback(PyObject *self, PyObject *traceback)
{
    return set_traceback(self, traceback, NULL) < 0 ? NULL : Py_NewRef(self);
}

static PyObject *add_note(PyObject *self, PyObject *note)
{
    if (!PyUnicode_Check(note)) {
        PyErr_Format(PyExc_TypeError, "note must be a str, not '%s'", Py_TYPE(note)->tp_name);
        return NULL;
    }
    PyObject *notes;
    if (_PyObject_LookupAttr(self, NAME(__notes__), &notes) < 0) return NULL;
    if (!notes) {
        notes = PyList_New(0);
        if (!notes || PyObject_SetAttr(self, NAME(__notes__), notes) < 0) {
            Py_XDECREF(notes);
            return NULL;
        }
    }
    int failed = 0;
    if (PyList_Check(notes)) failed = PyList_Append(notes, note);
    else {
        PyErr_SetString(PyExc_TypeError, "Cannot add note: __notes__ is not a list");
        failed = -1;
    }
    Py_DECREF(notes);
    if (failed) return NULL;
    Py_RETURN_NONE;
}

static PyMethodDef base_methods[] = {
    {"__reduce__", exception_reduce, METH_NOARGS, NULL},
    {"__setstate__", exception_setstate, METH_O, NULL},
    {"with_traceback", with_traceback, METH_O, PyDoc_STR("Exception.with_traceback(tb) --\n    set self.__traceback__ to tb and return self.")},
    {"add_note", add_note, METH_O, PyDoc_STR("Exception.add_note(note) --\n    add a note to the exception")},
    {0},
};

/* ---- Attributes ----------------------------------------------------------------------------------------------- */

static PyObject *get_args(PyObject *self, void *Py_UNUSED(closure))
{
    return Py_NewRef(base(self)->args ? base(self)->args : Py_None);
}

static int set_args(PyObject *self, PyObject *value, void *Py_UNUSED(closure))
{
    if (!value) {
        PyErr_SetString(PyExc_TypeError, "args may not be deleted");
        return -1;
    }
    PyObject *args = PySequence_Tuple(value);
    if (!args) return -1;
    Py_XSETREF(base(self)->args, args);
    return 0;
}

static PyObject *get_traceback(PyObject *self, void *Py_UNUSED(closure))
{
    return Py_NewRef(base(self)->traceback ? base(self)->traceback : Py_None);
}

static PyObject *get_context(PyObject *self, void *Py_UNUSED(closure))
{
    return Py_NewRef(base(self)->context ? base(self)->context : Py_None);
}

static PyObject *get_cause(PyObject *self, void *Py_UNUSED(closure))
{
    return Py_NewRef(base(self)->cause ? base(self)->cause : Py_None);
}

/* A new value for __context__ or __cause__: NULL for None. False with an exception set. */
static bool linked_exception(PyObject *value, const char *deleted, const char *wrong, PyObject **result)
{
    if (value == Py_None) {
        *result = NULL;
        return true;
    }
    if (!value || !PyExceptionInstance_Check(value)) {
        PyErr_SetString(PyExc_TypeError, value ? wrong : deleted);
        return false;
    }
    *result = Py_NewRef(value);
    return true;
}

static int set_context(PyObject *self, PyObject *value, void *Py_UNUSED(closure))
{
    PyObject *context;
    if (!linked_exception(value, "__context__ may not be deleted", "exception context must be None or derive from BaseException",
                          &context)) {
        return -1;
    }
    PyException_SetContext(self, context);
    return 0;
}

static int set_cause(PyObject *self, PyObject *value, void *Py_UNUSED(closure))
{
    PyObject *cause;
    if (!linked_exception(value, "__cause__ may not be deleted", "exception cause must be None or derive from BaseException",
                          &cause)) {
        return -1;
    }
    PyException_SetCause(self, cause);
    return 0;
}

static PyMemberDef base_members[] = {
    {"__suppress_context__", T_BOOL, offsetof(PyBaseExceptionObject, suppress_context), 0, NULL},
    {0},
};

static PyGetSetDef base_getset[] = {
    {"__dict__", PyObject_GenericGetDict, PyObject_GenericSetDict, NULL, NULL},
    {"args", get_args, set_args, NULL, NULL},
    {"__traceback__", get_traceback, set_traceback, NULL, NULL},
    {"__context__", get_context, set_context, PyDoc_STR("exception context"), NULL},
    {"__cause__", get_cause, set_cause, PyDoc_STR("exception cause"), NULL},
    {0},
};

const ExceptionLayout exception_layout_base = {
    .size = sizeof(PyBaseExceptionObject), .new = exception_new, .init = exception_init, .str = NULL,
    .dealloc = base_dealloc, .traverse = exception_traverse, .clear = exception_clear,
};

/* ---- The C API ------------------------------------------------------------------------------------------------ */

PyObject *PyException_GetTraceback(PyObject *self) { return Py_XNewRef(base(self)->traceback); }
int PyException_SetTraceback(PyObject *self, PyObject *value) { return set_traceback(self, value, NULL); }
PyObject *PyException_GetCause(PyObject *self) { return Py_XNewRef(base(self)->cause); }
PyObject *PyException_GetContext(PyObject *self) { return Py_XNewRef(base(self)->context); }

/* Steals the cause. */
void PyException_SetCause(PyObject *self, PyObject *cause)
{
    base(self)->suppress_context = 1;
    Py_XSETREF(base(self)->cause, cause);
}

/* Steals the context. */
void PyException_SetContext(PyObject *self, PyObject *context) { Py_XSETREF(base(self)->context, context); }

const char *PyExceptionClass_Name(PyObject *type) { return ((PyTypeObject *)type)->tp_name; }

/* ---- The table ------------------------------------------------------------------------------------------------ */

#define EXCEPTION(Name, Base, layout, doc) \
    static PyTypeObject type_##Name = {IMMORTAL_TYPE_HEAD, .tp_name = #Name}; \
    PyObject *PyExc_##Name = (PyObject *)&type_##Name;
#include "objects/exceptions/exceptions.def"
#undef EXCEPTION

PyObject *PyExc_EnvironmentError, *PyExc_IOError;

/* BaseException's row names no base: its class is object, which PyType_Ready fills in. */
#define type_ type_BaseException

static const struct {
    PyTypeObject *type, *base;
    const ExceptionLayout *layout;
    const char *doc;
} classes[] = {
#define EXCEPTION(Name, Base, layout, doc) {&type_##Name, #Base[0] ? &type_##Base : NULL, &exception_layout_##layout, doc},
#include "objects/exceptions/exceptions.def"
#undef EXCEPTION
};

static const ExceptionLayout *layout_of(const PyTypeObject *type)
{
    for (size_t i = 0; i < Py_ARRAY_LENGTH(classes); i++) {
        if (classes[i].type == type) return classes[i].layout;
    }
    return NULL;
}

static int ready(PyTypeObject *type, PyTypeObject *base_type, const ExceptionLayout *layout, const char *doc)
{
    const ExceptionLayout *base_layout = layout_of(base_type);
    type->tp_base = base_type;
    type->tp_basicsize = layout->size;
    type->tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASE_EXC_SUBCLASS;
    type->tp_doc = doc;
    type->tp_new = layout == base_layout && layout != &exception_layout_base ? NULL : layout->new;   /* inherited */
    type->tp_init = layout->init;
    type->tp_dealloc = layout->dealloc;
    type->tp_traverse = layout->traverse;
    type->tp_clear = layout->clear;
    type->tp_dictoffset = offsetof(PyBaseExceptionObject, dict);
    if (!base_type) {
        type->tp_repr = exception_repr;
        type->tp_str = exception_str;
        type->tp_getattro = PyObject_GenericGetAttr;
        type->tp_setattro = PyObject_GenericSetAttr;
        type->tp_methods = base_methods;
        type->tp_members = base_members;
        type->tp_getset = base_getset;
    }
    else if (layout != base_layout) {     /* the head of a family: the others inherit */
        type->tp_str = layout->str;
        type->tp_methods = layout->methods;
        type->tp_members = layout->members;
        type->tp_getset = layout->getset;
    }
    if (PyType_Ready(type) < 0) return -1;
    bool plain = type->tp_new == exception_new && type->tp_init == exception_init;
    if (plain && type->tp_basicsize == sizeof(PyBaseExceptionObject)) type->tp_vectorcall = exception_vectorcall;
    return 0;
}

/* OSError(errno, …) makes an instance of the subclass for that errno (PEP 3151). */
static int map_errno(int code, PyObject *type)
{
    PyObject *key = PyLong_FromLong(code);
    int failed = key ? PyDict_SetItem(exceptions_runtime.errno_map, key, type) : -1;
    Py_XDECREF(key);
    return failed;
}

static int init_errno_map(void)
{
    static const struct { int code; PyObject **type; } map[] = {
        {EAGAIN, &PyExc_BlockingIOError}, {EALREADY, &PyExc_BlockingIOError}, {EINPROGRESS, &PyExc_BlockingIOError},
        {EWOULDBLOCK, &PyExc_BlockingIOError}, {EPIPE, &PyExc_BrokenPipeError}, {ESHUTDOWN, &PyExc_BrokenPipeError},
        {ECHILD, &PyExc_ChildProcessError}, {ECONNABORTED, &PyExc_ConnectionAbortedError},
        {ECONNREFUSED, &PyExc_ConnectionRefusedError}, {ECONNRESET, &PyExc_ConnectionResetError},
        {EEXIST, &PyExc_FileExistsError}, {ENOENT, &PyExc_FileNotFoundError}, {EISDIR, &PyExc_IsADirectoryError},
        {ENOTDIR, &PyExc_NotADirectoryError}, {EINTR, &PyExc_InterruptedError}, {EACCES, &PyExc_PermissionError},
        {EPERM, &PyExc_PermissionError}, {ESRCH, &PyExc_ProcessLookupError}, {ETIMEDOUT, &PyExc_TimeoutError},
    };
    exceptions_runtime.errno_map = PyDict_New();
    if (!exceptions_runtime.errno_map) return -1;
    for (size_t i = 0; i < Py_ARRAY_LENGTH(map); i++) {
        if (map_errno(map[i].code, *map[i].type) < 0) return -1;
    }
    return 0;
}

int exceptions_init_types(void)
{
    for (size_t i = 0; i < Py_ARRAY_LENGTH(classes); i++) {
        if (ready(classes[i].type, classes[i].base, classes[i].layout, classes[i].doc) < 0) return -1;
    }
    PyExc_EnvironmentError = PyExc_IOError = PyExc_OSError;
    return init_errno_map() < 0 ? -1 : memory_errors_keep();
}

/* ExceptionGroup has two bases, so it is made as a class statement would make it: once, for all interpreters. A new reference. */
static PyObject *make_exception_group(void)
{
    if (exceptions_runtime.exception_group) return Py_NewRef(exceptions_runtime.exception_group);
    PyObject *bases = PyTuple_Pack(2, PyExc_BaseExceptionGroup, PyExc_Exception);
    if (!bases) return NULL;
    exceptions_runtime.exception_group = PyErr_NewException("builtins.ExceptionGroup", bases, NULL);
    Py_DECREF(bases);
    return Py_XNewRef(exceptions_runtime.exception_group);
}

int exceptions_add_builtins(PyObject *dict)
{
    for (size_t i = 0; i < Py_ARRAY_LENGTH(classes); i++) {
        if (PyDict_SetItemString(dict, classes[i].type->tp_name, (PyObject *)classes[i].type) < 0) return -1;
    }
    if (PyDict_SetItemString(dict, "EnvironmentError", PyExc_OSError) < 0) return -1;
    if (PyDict_SetItemString(dict, "IOError", PyExc_OSError) < 0) return -1;
    PyObject *group = make_exception_group();
    if (!group) return -1;
    int failed = PyDict_SetItemString(dict, "ExceptionGroup", group);
    Py_DECREF(group);
    return failed;
}
