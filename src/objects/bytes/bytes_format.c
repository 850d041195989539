/* Formatting of bytes: the % operator, and PyBytes_FromFormat. */
#include "objects/bytes/bytes.h"
#include "objects/int/int.h"
#include "objects/names.h"
#include "objects/str/percent.h"
#include <ctype.h>

typedef struct {
    _PyBytesWriter *writer;
    char *to;
} Out;

static inline int append(Out *out, const char *text, Py_ssize_t n)
{
    char *to = _PyBytesWriter_Prepare(out->writer, out->to, n);
    if (to == NULL)
        return -1;
    if (text != NULL)
        memcpy(to, text, (size_t)n);
    else
        memset(to, ' ', (size_t)n);
    out->to = to + n;
    return 0;
}

static int append_padded(Out *out, const char *text, Py_ssize_t n, const PercentSpec *spec)
{
    if (spec->precision >= 0)
        n = Py_MIN(n, spec->precision);
    Py_ssize_t room = Py_MAX(spec->width - n, 0);
    bool left = spec->flags & PERCENT_LEFT;
    if (n == 0 && room == 0)
        return 0;
    if (!left && room > 0 && append(out, NULL, room) < 0)
        return -1;
    if (append(out, text, n) < 0)
        return -1;
    return left && room > 0 ? append(out, NULL, room) : 0;
}

/* %c: a byte. */
static int one_byte(PyObject *value, char *byte)
{
    if (PyBytes_Check(value) && PyBytes_GET_SIZE(value) == 1) {
        *byte = PyBytes_AS_STRING(value)[0];
        return 0;
    }
    if (PyByteArray_Check(value) && PyByteArray_GET_SIZE(value) == 1) {
        *byte = PyByteArray_AS_STRING(value)[0];
        return 0;
    }
    int overflow;
    long number = PyLong_AsLongAndOverflow(value, &overflow);
    if (number == -1 && PyErr_Occurred()) {
        if (PyErr_ExceptionMatches(PyExc_TypeError))
            PyErr_SetString(PyExc_TypeError, "%c requires an integer in range(256) or a single byte");
        return -1;
    }
    if (overflow || number < 0 || number > 255) {
        PyErr_SetString(PyExc_OverflowError, "%c arg not in range(256)");
        return -1;
    }
    *byte = (char)number;
    return 0;
}

/* %b, %s: what __bytes__ gives, or a buffer. */
static int append_bytes(Out *out, PyObject *value, const PercentSpec *spec)
{
    PyObject *made = NULL;
    Py_buffer view;
    if (PyBytes_CheckExact(value))
        return append_padded(out, PyBytes_AS_STRING(value), PyBytes_GET_SIZE(value), spec);
    if (!PyBytes_Check(value) && !PyByteArray_Check(value)) {
        PyObject *special = _PyType_Lookup(Py_TYPE(value), NAME(__bytes__));
        if (special != NULL) {
            descrgetfunc get = Py_TYPE(special)->tp_descr_get;
            special = get != NULL ? get(special, value, (PyObject *)Py_TYPE(value)) : Py_NewRef(special);
            made = special == NULL ? NULL : PyObject_CallNoArgs(special);
            Py_XDECREF(special);
            if (made == NULL)
                return -1;
            if (!PyBytes_Check(made)) {
                PyErr_Format(PyExc_TypeError, "__bytes__ returned non-bytes (type %.200s)", Py_TYPE(made)->tp_name);
                Py_DECREF(made);
                return -1;
            }
            value = made;
        } else if (!PyObject_CheckBuffer(value)) {
            PyErr_Format(PyExc_TypeError,
                         "%%b requires a bytes-like object, or an object that implements __bytes__, not '%.100s'",
                         Py_TYPE(value)->tp_name);
            return -1;
        }
    }
    int r = bytes_buffer_get(value, &view);
    if (r == 0) {
        r = append_padded(out, view.buf, view.len, spec);
        bytes_buffer_release(&view);
    }
    Py_XDECREF(made);
    return r;
}

