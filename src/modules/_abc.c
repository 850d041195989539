/* _abc: what abc.ABCMeta is made of. Each abstract class has an `_abc_impl`, which remembers the
 * classes that were registered with it and the answers that were given before.
 *
 * A ClassSet finds a class by its address and holds it by a weak reference without a callback, of
 * which a class has a single one however many sets it is in. An entry whose reference is dead
 * counts as absent, even when a new class lies at the old address; it goes when the table is
 * made anew. Looking up runs no Python code and allocates nothing. */
#include <Python.h>
#include <structmember.h>

#include <stdbool.h>
#include <stddef.h>

#include "objects/abstract.h"
#include "objects/names.h"
#include "objects/type/type.h"

enum { COLLECTION_FLAGS = Py_TPFLAGS_SEQUENCE | Py_TPFLAGS_MAPPING };

/* ---- Sets of classes ---- */

typedef struct {
    PyObject *address;   /* of the class; only to be compared; NULL: an empty slot */
    PyObject *reference; /* owned: the weak reference */
} ClassEntry;

typedef struct {
    size_t mask; /* number of slots - 1, a power of two; open addressing */
    size_t used; /* slots with an address; at most 2/3 of them */
    ClassEntry entries[];
} ClassSet;

static bool entry_is_alive(const ClassEntry *entry)
{
    return PyWeakref_GET_OBJECT(entry->reference) == entry->address;
}

/* The slot that holds `address`, or the empty one where it belongs. */
static ClassEntry *class_set_find(ClassSet *set, PyObject *address)
{
    size_t i = (uintptr_t)address >> 4;
    i ^= i >> 12;
    for (;; i++) {
        ClassEntry *entry = &set->entries[i & set->mask];
        if (!entry->address || entry->address == address) return entry;
    }
}

static bool class_set_contains(ClassSet *set, PyObject *cls)
{
    if (!set) return false;
    ClassEntry *entry = class_set_find(set, cls);
    return entry->address && entry_is_alive(entry);
}

static void class_set_clear(ClassSet **place)
{
    ClassSet *set = *place;
    *place = NULL;
    if (!set) return;
    for (size_t i = 0; i <= set->mask; i++) Py_XDECREF(set->entries[i].reference);
    PyMem_Free(set);
}

static ClassSet *class_set_new(size_t slots)
{
    ClassSet *set = PyMem_Calloc(1, sizeof(ClassSet) + slots * sizeof(ClassEntry));
    if (!set) {
        PyErr_NoMemory();
        return NULL;
    }
    set->mask = slots - 1;
    return set;
}

/* Makes room for one more: a new table of the living entries. */
static int class_set_grow(ClassSet **place)
{
    ClassSet *old = *place;
    size_t alive = 0, slots = 8;
    for (size_t i = 0; old && i <= old->mask; i++) {
        alive += old->entries[i].address && entry_is_alive(&old->entries[i]);
    }
    while (slots < alive * 3) slots *= 2;
    ClassSet *set = class_set_new(slots);
    if (!set) return -1;
    for (size_t i = 0; old && i <= old->mask; i++) {
        ClassEntry *entry = &old->entries[i];
        if (!entry->address || !entry_is_alive(entry)) continue;
        *class_set_find(set, entry->address) = *entry;
        *entry = (ClassEntry){0};
        set->used++;
    }
    class_set_clear(place);
    *place = set;
    return 0;
}

static int class_set_add(ClassSet **place, PyObject *cls)
{
    if (class_set_contains(*place, cls)) return 0;
    PyObject *reference = PyWeakref_NewRef(cls, NULL);
    if (!reference) return -1;
    if ((!*place || (*place)->used * 3 >= ((*place)->mask + 1) * 2) && class_set_grow(place) < 0) {
        Py_DECREF(reference);
        return -1;
    }
    ClassEntry *entry = class_set_find(*place, cls);
    if (!entry->address) (*place)->used++;
    entry->address = cls;
    Py_XSETREF(entry->reference, reference);
    return 0;
}

