/* make_encoder: objects into JSON text. */
#include "modules/_json/json_module.h"

#include <structmember.h>

typedef struct {
    PyObject_HEAD
    PyObject *markers;          /* owned: dict of the containers being written, or None */
    PyObject *default_;         /* owned function for what JSON cannot say */
    PyObject *encoder;          /* owned function that quotes a str */
    PyObject *indent;
    PyObject *key_separator, *item_separator;
    char sort_keys, skipkeys;
    int allow_nan;
    enum { ENCODE_CALL, ENCODE_ASCII, ENCODE_UNICODE } encode;
} Encoder;

static int write_value(Encoder *self, _PyUnicodeWriter *writer, PyObject *value);

static int write_string(Encoder *self, _PyUnicodeWriter *writer, PyObject *text)
{
    if (self->encode != ENCODE_CALL) return json_write_string(writer, text, self->encode == ENCODE_ASCII);
    PyObject *quoted = PyObject_CallOneArg(self->encoder, text);
    if (quoted == NULL) return -1;
    int status = -1;
    if (PyUnicode_Check(quoted)) status = _PyUnicodeWriter_WriteStr(writer, quoted);
    else PyErr_Format(PyExc_TypeError, "encoder() must return a string, not %.80s", Py_TYPE(quoted)->tp_name);
    Py_DECREF(quoted);
    return status;
}

/* Writes a str and gives its reference away; it may be NULL. */
static int write_steal(_PyUnicodeWriter *writer, PyObject *text)
{
    if (text == NULL) return -1;
    int status = _PyUnicodeWriter_WriteStr(writer, text);
    Py_DECREF(text);
    return status;
}

static PyObject *float_text(Encoder *self, PyObject *number)
{
    double value = PyFloat_AS_DOUBLE(number);
    if (isfinite(value)) return PyFloat_Type.tp_repr(number);
    if (!self->allow_nan) {
        PyErr_SetString(PyExc_ValueError, "Out of range float values are not JSON compliant");
        return NULL;
    }
    return PyUnicode_FromString(value > 0 ? "Infinity" : value < 0 ? "-Infinity" : "NaN");
}

/* None, True or False; NULL for other values. */
static const char *constant_text(PyObject *value)
{
    return value == Py_None ? "null" : value == Py_True ? "true" : value == Py_False ? "false" : NULL;
}

/* ---- circles ---- */

/* Remembers a container. Its mark, owned, or NULL with *status -1 on error; without markers NULL and 0. */
static PyObject *enter_container(Encoder *self, PyObject *container, int *status)
{
    *status = 0;
    if (self->markers == Py_None) return NULL;
    PyObject *mark = PyLong_FromVoidPtr(container);
    int seen = mark ? PyDict_Contains(self->markers, mark) : -1;
    if (seen > 0) PyErr_SetString(PyExc_ValueError, "Circular reference detected");
    if (seen == 0 && PyDict_SetItem(self->markers, mark, container) == 0) return mark;
    Py_XDECREF(mark);
    *status = -1;
    return NULL;
}

/* Forgets it; takes over the mark. */
static int leave_container(Encoder *self, PyObject *mark_steal, int status)
{
    if (mark_steal != NULL && status == 0) status = PyDict_DelItem(self->markers, mark_steal);
    Py_XDECREF(mark_steal);
    return status;
}

/* ---- containers ---- */

/* A key as JSON has it: a str, owned. NULL without an exception: to be skipped. */
static PyObject *key_text(Encoder *self, PyObject *key)
{
    const char *constant = constant_text(key);
    if (PyUnicode_Check(key)) return Py_NewRef(key);
    if (PyFloat_Check(key)) return float_text(self, key);
    if (constant) return PyUnicode_FromString(constant);
    if (PyLong_Check(key)) return PyLong_Type.tp_repr(key);
    if (!self->skipkeys) {
        PyErr_Format(PyExc_TypeError, "keys must be str, int, float, bool or None, not %.100s", Py_TYPE(key)->tp_name);
    }
    return NULL;
}

static int write_member(Encoder *self, _PyUnicodeWriter *writer, PyObject *key, PyObject *value, bool *first)
{
    PyObject *text = key_text(self, key);
    if (text == NULL) return PyErr_Occurred() ? -1 : 0;
    int status = -1;
    if ((*first || _PyUnicodeWriter_WriteStr(writer, self->item_separator) == 0) && write_string(self, writer, text) == 0
        && _PyUnicodeWriter_WriteStr(writer, self->key_separator) == 0) {
        status = write_value(self, writer, value);
    }
    *first = false;
    Py_DECREF(text);
    return status;
}

