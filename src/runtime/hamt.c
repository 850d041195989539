/* Persistent mapping. A node has an entry for each bit of its bitmap: slots[2i] is a key and slots[2i + 1] its value, or
 * slots[2i] is NULL and slots[2i + 1] a node for the next five bits of the hash. Keys of equal hashes share a collision
 * node, which may hang at any depth; its entries are searched one by one. Nodes never change once they are made. */
#include "runtime/hamt.h"

#include <stdbool.h>
#include <stdint.h>

enum { BITS = 5, MAX_DEPTH = 9 };

struct HamtNode {
    PyObject_VAR_HEAD       /* ob_size: number of slots */
    uint32_t bitmap;
    uint32_t hash;          /* of all keys of a collision node */
    bool collision;
    PyObject *slots[];      /* owned */
};

static PyTypeObject node_type;

/* ---- nodes ---- */

static HamtNode *node_new(Py_ssize_t entries)
{
    HamtNode *node = PyObject_GC_NewVar(HamtNode, &node_type, 2 * entries);
    if (node == NULL) return NULL;
    node->bitmap = node->hash = 0;
    node->collision = false;
    memset(node->slots, 0, (size_t)(2 * entries) * sizeof(PyObject *));
    return node;
}

static int node_traverse(PyObject *op, visitproc visit, void *arg)
{
    for (Py_ssize_t i = 0; i < Py_SIZE(op); i++) Py_VISIT(((HamtNode *)op)->slots[i]);
    return 0;
}

static void node_dealloc(PyObject *op)
{
    PyObject_GC_UnTrack(op);
    Py_TRASHCAN_BEGIN(op, node_dealloc)
    for (Py_ssize_t i = 0; i < Py_SIZE(op); i++) Py_XDECREF(((HamtNode *)op)->slots[i]);
    PyObject_GC_Del(op);
    Py_TRASHCAN_END
}

static PyTypeObject node_type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "hamt_node",
    .tp_basicsize = sizeof(HamtNode),
    .tp_itemsize = sizeof(PyObject *),
    .tp_dealloc = node_dealloc,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_traverse = node_traverse,
};

static int key_hash(PyObject *key, uint32_t *out)
{
    Py_hash_t hash = PyObject_Hash(key);
    if (hash == -1) return -1;
    *out = (uint32_t)hash ^ (uint32_t)((uint64_t)hash >> 32);
    return 0;
}

static uint32_t bit_at(uint32_t hash, int shift)
{
    return (uint32_t)1 << (hash >> shift & 31);
}

/* The slot of the entry that `bit` has, or would have. */
static Py_ssize_t slot_of(uint32_t bitmap, uint32_t bit)
{
    return 2 * __builtin_popcount(bitmap & (bit - 1));
}

/* A copy with room for `more` entries (1, 0 or -1 of them) at slot `at`. */
static HamtNode *node_resized(const HamtNode *node, Py_ssize_t at, int more)
{
    HamtNode *copy = node_new(Py_SIZE(node) / 2 + more);
    if (copy == NULL) return NULL;
    copy->bitmap = node->bitmap;
    copy->hash = node->hash;
    copy->collision = node->collision;
    Py_ssize_t from = 0;
    for (Py_ssize_t to = 0; to < Py_SIZE(copy); to++) {
        if (to == at) {
            if (more > 0) to += 2;
            else if (more < 0) from += 2;
            if (to >= Py_SIZE(copy)) break;
        }
        copy->slots[to] = Py_XNewRef(node->slots[from++]);
    }
    PyObject_GC_Track(copy);
    return copy;
}

static HamtNode *node_with_slot(const HamtNode *node, Py_ssize_t slot, PyObject *value)
{
    HamtNode *copy = node_resized(node, -1, 0);
    if (copy != NULL) Py_SETREF(copy->slots[slot], Py_NewRef(value));
    return copy;
}

