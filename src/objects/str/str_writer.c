/* _PyUnicodeWriter: builds a str piece by piece, growing and widening its buffer as needed.
 *
 * Invariants: `pos` characters are written; `size` is the room in `buffer`. A readonly buffer is a str that was written whole into
 * an empty writer and is shared until something follows it (its `size` is 0), or the scratch of writer.h. `kind` and
 * `maxchar` bound what may be written without another call of Prepare.
 */
#include "objects/str/str_internal.h"
#include "objects/str/writer.h"

static void refresh(_PyUnicodeWriter *w)
{
    w->maxchar = PyUnicode_MAX_CHAR_VALUE(w->buffer);
    w->data = PyUnicode_DATA(w->buffer);
    if (!w->readonly) {
        w->kind = PyUnicode_KIND(w->buffer);
        w->size = PyUnicode_GET_LENGTH(w->buffer);
    } else {
        w->kind = PyUnicode_WCHAR_KIND;
        w->size = 0;
    }
}

/* Makes s what an empty writer has written. */
static void share_steal(_PyUnicodeWriter *w, PyObject *s)
{
    w->readonly = WRITER_SHARED;
    w->buffer = s;
    refresh(w);
    w->pos = PyUnicode_GET_LENGTH(s);
}

void _PyUnicodeWriter_Init(_PyUnicodeWriter *w)
{
    memset(w, 0, sizeof(*w));
    w->min_char = 127;
    w->kind = PyUnicode_WCHAR_KIND;
}

/* Makes room for length more characters up to maxchar. 0 or -1. */
int _PyUnicodeWriter_PrepareInternal(_PyUnicodeWriter *w, Py_ssize_t length, Py_UCS4 maxchar)
{
    if (length > PY_SSIZE_T_MAX - w->pos) {
        PyErr_NoMemory();
        return -1;
    }
    Py_ssize_t need = w->pos + length;
    maxchar = Py_MAX(maxchar, w->min_char);
    if (w->buffer == NULL) {
        if (w->overallocate && need <= PY_SSIZE_T_MAX - need / 4)
            need += need / 4;
        need = Py_MAX(need, w->min_length);
        w->buffer = PyUnicode_New(need, maxchar);
        if (w->buffer == NULL)
            return -1;
    } else if (need > w->size || w->readonly || maxchar > w->maxchar) {
        if (need > w->size && !(w->readonly && need <= PyUnicode_GET_LENGTH(w->buffer))) {
            if (w->overallocate && need <= PY_SSIZE_T_MAX - need / 4)
                need += need / 4;
            need = Py_MAX(need, w->min_length);
        } else {
            need = Py_MAX(need, w->size);
        }
        if (!w->readonly && maxchar <= w->maxchar) {
            if (str_resize_compact(&w->buffer, need) < 0)
                return -1;
        } else {
            PyObject *wide = PyUnicode_New(need, Py_MAX(maxchar, w->maxchar));
            if (wide == NULL)
                return -1;
            _PyUnicode_FastCopyCharacters(wide, 0, w->buffer, 0, w->pos);
            Py_SETREF(w->buffer, wide);
            w->readonly = 0;
        }
    }
    refresh(w);
    return 0;
}

/* Makes the buffer at least as wide as a kind. 0 or -1. */
int _PyUnicodeWriter_PrepareKindInternal(_PyUnicodeWriter *w, enum PyUnicode_Kind kind)
{
    Py_UCS4 max = kind == PyUnicode_1BYTE_KIND ? 0xff : kind == PyUnicode_2BYTE_KIND ? 0xffff : STR_MAX_CODE;
    return _PyUnicodeWriter_PrepareInternal(w, 0, max);
}

int _PyUnicodeWriter_WriteChar(_PyUnicodeWriter *w, Py_UCS4 ch)
{
    if (_PyUnicodeWriter_Prepare(w, 1, ch) < 0)
        return -1;
    PyUnicode_WRITE(w->kind, w->data, w->pos, ch);
    w->pos++;
    return 0;
}

