/* Making, resizing and freeing str objects in each of their storage forms. */
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"  /* the old wchar_t functions live here */
#include "objects/str/str.h"

/* --- allocation --- */

/* A new str of `size` characters that may be up to maxchar; the caller writes them. The empty one is shared. */
PyObject *PyUnicode_New(Py_ssize_t size, Py_UCS4 maxchar)
{
    if (size == 0)
        return str_empty();
    if (LIKELY(maxchar < 0x80 && size > 0 && size < PY_SSIZE_T_MAX / 2))
        return str_new_ascii(size);
    if (maxchar > STR_MAX_CODE) {
        PyErr_SetString(PyExc_SystemError, "invalid maximum character passed to PyUnicode_New");
        return NULL;
    }
    if (size < 0) {
        PyErr_SetString(PyExc_SystemError, "Negative size passed to PyUnicode_New");
        return NULL;
    }
    bool ascii = maxchar < 0x80;
    int kind = str_kind_for(maxchar);
    Py_ssize_t head = ascii ? (Py_ssize_t)sizeof(PyASCIIObject) : (Py_ssize_t)sizeof(PyCompactUnicodeObject);
    if (size > (PY_SSIZE_T_MAX - head) / 4 - 1 && size > (PY_SSIZE_T_MAX - head) / kind - 1)
        return PyErr_NoMemory();
    PyObject *s = memory_alloc((size_t)(head + (size + 1) * kind));
    if (s == NULL)
        return PyErr_NoMemory();
    s->ob_refcnt = 1;
    s->ob_type = &PyUnicode_Type;
    PyASCIIObject *h = str_head(s);
    h->length = size;
    h->hash = -1;
    h->state = (typeof(h->state)){.kind = (unsigned)kind, .compact = 1, .ready = 1, .ascii = ascii};
    h->wstr = NULL;
    void *data = (char *)s + head;
    if (!ascii) {
        PyCompactUnicodeObject *c = str_compact(s);
        c->utf8 = NULL;
        c->utf8_length = 0;
        c->wstr_length = 0;
        if (kind == sizeof(wchar_t)) {
            h->wstr = data;
            c->wstr_length = size;
        }
    }
    PyUnicode_WRITE(kind, data, size, 0);
    return s;
}

/* An unready legacy str whose `length` wchar_t are still to be written. */
static PyObject *legacy_new(Py_ssize_t length)
{
    if (length == 0)
        return str_empty();
    if (length < 0 || length > PY_SSIZE_T_MAX / (Py_ssize_t)sizeof(wchar_t) - 1)
        return PyErr_NoMemory();
    PyUnicodeObject *u = (PyUnicodeObject *)PyObject_Malloc(sizeof(PyUnicodeObject));
    wchar_t *wstr = PyObject_Malloc((size_t)(length + 1) * sizeof(wchar_t));
    if (u == NULL || wstr == NULL) {
        PyObject_Free(u);
        PyObject_Free(wstr);
        return PyErr_NoMemory();
    }
    memset(u, 0, sizeof(*u));
    PyObject_Init((PyObject *)u, &PyUnicode_Type);
    u->_base._base.hash = -1;
    u->_base._base.wstr = wstr;
    u->_base.wstr_length = length;
    wstr[0] = 0;
    wstr[length] = 0;
    return (PyObject *)u;
}

static bool wstr_is_shared(PyObject *s)
{
    return str_head(s)->wstr == PyUnicode_DATA(s);
}

static bool utf8_is_own(PyObject *s)
{
    return !PyUnicode_IS_COMPACT_ASCII(s) && str_compact(s)->utf8 != NULL &&
           (!str_head(s)->state.ready || str_compact(s)->utf8 != (char *)PyUnicode_DATA(s));
}

static bool wstr_is_own(PyObject *s)
{
    return str_head(s)->wstr != NULL && (!str_head(s)->state.ready || !wstr_is_shared(s));
}

/* tp_dealloc of str and its subclasses. */
void str_dealloc(PyObject *s)
{
    PyASCIIObject *h = str_head(s);
    if (LIKELY(((h->state.interned != SSTATE_NOT_INTERNED) | !h->state.compact) == 0 && h->wstr == NULL &&
               (h->state.ascii || str_compact(s)->utf8 == NULL) && Py_IS_TYPE(s, &PyUnicode_Type) &&
               memory_is_small_block(s))) {     /* so it is not static either */
        memory_pool_free(s);
        return;
    }
    if (h->state.interned == SSTATE_INTERNED_MORTAL) {
        Py_SET_REFCNT(s, 1);
        str_intern_forget(s);
    } else if (h->state.interned != SSTATE_NOT_INTERNED || str_is_static(s)) {
        Py_SET_REFCNT(s, (Py_ssize_t)1 << 30);
        return;
    }
    if (wstr_is_own(s))
        PyObject_Free(h->wstr);
    if (utf8_is_own(s))
        PyObject_Free(str_compact(s)->utf8);
    if (!h->state.compact && str_legacy(s)->data.any != NULL)
        PyObject_Free(str_legacy(s)->data.any);
    if (Py_IS_TYPE(s, &PyUnicode_Type))
        PyObject_Free(s);
    else
        Py_TYPE(s)->tp_free(s);
}

