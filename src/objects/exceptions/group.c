/* Exception groups (PEP 654): BaseExceptionGroup(message, exceptions), and ExceptionGroup for Exceptions only. */
#include "objects/exceptions/exceptions.h"

#include <stddef.h>
#include <structmember.h>

#include "objects/names.h"

static PyBaseExceptionGroupObject *group(PyObject *o) { return (PyBaseExceptionGroupObject *)o; }
static bool is_group(PyObject *o) { return PyObject_TypeCheck(o, (PyTypeObject *)PyExc_BaseExceptionGroup); }
static Py_ssize_t count_of(PyObject *o) { return PyTuple_GET_SIZE(group(o)->excs); }
static PyObject *member(PyObject *o, Py_ssize_t i) { return PyTuple_GET_ITEM(group(o)->excs, i); }

/* ---- Making ---------------------------------------------------------------------------------------------------- */

/* The exceptions as a tuple; whether all are Exceptions. A new reference. */
static PyObject *check_members(PyObject *given, bool *all_plain)
{
    if (!PySequence_Check(given)) {
        PyErr_SetString(PyExc_TypeError, "second argument (exceptions) must be a sequence");
        return NULL;
    }
    PyObject *excs = PySequence_Tuple(given);
    if (!excs) return NULL;
    if (PyTuple_GET_SIZE(excs) == 0) {
        PyErr_SetString(PyExc_ValueError, "second argument (exceptions) must be a non-empty sequence");
        goto error;
    }
    *all_plain = true;
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(excs); i++) {
        PyObject *exc = PyTuple_GET_ITEM(excs, i);
        if (!PyExceptionInstance_Check(exc)) {
            PyErr_Format(PyExc_ValueError, "Item %zd of second argument (exceptions) is not an exception", i);
            goto error;
        }
        int plain = PyObject_IsInstance(exc, PyExc_Exception);
        if (plain < 0) goto error;
        if (!plain) *all_plain = false;
    }
    return excs;
error:
    Py_DECREF(excs);
    return NULL;
}

/* The class to make: BaseExceptionGroup of plain Exceptions becomes ExceptionGroup. NULL with TypeError set. */
static PyTypeObject *class_for(PyTypeObject *type, bool all_plain)
{
    PyTypeObject *plain_group = (PyTypeObject *)exceptions_runtime.exception_group;
    if (type == (PyTypeObject *)PyExc_BaseExceptionGroup) return all_plain ? plain_group : type;
    if (all_plain) return type;
    if (type == plain_group) {
        PyErr_SetString(PyExc_TypeError, "Cannot nest BaseExceptions in an ExceptionGroup");
        return NULL;
    }
    int plain_class = PyObject_IsSubclass((PyObject *)type, PyExc_Exception);
    if (plain_class > 0) PyErr_Format(PyExc_TypeError, "Cannot nest BaseExceptions in '%.200s'", type->tp_name);
    return plain_class ? NULL : type;
}

static PyObject *group_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    PyObject *message, *given;
    bool all_plain;
    if (!PyArg_ParseTuple(args, "UO:BaseExceptionGroup.__new__", &message, &given)) return NULL;
    PyObject *excs = check_members(given, &all_plain);
    if (!excs) return NULL;
    PyTypeObject *made = class_for(type, all_plain);
    PyObject *self = made ? exception_new(made, args, kwargs) : NULL;
    if (!self) {
        Py_DECREF(excs);
        return NULL;
    }
    group(self)->msg = Py_NewRef(message);
    group(self)->excs = excs;
    return self;
}

static int group_init(PyObject *self, PyObject *args, PyObject *kwargs) { return exception_init(self, args, kwargs); }

PyObject *_PyExc_CreateExceptionGroup(const char *message, PyObject *excs)
{
    return PyObject_CallFunction(PyExc_BaseExceptionGroup, "sO", message, excs);
}

static PyObject *group_str(PyObject *self)
{
    Py_ssize_t n = count_of(self);
    return PyUnicode_FromFormat("%S (%zd sub-exception%s)", group(self)->msg, n, n > 1 ? "s" : "");
}

