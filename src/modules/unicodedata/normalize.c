/* Normal forms (Unicode Standard Annex 15). */
#include "modules/unicodedata/unicodedata.h"

enum { S_BASE = 0xac00, L_BASE = 0x1100, V_BASE = 0x1161, T_BASE = 0x11a7, L_COUNT = 19, V_COUNT = 21, T_COUNT = 28,
       S_COUNT = L_COUNT * V_COUNT * T_COUNT };

/* A growing array of characters (PyMem). */
typedef struct {
    Py_UCS4 *chars;
    Py_ssize_t count, room;
} Buffer;

static int push(Buffer *b, Py_UCS4 ch)
{
    if (b->count == b->room) {
        Py_ssize_t room = b->room * 2 + 32;
        Py_UCS4 *chars = PyMem_Resize(b->chars, Py_UCS4, room) == NULL ? NULL : b->chars;
        if (chars == NULL) {
            PyErr_NoMemory();
            return -1;
        }
        b->room = room;
    }
    b->chars[b->count++] = ch;
    return 0;
}

/* Appends the full decomposition of a character. Mappings are short and nest a few levels deep. */
static int decompose(Buffer *b, Py_UCS4 ch, bool compat, bool old)
{
    const Py_UCS4 *codes;
    const char *prefix;
    if (ch < 0x80)
        return push(b, ch);
    if (ch >= S_BASE && ch < S_BASE + S_COUNT) {
        Py_UCS4 s = ch - S_BASE, tail = s % T_COUNT;
        if (push(b, L_BASE + s / (V_COUNT * T_COUNT)) < 0 || push(b, V_BASE + s % (V_COUNT * T_COUNT) / T_COUNT) < 0)
            return -1;
        return tail ? push(b, T_BASE + tail) : 0;
    }
    if (old) {
        Py_UCS4 other = ucd_old_decomposition(ch);
        if (other)
            return push(b, other);
        if (!ucd_assigned_in_old(ch))
            return push(b, ch);
    }
    int n = ucd_decomposition(ch, &codes, &prefix);
    if (n == 0 || (*prefix && !compat))
        return push(b, ch);
    for (int i = 0; i < n; i++)
        if (decompose(b, codes[i], compat, old) < 0)
            return -1;
    return 0;
}

/* Combining classes do not change from one version to the next; so today's serve for 3.2.0 too. */
static int class_of(Py_UCS4 ch)
{
    return ucd_combining(ch, false);
}

/* Puts runs of combining characters in the order of their classes; equal classes keep their order. */
static int sort_combining(Buffer *b)
{
    Py_UCS4 *room = NULL;
    for (Py_ssize_t i = 0; i < b->count;) {
        if (class_of(b->chars[i]) == 0) {
            i++;
            continue;
        }
        Py_ssize_t end = i;
        bool sorted = true;
        while (end < b->count && class_of(b->chars[end]) != 0) {
            sorted = sorted && (end == i || class_of(b->chars[end - 1]) <= class_of(b->chars[end]));
            end++;
        }
        Py_ssize_t n = end - i;
        if (!sorted) {                  /* a counting sort: linear for hostile text too */
            Py_ssize_t starts[257] = {0};
            room = PyMem_New(Py_UCS4, n);
            if (room == NULL) {
                PyErr_NoMemory();
                return -1;
            }
            for (Py_ssize_t k = i; k < end; k++)
                starts[class_of(b->chars[k]) + 1]++;
            for (int c = 1; c < 257; c++)
                starts[c] += starts[c - 1];
            for (Py_ssize_t k = i; k < end; k++)
                room[starts[class_of(b->chars[k])]++] = b->chars[k];
            memcpy(b->chars + i, room, (size_t)n * sizeof(Py_UCS4));
            PyMem_Free(room);
        }
        i = end;
    }
    return 0;
}

static Py_UCS4 compose_pair(Py_UCS4 a, Py_UCS4 b)
{
    if (a >= L_BASE && a < L_BASE + L_COUNT && b >= V_BASE && b < V_BASE + V_COUNT)
        return S_BASE + ((a - L_BASE) * V_COUNT + (b - V_BASE)) * T_COUNT;
    if (a >= S_BASE && a < S_BASE + S_COUNT && (a - S_BASE) % T_COUNT == 0 && b > T_BASE && b < T_BASE + T_COUNT)
        return a + (b - T_BASE);
    return ucd_compose(a, b);
}

/* Composes in place what is decomposed and sorted. */
static void compose(Buffer *b)
{
    Py_ssize_t out = 0, starter = -1;
    int last_class = 0;
    for (Py_ssize_t i = 0; i < b->count; i++) {
        Py_UCS4 ch = b->chars[i];
        int class = class_of(ch);
        if (starter >= 0 && (last_class < class || (last_class == 0 && out == starter + 1))) {
            Py_UCS4 whole = compose_pair(b->chars[starter], ch);
            if (whole) {
                b->chars[starter] = whole;
                continue;
            }
        }
        if (class == 0)
            starter = out;
        last_class = class;
        b->chars[out++] = ch;
    }
    b->count = out;
}

typedef enum { YES, MAYBE, NO } Check;

/* yes_only: MAYBE is not told from NO. */
static Check quick_check(PyObject *s, NormalForm form, bool old, bool yes_only)
{
    if (PyUnicode_IS_ASCII(s))
        return YES;
    if (old)
        return NO;
    StrView v = str_view(s);
    Check result = YES;
    int last = 0;
    for (Py_ssize_t i = 0; i < v.length; i++) {
        Py_UCS4 ch = PyUnicode_READ(v.kind, v.data, i);
        if (ch < 0x80) {
            last = 0;
            continue;
        }
        int class = class_of(ch), check = ucd_quick_check(ch, form);
        if (class != 0 && class < last)
            return NO;
        last = class;
        if (check == NO || (check == MAYBE && yes_only))
            return NO;
        if (check == MAYBE)
            result = MAYBE;
    }
    return result;
}

PyObject *ucd_normalize(PyObject *s, NormalForm form, bool old)
{
    if (PyUnicode_READY(s) < 0)
        return NULL;
    if (PyUnicode_GET_LENGTH(s) == 0 || quick_check(s, form, old, true) == YES)
        return str_unchanged(s);
    StrView v = str_view(s);
    Buffer b = {0};
    PyObject *result = NULL;
    for (Py_ssize_t i = 0; i < v.length; i++)
        if (decompose(&b, PyUnicode_READ(v.kind, v.data, i), form == NFKD || form == NFKC, old) < 0)
            goto done;
    if (sort_combining(&b) < 0)
        goto done;
    if (form == NFC || form == NFKC)
        compose(&b);
    result = PyUnicode_FromKindAndData(PyUnicode_4BYTE_KIND, b.chars, b.count);
done:
    PyMem_Free(b.chars);
    return result;
}

int ucd_is_normalized(PyObject *s, NormalForm form, bool old)
{
    if (PyUnicode_READY(s) < 0)
        return -1;
    Check check = PyUnicode_GET_LENGTH(s) == 0 ? YES : quick_check(s, form, old, false);
    if (check == YES || (check == NO && !old))
        return check == YES;
    PyObject *normal = ucd_normalize(s, form, old);
    if (normal == NULL)
        return -1;
    int same = str_equal(normal, s);
    Py_DECREF(normal);
    return same;
}
