/* make_scanner: JSON text into objects. */
#include "modules/_json/json_module.h"

#include <structmember.h>

#include "objects/int/int.h"
#include "objects/list.h"
#include "objects/str/str.h"

typedef struct {
    PyObject_HEAD
    char strict;
    PyObject *object_hook, *object_pairs_hook;      /* owned; None for none */
    PyObject *parse_float, *parse_int, *parse_constant;
    PyObject *memo;                                 /* owned dict: keys seen, so that equal ones are one object */
} Scanner;

enum { RECENT_KEYS = 32 };

/* The text being read; `place` is where the next token begins. */
typedef struct {
    Scanner *scanner;
    PyObject *text;
    int kind;
    bool ascii;
    const void *data;
    Py_ssize_t length;
    PyObject **recent;                              /* ASCII keys of the memo, owned, by a quick hash of their text */
} Input;

static PyObject *scan_value(const Input *in, Py_ssize_t place, Py_ssize_t *next);

/* The character there; beyond the end, one that no text has. */
static inline Py_UCS4 char_at(const Input *in, Py_ssize_t place)
{
    if (in->kind == PyUnicode_1BYTE_KIND) return place < in->length ? ((const Py_UCS1 *)in->data)[place] : 0x110000;
    return place < in->length ? PyUnicode_READ(in->kind, in->data, place) : 0x110000;
}

static inline Py_ssize_t skip_space(const Input *in, Py_ssize_t place)
{
    if (char_at(in, place) > ' ') return place;
    for (;; place++) {
        Py_UCS4 ch = char_at(in, place);
        if (ch != ' ' && ch != '\t' && ch != '\n' && ch != '\r') return place;
    }
}

static PyObject *stop_at(Py_ssize_t place)
{
    PyObject *value = PyLong_FromSsize_t(place);
    if (value != NULL) {
        PyObject *error = PyObject_CallOneArg(PyExc_StopIteration, value);
        if (error != NULL) PyErr_SetObject(PyExc_StopIteration, error);
        Py_XDECREF(error);
        Py_DECREF(value);
    }
    return NULL;
}

/* ---- objects and arrays ---- */

/* Adds a member to the dict, or to the list of pairs. */
static int add_member(PyObject *members, PyObject *key, PyObject *value)
{
    if (PyDict_CheckExact(members)) return PyDict_SetItem(members, key, value);
    PyObject *pair = PyTuple_Pack(2, key, value);
    if (pair == NULL) return -1;
    int status = PyList_Append(members, pair);
    Py_DECREF(pair);
    return status;
}

/* The str whose text ends in a quote that is near and has no escapes, ASCII; NULL without an exception if it is not so. */
static inline const char *plain_string(const Input *in, Py_ssize_t begin, Py_ssize_t *length)
{
    enum { NEAR = 32 };
    if (!in->ascii) return NULL;
    const unsigned char *text = (const unsigned char *)in->data + begin;
    Py_ssize_t most = Py_MIN(in->length - begin, NEAR), n = 0;
    while (n < most && text[n] != '"' && text[n] != '\\' && text[n] > 0x1f) n++;
    if (n >= most || text[n] != '"') return NULL;
    *length = n;
    return (const char *)text;
}

static PyObject *scan_string(const Input *in, Py_ssize_t begin, Py_ssize_t *next)
{
    Py_ssize_t n;
    const char *text = plain_string(in, begin, &n);
    if (text == NULL) return json_scan_string(in->text, begin, in->scanner->strict, next);
    *next = begin + n + 1;
    return str_copy_ascii(text, n);
}

/* A key, the same object for the same text: new reference. */
static PyObject *scan_key(const Input *in, Py_ssize_t begin, Py_ssize_t *next)
{
    Py_ssize_t n;
    const char *text = plain_string(in, begin, &n);
    PyObject **recent = NULL;
    if (text != NULL && n > 0) {
        unsigned hash = (unsigned)n * 7 + (unsigned char)text[0] * 31 + (unsigned char)text[n / 2] * 5 + (unsigned char)text[n - 1];
        recent = &in->recent[hash % RECENT_KEYS];
        PyObject *known = *recent;
        if (known != NULL && PyUnicode_GET_LENGTH(known) == n && memcmp(PyUnicode_DATA(known), text, (size_t)n) == 0) {
            *next = begin + n + 1;
            return Py_NewRef(known);
        }
    }
    PyObject *key = scan_string(in, begin, next);
    if (key == NULL) return NULL;
    PyObject *same = Py_XNewRef(PyDict_SetDefault(in->scanner->memo, key, key));
    Py_DECREF(key);
    if (recent != NULL && same != NULL) Py_XSETREF(*recent, Py_NewRef(same));
    return same;
}

