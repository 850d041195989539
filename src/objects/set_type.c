/* The types set and frozenset: slots, methods, iterator. */
#include "objects/immortal.h"
#include "objects/names.h"
#include "objects/set_internal.h"

static inline PySetObject *as_set(PyObject *op)
{
    return (PySetObject *)op;
}

/* What operations on a set or frozenset, or on a subclass of it, give. */
static PyTypeObject *base_type(PyObject *self)
{
    return PyType_IsSubtype(Py_TYPE(self), &PySet_Type) ? &PySet_Type : &PyFrozenSet_Type;
}

static PyObject *copy_of(PyObject *self)
{
    return set_new_of_type(base_type(self), self);
}

/* ---- Life ---- */

static PyObject *set_new(PyTypeObject *type, PyObject *Py_UNUSED(args), PyObject *Py_UNUSED(kwargs))
{
    return set_new_of_type(type, NULL);
}

static PyObject *frozenset_make(PyTypeObject *type, PyObject *iterable)
{
    if (type == &PyFrozenSet_Type && iterable != NULL && PyFrozenSet_CheckExact(iterable)) return Py_NewRef(iterable);
    return set_new_of_type(type, iterable);
}

static PyObject *frozenset_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    PyObject *iterable = NULL;
    if ((type == &PyFrozenSet_Type || type->tp_init == PyFrozenSet_Type.tp_init) && !_PyArg_NoKeywords("frozenset", kwargs)) {
        return NULL;
    }
    if (!PyArg_UnpackTuple(args, type->tp_name, 0, 1, &iterable)) return NULL;
    return frozenset_make(type, iterable);
}

static PyObject *frozenset_vectorcall(PyObject *type, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    Py_ssize_t nargs = PyVectorcall_NARGS(nargsf);
    if (!_PyArg_NoKwnames("frozenset", kwnames) || !_PyArg_CheckPositional("frozenset", nargs, 0, 1)) return NULL;
    return frozenset_make((PyTypeObject *)type, nargs == 1 ? args[0] : NULL);
}

static PyObject *set_vectorcall(PyObject *type, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    Py_ssize_t nargs = PyVectorcall_NARGS(nargsf);
    if (!_PyArg_NoKwnames("set", kwnames) || !_PyArg_CheckPositional("set", nargs, 0, 1)) return NULL;
    return set_new_of_type((PyTypeObject *)type, nargs == 1 ? args[0] : NULL);
}

static int set_init(PyObject *self, PyObject *args, PyObject *kwargs)
{
    PyObject *iterable = NULL;
    if (!_PyArg_NoKeywords("set", kwargs)) return -1;
    if (!PyArg_UnpackTuple(args, Py_TYPE(self)->tp_name, 0, 1, &iterable)) return -1;
    set_clear_all(as_set(self));
    as_set(self)->hash = -1;
    return iterable == NULL ? 0 : set_update_from(as_set(self), iterable);
}

enum { FEW_ENTRIES = 128 };

static void set_dealloc(PyObject *self);

/* Destroys a set whose elements may bring down others with them. */
static void set_dealloc_nested(PyObject *self)
{
    PySetObject *set = as_set(self);
    Py_TRASHCAN_BEGIN(self, set_dealloc)
    Py_ssize_t left = set->fill;
    for (setentry *entry = set->table; left > 0; entry++) {
        if (entry->key == NULL) continue;
        left--;
        if (entry->hash != -1) Py_DECREF(entry->key);
    }
    if (set->table != set->smalltable) memory_mem_free(set->table);
    if (PyAnySet_CheckExact(self)) gc_free(self, sizeof(GcHead));
    else Py_TYPE(self)->tp_free(self);
    Py_TRASHCAN_END
}

/* Releases the elements of a small table, none of which may bring down others; else 0 are taken out and the answer is false.
 * Which entries are in use is as good as random: they are picked out without a branch for each. Some may be gone already, when a
 * set comes back from the trashcan: then `used` is more than there are. */
