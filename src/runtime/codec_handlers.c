/* The standard error handlers of codecs. Each takes the exception and returns (replacement, position to go on from). */
#include "objects/str/str.h"
#include "objects/str/unicode_names.h"
#include "runtime/codecs.h"

/* What an exception tells: the object (owned) and the range that is wrong. */
typedef struct {
    PyObject *object;
    Py_ssize_t start, end;
    enum { ENCODING, DECODING, TRANSLATING } what;
} Problem;

static PyObject *wrong_type(PyObject *exc)
{
    PyErr_Format(PyExc_TypeError, "don't know how to handle %.200s in error callback", Py_TYPE(exc)->tp_name);
    return NULL;
}

static bool is_a(PyObject *exc, PyObject *type)
{
    return PyObject_TypeCheck(exc, (PyTypeObject *)type);
}

/* Reads the exception. 0, or -1 with an exception set; release p->object. */
static int problem_get(PyObject *exc, Problem *p)
{
    int r;
    if (is_a(exc, PyExc_UnicodeEncodeError)) {
        p->what = ENCODING;
        p->object = PyUnicodeEncodeError_GetObject(exc);
        r = PyUnicodeEncodeError_GetStart(exc, &p->start) | PyUnicodeEncodeError_GetEnd(exc, &p->end);
    } else if (is_a(exc, PyExc_UnicodeDecodeError)) {
        p->what = DECODING;
        p->object = PyUnicodeDecodeError_GetObject(exc);
        r = PyUnicodeDecodeError_GetStart(exc, &p->start) | PyUnicodeDecodeError_GetEnd(exc, &p->end);
    } else if (is_a(exc, PyExc_UnicodeTranslateError)) {
        p->what = TRANSLATING;
        p->object = PyUnicodeTranslateError_GetObject(exc);
        r = PyUnicodeTranslateError_GetStart(exc, &p->start) | PyUnicodeTranslateError_GetEnd(exc, &p->end);
    } else {
        wrong_type(exc);
        return -1;
    }
    if (p->object == NULL)
        return -1;
    if (r != 0 || (p->what != DECODING && PyUnicode_READY(p->object) < 0)) {
        Py_DECREF(p->object);
        return -1;
    }
    return 0;
}

/* The answer: text (stolen, may be NULL) and position. Lets go of the problem. */
static PyObject *answer_steal(Problem *p, PyObject *text, Py_ssize_t position)
{
    Py_DECREF(p->object);
    return text == NULL ? NULL : Py_BuildValue("(Nn)", text, position);
}

static Py_UCS4 char_at(const Problem *p, Py_ssize_t i)
{
    return PyUnicode_READ_CHAR(p->object, i);
}

PyObject *PyCodec_StrictErrors(PyObject *exc)
{
    if (PyExceptionInstance_Check(exc))
        PyErr_SetObject(PyExceptionInstance_Class(exc), exc);
    else
        PyErr_SetString(PyExc_TypeError, "codec must pass exception instance");
    return NULL;
}

PyObject *PyCodec_IgnoreErrors(PyObject *exc)
{
    Problem p;
    return problem_get(exc, &p) < 0 ? NULL : answer_steal(&p, str_empty(), p.end);
}

/* n times one character. */
static PyObject *repeated(Py_UCS4 ch, Py_ssize_t n)
{
    PyObject *s = PyUnicode_New(Py_MAX(n, 0), ch);
    if (s != NULL && n > 0)
        str_fill_chars(PyUnicode_KIND(s), PyUnicode_DATA(s), ch, n);
    return s;
}

PyObject *PyCodec_ReplaceErrors(PyObject *exc)
{
    Problem p;
    if (problem_get(exc, &p) < 0)
        return NULL;
    PyObject *text = p.what == ENCODING ? repeated('?', p.end - p.start)
                                        : repeated(0xfffd, p.what == DECODING ? 1 : p.end - p.start);
    return answer_steal(&p, text, p.end);
}

/* Writes each character of the range with `put` into ASCII text; at most `most` characters each. */
typedef char *(*Put)(char *to, Py_UCS4 ch);

