/* Exceptions as text: what stands under "Traceback", with causes and contexts, notes, and groups. */
#include "runtime/display.h"

#include <stdio.h>

#include "objects/names.h"

enum { MAX_GROUP_WIDTH = 15, MAX_GROUP_DEPTH = 10 };

typedef struct {
    PyObject *file;     /* borrowed */
    PyObject *seen;     /* owned set of addresses, or NULL when there was no memory for it */
    int depth;          /* of groups */
    bool need_close;    /* the innermost group's frame is still to be closed */
} Display;

static int show(Display *d, PyObject *value);

static int write_text(Display *d, const char *text) { return PyFile_WriteString(text, d->file); }
static int write_raw(Display *d, PyObject *object) { return PyFile_WriteObject(object, d->file, Py_PRINT_RAW); }
static const char *margin(Display *d) { return d->depth ? "| " : ""; }
static int write_margin(Display *d) { return _Py_WriteIndentedMargin(2 * d->depth, margin(d), d->file); }

/* Takes over the text, which may be NULL. */
static int write_raw_steal(Display *d, PyObject *text)
{
    if (!text) return -1;
    int result = write_raw(d, text);
    Py_DECREF(text);
    return result;
}

/* ---- Syntax errors -------------------------------------------------------------------------------------------- */

typedef struct {
    PyObject *message, *filename, *text;    /* owned; text may be None */
    Py_ssize_t line, offset, end_line, end_offset;  /* from 1; -1: not known */
} SyntaxPlace;

static void place_release(SyntaxPlace *place)
{
    Py_CLEAR(place->message);
    Py_CLEAR(place->filename);
    Py_CLEAR(place->text);
}

/* -1 with an exception set. None: `missing`. */
static int get_number(PyObject *value, const char *name, Py_ssize_t missing, Py_ssize_t *number)
{
    PyObject *object = PyObject_GetAttrString(value, name);
    if (!object) return -1;
    *number = object == Py_None ? missing : PyLong_AsSsize_t(object);
    Py_DECREF(object);
    return *number == -1 && PyErr_Occurred() ? -1 : 0;
}

static int place_read(PyObject *value, SyntaxPlace *place)
{
    if (!(place->message = PyObject_GetAttrString(value, "msg"))) return -1;
    if (!(place->filename = PyObject_GetAttrString(value, "filename"))) return -1;
    if (place->filename == Py_None) {
        Py_SETREF(place->filename, PyUnicode_FromString("<string>"));
        if (!place->filename) return -1;
    }
    PyObject *line = PyObject_GetAttrString(value, "lineno");
    if (!line) return -1;
    place->line = PyLong_AsSsize_t(line);
    Py_DECREF(line);
    if (place->line == -1 && PyErr_Occurred()) return -1;
    if (get_number(value, "offset", -1, &place->offset) < 0) return -1;
    if (get_number(value, "end_lineno", place->line, &place->end_line) < 0) return -1;
    if (get_number(value, "end_offset", -1, &place->end_offset) < 0) return -1;
    return (place->text = PyObject_GetAttrString(value, "text")) ? 0 : -1;
}

/* The text and the marks under it. Offsets count characters, lengths count bytes: so does the reference. */
static int show_source(Display *d, const char *text, Py_ssize_t offset, Py_ssize_t end_offset)
{
    Py_ssize_t start = offset - 1, end = end_offset;
    for (; *text == ' ' || *text == '\t' || *text == '\f'; text++) start--, end--;
    Py_ssize_t length = (Py_ssize_t)strlen(text);
    if (length > 0 && text[length - 1] == '\n') length--;
    if (start > length) start = length;
    if (end > length + 1) end = length + 1;
    for (const char *feed; (feed = strchr(text, '\n')) && feed - text < start;) {
        Py_ssize_t skipped = feed - text + 1;
        text += skipped;
        length -= skipped;
        start -= skipped;
        end -= skipped;
    }
    if (write_text(d, "    ") < 0 || write_text(d, text) < 0) return -1;    /* without the margin, even in a group */
    if (text[length] != '\n' && write_text(d, "\n") < 0) return -1;
    if (start < 0) return 0;
    if (_Py_WriteIndent(4 + (int)start, d->file) < 0) return -1;
    Py_ssize_t count = end - 1 - start;
    do {
        if (write_text(d, "^") < 0) return -1;
    } while (--count > 0);
    return write_text(d, "\n");
}

