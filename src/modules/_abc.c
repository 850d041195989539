/* _abc: what abc.ABCMeta does in C. Each abstract class has its data in the attribute `_abc_impl`:
 * the classes registered with it, and what subclass checks have found out already. */
#include <Python.h>

#include <stdbool.h>

#include "objects/names.h"

#define COLLECTION_FLAGS (Py_TPFLAGS_SEQUENCE | Py_TPFLAGS_MAPPING)

/* ---- Sets of classes ---- */

/* A hash table by address that keeps no class alive. A reference whose class has died stays as an
 * obstacle until the table grows; since a weak reference is cleared before its object's memory is
 * used again, what is found is the class that was added. */
typedef struct {
    PyObject **refs;   /* owned weak references or NULL; `mask + 1` of them, or refs is NULL */
    size_t mask, used; /* `used` counts the dead ones too */
} ClassSet;

static inline size_t class_hash(PyObject *cls)
{
    return ((uintptr_t)cls >> 4) * 0x9E3779B97F4A7C15u >> 16;
}

static bool set_contains(const ClassSet *set, PyObject *cls)
{
    if (!set->refs) return false;
    for (size_t i = class_hash(cls) & set->mask; set->refs[i]; i = (i + 1) & set->mask) {
        if (PyWeakref_GET_OBJECT(set->refs[i]) == cls) return true;
    }
    return false;
}

static void set_clear(ClassSet *set)
{
    ClassSet old = *set;
    *set = (ClassSet){0};
    for (size_t i = 0; old.refs && i <= old.mask; i++) Py_XDECREF(old.refs[i]);
    PyMem_Free(old.refs);
}

static void insert_steal(ClassSet *set, PyObject *cls, PyObject *ref)
{
    size_t i = class_hash(cls) & set->mask;
    while (set->refs[i]) i = (i + 1) & set->mask;
    set->refs[i] = ref;
    set->used++;
}

/* A new table with room for twice the classes that still live. */
static int set_resize(ClassSet *set)
{
    size_t live = 0, size = 8;
    for (size_t i = 0; set->refs && i <= set->mask; i++) {
        live += set->refs[i] && PyWeakref_GET_OBJECT(set->refs[i]) != Py_None;
    }
    while (size < live * 4) size *= 2;
    ClassSet new = {PyMem_Calloc(size, sizeof(PyObject *)), size - 1, 0};
    if (!new.refs) {
        PyErr_NoMemory();
        return -1;
    }
    for (size_t i = 0; set->refs && i <= set->mask; i++) {
        PyObject *ref = set->refs[i], *cls = ref ? PyWeakref_GET_OBJECT(ref) : Py_None;
        if (cls != Py_None) insert_steal(&new, cls, Py_NewRef(ref));
    }
    set_clear(set);
    *set = new;
    return 0;
}

static int set_add(ClassSet *set, PyObject *cls)
{
    if (set_contains(set, cls)) return 0;
    PyObject *ref = PyWeakref_NewRef(cls, NULL);
    if (!ref) return -1;
    if (!set->refs || set->used * 2 > set->mask) {
        if (set_resize(set) < 0) {
            Py_DECREF(ref);
            return -1;
        }
    }
    insert_steal(set, cls, ref);
    return 0;
}

static int set_visit(const ClassSet *set, visitproc visit, void *arg)
{
    for (size_t i = 0; set->refs && i <= set->mask; i++) Py_VISIT(set->refs[i]);
    return 0;
}

/* The living classes of the set: a list of them, or with `references` a set of weak references. */
static PyObject *set_list(const ClassSet *set, bool references)
{
    PyObject *result = references ? PySet_New(NULL) : PyList_New(0);
    for (size_t i = 0; result && set->refs && i <= set->mask; i++) {
        PyObject *ref = set->refs[i], *cls = ref ? PyWeakref_GET_OBJECT(ref) : Py_None;
        if (cls == Py_None) continue;
        int status = references ? PySet_Add(result, ref) : PyList_Append(result, cls);
        if (status < 0) Py_CLEAR(result);
    }
    return result;
}

/* ---- The data of an abstract class ---- */

typedef struct {
    PyObject_HEAD ClassSet registry;     /* given to register() */
    ClassSet cache;                      /* known subclasses */
    ClassSet negative_cache;             /* known to be none, as of negative_version */
    unsigned long long negative_version; /* outdated unless it is the module's version */
} AbcData;

