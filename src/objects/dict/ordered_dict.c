/* OrderedDict: a dict with an order of its own, kept in a doubly linked list of nodes, one for each key.
 *
 * nodes[i] is the node of entry i of the dict's key table, and is rebuilt whenever that table is found to be another. A program may
 * go behind our back with dict.__setitem__(od, …) and the like: then entries without nodes, and nodes without entries, occur.
 * A node counts for an entry only if it has the very same key object.
 */
#include "objects/dict/table.h"
#include "objects/args_unpack.h"

#include "objects/immortal.h"
#include "objects/names.h"

typedef struct Node {
    PyObject *key;              /* owned */
    Py_hash_t hash;
    struct Node *next, *previous;
} Node;

struct _odictobject {
    PyDictObject dict;
    Node **nodes;               /* by entry index; NULL before the first key */
    Py_ssize_t nodes_size;
    const PyDictKeysObject *nodes_keys;     /* the table that `nodes` was built for; only compared */
    size_t state;               /* changes with every change of the list */
    Node *first, *last;
    PyObject *inst_dict;        /* owned */
    PyObject *weakreflist;
};
static_assert(sizeof(struct _odictobject) == 112, "OrderedDict.__basicsize__");

static inline PyODictObject *as_odict(PyObject *op)
{
    return (PyODictObject *)op;
}

/* ---- Nodes ---- */

/* The entry that holds this very key object, or DKIX_EMPTY. Runs no foreign code. */
static Py_ssize_t index_of_identical(const PyDictKeysObject *keys, PyObject *key, Py_hash_t hash)
{
    int width = dict_keys_index_width(keys);
    size_t mask = dict_keys_mask(keys), perturb = (size_t)hash, slot = (size_t)hash & mask;
    for (;;) {
        Py_ssize_t index = index_read(keys->dk_indices, width, slot);
        if (index == DKIX_EMPTY) return DKIX_EMPTY;
        if (index >= 0 && dict_keys_key_at(keys, index) == key) return index;
        slot = probe_next(slot, &perturb, mask);
    }
}