/* For what has print_file_and_line: writes where it is, and replaces *value (owned) by the message. */
static int show_file_and_line(Display *d, PyObject **value)
{
    PyObject *flag;
    int found = _PyObject_LookupAttr(*value, NAME(print_file_and_line), &flag);
    if (found <= 0) return found;
    Py_DECREF(flag);
    SyntaxPlace place = {0};
    if (place_read(*value, &place) < 0) {
        PyErr_Clear();
        place_release(&place);
        return 0;
    }
    Py_SETREF(*value, Py_NewRef(place.message));
    int result = write_margin(d);
    if (result == 0) {
        result = write_raw_steal(d, PyUnicode_FromFormat("  File \"%S\", line %zd\n", place.filename, place.line));
    }
    if (result == 0 && place.text != Py_None) {
        Py_ssize_t size = -1;
        const char *text = PyUnicode_AsUTF8AndSize(place.text, &size);
        if (!text) result = -1;
        else result = show_source(d, text, place.offset, place.end_line > place.line ? size : place.end_offset);
    }
    place_release(&place);
    return result;
}

/* ---- One exception -------------------------------------------------------------------------------------------- */

static int show_traceback(Display *d, PyObject *value)
{
    PyObject *traceback = PyException_GetTraceback(value);
    if (!traceback || traceback == Py_None) {
        Py_XDECREF(traceback);
        return 0;
    }
    const char *header = "Traceback (most recent call last):\n", *header_margin = margin(d);
    if (PyObject_TypeCheck(value, (PyTypeObject *)PyExc_BaseExceptionGroup)) {
        header = "Exception Group Traceback (most recent call last):\n";
        if (d->depth == 1) header_margin = "+ ";
    }
    int result = _PyTraceBack_Print_Indented(traceback, 2 * d->depth, margin(d), header_margin, header, d->file);
    Py_DECREF(traceback);
    return result;
}

static int show_type(Display *d, PyTypeObject *type)
{
    PyObject *module = PyObject_GetAttrString((PyObject *)type, "__module__");
    int result = 0;
    if (!module || !PyUnicode_Check(module)) {
        PyErr_Clear();
        result = write_text(d, "<unknown>.");
    }
    else if (!_PyUnicode_EqualToASCIIString(module, "builtins") && !_PyUnicode_EqualToASCIIString(module, "__main__")) {
        result = write_raw(d, module);
        if (result == 0) result = write_text(d, ".");
    }
    Py_XDECREF(module);
    if (result < 0) return -1;
    PyObject *name = PyType_GetQualName(type);
    if (name && PyUnicode_Check(name)) return write_raw_steal(d, name);
    Py_XDECREF(name);
    PyErr_Clear();
    return write_text(d, "<unknown>");
}

static int show_message(Display *d, PyTypeObject *type, PyObject *value)
{
    if (write_margin(d) < 0 || show_type(d, type) < 0) return -1;
    if (value == Py_None) return 0;
    PyObject *text = PyObject_Str(value);
    if (!text) {
        PyErr_Clear();
        return write_text(d, ": <exception str() failed>");
    }
    int result = 0;
    if (PyUnicode_GET_LENGTH(text) != 0) result = write_text(d, ": ");
    if (result == 0) result = write_raw(d, text);
    Py_DECREF(text);
    return result;
}

static int show_suggestion(Display *d, PyObject *value)
{
    PyObject *name = suggestion_for(value);
    if (!name) return 0;
    int result = write_text(d, ". Did you mean: '");
    if (result == 0) result = write_raw(d, name);
    if (result == 0) result = write_text(d, "'?");
    Py_DECREF(name);
    return result;
}

static int show_note(Display *d, PyObject *note)
{
    PyObject *text = PyUnicode_Check(note) ? Py_NewRef(note) : PyObject_Str(note);
    if (!text) {
        PyErr_Clear();
        text = PyUnicode_FromString("<note str() failed>");
    }
    PyObject *lines = text ? PyUnicode_Splitlines(text, 1) : NULL;
    Py_XDECREF(text);
    if (!lines) return -1;
    int result = 0;
    for (Py_ssize_t i = 0; result == 0 && i < PyList_GET_SIZE(lines); i++) {
        result = write_margin(d);
        if (result == 0) result = write_raw(d, PyList_GET_ITEM(lines, i));
    }
    Py_DECREF(lines);
    return result == 0 ? write_text(d, "\n") : -1;
}

