/* The _weakref module: what weakref.py builds on. */
#include <Python.h>
#include <internal/krait_exports.h>

/* The head of the object's list of weak references, borrowed; NULL if it has none or cannot have any. */
static PyWeakReference *first_reference(PyObject *op)
{
    if (!PyType_SUPPORTS_WEAKREFS(Py_TYPE(op))) return NULL;
    return (PyWeakReference *)*PyObject_GET_WEAKREFS_LISTPTR(op);
}

static PyObject *weakref_count(PyObject *module, PyObject *op)
{
    (void)module;
    return PyLong_FromSsize_t(_PyWeakref_GetWeakrefCount(first_reference(op)));
}

static PyObject *weakref_list(PyObject *module, PyObject *op)
{
    (void)module;
    PyObject *result = PyList_New(0);
    for (PyWeakReference *ref = first_reference(op); result && ref; ref = ref->wr_next) {
        if (PyList_Append(result, (PyObject *)ref) < 0) Py_CLEAR(result);
    }
    return result;
}

static PyObject *weakref_proxy(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
{
    (void)module;
    if (!_PyArg_CheckPositional("proxy", nargs, 1, 2)) return NULL;
    return PyWeakref_NewProxy(args[0], nargs == 2 ? args[1] : NULL);
}

static int is_dead(PyObject *value)
{
    if (PyWeakref_Check(value)) return PyWeakref_GET_OBJECT(value) == Py_None;
    PyErr_SetString(PyExc_TypeError, "not a weakref");
    return -1;
}

static PyObject *weakref_remove_dead(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
{
    (void)module;
    if (!_PyArg_CheckPositional("_remove_dead_weakref", nargs, 2, 2)) return NULL;
    if (!PyDict_Check(args[0])) {
        _PyArg_BadArgument("_remove_dead_weakref", "argument 1", "dict", args[0]);
        return NULL;
    }
    if (_PyDict_DelItemIf(args[0], args[1], is_dead) < 0) {
        if (!PyErr_ExceptionMatches(PyExc_KeyError)) return NULL;
        PyErr_Clear();  /* somebody else has removed it */
    }
    Py_RETURN_NONE;
}

static PyMethodDef weakref_functions[] = {
    {"getweakrefcount", weakref_count, METH_O,
     "getweakrefcount($module, object, /)\n--\n\nThe number of weak references to 'object'."},
    {"getweakrefs", weakref_list, METH_O,
     "getweakrefs($module, object, /)\n--\n\nA list of all weak references to 'object'."},
    {"proxy", (PyCFunction)(void (*)(void))weakref_proxy, METH_FASTCALL,
     "proxy($module, object, callback=None, /)\n--\n\nA proxy that refers weakly to 'object'.\n\n"
     "'callback', if given, is called with the proxy when 'object' is about to be finalized."},
    {"_remove_dead_weakref", (PyCFunction)(void (*)(void))weakref_remove_dead, METH_FASTCALL,
     "_remove_dead_weakref($module, dct, key, /)\n--\n\nRemoves key from dict if its value is a dead weak reference."},
    {0},
};

static int weakref_exec(PyObject *module)
{
    PyObject *ref = (PyObject *)&_PyWeakref_RefType;
    if (PyModule_AddObjectRef(module, "ref", ref) < 0) return -1;
    if (PyModule_AddObjectRef(module, "ReferenceType", ref) < 0) return -1;
    if (PyModule_AddObjectRef(module, "ProxyType", (PyObject *)&_PyWeakref_ProxyType) < 0) return -1;
    return PyModule_AddObjectRef(module, "CallableProxyType", (PyObject *)&_PyWeakref_CallableProxyType);
}

static PyModuleDef_Slot weakref_slots[] = {
    {Py_mod_exec, (void *)weakref_exec},
    {0, NULL},
};

static PyModuleDef weakref_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_weakref",
    .m_doc = "Weak references.",
    .m_methods = weakref_functions,
    .m_slots = weakref_slots,
};

PyMODINIT_FUNC PyInit__weakref(void);

PyMODINIT_FUNC PyInit__weakref(void)
{
    return PyModuleDef_Init(&weakref_module);
}
