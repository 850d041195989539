/* array.array: the primitives that change one, its slots and its iterator. */
#include "modules/array/array.h"

/* ---- Primitives ---- */

PyObject *array_new_of(PyTypeObject *type, Py_ssize_t size, const ItemKind *kind)
{
    if (size < 0) {
        PyErr_BadInternalCall();
        return NULL;
    }
    if (size > PY_SSIZE_T_MAX / kind->item_size) return PyErr_NoMemory();
    Array *array = (Array *)type->tp_alloc(type, 0);
    if (array == NULL) return NULL;
    array->kind = kind;
    array->allocated = size;
    array->weakreflist = NULL;
    array->items = NULL;
    array->exports = 0;
    Py_SET_SIZE(array, 0);
    if (size > 0) {
        array->items = PyMem_Malloc((size_t)size * (size_t)kind->item_size);
        if (array->items == NULL) {
            Py_DECREF(array);
            return PyErr_NoMemory();
        }
        Py_SET_SIZE(array, size);
    }
    return (PyObject *)array;
}

static int check_not_exported(const Array *array)
{
    if (array->exports == 0) return 0;
    PyErr_SetString(PyExc_BufferError, "cannot resize an array that is exporting buffers");
    return -1;
}

int array_resize(Array *array, Py_ssize_t size)
{
    if (size != Py_SIZE(array) && check_not_exported(array) < 0) return -1;
    if (array->allocated >= size && Py_SIZE(array) < size + 16 && array->items != NULL) {
        Py_SET_SIZE(array, size);
        return 0;
    }
    if (size == 0) {
        PyMem_Free(array->items);
        array->items = NULL;
        Py_SET_SIZE(array, 0);
        array->allocated = 0;
        return 0;
    }
    size_t room = ((size_t)size >> 4) + (Py_SIZE(array) < 8 ? 3 : 7) + (size_t)size;
    char *items = NULL;
    if (room <= (size_t)PY_SSIZE_T_MAX / (size_t)array->kind->item_size) {
        items = PyMem_Realloc(array->items, room * (size_t)array->kind->item_size);
    }
    if (items == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    array->items = items;
    Py_SET_SIZE(array, size);
    array->allocated = (Py_ssize_t)room;
    return 0;
}

int array_append_item(Array *array, PyObject *value)
{
    if (array->kind->set(array, -1, value) < 0) return -1;      /* may run code, which may change the array */
    Py_ssize_t n = Py_SIZE(array);
    if (array_resize(array, n + 1) < 0) return -1;
    if (array->kind->set(array, n, value) == 0) return 0;
    array_resize(array, n);
    return -1;
}

int array_append_bytes(Array *array, const char *bytes, Py_ssize_t n)
{
    Py_ssize_t item_size = array->kind->item_size;
    if (n % item_size != 0) {
        PyErr_SetString(PyExc_ValueError, "bytes length not a multiple of item size");
        return -1;
    }
    Py_ssize_t old = Py_SIZE(array), more = n / item_size;
    if (more == 0) return 0;
    if (more > PY_SSIZE_T_MAX - old || old + more > PY_SSIZE_T_MAX / item_size) {
        PyErr_NoMemory();
        return -1;
    }
    if (array_resize(array, old + more) < 0) return -1;
    memcpy(array->items + old * item_size, bytes, (size_t)n);
    return 0;
}

int array_append_str(Array *array, PyObject *text)
{
    Py_ssize_t n;
    wchar_t *wide = PyUnicode_AsWideCharString(text, &n);
    if (wide == NULL) return -1;
    int result = array_append_bytes(array, (const char *)wide, n * (Py_ssize_t)sizeof(wchar_t));
    PyMem_Free(wide);
    return result;
}

static int extend_from_array(Array *array, const Array *other)
{
    if (array->kind != other->kind) {
        PyErr_SetString(PyExc_TypeError, "can only extend with array of same kind");
        return -1;
    }
    Py_ssize_t old = Py_SIZE(array), more = Py_SIZE(other), item_size = array->kind->item_size;
    if (more > PY_SSIZE_T_MAX - old || old + more > PY_SSIZE_T_MAX / item_size) {
        PyErr_NoMemory();
        return -1;
    }
    if (array_resize(array, old + more) < 0) return -1;
    if (more > 0) memcpy(array->items + old * item_size, other->items, (size_t)(more * item_size));    /* other may be array */
    return 0;
}

int array_extend_from(PyObject *self, PyObject *iterable)
{
    if (is_array(iterable)) return extend_from_array(as_array(self), as_array(iterable));
    PyObject *iterator = PyObject_GetIter(iterable), *value;
    if (iterator == NULL) return -1;
    int result = 0;
    while (result == 0 && (value = PyIter_Next(iterator)) != NULL) {
        result = array_append_item(as_array(self), value);
        Py_DECREF(value);
    }
    Py_DECREF(iterator);
    return result < 0 || PyErr_Occurred() ? -1 : 0;
}

int array_replace_range(Array *array, Py_ssize_t low, Py_ssize_t high, const Array *source)
{
    Py_ssize_t item_size = array->kind->item_size, n = source == NULL ? 0 : Py_SIZE(source);
    Py_ssize_t size = Py_SIZE(array), growth = n - (high - low);
    if (growth != 0 && check_not_exported(array) < 0) return -1;
    if (growth > 0 && array_resize(array, size + growth) < 0) return -1;
    if (growth != 0) {
        memmove(array->items + (high + growth) * item_size, array->items + high * item_size, (size_t)((size - high) * item_size));
    }
    if (growth < 0 && array_resize(array, size + growth) < 0) return -1;
    if (n > 0) memcpy(array->items + low * item_size, source->items, (size_t)(n * item_size));
    return 0;
}

/* ---- Life ---- */

/* Whether array.array() takes this initial value as a whole, rather than item by item. */
static bool is_taken_whole(PyObject *initial, int typecode)
{
    return PyList_Check(initial) || PyTuple_Check(initial) || PyBytes_Check(initial) || PyByteArray_Check(initial) ||
           (typecode == 'u' && PyUnicode_Check(initial)) ||
           (is_array(initial) && as_array(initial)->kind->typecode == typecode);
}

static int fill_from_sequence(Array *array, PyObject *sequence)
{
    for (Py_ssize_t i = 0; i < Py_SIZE(array); i++) {
        PyObject *value = PySequence_GetItem(sequence, i);
        if (value == NULL) return -1;
        int result = array->kind->set(array, i, value);
        Py_DECREF(value);
        if (result < 0) return -1;
    }
    return 0;
}

static PyObject *array_filled(PyTypeObject *type, const ItemKind *kind, PyObject *initial)
{
    Py_ssize_t size = initial != NULL && (PyList_Check(initial) || PyTuple_Check(initial)) ? PySequence_Size(initial) : 0;
    if (size < 0) return NULL;
    PyObject *self = array_new_of(type, size, kind);
    if (self == NULL || initial == NULL) return self;
    int result;
    if (!is_taken_whole(initial, kind->typecode)) result = array_extend_from(self, initial);
    else if (PyList_Check(initial) || PyTuple_Check(initial)) result = fill_from_sequence(as_array(self), initial);
    else if (PyBytes_Check(initial)) result = array_append_bytes(as_array(self), PyBytes_AS_STRING(initial), PyBytes_GET_SIZE(initial));
    else if (PyByteArray_Check(initial)) {
        result = array_append_bytes(as_array(self), PyByteArray_AS_STRING(initial), PyByteArray_GET_SIZE(initial));
    } else if (PyUnicode_Check(initial)) result = array_append_str(as_array(self), initial);
    else result = extend_from_array(as_array(self), as_array(initial));
    if (result < 0) Py_CLEAR(self);
    else if (is_array(initial) || PyUnicode_Check(initial)) as_array(self)->allocated = Py_SIZE(self);   /* made to measure */
    return self;
}

static PyObject *array_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    int typecode;
    PyObject *initial = NULL;
    if (type == &array_type && !_PyArg_NoKeywords("array.array", kwargs)) return NULL;
    if (!PyArg_ParseTuple(args, "C|O:array", &typecode, &initial)) return NULL;
    if (PySys_Audit("array.__new__", "CO", typecode, initial == NULL ? Py_None : initial) < 0) return NULL;
    if (initial != NULL && typecode != 'u') {
        if (PyUnicode_Check(initial)) {
            PyErr_Format(PyExc_TypeError, "cannot use a str to initialize an array with typecode '%c'", typecode);
            return NULL;
        }
        if (is_array(initial) && as_array(initial)->kind->typecode == 'u') {
            PyErr_Format(PyExc_TypeError, "cannot use a unicode array to initialize an array with typecode '%c'", typecode);
            return NULL;
        }
    }
    const ItemKind *kind = array_kind_of(typecode);
    if (kind == NULL && initial != NULL && !PyList_Check(initial) && !PyByteArray_Check(initial) && !PyBytes_Check(initial)
        && !PyTuple_Check(initial) && !is_array(initial) && !PyUnicode_Check(initial)) {
        PyObject *iterator = PyObject_GetIter(initial);     /* which may fail is tried before the type code is looked at */
        if (iterator == NULL) return NULL;
        Py_DECREF(iterator);
    }
    if (kind == NULL) {
        PyErr_SetString(PyExc_ValueError, "bad typecode (must be b, B, u, h, H, i, I, l, L, q, Q, f or d)");
        return NULL;
    }
    if (initial != NULL && is_array(initial) && !is_taken_whole(initial, typecode)) {     /* of another kind: item by item */
        PyObject *list = PySequence_List(initial);
        if (list == NULL) return NULL;
        PyObject *self = array_filled(type, kind, list);
        Py_DECREF(list);
        return self;
    }
    return array_filled(type, kind, initial);
}

