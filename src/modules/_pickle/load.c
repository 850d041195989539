/* Unpickling: the loop over the opcodes, and those that make what contains no others. */
#include "modules/_pickle/pickle.h"

#include <errno.h>
#include <stdlib.h>

/* ---- Numbers ---- */

/* A decimal int between opcode and end of line, or a bool. */
static int load_int(Unpickler *self)
{
    Py_ssize_t length;
    char *line = input_line(self, &length), *end;
    if (!line) return -1;
    if (length < 2) return input_truncated();
    errno = 0;
    long value = strtol(line, &end, 0);
    if (errno || (*end != '\n' && *end != '\0')) {
        /* More than a long holds, or no number. */
        errno = 0;
        PyObject *number = PyLong_FromString(line, NULL, 0);
        if (!number) PyErr_SetString(PyExc_ValueError, "could not convert string to int");
        return stack_push_steal(self, number);
    }
    bool is_bool = length == 3 && (value == 0 || value == 1);
    return stack_push_steal(self, is_bool ? PyBool_FromLong(value) : PyLong_FromLong(value));
}

static inline __attribute__((always_inline)) int load_binint(Unpickler *self, int size)
{
    const char *at = input_read(self, size);
    if (!at) return -1;
    long value = (long)load_little(at, size);
    return stack_push_steal(self, PyLong_FromLong(size == 4 ? (int32_t)value : value));
}

static int load_long(Unpickler *self)
{
    Py_ssize_t length;
    char *line = input_line(self, &length);
    if (!line) return -1;
    if (length < 2) return input_truncated();
    /* "12L": the suffix of Python 2 */
    if (line[length - 2] == 'L') line[length - 2] = '\0';
    return stack_push_steal(self, PyLong_FromString(line, NULL, 0));
}

static int load_counted_long(Unpickler *self, int size)
{
    const char *at = input_read(self, size);
    if (!at) return -1;
    int64_t n = size == 1 ? (uint8_t)*at : (int32_t)load_little(at, 4);
    if (n < 0) return unpickling_error("LONG pickle has negative byte count");
    if (n == 0) return stack_push_steal(self, PyLong_FromLong(0));
    at = input_read(self, n);
    if (!at) return -1;
    return stack_push_steal(
        self, _PyLong_FromByteArray((const unsigned char *)at, (size_t)n, 1, 1));
}

static int load_float(Unpickler *self)
{
    Py_ssize_t length;
    char *line = input_line(self, &length), *end;
    if (!line) return -1;
    if (length < 2) return input_truncated();
    double value = PyOS_string_to_double(line, &end, PyExc_OverflowError);
    if (value == -1.0 && PyErr_Occurred()) return -1;
    if (*end != '\n' && *end != '\0') {
        PyErr_SetString(PyExc_ValueError, "could not convert string to float");
        return -1;
    }
    return stack_push_steal(self, PyFloat_FromDouble(value));
}

static int load_binfloat(Unpickler *self)
{
    const char *at = input_read(self, 8);
    if (!at) return -1;
    double value = PyFloat_Unpack8(at, 0);
    if (value == -1.0 && PyErr_Occurred()) return -1;
    return stack_push_steal(self, PyFloat_FromDouble(value));
}

/* ---- Text and bytes ---- */

/* A length of `size` bytes before data; -1 with the error of `name` if it is more than memory, and
 * if it is known already that there are not so many (a short pickle shall not ask for gigabytes).
 */
static Py_ssize_t read_length(Unpickler *self, int size, const char *name)
{
    const char *at = input_read(self, size);
    if (!at) return -1;
    uint64_t length = load_little(at, size);
    if (length <= PY_SSIZE_T_MAX) {
        bool enough = self->read || (Py_ssize_t)length <= self->end - self->at;
        return enough ? (Py_ssize_t)length : input_truncated();
    }
    PyErr_Format(
        PyExc_OverflowError, "%s exceeds system's maximum size of %zd bytes", name, PY_SSIZE_T_MAX);
    return -1;
}

/* A str of Python 2: bytes, or what the encoding makes of them. */
static PyObject *decode_old_string(Unpickler *self, const char *data, Py_ssize_t length)
{
    if (strcmp(self->encoding, "bytes") == 0) return PyBytes_FromStringAndSize(data, length);
    return PyUnicode_Decode(data, length, self->encoding, self->errors);
}

static int load_string(Unpickler *self)
{
    Py_ssize_t length;
    char *line = input_line(self, &length);
    if (!line) return -1;
    length--; /* the end of line */
    if (length < 2 || line[0] != line[length - 1] || (line[0] != '"' && line[0] != '\'')) {
        return unpickling_error("the STRING opcode argument must be quoted");
    }
    PyObject *bytes = PyBytes_DecodeEscape(line + 1, length - 2, NULL, 0, NULL);
    if (!bytes) return -1;
    if (strcmp(self->encoding, "bytes") == 0) return stack_push_steal(self, bytes);
    PyObject *text = PyUnicode_FromEncodedObject(bytes, self->encoding, self->errors);
    Py_DECREF(bytes);
    return stack_push_steal(self, text);
}

