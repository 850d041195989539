/* Unpickling references to globals, and making and filling instances. */
#include "modules/_pickle/pickle.h"

#include "objects/type/instance.h"

static const char *type_name(PyObject *object)
{
    return Py_TYPE(object)->tp_name;
}

/* ---- Globals ---- */

/* The names that Python 3 has for a global of Python 2; both references are exchanged for new ones.
 */
static int from_python2(PyObject **module_name, PyObject **name)
{
    PyObject *key = PyTuple_Pack(2, *module_name, *name);
    if (!key) return -1;
    PyObject *pair = PyDict_GetItemWithError(pickle_runtime.name_2to3, key);
    Py_DECREF(key);
    if (pair) {
        if (!PyTuple_Check(pair) || PyTuple_GET_SIZE(pair) != 2) {
            PyErr_Format(PyExc_RuntimeError,
                "_compat_pickle.NAME_MAPPING values should be 2-tuples, not %.200s",
                type_name(pair));
            return -1;
        }
        PyObject *new_module = PyTuple_GET_ITEM(pair, 0), *new_name = PyTuple_GET_ITEM(pair, 1);
        if (!PyUnicode_Check(new_module) || !PyUnicode_Check(new_name)) {
            PyErr_Format(PyExc_RuntimeError,
                "_compat_pickle.NAME_MAPPING values should be pairs of str, "
                "not (%.200s, %.200s)",
                type_name(new_module), type_name(new_name));
            return -1;
        }
        Py_SETREF(*module_name, Py_NewRef(new_module));
        Py_SETREF(*name, Py_NewRef(new_name));
        return 0;
    }
    if (PyErr_Occurred()) return -1;
    PyObject *new_module = PyDict_GetItemWithError(pickle_runtime.import_2to3, *module_name);
    if (!new_module) return PyErr_Occurred() ? -1 : 0;
    if (!PyUnicode_Check(new_module)) {
        PyErr_Format(PyExc_RuntimeError,
            "_compat_pickle.IMPORT_MAPPING values should be strings, not %.200s",
            type_name(new_module));
        return -1;
    }
    Py_SETREF(*module_name, Py_NewRef(new_module));
    return 0;
}

PyObject *unpickler_find_class(Unpickler *self, PyObject *module_name, PyObject *name)
{
    if (PySys_Audit("pickle.find_class", "OO", module_name, name) < 0) return NULL;
    PyObject *result = NULL;
    Py_INCREF(module_name);
    Py_INCREF(name);
    if (self->proto >= 3 || !self->fix_imports || from_python2(&module_name, &name) == 0) {
        PyObject *module = pickle_import(module_name);
        if (module && self->proto >= 4)
            result = pickle_get_dotted(module, name, NULL);
        else if (module)
            result = PyObject_GetAttr(module, name);
        Py_XDECREF(module);
    }
    Py_DECREF(module_name);
    Py_DECREF(name);
    return result;
}

/* find_class(), which a subclass may override. */
static PyObject *find_class(Unpickler *self, PyObject *module_name, PyObject *name)
{
    if (self->exact) return unpickler_find_class(self, module_name, name);
    return PyObject_CallMethodObjArgs((PyObject *)self, NAME(find_class), module_name, name, NULL);
}

/* Reads two lines and finds what they name. New reference. */
static PyObject *find_named(
    Unpickler *self, PyObject *(*decode)(const char *, Py_ssize_t, const char *))
{
    PyObject *names[2] = {NULL, NULL}, *result = NULL;
    for (int i = 0; i < 2; i++) {
        Py_ssize_t length;
        char *line = input_line(self, &length);
        if (!line) goto done;
        if (length < 2) {
            input_truncated();
            goto done;
        }
        names[i] = decode(line, length - 1, "strict");
        if (!names[i]) goto done;
    }
    result = find_class(self, names[0], names[1]);
done:
    Py_XDECREF(names[0]);
    Py_XDECREF(names[1]);
    return result;
}

int load_global(Unpickler *self)
{
    return stack_push_steal(self, find_named(self, PyUnicode_DecodeUTF8));
}

int load_stack_global(Unpickler *self)
{
    PyObject *name = stack_pop(self), *module_name = name ? stack_pop(self) : NULL, *found = NULL;
    if (module_name && PyUnicode_CheckExact(name) && PyUnicode_CheckExact(module_name)) {
        found = find_class(self, module_name, name);
    } else {
        unpickling_error("STACK_GLOBAL requires str");
    }
    Py_XDECREF(name);
    Py_XDECREF(module_name);
    return stack_push_steal(self, found);
}