static void array_dealloc(PyObject *self)
{
    PyObject_GC_UnTrack(self);
    if (as_array(self)->weakreflist != NULL) PyObject_ClearWeakRefs(self);
    PyMem_Free(as_array(self)->items);
    Py_TYPE(self)->tp_free(self);
}

static int array_traverse(PyObject *Py_UNUSED(self), visitproc Py_UNUSED(visit), void *Py_UNUSED(arg))
{
    return 0;
}

static PyObject *array_repr(PyObject *self)
{
    Array *array = as_array(self);
    const char *name = _PyType_Name(Py_TYPE(self));
    if (Py_SIZE(array) == 0) return PyUnicode_FromFormat("%s('%c')", name, array->kind->typecode);
    PyObject *value = array->kind->typecode == 'u' ? array_tounicode(self, NULL) : array_tolist(self, NULL);
    if (value == NULL) return NULL;
    PyObject *text = PyUnicode_FromFormat("%s('%c', %R)", name, array->kind->typecode, value);
    Py_DECREF(value);
    return text;
}

/* ---- Comparing ---- */

static PyObject *array_richcompare(PyObject *a, PyObject *b, int op)
{
    if (!is_array(a) || !is_array(b)) Py_RETURN_NOTIMPLEMENTED;
    Array *x = as_array(a), *y = as_array(b);
    if (Py_SIZE(x) != Py_SIZE(y) && (op == Py_EQ || op == Py_NE)) return bool_from(op == Py_NE);
    if (x->kind == y->kind && x->kind->is_integer && (op == Py_EQ || op == Py_NE)) {
        bool equal = Py_SIZE(x) == 0 || memcmp(x->items, y->items, bytes_of(x)) == 0;
        return bool_from(equal == (op == Py_EQ));
    }
    for (Py_ssize_t i = 0; i < Py_SIZE(x) && i < Py_SIZE(y); i++) {
        PyObject *p = x->kind->get(x, i), *q = p == NULL ? NULL : y->kind->get(y, i), *result = NULL;
        int equal = q == NULL ? -1 : PyObject_RichCompareBool(p, q, Py_EQ);
        if (equal == 0) result = op == Py_EQ ? bool_from(false) : op == Py_NE ? bool_from(true) : PyObject_RichCompare(p, q, op);
        Py_XDECREF(p);
        Py_XDECREF(q);
        if (equal <= 0) return result;
    }
    Py_RETURN_RICHCOMPARE(Py_SIZE(x), Py_SIZE(y), op);
}