/* The living classes, or their weak references, as a list. Runs no Python code. */
static PyObject *class_set_list(ClassSet *set, bool as_references)
{
    PyObject *all = PyList_New(0);
    for (size_t i = 0; all && set && i <= set->mask; i++) {
        ClassEntry *entry = &set->entries[i];
        if (!entry->address || !entry_is_alive(entry)) continue;
        if (PyList_Append(all, as_references ? entry->reference : entry->address) < 0) Py_CLEAR(all);
    }
    return all;
}

/* The weak references to the living classes, as a set. */
static PyObject *class_set_references(ClassSet *set)
{
    PyObject *list = class_set_list(set, true);
    PyObject *references = list ? PySet_New(list) : NULL;
    Py_XDECREF(list);
    return references;
}

/* ---- What an abstract class knows ---- */

typedef struct {
    PyObject_HEAD
    ClassSet *registry;             /* classes given to register() */
    ClassSet *cache;                /* classes known to be subclasses */
    ClassSet *negative;             /* classes that were not, when `negative_version` was the counter */
    unsigned long long negative_version;
} AbcData;

struct AbcModule {
    PyTypeObject *data_type;
    unsigned long long counter; /* counts the calls of register(), of any class */
    /* For answers without a call: ABCMeta's __instancecheck__ and __subclasscheck__, owned, or NULL,
     * and their module's ma_version_tag when it was last seen that they call the functions below. */
    PyFunctionObject *instance_method, *subclass_method;
    PyObject *instance_code, *subclass_code; /* owned: their code, which they may exchange */
    uint64_t globals_version;
};

static PyObject *data_new(PyTypeObject *type, PyObject *Py_UNUSED(args), PyObject *Py_UNUSED(kwargs))
{
    AbcData *self = (AbcData *)type->tp_alloc(type, 0);
    struct AbcModule *state = PyType_GetModuleState(type);
    if (self && state) self->negative_version = state->counter;
    return (PyObject *)self;
}

static int data_traverse(PyObject *op, visitproc visit, void *arg)
{
    AbcData *self = (AbcData *)op;
    ClassSet *sets[] = {self->registry, self->cache, self->negative};
    Py_VISIT(Py_TYPE(op));
    for (int s = 0; s < 3; s++) {
        for (size_t i = 0; sets[s] && i <= sets[s]->mask; i++) {
            Py_VISIT(sets[s]->entries[i].reference);
        }
    }
    return 0;
}

static int data_clear(PyObject *op)
{
    AbcData *self = (AbcData *)op;
    class_set_clear(&self->registry);
    class_set_clear(&self->cache);
    class_set_clear(&self->negative);
    return 0;
}

static void data_dealloc(PyObject *op)
{
    PyTypeObject *type = Py_TYPE(op);
    PyObject_GC_UnTrack(op);
    (void)data_clear(op);
    type->tp_free(op);
    Py_DECREF(type);
}

static PyType_Slot data_slots[] = {
    {Py_tp_doc, "What an abstract base class remembers."},
    {Py_tp_new, data_new},
    {Py_tp_dealloc, data_dealloc},
    {Py_tp_traverse, data_traverse},
    {Py_tp_clear, data_clear},
    {0, NULL},
};

static PyType_Spec data_spec = {
    .name = "_abc._abc_data",
    .basicsize = sizeof(AbcData),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .slots = data_slots,
};

/* cls._abc_impl, a new reference. */
static AbcData *data_of(struct AbcModule *state, PyObject *cls)
{
    PyObject *data = PyObject_GetAttr(cls, NAME(_abc_impl));
    if (data && !Py_IS_TYPE(data, state->data_type)) {
        PyErr_SetString(PyExc_TypeError, "_abc_impl is set to a wrong type");
        Py_CLEAR(data);
    }
    return (AbcData *)data;
}

/* ---- Making an abstract class ---- */

