/* OSError and its family (PEP 3151): OSError(errno, strerror, filename, winerror, filename2). */
#include "objects/exceptions/exceptions.h"

#include <errno.h>
#include <stddef.h>
#include <structmember.h>

#include "objects/names.h"

/* The parts of the arguments, borrowed; the file names only where there are two to five arguments. */
typedef struct { PyObject *code, *text, *filename, *filename2; } Parts;

static int parse(PyObject *args, Parts *p)
{
    *p = (Parts){0};
    Py_ssize_t n = PyTuple_GET_SIZE(args);
    PyObject *unused = NULL;
    if (n < 2 || n > 5) return 0;
    return PyArg_UnpackTuple(args, "OSError", 2, 5, &p->code, &p->text, &p->filename, &unused, &p->filename2) ? 0 : -1;
}

/* A subclass that defines only one of __new__ and __init__ must get the arguments where it expects them: with __init__ of its
 * own and not __new__, everything happens in __init__. */
static bool uses_init(const PyTypeObject *type)
{
    return type->tp_init != exception_layout_os_error.init && type->tp_new == exception_layout_os_error.new;
}

static int set_fields(PyOSErrorObject *e, PyObject *args, const Parts *p)
{
    PyObject *kept = Py_NewRef(args);
    if (p->filename && p->filename != Py_None) {
        if (Py_IS_TYPE(e, (PyTypeObject *)PyExc_BlockingIOError) && PyNumber_Check(p->filename)) {
            /* the third argument is a number of characters written */
            e->written = PyNumber_AsSsize_t(p->filename, PyExc_ValueError);
            if (e->written == -1 && PyErr_Occurred()) {
                Py_DECREF(kept);
                return -1;
            }
        }
        else {
            e->filename = Py_NewRef(p->filename);
            if (p->filename2 && p->filename2 != Py_None) e->filename2 = Py_NewRef(p->filename2);
            Py_SETREF(kept, PyTuple_GetSlice(args, 0, 2));
            if (!kept) return -1;
        }
    }
    Py_XSETREF(e->myerrno, Py_XNewRef(p->code));
    Py_XSETREF(e->strerror, Py_XNewRef(p->text));
    Py_XSETREF(e->args, kept);
    return 0;
}

static int no_keywords(PyTypeObject *type, PyObject *kwargs)
{
    if (!kwargs || !PyDict_GET_SIZE(kwargs)) return 0;
    PyErr_Format(PyExc_TypeError, "%.200s() takes no keyword arguments", type->tp_name);
    return -1;
}

static PyObject *os_error_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    Parts parts = {0};
    if (!uses_init(type)) {
        if (no_keywords(type, kwargs) < 0 || parse(args, &parts) < 0) return NULL;
        if (parts.code && PyLong_Check(parts.code) && type == (PyTypeObject *)PyExc_OSError) {
            PyObject *mapped = PyDict_GetItemWithError(exceptions_runtime.errno_map, parts.code);
            if (mapped) type = (PyTypeObject *)mapped;
            else if (PyErr_Occurred()) return NULL;
        }
    }
    PyOSErrorObject *e = (PyOSErrorObject *)type->tp_alloc(type, 0);
    if (!e) return NULL;
    e->written = -1;
    if (uses_init(type)) e->args = PyTuple_New(0);
    else if (set_fields(e, args, &parts) < 0) Py_CLEAR(e);
    return (PyObject *)e;
}

static int os_error_init(PyObject *self, PyObject *args, PyObject *kwargs)
{
    Parts parts;
    if (!uses_init(Py_TYPE(self))) return 0;
    if (no_keywords(Py_TYPE(self), kwargs) < 0 || parse(args, &parts) < 0) return -1;
    return set_fields((PyOSErrorObject *)self, args, &parts);
}

static PyObject *or_none(PyObject *o) { return o ? o : Py_None; }

static PyObject *os_error_str(PyObject *self)
{
    PyOSErrorObject *e = (PyOSErrorObject *)self;
    if (e->filename) {
        if (e->filename2) {
            return PyUnicode_FromFormat("[Errno %S] %S: %R -> %R", or_none(e->myerrno), or_none(e->strerror), e->filename, e->filename2);
        }
        return PyUnicode_FromFormat("[Errno %S] %S: %R", or_none(e->myerrno), or_none(e->strerror), e->filename);
    }
    if (e->myerrno && e->strerror) return PyUnicode_FromFormat("[Errno %S] %S", e->myerrno, e->strerror);
    return exception_str(self);
}