typedef struct {
    PyTypeObject *data_type;    /* owned */
    unsigned long long version; /* counts calls of register() that changed something */
} State;

static PyObject *data_new(
    PyTypeObject *type, PyObject *Py_UNUSED(args), PyObject *Py_UNUSED(kwargs))
{
    return type->tp_alloc(type, 0);
}

static int data_traverse(PyObject *self, visitproc visit, void *arg)
{
    AbcData *data = (AbcData *)self;
    Py_VISIT(Py_TYPE(self));
    int status = set_visit(&data->registry, visit, arg);
    if (status == 0) status = set_visit(&data->cache, visit, arg);
    return status ? status : set_visit(&data->negative_cache, visit, arg);
}

static int data_clear(PyObject *self)
{
    AbcData *data = (AbcData *)self;
    set_clear(&data->registry);
    set_clear(&data->cache);
    set_clear(&data->negative_cache);
    return 0;
}

static void data_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    data_clear(self);
    type->tp_free(self);
    Py_DECREF(type);
}

static PyType_Slot data_slots[] = {
    {Py_tp_doc, "Internal state held by ABC machinery."},
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

/* The data of a class. New reference; AttributeError or TypeError if it has none. */
static AbcData *data_of(const State *state, PyObject *cls)
{
    PyObject *data = PyObject_GetAttr(cls, NAME(_abc_impl));
    if (data && !Py_IS_TYPE(data, state->data_type)) {
        Py_DECREF(data);
        PyErr_SetString(PyExc_TypeError, "_abc_impl is set to a wrong type");
        return NULL;
    }
    return (AbcData *)data;
}

/* Is this class known to be none of data's subclasses? */
static bool known_not(const State *state, const AbcData *data, PyObject *cls)
{
    return data->negative_version == state->version && set_contains(&data->negative_cache, cls);
}

/* ---- A new abstract class ---- */

static int add_if_abstract(PyObject *name, PyObject *value, PyObject *names)
{
    int abstract = _PyObject_IsAbstract(value);
    return abstract > 0 ? PySet_Add(names, name) : abstract;
}

static int add_own_abstract(PyObject *cls, PyObject *names)
{
    PyObject *space = PyObject_GetAttr(cls, NAME(__dict__));
    /* A copy, since looking at a value may run code that changes the class. */
    PyObject *copy = space ? PyDict_New() : NULL;
    int status = copy ? PyDict_Update(copy, space) : -1;
    PyObject *name, *value;
    Py_ssize_t at = 0;
    while (status == 0 && PyDict_Next(copy, &at, &name, &value)) {
        status = add_if_abstract(name, value, names);
    }
    Py_XDECREF(space);
    Py_XDECREF(copy);
    return status;
}

/* Adds those abstract names of a base that are still abstract in cls. */
static int add_inherited_abstract(PyObject *cls, PyObject *base, PyObject *names)
{
    PyObject *theirs, *name, *value;
    if (_PyObject_LookupAttr(base, NAME(__abstractmethods__), &theirs) < 0) return -1;
    if (!theirs) return 0;
    PyObject *iterator = PyObject_GetIter(theirs);
    Py_DECREF(theirs);
    if (!iterator) return -1;
    int status = 0;
    while (status == 0 && (name = PyIter_Next(iterator))) {
        status = _PyObject_LookupAttr(cls, name, &value);
        if (status > 0) {
            status = add_if_abstract(name, value, names);
            Py_DECREF(value);
        }
        Py_DECREF(name);
    }
    Py_DECREF(iterator);
    return PyErr_Occurred() ? -1 : status;
}

static int set_abstract_methods(PyObject *cls)
{
    int status = -1;
    PyObject *frozen = NULL, *bases = NULL, *names = PySet_New(NULL);
    if (!names || add_own_abstract(cls, names) < 0) goto done;
    bases = PyObject_GetAttr(cls, NAME(__bases__));
    if (!bases) goto done;
    if (!PyTuple_Check(bases)) {
        PyErr_SetString(PyExc_TypeError, "__bases__ is not tuple");
        goto done;
    }
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(bases); i++) {
        if (add_inherited_abstract(cls, PyTuple_GET_ITEM(bases, i), names) < 0) goto done;
    }
    frozen = PyFrozenSet_New(names);
    if (frozen) status = PyObject_SetAttr(cls, NAME(__abstractmethods__), frozen);
done:
    Py_XDECREF(names);
    Py_XDECREF(bases);
    Py_XDECREF(frozen);
    return status;
}