static PyObject *written(const Problem *p, int most, Put put)
{
    Py_ssize_t n = Py_MAX(p->end - p->start, 0);
    if (n > PY_SSIZE_T_MAX / most - 1)
        return PyErr_NoMemory();
    char *text = PyMem_Malloc((size_t)(n * most + 1)), *to = text;
    if (text == NULL)
        return PyErr_NoMemory();
    for (Py_ssize_t i = p->start; i < p->end; i++)
        to = put(to, p->what == DECODING ? (unsigned char)PyBytes_AS_STRING(p->object)[i] : char_at(p, i));
    PyObject *s = str_from_ascii(text, to - text);
    PyMem_Free(text);
    return s;
}

static char *put_reference(char *to, Py_UCS4 ch)
{
    return to + sprintf(to, "&#%u;", (unsigned)ch);
}

static char *put_backslash(char *to, Py_UCS4 ch)
{
    const char *form = ch < 0x100 ? "\\x%02x" : ch < 0x10000 ? "\\u%04x" : "\\U%08x";
    return to + sprintf(to, form, (unsigned)ch);
}

/* A very long range is answered piece by piece. */
static void shorten(Problem *p)
{
    p->end = Py_MIN(p->end, p->start + (1 << 26));
}

PyObject *PyCodec_XMLCharRefReplaceErrors(PyObject *exc)
{
    Problem p;
    if (!is_a(exc, PyExc_UnicodeEncodeError))
        return wrong_type(exc);
    if (problem_get(exc, &p) < 0)
        return NULL;
    shorten(&p);
    return answer_steal(&p, written(&p, 10, put_reference), p.end);
}

PyObject *PyCodec_BackslashReplaceErrors(PyObject *exc)
{
    Problem p;
    if (problem_get(exc, &p) < 0)
        return NULL;
    shorten(&p);
    return answer_steal(&p, written(&p, 10, put_backslash), p.end);
}

PyObject *PyCodec_NameReplaceErrors(PyObject *exc)
{
    Problem p;
    char text[256 + 8];
    if (!is_a(exc, PyExc_UnicodeEncodeError))
        return wrong_type(exc);
    const UnicodeNameApi *names = unicode_names();
    if (names == NULL || problem_get(exc, &p) < 0)
        return NULL;
    _PyUnicodeWriter w;
    _PyUnicodeWriter_Init(&w);
    w.overallocate = 1;
    for (Py_ssize_t i = p.start; i < p.end; i++) {
        Py_UCS4 ch = char_at(&p, i);
        char *end;
        if (names->getname(ch, text + 3, 256, 1)) {
            memcpy(text, "\\N{", 3);
            end = text + strlen(text);
            *end++ = '}';
        } else {
            end = put_backslash(text, ch);
        }
        if (_PyUnicodeWriter_WriteASCIIString(&w, text, end - text) < 0) {
            _PyUnicodeWriter_Dealloc(&w);
            return answer_steal(&p, NULL, 0);
        }
    }
    return answer_steal(&p, _PyUnicodeWriter_Finish(&w), p.end);
}

/* --- surrogates --- */

/* The exception itself, raised again. */
static PyObject *give_up(Problem *p, PyObject *exc)
{
    PyErr_SetObject((PyObject *)Py_TYPE(exc), exc);
    Py_DECREF(p->object);
    return NULL;
}

static PyObject *surrogate_escape(PyObject *exc)
{
    Problem p;
    if (problem_get(exc, &p) < 0)
        return NULL;
    if (p.what == ENCODING) {
        PyObject *bytes = PyBytes_FromStringAndSize(NULL, p.end - p.start);
        for (Py_ssize_t i = p.start; bytes != NULL && i < p.end; i++) {
            Py_UCS4 ch = char_at(&p, i);
            if (ch < 0xdc80 || ch > 0xdcff) {
                Py_DECREF(bytes);
                return give_up(&p, exc);
            }
            PyBytes_AS_STRING(bytes)[i - p.start] = (char)(ch & 0xff);
        }
        return answer_steal(&p, bytes, p.end);
    }
    if (p.what == DECODING) {
        Py_UCS2 text[4];
        int n = 0;
        for (; n < 4 && n < p.end - p.start; n++) {
            unsigned char byte = (unsigned char)PyBytes_AS_STRING(p.object)[p.start + n];
            if (byte < 128)
                break;
            text[n] = (Py_UCS2)(0xdc00 + byte);
        }
        if (n == 0)
            return give_up(&p, exc);
        return answer_steal(&p, PyUnicode_FromKindAndData(PyUnicode_2BYTE_KIND, text, n), p.start + n);
    }
    Py_DECREF(p.object);
    return wrong_type(exc);
}