/* Adds to `found` the names of cls's own namespace whose values are abstract. */
static int add_own_abstracts(PyObject *cls, PyObject *found)
{
    PyObject *namespace = PyObject_GetAttr(cls, NAME(__dict__));
    PyObject *items = namespace ? PyMapping_Items(namespace) : NULL;
    Py_XDECREF(namespace);
    if (!items) return -1;
    int status = 0;
    for (Py_ssize_t i = 0; status >= 0 && i < PyList_GET_SIZE(items); i++) {
        PyObject *item = PySequence_Tuple(PyList_GET_ITEM(items, i));
        if (item && PyTuple_GET_SIZE(item) != 2) {
            PyErr_SetString(PyExc_TypeError, "Iteration over namespace returned invalid item");
            Py_CLEAR(item);
        }
        status = item ? _PyObject_IsAbstract(PyTuple_GET_ITEM(item, 1)) : -1;
        if (status > 0) status = PySet_Add(found, PyTuple_GET_ITEM(item, 0));
        Py_XDECREF(item);
    }
    Py_DECREF(items);
    return status < 0 ? -1 : 0;
}

/* Adds to `found` those of base.__abstractmethods__ that are still abstract in cls. */
static int add_inherited_abstracts(PyObject *cls, PyObject *base, PyObject *found)
{
    PyObject *names;
    if (_PyObject_LookupAttr(base, NAME(__abstractmethods__), &names) <= 0) {
        return PyErr_Occurred() ? -1 : 0;
    }
    PyObject *iterator = PyObject_GetIter(names), *name;
    Py_DECREF(names);
    if (!iterator) return -1;
    int status = 0;
    while (status >= 0 && (name = PyIter_Next(iterator))) {
        PyObject *value;
        status = _PyObject_LookupAttr(cls, name, &value);
        if (status > 0) {
            status = _PyObject_IsAbstract(value);
            Py_DECREF(value);
        }
        if (status > 0) status = PySet_Add(found, name);
        Py_DECREF(name);
    }
    Py_DECREF(iterator);
    return status < 0 || PyErr_Occurred() ? -1 : 0;
}

static int compute_abstract_methods(PyObject *cls)
{
    PyObject *found = PyFrozenSet_New(NULL), *bases = NULL;
    int status = found ? add_own_abstracts(cls, found) : -1;
    if (status == 0) {
        bases = PyObject_GetAttr(cls, NAME(__bases__));
        if (!bases) status = -1;
        else if (!PyTuple_Check(bases)) {
            PyErr_SetString(PyExc_TypeError, "__bases__ is not tuple");
            status = -1;
        }
    }
    for (Py_ssize_t i = 0; status == 0 && i < PyTuple_GET_SIZE(bases); i++) {
        status = add_inherited_abstracts(cls, PyTuple_GET_ITEM(bases, i), found);
    }
    if (status == 0) status = PyObject_SetAttr(cls, NAME(__abstractmethods__), found);
    Py_XDECREF(bases);
    Py_XDECREF(found);
    return status;
}

/* What a class body says in __abc_tpflags__, how `match` sees the class, becomes part of its flags. */
static int apply_collection_flags(PyTypeObject *cls)
{
    PyObject *flags = type_dict_get(cls, NAME(__abc_tpflags__));
    if (!flags) return PyErr_Occurred() ? -1 : 0;
    if (PyLong_CheckExact(flags)) {
        long value = PyLong_AsLong(flags);
        if (value == -1 && PyErr_Occurred()) return -1;
        if ((value & COLLECTION_FLAGS) == COLLECTION_FLAGS) {
            PyErr_SetString(PyExc_TypeError, "__abc_tpflags__ cannot be both "
                                             "Py_TPFLAGS_SEQUENCE and Py_TPFLAGS_MAPPING");
            return -1;
        }
        cls->tp_flags |= (unsigned long)value & COLLECTION_FLAGS;
    }
    return PyDict_DelItem(cls->tp_dict, NAME(__abc_tpflags__));
}

static void offer_shortcuts(struct AbcModule *state, PyObject *cls);

static PyObject *abc_init(PyObject *module, PyObject *cls)
{
    struct AbcModule *state = PyModule_GetState(module);
    if (compute_abstract_methods(cls) < 0) return NULL;
    PyObject *data = data_new(state->data_type, NULL, NULL);
    if (!data) return NULL;
    int status = PyObject_SetAttr(cls, NAME(_abc_impl), data);
    Py_DECREF(data);
    if (status == 0 && PyType_Check(cls)) status = apply_collection_flags((PyTypeObject *)cls);
    offer_shortcuts(state, cls);
    return status < 0 ? NULL : Py_NewRef(Py_None);
}

