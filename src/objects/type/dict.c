/* What stands in a built-in type's dict: wrappers of its slots, methods, members, properties, __new__ and __doc__; and when it
 * comes there.
 *
 * A start makes some two hundred types ready, and a short program looks into a quarter of their dicts. So while no code but
 * Krait's own can see tp_dict, that of a static type waits for the first look: it is NULL, and tp_cache, which static types
 * have no other use for, points to the plan for it. `type_dict` is the way to look. Compiled extension modules read tp_dict
 * itself: before the first of them is loaded, all dicts are filled, and none waits from then on.
 */
#include "objects/type/type.h"

#include <structmember.h>

#include <internal/krait_exports.h>

#include "memory/memory.h"
#include "objects/call.h"
#include "objects/dict/dict.h"
#include "objects/names.h"
#include "objects/tuple.h"

/* -- __new__ ---------------------------------------------------------------------------------- */

/* Checks that `subtype` may be made by the tp_new of `type`: the nearest base in C must be served
 * by the same function. */
static bool check_new_is_safe(PyTypeObject *type, PyTypeObject *subtype)
{
    PyTypeObject *base = subtype;
    while (base && base->tp_new == slot_tp_new) base = base->tp_base;
    if (!base || base->tp_new == type->tp_new) return true;
    PyErr_Format(PyExc_TypeError, "%s.__new__(%s) is not safe, use %s.__new__()", type->tp_name,
                 subtype->tp_name, base->tp_name);
    return false;
}

PyObject *type_new_wrapper(PyObject *self, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    if (!self || !PyType_Check(self)) {
        return PyErr_Format(PyExc_SystemError, "__new__() called with non-type 'self'");
    }
    PyTypeObject *type = (PyTypeObject *)self;
    if (nargs < 1) return PyErr_Format(PyExc_TypeError, "%s.__new__(): not enough arguments", type->tp_name);
    PyObject *first = args[0];
    if (!PyType_Check(first)) {
        return PyErr_Format(PyExc_TypeError, "%s.__new__(X): X is not a type object (%s)",
                            type->tp_name, Py_TYPE(first)->tp_name);
    }
    PyTypeObject *subtype = (PyTypeObject *)first;
    if (!PyType_IsSubtype(subtype, type)) {
        return PyErr_Format(PyExc_TypeError, "%s.__new__(%s): %s is not a subtype of %s",
                            type->tp_name, subtype->tp_name, subtype->tp_name, type->tp_name);
    }
    if (!check_new_is_safe(type, subtype)) return NULL;
    PyObject *kwargs = NULL;
    if (kwnames && PyTuple_GET_SIZE(kwnames) && !(kwargs = call_keywords_as_dict(args + nargs, kwnames))) return NULL;
    PyObject *rest = tuple_new_arguments(args + 1, nargs - 1);
    PyObject *result = rest ? type->tp_new(subtype, rest, kwargs) : NULL;
    Py_XDECREF(kwargs);
    if (rest) tuple_drop_arguments(rest);
    return result;
}

static PyMethodDef new_method = {
    "__new__",
    (PyCFunction)(void (*)(void))type_new_wrapper,
    METH_FASTCALL | METH_KEYWORDS,
    PyDoc_STR("__new__($type, *args, **kwargs)\n--\n\n"
              "Create and return a new object.  See help(type) for accurate signature."),
};

static int add_new(PyTypeObject *type)
{
    int present = PyDict_Contains(type->tp_dict, NAME(__new__));
    if (present) return present < 0 ? -1 : 0;
    PyObject *function = PyCFunction_NewEx(&new_method, (PyObject *)type, NULL);
    if (!function) return -1;
    int status = PyDict_SetItem(type->tp_dict, NAME(__new__), function);
    Py_DECREF(function);
    return status;
}

/* -- Filling ---------------------------------------------------------------------------------- */

static int add_descriptor(PyObject *dict, PyObject *descr, bool replace)
{
    if (!descr) return -1;
    PyObject *name = PyDescr_NAME(descr);
    int status = replace                                ? PyDict_SetItem(dict, name, descr)
                 : PyDict_SetDefault(dict, name, descr) ? 0
                                                        : -1;
    Py_DECREF(descr);
    return status;
}

static int add_method(PyTypeObject *type, PyMethodDef *method)
{
    bool replace = (method->ml_flags & METH_COEXIST) != 0;
    if (method->ml_flags & METH_CLASS) {
        if (method->ml_flags & METH_STATIC) {
            PyErr_SetString(PyExc_ValueError, "method cannot be both class and static");
            return -1;
        }
        return add_descriptor(type->tp_dict, PyDescr_NewClassMethod(type, method), replace);
    }
    if (!(method->ml_flags & METH_STATIC)) {
        return add_descriptor(type->tp_dict, PyDescr_NewMethod(type, method), replace);
    }
    PyObject *function = PyCFunction_NewEx(method, (PyObject *)type, NULL);
    if (!function) return -1;
    PyObject *descr = PyStaticMethod_New(function);
    Py_DECREF(function);
    PyObject *name = descr ? PyUnicode_InternFromString(method->ml_name) : NULL;
    int status = -1;
    if (name && replace) status = PyDict_SetItem(type->tp_dict, name, descr);
    else if (name) status = PyDict_SetDefault(type->tp_dict, name, descr) ? 0 : -1;
    Py_XDECREF(name);
    Py_XDECREF(descr);
    return status;
}

