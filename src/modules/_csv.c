/* _csv: reading and writing comma-separated values (the manual: library/csv).
 *
 * The reader is a machine that takes a character at a time, and END at each line's end; a record is complete when it is back
 * at START_RECORD. The writer puts a record's text together in a buffer of characters.
 */
#include <Python.h>
#include <internal/krait_exports.h>

#include <stdbool.h>
#include <stddef.h>
#include <structmember.h>

#define NOT_SET ((Py_UCS4)-1)
#define END ((Py_UCS4)-2)               /* of a line */

typedef enum { QUOTE_MINIMAL, QUOTE_ALL, QUOTE_NONNUMERIC, QUOTE_NONE } Quoting;

struct CsvModule {
    PyObject *error, *dialects;         /* owned */
    PyTypeObject *dialect_type, *reader_type, *writer_type;
    long field_limit;
};

static PyModuleDef definition;

static inline struct CsvModule *module_state(PyObject *module)
{
    return PyModule_GetState(module);
}

static struct CsvModule *type_state(PyTypeObject *type)
{
    PyObject *module = PyType_GetModuleByDef(type, &definition);
    return module ? PyModule_GetState(module) : NULL;
}

/* ---- Dialects ---- */

typedef struct {
    PyObject_HEAD
    char doublequote, skipinitialspace, strict;
    Quoting quoting;
    Py_UCS4 delimiter, quotechar, escapechar;
    PyObject *lineterminator;           /* owned */
} Dialect;

static PyObject *get_registered(struct CsvModule *state, PyObject *name)
{
    PyObject *dialect = PyDict_GetItemWithError(state->dialects, name);
    if (!dialect && !PyErr_Occurred()) PyErr_SetString(state->error, "unknown dialect");
    return Py_XNewRef(dialect);
}

/* A character from a str of one; `none` says that None stands for no character. */
static int set_char(const char *name, Py_UCS4 *target, PyObject *obj, Py_UCS4 standard, bool none)
{
    if (!obj) {
        *target = standard;
        return 0;
    }
    if (none && obj == Py_None) {
        *target = NOT_SET;
        return 0;
    }
    if (!PyUnicode_Check(obj)) {
        PyErr_Format(PyExc_TypeError, none ? "\"%s\" must be string or None, not %.200s" : "\"%s\" must be string, not %.200s",
                     name, Py_TYPE(obj)->tp_name);
        return -1;
    }
    if (PyUnicode_READY(obj) < 0) return -1;
    if (PyUnicode_GET_LENGTH(obj) != 1) {
        PyErr_Format(PyExc_TypeError, "\"%s\" must be a 1-character string", name);
        return -1;
    }
    *target = PyUnicode_READ_CHAR(obj, 0);
    return 0;
}

static int set_bool(char *target, PyObject *obj, bool standard)
{
    int truth = obj ? PyObject_IsTrue(obj) : standard;
    if (truth < 0) return -1;
    *target = (char)truth;
    return 0;
}

static int set_quoting(Quoting *target, PyObject *obj)
{
    *target = QUOTE_MINIMAL;
    if (!obj) return 0;
    if (!PyLong_CheckExact(obj)) {
        PyErr_SetString(PyExc_TypeError, "\"quoting\" must be an integer");
        return -1;
    }
    int value = _PyLong_AsInt(obj);
    if (value == -1 && PyErr_Occurred()) return -1;
    if (value < QUOTE_MINIMAL || value > QUOTE_NONE) {
        PyErr_SetString(PyExc_TypeError, "bad \"quoting\" value");
        return -1;
    }
    *target = (Quoting)value;
    return 0;
}

static int set_text(const char *name, PyObject **target, PyObject *obj, const char *standard)
{
    PyObject *text = NULL;
    if (!obj) {
        text = PyUnicode_FromString(standard);
        if (!text) return -1;
    } else if (obj != Py_None) {
        if (!PyUnicode_Check(obj)) {
            PyErr_Format(PyExc_TypeError, "\"%s\" must be a string", name);
            return -1;
        }
        if (PyUnicode_READY(obj) < 0) return -1;
        text = Py_NewRef(obj);
    }
    Py_XSETREF(*target, text);
    return 0;
}

enum { DELIMITER, DOUBLEQUOTE, ESCAPECHAR, LINETERMINATOR, QUOTECHAR, QUOTING, SKIPINITIALSPACE, STRICT, OPTIONS };

static const char *const option_names[OPTIONS] = {
    "delimiter", "doublequote", "escapechar", "lineterminator", "quotechar", "quoting", "skipinitialspace", "strict",
};

static int dialect_set(Dialect *self, PyObject *const *options)
{
    if (set_char("delimiter", &self->delimiter, options[DELIMITER], ',', false) < 0
        || set_bool(&self->doublequote, options[DOUBLEQUOTE], true) < 0
        || set_char("escapechar", &self->escapechar, options[ESCAPECHAR], NOT_SET, true) < 0
        || set_text("lineterminator", &self->lineterminator, options[LINETERMINATOR], "\r\n") < 0
        || set_char("quotechar", &self->quotechar, options[QUOTECHAR], '"', true) < 0
        || set_quoting(&self->quoting, options[QUOTING]) < 0
        || set_bool(&self->skipinitialspace, options[SKIPINITIALSPACE], false) < 0
        || set_bool(&self->strict, options[STRICT], false) < 0) {
        return -1;
    }
    if (options[QUOTECHAR] == Py_None && !options[QUOTING]) self->quoting = QUOTE_NONE;
    if (self->quoting != QUOTE_NONE && self->quotechar == NOT_SET) {
        PyErr_SetString(PyExc_TypeError, "quotechar must be set if quoting enabled");
        return -1;
    }
    if (!self->lineterminator) {
        PyErr_SetString(PyExc_TypeError, "lineterminator must be set");
        return -1;
    }
    return 0;
}