/* ---- Sequence ---- */

static Py_ssize_t array_length(PyObject *self)
{
    return Py_SIZE(self);
}

static PyObject *array_item(PyObject *self, Py_ssize_t i)
{
    if ((size_t)i >= (size_t)Py_SIZE(self)) {
        PyErr_SetString(PyExc_IndexError, "array index out of range");
        return NULL;
    }
    return as_array(self)->kind->get(as_array(self), i);
}

static int array_ass_item(PyObject *self, Py_ssize_t i, PyObject *value)
{
    if ((size_t)i >= (size_t)Py_SIZE(self)) {
        PyErr_SetString(PyExc_IndexError, "array assignment index out of range");
        return -1;
    }
    if (value == NULL) return array_replace_range(as_array(self), i, i + 1, NULL);
    /* Conversion may run code that changes the array: it is done once without storing, then plain ints and floats are stored. */
    if (!PyLong_CheckExact(value) && !PyFloat_CheckExact(value) && as_array(self)->kind->set(as_array(self), -1, value) < 0) {
        return -1;
    }
    if (i >= Py_SIZE(self)) {
        PyErr_SetString(PyExc_IndexError, "array assignment index out of range");
        return -1;
    }
    return as_array(self)->kind->set(as_array(self), i, value);
}

static PyObject *array_concat(PyObject *self, PyObject *other)
{
    if (!is_array(other)) {
        PyErr_Format(PyExc_TypeError, "can only append array (not \"%.200s\") to array", Py_TYPE(other)->tp_name);
        return NULL;
    }
    Array *x = as_array(self), *y = as_array(other);
    if (x->kind != y->kind) {
        PyErr_BadArgument();
        return NULL;
    }
    if (Py_SIZE(x) > PY_SSIZE_T_MAX - Py_SIZE(y)) return PyErr_NoMemory();
    PyObject *result = array_new_of(&array_type, Py_SIZE(x) + Py_SIZE(y), x->kind);
    if (result == NULL) return NULL;
    if (Py_SIZE(x) > 0) memcpy(as_array(result)->items, x->items, bytes_of(x));
    if (Py_SIZE(y) > 0) memcpy(as_array(result)->items + bytes_of(x), y->items, bytes_of(y));
    return result;
}

