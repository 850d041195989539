/* The type dict: slots, methods and construction. */
#include "objects/dict/table.h"
#include "objects/int/int.h"
#include "objects/str/writer.h"

#include "objects/immortal.h"
#include "objects/names.h"

static inline PyDictObject *as_dict(PyObject *op)
{
    return (PyDictObject *)op;
}

/* ---- Life ---- */

static void dict_dealloc(PyObject *self)
{
    PyDictObject *dict = as_dict(self);
    PyDictKeysObject *keys = dict->ma_keys;
    if (gc_tracked(self)) gc_untrack(self);
    Py_TRASHCAN_BEGIN(self, dict_dealloc)
    if (dict->ma_values != NULL) dict_values_free(dict->ma_values);
    if (keys != NULL) dict_keys_decref(keys);
    container_free(self, &PyDict_Type);
    Py_TRASHCAN_END
}

static int dict_traverse(PyObject *self, visitproc visit, void *arg)
{
    PyDictObject *dict = as_dict(self);
    PyDictKeysObject *keys = dict->ma_keys;
    if (dict->ma_values != NULL) {
        int result = dict_values_traverse(dict->ma_values, visit, arg);
        return result;
    }
    if (dict_keys_is_unicode(keys)) {
        DictUnicodeEntry *entries = dict_keys_unicode_entries(keys);
        for (Py_ssize_t i = 0; i < keys->dk_nentries; i++) Py_VISIT(entries[i].me_value);
        return 0;
    }
    DictEntry *entries = dict_keys_general_entries(keys);
    for (Py_ssize_t i = 0; i < keys->dk_nentries; i++) {
        if (entries[i].me_value == NULL) continue;
        Py_VISIT(entries[i].me_value);
        Py_VISIT(entries[i].me_key);
    }
    return 0;
}

static int dict_tp_clear(PyObject *self)
{
    dict_clear_all(as_dict(self));
    return 0;
}

static PyObject *dict_new(PyTypeObject *type, PyObject *Py_UNUSED(args), PyObject *Py_UNUSED(kwargs))
{
    PyObject *self = type->tp_alloc(type, 0);
    if (self == NULL) return NULL;
    PyDictObject *dict = as_dict(self);
    dict->ma_used = 0;
    dict->ma_version_tag = dict_next_version_tag();
    dict->ma_keys = &dict_empty_keys;
    dict->ma_values = NULL;
    if (type == &PyDict_Type) gc_untrack(self);    /* as PyDict_New(): until something comes in that needs it */
    return self;
}

static int update_common(PyObject *self, PyObject *args, PyObject *kwargs, const char *name)
{
    PyObject *other = NULL;
    if (!PyArg_UnpackTuple(args, name, 0, 1, &other)) return -1;
    if (other != NULL && dict_update_from(as_dict(self), other) < 0) return -1;
    if (kwargs == NULL) return 0;
    if (!PyArg_ValidateKeywordArguments(kwargs)) return -1;
    return dict_merge(as_dict(self), kwargs, 1);
}

static int dict_init(PyObject *self, PyObject *args, PyObject *kwargs)
{
    return update_common(self, args, kwargs, "dict");
}

static PyObject *dict_vectorcall(PyObject *type, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    Py_ssize_t nargs = PyVectorcall_NARGS(nargsf);
    if (!_PyArg_CheckPositional("dict", nargs, 0, 1)) return NULL;
    PyObject *self = type == (PyObject *)&PyDict_Type ? PyDict_New() : dict_new((PyTypeObject *)type, NULL, NULL);
    if (self == NULL) return NULL;
    if (nargs == 1 && dict_update_from(as_dict(self), args[0]) < 0) goto error;
    for (Py_ssize_t i = 0; kwnames != NULL && i < PyTuple_GET_SIZE(kwnames); i++) {
        if (PyDict_SetItem(self, PyTuple_GET_ITEM(kwnames, i), args[nargs + i]) < 0) goto error;
    }
    return self;

error:
    Py_DECREF(self);
    return NULL;
}

/* ---- Slots ---- */

static int write_object_repr(_PyUnicodeWriter *writer, PyObject *op)
{
    if (PyLong_CheckExact(op)) return _PyLong_FormatWriter(writer, op, 10, 0);
    PyObject *text = PyObject_Repr(op);
    if (text == NULL) return -1;
    int result = _PyUnicodeWriter_WriteStr(writer, text);
    Py_DECREF(text);
    return result;
}

