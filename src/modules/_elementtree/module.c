/* The module _elementtree. */
#include "modules/_elementtree/etree.h"

struct EtreeRuntime etree_runtime;

static int check_factory(const char *what, PyObject *factory)
{
    if (factory == Py_None || PyCallable_Check(factory)) return 0;
    PyErr_Format(PyExc_TypeError, "%s factory must be callable, not %.100s", what, Py_TYPE(factory)->tp_name);
    return -1;
}

/* What makes the elements for comments and processing instructions; gives those of before. */
static PyObject *set_factories(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("_set_factories", nargs, 2, 2)) return NULL;
    if (check_factory("Comment", args[0]) < 0 || check_factory("PI", args[1]) < 0) return NULL;
    struct EtreeRuntime *r = &etree_runtime;
    PyObject *before = PyTuple_Pack(2, r->comment_factory ? r->comment_factory : Py_None, r->pi_factory ? r->pi_factory : Py_None);
    if (!before) return NULL;
    Py_XSETREF(r->comment_factory, args[0] == Py_None ? NULL : Py_NewRef(args[0]));
    Py_XSETREF(r->pi_factory, args[1] == Py_None ? NULL : Py_NewRef(args[1]));
    return before;
}

static PyMethodDef module_methods[] = {
    {"SubElement", (PyCFunction)(void (*)(void))etree_subelement, METH_FASTCALL | METH_KEYWORDS, NULL},
    {"_set_factories", (PyCFunction)(void (*)(void))set_factories, METH_FASTCALL,
     "_set_factories($module, comment_factory, pi_factory, /)\n--\n\n"
     "Change what makes the elements for comments and processing instructions: callables or None.\n\n"
     "The two of before are returned."},
    {NULL, NULL, 0, NULL},
};

static int read_runtime(void)
{
    struct EtreeRuntime *r = &etree_runtime;
    if (!r->deepcopy) {
        PyObject *copy = PyImport_ImportModule("copy");
        r->deepcopy = copy ? PyObject_GetAttrString(copy, "deepcopy") : NULL;
        Py_XDECREF(copy);
        if (!r->deepcopy) return -1;
    }
    if (!r->element_path) r->element_path = PyImport_ImportModule("xml.etree.ElementPath");
    if (!r->parse_error) {
        r->parse_error = PyErr_NewException("xml.etree.ElementTree.ParseError", PyExc_SyntaxError, NULL);
    }
    return r->element_path && r->parse_error ? 0 : -1;
}

static int module_exec(PyObject *module)
{
    if (PyType_Ready(&etree_iterator_type) < 0 || read_runtime() < 0) return -1;
    if (PyModule_AddObjectRef(module, "ParseError", etree_runtime.parse_error) < 0) return -1;
    PyTypeObject *types[] = {&etree_element_type, &etree_builder_type, &etree_parser_type};
    for (size_t i = 0; i < Py_ARRAY_LENGTH(types); i++) {
        if (PyModule_AddType(module, types[i]) < 0) return -1;
    }
    return 0;
}

static PyModuleDef_Slot module_slots[] = {{Py_mod_exec, module_exec}, {0, NULL}};

static PyModuleDef module_definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_elementtree",
    .m_methods = module_methods,
    .m_slots = module_slots,
};

PyMODINIT_FUNC PyInit__elementtree(void) { return PyModuleDef_Init(&module_definition); }