static bool release_few(PySetObject *set)
{
    PyObject *keys[FEW_ENTRIES];
    int n = 0;
    if (set->mask >= FEW_ENTRIES) return false;
    for (const setentry *entry = set->table; entry <= &set->table[set->mask] && n < set->used; entry++) {
        keys[n] = entry->key;
        n += (entry->hash != -1) & (keys[n] != NULL);
    }
    for (int i = 0; i < n; i++) {
        if (release_may_nest(keys[i])) return false;
    }
    for (int i = 0; i < n; i++) Py_DECREF(keys[i]);
    set->fill = 0;
    return true;
}

static void set_dealloc(PyObject *self)
{
    PySetObject *set = as_set(self);
    if (gc_tracked(self)) gc_untrack(self);
    if (set->weakreflist != NULL) PyObject_ClearWeakRefs(self);
    if (set->fill > 0) release_few(set);
    for (setentry *entry = set->table; set->fill > 0; entry++) {    /* dummies count, too */
        if (entry->key == NULL) continue;
        if (entry->hash != -1) {
            if (release_may_nest(entry->key)) {     /* should the set wait in the trashcan, the rest is left */
                set_dealloc_nested(self);
                return;
            }
            Py_DECREF(entry->key);
        }
        entry->key = NULL;
        set->fill--;
    }
    if (set->table != set->smalltable) memory_mem_free(set->table);
    if (PyAnySet_CheckExact(self)) gc_free(self, sizeof(GcHead));
    else Py_TYPE(self)->tp_free(self);
}

static int set_traverse(PyObject *self, visitproc visit, void *arg)
{
    PyObject *key;
    Py_hash_t hash;
    Py_ssize_t position = 0;
    while (set_next_borrow(as_set(self), &position, &key, &hash)) Py_VISIT(key);
    return 0;
}

static int set_tp_clear(PyObject *self)
{
    set_clear_all(as_set(self));
    return 0;
}

/* ---- Text, hash, membership ---- */

static PyObject *items_repr(PyObject *self)
{
    PyObject *keys = PySequence_List(self);
    if (keys == NULL) return NULL;
    PyObject *list_text = PyObject_Repr(keys), *text = NULL;
    Py_DECREF(keys);
    if (list_text == NULL) return NULL;
    PyObject *inner = PyUnicode_Substring(list_text, 1, PyUnicode_GET_LENGTH(list_text) - 1);
    Py_DECREF(list_text);
    if (inner == NULL) return NULL;
    text = PySet_CheckExact(self) ? PyUnicode_FromFormat("{%U}", inner)
                                  : PyUnicode_FromFormat("%s({%U})", Py_TYPE(self)->tp_name, inner);
    Py_DECREF(inner);
    return text;
}

static PyObject *set_repr(PyObject *self)
{
    int entered = Py_ReprEnter(self);
    if (entered != 0) return entered > 0 ? PyUnicode_FromFormat("%s(...)", Py_TYPE(self)->tp_name) : NULL;
    PyObject *text = as_set(self)->used == 0 ? PyUnicode_FromFormat("%s()", Py_TYPE(self)->tp_name) : items_repr(self);
    Py_ReprLeave(self);
    return text;
}

static inline Py_uhash_t spread_bits(Py_uhash_t hash)
{
    return ((hash ^ 89869747u) ^ (hash << 16)) * 3644798167u;
}

/* The same for the same elements in whatever order, and the same as the reference's. */
static Py_hash_t frozenset_hash(PyObject *self)
{
    PySetObject *set = as_set(self);
    if (set->hash != -1) return set->hash;
    Py_uhash_t hash = 0;
    for (Py_ssize_t i = 0; i <= set->mask; i++) {
        const setentry *entry = &set->table[i];
        if (entry->key != NULL && entry->hash != -1) hash ^= spread_bits((Py_uhash_t)entry->hash);
    }
    hash ^= ((Py_uhash_t)set->used + 1) * 1927868237u;
    hash ^= (hash >> 11) ^ (hash >> 25);
    hash = hash * 69069u + 907133923u;
    if (hash == (Py_uhash_t)-1) hash = 590923713u;
    set->hash = (Py_hash_t)hash;
    return set->hash;
}

static Py_ssize_t set_length(PyObject *self)
{
    return as_set(self)->used;
}

static int contains_key(PyObject *self, PyObject *key)
{
    Py_hash_t hash = object_hash(key);
    return hash == -1 ? -1 : set_contains_hashed(as_set(self), key, hash);
}