typedef enum { OTHER, UTF8, UTF16_LE, UTF16_BE, UTF32_LE, UTF32_BE } Standard;

static Standard standard_encoding(const char *name)
{
    if (Py_TOLOWER(name[0]) == 'c' && Py_TOLOWER(name[1]) == 'p')
        return strcmp(name + 2, "65001") == 0 ? UTF8 : OTHER;
    if (Py_TOLOWER(name[0]) != 'u' || Py_TOLOWER(name[1]) != 't' || Py_TOLOWER(name[2]) != 'f')
        return OTHER;
    name += 3;
    if (*name == '-' || *name == '_')
        name++;
    if (strcmp(name, "8") == 0)
        return UTF8;
    bool wide = strncmp(name, "32", 2) == 0;
    if (!wide && strncmp(name, "16", 2) != 0)
        return OTHER;
    name += 2;
    if (*name == '\0')
        return wide ? UTF32_LE : UTF16_LE;
    if (*name == '-' || *name == '_')
        name++;
    if (Py_TOLOWER(name[0]) == '\0' || Py_TOLOWER(name[1]) != 'e' || name[2] != '\0')
        return OTHER;
    if (Py_TOLOWER(name[0]) == 'b')
        return wide ? UTF32_BE : UTF16_BE;
    if (Py_TOLOWER(name[0]) == 'l')
        return wide ? UTF32_LE : UTF16_LE;
    return OTHER;
}

static int standard_width(Standard standard)
{
    return standard == UTF8 ? 3 : standard == UTF16_LE || standard == UTF16_BE ? 2 : 4;
}

/* A surrogate in one of the encodings. */
static void put_surrogate(unsigned char *to, Standard standard, Py_UCS4 ch)
{
    unsigned char high = (unsigned char)(ch >> 8), low = (unsigned char)ch;
    memset(to, 0, (size_t)standard_width(standard));
    switch (standard) {
    case UTF8:
        to[0] = (unsigned char)(0xe0 | ch >> 12);
        to[1] = (unsigned char)(0x80 | (ch >> 6 & 0x3f));
        to[2] = (unsigned char)(0x80 | (ch & 0x3f));
        break;
    case UTF16_LE: case UTF32_LE:
        to[0] = low;
        to[1] = high;
        break;
    case UTF16_BE:
        to[0] = high;
        to[1] = low;
        break;
    default:
        to[2] = high;
        to[3] = low;
    }
}

static Py_UCS4 get_surrogate(const unsigned char *p, Standard standard)
{
    Py_UCS4 ch = 0;
    switch (standard) {
    case UTF8:
        if ((p[0] & 0xf0) == 0xe0 && (p[1] & 0xc0) == 0x80 && (p[2] & 0xc0) == 0x80)
            ch = (Py_UCS4)(p[0] & 0x0f) << 12 | (Py_UCS4)(p[1] & 0x3f) << 6 | (p[2] & 0x3f);
        break;
    case UTF16_LE: ch = (Py_UCS4)p[1] << 8 | p[0]; break;
    case UTF16_BE: ch = (Py_UCS4)p[0] << 8 | p[1]; break;
    case UTF32_LE: ch = (Py_UCS4)p[3] << 24 | (Py_UCS4)p[2] << 16 | (Py_UCS4)p[1] << 8 | p[0]; break;
    default: ch = (Py_UCS4)p[0] << 24 | (Py_UCS4)p[1] << 16 | (Py_UCS4)p[2] << 8 | p[3];
    }
    return Py_UNICODE_IS_SURROGATE(ch) ? ch : 0;
}