/* ---- register() ---- */

/* Gives a class and those below it the flag by which `match` knows sequences and mappings. */
static int set_collection_flag(PyTypeObject *cls, unsigned long flag)
{
    if (PyType_HasFeature(cls, Py_TPFLAGS_IMMUTABLETYPE)) return 0;
    if ((cls->tp_flags & COLLECTION_FLAGS) == flag) return 0;
    cls->tp_flags = (cls->tp_flags & ~(unsigned long)COLLECTION_FLAGS) | flag;
    PyObject *reference;
    Py_ssize_t position = 0;
    if (!cls->tp_subclasses) return 0;
    if (Py_EnterRecursiveCall(" while registering a class")) return -1;
    int status = 0;
    while (status == 0 && PyDict_Next(cls->tp_subclasses, &position, NULL, &reference)) {
        PyObject *subclass = PyWeakref_GET_OBJECT(reference);
        if (PyType_Check(subclass)) status = set_collection_flag((PyTypeObject *)subclass, flag);
    }
    Py_LeaveRecursiveCall();
    return status;
}

static PyObject *abc_register(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("_abc_register", nargs, 2, 2)) return NULL;
    PyObject *self = args[0], *subclass = args[1];
    struct AbcModule *state = PyModule_GetState(module);
    if (!PyType_Check(subclass)) {
        PyErr_SetString(PyExc_TypeError, "Can only register classes");
        return NULL;
    }
    int is_subclass = PyObject_IsSubclass(subclass, self);
    if (is_subclass > 0) return Py_NewRef(subclass);
    if (is_subclass < 0) return NULL;
    /* Asked second, so that X.register(X) does nothing. */
    int is_cycle = PyObject_IsSubclass(self, subclass);
    if (is_cycle > 0) PyErr_SetString(PyExc_RuntimeError, "Refusing to create an inheritance cycle");
    if (is_cycle) return NULL;
    AbcData *data = data_of(state, self);
    if (!data) return NULL;
    int status = class_set_add(&data->registry, subclass);
    Py_DECREF(data);
    if (status < 0) return NULL;
    state->counter++;
    if (PyType_Check(self)) {
        unsigned long flag = PyType_GetFlags((PyTypeObject *)self) & COLLECTION_FLAGS;
        if (flag && set_collection_flag((PyTypeObject *)subclass, flag) < 0) return NULL;
    }
    return Py_NewRef(subclass);
}

/* ---- isinstance() and issubclass() ---- */

/* self.__subclasscheck__(cls). */
static PyObject *ask_class(PyObject *self, PyObject *cls)
{
    return PyObject_CallMethodOneArg(self, NAME(__subclasscheck__), cls);
}

static PyObject *abc_instancecheck(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("_abc_instancecheck", nargs, 2, 2)) return NULL;
    PyObject *self = args[0], *instance = args[1];
    struct AbcModule *state = PyModule_GetState(module);
    AbcData *data = data_of(state, self);
    if (!data) return NULL;
    PyObject *result = NULL, *cls = PyObject_GetAttr(instance, NAME(__class__));
    if (!cls) goto done;
    PyObject *type = (PyObject *)Py_TYPE(instance);
    if (class_set_contains(data->cache, cls)) result = Py_NewRef(Py_True);
    else if (cls == type) {
        if (data->negative_version == state->counter && class_set_contains(data->negative, cls)) {
            result = Py_NewRef(Py_False);
        }
        else result = ask_class(self, cls);
    }
    else {
        result = ask_class(self, cls);
        int yes = result ? PyObject_IsTrue(result) : 1;
        if (yes < 0) Py_CLEAR(result);
        else if (!yes) Py_SETREF(result, ask_class(self, type));
    }
done:
    Py_XDECREF(cls);
    Py_DECREF(data);
    return result;
}

