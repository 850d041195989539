/* unicode-escape and raw-unicode-escape. */
#include "objects/str/codec.h"
#include "objects/str/unicode_names.h"

/* Up to `count` hexadecimal digits from d->at on; stops at another character. Number of digits missing. */
static int read_hex(Decoder *d, int count, Py_UCS4 *ch)
{
    for (*ch = 0; count > 0 && d->at < d->end; count--, d->at++) {
        unsigned digit = str_hex_value((unsigned char)*d->at);
        if (digit > 15)
            break;
        *ch = *ch << 4 | digit;
    }
    return count;
}

/* What became of an escape. */
typedef enum { DONE, INCOMPLETE, WRONG, FAILED } Outcome;

static Outcome put(Decoder *d, Py_UCS4 ch)
{
    return _PyUnicodeWriter_WriteChar(&d->out, ch) < 0 ? FAILED : DONE;
}

/* \N{name} with d->at behind the N. */
static Outcome named(Decoder *d, const char **reason)
{
    *reason = "malformed \\N character escape";
    if (d->at >= d->end)
        return INCOMPLETE;
    if (*d->at != '{')
        return WRONG;
    const char *name = ++d->at;
    while (d->at < d->end && *d->at != '}')
        d->at++;
    if (d->at >= d->end)
        return INCOMPLETE;
    Py_ssize_t n = d->at - name;
    if (n == 0)
        return WRONG;
    d->at++;
    Py_UCS4 ch;
    const UnicodeNameApi *api = unicode_names();
    if (api == NULL)
        return FAILED;
    *reason = "unknown Unicode character name";
    return n <= INT_MAX && api->getcode(name, (int)n, &ch, 0) ? put(d, ch) : WRONG;
}

static Outcome hexadecimal(Decoder *d, int count, const char **reason)
{
    Py_UCS4 ch;
    *reason = count == 2   ? "truncated \\xXX escape"
              : count == 4 ? "truncated \\uXXXX escape"
                           : "truncated \\UXXXXXXXX escape";
    if (read_hex(d, count, &ch) > 0)
        return d->at >= d->end ? INCOMPLETE : WRONG;
    if (ch <= STR_MAX_CODE)
        return put(d, ch);
    *reason = "illegal Unicode character";
    return WRONG;
}

static int simple_escape(char c)
{
    switch (c) {
    case '\\': case '\'': case '"': return c;
    case 'b': return '\b';
    case 'f': return '\f';
    case 't': return '\t';
    case 'n': return '\n';
    case 'r': return '\r';
    case 'v': return '\v';
    case 'a': return '\a';
    default: return -1;
    }
}

/* An escape with d->at behind the backslash. *bad is set at the first one that means nothing. */
static Outcome escape(Decoder *d, const char **reason, int *bad, const char **bad_at)
{
    *reason = "\\ at end of string";
    if (d->at >= d->end)
        return INCOMPLETE;
    char c = *d->at++;
    int plain = simple_escape(c);
    if (plain >= 0)
        return put(d, (Py_UCS4)plain);
    switch (c) {
    case '\n':
        return DONE;
    case '0': case '1': case '2': case '3': case '4': case '5': case '6': case '7': {
        Py_UCS4 ch = (Py_UCS4)(c - '0');
        for (int i = 0; i < 2 && d->at < d->end && *d->at >= '0' && *d->at <= '7'; i++)
            ch = ch * 8 + (Py_UCS4)(*d->at++ - '0');
        if (ch > 0377 && *bad == -1) {
            *bad = (int)ch;
            *bad_at = d->at - 3;
        }
        return put(d, ch);
    }
    case 'x':
        return hexadecimal(d, 2, reason);
    case 'u':
        return hexadecimal(d, 4, reason);
    case 'U':
        return hexadecimal(d, 8, reason);
    case 'N':
        return named(d, reason);
    default:
        if (*bad == -1) {
            *bad = (unsigned char)c;
            *bad_at = d->at - 1;
        }
        return put(d, '\\') == FAILED ? FAILED : put(d, (unsigned char)c);
    }
}

