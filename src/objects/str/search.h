/* Searching in character arrays of any kind: shared by str, bytes and bytearray (which are kind 1).
 * The worst case is linear in haystack plus needle; the usual case skips ahead.
 */
#ifndef KRAIT_OBJECTS_STR_SEARCH_H
#define KRAIT_OBJECTS_STR_SEARCH_H

#include "objects/str/str.h"

/* A needle in the haystack's own kind. `view.length` may be 0; `possible` is false when a character of the needle
 * cannot occur in a haystack of that kind. */
typedef struct {
    StrView view;
    bool possible;
    void *owned;                        /* PyMem block behind the view, or NULL */
    Py_UCS4 room[32];
} Needle;

/* Makes a needle for haystacks of a kind. 0, or -1 with MemoryError. Release it afterwards in any case. */
int needle_widen(Needle *needle, StrView text, int kind);
static inline int needle_prepare(Needle *needle, StrView text, int kind)
{
    needle->owned = NULL;
    needle->view = text;
    needle->possible = text.kind <= kind;
    return text.kind < kind ? needle_widen(needle, text, kind) : 0;
}

static inline void needle_release(Needle *needle)
{
    if (needle->owned != NULL)
        PyMem_Free(needle->owned);
    needle->owned = NULL;
}

/* Offset of the first, or last, occurrence of the needle in the haystack of the same kind; -1. An empty needle is
 * found at the start, or at the end. */
Py_ssize_t search_find(StrView hay, const Needle *needle);
Py_ssize_t search_rfind(StrView hay, const Needle *needle);

/* Number of occurrences that do not overlap, at most `limit`; for an empty needle, length + 1. */
Py_ssize_t search_count(StrView hay, const Needle *needle, Py_ssize_t limit);

/* Offset of a character, or -1. */
Py_ssize_t search_find_char(StrView hay, Py_UCS4 ch);
Py_ssize_t search_rfind_char(StrView hay, Py_UCS4 ch);

/* View of hay[start:end]. */
static inline StrView view_part(StrView v, Py_ssize_t start, Py_ssize_t end)
{
    return (StrView){v.kind, end - start, str_at(v, start)};
}

/* Arguments of find(), count(), startswith() …: one object (borrowed) and an optional range, for the method `name`. 0 or -1. */
int search_parse_args(const char *name, PyObject *const *args, Py_ssize_t nargs, PyObject **sub, Py_ssize_t *start,
                      Py_ssize_t *end);

#endif