static int discard_key(PyObject *self, PyObject *key)
{
    Py_hash_t hash = object_hash(key);
    return hash == -1 ? -1 : set_discard_hashed(as_set(self), key, hash);
}

/* Applies one of the two above; a key that is an unhashable set is looked for as a frozenset. */
static int by_key_or_frozen(PyObject *self, PyObject *key, int (*operation)(PyObject *, PyObject *))
{
    int result = operation(self, key);
    if (result >= 0 || !PySet_Check(key) || !PyErr_ExceptionMatches(PyExc_TypeError)) return result;
    PyErr_Clear();
    PyObject *frozen = set_new_of_type(&PyFrozenSet_Type, key);
    if (frozen == NULL) return -1;
    result = operation(self, frozen);
    Py_DECREF(frozen);
    return result;
}

static int set_contains(PyObject *self, PyObject *key)
{
    return by_key_or_frozen(self, key, contains_key);
}

static PyObject *set_contains_method(PyObject *self, PyObject *key)
{
    int found = set_contains(self, key);
    return found < 0 ? NULL : bool_from(found);
}

/* ---- Operations that change the set ---- */

static PyObject *set_add(PyObject *self, PyObject *key)
{
    Py_hash_t hash = object_hash(key);
    if (hash == -1 || set_add_hashed(as_set(self), key, hash) < 0) return NULL;
    Py_RETURN_NONE;
}

static PyObject *set_remove(PyObject *self, PyObject *key)
{
    int found = by_key_or_frozen(self, key, discard_key);
    if (found < 0) return NULL;
    if (found == 0) {
        _PyErr_SetKeyError(key);
        return NULL;
    }
    Py_RETURN_NONE;
}

static PyObject *set_discard(PyObject *self, PyObject *key)
{
    if (by_key_or_frozen(self, key, discard_key) < 0) return NULL;
    Py_RETURN_NONE;
}

static PyObject *set_pop(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return set_pop_any(as_set(self));
}

static PyObject *set_clear_method(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    set_clear_all(as_set(self));
    Py_RETURN_NONE;
}

static PyObject *set_update(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    for (Py_ssize_t i = 0; i < nargs; i++) {
        if (set_update_from(as_set(self), args[i]) < 0) return NULL;
    }
    Py_RETURN_NONE;
}

static PyObject *intersection_with(PyObject *self, PyObject *other);

static int difference_update(PyObject *self, PyObject *other)
{
    PySetObject *set = as_set(self);
    if (self == other) {
        set_clear_all(set);
        return 0;
    }
    if (PyAnySet_Check(other)) {
        PyObject *key;
        Py_hash_t hash;
        Py_ssize_t position = 0;
        if ((as_set(other)->used >> 3) > set->used) {   /* much larger: only what both have matters */
            other = intersection_with(self, other);
            if (other == NULL) return -1;
        } else {
            Py_INCREF(other);
        }
        int result = 0;
        while (result >= 0 && set_next_borrow(as_set(other), &position, &key, &hash)) {
            Py_INCREF(key);
            result = set_discard_hashed(set, key, hash);
            Py_DECREF(key);
        }
        Py_DECREF(other);
        if (result < 0) return -1;
    } else {
        PyObject *iterator = PyObject_GetIter(other), *key;
        if (iterator == NULL) return -1;
        int result = 0;
        while (result >= 0 && (key = PyIter_Next(iterator)) != NULL) {
            result = discard_key(self, key);
            Py_DECREF(key);
        }
        Py_DECREF(iterator);
        if (result < 0 || PyErr_Occurred()) return -1;
    }
    if (set->fill - set->used <= set->mask / 4) return 0;   /* not worth getting rid of the dummies */
    return set_resize(set, set->used > 50000 ? set->used * 2 : set->used * 4);
}

static PyObject *set_difference_update(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    for (Py_ssize_t i = 0; i < nargs; i++) {
        if (difference_update(self, args[i]) < 0) return NULL;
    }
    Py_RETURN_NONE;
}

/* Takes the key out if it is in, puts it in if not. */
static int toggle(PySetObject *set, PyObject *key, Py_hash_t hash)
{
    Py_INCREF(key);
    int result = set_discard_hashed(set, key, hash);
    if (result == 0) result = set_add_hashed(set, key, hash);
    Py_DECREF(key);
    return result;
}

