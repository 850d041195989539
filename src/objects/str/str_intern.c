/* Interning: one str object per text, so that names compare by identity.
 *
 * The table is our own open-addressing set of str pointers. It does not count its entries: a mortal interned str
 * is taken out by its deallocation, an immortal one holds an extra reference to itself.
 */
#include "objects/str/str.h"

static char deleted_mark;
#define DELETED ((PyObject *)&deleted_mark)

static Py_hash_t hash_of(PyObject *s)
{
    Py_hash_t h = str_head(s)->hash;
    return h != -1 ? h : PyObject_Hash(s);
}

/* Makes the table twice as large as its live entries need. -1 without memory (no exception). */
static int table_grow(struct StrRuntime *rt)
{
    size_t slots = 8192;        /* enough for a start */
    while (slots < rt->interned_count * 3)
        slots *= 2;
    PyObject **fresh = PyMem_RawCalloc(slots, sizeof(PyObject *));
    if (fresh == NULL)
        return -1;
    if (rt->interned != NULL) {
        for (size_t i = 0; i <= rt->interned_mask; i++) {
            PyObject *s = rt->interned[i];
            if (s == NULL || s == DELETED)
                continue;
            size_t at = (size_t)str_head(s)->hash & (slots - 1);
            while (fresh[at] != NULL)
                at = (at + 1) & (slots - 1);
            fresh[at] = s;
        }
        PyMem_RawFree(rt->interned);
    }
    rt->interned = fresh;
    rt->interned_mask = slots - 1;
    rt->interned_used = rt->interned_count;
    return 0;
}

/* The interned str with these characters (borrowed), or NULL; *where is the slot to put one into then. */
static inline PyObject *table_find(struct StrRuntime *rt, StrView text, Py_hash_t hash, size_t *where)
{
    size_t at = (size_t)hash & rt->interned_mask;
    size_t place = SIZE_MAX;
    for (;; at = (at + 1) & rt->interned_mask) {
        PyObject *have = rt->interned[at];
        if (have == NULL)
            break;
        if (have == DELETED) {
            if (place == SIZE_MAX)
                place = at;
        } else if (str_head(have)->hash == hash && PyUnicode_GET_LENGTH(have) == text.length &&
                   PyUnicode_KIND(have) == text.kind &&
                   memcmp(PyUnicode_DATA(have), text.data, (size_t)text.length * text.kind) == 0) {
            return have;
        }
    }
    *where = place != SIZE_MAX ? place : at;
    return NULL;
}

/* Room in the table for one more. -1 without memory (no exception). */
static inline int table_reserve(struct StrRuntime *rt)
{
    bool full = rt->interned == NULL || rt->interned_used * 3 >= rt->interned_mask * 2;
    return full ? table_grow(rt) : 0;
}

/* Puts s, which has its hash, into the slot that table_find told. */
static inline void table_put(struct StrRuntime *rt, PyObject *s, size_t at)
{
    if (rt->interned[at] == NULL)
        rt->interned_used++;
    rt->interned[at] = s;
    rt->interned_count++;
    str_head(s)->state.interned = SSTATE_INTERNED_MORTAL;
}

/* Replaces *p (owned) by the interned str with the same text. Leaves it alone when *p is not exactly a str or
 * memory is short. */
void PyUnicode_InternInPlace(PyObject **p)
{
    PyObject *s = *p;
    struct StrRuntime *rt = &str_runtime;
    if (s == NULL || !PyUnicode_CheckExact(s) || str_head(s)->state.interned)
        return;
    if (PyUnicode_READY(s) < 0) {
        PyErr_Clear();
        return;
    }
    Py_ssize_t n = PyUnicode_GET_LENGTH(s);
    if (n <= 1 && PyUnicode_KIND(s) == PyUnicode_1BYTE_KIND) {
        PyObject *shared = n == 0 ? str_empty_borrow() : str_latin1_borrow(PyUnicode_1BYTE_DATA(s)[0]);
        hash_of(shared);
        str_head(shared)->state.interned = SSTATE_INTERNED_IMMORTAL;
        Py_INCREF(shared);
        Py_SETREF(*p, shared);
        return;
    }
    Py_hash_t hash = hash_of(s);
    if (table_reserve(rt) < 0)
        return;
    size_t at;
    PyObject *have = table_find(rt, str_view(s), hash, &at);
    if (have != NULL) {
        Py_INCREF(have);
        Py_SETREF(*p, have);
        return;
    }
    table_put(rt, s, at);
}

PyObject *str_intern_static(PyObject *s)
{
    struct StrRuntime *rt = &str_runtime;
    if (str_head(s)->state.interned)
        return s;
    if (table_reserve(rt) < 0)
        return NULL;
    StrView text = str_view(s);
    size_t at;
    if (str_head(s)->hash == -1)
        str_head(s)->hash = _Py_HashBytes(text.data, text.length * text.kind);
    PyObject *have = table_find(rt, text, str_head(s)->hash, &at);
    if (have != NULL)
        return have;
    table_put(rt, s, at);
    str_head(s)->state.interned = SSTATE_INTERNED_IMMORTAL;
    return s;
}

