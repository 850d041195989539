/* Py_BuildValue and its family: objects from C values (the manual: c-api/arg, "Building values"). */
#include <Python.h>
#include <stdbool.h>
#include <string.h>

#include "base/attributes.h"
#include "internal/krait_exports.h"
#include "objects/tuple.h"

typedef struct {
    const char *format;         /* what is left of it */
    va_list args;
    bool size_t_clean;          /* '#' takes a Py_ssize_t */
} Builder;

static PyObject *build_item(Builder *b);

/* How many letters a format begins with, each of which is a unit of its own. */
static Py_ssize_t count_letters(const char *format)
{
    Py_ssize_t count = 0;
    while (Py_ISALPHA(format[count])) count++;
    return count;
}

/* Units up to the closing bracket (or the end, for 0). -1 with SystemError set. */
static Py_ssize_t count_units(const char *format, char close)
{
    Py_ssize_t count = count_letters(format);
    format += count;
    if (LIKELY(*format == close)) return count;
    int level = 0;
    for (; level > 0 || *format != close; format++) {
        switch (*format) {
        case '\0':
            PyErr_SetString(PyExc_SystemError, "unmatched paren in format");
            return -1;
        case '(': case '[': case '{':
            if (level++ == 0) count++;
            break;
        case ')': case ']': case '}':
            level--;
            break;
        case '#': case '&': case ',': case ':': case ' ': case '\t':
            break;
        default:
            if (level == 0) count++;
        }
    }
    return count;
}

/* ---- Compounds ------------------------------------------------------------------------------------------------------ */

/* Builds the remaining units of a compound that has failed, so that objects passed with 'N' are released. */
static void skip_items(Builder *b, Py_ssize_t count)
{
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    for (Py_ssize_t i = 0; i < count; i++) {
        PyObject *o = build_item(b);
        if (!o) PyErr_Clear();
        Py_XDECREF(o);
    }
    PyErr_Restore(type, value, traceback);
}

static bool close_bracket(Builder *b, char close)
{
    if (*b->format != close) {
        PyErr_SetString(PyExc_SystemError, "Unmatched paren in format");
        return false;
    }
    if (close) b->format++;
    return true;
}

static PyObject *build_sequence(Builder *b, char close, bool list)
{
    Py_ssize_t count = count_units(b->format, close);
    if (count < 0) return NULL;
    PyObject *sequence = list ? PyList_New(count) : PyTuple_New(count);
    if (!sequence) {
        skip_items(b, count);
        return NULL;
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        PyObject *o = build_item(b);
        if (!o) {
            skip_items(b, count - i - 1);
            Py_DECREF(sequence);
            return NULL;
        }
        if (list) PyList_SET_ITEM(sequence, i, o);
        else PyTuple_SET_ITEM(sequence, i, o);
    }
    if (!close_bracket(b, close)) Py_CLEAR(sequence);
    return sequence;
}

static PyObject *build_dict(Builder *b)
{
    Py_ssize_t count = count_units(b->format, '}');
    if (count < 0) return NULL;
    if (count % 2) {
        PyErr_SetString(PyExc_SystemError, "Bad dict format");
        skip_items(b, count);
        return NULL;
    }
    PyObject *dict = PyDict_New();
    for (Py_ssize_t i = 0; i < count; i += 2) {
        PyObject *key = build_item(b);
        if (!key) {
            skip_items(b, count - i - 1);
            Py_XDECREF(dict);
            return NULL;
        }
        PyObject *value = build_item(b);
        int failed = value && dict ? PyDict_SetItem(dict, key, value) : -1;
        Py_DECREF(key);
        Py_XDECREF(value);
        if (failed) {
            skip_items(b, count - i - 2);
            Py_XDECREF(dict);
            return NULL;
        }
    }
    if (dict && !close_bracket(b, '}')) Py_CLEAR(dict);
    return dict;
}

/* ---- Simple units --------------------------------------------------------------------------------------------------- */

/* The length behind a '#', -1 if there is none. False with an error set where PY_SSIZE_T_CLEAN is missing. */
static bool read_length(Builder *b, Py_ssize_t *length)
{
    *length = -1;
    if (*b->format != '#') return true;
    b->format++;
    if (!b->size_t_clean) {
        (void)va_arg(b->args, int);     /* what such callers pass */
        PyErr_SetString(PyExc_SystemError, "PY_SSIZE_T_CLEAN macro must be defined for '#' formats");
        return false;
    }
    *length = va_arg(b->args, Py_ssize_t);
    return true;
}

static PyObject *too_long(void)
{
    PyErr_SetString(PyExc_OverflowError, "Python string too long");
    return NULL;
}

static PyObject *build_text(Builder *b, char unit)
{
    Py_ssize_t length;
    if (unit == 'u') {
        const wchar_t *text = va_arg(b->args, const wchar_t *);
        if (!read_length(b, &length)) return NULL;
        return text ? PyUnicode_FromWideChar(text, length) : Py_NewRef(Py_None);
    }
    const char *text = va_arg(b->args, const char *);
    if (!read_length(b, &length)) return NULL;
    if (!text) return Py_NewRef(Py_None);
    if (length < 0) {
        size_t n = strlen(text);
        if (n > PY_SSIZE_T_MAX) return too_long();
        length = (Py_ssize_t)n;
    }
    return unit == 'y' ? PyBytes_FromStringAndSize(text, length) : PyUnicode_FromStringAndSize(text, length);
}

