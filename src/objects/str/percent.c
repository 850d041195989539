/* Parsing and number formatting of the % operator (library manual, "printf-style String Formatting"). */
#include "objects/str/percent.h"
#include "objects/float.h"
#include "objects/int/int.h"
#include "objects/str/writer.h"
#include <internal/krait_exports.h>

void percent_init(Percent *p, StrView format, PyObject *args, bool bytes)
{
    *p = (Percent){.format = format, .bytes = bytes, .args = args, .index = -2, .count = -1};
    if (PyTuple_Check(args)) {
        p->count = PyTuple_GET_SIZE(args);
        p->index = 0;
    } else if (!PyUnicode_Check(args) && !PyLong_CheckExact(args) && PyMapping_Check(args) &&
               !(bytes && (PyBytes_Check(args) || PyByteArray_Check(args)))) {
        p->mapping = args;
    }
}

void percent_release(Percent *p)
{
    if (p->args_owned)
        Py_DECREF(p->args);
}

PyObject *percent_next(Percent *p)
{
    if (p->index < p->count) {
        p->index++;
        return p->count < 0 ? p->args : PyTuple_GET_ITEM(p->args, p->index - 1);
    }
    PyErr_SetString(PyExc_TypeError, "not enough arguments for format string");
    return NULL;
}

int percent_check_all_used(const Percent *p)
{
    if (p->index >= p->count || p->mapping != NULL)
        return 0;
    PyErr_SetString(PyExc_TypeError, p->bytes ? "not all arguments converted during bytes formatting"
                                              : "not all arguments converted during string formatting");
    return -1;
}

/* Next character of the format; -1 with ValueError at its end. */
static int next_char(Percent *p, Py_UCS4 *ch)
{
    if (p->at >= p->format.length) {
        PyErr_SetString(PyExc_ValueError, "incomplete format");
        return -1;
    }
    *ch = PyUnicode_READ(p->format.kind, p->format.data, p->at);
    p->at++;
    return 0;
}

/* "(key)" with p->at behind the first parenthesis: the value becomes the only argument. */
static int parse_key(Percent *p)
{
    if (p->mapping == NULL) {
        PyErr_SetString(PyExc_TypeError, "format requires a mapping");
        return -1;
    }
    Py_ssize_t start = p->at;
    int depth = 1;
    while (depth > 0) {
        if (p->at >= p->format.length) {
            PyErr_SetString(PyExc_ValueError, "incomplete format key");
            return -1;
        }
        Py_UCS4 ch = PyUnicode_READ(p->format.kind, p->format.data, p->at);
        p->at++;
        depth += ch == '(' ? 1 : ch == ')' ? -1 : 0;
    }
    StrView text = {p->format.kind, p->at - 1 - start, str_at(p->format, start)};
    PyObject *key = p->bytes ? PyBytes_FromStringAndSize(text.data, text.length) : str_from_view(text, str_max_char(text));
    if (key == NULL)
        return -1;
    percent_release(p);
    p->args_owned = false;
    p->args = PyObject_GetItem(p->mapping, key);
    Py_DECREF(key);
    if (p->args == NULL)
        return -1;
    p->args_owned = true;
    p->count = -1;
    p->index = -2;
    return 0;
}

static int flag_of(const Percent *p, Py_UCS4 ch)
{
    switch (ch) {
    case '-': return PERCENT_LEFT;
    case '+': return PERCENT_SIGN;
    case ' ': return PERCENT_BLANK;
    case '#': return PERCENT_ALT;
    case '0': return PERCENT_ZERO;
    case 'z': return p->bytes ? PERCENT_NO_NEG_0 : 0;
    default: return 0;
    }
}

static int parse_digits(Percent *p, Py_UCS4 *ch, Py_ssize_t max, const char *message, Py_ssize_t *number)
{
    *number = 0;
    while (*ch >= '0' && *ch <= '9') {
        int digit = (int)(*ch - '0');
        if (*number > (max - digit) / 10) {
            PyErr_SetString(PyExc_ValueError, message);
            return -1;
        }
        *number = *number * 10 + digit;
        if (next_char(p, ch) < 0)
            return -1;
    }
    return 0;
}

/* An argument for '*': an int. */
static PyObject *star_argument(Percent *p)
{
    PyObject *value = percent_next(p);
    if (value != NULL && !PyLong_Check(value)) {
        PyErr_SetString(PyExc_TypeError, "* wants int");
        return NULL;
    }
    return value;
}

static int parse_width(Percent *p, PercentSpec *spec, Py_UCS4 *ch)
{
    if (*ch != '*') {
        if (*ch < '0' || *ch > '9')
            return 0;
        return parse_digits(p, ch, PY_SSIZE_T_MAX, "width too big", &spec->width);
    }
    PyObject *value = star_argument(p);
    if (value == NULL)
        return -1;
    spec->width = PyLong_AsSsize_t(value);
    if (spec->width == -1 && PyErr_Occurred())
        return -1;
    if (spec->width < 0) {
        spec->flags |= PERCENT_LEFT;
        spec->width = -spec->width;
    }
    return next_char(p, ch);
}

