#include "capi/convert.h"

#include <string.h>

/* ---- Undoing ---------------------------------------------------------------------------------------------------- */

static void undo_buffer(void *item) { PyBuffer_Release(item); }

static void undo_memory(void *item)
{
    PyMem_Free(*(void **)item);
    *(void **)item = NULL;
}

static void undo_converter(void *pair);

static int remember(Parse *p, void *item, void (*undo)(void *))
{
    if (!p->cleanups) {
        p->cleanups = p->few;
        p->cleanup_capacity = Py_ARRAY_LENGTH(p->few);
    }
    if (p->cleanup_count == p->cleanup_capacity) {
        int capacity = 2 * p->cleanup_capacity;
        Cleanup *more = PyMem_New(Cleanup, capacity);
        if (!more) {
            undo(item);
            PyErr_NoMemory();
            return -1;
        }
        memcpy(more, p->cleanups, (size_t)p->cleanup_count * sizeof *more);
        if (p->cleanups != p->few) PyMem_Free(p->cleanups);
        p->cleanups = more;
        p->cleanup_capacity = capacity;
    }
    p->cleanups[p->cleanup_count++] = (Cleanup){item, undo};
    return 0;
}

int parse_finish_cleanups(Parse *p, bool ok)
{
    for (int i = 0; i < p->cleanup_count; i++) {
        if (!ok) p->cleanups[i].undo(p->cleanups[i].item);
        else if (p->cleanups[i].undo == undo_converter) PyMem_Free(p->cleanups[i].item);
    }
    if (p->cleanups != p->few) PyMem_Free(p->cleanups);
    return ok;
}

/* ---- Complaints ------------------------------------------------------------------------------------------------- */

static const char *wrong_type(const char *expected, PyObject *arg, char *message)
{
    if (expected[0] == '(') PyOS_snprintf(message, PARSE_MESSAGE, "%.100s", expected);
    else PyOS_snprintf(message, PARSE_MESSAGE, "must be %.50s, not %.50s", expected, arg == Py_None ? "None" : Py_TYPE(arg)->tp_name);
    return message;
}

static const char failed_text[] = "(exception set)";
/* For conversions that have set an exception of their own. */
static const char *failed(void) { return failed_text; }

void convert_error(int argument, const char *complaint, const int *levels, const char *function, const char *custom)
{
    char text[PARSE_MESSAGE + 256];
    if (PyErr_Occurred()) return;
    if (!custom) {
        int n = function ? PyOS_snprintf(text, sizeof text, "%.200s() ", function) : 0;
        if (argument) {
            n += PyOS_snprintf(text + n, sizeof text - (size_t)n, "argument %d", argument);
            for (int i = 0; i < PARSE_LEVELS && levels[i] > 0 && n < 220; i++) {
                n += PyOS_snprintf(text + n, sizeof text - (size_t)n, ", item %d", levels[i] - 1);
            }
        }
        else n += PyOS_snprintf(text + n, sizeof text - (size_t)n, "argument");
        PyOS_snprintf(text + n, sizeof text - (size_t)n, " %.256s", complaint);
        custom = text;
    }
    PyErr_SetString(complaint[0] == '(' ? PyExc_SystemError : PyExc_TypeError, custom);
}

/* ---- Numbers ---------------------------------------------------------------------------------------------------- */

/* A C long in a range, for the units that check. 0 with an error set if not. */
static bool ranged_long(PyObject *arg, long low, long high, const char *what, long *result)
{
    *result = PyLong_AsLong(arg);
    if (*result == -1 && PyErr_Occurred()) return false;
    if (*result >= low && *result <= high) return true;
    PyErr_Format(PyExc_OverflowError, "%s is %s", what, *result < low ? "less than minimum" : "greater than maximum");
    return false;
}

