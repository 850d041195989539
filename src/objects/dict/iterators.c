/* Iterators over dicts, forwards and backwards, for keys, values and items. */
#include "objects/dict/table.h"

#include "objects/immortal.h"
#include "objects/names.h"
#include "objects/pairs.h"

typedef struct {
    PyObject_HEAD
    PyDictObject *dict;     /* owned, NULL: exhausted */
    Py_ssize_t used;        /* size the dict must keep; -1 after it did not */
    Py_ssize_t position;
    Py_ssize_t left;        /* items still to come */
    PyObject *pair;         /* owned: the tuple to hand out again, for items */
} DictIterator;

static bool is_reverse(PyTypeObject *type)
{
    return type == &PyDictRevIterKey_Type || type == &PyDictRevIterValue_Type || type == &PyDictRevIterItem_Type;
}

PyObject *dict_iterator_new(PyDictObject *dict, PyTypeObject *type)
{
    PyObject *pair = NULL;
    if (type == &PyDictIterItem_Type || type == &PyDictRevIterItem_Type) {
        pair = PyTuple_Pack(2, Py_None, Py_None);
        if (pair == NULL) return NULL;
    }
    DictIterator *it = container_new(type, sizeof(DictIterator));
    if (it == NULL) {
        Py_XDECREF(pair);
        return NULL;
    }
    it->dict = (PyDictObject *)Py_NewRef(dict);
    it->used = it->left = dict->ma_used;
    it->position = is_reverse(type) ? dict_last_position(dict) : 0;
    it->pair = pair;
    gc_track(it);
    return (PyObject *)it;
}

PyObject *dict_iter(PyObject *self)
{
    return dict_iterator_new((PyDictObject *)self, &PyDictIterKey_Type);
}

PyObject *dict_reversed(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return dict_iterator_new((PyDictObject *)self, &PyDictRevIterKey_Type);
}

static void iterator_dealloc(PyObject *self)
{
    DictIterator *it = (DictIterator *)self;
    if (gc_tracked(it)) gc_untrack(it);
    Py_XDECREF(it->dict);
    Py_XDECREF(it->pair);
    gc_free(it, sizeof(GcHead));
}

static int iterator_traverse(PyObject *self, visitproc visit, void *arg)
{
    DictIterator *it = (DictIterator *)self;
    Py_VISIT(it->dict);
    Py_VISIT(it->pair);
    return 0;
}

/* Steps on: borrowed key and value; false at the end, with an exception if the dict has changed. */
static bool iterator_step(DictIterator *it, bool reverse, PyObject **key, PyObject **value)
{
    PyDictObject *dict = it->dict;
    if (dict == NULL) return false;
    if (UNLIKELY(it->used != dict->ma_used)) {
        PyErr_SetString(PyExc_RuntimeError, "dictionary changed size during iteration");
        it->used = -1;      /* for good */
        return false;
    }
    bool found = reverse ? dict_previous_borrow(dict, &it->position, key, value)
                         : dict_next_borrow(dict, &it->position, key, value);
    if (LIKELY(found)) {
        if (UNLIKELY(it->left == 0 && !reverse)) {
            PyErr_SetString(PyExc_RuntimeError, "dictionary keys changed during iteration");
            found = false;
        } else {
            it->left--;
            return true;
        }
    }
    it->dict = NULL;
    Py_DECREF(dict);
    return false;
}

/* The same forwards, and at once where the next entry of a combined table is live. */
ALWAYS_INLINE bool iterator_advance(DictIterator *it, PyObject **key, PyObject **value)
{
    PyDictObject *dict = it->dict;
    if (LIKELY(dict != NULL && it->used == dict->ma_used && it->left > 0 && dict->ma_values == NULL)) {
        PyDictKeysObject *keys = dict->ma_keys;
        Py_ssize_t i = it->position;
        if (LIKELY(i < keys->dk_nentries)) {
            if (keys->dk_kind != KEYS_GENERAL) {
                const DictUnicodeEntry *entry = &dict_keys_unicode_entries(keys)[i];
                *key = entry->me_key;
                *value = entry->me_value;
            } else {
                const DictEntry *entry = &dict_keys_general_entries(keys)[i];
                *key = entry->me_key;
                *value = entry->me_value;
            }
            if (LIKELY(*value != NULL)) {
                it->position = i + 1;
                it->left--;
                return true;
            }
        }
    }
    return iterator_step(it, false, key, value);
}

