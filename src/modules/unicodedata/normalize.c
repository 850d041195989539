/* Normal forms (Unicode Standard Annex 15). */
#include "modules/unicodedata/unicodedata.h"

enum { S_BASE = 0xac00, L_BASE = 0x1100, V_BASE = 0x1161, T_BASE = 0x11a7, L_COUNT = 19, V_COUNT = 21, T_COUNT = 28,
       S_COUNT = L_COUNT * V_COUNT * T_COUNT };

typedef enum { YES, MAYBE, NO } Check;

static Check check_of(UcdNormal normal, NormalForm form)
{
    return normal.quick_check >> (form * 2) & 3;
}

/* A character on its way: its code, its combining class, and whether it may compose with one before it, so that each is looked
 * up once. Combining classes do not change from one version to the next; so today's serve for 3.2.0 too. */
typedef uint32_t Item;

enum { CLASS_SHIFT = 21, COMPOSES = 1 << 29 };

static Item make_item(Py_UCS4 ch, UcdNormal normal)
{
    return ch | (Item)normal.combining << CLASS_SHIFT | (check_of(normal, NFC) == MAYBE ? COMPOSES : 0);
}

static Py_UCS4 item_char(Item item)
{
    return item & ((1 << CLASS_SHIFT) - 1);
}

static int item_class(Item item)
{
    return item >> CLASS_SHIFT & 255;
}

/* A growing array of items (PyMem). */
typedef struct {
    Item *items;
    Py_ssize_t count, room;
} Buffer;

static int buffer_grow(Buffer *b, Py_ssize_t more)
{
    if (b->room - b->count >= more)
        return 0;
    Py_ssize_t room = b->count + b->count / 2 + more + 32;
    Item *items = b->items;
    if (PyMem_Resize(items, Item, room) == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    b->items = items;
    b->room = room;
    return 0;
}

static int push(Buffer *b, Py_UCS4 ch)
{
    if (buffer_grow(b, 1) < 0)
        return -1;
    b->items[b->count++] = make_item(ch, ucd_normal(ch));
    return 0;
}

/* Appends the full decomposition of a character. Mappings are short and nest a few levels deep. */
static int decompose(Buffer *b, Py_UCS4 ch, bool compat, bool old)
{
    const Py_UCS4 *codes;
    const char *prefix;
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

/* Appends the decompositions of all characters. */
static int decompose_all(Buffer *b, StrView v, bool compat, bool old)
{
    for (Py_ssize_t i = 0; i < v.length; i++) {
        if (buffer_grow(b, v.length - i) < 0)
            return -1;
        Py_UCS4 ch = PyUnicode_READ(v.kind, v.data, i);
        if (ch < 0x80) {
            b->items[b->count++] = ch;
            continue;
        }
        UcdNormal normal = ucd_normal(ch);
        if (!old && check_of(normal, compat ? NFKD : NFD) == YES)
            b->items[b->count++] = make_item(ch, normal);
        else if (decompose(b, ch, compat, old) < 0)
            return -1;
    }
    return 0;
}

/* Puts runs of combining characters in the order of their classes; equal classes keep their order. */
static int sort_combining(Buffer *b)
{
    for (Py_ssize_t i = 0; i < b->count;) {
        if (item_class(b->items[i]) == 0) {
            i++;
            continue;
        }
        Py_ssize_t end = i;
        bool sorted = true;
        while (end < b->count && item_class(b->items[end]) != 0) {
            sorted = sorted && (end == i || item_class(b->items[end - 1]) <= item_class(b->items[end]));
            end++;
        }
        Py_ssize_t n = end - i;
        if (!sorted) {                  /* a counting sort: linear for hostile text too */
            Py_ssize_t starts[257] = {0};
            Item *room = PyMem_New(Item, n);
            if (room == NULL) {
                PyErr_NoMemory();
                return -1;
            }
            for (Py_ssize_t k = i; k < end; k++)
                starts[item_class(b->items[k]) + 1]++;
            for (int c = 1; c < 257; c++)
                starts[c] += starts[c - 1];
            for (Py_ssize_t k = i; k < end; k++)
                room[starts[item_class(b->items[k])]++] = b->items[k];
            memcpy(b->items + i, room, (size_t)n * sizeof(Item));
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
        Item item = b->items[i];
        int class = item_class(item);
        if (item & COMPOSES && starter >= 0 && (last_class < class || (last_class == 0 && out == starter + 1))) {
            Py_UCS4 whole = compose_pair(item_char(b->items[starter]), item_char(item));
            if (whole) {
                b->items[starter] = whole;      /* a starter, too: its class is 0 */
                continue;
            }
        }
        if (class == 0)
            starter = out;
        last_class = class;
        b->items[out++] = item;
    }
    b->count = out;
}

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
        UcdNormal normal = ucd_normal(ch);
        Check check = check_of(normal, form);
        if (normal.combining != 0 && normal.combining < last)
            return NO;
        last = normal.combining;
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
    Buffer b = {0};
    PyObject *result = NULL;
    if (decompose_all(&b, str_view(s), form == NFKD || form == NFKC, old) < 0 || sort_combining(&b) < 0)
        goto done;
    if (form == NFC || form == NFKC)
        compose(&b);
    for (Py_ssize_t i = 0; i < b.count; i++)
        b.items[i] = item_char(b.items[i]);
    result = PyUnicode_FromKindAndData(PyUnicode_4BYTE_KIND, b.items, b.count);
done:
    PyMem_Free(b.items);
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
