/* Modules as objects: the type, its attributes, and their end. How C modules are made is in module_create.c. */
#include "objects/module.h"

#include "objects/immortal.h"
#include "objects/names.h"

#include <stddef.h>
#include <structmember.h>

static inline PyModuleObject *cast(PyObject *op)
{
    return (PyModuleObject *)op;
}

/* ---- making ---- */

/* An untracked module with an empty dict. */
static PyObject *module_alloc(PyTypeObject *type)
{
    PyModuleObject *m = (PyModuleObject *)type->tp_alloc(type, 0);
    if (!m) return NULL;
    m->md_dict = PyDict_New();
    if (m->md_dict) return (PyObject *)m;
    Py_DECREF(m);
    return NULL;
}

static int init_dict(PyModuleObject *m, PyObject *name, PyObject *doc)
{
    PyObject *dict = m->md_dict;
    if (PyDict_SetItem(dict, NAME(__name__), name) < 0) return -1;
    if (PyDict_SetItem(dict, NAME(__doc__), doc ? doc : Py_None) < 0) return -1;
    if (PyDict_SetItem(dict, NAME(__package__), Py_None) < 0) return -1;
    if (PyDict_SetItem(dict, NAME(__loader__), Py_None) < 0) return -1;
    if (PyDict_SetItem(dict, NAME(__spec__), Py_None) < 0) return -1;
    if (PyUnicode_CheckExact(name)) Py_XSETREF(m->md_name, Py_NewRef(name));
    return 0;
}

PyObject *PyModule_NewObject(PyObject *name)
{
    PyObject *m = module_alloc(&PyModule_Type);
    if (!m) return NULL;
    if (init_dict(cast(m), name, NULL) == 0) return m;
    Py_DECREF(m);
    return NULL;
}

PyObject *PyModule_New(const char *name)
{
    PyObject *text = PyUnicode_FromString(name);
    if (!text) return NULL;
    PyObject *m = PyModule_NewObject(text);
    Py_DECREF(text);
    return m;
}

/* ---- access from C ---- */

/* Borrowed reference; NULL with SystemError for what is no module. */
PyObject *PyModule_GetDict(PyObject *m)
{
    if (PyModule_Check(m)) return cast(m)->md_dict;
    PyErr_BadInternalCall();
    return NULL;
}

/* A str from the module's dict, new reference; or SystemError with `missing`. */
static PyObject *text_item(PyObject *m, PyObject *name, const char *missing)
{
    if (!PyModule_Check(m)) {
        PyErr_BadArgument();
        return NULL;
    }
    PyObject *dict = cast(m)->md_dict;
    PyObject *text = dict && PyDict_Check(dict) ? PyDict_GetItemWithError(dict, name) : NULL;
    if (text && PyUnicode_Check(text)) return Py_NewRef(text);
    if (!PyErr_Occurred()) PyErr_SetString(PyExc_SystemError, missing);
    return NULL;
}

PyObject *PyModule_GetNameObject(PyObject *m)
{
    return text_item(m, NAME(__name__), "nameless module");
}

PyObject *PyModule_GetFilenameObject(PyObject *m)
{
    return text_item(m, NAME(__file__), "module filename missing");
}

/* The module's dict keeps the text alive. */
static const char *borrowed_text_steal(PyObject *text)
{
    if (!text) return NULL;
    const char *utf8 = PyUnicode_AsUTF8(text);
    Py_DECREF(text);
    return utf8;
}

const char *PyModule_GetName(PyObject *m)
{
    return borrowed_text_steal(PyModule_GetNameObject(m));
}

const char *PyModule_GetFilename(PyObject *m)
{
    return borrowed_text_steal(PyModule_GetFilenameObject(m));
}

PyModuleDef *PyModule_GetDef(PyObject *m)
{
    if (PyModule_Check(m)) return cast(m)->md_def;
    PyErr_BadArgument();
    return NULL;
}

void *PyModule_GetState(PyObject *m)
{
    if (PyModule_Check(m)) return cast(m)->md_state;
    PyErr_BadArgument();
    return NULL;
}