static int set_doc(PyTypeObject *type)
{
    int present = PyDict_Contains(type->tp_dict, NAME(__doc__));
    if (present) return present < 0 ? -1 : 0;
    if (!type->tp_doc) return PyDict_SetItem(type->tp_dict, NAME(__doc__), Py_None);
    PyObject *doc = _PyType_GetDocFromInternalDoc(type->tp_name, type->tp_doc);
    if (!doc) return -1;
    int status = PyDict_SetItem(type->tp_dict, NAME(__doc__), doc);
    Py_DECREF(doc);
    return status;
}

/* A dict with room for the methods, members and properties, and some wrappers of slots. The names of methods, which lie far
 * apart in memory, are fetched all at once. */
static PyObject *new_dict(const PyTypeObject *type)
{
    Py_ssize_t count = 4;
    for (const PyMethodDef *method = type->tp_methods; method && method->ml_name; method++, count++) {
        __builtin_prefetch(method->ml_name);
    }
    for (const PyMemberDef *member = type->tp_members; member && member->name; member++) count++;
    for (const PyGetSetDef *getset = type->tp_getset; getset && getset->name; getset++) count++;
    return dict_new_for_names(count);
}

int type_fill_dict(PyTypeObject *type, const TypeDictPlan *plan)
{
    if (!type->tp_dict && !(type->tp_dict = new_dict(type))) return -1;
    if (plan->own_new && add_new(type) < 0) return -1;
    if (slots_add_wrappers(type, plan->own_slots) < 0) return -1;
    for (PyMethodDef *method = type->tp_methods; method && method->ml_name; method++) {
        if (add_method(type, method) < 0) return -1;
    }
    for (PyMemberDef *member = type->tp_members; member && member->name; member++) {
        if (add_descriptor(type->tp_dict, PyDescr_NewMember(type, member), false) < 0) return -1;
    }
    for (PyGetSetDef *getset = type->tp_getset; getset && getset->name; getset++) {
        if (add_descriptor(type->tp_dict, PyDescr_NewGetSet(type, getset), false) < 0) return -1;
    }
    if (set_doc(type) < 0) return -1;
    return plan->no_hash ? PyDict_SetItem(type->tp_dict, NAME(__hash__), Py_None) : 0;
}

/* -- Later ------------------------------------------------------------------------------------ */

typedef struct {
    PyTypeObject *type;
    TypeDictPlan plan;
    int looks;          /* for names that it will not have */
} WaitingDict;

enum { MOST_WAITING = 512, MOST_LOOKS = 4 };

/* Those that have been filled stay in their place, with no type. */
static WaitingDict waiting[MOST_WAITING];
static int waiting_count;

int type_postpone_dict(PyTypeObject *type, const TypeDictPlan *plan)
{
    if (waiting_count == MOST_WAITING) return type_fill_dict(type, plan);
    WaitingDict *place = &waiting[waiting_count++];
    *place = (WaitingDict){type, *plan, 0};
    type->tp_cache = (PyObject *)place;
    return 0;
}

PyObject *type_fill_waiting_dict(PyTypeObject *type)
{
    WaitingDict *place = (WaitingDict *)type->tp_cache;
    PyObject *error_type, *error_value, *error_traceback;
    PyErr_Fetch(&error_type, &error_value, &error_traceback);
    /* Somebody is in the middle of a lookup, and expects no finalizers to run. */
    bool collects = memory_runtime.gc.enabled;
    memory_runtime.gc.enabled = false;
    int status = type_fill_dict(type, &place->plan);
    memory_runtime.gc.enabled = collects;
    if (status < 0) {
        Py_CLEAR(type->tp_dict);
        Py_XDECREF(error_type);
        Py_XDECREF(error_value);
        Py_XDECREF(error_traceback);
        return NULL;
    }
    PyErr_Restore(error_type, error_value, error_traceback);
    type->tp_cache = NULL;
    place->type = NULL;
    return type->tp_dict;
}

/* Whether filling the dict would put `name` there. */
static bool will_have(const WaitingDict *place, PyObject *name)
{
    const PyTypeObject *type = place->type;
    const TypeDictPlan *plan = &place->plan;
    const char *text = PyUnicode_DATA(name);
    if (name == NAME(__doc__) || (plan->own_new && name == NAME(__new__)) || (plan->no_hash && name == NAME(__hash__))) return true;
    if (slots_give_method(plan->own_slots, name)) return true;
    for (const PyMethodDef *method = type->tp_methods; method && method->ml_name; method++) {
        if (strcmp(method->ml_name, text) == 0) return true;
    }
    for (const PyMemberDef *member = type->tp_members; member && member->name; member++) {
        if (strcmp(member->name, text) == 0) return true;
    }
    for (const PyGetSetDef *getset = type->tp_getset; getset && getset->name; getset++) {
        if (strcmp(getset->name, text) == 0) return true;
    }
    return false;
}

bool type_dict_will_lack(PyTypeObject *type, PyObject *name)
{
    WaitingDict *place = (WaitingDict *)type->tp_cache;
    bool simple = PyUnicode_CheckExact(name) && PyUnicode_CHECK_INTERNED(name) && PyUnicode_IS_COMPACT_ASCII(name);
    return simple && place->looks++ < MOST_LOOKS && !will_have(place, name);
}

PyObject *type_dict_get(PyTypeObject *type, PyObject *name)
{
    PyObject *dict = type_dict(type);
    return dict ? PyDict_GetItemWithError(dict, name) : NULL;
}

int types_fill_waiting_dicts(void)
{
    type_runtime.dicts_wait = false;
    for (int i = 0; i < waiting_count; i++) {
        if (waiting[i].type && !type_fill_waiting_dict(waiting[i].type)) return -1;
    }
    waiting_count = 0;
    return 0;
}