/* ---- Splitting ------------------------------------------------------------------------------------------------- */

/* derive(excs) with the original's traceback, context, cause and notes. Returns None (new) for no exceptions. */
static PyObject *derive_with(PyObject *original, PyObject *excs)
{
    if (PyList_GET_SIZE(excs) == 0) return Py_NewRef(Py_None);
    PyObject *derived = PyObject_CallMethodOneArg(original, NAME(derive), excs), *notes = NULL;
    if (!derived) return NULL;
    if (!is_group(derived)) {
        PyErr_SetString(PyExc_TypeError, "derive must return an instance of BaseExceptionGroup");
        goto error;
    }
    PyBaseExceptionObject *from = (PyBaseExceptionObject *)original;
    if (from->traceback && PyException_SetTraceback(derived, from->traceback) < 0) goto error;
    PyException_SetContext(derived, Py_XNewRef(from->context));
    PyException_SetCause(derived, Py_XNewRef(from->cause));
    if (_PyObject_LookupAttr(original, NAME(__notes__), &notes) < 0) goto error;
    if (notes) {
        PyObject *copy = PySequence_Check(notes) ? PySequence_List(notes) : NULL;
        int failed = copy ? PyObject_SetAttr(derived, NAME(__notes__), copy) : PyErr_Occurred() ? -1 : 0;
        Py_XDECREF(copy);
        Py_DECREF(notes);
        if (failed) goto error;
    }
    return derived;
error:
    Py_DECREF(derived);
    return NULL;
}

typedef enum { MATCH_TYPES, MATCH_CALLABLE, MATCH_IDENTITIES } MatcherKind;

typedef struct {
    MatcherKind kind;
    PyObject *value;            /* borrowed: a class or tuple, a callable, a set of ids of leaves */
} Matcher;

static int make_matcher(PyObject *value, Matcher *m)
{
    m->value = value;
    if (PyExceptionClass_Check(value)) m->kind = MATCH_TYPES;
    else if (PyTuple_CheckExact(value)) {
        for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(value); i++) {
            if (!PyExceptionClass_Check(PyTuple_GET_ITEM(value, i))) goto bad;
        }
        m->kind = MATCH_TYPES;
    }
    else if (PyCallable_Check(value) && !PyType_Check(value)) m->kind = MATCH_CALLABLE;
    else goto bad;
    return 0;
bad:
    PyErr_SetString(PyExc_TypeError, "expected a function, exception type or tuple of exception types");
    return -1;
}

static int matches(const Matcher *m, PyObject *exc)
{
    if (m->kind == MATCH_TYPES) return PyErr_GivenExceptionMatches(exc, m->value);
    if (m->kind == MATCH_CALLABLE) {
        PyObject *answer = PyObject_CallOneArg(m->value, exc);
        if (!answer) return -1;
        int truth = PyObject_IsTrue(answer);
        Py_DECREF(answer);
        return truth;
    }
    if (is_group(exc)) return 0;
    PyObject *id = PyLong_FromVoidPtr(exc);
    if (!id) return -1;
    int found = PySet_Contains(m->value, id);
    Py_DECREF(id);
    return found;
}

/* Both parts as new references, None where empty; rest may be NULL if it is not wanted. */
static int split(PyObject *exc, const Matcher *m, PyObject **match, PyObject **rest)
{
    *match = NULL;
    if (rest) *rest = NULL;
    int all = matches(m, exc);
    if (all < 0) return -1;
    if (all || !is_group(exc)) {
        *match = Py_NewRef(all ? exc : Py_None);
        if (rest) *rest = Py_NewRef(all ? Py_None : exc);
        return 0;
    }
    PyObject *matched = PyList_New(0), *left = rest ? PyList_New(0) : NULL;
    int result = -1;
    if (!matched || (rest && !left)) goto done;
    if (Py_EnterRecursiveCall(" in exceptiongroup_split_recursive")) goto done;
    Py_ssize_t i;
    for (i = 0; i < count_of(exc); i++) {
        PyObject *yes, *no = NULL;
        if (split(member(exc, i), m, &yes, rest ? &no : NULL) < 0) break;
        int failed = (yes != Py_None && PyList_Append(matched, yes) < 0) || (no && no != Py_None && PyList_Append(left, no) < 0);
        Py_DECREF(yes);
        Py_XDECREF(no);
        if (failed) break;
    }
    Py_LeaveRecursiveCall();
    if (i < count_of(exc)) goto done;
    *match = derive_with(exc, matched);
    if (!*match) goto done;
    if (rest) {
        *rest = derive_with(exc, left);
        if (!*rest) {
            Py_CLEAR(*match);
            goto done;
        }
    }
    result = 0;
done:
    Py_XDECREF(matched);
    Py_XDECREF(left);
    return result;
}

