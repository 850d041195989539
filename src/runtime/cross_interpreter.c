/* Data that passes between interpreters: the content of an object goes into a _PyCrossInterpreterData, which the receiver
 * makes an object of its own from. Which types can do so stands in a table of the process; the simple ones are in it.
 */
#include <Python.h>

#include <internal/krait_exports.h>

#include "runtime/state.h"

struct CrossInterpreterClass {
    CrossInterpreterClass *next;
    PyTypeObject *type;         /* owned: a class stays as long as the process */
    crossinterpdatafunc getdata;
};

/* ---- The simple types ----------------------------------------------------------------------------------------- */

static PyObject *none_receive(_PyCrossInterpreterData *Py_UNUSED(data)) { Py_RETURN_NONE; }

static int none_send(PyObject *Py_UNUSED(o), _PyCrossInterpreterData *data)
{
    data->new_object = none_receive;
    return 0;
}

static PyObject *int_receive(_PyCrossInterpreterData *data) { return PyLong_FromSsize_t((Py_ssize_t)data->data); }

static int int_send(PyObject *o, _PyCrossInterpreterData *data)
{
    Py_ssize_t value = PyLong_AsSsize_t(o);
    if (value == -1 && PyErr_Occurred()) {
        if (PyErr_ExceptionMatches(PyExc_OverflowError)) PyErr_SetString(PyExc_OverflowError, "try sending as bytes");
        return -1;
    }
    data->data = (void *)value;
    data->new_object = int_receive;
    return 0;
}

/* The text or the bytes lie in the sender's object, which `data` owns until it is released. */
static PyObject *bytes_receive(_PyCrossInterpreterData *data)
{
    return PyBytes_FromStringAndSize(PyBytes_AS_STRING(data->obj), PyBytes_GET_SIZE(data->obj));
}

static int bytes_send(PyObject *o, _PyCrossInterpreterData *data)
{
    data->obj = Py_NewRef(o);
    data->new_object = bytes_receive;
    return 0;
}

static PyObject *str_receive(_PyCrossInterpreterData *data)
{
    return PyUnicode_FromKindAndData(PyUnicode_KIND(data->obj), PyUnicode_DATA(data->obj), PyUnicode_GET_LENGTH(data->obj));
}

static int str_send(PyObject *o, _PyCrossInterpreterData *data)
{
    if (PyUnicode_READY(o) < 0) return -1;
    data->obj = Py_NewRef(o);
    data->new_object = str_receive;
    return 0;
}

/* ---- The table -------------------------------------------------------------------------------------------------- */

/* How objects of this very type are sent: NULL without an exception if they cannot be. */
crossinterpdatafunc _PyCrossInterpreterData_Lookup(PyObject *o)
{
    PyTypeObject *type = Py_TYPE(o);
    if (o == Py_None) return none_send;
    if (type == &PyLong_Type) return int_send;
    if (type == &PyBytes_Type) return bytes_send;
    if (type == &PyUnicode_Type) return str_send;
    for (CrossInterpreterClass *c = runtime_state.cross_interpreter_classes; c; c = c->next) {
        if (c->type == type) return c->getdata;
    }
    return NULL;
}

/* Objects of `type` can be sent by `getdata` from now on. 0, or -1 with an exception. */
int _PyCrossInterpreterData_RegisterClass(PyTypeObject *type, crossinterpdatafunc getdata)
{
    if (!PyType_Check(type)) {
        PyErr_SetString(PyExc_ValueError, "only classes may be registered");
        return -1;
    }
    if (!getdata) {
        PyErr_SetString(PyExc_ValueError, "missing 'getdata' func");
        return -1;
    }
    CrossInterpreterClass *entry = PyMem_RawMalloc(sizeof(*entry));
    if (!entry) {
        PyErr_NoMemory();
        return -1;
    }
    *entry = (CrossInterpreterClass){runtime_state.cross_interpreter_classes, (PyTypeObject *)Py_NewRef(type), getdata};
    runtime_state.cross_interpreter_classes = entry;
    return 0;
}

static crossinterpdatafunc sender_of(PyObject *o)
{
    crossinterpdatafunc getdata = _PyCrossInterpreterData_Lookup(o);
    if (!getdata && !PyErr_Occurred()) PyErr_Format(PyExc_ValueError, "%S does not support cross-interpreter data", o);
    return getdata;
}

/* ---- Sending and receiving ---------------------------------------------------------------------------------------- */

/* 0 if the object can be sent, else -1 with ValueError. */
int _PyObject_CheckCrossInterpreterData(PyObject *o) { return sender_of(o) ? 0 : -1; }

/* Fills `data` for sending. 0, or -1 with an exception; after 0, _PyCrossInterpreterData_Release() is due. */
int _PyObject_GetCrossInterpreterData(PyObject *o, _PyCrossInterpreterData *data)
{
    *data = (_PyCrossInterpreterData){0};
    crossinterpdatafunc getdata = sender_of(o);
    if (!getdata) return -1;
    Py_INCREF(o);
    int result = getdata(o, data);
    Py_DECREF(o);
    if (result) return -1;
    data->interp = PyInterpreterState_GetID(PyInterpreterState_Get());
    if (!data->new_object) {
        PyErr_SetString(PyExc_SystemError, "missing new_object func");
        _PyCrossInterpreterData_Release(data);
        return -1;
    }
    return 0;
}

/* The receiver's object. New reference. */
PyObject *_PyCrossInterpreterData_NewObject(_PyCrossInterpreterData *data) { return data->new_object(data); }

/* Lets go of what the sender holds, in the sender's interpreter; if that is gone, there is nothing left to let go of. */
void _PyCrossInterpreterData_Release(_PyCrossInterpreterData *data)
{
    if (!data->data && !data->obj) return;
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    PyInterpreterState *sender = _PyInterpreterState_LookUpID(data->interp);
    if (!sender) PyErr_Clear();
    PyErr_Restore(type, value, traceback);
    if (!sender) return;
    PyThreadState *before = NULL;
    bool foreign = sender != PyInterpreterState_Get() && PyInterpreterState_ThreadHead(sender);
    if (foreign) before = PyThreadState_Swap(PyInterpreterState_ThreadHead(sender));
    if (data->free) data->free(data->data);
    data->data = NULL;
    Py_CLEAR(data->obj);
    if (foreign) PyThreadState_Swap(before);
}