static int load_counted_string(Unpickler *self, int size)
{
    const char *at = input_read(self, size);
    if (!at) return -1;
    Py_ssize_t length = (Py_ssize_t)load_little(at, size);
    at = input_read(self, length);
    if (!at) return -1;
    /* A codec in Python may use this unpickler, and so exchange its input. */
    PyObject *holder = Py_XNewRef(self->holder);
    int status = stack_push_steal(self, decode_old_string(self, at, length));
    Py_XDECREF(holder);
    return status;
}

static int load_bytes(Unpickler *self, int size)
{
    Py_ssize_t length = read_length(self, size, "BINBYTES");
    if (length < 0) return -1;
    PyObject *bytes = PyBytes_FromStringAndSize(NULL, length);
    if (!bytes) return -1;
    if (input_read_into(self, PyBytes_AS_STRING(bytes), length) < 0) {
        Py_DECREF(bytes);
        return -1;
    }
    return stack_push_steal(self, bytes);
}

static int load_bytearray(Unpickler *self)
{
    Py_ssize_t length = read_length(self, 8, "BYTEARRAY8");
    if (length < 0) return -1;
    PyObject *array = PyByteArray_FromStringAndSize(NULL, length);
    if (!array) return -1;
    if (input_read_into(self, PyByteArray_AS_STRING(array), length) < 0) {
        Py_DECREF(array);
        return -1;
    }
    return stack_push_steal(self, array);
}

static int load_unicode(Unpickler *self)
{
    Py_ssize_t length;
    char *line = input_line(self, &length);
    if (!line) return -1;
    return stack_push_steal(self, PyUnicode_DecodeRawUnicodeEscape(line, length - 1, NULL));
}

static bool is_ascii(const char *data, Py_ssize_t length)
{
    uint64_t bits = 0, eight;
    for (; length >= 8; data += 8, length -= 8) {
        memcpy(&eight, data, 8);
        bits |= eight;
    }
    for (; length > 0; length--) bits |= (uint8_t)*data++;
    return !(bits & 0x8080808080808080);
}

static PyObject *decode_utf8(const char *data, Py_ssize_t length)
{
    if (length < 2 || !is_ascii(data, length)) {
        return PyUnicode_DecodeUTF8(data, length, "surrogatepass");
    }
    PyObject *text = PyUnicode_New(length, 127);
    if (text) memcpy(PyUnicode_1BYTE_DATA(text), data, (size_t)length);
    return text;
}

static int load_counted_unicode(Unpickler *self, int size)
{
    Py_ssize_t length = read_length(self, size, "BINUNICODE");
    if (length < 0) return -1;
    const char *at = input_read(self, length);
    if (!at) return -1;
    return stack_push_steal(self, decode_utf8(at, length));
}

/* ---- Buffers that came apart from the pickle ---- */

static int load_next_buffer(Unpickler *self)
{
    if (!self->buffers) {
        return unpickling_error(
            "pickle stream refers to out-of-band data but no *buffers* argument "
            "was given");
    }
    PyObject *buffer = PyIter_Next(self->buffers);
    if (!buffer && !PyErr_Occurred()) unpickling_error("not enough out-of-band buffers");
    return stack_push_steal(self, buffer);
}

static int load_readonly_buffer(Unpickler *self)
{
    PyObject *buffer = stack_top_borrow(self);
    PyObject *view = buffer ? PyMemoryView_FromObject(buffer) : NULL;
    if (!view) return -1;
    if (PyMemoryView_GET_BUFFER(view)->readonly) {
        Py_DECREF(view);
        return 0;
    }
    PyMemoryView_GET_BUFFER(view)->readonly = 1;
    self->values[self->depth - 1] = view;
    Py_DECREF(buffer);
    return 0;
}

/* ---- The memo ---- */

static int push_from_memo(Unpickler *self, Py_ssize_t index)
{
    PyObject *value = index >= 0 && index < self->memo_size ? self->memo[index] : NULL;
    if (value) return stack_push_steal(self, Py_NewRef(value));
    if (!PyErr_Occurred()) {
        unpickling_error("Memo value not found at index %ld", (long)index);
    }
    return -1;
}

/* The memo index that a line holds; -1 with an exception, or without one for a negative number. */
static Py_ssize_t parse_index(const char *line)
{
    PyObject *number = PyLong_FromString(line, NULL, 10);
    if (!number) return -1;
    Py_ssize_t index = PyLong_AsSsize_t(number);
    Py_DECREF(number);
    return index;
}

