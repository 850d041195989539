/* Pattern.sub and subn, and templates. */
#include "modules/_sre/sre.h"

PyObject *sre_call_re(const char *name, PyObject *first, PyObject *second, PyObject *third)
{
    PyObject *module = PyImport_ImportModule("re");
    if (module == NULL) return NULL;
    PyObject *function = PyObject_GetAttrString(module, name);
    Py_DECREF(module);
    if (function == NULL) return NULL;
    PyObject *result = PyObject_CallFunctionObjArgs(function, first, second, third, NULL);
    Py_DECREF(function);
    return result;
}

/* What to put in the place of a match. */
typedef struct {
    enum { REPLACE_TEXT, REPLACE_CALL, REPLACE_TEMPLATE } kind;
    PyObject *value;        /* owned: the text, the function, the literals of the template (a list) */
    PyObject *groups;       /* owned, of a template: list of (index, group) */
} Replacement;

static void replacement_clear(Replacement *r)
{
    Py_CLEAR(r->value);
    Py_CLEAR(r->groups);
}

/* Has the template no backslash? Objects that hold no text go through the template parser, which says what is wrong. */
static bool is_plain_text(PyObject *template)
{
    if (PyUnicode_Check(template)) {
        if (PyUnicode_READY(template) < 0) {
            PyErr_Clear();
            return false;
        }
        return PyUnicode_FindChar(template, '\\', 0, PyUnicode_GET_LENGTH(template), 1) == -1;
    }
    Py_buffer view;
    if (PyObject_GetBuffer(template, &view, PyBUF_SIMPLE) < 0) {
        PyErr_Clear();
        return false;
    }
    bool plain = memchr(view.buf, '\\', (size_t)view.len) == NULL;
    PyBuffer_Release(&view);
    return plain;
}

/* Is (groups, literals) what re._parser.parse_template gives? */
static bool is_template(PyObject *parsed, const Pattern *pattern)
{
    if (!PyTuple_CheckExact(parsed) || PyTuple_GET_SIZE(parsed) != 2) return false;
    PyObject *groups = PyTuple_GET_ITEM(parsed, 0), *literals = PyTuple_GET_ITEM(parsed, 1);
    if (!PyList_CheckExact(groups) || !PyList_CheckExact(literals)) return false;
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(groups); i++) {
        PyObject *pair = PyList_GET_ITEM(groups, i);
        if (!PyTuple_CheckExact(pair) || PyTuple_GET_SIZE(pair) != 2) return false;
        if (!PyLong_CheckExact(PyTuple_GET_ITEM(pair, 0)) || !PyLong_CheckExact(PyTuple_GET_ITEM(pair, 1))) return false;
        Py_ssize_t index = PyLong_AsSsize_t(PyTuple_GET_ITEM(pair, 0)), group = PyLong_AsSsize_t(PyTuple_GET_ITEM(pair, 1));
        if (index < 0 || index >= PyList_GET_SIZE(literals) || group < 0 || group > pattern->groups) {
            PyErr_Clear();
            return false;
        }
    }
    return true;
}

static int replacement_init(Replacement *r, Pattern *pattern, PyObject *template)
{
    *r = (Replacement){.kind = REPLACE_TEXT};
    if (PyCallable_Check(template)) {
        r->kind = REPLACE_CALL;
        r->value = Py_NewRef(template);
        return 0;
    }
    if (is_plain_text(template)) {
        r->value = Py_NewRef(template);
        return 0;
    }
    PyObject *filter = sre_call_re("_subx", (PyObject *)pattern, template, NULL);
    if (filter == NULL) return -1;
    r->value = filter;
    if (!PyCallable_Check(filter)) return 0;
    /* The library's filter function keeps the parsed template as the default of its second parameter. Expanding that
     * here spares a call of a Python function for each match. */
    PyObject *defaults = PyFunction_Check(filter) ? PyFunction_GetDefaults(filter) : NULL;
    r->kind = REPLACE_CALL;
    if (defaults != NULL && PyTuple_GET_SIZE(defaults) == 1 && is_template(PyTuple_GET_ITEM(defaults, 0), pattern)) {
        PyObject *parsed = PyTuple_GET_ITEM(defaults, 0);
        r->kind = REPLACE_TEMPLATE;
        r->groups = Py_NewRef(PyTuple_GET_ITEM(parsed, 0));
        r->value = Py_NewRef(PyTuple_GET_ITEM(parsed, 1));
        Py_DECREF(filter);
    }
    return 0;
}

