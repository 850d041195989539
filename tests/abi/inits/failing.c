/* Modules whose initialisation fails, each in a way of its own: PyInit_NAME for each row of check_inits.py's table. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#define MODULE(name) {PyModuleDef_HEAD_INIT, .m_name = #name, .m_size = 0}
#define INIT(name) PyMODINIT_FUNC PyInit_##name(void)

static PyObject *raise(void)
{
    PyErr_SetString(PyExc_ValueError, "raised on purpose");
    return NULL;
}

/* ---- One phase ------------------------------------------------------------------------------------------------------ */

static PyModuleDef single_def = {PyModuleDef_HEAD_INIT, .m_name = "single", .m_size = -1};
static PyModuleDef untyped_def = {.m_name = "untyped"};

INIT(null_with_exception) { return raise(); }
INIT(null_without_exception) { return NULL; }
INIT(int_result) { return PyLong_FromLong(1 << 20); }
INIT(untyped) { return (PyObject *)&untyped_def; }
INIT(wrong_version)
{
    PyObject *module = PyModule_Create2(&single_def, 3);        /* warns */
    Py_XDECREF(module);
    return raise();
}
INIT(deep) { return PyImport_ImportModule("no_such_module_at_all"); }

INIT(result_with_exception)
{
    PyObject *module = PyModule_Create(&single_def);
    raise();
    return module;
}

INIT(half_filled)
{
    PyObject *module = PyModule_Create(&single_def);
    if (!module || PyModule_AddObject(module, "list", PyList_New(100)) < 0 || PyModule_AddIntConstant(module, "n", 1) < 0) return NULL;
    Py_DECREF(module);
    return raise();
}

/* ---- Several phases -------------------------------------------------------------------------------------------------- */

static PyObject *create_null(PyObject *Py_UNUSED(spec), PyModuleDef *Py_UNUSED(def)) { return NULL; }
static PyObject *create_raise(PyObject *Py_UNUSED(spec), PyModuleDef *Py_UNUSED(def)) { return raise(); }
static PyObject *create_int(PyObject *Py_UNUSED(spec), PyModuleDef *Py_UNUSED(def)) { return PyLong_FromLong(1 << 20); }

static PyObject *create_unreported(PyObject *Py_UNUSED(spec), PyModuleDef *Py_UNUSED(def))
{
    PyObject *module = PyModule_New("made");
    raise();
    return module;
}

static int exec_null(PyObject *Py_UNUSED(module)) { return -1; }
static int exec_good(PyObject *module) { return PyModule_AddObject(module, "list", PyList_New(100)); }

static int exec_raise(PyObject *Py_UNUSED(module))
{
    raise();
    return -1;
}

static int exec_unreported(PyObject *Py_UNUSED(module))
{
    raise();
    return 0;
}

#define PHASES(name, size, ...) \
    INIT(name) \
    { \
        static PyModuleDef_Slot slots[] = {__VA_ARGS__, {0, NULL}}; \
        static PyModuleDef def = {PyModuleDef_HEAD_INIT, .m_name = #name, .m_size = size, .m_slots = slots}; \
        return PyModuleDef_Init(&def); \
    }

PHASES(create_gives_null, 0, {Py_mod_create, create_null})
PHASES(create_raises, 0, {Py_mod_create, create_raise})
PHASES(create_unreported, 0, {Py_mod_create, create_unreported})
PHASES(create_int_with_state, 8, {Py_mod_create, create_int})
PHASES(create_int_with_exec, 0, {Py_mod_create, create_int}, {Py_mod_exec, exec_good})
PHASES(two_creates, 0, {Py_mod_create, create_null}, {Py_mod_create, create_null})
PHASES(unknown_slot, 0, {77, create_null})
PHASES(negative_slot, 0, {-1, create_null})
PHASES(negative_size, -1, {Py_mod_exec, exec_good})
PHASES(exec_gives_null, 0, {Py_mod_exec, exec_null})
PHASES(exec_raises, 0, {Py_mod_exec, exec_raise})
PHASES(exec_unreported, 0, {Py_mod_exec, exec_unreported})
PHASES(exec_fails_late, 64, {Py_mod_exec, exec_good}, {Py_mod_exec, exec_raise})