static int symmetric_difference_update(PyObject *self, PyObject *other)
{
    PySetObject *set = as_set(self);
    PyObject *key, *value;
    Py_hash_t hash;
    Py_ssize_t position = 0;
    if (self == other) {
        set_clear_all(set);
        return 0;
    }
    if (PyDict_CheckExact(other)) {
        while (_PyDict_Next(other, &position, &key, &value, &hash)) {
            if (toggle(set, key, hash) < 0) return -1;
        }
        return 0;
    }
    PyObject *others = PyAnySet_Check(other) ? Py_NewRef(other) : set_new_of_type(base_type(self), other);
    if (others == NULL) return -1;
    int result = 0;
    while (result >= 0 && set_next_borrow(as_set(others), &position, &key, &hash)) result = toggle(set, key, hash);
    Py_DECREF(others);
    return result < 0 ? -1 : 0;
}

static PyObject *set_symmetric_difference_update(PyObject *self, PyObject *other)
{
    if (symmetric_difference_update(self, other) < 0) return NULL;
    Py_RETURN_NONE;
}

/* ---- Operations that make a new set ---- */

/* Adds to result those elements of `from` for which being in `in` is `wanted`. `in` is a set, or a dict. */
static int filter_into(PyObject *result, PyObject *from, PyObject *in, bool wanted)
{
    PyObject *key;
    Py_hash_t hash;
    Py_ssize_t position = 0;
    bool in_dict = PyDict_CheckExact(in);
    while (set_next_borrow(as_set(from), &position, &key, &hash)) {
        Py_INCREF(key);
        int found = in_dict ? _PyDict_Contains_KnownHash(in, key, hash) : set_contains_hashed(as_set(in), key, hash);
        if (found >= 0) found = found == wanted ? set_add_hashed(as_set(result), key, hash) : 0;
        Py_DECREF(key);
        if (found < 0) return -1;
    }
    return 0;
}

static int intersect_iterable(PyObject *result, PyObject *self, PyObject *iterable)
{
    PyObject *iterator = PyObject_GetIter(iterable), *key;
    if (iterator == NULL) return -1;
    int status = 0;
    bool whole = false;     /* nothing more can come in: the rest of the iterable is left alone */
    while (status >= 0 && !whole && (key = PyIter_Next(iterator)) != NULL) {
        Py_hash_t hash = object_hash(key);
        status = hash == -1 ? -1 : set_contains_hashed(as_set(self), key, hash);
        if (status > 0) {
            status = set_add_hashed(as_set(result), key, hash);
            whole = as_set(result)->used >= as_set(self)->used;
        }
        Py_DECREF(key);
    }
    Py_DECREF(iterator);
    return status < 0 || PyErr_Occurred() ? -1 : 0;
}

static PyObject *intersection_with(PyObject *self, PyObject *other)
{
    if (self == other) return copy_of(self);
    PyObject *result = set_new_of_type(base_type(self), NULL);
    if (result == NULL) return NULL;
    int status;
    if (PyAnySet_Check(other)) {
        bool other_larger = as_set(other)->used > as_set(self)->used;
        status = other_larger ? filter_into(result, self, other, true) : filter_into(result, other, self, true);
    } else {
        status = intersect_iterable(result, self, other);
    }
    if (status < 0) Py_CLEAR(result);
    return result;
}

static PyObject *set_intersection(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    if (nargs == 0) return copy_of(self);
    PyObject *result = Py_NewRef(self);
    for (Py_ssize_t i = 0; i < nargs && result != NULL; i++) Py_SETREF(result, intersection_with(result, args[i]));
    return result;
}

static PyObject *set_intersection_update(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    PyObject *result = set_intersection(self, args, nargs);
    if (result == NULL) return NULL;
    set_swap(as_set(self), as_set(result));
    Py_DECREF(result);
    Py_RETURN_NONE;
}

static PyObject *difference_by_copy(PyObject *self, PyObject *other)
{
    PyObject *result = copy_of(self);
    if (result != NULL && difference_update(result, other) < 0) Py_CLEAR(result);
    return result;
}