static int append_number(Out *out, PyObject *value, const PercentSpec *spec)
{
    _PyUnicodeWriter w;
    int64_t number;
    bool plain = spec->flags == 0 && spec->width == -1 && spec->precision == -1 && (spec->code == 'd' || spec->code == 'i');
    if (plain && PyLong_CheckExact(value) && int_fits_two_digits(value, &number)) {
        char digits[INT_WORD_TEXT], *end = digits + sizeof(digits), *start = int_put_text(end, number);
        return append(out, start, end - start);
    }
    _PyUnicodeWriter_Init(&w);
    if (percent_write_number(&w, spec, value, true) < 0) {
        _PyUnicodeWriter_Dealloc(&w);
        return -1;
    }
    PyObject *text = _PyUnicodeWriter_Finish(&w);
    int r = text == NULL ? -1 : append(out, PyUnicode_DATA(text), PyUnicode_GET_LENGTH(text));
    Py_XDECREF(text);
    return r;
}

static int convert(Out *out, Percent *p)
{
    PercentSpec spec;
    PyObject *value;
    char byte;
    if (percent_parse(p, &spec) < 0)
        return -1;
    if ((value = percent_next(p)) == NULL)
        return -1;
    if (percent_is_number(spec.code))
        return append_number(out, value, &spec);
    switch (spec.code) {
    case 'r':
    case 'a': {
        PyObject *text = PyObject_ASCII(value);
        if (text == NULL)
            return -1;
        int r = append_padded(out, PyUnicode_DATA(text), PyUnicode_GET_LENGTH(text), &spec);
        Py_DECREF(text);
        return r;
    }
    case 's':
    case 'b':
        return append_bytes(out, value, &spec);
    case 'c':
        spec.precision = -1;
        return one_byte(value, &byte) < 0 ? -1 : append_padded(out, &byte, 1, &spec);
    default:
        percent_bad_code(p, &spec);
        return -1;
    }
}

/* Place of the next '%' from i on, or the length; what is near is found without a call. */
static Py_ssize_t next_percent(const char *format, Py_ssize_t i, Py_ssize_t length)
{
    for (Py_ssize_t near = Py_MIN(i + 12, length); i < near; i++)
        if (format[i] == '%')
            return i;
    const char *hit = i < length ? memchr(format + i, '%', (size_t)(length - i)) : NULL;
    return hit == NULL ? length : hit - format;
}

/* New bytes, or bytearray: format % args. */
PyObject *_PyBytes_FormatEx(const char *format, Py_ssize_t length, PyObject *args, int use_bytearray)
{
    Percent p;
    _PyBytesWriter w;
    if (args == NULL) {
        PyErr_BadInternalCall();
        return NULL;
    }
    percent_init(&p, (StrView){PyUnicode_1BYTE_KIND, length, format}, args, true);
    _PyBytesWriter_Init(&w);
    w.use_bytearray = use_bytearray;
    Out out = {&w, _PyBytesWriter_Alloc(&w, 0)};
    if (out.to == NULL)
        return NULL;
    w.overallocate = !use_bytearray;
    while (p.at < length) {
        Py_ssize_t stop = next_percent(format, p.at, length);
        if (stop > p.at && append(&out, format + p.at, stop - p.at) < 0)
            goto error;
        p.at = stop + 1;
        if (stop == length)
            break;
        if (p.at < length && format[p.at] == '%') {
            p.at++;
            if (append(&out, "%", 1) < 0)
                goto error;
        } else if (convert(&out, &p) < 0) {
            goto error;
        }
    }
    if (percent_check_all_used(&p) < 0)
        goto error;
    percent_release(&p);
    return _PyBytesWriter_Finish(&w, out.to);

error:
    percent_release(&p);
    _PyBytesWriter_Dealloc(&w);
    return NULL;
}

BYTES_ONE(mod)
{
    if (PyBytes_CheckExact(self))
        return _PyBytes_FormatEx(PyBytes_AS_STRING(self), PyBytes_GET_SIZE(self), arg, 0);
    if (!PyBytes_Check(self) && !PyByteArray_Check(self))
        Py_RETURN_NOTIMPLEMENTED;
    Py_buffer view;
    if (PyObject_GetBuffer(self, &view, PyBUF_SIMPLE) < 0)
        return NULL;
    PyObject *result = _PyBytes_FormatEx(view.buf, view.len, arg, PyByteArray_Check(self));
    PyBuffer_Release(&view);
    return result;
}