static int show_notes(Display *d, PyObject *notes)
{
    if (!PySequence_Check(notes)) {
        if (write_margin(d) < 0) return -1;
        PyObject *text = PyObject_Repr(notes);
        if (text) return write_raw_steal(d, text);
        PyErr_Clear();
        return write_text(d, "<__notes__ repr() failed>");
    }
    Py_ssize_t count = PySequence_Length(notes);
    if (count < 0) return -1;
    for (Py_ssize_t i = 0; i < count; i++) {
        PyObject *note = PySequence_GetItem(notes, i);
        if (!note) return -1;
        int result = show_note(d, note);
        Py_DECREF(note);
        if (result < 0) return -1;
    }
    return 0;
}

static int show_one(Display *d, PyObject *exception)
{
    fflush(stdout);
    if (!PyExceptionInstance_Check(exception)) {
        if (write_margin(d) < 0) return -1;
        return write_raw_steal(d, PyUnicode_FromFormat("TypeError: print_exception(): Exception expected for value, %s found\n",
                                                       Py_TYPE(exception)->tp_name));
    }
    PyObject *notes = NULL, *value = Py_NewRef(exception);
    int result = show_traceback(d, value);
    if (result == 0) result = _PyObject_LookupAttr(value, NAME(__notes__), &notes) < 0 ? -1 : 0;
    if (result == 0) result = show_file_and_line(d, &value);
    if (result == 0) result = show_message(d, Py_TYPE(exception), value);
    if (result == 0) result = show_suggestion(d, value);
    if (result == 0) result = write_text(d, "\n");
    if (result == 0 && notes) result = show_notes(d, notes);
    Py_XDECREF(notes);
    Py_DECREF(value);
    return result;
}

/* ---- Groups --------------------------------------------------------------------------------------------------- */

static int show_member(Display *d, PyObject *members, Py_ssize_t index)
{
    Py_ssize_t count = PyTuple_GET_SIZE(members);
    bool cut = index >= MAX_GROUP_WIDTH, last = cut || index == count - 1;
    if (last) d->need_close = true;     /* a group within may close our frame with its own */
    const char *lead = index == 0 ? "+-" : "  ";
    PyObject *title = cut ? PyUnicode_FromFormat("%s+---------------- ... ----------------\n", lead)
                          : PyUnicode_FromFormat("%s+---------------- %zd ----------------\n", lead, index + 1);
    if (_Py_WriteIndent(2 * d->depth, d->file) < 0) {
        Py_XDECREF(title);
        return -1;
    }
    if (write_raw_steal(d, title) < 0) return -1;
    d->depth++;
    int result;
    if (cut) {
        Py_ssize_t rest = count - MAX_GROUP_WIDTH;
        result = write_margin(d);
        if (result == 0) {
            result = write_raw_steal(d, PyUnicode_FromFormat("and %zd more exception%s\n", rest, rest > 1 ? "s" : ""));
        }
    }
    else result = show(d, PyTuple_GET_ITEM(members, index));
    if (result == 0 && last && d->need_close) {
        result = _Py_WriteIndent(2 * d->depth, d->file);
        if (result == 0) result = write_text(d, "+------------------------------------\n");
        d->need_close = false;
    }
    d->depth--;
    return result;
}

static int show_group(Display *d, PyObject *group)
{
    if (d->depth > MAX_GROUP_DEPTH) {
        if (write_margin(d) < 0) return -1;
        return write_raw_steal(d, PyUnicode_FromFormat("... (max_group_depth is %d)\n", MAX_GROUP_DEPTH));
    }
    if (d->depth == 0) d->depth = 1;
    if (show_one(d, group) < 0) return -1;
    PyObject *members = PyObject_GetAttrString(group, "exceptions");
    if (!members) return -1;
    int result = 0;
    if (PyTuple_Check(members)) {
        d->need_close = false;
        for (Py_ssize_t i = 0; result == 0 && i < PyTuple_GET_SIZE(members) && i <= MAX_GROUP_WIDTH; i++) {
            result = show_member(d, members, i);
        }
    }
    Py_DECREF(members);
    if (d->depth == 1) d->depth = 0;
    return result;
}

static int show_one_or_group(Display *d, PyObject *value)
{
    if (PyObject_TypeCheck(value, (PyTypeObject *)PyExc_BaseExceptionGroup)) return show_group(d, value);
    return show_one(d, value);
}

/* ---- Chains --------------------------------------------------------------------------------------------------- */