/* Does a class of the list accept `cls`? The first that does ends the search. */
static int any_accepts(PyObject *list, PyObject *cls)
{
    int found = 0;
    for (Py_ssize_t i = 0; found == 0 && i < PyList_GET_SIZE(list); i++) {
        PyObject *candidate = Py_NewRef(PyList_GET_ITEM(list, i));
        found = PyObject_IsSubclass(cls, candidate);
        Py_DECREF(candidate);
    }
    return found;
}

/* Is cls below a registered class, or below a subclass of `self`? */
static int search_relatives(PyObject *self, AbcData *data, PyObject *cls)
{
    PyObject *list = class_set_list(data->registry, false);
    if (!list) return -1;
    int found = any_accepts(list, cls);
    Py_DECREF(list);
    if (found) return found;
    list = PyObject_CallMethodNoArgs(self, NAME(__subclasses__));
    if (!list) return -1;
    if (!PyList_Check(list)) {
        PyErr_SetString(PyExc_TypeError, "__subclasses__() must return a list");
        found = -1;
    }
    else found = any_accepts(list, cls);
    Py_DECREF(list);
    return found;
}

/* What self.__subclasshook__ says of cls: 1, 0, -1 with an exception, or 2: no opinion. */
static int ask_hook(PyObject *self, PyObject *cls)
{
    PyObject *said = PyObject_CallMethodOneArg(self, NAME(__subclasshook__), cls);
    if (!said) return -1;
    Py_DECREF(said);
    if (said == Py_True) return 1;
    if (said == Py_False) return 0;
    if (said == Py_NotImplemented) return 2;
    PyErr_SetString(PyExc_AssertionError,
                    "__subclasshook__ must return either False, True, or NotImplemented");
    return -1;
}

/* Whether cls counts as a subclass. What is found out is put into a cache, except that a class
 * which was itself registered is found as fast in the registry. */
static int subclass_check(struct AbcModule *state, PyObject *self, AbcData *data, PyObject *cls)
{
    if (class_set_contains(data->cache, cls)) return 1;
    if (data->negative_version < state->counter) {
        class_set_clear(&data->negative);
        data->negative_version = state->counter;
    }
    else if (class_set_contains(data->negative, cls)) return 0;
    int found = ask_hook(self, cls);
    if (found == 2) {
        found = PyType_IsSubtype((PyTypeObject *)cls, (PyTypeObject *)self);
        if (!found && class_set_contains(data->registry, cls)) return 1;
        if (!found) found = search_relatives(self, data, cls);
    }
    if (found >= 0 && class_set_add(found ? &data->cache : &data->negative, cls) < 0) return -1;
    return found;
}

static PyObject *abc_subclasscheck(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("_abc_subclasscheck", nargs, 2, 2)) return NULL;
    if (!PyType_Check(args[1])) {
        PyErr_SetString(PyExc_TypeError, "issubclass() arg 1 must be a class");
        return NULL;
    }
    struct AbcModule *state = PyModule_GetState(module);
    AbcData *data = data_of(state, args[0]);
    if (!data) return NULL;
    int found = subclass_check(state, args[0], data, args[1]);
    Py_DECREF(data);
    return found < 0 ? NULL : PyBool_FromLong(found);
}

/* ---- Answers without a call ----
 *
 * The two methods of the library's ABCMeta only hand on to this module what isinstance() and issubclass()
 * ask. Where the answer is in a cache, it is given without calling them. */

/* Do the methods still call the functions of this module? */
static bool methods_lead_here(struct AbcModule *state)
{
    static const struct {
        const char *name;
        PyCFunction function;
    } expected[] = {
        {"_abc_instancecheck", (PyCFunction)(void (*)(void))abc_instancecheck},
        {"_abc_subclasscheck", (PyCFunction)(void (*)(void))abc_subclasscheck},
    };
    PyObject *globals = state->instance_method->func_globals;
    uint64_t version = ((PyDictObject *)globals)->ma_version_tag;
    if (version == state->globals_version) return true;
    for (size_t i = 0; i < Py_ARRAY_LENGTH(expected); i++) {
        PyObject *function = PyDict_GetItemString(globals, expected[i].name);
        if (!function || !PyCFunction_Check(function)) return false;
        if (PyCFunction_GET_FUNCTION(function) != expected[i].function) return false;
    }
    state->globals_version = version;
    return true;
}

