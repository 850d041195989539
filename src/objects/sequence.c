/* The sequence protocol: PySequence_*. */
#include "objects/abstract.h"

#include <stdbool.h>

static inline PySequenceMethods *methods_of(PyObject *op)
{
    return Py_TYPE(op)->tp_as_sequence;
}

static inline PyMappingMethods *mapping_of(PyObject *op)
{
    return Py_TYPE(op)->tp_as_mapping;
}

int PySequence_Check(PyObject *op)
{
    return !PyDict_Check(op) && methods_of(op) && methods_of(op)->sq_item;
}

Py_ssize_t PySequence_Size(PyObject *op)
{
    if (!op) {
        abstract_null_error();
        return -1;
    }
    PySequenceMethods *m = methods_of(op);
    if (m && m->sq_length) return m->sq_length(op);
    if (mapping_of(op) && mapping_of(op)->mp_length) abstract_type_error("%.200s is not a sequence", op);
    else abstract_type_error("object of type '%.200s' has no len()", op);
    return -1;
}

#undef PySequence_Length
Py_ssize_t PySequence_Length(PyObject *op)
{
    return PySequence_Size(op);
}

/* ---- concatenation and repetition ---- */

/* Sequences that are defined in Python may add and multiply as numbers only. */
static PyObject *concat_by_number(PyObject *s, PyObject *o, binaryfunc operation)
{
    if (PySequence_Check(s) && PySequence_Check(o)) {
        PyObject *result = operation(s, o);
        if (result != Py_NotImplemented) return result;
        Py_DECREF(result);
    }
    return abstract_type_error("'%.200s' object can't be concatenated", s);
}

PyObject *PySequence_Concat(PyObject *s, PyObject *o)
{
    if (!s || !o) return abstract_null_error();
    PySequenceMethods *m = methods_of(s);
    if (m && m->sq_concat) return m->sq_concat(s, o);
    return concat_by_number(s, o, number_try_add);
}

PyObject *PySequence_InPlaceConcat(PyObject *s, PyObject *o)
{
    if (!s || !o) return abstract_null_error();
    PySequenceMethods *m = methods_of(s);
    if (m && m->sq_inplace_concat) return m->sq_inplace_concat(s, o);
    if (m && m->sq_concat) return m->sq_concat(s, o);
    return concat_by_number(s, o, number_try_inplace_add);
}

static PyObject *repeat_by_number(PyObject *op, Py_ssize_t count, binaryfunc operation)
{
    if (PySequence_Check(op)) {
        PyObject *n = PyLong_FromSsize_t(count);
        if (!n) return NULL;
        PyObject *result = operation(op, n);
        Py_DECREF(n);
        if (result != Py_NotImplemented) return result;
        Py_DECREF(result);
    }
    return abstract_type_error("'%.200s' object can't be repeated", op);
}

PyObject *PySequence_Repeat(PyObject *op, Py_ssize_t count)
{
    if (!op) return abstract_null_error();
    PySequenceMethods *m = methods_of(op);
    if (m && m->sq_repeat) return m->sq_repeat(op, count);
    return repeat_by_number(op, count, number_try_multiply);
}

PyObject *PySequence_InPlaceRepeat(PyObject *op, Py_ssize_t count)
{
    if (!op) return abstract_null_error();
    PySequenceMethods *m = methods_of(op);
    if (m && m->sq_inplace_repeat) return m->sq_inplace_repeat(op, count);
    if (m && m->sq_repeat) return m->sq_repeat(op, count);
    return repeat_by_number(op, count, number_try_inplace_multiply);
}

/* ---- items ---- */

/* A negative index counts from the end, for types that tell their length. -1 with an exception (only then is *i negative by it). */
static int index_from_end(PyObject *op, PySequenceMethods *m, Py_ssize_t *i)
{
    if (*i >= 0 || !m->sq_length) return 0;
    Py_ssize_t n = m->sq_length(op);
    if (n < 0) return -1;
    *i += n;
    return 0;
}

PyObject *PySequence_GetItem(PyObject *op, Py_ssize_t i)
{
    if (!op) return abstract_null_error();
    PySequenceMethods *m = methods_of(op);
    if (!m || !m->sq_item) {
        PyMappingMethods *mapping = mapping_of(op);
        bool is_mapping = mapping && mapping->mp_subscript;
        return abstract_type_error(is_mapping ? "%.200s is not a sequence" : "'%.200s' object does not support indexing", op);
    }
    if (index_from_end(op, m, &i) < 0) return NULL;
    return m->sq_item(op, i);
}

