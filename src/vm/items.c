/* Items, slices, membership, length and class where the instructions do not serve themselves. */
#include "objects/dict/dict.h"
#include "objects/list.h"
#include "objects/set.h"
#include "objects/str/str.h"
#include "vm/ops.h"
#include "vm/packed.h"

/* ---- Dicts ---------------------------------------------------------------------------------------------------- */

PyObject *op_find_in_dict(PyDictObject *dict, Value *key)
{
    Value k = *key;
    if (value_is_object(k)) {
        PyObject *o = value_object(k);
        if (PyUnicode_CheckExact(o) && dict->ma_keys->dk_kind == KEYS_UNICODE) {
            Py_ssize_t index = dict_keys_lookup(dict->ma_keys, o, dict_unicode_hash(o));
            return index >= 0 ? dict_keys_unicode_entries(dict->ma_keys)[index].me_value : NULL;
        }
        k = value_unbox_borrowed(o);
    }
    if (value_is_int(k)) {
        DictEntry *entry = dict_find_int(dict, value_int(k));
        if (LIKELY(entry != DICT_UNSURE)) return entry ? entry->me_value : NULL;
    }
    PyObject *o = operand_object(key), *value;
    Py_hash_t hash = o ? object_hash(o) : -1;
    if (hash == -1) return NULL;
    dict_find(dict, o, hash, &value);
    return value;
}

int op_store_dict_item_steal(PyDictObject *dict, Value *key, PyObject *value)
{
    if (value_is_int(*key)) {
        int done = dict_set_int_steal(dict, value_int(*key), value);
        if (done) return done < 0 ? -1 : 0;
    }
    PyObject *k = operand_object(key);
    if (!k) {
        Py_DECREF(value);
        return -1;
    }
    return dict_set_item_steal(dict, Py_NewRef(k), value);
}

/* ---- Items ---------------------------------------------------------------------------------------------------- */

PyObject *op_dict_item(PyDictObject *dict, Value *key)
{
    PyObject *value = op_find_in_dict(dict, key);
    if (LIKELY(value != NULL) || PyErr_Occurred()) return value;
    PyObject *k = operand_object(key);
    if (k) _PyErr_SetKeyError(k);
    return NULL;
}

int op_delete_item(Value *container, Value *key)
{
    PyObject *c = operand_object(container);
    if (c && PyDict_CheckExact(c) && value_is_int(*key) && dict_delete_int((PyDictObject *)c, value_int(*key))) return 0;
    PyObject *k = c ? operand_object(key) : NULL;
    return k ? PyObject_DelItem(c, k) : -1;
}

Value op_subscript(Value *container, Value *key)
{
    PyObject *c = operand_object(container);
    if (!c) return VALUE_EMPTY;
    PyTypeObject *type = Py_TYPE(c);
    if (type == &PyList_Type || type == &PyTuple_Type) {    /* by what was not unboxed */
        Value k = value_is_object(*key) ? value_unbox_borrowed(value_object(*key)) : *key;
        if (value_is_int(k)) {
            PyObject **items = type == &PyList_Type ? ((PyListObject *)c)->ob_item : ((PyTupleObject *)c)->ob_item;
            int64_t i = value_int(k) < 0 ? value_int(k) + Py_SIZE(c) : value_int(k);
            if ((size_t)i < (size_t)Py_SIZE(c)) return op_load(items[i]);
        }
    }
    else if (type == &PyUnicode_Type || type == &PyBytes_Type) {
        Value k = value_is_object(*key) ? value_unbox_borrowed(value_object(*key)) : *key;
        if (value_is_int(k) && (type == &PyBytes_Type || PyUnicode_IS_READY(c))) {
            Py_ssize_t n = type == &PyBytes_Type ? Py_SIZE(c) : PyUnicode_GET_LENGTH(c);
            int64_t i = value_int(k) < 0 ? value_int(k) + n : value_int(k);
            if ((size_t)i < (size_t)n) {
                if (type == &PyBytes_Type) return value_from_int((unsigned char)PyBytes_AS_STRING(c)[i]);
                return value_from_owned(str_getitem(c, i));
            }
        }
    }
    else if (PyDict_Check(c) && type->tp_as_mapping->mp_subscript == PyDict_Type.tp_as_mapping->mp_subscript) {
        PyObject *value = op_find_in_dict((PyDictObject *)c, key);
        if (value) return op_load(value);
        if (PyErr_Occurred()) return VALUE_EMPTY;
    }
    else if (value_is_int(*key)) {
        Value item = packed_load(c, value_int(*key));
        if (item != VALUE_EMPTY) return item;
    }
    PyObject *k = operand_object(key);
    return k ? value_from_owned(PyObject_GetItem(c, k)) : VALUE_EMPTY;
}

/* ---- Slices --------------------------------------------------------------------------------------------------- */