static HamtNode *node_with_entry(const HamtNode *node, Py_ssize_t slot, PyObject *key, PyObject *value)
{
    HamtNode *copy = node_resized(node, slot, 1);
    if (copy == NULL) return NULL;
    copy->slots[slot] = Py_XNewRef(key);
    copy->slots[slot + 1] = Py_NewRef(value);
    return copy;
}

/* A node with one entry; a NULL key makes it a link to a node. */
static HamtNode *node_single(uint32_t bit, PyObject *key, PyObject *value)
{
    HamtNode *node = node_new(1);
    if (node == NULL) return NULL;
    node->bitmap = bit;
    node->slots[0] = Py_XNewRef(key);
    node->slots[1] = Py_NewRef(value);
    PyObject_GC_Track(node);
    return node;
}

/* A node for two different keys. */
static HamtNode *node_pair(int shift, uint32_t hash1, PyObject *key1, PyObject *value1, uint32_t hash2, PyObject *key2,
                           PyObject *value2)
{
    if (hash1 != hash2 && bit_at(hash1, shift) == bit_at(hash2, shift)) {
        HamtNode *child = node_pair(shift + BITS, hash1, key1, value1, hash2, key2, value2);
        if (child == NULL) return NULL;
        HamtNode *node = node_single(bit_at(hash1, shift), NULL, (PyObject *)child);
        Py_DECREF(child);
        return node;
    }
    HamtNode *node = node_new(2);
    if (node == NULL) return NULL;
    bool swap = false;
    if (hash1 == hash2) {
        node->collision = true;
        node->hash = hash1;
    }
    else {
        node->bitmap = bit_at(hash1, shift) | bit_at(hash2, shift);
        swap = bit_at(hash2, shift) < bit_at(hash1, shift);
    }
    int first = swap ? 2 : 0;
    node->slots[first] = Py_NewRef(key1);
    node->slots[first + 1] = Py_NewRef(value1);
    node->slots[2 - first] = Py_NewRef(key2);
    node->slots[3 - first] = Py_NewRef(value2);
    PyObject_GC_Track(node);
    return node;
}

/* The slot of an equal key in a collision node, -1 for none, -2 with an exception. */
static Py_ssize_t collision_find(const HamtNode *node, PyObject *key)
{
    for (Py_ssize_t i = 0; i < Py_SIZE(node); i += 2) {
        int equal = PyObject_RichCompareBool(key, node->slots[i], Py_EQ);
        if (equal) return equal < 0 ? -2 : i;
    }
    return -1;
}

static int node_find(const HamtNode *node, uint32_t hash, PyObject *key, PyObject **value)
{
    for (int shift = 0;; shift += BITS) {
        Py_ssize_t slot;
        if (node->collision) {
            slot = node->hash == hash ? collision_find(node, key) : -1;
            if (slot < 0) return slot == -1 ? 0 : -1;
        }
        else {
            uint32_t bit = bit_at(hash, shift);
            if (!(node->bitmap & bit)) return 0;
            slot = slot_of(node->bitmap, bit);
            if (node->slots[slot] == NULL) {
                node = (HamtNode *)node->slots[slot + 1];
                continue;
            }
            int equal = PyObject_RichCompareBool(key, node->slots[slot], Py_EQ);
            if (equal <= 0) return equal;
        }
        *value = node->slots[slot + 1];
        return 1;
    }
}