static PyObject *Dialect_new(PyTypeObject *type, PyObject *args, PyObject *kwds)
{
    static char *keywords[] = {
        "dialect", "delimiter", "doublequote", "escapechar", "lineterminator", "quotechar", "quoting", "skipinitialspace",
        "strict", NULL,
    };
    PyObject *base = NULL, *o[OPTIONS] = {NULL};
    struct CsvModule *state = type_state(type);
    if (!state || !PyArg_ParseTupleAndKeywords(args, kwds, "|OOOOOOOOO", keywords, &base, &o[0], &o[1], &o[2], &o[3], &o[4],
                                               &o[5], &o[6], &o[7])) {
        return NULL;
    }
    bool plain = true;
    for (int i = 0; i < OPTIONS; i++) plain = plain && !o[i];
    if (base) {
        base = PyUnicode_Check(base) ? get_registered(state, base) : Py_NewRef(base);
        if (!base) return NULL;
        if (PyObject_TypeCheck(base, state->dialect_type) && plain) return base;
    }
    Dialect *self = (Dialect *)type->tp_alloc(type, 0);
    if (self) self->lineterminator = NULL;
    for (int i = 0; i < OPTIONS; i++) {
        Py_XINCREF(o[i]);
        if (o[i] || !base || !self) continue;
        o[i] = PyObject_GetAttrString(base, option_names[i]);
        if (o[i]) continue;
        if (PyErr_ExceptionMatches(PyExc_MemoryError)) Py_CLEAR(self);
        else PyErr_Clear();
    }
    if (self && dialect_set(self, o) < 0) Py_CLEAR(self);
    for (int i = 0; i < OPTIONS; i++) Py_XDECREF(o[i]);
    Py_XDECREF(base);
    return (PyObject *)self;
}

/* Dialect(dialect, **options): a new reference. */
static PyObject *make_dialect(struct CsvModule *state, PyObject *base, PyObject *options)
{
    PyObject *type = (PyObject *)state->dialect_type;
    return base ? PyObject_VectorcallDict(type, &base, 1, options) : PyObject_VectorcallDict(type, NULL, 0, options);
}

static int Dialect_traverse(Dialect *self, visitproc visit, void *arg)
{
    Py_VISIT(self->lineterminator);
    Py_VISIT(Py_TYPE(self));
    return 0;
}

static int Dialect_clear(Dialect *self)
{
    Py_CLEAR(self->lineterminator);
    return 0;
}

static void Dialect_dealloc(Dialect *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    Dialect_clear(self);
    type->tp_free(self);
    Py_DECREF(type);
}

static PyObject *char_or_none(Py_UCS4 c)
{
    return c == NOT_SET ? Py_NewRef(Py_None) : PyUnicode_FromOrdinal((int)c);
}

static PyObject *Dialect_get_delimiter(Dialect *self, void *Py_UNUSED(closure)) { return char_or_none(self->delimiter); }
static PyObject *Dialect_get_escapechar(Dialect *self, void *Py_UNUSED(closure)) { return char_or_none(self->escapechar); }
static PyObject *Dialect_get_quotechar(Dialect *self, void *Py_UNUSED(closure)) { return char_or_none(self->quotechar); }
static PyObject *Dialect_get_quoting(Dialect *self, void *Py_UNUSED(closure)) { return PyLong_FromLong(self->quoting); }
static PyObject *Dialect_get_lineterminator(Dialect *self, void *Py_UNUSED(closure))
{
    return Py_XNewRef(self->lineterminator);
}

static PyObject *Dialect_reduce(PyObject *self, PyObject *Py_UNUSED(args))
{
    PyErr_Format(PyExc_TypeError, "cannot pickle '%.100s' instances", _PyType_Name(Py_TYPE(self)));
    return NULL;
}

static PyMemberDef dialect_members[] = {
    {"skipinitialspace", T_BOOL, offsetof(Dialect, skipinitialspace), READONLY, NULL},
    {"doublequote", T_BOOL, offsetof(Dialect, doublequote), READONLY, NULL},
    {"strict", T_BOOL, offsetof(Dialect, strict), READONLY, NULL},
    {NULL, 0, 0, 0, NULL},
};