/* New str. *bad: the first escape that means nothing (or an octal number above 0377), else -1; *bad_at: its place. */
PyObject *_PyUnicode_DecodeUnicodeEscapeInternal2(const char *bytes, Py_ssize_t size, const char *errors,
                                                  Py_ssize_t *consumed, int *bad, const char **bad_at)
{
    Decoder d;
    *bad = -1;
    *bad_at = NULL;
    decoder_init(&d, "unicodeescape", errors, bytes, size);
    d.out.min_length = size;
    while (d.at < d.end) {
        const char *start = memchr(d.at, '\\', (size_t)(d.end - d.at));
        const char *stop = start != NULL ? start : d.end;
        if (stop > d.at) {
            Py_ssize_t n = stop - d.at;
            if (_PyUnicodeWriter_Prepare(&d.out, n, str_bytes_are_ascii(d.at, n) ? 0x7f : 0xff) < 0 ||
                _PyUnicodeWriter_WriteLatin1String(&d.out, d.at, n) < 0)
                return decoder_finish(&d, true);
            d.at = stop;
        }
        if (start == NULL)
            break;
        d.at++;
        const char *reason;
        Outcome outcome = escape(&d, &reason, bad, bad_at);
        if (outcome == DONE)
            continue;
        if (outcome == INCOMPLETE && consumed != NULL) {
            d.at = start;
            break;
        }
        if (outcome == FAILED || decoder_error(&d, start, d.at, reason) < 0)
            return decoder_finish(&d, true);
    }
    if (consumed != NULL)
        *consumed = d.at - d.start;
    return decoder_finish(&d, false);
}

PyObject *_PyUnicode_DecodeUnicodeEscapeInternal(const char *bytes, Py_ssize_t size, const char *errors,
                                                 Py_ssize_t *consumed, const char **bad_at)
{
    int bad;
    return _PyUnicode_DecodeUnicodeEscapeInternal2(bytes, size, errors, consumed, &bad, bad_at);
}

/* New str; an escape that means nothing gives a DeprecationWarning. */
PyObject *_PyUnicode_DecodeUnicodeEscapeStateful(const char *bytes, Py_ssize_t size, const char *errors,
                                                 Py_ssize_t *consumed)
{
    int bad;
    const char *bad_at;     /* not to be read: an error handler may have put other bytes in the place of these */
    PyObject *s = _PyUnicode_DecodeUnicodeEscapeInternal2(bytes, size, errors, consumed, &bad, &bad_at);
    if (s == NULL || bad == -1)
        return s;
    char digits[16];
    sprintf(digits, "%o", (unsigned)bad);
    int r = bad > 0xff ? PyErr_WarnFormat(PyExc_DeprecationWarning, 1, "invalid octal escape sequence '\\%s'", digits)
                       : PyErr_WarnFormat(PyExc_DeprecationWarning, 1, "invalid escape sequence '\\%c'", bad);
    if (r < 0)
        Py_CLEAR(s);
    return s;
}

PyObject *PyUnicode_DecodeUnicodeEscape(const char *bytes, Py_ssize_t size, const char *errors)
{
    return _PyUnicode_DecodeUnicodeEscapeStateful(bytes, size, errors, NULL);
}