/* The object of an extension code that is used for the first time. New reference. */
static PyObject *find_extension(Unpickler *self, long code, PyObject *key)
{
    PyObject *pair = PyDict_GetItemWithError(pickle_runtime.inverted_registry, key);
    if (!pair) {
        if (!PyErr_Occurred())
            PyErr_Format(PyExc_ValueError, "unregistered extension code %ld", code);
        return NULL;
    }
    if (!PyTuple_Check(pair) || PyTuple_GET_SIZE(pair) != 2 ||
        !PyUnicode_Check(PyTuple_GET_ITEM(pair, 0)) ||
        !PyUnicode_Check(PyTuple_GET_ITEM(pair, 1))) {
        PyErr_Format(PyExc_ValueError, "_inverted_registry[%ld] isn't a 2-tuple of strings", code);
        return NULL;
    }
    PyObject *found = find_class(self, PyTuple_GET_ITEM(pair, 0), PyTuple_GET_ITEM(pair, 1));
    if (found && PyDict_SetItem(pickle_runtime.extension_cache, key, found) < 0) Py_CLEAR(found);
    return found;
}

int load_extension(Unpickler *self, int size)
{
    const char *at = input_read(self, size);
    if (!at) return -1;
    int32_t code = (int32_t)load_little(at, size);
    if (code <= 0) return unpickling_error("EXT specifies code <= 0");
    PyObject *key = PyLong_FromLong(code);
    if (!key) return -1;
    PyObject *found = PyDict_GetItemWithError(pickle_runtime.extension_cache, key);
    if (found)
        Py_INCREF(found);
    else if (!PyErr_Occurred())
        found = find_extension(self, code, key);
    Py_DECREF(key);
    return stack_push_steal(self, found);
}

/* ---- Instances ---- */

/* As Python 2 made instances: without arguments a class is not called, unless it says how. */
static PyObject *instantiate(PyObject *cls, PyObject *args)
{
    if (PyTuple_GET_SIZE(args) == 0 && PyType_Check(cls)) {
        PyObject *method;
        if (_PyObject_LookupAttr(cls, NAME(__getinitargs__), &method) < 0) return NULL;
        if (!method) return PyObject_CallMethodOneArg(cls, NAME(__new__), cls);
        Py_DECREF(method);
    }
    return PyObject_CallObject(cls, args);
}

int load_object(Unpickler *self)
{
    Py_ssize_t mark = stack_pop_mark(self);
    if (mark < 0) return -1;
    if (self->depth - mark < 1) return stack_underflow(self);
    PyObject *args = stack_pop_tuple(self, mark + 1), *cls = args ? stack_pop(self) : NULL;
    PyObject *instance = cls ? instantiate(cls, args) : NULL;
    Py_XDECREF(args);
    Py_XDECREF(cls);
    return stack_push_steal(self, instance);
}

int load_instance(Unpickler *self)
{
    Py_ssize_t mark = stack_pop_mark(self);
    PyObject *cls = mark < 0 ? NULL : find_named(self, PyUnicode_DecodeASCII);
    if (!cls) return -1;
    PyObject *args = stack_pop_tuple(self, mark);
    PyObject *instance = args ? instantiate(cls, args) : NULL;
    Py_XDECREF(args);
    Py_DECREF(cls);
    return stack_push_steal(self, instance);
}

static PyObject *make_new(PyObject *cls, PyObject *args, PyObject *kwargs, const char *op)
{
    if (!PyType_Check(cls)) {
        unpickling_error("%s class argument must be a type, not %.200s", op, type_name(cls));
        return NULL;
    }
    PyTypeObject *type = (PyTypeObject *)cls;
    if (!type->tp_new) {
        unpickling_error("%s class argument '%.200s' doesn't have __new__", op, type->tp_name);
        return NULL;
    }
    if (!PyTuple_Check(args)) {
        unpickling_error("%s args argument must be a tuple, not %.200s", op, type_name(args));
        return NULL;
    }
    if (kwargs && !PyDict_Check(kwargs)) {
        unpickling_error("%s kwargs argument must be a dict, not %.200s", op, type_name(kwargs));
        return NULL;
    }
    return type->tp_new(type, args, kwargs);
}