int PyModule_SetDocString(PyObject *m, const char *doc)
{
    PyObject *text = PyUnicode_FromString(doc);
    if (!text) return -1;
    int result = PyObject_SetAttr(m, NAME(__doc__), text);
    Py_DECREF(text);
    return result;
}

/* ---- the end: at shutdown a module's globals become None, private names first, so that what still runs finds most of them ---- */

static int is_private(PyObject *name)
{
    return PyUnicode_READ_CHAR(name, 0) == '_' && PyUnicode_READ_CHAR(name, 1) != '_';
}

static void clear_names(PyObject *dict, int private)
{
    Py_ssize_t position = 0;
    PyObject *key, *value;
    while (PyDict_Next(dict, &position, &key, &value)) {
        if (value == Py_None || !PyUnicode_Check(key) || PyUnicode_GET_LENGTH(key) == 0) continue;
        int chosen = private ? is_private(key)
                             : PyUnicode_READ_CHAR(key, 0) != '_' || !_PyUnicode_EqualToASCIIString(key, "__builtins__");
        if (!chosen) continue;
        if (Py_VerboseFlag > 1) {
            const char *text = PyUnicode_AsUTF8(key);
            if (text) PySys_WriteStderr("#   clear[%d] %s\n", private ? 1 : 2, text);
            else PyErr_Clear();
        }
        if (PyDict_SetItem(dict, key, Py_None) != 0) PyErr_WriteUnraisable(NULL);
    }
}

void _PyModule_ClearDict(PyObject *dict)
{
    clear_names(dict, 1);
    clear_names(dict, 0);
}

void _PyModule_Clear(PyObject *m)
{
    PyObject *dict = cast(m)->md_dict;
    if (dict) _PyModule_ClearDict(dict);
}

/* ---- attributes ---- */

/* Is the module that this spec describes being executed now? Errors count as no. */
int _PyModuleSpec_IsInitializing(PyObject *spec)
{
    PyObject *value;
    if (!spec) return 0;
    if (_PyObject_LookupAttr(spec, NAME(_initializing), &value) > 0) {
        int result = PyObject_IsTrue(value);
        Py_DECREF(value);
        if (result >= 0) return result;
    }
    PyErr_Clear();
    return 0;
}

/* Is spec's module being imported together with its submodule `name`, which is not there yet? Errors count as no. */
static int submodule_is_uninitialized(PyObject *spec, PyObject *name)
{
    PyObject *list;
    if (!spec) return 0;
    if (_PyObject_LookupAttr(spec, NAME(_uninitialized_submodules), &list) > 0) {
        int result = PySequence_Contains(list, name);
        Py_DECREF(list);
        if (result >= 0) return result;
    }
    PyErr_Clear();
    return 0;
}

/* AttributeError for a module that has no such attribute; says so when an import cycle is the likely reason. */
static PyObject *attribute_error(PyModuleObject *m, PyObject *name)
{
    PyObject *module_name = m->md_dict ? PyDict_GetItemWithError(m->md_dict, NAME(__name__)) : NULL;
    if (!module_name && PyErr_Occurred()) return NULL;
    if (!module_name || !PyUnicode_Check(module_name)) {
        PyErr_Format(PyExc_AttributeError, "module has no attribute '%U'", name);
        return NULL;
    }
    Py_INCREF(module_name);
    PyObject *spec = PyDict_GetItemWithError(m->md_dict, NAME(__spec__));
    if (!spec && PyErr_Occurred()) {
        Py_DECREF(module_name);
        return NULL;
    }
    Py_XINCREF(spec);
    if (_PyModuleSpec_IsInitializing(spec)) {
        PyErr_Format(PyExc_AttributeError,
                     "partially initialized module '%U' has no attribute '%U' (most likely due to a circular import)",
                     module_name, name);
    } else if (submodule_is_uninitialized(spec, name)) {
        PyErr_Format(PyExc_AttributeError,
                     "cannot access submodule '%U' of module '%U' (most likely due to a circular import)", name,
                     module_name);
    } else {
        PyErr_Format(PyExc_AttributeError, "module '%U' has no attribute '%U'", module_name, name);
    }
    Py_XDECREF(spec);
    Py_DECREF(module_name);
    return NULL;
}