static PyObject *difference_with(PyObject *self, PyObject *other)
{
    Py_ssize_t size;
    if (PyAnySet_Check(other)) {
        size = as_set(other)->used;
    } else if (PyDict_CheckExact(other)) {
        size = PyDict_GET_SIZE(other);
    } else {
        return difference_by_copy(self, other);
    }
    if ((as_set(self)->used >> 2) > size) return difference_by_copy(self, other);     /* few to take out */
    PyObject *result = set_new_of_type(base_type(self), NULL);
    if (result != NULL && filter_into(result, self, other, false) < 0) Py_CLEAR(result);
    return result;
}

static PyObject *set_difference(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    if (nargs == 0) return copy_of(self);
    PyObject *result = difference_with(self, args[0]);
    for (Py_ssize_t i = 1; i < nargs && result != NULL; i++) {
        if (difference_update(result, args[i]) < 0) Py_CLEAR(result);
    }
    return result;
}

static PyObject *set_symmetric_difference(PyObject *self, PyObject *other)
{
    PyObject *result = set_new_of_type(base_type(self), other);
    if (result != NULL && symmetric_difference_update(result, self) < 0) Py_CLEAR(result);
    return result;
}

static PyObject *set_union(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    PyObject *result = copy_of(self);
    for (Py_ssize_t i = 0; i < nargs && result != NULL; i++) {
        if (args[i] != self && set_update_from(as_set(result), args[i]) < 0) Py_CLEAR(result);
    }
    return result;
}

static PyObject *set_copy(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return copy_of(self);
}

static PyObject *frozenset_copy(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return PyFrozenSet_CheckExact(self) ? Py_NewRef(self) : copy_of(self);
}

/* ---- Operators ---- */

static PyObject *set_or(PyObject *a, PyObject *b)
{
    if (!PyAnySet_Check(a) || !PyAnySet_Check(b)) Py_RETURN_NOTIMPLEMENTED;
    return set_union(a, &b, 1);
}

static PyObject *set_and(PyObject *a, PyObject *b)
{
    if (!PyAnySet_Check(a) || !PyAnySet_Check(b)) Py_RETURN_NOTIMPLEMENTED;
    return intersection_with(a, b);
}

static PyObject *set_sub(PyObject *a, PyObject *b)
{
    if (!PyAnySet_Check(a) || !PyAnySet_Check(b)) Py_RETURN_NOTIMPLEMENTED;
    return difference_with(a, b);
}

static PyObject *set_xor(PyObject *a, PyObject *b)
{
    if (!PyAnySet_Check(a) || !PyAnySet_Check(b)) Py_RETURN_NOTIMPLEMENTED;
    return set_symmetric_difference(a, b);
}

static PyObject *set_ior(PyObject *self, PyObject *other)
{
    if (!PyAnySet_Check(other)) Py_RETURN_NOTIMPLEMENTED;
    return set_update_from(as_set(self), other) < 0 ? NULL : Py_NewRef(self);
}

static PyObject *set_iand(PyObject *self, PyObject *other)
{
    if (!PyAnySet_Check(other)) Py_RETURN_NOTIMPLEMENTED;
    PyObject *done = set_intersection_update(self, &other, 1);
    if (done == NULL) return NULL;
    Py_DECREF(done);
    return Py_NewRef(self);
}

static PyObject *set_isub(PyObject *self, PyObject *other)
{
    if (!PyAnySet_Check(other)) Py_RETURN_NOTIMPLEMENTED;
    return difference_update(self, other) < 0 ? NULL : Py_NewRef(self);
}

static PyObject *set_ixor(PyObject *self, PyObject *other)
{
    if (!PyAnySet_Check(other)) Py_RETURN_NOTIMPLEMENTED;
    return symmetric_difference_update(self, other) < 0 ? NULL : Py_NewRef(self);
}

/* ---- Comparing ---- */

/* Whether all elements of set a are in set b: 1, 0 or -1. */
static int is_subset(PyObject *a, PyObject *b)
{
    if (as_set(a)->used > as_set(b)->used) return 0;
    PyObject *key;
    Py_hash_t hash;
    Py_ssize_t position = 0;
    while (set_next_borrow(as_set(a), &position, &key, &hash)) {
        Py_INCREF(key);
        int found = set_contains_hashed(as_set(b), key, hash);
        Py_DECREF(key);
        if (found <= 0) return found;
    }
    return 1;
}