/* Fills the array, whose first n items are set, with copies of these. */
static void repeat_items(Array *array, Py_ssize_t n)
{
    size_t done = (size_t)n * (size_t)array->kind->item_size, total = bytes_of(array);
    while (done > 0 && done < total) {
        size_t piece = Py_MIN(done, total - done);
        memcpy(array->items + done, array->items, piece);
        done += piece;
    }
}

static PyObject *array_repeat(PyObject *self, Py_ssize_t times)
{
    Array *array = as_array(self);
    if (times < 0) times = 0;
    if (times > 0 && Py_SIZE(array) > PY_SSIZE_T_MAX / times) return PyErr_NoMemory();
    PyObject *result = array_new_of(&array_type, Py_SIZE(array) * times, array->kind);
    if (result == NULL || Py_SIZE(result) == 0) return result;
    memcpy(as_array(result)->items, array->items, bytes_of(array));
    repeat_items(as_array(result), Py_SIZE(array));
    return result;
}

static PyObject *array_inplace_repeat(PyObject *self, Py_ssize_t times)
{
    Py_ssize_t n = Py_SIZE(self);
    if (n == 0 || times == 1) return Py_NewRef(self);
    if (times < 0) times = 0;
    if (times > 0 && n > PY_SSIZE_T_MAX / times) return PyErr_NoMemory();
    if (array_resize(as_array(self), n * times) < 0) return NULL;
    if (times > 0) repeat_items(as_array(self), n);
    return Py_NewRef(self);
}

