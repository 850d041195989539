#include "objects/str/search.h"
#include <wchar.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#define CH Py_UCS1
#define T(name) name##_1
#define SET1(ch) _mm_set1_epi8((char)(ch))
#define EQUAL _mm_cmpeq_epi8
#include "objects/str/search_template.h"
#undef CH
#undef T
#undef SET1
#undef EQUAL
#define CH Py_UCS2
#define T(name) name##_2
#define SET1(ch) _mm_set1_epi16((short)(ch))
#define EQUAL _mm_cmpeq_epi16
#include "objects/str/search_template.h"
#undef CH
#undef T
#undef SET1
#undef EQUAL
#define CH Py_UCS4
#define T(name) name##_4
#define SET1(ch) _mm_set1_epi32((int)(ch))
#define EQUAL _mm_cmpeq_epi32
#include "objects/str/search_template.h"
#undef CH
#undef T
#undef SET1
#undef EQUAL

int needle_widen(Needle *needle, StrView text, int kind)
{
    void *room = needle->room;
    if (text.length * kind > (Py_ssize_t)sizeof(needle->room)) {
        if (text.length > PY_SSIZE_T_MAX / kind || (room = PyMem_Malloc((size_t)(text.length * kind))) == NULL) {
            PyErr_NoMemory();
            return -1;
        }
        needle->owned = room;
    }
    str_copy_chars(kind, room, text.kind, text.data, text.length);
    needle->view = (StrView){kind, text.length, room};
    return 0;
}

static Py_ssize_t find_char_2(const Py_UCS2 *s, Py_ssize_t n, Py_UCS2 ch)
{
    Py_ssize_t i = 0;
    for (; i + 16 <= n; i += 16) {
        unsigned hit = 0;
        for (int k = 0; k < 16; k++)
            hit |= s[i + k] == ch;
        if (hit)
            break;
    }
    for (; i < n; i++)
        if (s[i] == ch)
            return i;
    return -1;
}

Py_ssize_t search_find_char(StrView hay, Py_UCS4 ch)
{
    if (hay.kind == 1) {
        if (ch > 0xff)
            return -1;
        const char *hit = hay.length ? memchr(hay.data, (int)ch, (size_t)hay.length) : NULL;
        return hit == NULL ? -1 : hit - (const char *)hay.data;
    }
    if (hay.kind == 2)
        return ch > 0xffff ? -1 : find_char_2(hay.data, hay.length, (Py_UCS2)ch);
    const wchar_t *hit = hay.length ? wmemchr(hay.data, (wchar_t)ch, (size_t)hay.length) : NULL;
    return hit == NULL ? -1 : hit - (const wchar_t *)hay.data;
}

Py_ssize_t search_rfind_char(StrView hay, Py_UCS4 ch)
{
    if (hay.kind == 1) {
        if (ch > 0xff)
            return -1;
        const char *hit = hay.length ? memrchr(hay.data, (int)ch, (size_t)hay.length) : NULL;
        return hit == NULL ? -1 : hit - (const char *)hay.data;
    }
    for (Py_ssize_t i = hay.length; --i >= 0;)
        if (PyUnicode_READ(hay.kind, hay.data, i) == ch)
            return i;
    return -1;
}

Py_ssize_t search_find(StrView hay, const Needle *needle)
{
    StrView p = needle->view;
    if (p.length > hay.length || !needle->possible)
        return -1;
    if (p.length == 0)
        return 0;
    if (p.length == 1)
        return search_find_char(hay, PyUnicode_READ(p.kind, p.data, 0));
    switch (hay.kind) {
    case 1:
        return find_fast_1(hay.data, hay.length, p.data, p.length);
    case 2:
        return find_fast_2(hay.data, hay.length, p.data, p.length);
    default:
        return find_fast_4(hay.data, hay.length, p.data, p.length);
    }
}

Py_ssize_t search_rfind(StrView hay, const Needle *needle)
{
    StrView p = needle->view;
    if (p.length > hay.length || !needle->possible)
        return -1;
    if (p.length == 0)
        return hay.length;
    if (p.length == 1)
        return search_rfind_char(hay, PyUnicode_READ(p.kind, p.data, 0));
    switch (hay.kind) {
    case 1:
        return rfind_text_1(hay.data, hay.length, p.data, p.length);
    case 2:
        return rfind_text_2(hay.data, hay.length, p.data, p.length);
    default:
        return rfind_text_4(hay.data, hay.length, p.data, p.length);
    }
}

static Py_ssize_t count_char(StrView hay, Py_UCS4 ch, Py_ssize_t limit)
{
    Py_ssize_t count = 0;
    if (hay.kind == 1 && limit >= hay.length && ch <= 0xff) {
        const Py_UCS1 *s = hay.data;
        for (Py_ssize_t i = 0; i < hay.length; i++)
            count += s[i] == ch;
        return count;
    }
    for (Py_ssize_t at = 0; count < limit; count++) {
        Py_ssize_t hit = search_find_char(view_part(hay, at, hay.length), ch);
        if (hit < 0)
            break;
        at += hit + 1;
    }
    return count;
}

Py_ssize_t search_count(StrView hay, const Needle *needle, Py_ssize_t limit)
{
    Py_ssize_t m = needle->view.length;
    if (m == 0)
        return hay.length < limit ? hay.length + 1 : limit;
    if (!needle->possible)
        return 0;
    if (m == 1)
        return count_char(hay, PyUnicode_READ(needle->view.kind, needle->view.data, 0), limit);
    switch (hay.kind) {
    case 1:
        return count_text_1(hay.data, hay.length, needle->view.data, m, limit);
    case 2:
        return count_text_2(hay.data, hay.length, needle->view.data, m, limit);
    default:
        return count_text_4(hay.data, hay.length, needle->view.data, m, limit);
    }
}

int search_parse_args(const char *name, PyObject *const *args, Py_ssize_t nargs, PyObject **sub, Py_ssize_t *start,
                      Py_ssize_t *end)
{
    *start = 0;
    *end = PY_SSIZE_T_MAX;
    if (nargs < 1 || nargs > 3) {
        char format[32];
        PyObject *unused;
        snprintf(format, sizeof(format), "O|OO:%s", name);
        if (_PyArg_ParseStack(args, nargs, format, sub, &unused, &unused))
            PyErr_BadInternalCall();
        return -1;
    }
    *sub = args[0];
    if (nargs > 1 && !_PyEval_SliceIndex(args[1], start))
        return -1;
    if (nargs > 2 && !_PyEval_SliceIndex(args[2], end))
        return -1;
    return 0;
}
