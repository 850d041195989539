/* _sre.SRE_Scanner: one match after the other. finditer() is a call iterator over its search(). */
#include "modules/_sre/sre.h"

#include <structmember.h>

PyObject *scanner_new(Pattern *pattern, PyObject *string, Py_ssize_t pos, Py_ssize_t endpos)
{
    Scanner *scanner = PyObject_GC_New(Scanner, pattern->module->scanner_type);
    if (scanner == NULL) return NULL;
    scanner->pattern = NULL;
    scanner->executing = false;
    if (state_init(&scanner->state, pattern, string, pos, endpos) < 0) {
        /* nothing of the state is held; make its freeing do nothing */
        scanner->state.buffer.buf = NULL;
        scanner->state.marks = scanner->state.inline_marks;
        scanner->state.stack = scanner->state.inline_stack;
        scanner->state.string = NULL;
        Py_DECREF(scanner);
        return NULL;
    }
    scanner->pattern = Py_NewRef(pattern);
    PyObject_GC_Track(scanner);
    return (PyObject *)scanner;
}

static PyObject *scanner_step(Scanner *self, bool search)
{
    State *state = &self->state;
    int status = 0;
    if (self->executing) {
        PyErr_SetString(PyExc_ValueError, "regular expression scanner already executing");
        return NULL;
    }
    if (state->start == NULL) Py_RETURN_NONE;
    self->executing = true;
    if (state->start <= state->end) status = search ? state_search(state) : state_match(state, state->start);
    PyObject *match = match_new((Pattern *)self->pattern, state, status);
    if (status == 0) {
        state->start = NULL;
    }
    else if (status > 0) {
        state->must_advance = state->ptr == state->start;
        state->start = state->ptr;
    }
    self->executing = false;
    return match;
}

static PyObject *scanner_match(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return scanner_step((Scanner *)self, false);
}

static PyObject *scanner_search(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return scanner_step((Scanner *)self, true);
}

static int scanner_traverse(PyObject *op, visitproc visit, void *arg)
{
    Scanner *self = (Scanner *)op;
    Py_VISIT(Py_TYPE(op));
    Py_VISIT(self->pattern);
    Py_VISIT(self->state.string);
    return 0;
}

static int scanner_clear(PyObject *op)
{
    Scanner *self = (Scanner *)op;
    Py_CLEAR(self->pattern);
    return 0;
}

static void scanner_dealloc(PyObject *op)
{
    PyTypeObject *type = Py_TYPE(op);
    PyObject_GC_UnTrack(op);
    state_fini(&((Scanner *)op)->state);
    scanner_clear(op);
    type->tp_free(op);
    Py_DECREF(type);
}

static PyMethodDef scanner_methods[] = {
    {"match", scanner_match, METH_NOARGS, "match($self, /)\n--\n\n"},
    {"search", scanner_search, METH_NOARGS, "search($self, /)\n--\n\n"},
    {0},
};

static PyMemberDef scanner_members[] = {
    {"pattern", T_OBJECT, offsetof(Scanner, pattern), READONLY, NULL},
    {0},
};

static PyType_Slot scanner_slots[] = {
    {Py_tp_dealloc, scanner_dealloc},
    {Py_tp_methods, scanner_methods},
    {Py_tp_members, scanner_members},
    {Py_tp_traverse, scanner_traverse},
    {Py_tp_clear, scanner_clear},
    {0, NULL},
};

PyType_Spec sre_scanner_spec = {
    .name = "_sre.SRE_Scanner",
    .basicsize = sizeof(Scanner),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE | Py_TPFLAGS_DISALLOW_INSTANTIATION | Py_TPFLAGS_HAVE_GC,
    .slots = scanner_slots,
};