static PyObject *array_inplace_concat(PyObject *self, PyObject *other)
{
    if (!is_array(other)) {
        PyErr_Format(PyExc_TypeError, "can only extend with array (not \"%.200s\")", Py_TYPE(other)->tp_name);
        return NULL;
    }
    return array_extend_from(self, other) < 0 ? NULL : Py_NewRef(self);
}

static int array_contains(PyObject *self, PyObject *value)
{
    for (Py_ssize_t i = 0; i < Py_SIZE(self); i++) {
        PyObject *item = as_array(self)->kind->get(as_array(self), i);
        int equal = item == NULL ? -1 : PyObject_RichCompareBool(item, value, Py_EQ);
        Py_XDECREF(item);
        if (equal != 0) return equal;
    }
    return 0;
}

static PyObject *array_subscript(PyObject *self, PyObject *key)
{
    Array *array = as_array(self);
    if (PyIndex_Check(key)) {
        Py_ssize_t i = PyNumber_AsSsize_t(key, PyExc_IndexError);
        if (i == -1 && PyErr_Occurred()) return NULL;
        return array_item(self, i < 0 ? i + Py_SIZE(self) : i);
    }
    if (!PySlice_Check(key)) {
        PyErr_SetString(PyExc_TypeError, "array indices must be integers");
        return NULL;
    }
    Py_ssize_t start, stop, step, item_size = array->kind->item_size;
    if (PySlice_Unpack(key, &start, &stop, &step) < 0) return NULL;
    Py_ssize_t n = PySlice_AdjustIndices(Py_SIZE(self), &start, &stop, step);
    PyObject *result = array_new_of(&array_type, Py_MAX(n, 0), array->kind);
    if (result == NULL || n <= 0) return result;
    char *to = as_array(result)->items;
    if (step == 1) {
        memcpy(to, array->items + start * item_size, (size_t)(n * item_size));
        return result;
    }
    for (Py_ssize_t i = 0, at = start; i < n; i++, at += step) {
        memcpy(to + i * item_size, array->items + at * item_size, (size_t)item_size);
    }
    return result;
}

/* del array[start::step], n > 0 items */
static int delete_extended_slice(Array *array, Py_ssize_t start, Py_ssize_t step, Py_ssize_t n)
{
    Py_ssize_t item_size = array->kind->item_size, size = Py_SIZE(array);
    if (check_not_exported(array) < 0) return -1;
    if (step < 0) {
        start += step * (n - 1);
        step = -step;
    }
    char *to = array->items + start * item_size;
    for (Py_ssize_t i = 0, at = start; i < n; i++, at += step) {
        Py_ssize_t kept = (i + 1 < n ? at + step : size) - at - 1;
        memmove(to, array->items + (at + 1) * item_size, (size_t)(kept * item_size));
        to += kept * item_size;
    }
    return array_resize(array, size - n);
}

static int assign_slice(Array *array, Py_ssize_t start, Py_ssize_t stop, Py_ssize_t step, Py_ssize_t n, const Array *source)
{
    Py_ssize_t item_size = array->kind->item_size;
    if ((step > 0 && stop < start) || (step < 0 && stop > start)) stop = start;
    if (step == 1) return array_replace_range(array, start, stop, source);
    if (source == NULL) return n <= 0 ? 0 : delete_extended_slice(array, start, step, n);
    if (Py_SIZE(source) != n) {
        PyErr_Format(PyExc_ValueError, "attempt to assign array of size %zd to extended slice of size %zd", Py_SIZE(source), n);
        return -1;
    }
    for (Py_ssize_t i = 0, at = start; i < n; i++, at += step) {
        memcpy(array->items + at * item_size, source->items + i * item_size, (size_t)item_size);
    }
    return 0;
}

