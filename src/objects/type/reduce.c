/* object.__reduce_ex__, __reduce__ and __getstate__: how any object is pickled and copied. */
#include "objects/names.h"
#include "objects/type/instance.h"
#include "objects/type/type.h"

/* New reference to copyreg, or NULL. */
static PyObject *import_copyreg(void)
{
    PyObject *module = PyImport_GetModule(NAME(copyreg));
    return module || PyErr_Occurred() ? module : PyImport_Import(NAME(copyreg));
}

static PyObject *cannot_pickle(PyObject *obj)
{
    return PyErr_Format(PyExc_TypeError, "cannot pickle '%.200s' object", Py_TYPE(obj)->tp_name);
}

/* -- State ------------------------------------------------------------------------------------ */

/* New reference to the list of names of __slots__ along the MRO that copyreg keeps in the class, or
 * None. */
static PyObject *slot_names(PyTypeObject *type)
{
    PyObject *names = type_dict_get(type, NAME(__slotnames__));
    if (names) {
        if (names != Py_None && !PyList_Check(names)) {
            return PyErr_Format(PyExc_TypeError,
                                "%.200s.__slotnames__ should be a list or None, not %.200s",
                                type->tp_name, Py_TYPE(names)->tp_name);
        }
        return Py_NewRef(names);
    }
    if (PyErr_Occurred()) return NULL;
    PyObject *copyreg = import_copyreg();
    if (!copyreg) return NULL;
    names = PyObject_CallMethodOneArg(copyreg, NAME(_slotnames), (PyObject *)type);
    Py_DECREF(copyreg);
    if (names && names != Py_None && !PyList_Check(names)) {
        PyErr_SetString(PyExc_TypeError, "copyreg._slotnames didn't return a list or None");
        Py_CLEAR(names);
    }
    return names;
}

static bool has_empty_dict(PyObject *obj)
{
    PyTypeObject *type = Py_TYPE(obj);
    if (type->tp_dictoffset == 0) return true;
    if (instance_is_managed(obj)) {
        PyDictValues *values = *instance_values_slot(obj);
        if (values) return dict_values_used(values) == 0;
        PyObject *dict = *instance_dict_slot(obj);
        return !dict || PyDict_GET_SIZE(dict) == 0;
    }
    PyObject **slot = _PyObject_GetDictPtr(obj);
    return !slot || !*slot || PyDict_GET_SIZE(*slot) == 0;
}

/* An object with fields in C that nobody would save must not be pickled by default. */
static bool has_unknown_fields(PyTypeObject *type, PyObject *names)
{
    Py_ssize_t size = PyBaseObject_Type.tp_basicsize;
    const Py_ssize_t word = sizeof(PyObject *);
    if (type->tp_dictoffset && !(type->tp_flags & Py_TPFLAGS_MANAGED_DICT)) size += word;
    if (type->tp_weaklistoffset) size += word;
    if (names != Py_None) size += word * PyList_GET_SIZE(names);
    return type->tp_basicsize > size;
}

/* New dict of the slots that are set, or NULL. */
static PyObject *slot_values(PyObject *obj, PyObject *names)
{
    PyObject *slots = PyDict_New();
    if (!slots) return NULL;
    Py_ssize_t n = PyList_GET_SIZE(names);
    for (Py_ssize_t i = 0; i < n; i++) {
        PyObject *name = Py_NewRef(PyList_GET_ITEM(names, i)), *value;
        int status = _PyObject_LookupAttr(obj, name, &value);
        if (value) status = PyDict_SetItem(slots, name, value);
        Py_DECREF(name);
        Py_XDECREF(value);
        if (status >= 0 && PyList_GET_SIZE(names) != n) {
            PyErr_Format(PyExc_RuntimeError, "__slotsname__ changed size during iteration");
            status = -1;
        }
        if (status < 0) {
            Py_DECREF(slots);
            return NULL;
        }
    }
    return slots;
}

static PyObject *default_state(PyObject *obj, bool required)
{
    PyTypeObject *type = Py_TYPE(obj);
    if (required && type->tp_itemsize) {
        return PyErr_Format(PyExc_TypeError, "cannot pickle %.200s objects", type->tp_name);
    }
    PyObject *state = has_empty_dict(obj) ? Py_NewRef(Py_None) : PyObject_GenericGetDict(obj, NULL);
    if (!state) return NULL;
    PyObject *names = slot_names(type);
    if (!names) goto error;
    if (required && has_unknown_fields(type, names)) {
        cannot_pickle(obj);
        goto error;
    }
    if (names != Py_None && PyList_GET_SIZE(names) > 0) {
        PyObject *slots = slot_values(obj, names);
        if (!slots) goto error;
        if (PyDict_GET_SIZE(slots) > 0) Py_SETREF(state, PyTuple_Pack(2, state, slots));
        Py_DECREF(slots);
    }
    Py_DECREF(names);
    return state;
error:
    Py_XDECREF(names);
    Py_DECREF(state);
    return NULL;
}

