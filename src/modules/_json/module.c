/* _json: the module. */
#include "modules/_json/json_module.h"

static PyObject *json_scanstring(PyObject *Py_UNUSED(module), PyObject *args)
{
    PyObject *text;
    Py_ssize_t begin, next = -1;
    int strict = 1;
    if (!PyArg_ParseTuple(args, "On|p:scanstring", &text, &begin, &strict)) return NULL;
    if (!PyUnicode_Check(text)) {
        return PyErr_Format(PyExc_TypeError, "first argument must be a string, not %.80s", Py_TYPE(text)->tp_name);
    }
    if (PyUnicode_READY(text) < 0) return NULL;
    PyObject *string = json_scan_string(text, begin, strict, &next);
    return string ? Py_BuildValue("Nn", string, next) : NULL;
}

PyDoc_STRVAR(scanstring_doc,
"scanstring(string, end, strict=True) -> (string, end)\n\n"
"Reads a JSON string whose opening quote stands before index `end`.\n"
"Escapes are resolved; what is no JSON string raises ValueError, and so do\n"
"control characters unless strict is False.\n\n"
"Gives the string and the index behind its closing quote.");
PyDoc_STRVAR(encode_doc,
"encode_basestring(string) -> string\n\n"
"The string as JSON writes it.");
PyDoc_STRVAR(encode_ascii_doc,
"encode_basestring_ascii(string) -> string\n\n"
"The string as JSON writes it in ASCII.");

static PyMethodDef json_methods[] = {
    {"encode_basestring_ascii", json_encode_basestring_ascii, METH_O, encode_ascii_doc},
    {"encode_basestring", json_encode_basestring, METH_O, encode_doc},
    {"scanstring", json_scanstring, METH_VARARGS, scanstring_doc},
    {0},
};

static int add_type(PyObject *module, const char *name, PyType_Spec *spec)
{
    PyObject *type = PyType_FromSpec(spec);
    if (type == NULL) return -1;
    int status = PyModule_AddObjectRef(module, name, type);
    Py_DECREF(type);
    return status;
}

static int json_exec(PyObject *module)
{
    return add_type(module, "make_scanner", &json_scanner_spec) < 0 ? -1
                                                                    : add_type(module, "make_encoder", &json_encoder_spec);
}

static PyModuleDef_Slot json_slots[] = {
    {Py_mod_exec, json_exec},
    {0, NULL},
};

static struct PyModuleDef json_definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_json",
    .m_doc = "json speedups\n",
    .m_methods = json_methods,
    .m_slots = json_slots,
};

PyMODINIT_FUNC PyInit__json(void)
{
    return PyModuleDef_Init(&json_definition);
}