static int write_members(Encoder *self, _PyUnicodeWriter *writer, PyObject *dict)
{
    PyObject *items = PyMapping_Items(dict);
    int status = -1;
    bool first = true;
    if (items == NULL) return -1;
    if (self->sort_keys && PyList_Sort(items) < 0) goto done;
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(items); i++) {
        PyObject *item = PyList_GET_ITEM(items, i);
        if (!PyTuple_Check(item) || PyTuple_GET_SIZE(item) != 2) {
            PyErr_SetString(PyExc_ValueError, "items must return 2-tuples");
            goto done;
        }
        if (write_member(self, writer, PyTuple_GET_ITEM(item, 0), PyTuple_GET_ITEM(item, 1), &first) < 0) goto done;
    }
    status = 0;
done:
    Py_DECREF(items);
    return status;
}

static int write_dict(Encoder *self, _PyUnicodeWriter *writer, PyObject *dict)
{
    int status;
    if (PyDict_GET_SIZE(dict) == 0) return _PyUnicodeWriter_WriteASCIIString(writer, "{}", 2);
    PyObject *mark = enter_container(self, dict, &status);
    if (status < 0 || _PyUnicodeWriter_WriteChar(writer, '{') < 0) return leave_container(self, mark, -1);
    status = leave_container(self, mark, write_members(self, writer, dict));
    return status < 0 ? -1 : _PyUnicodeWriter_WriteChar(writer, '}');
}

static int write_items(Encoder *self, _PyUnicodeWriter *writer, PyObject *items)
{
    for (Py_ssize_t i = 0; i < PySequence_Fast_GET_SIZE(items); i++) {
        if (i > 0 && _PyUnicodeWriter_WriteStr(writer, self->item_separator) < 0) return -1;
        PyObject *item = Py_NewRef(PySequence_Fast_GET_ITEM(items, i));
        int status = write_value(self, writer, item);
        Py_DECREF(item);
        if (status < 0) return -1;
    }
    return 0;
}

static int write_list(Encoder *self, _PyUnicodeWriter *writer, PyObject *list)
{
    int status = 0;
    PyObject *items = PySequence_Fast(list, "_iterencode_list needs a sequence");
    if (items == NULL) return -1;
    if (PySequence_Fast_GET_SIZE(items) == 0) {
        Py_DECREF(items);
        return _PyUnicodeWriter_WriteASCIIString(writer, "[]", 2);
    }
    PyObject *mark = enter_container(self, list, &status);
    if (status == 0) status = _PyUnicodeWriter_WriteChar(writer, '[');
    if (status == 0) status = write_items(self, writer, items);
    status = leave_container(self, mark, status);
    Py_DECREF(items);
    return status < 0 ? -1 : _PyUnicodeWriter_WriteChar(writer, ']');
}

/* What default() makes of a value that JSON cannot say. */
static int write_default(Encoder *self, _PyUnicodeWriter *writer, PyObject *value)
{
    int status;
    PyObject *mark = enter_container(self, value, &status);
    if (status < 0) return -1;
    PyObject *other = PyObject_CallOneArg(self->default_, value);
    status = other ? write_value(self, writer, other) : -1;
    Py_XDECREF(other);
    return leave_container(self, mark, status);
}

static int write_value(Encoder *self, _PyUnicodeWriter *writer, PyObject *value)
{
    const char *constant = constant_text(value);
    if (constant) return _PyUnicodeWriter_WriteASCIIString(writer, constant, (Py_ssize_t)strlen(constant));
    if (PyUnicode_Check(value)) return write_string(self, writer, value);
    if (PyLong_Check(value)) return write_steal(writer, PyLong_Type.tp_repr(value));
    if (PyFloat_Check(value)) return write_steal(writer, float_text(self, value));
    if (Py_EnterRecursiveCall(" while encoding a JSON object")) return -1;
    int status = PyList_Check(value) || PyTuple_Check(value) ? write_list(self, writer, value)
               : PyDict_Check(value) ? write_dict(self, writer, value)
               : write_default(self, writer, value);
    Py_LeaveRecursiveCall();
    return status;
}

/* ---- the object ---- */

static PyObject *encoder_call(PyObject *self, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"obj", "_current_indent_level", NULL};
    PyObject *value;
    Py_ssize_t level;
    _PyUnicodeWriter writer;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "On:_iterencode", names, &value, &level)) return NULL;
    _PyUnicodeWriter_Init(&writer);
    writer.overallocate = 1;
    if (write_value((Encoder *)self, &writer, value) < 0) {
        _PyUnicodeWriter_Dealloc(&writer);
        return NULL;
    }
    PyObject *text = _PyUnicodeWriter_Finish(&writer);
    return text ? Py_BuildValue("[N]", text) : NULL;
}