/* A key at `place`, its colon and its value. Where the next token begins, or -1 with an exception. */
static Py_ssize_t scan_member(const Input *in, Py_ssize_t place, PyObject *members)
{
    if (char_at(in, place) != '"') {
        json_error("Expecting property name enclosed in double quotes", in->text, place);
        return -1;
    }
    PyObject *key = scan_key(in, place + 1, &place), *value = NULL;
    int status = -1;
    if (key == NULL) return -1;
    place = skip_space(in, place);
    if (char_at(in, place) != ':') {
        json_error("Expecting ':' delimiter", in->text, place);
        goto done;
    }
    value = scan_value(in, skip_space(in, place + 1), &place);
    if (value != NULL) status = add_member(members, key, value);
done:
    Py_DECREF(key);
    Py_XDECREF(value);
    return status < 0 ? -1 : skip_space(in, place);
}

static PyObject *scan_object(const Input *in, Py_ssize_t place, Py_ssize_t *next)
{
    Scanner *self = in->scanner;
    bool pairs = self->object_pairs_hook != Py_None;
    PyObject *members = pairs ? PyList_New(0) : PyDict_New();
    if (members == NULL) return NULL;
    place = skip_space(in, place);
    if (char_at(in, place) != '}') {
        for (;;) {
            place = scan_member(in, place, members);
            if (place < 0) goto error;
            Py_UCS4 ch = char_at(in, place);
            if (ch == '}') break;
            if (ch != ',') {
                json_error("Expecting ',' delimiter", in->text, place);
                goto error;
            }
            place = skip_space(in, place + 1);
        }
    }
    *next = place + 1;
    if (pairs) Py_SETREF(members, PyObject_CallOneArg(self->object_pairs_hook, members));
    else if (self->object_hook != Py_None) Py_SETREF(members, PyObject_CallOneArg(self->object_hook, members));
    return members;
error:
    Py_DECREF(members);
    return NULL;
}

static PyObject *scan_array(const Input *in, Py_ssize_t place, Py_ssize_t *next)
{
    PyObject *list = PyList_New(0);
    if (list == NULL) return NULL;
    place = skip_space(in, place);
    if (char_at(in, place) != ']') {
        for (;;) {
            PyObject *value = scan_value(in, place, &place);
            if (value == NULL) goto error;
            if (list_append_steal((PyListObject *)list, value) < 0) goto error;
            place = skip_space(in, place);
            Py_UCS4 ch = char_at(in, place);
            if (ch == ']') break;
            if (ch != ',') {
                json_error("Expecting ',' delimiter", in->text, place);
                goto error;
            }
            place = skip_space(in, place + 1);
        }
    }
    *next = place + 1;
    return list;
error:
    Py_DECREF(list);
    return NULL;
}

/* ---- numbers and constants ---- */

static inline bool digit_at(const Input *in, Py_ssize_t place)
{
    Py_UCS4 ch = char_at(in, place);
    return ch >= '0' && ch <= '9';
}

static Py_ssize_t skip_digits(const Input *in, Py_ssize_t place)
{
    while (digit_at(in, place)) place++;
    return place;
}

