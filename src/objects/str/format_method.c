/* str.format, str.format_map and str.__format__. */
#include "objects/format_spec.h"
#include "objects/str/format_string.h"
#include "objects/str/str_internal.h"
#include "objects/str/writer.h"
#include <internal/krait_exports.h>

int _PyComplex_FormatAdvancedWriter(_PyUnicodeWriter *writer, PyObject *obj, PyObject *spec, Py_ssize_t start,
                                    Py_ssize_t end);

/* --- one str by a format specification --- */

static int write_fill(_PyUnicodeWriter *w, Py_UCS4 ch, Py_ssize_t n)
{
    str_fill_chars(w->kind, (char *)w->data + w->pos * w->kind, ch, n);
    w->pos += n;
    return 0;
}

static int format_str(_PyUnicodeWriter *w, PyObject *s, const struct FormatSpec *spec)
{
    if (spec->sign != 0)
        return PyErr_SetString(PyExc_ValueError, spec->sign == ' '
                                                     ? "Space not allowed in string format specifier"
                                                     : "Sign not allowed in string format specifier"), -1;
    if (spec->no_negative_zero)
        return PyErr_SetString(PyExc_ValueError, "Negative zero coercion (z) not allowed in string format specifier"), -1;
    if (spec->alternate)
        return PyErr_SetString(PyExc_ValueError, "Alternate form (#) not allowed in string format specifier"), -1;
    if (spec->align == '=' && spec->align_given)
        return PyErr_SetString(PyExc_ValueError, "'=' alignment not allowed in string format specifier"), -1;
    Py_ssize_t n = PyUnicode_GET_LENGTH(s), total;
    if ((spec->width == -1 || spec->width <= n) && (spec->precision == -1 || spec->precision >= n))
        return _PyUnicodeWriter_WriteStr(w, s);
    if (spec->precision >= 0)
        n = Py_MIN(n, spec->precision);
    Py_ssize_t left = format_spec_padding(spec, n, &total);
    Py_UCS4 max = _PyUnicode_FindMaxChar(s, 0, n);
    if (total > n)
        max = Py_MAX(max, spec->fill);
    if (_PyUnicodeWriter_Prepare(w, total, max) < 0)
        return -1;
    write_fill(w, spec->fill, left);
    if (n > 0) {
        str_copy_chars(w->kind, (char *)w->data + w->pos * w->kind, PyUnicode_KIND(s), PyUnicode_DATA(s), n);
        w->pos += n;
    }
    return write_fill(w, spec->fill, total - n - left);
}

/* Appends the str obj formatted by spec[start:end]. 0 or -1. */
int _PyUnicode_FormatAdvancedWriter(_PyUnicodeWriter *w, PyObject *obj, PyObject *spec, Py_ssize_t start, Py_ssize_t end)
{
    struct FormatSpec f;
    if (PyUnicode_READY(obj) < 0)
        return -1;
    if (start == end)
        return PyUnicode_CheckExact(obj) ? _PyUnicodeWriter_WriteStr(w, obj) : ({
            PyObject *text = PyObject_Str(obj);
            int r = text == NULL ? -1 : _PyUnicodeWriter_WriteStr(w, text);
            Py_XDECREF(text);
            r;
        });
    if (format_spec_parse(obj, spec, start, end, 's', '<', &f) < 0)
        return -1;
    if (f.type != 's') {
        format_spec_unknown_type(f.type, obj);
        return -1;
    }
    return format_str(w, obj, &f);
}

STR_ONE(__format__)
{
    if (!PyUnicode_Check(arg)) {
        _PyArg_BadArgument("__format__", "argument", "str", arg);
        return NULL;
    }
    if (PyUnicode_READY(self) < 0 || PyUnicode_READY(arg) < 0)
        return NULL;
    if (PyUnicode_GET_LENGTH(arg) == 0)
        return PyUnicode_CheckExact(self) ? str_unchanged(self) : PyObject_Str(self);
    WriterScratch scratch;
    _PyUnicodeWriter w;
    writer_init_scratch(&w, &scratch);
    if (_PyUnicode_FormatAdvancedWriter(&w, self, arg, 0, PyUnicode_GET_LENGTH(arg)) < 0) {
        _PyUnicodeWriter_Dealloc(&w);
        return NULL;
    }
    return _PyUnicodeWriter_Finish(&w);
}

/* --- objects whose type is exactly a built-in one: their __format__ need not be looked up --- */

typedef int (*Formatter)(_PyUnicodeWriter *, PyObject *, PyObject *, Py_ssize_t, Py_ssize_t);

static inline Formatter builtin_formatter(PyObject *obj)
{
    return PyUnicode_CheckExact(obj)   ? _PyUnicode_FormatAdvancedWriter
           : PyLong_CheckExact(obj)    ? _PyLong_FormatAdvancedWriter
           : PyFloat_CheckExact(obj)   ? _PyFloat_FormatAdvancedWriter
           : PyComplex_CheckExact(obj) ? _PyComplex_FormatAdvancedWriter
                                       : NULL;
}

bool format_builtin(PyObject *obj, PyObject *spec, PyObject **result)
{
    Formatter formatter = builtin_formatter(obj);
    if (formatter == NULL || PyUnicode_READY(spec) < 0)
        return false;
    WriterScratch scratch;
    _PyUnicodeWriter w;
    writer_init_scratch(&w, &scratch);
    bool done = formatter(&w, obj, spec, 0, PyUnicode_GET_LENGTH(spec)) == 0;
    *result = done ? _PyUnicodeWriter_Finish(&w) : NULL;
    if (!done)
        _PyUnicodeWriter_Dealloc(&w);
    return true;
}

/* --- fields --- */

typedef struct {
    PyObject *args, *kwargs;            /* borrowed; args NULL for format_map */
    Numbering numbering;
} Arguments;