static int load_get(Unpickler *self)
{
    Py_ssize_t length;
    char *line = input_line(self, &length);
    if (!line) return -1;
    if (length < 2) return input_truncated();
    Py_ssize_t index = parse_index(line);
    return index < 0 && PyErr_Occurred() ? -1 : push_from_memo(self, index);
}

static int load_binget(Unpickler *self, int size)
{
    const char *at = input_read(self, size);
    return at ? push_from_memo(self, (Py_ssize_t)load_little(at, size)) : -1;
}

static int put_top(Unpickler *self, Py_ssize_t index)
{
    PyObject *value = stack_top_borrow(self);
    return value ? unpickler_memo_put(self, index, value) : -1;
}

static int load_put(Unpickler *self)
{
    Py_ssize_t length;
    char *line = input_line(self, &length);
    if (!line) return -1;
    if (length < 2) return input_truncated();
    if (!stack_top_borrow(self)) return -1;
    Py_ssize_t index = parse_index(line);
    if (index >= 0) return put_top(self, index);
    if (!PyErr_Occurred()) PyErr_SetString(PyExc_ValueError, "negative PUT argument");
    return -1;
}

static int load_binput(Unpickler *self, int size)
{
    const char *at = input_read(self, size);
    return at ? put_top(self, (Py_ssize_t)load_little(at, size)) : -1;
}

/* ---- Persistent ids ---- */

static int push_persistent(Unpickler *self, PyObject *id)
{
    PyObject *value = hook_call(&self->persistent_load, id);
    Py_DECREF(id);
    return stack_push_steal(self, value);
}

static int no_persistent_load(void)
{
    return unpickling_error("A load persistent id instruction was encountered,\n"
                            "but no persistent_load function was specified.");
}

static int load_persid(Unpickler *self)
{
    if (!self->persistent_load.function) return no_persistent_load();
    Py_ssize_t length;
    char *line = input_line(self, &length);
    if (!line) return -1;
    PyObject *id = PyUnicode_DecodeASCII(line, length - 1, "strict");
    if (id) return push_persistent(self, id);
    if (PyErr_ExceptionMatches(PyExc_UnicodeDecodeError)) {
        unpickling_error("persistent IDs in protocol 0 must be ASCII strings");
    }
    return -1;
}

static int load_binpersid(Unpickler *self)
{
    if (!self->persistent_load.function) return no_persistent_load();
    PyObject *id = stack_pop(self);
    return id ? push_persistent(self, id) : -1;
}

/* ---- The stack, frames, protocols ---- */

static int load_pop(Unpickler *self)
{
    /* A mark lies on the stack, too. */
    if (self->mark_count && self->marks[self->mark_count - 1] == self->depth) {
        return stack_pop_mark(self) < 0 ? -1 : 0;
    }
    PyObject *value = stack_pop(self);
    Py_XDECREF(value);
    return value ? 0 : -1;
}

static int load_pop_mark(Unpickler *self)
{
    Py_ssize_t mark = stack_pop_mark(self);
    if (mark < 0) return -1;
    stack_truncate(self, mark);
    return 0;
}

static int load_dup(Unpickler *self)
{
    PyObject *value = stack_top_borrow(self);
    return value ? stack_push_steal(self, Py_NewRef(value)) : -1;
}

static int load_proto(Unpickler *self)
{
    const char *at = input_read(self, 1);
    if (!at) return -1;
    int protocol = (uint8_t)*at;
    if (protocol <= PROTOCOL_HIGHEST) {
        self->proto = (int8_t)protocol;
        return 0;
    }
    PyErr_Format(PyExc_ValueError, "unsupported pickle protocol: %d", protocol);
    return -1;
}

/* Reads a whole frame at once, from which the opcodes are read then. */
static int load_frame(Unpickler *self)
{
    const char *at = input_read(self, 8);
    if (!at) return -1;
    uint64_t size = load_little(at, 8);
    if (size > PY_SSIZE_T_MAX) {
        PyErr_Format(PyExc_OverflowError, "FRAME length exceeds system's maximum of %zd bytes",
            PY_SSIZE_T_MAX);
        return -1;
    }
    if (!input_read(self, (Py_ssize_t)size)) return -1;
    self->at -= size;
    return 0;
}

static int bad_opcode(uint8_t op)
{
    const char *format = op >= 0x20 && op <= 0x7e && op != '\'' && op != '\\'
                             ? "invalid load key, '%c'."
                             : "invalid load key, '\\x%02x'.";
    unpickling_error(format, op);
    return -1;
}

/* ---- The loop ---- */