PyObject *object_getstate(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return default_state(self, false);
}

static PyObject *get_state(PyObject *obj, bool required)
{
    PyObject *method = PyObject_GetAttr(obj, NAME(__getstate__)), *state;
    if (!method) return NULL;
    if (PyCFunction_Check(method) && PyCFunction_GET_SELF(method) == obj
        && PyCFunction_GET_FUNCTION(method) == object_getstate) {
        state = default_state(obj, required);
    } else {
        state = PyObject_CallNoArgs(method);
    }
    Py_DECREF(method);
    return state;
}

PyObject *_PyObject_GetState(PyObject *obj)
{
    return get_state(obj, false);
}

/* -- Arguments for __new__ -------------------------------------------------------------------- */

static int new_arguments_ex(PyObject *method, PyObject **args, PyObject **kwargs)
{
    PyObject *pair = PyObject_CallNoArgs(method);
    if (!pair) return -1;
    PyObject *first, *second;
    if (!PyTuple_Check(pair)) {
        PyErr_Format(PyExc_TypeError, "__getnewargs_ex__ should return a tuple, not '%.200s'",
                     Py_TYPE(pair)->tp_name);
    } else if (PyTuple_GET_SIZE(pair) != 2) {
        PyErr_Format(PyExc_ValueError,
                     "__getnewargs_ex__ should return a tuple of length 2, not %zd",
                     PyTuple_GET_SIZE(pair));
    } else if (!PyTuple_Check(first = PyTuple_GET_ITEM(pair, 0))) {
        PyErr_Format(
            PyExc_TypeError,
            "first item of the tuple returned by __getnewargs_ex__ must be a tuple, not '%.200s'",
            Py_TYPE(first)->tp_name);
    } else if (!PyDict_Check(second = PyTuple_GET_ITEM(pair, 1))) {
        PyErr_Format(
            PyExc_TypeError,
            "second item of the tuple returned by __getnewargs_ex__ must be a dict, not '%.200s'",
            Py_TYPE(second)->tp_name);
    } else {
        *args = Py_NewRef(first);
        *kwargs = Py_NewRef(second);
    }
    Py_DECREF(pair);
    return *args ? 0 : -1;
}

/* *args and *kwargs are new references, or NULL for want of a method that gives them. */
static int new_arguments(PyObject *obj, PyObject **args, PyObject **kwargs)
{
    *args = *kwargs = NULL;
    PyObject *method = type_lookup_special(obj, NAME(__getnewargs_ex__));
    if (method) {
        int status = new_arguments_ex(method, args, kwargs);
        Py_DECREF(method);
        return status;
    }
    if (PyErr_Occurred()) return -1;
    method = type_lookup_special(obj, NAME(__getnewargs__));
    if (!method) return PyErr_Occurred() ? -1 : 0;
    *args = PyObject_CallNoArgs(method);
    Py_DECREF(method);
    if (*args && !PyTuple_Check(*args)) {
        PyErr_Format(PyExc_TypeError, "__getnewargs__ should return a tuple, not '%.200s'",
                     Py_TYPE(*args)->tp_name);
        Py_CLEAR(*args);
    }
    return *args ? 0 : -1;
}

/* -- Protocols 2 and up ----------------------------------------------------------------------- */

/* *newobj: the function of copyreg that makes the object again; *newargs: its arguments. */
static int choose_constructor(PyObject *obj, PyObject *args, PyObject *kwargs, PyObject **newobj,
                              PyObject **newargs)
{
    PyObject *type = (PyObject *)Py_TYPE(obj), *copyreg = import_copyreg();
    if (!copyreg) return -1;
    if (!kwargs || PyDict_GET_SIZE(kwargs) == 0) {
        Py_ssize_t n = args ? PyTuple_GET_SIZE(args) : 0;
        *newobj = PyObject_GetAttr(copyreg, NAME(__newobj__));
        *newargs = *newobj ? PyTuple_New(n + 1) : NULL;
        if (*newargs) {
            PyTuple_SET_ITEM(*newargs, 0, Py_NewRef(type));
            for (Py_ssize_t i = 0; i < n; i++) {
                PyTuple_SET_ITEM(*newargs, i + 1, Py_NewRef(PyTuple_GET_ITEM(args, i)));
            }
        }
    } else {
        *newobj = PyObject_GetAttr(copyreg, NAME(__newobj_ex__));
        *newargs = *newobj ? PyTuple_Pack(3, type, args, kwargs) : NULL;
    }
    Py_DECREF(copyreg);
    return *newargs ? 0 : -1;
}

