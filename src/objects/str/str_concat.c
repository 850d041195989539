/* Joining and repeating: +, *, str.join, and appending in place. */
#include "memory/memory.h"
#include "objects/str/str_internal.h"

PyObject *str_concat(PyObject *left, PyObject *right)
{
    if (PyUnicode_READY(left) < 0 || PyUnicode_READY(right) < 0)
        return NULL;
    StrView a = str_view(left), b = str_view(right);
    if (a.length == 0)
        return PyUnicode_FromObject(right);
    if (b.length == 0)
        return PyUnicode_FromObject(left);
    if (a.length > PY_SSIZE_T_MAX - b.length) {
        PyErr_SetString(PyExc_OverflowError, "strings are too large to concat");
        return NULL;
    }
    if (PyUnicode_IS_ASCII(left) && PyUnicode_IS_ASCII(right)) {
        PyObject *s = str_new_ascii(a.length + b.length);
        if (s != NULL) {
            char *to = (char *)((PyASCIIObject *)s + 1);
            str_copy_short(to, a.data, (size_t)a.length);
            str_copy_short(to + a.length, b.data, (size_t)b.length);
        }
        return s;
    }
    Py_UCS4 max = Py_MAX(PyUnicode_MAX_CHAR_VALUE(left), PyUnicode_MAX_CHAR_VALUE(right));
    PyObject *s = PyUnicode_New(a.length + b.length, max);
    if (s == NULL)
        return NULL;
    int kind = PyUnicode_KIND(s);
    char *data = PyUnicode_DATA(s);
    str_copy_chars(kind, data, a.kind, a.data, a.length);
    str_copy_chars(kind, data + a.length * kind, b.kind, b.data, b.length);
    return s;
}

/* New str left + right; TypeError unless both are strs. */
PyObject *PyUnicode_Concat(PyObject *left, PyObject *right)
{
    if (str_require(left) < 0)
        return NULL;
    if (!PyUnicode_Check(right)) {
        PyErr_Format(PyExc_TypeError, "can only concatenate str (not \"%.200s\") to str", Py_TYPE(right)->tp_name);
        return NULL;
    }
    return str_concat(left, right);
}

/* Appends short ASCII text in the pool block that an ASCII str has already, if it is nobody else's and has room. */
static inline bool append_in_block(PyObject *left, PyObject *right)
{
    if (!PyUnicode_CheckExact(left) || Py_REFCNT(left) != 1 || !PyUnicode_IS_COMPACT_ASCII(left) || !PyUnicode_IS_COMPACT_ASCII(right)
        || !memory_is_small_block(left)) {      /* what was cut from long text lies outside the pools, and just fits */
        return false;
    }
    PyASCIIObject *head = str_head(left);
    size_t a = (size_t)head->length, b = (size_t)str_head(right)->length, size = sizeof(PyASCIIObject) + a + 1;
    size_t room = (size + (((size_t)1 << SMALL_SHIFT) - 1)) >> SMALL_SHIFT << SMALL_SHIFT;      /* pools have no less */
    if (room > SMALL_MAX || b > room - size || head->state.interned || head->wstr != NULL) return false;
    char *to = (char *)(head + 1) + a;
    str_copy_short(to, (const char *)(str_head(right) + 1), b);
    to[b] = '\0';
    head->length = (Py_ssize_t)(a + b);
    head->hash = -1;
    return true;
}