/* Bytes that a str occupies, as str.__sizeof__ tells. */
Py_ssize_t str_size_in_memory(PyObject *s)
{
    Py_ssize_t size, data = (PyUnicode_GET_LENGTH(s) + 1) * PyUnicode_KIND(s);
    if (PyUnicode_IS_COMPACT_ASCII(s))
        size = (Py_ssize_t)sizeof(PyASCIIObject) + data;
    else if (PyUnicode_IS_COMPACT(s))
        size = (Py_ssize_t)sizeof(PyCompactUnicodeObject) + data;
    else
        size = (Py_ssize_t)sizeof(PyUnicodeObject) + (str_legacy(s)->data.any ? data : 0);
    if (wstr_is_own(s)) {
        Py_ssize_t n = PyUnicode_IS_COMPACT_ASCII(s) ? str_head(s)->length : str_compact(s)->wstr_length;
        size += (n + 1) * (Py_ssize_t)sizeof(wchar_t);
    }
    if (utf8_is_own(s))
        size += str_compact(s)->utf8_length + 1;
    return size;
}

/* --- sharing and copies --- */

PyObject *str_from_char(Py_UCS4 ch)
{
    if (ch < 256)
        return Py_NewRef(str_latin1_borrow(ch));
    PyObject *s = PyUnicode_New(1, ch);
    if (s != NULL)
        PyUnicode_WRITE(PyUnicode_KIND(s), PyUnicode_DATA(s), 0, ch);
    return s;
}

PyObject *str_share_steal(PyObject *s)
{
    Py_ssize_t n = PyUnicode_GET_LENGTH(s);
    if (n > 1 || (n == 1 && PyUnicode_KIND(s) != PyUnicode_1BYTE_KIND))
        return s;
    PyObject *shared = n == 0 ? str_empty() : Py_NewRef(str_latin1_borrow(PyUnicode_1BYTE_DATA(s)[0]));
    Py_DECREF(s);
    return shared;
}

PyObject *str_from_view(StrView v, Py_UCS4 maxchar)
{
    if (v.length == 0)
        return str_empty();
    if (v.length == 1)
        return str_from_char(PyUnicode_READ(v.kind, v.data, 0));
    PyObject *s = PyUnicode_New(v.length, maxchar);
    if (s != NULL)
        str_copy_chars(PyUnicode_KIND(s), PyUnicode_DATA(s), v.kind, v.data, v.length);
    return s;
}

PyObject *str_from_ascii(const char *text, Py_ssize_t length)
{
    return str_copy_ascii(text, length);
}

PyObject *str_from_latin1(const Py_UCS1 *text, Py_ssize_t length)
{
    StrView v = {PyUnicode_1BYTE_KIND, length, text};
    return str_from_view(v, str_max_char(v));
}

/* New str from length ASCII characters, unchecked. */
PyObject *_PyUnicode_FromASCII(const char *text, Py_ssize_t length)
{
    return str_from_ascii(text, length);
}

/* New str from `size` characters of 1, 2 or 4 bytes, in its narrowest kind. */
PyObject *PyUnicode_FromKindAndData(int kind, const void *buffer, Py_ssize_t size)
{
    if (size < 0) {
        PyErr_SetString(PyExc_ValueError, "size must be positive");
        return NULL;
    }
    if (kind != PyUnicode_1BYTE_KIND && kind != PyUnicode_2BYTE_KIND && kind != PyUnicode_4BYTE_KIND) {
        PyErr_SetString(PyExc_SystemError, "invalid kind");
        return NULL;
    }
    StrView v = {kind, size, buffer};
    return str_from_view(v, str_max_char(v));
}

PyObject *str_slice(PyObject *s, Py_ssize_t start, Py_ssize_t end)
{
    StrView v = str_view(s);
    Py_ssize_t n = end - start;
    if (n == v.length)
        return str_unchanged(s);
    if (PyUnicode_IS_ASCII(s))
        return str_copy_ascii((const char *)v.data + start, n);
    StrView part = {v.kind, n, str_at(v, start)};
    return str_from_view(part, str_max_char(part));
}

