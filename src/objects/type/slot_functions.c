/* Slots of classes made by Python code: each looks up a special method on the type and calls it. */
#include "objects/type/slot_functions.h"

#include <internal/krait_exports.h>

#include "objects/call.h"
#include "objects/names.h"
#include "objects/thread_state.h"
#include "objects/type/type.h"

/* -- Looking up and calling ------------------------------------------------------------------- */

/* New reference to `method`, a borrowed attribute of the type of self, bound to self. */
static PyObject *bind(PyObject *method, PyObject *self)
{
    descrgetfunc get = Py_TYPE(method)->tp_descr_get;
    if (!get) return Py_NewRef(method);
    /* The descriptor may take itself out of the class. */
    Py_INCREF(method);
    PyObject *bound = get(method, self, (PyObject *)Py_TYPE(self));
    Py_DECREF(method);
    return bound;
}

PyObject *type_lookup_method(PyObject *self, PyObject *name, bool *unbound)
{
    PyObject *method = type_lookup_borrow(Py_TYPE(self), name);
    if (!method) return NULL;
    if (Py_TYPE(method)->tp_flags & Py_TPFLAGS_METHOD_DESCRIPTOR) {
        *unbound = true;
        return Py_NewRef(method);
    }
    *unbound = false;
    return bind(method, self);
}

PyObject *type_lookup_special(PyObject *self, PyObject *name)
{
    PyObject *method = type_lookup_borrow(Py_TYPE(self), name);
    return method ? bind(method, self) : NULL;
}

PyObject *_PyObject_LookupSpecial(PyObject *self, PyObject *name)
{
    return type_lookup_special(self, name);
}

PyObject *_PyObject_LookupSpecialId(PyObject *self, _Py_Identifier *id)
{
    PyObject *name = _PyUnicode_FromId(id);
    return name ? type_lookup_special(self, name) : NULL;
}

/* Calls what type_lookup_method gave, and drops it. args[0] is self. */
static PyObject *call_and_drop(PyObject *method, bool unbound, PyObject *const *args, size_t nargs)
{
    PyObject *result;
    if (unbound) {
        result = PyObject_Vectorcall(method, args, nargs, NULL);
    } else {
        result = PyObject_Vectorcall(method, args + 1, (nargs - 1) | PY_VECTORCALL_ARGUMENTS_OFFSET,
                                     NULL);
    }
    Py_DECREF(method);
    return result;
}

static PyObject *call_method(PyObject *name, PyObject *const *args, size_t nargs)
{
    bool unbound;
    PyObject *method = type_lookup_method(args[0], name, &unbound);
    if (!method) {
        if (!PyErr_Occurred()) PyErr_SetObject(PyExc_AttributeError, name);
        return NULL;
    }
    return call_and_drop(method, unbound, args, nargs);
}

/* NotImplemented if there is no such method. */
static PyObject *call_method_maybe(PyObject *name, PyObject *const *args, size_t nargs)
{
    bool unbound;
    PyObject *method = type_lookup_method(args[0], name, &unbound);
    if (!method) return PyErr_Occurred() ? NULL : Py_NewRef(Py_NotImplemented);
    return call_and_drop(method, unbound, args, nargs);
}

static PyObject *call_method0(PyObject *name, PyObject *self)
{
    return call_method(name, &self, 1);
}

static PyObject *call_method1(PyObject *name, PyObject *self, PyObject *arg)
{
    PyObject *args[] = {self, arg};
    return call_method(name, args, 2);
}

static PyObject *call_method1_maybe(PyObject *name, PyObject *self, PyObject *arg)
{
    PyObject *args[] = {self, arg};
    return call_method_maybe(name, args, 2);
}

/* For slots that return 0 or -1: drops the result. */
static int drop_result(PyObject *result)
{
    if (!result) return -1;
    Py_DECREF(result);
    return 0;
}

/* -- Numbers ---------------------------------------------------------------------------------- */

/* Whether the type of `right` has another method `name` than the type of `left`; -1 with an
 * exception. */