static PyObject *set_richcompare(PyObject *a, PyObject *b, int op)
{
    if (!PyAnySet_Check(b)) Py_RETURN_NOTIMPLEMENTED;
    PySetObject *x = as_set(a), *y = as_set(b);
    int result = 0;
    switch (op) {
        case Py_EQ:
        case Py_NE:
            if (x->used == y->used && (x->hash == -1 || y->hash == -1 || x->hash == y->hash)) result = is_subset(a, b);
            if (op == Py_NE && result >= 0) result = !result;
            break;
        case Py_LE: result = is_subset(a, b); break;
        case Py_GE: result = is_subset(b, a); break;
        case Py_LT: result = x->used < y->used ? is_subset(a, b) : 0; break;
        case Py_GT: result = x->used > y->used ? is_subset(b, a) : 0; break;
    }
    return result < 0 ? NULL : bool_from(result);
}

static PyObject *set_issubset(PyObject *self, PyObject *other)
{
    if (!PyAnySet_Check(other)) {
        other = PySet_New(other);
        if (other == NULL) return NULL;
    } else {
        Py_INCREF(other);
    }
    int result = is_subset(self, other);
    Py_DECREF(other);
    return result < 0 ? NULL : bool_from(result);
}

/* Whether each (or, with wanted false, none) of the elements of an iterable is in the set: 1, 0 or -1. */
static int all_in_set(PyObject *self, PyObject *iterable, bool wanted)
{
    PyObject *iterator = PyObject_GetIter(iterable), *key;
    if (iterator == NULL) return -1;
    int found = wanted;
    while (found == wanted && (key = PyIter_Next(iterator)) != NULL) {
        found = contains_key(self, key);
        Py_DECREF(key);
    }
    Py_DECREF(iterator);
    return found < 0 || PyErr_Occurred() ? -1 : found == wanted;
}

static PyObject *set_issuperset(PyObject *self, PyObject *other)
{
    int result = PyAnySet_Check(other) ? is_subset(other, self) : all_in_set(self, other, true);
    return result < 0 ? NULL : bool_from(result);
}

static PyObject *set_isdisjoint(PyObject *self, PyObject *other)
{
    if (self == other) return bool_from(as_set(self)->used == 0);
    if (!PyAnySet_CheckExact(other)) {
        int result = all_in_set(self, other, false);
        return result < 0 ? NULL : bool_from(result);
    }
    if (as_set(other)->used > as_set(self)->used) {     /* walk the smaller one */
        PyObject *swap = self;
        self = other;
        other = swap;
    }
    PyObject *key;
    Py_hash_t hash;
    Py_ssize_t position = 0;
    while (set_next_borrow(as_set(other), &position, &key, &hash)) {
        Py_INCREF(key);
        int found = set_contains_hashed(as_set(self), key, hash);
        Py_DECREF(key);
        if (found < 0) return NULL;
        if (found) Py_RETURN_FALSE;
    }
    Py_RETURN_TRUE;
}

/* ---- Others ---- */

static PyObject *set_reduce(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    PyObject *keys = PySequence_List(self);
    if (keys == NULL) return NULL;
    PyObject *state = _PyObject_GetState(self);
    if (state == NULL) {
        Py_DECREF(keys);
        return NULL;
    }
    return Py_BuildValue("O(N)N", Py_TYPE(self), keys, state);
}

static PyObject *set_sizeof(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    size_t size = (size_t)Py_TYPE(self)->tp_basicsize;
    if (as_set(self)->table != as_set(self)->smalltable) size += ((size_t)as_set(self)->mask + 1) * sizeof(setentry);
    return PyLong_FromSize_t(size);
}

#define FASTCALL(function) ((PyCFunction)(void (*)(void))(function)), METH_FASTCALL