static PyObject *surrogate_pass(PyObject *exc)
{
    Problem p;
    if (problem_get(exc, &p) < 0)
        return NULL;
    if (p.what == TRANSLATING) {
        Py_DECREF(p.object);
        return wrong_type(exc);
    }
    PyObject *encoding = p.what == ENCODING ? PyUnicodeEncodeError_GetEncoding(exc) : PyUnicodeDecodeError_GetEncoding(exc);
    const char *name = encoding == NULL ? NULL : PyUnicode_AsUTF8(encoding);
    if (name == NULL) {
        Py_XDECREF(encoding);
        return answer_steal(&p, NULL, 0);
    }
    Standard standard = standard_encoding(name);
    Py_DECREF(encoding);
    if (standard == OTHER)
        return give_up(&p, exc);
    int width = standard_width(standard);
    if (p.what == DECODING) {
        Py_UCS4 ch = 0;
        if (PyBytes_GET_SIZE(p.object) - p.start >= width)
            ch = get_surrogate((unsigned char *)PyBytes_AS_STRING(p.object) + p.start, standard);
        return ch == 0 ? give_up(&p, exc) : answer_steal(&p, str_from_char(ch), p.start + width);
    }
    if (p.end - p.start > PY_SSIZE_T_MAX / width)
        p.end = p.start + PY_SSIZE_T_MAX / width;
    PyObject *bytes = PyBytes_FromStringAndSize(NULL, width * (p.end - p.start));
    for (Py_ssize_t i = p.start; bytes != NULL && i < p.end; i++) {
        Py_UCS4 ch = char_at(&p, i);
        if (!Py_UNICODE_IS_SURROGATE(ch)) {
            Py_DECREF(bytes);
            return give_up(&p, exc);
        }
        put_surrogate((unsigned char *)PyBytes_AS_STRING(bytes) + width * (i - p.start), standard, ch);
    }
    return answer_steal(&p, bytes, p.end);
}

/* --- as Python functions --- */

#define WRAP(name, function) \
    static PyObject *name##_wrapper(PyObject *self, PyObject *exc) \
    { \
        (void)self; \
        return function(exc); \
    }

WRAP(strict, PyCodec_StrictErrors)
WRAP(ignore, PyCodec_IgnoreErrors)
WRAP(replace, PyCodec_ReplaceErrors)
WRAP(xmlcharrefreplace, PyCodec_XMLCharRefReplaceErrors)
WRAP(backslashreplace, PyCodec_BackslashReplaceErrors)
WRAP(namereplace, PyCodec_NameReplaceErrors)
WRAP(surrogatepass, surrogate_pass)
WRAP(surrogateescape, surrogate_escape)

int codecs_add_standard_handlers(PyObject *registry)
{
    static struct {
        const char *name;
        PyMethodDef def;
    } handlers[] = {
        {"strict", {"strict_errors", strict_wrapper, METH_O,
                    PyDoc_STR("Implements the 'strict' error handling, which raises a UnicodeError on coding errors.")}},
        {"ignore", {"ignore_errors", ignore_wrapper, METH_O,
                    PyDoc_STR("Implements the 'ignore' error handling, which ignores malformed data and continues.")}},
        {"replace", {"replace_errors", replace_wrapper, METH_O,
                     PyDoc_STR("Implements the 'replace' error handling, which replaces malformed data with a "
                               "replacement marker.")}},
        {"xmlcharrefreplace", {"xmlcharrefreplace_errors", xmlcharrefreplace_wrapper, METH_O,
                               PyDoc_STR("Implements the 'xmlcharrefreplace' error handling, which replaces an "
                                         "unencodable character with the appropriate XML character reference.")}},
        {"backslashreplace", {"backslashreplace_errors", backslashreplace_wrapper, METH_O,
                              PyDoc_STR("Implements the 'backslashreplace' error handling, which replaces malformed "
                                        "data with a backslashed escape sequence.")}},
        {"namereplace", {"namereplace_errors", namereplace_wrapper, METH_O,
                         PyDoc_STR("Implements the 'namereplace' error handling, which replaces an unencodable "
                                   "character with a \\N{...} escape sequence.")}},
        {"surrogatepass", {"surrogatepass", surrogatepass_wrapper, METH_O, NULL}},
        {"surrogateescape", {"surrogateescape", surrogateescape_wrapper, METH_O, NULL}},
    };
    for (size_t i = 0; i < Py_ARRAY_LENGTH(handlers); i++) {
        PyObject *function = PyCFunction_NewEx(&handlers[i].def, NULL, NULL);
        int r = function == NULL ? -1 : PyDict_SetItemString(registry, handlers[i].name, function);
        Py_XDECREF(function);
        if (r < 0)
            return -1;
    }
    return 0;
}
