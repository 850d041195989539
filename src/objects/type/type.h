/* The type system: contract between its files, with the rest of `objects`, and with the VM.
 *
 * What must hold for every ready type:
 *
 *   1. `tp_mro` is a tuple that starts (almost always) with the type itself; attributes are looked
 *      up along it.
 *   2. A slot (`tp_repr`, `nb_add`, …) agrees with what looking up its special method along the MRO
 *      would give. `slots.def` is the one table of (name, slot, wrapper); type/slots.c keeps both
 *      sides in step in both directions.
 *   3. A type with Py_TPFLAGS_VALID_VERSION_TAG has a `tp_version_tag` other than 0 that no other
 *      type and no earlier state of this one ever had, and so have all its bases. Whatever changes
 *      what a lookup may find calls PyType_Modified, which takes the tags of the type and its
 *      subclasses away. So (tp_version_tag == seen) proves that a lookup gives what it gave, or, of a
 *      class variable, at least a value that is as little of a descriptor: type_note_replaced().
 *   4. `tp_subclasses` is NULL or a dict {address: weak reference} of the direct subclasses.
 */
#ifndef KRAIT_OBJECTS_TYPE_H
#define KRAIT_OBJECTS_TYPE_H

#include <Python.h>
#include <stdbool.h>

#include "base/attributes.h"
#include "base/config.h"

enum { TYPE_CACHE_SIZE = KRAIT_LIMIT(2048, 4) };

/* A line of the cache of lookups: (tag, name) -> value. */
typedef struct {
    unsigned int version; /* 0: empty */
    PyObject *name;       /* owned, or NULL */
    PyObject *value;      /* borrowed, NULL: known to be absent */
} TypeCacheEntry;

/* Lines of the table of class variables that are written: see type_note_replaced(). */
enum { TYPE_VARIABLES = KRAIT_LIMIT(4096, 4) };

struct TypeRuntime {
    unsigned int last_version_tag;
    uint8_t replaced[TYPE_VARIABLES];
    TypeCacheEntry cache[TYPE_CACHE_SIZE];
    /* Installed by the VM, for super() without arguments: new references to the class cell's
     * content and to the first argument of the calling frame; -1 with RuntimeError. */
    int (*super_find_arguments)(PyTypeObject **type, PyObject **obj);
    /* Installed by the VM, borrowed: the globals of the calling frame, or NULL. For __module__ of
     * new classes. */
    PyObject *(*current_globals_borrow)(void);
    bool dicts_wait;        /* the dicts of static types, for their first use: see dict.c */
};
extern struct TypeRuntime type_runtime;

/* -- Lookups (cache.c) -- */

/* Gives the type a version tag if it has none; false when it cannot have one (never an
 * exception). */
bool type_assign_version(PyTypeObject *type);
/* The instances of a class have become descriptors of another kind: nobody trusts a version any more. */
void type_note_descriptor_change(void);

/* A class variable, like a count of instances, that is written now and then must not cost the class its version each time. So
 * what was replaced twice, a plain value by a plain value, is a variable: no cache keeps its value by the version, and
 * replacing it again changes no version. True if that is so; else the class is to be told as modified. */
bool type_note_replaced(PyTypeObject *type, PyObject *name);

/* Borrowed, without the cache and without exceptions left behind: what the MRO has under `name`. */
PyObject *type_find_in_mro(PyTypeObject *type, PyObject *name);

static inline TypeCacheEntry *type_cache_entry(unsigned int version, PyObject *name)
{
    return &type_runtime
                .cache[(version ^ (unsigned int)((uintptr_t)name >> 4)) & (TYPE_CACHE_SIZE - 1)];
}

/* Whether the result of a lookup just made holds as long as the version does: it is in the cache. */
static inline bool type_lookup_is_lasting(PyTypeObject *type, PyObject *name)
{
    TypeCacheEntry *entry = type_cache_entry(type->tp_version_tag, name);
    return entry->version && entry->version == type->tp_version_tag && entry->name == name;
}

/* Borrowed: what _PyType_Lookup gives, with the hit in line. */
static inline PyObject *type_lookup_borrow(PyTypeObject *type, PyObject *name)
{
    TypeCacheEntry *entry = type_cache_entry(type->tp_version_tag, name);
    if (entry->version == type->tp_version_tag && entry->name == name && entry->version) {
        return entry->value;
    }
    return _PyType_Lookup(type, name);
}

/* New reference to a special method bound to self, NULL with or without an exception. */
PyObject *type_lookup_special(PyObject *self, PyObject *name);

/* New reference to a special method looked up on the type of self; *unbound says that self is to be
 * passed first. NULL with or without an exception. */
PyObject *type_lookup_method(PyObject *self, PyObject *name, bool *unbound);