#define DOC_REDUCE "What pickling needs."
#define COMMON_METHODS                                                                                              \
    {"__contains__", set_contains_method, METH_O | METH_COEXIST, "x.__contains__(y) <==> y in x."},                 \
    {"difference", FASTCALL(set_difference), "A new set of the elements that none of the others has."},             \
    {"intersection", FASTCALL(set_intersection), "A new set of the elements that all others have too."},            \
    {"isdisjoint", set_isdisjoint, METH_O, "Whether the two have no element in common."},                           \
    {"issubset", set_issubset, METH_O, "Whether the other has all elements of this set."},                          \
    {"issuperset", set_issuperset, METH_O, "Whether this set has all elements of the other."},                      \
    {"__reduce__", set_reduce, METH_NOARGS, DOC_REDUCE},                                                            \
    {"__sizeof__", set_sizeof, METH_NOARGS, "S.__sizeof__() -> bytes of memory that S takes"},                      \
    {"symmetric_difference", set_symmetric_difference, METH_O,                                                      \
     "A new set of the elements that exactly one of the two has."},                                                 \
    {"union", FASTCALL(set_union), "A new set of the elements of this set and of all others."},                     \
    {"__class_getitem__", Py_GenericAlias, METH_O | METH_CLASS, "See PEP 585"}

static PyMethodDef set_methods[] = {
    COMMON_METHODS,
    {"add", set_add, METH_O, "Adds an element, unless it is there already."},
    {"clear", set_clear_method, METH_NOARGS, "Takes all elements out."},
    {"copy", set_copy, METH_NOARGS, "A new set of the same elements."},
    {"discard", set_discard, METH_O, "Takes an element out, if it is there. Unlike remove() no error if it is not."},
    {"difference_update", FASTCALL(set_difference_update), "Takes out all elements that one of the others has."},
    {"intersection_update", FASTCALL(set_intersection_update), "Keeps only the elements that all others have too."},
    {"pop", set_pop, METH_NOARGS, "Takes out some element and returns it.\nKeyError if the set is empty."},
    {"remove", set_remove, METH_O, "Takes an element out; KeyError if it is not there."},
    {"symmetric_difference_update", set_symmetric_difference_update, METH_O,
     "Keeps the elements that the other does not have, and adds those that only it has."},
    {"update", FASTCALL(set_update), "Adds the elements of all others."},
    {NULL, NULL, 0, NULL},
};

static PyMethodDef frozenset_methods[] = {
    COMMON_METHODS,
    {"copy", frozenset_copy, METH_NOARGS, "A new set of the same elements."},
    {NULL, NULL, 0, NULL},
};

static PySequenceMethods set_as_sequence = {.sq_length = set_length, .sq_contains = set_contains};
static PyNumberMethods set_as_number = {
    .nb_subtract = set_sub,
    .nb_and = set_and,
    .nb_xor = set_xor,
    .nb_or = set_or,
    .nb_inplace_subtract = set_isub,
    .nb_inplace_and = set_iand,
    .nb_inplace_xor = set_ixor,
    .nb_inplace_or = set_ior,
};
static PyNumberMethods frozenset_as_number = {
    .nb_subtract = set_sub,
    .nb_and = set_and,
    .nb_xor = set_xor,
    .nb_or = set_or,
};

static PyObject *set_iter(PyObject *self);

#define SET_TYPE_HEAD(name)                                                                                         \
    IMMORTAL_TYPE_HEAD,                                                                                             \
    .tp_name = name,                                                                                                \
    .tp_basicsize = sizeof(PySetObject),                                                                            \
    .tp_dealloc = set_dealloc,                                                                                      \
    .tp_repr = set_repr,                                                                                            \
    .tp_as_sequence = &set_as_sequence,                                                                             \
    .tp_getattro = PyObject_GenericGetAttr,                                                                         \
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASETYPE | _Py_TPFLAGS_MATCH_SELF,             \
    .tp_traverse = set_traverse,                                                                                    \
    .tp_clear = set_tp_clear,                                                                                       \
    .tp_richcompare = set_richcompare,                                                                              \
    .tp_weaklistoffset = offsetof(PySetObject, weakreflist),                                                        \
    .tp_iter = set_iter,                                                                                            \
    .tp_alloc = PyType_GenericAlloc,                                                                                \
    .tp_free = PyObject_GC_Del

PyTypeObject PySet_Type = {
    SET_TYPE_HEAD("set"),
    .tp_as_number = &set_as_number,
    .tp_hash = PyObject_HashNotImplemented,
    .tp_doc = "set() -> an empty set\n"
              "set(iterable) -> a set of the elements of an iterable\n\n"
              "Distinct hashable elements, in no order.",
    .tp_methods = set_methods,
    .tp_init = set_init,
    .tp_new = set_new,
    .tp_vectorcall = set_vectorcall,
};