int _PyUnicodeWriter_WriteStr(_PyUnicodeWriter *w, PyObject *s)
{
    if (PyUnicode_READY(s) < 0)
        return -1;
    Py_ssize_t n = PyUnicode_GET_LENGTH(s);
    if (n == 0)
        return 0;
    Py_UCS4 max = PyUnicode_MAX_CHAR_VALUE(s);
    if (w->pos == 0 && !w->overallocate && (w->buffer == NULL || w->readonly == WRITER_SCRATCH)) {
        share_steal(w, Py_NewRef(s));
        return 0;
    }
    if (max <= 0x7f)
        return writer_put_ascii(w, PyUnicode_DATA(s), n);
    if (_PyUnicodeWriter_Prepare(w, n, max) < 0)
        return -1;
    str_copy_chars(w->kind, (char *)w->data + w->pos * w->kind, PyUnicode_KIND(s), PyUnicode_DATA(s), n);
    w->pos += n;
    return 0;
}

int _PyUnicodeWriter_WriteSubstring(_PyUnicodeWriter *w, PyObject *s, Py_ssize_t start, Py_ssize_t end)
{
    if (PyUnicode_READY(s) < 0)
        return -1;
    if (end <= start)
        return 0;
    if (start == 0 && end == PyUnicode_GET_LENGTH(s))
        return _PyUnicodeWriter_WriteStr(w, s);
    Py_ssize_t n = end - start;
    Py_UCS4 max = PyUnicode_MAX_CHAR_VALUE(s);
    if (max > w->maxchar)
        max = _PyUnicode_FindMaxChar(s, start, end);
    if (_PyUnicodeWriter_Prepare(w, n, max) < 0)
        return -1;
    int kind = PyUnicode_KIND(s);
    str_copy_chars(w->kind, (char *)w->data + w->pos * w->kind, kind, (char *)PyUnicode_DATA(s) + start * kind, n);
    w->pos += n;
    return 0;
}

static int write_bytes(_PyUnicodeWriter *w, const char *text, Py_ssize_t n, Py_UCS4 max)
{
    if (w->buffer == NULL && !w->overallocate) {
        PyObject *s = str_from_view((StrView){PyUnicode_1BYTE_KIND, n, text}, max);
        if (s == NULL)
            return -1;
        share_steal(w, s);
        return 0;
    }
    if (_PyUnicodeWriter_Prepare(w, n, max) < 0)
        return -1;
    if (n > 0)
        str_copy_chars(w->kind, (char *)w->data + w->pos * w->kind, PyUnicode_1BYTE_KIND, text, n);
    w->pos += n;
    return 0;
}

int _PyUnicodeWriter_WriteASCIIString(_PyUnicodeWriter *w, const char *text, Py_ssize_t n)
{
    return write_bytes(w, text, n == -1 ? (Py_ssize_t)strlen(text) : n, 0x7f);
}

int _PyUnicodeWriter_WriteLatin1String(_PyUnicodeWriter *w, const char *text, Py_ssize_t n)
{
    return write_bytes(w, text, n, str_bytes_are_ascii(text, n) ? 0x7f : 0xff);
}

/* The finished str (new reference); the writer is empty afterwards. NULL with an exception. */
PyObject *_PyUnicodeWriter_Finish(_PyUnicodeWriter *w)
{
    PyObject *s = w->buffer;
    w->buffer = NULL;
    if (w->pos == 0) {
        Py_XDECREF(s);
        return str_empty();
    }
    if (w->readonly)
        return w->readonly == WRITER_SCRATCH ? str_copy_ascii(w->data, w->pos) : s;
    if (PyUnicode_GET_LENGTH(s) != w->pos && str_resize_compact(&s, w->pos) < 0) {
        Py_DECREF(s);
        return NULL;
    }
    return str_share_steal(s);
}

void _PyUnicodeWriter_Dealloc(_PyUnicodeWriter *w)
{
    Py_CLEAR(w->buffer);
}