/* 1 the first time; 0 later. -1 with an exception set. */
static int mark_seen(Display *d, PyObject *value)
{
    PyObject *id = PyLong_FromVoidPtr(value);
    int found = id ? PySet_Contains(d->seen, id) : -1;
    if (found == 0 && PySet_Add(d->seen, id) < 0) found = -1;
    Py_XDECREF(id);
    return found < 0 ? -1 : !found;
}

/* What led to the exception and is to be shown before it; a new reference, or NULL. */
static PyObject *predecessor(PyObject *value, bool *is_cause)
{
    *is_cause = true;
    if (!PyExceptionInstance_Check(value)) return NULL;
    PyObject *cause = PyException_GetCause(value);
    if (cause) return cause;
    *is_cause = false;
    return ((PyBaseExceptionObject *)value)->suppress_context ? NULL : PyException_GetContext(value);
}

/* The chain from the newest exception back, as a list of (exception, is_cause of the next older one). Worked off from its
 * end, so that a chain of any length needs no C stack. */
static PyObject *collect_chain(Display *d, PyObject *value)
{
    PyObject *chain = PyList_New(0);
    if (!chain || PyList_Append(chain, value) < 0) goto error;
    if (!d->seen) return chain;
    if (mark_seen(d, value) < 0) goto error;
    for (PyObject *current = value;;) {
        bool is_cause;
        PyObject *before = predecessor(current, &is_cause);
        if (!before) return chain;
        int first = mark_seen(d, before);
        int failed = first < 0;
        if (first > 0) failed = PyList_Append(chain, is_cause ? Py_True : Py_False) < 0 || PyList_Append(chain, before) < 0;
        Py_DECREF(before);
        if (failed) goto error;
        if (first == 0) return chain;
        current = before;   /* the list keeps it */
    }
error:
    Py_XDECREF(chain);
    return NULL;
}

static int show_link(Display *d, bool is_cause)
{
    if (write_margin(d) < 0 || write_text(d, "\n") < 0 || write_margin(d) < 0) return -1;
    if (write_text(d, is_cause ? "The above exception was the direct cause of the following exception:\n"
                               : "During handling of the above exception, another exception occurred:\n") < 0) {
        return -1;
    }
    return write_margin(d) < 0 ? -1 : write_text(d, "\n");
}

/* An exception with all that led to it. */
static int show(Display *d, PyObject *value)
{
    if (Py_EnterRecursiveCall(" in print_exception_recursive")) return -1;
    PyObject *chain = collect_chain(d, value);
    int result = chain ? 0 : -1;
    bool need_close = d->need_close;
    for (Py_ssize_t i = chain ? PyList_GET_SIZE(chain) - 1 : -1; result == 0 && i >= 0; i -= 2) {
        d->need_close = i == 0 && need_close;
        result = show_one_or_group(d, PyList_GET_ITEM(chain, i));
        if (result == 0 && i > 0) result = show_link(d, PyList_GET_ITEM(chain, i - 1) == Py_True);
    }
    Py_XDECREF(chain);
    Py_LeaveRecursiveCall();
    return result;
}

/* ---- The C API ------------------------------------------------------------------------------------------------ */

/* Writes the exception to a file; errors in doing so go to the C stderr. */
void _PyErr_Display(PyObject *file, PyObject *Py_UNUSED(type), PyObject *value, PyObject *traceback)
{
    if (PyExceptionInstance_Check(value) && traceback && PyTraceBack_Check(traceback)) {
        PyObject *own = PyException_GetTraceback(value);
        if (!own) PyException_SetTraceback(value, traceback);
        Py_XDECREF(own);
    }
    Display d = {.file = file, .seen = PySet_New(NULL)};
    if (!d.seen) PyErr_Clear();
    if (show(&d, value) < 0) {
        PyErr_Clear();
        _PyObject_Dump(value);
        fprintf(stderr, "lost sys.stderr\n");
    }
    Py_XDECREF(d.seen);
    PyObject *result = PyObject_CallMethod(file, "flush", NULL);
    if (!result) PyErr_Clear();
    Py_XDECREF(result);
}

void PyErr_Display(PyObject *type, PyObject *value, PyObject *traceback)
{
    PyObject *file = PySys_GetObject("stderr");
    if (!file) {
        _PyObject_Dump(value);
        fprintf(stderr, "lost sys.stderr\n");
        return;
    }
    if (file == Py_None) return;
    Py_INCREF(file);
    _PyErr_Display(file, type, value, traceback);
    Py_DECREF(file);
}