/* A bound of a slice of `size` items: an int of one word, or None for `missing`. False: it is something else. */
static bool read_bound(Value v, Py_ssize_t size, Py_ssize_t missing, Py_ssize_t *bound)
{
    if (value_is_object(v)) {
        if (value_object(v) == Py_None) {
            *bound = missing;
            return true;
        }
        v = value_unbox_borrowed(value_object(v));
    }
    if (!value_is_int(v)) return false;
    int64_t i = value_int(v);
    if (i < 0) i += size;
    *bound = i < 0 ? 0 : i > size ? size : (Py_ssize_t)i;
    return true;
}

static bool read_bounds(Value start, Value stop, Py_ssize_t size, Py_ssize_t *low, Py_ssize_t *high)
{
    if (!read_bound(start, size, 0, low) || !read_bound(stop, size, size, high)) return false;
    if (*high < *low) *high = *low;
    return true;
}

/* An int of one word as it stands, or None for `missing`. */
static bool read_plainly(Value v, Py_ssize_t missing, Py_ssize_t *bound)
{
    if (value_is_object(v)) v = value_object(v) == Py_None ? value_from_int(missing) : value_unbox_borrowed(value_object(v));
    if (!value_is_int(v)) return false;
    *bound = value_int(v);
    return true;
}

/* Every step-th item of an exact list or str. NULL without an exception: this is not the way. */
static PyObject *load_every(PyObject *c, Value start, Value stop, Value step)
{
    Py_ssize_t first, end, by, far = (Py_ssize_t)VALUE_INT_MAX;
    bool list = PyList_CheckExact(c);
    if (!list && (!PyUnicode_CheckExact(c) || !PyUnicode_IS_READY(c))) return NULL;
    if (!read_plainly(step, 1, &by) || by == 0) return NULL;
    if (!read_plainly(start, by < 0 ? far : 0, &first) || !read_plainly(stop, by < 0 ? -far : far, &end)) return NULL;
    Py_ssize_t n = PySlice_AdjustIndices(list ? PyList_GET_SIZE(c) : PyUnicode_GET_LENGTH(c), &first, &end, by);
    return list ? list_every(c, first, by, n) : str_every(c, first, by, n);
}

static PyObject *make_slice(Value *start, Value *stop, Value *step)
{
    PyObject *a = operand_object(start), *b = a ? operand_object(stop) : NULL, *c = step ? operand_object(step) : Py_None;
    return b && c ? PySlice_New(a, b, c) : NULL;
}

PyObject *op_load_slice(Value *container, Value *start, Value *stop, Value *step)
{
    PyObject *c = operand_object(container);
    Py_ssize_t low, high;
    if (!c) return NULL;
    if (step) {
        PyObject *result = load_every(c, *start, *stop, *step);
        if (result || PyErr_Occurred()) return result;
    }
    else if (PyList_CheckExact(c)) {
        if (read_bounds(*start, *stop, PyList_GET_SIZE(c), &low, &high)) return PyList_GetSlice(c, low, high);
    }
    else if (PyUnicode_CheckExact(c)) {
        if (read_bounds(*start, *stop, PyUnicode_GET_LENGTH(c), &low, &high)) return PyUnicode_Substring(c, low, high);
    }
    else if (PyTuple_CheckExact(c)) {
        if (read_bounds(*start, *stop, PyTuple_GET_SIZE(c), &low, &high)) return PyTuple_GetSlice(c, low, high);
    }
    else if (PyBytes_CheckExact(c)) {
        Py_ssize_t n = PyBytes_GET_SIZE(c);
        bool plain = read_bounds(*start, *stop, n, &low, &high);
        if (plain && high - low < n) return PyBytes_FromStringAndSize(PyBytes_AS_STRING(c) + low, high - low);
    }
    else if (PyByteArray_CheckExact(c)) {
        bool plain = read_bounds(*start, *stop, PyByteArray_GET_SIZE(c), &low, &high);
        if (plain) return PyByteArray_FromStringAndSize(PyByteArray_AS_STRING(c) + low, high - low);
    }
    PyObject *slice = make_slice(start, stop, step);
    PyObject *result = slice ? PyObject_GetItem(c, slice) : NULL;
    Py_XDECREF(slice);
    return result;
}

int op_store_slice(Value *container, Value *start, Value *stop, Value *value)
{
    PyObject *c = operand_object(container), *v = c ? operand_object(value) : NULL;
    Py_ssize_t low, high;
    if (!v) return -1;
    if (PyList_CheckExact(c) && read_bounds(*start, *stop, PyList_GET_SIZE(c), &low, &high)) return PyList_SetSlice(c, low, high, v);
    PyObject *slice = make_slice(start, stop, NULL);
    int result = slice ? PyObject_SetItem(c, slice, v) : -1;
    Py_XDECREF(slice);
    return result;
}

/* ---- Membership ----------------------------------------------------------------------------------------------- */

