/* re.Match. */
#include "modules/_sre/sre.h"
#include "objects/args_unpack.h"

#include <structmember.h>

PyObject *match_new(Pattern *pattern, const State *state, int status)
{
    if (status == 0) Py_RETURN_NONE;
    if (status < 0) return NULL;
    Py_ssize_t groups = pattern->groups + 1;
    Match *match = PyObject_GC_NewVar(Match, pattern->module->match_type, 2 * groups);
    if (match == NULL) return NULL;
    match->string = Py_NewRef(state->string);
    match->regs = NULL;
    match->pattern = (Pattern *)Py_NewRef(pattern);
    match->pos = state->pos;
    match->endpos = state->endpos;
    match->lastindex = state->lastindex;
    match->groups = groups;
    match->marks[0] = state_offset(state, state->start);
    match->marks[1] = state_offset(state, state->ptr);
    for (Py_ssize_t i = 2; i < 2 * groups; i += 2) {
        const void *from = state->marks[i - 2], *to = state->marks[i - 1];
        if (from == NULL || to == NULL) {
            match->marks[i] = match->marks[i + 1] = -1;
            continue;
        }
        match->marks[i] = state_offset(state, from);
        match->marks[i + 1] = state_offset(state, to);
        if (match->marks[i] > match->marks[i + 1]) {
            PyErr_SetString(PyExc_SystemError,
                            "The span of capturing group is wrong, please report a bug for the re module.");
            Py_DECREF(match);
            return NULL;
        }
    }
    PyObject_GC_Track(match);
    return (PyObject *)match;
}

/* The text of a group, `missing` (borrowed) when it is not set. */
static PyObject *match_text(Match *self, Py_ssize_t group, PyObject *missing)
{
    Py_ssize_t from = self->marks[2 * group], to = self->marks[2 * group + 1];
    if (self->string == Py_None || from < 0) return Py_NewRef(missing);
    if (PyUnicode_Check(self->string)) return PyUnicode_Substring(self->string, from, to);
    if (PyBytes_CheckExact(self->string)) {
        return subject_slice(self->string, true, PyBytes_AS_STRING(self->string), from, to);
    }
    /* a mutable buffer may have changed its size since */
    Py_buffer view;
    if (PyObject_GetBuffer(self->string, &view, PyBUF_SIMPLE) < 0) return NULL;
    if (to > view.len) to = view.len;
    if (from > to) from = to;
    PyObject *text = subject_slice(self->string, true, view.buf, from, to);
    PyBuffer_Release(&view);
    return text;
}

/* The number of the group that `index` names, -1 with IndexError. NULL is the whole match. */
static Py_ssize_t match_index(Match *self, PyObject *index)
{
    Py_ssize_t i = -1;
    if (index == NULL) return 0;
    if (PyIndex_Check(index)) {
        i = PyNumber_AsSsize_t(index, NULL);
    }
    else if (self->pattern->groupindex != NULL) {
        PyObject *number = PyDict_GetItemWithError(self->pattern->groupindex, index);
        if (number != NULL && PyLong_Check(number)) i = PyLong_AsSsize_t(number);
    }
    if (i < 0 || i >= self->groups) {
        if (!PyErr_Occurred()) PyErr_SetString(PyExc_IndexError, "no such group");
        return -1;
    }
    return i;
}

static PyObject *match_item(PyObject *op, PyObject *index)
{
    Match *self = (Match *)op;
    Py_ssize_t i = match_index(self, index);
    return i < 0 ? NULL : match_text(self, i, Py_None);
}

static PyObject *match_group(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    if (nargs == 0) return match_text((Match *)self, 0, Py_None);
    if (nargs == 1) return match_item(self, args[0]);
    PyObject *result = PyTuple_New(nargs);
    if (result == NULL) return NULL;
    for (Py_ssize_t i = 0; i < nargs; i++) {
        PyObject *item = match_item(self, args[i]);
        if (item == NULL) {
            Py_DECREF(result);
            return NULL;
        }
        PyTuple_SET_ITEM(result, i, item);
    }
    return result;
}

static const char *const default_names[] = {"default", NULL};

static PyObject *match_groups(PyObject *op, PyObject *const *args, Py_ssize_t nargs, PyObject *names)
{
    static _PyArg_Parser parser = {.keywords = default_names, .fname = "groups"};
    Match *self = (Match *)op;
    PyObject *buffer[1];
    if (args_unpack(args, nargs, NULL, names, &parser, 0, 1, 1, buffer) < 0) return NULL;
    args = buffer;
    PyObject *missing = args[0] ? args[0] : Py_None;
    PyObject *result = PyTuple_New(self->groups - 1);
    if (result == NULL) return NULL;
    for (Py_ssize_t i = 1; i < self->groups; i++) {
        PyObject *item = match_text(self, i, missing);
        if (item == NULL) {
            Py_DECREF(result);
            return NULL;
        }
        PyTuple_SET_ITEM(result, i - 1, item);
    }
    return result;
}