static PyObject *next_key(PyObject *self)
{
    PyObject *key, *value;
    return iterator_advance((DictIterator *)self, &key, &value) ? Py_NewRef(key) : NULL;
}

static PyObject *next_value(PyObject *self)
{
    PyObject *key, *value;
    return iterator_advance((DictIterator *)self, &key, &value) ? Py_NewRef(value) : NULL;
}

static PyObject *next_item(PyObject *self)
{
    DictIterator *it = (DictIterator *)self;
    PyObject *key, *value;
    if (!iterator_advance(it, &key, &value)) return NULL;
    return pair_reuse_steal(&it->pair, Py_NewRef(key), Py_NewRef(value));
}

PairStep dict_next_pair(PyObject *self, PyObject **key, PyObject **value)
{
    return iterator_advance((DictIterator *)self, key, value) ? PAIR_GIVEN : PAIR_NONE;
}

static PyObject *previous_key(PyObject *self)
{
    PyObject *key, *value;
    return iterator_step((DictIterator *)self, true, &key, &value) ? Py_NewRef(key) : NULL;
}

static PyObject *previous_value(PyObject *self)
{
    PyObject *key, *value;
    return iterator_step((DictIterator *)self, true, &key, &value) ? Py_NewRef(value) : NULL;
}

static PyObject *previous_item(PyObject *self)
{
    DictIterator *it = (DictIterator *)self;
    PyObject *key, *value;
    if (!iterator_step(it, true, &key, &value)) return NULL;
    return pair_reuse_steal(&it->pair, Py_NewRef(key), Py_NewRef(value));
}

static PyObject *iterator_length_hint(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    DictIterator *it = (DictIterator *)self;
    return PyLong_FromSsize_t(it->dict != NULL && it->used == it->dict->ma_used ? it->left : 0);
}

/* iter(list of what is left); the iterator itself does not move. */
static PyObject *iterator_reduce(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    DictIterator *it = (DictIterator *)self;
    PyObject *list;
    if (it->dict == NULL) {
        list = PyList_New(0);
    } else {
        DictIterator *copy = (DictIterator *)dict_iterator_new(it->dict, Py_TYPE(self));
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
    {"__reduce__", iterator_reduce, METH_NOARGS, "What pickling needs."},
    {NULL, NULL, 0, NULL},
};

#define DICT_ITERATOR_TYPE(variable, name, next, getattro)              \
    PyTypeObject variable = {                                           \
        IMMORTAL_TYPE_HEAD,                                             \
        .tp_name = name,                                                \
        .tp_basicsize = sizeof(DictIterator),                           \
        .tp_dealloc = iterator_dealloc,                                 \
        .tp_getattro = getattro,                                        \
        .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,            \
        .tp_traverse = iterator_traverse,                               \
        .tp_iter = PyObject_SelfIter,                                   \
        .tp_iternext = next,                                            \
        .tp_methods = iterator_methods,                                 \
    }

DICT_ITERATOR_TYPE(PyDictIterKey_Type, "dict_keyiterator", next_key, PyObject_GenericGetAttr);
DICT_ITERATOR_TYPE(PyDictIterValue_Type, "dict_valueiterator", next_value, PyObject_GenericGetAttr);
DICT_ITERATOR_TYPE(PyDictIterItem_Type, "dict_itemiterator", next_item, PyObject_GenericGetAttr);
DICT_ITERATOR_TYPE(PyDictRevIterKey_Type, "dict_reversekeyiterator", previous_key, NULL);
DICT_ITERATOR_TYPE(PyDictRevIterValue_Type, "dict_reversevalueiterator", previous_value, NULL);
DICT_ITERATOR_TYPE(PyDictRevIterItem_Type, "dict_reverseitemiterator", previous_item, NULL);