/* The node with key: value, a new reference; *added says whether the key is new. */
static HamtNode *node_set(HamtNode *node, int shift, uint32_t hash, PyObject *key, PyObject *value, bool *added)
{
    if (node->collision) {
        if (node->hash != hash) {
            /* another hash: the collision node moves one level down */
            HamtNode *upper = node_single(bit_at(node->hash, shift), NULL, (PyObject *)node);
            if (upper == NULL) return NULL;
            HamtNode *result = node_set(upper, shift, hash, key, value, added);
            Py_DECREF(upper);
            return result;
        }
        Py_ssize_t slot = collision_find(node, key);
        if (slot == -2) return NULL;
        if (slot == -1) {
            *added = true;
            return node_with_entry(node, Py_SIZE(node), key, value);
        }
        if (node->slots[slot + 1] == value) return (HamtNode *)Py_NewRef(node);
        return node_with_slot(node, slot + 1, value);
    }
    uint32_t bit = bit_at(hash, shift);
    Py_ssize_t slot = slot_of(node->bitmap, bit);
    HamtNode *child, *result;
    if (!(node->bitmap & bit)) {
        *added = true;
        result = node_with_entry(node, slot, key, value);
        if (result != NULL) result->bitmap |= bit;
        return result;
    }
    PyObject *old_key = node->slots[slot], *old_value = node->slots[slot + 1];
    if (old_key == NULL) {
        child = node_set((HamtNode *)old_value, shift + BITS, hash, key, value, added);
        if (child == NULL) return NULL;
        if ((PyObject *)child == old_value) {
            Py_DECREF(child);
            return (HamtNode *)Py_NewRef(node);
        }
        result = node_with_slot(node, slot + 1, (PyObject *)child);
        Py_DECREF(child);
        return result;
    }
    int equal = PyObject_RichCompareBool(key, old_key, Py_EQ);
    if (equal < 0) return NULL;
    if (equal) return old_value == value ? (HamtNode *)Py_NewRef(node) : node_with_slot(node, slot + 1, value);
    uint32_t old_hash;
    if (key_hash(old_key, &old_hash) < 0) return NULL;
    child = node_pair(shift + BITS, old_hash, old_key, old_value, hash, key, value);
    if (child == NULL) return NULL;
    *added = true;
    result = node_with_slot(node, slot + 1, (PyObject *)child);
    if (result != NULL) Py_CLEAR(result->slots[slot]);
    Py_DECREF(child);
    return result;
}

/* The node without the entry at `slot`: NULL in *out when nothing is left. -1 with an exception, else 1. */
static int drop_entry(HamtNode *node, Py_ssize_t slot, uint32_t bit, HamtNode **out)
{
    *out = NULL;
    if (Py_SIZE(node) == 2) return 1;
    *out = node_resized(node, slot, -1);
    if (*out == NULL) return -1;
    (*out)->bitmap &= ~bit;
    return 1;
}

/* 1 with the new node in *out, 0 when the key is not there, -1 with an exception. */
static int node_delete(HamtNode *node, int shift, uint32_t hash, PyObject *key, HamtNode **out)
{
    if (node->collision) {
        Py_ssize_t slot = node->hash == hash ? collision_find(node, key) : -1;
        if (slot < 0) return slot == -1 ? 0 : -1;
        if (Py_SIZE(node) == 4) {
            Py_ssize_t rest = 2 - slot;
            *out = node_single(bit_at(hash, shift), node->slots[rest], node->slots[rest + 1]);
            return *out == NULL ? -1 : 1;
        }
        return drop_entry(node, slot, 0, out);
    }
    uint32_t bit = bit_at(hash, shift);
    if (!(node->bitmap & bit)) return 0;
    Py_ssize_t slot = slot_of(node->bitmap, bit);
    PyObject *old_key = node->slots[slot];
    if (old_key != NULL) {
        int equal = PyObject_RichCompareBool(key, old_key, Py_EQ);
        return equal <= 0 ? equal : drop_entry(node, slot, bit, out);
    }
    HamtNode *child;
    int status = node_delete((HamtNode *)node->slots[slot + 1], shift + BITS, hash, key, &child);
    if (status <= 0) return status;
    if (child == NULL) return drop_entry(node, slot, bit, out);
    if (!child->collision && Py_SIZE(child) == 2 && child->slots[0] != NULL) {
        /* a single key needs no node of its own */
        *out = node_with_slot(node, slot + 1, child->slots[1]);
        if (*out != NULL) (*out)->slots[slot] = Py_NewRef(child->slots[0]);
    }
    else {
        *out = node_with_slot(node, slot + 1, (PyObject *)child);
    }
    Py_DECREF(child);
    return *out == NULL ? -1 : 1;
}