static int write_items(_PyUnicodeWriter *writer, PyDictObject *dict)
{
    PyObject *key, *value;
    Py_ssize_t position = 0;
    for (bool first = true; dict_next_borrow(dict, &position, &key, &value); first = false) {
        Py_INCREF(key);
        Py_INCREF(value);
        int result = first ? 0 : writer_put_ascii(writer, ", ", 2);
        if (result == 0) result = write_object_repr(writer, key);
        if (result == 0) result = writer_put_ascii(writer, ": ", 2);
        if (result == 0) result = write_object_repr(writer, value);
        Py_DECREF(key);
        Py_DECREF(value);
        if (result < 0) return -1;
    }
    return 0;
}

static PyObject *dict_repr(PyObject *self)
{
    int entered = Py_ReprEnter(self);
    if (entered != 0) return entered > 0 ? PyUnicode_FromString("{...}") : NULL;
    PyObject *text = NULL;
    if (as_dict(self)->ma_used == 0) {
        text = PyUnicode_FromString("{}");
        goto done;
    }
    WriterScratch scratch;
    _PyUnicodeWriter writer;
    writer_init_scratch(&writer, &scratch);
    writer.overallocate = 1;
    writer.min_length = 1 + 4 + (2 + 4) * (as_dict(self)->ma_used - 1) + 1;
    if (_PyUnicodeWriter_WriteChar(&writer, '{') < 0 || write_items(&writer, as_dict(self)) < 0) goto error;
    writer.overallocate = 0;
    if (_PyUnicodeWriter_WriteChar(&writer, '}') < 0) goto error;
    text = _PyUnicodeWriter_Finish(&writer);
    goto done;

error:
    _PyUnicodeWriter_Dealloc(&writer);
done:
    Py_ReprLeave(self);
    return text;
}

static Py_ssize_t dict_length(PyObject *self)
{
    return as_dict(self)->ma_used;
}

/* The answer of a subclass's __missing__, or KeyError. */
static PyObject *missing(PyObject *self, PyObject *key)
{
    if (!PyDict_CheckExact(self)) {
        PyObject *method = _PyObject_LookupSpecial(self, NAME(__missing__));
        if (method != NULL) {
            PyObject *value = PyObject_CallOneArg(method, key);
            Py_DECREF(method);
            return value;
        }
        if (PyErr_Occurred()) return NULL;
    }
    _PyErr_SetKeyError(key);
    return NULL;
}

static PyObject *dict_subscript(PyObject *self, PyObject *key)
{
    Py_hash_t hash = object_hash(key);
    if (UNLIKELY(hash == -1)) return NULL;
    PyObject *value;
    Py_ssize_t index = dict_find(as_dict(self), key, hash, &value);
    if (LIKELY(value != NULL)) return Py_NewRef(value);
    if (index == DKIX_ERROR) return NULL;
    return missing(self, key);
}

static int dict_ass_subscript(PyObject *self, PyObject *key, PyObject *value)
{
    return value == NULL ? PyDict_DelItem(self, key) : PyDict_SetItem(self, key, value);
}

/* 1, 0 or -1. Walks by position, for a comparison may change either dict. */
static int dict_equal(PyDictObject *a, PyDictObject *b)
{
    if (a->ma_used != b->ma_used) return 0;
    PyObject *key, *a_value, *b_value;
    Py_hash_t hash;
    Py_ssize_t position = 0;
    while (dict_next_hash_borrow(a, &position, &key, &a_value, &hash)) {
        Py_INCREF(key);
        Py_INCREF(a_value);
        Py_ssize_t index = dict_find(b, key, hash, &b_value);
        int equal = index == DKIX_ERROR ? -1 : 0;
        if (b_value != NULL) {
            Py_INCREF(b_value);
            equal = a_value == b_value ? 1 : key_equal(a_value, b_value);
            Py_DECREF(b_value);
        }
        Py_DECREF(key);
        Py_DECREF(a_value);
        if (equal <= 0) return equal;
    }
    return 1;
}

static PyObject *dict_richcompare(PyObject *a, PyObject *b, int op)
{
    if (!PyDict_Check(a) || !PyDict_Check(b) || (op != Py_EQ && op != Py_NE)) Py_RETURN_NOTIMPLEMENTED;
    int equal = dict_equal(as_dict(a), as_dict(b));
    return equal < 0 ? NULL : bool_from((op == Py_EQ) == equal);
}

