/* Subjects: taking the text out of an object, and slices of it. */
#include "modules/_sre/sre.h"

/* Opens the text of `string`. -1 with TypeError. A buffer is kept in `state`. */
static int open_subject(State *state, PyObject *string, Py_ssize_t *length)
{
    state->buffer.buf = NULL;
    if (PyUnicode_Check(string)) {
        if (PyUnicode_READY(string) < 0) return -1;
        *length = PyUnicode_GET_LENGTH(string);
        state->charsize = (int)PyUnicode_KIND(string);
        state->beginning = PyUnicode_DATA(string);
        state->is_bytes = false;
        return 0;
    }
    state->charsize = 1;
    state->is_bytes = true;
    if (PyBytes_CheckExact(string)) {
        *length = PyBytes_GET_SIZE(string);
        state->beginning = PyBytes_AS_STRING(string);
        return 0;
    }
    if (PyObject_GetBuffer(string, &state->buffer, PyBUF_SIMPLE) < 0) {
        state->buffer.buf = NULL;
        PyErr_Format(PyExc_TypeError, "expected string or bytes-like object, got '%.200s'", Py_TYPE(string)->tp_name);
        return -1;
    }
    *length = state->buffer.len;
    state->beginning = state->buffer.buf;
    if (state->buffer.buf == NULL) {
        PyBuffer_Release(&state->buffer);
        PyErr_SetString(PyExc_ValueError, "Buffer is NULL");
        return -1;
    }
    return 0;
}

static Py_ssize_t clamp(Py_ssize_t value, Py_ssize_t length)
{
    return value < 0 ? 0 : value > length ? length : value;
}

int state_init(State *state, Pattern *pattern, PyObject *string, Py_ssize_t pos, Py_ssize_t endpos)
{
    Py_ssize_t length;
    if (open_subject(state, string, &length) < 0) return -1;
    if (pattern->is_bytes >= 0 && pattern->is_bytes != state->is_bytes) {
        PyErr_SetString(PyExc_TypeError, state->is_bytes ? "cannot use a string pattern on a bytes-like object"
                                                         : "cannot use a bytes pattern on a string-like object");
        goto error;
    }
    state->mark_count = 2 * pattern->groups;
    state->marks = state->inline_marks;
    if (state->mark_count > INLINE_MARKS) {
        state->marks = PyMem_Malloc((size_t)state->mark_count * sizeof(*state->marks));
        if (state->marks == NULL) {
            PyErr_NoMemory();
            goto error;
        }
    }
    memset(state->marks, 0, (size_t)state->mark_count * sizeof(*state->marks));
    state->program = pattern->program;
    state->pos = clamp(pos, length);
    state->endpos = clamp(endpos, length);
    state->start = (const char *)state->beginning + state->pos * state->charsize;
    state->end = (const char *)state->beginning + state->endpos * state->charsize;
    state->match_all = state->must_advance = state->marks_dirty = false;
    state->lastindex = -1;
    state->stack = state->inline_stack;
    state->stack_limit = state->stack + INLINE_ENTRIES;
    state->string = Py_NewRef(string);
    return 0;
error:
    if (state->buffer.buf != NULL) PyBuffer_Release(&state->buffer);
    return -1;
}

void state_fini(State *state)
{
    if (state->buffer.buf != NULL) PyBuffer_Release(&state->buffer);
    if (state->marks != state->inline_marks) PyMem_Free(state->marks);
    if (state->stack != state->inline_stack) PyMem_Free(state->stack);
    Py_CLEAR(state->string);
}

PyObject *subject_slice(PyObject *string, bool is_bytes, const char *bytes, Py_ssize_t start, Py_ssize_t end)
{
    if (!is_bytes) return PyUnicode_Substring(string, start, end);
    if (PyBytes_CheckExact(string) && start == 0 && end == PyBytes_GET_SIZE(string)) return Py_NewRef(string);
    return PyBytes_FromStringAndSize(bytes + start, end - start);
}

PyObject *state_slice(const State *state, const void *from, const void *to)
{
    return subject_slice(state->string, state->is_bytes, state->beginning, state_offset(state, from),
                         state_offset(state, to));
}

PyObject *state_group(const State *state, Py_ssize_t group, bool empty)
{
    const void *from = state->marks[2 * group - 2], *to = state->marks[2 * group - 1];
    if (from == NULL || to == NULL) {
        if (!empty) Py_RETURN_NONE;
        from = to = state->beginning;
    }
    else if (to < from) {
        PyErr_SetString(PyExc_SystemError, "The span of capturing group is wrong, please report a bug for the re module.");
        return NULL;
    }
    return state_slice(state, from, to);
}