/* The object that a field names: new reference. */
static PyObject *field_object(Part name, Arguments *a)
{
    Part first, rest, text;
    Py_ssize_t index;
    bool is_attribute;
    PyObject *obj;
    if (format_name_first(name, &first, &index, &rest, &a->numbering) < 0)
        return NULL;
    if (index == -1) {
        PyObject *key = part_str(first);
        if (key == NULL)
            return NULL;
        if (a->kwargs == NULL) {
            _PyErr_SetKeyError(key);
            obj = NULL;
        } else {
            obj = PyObject_GetItem(a->kwargs, key);
        }
        Py_DECREF(key);
    } else {
        if (a->args == NULL) {
            PyErr_SetString(PyExc_ValueError, "Format string contains positional fields");
            return NULL;
        }
        obj = index < PyTuple_GET_SIZE(a->args) ? Py_NewRef(PyTuple_GET_ITEM(a->args, index)) : NULL;
        if (obj == NULL)
            PyErr_Format(PyExc_IndexError, "Replacement index %zd out of range for positional args tuple", index);
    }
    int r = 0;
    while (obj != NULL && (r = format_name_next(&rest, &is_attribute, &text, &index)) > 0) {
        PyObject *next = NULL;
        if (!is_attribute && index != -1 && PySequence_Check(obj)) {
            next = PySequence_GetItem(obj, index);
        } else {
            PyObject *key = !is_attribute && index != -1 ? PyLong_FromSsize_t(index) : part_str(text);
            if (key != NULL)
                next = is_attribute ? PyObject_GetAttr(obj, key) : PyObject_GetItem(obj, key);
            Py_XDECREF(key);
        }
        Py_SETREF(obj, next);
    }
    if (r < 0)
        Py_CLEAR(obj);
    return obj;
}

static PyObject *convert(PyObject *obj, Py_UCS4 conversion)
{
    switch (conversion) {
    case 'r':
        return PyObject_Repr(obj);
    case 's':
        return PyObject_Str(obj);
    case 'a':
        return PyObject_ASCII(obj);
    default:
        if (conversion > 32 && conversion < 127)
            PyErr_Format(PyExc_ValueError, "Unknown conversion specifier %c", (int)conversion);
        else
            PyErr_Format(PyExc_ValueError, "Unknown conversion specifier \\x%x", (unsigned)conversion);
        return NULL;
    }
}

/* Appends obj formatted by a spec. */
static int write_formatted(_PyUnicodeWriter *w, PyObject *obj, Part spec)
{
    Formatter formatter = builtin_formatter(obj);
    if (formatter != NULL)
        return spec.str == NULL ? formatter(w, obj, str_empty_borrow(), 0, 0)
                                : formatter(w, obj, spec.str, spec.start, spec.end);
    PyObject *spec_str = part_str(spec);
    PyObject *text = spec_str == NULL ? NULL : PyObject_Format(obj, spec_str);
    int r = text == NULL ? -1 : _PyUnicodeWriter_WriteStr(w, text);
    Py_XDECREF(spec_str);
    Py_XDECREF(text);
    return r;
}

static PyObject *build(Part format, Arguments *a, int depth);

static int write_field(_PyUnicodeWriter *w, const FormatPiece *piece, Arguments *a, int depth)
{
    int r = -1;
    PyObject *expanded = NULL, *obj = field_object(piece->name, a);
    if (obj == NULL)
        return -1;
    if (piece->conversion != 0) {
        Py_SETREF(obj, convert(obj, piece->conversion));
        if (obj == NULL)
            return -1;
    }
    Part spec = piece->spec;
    if (piece->spec_nested) {
        expanded = build(spec, a, depth - 1);
        if (expanded == NULL)
            goto done;
        spec = (Part){expanded, 0, PyUnicode_GET_LENGTH(expanded)};
    }
    r = write_formatted(w, obj, spec);
done:
    Py_XDECREF(expanded);
    Py_DECREF(obj);
    return r;
}

/* The format with its fields filled in: new str. */
static PyObject *build(Part format, Arguments *a, int depth)
{
    FormatMarkup m = {format};
    FormatPiece piece;
    WriterScratch scratch;
    _PyUnicodeWriter w;
    int r;
    if (depth <= 0) {
        PyErr_SetString(PyExc_ValueError, "Max string recursion exceeded");
        return NULL;
    }
    writer_init_scratch(&w, &scratch);
    w.overallocate = 1;
    w.min_length = format.end - format.start + 100;
    while ((r = format_markup_next(&m, &piece)) > 0) {
        if (!piece.has_field && m.rest.start >= m.rest.end)
            w.overallocate = 0;
        if (_PyUnicodeWriter_WriteSubstring(&w, piece.literal.str, piece.literal.start, piece.literal.end) < 0)
            goto error;
        if (!piece.has_field)
            continue;
        if (m.rest.start >= m.rest.end)
            w.overallocate = 0;
        if (write_field(&w, &piece, a, depth) < 0)
            goto error;
    }
    if (r == 0)
        return _PyUnicodeWriter_Finish(&w);
error:
    _PyUnicodeWriter_Dealloc(&w);
    return NULL;
}

PyObject *str_format_method(PyObject *self, PyObject *args, PyObject *kwargs)
{
    if (PyUnicode_READY(self) < 0)
        return NULL;
    Arguments a = {.args = args, .kwargs = kwargs};
    return build((Part){self, 0, PyUnicode_GET_LENGTH(self)}, &a, 2);
}

STR_ONE(format_map)
{
    if (PyUnicode_READY(self) < 0)
        return NULL;
    Arguments a = {.kwargs = arg};
    return build((Part){self, 0, PyUnicode_GET_LENGTH(self)}, &a, 2);
}