static const char *convert_number(Parse *p, PyObject *arg, char unit, char *message)
{
    long l;
    switch (unit) {
    case 'b': {
        unsigned char *out = va_arg(p->args, unsigned char *);
        if (!ranged_long(arg, 0, UCHAR_MAX, "unsigned byte integer", &l)) return failed();
        *out = (unsigned char)l;
        return NULL;
    }
    case 'h': {
        short *out = va_arg(p->args, short *);
        if (!ranged_long(arg, SHRT_MIN, SHRT_MAX, "signed short integer", &l)) return failed();
        *out = (short)l;
        return NULL;
    }
    case 'i': {
        int *out = va_arg(p->args, int *);
        if (!ranged_long(arg, INT_MIN, INT_MAX, "signed integer", &l)) return failed();
        *out = (int)l;
        return NULL;
    }
    case 'l': {
        long *out = va_arg(p->args, long *);
        l = PyLong_AsLong(arg);
        if (l == -1 && PyErr_Occurred()) return failed();
        *out = l;
        return NULL;
    }
    case 'L': {
        long long *out = va_arg(p->args, long long *), value = PyLong_AsLongLong(arg);
        if (value == -1 && PyErr_Occurred()) return failed();
        *out = value;
        return NULL;
    }
    case 'B': case 'H': case 'I': {
        unsigned long value = PyLong_AsUnsignedLongMask(arg);
        void *out = va_arg(p->args, void *);
        if (value == (unsigned long)-1 && PyErr_Occurred()) return failed();
        if (unit == 'B') *(unsigned char *)out = (unsigned char)value;
        else if (unit == 'H') *(unsigned short *)out = (unsigned short)value;
        else *(unsigned int *)out = (unsigned int)value;
        return NULL;
    }
    case 'k': {
        unsigned long *out = va_arg(p->args, unsigned long *);
        if (!PyLong_Check(arg)) return wrong_type("int", arg, message);
        *out = PyLong_AsUnsignedLongMask(arg);
        return NULL;
    }
    case 'K': {
        unsigned long long *out = va_arg(p->args, unsigned long long *);
        if (!PyLong_Check(arg)) return wrong_type("int", arg, message);
        *out = PyLong_AsUnsignedLongLongMask(arg);
        return NULL;
    }
    case 'n': {
        Py_ssize_t *out = va_arg(p->args, Py_ssize_t *), value = -1;
        PyObject *index = PyNumber_Index(arg);
        if (index) {
            value = PyLong_AsSsize_t(index);
            Py_DECREF(index);
        }
        if (value == -1 && PyErr_Occurred()) return failed();
        *out = value;
        return NULL;
    }
    case 'f': case 'd': {
        void *out = va_arg(p->args, void *);
        double value = PyFloat_AsDouble(arg);
        if (value == -1.0 && PyErr_Occurred()) return failed();
        if (unit == 'f') *(float *)out = (float)value;
        else *(double *)out = value;
        return NULL;
    }
    default: { /* 'D' */
        Py_complex *out = va_arg(p->args, Py_complex *), value = PyComplex_AsCComplex(arg);
        if (PyErr_Occurred()) return failed();
        *out = value;
        return NULL;
    }
    }
}

/* ---- Characters ------------------------------------------------------------------------------------------------- */

static const char *convert_character(Parse *p, PyObject *arg, char unit, char *message)
{
    if (unit == 'C') {
        int *out = va_arg(p->args, int *);
        if (!PyUnicode_Check(arg) || PyUnicode_READY(arg) < 0 || PyUnicode_GET_LENGTH(arg) != 1) {
            return wrong_type("a unicode character", arg, message);
        }
        *out = (int)PyUnicode_READ_CHAR(arg, 0);
        return NULL;
    }
    char *out = va_arg(p->args, char *);
    if (PyBytes_Check(arg) && PyBytes_GET_SIZE(arg) == 1) *out = PyBytes_AS_STRING(arg)[0];
    else if (PyByteArray_Check(arg) && PyByteArray_GET_SIZE(arg) == 1) *out = PyByteArray_AS_STRING(arg)[0];
    else return wrong_type("a byte string of length 1", arg, message);
    return NULL;
}