/* The number in text[begin:end], which is ASCII. */
static PyObject *make_number(const Input *in, Py_ssize_t begin, Py_ssize_t end, bool is_float)
{
    char small[40], *text = small;
    Py_ssize_t length = end - begin;
    PyObject *result = NULL;
    PyObject *custom = is_float ? in->scanner->parse_float : in->scanner->parse_int;
    if (custom != (PyObject *)(is_float ? &PyFloat_Type : &PyLong_Type)) {
        PyObject *string = PyUnicode_Substring(in->text, begin, end);
        if (string == NULL) return NULL;
        result = PyObject_CallOneArg(custom, string);
        Py_DECREF(string);
        return result;
    }
    if (!is_float && length <= 18 && in->kind == PyUnicode_1BYTE_KIND) {
        const Py_UCS1 *p = (const Py_UCS1 *)in->data + begin, *stop = p + length;
        bool negative = *p == '-';
        int64_t value = 0;
        for (p += negative; p < stop; p++) value = value * 10 + (*p - '0');
        return int_from_int64(negative ? -value : value);
    }
    if (length >= (Py_ssize_t)sizeof small && (text = PyMem_Malloc((size_t)length + 1)) == NULL) return PyErr_NoMemory();
    for (Py_ssize_t i = 0; i < length; i++) text[i] = (char)PyUnicode_READ(in->kind, in->data, begin + i);
    text[length] = '\0';
    if (is_float) {
        double value = PyOS_string_to_double(text, NULL, NULL);
        if (value != -1.0 || !PyErr_Occurred()) result = PyFloat_FromDouble(value);
    }
    else if (length <= 18) {
        result = PyLong_FromLong(strtol(text, NULL, 10));
    }
    else {
        result = PyLong_FromString(text, NULL, 10);
    }
    if (text != small) PyMem_Free(text);
    return result;
}

static PyObject *scan_number(const Input *in, Py_ssize_t begin, Py_ssize_t *next)
{
    Py_ssize_t place = begin + (char_at(in, begin) == '-');
    bool is_float = false;
    if (!digit_at(in, place)) return stop_at(begin);
    place = char_at(in, place) == '0' ? place + 1 : skip_digits(in, place);
    if (char_at(in, place) == '.' && digit_at(in, place + 1)) {
        is_float = true;
        place = skip_digits(in, place + 1);
    }
    Py_UCS4 ch = char_at(in, place);
    if (ch == 'e' || ch == 'E') {
        Py_ssize_t exponent = place + 1;
        ch = char_at(in, exponent);
        if (ch == '+' || ch == '-') exponent++;
        if (digit_at(in, exponent)) {
            is_float = true;
            place = skip_digits(in, exponent);
        }
    }
    *next = place;
    return make_number(in, begin, place, is_float);
}

static bool word_at(const Input *in, Py_ssize_t place, const char *word)
{
    for (; *word; word++, place++) {
        if (char_at(in, place) != (Py_UCS4)*word) return false;
    }
    return true;
}

/* One of the words that JSON has, or that Python adds to it. NULL without an exception when there is none. */
static PyObject *scan_word(const Input *in, Py_ssize_t place, Py_ssize_t *next)
{
    static const struct {
        const char *word;
        PyObject *value;
    } words[] = {
        {"null", Py_None}, {"true", Py_True}, {"false", Py_False}, {"NaN", NULL}, {"Infinity", NULL}, {"-Infinity", NULL},
    };
    for (size_t i = 0; i < Py_ARRAY_LENGTH(words); i++) {
        if (!word_at(in, place, words[i].word)) continue;
        *next = place + (Py_ssize_t)strlen(words[i].word);
        if (words[i].value != NULL) return Py_NewRef(words[i].value);
        return PyObject_CallFunction(in->scanner->parse_constant, "s", words[i].word);
    }
    return NULL;
}

static PyObject *scan_value(const Input *in, Py_ssize_t place, Py_ssize_t *next)
{
    PyObject *value;
    if (place < 0) {
        PyErr_SetString(PyExc_ValueError, "idx cannot be negative");
        return NULL;
    }
    switch (char_at(in, place)) {
    case '"':
        return scan_string(in, place + 1, next);
    case '{':
        if (Py_EnterRecursiveCall(" while decoding a JSON object from a unicode string")) return NULL;
        value = scan_object(in, place + 1, next);
        Py_LeaveRecursiveCall();
        return value;
    case '[':
        if (Py_EnterRecursiveCall(" while decoding a JSON array from a unicode string")) return NULL;
        value = scan_array(in, place + 1, next);
        Py_LeaveRecursiveCall();
        return value;
    case 'n': case 't': case 'f': case 'N': case 'I': case '-':
        value = scan_word(in, place, next);
        if (value != NULL || PyErr_Occurred()) return value;
    }
    return scan_number(in, place, next);
}

/* ---- the object ---- */