/* A plain str with the same characters as a ready str: always a new object unless empty. */
PyObject *_PyUnicode_Copy(PyObject *s)
{
    if (!PyUnicode_Check(s)) {
        PyErr_BadInternalCall();
        return NULL;
    }
    if (PyUnicode_READY(s) < 0)
        return NULL;
    PyObject *copy = PyUnicode_New(PyUnicode_GET_LENGTH(s), PyUnicode_MAX_CHAR_VALUE(s));
    if (copy != NULL && copy != str_empty_borrow())
        memcpy(PyUnicode_DATA(copy), PyUnicode_DATA(s), (size_t)(PyUnicode_GET_LENGTH(s) * PyUnicode_KIND(s)));
    return copy;
}

PyObject *str_unchanged(PyObject *s)
{
    return PyUnicode_CheckExact(s) ? Py_NewRef(s) : _PyUnicode_Copy(s);
}

/* Instance of a subclass of str with the characters of a plain str: the legacy form, as the ABI has it. */
PyObject *str_new_of_subtype(PyTypeObject *type, PyObject *plain)
{
    StrView v = str_view(plain);
    PyObject *self = type->tp_alloc(type, 0);
    if (self == NULL)
        return NULL;
    PyASCIIObject *h = str_head(self);
    PyCompactUnicodeObject *c = str_compact(self);
    h->hash = str_head(plain)->hash;
    memset(&h->state, 0, sizeof(h->state));
    h->wstr = NULL;
    c->utf8 = NULL;
    c->utf8_length = c->wstr_length = 0;
    str_legacy(self)->data.any = NULL;
    void *data = PyObject_Malloc((size_t)((v.length + 1) * v.kind));
    if (data == NULL) {
        h->state.ready = 0;
        Py_DECREF(self);
        return PyErr_NoMemory();
    }
    memcpy(data, v.data, (size_t)((v.length + 1) * v.kind));
    h->length = v.length;
    h->state.kind = (unsigned)v.kind & 7;
    h->state.ascii = str_head(plain)->state.ascii;
    h->state.ready = 1;
    str_legacy(self)->data.any = data;
    if (h->state.ascii) {
        c->utf8 = data;
        c->utf8_length = v.length;
    }
    if (v.kind == sizeof(wchar_t)) {
        h->wstr = data;
        c->wstr_length = v.length;
    }
    return self;
}

/* --- resizing --- */

/* May the characters of s be changed in place? Only the caller can see it, and nothing was derived from them. */
static bool is_modifiable(PyObject *s)
{
    return Py_REFCNT(s) == 1 && str_head(s)->hash == -1 && !str_head(s)->state.interned && PyUnicode_CheckExact(s) &&
           !str_is_static(s);
}

bool str_is_modifiable(PyObject *s)
{
    return is_modifiable(s);
}

static void drop_caches(PyObject *s)
{
    if (utf8_is_own(s)) {
        PyObject_Free(str_compact(s)->utf8);
        str_compact(s)->utf8 = NULL;
        str_compact(s)->utf8_length = 0;
    }
    if (wstr_is_own(s)) {
        PyObject_Free(str_head(s)->wstr);
        str_head(s)->wstr = NULL;
        if (!PyUnicode_IS_COMPACT_ASCII(s))
            str_compact(s)->wstr_length = 0;
    }
}