/* ---- mappings ---- */

static Hamt *hamt_alloc(HamtNode *root_steal, Py_ssize_t count)
{
    Hamt *self = PyObject_GC_New(Hamt, &hamt_type);
    if (self == NULL) {
        Py_XDECREF(root_steal);
        return NULL;
    }
    self->root = root_steal;
    self->weakrefs = NULL;
    self->count = count;
    PyObject_GC_Track(self);
    return self;
}

Hamt *hamt_new(void)
{
    return hamt_alloc(NULL, 0);
}

int hamt_find(Hamt *self, PyObject *key, PyObject **value)
{
    uint32_t hash;
    if (self->count == 0) return 0;
    if (key_hash(key, &hash) < 0) return -1;
    return node_find(self->root, hash, key, value);
}

Hamt *hamt_assoc(Hamt *self, PyObject *key, PyObject *value)
{
    uint32_t hash;
    bool added = false;
    if (key_hash(key, &hash) < 0) return NULL;
    if (self->root == NULL) {
        HamtNode *root = node_single(bit_at(hash, 0), key, value);
        return root ? hamt_alloc(root, 1) : NULL;
    }
    HamtNode *root = node_set(self->root, 0, hash, key, value, &added);
    if (root == NULL) return NULL;
    if (root == self->root) {
        Py_DECREF(root);
        return (Hamt *)Py_NewRef(self);
    }
    return hamt_alloc(root, self->count + added);
}

Hamt *hamt_without(Hamt *self, PyObject *key)
{
    uint32_t hash;
    HamtNode *root;
    if (key_hash(key, &hash) < 0) return NULL;
    if (self->root == NULL) return (Hamt *)Py_NewRef(self);
    int status = node_delete(self->root, 0, hash, key, &root);
    if (status < 0) return NULL;
    return status == 0 ? (Hamt *)Py_NewRef(self) : hamt_alloc(root, self->count - 1);
}

/* ---- iterating ---- */

typedef struct {
    PyObject_HEAD
    Hamt *hamt;                     /* owned */
    HamtView view;
    int depth;                      /* -1: at the end */
    const HamtNode *nodes[MAX_DEPTH];
    Py_ssize_t places[MAX_DEPTH];
} HamtIterator;

/* The next entry, borrowed; false at the end. */
static bool iterator_step(HamtIterator *it, PyObject **key, PyObject **value)
{
    while (it->depth >= 0) {
        const HamtNode *node = it->nodes[it->depth];
        Py_ssize_t place = it->places[it->depth];
        if (place >= Py_SIZE(node)) {
            it->depth--;
            continue;
        }
        it->places[it->depth] = place + 2;
        if (node->slots[place] != NULL) {
            *key = node->slots[place];
            *value = node->slots[place + 1];
            return true;
        }
        it->depth++;
        it->nodes[it->depth] = (HamtNode *)node->slots[place + 1];
        it->places[it->depth] = 0;
    }
    return false;
}

static void iterator_start(HamtIterator *it, Hamt *hamt)
{
    it->hamt = hamt;
    it->depth = hamt->root ? 0 : -1;
    it->nodes[0] = hamt->root;
    it->places[0] = 0;
}

int hamt_equal(Hamt *a, Hamt *b)
{
    HamtIterator it;
    PyObject *key, *value, *other;
    if (a == b) return 1;
    if (a->count != b->count) return 0;
    iterator_start(&it, a);
    while (iterator_step(&it, &key, &value)) {
        int status = hamt_find(b, key, &other);
        if (status <= 0) return status;
        status = PyObject_RichCompareBool(value, other, Py_EQ);
        if (status <= 0) return status;
    }
    return 1;
}