/* --- PyBytes_FromFormat --- */

/* Formats one C unit into `out`; f is behind the '%'. Returns behind the unit, NULL on error, f itself if unknown. */
static const char *format_unit(Out *out, const char *f, va_list *args)
{
    const char *start = f;
    char number[32];
    int precision = 0, r;
    while (isdigit((unsigned char)*f))  /* a width is read and not used */
        f++;
    if (*f == '.') {
        for (f++; isdigit((unsigned char)*f); f++)
            precision = precision * 10 + (*f - '0');
    }
    while (*f && *f != '%' && !isalpha((unsigned char)*f))
        f++;
    bool is_long = false, is_size = false;
    if (*f == 'l' && (f[1] == 'd' || f[1] == 'u')) {
        is_long = true;
        f++;
    } else if (*f == 'z' && (f[1] == 'd' || f[1] == 'u')) {
        is_size = true;
        f++;
    }
    switch (*f) {
    case 'c': {
        int c = va_arg(*args, int);
        if (c < 0 || c > 255) {
            PyErr_SetString(PyExc_OverflowError, "PyBytes_FromFormatV(): %c format expects an integer in range [0; 255]");
            return NULL;
        }
        number[0] = (char)c;
        return append(out, number, 1) < 0 ? NULL : f + 1;
    }
    case 'd':
        r = is_long   ? snprintf(number, sizeof(number), "%ld", va_arg(*args, long))
            : is_size ? snprintf(number, sizeof(number), "%zd", va_arg(*args, Py_ssize_t))
                      : snprintf(number, sizeof(number), "%d", va_arg(*args, int));
        break;
    case 'u':
        r = is_long   ? snprintf(number, sizeof(number), "%lu", va_arg(*args, unsigned long))
            : is_size ? snprintf(number, sizeof(number), "%zu", va_arg(*args, size_t))
                      : snprintf(number, sizeof(number), "%u", va_arg(*args, unsigned int));
        break;
    case 'i':
        r = snprintf(number, sizeof(number), "%i", va_arg(*args, int));
        break;
    case 'x':
        r = snprintf(number, sizeof(number), "%x", va_arg(*args, int));
        break;
    case 'p':
        r = snprintf(number, sizeof(number), "0x%lx", (unsigned long)(uintptr_t)va_arg(*args, void *));
        break;
    case 's': {
        const char *text = va_arg(*args, const char *);
        size_t n = precision > 0 ? strnlen(text, (size_t)precision) : strlen(text);
        return append(out, text, (Py_ssize_t)n) < 0 ? NULL : f + 1;
    }
    case '%':
        return append(out, "%", 1) < 0 ? NULL : f + 1;
    default:
        return start;
    }
    return append(out, number, r) < 0 ? NULL : f + 1;
}

/* New bytes from a printf-like format (manual: PyBytes_FromFormat). */
PyObject *PyBytes_FromFormatV(const char *format, va_list vargs)
{
    _PyBytesWriter w;
    va_list args;
    _PyBytesWriter_Init(&w);
    Out out = {&w, _PyBytesWriter_Alloc(&w, 0)};
    if (out.to == NULL)
        return NULL;
    w.overallocate = 1;
    va_copy(args, vargs);
    for (const char *f = format; *f;) {
        const char *stop = strchrnul(f, '%');
        if (append(&out, f, stop - f) < 0)
            goto error;
        f = stop;
        if (*f == '\0')
            break;
        const char *next = format_unit(&out, f + 1, &args);
        if (next == NULL)
            goto error;
        if (next == f + 1) {            /* an unknown unit: the rest stands as it is */
            if (append(&out, f, (Py_ssize_t)strlen(f)) < 0)
                goto error;
            break;
        }
        f = next;
    }
    va_end(args);
    return _PyBytesWriter_Finish(&w, out.to);

error:
    va_end(args);
    _PyBytesWriter_Dealloc(&w);
    return NULL;
}

PyObject *PyBytes_FromFormat(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    PyObject *b = PyBytes_FromFormatV(format, args);
    va_end(args);
    return b;
}