static int assign_item(PyObject *op, Py_ssize_t i, PyObject *value, const char *format)
{
    if (!op) {
        abstract_null_error();
        return -1;
    }
    PySequenceMethods *m = methods_of(op);
    if (!m || !m->sq_ass_item) {
        PyMappingMethods *mapping = mapping_of(op);
        abstract_type_error(mapping && mapping->mp_ass_subscript ? "%.200s is not a sequence" : format, op);
        return -1;
    }
    if (index_from_end(op, m, &i) < 0) return -1;
    return m->sq_ass_item(op, i, value);
}

int PySequence_SetItem(PyObject *op, Py_ssize_t i, PyObject *value)
{
    return assign_item(op, i, value, "'%.200s' object does not support item assignment");
}

int PySequence_DelItem(PyObject *op, Py_ssize_t i)
{
    return assign_item(op, i, NULL, "'%.200s' object doesn't support item deletion");
}

/* ---- slices ---- */

PyObject *PySequence_GetSlice(PyObject *op, Py_ssize_t i, Py_ssize_t j)
{
    if (!op) return abstract_null_error();
    PyMappingMethods *m = mapping_of(op);
    if (!m || !m->mp_subscript) return abstract_type_error("'%.200s' object is unsliceable", op);
    PyObject *slice = _PySlice_FromIndices(i, j);
    if (!slice) return NULL;
    PyObject *result = m->mp_subscript(op, slice);
    Py_DECREF(slice);
    return result;
}

static int assign_slice(PyObject *op, Py_ssize_t i, Py_ssize_t j, PyObject *value, const char *format)
{
    if (!op) {
        abstract_null_error();
        return -1;
    }
    PyMappingMethods *m = mapping_of(op);
    if (!m || !m->mp_ass_subscript) {
        abstract_type_error(format, op);
        return -1;
    }
    PyObject *slice = _PySlice_FromIndices(i, j);
    if (!slice) return -1;
    int result = m->mp_ass_subscript(op, slice, value);
    Py_DECREF(slice);
    return result;
}

int PySequence_SetSlice(PyObject *op, Py_ssize_t i, Py_ssize_t j, PyObject *value)
{
    return assign_slice(op, i, j, value, "'%.200s' object doesn't support slice assignment");
}

int PySequence_DelSlice(PyObject *op, Py_ssize_t i, Py_ssize_t j)
{
    return assign_slice(op, i, j, NULL, "'%.200s' object doesn't support slice deletion");
}

/* ---- copies ---- */

/* A tuple of all that an iterable gives; new reference (an exact tuple is its own copy). */
PyObject *PySequence_Tuple(PyObject *op)
{
    if (!op) return abstract_null_error();
    if (PyTuple_CheckExact(op)) return Py_NewRef(op);
    if (PyList_CheckExact(op)) return PyList_AsTuple(op);
    /* A list grows well, and nobody sees it half filled. */
    PyObject *list = PySequence_List(op);
    if (!list) return NULL;
    PyObject *result = PyList_AsTuple(list);
    Py_DECREF(list);
    return result;
}

PyObject *PySequence_List(PyObject *op)
{
    if (!op) return abstract_null_error();
    PyObject *list = PyList_New(0);
    if (!list) return NULL;
    PyObject *none = _PyList_Extend((PyListObject *)list, op);
    if (!none) {
        Py_DECREF(list);
        return NULL;
    }
    Py_DECREF(none);
    return list;
}

/* op itself if it is a list or tuple, else a list of its items; TypeError with `message` if it cannot be iterated over. */
PyObject *PySequence_Fast(PyObject *op, const char *message)
{
    if (!op) return abstract_null_error();
    if (PyList_CheckExact(op) || PyTuple_CheckExact(op)) return Py_NewRef(op);
    PyObject *iterator = PyObject_GetIter(op);
    if (!iterator) {
        if (PyErr_ExceptionMatches(PyExc_TypeError)) PyErr_SetString(PyExc_TypeError, message);
        return NULL;
    }
    PyObject *result = PySequence_List(iterator);
    Py_DECREF(iterator);
    return result;
}