/* Turns the class's `__abc_tpflags__` into type flags, which pattern matching looks at. */
static int take_flags(PyTypeObject *type)
{
    PyObject *flags = PyDict_GetItemWithError(type->tp_dict, NAME(__abc_tpflags__));
    if (!flags) return PyErr_Occurred() ? -1 : 0;
    if (PyLong_CheckExact(flags)) {
        long value = PyLong_AsLong(flags);
        if (value == -1 && PyErr_Occurred()) return -1;
        if ((value & COLLECTION_FLAGS) == COLLECTION_FLAGS) {
            PyErr_SetString(PyExc_TypeError, "__abc_tpflags__ cannot be both Py_TPFLAGS_SEQUENCE "
                                             "and Py_TPFLAGS_MAPPING");
            return -1;
        }
        type->tp_flags |= (unsigned long)value & COLLECTION_FLAGS;
    }
    if (PyDict_DelItem(type->tp_dict, NAME(__abc_tpflags__)) < 0) return -1;
    PyType_Modified(type);
    return 0;
}

static PyObject *abc_init(PyObject *module, PyObject *cls)
{
    State *state = PyModule_GetState(module);
    if (set_abstract_methods(cls) < 0) return NULL;
    AbcData *data = (AbcData *)data_new(state->data_type, NULL, NULL);
    if (!data) return NULL;
    data->negative_version = state->version;
    int status = PyObject_SetAttr(cls, NAME(_abc_impl), (PyObject *)data);
    Py_DECREF(data);
    if (status == 0 && PyType_Check(cls)) status = take_flags((PyTypeObject *)cls);
    return status < 0 ? NULL : Py_NewRef(Py_None);
}

/* ---- Registering ---- */

/* Gives a registered class and all below it the kind of collection that the abstract class is. */
static void set_collection_flag(PyTypeObject *type, unsigned long flag)
{
    if (type->tp_flags & Py_TPFLAGS_IMMUTABLETYPE) return;
    if ((type->tp_flags & COLLECTION_FLAGS) == flag) return;
    type->tp_flags = (type->tp_flags & ~COLLECTION_FLAGS) | flag;
    PyObject *reference;
    Py_ssize_t at = 0;
    while (type->tp_subclasses && PyDict_Next(type->tp_subclasses, &at, NULL, &reference)) {
        PyObject *subclass = PyWeakref_GET_OBJECT(reference);
        if (PyType_Check(subclass)) set_collection_flag((PyTypeObject *)subclass, flag);
    }
}

static PyObject *abc_register(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("_abc_register", nargs, 2, 2)) return NULL;
    State *state = PyModule_GetState(module);
    PyObject *cls = args[0], *subclass = args[1];
    if (!PyType_Check(subclass)) {
        PyErr_SetString(PyExc_TypeError, "Can only register classes");
        return NULL;
    }
    int status = PyObject_IsSubclass(subclass, cls);
    if (status) return status < 0 ? NULL : Py_NewRef(subclass);
    /* Only now, so that X.register(X) changes nothing and is no error. */
    status = PyObject_IsSubclass(cls, subclass);
    if (status > 0) PyErr_SetString(PyExc_RuntimeError, "Refusing to create an inheritance cycle");
    if (status) return NULL;
    AbcData *data = data_of(state, cls);
    if (!data) return NULL;
    status = set_add(&data->registry, subclass);
    Py_DECREF(data);
    if (status < 0) return NULL;
    state->version++;
    if (PyType_Check(cls)) {
        unsigned long flag = ((PyTypeObject *)cls)->tp_flags & COLLECTION_FLAGS;
        if (flag) set_collection_flag((PyTypeObject *)subclass, flag);
    }
    return Py_NewRef(subclass);
}

/* ---- Checks ---- */

enum { REGISTERED = 2 };

/* Is subclass one of these classes' subclasses? `classes`: a list that may change meanwhile. */
static int below_any(PyObject *subclass, PyObject *classes)
{
    int result = 0;
    for (Py_ssize_t i = 0; result == 0 && i < PyList_GET_SIZE(classes); i++) {
        PyObject *cls = Py_NewRef(PyList_GET_ITEM(classes, i));
        result = PyObject_IsSubclass(subclass, cls);
        Py_DECREF(cls);
    }
    return result;
}