/* File names go back among the arguments. */
static PyObject *os_error_reduce(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    PyOSErrorObject *e = (PyOSErrorObject *)self;
    PyObject *args = Py_NewRef(e->args), *result;
    if (PyTuple_GET_SIZE(args) == 2 && e->filename) {
        PyObject *code = PyTuple_GET_ITEM(args, 0), *text = PyTuple_GET_ITEM(args, 1);
        Py_SETREF(args, e->filename2 ? PyTuple_Pack(5, code, text, e->filename, Py_None, e->filename2)
                                     : PyTuple_Pack(3, code, text, e->filename));
        if (!args) return NULL;
    }
    result = e->dict ? PyTuple_Pack(3, Py_TYPE(self), args, e->dict) : PyTuple_Pack(2, Py_TYPE(self), args);
    Py_DECREF(args);
    return result;
}

static PyObject *get_written(PyOSErrorObject *e, void *Py_UNUSED(closure))
{
    if (e->written == -1) {
        PyErr_SetObject(PyExc_AttributeError, NAME(characters_written));
        return NULL;
    }
    return PyLong_FromSsize_t(e->written);
}

static int set_written(PyOSErrorObject *e, PyObject *value, void *Py_UNUSED(closure))
{
    if (!value) {
        if (e->written == -1) {
            PyErr_SetObject(PyExc_AttributeError, NAME(characters_written));
            return -1;
        }
        e->written = -1;
        return 0;
    }
    Py_ssize_t n = PyNumber_AsSsize_t(value, PyExc_ValueError);
    if (n == -1 && PyErr_Occurred()) return -1;
    e->written = n;
    return 0;
}

static PyMemberDef os_error_members[] = {
    {"errno", T_OBJECT, offsetof(PyOSErrorObject, myerrno), 0, PyDoc_STR("POSIX exception code")},
    {"strerror", T_OBJECT, offsetof(PyOSErrorObject, strerror), 0, PyDoc_STR("exception strerror")},
    {"filename", T_OBJECT, offsetof(PyOSErrorObject, filename), 0, PyDoc_STR("exception filename")},
    {"filename2", T_OBJECT, offsetof(PyOSErrorObject, filename2), 0, PyDoc_STR("second exception filename")},
    {0},
};

static PyMethodDef os_error_methods[] = {
    {"__reduce__", os_error_reduce, METH_NOARGS, NULL},
    {0},
};

static PyGetSetDef os_error_getset[] = {
    {"characters_written", (getter)get_written, (setter)set_written, NULL, NULL},
    {0},
};

EXCEPTION_FIELDS(os_error, offsetof(PyOSErrorObject, myerrno), offsetof(PyOSErrorObject, strerror),
                 offsetof(PyOSErrorObject, filename), offsetof(PyOSErrorObject, filename2))
const ExceptionLayout exception_layout_os_error = {
    .size = sizeof(PyOSErrorObject), .new = os_error_new, .init = os_error_init, .str = os_error_str, .dealloc = os_error_dealloc,
    .traverse = os_error_traverse, .clear = os_error_clear, .members = os_error_members, .methods = os_error_methods,
    .getset = os_error_getset,
};

/* ---- Setting OSErrors from C ----------------------------------------------------------------------------------- */

PyObject *PyErr_SetFromErrnoWithFilenameObjects(PyObject *type, PyObject *filename, PyObject *filename2)
{
    int code = errno;
    if (code == EINTR && PyErr_CheckSignals()) return NULL;
    PyObject *text = code ? PyUnicode_DecodeLocale(strerror(code), "surrogateescape") : PyUnicode_FromString("Error");
    PyObject *args = !text       ? NULL
                     : !filename ? Py_BuildValue("(iO)", code, text)
                     : filename2 ? Py_BuildValue("(iOOiO)", code, text, filename, 0, filename2)
                                 : Py_BuildValue("(iOO)", code, text, filename);
    Py_XDECREF(text);
    PyObject *exc = args ? PyObject_Call(type, args, NULL) : NULL;
    Py_XDECREF(args);
    if (exc) {
        PyErr_SetObject((PyObject *)Py_TYPE(exc), exc);
        Py_DECREF(exc);
    }
    return NULL;
}

PyObject *PyErr_SetFromErrnoWithFilenameObject(PyObject *type, PyObject *filename)
{
    return PyErr_SetFromErrnoWithFilenameObjects(type, filename, NULL);
}

PyObject *PyErr_SetFromErrnoWithFilename(PyObject *type, const char *filename)
{
    int code = errno;
    PyObject *name = filename ? PyUnicode_DecodeFSDefault(filename) : NULL;
    if (filename && !name) return NULL;
    errno = code;
    PyErr_SetFromErrnoWithFilenameObjects(type, name, NULL);
    Py_XDECREF(name);
    return NULL;
}

PyObject *PyErr_SetFromErrno(PyObject *type) { return PyErr_SetFromErrnoWithFilenameObjects(type, NULL, NULL); }