/* Whether cls counts as a subclass of self, if that is known. */
static int known_subclass(void *context, PyObject *self, PyObject *cls)
{
    struct AbcModule *state = context;
    if (!PyType_Check(self) || !PyType_Check(cls) || !methods_lead_here(state)) return -1;
    PyObject *found = _PyType_Lookup((PyTypeObject *)self, NAME(_abc_impl));
    if (!found || !Py_IS_TYPE(found, state->data_type)) return -1;
    if (_PyType_Lookup(Py_TYPE(self), NAME(_abc_impl))) return -1;
    AbcData *data = (AbcData *)found;
    if (class_set_contains(data->cache, cls)) return 1;
    bool current = data->negative_version == state->counter;
    return current && class_set_contains(data->negative, cls) ? 0 : -1;
}

static int known_instance(void *context, PyObject *self, PyObject *instance)
{
    PyTypeObject *type = Py_TYPE(instance);
    getattrofunc get = type->tp_getattro;
    /* Only where instance.__class__ is surely the type. */
    if (get != PyObject_GenericGetAttr && get != PyType_Type.tp_getattro) return -1;
    PyObject *plain = _PyType_Lookup(&PyBaseObject_Type, NAME(__class__));
    if (_PyType_Lookup(type, NAME(__class__)) != plain) return -1;
    return known_subclass(context, self, (PyObject *)type);
}

/* A method of the ABCMeta whose source is the library's. New reference, or NULL without an exception. */
static PyFunctionObject *library_method(PyObject *cls, PyObject *name)
{
    PyObject *method = _PyType_Lookup(Py_TYPE(cls), name);
    if (!method || !PyFunction_Check(method)) return NULL;
    PyCodeObject *code = (PyCodeObject *)PyFunction_GET_CODE(method);
    if (!_PyUnicode_EqualToASCIIString(code->co_filename, "<frozen abc>")) return NULL;
    return (PyFunctionObject *)Py_NewRef(method);
}

static void drop_shortcuts(struct AbcModule *state)
{
    if (abstract_runtime.instance.context == state) abstract_runtime = (struct AbstractRuntime){0};
    Py_CLEAR(state->instance_method);
    Py_CLEAR(state->subclass_method);
    Py_CLEAR(state->instance_code);
    Py_CLEAR(state->subclass_code);
}

/* Offers the answers, once the first abstract class shows what ABCMeta is. */
static void offer_shortcuts(struct AbcModule *state, PyObject *cls)
{
    if (abstract_runtime.instance.context) return;
    state->instance_method = library_method(cls, NAME(__instancecheck__));
    state->subclass_method = library_method(cls, NAME(__subclasscheck__));
    if (!state->instance_method || !state->subclass_method
        || state->instance_method->func_globals != state->subclass_method->func_globals) {
        drop_shortcuts(state);
        return;
    }
    state->instance_code = Py_NewRef(state->instance_method->func_code);
    state->subclass_code = Py_NewRef(state->subclass_method->func_code);
    abstract_runtime = (struct AbstractRuntime){
        .instance = {(PyObject *)state->instance_method, state->instance_code, state, known_instance},
        .subclass = {(PyObject *)state->subclass_method, state->subclass_code, state, known_subclass},
    };
}

/* ---- Looking inside ---- */

static PyObject *abc_get_dump(PyObject *module, PyObject *cls)
{
    AbcData *data = data_of(PyModule_GetState(module), cls);
    if (!data) return NULL;
    PyObject *registry = class_set_references(data->registry);
    PyObject *cache = registry ? class_set_references(data->cache) : NULL;
    PyObject *negative = cache ? class_set_references(data->negative) : NULL;
    PyObject *dump = negative ? Py_BuildValue("OOOK", registry, cache, negative, data->negative_version)
                              : NULL;
    Py_XDECREF(registry);
    Py_XDECREF(cache);
    Py_XDECREF(negative);
    Py_DECREF(data);
    return dump;
}

