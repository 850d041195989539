/* str.translate and str.maketrans. */
#include "objects/str/str_internal.h"
#include "objects/str/codec.h"

/* What the table says about a character: new reference, Py_None for deletion, NULL with *same for no entry; NULL on error. */
static PyObject *translate_lookup(PyObject *table, Py_UCS4 ch, bool *same)
{
    *same = false;
    PyObject *key = PyLong_FromLong((long)ch);
    if (key == NULL)
        return NULL;
    PyObject *value;
    if (PyDict_CheckExact(table)) {     /* most characters are not there, and that needs no exception */
        value = Py_XNewRef(PyDict_GetItemWithError(table, key));
        *same = value == NULL && !PyErr_Occurred();
    } else {
        value = PyObject_GetItem(table, key);
    }
    Py_DECREF(key);
    if (*same)
        return NULL;
    if (value == NULL) {
        if (PyErr_ExceptionMatches(PyExc_LookupError)) {
            PyErr_Clear();
            *same = true;
        }
        return NULL;
    }
    if (value == Py_None || PyUnicode_Check(value))
        return value;
    if (!PyLong_Check(value)) {
        PyErr_SetString(PyExc_TypeError, "character mapping must return integer, None or str");
        Py_DECREF(value);
        return NULL;
    }
    long code = PyLong_AsLong(value);
    Py_DECREF(value);
    if (code < 0 || code > (long)STR_MAX_CODE) {
        if (!(code == -1 && PyErr_Occurred() && !PyErr_ExceptionMatches(PyExc_OverflowError))) {
            PyErr_Clear();
            PyErr_Format(PyExc_ValueError, "character mapping must be in range(0x%x)", STR_MAX_CODE + 1);
        }
        return NULL;
    }
    return str_from_char((Py_UCS4)code);
}

/* The answers for ASCII characters met so far. */
enum { UNSEEN = 0xff, DELETED = 0xfe, COMPLEX = 0xfd };

/* Writes the leading characters whose ASCII answers are known, as far as there is room for them: how many. */
static Py_ssize_t translate_known(_PyUnicodeWriter *w, const Py_UCS1 *text, Py_ssize_t n, const unsigned char *memo, bool *changed)
{
    Py_UCS1 *to = (Py_UCS1 *)w->data + w->pos;
    Py_ssize_t i = 0, room = Py_MIN(n, w->size - w->pos);
    Py_UCS1 differ = 0;
    for (; i < room && text[i] < 128 && memo[text[i]] < 128; i++) {
        to[i] = memo[text[i]];
        differ |= to[i] ^ text[i];
    }
    w->pos += i;
    *changed |= differ != 0;
    return i;
}

PyObject *str_translate(PyObject *s, PyObject *table)
{
    StrView v = str_view(s);
    unsigned char memo[128];
    _PyUnicodeWriter w;
    _PyUnicodeWriter_Init(&w);
    w.overallocate = 1;
    memset(memo, UNSEEN, sizeof(memo));
    if (v.length == 0)
        return str_unchanged(s);
    if (_PyUnicodeWriter_Prepare(&w, v.length, PyUnicode_IS_ASCII(s) ? 127 : PyUnicode_MAX_CHAR_VALUE(s)) < 0)
        return NULL;
    bool changed = false;
    for (Py_ssize_t i = 0; i < v.length; i++) {
        if (v.kind == 1 && w.kind == 1)
            i += translate_known(&w, (const Py_UCS1 *)v.data + i, v.length - i, memo, &changed);
        if (i == v.length)
            break;
        Py_UCS4 ch = PyUnicode_READ(v.kind, v.data, i);
        if (ch < 128 && memo[ch] < 128) {
            changed |= memo[ch] != ch;
            if (_PyUnicodeWriter_WriteChar(&w, memo[ch]) < 0)
                goto error;
            continue;
        }
        if (ch < 128 && memo[ch] == DELETED) {
            changed = true;
            continue;
        }
        bool same;
        PyObject *to = translate_lookup(table, ch, &same);
        if (to == NULL) {
            if (!same || _PyUnicodeWriter_WriteChar(&w, ch) < 0)
                goto error;
            if (ch < 128)
                memo[ch] = (unsigned char)ch;
            continue;
        }
        changed = true;
        if (to == Py_None) {
            if (ch < 128)
                memo[ch] = DELETED;
        } else {
            if (PyUnicode_READY(to) == 0 && ch < 128 && PyUnicode_GET_LENGTH(to) == 1 && PyUnicode_IS_ASCII(to))
                memo[ch] = (unsigned char)PyUnicode_READ_CHAR(to, 0);
            if (_PyUnicodeWriter_WriteStr(&w, to) < 0) {
                Py_DECREF(to);
                goto error;
            }
        }
        Py_DECREF(to);
    }
    if (!changed) {
        _PyUnicodeWriter_Dealloc(&w);
        return str_unchanged(s);
    }
    PyObject *result = _PyUnicodeWriter_Finish(&w);
    if (result != NULL && !PyUnicode_IS_ASCII(result) && PyUnicode_GET_LENGTH(result) > 0) {
        Py_UCS4 max = str_max_char(str_view(result));
        if (max < PyUnicode_MAX_CHAR_VALUE(result))
            Py_SETREF(result, str_from_view(str_view(result), max));
    }
    return result;

error:
    _PyUnicodeWriter_Dealloc(&w);
    return NULL;
}