/* -- Order of bases (mro.c) -- */

/* Computes the MRO anew (through metaclass.mro() if there is one) and stores it. *old_mro, if
 * wanted, gets the old one, owned. 1: changed, 0: overtaken by a nested call, -1: exception. */
int type_update_mro(PyTypeObject *type, PyObject **old_mro);
PyObject *type_mro_default(PyTypeObject *type);
bool type_is_subtype_by_bases(PyTypeObject *a, PyTypeObject *b);

/* Borrowed: the base whose instance layout a type with these bases has; NULL with TypeError. */
PyTypeObject *type_best_base(PyObject *bases);
/* Borrowed: the nearest base (or the type itself) that adds fields. */
PyTypeObject *type_solid_base(PyTypeObject *type);

/* -- Subclasses (subclasses.c) -- */
int type_add_subclass(PyTypeObject *base, PyTypeObject *type);
int type_add_all_subclasses(PyTypeObject *type, PyObject *bases);
void type_remove_subclass(PyTypeObject *base, PyTypeObject *type);
void type_remove_all_subclasses(PyTypeObject *type, PyObject *bases);
/* New list of the living direct subclasses. */
PyObject *type_subclasses_list(PyTypeObject *type);

/* -- Slots (slots.c, slot_functions.c, slot_wrappers.c) -- */

/* Interns the names of the table. */
int slots_init(void);
/* Groups of slots that stand for the same methods, as bits: which of them the type fills itself, asked before it inherits. */
typedef uint64_t SlotSet[2];
void slots_find_own(PyTypeObject *type, SlotSet own);
/* Whether one of these slots gives a built-in type the method `name`, an interned str. */
bool slots_give_method(const SlotSet own, PyObject *name);
/* Adds wrappers of these slots to tp_dict. */
int slots_add_wrappers(PyTypeObject *type, const SlotSet own);
/* Sets each slot of a new class as the special methods found along its MRO demand. */
void slots_fixup(PyTypeObject *type);
/* Whether the MRO is the type and then the MRO of its only base. */
bool slots_follow_only_base(PyTypeObject *type);
/* After assignment to attribute `name`: sets its slots in the type and its subclasses. Interned str
 * only. */
int slots_update(PyTypeObject *type, PyObject *name);
/* The same for all slots: the MRO has changed. */
void slots_update_all(PyTypeObject *type);

/* Where a type keeps the slot that stands at `offset` of a PyHeapTypeObject; NULL if it has not got
 * the suite of slots. */
void **type_slot_address(PyTypeObject *type, size_t offset);

/* The entry functions that stand in slots and call special methods, for those who compare. */
PyObject *slot_tp_new(PyTypeObject *type, PyObject *args, PyObject *kwargs);
int slot_tp_init(PyObject *self, PyObject *args, PyObject *kwargs);
PyObject *slot_tp_call(PyObject *self, PyObject *args, PyObject *kwargs);
PyObject *slot_tp_getattro(PyObject *self, PyObject *name);
PyObject *slot_tp_getattr_hook(PyObject *self, PyObject *name);
int slot_tp_setattro(PyObject *self, PyObject *name, PyObject *value);
PyObject *slot_tp_descr_get(PyObject *self, PyObject *obj, PyObject *type);
PyObject *slot_tp_iternext(PyObject *self);
PyObject *slot_tp_richcompare(PyObject *self, PyObject *other, int op);
Py_hash_t slot_tp_hash(PyObject *self);
void slot_tp_finalize(PyObject *self);
PyObject *slot_sq_item(PyObject *self, Py_ssize_t index);

/* -- Dicts of built-in types (dict.c) -- */

/* What of the dict cannot be told from the type any more once it has inherited. */
typedef struct {
    SlotSet own_slots;
    bool own_new;       /* tp_new is the type's own */
    bool no_hash;       /* __hash__ is None */
} TypeDictPlan;

int type_fill_dict(PyTypeObject *type, const TypeDictPlan *plan);
int type_postpone_dict(PyTypeObject *type, const TypeDictPlan *plan);
PyObject *type_fill_waiting_dict(PyTypeObject *type);

/* Fills all dicts that wait; from now on none does. 0, or -1 with an exception. */
int types_fill_waiting_dicts(void);

/* Whether the dict waits to be filled. */
static inline bool type_dict_waits(PyTypeObject *type)
{
    return !type->tp_dict && type->tp_cache && !(type->tp_flags & Py_TPFLAGS_HEAPTYPE);
}

/* For a type whose dict waits: true if it need not be filled to know that `name` will not be there. So the first few looks that
 * find nothing do not fill it. */
bool type_dict_will_lack(PyTypeObject *type, PyObject *name);