int str_intern_first(PyObject *const *strs)
{
    struct StrRuntime *rt = &str_runtime;
    if (!*strs || str_head(*strs)->state.interned)
        return 0;
    if (rt->interned_count > 0)
        Py_FatalError("a str was interned before those of the program's own code");
    for (; *strs; strs++) {
        PyObject *s = *strs;
        if (table_reserve(rt) < 0)
            return -1;
        StrView text = str_view(s);
        Py_hash_t hash = str_head(s)->hash = _Py_HashBytes(text.data, text.length * text.kind);
        size_t at = (size_t)hash & rt->interned_mask;
        while (rt->interned[at] != NULL)
            at = (at + 1) & rt->interned_mask;
        table_put(rt, s, at);
        str_head(s)->state.interned = SSTATE_INTERNED_IMMORTAL;
    }
    return 0;
}

/* The interned str with n ASCII characters: a new reference. Mostly it is there already, and nothing is allocated. */
PyObject *str_intern_ascii(const char *text, Py_ssize_t n)
{
    struct StrRuntime *rt = &str_runtime;
    if (n <= 1 || table_reserve(rt) < 0) {
        PyObject *s = PyUnicode_FromStringAndSize(text, n);
        if (s != NULL)
            PyUnicode_InternInPlace(&s);
        return s;
    }
    size_t at;
    Py_hash_t hash = _Py_HashBytes(text, n);
    PyObject *s = table_find(rt, (StrView){PyUnicode_1BYTE_KIND, n, text}, hash, &at);
    if (s != NULL)
        return Py_NewRef(s);
    s = PyUnicode_New(n, 0x7f);
    if (s == NULL)
        return NULL;
    memcpy((PyASCIIObject *)s + 1, text, (size_t)n);
    str_head(s)->hash = hash;
    table_put(rt, s, at);
    return s;
}

/* As PyUnicode_InternInPlace, and the str never dies. */
void PyUnicode_InternImmortal(PyObject **p)
{
    static const char warning[] = "PyUnicode_InternImmortal() is deprecated; use PyUnicode_InternInPlace() instead";
    if (PyErr_WarnEx(PyExc_DeprecationWarning, warning, 1) < 0) return;     /* there is no way to report an error */
    PyUnicode_InternInPlace(p);
    if (*p != NULL && str_head(*p)->state.interned == SSTATE_INTERNED_MORTAL) {
        str_head(*p)->state.interned = SSTATE_INTERNED_IMMORTAL;
        Py_INCREF(*p);
    }
}

/* New reference to the interned str with this UTF-8 text. */
PyObject *PyUnicode_InternFromString(const char *text)
{
    size_t n = strlen(text);
    if (str_bytes_are_ascii(text, (Py_ssize_t)n))
        return str_intern_ascii(text, (Py_ssize_t)n);
    PyObject *s = PyUnicode_FromString(text);
    if (s != NULL)
        PyUnicode_InternInPlace(&s);
    return s;
}

PyObject *str_from_c_name(const char *name)
{
    uint32_t at = (uint32_t)((uintptr_t)name * 0x9e3779b97f4a7c15u >> 56);
    static_assert(STR_C_NAMES == 1 << 8, "eight bits of the product are an index");
    PyObject *known = str_runtime.c_names[at].str;
    if (str_runtime.c_names[at].at == name) {
        if (known == NULL)
            return PyUnicode_FromString(name);
        if (strcmp((const char *)((PyASCIIObject *)known + 1), name) == 0)
            return Py_NewRef(known);
        Py_CLEAR(str_runtime.c_names[at].str);      /* a buffer that is used again */
        return PyUnicode_FromString(name);
    }
    PyObject *s = PyUnicode_InternFromString(name);
    if (s != NULL && PyUnicode_IS_COMPACT_ASCII(s)) {
        str_runtime.c_names[at].at = name;
        Py_XSETREF(str_runtime.c_names[at].str, Py_NewRef(s));
    }
    return s;
}

void str_intern_forget(PyObject *s)
{
    struct StrRuntime *rt = &str_runtime;
    size_t at = (size_t)str_head(s)->hash & rt->interned_mask;
    while (rt->interned[at] != s) {
        if (rt->interned[at] == NULL)
            Py_FatalError("an interned str is not in the table");
        at = (at + 1) & rt->interned_mask;
    }
    rt->interned_count--;
    if (rt->interned[(at + 1) & rt->interned_mask] == NULL) {
        rt->interned[at] = NULL;
        rt->interned_used--;
    } else {
        rt->interned[at] = DELETED;
    }
    str_head(s)->state.interned = SSTATE_NOT_INTERNED;
}

/* The interned str of a static identifier: borrowed. Made at its first use, kept for the life of the process.
 * The identifier remembers its place in the table of identifiers. */
PyObject *_PyUnicode_FromId(_Py_Identifier *id)
{
    struct StrRuntime *rt = &str_runtime;
    if (id->index >= 0)
        return rt->ids[id->index];
    if (rt->ids_count == rt->ids_room) {
        Py_ssize_t room = rt->ids_room ? rt->ids_room * 2 : 64;
        PyObject **ids = PyMem_RawRealloc(rt->ids, (size_t)room * sizeof(PyObject *));
        if (ids == NULL)
            return PyErr_NoMemory();
        rt->ids = ids;
        rt->ids_room = room;
    }
    PyObject *s = PyUnicode_InternFromString(id->string);
    if (s == NULL)
        return NULL;
    rt->ids[rt->ids_count] = s;
    id->index = rt->ids_count++;
    return s;
}