/* New str with every character mapped through the table. */
PyObject *PyUnicode_Translate(PyObject *s, PyObject *table, const char *errors)
{
    (void)errors;
    if (table == NULL) {
        PyErr_BadArgument();
        return NULL;
    }
    return str_require(s) < 0 ? NULL : str_translate(s, table);
}

STR_ONE(translate)
{
    return PyUnicode_READY(self) < 0 ? NULL : str_translate(self, arg);
}

/* table[ord] = value (borrowed). */
static int put(PyObject *table, Py_UCS4 ch, PyObject *value)
{
    PyObject *key = PyLong_FromLong((long)ch);
    int r = key == NULL || value == NULL ? -1 : PyDict_SetItem(table, key, value);
    Py_XDECREF(key);
    return r;
}

static int table_from_dict(PyObject *table, PyObject *dict)
{
    PyObject *key, *value;
    Py_ssize_t at = 0;
    while (PyDict_Next(dict, &at, &key, &value)) {
        if (PyUnicode_Check(key)) {
            if (PyUnicode_READY(key) < 0)
                return -1;
            if (PyUnicode_GET_LENGTH(key) != 1) {
                PyErr_SetString(PyExc_ValueError, "string keys in translate table must be of length 1");
                return -1;
            }
            if (put(table, PyUnicode_READ_CHAR(key, 0), value) < 0)
                return -1;
        } else if (PyLong_Check(key)) {
            if (PyDict_SetItem(table, key, value) < 0)
                return -1;
        } else {
            PyErr_SetString(PyExc_TypeError, "keys in translate table must be strings or integers");
            return -1;
        }
    }
    return 0;
}

static int table_from_pairs(PyObject *table, PyObject *x, PyObject *y, PyObject *z)
{
    if (!PyUnicode_Check(x)) {
        PyErr_SetString(PyExc_TypeError, "first maketrans argument must be a string if there is a second argument");
        return -1;
    }
    if (PyUnicode_READY(x) < 0 || PyUnicode_READY(y) < 0 || (z != NULL && PyUnicode_READY(z) < 0))
        return -1;
    StrView a = str_view(x), b = str_view(y);
    if (a.length != b.length) {
        PyErr_SetString(PyExc_ValueError, "the first two maketrans arguments must have equal length");
        return -1;
    }
    for (Py_ssize_t i = 0; i < a.length; i++) {
        PyObject *value = PyLong_FromLong((long)PyUnicode_READ(b.kind, b.data, i));
        int r = put(table, PyUnicode_READ(a.kind, a.data, i), value);
        Py_XDECREF(value);
        if (r < 0)
            return -1;
    }
    if (z == NULL)
        return 0;
    StrView c = str_view(z);
    for (Py_ssize_t i = 0; i < c.length; i++)
        if (put(table, PyUnicode_READ(c.kind, c.data, i), Py_None) < 0)
            return -1;
    return 0;
}

PyObject *str_maketrans_method(PyObject *unused, PyObject *const *args, Py_ssize_t nargs)
{
    (void)unused;
    if (!_PyArg_CheckPositional("maketrans", nargs, 1, 3))
        return NULL;
    for (Py_ssize_t i = 1; i < nargs; i++) {
        if (!PyUnicode_Check(args[i])) {
            _PyArg_BadArgument("maketrans", i == 1 ? "argument 2" : "argument 3", "str", args[i]);
            return NULL;
        }
    }
    PyObject *table = PyDict_New();
    if (table == NULL)
        return NULL;
    int r;
    if (nargs > 1) {
        r = table_from_pairs(table, args[0], args[1], nargs > 2 ? args[2] : NULL);
    } else if (PyDict_CheckExact(args[0])) {
        r = table_from_dict(table, args[0]);
    } else {
        PyErr_SetString(PyExc_TypeError, "if you give only one argument to maketrans it must be a dict");
        r = -1;
    }
    if (r < 0)
        Py_CLEAR(table);
    return table;
}