/* The type's dict, filled: borrowed. NULL without an exception for a type that is not ready, with one if memory is short. */
static inline PyObject *type_dict(PyTypeObject *type)
{
    return UNLIKELY(type_dict_waits(type)) ? type_fill_waiting_dict(type) : type->tp_dict;
}

/* Borrowed: what the type's own dict has under `name`; NULL with or without an exception. */
PyObject *type_dict_get(PyTypeObject *type, PyObject *name);

/* -- Making types ready (ready.c) -- */

/* PyType_Ready for a new class, as a class statement makes them: its slots are those that its methods demand. */
int type_ready_class(PyTypeObject *type);
/* The slots and flags that `type` takes over from `base`. */
void type_inherit_slots(PyTypeObject *type, PyTypeObject *base);
/* The same of a class's only base, whose slots are whole, but for the suites that slots_fixup copies. */
void type_inherit_from_only_base(PyTypeObject *type);
/* The function behind `T.__new__`. */
PyObject *type_new_wrapper(PyObject *self, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames);

/* -- Instances of heap types (subtype.c) -- */
void subtype_dealloc(PyObject *self);
int subtype_traverse(PyObject *self, visitproc visit, void *arg);
int subtype_clear(PyObject *self);
/* The getset entries __dict__ and __weakref__ of classes that add these. */
extern PyGetSetDef subtype_getsets_full[], subtype_getsets_dict_only[],
    subtype_getsets_weakref_only[];

/* -- Calls (call.c) -- */
PyObject *type_call(PyTypeObject *type, PyObject *args, PyObject *kwargs);
PyObject *type_vectorcall_instance(PyObject *type, PyObject *const *args, size_t nargsf,
                                   PyObject *kwnames);
PyObject *type_vectorcall_type(PyObject *metatype, PyObject *const *args, size_t nargsf,
                               PyObject *kwnames);

/* For callers that take short cuts: how to call a class (PyType_Check) whose metaclass was written in
 * Python and so has no vectorcall flag, but leaves __call__ alone (ABCMeta, EnumType); else NULL. */
static inline vectorcallfunc type_vectorcall_of(PyTypeObject *type)
{
    return Py_TYPE(type)->tp_call == (ternaryfunc)type_call ? type->tp_vectorcall : NULL;
}

/* -- type itself (type.c, new.c, attributes) -- */
PyObject *type_new(PyTypeObject *metatype, PyObject *args, PyObject *kwargs);
/* As type.__getattribute__; with `suppress`, NULL without an exception where AttributeError would
 * be raised. */
PyObject *type_getattro_maybe(PyTypeObject *type, PyObject *name, bool suppress);
PyObject *type_getattro(PyObject *type, PyObject *name);
int type_set_bases(PyTypeObject *type, PyObject *bases, void *context);
int object_set_class(PyObject *self, PyObject *value, void *context);
/* New list of attribute names in the MRO, unsorted dict keys merged as dir() does. */
int type_merge_class_dict(PyObject *dict, PyObject *klass);
/* Whether instances could swap types: same layout. */
bool type_compatible_for_assignment(PyTypeObject *old, PyTypeObject *new, const char *attr);
/* Members of a heap type that its __slots__ made: they stand behind the PyHeapTypeObject. */
static inline PyMemberDef *type_slot_members(PyHeapTypeObject *type)
{
    return (PyMemberDef *)((char *)type + Py_TYPE(type)->tp_basicsize);
}
/* New reference: __module__ of any type, NULL with an exception. */
PyObject *type_get_module(PyTypeObject *type, void *context);
PyObject *type_get_qualname(PyTypeObject *type, void *context);

/* -- object (object_type.c, reduce.c) -- */
PyObject *object_new(PyTypeObject *type, PyObject *args, PyObject *kwargs);
int object_init(PyObject *self, PyObject *args, PyObject *kwargs);
PyObject *object_repr(PyObject *self);
PyObject *object_reduce(PyObject *self, PyObject *ignored);
PyObject *object_reduce_ex(PyObject *self, PyObject *protocol);
PyObject *object_getstate(PyObject *self, PyObject *ignored);
/* 1 if __reduce_ex__() of an object, with a protocol from 2 on, is surely object's own and would give
 * (copyreg.__newobj__, (type,), state, None, None); *state is a new reference then. Else 0, or -1. */
int object_reduce_plainly(PyObject *obj, PyObject **state);

/* Notes object and name in the exception that is set if it is an AttributeError, unless it has its
 * own: for suggestions in tracebacks (attributes.c). */
void attribute_error_note(PyObject *obj, PyObject *name);

/* What a classmethod or staticmethod wraps. Borrowed; NULL before __init__. */
PyObject *classmethod_callable_borrow(PyObject *wrapper);

/* The getter of a property. Borrowed; NULL if it has none. */
PyObject *property_getter_borrow(PyObject *property);

#endif
