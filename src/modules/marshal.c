/* The `marshal` module (the manual: library/marshal). */
#include "bytecode/marshal.h"
#include "objects/names.h"
#include "objects/thread_state.h"
#include "runtime/import.h"
#include "vm/vm.h"

/* The bytes of a function's first argument. Whether an object of one reference may come again is in them, so a loan counts. */
static PyObject *write_argument(PyObject *value, int version, PyCFunction function)
{
    bool lent = vm_argument_is_lent(thread_state(), function);
    if (lent) Py_INCREF(value);
    PyObject *data = PyMarshal_WriteObjectToString(value, version);
    if (lent) Py_DECREF(value);
    return data;
}

PyDoc_STRVAR(dump_doc, "dump($module, value, file, version=version, /)\n--\n\n"
"Write the value to a binary file that is open for writing.\n\n"
"ValueError is raised if the value is, or contains, an object of a type that is not supported.");

static PyObject *marshal_dump(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    int version = Py_MARSHAL_VERSION;
    if (!_PyArg_CheckPositional("dump", nargs, 2, 3)) return NULL;
    if (nargs > 2) {
        version = _PyLong_AsInt(args[2]);
        if (version == -1 && PyErr_Occurred()) return NULL;
    }
    PyObject *data = write_argument(args[0], version, (PyCFunction)(void (*)(void))marshal_dump);
    if (!data) return NULL;
    PyObject *result = PyObject_CallMethodOneArg(args[1], NAME(write), data);
    Py_DECREF(data);
    return result;
}

PyDoc_STRVAR(load_doc, "load($module, file, /)\n--\n\n"
"Read one value from a binary file that is open for reading.\n\n"
"EOFError, ValueError or TypeError is raised if there is no valid value.");

static PyObject *marshal_load(PyObject *Py_UNUSED(module), PyObject *file)
{
    /* Reading nothing shows that the file is a binary one. */
    PyObject *nothing = PyObject_CallMethod(file, "read", "i", 0);
    if (!nothing) return NULL;
    PyObject *result = NULL;
    if (!PyBytes_Check(nothing)) {
        PyErr_Format(PyExc_TypeError, "file.read() returned not bytes but %.100s",
                     Py_TYPE(nothing)->tp_name);
    } else if (PySys_Audit("marshal.load", NULL) == 0) {
        result = marshal_read_from_reader(file);
    }
    Py_DECREF(nothing);
    return result;
}

PyDoc_STRVAR(dumps_doc, "dumps($module, value, version=version, /)\n--\n\n"
"The bytes that dump() would write.");

static PyObject *marshal_dumps(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    int version = Py_MARSHAL_VERSION;
    if (!_PyArg_CheckPositional("dumps", nargs, 1, 2)) return NULL;
    if (nargs > 1) {
        version = _PyLong_AsInt(args[1]);
        if (version == -1 && PyErr_Occurred()) return NULL;
    }
    return write_argument(args[0], version, (PyCFunction)(void (*)(void))marshal_dumps);
}

PyDoc_STRVAR(loads_doc, "loads($module, bytes, /)\n--\n\n"
"Read one value from a bytes-like object; what follows it is ignored.\n\n"
"EOFError, ValueError or TypeError is raised if there is no valid value.");

static PyObject *marshal_loads(PyObject *Py_UNUSED(module), PyObject *data)
{
    Py_buffer view;
    if (PyObject_GetBuffer(data, &view, PyBUF_SIMPLE) < 0) return NULL;
    PyObject *result = NULL;
    if (PySys_Audit("marshal.loads", "y#", view.buf, view.len) == 0) {
        result = frozen_library_code(view.buf, view.len);
        if (!result && !PyErr_Occurred()) result = marshal_read(view.buf, view.len);
    }
    PyBuffer_Release(&view);
    return result;
}

static PyMethodDef marshal_methods[] = {
    {"dump", (PyCFunction)(void (*)(void))marshal_dump, METH_FASTCALL, dump_doc},
    {"load", marshal_load, METH_O, load_doc},
    {"dumps", (PyCFunction)(void (*)(void))marshal_dumps, METH_FASTCALL, dumps_doc},
    {"loads", marshal_loads, METH_O, loads_doc},
    {NULL, NULL, 0, NULL},
};

static int marshal_exec(PyObject *module)
{
    return PyModule_AddIntConstant(module, "version", Py_MARSHAL_VERSION);
}

static PyModuleDef_Slot marshal_slots[] = {{Py_mod_exec, marshal_exec}, {0, NULL}};

PyDoc_STRVAR(marshal_doc,
             "Reading and writing of Python values in a binary format that is Python's own.\n\n"
             "Supported are None, bool, int, float, complex, str, bytes and bytes-like objects, "
             "tuples, lists, sets, frozensets and\n"
             "dictionaries of supported values, and code objects. The variable `version` is the "
             "newest format, the default.");

static PyModuleDef marshal_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "marshal",
    .m_doc = marshal_doc,
    .m_methods = marshal_methods,
    .m_slots = marshal_slots,
};

PyMODINIT_FUNC PyMarshal_Init(void)
{
    return PyModuleDef_Init(&marshal_module);
}