static PyObject *build_object(Builder *b, char unit)
{
    if (*b->format == '&') {
        typedef PyObject *(*Converter)(void *);
        b->format++;
        Converter converter = va_arg(b->args, Converter);
        return converter(va_arg(b->args, void *));
    }
    PyObject *o = va_arg(b->args, PyObject *);
    if (!o) {
        if (!PyErr_Occurred()) PyErr_SetString(PyExc_SystemError, "NULL object passed to Py_BuildValue");
        return NULL;
    }
    if (unit != 'N') Py_INCREF(o);
    return o;
}

static PyObject *build_item(Builder *b)
{
    for (;;) {
        char unit = *b->format++;
        switch (unit) {
        case '(': return build_sequence(b, ')', false);
        case '[': return build_sequence(b, ']', true);
        case '{': return build_dict(b);
        case 'b': case 'B': case 'h': case 'i': return PyLong_FromLong(va_arg(b->args, int));
        case 'H': return PyLong_FromLong((unsigned short)va_arg(b->args, int));
        case 'I': return PyLong_FromUnsignedLong(va_arg(b->args, unsigned int));
        case 'n': return PyLong_FromSsize_t(va_arg(b->args, Py_ssize_t));
        case 'l': return PyLong_FromLong(va_arg(b->args, long));
        case 'k': return PyLong_FromUnsignedLong(va_arg(b->args, unsigned long));
        case 'L': return PyLong_FromLongLong(va_arg(b->args, long long));
        case 'K': return PyLong_FromUnsignedLongLong(va_arg(b->args, unsigned long long));
        case 'f': case 'd': return PyFloat_FromDouble(va_arg(b->args, double));
        case 'D': return PyComplex_FromCComplex(*va_arg(b->args, Py_complex *));
        case 'c': {
            char c = (char)va_arg(b->args, int);
            return PyBytes_FromStringAndSize(&c, 1);
        }
        case 'C': return PyUnicode_FromOrdinal(va_arg(b->args, int));
        case 's': case 'z': case 'U': case 'y': case 'u': return build_text(b, unit);
        case 'N': case 'S': case 'O': return build_object(b, unit);
        case ':': case ',': case ' ': case '\t': break;
        default:
            PyErr_SetString(PyExc_SystemError, "bad format char passed to Py_BuildValue");
            return NULL;
        }
    }
}

/* ---- The names ------------------------------------------------------------------------------------------------------- */

static PyObject *build(const char *format, va_list va, bool size_t_clean)
{
    Builder b = {.format = format, .size_t_clean = size_t_clean};
    Py_ssize_t count;
    if (*format == '(') {       /* mostly one tuple of plain units, which it counts itself */
        const char *after = format + 1 + count_letters(format + 1);
        count = after[0] == ')' && after[1] == '\0' ? 1 : count_units(format, '\0');
    }
    else count = count_units(format, '\0');
    if (count < 0) return NULL;
    if (count == 0) return Py_NewRef(Py_None);
    va_copy(b.args, va);
    PyObject *result = count == 1 ? build_item(&b) : build_sequence(&b, '\0', false);
    va_end(b.args);
    return result;
}

PyObject *Py_VaBuildValue(const char *format, va_list va) { return build(format, va, false); }
PyObject *_Py_VaBuildValue_SizeT(const char *format, va_list va) { return build(format, va, true); }

PyObject *Py_BuildValue(const char *format, ...)
{
    va_list va;
    va_start(va, format);
    PyObject *result = build(format, va, false);
    va_end(va);
    return result;
}

PyObject *_Py_BuildValue_SizeT(const char *format, ...)
{
    va_list va;
    va_start(va, format);
    PyObject *result = build(format, va, true);
    va_end(va);
    return result;
}

/* The values as an array of new references, in `small` if they fit, else one to be freed with PyMem_Free. NULL with an exception
 * set. */
static PyObject **build_stack(PyObject **small, Py_ssize_t small_count, const char *format, va_list va, bool size_t_clean,
                              Py_ssize_t *nargs)
{
    Py_ssize_t count = count_units(format, '\0');
    if (count < 0) return NULL;
    PyObject **stack = count <= small_count ? small : PyMem_New(PyObject *, count);
    *nargs = 0;
    if (!stack) {
        PyErr_NoMemory();
        return NULL;
    }
    Builder b = {.format = format, .size_t_clean = size_t_clean};
    va_copy(b.args, va);
    for (Py_ssize_t i = 0; i < count; i++) {
        stack[i] = build_item(&b);
        if (stack[i]) continue;
        skip_items(&b, count - i - 1);
        while (i-- > 0) Py_DECREF(stack[i]);
        if (stack != small) PyMem_Free(stack);
        stack = NULL;
        break;
    }
    va_end(b.args);
    if (stack) *nargs = count;
    return stack;
}

PyObject **_Py_VaBuildStack(PyObject **small, Py_ssize_t small_count, const char *format, va_list va, Py_ssize_t *nargs)
{
    return build_stack(small, small_count, format, va, false, nargs);
}

PyObject **_Py_VaBuildStack_SizeT(PyObject **small, Py_ssize_t small_count, const char *format, va_list va, Py_ssize_t *nargs)
{
    return build_stack(small, small_count, format, va, true, nargs);
}