static PyObject *iterator_next(PyObject *op)
{
    HamtIterator *it = (HamtIterator *)op;
    PyObject *key, *value;
    if (!iterator_step(it, &key, &value)) return NULL;
    switch (it->view) {
    case HAMT_KEYS: return Py_NewRef(key);
    case HAMT_VALUES: return Py_NewRef(value);
    default: return PyTuple_Pack(2, key, value);
    }
}

static int iterator_traverse(PyObject *op, visitproc visit, void *arg)
{
    Py_VISIT(((HamtIterator *)op)->hamt);
    return 0;
}

static int iterator_clear(PyObject *op)
{
    ((HamtIterator *)op)->depth = -1;
    Py_CLEAR(((HamtIterator *)op)->hamt);
    return 0;
}

static void iterator_dealloc(PyObject *op)
{
    PyObject_GC_UnTrack(op);
    iterator_clear(op);
    PyObject_GC_Del(op);
}

static Py_ssize_t iterator_length(PyObject *op)
{
    Hamt *hamt = ((HamtIterator *)op)->hamt;
    return hamt ? hamt->count : 0;
}

static PyMappingMethods iterator_mapping = {.mp_length = iterator_length};

#define ITERATOR_TYPE(name)                                                                                     \
    {                                                                                                           \
        PyVarObject_HEAD_INIT(NULL, 0)                                                                          \
        .tp_name = name,                                                                                        \
        .tp_basicsize = sizeof(HamtIterator),                                                                   \
        .tp_dealloc = iterator_dealloc,                                                                         \
        .tp_as_mapping = &iterator_mapping,                                                                     \
        .tp_getattro = PyObject_GenericGetAttr,                                                                 \
        .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,                                                    \
        .tp_traverse = iterator_traverse,                                                                       \
        .tp_clear = iterator_clear,                                                                             \
        .tp_iter = PyObject_SelfIter,                                                                           \
        .tp_iternext = iterator_next,                                                                           \
    }

static PyTypeObject iterator_types[] = {
    [HAMT_KEYS] = ITERATOR_TYPE("keys"),
    [HAMT_VALUES] = ITERATOR_TYPE("values"),
    [HAMT_ITEMS] = ITERATOR_TYPE("items"),
};

PyObject *hamt_iterator(Hamt *self, HamtView view)
{
    HamtIterator *it = PyObject_GC_New(HamtIterator, &iterator_types[view]);
    if (it == NULL) return NULL;
    it->view = view;
    iterator_start(it, (Hamt *)Py_NewRef(self));
    PyObject_GC_Track(it);
    return (PyObject *)it;
}

/* ---- the type, seen by tests only ---- */

static int hamt_traverse(PyObject *op, visitproc visit, void *arg)
{
    Py_VISIT(((Hamt *)op)->root);
    return 0;
}

static int hamt_clear(PyObject *op)
{
    ((Hamt *)op)->count = 0;
    Py_CLEAR(((Hamt *)op)->root);
    return 0;
}

static void hamt_dealloc(PyObject *op)
{
    PyObject_GC_UnTrack(op);
    if (((Hamt *)op)->weakrefs != NULL) PyObject_ClearWeakRefs(op);
    hamt_clear(op);
    Py_TYPE(op)->tp_free(op);
}

static PyObject *hamt_type_new(PyTypeObject *Py_UNUSED(type), PyObject *Py_UNUSED(args), PyObject *Py_UNUSED(kwargs))
{
    return (PyObject *)hamt_new();
}

static PyObject *hamt_richcompare(PyObject *a, PyObject *b, int op)
{
    if (!Py_IS_TYPE(a, &hamt_type) || !Py_IS_TYPE(b, &hamt_type) || (op != Py_EQ && op != Py_NE)) Py_RETURN_NOTIMPLEMENTED;
    int equal = hamt_equal((Hamt *)a, (Hamt *)b);
    return equal < 0 ? NULL : PyBool_FromLong(op == Py_EQ ? equal : !equal);
}