static int append_steal(PyObject *list, PyObject *item)
{
    if (item == NULL) return -1;
    int status = PyList_Append(list, item);
    Py_DECREF(item);
    return status;
}

/* Appends the pieces of the template for the match in `state`. */
static int append_template(PyObject *list, const Replacement *r, const State *state)
{
    Py_ssize_t next = 0;
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(r->value); i++) {
        PyObject *literal = PyList_GET_ITEM(r->value, i);
        PyObject *pair = next < PyList_GET_SIZE(r->groups) ? PyList_GET_ITEM(r->groups, next) : NULL;
        if (pair == NULL || PyLong_AsSsize_t(PyTuple_GET_ITEM(pair, 0)) != i) {
            if (PyList_Append(list, literal) < 0) return -1;
            continue;
        }
        Py_ssize_t group = PyLong_AsSsize_t(PyTuple_GET_ITEM(pair, 1));
        next++;
        const void *from = state->start, *to = state->ptr;
        if (group > 0) {
            from = state->marks[2 * group - 2];
            to = state->marks[2 * group - 1];
        }
        if (from == NULL || to <= from) continue;
        if (append_steal(list, state_slice(state, from, to)) < 0) return -1;
    }
    return 0;
}

static int append_replacement(PyObject *list, const Replacement *r, Pattern *pattern, const State *state)
{
    if (r->kind == REPLACE_TEXT) return PyList_Append(list, r->value);
    if (r->kind == REPLACE_TEMPLATE) return append_template(list, r, state);
    PyObject *match = match_new(pattern, state, 1);
    if (match == NULL) return -1;
    PyObject *item = PyObject_CallOneArg(r->value, match);
    Py_DECREF(match);
    if (item == Py_None) {
        Py_DECREF(item);
        return 0;
    }
    return append_steal(list, item);
}

/* All pieces as one; steals `list`. */
static PyObject *join_steal(PyObject *list, const State *state)
{
    PyObject *empty = state_slice(state, state->beginning, state->beginning), *joined = NULL;
    if (empty != NULL) {
        if (PyList_GET_SIZE(list) == 0) joined = Py_NewRef(empty);
        else joined = state->is_bytes ? _PyBytes_Join(empty, list) : PyUnicode_Join(empty, list);
        Py_DECREF(empty);
    }
    Py_DECREF(list);
    return joined;
}

PyObject *pattern_sub(Pattern *self, PyObject *template, PyObject *string, Py_ssize_t count, bool with_number)
{
    Replacement replacement;
    State state;
    PyObject *list = NULL, *result = NULL;
    if (replacement_init(&replacement, self, template) < 0) return NULL;
    if (state_init(&state, self, string, 0, PY_SSIZE_T_MAX) < 0) {
        replacement_clear(&replacement);
        return NULL;
    }
    list = PyList_New(0);
    if (list == NULL) goto error;
    Py_ssize_t n = 0;
    const char *last = state.beginning;
    while (count == 0 || n < count) {
        int status = state_search(&state);
        if (status < 0) goto error;
        if (status == 0) break;
        if (last < (const char *)state.start && append_steal(list, state_slice(&state, last, state.start)) < 0) goto error;
        if (append_replacement(list, &replacement, self, &state) < 0) goto error;
        last = state.ptr;
        n++;
        state.must_advance = state.ptr == state.start;
        state.start = state.ptr;
    }
    if (last < (const char *)state.end && append_steal(list, state_slice(&state, last, state.end)) < 0) goto error;
    result = join_steal(list, &state);
    list = NULL;
    if (result != NULL && with_number) result = Py_BuildValue("Nn", result, n);
error:
    Py_XDECREF(list);
    replacement_clear(&replacement);
    state_fini(&state);
    return result;
}