static int method_is_overridden(PyObject *left, PyObject *right, PyObject *name)
{
    PyObject *in_right, *in_left;
    if (_PyObject_LookupAttr((PyObject *)Py_TYPE(right), name, &in_right) < 0) return -1;
    if (!in_right) return 0;
    if (_PyObject_LookupAttr((PyObject *)Py_TYPE(left), name, &in_left) < 0) {
        Py_DECREF(in_right);
        return -1;
    }
    if (!in_left) {
        Py_DECREF(in_right);
        return 1;
    }
    int differs = PyObject_RichCompareBool(in_right, in_left, Py_NE);
    Py_DECREF(in_left);
    Py_DECREF(in_right);
    return differs;
}

/* self <op> other, where self_has and other_has say whose slot is this function: a subclass's
 * reflected method goes first. */
static PyObject *binary_slot(PyObject *self, PyObject *other, PyObject *name, PyObject *reflected,
                             bool self_has, bool other_has)
{
    bool try_other = other_has && !Py_IS_TYPE(self, Py_TYPE(other));
    if (self_has) {
        if (try_other && PyType_IsSubtype(Py_TYPE(other), Py_TYPE(self))) {
            int overridden = method_is_overridden(self, other, reflected);
            if (overridden < 0) return NULL;
            if (overridden) {
                PyObject *result = call_method1_maybe(reflected, other, self);
                if (result != Py_NotImplemented) return result;
                Py_DECREF(result);
                try_other = false;
            }
        }
        PyObject *result = call_method1_maybe(name, self, other);
        if (result != Py_NotImplemented || Py_IS_TYPE(other, Py_TYPE(self))) return result;
        Py_DECREF(result);
    }
    if (try_other) return call_method1_maybe(reflected, other, self);
    return Py_NewRef(Py_NotImplemented);
}

#define NUMBER_SLOT_IS(object, slot, function) \
    (Py_TYPE(object)->tp_as_number && Py_TYPE(object)->tp_as_number->slot == (function))

