/* The is…() methods. */
#include "objects/str/str_internal.h"

/* Every character passes, and there is one. */
#define EVERY(name, test) \
    STR_NOARGS(name) \
    { \
        (void)unused; \
        if (PyUnicode_READY(self) < 0) \
            return NULL; \
        StrView v = str_view(self); \
        for (Py_ssize_t i = 0; i < v.length; i++) { \
            Py_UCS4 ch = PyUnicode_READ(v.kind, v.data, i); \
            if (!test(ch)) \
                Py_RETURN_FALSE; \
        } \
        return PyBool_FromLong(v.length > 0); \
    }

#define ALPHA(ch) ((ch) < 128 ? Py_ISALPHA(ch) : (unsigned)_PyUnicode_IsAlpha(ch))
#define ALNUM(ch) ((ch) < 128 ? Py_ISALNUM(ch) : (unsigned)Py_UNICODE_ISALNUM(ch))
#define DECIMAL(ch) ((ch) < 128 ? Py_ISDIGIT(ch) : (unsigned)_PyUnicode_IsDecimalDigit(ch))

EVERY(isspace, Py_UNICODE_ISSPACE)
EVERY(isalpha, ALPHA)
EVERY(isalnum, ALNUM)
EVERY(isdecimal, DECIMAL)
EVERY(isdigit, Py_UNICODE_ISDIGIT)
EVERY(isnumeric, Py_UNICODE_ISNUMERIC)

STR_NOARGS(isascii)
{
    (void)unused;
    if (PyUnicode_READY(self) < 0)
        return NULL;
    return PyBool_FromLong(PyUnicode_IS_ASCII(self));
}

STR_NOARGS(isprintable)
{
    (void)unused;
    if (PyUnicode_READY(self) < 0)
        return NULL;
    StrView v = str_view(self);
    for (Py_ssize_t i = 0; i < v.length; i++)
        if (!Py_UNICODE_ISPRINTABLE(PyUnicode_READ(v.kind, v.data, i)))
            Py_RETURN_FALSE;
    Py_RETURN_TRUE;
}

STR_NOARGS(islower)
{
    (void)unused;
    if (PyUnicode_READY(self) < 0)
        return NULL;
    StrView v = str_view(self);
    bool cased = false;
    for (Py_ssize_t i = 0; i < v.length; i++) {
        Py_UCS4 ch = PyUnicode_READ(v.kind, v.data, i);
        if (Py_UNICODE_ISUPPER(ch) || Py_UNICODE_ISTITLE(ch))
            Py_RETURN_FALSE;
        cased = cased || Py_UNICODE_ISLOWER(ch);
    }
    return PyBool_FromLong(cased);
}

STR_NOARGS(isupper)
{
    (void)unused;
    if (PyUnicode_READY(self) < 0)
        return NULL;
    StrView v = str_view(self);
    bool cased = false;
    for (Py_ssize_t i = 0; i < v.length; i++) {
        Py_UCS4 ch = PyUnicode_READ(v.kind, v.data, i);
        if (Py_UNICODE_ISLOWER(ch) || Py_UNICODE_ISTITLE(ch))
            Py_RETURN_FALSE;
        cased = cased || Py_UNICODE_ISUPPER(ch);
    }
    return PyBool_FromLong(cased);
}

STR_NOARGS(istitle)
{
    (void)unused;
    if (PyUnicode_READY(self) < 0)
        return NULL;
    StrView v = str_view(self);
    bool cased = false, inside = false;
    for (Py_ssize_t i = 0; i < v.length; i++) {
        Py_UCS4 ch = PyUnicode_READ(v.kind, v.data, i);
        if (Py_UNICODE_ISUPPER(ch) || Py_UNICODE_ISTITLE(ch)) {
            if (inside)
                Py_RETURN_FALSE;
            inside = cased = true;
        } else if (Py_UNICODE_ISLOWER(ch)) {
            if (!inside)
                Py_RETURN_FALSE;
            cased = true;
        } else {
            inside = false;
        }
    }
    return PyBool_FromLong(cased);
}

/* Whether an identifier may start with ch, or go on with it. ASCII, which is what most identifiers are, needs no Unicode tables. */
static bool starts_identifier(Py_UCS4 ch)
{
    return ch < 128 ? Py_ISALPHA(ch) || ch == '_' : _PyUnicode_IsXidStart(ch);
}

static bool continues_identifier(Py_UCS4 ch)
{
    return ch < 128 ? Py_ISALNUM(ch) || ch == '_' : _PyUnicode_IsXidContinue(ch);
}

/* Length of the longest identifier that s starts with. */
Py_ssize_t _PyUnicode_ScanIdentifier(PyObject *s)
{
    if (PyUnicode_READY(s) < 0)
        return 0;
    StrView v = str_view(s);
    if (v.length == 0)
        return 0;
    if (!starts_identifier(PyUnicode_READ(v.kind, v.data, 0)))
        return 0;
    Py_ssize_t i = 1;
    while (i < v.length && continues_identifier(PyUnicode_READ(v.kind, v.data, i)))
        i++;
    return i;
}

/* 1 when s is an identifier (keywords are), else 0. */
int PyUnicode_IsIdentifier(PyObject *s)
{
    Py_ssize_t n = PyUnicode_IS_READY(s) ? PyUnicode_GET_LENGTH(s) : str_compact(s)->wstr_length;
    return n > 0 && _PyUnicode_ScanIdentifier(s) == n;
}

STR_NOARGS(isidentifier)
{
    (void)unused;
    return PyBool_FromLong(PyUnicode_IsIdentifier(self));
}