static PyObject *match_groupdict(PyObject *op, PyObject *const *args, Py_ssize_t nargs, PyObject *names)
{
    static _PyArg_Parser parser = {.keywords = default_names, .fname = "groupdict"};
    Match *self = (Match *)op;
    PyObject *buffer[1], *key, *number;
    Py_ssize_t position = 0;
    if (args_unpack(args, nargs, NULL, names, &parser, 0, 1, 1, buffer) < 0) return NULL;
    args = buffer;
    PyObject *missing = args[0] ? args[0] : Py_None;
    PyObject *result = PyDict_New();
    if (result == NULL || self->pattern->groupindex == NULL) return result;
    while (PyDict_Next(self->pattern->groupindex, &position, &key, &number)) {
        Py_INCREF(key);
        Py_ssize_t i = match_index(self, number);
        PyObject *text = i < 0 ? NULL : match_text(self, i, missing);
        int status = text == NULL ? -1 : PyDict_SetItem(result, key, text);
        Py_XDECREF(text);
        Py_DECREF(key);
        if (status < 0) {
            Py_DECREF(result);
            return NULL;
        }
    }
    return result;
}

/* The optional group argument of start(), end() and span(); -1 with an exception. */
static Py_ssize_t group_argument(PyObject *self, const char *name, PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional(name, nargs, 0, 1)) return -1;
    return match_index((Match *)self, nargs ? args[0] : NULL);
}

static PyObject *match_start(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    Py_ssize_t i = group_argument(self, "start", args, nargs);
    return i < 0 ? NULL : PyLong_FromSsize_t(((Match *)self)->marks[2 * i]);
}

static PyObject *match_end(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    Py_ssize_t i = group_argument(self, "end", args, nargs);
    return i < 0 ? NULL : PyLong_FromSsize_t(((Match *)self)->marks[2 * i + 1]);
}

static PyObject *make_pair(Py_ssize_t first, Py_ssize_t second)
{
    PyObject *pair = PyTuple_New(2), *a = PyLong_FromSsize_t(first), *b = PyLong_FromSsize_t(second);
    if (pair == NULL || a == NULL || b == NULL) {
        Py_XDECREF(pair);
        Py_XDECREF(a);
        Py_XDECREF(b);
        return NULL;
    }
    PyTuple_SET_ITEM(pair, 0, a);
    PyTuple_SET_ITEM(pair, 1, b);
    return pair;
}

static PyObject *match_span(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    Py_ssize_t i = group_argument(self, "span", args, nargs);
    return i < 0 ? NULL : make_pair(((Match *)self)->marks[2 * i], ((Match *)self)->marks[2 * i + 1]);
}

static PyObject *match_expand(PyObject *self, PyObject *template)
{
    return sre_call_re("_expand", (PyObject *)((Match *)self)->pattern, self, template);
}

static PyObject *match_copy(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return Py_NewRef(self);
}

static PyObject *match_get_lastindex(PyObject *self, void *Py_UNUSED(closure))
{
    Py_ssize_t i = ((Match *)self)->lastindex;
    if (i < 0) Py_RETURN_NONE;
    return PyLong_FromSsize_t(i);
}

static PyObject *match_get_lastgroup(PyObject *op, void *Py_UNUSED(closure))
{
    Match *self = (Match *)op;
    PyObject *names = self->pattern->indexgroup;
    if (names == NULL || self->lastindex < 0 || self->lastindex >= PyTuple_GET_SIZE(names)) Py_RETURN_NONE;
    return Py_NewRef(PyTuple_GET_ITEM(names, self->lastindex));
}

static PyObject *match_get_regs(PyObject *op, void *Py_UNUSED(closure))
{
    Match *self = (Match *)op;
    if (self->regs == NULL) {
        PyObject *regs = PyTuple_New(self->groups);
        if (regs == NULL) return NULL;
        for (Py_ssize_t i = 0; i < self->groups; i++) {
            PyObject *pair = make_pair(self->marks[2 * i], self->marks[2 * i + 1]);
            if (pair == NULL) {
                Py_DECREF(regs);
                return NULL;
            }
            PyTuple_SET_ITEM(regs, i, pair);
        }
        self->regs = regs;
    }
    return Py_NewRef(self->regs);
}

static PyObject *match_repr(PyObject *op)
{
    Match *self = (Match *)op;
    PyObject *text = match_text(self, 0, Py_None);
    if (text == NULL) return NULL;
    PyObject *result = PyUnicode_FromFormat("<%s object; span=(%zd, %zd), match=%.50R>", Py_TYPE(self)->tp_name,
                                            self->marks[0], self->marks[1], text);
    Py_DECREF(text);
    return result;
}

static int match_traverse(PyObject *op, visitproc visit, void *arg)
{
    Match *self = (Match *)op;
    Py_VISIT(Py_TYPE(op));
    Py_VISIT(self->string);
    Py_VISIT(self->regs);
    Py_VISIT(self->pattern);
    return 0;
}