static PyObject *dict_or(PyObject *a, PyObject *b)
{
    if (!PyDict_Check(a) || !PyDict_Check(b)) Py_RETURN_NOTIMPLEMENTED;
    PyObject *result = PyDict_Copy(a);
    if (result != NULL && dict_update_from(as_dict(result), b) < 0) Py_CLEAR(result);
    return result;
}

static PyObject *dict_inplace_or(PyObject *self, PyObject *other)
{
    if (dict_update_from(as_dict(self), other) < 0) return NULL;
    return Py_NewRef(self);
}

/* ---- Methods ---- */

static PyObject *dict_contains_method(PyObject *self, PyObject *key)
{
    int found = PyDict_Contains(self, key);
    return found < 0 ? NULL : bool_from(found);
}

static PyObject *dict_sizeof(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return PyLong_FromSsize_t(_PyDict_SizeOf(as_dict(self)));
}

static PyObject *dict_get(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("get", nargs, 1, 2)) return NULL;
    PyObject *key = args[0], *value;
    Py_hash_t hash = object_hash(key);
    if (hash == -1) return NULL;
    if (dict_find(as_dict(self), key, hash, &value) == DKIX_ERROR) return NULL;
    if (value == NULL) value = nargs > 1 ? args[1] : Py_None;
    return Py_NewRef(value);
}

static PyObject *dict_setdefault(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("setdefault", nargs, 1, 2)) return NULL;
    return Py_XNewRef(PyDict_SetDefault(self, args[0], nargs > 1 ? args[1] : Py_None));
}

static PyObject *dict_pop(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("pop", nargs, 1, 2)) return NULL;
    return _PyDict_Pop(self, args[0], nargs > 1 ? args[1] : NULL);
}

static PyObject *dict_popitem(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    PyDictObject *dict = as_dict(self);
    PyObject *pair = PyTuple_New(2);    /* first: allocating may run a collection, which may change the dict */
    if (pair == NULL) return NULL;
    if (dict->ma_used == 0) {
        Py_DECREF(pair);
        PyErr_SetString(PyExc_KeyError, "popitem(): dictionary is empty");
        return NULL;
    }
    if (dict->ma_values != NULL && dict_resize(dict, dict->ma_keys->dk_log2_size, true) < 0) {
        Py_DECREF(pair);
        return NULL;
    }
    PyObject *key, *value;
    Py_ssize_t position = dict_last_position(dict);
    dict_previous_borrow(dict, &position, &key, &value);
    Py_ssize_t index = position + 1;
    Py_hash_t hash = dict_keys_is_unicode(dict->ma_keys) ? ((PyASCIIObject *)key)->hash
                                                         : dict_keys_general_entries(dict->ma_keys)[index].me_hash;
    value = dict_remove_at_take(dict, hash, index, &key);
    dict->ma_keys->dk_nentries = index;     /* the place is not usable again: its index is a dummy */
    PyTuple_SET_ITEM(pair, 0, key);
    PyTuple_SET_ITEM(pair, 1, value);
    return pair;
}

static PyObject *dict_update(PyObject *self, PyObject *args, PyObject *kwargs)
{
    if (update_common(self, args, kwargs, "update") < 0) return NULL;
    Py_RETURN_NONE;
}

static PyObject *dict_fromkeys(PyObject *type, PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("fromkeys", nargs, 1, 2)) return NULL;
    return dict_from_keys((PyTypeObject *)type, args[0], nargs > 1 ? args[1] : Py_None);
}

static PyObject *dict_clear_method(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    dict_clear_all(as_dict(self));
    Py_RETURN_NONE;
}

static PyObject *dict_copy_method(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return PyDict_Copy(self);
}