/* Whether the type of modules, which nobody can change, may have an attribute of this name. */
static bool is_special(PyObject *name)
{
    return !PyUnicode_CheckExact(name) || !PyUnicode_IS_READY(name) || PyUnicode_GET_LENGTH(name) == 0
        || PyUnicode_READ_CHAR(name, 0) == '_';
}

PyObject *module_getattro_maybe(PyObject *op, PyObject *name, bool suppress)
{
    PyObject *value;
    if (PyModule_CheckExact(op) && !is_special(name) && cast(op)->md_dict) {
        value = PyDict_GetItemWithError(cast(op)->md_dict, name);
        if (value || PyErr_Occurred()) return Py_XNewRef(value);
    }
    value = _PyObject_GenericGetAttrWithDict(op, name, NULL, 1);
    if (value || PyErr_Occurred()) return value;
    PyModuleObject *m = cast(op);
    PyObject *hook = m->md_dict ? PyDict_GetItemWithError(m->md_dict, NAME(__getattr__)) : NULL;
    if (!hook) return suppress || PyErr_Occurred() ? NULL : attribute_error(m, name);
    Py_INCREF(hook);
    value = PyObject_CallOneArg(hook, name);
    Py_DECREF(hook);
    if (!value && suppress && PyErr_ExceptionMatches(PyExc_AttributeError)) PyErr_Clear();
    return value;
}

PyObject *module_getattro(PyObject *op, PyObject *name)
{
    return module_getattro_maybe(op, name, false);
}

/* The __dict__ as the type's attribute gives it, which must be a dict. New reference. */
static PyObject *dict_of(PyObject *op)
{
    PyObject *dict = PyObject_GetAttr(op, NAME(__dict__));
    if (dict && !PyDict_Check(dict)) {
        PyErr_SetString(PyExc_TypeError, "<module>.__dict__ is not a dictionary");
        Py_CLEAR(dict);
    }
    return dict;
}

static PyObject *module_dir(PyObject *op, PyObject *unused)
{
    (void)unused;
    PyObject *dict = dict_of(op), *result = NULL;
    if (!dict) return NULL;
    PyObject *hook = PyDict_GetItemWithError(dict, NAME(__dir__));
    if (hook) result = PyObject_CallNoArgs(hook);
    else if (!PyErr_Occurred()) result = PyDict_Keys(dict);
    Py_DECREF(dict);
    return result;
}

static PyObject *module_get_annotations(PyObject *op, void *unused)
{
    (void)unused;
    PyObject *dict = dict_of(op);
    if (!dict) return NULL;
    PyObject *annotations = Py_XNewRef(PyDict_GetItemWithError(dict, NAME(__annotations__)));
    if (!annotations && !PyErr_Occurred()) {
        annotations = PyDict_New();
        if (annotations && PyDict_SetItem(dict, NAME(__annotations__), annotations) < 0) Py_CLEAR(annotations);
    }
    Py_DECREF(dict);
    return annotations;
}

static int module_set_annotations(PyObject *op, PyObject *value, void *unused)
{
    (void)unused;
    PyObject *dict = dict_of(op);
    if (!dict) return -1;
    int result;
    if (value) {
        result = PyDict_SetItem(dict, NAME(__annotations__), value);
    } else {
        result = PyDict_DelItem(dict, NAME(__annotations__));
        if (result < 0 && PyErr_ExceptionMatches(PyExc_KeyError)) {
            PyErr_SetObject(PyExc_AttributeError, NAME(__annotations__));
        }
    }
    Py_DECREF(dict);
    return result;
}

/* importlib knows how a module is shown. */
static PyObject *module_repr(PyObject *op)
{
    PyObject *modules = PySys_GetObject("modules");
    PyObject *importlib = modules ? PyMapping_GetItemString(modules, "_frozen_importlib") : NULL;
    if (importlib) {
        PyObject *result = PyObject_CallMethodOneArg(importlib, NAME(_module_repr), op);
        Py_DECREF(importlib);
        return result;
    }
    /* Too early or too late for importlib. */
    PyErr_Clear();
    return PyUnicode_FromFormat("<module %R>", cast(op)->md_name ? cast(op)->md_name : NAME(empty));
}