PyTypeObject PyFrozenSet_Type = {
    SET_TYPE_HEAD("frozenset"),
    .tp_as_number = &frozenset_as_number,
    .tp_hash = frozenset_hash,
    .tp_doc = "frozenset() -> an empty frozenset\n"
              "frozenset(iterable) -> a frozenset of the elements of an iterable\n\n"
              "Distinct hashable elements, in no order, that do not change.",
    .tp_methods = frozenset_methods,
    .tp_new = frozenset_new,
    .tp_vectorcall = frozenset_vectorcall,
};

/* ---- Iterator ---- */

typedef struct {
    PyObject_HEAD
    PySetObject *set;       /* owned, NULL: exhausted */
    Py_ssize_t used;        /* size the set must keep; -1 after it did not */
    Py_ssize_t position;
    Py_ssize_t left;
} SetIterator;

static PyObject *set_iter(PyObject *self)
{
    SetIterator *it = container_new(&PySetIter_Type, sizeof(SetIterator));
    if (it == NULL) return NULL;
    it->set = (PySetObject *)Py_NewRef(self);
    it->used = it->left = as_set(self)->used;
    it->position = 0;
    gc_track(it);
    return (PyObject *)it;
}

static void iterator_dealloc(PyObject *self)
{
    if (gc_tracked(self)) gc_untrack(self);
    Py_XDECREF(((SetIterator *)self)->set);
    gc_free(self, sizeof(GcHead));
}

static int iterator_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(((SetIterator *)self)->set);
    return 0;
}

static PyObject *iterator_next(PyObject *self)
{
    SetIterator *it = (SetIterator *)self;
    PySetObject *set = it->set;
    if (set == NULL) return NULL;
    if (UNLIKELY(it->used != set->used)) {
        PyErr_SetString(PyExc_RuntimeError, "Set changed size during iteration");
        it->used = -1;      /* for good */
        return NULL;
    }
    PyObject *key;
    Py_hash_t hash;
    if (set_next_borrow(set, &it->position, &key, &hash)) {
        it->left--;
        return Py_NewRef(key);
    }
    it->set = NULL;
    Py_DECREF(set);
    return NULL;
}

static PyObject *iterator_length_hint(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    SetIterator *it = (SetIterator *)self;
    return PyLong_FromSsize_t(it->set != NULL && it->used == it->set->used ? it->left : 0);
}

/* iter(list of what is left); the iterator itself does not move. */
static PyObject *iterator_reduce(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    SetIterator *it = (SetIterator *)self;
    PyObject *list;
    if (it->set == NULL) {
        list = PyList_New(0);
    } else {
        SetIterator *copy = (SetIterator *)set_iter((PyObject *)it->set);
        if (copy == NULL) return NULL;
        copy->used = it->used;
        copy->position = it->position;
        copy->left = it->left;
        list = PySequence_List((PyObject *)copy);
        Py_DECREF(copy);
    }
    if (list == NULL) return NULL;
    return Py_BuildValue("N(N)", _PyEval_GetBuiltin(NAME(iter)), list);
}

static PyMethodDef iterator_methods[] = {
    {"__length_hint__", iterator_length_hint, METH_NOARGS, "How many items are still to come, as a guess for len(list(it))."},
    {"__reduce__", iterator_reduce, METH_NOARGS, DOC_REDUCE},
    {NULL, NULL, 0, NULL},
};

PyTypeObject PySetIter_Type = {
    IMMORTAL_TYPE_HEAD,
    .tp_name = "set_iterator",
    .tp_basicsize = sizeof(SetIterator),
    .tp_dealloc = iterator_dealloc,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_traverse = iterator_traverse,
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = iterator_next,
    .tp_methods = iterator_methods,
};

int set_init_types(void)
{
    PyTypeObject *const types[] = {&PySet_Type, &PyFrozenSet_Type, &PySetIter_Type};
    for (size_t i = 0; i < Py_ARRAY_LENGTH(types); i++) {
        if (PyType_Ready(types[i]) < 0) return -1;
    }
    return 0;
}