/* ---- Strings and buffers ---------------------------------------------------------------------------------------- */

static const char *get_buffer(PyObject *arg, Py_buffer *view, int flags, const char **expected)
{
    if (PyObject_GetBuffer(arg, view, flags) < 0) return *expected;
    if (!PyBuffer_IsContiguous(view, 'C')) {
        PyBuffer_Release(view);
        return *expected = "contiguous buffer";
    }
    return NULL;
}

/* s* z* y* w* */
static const char *convert_to_buffer(Parse *p, PyObject *arg, char unit, char *message)
{
    Py_buffer *view = va_arg(p->args, Py_buffer *);
    const char *expected = unit == 'w' ? "read-write bytes-like object" : "bytes-like object";
    if (unit == 'z' && arg == Py_None) PyBuffer_FillInfo(view, NULL, NULL, 0, 1, 0);
    else if (unit != 'y' && unit != 'w' && PyUnicode_Check(arg)) {
        Py_ssize_t size;
        const char *text = PyUnicode_AsUTF8AndSize(arg, &size);
        if (!text) return failed();
        PyBuffer_FillInfo(view, arg, (void *)text, size, 1, 0);
    }
    else if (get_buffer(arg, view, unit == 'w' ? PyBUF_WRITABLE : PyBUF_SIMPLE, &expected)) {
        if (unit == 'w') PyErr_Clear();
        return wrong_type(expected, arg, message);
    }
    return remember(p, view, undo_buffer) < 0 ? failed() : NULL;
}

/* A pointer into an object that need not be released. The size, or -1 with *expected set. */
static Py_ssize_t borrow_bytes(PyObject *arg, const void **data, const char **expected)
{
    PyBufferProcs *procs = Py_TYPE(arg)->tp_as_buffer;
    Py_buffer view;
    *data = NULL;
    if (!procs || !procs->bf_getbuffer || procs->bf_releasebuffer) {
        *expected = "read-only bytes-like object";
        return -1;
    }
    *expected = "bytes-like object";
    if (get_buffer(arg, &view, PyBUF_SIMPLE, expected)) return -1;
    *data = view.buf;
    Py_ssize_t size = view.len;
    PyBuffer_Release(&view);
    return size;
}

static const char *text_expected(char unit) { return unit == 'z' ? "str or None" : "str"; }

/* s# z# y# */
static const char *convert_to_sized(Parse *p, PyObject *arg, char unit, char *message)
{
    const void **out = va_arg(p->args, const void **);
    Py_ssize_t *size = va_arg(p->args, Py_ssize_t *);
    const char *expected;
    if (!p->size_t_clean) {
        PyErr_SetString(PyExc_SystemError, "PY_SSIZE_T_CLEAN macro must be defined for '#' formats");
        return failed();
    }
    if (unit == 'z' && arg == Py_None) {
        *out = NULL;
        *size = 0;
        return NULL;
    }
    if (unit != 'y' && PyUnicode_Check(arg)) {
        *out = PyUnicode_AsUTF8AndSize(arg, size);
        return *out ? NULL : failed();
    }
    Py_ssize_t n = borrow_bytes(arg, out, &expected);
    if (n < 0) return wrong_type(expected, arg, message);
    *size = n;
    return NULL;
}

/* s z y: text without NUL characters */
static const char *convert_to_text(Parse *p, PyObject *arg, char unit, char *message)
{
    const char **out = va_arg(p->args, const char **), *expected;
    if (unit == 'z' && arg == Py_None) {
        *out = NULL;
        return NULL;
    }
    Py_ssize_t size;
    if (unit == 'y') {
        const void *data;
        size = borrow_bytes(arg, &data, &expected);
        if (size < 0) return wrong_type(expected, arg, message);
        *out = data;
        if ((size_t)size != strlen(*out)) {
            PyErr_SetString(PyExc_ValueError, "embedded null byte");
            return failed();
        }
        return NULL;
    }
    if (!PyUnicode_Check(arg)) return wrong_type(text_expected(unit), arg, message);
    *out = PyUnicode_AsUTF8AndSize(arg, &size);
    if (!*out) return failed();
    if ((size_t)size != strlen(*out)) {
        PyErr_SetString(PyExc_ValueError, "embedded null character");
        return failed();
    }
    return NULL;
}

