/* Comparing strs, with each other and with C text, and hashing them. */
#include "objects/str/str_internal.h"

#define COMPARE(A, B) \
    do { \
        const A *x = a.data; \
        const B *y = b.data; \
        for (Py_ssize_t i = 0; i < n; i++) { \
            if (x[i] != y[i]) \
                return x[i] < y[i] ? -1 : 1; \
        } \
    } while (0)

static int compare_views(StrView a, StrView b)
{
    Py_ssize_t n = Py_MIN(a.length, b.length);
    switch (a.kind * 8 + b.kind) {
    case 1 * 8 + 1: {
        int c = n ? memcmp(a.data, b.data, (size_t)n) : 0;
        if (c != 0)
            return c < 0 ? -1 : 1;
        break;
    }
    case 1 * 8 + 2: COMPARE(Py_UCS1, Py_UCS2); break;
    case 1 * 8 + 4: COMPARE(Py_UCS1, Py_UCS4); break;
    case 2 * 8 + 1: COMPARE(Py_UCS2, Py_UCS1); break;
    case 2 * 8 + 2: COMPARE(Py_UCS2, Py_UCS2); break;
    case 2 * 8 + 4: COMPARE(Py_UCS2, Py_UCS4); break;
    case 4 * 8 + 1: COMPARE(Py_UCS4, Py_UCS1); break;
    case 4 * 8 + 2: COMPARE(Py_UCS4, Py_UCS2); break;
    default: COMPARE(Py_UCS4, Py_UCS4); break;
    }
    return a.length == b.length ? 0 : a.length < b.length ? -1 : 1;
}

/* -1, 0 or 1; -1 with an exception set for what is not a str. */
int PyUnicode_Compare(PyObject *left, PyObject *right)
{
    if (PyUnicode_Check(left) && PyUnicode_Check(right)) {
        if (PyUnicode_READY(left) < 0 || PyUnicode_READY(right) < 0)
            return -1;
        return left == right ? 0 : compare_views(str_view(left), str_view(right));
    }
    PyErr_Format(PyExc_TypeError, "Can't compare %.100s and %.100s", Py_TYPE(left)->tp_name, Py_TYPE(right)->tp_name);
    return -1;
}

/* Compares with Latin-1 C text: -1, 0 or 1. Cannot fail. */
int PyUnicode_CompareWithASCIIString(PyObject *s, const char *text)
{
    if (PyUnicode_READY(s) < 0) {
        PyErr_Clear();
        return -1;
    }
    return compare_views(str_view(s), (StrView){PyUnicode_1BYTE_KIND, (Py_ssize_t)strlen(text), text});
}

/* 1 when s is the given ASCII text, else 0. Cannot fail. */
int _PyUnicode_EqualToASCIIString(PyObject *s, const char *text)
{
    if (PyUnicode_READY(s) < 0) {
        PyErr_Clear();
        return 0;
    }
    if (!PyUnicode_IS_ASCII(s))
        return 0;
    size_t n = (size_t)PyUnicode_GET_LENGTH(s);
    const char *own = PyUnicode_DATA(s);    /* ends with a zero; tables of names are searched this way */
    return *own == *text && strlen(text) == n && memcmp(own, text, n) == 0;
}

/* The same for a static identifier. */
int _PyUnicode_EqualToASCIIId(PyObject *s, _Py_Identifier *id)
{
    return _PyUnicode_EqualToASCIIString(s, id->string);
}

/* Equality of two ready strs. */
int _PyUnicode_EQ(PyObject *a, PyObject *b)
{
    if (PyUnicode_IS_READY(a) && PyUnicode_IS_READY(b))
        return str_equal(a, b);
    int equal = _PyUnicode_Equal(a, b);
    if (equal < 0)
        PyErr_Clear();
    return equal > 0;
}

/* Equality of two strs that may be unready; -1 on failure. */
int _PyUnicode_Equal(PyObject *a, PyObject *b)
{
    if (a == b)
        return 1;
    if (PyUnicode_READY(a) < 0 || PyUnicode_READY(b) < 0)
        return -1;
    return str_equal(a, b);
}

/* tp_richcompare. */
PyObject *PyUnicode_RichCompare(PyObject *left, PyObject *right, int op)
{
    if (!PyUnicode_Check(left) || !PyUnicode_Check(right))
        Py_RETURN_NOTIMPLEMENTED;
    if (PyUnicode_READY(left) < 0 || PyUnicode_READY(right) < 0)
        return NULL;
    if (op == Py_EQ || op == Py_NE)
        return Py_NewRef(str_equal(left, right) == (op == Py_EQ) ? Py_True : Py_False);
    int c = left == right ? 0 : compare_views(str_view(left), str_view(right));
    Py_RETURN_RICHCOMPARE(c, 0, op);
}

/* tp_hash, kept in the object. */
Py_hash_t str_hash(PyObject *s)
{
    PyASCIIObject *h = str_head(s);
    if (h->hash != -1)
        return h->hash;
    if (PyUnicode_READY(s) < 0)
        return -1;
    h->hash = _Py_HashBytes(PyUnicode_DATA(s), PyUnicode_GET_LENGTH(s) * PyUnicode_KIND(s));
    return h->hash;
}
