/* A _PyUnicodeWriter that begins in its caller's memory: short ASCII text is built there and becomes a str at the end, by one
 * allocation of the right size.
 *
 *     WriterScratch scratch;
 *     _PyUnicodeWriter w;
 *     writer_init_scratch(&w, &scratch);
 *
 * A str that is written first, with overallocate 0, is taken to be all, as with an empty writer: where more may follow, set
 * overallocate, or Prepare and copy.
 *
 * The scratch looks like a str that may be written and never grown: the writer leaves it for one of its own when text is too
 * long or too wide. It must live until Finish or Dealloc.
 */
#ifndef KRAIT_OBJECTS_STR_WRITER_H
#define KRAIT_OBJECTS_STR_WRITER_H

#include "objects/immortal.h"
#include "objects/str/str.h"

enum { WRITER_SCRATCH_ROOM = 200 };

/* Values of _PyUnicodeWriter.readonly. */
enum { WRITER_OWN = 0, WRITER_SHARED = 1, WRITER_SCRATCH = 2 };

typedef struct {
    PyASCIIObject head;                 /* immortal: the writer may give up its reference */
    char text[WRITER_SCRATCH_ROOM];
} WriterScratch;

static inline void writer_init_scratch(_PyUnicodeWriter *w, WriterScratch *scratch)
{
    PyASCIIObject *head = &scratch->head;
    head->ob_base.ob_refcnt = IMMORTAL_REFCNT;
    head->ob_base.ob_type = &PyUnicode_Type;
    head->length = WRITER_SCRATCH_ROOM;
    head->hash = -1;
    memset(&head->state, 0, sizeof(head->state));
    head->state.kind = PyUnicode_1BYTE_KIND;
    head->state.compact = head->state.ascii = head->state.ready = 1;
    head->wstr = NULL;
    w->buffer = (PyObject *)head;
    w->data = scratch->text;
    w->kind = PyUnicode_1BYTE_KIND;
    w->maxchar = 127;
    w->size = WRITER_SCRATCH_ROOM;
    w->pos = w->min_length = 0;
    w->min_char = 127;
    w->overallocate = 0;
    w->readonly = WRITER_SCRATCH;
}

/* Appends n ASCII characters. 0 or -1. */
static inline int writer_put_ascii(_PyUnicodeWriter *w, const char *text, Py_ssize_t n)
{
    if (UNLIKELY(w->kind != PyUnicode_1BYTE_KIND || n > w->size - w->pos))
        return _PyUnicodeWriter_WriteASCIIString(w, text, n);
    str_copy_short((char *)w->data + w->pos, text, (size_t)n);
    w->pos += n;
    return 0;
}

#endif