/* ---- searching by iteration ---- */

/* operation: PY_ITERSEARCH_COUNT, _INDEX or _CONTAINS. -1 with an exception. */
Py_ssize_t _PySequence_IterSearch(PyObject *seq, PyObject *op, int operation)
{
    if (!seq || !op) {
        abstract_null_error();
        return -1;
    }
    PyObject *iterator = PyObject_GetIter(seq);
    if (!iterator) {
        if (PyErr_ExceptionMatches(PyExc_TypeError)) {
            abstract_type_error("argument of type '%.200s' is not iterable", seq);
        }
        return -1;
    }
    Py_ssize_t n = 0, result = -1;
    bool wrapped = false;   /* n has gone past PY_SSIZE_T_MAX */
    PyObject *item;
    while ((item = PyIter_Next(iterator))) {
        int equal = PyObject_RichCompareBool(item, op, Py_EQ);
        Py_DECREF(item);
        if (equal < 0) goto done;
        if (equal && operation == PY_ITERSEARCH_CONTAINS) {
            result = 1;
            goto done;
        }
        if (equal && operation == PY_ITERSEARCH_INDEX) {
            if (wrapped) PyErr_SetString(PyExc_OverflowError, "index exceeds C integer size");
            else result = n;
            goto done;
        }
        if (equal && n == PY_SSIZE_T_MAX) {
            PyErr_SetString(PyExc_OverflowError, "count exceeds C integer size");
            goto done;
        }
        if (operation == PY_ITERSEARCH_INDEX) {
            if (n == PY_SSIZE_T_MAX) wrapped = true;
            else n++;
        } else if (equal) {
            n++;
        }
    }
    if (PyErr_Occurred()) goto done;
    if (operation == PY_ITERSEARCH_INDEX) {
        PyErr_SetString(PyExc_ValueError, "sequence.index(x): x not in sequence");
        goto done;
    }
    result = n;
done:
    Py_DECREF(iterator);
    return result;
}

Py_ssize_t PySequence_Count(PyObject *seq, PyObject *op)
{
    return _PySequence_IterSearch(seq, op, PY_ITERSEARCH_COUNT);
}

int PySequence_Contains(PyObject *seq, PyObject *op)
{
    PySequenceMethods *m = methods_of(seq);
    if (!op) {
        PyErr_BadInternalCall();
        return -1;
    }
    if (m && m->sq_contains) return m->sq_contains(seq, op);
    return (int)_PySequence_IterSearch(seq, op, PY_ITERSEARCH_CONTAINS);
}

#undef PySequence_In
int PySequence_In(PyObject *seq, PyObject *op)
{
    return PySequence_Contains(seq, op);
}

Py_ssize_t PySequence_Index(PyObject *seq, PyObject *op)
{
    return _PySequence_IterSearch(seq, op, PY_ITERSEARCH_INDEX);
}

/* ---- arrays of C strings ---- */

void _Py_FreeCharPArray(char *const array[])
{
    for (Py_ssize_t i = 0; array[i]; i++) PyMem_Free(array[i]);
    PyMem_Free((void *)array);
}

/* A NULL-ended array of copies of a sequence of bytes, as exec wants it; free with _Py_FreeCharPArray. */
char *const *_PySequence_BytesToCharpArray(PyObject *self)
{
    Py_ssize_t n = PySequence_Size(self);
    if (n == -1) return NULL;
    if ((size_t)n > PY_SSIZE_T_MAX / sizeof(char *) - 1) {
        PyErr_NoMemory();
        return NULL;
    }
    char **array = PyMem_Calloc((size_t)n + 1, sizeof(char *));
    if (!array) {
        PyErr_NoMemory();
        return NULL;
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        PyObject *item = PySequence_GetItem(self, i);
        char *text;
        if (!item || PyBytes_AsStringAndSize(item, &text, NULL) < 0) {      /* no zero byte inside */
            Py_XDECREF(item);
            goto error;
        }
        size_t size = (size_t)PyBytes_GET_SIZE(item) + 1;
        array[i] = PyMem_Malloc(size);
        if (!array[i]) {
            PyErr_NoMemory();
            Py_DECREF(item);
            goto error;
        }
        memcpy(array[i], text, size);
        Py_DECREF(item);
    }
    return array;
error:
    _Py_FreeCharPArray(array);
    return NULL;
}