static PyMethodDef dict_methods[] = {
    {"__contains__", dict_contains_method, METH_O | METH_COEXIST,
     "__contains__($self, key, /)\n--\n\nWhether the key is in the dictionary."},
    {"__getitem__", dict_subscript, METH_O | METH_COEXIST, "x.__getitem__(y) <==> x[y]"},
    {"__sizeof__", dict_sizeof, METH_NOARGS, "D.__sizeof__() -> bytes of memory that D takes"},
    {"get", (PyCFunction)(void (*)(void))dict_get, METH_FASTCALL,
     "get($self, key, default=None, /)\n--\n\nThe value of the key if the dictionary has it, else default."},
    {"setdefault", (PyCFunction)(void (*)(void))dict_setdefault, METH_FASTCALL,
     "setdefault($self, key, default=None, /)\n--\n\nThe value of the key, which is first set to default if it is missing."},
    {"pop", (PyCFunction)(void (*)(void))dict_pop, METH_FASTCALL,
     "pop($self, key, default=<unrepresentable>, /)\n--\n\n"
     "D.pop(k[,d]) -> v: takes the key out and returns its value.\n\n"
     "A missing key gives the default, or KeyError when there is none."},
    {"popitem", dict_popitem, METH_NOARGS,
     "popitem($self, /)\n--\n\nTakes out the pair (key, value) that came in last.\n\nKeyError if the dictionary is empty."},
    {"keys", dict_keys_view, METH_NOARGS, "D.keys() -> a set-like view of D's keys"},
    {"items", dict_items_view, METH_NOARGS, "D.items() -> a set-like view of D's pairs (key, value)"},
    {"values", dict_values_view, METH_NOARGS, "D.values() -> a view of D's values"},
    {"update", (PyCFunction)(void (*)(void))dict_update, METH_VARARGS | METH_KEYWORDS,
     "D.update([E, ]**F) -> None.  Puts the items of E, then those of F, into D.\n"
     "E with a method keys() is read as: for k in E.keys(): D[k] = E[k]\n"
     "any other E as: for k, v in E: D[k] = v"},
    {"fromkeys", (PyCFunction)(void (*)(void))dict_fromkeys, METH_FASTCALL | METH_CLASS,
     "fromkeys($type, iterable, value=None, /)\n--\n\nA new dictionary with the keys of an iterable, all set to value."},
    {"clear", dict_clear_method, METH_NOARGS, "D.clear() -> None.  Takes all items out of D."},
    {"copy", dict_copy_method, METH_NOARGS, "D.copy() -> a shallow copy of D"},
    {"__reversed__", dict_reversed, METH_NOARGS,
     "__reversed__($self, /)\n--\n\nAn iterator over the keys, last to first."},
    {"__class_getitem__", Py_GenericAlias, METH_O | METH_CLASS, "See PEP 585"},
    {NULL, NULL, 0, NULL},
};

static PyMappingMethods dict_as_mapping = {
    .mp_length = dict_length,
    .mp_subscript = dict_subscript,
    .mp_ass_subscript = dict_ass_subscript,
};
static PySequenceMethods dict_as_sequence = {.sq_contains = PyDict_Contains};
static PyNumberMethods dict_as_number = {.nb_or = dict_or, .nb_inplace_or = dict_inplace_or};

PyTypeObject PyDict_Type = {
    IMMORTAL_TYPE_HEAD,
    .tp_name = "dict",
    .tp_basicsize = sizeof(PyDictObject),
    .tp_dealloc = dict_dealloc,
    .tp_repr = dict_repr,
    .tp_as_number = &dict_as_number,
    .tp_as_sequence = &dict_as_sequence,
    .tp_as_mapping = &dict_as_mapping,
    .tp_hash = PyObject_HashNotImplemented,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_DICT_SUBCLASS |
                _Py_TPFLAGS_MATCH_SELF | Py_TPFLAGS_MAPPING,
    .tp_doc = "dict() -> an empty dictionary\n"
              "dict(mapping) -> a dictionary with the items of a mapping\n"
              "dict(iterable) -> a dictionary with the pairs (key, value) that an iterable gives\n"
              "dict(**kwargs) -> a dictionary with the keyword arguments as items, as in dict(one=1, two=2)",
    .tp_traverse = dict_traverse,
    .tp_clear = dict_tp_clear,
    .tp_richcompare = dict_richcompare,
    .tp_iter = dict_iter,
    .tp_methods = dict_methods,
    .tp_init = dict_init,
    .tp_alloc = PyType_GenericAlloc,
    .tp_new = dict_new,
    .tp_free = PyObject_GC_Del,
    .tp_vectorcall = dict_vectorcall,
};

int dict_init_types(void)
{
    PyTypeObject *const types[] = {
        &PyDict_Type, &PyDictKeys_Type, &PyDictValues_Type, &PyDictItems_Type, &PyDictIterKey_Type, &PyDictIterValue_Type,
        &PyDictIterItem_Type, &PyDictRevIterKey_Type, &PyDictRevIterValue_Type, &PyDictRevIterItem_Type,
        &PyODict_Type, &PyODictKeys_Type, &PyODictValues_Type, &PyODictItems_Type, &PyODictIter_Type,
    };
    for (size_t i = 0; i < Py_ARRAY_LENGTH(types); i++) {
        if (PyType_Ready(types[i]) < 0) return -1;
    }
    return 0;
}