/* ---- the type ---- */

static PyObject *module_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    (void)args;
    (void)kwargs;
    return module_alloc(type);
}

static int module_init(PyObject *op, PyObject *args, PyObject *kwargs)
{
    static const char *const keywords[] = {"name", "doc", NULL};
    static _PyArg_Parser parser = {.format = "U|O:module", .keywords = keywords};
    PyObject *name, *doc = Py_None;
    if (!_PyArg_ParseTupleAndKeywordsFast(args, kwargs, &parser, &name, &doc)) return -1;
    PyModuleObject *m = cast(op);
    if (!m->md_dict && !(m->md_dict = PyDict_New())) return -1;
    return init_dict(m, name, doc);
}

/* The module's C part has state that its own functions may look at. */
static int has_live_state(PyModuleObject *m)
{
    return m->md_def && (m->md_def->m_size <= 0 || m->md_state);
}

static void module_dealloc(PyObject *op)
{
    PyModuleObject *m = cast(op);
    PyObject_GC_UnTrack(op);
    if (Py_VerboseFlag && m->md_name) PySys_FormatStderr("# destroy %U\n", m->md_name);
    if (m->md_weaklist) PyObject_ClearWeakRefs(op);
    if (has_live_state(m) && m->md_def->m_free) m->md_def->m_free(m);
    Py_XDECREF(m->md_dict);
    Py_XDECREF(m->md_name);
    PyMem_Free(m->md_state);
    Py_TYPE(op)->tp_free(op);
}

static int module_traverse(PyObject *op, visitproc visit, void *arg)
{
    PyModuleObject *m = cast(op);
    if (has_live_state(m) && m->md_def->m_traverse) {
        int result = m->md_def->m_traverse(op, visit, arg);
        if (result) return result;
    }
    Py_VISIT(m->md_dict);
    return 0;
}

static int module_clear(PyObject *op)
{
    PyModuleObject *m = cast(op);
    if (has_live_state(m) && m->md_def->m_clear && m->md_def->m_clear(op)) {
        PySys_FormatStderr("Exception ignored in m_clear of module%s%V\n", m->md_name ? " " : "", m->md_name, "");
    }
    Py_CLEAR(m->md_dict);
    return 0;
}

static PyMethodDef module_methods[] = {
    {"__dir__", module_dir, METH_NOARGS, PyDoc_STR("__dir__() -> list\nThe names that dir() shows.")},
    {0},
};

static PyMemberDef module_members[] = {
    {"__dict__", T_OBJECT, offsetof(PyModuleObject, md_dict), READONLY, NULL},
    {0},
};

static PyGetSetDef module_getset[] = {
    {"__annotations__", module_get_annotations, module_set_annotations, NULL, NULL},
    {0},
};

PyDoc_STRVAR(module_doc,
"module(name, doc=None)\n--\n\nA module object.\n\nname is a string; doc may be anything.");

PyTypeObject PyModule_Type = {
    IMMORTAL_TYPE_HEAD,
    .tp_name = "module",
    .tp_basicsize = sizeof(PyModuleObject),
    .tp_doc = module_doc,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASETYPE,
    .tp_dealloc = module_dealloc,
    .tp_repr = module_repr,
    .tp_getattro = module_getattro,
    .tp_setattro = PyObject_GenericSetAttr,
    .tp_traverse = module_traverse,
    .tp_clear = module_clear,
    .tp_weaklistoffset = offsetof(PyModuleObject, md_weaklist),
    .tp_dictoffset = offsetof(PyModuleObject, md_dict),
    .tp_methods = module_methods,
    .tp_members = module_members,
    .tp_getset = module_getset,
    .tp_init = module_init,
    .tp_new = module_new,
    .tp_free = PyObject_GC_Del,
};
