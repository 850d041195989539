/* format % args for str. */
#include "objects/str/percent.h"
#include "objects/str/search.h"
#include "objects/str/writer.h"

static int write_padded(_PyUnicodeWriter *w, PyObject *text, const PercentSpec *spec)
{
    if (PyUnicode_READY(text) < 0)
        return -1;
    Py_ssize_t n = PyUnicode_GET_LENGTH(text);
    if (spec->precision >= 0)
        n = Py_MIN(n, spec->precision);
    Py_ssize_t room = spec->width - n;
    if (room <= 0)
        return _PyUnicodeWriter_WriteSubstring(w, text, 0, n);
    if (room > PY_SSIZE_T_MAX - n || _PyUnicodeWriter_Prepare(w, room + n, _PyUnicode_FindMaxChar(text, 0, n)) < 0)
        return -1;
    char *to = (char *)w->data + w->pos * w->kind;
    bool left = spec->flags & PERCENT_LEFT;
    str_copy_chars(w->kind, left ? to : to + room * w->kind, PyUnicode_KIND(text), PyUnicode_DATA(text), n);
    str_fill_chars(w->kind, left ? to + n * w->kind : to, ' ', room);
    w->pos += room + n;
    return 0;
}

/* %c: the character of an int, or a str of one character. */
static PyObject *character(PyObject *value)
{
    if (PyUnicode_Check(value) && PyUnicode_READY(value) == 0 && PyUnicode_GET_LENGTH(value) == 1)
        return Py_NewRef(value);
    if (PyUnicode_Check(value) || !PyIndex_Check(value))
        goto wrong;
    PyObject *index = PyNumber_Index(value);
    if (index == NULL) {
        if (PyErr_ExceptionMatches(PyExc_TypeError))
            goto wrong;
        return NULL;
    }
    long ch = PyLong_AsLong(index);
    Py_DECREF(index);
    if (ch == -1 && PyErr_Occurred() && !PyErr_ExceptionMatches(PyExc_OverflowError))
        return NULL;
    if (ch < 0 || ch > (long)STR_MAX_CODE) {
        PyErr_SetString(PyExc_OverflowError, "%c arg not in range(0x110000)");
        return NULL;
    }
    return str_from_char((Py_UCS4)ch);

wrong:
    PyErr_SetString(PyExc_TypeError, "%c requires int or char");
    return NULL;
}

/* One conversion behind a '%'. */
static int convert(_PyUnicodeWriter *w, Percent *p)
{
    PercentSpec spec;
    PyObject *value, *text;
    if (percent_parse(p, &spec) < 0 || (value = percent_next(p)) == NULL)
        return -1;
    if (p->at == p->format.length)
        w->overallocate = 0;
    if (percent_is_number(spec.code))
        return percent_write_number(w, &spec, value, false);
    switch (spec.code) {
    case 's':
        if (PyLong_CheckExact(value) && spec.width == -1 && spec.precision == -1) {
            spec.code = 'd';
            spec.flags = 0;
            return percent_write_number(w, &spec, value, false);
        }
        text = PyUnicode_CheckExact(value) ? Py_NewRef(value) : PyObject_Str(value);
        break;
    case 'r':
        text = PyObject_Repr(value);
        break;
    case 'a':
        text = PyObject_ASCII(value);
        break;
    case 'c':
        text = character(value);
        spec.precision = -1;
        break;
    default:
        percent_bad_code(p, &spec);
        return -1;
    }
    if (text == NULL)
        return -1;
    int r = spec.width == -1 && spec.precision == -1 ? _PyUnicodeWriter_WriteStr(w, text) : write_padded(w, text, &spec);
    Py_DECREF(text);
    return r;
}

/* Place of the next '%' from i on, or the length; what is near is found without a call. */
static inline Py_ssize_t next_percent(StrView f, Py_ssize_t i)
{
    if (f.kind == PyUnicode_1BYTE_KIND) {
        const Py_UCS1 *text = f.data;
        for (Py_ssize_t near = Py_MIN(i + 12, f.length); i < near; i++)
            if (text[i] == '%')
                return i;
    }
    Py_ssize_t gap = search_find_char(view_part(f, i, f.length), '%');
    return gap < 0 ? f.length : i + gap;
}

/* format % text where the format has just one conversion, %s, and both are ASCII. *done: whether it was so. */
static PyObject *insert_text(PyObject *format, PyObject *text, bool *done)
{
    StrView f = str_view(format);
    const char *from = f.data;
    Py_ssize_t at = next_percent(f, 0), n = PyUnicode_GET_LENGTH(text), rest = f.length - at - 2;
    *done = rest >= 0 && from[at + 1] == 's' && next_percent(f, at + 2) == f.length && (f.length == 2 || at + n + rest > 1);
    if (!*done)
        return NULL;
    if (f.length == 2)
        return Py_NewRef(text);
    if (n > PY_SSIZE_T_MAX / 2 - f.length)
        return PyErr_NoMemory();
    PyObject *result = str_new_ascii(f.length - 2 + n);
    if (result == NULL)
        return NULL;
    char *to = PyUnicode_DATA(result);
    str_copy_short(to, from, (size_t)at);
    str_copy_short(to + at, PyUnicode_DATA(text), (size_t)n);
    str_copy_short(to + at + n, from + at + 2, (size_t)rest);
    return result;
}

/* New str: format % args. */
PyObject *PyUnicode_Format(PyObject *format, PyObject *args)
{
    Percent p;
    WriterScratch scratch;
    _PyUnicodeWriter w;
    if (format == NULL || args == NULL) {
        PyErr_BadInternalCall();
        return NULL;
    }
    if (str_require(format) < 0)
        return NULL;
    if (PyUnicode_CheckExact(args) && PyUnicode_IS_COMPACT_ASCII(args) && PyUnicode_IS_COMPACT_ASCII(format)) {
        bool done;
        PyObject *result = insert_text(format, args, &done);
        if (done)
            return result;
    }
    StrView f = str_view(format);
    percent_init(&p, f, args, false);
    writer_init_scratch(&w, &scratch);
    w.min_length = f.length + 100;
    w.overallocate = 1;
    while (p.at < f.length) {
        Py_ssize_t stop = next_percent(f, p.at);
        if (stop > p.at) {
            if (stop == f.length)
                w.overallocate = 0;
            if (_PyUnicodeWriter_WriteSubstring(&w, format, p.at, stop) < 0)
                goto error;
        }
        p.at = stop + 1;
        if (stop == f.length)
            break;
        if (p.at < f.length && PyUnicode_READ(f.kind, f.data, p.at) == '%') {
            p.at++;
            if (_PyUnicodeWriter_WriteChar(&w, '%') < 0)
                goto error;
        } else if (convert(&w, &p) < 0) {
            goto error;
        }
    }
    if (percent_check_all_used(&p) < 0)
        goto error;
    percent_release(&p);
    return _PyUnicodeWriter_Finish(&w);

error:
    percent_release(&p);
    _PyUnicodeWriter_Dealloc(&w);
    return NULL;
}