/* *p += right. The old *p is given up; grows it in place when nobody else holds it. On error *p becomes NULL. */
void PyUnicode_Append(PyObject **p, PyObject *right)
{
    if (p == NULL) {
        if (!PyErr_Occurred())
            PyErr_BadInternalCall();
        return;
    }
    PyObject *left = *p;
    if (right == NULL || left == NULL || !PyUnicode_Check(left) || !PyUnicode_Check(right)) {
        if (!PyErr_Occurred())
            PyErr_BadInternalCall();
        goto error;
    }
    if (PyUnicode_READY(left) < 0 || PyUnicode_READY(right) < 0)
        goto error;
    if (PyUnicode_GET_LENGTH(left) == 0 && PyUnicode_CheckExact(right)) {
        Py_INCREF(right);
        Py_SETREF(*p, right);
        return;
    }
    if (append_in_block(left, right))
        return;
    Py_ssize_t a = PyUnicode_GET_LENGTH(left), b = PyUnicode_GET_LENGTH(right);
    if (b == 0 && PyUnicode_CheckExact(left))
        return;
    if (a > PY_SSIZE_T_MAX - b) {
        PyErr_SetString(PyExc_OverflowError, "strings are too large to concat");
        goto error;
    }
    enum { COPIED_MOST = 256 };     /* less is joined sooner than its block is made larger */
    if (a + b > COPIED_MOST && Py_REFCNT(left) == 1 && PyUnicode_CheckExact(left) && PyUnicode_CheckExact(right) &&
        PyUnicode_IS_COMPACT(left) && !str_head(left)->state.interned && !str_is_static(left) &&
        PyUnicode_KIND(right) <= PyUnicode_KIND(left) && !(PyUnicode_IS_ASCII(left) && !PyUnicode_IS_ASCII(right))) {
        if (str_resize_compact(p, a + b) < 0)
            goto error;
        str_head(*p)->hash = -1;
        _PyUnicode_FastCopyCharacters(*p, a, right, 0, b);
        return;
    }
    PyObject *joined = str_concat(left, right);
    Py_SETREF(*p, joined);
    return;

error:
    Py_CLEAR(*p);
}

/* The same, giving up a reference to right. */
void PyUnicode_AppendAndDel(PyObject **p, PyObject *right)
{
    PyUnicode_Append(p, right);
    Py_XDECREF(right);
}

/* sq_repeat. */
PyObject *str_multiply(PyObject *s, Py_ssize_t times)
{
    if (times < 1)
        return str_empty();
    if (PyUnicode_READY(s) < 0)
        return NULL;
    StrView v = str_view(s);
    if (times == 1)
        return str_unchanged(s);
    if (v.length > PY_SSIZE_T_MAX / times) {
        PyErr_SetString(PyExc_OverflowError, "repeated string is too long");
        return NULL;
    }
    Py_ssize_t n = v.length * times;
    PyObject *result = PyUnicode_New(n, PyUnicode_MAX_CHAR_VALUE(s));
    if (result == NULL || n == 0)
        return result;
    if (v.length == 1) {
        _PyUnicode_FastFill(result, 0, n, PyUnicode_READ(v.kind, v.data, 0));
        return result;
    }
    char *to = PyUnicode_DATA(result);
    Py_ssize_t done = v.length * v.kind, total = n * v.kind;
    memcpy(to, v.data, (size_t)done);
    while (done < total) {
        Py_ssize_t chunk = Py_MIN(done, total - done);
        memcpy(to + done, to, (size_t)chunk);
        done += chunk;
    }
    return result;
}

/* Length and widest character of the joined str; -1 with an exception. */
static Py_ssize_t join_measure(PyObject *sep, PyObject *const *items, Py_ssize_t count, Py_UCS4 *max)
{
    Py_ssize_t sep_length = count > 1 ? PyUnicode_GET_LENGTH(sep) : 0;
    Py_ssize_t total = 0;
    for (Py_ssize_t i = 0; i < count; i++) {
        PyObject *item = items[i];
        if (!PyUnicode_Check(item)) {
            PyErr_Format(PyExc_TypeError, "sequence item %zd: expected str instance, %.80s found", i,
                         Py_TYPE(item)->tp_name);
            return -1;
        }
        if (PyUnicode_READY(item) < 0)
            return -1;
        Py_ssize_t n = PyUnicode_GET_LENGTH(item);
        Py_UCS4 item_max = PyUnicode_MAX_CHAR_VALUE(item);
        *max = Py_MAX(*max, item_max);
        if (i > 0)
            n = n > PY_SSIZE_T_MAX - sep_length ? PY_SSIZE_T_MAX : n + sep_length;
        if (n > PY_SSIZE_T_MAX - total) {
            PyErr_SetString(PyExc_OverflowError, "join() result is too long for a Python string");
            return -1;
        }
        total += n;
    }
    return total;
}