static PyObject *scanner_call(PyObject *op, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"string", "idx", NULL};
    PyObject *text;
    Py_ssize_t place, next = -1;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "On:scan_once", names, &text, &place)) return NULL;
    if (!PyUnicode_Check(text)) {
        return PyErr_Format(PyExc_TypeError, "first argument must be a string, not %.80s", Py_TYPE(text)->tp_name);
    }
    if (PyUnicode_READY(text) < 0) return NULL;
    PyObject *recent[RECENT_KEYS] = {NULL};
    Input in = {(Scanner *)op, text, (int)PyUnicode_KIND(text), PyUnicode_IS_ASCII(text), PyUnicode_DATA(text), PyUnicode_GET_LENGTH(text), recent};
    PyObject *value = place >= in.length ? stop_at(place) : scan_value(&in, place, &next);
    for (int i = 0; i < RECENT_KEYS; i++) Py_XDECREF(recent[i]);
    PyDict_Clear(((Scanner *)op)->memo);
    return value == NULL ? NULL : Py_BuildValue("Nn", value, next);
}

static PyObject *scanner_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"context", NULL};
    PyObject *context;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O:make_scanner", names, &context)) return NULL;
    Scanner *self = (Scanner *)type->tp_alloc(type, 0);
    if (self == NULL) return NULL;
    if ((self->memo = PyDict_New()) == NULL) goto error;
    PyObject *strict = PyObject_GetAttrString(context, "strict");
    if (strict == NULL) goto error;
    int truth = PyObject_IsTrue(strict);
    Py_DECREF(strict);
    if (truth < 0) goto error;
    self->strict = (char)truth;
    if ((self->object_hook = PyObject_GetAttrString(context, "object_hook")) == NULL) goto error;
    if ((self->object_pairs_hook = PyObject_GetAttrString(context, "object_pairs_hook")) == NULL) goto error;
    if ((self->parse_float = PyObject_GetAttrString(context, "parse_float")) == NULL) goto error;
    if ((self->parse_int = PyObject_GetAttrString(context, "parse_int")) == NULL) goto error;
    if ((self->parse_constant = PyObject_GetAttrString(context, "parse_constant")) == NULL) goto error;
    return (PyObject *)self;
error:
    Py_DECREF(self);
    return NULL;
}

static int scanner_traverse(PyObject *op, visitproc visit, void *arg)
{
    Scanner *self = (Scanner *)op;
    Py_VISIT(Py_TYPE(op));
    Py_VISIT(self->object_hook);
    Py_VISIT(self->object_pairs_hook);
    Py_VISIT(self->parse_float);
    Py_VISIT(self->parse_int);
    Py_VISIT(self->parse_constant);
    Py_VISIT(self->memo);
    return 0;
}

static int scanner_clear(PyObject *op)
{
    Scanner *self = (Scanner *)op;
    Py_CLEAR(self->object_hook);
    Py_CLEAR(self->object_pairs_hook);
    Py_CLEAR(self->parse_float);
    Py_CLEAR(self->parse_int);
    Py_CLEAR(self->parse_constant);
    Py_CLEAR(self->memo);
    return 0;
}

static void scanner_dealloc(PyObject *op)
{
    PyTypeObject *type = Py_TYPE(op);
    PyObject_GC_UnTrack(op);
    scanner_clear(op);
    type->tp_free(op);
    Py_DECREF(type);
}

static PyMemberDef scanner_members[] = {
    {"strict", T_BOOL, offsetof(Scanner, strict), READONLY, "strict"},
    {"object_hook", T_OBJECT, offsetof(Scanner, object_hook), READONLY, "object_hook"},
    {"object_pairs_hook", T_OBJECT, offsetof(Scanner, object_pairs_hook), READONLY, NULL},
    {"parse_float", T_OBJECT, offsetof(Scanner, parse_float), READONLY, "parse_float"},
    {"parse_int", T_OBJECT, offsetof(Scanner, parse_int), READONLY, "parse_int"},
    {"parse_constant", T_OBJECT, offsetof(Scanner, parse_constant), READONLY, "parse_constant"},
    {0},
};

static PyType_Slot scanner_slots[] = {
    {Py_tp_doc, "JSON scanner object"},
    {Py_tp_dealloc, scanner_dealloc},
    {Py_tp_call, scanner_call},
    {Py_tp_traverse, scanner_traverse},
    {Py_tp_clear, scanner_clear},
    {Py_tp_members, scanner_members},
    {Py_tp_new, scanner_new},
    {0, NULL},
};

PyType_Spec json_scanner_spec = {
    .name = "_json.Scanner",
    .basicsize = sizeof(Scanner),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .slots = scanner_slots,
};