PyObject *_PyUnicode_DecodeRawUnicodeEscapeStateful(const char *bytes, Py_ssize_t size, const char *errors,
                                                    Py_ssize_t *consumed)
{
    Decoder d;
    decoder_init(&d, "rawunicodeescape", errors, bytes, size);
    d.out.min_length = size;
    while (d.at < d.end) {
        const char *start = d.at++;
        Py_UCS4 ch = (unsigned char)*start;
        if (ch != '\\' || (d.at >= d.end && consumed == NULL)) {
            if (put(&d, ch) == FAILED)
                return decoder_finish(&d, true);
            continue;
        }
        if (d.at >= d.end) {
            d.at = start;
            break;
        }
        char c = *d.at++;
        if (c != 'u' && c != 'U') {
            if (put(&d, '\\') == FAILED || put(&d, (unsigned char)c) == FAILED)
                return decoder_finish(&d, true);
            continue;
        }
        const char *reason = c == 'u' ? "truncated \\uXXXX escape" : "truncated \\UXXXXXXXX escape";
        int missing = read_hex(&d, c == 'u' ? 4 : 8, &ch);
        if (missing > 0 && d.at >= d.end && consumed != NULL) {
            d.at = start;
            break;
        }
        if (missing == 0 && ch <= STR_MAX_CODE) {
            if (put(&d, ch) == FAILED)
                return decoder_finish(&d, true);
            continue;
        }
        if (missing == 0)
            reason = "\\Uxxxxxxxx out of range";
        if (decoder_error(&d, start, d.at, reason) < 0)
            return decoder_finish(&d, true);
    }
    if (consumed != NULL)
        *consumed = d.at - d.start;
    return decoder_finish(&d, false);
}

PyObject *PyUnicode_DecodeRawUnicodeEscape(const char *bytes, Py_ssize_t size, const char *errors)
{
    return _PyUnicode_DecodeRawUnicodeEscapeStateful(bytes, size, errors, NULL);
}

/* --- encoding --- */

static char *put_hex(char *to, char letter, int digits, Py_UCS4 ch)
{
    *to++ = '\\';
    *to++ = letter;
    for (int i = digits - 1; i >= 0; i--)
        *to++ = "0123456789abcdef"[ch >> (4 * i) & 15];
    return to;
}

/* raw: only what is beyond Latin-1 is escaped. */
static PyObject *encode(PyObject *s, bool raw)
{
    if (!PyUnicode_Check(s)) {
        PyErr_BadArgument();
        return NULL;
    }
    if (PyUnicode_READY(s) < 0)
        return NULL;
    StrView v = str_view(s);
    if (v.length == 0)
        return PyBytes_FromStringAndSize(NULL, 0);
    if (raw && v.kind == PyUnicode_1BYTE_KIND)
        return PyBytes_FromStringAndSize(v.data, v.length);
    int most = v.kind == 1 ? 4 : v.kind == 2 ? 6 : 10;
    if (v.length > PY_SSIZE_T_MAX / most)
        return PyErr_NoMemory();
    PyObject *bytes = PyBytes_FromStringAndSize(NULL, v.length * most);
    if (bytes == NULL)
        return NULL;
    char *to = PyBytes_AS_STRING(bytes);
    for (Py_ssize_t i = 0; i < v.length; i++) {
        Py_UCS4 ch = PyUnicode_READ(v.kind, v.data, i);
        if (ch >= 0x10000) {
            to = put_hex(to, 'U', 8, ch);
        } else if (ch >= 0x100) {
            to = put_hex(to, 'u', 4, ch);
        } else if (raw || (ch >= ' ' && ch < 127 && ch != '\\')) {
            *to++ = (char)ch;
        } else if (ch == '\\' || ch == '\t' || ch == '\n' || ch == '\r') {
            *to++ = '\\';
            *to++ = ch == '\t' ? 't' : ch == '\n' ? 'n' : ch == '\r' ? 'r' : '\\';
        } else {
            to = put_hex(to, 'x', 2, ch);
        }
    }
    _PyBytes_Resize(&bytes, to - PyBytes_AS_STRING(bytes));
    return bytes;
}

PyObject *PyUnicode_AsUnicodeEscapeString(PyObject *s)
{
    return encode(s, false);
}

PyObject *PyUnicode_AsRawUnicodeEscapeString(PyObject *s)
{
    return encode(s, true);
}