static PyGetSetDef dialect_getset[] = {
    {"delimiter", (getter)Dialect_get_delimiter, NULL, NULL, NULL},
    {"escapechar", (getter)Dialect_get_escapechar, NULL, NULL, NULL},
    {"lineterminator", (getter)Dialect_get_lineterminator, NULL, NULL, NULL},
    {"quotechar", (getter)Dialect_get_quotechar, NULL, NULL, NULL},
    {"quoting", (getter)Dialect_get_quoting, NULL, NULL, NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyMethodDef dialect_methods[] = {
    {"__reduce__", Dialect_reduce, METH_VARARGS, "Refuses: a dialect cannot be pickled."},
    {"__reduce_ex__", Dialect_reduce, METH_VARARGS, "Refuses: a dialect cannot be pickled."},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot dialect_slots[] = {
    {Py_tp_doc, "CSV dialect\n\nHow CSV text is written: the options of reader() and writer() as attributes.\n"},
    {Py_tp_new, Dialect_new},
    {Py_tp_dealloc, Dialect_dealloc},
    {Py_tp_traverse, Dialect_traverse},
    {Py_tp_clear, Dialect_clear},
    {Py_tp_members, dialect_members},
    {Py_tp_getset, dialect_getset},
    {Py_tp_methods, dialect_methods},
    {0, NULL},
};

static PyType_Spec dialect_spec = {
    .name = "_csv.Dialect",
    .basicsize = sizeof(Dialect),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = dialect_slots,
};

/* ---- A buffer of characters ---- */

typedef struct {
    Py_UCS4 *chars;
    Py_ssize_t length, size;
} Text;

static int text_grow(Text *text, Py_ssize_t more)
{
    if (more > PY_SSIZE_T_MAX / (Py_ssize_t)sizeof(Py_UCS4) / 2 - text->length) {
        PyErr_NoMemory();
        return -1;
    }
    Py_ssize_t size = text->size ? text->size * 2 : 256;
    while (size < text->length + more) size *= 2;
    Py_UCS4 *chars = PyMem_Resize(text->chars, Py_UCS4, (size_t)size);
    if (!chars) {
        PyErr_NoMemory();
        return -1;
    }
    text->chars = chars;
    text->size = size;
    return 0;
}

static inline int text_put(Text *text, Py_UCS4 c)
{
    if (text->length == text->size && text_grow(text, 1) < 0) return -1;
    text->chars[text->length++] = c;
    return 0;
}

static PyObject *text_str(const Text *text)
{
    return PyUnicode_FromKindAndData(PyUnicode_4BYTE_KIND, text->chars, text->length);
}

/* ---- Reader ---- */

typedef enum {
    START_RECORD, START_FIELD, ESCAPED, IN_FIELD, IN_QUOTED, ESCAPED_IN_QUOTED, QUOTE_IN_QUOTED, EAT_NEWLINE, AFTER_ESCAPED_NEWLINE
} ReaderState;

typedef struct {
    PyObject_HEAD
    PyObject *lines;                    /* owned iterator */
    Dialect *dialect;                   /* owned */
    PyObject *fields;                   /* owned list: the record so far */
    ReaderState state;
    Text field;
    bool numeric;                       /* the field was not quoted, with QUOTE_NONNUMERIC */
    unsigned long line_num;
} Reader;

/* Puts a field, which may be NULL, into the record; steals it. */
static int save_field_steal(Reader *self, PyObject *field)
{
    if (!field) return -1;
    if (self->numeric) {
        self->numeric = false;
        PyObject *number = PyNumber_Float(field);
        Py_DECREF(field);
        if (!number) return -1;
        field = number;
    }
    int result = PyList_Append(self->fields, field);
    Py_DECREF(field);
    return result;
}

static int save_field(Reader *self)
{
    PyObject *field = text_str(&self->field);
    self->field.length = 0;
    return save_field_steal(self, field);
}

static int add_char(Reader *self, struct CsvModule *module, Py_UCS4 c)
{
    if (self->field.length >= module->field_limit) {
        PyErr_Format(module->error, "field larger than field limit (%ld)", module->field_limit);
        return -1;
    }
    return text_put(&self->field, c);
}

static inline bool ends_line(Py_UCS4 c)
{
    return c == '\n' || c == '\r' || c == END;
}

/* Ends the field that a line's end follows. */
static int end_record(Reader *self, Py_UCS4 c)
{
    self->state = c == END ? START_RECORD : EAT_NEWLINE;
    return save_field(self);
}

static int take_field_start(Reader *self, struct CsvModule *module, Py_UCS4 c)
{
    const Dialect *dialect = self->dialect;
    if (ends_line(c)) return end_record(self, c);
    if (c == dialect->quotechar && dialect->quoting != QUOTE_NONE) {
        self->state = IN_QUOTED;
    } else if (c == dialect->escapechar) {
        self->state = ESCAPED;
    } else if (c == ' ' && dialect->skipinitialspace) {
        self->state = START_FIELD;
    } else if (c == dialect->delimiter) {
        self->state = START_FIELD;
        return save_field(self);
    } else {
        self->numeric = dialect->quoting == QUOTE_NONNUMERIC;
        self->state = IN_FIELD;
        return add_char(self, module, c);
    }
    return 0;
}

static int take_char(Reader *self, struct CsvModule *module, Py_UCS4 c)
{
    const Dialect *dialect = self->dialect;
    switch (self->state) {
    case START_RECORD:
        if (c == END) return 0;         /* an empty line is an empty record */
        if (c == '\n' || c == '\r') {
            self->state = EAT_NEWLINE;
            return 0;
        }
        return take_field_start(self, module, c);
    case START_FIELD:
        return take_field_start(self, module, c);
    case ESCAPED:
        if (c == '\n' || c == '\r') {
            self->state = AFTER_ESCAPED_NEWLINE;
            return add_char(self, module, c);
        }
        self->state = IN_FIELD;
        return add_char(self, module, c == END ? '\n' : c);
    case AFTER_ESCAPED_NEWLINE:
        if (c == END) return 0;
        /* fall through */
    case IN_FIELD:
        if (ends_line(c)) return end_record(self, c);
        if (c == dialect->escapechar) {
            self->state = ESCAPED;
            return 0;
        }
        if (c == dialect->delimiter) {
            self->state = START_FIELD;
            return save_field(self);
        }
        return add_char(self, module, c);
    case IN_QUOTED:
        if (c == END) return 0;
        if (c == dialect->escapechar) {
            self->state = ESCAPED_IN_QUOTED;
        } else if (c == dialect->quotechar && dialect->quoting != QUOTE_NONE) {
            self->state = dialect->doublequote ? QUOTE_IN_QUOTED : IN_FIELD;
        } else {
            return add_char(self, module, c);
        }
        return 0;
    case ESCAPED_IN_QUOTED:
        self->state = IN_QUOTED;
        return add_char(self, module, c == END ? '\n' : c);
    case QUOTE_IN_QUOTED:
        if (dialect->quoting != QUOTE_NONE && c == dialect->quotechar) {
            self->state = IN_QUOTED;
            return add_char(self, module, c);
        }
        if (c == dialect->delimiter) {
            self->state = START_FIELD;
            return save_field(self);
        }
        if (ends_line(c)) return end_record(self, c);
        if (!dialect->strict) {
            self->state = IN_FIELD;
            return add_char(self, module, c);
        }
        PyErr_Format(module->error, "'%c' expected after '%c'", (int)dialect->delimiter, (int)dialect->quotechar);
        return -1;
    case EAT_NEWLINE:
        if (c == '\n' || c == '\r') return 0;
        if (c == END) {
            self->state = START_RECORD;
            return 0;
        }
        PyErr_SetString(module->error, "new-line character seen in unquoted field - do you need to open the file in "
                        "universal-newline mode?");
        return -1;
    }
    return 0;
}

/* A line that is being read. */
typedef struct {
    PyObject *str;                      /* borrowed */
    int kind;
    const void *data;
    Py_ssize_t length, at;
} Line;

static Py_UCS4 line_char(const Line *line, Py_ssize_t i)
{
    return PyUnicode_READ(line->kind, line->data, i);
}

/* Where the next of four characters stands, or the line ends. */
static Py_ssize_t line_find(const Line *line, Py_ssize_t i, Py_UCS4 a, Py_UCS4 b, Py_UCS4 c, Py_UCS4 d)
{
#define FIND(Char) \
    for (const Char *chars = line->data; i < line->length; i++) { \
        Py_UCS4 have = chars[i]; \
        if (have == a || have == b || have == c || have == d) break; \
    }
    switch (line->kind) {
    case PyUnicode_1BYTE_KIND:
        FIND(Py_UCS1)
        break;
    case PyUnicode_2BYTE_KIND:
        FIND(Py_UCS2)
        break;
    default:
        FIND(Py_UCS4)
    }
#undef FIND
    return i;
}

/* At the start of a field that ends in this line and stands there as it is: takes it and what ends it. 1, 0 (it is not such a field,
 * and nothing is taken), or -1 with an exception set. */
static int take_whole_field(Reader *self, const struct CsvModule *module, Line *line)
{
    const Dialect *dialect = self->dialect;
    Py_ssize_t start = line->at, end, after;
    Py_UCS4 first = line_char(line, start);
    bool quoted = first == dialect->quotechar && dialect->quoting != QUOTE_NONE;
    if (ends_line(first) || ends_line(dialect->delimiter) || first == dialect->escapechar) return 0;
    if (quoted) {
        start++;
        end = line_find(line, start, first, dialect->escapechar, first, first);
        if (end == line->length || line_char(line, end) != first) return 0;
        after = end + 1;
    } else {
        if (first == ' ' && dialect->skipinitialspace) return 0;
        end = after = line_find(line, start, dialect->delimiter, dialect->escapechar, '\n', '\r');
        if (end == start) return 0;
    }
    Py_UCS4 stop = after < line->length ? line_char(line, after) : END;
    if ((stop != dialect->delimiter && !ends_line(stop)) || stop == dialect->escapechar || (quoted && stop == first)) return 0;
    if (end - start > module->field_limit) return 0;
    self->numeric = !quoted && dialect->quoting == QUOTE_NONNUMERIC;
    self->state = stop == END ? START_RECORD : stop == dialect->delimiter ? START_FIELD : EAT_NEWLINE;
    line->at = stop == END ? after : after + 1;
    return save_field_steal(self, PyUnicode_Substring(line->str, start, end)) < 0 ? -1 : 1;
}

/* Inside a field, takes the characters that mean nothing else. 0, or -1 with an exception set. */
static int take_run(Reader *self, const struct CsvModule *module, Line *line)
{
    const Dialect *dialect = self->dialect;
    bool quoted = self->state == IN_QUOTED;
    Py_UCS4 a = quoted ? dialect->quotechar : dialect->delimiter, escape = dialect->escapechar;
    Py_ssize_t end = line_find(line, line->at, a, escape, quoted ? a : '\n', quoted ? a : '\r');
    Text *field = &self->field;
    Py_ssize_t n = Py_MIN(end - line->at, Py_MAX(module->field_limit - field->length, 0));    /* add_char() refuses the next */
    if (field->size - field->length < n && text_grow(field, n) < 0) return -1;
    for (end = line->at + n; line->at < end; line->at++) field->chars[field->length++] = line_char(line, line->at);
    return 0;
}

/* Takes a line in, and its end. 0, or -1 with an exception set. */
static int take_line(Reader *self, struct CsvModule *module, PyObject *str)
{
    if (PyUnicode_READY(str) < 0) return -1;
    Line line = {str, PyUnicode_KIND(str), PyUnicode_DATA(str), PyUnicode_GET_LENGTH(str), 0};
    while (line.at < line.length) {
        if (self->state == START_RECORD || self->state == START_FIELD) {
            int taken = self->field.length == 0 ? take_whole_field(self, module, &line) : 0;
            if (taken < 0) return -1;
            if (taken > 0) continue;
        } else if (self->state == IN_FIELD || self->state == IN_QUOTED) {
            if (take_run(self, module, &line) < 0) return -1;
            if (line.at == line.length) break;
        }
        if (take_char(self, module, line_char(&line, line.at++)) < 0) return -1;
    }
    return take_char(self, module, END);
}

static PyObject *Reader_next(Reader *self)
{
    struct CsvModule *module = type_state(Py_TYPE(self));
    if (!module) return NULL;
    if (!self->lines || !self->dialect) {
        PyErr_SetString(PyExc_TypeError, "uninitialized reader");
        return NULL;
    }
    Py_XSETREF(self->fields, PyList_New(0));
    if (!self->fields) return NULL;
    self->field.length = 0;
    self->state = START_RECORD;
    self->numeric = false;
    do {
        PyObject *line = PyIter_Next(self->lines);
        if (!line) {
            if (PyErr_Occurred() || (self->field.length == 0 && self->state != IN_QUOTED)) return NULL;
            if (self->dialect->strict) {
                PyErr_SetString(module->error, "unexpected end of data");
                return NULL;
            }
            if (save_field(self) < 0) return NULL;
            break;
        }
        if (!PyUnicode_Check(line)) {
            PyErr_Format(module->error, "iterator should return strings, not %.200s (the file should be opened in text mode)",
                         Py_TYPE(line)->tp_name);
            Py_DECREF(line);
            return NULL;
        }
        self->line_num++;
        int result = self->fields ? take_line(self, module, line) : -1;
        Py_DECREF(line);
        if (result < 0) return NULL;
    } while (self->state != START_RECORD);
    PyObject *fields = self->fields;
    self->fields = NULL;
    return fields;
}

static int Reader_traverse(Reader *self, visitproc visit, void *arg)
{
    Py_VISIT(self->dialect);
    Py_VISIT(self->lines);
    Py_VISIT(self->fields);
    Py_VISIT(Py_TYPE(self));
    return 0;
}

static int Reader_clear(Reader *self)
{
    Py_CLEAR(self->dialect);
    Py_CLEAR(self->lines);
    Py_CLEAR(self->fields);
    return 0;
}

static void Reader_dealloc(Reader *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    Reader_clear(self);
    PyMem_Free(self->field.chars);
    type->tp_free(self);
    Py_DECREF(type);
}

static PyMemberDef reader_members[] = {
    {"dialect", T_OBJECT, offsetof(Reader, dialect), READONLY, NULL},
    {"line_num", T_ULONG, offsetof(Reader, line_num), READONLY, NULL},
    {NULL, 0, 0, 0, NULL},
};

static PyType_Slot reader_slots[] = {
    {Py_tp_doc, "CSV reader\n\nAn iterator of the records in lines of CSV text, each a list of fields.\n"},
    {Py_tp_traverse, Reader_traverse},
    {Py_tp_clear, Reader_clear},
    {Py_tp_dealloc, Reader_dealloc},
    {Py_tp_iter, PyObject_SelfIter},
    {Py_tp_iternext, Reader_next},
    {Py_tp_members, reader_members},
    {0, NULL},
};

static PyType_Spec reader_spec = {
    .name = "_csv.reader",
    .basicsize = sizeof(Reader),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = reader_slots,
};

static PyObject *csv_reader(PyObject *module, PyObject *args, PyObject *kwds)
{
    struct CsvModule *state = module_state(module);
    PyObject *lines, *dialect = NULL;
    if (!PyArg_UnpackTuple(args, "", 1, 2, &lines, &dialect)) return NULL;
    Reader *self = (Reader *)state->reader_type->tp_alloc(state->reader_type, 0);
    if (!self) return NULL;
    self->lines = PyObject_GetIter(lines);
    if (self->lines) self->dialect = (Dialect *)make_dialect(state, dialect, kwds);
    if (!self->dialect) Py_CLEAR(self);
    return (PyObject *)self;
}

/* ---- Writer ---- */

typedef struct {
    PyObject_HEAD
    PyObject *write;                    /* owned: the file's method */
    Dialect *dialect;                   /* owned */
    Text record;
    int field_count;
    PyObject *error;                    /* owned */
} Writer;

/* Whether a character cannot stand in a field as it is. */
static bool is_special(const Dialect *dialect, Py_UCS4 c)
{
    if (c == dialect->delimiter || c == dialect->escapechar || c == dialect->quotechar) return true;
    PyObject *end = dialect->lineterminator;
    int kind = PyUnicode_KIND(end);
    const void *data = PyUnicode_DATA(end);
    for (Py_ssize_t i = 0; i < PyUnicode_GET_LENGTH(end); i++) {
        if (PyUnicode_READ(kind, data, i) == c) return true;
    }
    return false;
}

/* Of the ASCII characters, those that cannot stand in a field as they are. */
typedef struct {
    bool is[128];
} Special;

static inline void special_add(Special *special, Py_UCS4 c)
{
    if (c < 128) special->is[c] = true;
}

static inline void special_set(Special *special, const Dialect *dialect)
{
    memset(special, 0, sizeof(*special));
    special_add(special, dialect->delimiter);
    special_add(special, dialect->escapechar);
    special_add(special, dialect->quotechar);
    PyObject *end = dialect->lineterminator;
    for (Py_ssize_t i = 0; i < PyUnicode_GET_LENGTH(end); i++) special_add(special, PyUnicode_READ_CHAR(end, i));
}

/* Appends the characters of a str from i on that are ASCII and mean nothing else; the place of the next. There is room for them. */
static Py_ssize_t put_run(Text *text, const Special *special, int kind, const void *data, Py_ssize_t i, Py_ssize_t length)
{
    Py_UCS4 *to = text->chars + text->length - i;
    Py_ssize_t start = i;
#define PUT(Char) \
    for (const Char *chars = data; i < length && chars[i] < 128 && !special->is[chars[i]]; i++) to[i] = chars[i]
    switch (kind) {
    case PyUnicode_1BYTE_KIND: PUT(Py_UCS1); break;
    case PyUnicode_2BYTE_KIND: PUT(Py_UCS2); break;
    default: PUT(Py_UCS4);
    }
#undef PUT
    text->length += i - start;
    return i;
}

/* Appends a field's characters, doubled or escaped; *quoted is set if it turns out that quotes are needed. */
static int put_field_chars(Writer *self, const Special *special, PyObject *field, bool *quoted)
{
    const Dialect *dialect = self->dialect;
    int kind = PyUnicode_KIND(field);
    const void *data = PyUnicode_DATA(field);
    Py_ssize_t length = PyUnicode_GET_LENGTH(field);
    for (Py_ssize_t i = 0; i < length; i++) {
        if (self->record.size - self->record.length < length - i && text_grow(&self->record, length - i) < 0) return -1;
        i = put_run(&self->record, special, kind, data, i, length);
        if (i == length) break;
        Py_UCS4 c = PyUnicode_READ(kind, data, i);
        if (is_special(dialect, c)) {
            bool escape = dialect->quoting == QUOTE_NONE || (c == dialect->escapechar && c != dialect->quotechar);
            if (!escape && c == dialect->quotechar) {
                if (!dialect->doublequote) escape = true;
                else if (text_put(&self->record, dialect->quotechar) < 0) return -1;
            }
            if (!escape) {
                *quoted = true;
            } else if (dialect->escapechar == NOT_SET) {
                PyErr_SetString(self->error, "need to escape, but no escapechar set");
                return -1;
            } else if (text_put(&self->record, dialect->escapechar) < 0) {
                return -1;
            }
        }
        if (text_put(&self->record, c) < 0) return -1;
    }
    return 0;
}

/* Appends a field (NULL: an empty one) after its delimiter. */
static int put_field(Writer *self, const Special *special, PyObject *field, bool quoted)
{
    Text *record = &self->record;
    if (self->field_count > 0 && text_put(record, self->dialect->delimiter) < 0) return -1;
    Py_ssize_t start = record->length;
    if (field && (PyUnicode_READY(field) < 0 || put_field_chars(self, special, field, &quoted) < 0)) return -1;
    self->field_count++;
    if (!quoted) return 0;
    /* Only now is it known: the text moves up for the opening quote. */
    if (text_put(record, 0) < 0) return -1;
    memmove(record->chars + start + 1, record->chars + start, (size_t)(record->length - 1 - start) * sizeof(Py_UCS4));
    record->chars[start] = self->dialect->quotechar;
    return text_put(record, self->dialect->quotechar);
}

static int put_object(Writer *self, const Special *special, PyObject *field)
{
    bool quoted = self->dialect->quoting == QUOTE_ALL
                  || (self->dialect->quoting == QUOTE_NONNUMERIC && !PyNumber_Check(field));
    if (PyUnicode_Check(field)) return put_field(self, special, field, quoted);
    if (field == Py_None) return put_field(self, special, NULL, quoted);
    PyObject *text = PyObject_Str(field);
    int result = text ? put_field(self, special, text, quoted) : -1;
    Py_XDECREF(text);
    return result;
}

static int put_end(Writer *self)
{
    PyObject *end = self->dialect->lineterminator;
    for (Py_ssize_t i = 0; i < PyUnicode_GET_LENGTH(end); i++) {
        if (text_put(&self->record, PyUnicode_READ_CHAR(end, i)) < 0) return -1;
    }
    return 0;
}

/* Puts all fields. 0, or -1 with an exception set. */
static int put_objects(Writer *self, const Special *special, PyObject *sequence)
{
    if (PyList_CheckExact(sequence) || PyTuple_CheckExact(sequence)) {
        for (Py_ssize_t i = 0; i < PySequence_Fast_GET_SIZE(sequence); i++) {   /* a list may change meanwhile */
            PyObject *field = Py_NewRef(PySequence_Fast_GET_ITEM(sequence, i));
            int result = put_object(self, special, field);
            Py_DECREF(field);
            if (result < 0) return -1;
        }
        return 0;
    }
    PyObject *iterator = PyObject_GetIter(sequence), *field;
    if (!iterator) {
        if (PyErr_ExceptionMatches(PyExc_TypeError)) {
            PyErr_Format(self->error, "iterable expected, not %.200s", Py_TYPE(sequence)->tp_name);
        }
        return -1;
    }
    while ((field = PyIter_Next(iterator))) {
        int result = put_object(self, special, field);
        Py_DECREF(field);
        if (result < 0) break;
    }
    Py_DECREF(iterator);
    return PyErr_Occurred() ? -1 : 0;
}

static PyObject *Writer_writerow(Writer *self, PyObject *sequence)
{
    if (!self->dialect || !self->write) {
        PyErr_SetString(PyExc_TypeError, "uninitialized writer");
        return NULL;
    }
    Special special;
    special_set(&special, self->dialect);
    self->record.length = 0;
    self->field_count = 0;
    if (put_objects(self, &special, sequence) < 0) return NULL;
    if (self->field_count > 0 && self->record.length == 0) {
        /* One empty field must not look like an empty record. */
        if (self->dialect->quoting == QUOTE_NONE) {
            PyErr_SetString(self->error, "single empty field record must be quoted");
            return NULL;
        }
        self->field_count--;
        if (put_field(self, &special, NULL, true) < 0) return NULL;
    }
    if (put_end(self) < 0) return NULL;
    PyObject *line = text_str(&self->record);
    if (!line) return NULL;
    PyObject *result = PyObject_CallOneArg(self->write, line);
    Py_DECREF(line);
    return result;
}

static PyObject *Writer_writerows(Writer *self, PyObject *rows)
{
    PyObject *iterator = PyObject_GetIter(rows), *row;
    if (!iterator) return NULL;
    while ((row = PyIter_Next(iterator))) {
        PyObject *result = Writer_writerow(self, row);
        Py_DECREF(row);
        if (!result) break;
        Py_DECREF(result);
    }
    Py_DECREF(iterator);
    if (PyErr_Occurred()) return NULL;
    Py_RETURN_NONE;
}

static int Writer_traverse(Writer *self, visitproc visit, void *arg)
{
    Py_VISIT(self->dialect);
    Py_VISIT(self->write);
    Py_VISIT(self->error);
    Py_VISIT(Py_TYPE(self));
    return 0;
}

static int Writer_clear(Writer *self)
{
    Py_CLEAR(self->dialect);
    Py_CLEAR(self->write);
    Py_CLEAR(self->error);
    return 0;
}

static void Writer_dealloc(Writer *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    Writer_clear(self);
    PyMem_Free(self->record.chars);
    type->tp_free(self);
    Py_DECREF(type);
}

static PyMethodDef writer_methods[] = {
    {"writerow", (PyCFunction)Writer_writerow, METH_O,
     "writerow(iterable)\n\nWrite the iterable's items as a record; strings as they are, the rest by str()."},
    {"writerows", (PyCFunction)Writer_writerows, METH_O,
     "writerows(iterable of iterables)\n\nWrite a record for each of several iterables."},
    {NULL, NULL, 0, NULL},
};

static PyMemberDef writer_members[] = {
    {"dialect", T_OBJECT, offsetof(Writer, dialect), READONLY, NULL},
    {NULL, 0, 0, 0, NULL},
};

static PyType_Slot writer_slots[] = {
    {Py_tp_doc, "CSV writer\n\nWrites records as CSV text to a file.\n"},
    {Py_tp_traverse, Writer_traverse},
    {Py_tp_clear, Writer_clear},
    {Py_tp_dealloc, Writer_dealloc},
    {Py_tp_methods, writer_methods},
    {Py_tp_members, writer_members},
    {0, NULL},
};

static PyType_Spec writer_spec = {
    .name = "_csv.writer",
    .basicsize = sizeof(Writer),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = writer_slots,
};

static PyObject *csv_writer(PyObject *module, PyObject *args, PyObject *kwds)
{
    struct CsvModule *state = module_state(module);
    PyObject *file, *dialect = NULL;
    if (!PyArg_UnpackTuple(args, "", 1, 2, &file, &dialect)) return NULL;
    Writer *self = (Writer *)state->writer_type->tp_alloc(state->writer_type, 0);
    if (!self) return NULL;
    self->error = Py_NewRef(state->error);
    self->write = PyObject_GetAttrString(file, "write");
    if (!self->write || !PyCallable_Check(self->write)) {
        if (!PyErr_Occurred() || PyErr_ExceptionMatches(PyExc_AttributeError)) {
            PyErr_SetString(PyExc_TypeError, "argument 1 must have a \"write\" method");
        }
        Py_DECREF(self);
        return NULL;
    }
    self->dialect = (Dialect *)make_dialect(state, dialect, kwds);
    if (!self->dialect) Py_CLEAR(self);
    return (PyObject *)self;
}

/* ---- The registry of dialects ---- */

static PyObject *csv_list_dialects(PyObject *module, PyObject *Py_UNUSED(ignored))
{
    return PyDict_Keys(module_state(module)->dialects);
}

static PyObject *csv_register_dialect(PyObject *module, PyObject *args, PyObject *kwds)
{
    struct CsvModule *state = module_state(module);
    PyObject *name, *base = NULL;
    if (!PyArg_UnpackTuple(args, "", 1, 2, &name, &base)) return NULL;
    if (!PyUnicode_Check(name)) {
        PyErr_SetString(PyExc_TypeError, "dialect name must be a string");
        return NULL;
    }
    PyObject *dialect = make_dialect(state, base, kwds);
    if (!dialect) return NULL;
    int result = PyDict_SetItem(state->dialects, name, dialect);
    Py_DECREF(dialect);
    if (result < 0) return NULL;
    Py_RETURN_NONE;
}

static PyObject *csv_unregister_dialect(PyObject *module, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    static const char *const keywords[] = {"name", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .format = "O:unregister_dialect"};
    struct CsvModule *state = module_state(module);
    PyObject *name;
    if (!_PyArg_ParseStackAndKeywords(args, nargs, kwnames, &parser, &name)) return NULL;
    if (PyDict_DelItem(state->dialects, name) < 0) {
        if (PyErr_ExceptionMatches(PyExc_KeyError)) PyErr_SetString(state->error, "unknown dialect");
        return NULL;
    }
    Py_RETURN_NONE;
}

static PyObject *csv_get_dialect(PyObject *module, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    static const char *const keywords[] = {"name", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .format = "O:get_dialect"};
    PyObject *name;
    if (!_PyArg_ParseStackAndKeywords(args, nargs, kwnames, &parser, &name)) return NULL;
    return get_registered(module_state(module), name);
}

static PyObject *csv_field_size_limit(PyObject *module, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    static const char *const keywords[] = {"new_limit", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .format = "|O:field_size_limit"};
    struct CsvModule *state = module_state(module);
    PyObject *obj = NULL;
    long before = state->field_limit;
    if (!_PyArg_ParseStackAndKeywords(args, nargs, kwnames, &parser, &obj)) return NULL;
    if (obj) {
        if (!PyLong_CheckExact(obj)) {
            PyErr_SetString(PyExc_TypeError, "limit must be an integer");
            return NULL;
        }
        long limit = PyLong_AsLong(obj);
        if (limit == -1 && PyErr_Occurred()) return NULL;
        state->field_limit = limit;
    }
    return PyLong_FromLong(before);
}

/* ---- The module ---- */

static PyMethodDef functions[] = {
    {"reader", _PyCFunction_CAST(csv_reader), METH_VARARGS | METH_KEYWORDS,
     "    csv_reader = reader(iterable [, dialect='excel']\n"
     "                        [optional keyword args])\n\n"
     "An iterator of the records in an iterable's lines, such as a file opened with newline=''. dialect is a name or an\n"
     "object with the options as attributes; keyword arguments come before it."},
    {"writer", _PyCFunction_CAST(csv_writer), METH_VARARGS | METH_KEYWORDS,
     "    csv_writer = csv.writer(fileobj [, dialect='excel']\n"
     "                            [optional keyword args])\n\n"
     "An object that writes records to a file by its write(). dialect and keyword arguments are those of reader()."},
    {"list_dialects", csv_list_dialects, METH_NOARGS, "list_dialects($module, /)\n--\n\nThe names of the registered dialects."},
    {"register_dialect", _PyCFunction_CAST(csv_register_dialect), METH_VARARGS | METH_KEYWORDS,
     "Give a dialect a name.\n    dialect = csv.register_dialect(name[, dialect[, **fmtparams]])"},
    {"unregister_dialect", _PyCFunction_CAST(csv_unregister_dialect), METH_FASTCALL | METH_KEYWORDS,
     "unregister_dialect($module, /, name)\n--\n\nForget the name of a dialect."},
    {"get_dialect", _PyCFunction_CAST(csv_get_dialect), METH_FASTCALL | METH_KEYWORDS,
     "get_dialect($module, /, name)\n--\n\nThe dialect of a name."},
    {"field_size_limit", _PyCFunction_CAST(csv_field_size_limit), METH_FASTCALL | METH_KEYWORDS,
     "field_size_limit($module, /, new_limit=<unrepresentable>)\n--\n\nSet or only tell how long a field may be; the limit before."},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot error_slots[] = {{0, NULL}};

static PyType_Spec error_spec = {
    .name = "_csv.Error",
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .slots = error_slots,
};

static PyTypeObject *add_type(PyObject *module, PyType_Spec *spec, const char *name)
{
    PyTypeObject *type = (PyTypeObject *)PyType_FromModuleAndSpec(module, spec, NULL);
    if (type && PyModule_AddObjectRef(module, name, (PyObject *)type) < 0) Py_CLEAR(type);
    return type;
}

static int module_exec(PyObject *module)
{
    struct CsvModule *state = module_state(module);
    state->field_limit = 128 * 1024;
    if (PyModule_AddStringConstant(module, "__version__", "1.0") < 0) return -1;
    state->dialects = PyDict_New();
    if (!state->dialects || PyModule_AddObjectRef(module, "_dialects", state->dialects) < 0) return -1;
    if (PyModule_AddIntConstant(module, "QUOTE_MINIMAL", QUOTE_MINIMAL) < 0
        || PyModule_AddIntConstant(module, "QUOTE_ALL", QUOTE_ALL) < 0
        || PyModule_AddIntConstant(module, "QUOTE_NONNUMERIC", QUOTE_NONNUMERIC) < 0
        || PyModule_AddIntConstant(module, "QUOTE_NONE", QUOTE_NONE) < 0) {
        return -1;
    }
    if (!(state->dialect_type = add_type(module, &dialect_spec, "Dialect"))
        || !(state->reader_type = add_type(module, &reader_spec, "Reader"))
        || !(state->writer_type = add_type(module, &writer_spec, "Writer"))) {
        return -1;
    }
    state->error = PyType_FromModuleAndSpec(module, &error_spec, PyExc_Exception);
    return state->error ? PyModule_AddObjectRef(module, "Error", state->error) : -1;
}

static int module_traverse(PyObject *module, visitproc visit, void *arg)
{
    struct CsvModule *state = module_state(module);
    Py_VISIT(state->error);
    Py_VISIT(state->dialects);
    Py_VISIT(state->dialect_type);
    Py_VISIT(state->reader_type);
    Py_VISIT(state->writer_type);
    return 0;
}

static int module_clear(PyObject *module)
{
    struct CsvModule *state = module_state(module);
    Py_CLEAR(state->error);
    Py_CLEAR(state->dialects);
    Py_CLEAR(state->dialect_type);
    Py_CLEAR(state->reader_type);
    Py_CLEAR(state->writer_type);
    return 0;
}

static void module_free(void *module)
{
    module_clear(module);
}

static PyModuleDef_Slot slots[] = {{Py_mod_exec, module_exec}, {0, NULL}};

static PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_csv",
    .m_doc = "Reading and writing comma-separated values (PEP 305). A dialect is a set of options: delimiter, quotechar,\n"
             "escapechar, doublequote, skipinitialspace, lineterminator, quoting (QUOTE_MINIMAL, QUOTE_ALL, QUOTE_NONNUMERIC,\n"
             "QUOTE_NONE) and strict.",
    .m_size = sizeof(struct CsvModule),
    .m_methods = functions,
    .m_slots = slots,
    .m_traverse = module_traverse,
    .m_clear = module_clear,
    .m_free = module_free,
};

PyMODINIT_FUNC PyInit__csv(void)
{
    return PyModuleDef_Init(&definition);
}