static int match_clear(PyObject *op)
{
    Match *self = (Match *)op;
    Py_CLEAR(self->string);
    Py_CLEAR(self->regs);
    Py_CLEAR(self->pattern);
    return 0;
}

static void match_dealloc(PyObject *op)
{
    PyTypeObject *type = Py_TYPE(op);
    PyObject_GC_UnTrack(op);
    match_clear(op);
    type->tp_free(op);
    Py_DECREF(type);
}

PyDoc_STRVAR(match_doc,
"What re.match() and re.search() find.\n"
"Match objects are always true.");
PyDoc_STRVAR(group_doc,
"group([group1, ...]) -> str or tuple.\n"
"    The text of one or more groups, by number or name.\n"
"    Group 0 is the whole match.");
PyDoc_STRVAR(start_doc,
"start($self, group=0, /)\n--\n\n"
"Where the text of the group begins.");
PyDoc_STRVAR(end_doc,
"end($self, group=0, /)\n--\n\n"
"Where the text of the group ends.");
PyDoc_STRVAR(span_doc,
"span($self, group=0, /)\n--\n\n"
"The tuple (start, end) of the group.");
PyDoc_STRVAR(groups_doc,
"groups($self, /, default=None)\n--\n\n"
"A tuple of the texts of all groups, from 1.\n\n"
"  default\n"
"    Stands for groups that did not take part in the match.");
PyDoc_STRVAR(groupdict_doc,
"groupdict($self, /, default=None)\n--\n\n"
"A dictionary of the texts of all named groups.\n\n"
"  default\n"
"    Stands for groups that did not take part in the match.");
PyDoc_STRVAR(expand_doc,
"expand($self, /, template)\n--\n\n"
"The template with its references to groups filled in, as sub() does it.");

static PyObject *match_expand_method(PyObject *self, PyObject *const *args, Py_ssize_t nargs, PyObject *names)
{
    static const char *const keywords[] = {"template", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .fname = "expand"};
    PyObject *buffer[1];
    if (args_unpack(args, nargs, NULL, names, &parser, 1, 1, 1, buffer) < 0) return NULL;
    return match_expand(self, buffer[0]);
}

#define FAST(function) ((PyCFunction)(void (*)(void))(function)), METH_FASTCALL
#define FAST_KEYWORDS(function) FAST(function) | METH_KEYWORDS

static PyMethodDef match_methods[] = {
    {"group", FAST(match_group), group_doc},
    {"start", FAST(match_start), start_doc},
    {"end", FAST(match_end), end_doc},
    {"span", FAST(match_span), span_doc},
    {"groups", FAST_KEYWORDS(match_groups), groups_doc},
    {"groupdict", FAST_KEYWORDS(match_groupdict), groupdict_doc},
    {"expand", FAST_KEYWORDS(match_expand_method), expand_doc},
    {"__copy__", match_copy, METH_NOARGS, "__copy__($self, /)\n--\n\n"},
    {"__deepcopy__", match_copy, METH_O, "__deepcopy__($self, memo, /)\n--\n\n"},
    {"__class_getitem__", Py_GenericAlias, METH_O | METH_CLASS, "See PEP 585"},
    {0},
};

static PyGetSetDef match_getset[] = {
    {"lastindex", match_get_lastindex, NULL, "The integer index of the last matched capturing group.", NULL},
    {"lastgroup", match_get_lastgroup, NULL, "The name of the last matched capturing group.", NULL},
    {"regs", match_get_regs, NULL, NULL, NULL},
    {0},
};

static PyMemberDef match_members[] = {
    {"string", T_OBJECT, offsetof(Match, string), READONLY, "The string passed to match() or search()."},
    {"re", T_OBJECT, offsetof(Match, pattern), READONLY, "The regular expression object."},
    {"pos", T_PYSSIZET, offsetof(Match, pos), READONLY,
     "The index into the string at which the RE engine started looking for a match."},
    {"endpos", T_PYSSIZET, offsetof(Match, endpos), READONLY,
     "The index into the string beyond which the RE engine will not go."},
    {0},
};

static PyType_Slot match_slots[] = {
    {Py_tp_dealloc, match_dealloc},
    {Py_tp_repr, match_repr},
    {Py_tp_doc, (void *)match_doc},
    {Py_tp_methods, match_methods},
    {Py_tp_members, match_members},
    {Py_tp_getset, match_getset},
    {Py_tp_traverse, match_traverse},
    {Py_tp_clear, match_clear},
    {Py_mp_subscript, match_item},
    {0, NULL},
};

PyType_Spec sre_match_spec = {
    .name = "re.Match",
    .basicsize = sizeof(Match),
    .itemsize = sizeof(Py_ssize_t),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE | Py_TPFLAGS_DISALLOW_INSTANTIATION | Py_TPFLAGS_HAVE_GC,
    .slots = match_slots,
};