#define DEFINE(field, method, reflected) \
    PyObject *slot_nb_##field(PyObject *self, PyObject *other) \
    { \
        return binary_slot(self, other, NAME(method), NAME(reflected), \
                           NUMBER_SLOT_IS(self, nb_##field, slot_nb_##field), \
                           NUMBER_SLOT_IS(other, nb_##field, slot_nb_##field)); \
    }
BINARY_SLOTS(DEFINE)
#undef DEFINE

#define DEFINE(field, method) \
    PyObject *slot_nb_inplace_##field(PyObject *self, PyObject *other) \
    { \
        return call_method1(NAME(method), self, other); \
    }
INPLACE_SLOTS(DEFINE)
#undef DEFINE

#define DEFINE(field, method) \
    PyObject *slot_nb_##field(PyObject *self) \
    { \
        return call_method0(NAME(method), self); \
    }
UNARY_SLOTS(DEFINE)
#undef DEFINE

PyObject *slot_nb_power(PyObject *self, PyObject *other, PyObject *modulus)
{
    bool self_has = NUMBER_SLOT_IS(self, nb_power, slot_nb_power);
    if (modulus == Py_None) {
        return binary_slot(self, other, NAME(__pow__), NAME(__rpow__), self_has,
                           NUMBER_SLOT_IS(other, nb_power, slot_nb_power));
    }
    /* With three arguments there is no reflected method, though the slot of the second may bring us
     * here. */
    if (!self_has) return Py_NewRef(Py_NotImplemented);
    PyObject *args[] = {self, other, modulus};
    return call_method(NAME(__pow__), args, 3);
}

PyObject *slot_nb_inplace_power(PyObject *self, PyObject *other, PyObject *Py_UNUSED(modulus))
{
    return call_method1(NAME(__ipow__), self, other);
}

int slot_nb_bool(PyObject *self)
{
    bool unbound, by_length = false;
    PyObject *method = type_lookup_method(self, NAME(__bool__), &unbound);
    if (!method) {
        if (PyErr_Occurred()) return -1;
        method = type_lookup_method(self, NAME(__len__), &unbound);
        if (!method) return PyErr_Occurred() ? -1 : 1;
        by_length = true;
    }
    PyObject *value = call_and_drop(method, unbound, &self, 1);
    if (!value) return -1;
    int truth = -1;
    if (by_length || PyBool_Check(value)) {
        truth = PyObject_IsTrue(value);
    } else {
        PyErr_Format(PyExc_TypeError, "__bool__ should return bool, returned %s",
                     Py_TYPE(value)->tp_name);
    }
    Py_DECREF(value);
    return truth;
}

/* -- Asynchronous ----------------------------------------------------------------------------- */

static PyObject *call_async(PyObject *self, PyObject *name)
{
    bool unbound;
    PyObject *method = type_lookup_method(self, name, &unbound);
    if (method) return call_and_drop(method, unbound, &self, 1);
    if (!PyErr_Occurred()) {
        PyErr_Format(PyExc_AttributeError, "object %.50s does not have %U method",
                     Py_TYPE(self)->tp_name, name);
    }
    return NULL;
}

PyObject *slot_am_await(PyObject *self)
{
    return call_async(self, NAME(__await__));
}

PyObject *slot_am_aiter(PyObject *self)
{
    return call_async(self, NAME(__aiter__));
}

PyObject *slot_am_anext(PyObject *self)
{
    return call_async(self, NAME(__anext__));
}

/* -- Mappings and sequences ------------------------------------------------------------------- */

Py_ssize_t slot_take_length(PyObject *result)
{
    Py_SETREF(result, PyNumber_Index(result));
    if (!result) return -1;
    Py_ssize_t length = -1;
    if (_PyLong_Sign(result) < 0) PyErr_SetString(PyExc_ValueError, "__len__() should return >= 0");
    else length = PyNumber_AsSsize_t(result, PyExc_OverflowError);
    Py_DECREF(result);
    return length;
}

Py_ssize_t slot_sq_length(PyObject *self)
{
    PyObject *result = call_method0(NAME(__len__), self);
    return result ? slot_take_length(result) : -1;
}

Py_ssize_t slot_mp_length(PyObject *self)
{
    return slot_sq_length(self);
}

PyObject *slot_mp_subscript(PyObject *self, PyObject *key)
{
    return call_method1(NAME(__getitem__), self, key);
}

int slot_mp_ass_subscript(PyObject *self, PyObject *key, PyObject *value)
{
    PyObject *args[] = {self, key, value};
    return drop_result(value ? call_method(NAME(__setitem__), args, 3)
                             : call_method(NAME(__delitem__), args, 2));
}

PyObject *slot_sq_item(PyObject *self, Py_ssize_t index)
{
    PyObject *key = PyLong_FromSsize_t(index);
    if (!key) return NULL;
    PyObject *result = call_method1(NAME(__getitem__), self, key);
    Py_DECREF(key);
    return result;
}

int slot_sq_ass_item(PyObject *self, Py_ssize_t index, PyObject *value)
{
    PyObject *key = PyLong_FromSsize_t(index);
    if (!key) return -1;
    int status = slot_mp_ass_subscript(self, key, value);
    Py_DECREF(key);
    return status;
}

int slot_sq_contains(PyObject *self, PyObject *value)
{
    bool unbound;
    PyObject *method = type_lookup_method(self, NAME(__contains__), &unbound);
    if (!method) {
        if (PyErr_Occurred()) return -1;
        return (int)_PySequence_IterSearch(self, value, PY_ITERSEARCH_CONTAINS);
    }
    if (method == Py_None) {
        Py_DECREF(method);
        PyErr_Format(PyExc_TypeError, "'%.200s' object is not a container", Py_TYPE(self)->tp_name);
        return -1;
    }
    PyObject *args[] = {self, value};
    PyObject *result = call_and_drop(method, unbound, args, 2);
    if (!result) return -1;
    int truth = PyObject_IsTrue(result);
    Py_DECREF(result);
    return truth;
}

/* -- Text, hash, comparison ------------------------------------------------------------------- */

PyObject *slot_tp_repr(PyObject *self)
{
    bool unbound;
    PyObject *method = type_lookup_method(self, NAME(__repr__), &unbound);
    if (method) return call_and_drop(method, unbound, &self, 1);
    PyErr_Clear();
    return PyUnicode_FromFormat("<%s object at %p>", Py_TYPE(self)->tp_name, self);
}

PyObject *slot_tp_str(PyObject *self)
{
    return call_method0(NAME(__str__), self);
}

Py_hash_t slot_tp_hash(PyObject *self)
{
    bool unbound;
    PyObject *method = type_lookup_method(self, NAME(__hash__), &unbound);
    if (!method || method == Py_None) {
        Py_XDECREF(method);
        return PyObject_HashNotImplemented(self);
    }
    PyObject *result = call_and_drop(method, unbound, &self, 1);
    if (!result) return -1;
    if (!PyLong_Check(result)) {
        PyErr_SetString(PyExc_TypeError, "__hash__ method should return an integer");
        Py_DECREF(result);
        return -1;
    }
    Py_hash_t hash = PyLong_AsSsize_t(result);
    if (hash == -1 && PyErr_Occurred()) {
        /* Too large for a word: its own hash will do. */
        PyErr_Clear();
        hash = PyLong_Type.tp_hash(result);
    }
    Py_DECREF(result);
    return hash == -1 ? -2 : hash;
}

PyObject *slot_tp_richcompare(PyObject *self, PyObject *other, int op)
{
    PyObject *const names[] = {NAME(__lt__), NAME(__le__), NAME(__eq__),
                               NAME(__ne__), NAME(__gt__), NAME(__ge__)};
    PyObject *args[] = {self, other};
    bool unbound;
    PyObject *method = type_lookup_method(self, names[op], &unbound);
    if (method) return call_and_drop(method, unbound, args, 2);
    /* Also when a descriptor refuses to give the method. */
    PyErr_Clear();
    Py_RETURN_NOTIMPLEMENTED;
}

/* -- Calls, creation, destruction ------------------------------------------------------------- */

/* Calls method(self, *args, **kwargs), or method(*args, **kwargs) if it is bound; drops the method.
 */
static PyObject *call_with_tuple(PyObject *method, bool unbound, PyObject *self, PyObject *args,
                                 PyObject *kwargs)
{
    PyObject *result;
    if (unbound) result = call_prepend(thread_state(), method, self, args, kwargs);
    else result = PyObject_Call(method, args, kwargs);
    Py_DECREF(method);
    return result;
}

static PyObject *lookup_required(PyObject *self, PyObject *name, bool *unbound)
{
    PyObject *method = type_lookup_method(self, name, unbound);
    if (!method && !PyErr_Occurred()) PyErr_SetObject(PyExc_AttributeError, name);
    return method;
}

PyObject *slot_tp_call(PyObject *self, PyObject *args, PyObject *kwargs)
{
    bool unbound;
    PyObject *method = lookup_required(self, NAME(__call__), &unbound);
    return method ? call_with_tuple(method, unbound, self, args, kwargs) : NULL;
}

int slot_tp_init(PyObject *self, PyObject *args, PyObject *kwargs)
{
    bool unbound;
    PyObject *method = lookup_required(self, NAME(__init__), &unbound);
    if (!method) return -1;
    PyObject *result = call_with_tuple(method, unbound, self, args, kwargs);
    if (!result) return -1;
    if (result != Py_None) {
        PyErr_Format(PyExc_TypeError, "__init__() should return None, not '%.200s'",
                     Py_TYPE(result)->tp_name);
        Py_DECREF(result);
        return -1;
    }
    Py_DECREF(result);
    return 0;
}

PyObject *slot_tp_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    PyObject *method = PyObject_GetAttr((PyObject *)type, NAME(__new__));
    if (!method) return NULL;
    PyObject *result = call_prepend(thread_state(), method, (PyObject *)type, args, kwargs);
    Py_DECREF(method);
    return result;
}

void slot_tp_finalize(PyObject *self)
{
    bool unbound;
    PyObject *error_type, *error_value, *error_traceback;
    PyErr_Fetch(&error_type, &error_value, &error_traceback);
    PyObject *method = type_lookup_method(self, NAME(__del__), &unbound);
    if (method) {
        Py_INCREF(method);
        PyObject *result = call_and_drop(method, unbound, &self, 1);
        if (!result) PyErr_WriteUnraisable(method);
        else Py_DECREF(result);
        Py_DECREF(method);
    }
    PyErr_Restore(error_type, error_value, error_traceback);
}

/* -- Attributes ------------------------------------------------------------------------------- */

PyObject *slot_tp_getattro(PyObject *self, PyObject *name)
{
    return call_method1(NAME(__getattribute__), self, name);
}

/* Calls an attribute hook found on the type, as a method of self. */
static PyObject *call_hook(PyObject *self, PyObject *hook, PyObject *name)
{
    Py_INCREF(hook);
    PyObject *result;
    if (Py_TYPE(hook)->tp_flags & Py_TPFLAGS_METHOD_DESCRIPTOR) {
        PyObject *args[] = {self, name};
        result = PyObject_Vectorcall(hook, args, 2, NULL);
        Py_DECREF(hook);
        return result;
    }
    descrgetfunc get = Py_TYPE(hook)->tp_descr_get;
    if (get) {
        Py_SETREF(hook, get(hook, self, (PyObject *)Py_TYPE(self)));
        if (!hook) return NULL;
    }
    result = PyObject_CallOneArg(hook, name);
    Py_DECREF(hook);
    return result;
}

/* For classes that may have __getattr__ besides __getattribute__. One without it gets the simpler
 * slot at its first use. */
PyObject *slot_tp_getattr_hook(PyObject *self, PyObject *name)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject *hook = type_lookup_borrow(type, NAME(__getattr__));
    if (!hook) {
        type->tp_getattro = slot_tp_getattro;
        return slot_tp_getattro(self, name);
    }
    Py_INCREF(hook);
    PyObject *getattribute = type_lookup_borrow(type, NAME(__getattribute__));
    PyObject *result;
    if (!getattribute
        || (Py_IS_TYPE(getattribute, &PyWrapperDescr_Type)
            && ((PyWrapperDescrObject *)getattribute)->d_wrapped
                   == (void *)PyObject_GenericGetAttr)) {
        result = _PyObject_GenericGetAttrWithDict(self, name, NULL, 1);
    } else {
        result = call_hook(self, getattribute, name);
        if (!result && PyErr_ExceptionMatches(PyExc_AttributeError)) PyErr_Clear();
    }
    if (!result && !PyErr_Occurred()) result = call_hook(self, hook, name);
    Py_DECREF(hook);
    return result;
}

int slot_tp_setattro(PyObject *self, PyObject *name, PyObject *value)
{
    PyObject *args[] = {self, name, value};
    return drop_result(value ? call_method(NAME(__setattr__), args, 3)
                             : call_method(NAME(__delattr__), args, 2));
}

PyObject *slot_tp_descr_get(PyObject *self, PyObject *obj, PyObject *type)
{
    PyTypeObject *own = Py_TYPE(self);
    PyObject *get = type_lookup_borrow(own, NAME(__get__));
    if (!get) {
        if (own->tp_descr_get == slot_tp_descr_get) own->tp_descr_get = NULL;
        return Py_NewRef(self);
    }
    PyObject *args[] = {self, obj ? obj : Py_None, type ? type : Py_None};
    Py_INCREF(get);
    PyObject *result = PyObject_Vectorcall(get, args, 3, NULL);
    Py_DECREF(get);
    return result;
}

int slot_tp_descr_set(PyObject *self, PyObject *target, PyObject *value)
{
    PyObject *args[] = {self, target, value};
    return drop_result(value ? call_method(NAME(__set__), args, 3)
                             : call_method(NAME(__delete__), args, 2));
}

/* -- Iteration -------------------------------------------------------------------------------- */

PyObject *slot_tp_iter(PyObject *self)
{
    bool unbound;
    PyObject *method = type_lookup_method(self, NAME(__iter__), &unbound);
    if (method && method != Py_None) return call_and_drop(method, unbound, &self, 1);
    if (!method) {
        PyErr_Clear();
        method = type_lookup_method(self, NAME(__getitem__), &unbound);
        if (method) {
            Py_DECREF(method);
            return PySeqIter_New(self);
        }
        PyErr_Clear();
    }
    Py_XDECREF(method);
    return PyErr_Format(PyExc_TypeError, "'%.200s' object is not iterable", Py_TYPE(self)->tp_name);
}

PyObject *slot_tp_iternext(PyObject *self)
{
    return call_method0(NAME(__next__), self);
}
