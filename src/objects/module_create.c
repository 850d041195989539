/* Modules from PyModuleDef: in one phase (PyModule_Create) and in several (PEP 489). */
#include "objects/immortal.h"
#include "objects/module.h"
#include "objects/names.h"

#include <string.h>

static inline PyModuleObject *cast(PyObject *op)
{
    return (PyModuleObject *)op;
}

PyTypeObject PyModuleDef_Type = {
    IMMORTAL_TYPE_HEAD,
    .tp_name = "moduledef",
    .tp_basicsize = sizeof(PyModuleDef),
};

/* Makes a static definition an object, with an index for PyState_FindModule. Borrowed reference. */
PyObject *PyModuleDef_Init(PyModuleDef *def)
{
    static Py_ssize_t last_index;   /* process-wide: definitions are static data too */
    if (!PyType_HasFeature(&PyModuleDef_Type, Py_TPFLAGS_READY) && PyType_Ready(&PyModuleDef_Type) < 0) return NULL;
    if (def->m_base.m_index == 0) {
        Py_SET_REFCNT((PyObject *)def, 1);
        Py_SET_TYPE((PyObject *)def, &PyModuleDef_Type);
        def->m_base.m_index = ++last_index;
    }
    return (PyObject *)def;
}

static int check_version(const char *name, int version)
{
    if (version == PYTHON_API_VERSION || version == PYTHON_ABI_VERSION) return 0;
    return PyErr_WarnFormat(PyExc_RuntimeWarning, 1,
                            "Python C API version mismatch for module %.100s: This Python has API version %d, module %.100s "
                            "has version %d.",
                            name, PYTHON_API_VERSION, name, version);
}

/* m.name = function. An ordinary module's attributes are its dict: nothing of its type has the name of a function. */
static int set_function(PyObject *m, const char *name, PyObject *function)
{
    if (!PyModule_CheckExact(m)) return PyObject_SetAttrString(m, name, function);
    PyObject *key = PyUnicode_InternFromString(name);
    if (!key) return -1;
    int result = PyDict_SetItem(PyModule_GetDict(m), key, function);
    Py_DECREF(key);
    return result;
}

static int add_functions(PyObject *m, PyObject *name, PyMethodDef *methods)
{
    for (PyMethodDef *def = methods; def->ml_name; def++) {
        if (def->ml_flags & (METH_CLASS | METH_STATIC)) {
            PyErr_SetString(PyExc_ValueError, "module functions cannot set METH_CLASS or METH_STATIC");
            return -1;
        }
        PyObject *func = PyCFunction_NewEx(def, m, name);
        if (!func) return -1;
        int result = set_function(m, def->ml_name, func);
        Py_DECREF(func);
        if (result < 0) return -1;
    }
    return 0;
}

int PyModule_AddFunctions(PyObject *m, PyMethodDef *methods)
{
    PyObject *name = PyModule_GetNameObject(m);
    if (!name) return -1;
    int result = add_functions(m, name, methods);
    Py_DECREF(name);
    return result;
}

/* Gives the module its zeroed state. */
static int allocate_state(PyModuleObject *m, Py_ssize_t size)
{
    m->md_state = PyMem_Calloc(1, (size_t)size);
    if (m->md_state) return 0;
    PyErr_NoMemory();
    return -1;
}

/* ---- one phase ---- */

PyObject *_PyModule_CreateInitialized(PyModuleDef *def, int api_version)
{
    if (!PyModuleDef_Init(def)) return NULL;
    const char *name = def->m_name;
    if (check_version(name, api_version) < 0) return NULL;
    if (def->m_slots) {
        PyErr_Format(PyExc_SystemError, "module %s: PyModule_Create is incompatible with m_slots", name);
        return NULL;
    }
    /* A module inside a package knows only the last part of its name; import knows the rest. */
    if (_Py_PackageContext) {
        const char *last = strrchr(_Py_PackageContext, '.');
        if (last && strcmp(name, last + 1) == 0) {
            name = _Py_PackageContext;
            _Py_PackageContext = NULL;
        }
    }
    PyObject *m = PyModule_New(name);
    if (!m) return NULL;
    cast(m)->md_def = def;
    if (def->m_size > 0 && allocate_state(cast(m), def->m_size) < 0) goto error;
    if (def->m_methods && PyModule_AddFunctions(m, def->m_methods) < 0) goto error;
    if (def->m_doc && PyModule_SetDocString(m, def->m_doc) < 0) goto error;
    return m;
error:
    Py_DECREF(m);
    return NULL;
}

PyObject *PyModule_Create2(PyModuleDef *def, int api_version)
{
    return _PyModule_CreateInitialized(def, api_version);
}

/* ---- several phases ---- */

typedef PyObject *(*CreateSlot)(PyObject *spec, PyModuleDef *def);
typedef int (*ExecSlot)(PyObject *module);

/* Looks the slots over: *create is the function of Py_mod_create or NULL, *executes whether there is a Py_mod_exec. */
static int read_slots(PyModuleDef *def, const char *name, CreateSlot *create, int *executes)
{
    *create = NULL;
    *executes = 0;
    for (PyModuleDef_Slot *slot = def->m_slots; slot && slot->slot; slot++) {
        if (slot->slot == Py_mod_create) {
            if (*create) {
                PyErr_Format(PyExc_SystemError, "module %s has multiple create slots", name);
                return -1;
            }
            *create = (CreateSlot)slot->value;
        } else if (slot->slot < 0 || slot->slot > _Py_mod_LAST_SLOT) {
            PyErr_Format(PyExc_SystemError, "module %s uses unknown slot ID %i", name, slot->slot);
            return -1;
        } else {
            *executes = 1;
        }
    }
    return 0;
}