static int item_iterators(PyObject *obj, PyObject **list_items, PyObject **dict_items)
{
    *list_items = PyList_Check(obj) ? PyObject_GetIter(obj) : Py_NewRef(Py_None);
    if (!*list_items) return -1;
    if (!PyDict_Check(obj)) {
        *dict_items = Py_NewRef(Py_None);
        return 0;
    }
    PyObject *items = PyObject_CallMethodNoArgs(obj, NAME(items));
    if (!items) return -1;
    *dict_items = PyObject_GetIter(items);
    Py_DECREF(items);
    return *dict_items ? 0 : -1;
}

static PyObject *reduce_by_new(PyObject *obj)
{
    if (!Py_TYPE(obj)->tp_new) return cannot_pickle(obj);
    PyObject *args = NULL, *kwargs = NULL, *newobj = NULL, *newargs = NULL;
    PyObject *state = NULL, *list_items = NULL, *dict_items = NULL, *result = NULL;
    if (new_arguments(obj, &args, &kwargs) < 0
        || choose_constructor(obj, args, kwargs, &newobj, &newargs) < 0) {
        goto done;
    }
    state = get_state(obj, !(args || PyList_Check(obj) || PyDict_Check(obj)));
    if (state && item_iterators(obj, &list_items, &dict_items) == 0) {
        result = PyTuple_Pack(5, newobj, newargs, state, list_items, dict_items);
    }
done:
    Py_XDECREF(args);
    Py_XDECREF(kwargs);
    Py_XDECREF(newobj);
    Py_XDECREF(newargs);
    Py_XDECREF(state);
    Py_XDECREF(list_items);
    Py_XDECREF(dict_items);
    return result;
}

/* Has nobody put another `name` in the way of the one of object: neither a class nor the instance? */
static bool has_objects_own(PyObject *obj, PyObject *name)
{
    PyObject *own = type_dict_get(&PyBaseObject_Type, name);
    if (!own || _PyType_Lookup(Py_TYPE(obj), name) != own) return false;
    PyObject *dict = NULL;
    if (instance_is_managed(obj)) {
        PyDictValues *values = *instance_values_slot(obj);
        if (values && instance_get_value(obj, values, name)) return false;
        dict = *instance_dict_slot(obj);
    } else {
        PyObject **slot = _PyObject_GetDictPtr(obj);
        if (slot) dict = *slot;
    }
    return !dict || (!PyDict_GetItemWithError(dict, name) && !PyErr_Occurred());
}

int object_reduce_plainly(PyObject *obj, PyObject **state)
{
    PyTypeObject *type = Py_TYPE(obj);
    if (!PyType_CheckExact(type) || !type->tp_new || type->tp_getattro != PyObject_GenericGetAttr
        || PyList_Check(obj) || PyDict_Check(obj) || !has_objects_own(obj, NAME(__reduce_ex__))
        || !has_objects_own(obj, NAME(__reduce__)) || !has_objects_own(obj, NAME(__getstate__))
        || !has_objects_own(obj, NAME(__class__)) || _PyType_Lookup(type, NAME(__getnewargs_ex__))
        || _PyType_Lookup(type, NAME(__getnewargs__))) {
        return PyErr_Occurred() ? -1 : 0;
    }
    *state = default_state(obj, true);
    return *state ? 1 : -1;
}

static PyObject *common_reduce(PyObject *self, int protocol)
{
    if (protocol >= 2) return reduce_by_new(self);
    PyObject *copyreg = import_copyreg();
    if (!copyreg) return NULL;
    PyObject *result = PyObject_CallMethod(copyreg, "_reduce_ex", "Oi", self, protocol);
    Py_DECREF(copyreg);
    return result;
}

/* -- The methods ------------------------------------------------------------------------------ */

PyObject *object_reduce(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return common_reduce(self, 0);
}

PyObject *object_reduce_ex(PyObject *self, PyObject *arg)
{
    int protocol = _PyLong_AsInt(arg);
    if (protocol == -1 && PyErr_Occurred()) return NULL;
    PyObject *method;
    if (_PyObject_LookupAttr(self, NAME(__reduce__), &method) < 0) return NULL;
    if (method) {
        /* A class that overrides __reduce__ is asked, whatever the protocol. */
        PyObject *in_class = PyObject_GetAttr((PyObject *)Py_TYPE(self), NAME(__reduce__));
        if (!in_class) {
            Py_DECREF(method);
            return NULL;
        }
        bool overridden =
            in_class != type_dict_get(&PyBaseObject_Type, NAME(__reduce__));
        Py_DECREF(in_class);
        PyObject *result = overridden ? PyObject_CallNoArgs(method) : NULL;
        Py_DECREF(method);
        if (overridden) return result;
    }
    return common_reduce(self, protocol);
}