static Py_ssize_t hamt_length(PyObject *self)
{
    return ((Hamt *)self)->count;
}

static int hamt_contains(PyObject *self, PyObject *key)
{
    PyObject *value;
    return hamt_find((Hamt *)self, key, &value);
}

static PyObject *hamt_subscript(PyObject *self, PyObject *key)
{
    PyObject *value;
    int found = hamt_find((Hamt *)self, key, &value);
    if (found == 0) PyErr_SetObject(PyExc_KeyError, key);
    return found > 0 ? Py_NewRef(value) : NULL;
}

static PyObject *hamt_iter(PyObject *self)
{
    return hamt_iterator((Hamt *)self, HAMT_KEYS);
}

static PyObject *hamt_method_set(PyObject *self, PyObject *args)
{
    PyObject *key, *value;
    if (!PyArg_UnpackTuple(args, "set", 2, 2, &key, &value)) return NULL;
    return (PyObject *)hamt_assoc((Hamt *)self, key, value);
}

static PyObject *hamt_method_get(PyObject *self, PyObject *args)
{
    PyObject *key, *missing = Py_None, *value;
    if (!PyArg_UnpackTuple(args, "get", 1, 2, &key, &missing)) return NULL;
    int found = hamt_find((Hamt *)self, key, &value);
    return found < 0 ? NULL : Py_NewRef(found ? value : missing);
}

static PyObject *hamt_method_delete(PyObject *self, PyObject *key)
{
    return (PyObject *)hamt_without((Hamt *)self, key);
}

static PyObject *hamt_method_items(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return hamt_iterator((Hamt *)self, HAMT_ITEMS);
}

static PyObject *hamt_method_keys(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return hamt_iterator((Hamt *)self, HAMT_KEYS);
}

static PyObject *hamt_method_values(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return hamt_iterator((Hamt *)self, HAMT_VALUES);
}

static PyMethodDef hamt_methods[] = {
    {"set", hamt_method_set, METH_VARARGS, NULL},
    {"get", hamt_method_get, METH_VARARGS, NULL},
    {"delete", hamt_method_delete, METH_O, NULL},
    {"items", hamt_method_items, METH_NOARGS, NULL},
    {"keys", hamt_method_keys, METH_NOARGS, NULL},
    {"values", hamt_method_values, METH_NOARGS, NULL},
    {0},
};

static PySequenceMethods hamt_sequence = {.sq_contains = hamt_contains};
static PyMappingMethods hamt_mapping = {.mp_length = hamt_length, .mp_subscript = hamt_subscript};

PyTypeObject hamt_type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "hamt",
    .tp_basicsize = sizeof(Hamt),
    .tp_dealloc = hamt_dealloc,
    .tp_as_sequence = &hamt_sequence,
    .tp_as_mapping = &hamt_mapping,
    .tp_hash = PyObject_HashNotImplemented,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_traverse = hamt_traverse,
    .tp_clear = hamt_clear,
    .tp_richcompare = hamt_richcompare,
    .tp_weaklistoffset = offsetof(Hamt, weakrefs),
    .tp_iter = hamt_iter,
    .tp_methods = hamt_methods,
    .tp_alloc = PyType_GenericAlloc,
    .tp_new = hamt_type_new,
    .tp_free = PyObject_GC_Del,
};

int hamt_init_types(void)
{
    if (PyType_Ready(&node_type) < 0 || PyType_Ready(&hamt_type) < 0) return -1;
    for (size_t i = 0; i < Py_ARRAY_LENGTH(iterator_types); i++) {
        if (PyType_Ready(&iterator_types[i]) < 0) return -1;
    }
    return 0;
}