/* The module object itself: from the create slot, or a plain one. */
static PyObject *create_object(PyModuleDef *def, PyObject *spec, PyObject *name_object, const char *name, CreateSlot create)
{
    if (!create) return PyModule_NewObject(name_object);
    PyObject *m = create(spec, def);
    if (!m) {
        if (!PyErr_Occurred()) {
            PyErr_Format(PyExc_SystemError, "creation of module %s failed without setting an exception", name);
        }
        return NULL;
    }
    if (PyErr_Occurred()) {
        PyErr_Clear();
        PyErr_Format(PyExc_SystemError, "creation of module %s raised unreported exception", name);
        Py_DECREF(m);
        return NULL;
    }
    return m;
}

static int check_not_module(PyModuleDef *def, const char *name, int executes)
{
    if (def->m_size > 0 || def->m_traverse || def->m_clear || def->m_free) {
        PyErr_Format(PyExc_SystemError, "module %s is not a module object, but requests module state", name);
        return -1;
    }
    if (executes) {
        PyErr_Format(PyExc_SystemError,
                     "module %s specifies execution slots, but did not create a ModuleType instance", name);
        return -1;
    }
    return 0;
}

PyObject *PyModule_FromDefAndSpec2(PyModuleDef *def, PyObject *spec, int api_version)
{
    PyModuleDef_Init(def);
    PyObject *name_object = PyObject_GetAttr(spec, NAME(name));
    if (!name_object) return NULL;
    PyObject *m = NULL;
    const char *name = PyUnicode_AsUTF8(name_object);
    if (!name || check_version(name, api_version) < 0) goto error;
    if (def->m_size < 0) {
        PyErr_Format(PyExc_SystemError, "module %s: m_size may not be negative for multi-phase initialization", name);
        goto error;
    }
    CreateSlot create;
    int executes;
    if (read_slots(def, name, &create, &executes) < 0) goto error;
    m = create_object(def, spec, name_object, name, create);
    if (!m) goto error;
    if (PyModule_Check(m)) {
        cast(m)->md_state = NULL;
        cast(m)->md_def = def;
    } else if (check_not_module(def, name, executes) < 0) {
        goto error;
    }
    if (def->m_methods && add_functions(m, name_object, def->m_methods) < 0) goto error;
    if (def->m_doc && PyModule_SetDocString(m, def->m_doc) < 0) goto error;
    Py_DECREF(name_object);
    return m;
error:
    Py_DECREF(name_object);
    Py_XDECREF(m);
    return NULL;
}

int PyModule_ExecDef(PyObject *m, PyModuleDef *def)
{
    const char *name = PyModule_GetName(m);
    if (!name) return -1;
    if (def->m_size >= 0 && !cast(m)->md_state) {
        /* Even an empty state is allocated: it says that the module has been executed. */
        cast(m)->md_state = PyMem_Calloc(1, (size_t)(def->m_size ? def->m_size : 1));
        if (!cast(m)->md_state) {
            PyErr_NoMemory();
            return -1;
        }
    }
    for (PyModuleDef_Slot *slot = def->m_slots; slot && slot->slot; slot++) {
        if (slot->slot == Py_mod_create) continue;
        if (slot->slot != Py_mod_exec) {
            PyErr_Format(PyExc_SystemError, "module %s initialized with unknown slot %i", name, slot->slot);
            return -1;
        }
        int result = ((ExecSlot)slot->value)(m);
        if (result != 0) {
            if (!PyErr_Occurred()) {
                PyErr_Format(PyExc_SystemError, "execution of module %s failed without setting an exception", name);
            }
            return -1;
        }
        if (PyErr_Occurred()) {
            PyErr_Clear();
            PyErr_Format(PyExc_SystemError, "execution of module %s raised unreported exception", name);
            return -1;
        }
    }
    return 0;
}

/* ---- filling modules ---- */

/* Like PyObject_SetAttrString; a NULL value passes an exception on. */
int PyModule_AddObjectRef(PyObject *m, const char *name, PyObject *value)
{
    if (!PyModule_Check(m)) {
        PyErr_SetString(PyExc_TypeError, "PyModule_AddObjectRef() first argument must be a module");
        return -1;
    }
    if (!value) {
        if (!PyErr_Occurred()) {
            PyErr_SetString(PyExc_SystemError,
                            "PyModule_AddObjectRef() must be called with an exception raised if value is NULL");
        }
        return -1;
    }
    PyObject *dict = cast(m)->md_dict;
    if (!dict) {
        PyErr_Format(PyExc_SystemError, "module '%s' has no __dict__", PyModule_GetName(m));
        return -1;
    }
    return PyDict_SetItemString(dict, name, value);
}

/* Steals value, but only on success. */
int PyModule_AddObject(PyObject *m, const char *name, PyObject *value)
{
    int result = PyModule_AddObjectRef(m, name, value);
    if (result == 0) Py_DECREF(value);
    return result;
}

static int add_steal(PyObject *m, const char *name, PyObject *value)
{
    if (!value) return -1;
    int result = PyModule_AddObjectRef(m, name, value);
    Py_DECREF(value);
    return result;
}

int PyModule_AddIntConstant(PyObject *m, const char *name, long value)
{
    return add_steal(m, name, PyLong_FromLong(value));
}

int PyModule_AddStringConstant(PyObject *m, const char *name, const char *value)
{
    return add_steal(m, name, PyUnicode_FromString(value));
}

/* Readies the type and adds it under the last part of its name. */
int PyModule_AddType(PyObject *m, PyTypeObject *type)
{
    if (PyType_Ready(type) < 0) return -1;
    return PyModule_AddObjectRef(m, _PyType_Name(type), (PyObject *)type);
}