static int parse_precision(Percent *p, PercentSpec *spec, Py_UCS4 *ch)
{
    if (*ch != '.')
        return 0;
    if (next_char(p, ch) < 0)
        return -1;
    spec->precision = 0;
    if (*ch == '*') {
        PyObject *value = star_argument(p);
        if (value == NULL)
            return -1;
        int precision = _PyLong_AsInt(value);
        if (precision == -1 && PyErr_Occurred())
            return -1;
        spec->precision = Py_MAX(precision, 0);
        return next_char(p, ch);
    }
    Py_ssize_t number;
    if (parse_digits(p, ch, INT_MAX, p->bytes ? "prec too big" : "precision too big", &number) < 0)
        return -1;
    spec->precision = (int)number;
    return 0;
}

int percent_parse(Percent *p, PercentSpec *spec)
{
    Py_UCS4 ch;
    int flag;
    *spec = (PercentSpec){.width = -1, .precision = -1};
    if (p->at < p->format.length && PyUnicode_READ(p->format.kind, p->format.data, p->at) == '(') {
        p->at++;
        if (parse_key(p) < 0)
            return -1;
    }
    if (next_char(p, &ch) < 0)
        return -1;
    if (ch == 's' || ch == 'd' || ch == 'r') {  /* the most frequent, and nothing before it */
        spec->code = ch;
        return 0;
    }
    while ((flag = flag_of(p, ch)) != 0) {
        spec->flags |= flag;
        if (next_char(p, &ch) < 0)
            return -1;
    }
    if (parse_width(p, spec, &ch) < 0 || parse_precision(p, spec, &ch) < 0)
        return -1;
    if ((ch == 'h' || ch == 'l' || ch == 'L') && next_char(p, &ch) < 0)
        return -1;
    spec->code = ch;
    return 0;
}

void percent_bad_code(const Percent *p, const PercentSpec *spec)
{
    Py_UCS4 ch = spec->code;
    Py_UCS4 before = p->at > 1 ? PyUnicode_READ(p->format.kind, p->format.data, p->at - 2) : 0;
    bool after_number = before >= '0' && before <= '9' && (spec->width >= 0 || spec->precision >= 0);
    if (p->bytes && ch > 127 && !after_number) {    /* the reference takes the byte for a negative one, and says nothing */
        PyErr_SetNone(PyExc_ValueError);
        return;
    }
    PyErr_Format(PyExc_ValueError, "unsupported format character '%c' (0x%x) at index %zd",
                 p->bytes || (31 <= ch && ch <= 126) ? (int)ch : '?', (int)ch, p->at - 1);
}

static bool is_integer(Py_UCS4 code)
{
    switch (code) {
    case 'd': case 'i': case 'u': case 'o': case 'x': case 'X':
        return true;
    default:
        return false;
    }
}

bool percent_is_number(Py_UCS4 code)
{
    switch (code) {
    case 'e': case 'E': case 'f': case 'F': case 'g': case 'G':
        return true;
    default:
        return is_integer(code);
    }
}

/* --- integers --- */

/* The digits of an int in base 8, 10 or 16 as `type` says: new ASCII str. alt: keep the prefix. prec: least number of digits. */
PyObject *_PyUnicode_FormatLong(PyObject *value, int alt, int prec, int type)
{
    PyObject *text;
    int prefix = 0;
    if (prec > INT_MAX - 3) {
        PyErr_SetString(PyExc_OverflowError, "precision too large");
        return NULL;
    }
    switch (type) {
    case 'o':
        prefix = 2;
        text = PyNumber_ToBase(value, 8);
        break;
    case 'x':
    case 'X':
        prefix = 2;
        text = PyNumber_ToBase(value, 16);
        break;
    default:
        text = PyNumber_ToBase(value, 10);
        break;
    }
    if (text == NULL)
        return NULL;
    const char *from = PyUnicode_DATA(text);
    Py_ssize_t n = PyUnicode_GET_LENGTH(text), sign = from[0] == '-';
    Py_ssize_t digits = n - sign - prefix, zeros = Py_MAX(prec - digits, 0);
    Py_ssize_t kept = alt ? prefix : 0;
    if (zeros == 0 && kept == prefix && type != 'X')
        return text;
    PyObject *result = PyUnicode_New(sign + kept + zeros + digits, 127);
    if (result != NULL) {
        char *start = PyUnicode_DATA(result), *to = start;
        memcpy(to, from, (size_t)(sign + kept));
        to += sign + kept;
        memset(to, '0', (size_t)zeros);
        memcpy(to + zeros, from + sign + prefix, (size_t)digits);
        if (type == 'X')
            for (to = start; *to; to++)
                *to = (char)Py_TOUPPER(*to);
        result = str_share_steal(result);
    }
    Py_DECREF(text);
    return result;
}

