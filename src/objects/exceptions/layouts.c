/* Exceptions with a field or two of their own. */
#include "objects/exceptions/exceptions.h"

#include <stddef.h>
#include <structmember.h>

#include "objects/names.h"

static PyObject *no_args(void) { return PyTuple_New(0); }

/* ---- StopIteration, SystemExit: the arguments as one value ---------------------------------------------------- */

/* None, the one argument, or all of them. A new reference. */
static PyObject *single_value(PyObject *args)
{
    Py_ssize_t n = PyTuple_GET_SIZE(args);
    return Py_NewRef(n == 0 ? Py_None : n == 1 ? PyTuple_GET_ITEM(args, 0) : args);
}

static int stop_iteration_init(PyObject *self, PyObject *args, PyObject *kwargs)
{
    if (exception_init(self, args, kwargs) < 0) return -1;
    PyObject *value = PyTuple_GET_SIZE(args) ? PyTuple_GET_ITEM(args, 0) : Py_None;
    Py_XSETREF(((PyStopIterationObject *)self)->value, Py_NewRef(value));
    return 0;
}

static PyMemberDef stop_iteration_members[] = {
    {"value", T_OBJECT, offsetof(PyStopIterationObject, value), 0, PyDoc_STR("generator return value")},
    {0},
};

EXCEPTION_FIELDS(stop_iteration, offsetof(PyStopIterationObject, value))
const ExceptionLayout exception_layout_stop_iteration = {
    .size = sizeof(PyStopIterationObject), .init = stop_iteration_init, .dealloc = stop_iteration_dealloc,
    .traverse = stop_iteration_traverse, .clear = stop_iteration_clear, .members = stop_iteration_members,
};

static int system_exit_init(PyObject *self, PyObject *args, PyObject *kwargs)
{
    if (exception_init(self, args, kwargs) < 0) return -1;
    if (PyTuple_GET_SIZE(args)) Py_XSETREF(((PySystemExitObject *)self)->code, single_value(args));
    return 0;
}

static PyMemberDef system_exit_members[] = {
    {"code", T_OBJECT, offsetof(PySystemExitObject, code), 0, PyDoc_STR("exception code")},
    {0},
};

EXCEPTION_FIELDS(system_exit, offsetof(PySystemExitObject, code))
const ExceptionLayout exception_layout_system_exit = {
    .size = sizeof(PySystemExitObject), .init = system_exit_init, .dealloc = system_exit_dealloc,
    .traverse = system_exit_traverse, .clear = system_exit_clear, .members = system_exit_members,
};

/* ---- Exceptions with keyword-only attributes ------------------------------------------------------------------- */

/* Initialises the base with positional arguments and hands keywords to the format. */
static int init_keywords(PyObject *self, PyObject *args, PyObject *kwargs, const char *format, char **names, PyObject **first,
                         PyObject **second)
{
    if (exception_init(self, args, NULL) < 0) return -1;
    PyObject *empty = no_args(), *a = NULL, *b = NULL;
    if (!empty) return -1;
    int ok = PyArg_ParseTupleAndKeywords(empty, kwargs, format, names, &a, &b);
    Py_DECREF(empty);
    if (!ok) return -1;
    Py_XSETREF(*first, Py_XNewRef(a));
    if (second) Py_XSETREF(*second, Py_XNewRef(b));
    return 0;
}

static int import_error_init(PyObject *self, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"name", "path", NULL};
    PyImportErrorObject *e = (PyImportErrorObject *)self;
    if (init_keywords(self, args, kwargs, "|$OO:ImportError", names, &e->name, &e->path) < 0) return -1;
    Py_XSETREF(e->msg, PyTuple_GET_SIZE(args) == 1 ? Py_NewRef(PyTuple_GET_ITEM(args, 0)) : NULL);
    return 0;
}

static PyObject *import_error_str(PyObject *self)
{
    PyImportErrorObject *e = (PyImportErrorObject *)self;
    return e->msg && PyUnicode_CheckExact(e->msg) ? Py_NewRef(e->msg) : exception_str(self);
}

/* The keyword arguments travel in the state, beside what the instance's dict holds. */
static PyObject *import_error_state(PyImportErrorObject *e)
{
    if (!e->name && !e->path) return Py_NewRef(e->dict ? e->dict : Py_None);
    PyObject *state = e->dict ? PyDict_Copy(e->dict) : PyDict_New();
    if (state && ((e->name && PyDict_SetItem(state, NAME(name), e->name) < 0)
                  || (e->path && PyDict_SetItem(state, NAME(path), e->path) < 0))) {
        Py_CLEAR(state);
    }
    return state;
}

static PyObject *import_error_reduce(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    PyImportErrorObject *e = (PyImportErrorObject *)self;
    PyObject *state = import_error_state(e), *result = NULL;
    if (state) result = state == Py_None ? PyTuple_Pack(2, Py_TYPE(self), e->args) : PyTuple_Pack(3, Py_TYPE(self), e->args, state);
    Py_XDECREF(state);
    return result;
}

static PyMemberDef import_error_members[] = {
    {"msg", T_OBJECT, offsetof(PyImportErrorObject, msg), 0, PyDoc_STR("exception message")},
    {"name", T_OBJECT, offsetof(PyImportErrorObject, name), 0, PyDoc_STR("module name")},
    {"path", T_OBJECT, offsetof(PyImportErrorObject, path), 0, PyDoc_STR("module path")},
    {0},
};