static PyObject *group_split(PyObject *self, PyObject *condition)
{
    Matcher m;
    PyObject *match, *rest;
    if (make_matcher(condition, &m) < 0 || split(self, &m, &match, &rest) < 0) return NULL;
    PyObject *pair = PyTuple_Pack(2, match, rest);
    Py_DECREF(match);
    Py_DECREF(rest);
    return pair;
}

static PyObject *group_subgroup(PyObject *self, PyObject *condition)
{
    Matcher m;
    PyObject *match;
    return make_matcher(condition, &m) < 0 || split(self, &m, &match, NULL) < 0 ? NULL : match;
}

static PyObject *group_derive(PyObject *self, PyObject *excs)
{
    return PyObject_CallFunctionObjArgs(PyExc_BaseExceptionGroup, group(self)->msg, excs, NULL);
}

static int collect_leaves(PyObject *exc, PyObject *ids)
{
    if (exc == Py_None) return 0;
    if (!is_group(exc)) {
        PyObject *id = PyLong_FromVoidPtr(exc);
        int failed = id ? PySet_Add(ids, id) : -1;
        Py_XDECREF(id);
        return failed;
    }
    if (Py_EnterRecursiveCall(" in collect_exception_group_leaves")) return -1;
    int failed = 0;
    for (Py_ssize_t i = 0; !failed && i < count_of(exc); i++) failed = collect_leaves(member(exc, i), ids);
    Py_LeaveRecursiveCall();
    return failed;
}

PyObject *exception_group_project(PyObject *original, PyObject *keep)
{
    PyObject *ids = PySet_New(NULL), *match = NULL;
    if (!ids) return NULL;
    bool failed = false;
    for (Py_ssize_t i = 0; !failed && i < PyList_GET_SIZE(keep); i++) failed = collect_leaves(PyList_GET_ITEM(keep, i), ids) < 0;
    Matcher m = {MATCH_IDENTITIES, ids};
    if (!failed && split(original, &m, &match, NULL) < 0) match = NULL;
    Py_DECREF(ids);
    return match;
}

/* ---- The layout ------------------------------------------------------------------------------------------------ */

static PyMemberDef group_members[] = {
    {"message", T_OBJECT, offsetof(PyBaseExceptionGroupObject, msg), READONLY, PyDoc_STR("exception message")},
    {"exceptions", T_OBJECT, offsetof(PyBaseExceptionGroupObject, excs), READONLY, PyDoc_STR("nested exceptions")},
    {0},
};

static PyMethodDef group_methods[] = {
    {"__class_getitem__", Py_GenericAlias, METH_O | METH_CLASS, PyDoc_STR("See PEP 585")},
    {"derive", group_derive, METH_O, NULL},
    {"split", group_split, METH_O, NULL},
    {"subgroup", group_subgroup, METH_O, NULL},
    {0},
};

EXCEPTION_FIELDS(group, offsetof(PyBaseExceptionGroupObject, msg), offsetof(PyBaseExceptionGroupObject, excs))
const ExceptionLayout exception_layout_group = {
    .size = sizeof(PyBaseExceptionGroupObject), .new = group_new, .init = group_init, .str = group_str, .dealloc = group_dealloc,
    .traverse = group_traverse, .clear = group_clear, .members = group_members, .methods = group_methods,
};