static PyObject *encoder_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"markers", "default", "encoder", "indent", "key_separator", "item_separator", "sort_keys",
                            "skipkeys", "allow_nan", NULL};
    PyObject *markers, *default_, *encoder, *indent, *key_separator, *item_separator;
    int sort_keys, skipkeys, allow_nan;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "OOOOUUppp:make_encoder", names, &markers, &default_, &encoder, &indent,
                                     &key_separator, &item_separator, &sort_keys, &skipkeys, &allow_nan)) {
        return NULL;
    }
    if (markers != Py_None && !PyDict_Check(markers)) {
        return PyErr_Format(PyExc_TypeError, "make_encoder() argument 1 must be dict or None, not %.200s",
                            Py_TYPE(markers)->tp_name);
    }
    Encoder *self = (Encoder *)type->tp_alloc(type, 0);
    if (self == NULL) return NULL;
    self->markers = Py_NewRef(markers);
    self->default_ = Py_NewRef(default_);
    self->encoder = Py_NewRef(encoder);
    self->indent = Py_NewRef(indent);
    self->key_separator = Py_NewRef(key_separator);
    self->item_separator = Py_NewRef(item_separator);
    self->sort_keys = (char)sort_keys;
    self->skipkeys = (char)skipkeys;
    self->allow_nan = allow_nan;
    self->encode = ENCODE_CALL;
    if (PyCFunction_Check(encoder)) {
        PyCFunction function = PyCFunction_GetFunction(encoder);
        if (function == json_encode_basestring_ascii) self->encode = ENCODE_ASCII;
        else if (function == json_encode_basestring) self->encode = ENCODE_UNICODE;
    }
    return (PyObject *)self;
}

static int encoder_traverse(PyObject *op, visitproc visit, void *arg)
{
    Encoder *self = (Encoder *)op;
    Py_VISIT(Py_TYPE(op));
    Py_VISIT(self->markers);
    Py_VISIT(self->default_);
    Py_VISIT(self->encoder);
    Py_VISIT(self->indent);
    Py_VISIT(self->key_separator);
    Py_VISIT(self->item_separator);
    return 0;
}

static int encoder_clear(PyObject *op)
{
    Encoder *self = (Encoder *)op;
    Py_CLEAR(self->markers);
    Py_CLEAR(self->default_);
    Py_CLEAR(self->encoder);
    Py_CLEAR(self->indent);
    Py_CLEAR(self->key_separator);
    Py_CLEAR(self->item_separator);
    return 0;
}

static void encoder_dealloc(PyObject *op)
{
    PyTypeObject *type = Py_TYPE(op);
    PyObject_GC_UnTrack(op);
    encoder_clear(op);
    type->tp_free(op);
    Py_DECREF(type);
}

static PyMemberDef encoder_members[] = {
    {"markers", T_OBJECT, offsetof(Encoder, markers), READONLY, "markers"},
    {"default", T_OBJECT, offsetof(Encoder, default_), READONLY, "default"},
    {"encoder", T_OBJECT, offsetof(Encoder, encoder), READONLY, "encoder"},
    {"indent", T_OBJECT, offsetof(Encoder, indent), READONLY, "indent"},
    {"key_separator", T_OBJECT, offsetof(Encoder, key_separator), READONLY, "key_separator"},
    {"item_separator", T_OBJECT, offsetof(Encoder, item_separator), READONLY, "item_separator"},
    {"sort_keys", T_BOOL, offsetof(Encoder, sort_keys), READONLY, "sort_keys"},
    {"skipkeys", T_BOOL, offsetof(Encoder, skipkeys), READONLY, "skipkeys"},
    {0},
};

static PyType_Slot encoder_slots[] = {
    {Py_tp_doc, "_iterencode(obj, _current_indent_level) -> iterable"},
    {Py_tp_dealloc, encoder_dealloc},
    {Py_tp_call, encoder_call},
    {Py_tp_traverse, encoder_traverse},
    {Py_tp_clear, encoder_clear},
    {Py_tp_members, encoder_members},
    {Py_tp_new, encoder_new},
    {0, NULL},
};

PyType_Spec json_encoder_spec = {
    .name = "_json.Encoder",
    .basicsize = sizeof(Encoder),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .slots = encoder_slots,
};