/* The same as _PyUnicode_JoinArray() where all is exact and ASCII; NULL without an exception where it is not. */
static PyObject *join_ascii(PyObject *sep, PyObject *const *items, Py_ssize_t count)
{
    if (!PyUnicode_CheckExact(sep) || !PyUnicode_IS_COMPACT_ASCII(sep))
        return NULL;
    size_t gap = (size_t)PyUnicode_GET_LENGTH(sep), total = gap * (size_t)(count - 1);
    for (Py_ssize_t i = 0; i < count; i++) {
        PyObject *item = items[i];
        if (!PyUnicode_CheckExact(item) || !PyUnicode_IS_COMPACT_ASCII(item))
            return NULL;
        total += (size_t)PyUnicode_GET_LENGTH(item);
        if (total > PY_SSIZE_T_MAX / 4)
            return NULL;
    }
    if (total <= 1)
        return NULL;
    PyObject *result = str_new_ascii((Py_ssize_t)total);
    if (result == NULL)
        return NULL;
    char *to = (char *)((PyASCIIObject *)result + 1);
    const char *between = (const char *)((PyASCIIObject *)sep + 1);
    for (Py_ssize_t i = 0; i < count; i++) {
        if (i > 0 && gap) {
            str_copy_short(to, between, gap);
            to += gap;
        }
        size_t n = (size_t)PyUnicode_GET_LENGTH(items[i]);
        str_copy_short(to, (const char *)((PyASCIIObject *)items[i] + 1), n);
        to += n;
    }
    return result;
}

/* New str of the items with sep (NULL: one space) between them. */
PyObject *_PyUnicode_JoinArray(PyObject *sep, PyObject *const *items, Py_ssize_t count)
{
    if (count == 0)
        return str_empty();
    if (count == 1 && PyUnicode_CheckExact(items[0]))
        return Py_NewRef(items[0]);
    if (sep == NULL)
        sep = str_latin1_borrow(' ');
    PyObject *quick = join_ascii(sep, items, count);
    if (quick != NULL || PyErr_Occurred())
        return quick;
    if (!PyUnicode_Check(sep)) {
        PyErr_Format(PyExc_TypeError, "separator: expected str instance, %.80s found", Py_TYPE(sep)->tp_name);
        return NULL;
    }
    if (PyUnicode_READY(sep) < 0)
        return NULL;
    Py_UCS4 max = count > 1 ? PyUnicode_MAX_CHAR_VALUE(sep) : 0x7f;
    Py_ssize_t total = join_measure(sep, items, count, &max);
    if (total < 0)
        return NULL;
    PyObject *result = PyUnicode_New(total, max);
    if (result == NULL || total == 0)
        return result;
    int kind = PyUnicode_KIND(result);
    char *to = PyUnicode_DATA(result);
    StrView s = str_view(sep);
    Py_UCS4 sep_char = s.length == 1 ? PyUnicode_READ(s.kind, s.data, 0) : 0;
    for (Py_ssize_t i = 0; i < count; i++) {
        if (i > 0 && s.length == 1) {
            PyUnicode_WRITE(kind, to, 0, sep_char);
            to += kind;
        } else if (i > 0 && s.length > 0) {
            str_copy_chars(kind, to, s.kind, s.data, s.length);
            to += s.length * kind;
        }
        StrView v = str_view(items[i]);
        str_copy_chars(kind, to, v.kind, v.data, v.length);
        to += v.length * kind;
    }
    return str_share_steal(result);
}

/* sep.join(iterable): new str. */
PyObject *PyUnicode_Join(PyObject *sep, PyObject *iterable)
{
    PyObject *fast = PySequence_Fast(iterable, "can only join an iterable");
    if (fast == NULL)
        return NULL;
    PyObject *result = _PyUnicode_JoinArray(sep, PySequence_Fast_ITEMS(fast), PySequence_Fast_GET_SIZE(fast));
    Py_DECREF(fast);
    return result;
}

STR_ONE(join)
{
    return PyUnicode_Join(self, arg);
}