static PyMethodDef import_error_methods[] = {
    {"__reduce__", import_error_reduce, METH_NOARGS, NULL},
    {0},
};

EXCEPTION_FIELDS(import_error, offsetof(PyImportErrorObject, msg), offsetof(PyImportErrorObject, name),
                 offsetof(PyImportErrorObject, path))
const ExceptionLayout exception_layout_import_error = {
    .size = sizeof(PyImportErrorObject), .init = import_error_init, .str = import_error_str,
    .dealloc = import_error_dealloc, .traverse = import_error_traverse, .clear = import_error_clear,
    .members = import_error_members, .methods = import_error_methods,
};

static int name_error_init(PyObject *self, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"name", NULL};
    return init_keywords(self, args, kwargs, "|$O:NameError", names, &((PyNameErrorObject *)self)->name, NULL);
}

static PyMemberDef name_error_members[] = {
    {"name", T_OBJECT, offsetof(PyNameErrorObject, name), 0, PyDoc_STR("name")},
    {0},
};

EXCEPTION_FIELDS(name_error, offsetof(PyNameErrorObject, name))
const ExceptionLayout exception_layout_name_error = {
    .size = sizeof(PyNameErrorObject), .init = name_error_init, .str = exception_str,
    .dealloc = name_error_dealloc, .traverse = name_error_traverse, .clear = name_error_clear, .members = name_error_members,
};

static int attribute_error_init(PyObject *self, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"name", "obj", NULL};
    PyAttributeErrorObject *e = (PyAttributeErrorObject *)self;
    return init_keywords(self, args, kwargs, "|$OO:AttributeError", names, &e->name, &e->obj);
}

static PyMemberDef attribute_error_members[] = {
    {"name", T_OBJECT, offsetof(PyAttributeErrorObject, name), 0, PyDoc_STR("attribute name")},
    {"obj", T_OBJECT, offsetof(PyAttributeErrorObject, obj), 0, PyDoc_STR("object")},
    {0},
};

EXCEPTION_FIELDS(attribute_error, offsetof(PyAttributeErrorObject, obj), offsetof(PyAttributeErrorObject, name))
const ExceptionLayout exception_layout_attribute_error = {
    .size = sizeof(PyAttributeErrorObject), .init = attribute_error_init, .str = exception_str,
    .dealloc = attribute_error_dealloc, .traverse = attribute_error_traverse, .clear = attribute_error_clear,
    .members = attribute_error_members,
};

/* ---- KeyError: its text is the key's repr, so that an empty string shows --------------------------------------- */

static PyObject *key_error_str(PyObject *self)
{
    PyObject *args = ((PyBaseExceptionObject *)self)->args;
    return PyTuple_GET_SIZE(args) == 1 ? PyObject_Repr(PyTuple_GET_ITEM(args, 0)) : exception_str(self);
}

static void plain_dealloc(PyObject *self) { exception_free(self, plain_dealloc, exception_clear); }

const ExceptionLayout exception_layout_key_error = {
    .size = sizeof(PyBaseExceptionObject), .init = exception_init, .str = key_error_str,
    .dealloc = plain_dealloc, .traverse = exception_traverse, .clear = exception_clear,
};

/* ---- MemoryError: some are kept ready, for there may be no memory to make one ---------------------------------- */

enum { KEPT_MEMORY_ERRORS = 16 };

static PyObject *memory_error_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    PyBaseExceptionObject *e = exceptions_runtime.free_memory_errors;
    if (type != (PyTypeObject *)PyExc_MemoryError || !e) return exception_new(type, args, kwargs);
    exceptions_runtime.free_memory_errors = (PyBaseExceptionObject *)e->dict;
    exceptions_runtime.free_memory_error_count--;
    e->dict = NULL;
    Py_SET_REFCNT(e, 1);
    e->args = args ? Py_NewRef(args) : no_args();
    if (!e->args) e->args = Py_NewRef(Py_None);
    PyObject_GC_Track(e);
    return (PyObject *)e;
}

static void memory_error_dealloc(PyObject *self)
{
    PyBaseExceptionObject *e = (PyBaseExceptionObject *)self;
    if (!Py_IS_TYPE(self, (PyTypeObject *)PyExc_MemoryError) || exceptions_runtime.free_memory_error_count >= KEPT_MEMORY_ERRORS) {
        exception_free(self, memory_error_dealloc, exception_clear);
        return;
    }
    PyObject_GC_UnTrack(self);
    exception_clear(self);
    e->suppress_context = 0;
    e->dict = (PyObject *)exceptions_runtime.free_memory_errors;
    exceptions_runtime.free_memory_errors = e;
    exceptions_runtime.free_memory_error_count++;
}

int memory_errors_keep(void)
{
    PyObject *errors[KEPT_MEMORY_ERRORS];
    int n = 0;
    while (n < KEPT_MEMORY_ERRORS && (errors[n] = exception_new((PyTypeObject *)PyExc_MemoryError, NULL, NULL))) n++;
    int failed = n < KEPT_MEMORY_ERRORS ? -1 : 0;
    while (n > 0) Py_DECREF(errors[--n]);       /* to where they are kept */
    return failed;
}

const ExceptionLayout exception_layout_memory_error = {
    .size = sizeof(PyBaseExceptionObject), .new = memory_error_new, .init = exception_init,
    .dealloc = memory_error_dealloc, .traverse = exception_traverse, .clear = exception_clear,
};