static int load_one(Unpickler *self, uint8_t op)
{
    switch ((enum Opcode)op) {
    case OP_NONE: return stack_push_steal(self, Py_NewRef(Py_None));
    case OP_NEWTRUE: return stack_push_steal(self, Py_NewRef(Py_True));
    case OP_NEWFALSE: return stack_push_steal(self, Py_NewRef(Py_False));
    case OP_BININT: return load_binint(self, 4);
    case OP_BININT1: return load_binint(self, 1);
    case OP_BININT2: return load_binint(self, 2);
    case OP_INT: return load_int(self);
    case OP_LONG: return load_long(self);
    case OP_LONG1: return load_counted_long(self, 1);
    case OP_LONG4: return load_counted_long(self, 4);
    case OP_FLOAT: return load_float(self);
    case OP_BINFLOAT: return load_binfloat(self);
    case OP_SHORT_BINBYTES: return load_bytes(self, 1);
    case OP_BINBYTES: return load_bytes(self, 4);
    case OP_BINBYTES8: return load_bytes(self, 8);
    case OP_BYTEARRAY8: return load_bytearray(self);
    case OP_NEXT_BUFFER: return load_next_buffer(self);
    case OP_READONLY_BUFFER: return load_readonly_buffer(self);
    case OP_SHORT_BINSTRING: return load_counted_string(self, 1);
    case OP_BINSTRING: return load_counted_string(self, 4);
    case OP_STRING: return load_string(self);
    case OP_UNICODE: return load_unicode(self);
    case OP_SHORT_BINUNICODE: return load_counted_unicode(self, 1);
    case OP_BINUNICODE: return load_counted_unicode(self, 4);
    case OP_BINUNICODE8: return load_counted_unicode(self, 8);
    case OP_EMPTY_TUPLE: return stack_push_steal(self, PyTuple_New(0));
    case OP_TUPLE1: return load_short_tuple(self, 1);
    case OP_TUPLE2: return load_short_tuple(self, 2);
    case OP_TUPLE3: return load_short_tuple(self, 3);
    case OP_TUPLE: return load_tuple(self);
    case OP_EMPTY_LIST: return stack_push_steal(self, PyList_New(0));
    case OP_LIST: return load_list(self);
    case OP_EMPTY_DICT: return stack_push_steal(self, PyDict_New());
    case OP_DICT: return load_dict(self);
    case OP_EMPTY_SET: return stack_push_steal(self, PySet_New(NULL));
    case OP_ADDITEMS: return load_additems(self);
    case OP_FROZENSET: return load_frozenset(self);
    case OP_OBJ: return load_object(self);
    case OP_INST: return load_instance(self);
    case OP_NEWOBJ: return load_newobj(self, false);
    case OP_NEWOBJ_EX: return load_newobj(self, true);
    case OP_GLOBAL: return load_global(self);
    case OP_STACK_GLOBAL: return load_stack_global(self);
    case OP_APPEND: return load_append(self);
    case OP_APPENDS: return load_appends(self);
    case OP_BUILD: return load_build(self);
    case OP_DUP: return load_dup(self);
    case OP_GET: return load_get(self);
    case OP_BINGET: return load_binget(self, 1);
    case OP_LONG_BINGET: return load_binget(self, 4);
    case OP_PUT: return load_put(self);
    case OP_BINPUT: return load_binput(self, 1);
    case OP_LONG_BINPUT: return load_binput(self, 4);
    case OP_MEMOIZE: return put_top(self, self->memo_used);
    case OP_MARK: return stack_mark(self);
    case OP_POP: return load_pop(self);
    case OP_POP_MARK: return load_pop_mark(self);
    case OP_SETITEM: return load_setitem(self);
    case OP_SETITEMS: return load_setitems(self);
    case OP_PERSID: return load_persid(self);
    case OP_BINPERSID: return load_binpersid(self);
    case OP_REDUCE: return load_reduce(self);
    case OP_PROTO: return load_proto(self);
    case OP_FRAME: return load_frame(self);
    case OP_EXT1: return load_extension(self, 1);
    case OP_EXT2: return load_extension(self, 2);
    case OP_EXT4: return load_extension(self, 4);
    case OP_STOP: break;
    }
    return bad_opcode(op);
}

PyObject *unpickler_load(Unpickler *self)
{
    self->mark_count = self->fence = 0;
    self->proto = 0;
    stack_truncate(self, 0);
    for (;;) {
        const char *at = input_read(self, 1);
        if (!at) {
            if (PyErr_ExceptionMatches(pickle_runtime.unpickling_error)) {
                PyErr_SetString(PyExc_EOFError, "Ran out of input");
            }
            return NULL;
        }
        if ((uint8_t)*at == OP_STOP) break;
        if (load_one(self, (uint8_t)*at) < 0) return NULL;
    }
    if (self->read && input_finish(self) < 0) return NULL;
    return stack_pop(self);
}