/* Makes `nodes` fit the dict's key table. */
static int nodes_rebuild(PyODictObject *od)
{
    const PyDictKeysObject *keys = od->dict.ma_keys;
    Py_ssize_t size = (Py_ssize_t)1 << keys->dk_log2_size;
    Node **nodes = PyMem_New(Node *, size);
    if (nodes == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    memset(nodes, 0, (size_t)size * sizeof(Node *));
    for (Node *node = od->first; node != NULL; node = node->next) {
        Py_ssize_t index = index_of_identical(keys, node->key, node->hash);
        if (index >= 0) nodes[index] = node;
    }
    PyMem_Free(od->nodes);
    od->nodes = nodes;
    od->nodes_size = size;
    od->nodes_keys = keys;
    return 0;
}

/* The place in `nodes` for a key, NULL if it is not in the dict or an exception is set. The node there may be missing. */
static Node **node_slot(PyODictObject *od, PyObject *key, Py_hash_t hash)
{
    PyObject *value;
    Py_ssize_t index = dict_find(&od->dict, key, hash, &value);
    if (index < 0 || value == NULL) return NULL;
    const PyDictKeysObject *keys = od->dict.ma_keys;
    if (od->nodes_keys != keys || od->nodes_size != (Py_ssize_t)1 << keys->dk_log2_size) {
        if (nodes_rebuild(od) < 0) return NULL;
    }
    Node *node = od->nodes[index];
    if (node != NULL && node->key != dict_keys_key_at(keys, index)) {    /* the table was changed behind our back */
        if (nodes_rebuild(od) < 0) return NULL;
    }
    return &od->nodes[index];
}

/* The node of a key; NULL if there is none, or with an exception. */
static Node *find_node(PyODictObject *od, PyObject *key, Py_hash_t hash)
{
    if (od->first == NULL) return NULL;
    Node **slot = node_slot(od, key, hash);
    return slot == NULL ? NULL : *slot;
}

static void link_last(PyODictObject *od, Node *node)
{
    node->next = NULL;
    node->previous = od->last;
    if (od->last != NULL) od->last->next = node;
    else od->first = node;
    od->last = node;
    od->state++;
}

static void link_first(PyODictObject *od, Node *node)
{
    node->previous = NULL;
    node->next = od->first;
    if (od->first != NULL) od->first->previous = node;
    else od->last = node;
    od->first = node;
    od->state++;
}

static void unlink_node(PyODictObject *od, Node *node)
{
    if (od->first == node) od->first = node->next;
    else node->previous->next = node->next;
    if (od->last == node) od->last = node->previous;
    else node->next->previous = node->previous;
    od->state++;
}

/* Gives a key that is in the dict a node at the end, unless it has one. */
static int add_node(PyODictObject *od, PyObject *key, Py_hash_t hash)
{
    Node **slot = node_slot(od, key, hash);
    if (slot == NULL) {
        if (!PyErr_Occurred()) PyErr_SetObject(PyExc_KeyError, key);
        return -1;
    }
    if (*slot != NULL) return 0;
    Node *node = PyMem_New(Node, 1);
    if (node == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    node->key = Py_NewRef(dict_keys_key_at(od->dict.ma_keys, slot - od->nodes));
    node->hash = hash;
    *slot = node;
    link_last(od, node);
    return 0;
}

static void remove_node(PyODictObject *od, Node *node)
{
    for (Py_ssize_t i = index_of_identical(od->dict.ma_keys, node->key, node->hash); i >= 0 && i < od->nodes_size; i = -1) {
        if (od->nodes[i] == node) od->nodes[i] = NULL;
    }
    unlink_node(od, node);
    Py_DECREF(node->key);
    PyMem_Free(node);
}

static void remove_all_nodes(PyODictObject *od)
{
    Node *node = od->first;
    PyMem_Free(od->nodes);
    od->nodes = NULL;
    od->nodes_size = 0;
    od->nodes_keys = NULL;
    od->first = od->last = NULL;
    od->state++;
    while (node != NULL) {
        Node *next = node->next;
        Py_DECREF(node->key);
        PyMem_Free(node);
        node = next;
    }
}

/* ---- C API ---- */

PyObject *PyODict_New(void)
{
    return PyDict_Type.tp_new(&PyODict_Type, NULL, NULL);
}

static int set_hashed(PyObject *op, PyObject *key, PyObject *value, Py_hash_t hash)
{
    if (_PyDict_SetItem_KnownHash(op, key, value, hash) < 0) return -1;
    if (add_node(as_odict(op), key, hash) == 0) return 0;
    PyObject *type, *error, *traceback;     /* take the key out again: it would have no place */
    PyErr_Fetch(&type, &error, &traceback);
    if (_PyDict_DelItem_KnownHash(op, key, hash) < 0) PyErr_Clear();
    PyErr_Restore(type, error, traceback);
    return -1;
}

int PyODict_SetItem(PyObject *op, PyObject *key, PyObject *value)
{
    Py_hash_t hash = object_hash(key);
    return hash == -1 ? -1 : set_hashed(op, key, value, hash);
}

int PyODict_DelItem(PyObject *op, PyObject *key)
{
    Py_hash_t hash = object_hash(key);
    if (hash == -1) return -1;
    Node *node = find_node(as_odict(op), key, hash);
    if (node == NULL && PyErr_Occurred()) return -1;
    if (node != NULL) remove_node(as_odict(op), node);
    return _PyDict_DelItem_KnownHash(op, key, hash);
}

/* New reference to the value, the fallback if the key is missing, or NULL with KeyError. */
static PyObject *pop_key(PyObject *op, PyObject *key, Py_hash_t hash, PyObject *fallback)
{
    Node *node = find_node(as_odict(op), key, hash);
    if (node == NULL && PyErr_Occurred()) return NULL;
    Py_INCREF(key);
    if (node != NULL) remove_node(as_odict(op), node);
    PyObject *value = _PyDict_Pop(op, key, fallback);
    Py_DECREF(key);
    return value;
}

/* ---- Updating, as collections.abc.MutableMapping does it ---- */

static int set_pair(PyObject *self, PyObject *pair)
{
    PyObject *iterator = PyObject_GetIter(pair);
    if (iterator == NULL) return -1;
    int result = -1;
    PyObject *key = PyIter_Next(iterator), *value = NULL, *extra = NULL;
    if (key == NULL) {
        if (!PyErr_Occurred()) PyErr_SetString(PyExc_ValueError, "need more than 0 values to unpack");
        goto done;
    }
    value = PyIter_Next(iterator);
    if (value == NULL) {
        if (!PyErr_Occurred()) PyErr_SetString(PyExc_ValueError, "need more than 1 value to unpack");
        goto done;
    }
    extra = PyIter_Next(iterator);
    if (extra != NULL || PyErr_Occurred()) {
        if (extra != NULL) PyErr_SetString(PyExc_ValueError, "too many values to unpack (expected 2)");
        goto done;
    }
    result = PyObject_SetItem(self, key, value);

done:
    Py_DECREF(iterator);
    Py_XDECREF(key);
    Py_XDECREF(value);
    Py_XDECREF(extra);
    return result;
}

static int set_pairs(PyObject *self, PyObject *pairs)
{
    PyObject *iterator = PyObject_GetIter(pairs), *pair;
    if (iterator == NULL) return -1;
    int result = 0;
    while (result == 0 && (pair = PyIter_Next(iterator)) != NULL) {
        result = set_pair(self, pair);
        Py_DECREF(pair);
    }
    Py_DECREF(iterator);
    return result < 0 || PyErr_Occurred() ? -1 : 0;
}

/* What keys() or items() of an argument gives; NULL without an exception if it has no such method. */
static int call_if_present(PyObject *op, PyObject *name, PyObject **result)
{
    PyObject *method;
    *result = NULL;
    if (_PyObject_LookupAttr(op, name, &method) < 0) return -1;
    if (method == NULL) return 0;
    *result = PyObject_CallNoArgs(method);
    Py_DECREF(method);
    return *result == NULL ? -1 : 0;
}

static int set_by_keys(PyObject *self, PyObject *other, PyObject *keys)
{
    PyObject *iterator = PyObject_GetIter(keys), *key;
    if (iterator == NULL) return -1;
    int result = 0;
    while (result == 0 && (key = PyIter_Next(iterator)) != NULL) {
        PyObject *value = PyObject_GetItem(other, key);
        result = value == NULL ? -1 : PyObject_SetItem(self, key, value);
        Py_XDECREF(value);
        Py_DECREF(key);
    }
    Py_DECREF(iterator);
    return result < 0 || PyErr_Occurred() ? -1 : 0;
}

static int update_from(PyObject *self, PyObject *other)
{
    PyObject *parts;
    int result;
    if (PyDict_CheckExact(other)) {
        parts = PyDict_Items(other);
        if (parts == NULL) return -1;
        result = set_pairs(self, parts);
        Py_DECREF(parts);
        return result;
    }
    if (call_if_present(other, NAME(keys), &parts) < 0) return -1;
    if (parts != NULL) {
        result = set_by_keys(self, other, parts);
        Py_DECREF(parts);
        return result;
    }
    if (call_if_present(other, NAME(items), &parts) < 0) return -1;
    if (parts == NULL) return set_pairs(self, other);
    result = set_pairs(self, parts);
    Py_DECREF(parts);
    return result;
}

static int update_from_arguments(PyObject *self, PyObject *args, PyObject *kwargs)
{
    if (PyTuple_GET_SIZE(args) > 0 && update_from(self, PyTuple_GET_ITEM(args, 0)) < 0) return -1;
    if (kwargs == NULL || PyDict_GET_SIZE(kwargs) == 0) return 0;
    PyObject *items = PyDict_Items(kwargs);
    if (items == NULL) return -1;
    int result = set_pairs(self, items);
    Py_DECREF(items);
    return result;
}

static PyObject *odict_update(PyObject *self, PyObject *args, PyObject *kwargs)
{
    if (PyTuple_GET_SIZE(args) > 1) {
        PyErr_Format(PyExc_TypeError, "update() takes at most 1 positional argument (%zd given)", PyTuple_GET_SIZE(args));
        return NULL;
    }
    if (update_from_arguments(self, args, kwargs) < 0) return NULL;
    Py_RETURN_NONE;
}

static int odict_init(PyObject *self, PyObject *args, PyObject *kwargs)
{
    if (PyTuple_GET_SIZE(args) > 1) {
        PyErr_Format(PyExc_TypeError, "expected at most 1 arguments, got %zd", PyTuple_GET_SIZE(args));
        return -1;
    }
    return update_from_arguments(self, args, kwargs);
}

/* ---- Slots ---- */

static void odict_dealloc(PyObject *self)
{
    PyODictObject *od = as_odict(self);
    PyObject_GC_UnTrack(self);
    Py_TRASHCAN_BEGIN(self, odict_dealloc)
    Py_XDECREF(od->inst_dict);
    if (od->weakreflist != NULL) PyObject_ClearWeakRefs(self);
    remove_all_nodes(od);
    PyDict_Type.tp_dealloc(self);
    Py_TRASHCAN_END
}

static int odict_traverse(PyObject *self, visitproc visit, void *arg)
{
    PyODictObject *od = as_odict(self);
    Py_VISIT(od->inst_dict);
    for (Node *node = od->first; node != NULL; node = node->next) Py_VISIT(node->key);
    return PyDict_Type.tp_traverse(self, visit, arg);
}

static int odict_tp_clear(PyObject *self)
{
    Py_CLEAR(as_odict(self)->inst_dict);
    PyDict_Clear(self);
    remove_all_nodes(as_odict(self));
    return 0;
}

/* [(key, value), …] in order. */
static PyObject *list_of_pairs(PyObject *self)
{
    PyODictObject *od = as_odict(self);
    PyObject *pairs = PyList_New(0);
    if (pairs == NULL) return NULL;
    for (Node *node = od->first; node != NULL; node = node->next) {
        size_t state = od->state;
        PyObject *key = Py_NewRef(node->key);
        PyObject *value = PyDict_GetItemWithError(self, key);   /* hashes the key anew, as iterating does */
        if (value == NULL && !PyErr_Occurred()) PyErr_SetObject(PyExc_KeyError, key);
        PyObject *pair = value == NULL ? NULL : PyTuple_Pack(2, key, value);
        Py_DECREF(key);
        if (pair == NULL) goto error;
        int appended = PyList_Append(pairs, pair);
        Py_DECREF(pair);
        if (appended < 0) goto error;
        if (state != od->state) {
            PyErr_SetString(PyExc_RuntimeError, "OrderedDict mutated during iteration");
            goto error;
        }
    }
    return pairs;

error:
    Py_DECREF(pairs);
    return NULL;
}

static PyObject *odict_repr(PyObject *self)
{
    const char *name = _PyType_Name(Py_TYPE(self));
    if (PyDict_GET_SIZE(self) == 0) return PyUnicode_FromFormat("%s()", name);
    int entered = Py_ReprEnter(self);
    if (entered != 0) return entered > 0 ? PyUnicode_FromString("...") : NULL;
    PyObject *text = NULL, *pairs;
    if (PyODict_CheckExact(self)) {
        pairs = list_of_pairs(self);
    } else {
        PyObject *items = PyObject_CallMethodNoArgs(self, NAME(items));
        pairs = items == NULL ? NULL : PySequence_List(items);
        Py_XDECREF(items);
    }
    if (pairs != NULL) {
        text = PyUnicode_FromFormat("%s(%R)", name, pairs);
        Py_DECREF(pairs);
    }
    Py_ReprLeave(self);
    return text;
}

/* Whether two have equal keys in the same order: 1, 0 or -1. */
static int keys_equal(PyODictObject *a, PyODictObject *b)
{
    Node *x = a->first, *y = b->first;
    for (; x != NULL && y != NULL; x = x->next, y = y->next) {
        if (x->key == y->key) continue;
        size_t a_state = a->state, b_state = b->state;
        PyObject *p = Py_NewRef(x->key), *q = Py_NewRef(y->key);
        int equal = PyObject_RichCompareBool(p, q, Py_EQ);
        Py_DECREF(p);
        Py_DECREF(q);
        if (equal <= 0) return equal;
        if (a->state != a_state || b->state != b_state) {
            PyErr_SetString(PyExc_RuntimeError, "OrderedDict mutated during iteration");
            return -1;
        }
    }
    return x == NULL && y == NULL;
}

static PyObject *odict_richcompare(PyObject *self, PyObject *other, int op)
{
    if (!PyODict_Check(self) || !PyDict_Check(other) || (op != Py_EQ && op != Py_NE)) Py_RETURN_NOTIMPLEMENTED;
    PyObject *answer = PyDict_Type.tp_richcompare(self, other, Py_EQ);
    if (answer == NULL) return NULL;
    int equal = answer == Py_True;
    Py_DECREF(answer);
    if (equal && PyODict_Check(other)) equal = keys_equal(as_odict(self), as_odict(other));
    return equal < 0 ? NULL : bool_from((op == Py_EQ) == equal);
}

static int odict_ass_subscript(PyObject *self, PyObject *key, PyObject *value)
{
    return value == NULL ? PyODict_DelItem(self, key) : PyODict_SetItem(self, key, value);
}

static PyObject *odict_or(PyObject *left, PyObject *right)
{
    PyTypeObject *type = Py_TYPE(left);
    PyObject *other = right;
    if (!PyODict_Check(left)) {
        type = Py_TYPE(right);
        other = left;
    }
    if (!PyDict_Check(other)) Py_RETURN_NOTIMPLEMENTED;
    PyObject *result = PyObject_CallOneArg((PyObject *)type, left);
    if (result != NULL && update_from(result, right) < 0) Py_CLEAR(result);
    return result;
}

static PyObject *odict_inplace_or(PyObject *self, PyObject *other)
{
    return update_from(self, other) < 0 ? NULL : Py_NewRef(self);
}

/* ---- Methods ---- */

static PyObject *odict_fromkeys(PyObject *type, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    static const char *const keywords[] = {"iterable", "value", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .fname = "fromkeys"};
    PyObject *values[2];
    if (args_unpack(args, nargs, NULL, kwnames, &parser, 1, 2, 2, values) < 0) return NULL;
    return dict_from_keys((PyTypeObject *)type, values[0], values[1] == NULL ? Py_None : values[1]);
}

static PyObject *odict_sizeof(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    PyODictObject *od = as_odict(self);
    Py_ssize_t size = _PyDict_SizeOf(&od->dict) + (Py_ssize_t)sizeof(Node *) * od->nodes_size;
    if (od->first != NULL) size += (Py_ssize_t)sizeof(Node) * PyDict_GET_SIZE(self);
    return PyLong_FromSsize_t(size);
}

static PyObject *odict_reduce(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    PyObject *state = _PyObject_GetState(self);
    if (state == NULL) return NULL;
    PyObject *items = PyObject_CallMethodNoArgs(self, NAME(items));
    PyObject *iterator = items == NULL ? NULL : PyObject_GetIter(items);
    Py_XDECREF(items);
    if (iterator == NULL) {
        Py_DECREF(state);
        return NULL;
    }
    return Py_BuildValue("O()NON", Py_TYPE(self), state, Py_None, iterator);
}

static PyObject *odict_setdefault(PyObject *self, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    static const char *const keywords[] = {"key", "default", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .fname = "setdefault"};
    PyObject *values[2];
    if (args_unpack(args, nargs, NULL, kwnames, &parser, 1, 2, 2, values) < 0) return NULL;
    PyObject *key = values[0], *fallback = values[1] == NULL ? Py_None : values[1];
    if (PyODict_CheckExact(self)) {
        PyObject *value = PyDict_GetItemWithError(self, key);
        if (value != NULL) return Py_NewRef(value);
        if (PyErr_Occurred() || PyODict_SetItem(self, key, fallback) < 0) return NULL;
        return Py_NewRef(fallback);
    }
    int found = PySequence_Contains(self, key);
    if (found < 0) return NULL;
    if (found) return PyObject_GetItem(self, key);
    return PyObject_SetItem(self, key, fallback) < 0 ? NULL : Py_NewRef(fallback);
}

static PyObject *odict_pop(PyObject *self, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    static const char *const keywords[] = {"key", "default", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .fname = "pop"};
    PyObject *values[2];
    if (args_unpack(args, nargs, NULL, kwnames, &parser, 1, 2, 2, values) < 0) return NULL;
    Py_hash_t hash = object_hash(values[0]);
    return hash == -1 ? NULL : pop_key(self, values[0], hash, values[1]);
}

static PyObject *odict_popitem(PyObject *self, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    static const char *const keywords[] = {"last", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .fname = "popitem"};
    PyObject *values[1];
    if (args_unpack(args, nargs, NULL, kwnames, &parser, 0, 1, 1, values) < 0) return NULL;
    int last = values[0] == NULL ? 1 : PyObject_IsTrue(values[0]);
    if (last < 0) return NULL;
    Node *node = last ? as_odict(self)->last : as_odict(self)->first;
    if (node == NULL) {
        PyErr_SetString(PyExc_KeyError, "dictionary is empty");
        return NULL;
    }
    PyObject *key = Py_NewRef(node->key);
    PyObject *value = pop_key(self, key, node->hash, NULL);
    if (value == NULL) {
        Py_DECREF(key);
        return NULL;
    }
    return Py_BuildValue("NN", key, value);
}

static PyObject *odict_clear_method(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    PyDict_Clear(self);
    remove_all_nodes(as_odict(self));
    Py_RETURN_NONE;
}

static PyObject *odict_copy(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    PyODictObject *od = as_odict(self);
    bool exact = PyODict_CheckExact(self);
    PyObject *copy = exact ? PyODict_New() : PyObject_CallNoArgs((PyObject *)Py_TYPE(self));
    if (copy == NULL) return NULL;
    for (Node *node = od->first; node != NULL; node = node->next) {
        size_t state = od->state;
        Py_hash_t hash = node->hash;
        PyObject *key = Py_NewRef(node->key);
        PyObject *value = exact ? Py_XNewRef(PyDict_GetItemWithError(self, key)) : PyObject_GetItem(self, key);
        int result = -1;
        if (value != NULL) result = exact ? set_hashed(copy, key, value, hash) : PyObject_SetItem(copy, key, value);
        else if (!PyErr_Occurred()) PyErr_SetObject(PyExc_KeyError, key);
        Py_XDECREF(value);
        Py_DECREF(key);
        if (result == 0 && state != od->state) {
            PyErr_SetString(PyExc_RuntimeError, "OrderedDict mutated during iteration");
            result = -1;
        }
        if (result < 0) {
            Py_DECREF(copy);
            return NULL;
        }
    }
    return copy;
}

static PyObject *odict_move_to_end(PyObject *self, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    static const char *const keywords[] = {"key", "last", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .fname = "move_to_end"};
    PyObject *values[2];
    if (args_unpack(args, nargs, NULL, kwnames, &parser, 1, 2, 2, values) < 0) return NULL;
    int last = values[1] == NULL ? 1 : PyObject_IsTrue(values[1]);
    if (last < 0) return NULL;
    PyODictObject *od = as_odict(self);
    Py_hash_t hash = object_hash(values[0]);
    if (hash == -1) return NULL;
    Node *node = find_node(od, values[0], hash);
    if (node == NULL) {
        if (!PyErr_Occurred()) PyErr_SetObject(PyExc_KeyError, values[0]);
        return NULL;
    }
    if (node != (last ? od->last : od->first)) {
        unlink_node(od, node);
        if (last) link_last(od, node);
        else link_first(od, node);
    }
    Py_RETURN_NONE;
}

/* ---- Iterator ---- */

enum { ITERATE_REVERSED = 1, ITERATE_KEYS = 2, ITERATE_VALUES = 4, ITERATE_ITEMS = ITERATE_KEYS | ITERATE_VALUES };

typedef struct {
    PyObject_HEAD
    int kind;               /* ITERATE_… */
    PyODictObject *od;      /* owned, NULL: exhausted */
    Py_ssize_t size;
    size_t state;
    PyObject *pair;         /* owned: the tuple to hand out again, for items */
    PyObject *current;      /* owned: the key that comes next, or NULL */
} OrderedDictIterator;

static PyObject *iterator_new(PyODictObject *od, int kind)
{
    PyObject *pair = NULL;
    if ((kind & ITERATE_ITEMS) == ITERATE_ITEMS) {
        pair = PyTuple_Pack(2, Py_None, Py_None);
        if (pair == NULL) return NULL;
    }
    OrderedDictIterator *it = PyObject_GC_New(OrderedDictIterator, &PyODictIter_Type);
    if (it == NULL) {
        Py_XDECREF(pair);
        return NULL;
    }
    Node *node = kind & ITERATE_REVERSED ? od->last : od->first;
    it->kind = kind;
    it->od = (PyODictObject *)Py_NewRef(od);
    it->size = PyDict_GET_SIZE(od);
    it->state = od->state;
    it->pair = pair;
    it->current = node == NULL ? NULL : Py_NewRef(node->key);
    gc_track(it);
    return (PyObject *)it;
}

static void iterator_dealloc(PyObject *self)
{
    OrderedDictIterator *it = (OrderedDictIterator *)self;
    PyObject_GC_UnTrack(it);
    Py_XDECREF(it->od);
    Py_XDECREF(it->pair);
    Py_XDECREF(it->current);
    PyObject_GC_Del(it);
}

static int iterator_traverse(PyObject *self, visitproc visit, void *arg)
{
    OrderedDictIterator *it = (OrderedDictIterator *)self;
    Py_VISIT(it->od);
    Py_VISIT(it->current);
    Py_VISIT(it->pair);
    return 0;
}

/* Owned next key, or NULL. */
static PyObject *iterator_next_key(OrderedDictIterator *it)
{
    PyODictObject *od = it->od;
    if (od == NULL) return NULL;
    if (it->current == NULL) {
        Py_CLEAR(it->od);
        return NULL;
    }
    if (od->state != it->state) {
        PyErr_SetString(PyExc_RuntimeError, "OrderedDict mutated during iteration");
        Py_CLEAR(it->od);
        return NULL;
    }
    if (it->size != PyDict_GET_SIZE(od)) {
        PyErr_SetString(PyExc_RuntimeError, "OrderedDict changed size during iteration");
        it->size = -1;      /* for good */
        return NULL;
    }
    Py_hash_t hash = object_hash(it->current);
    Node *node = hash == -1 ? NULL : find_node(od, it->current, hash);
    if (node == NULL) {
        if (!PyErr_Occurred()) PyErr_SetObject(PyExc_KeyError, it->current);
        Py_CLEAR(it->current);
        return NULL;
    }
    PyObject *key = it->current;
    node = it->kind & ITERATE_REVERSED ? node->previous : node->next;
    it->current = node == NULL ? NULL : Py_NewRef(node->key);
    return key;
}

static PyObject *iterator_next(PyObject *self)
{
    OrderedDictIterator *it = (OrderedDictIterator *)self;
    PyObject *key = iterator_next_key(it);
    if (key == NULL || !(it->kind & ITERATE_VALUES)) return key;
    PyObject *value = Py_XNewRef(PyDict_GetItemWithError((PyObject *)it->od, key));
    if (value == NULL) {
        if (!PyErr_Occurred()) PyErr_SetObject(PyExc_KeyError, key);
        Py_DECREF(key);
        Py_CLEAR(it->current);
        Py_CLEAR(it->od);
        return NULL;
    }
    if (it->pair != NULL) return pair_reuse_steal(&it->pair, key, value);
    Py_DECREF(key);
    return value;
}

/* iter(list of what is left); the iterator itself does not move. */
static PyObject *iterator_reduce(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    OrderedDictIterator *it = (OrderedDictIterator *)self;
    PyObject *list;
    if (it->od == NULL) {
        list = PyList_New(0);
    } else {
        OrderedDictIterator *copy = (OrderedDictIterator *)iterator_new(it->od, it->kind);
        if (copy == NULL) return NULL;
        copy->size = it->size;
        copy->state = it->state;
        Py_XSETREF(copy->current, Py_XNewRef(it->current));
        list = PySequence_List((PyObject *)copy);
        Py_DECREF(copy);
    }
    if (list == NULL) return NULL;
    return Py_BuildValue("N(N)", _PyEval_GetBuiltin(NAME(iter)), list);
}

static PyMethodDef iterator_methods[] = {
    {"__reduce__", iterator_reduce, METH_NOARGS, "What pickling needs."},
    {NULL, NULL, 0, NULL},
};

PyTypeObject PyODictIter_Type = {
    IMMORTAL_TYPE_HEAD,
    .tp_name = "odict_iterator",
    .tp_basicsize = sizeof(OrderedDictIterator),
    .tp_dealloc = iterator_dealloc,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_traverse = iterator_traverse,
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = iterator_next,
    .tp_methods = iterator_methods,
};

/* ---- Views ---- */

#define ODICT_VIEW(prefix, variable, name, base, kind)                                                              \
    static PyObject *prefix##_new(PyObject *self, PyObject *Py_UNUSED(ignored))                                     \
    {                                                                                                               \
        return _PyDictView_New(self, &variable);                                                                    \
    }                                                                                                               \
    static PyObject *prefix##_iter(PyObject *self)                                                                  \
    {                                                                                                               \
        PyDictObject *dict = ((_PyDictViewObject *)self)->dv_dict;                                                  \
        return dict == NULL ? NULL : iterator_new((PyODictObject *)dict, kind);                                     \
    }                                                                                                               \
    static PyObject *prefix##_reversed(PyObject *self, PyObject *Py_UNUSED(ignored))                                \
    {                                                                                                               \
        PyDictObject *dict = ((_PyDictViewObject *)self)->dv_dict;                                                  \
        return dict == NULL ? NULL : iterator_new((PyODictObject *)dict, (kind) | ITERATE_REVERSED);                \
    }                                                                                                               \
    static PyMethodDef prefix##_methods[] = {                                                                       \
        {"__reversed__", prefix##_reversed, METH_NOARGS, NULL},                                                     \
        {NULL, NULL, 0, NULL},                                                                                      \
    };                                                                                                              \
    PyTypeObject variable = {                                                                                       \
        IMMORTAL_TYPE_HEAD,                                                                                         \
        .tp_name = name,                                                                                            \
        .tp_basicsize = sizeof(_PyDictViewObject),                                                                  \
        .tp_iter = prefix##_iter,                                                                                   \
        .tp_methods = prefix##_methods,                                                                             \
        .tp_base = &base,                                                                                           \
    };

ODICT_VIEW(odict_keys, PyODictKeys_Type, "odict_keys", PyDictKeys_Type, ITERATE_KEYS)
ODICT_VIEW(odict_items, PyODictItems_Type, "odict_items", PyDictItems_Type, ITERATE_ITEMS)
ODICT_VIEW(odict_values, PyODictValues_Type, "odict_values", PyDictValues_Type, ITERATE_VALUES)

/* ---- The type ---- */

static PyObject *odict_iter(PyObject *self)
{
    return iterator_new(as_odict(self), ITERATE_KEYS);
}

static PyObject *odict_reversed(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return iterator_new(as_odict(self), ITERATE_KEYS | ITERATE_REVERSED);
}

#define WITH_KEYWORDS(function) ((PyCFunction)(void (*)(void))(function)), METH_FASTCALL | METH_KEYWORDS

static PyMethodDef odict_methods[] = {
    {"fromkeys", (PyCFunction)(void (*)(void))odict_fromkeys, METH_FASTCALL | METH_KEYWORDS | METH_CLASS,
     "fromkeys($type, /, iterable, value=None)\n--\n\nA new ordered dictionary with the keys of an iterable, all set to value."},
    {"__sizeof__", odict_sizeof, METH_NOARGS, NULL},
    {"__reduce__", odict_reduce, METH_NOARGS, "What pickling needs"},
    {"setdefault", WITH_KEYWORDS(odict_setdefault),
     "setdefault($self, /, key, default=None)\n--\n\nThe value of the key, which is first set to default if it is missing."},
    {"pop", WITH_KEYWORDS(odict_pop),
     "pop($self, /, key, default=<unrepresentable>)\n--\n\n"
     "od.pop(key[,default]) -> v: takes the key out and returns its value.\n\n"
     "A missing key gives the default, or KeyError when there is none."},
    {"popitem", WITH_KEYWORDS(odict_popitem),
     "popitem($self, /, last=True)\n--\n\nTakes out a pair (key, value): the last one, or the first one if last is false."},
    {"keys", odict_keys_new, METH_NOARGS, NULL},
    {"values", odict_values_new, METH_NOARGS, NULL},
    {"items", odict_items_new, METH_NOARGS, NULL},
    {"update", (PyCFunction)(void (*)(void))odict_update, METH_VARARGS | METH_KEYWORDS, NULL},
    {"clear", odict_clear_method, METH_NOARGS, "od.clear() -> None.  Takes all items out of od."},
    {"copy", odict_copy, METH_NOARGS, "od.copy() -> a shallow copy of od"},
    {"__reversed__", odict_reversed, METH_NOARGS, "od.__reversed__() <==> reversed(od)"},
    {"move_to_end", WITH_KEYWORDS(odict_move_to_end),
     "move_to_end($self, /, key, last=True)\n--\n\n"
     "Moves a key to the end, or to the beginning if last is false.\n\nKeyError if it is not there."},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef odict_getset[] = {
    {"__dict__", PyObject_GenericGetDict, PyObject_GenericSetDict, NULL, NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyMappingMethods odict_as_mapping = {.mp_ass_subscript = odict_ass_subscript};
static PyNumberMethods odict_as_number = {.nb_or = odict_or, .nb_inplace_or = odict_inplace_or};

PyTypeObject PyODict_Type = {
    IMMORTAL_TYPE_HEAD,
    .tp_name = "collections.OrderedDict",
    .tp_basicsize = sizeof(PyODictObject),
    .tp_dealloc = odict_dealloc,
    .tp_repr = odict_repr,
    .tp_as_number = &odict_as_number,
    .tp_as_mapping = &odict_as_mapping,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_DICT_SUBCLASS,
    .tp_doc = "Dictionary that remembers the order in which keys came in, and can change it",
    .tp_traverse = odict_traverse,
    .tp_clear = odict_tp_clear,
    .tp_richcompare = odict_richcompare,
    .tp_weaklistoffset = offsetof(PyODictObject, weakreflist),
    .tp_iter = odict_iter,
    .tp_methods = odict_methods,
    .tp_getset = odict_getset,
    .tp_base = &PyDict_Type,
    .tp_dictoffset = offsetof(PyODictObject, inst_dict),
    .tp_init = odict_init,
    .tp_alloc = PyType_GenericAlloc,
};