static PyObject *abc_reset_registry(PyObject *module, PyObject *cls)
{
    AbcData *data = data_of(PyModule_GetState(module), cls);
    if (!data) return NULL;
    class_set_clear(&data->registry);
    Py_DECREF(data);
    Py_RETURN_NONE;
}

static PyObject *abc_reset_caches(PyObject *module, PyObject *cls)
{
    AbcData *data = data_of(PyModule_GetState(module), cls);
    if (!data) return NULL;
    class_set_clear(&data->cache);
    class_set_clear(&data->negative);
    Py_DECREF(data);
    Py_RETURN_NONE;
}

static PyObject *abc_get_cache_token(PyObject *module, PyObject *Py_UNUSED(ignored))
{
    return PyLong_FromUnsignedLongLong(((struct AbcModule *)PyModule_GetState(module))->counter);
}

/* ---- Module ---- */

#define FAST(f) (PyCFunction)(void (*)(void))(f), METH_FASTCALL

static PyMethodDef methods[] = {
    {"get_cache_token", abc_get_cache_token, METH_NOARGS,
     PyDoc_STR("get_cache_token($module, /)\n--\n\n"
               "Returns a token that changes with each register() call on any abstract class.\n\n"
               "All that can be done with it is comparing: while it stays equal, what was found out\n"
               "about virtual subclasses still holds.")},
    {"_abc_init", abc_init, METH_O,
     PyDoc_STR("_abc_init($module, self, /)\n--\n\nPrepares a new abstract class; for ABCMeta alone.")},
    {"_abc_register", FAST(abc_register),
     PyDoc_STR("_abc_register($module, self, subclass, /)\n--\n\n"
               "Registers a virtual subclass; for ABCMeta alone.")},
    {"_abc_instancecheck", FAST(abc_instancecheck),
     PyDoc_STR("_abc_instancecheck($module, self, instance, /)\n--\n\n"
               "The answer of isinstance(); for ABCMeta alone.")},
    {"_abc_subclasscheck", FAST(abc_subclasscheck),
     PyDoc_STR("_abc_subclasscheck($module, self, subclass, /)\n--\n\n"
               "The answer of issubclass(); for ABCMeta alone.")},
    {"_get_dump", abc_get_dump, METH_O,
     PyDoc_STR("_get_dump($module, self, /)\n--\n\n"
               "Shows registry, cache, negative cache and its version, for debugging.\n\n"
               "Each is a set of weak references.")},
    {"_reset_registry", abc_reset_registry, METH_O,
     PyDoc_STR("_reset_registry($module, self, /)\n--\n\n"
               "Forgets all registered classes, for tests.")},
    {"_reset_caches", abc_reset_caches, METH_O,
     PyDoc_STR("_reset_caches($module, self, /)\n--\n\n"
               "Forgets all answers given so far, for tests.")},
    {0},
};

static int module_exec(PyObject *module)
{
    struct AbcModule *state = PyModule_GetState(module);
    state->data_type = (PyTypeObject *)PyType_FromModuleAndSpec(module, &data_spec, NULL);
    return state->data_type ? 0 : -1;
}

static int module_traverse(PyObject *module, visitproc visit, void *arg)
{
    struct AbcModule *state = PyModule_GetState(module);
    Py_VISIT(state->data_type);
    Py_VISIT(state->instance_method);
    Py_VISIT(state->subclass_method);
    Py_VISIT(state->instance_code);
    Py_VISIT(state->subclass_code);
    return 0;
}

static int module_clear(PyObject *module)
{
    struct AbcModule *state = PyModule_GetState(module);
    drop_shortcuts(state);
    Py_CLEAR(state->data_type);
    return 0;
}

static void module_free(void *module)
{
    module_clear(module);
}

static PyModuleDef_Slot slots[] = {{Py_mod_exec, module_exec}, {0, NULL}};

static PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_abc",
    .m_doc = "What abc.ABCMeta is made of.",
    .m_size = sizeof(struct AbcModule),
    .m_methods = methods,
    .m_slots = slots,
    .m_traverse = module_traverse,
    .m_clear = module_clear,
    .m_free = module_free,
};

PyMODINIT_FUNC PyInit__abc(void)
{
    return PyModuleDef_Init(&definition);
}