/* As below_any() of the registry; REGISTERED if subclass stands there itself. */
static int below_registered(const AbcData *data, PyObject *subclass)
{
    if (data->registry.used == 0) return 0;
    if (set_contains(&data->registry, subclass)) return REGISTERED;
    PyObject *classes = set_list(&data->registry, false);
    if (!classes) return -1;
    int result = below_any(subclass, classes);
    Py_DECREF(classes);
    return result;
}

static int below_subclasses(PyObject *cls, PyObject *subclass)
{
    PyObject *classes = PyObject_CallMethodNoArgs(cls, NAME(__subclasses__));
    if (!classes) return -1;
    int result = -1;
    if (PyList_Check(classes))
        result = below_any(subclass, classes);
    else
        PyErr_SetString(PyExc_TypeError, "__subclasses__() must return a list");
    Py_DECREF(classes);
    return result;
}

/* The answer of the hook, of inheritance, of what is registered, of what is below; -1 with an
 * exception. REGISTERED is a yes that is not cached: the reference asks the hook again each time.
 */
static int find_out(const AbcData *data, PyObject *cls, PyObject *subclass)
{
    PyObject *answer = PyObject_CallMethodOneArg(cls, NAME(__subclasshook__), subclass);
    if (!answer) return -1;
    Py_DECREF(answer);
    if (answer == Py_True || answer == Py_False) return answer == Py_True;
    if (answer != Py_NotImplemented) {
        PyErr_SetString(PyExc_AssertionError,
            "__subclasshook__ must return either False, True, or NotImplemented");
        return -1;
    }
    if (PyType_IsSubtype((PyTypeObject *)subclass, (PyTypeObject *)cls)) return 1;
    int result = below_registered(data, subclass);
    return result ? result : below_subclasses(cls, subclass);
}

static int subclass_check(const State *state, PyObject *cls, PyObject *subclass)
{
    if (!PyType_Check(subclass)) {
        PyErr_SetString(PyExc_TypeError, "issubclass() arg 1 must be a class");
        return -1;
    }
    AbcData *data = data_of(state, cls);
    if (!data) return -1;
    int result = 1;
    if (set_contains(&data->cache, subclass)) goto done;
    result = 0;
    if (known_not(state, data, subclass)) goto done;
    if (data->negative_version != state->version) {
        set_clear(&data->negative_cache);
        data->negative_version = state->version;
    }
    result = find_out(data, cls, subclass);
    if (result == 0 || result == 1) {
        ClassSet *cache = result ? &data->cache : &data->negative_cache;
        if (set_add(cache, subclass) < 0) result = -1;
    }
done:
    Py_DECREF(data);
    return result;
}

static PyObject *abc_subclasscheck(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("_abc_subclasscheck", nargs, 2, 2)) return NULL;
    int result = subclass_check(PyModule_GetState(module), args[0], args[1]);
    return result < 0 ? NULL : PyBool_FromLong(result);
}

/* The check of one class through cls.__subclasscheck__, which may be overridden. */
static PyObject *ask_class(PyObject *cls, PyObject *subclass)
{
    return PyObject_CallMethodOneArg(cls, NAME(__subclasscheck__), subclass);
}

static PyObject *abc_instancecheck(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("_abc_instancecheck", nargs, 2, 2)) return NULL;
    const State *state = PyModule_GetState(module);
    PyObject *cls = args[0], *type = (PyObject *)Py_TYPE(args[1]), *result = NULL;
    AbcData *data = data_of(state, cls);
    if (!data) return NULL;
    PyObject *claimed = PyObject_GetAttr(args[1], NAME(__class__));
    if (!claimed) goto done;
    if (set_contains(&data->cache, claimed)) {
        result = Py_NewRef(Py_True);
    } else if (claimed == type) {
        result = known_not(state, data, claimed) ? Py_NewRef(Py_False) : ask_class(cls, claimed);
    } else {
        result = ask_class(cls, claimed);
        int truth = result ? PyObject_IsTrue(result) : -1;
        if (truth <= 0) {
            Py_CLEAR(result);
            if (truth == 0) result = ask_class(cls, type);
        }
    }