int load_newobj(Unpickler *self, bool with_keywords)
{
    PyObject *kwargs = NULL, *args = NULL, *cls = NULL, *instance = NULL;
    if (with_keywords && !(kwargs = stack_pop(self))) goto done;
    if (!(args = stack_pop(self)) || !(cls = stack_pop(self))) goto done;
    instance = make_new(cls, args, kwargs, with_keywords ? "NEWOBJ_EX" : "NEWOBJ");
done:
    Py_XDECREF(kwargs);
    Py_XDECREF(args);
    Py_XDECREF(cls);
    return stack_push_steal(self, instance);
}

int load_reduce(Unpickler *self)
{
    PyObject *args = stack_pop(self), *function = args ? stack_pop(self) : NULL;
    PyObject *result = function ? PyObject_CallObject(function, args) : NULL;
    Py_XDECREF(args);
    Py_XDECREF(function);
    return stack_push_steal(self, result);
}

/* ---- State ---- */

/* Does the instance have attributes of its own in the plain way, so that they can be set without
 * making its __dict__? */
static bool has_plain_attributes(PyObject *instance)
{
    PyTypeObject *type = Py_TYPE(instance);
    if (!instance_is_managed(instance) || type->tp_getattro != PyObject_GenericGetAttr)
        return false;
    PyObject *descriptor = _PyType_Lookup(type, NAME(__dict__));
    return descriptor && Py_IS_TYPE(descriptor, &PyGetSetDescr_Type);
}

static int set_attributes(PyObject *instance, PyObject *state)
{
    PyObject *key, *value, *dict = NULL;
    Py_ssize_t at = 0;
    int status = 0;
    while (status == 0 && PyDict_Next(state, &at, &key, &value)) {
        Py_INCREF(key);
        Py_INCREF(value);
        /* Attribute names are interned as those that the compiler makes are. */
        if (PyUnicode_CheckExact(key)) PyUnicode_InternInPlace(&key);
        if (!dict && PyUnicode_CheckExact(key) && has_plain_attributes(instance)) {
            status = instance_set_attribute(instance, key, value);
        } else {
            if (!dict) dict = PyObject_GetAttr(instance, NAME(__dict__));
            status = dict ? PyObject_SetItem(dict, key, value) : -1;
        }
        Py_DECREF(key);
        Py_DECREF(value);
    }
    Py_XDECREF(dict);
    return status;
}

static int set_slots(PyObject *instance, PyObject *slots)
{
    PyObject *key, *value;
    Py_ssize_t at = 0;
    int status = 0;
    while (status == 0 && PyDict_Next(slots, &at, &key, &value)) {
        Py_INCREF(key);
        Py_INCREF(value);
        status = PyObject_SetAttr(instance, key, value);
        Py_DECREF(key);
        Py_DECREF(value);
    }
    return status;
}

/* What BUILD does for a class without __setstate__(): state is None, a dict of attributes, or a
 * pair of that and a dict of slots. */
static int set_default_state(PyObject *instance, PyObject *state)
{
    PyObject *slots = NULL;
    if (PyTuple_Check(state) && PyTuple_GET_SIZE(state) == 2) {
        slots = PyTuple_GET_ITEM(state, 1);
        state = PyTuple_GET_ITEM(state, 0);
    }
    if (state != Py_None) {
        if (!PyDict_Check(state)) return unpickling_error("state is not a dictionary");
        if (set_attributes(instance, state) < 0) return -1;
    }
    if (!slots) return 0;
    if (!PyDict_Check(slots)) return unpickling_error("slot state is not a dictionary");
    return set_slots(instance, slots);
}

int load_build(Unpickler *self)
{
    if (self->depth - 2 < self->fence) return stack_underflow(self);
    PyObject *state = stack_pop(self), *instance = Py_NewRef(stack_top_borrow(self)), *method;
    int status = _PyObject_LookupAttr(instance, NAME(__setstate__), &method);
    if (method) {
        PyObject *result = PyObject_CallOneArg(method, state);
        status = result ? 0 : -1;
        Py_XDECREF(result);
        Py_DECREF(method);
    } else if (status == 0) {
        status = set_default_state(instance, state);
    }
    Py_DECREF(instance);
    Py_DECREF(state);
    return status;
}