_Py_COMP_DIAG_PUSH
_Py_COMP_DIAG_IGNORE_DEPR_DECLS
/* u u# Z Z#: deprecated wchar_t strings */
static const char *convert_to_wide(Parse *p, PyObject *arg, char unit, bool sized, char *message)
{
    if (PyErr_WarnFormat(PyExc_DeprecationWarning, 1, "getargs: The '%c' format is deprecated. Use 'U' instead.", unit) < 0) return failed();
    const Py_UNICODE **out = va_arg(p->args, const Py_UNICODE **);
    Py_ssize_t *size = sized ? va_arg(p->args, Py_ssize_t *) : NULL, length;
    if (unit == 'Z' && arg == Py_None) {
        *out = NULL;
        if (sized) *size = 0;
        return NULL;
    }
    if (!PyUnicode_Check(arg)) return wrong_type(unit == 'Z' ? "str or None" : "str", arg, message);
    *out = PyUnicode_AsUnicodeAndSize(arg, &length);
    if (!*out) return failed();
    if (sized) *size = length;
    else if (wcslen(*out) != (size_t)length) {
        PyErr_SetString(PyExc_ValueError, "embedded null character");
        return failed();
    }
    return NULL;
}
_Py_COMP_DIAG_POP

/* es et es# et#: encoded copies */
static const char *convert_encoded(Parse *p, PyObject *arg, const char **format, char *message)
{
    bool recode = **format == 's', sized = false;
    const char *encoding = va_arg(p->args, const char *);
    char **out = va_arg(p->args, char **);
    Py_ssize_t *out_size = NULL;
    if (**format != 's' && **format != 't') return wrong_type("(unknown parser marker combination)", arg, message);
    ++*format;
    if (**format == '#') {
        sized = true;
        ++*format;
        out_size = va_arg(p->args, Py_ssize_t *);
        if (!p->size_t_clean) {
            PyErr_SetString(PyExc_SystemError, "PY_SSIZE_T_CLEAN macro must be defined for '#' formats");
            return failed();
        }
    }
    PyObject *bytes;
    if (!recode && (PyBytes_Check(arg) || PyByteArray_Check(arg))) bytes = Py_NewRef(arg);
    else if (PyUnicode_Check(arg)) {
        bytes = PyUnicode_AsEncodedString(arg, encoding ? encoding : "utf-8", NULL);
        if (!bytes) return wrong_type("(encoding failed)", arg, message);
    }
    else return wrong_type(recode ? "str" : "str, bytes or bytearray", arg, message);
    const char *data = PyBytes_Check(bytes) ? PyBytes_AS_STRING(bytes) : PyByteArray_AS_STRING(bytes);
    Py_ssize_t size = PyBytes_Check(bytes) ? PyBytes_GET_SIZE(bytes) : PyByteArray_GET_SIZE(bytes);
    const char *complaint = NULL;
    if (!sized && strlen(data) != (size_t)size) complaint = wrong_type("encoded string without null bytes", arg, message);
    else if (sized && *out) {       /* the caller's buffer */
        if (size + 1 > *out_size) {
            PyErr_Format(PyExc_ValueError, "encoded string too long (%zd, maximum length %zd)", size, *out_size - 1);
            complaint = failed();
        }
        else memcpy(*out, data, (size_t)size + 1);
    }
    else {
        *out = PyMem_Malloc((size_t)size + 1);
        if (!*out) {
            PyErr_NoMemory();
            complaint = failed();
        }
        else {
            memcpy(*out, data, (size_t)size + 1);
            if (remember(p, out, undo_memory) < 0) complaint = failed();
        }
    }
    if (!complaint && sized) *out_size = size;
    Py_DECREF(bytes);
    return complaint;
}