/* New int for an integer conversion, or NULL with its TypeError. */
static PyObject *integer_argument(const PercentSpec *spec, PyObject *value, bool bytes)
{
    bool hex = spec->code == 'o' || spec->code == 'x' || spec->code == 'X';
    if (PyLong_Check(value))
        return Py_NewRef(value);
    if (PyNumber_Check(value)) {
        PyObject *number = hex ? PyNumber_Index(value) : PyNumber_Long(value);
        if (number != NULL || !PyErr_ExceptionMatches(PyExc_TypeError))
            return number;
        PyErr_Clear();
    }
    int code = (int)spec->code;
    if (bytes && code == 'i')
        code = 'd';
    PyErr_Format(PyExc_TypeError, hex ? "%%%c format: an integer is required, not %.200s"
                                      : "%%%c format: a real number is required, not %.200s",
                 code, Py_TYPE(value)->tp_name);
    return NULL;
}

/* --- laying out --- */

static int write_fill(_PyUnicodeWriter *w, Py_UCS4 ch, Py_ssize_t n)
{
    if (n <= 0)
        return 0;
    if (_PyUnicodeWriter_Prepare(w, n, ch) < 0)
        return -1;
    str_fill_chars(w->kind, (char *)w->data + w->pos * w->kind, ch, n);
    w->pos += n;
    return 0;
}

/* Sign, prefix and digits in the width: zeros go between prefix and digits, blanks before or behind all. */
static int write_laid_out(_PyUnicodeWriter *w, const PercentSpec *spec, const char *digits, Py_ssize_t n)
{
    const char *head = digits;
    char sign = 0;
    int prefix = 0;
    if (*digits == '-' || *digits == '+') {
        sign = *digits++;
        n--;
        head = digits;
    } else if (spec->flags & PERCENT_SIGN) {
        sign = '+';
    } else if (spec->flags & PERCENT_BLANK) {
        sign = ' ';
    }
    if ((spec->flags & PERCENT_ALT) && (spec->code == 'x' || spec->code == 'X' || spec->code == 'o'))
        prefix = 2;
    Py_ssize_t room = spec->width - n - (sign != 0);
    bool zeros = spec->flags & PERCENT_ZERO, left = spec->flags & PERCENT_LEFT;
    if (!left && !zeros && write_fill(w, ' ', room) < 0)
        return -1;
    if (sign && _PyUnicodeWriter_WriteChar(w, (Py_UCS4)sign) < 0)
        return -1;
    if (prefix && writer_put_ascii(w, head, prefix) < 0)
        return -1;
    if (!left && zeros && write_fill(w, '0', room) < 0)
        return -1;
    if (writer_put_ascii(w, head + prefix, n - prefix) < 0)
        return -1;
    return left ? write_fill(w, ' ', room) : 0;
}

static int write_integer(_PyUnicodeWriter *w, const PercentSpec *spec, PyObject *value, bool bytes)
{
    PyObject *number = integer_argument(spec, value, bytes);
    int r = -1;
    if (number == NULL)
        return -1;
    if (spec->precision == -1 && spec->code != 'X') {
        struct IntText text;
        int base = spec->code == 'x' ? 16 : spec->code == 'o' ? 8 : 10;
        if (int_make_text(&text, number, base, spec->flags & PERCENT_ALT) == 0) {
            r = write_laid_out(w, spec, text.start, text.length);
            if (text.owned) PyMem_Free(text.owned);
        }
    } else {
        PyObject *text = _PyUnicode_FormatLong(number, spec->flags & PERCENT_ALT, spec->precision, (int)spec->code);
        if (text != NULL)
            r = write_laid_out(w, spec, PyUnicode_DATA(text), PyUnicode_GET_LENGTH(text));
        Py_XDECREF(text);
    }
    Py_DECREF(number);
    return r;
}

static int write_float(_PyUnicodeWriter *w, const PercentSpec *spec, PyObject *value, bool bytes)
{
    double x = PyFloat_AsDouble(value);
    if (x == -1.0 && PyErr_Occurred()) {
        if (bytes)
            PyErr_Format(PyExc_TypeError, "float argument required, not %.200s", Py_TYPE(value)->tp_name);
        return -1;
    }
    int flags = (spec->flags & PERCENT_ALT ? Py_DTSF_ALT : 0) | (spec->flags & PERCENT_NO_NEG_0 ? Py_DTSF_NO_NEG_0 : 0);
    char local[128];
    Py_ssize_t n;
    char *text = float_to_text(x, (char)spec->code, spec->precision < 0 ? 6 : spec->precision, flags, NULL, local, sizeof(local),
                               &n);
    if (text == NULL)
        return -1;
    int r = write_laid_out(w, spec, text, n);
    if (text != local)
        PyMem_Free(text);
    return r;
}

int percent_write_number(_PyUnicodeWriter *w, const PercentSpec *spec, PyObject *value, bool bytes)
{
    return is_integer(spec->code) ? write_integer(w, spec, value, bytes) : write_float(w, spec, value, bytes);
}