static int array_ass_subscript(PyObject *self, PyObject *key, PyObject *value)
{
    Array *array = as_array(self);
    if (PyIndex_Check(key)) {
        Py_ssize_t i = PyNumber_AsSsize_t(key, PyExc_IndexError);
        if (i == -1 && PyErr_Occurred()) return -1;
        return array_ass_item(self, i < 0 ? i + Py_SIZE(self) : i, value);
    }
    if (!PySlice_Check(key)) {
        PyErr_SetString(PyExc_TypeError, "array indices must be integers");
        return -1;
    }
    Py_ssize_t start, stop, step;
    if (PySlice_Unpack(key, &start, &stop, &step) < 0) return -1;
    Py_ssize_t n = PySlice_AdjustIndices(Py_SIZE(self), &start, &stop, step);
    if (value == NULL) return assign_slice(array, start, stop, step, n, NULL);
    if (!is_array(value)) {
        PyErr_Format(PyExc_TypeError, "can only assign array (not \"%.200s\") to array slice", Py_TYPE(value)->tp_name);
        return -1;
    }
    if (as_array(value)->kind != array->kind) {
        PyErr_BadArgument();
        return -1;
    }
    PyObject *source = value == self ? array_concat(self, self) : Py_NewRef(value);
    if (source == NULL) return -1;
    if (value == self) Py_SET_SIZE(source, Py_SIZE(self));      /* a copy: the first half of the sum */
    int result = assign_slice(array, start, stop, step, n, as_array(source));
    Py_DECREF(source);
    return result;
}

/* ---- Buffer ---- */

static int array_getbuffer(PyObject *self, Py_buffer *view, int flags)
{
    Array *array = as_array(self);
    if (view == NULL) {
        PyErr_SetString(PyExc_BufferError, "array_buffer_getbuf: view==NULL argument is obsolete");
        return -1;
    }
    view->buf = array->items != NULL ? array->items : (char *)"";
    view->obj = Py_NewRef(self);
    view->len = (Py_ssize_t)bytes_of(array);
    view->readonly = 0;
    view->ndim = 1;
    view->itemsize = array->kind->item_size;
    view->suboffsets = NULL;
    view->shape = (flags & PyBUF_ND) == PyBUF_ND ? &((PyVarObject *)array)->ob_size : NULL;
    view->strides = (flags & PyBUF_STRIDES) == PyBUF_STRIDES ? &view->itemsize : NULL;
    view->format = (flags & PyBUF_FORMAT) == PyBUF_FORMAT ? (char *)array->kind->format : NULL;
    view->internal = NULL;
    array->exports++;
    return 0;
}

static void array_releasebuffer(PyObject *self, Py_buffer *Py_UNUSED(view))
{
    as_array(self)->exports--;
}

/* ---- The type ---- */

static PySequenceMethods array_as_sequence = {
    .sq_length = array_length,
    .sq_concat = array_concat,
    .sq_repeat = array_repeat,
    .sq_item = array_item,
    .sq_ass_item = array_ass_item,
    .sq_contains = array_contains,
    .sq_inplace_concat = array_inplace_concat,
    .sq_inplace_repeat = array_inplace_repeat,
};
static PyMappingMethods array_as_mapping = {
    .mp_length = array_length,
    .mp_subscript = array_subscript,
    .mp_ass_subscript = array_ass_subscript,
};
static PyBufferProcs array_as_buffer = {array_getbuffer, array_releasebuffer};

static PyObject *array_iter(PyObject *self);