/* ---- Objects ---------------------------------------------------------------------------------------------------- */

typedef int (*Converter)(PyObject *, void *);
typedef struct { Converter converter; void *address; } ConverterCall;

/* A converter that returned Py_CLEANUP_SUPPORTED is called again with NULL. */
static void undo_converter(void *item)
{
    ConverterCall *call = item;
    call->converter(NULL, call->address);
    PyMem_Free(call);
}

static const char *convert_by_function(Parse *p, PyObject *arg, char *message)
{
    Converter converter = va_arg(p->args, Converter);
    void *address = va_arg(p->args, void *);
    int result = converter(arg, address);
    if (!result) return wrong_type("(unspecified)", arg, message);
    if (result != Py_CLEANUP_SUPPORTED) return NULL;
    ConverterCall *call = PyMem_New(ConverterCall, 1);
    if (!call) {
        converter(NULL, address);
        PyErr_NoMemory();
        return failed();
    }
    *call = (ConverterCall){converter, address};
    return remember(p, call, undo_converter) < 0 ? failed() : NULL;
}

static const char *convert_object(Parse *p, PyObject *arg, const char **format, char *message)
{
    if (**format == '!') {
        ++*format;
        PyTypeObject *type = va_arg(p->args, PyTypeObject *);
        PyObject **out = va_arg(p->args, PyObject **);
        if (!PyObject_TypeCheck(arg, type)) return wrong_type(type->tp_name, arg, message);
        *out = arg;
        return NULL;
    }
    if (**format == '&') {
        ++*format;
        return convert_by_function(p, arg, message);
    }
    *va_arg(p->args, PyObject **) = arg;
    return NULL;
}

/* S Y U: objects of one built-in type */
static const char *convert_exact(Parse *p, PyObject *arg, char unit, char *message)
{
    PyObject **out = va_arg(p->args, PyObject **);
    if (unit == 'S' && !PyBytes_Check(arg)) return wrong_type("bytes", arg, message);
    if (unit == 'Y' && !PyByteArray_Check(arg)) return wrong_type("bytearray", arg, message);
    if (unit == 'U' && (!PyUnicode_Check(arg) || PyUnicode_READY(arg) < 0)) return wrong_type("str", arg, message);
    *out = arg;
    return NULL;
}

/* ---- One unit --------------------------------------------------------------------------------------------------- */

static const char *convert_simple(Parse *p, PyObject *arg, const char **format, char *message)
{
    char unit = *(*format)++;
    switch (unit) {
    case 'b': case 'B': case 'h': case 'H': case 'i': case 'I': case 'l': case 'k': case 'L': case 'K': case 'n': case 'f':
    case 'd': case 'D':
        return convert_number(p, arg, unit, message);
    case 'c': case 'C': return convert_character(p, arg, unit, message);
    case 'p': {
        int *out = va_arg(p->args, int *), truth = PyObject_IsTrue(arg);
        if (truth < 0) return failed();
        *out = truth;
        return NULL;
    }
    case 's': case 'z': case 'y': case 'w':
        if (**format == '*') {
            ++*format;
            return convert_to_buffer(p, arg, unit, message);
        }
        if (unit == 'w') return wrong_type("(invalid use of 'w' format character)", arg, message);
        if (**format == '#') {
            ++*format;
            return convert_to_sized(p, arg, unit, message);
        }
        return convert_to_text(p, arg, unit, message);
    case 'u': case 'Z': {
        bool sized = **format == '#';
        if (sized) ++*format;
        return convert_to_wide(p, arg, unit, sized, message);
    }
    case 'e': return convert_encoded(p, arg, format, message);
    case 'S': case 'Y': case 'U': return convert_exact(p, arg, unit, message);
    case 'O': return convert_object(p, arg, format, message);
    default: return wrong_type("(impossible<bad format char>)", arg, message);
    }
}