/* Whether one of n items is equal to an int or an exact str: 1, 0, or -1 where that takes more than a look. */
static int find_plainly(PyObject *const *items, Py_ssize_t n, Value wanted)
{
    PyObject *text = value_is_object(wanted) ? value_object(wanted) : NULL;
    for (Py_ssize_t i = 0; i < n; i++) {
        PyObject *item = items[i];
        if (PyUnicode_CheckExact(item)) {
            if (text && (item == text || exact_str_equal(item, text))) return 1;
        }
        else if (PyLong_CheckExact(item)) {
            Value number = value_unbox_borrowed(item);
            if (!value_is_int(number)) return -1;
            if (number == wanted) return 1;
        }
        else if (item != Py_None) return -1;
    }
    return 0;
}

/* sub in s, for exact strs: a character is looked for without a call. */
static inline int str_holds(PyObject *s, PyObject *sub)
{
    bool plain = PyUnicode_IS_COMPACT_ASCII(s) && PyUnicode_IS_COMPACT_ASCII(sub) && PyUnicode_GET_LENGTH(sub) == 1;
    if (!plain) return PyUnicode_Contains(s, sub);
    const char *text = (const char *)((PyASCIIObject *)s + 1);
    char wanted = *(const char *)((PyASCIIObject *)sub + 1);
    Py_ssize_t n = PyUnicode_GET_LENGTH(s);
    if (n > 12) return memchr(text, wanted, (size_t)n) != NULL;
    for (Py_ssize_t i = 0; i < n; i++)
        if (text[i] == wanted) return 1;
    return 0;
}

int op_contains(Value *container, Value *item)
{
    PyObject *c = operand_object(container), *o = NULL;
    if (!c) return -1;
    PyTypeObject *type = Py_TYPE(c);
    if (type == &PyDict_Type) {
        PyObject *value = op_find_in_dict((PyDictObject *)c, item);
        return value ? 1 : PyErr_Occurred() ? -1 : 0;
    }
    Value wanted = *item;
    if (value_is_object(wanted)) {
        o = value_object(wanted);
        wanted = value_unbox_borrowed(o);
    }
    bool text = o && PyUnicode_CheckExact(o);
    if (type == &PyUnicode_Type) {
        if (text) return str_holds(c, o);
    }
    else if (type == &PyBytes_Type) {
        bool byte = value_is_int(wanted) && value_int(wanted) >= 0 && value_int(wanted) < 256;
        if (byte) return memchr(PyBytes_AS_STRING(c), (int)value_int(wanted), (size_t)PyBytes_GET_SIZE(c)) != NULL;
    }
    else if (type == &PySet_Type || type == &PyFrozenSet_Type) {
        int found = value_is_int(wanted) ? set_contains_int((PySetObject *)c, value_int(wanted)) : -1;
        if (found >= 0) return found;
        if (text) return set_contains_hashed((PySetObject *)c, o, dict_unicode_hash(o));
    }
    else if ((type == &PyTuple_Type || type == &PyList_Type) && (text || value_is_int(wanted))) {
        PyObject **items = type == &PyList_Type ? ((PyListObject *)c)->ob_item : ((PyTupleObject *)c)->ob_item;
        int found = find_plainly(items, Py_SIZE(c), wanted);
        if (found >= 0) return found;
    }
    o = operand_object(item);
    return o ? PySequence_Contains(c, o) : -1;
}

/* ---- Length and class ----------------------------------------------------------------------------------------- */

Py_ssize_t op_length(Value *container)
{
    PyObject *c = operand_object(container);
    if (!c) return -1;
    if (PyList_CheckExact(c) || PyTuple_CheckExact(c)) return Py_SIZE(c);
    if (PyUnicode_CheckExact(c)) return PyUnicode_GET_LENGTH(c);
    if (PyDict_CheckExact(c)) return PyDict_GET_SIZE(c);
    return PyObject_Size(c);
}

/* Whether an object of the type is an instance of the class; -1 where that is not a matter of the two types alone. */
static int is_instance_of(PyTypeObject *type, PyObject *class)
{
    if (class == (PyObject *)type) return 1;
    if (!Py_IS_TYPE(class, &PyType_Type)) return -1;
    if (PyType_IsSubtype(type, (PyTypeObject *)class)) return 1;
    /* An object of another type may still say that its __class__ is one; these do not. */
    bool plain = type->tp_getattro == PyObject_GenericGetAttr && !PyType_HasFeature(type, Py_TPFLAGS_HEAPTYPE);
    return plain ? 0 : -1;
}

int op_is_instance(Value *o, Value *classes)
{
    PyObject *c = operand_object(classes);
    if (!c) return -1;
    PyTypeObject *type = value_is_int(*o) ? &PyLong_Type : value_is_float(*o) ? &PyFloat_Type : Py_TYPE(value_object(*o));
    int is = -1;
    if (!PyTuple_CheckExact(c)) is = is_instance_of(type, c);
    else for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(c); i++) {
        is = is_instance_of(type, PyTuple_GET_ITEM(c, i));
        if (is) break;
    }
    if (is >= 0) return is;
    PyObject *object = operand_object(o);
    return object ? PyObject_IsInstance(object, c) : -1;
}