PyTypeObject array_type = {
    IMMORTAL_TYPE_HEAD,
    .tp_name = "array.array",
    .tp_basicsize = sizeof(Array),
    .tp_dealloc = array_dealloc,
    .tp_repr = array_repr,
    .tp_as_sequence = &array_as_sequence,
    .tp_as_mapping = &array_as_mapping,
    .tp_hash = PyObject_HashNotImplemented,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_as_buffer = &array_as_buffer,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_SEQUENCE,
    .tp_doc = "array(typecode [, initializer]) -> array\n\n"
              "A sequence of numbers or characters of one type, kept as the machine has them. The initializer is\n"
              "a list, an iterable, a bytes-like object (for machine values), or a str for typecode 'u'.\n\n"
              "Typecodes: b, B: signed and unsigned char; u: wide character (deprecated); h, H: short; i, I: int;\n"
              "l, L: long; q, Q: long long; f: float; d: double.\n",
    .tp_traverse = array_traverse,
    .tp_richcompare = array_richcompare,
    .tp_weaklistoffset = offsetof(Array, weakreflist),
    .tp_iter = array_iter,
    .tp_methods = array_methods,
    .tp_getset = array_getset,
    .tp_alloc = PyType_GenericAlloc,
    .tp_new = array_new,
    .tp_free = PyObject_GC_Del,
};

/* ---- Iterator ---- */

typedef struct {
    PyObject_HEAD
    Py_ssize_t index;
    Array *array;       /* owned, NULL: exhausted */
} ArrayIterator;

static PyObject *array_iter(PyObject *self)
{
    ArrayIterator *it = PyObject_GC_New(ArrayIterator, &array_iterator_type);
    if (it == NULL) return NULL;
    it->index = 0;
    it->array = (Array *)Py_NewRef(self);
    PyObject_GC_Track(it);
    return (PyObject *)it;
}

static void iterator_dealloc(PyObject *op)
{
    PyObject_GC_UnTrack(op);
    Py_XDECREF(((ArrayIterator *)op)->array);
    PyObject_GC_Del(op);
}

static int iterator_traverse(PyObject *op, visitproc visit, void *arg)
{
    Py_VISIT((PyObject *)((ArrayIterator *)op)->array);
    return 0;
}

static PyObject *iterator_next(PyObject *op)
{
    ArrayIterator *it = (ArrayIterator *)op;
    Array *array = it->array;
    if (array == NULL) return NULL;
    if (it->index < Py_SIZE(array)) return array->kind->get(array, it->index++);
    it->array = NULL;
    Py_DECREF(array);
    return NULL;
}

static PyObject *iterator_reduce(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    ArrayIterator *it = (ArrayIterator *)op;
    PyObject *iter = _PyEval_GetBuiltin(NAME(iter));
    if (it->array == NULL) return Py_BuildValue("N(())", iter);
    return Py_BuildValue("N(O)n", iter, it->array, it->index);
}

static PyObject *iterator_setstate(PyObject *op, PyObject *state)
{
    ArrayIterator *it = (ArrayIterator *)op;
    Py_ssize_t index = PyLong_AsSsize_t(state);
    if (index == -1 && PyErr_Occurred()) return NULL;
    if (it->array != NULL) it->index = Py_MIN(Py_MAX(index, 0), Py_SIZE(it->array));
    Py_RETURN_NONE;
}

static PyMethodDef iterator_methods[] = {
    {"__reduce__", iterator_reduce, METH_NOARGS, "__reduce__($self, /)\n--\n\nWhat pickling needs."},
    {"__setstate__", iterator_setstate, METH_O, "__setstate__($self, state, /)\n--\n\nSets what unpickling has read."},
    {NULL, NULL, 0, NULL},
};

PyTypeObject array_iterator_type = {
    IMMORTAL_TYPE_HEAD,
    .tp_name = "array.arrayiterator",
    .tp_basicsize = sizeof(ArrayIterator),
    .tp_dealloc = iterator_dealloc,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .tp_traverse = iterator_traverse,
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = iterator_next,
    .tp_methods = iterator_methods,
};