/* Gives a compact str that only the caller refers to another length. On failure *p is untouched. */
int str_resize_compact(PyObject **p, Py_ssize_t length)
{
    PyObject *s = *p;
    int kind = PyUnicode_KIND(s);
    Py_ssize_t head =
        PyUnicode_IS_ASCII(s) ? (Py_ssize_t)sizeof(PyASCIIObject) : (Py_ssize_t)sizeof(PyCompactUnicodeObject);
    if (length > (PY_SSIZE_T_MAX - head) / kind - 1) {
        PyErr_NoMemory();
        return -1;
    }
    drop_caches(s);
    bool shared = str_head(s)->wstr != NULL;
#ifdef Py_REF_DEBUG
    _Py_RefTotal--;
#endif
    PyObject *grown = PyObject_Realloc(s, (size_t)(head + (length + 1) * kind));
    if (grown == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    *p = grown;
    str_head(grown)->length = length;
    void *data = (char *)grown + head;
    if (shared) {
        str_head(grown)->wstr = data;
        str_compact(grown)->wstr_length = length;
    }
    PyUnicode_WRITE(kind, data, length, 0);
    return 0;
}

static int resize_legacy(PyObject *s, Py_ssize_t length)
{
    PyUnicodeObject *u = str_legacy(s);
    PyASCIIObject *h = str_head(s);
    if (!h->state.ready) {
        if (length > PY_SSIZE_T_MAX / (Py_ssize_t)sizeof(wchar_t) - 1) {
            PyErr_NoMemory();
            return -1;
        }
        wchar_t *wstr = PyObject_Realloc(h->wstr, (size_t)(length + 1) * sizeof(wchar_t));
        if (wstr == NULL) {
            PyErr_NoMemory();
            return -1;
        }
        h->wstr = wstr;
        wstr[length] = 0;
        u->_base.wstr_length = length;
        return 0;
    }
    int kind = PyUnicode_KIND(s);
    if (length > PY_SSIZE_T_MAX / kind - 1) {
        PyErr_NoMemory();
        return -1;
    }
    drop_caches(s);
    bool utf8_shared = u->_base.utf8 != NULL, wstr_shared = h->wstr != NULL;
    void *data = PyObject_Realloc(u->data.any, (size_t)((length + 1) * kind));
    if (data == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    u->data.any = data;
    h->length = length;
    if (utf8_shared) {
        u->_base.utf8 = data;
        u->_base.utf8_length = length;
    }
    if (wstr_shared) {
        h->wstr = data;
        u->_base.wstr_length = length;
    }
    PyUnicode_WRITE(kind, data, length, 0);
    return 0;
}

/* Gives *p (owned) another length, in place when nobody else can see it. 0, or -1 with *p untouched. */
int PyUnicode_Resize(PyObject **p, Py_ssize_t length)
{
    PyObject *s = p == NULL ? NULL : *p;
    if (s == NULL || !PyUnicode_Check(s) || length < 0) {
        PyErr_BadInternalCall();
        return -1;
    }
    bool ready = PyUnicode_IS_READY(s);
    Py_ssize_t old = ready ? PyUnicode_GET_LENGTH(s) : str_compact(s)->wstr_length;
    if (old == length)
        return 0;
    if (length == 0) {
        Py_SETREF(*p, str_empty());
        return 0;
    }
    if (!is_modifiable(s)) {
        if (!ready) {
            PyObject *copy = legacy_new(length);
            if (copy == NULL)
                return -1;
            memcpy(str_head(copy)->wstr, str_head(s)->wstr, (size_t)Py_MIN(length, old) * sizeof(wchar_t));
            Py_SETREF(*p, copy);
            return 0;
        }
        PyObject *copy = PyUnicode_New(length, PyUnicode_MAX_CHAR_VALUE(s));
        if (copy == NULL)
            return -1;
        memcpy(PyUnicode_DATA(copy), PyUnicode_DATA(s), (size_t)(Py_MIN(length, old) * PyUnicode_KIND(s)));
        Py_SETREF(*p, copy);
        return 0;
    }
    return PyUnicode_IS_COMPACT(s) ? str_resize_compact(p, length) : resize_legacy(s, length);
}

/* --- the legacy wchar_t form --- */

/* Turns an unready legacy str into a ready one. wchar_t has 32 bits here, so every unit is a character. */
int _PyUnicode_Ready(PyObject *s)
{
    PyUnicodeObject *u = str_legacy(s);
    PyASCIIObject *h = str_head(s);
    if (h->state.ready)
        return 0;
    Py_ssize_t n = u->_base.wstr_length;
    StrView v = {PyUnicode_4BYTE_KIND, n, h->wstr};
    Py_UCS4 max = str_max_char(v);
    for (Py_ssize_t i = 0; max > 0xffff && i < n; i++) {
        if ((Py_UCS4)h->wstr[i] > STR_MAX_CODE) {
            PyErr_Format(PyExc_ValueError, "character U+%x is not in range [U+0000; U+10ffff]", (int)h->wstr[i]);
            return -1;
        }
    }
    int kind = str_kind_for(max);
    if (kind == PyUnicode_4BYTE_KIND) {
        u->data.any = h->wstr;
        u->_base.utf8 = NULL;
        u->_base.utf8_length = 0;
    } else {
        void *data = PyObject_Malloc((size_t)((n + 1) * kind));
        if (data == NULL) {
            PyErr_NoMemory();
            return -1;
        }
        str_copy_chars(kind, data, PyUnicode_4BYTE_KIND, h->wstr, n);
        PyUnicode_WRITE(kind, data, n, 0);
        u->data.any = data;
        u->_base.utf8 = max < 0x80 ? data : NULL;
        u->_base.utf8_length = max < 0x80 ? n : 0;
        PyObject_Free(h->wstr);
        h->wstr = NULL;
        u->_base.wstr_length = 0;
    }
    h->length = n;
    h->state.kind = (unsigned)kind & 7;
    h->state.ascii = max < 0x80;
    h->state.ready = 1;
    return 0;
}

static int warn_deprecated(const char *what)
{
    return PyErr_WarnFormat(PyExc_DeprecationWarning, 1, "%s", what);
}

/* New str from n wchar_t; u NULL: an unready str to be written by the caller (deprecated). */
PyObject *PyUnicode_FromUnicode(const Py_UNICODE *u, Py_ssize_t n)
{
    if (u != NULL)
        return PyUnicode_FromWideChar(u, n);
    if (n > 0 && warn_deprecated("PyUnicode_FromUnicode(NULL, size) is deprecated; use PyUnicode_New() instead") < 0)
        return NULL;
    return legacy_new(n);
}

/* As PyUnicode_FromStringAndSize(NULL, n) has it. */
PyObject *str_new_unready(Py_ssize_t n)
{
    if (n > 0 && warn_deprecated("PyUnicode_FromStringAndSize(NULL, size) is deprecated; "
                                 "use PyUnicode_New() instead") < 0)
        return NULL;
    return legacy_new(n);
}

/* The cached wchar_t form of s and its length: borrowed (deprecated). */
Py_UNICODE *PyUnicode_AsUnicodeAndSize(PyObject *s, Py_ssize_t *size)
{
    if (!PyUnicode_Check(s)) {
        PyErr_BadArgument();
        return NULL;
    }
    PyASCIIObject *h = str_head(s);
    if (h->wstr == NULL) {
        Py_ssize_t n = PyUnicode_GET_LENGTH(s);
        wchar_t *w = n > PY_SSIZE_T_MAX / (Py_ssize_t)sizeof(wchar_t) - 1
                         ? NULL
                         : PyObject_Malloc((size_t)(n + 1) * sizeof(wchar_t));
        if (w == NULL)
            return (Py_UNICODE *)PyErr_NoMemory();
        str_copy_chars(sizeof(wchar_t), w, PyUnicode_KIND(s), PyUnicode_DATA(s), n);
        w[n] = 0;
        h->wstr = w;
        if (!PyUnicode_IS_COMPACT_ASCII(s))
            str_compact(s)->wstr_length = n;
    }
    if (size != NULL)
        *size = PyUnicode_IS_COMPACT_ASCII(s) ? h->length : str_compact(s)->wstr_length;
    return h->wstr;
}

Py_UNICODE *PyUnicode_AsUnicode(PyObject *s)
{
    return PyUnicode_AsUnicodeAndSize(s, NULL);
}

/* As PyUnicode_AsUnicode; ValueError when there is a null character inside. */
const Py_UNICODE *_PyUnicode_AsUnicode(PyObject *s)
{
    Py_ssize_t size;
    const Py_UNICODE *w = PyUnicode_AsUnicodeAndSize(s, &size);
    if (w != NULL && wcslen(w) != (size_t)size) {
        PyErr_SetString(PyExc_ValueError, "embedded null character");
        return NULL;
    }
    return w;
}

/* Number of wchar_t that s takes (deprecated). */
Py_ssize_t PyUnicode_GetSize(PyObject *s)
{
    Py_ssize_t size;
    if (!PyUnicode_Check(s)) {
        PyErr_BadArgument();
        return -1;
    }
    return PyUnicode_AsUnicodeAndSize(s, &size) == NULL ? -1 : size;
}

/* --- consistency --- */

#define CHECK(cond) \
    do { \
        if (!(cond)) \
            _PyObject_AssertFailed(s, #cond, NULL, __FILE__, __LINE__, __func__); \
    } while (0)

/* Aborts with a report when a str breaks the rules of str.h; check_content looks at every character too. 1. */
int _PyUnicode_CheckConsistency(PyObject *s, int check_content)
{
    CHECK(PyUnicode_Check(s));
    PyASCIIObject *h = str_head(s);
    if (!h->state.ready) {
        CHECK(!h->state.compact && !h->state.ascii && !h->state.interned && h->wstr != NULL && h->hash == -1);
        return 1;
    }
    CHECK(h->state.kind == 1 || h->state.kind == 2 || h->state.kind == 4);
    CHECK(!h->state.ascii || h->state.kind == 1);
    CHECK(PyUnicode_DATA(s) != NULL);
    if (check_content) {
        StrView v = str_view(s);
        Py_UCS4 max = str_max_char(v);
        CHECK(v.length == 0 || max == PyUnicode_MAX_CHAR_VALUE(s));
        CHECK(PyUnicode_READ(v.kind, v.data, v.length) == 0);
    }
    return 1;
}