/* How many units the tuple has that starts here, behind its parenthesis. */
static int count_tuple_units(const char *format)
{
    int level = 0, count = 0;
    for (;; format++) {
        if (*format == '(') {
            if (level++ == 0) count++;
        }
        else if (*format == ')') {
            if (level-- == 0) return count;
        }
        else if (*format == '\0' || *format == ':' || *format == ';') return -1;
        else if (level == 0 && Py_ISALPHA(*format)) {
            if (*format == 'e') format++;       /* "es", "et" are one unit */
            count++;
        }
    }
}

static const char *convert_tuple(Parse *p, PyObject *arg, const char **format, int *levels, char *message)
{
    int count = count_tuple_units(*format);
    if (!PySequence_Check(arg) || PyBytes_Check(arg)) {
        levels[0] = 0;
        PyOS_snprintf(message, PARSE_MESSAGE, "must be %d-item sequence, not %.50s", count,
                      arg == Py_None ? "None" : Py_TYPE(arg)->tp_name);
        return message;
    }
    Py_ssize_t length = PySequence_Size(arg);
    if (length != count) {
        levels[0] = 0;
        PyOS_snprintf(message, PARSE_MESSAGE, "must be sequence of length %d, not %zd", count, length);
        return message;
    }
    for (int i = 0; i < count; i++) {
        PyObject *item = PySequence_GetItem(arg, i);
        if (!item) {
            PyErr_Clear();
            levels[0] = i + 1;
            levels[1] = 0;
            return "is not retrievable";
        }
        const char *complaint = convert_item(p, item, format, levels + 1, message);
        Py_DECREF(item);    /* the sequence keeps it, as the manual warns */
        if (complaint) {
            levels[0] = i + 1;
            return complaint;
        }
    }
    return NULL;
}

const char *convert_item(Parse *p, PyObject *arg, const char **format, int *levels, char *message)
{
    if (**format == '(') {
        ++*format;
        const char *complaint = convert_tuple(p, arg, format, levels, message);
        if (!complaint) ++*format;
        return complaint;
    }
    const char *complaint = convert_simple(p, arg, format, message);
    if (complaint) levels[0] = 0;
    return complaint;
}

/* ---- Skipping --------------------------------------------------------------------------------------------------- */

const char *convert_skip(Parse *p, const char **format)
{
    char unit = *(*format)++;
    switch (unit) {
    case 'e':
        (void)va_arg(p->args, const char *);
        if (**format != 's' && **format != 't') return "impossible<bad format char>";
        ++*format;
        /* fall through */
    case 's': case 'z': case 'y': case 'w': case 'u': case 'Z':
        (void)va_arg(p->args, void *);
        if (**format == '#') {
            if (!p->size_t_clean && unit != 'u' && unit != 'Z') return "PY_SSIZE_T_CLEAN macro must be defined for '#' formats";
            (void)va_arg(p->args, Py_ssize_t *);
            ++*format;
        }
        else if (**format == '*') {
            if (unit == 'u' || unit == 'Z') return "impossible<bad format char>";
            ++*format;
        }
        return NULL;
    case 'b': case 'B': case 'h': case 'H': case 'i': case 'I': case 'l': case 'k': case 'L': case 'K': case 'n': case 'f':
    case 'd': case 'D': case 'c': case 'C': case 'p': case 'S': case 'Y': case 'U':
        (void)va_arg(p->args, void *);
        return NULL;
    case 'O':
        if (**format == '!' || **format == '&') {
            ++*format;
            (void)va_arg(p->args, void *);
        }
        (void)va_arg(p->args, void *);
        return NULL;
    case '(':
        while (**format != ')') {
            if (!**format) return "Unmatched left paren in format string";
            const char *complaint = convert_skip(p, format);
            if (complaint) return complaint;
        }
        ++*format;
        return NULL;
    case ')': return "Unmatched right paren in format string";
    default: return "impossible<bad format char>";
    }
}