done:
    Py_DECREF(data);
    Py_XDECREF(claimed);
    return result;
}

/* ---- For debugging and tests ---- */

static PyObject *get_dump(PyObject *module, PyObject *cls)
{
    AbcData *data = data_of(PyModule_GetState(module), cls);
    if (!data) return NULL;
    PyObject *registry = set_list(&data->registry, true), *cache = set_list(&data->cache, true);
    PyObject *negative = set_list(&data->negative_cache, true), *result = NULL;
    if (registry && cache && negative) {
        result = Py_BuildValue("OOOK", registry, cache, negative, data->negative_version);
    }
    Py_XDECREF(registry);
    Py_XDECREF(cache);
    Py_XDECREF(negative);
    Py_DECREF(data);
    return result;
}

static PyObject *reset_registry(PyObject *module, PyObject *cls)
{
    AbcData *data = data_of(PyModule_GetState(module), cls);
    if (!data) return NULL;
    set_clear(&data->registry);
    Py_DECREF(data);
    Py_RETURN_NONE;
}

static PyObject *reset_caches(PyObject *module, PyObject *cls)
{
    AbcData *data = data_of(PyModule_GetState(module), cls);
    if (!data) return NULL;
    set_clear(&data->cache);
    set_clear(&data->negative_cache);
    Py_DECREF(data);
    Py_RETURN_NONE;
}

static PyObject *get_cache_token(PyObject *module, PyObject *Py_UNUSED(ignored))
{
    return PyLong_FromUnsignedLongLong(((State *)PyModule_GetState(module))->version);
}

/* ---- The module ---- */

static PyMethodDef methods[] = {
    {"get_cache_token", get_cache_token, METH_NOARGS,
        "get_cache_token($module, /)\n--\n\n"
        "The current version of the caches of virtual subclasses, an opaque object.\n\n"
        "It compares unequal after each register() on any abstract class."},
    {"_abc_init", abc_init, METH_O,
        "_abc_init($module, self, /)\n--\n\nSet up a new abstract class. For ABCMeta.__new__."},
    {"_reset_registry", reset_registry, METH_O,
        "_reset_registry($module, self, /)\n--\n\nForget the classes registered with a class."},
    {"_reset_caches", reset_caches, METH_O,
        "_reset_caches($module, self, /)\n--\n\nForget what subclass checks have found."},
    {"_get_dump", get_dump, METH_O,
        "_get_dump($module, self, /)\n--\n\n"
        "The registry, cache, negative cache and version of a class, as a tuple of copies."},
    {"_abc_register", (PyCFunction)(void (*)(void))abc_register, METH_FASTCALL,
        "_abc_register($module, self, subclass, /)\n--\n\n"
        "Make subclass a virtual subclass. For ABCMeta.register."},
    {"_abc_instancecheck", (PyCFunction)(void (*)(void))abc_instancecheck, METH_FASTCALL,
        "_abc_instancecheck($module, self, instance, /)\n--\n\nFor ABCMeta.__instancecheck__."},
    {"_abc_subclasscheck", (PyCFunction)(void (*)(void))abc_subclasscheck, METH_FASTCALL,
        "_abc_subclasscheck($module, self, subclass, /)\n--\n\nFor ABCMeta.__subclasscheck__."},
    {NULL, NULL, 0, NULL},
};

static int module_exec(PyObject *module)
{
    State *state = PyModule_GetState(module);
    state->data_type = (PyTypeObject *)PyType_FromModuleAndSpec(module, &data_spec, NULL);
    return state->data_type ? 0 : -1;
}

static int module_traverse(PyObject *module, visitproc visit, void *arg)
{
    Py_VISIT(((State *)PyModule_GetState(module))->data_type);
    return 0;
}

static int module_clear(PyObject *module)
{
    Py_CLEAR(((State *)PyModule_GetState(module))->data_type);
    return 0;
}

static PyModuleDef_Slot slots[] = {
    {Py_mod_exec, module_exec},
    {0, NULL},
};

static PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_abc",
    .m_doc = "The C half of abc.ABCMeta.",
    .m_size = sizeof(State),
    .m_methods = methods,
    .m_slots = slots,
    .m_traverse = module_traverse,
    .m_clear = module_clear,
};

PyMODINIT_FUNC PyInit__abc(void)
{
    return PyModuleDef_Init(&definition);
}
