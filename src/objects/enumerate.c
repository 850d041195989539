/* enumerate and reversed. */
#include "objects/abstract.h"
#include "objects/immortal.h"
#include "objects/names.h"
#include "objects/pairs.h"
#include "objects/recursion.h"

PyDoc_STRVAR(reduce_doc, "Return state information for pickling.");

/* ---- enumerate ---- */

typedef struct {
    PyObject_HEAD
    Py_ssize_t index;       /* the next number while it is below PY_SSIZE_T_MAX */
    PyObject *iterator;     /* owned */
    PyObject *result;       /* owned: the last pair given, used again when nobody holds it any more */
    PyObject *long_index;   /* owned: the next number once it is too large for index, else NULL */
    PyObject *unused;       /* the size is the reference's */
} Enumerate;

static PyObject *enumerate_make(PyTypeObject *type, PyObject *iterable, PyObject *start)
{
    Enumerate *self = (Enumerate *)type->tp_alloc(type, 0);
    if (!self) return NULL;
    if (start) {
        start = PyNumber_Index(start);
        if (!start) goto error;
        self->index = PyLong_AsSsize_t(start);
        if (self->index == -1 && PyErr_Occurred()) {
            PyErr_Clear();
            self->index = PY_SSIZE_T_MAX;
            self->long_index = start;
        } else {
            Py_DECREF(start);
        }
    }
    self->iterator = PyObject_GetIter(iterable);
    if (!self->iterator) goto error;
    self->result = PyTuple_Pack(2, Py_None, Py_None);
    if (!self->result) goto error;
    return (PyObject *)self;
error:
    Py_DECREF(self);
    return NULL;
}

static PyObject *enumerate_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    static const char *const keywords[] = {"iterable", "start", NULL};
    static _PyArg_Parser parser = {.format = "O|O:enumerate", .keywords = keywords};
    PyObject *iterable, *start = NULL;
    if (!_PyArg_ParseTupleAndKeywordsFast(args, kwargs, &parser, &iterable, &start)) return NULL;
    return enumerate_make(type, iterable, start);
}

static int is_keyword(PyObject *kwnames, Py_ssize_t i, const char *name)
{
    return _PyUnicode_EqualToASCIIString(PyTuple_GET_ITEM(kwnames, i), name);
}

static PyObject *bad_keyword(PyObject *kwnames, Py_ssize_t i)
{
    PyErr_Format(PyExc_TypeError, "'%.200S' is an invalid keyword argument for enumerate()", PyTuple_GET_ITEM(kwnames, i));
    return NULL;
}

static PyObject *enumerate_vectorcall(PyObject *op, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    PyTypeObject *type = (PyTypeObject *)op;
    Py_ssize_t nargs = PyVectorcall_NARGS(nargsf), nkw = kwnames ? PyTuple_GET_SIZE(kwnames) : 0, total = nargs + nkw;
    if (total == 0) {
        PyErr_SetString(PyExc_TypeError, "enumerate() missing required argument 'iterable'");
        return NULL;
    }
    if (total > 2) {
        PyErr_Format(PyExc_TypeError, "enumerate() takes at most %d arguments (%zd given)", 2, total);
        return NULL;
    }
    if (nargs == 2) return enumerate_make(type, args[0], args[1]);
    if (nargs == 1) {
        if (nkw && !is_keyword(kwnames, 0, "start")) return bad_keyword(kwnames, 0);
        return enumerate_make(type, args[0], nkw ? args[1] : NULL);
    }
    /* iterable= and perhaps start=, in either order. */
    Py_ssize_t iterable = 0;
    if (nkw == 2 && !is_keyword(kwnames, 0, "iterable")) {
        if (!is_keyword(kwnames, 0, "start")) return bad_keyword(kwnames, 0);
        iterable = 1;
    }
    if (!is_keyword(kwnames, iterable, "iterable")) return bad_keyword(kwnames, iterable);
    if (nkw == 2 && iterable == 0 && !is_keyword(kwnames, 1, "start")) return bad_keyword(kwnames, 1);
    return enumerate_make(type, args[iterable], nkw == 2 ? args[1 - iterable] : NULL);
}

static void enumerate_dealloc(PyObject *op)
{
    Enumerate *self = (Enumerate *)op;
    PyObject_GC_UnTrack(op);
    Py_TRASHCAN_BEGIN(op, enumerate_dealloc)
    Py_XDECREF(self->iterator);
    Py_XDECREF(self->result);
    Py_XDECREF(self->long_index);
    Py_TYPE(op)->tp_free(op);
    Py_TRASHCAN_END
}

static int enumerate_traverse(Enumerate *self, visitproc visit, void *arg)
{
    Py_VISIT(self->iterator);
    Py_VISIT(self->result);
    Py_VISIT(self->long_index);
    return 0;
}

/* The next number: new reference. */
static PyObject *next_index(Enumerate *self)
{
    if (self->index != PY_SSIZE_T_MAX) return PyLong_FromSsize_t(self->index++);
    if (!self->long_index && !(self->long_index = PyLong_FromSsize_t(PY_SSIZE_T_MAX))) return NULL;
    PyObject *one = PyLong_FromLong(1);
    if (!one) return NULL;
    PyObject *current = self->long_index, *next = PyNumber_Add(current, one);
    Py_DECREF(one);
    if (!next) return NULL;
    self->long_index = next;
    return current;
}

static PyObject *enumerate_next(Enumerate *self)
{
    PyObject *iterator = self->iterator;
    PyObject *item = chained_next(iterator);
    if (!item) return NULL;
    PyObject *index = next_index(self);
    if (!index) {
        Py_DECREF(item);
        return NULL;
    }
    PyObject *result = self->result;
    if (Py_REFCNT(result) == 1) {
        Py_INCREF(result);
        PyObject *old_index = PyTuple_GET_ITEM(result, 0), *old_item = PyTuple_GET_ITEM(result, 1);
        PyTuple_SET_ITEM(result, 0, index);
        PyTuple_SET_ITEM(result, 1, item);
        Py_DECREF(old_index);
        Py_DECREF(old_item);
        /* The collector may have stopped tracking the pair when it held nothing of interest. */
        if (!PyObject_GC_IsTracked(result)) PyObject_GC_Track(result);
        return result;
    }
    result = PyTuple_New(2);
    if (!result) {
        Py_DECREF(index);
        Py_DECREF(item);
        return NULL;
    }
    PyTuple_SET_ITEM(result, 0, index);
    PyTuple_SET_ITEM(result, 1, item);
    return result;
}

PairStep enumerate_next_pair(PyObject *op, int64_t *number, PyObject **item)
{
    Enumerate *self = (Enumerate *)op;
    if ((uint64_t)self->index >> 60) return PAIR_OTHER;
    PyObject *iterator = self->iterator;
    *item = Py_TYPE(iterator)->tp_iternext(iterator);
    if (!*item) return PAIR_NONE;
    *number = self->index++;
    return PAIR_GIVEN;
}

static PyObject *enumerate_reduce(Enumerate *self, PyObject *unused)
{
    (void)unused;
    if (self->long_index) return Py_BuildValue("O(OO)", Py_TYPE(self), self->iterator, self->long_index);
    return Py_BuildValue("O(On)", Py_TYPE(self), self->iterator, self->index);
}

static PyMethodDef enumerate_methods[] = {
    {"__reduce__", (PyCFunction)enumerate_reduce, METH_NOARGS, reduce_doc},
    {"__class_getitem__", Py_GenericAlias, METH_O | METH_CLASS, PyDoc_STR("See PEP 585")},
    {0},
};

PyDoc_STRVAR(enumerate_doc,
"enumerate(iterable, start=0)\n--\n\n"
"Pairs each item of an iterable with its number, counted from start:\n"
"    (0, seq[0]), (1, seq[1]), (2, seq[2]), ...\n\n  iterable\n    anything that can be iterated over");

PyTypeObject PyEnum_Type = {
    IMMORTAL_TYPE_HEAD,
    .tp_name = "enumerate",
    .tp_basicsize = sizeof(Enumerate),
    .tp_doc = enumerate_doc,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASETYPE,
    .tp_dealloc = enumerate_dealloc,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_traverse = (traverseproc)enumerate_traverse,
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = (iternextfunc)enumerate_next,
    .tp_methods = enumerate_methods,
    .tp_alloc = PyType_GenericAlloc,
    .tp_new = enumerate_new,
    .tp_free = PyObject_GC_Del,
    .tp_vectorcall = enumerate_vectorcall,
};

/* ---- reversed ---- */

typedef struct {
    PyObject_HEAD
    Py_ssize_t index;       /* of the next item; -1 at the end */
    PyObject *sequence;     /* owned; NULL at the end */
} Reversed;

static PyObject *reversed_make(PyTypeObject *type, PyObject *sequence)
{
    PyObject *method = _PyObject_LookupSpecial(sequence, NAME(__reversed__));
    if (method == Py_None) {
        Py_DECREF(method);
        return abstract_type_error("'%.200s' object is not reversible", sequence);
    }
    if (method) {
        PyObject *result = PyObject_CallNoArgs(method);
        Py_DECREF(method);
        return result;
    }
    if (PyErr_Occurred()) return NULL;
    if (!PySequence_Check(sequence)) return abstract_type_error("'%.200s' object is not reversible", sequence);
    Py_ssize_t n = PySequence_Size(sequence);
    if (n == -1) return NULL;
    Reversed *self = (Reversed *)type->tp_alloc(type, 0);
    if (!self) return NULL;
    self->index = n - 1;
    self->sequence = Py_NewRef(sequence);
    return (PyObject *)self;
}

static PyObject *reversed_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    if (type == &PyReversed_Type && !_PyArg_NoKeywords("reversed", kwargs)) return NULL;
    if (!_PyArg_CheckPositional("reversed", PyTuple_GET_SIZE(args), 1, 1)) return NULL;
    return reversed_make(type, PyTuple_GET_ITEM(args, 0));
}

static PyObject *reversed_vectorcall(PyObject *type, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    if (!_PyArg_NoKwnames("reversed", kwnames)) return NULL;
    if (!_PyArg_CheckPositional("reversed", PyVectorcall_NARGS(nargsf), 1, 1)) return NULL;
    return reversed_make((PyTypeObject *)type, args[0]);
}

static void reversed_dealloc(Reversed *self)
{
    PyObject_GC_UnTrack(self);
    Py_XDECREF(self->sequence);
    Py_TYPE(self)->tp_free(self);
}

static int reversed_traverse(Reversed *self, visitproc visit, void *arg)
{
    Py_VISIT(self->sequence);
    return 0;
}

static PyObject *reversed_next(Reversed *self)
{
    if (self->index >= 0) {
        PyObject *item = PySequence_GetItem(self->sequence, self->index);
        if (item) {
            self->index--;
            return item;
        }
        if (PyErr_ExceptionMatches(PyExc_IndexError) || PyErr_ExceptionMatches(PyExc_StopIteration)) PyErr_Clear();
    }
    self->index = -1;
    Py_CLEAR(self->sequence);
    return NULL;
}

static PyObject *reversed_length_hint(Reversed *self, PyObject *unused)
{
    (void)unused;
    if (!self->sequence) return PyLong_FromLong(0);
    Py_ssize_t n = PySequence_Size(self->sequence);
    if (n == -1) return NULL;
    /* If it has shrunk below what is left, the next item will be the end. */
    return PyLong_FromSsize_t(n < self->index + 1 ? 0 : self->index + 1);
}

static PyObject *reversed_reduce(Reversed *self, PyObject *unused)
{
    (void)unused;
    if (self->sequence) return Py_BuildValue("O(O)n", Py_TYPE(self), self->sequence, self->index);
    return Py_BuildValue("O(())", Py_TYPE(self));
}

static PyObject *reversed_setstate(Reversed *self, PyObject *state)
{
    Py_ssize_t index = PyLong_AsSsize_t(state);
    if (index == -1 && PyErr_Occurred()) return NULL;
    if (self->sequence) {
        Py_ssize_t n = PySequence_Size(self->sequence);
        if (n < 0) return NULL;
        if (index < -1) index = -1;
        else if (index > n - 1) index = n - 1;
        self->index = index;
    }
    Py_RETURN_NONE;
}

static PyMethodDef reversed_methods[] = {
    {"__length_hint__", (PyCFunction)reversed_length_hint, METH_NOARGS,
     PyDoc_STR("Private method returning an estimate of len(list(it)).")},
    {"__reduce__", (PyCFunction)reversed_reduce, METH_NOARGS, reduce_doc},
    {"__setstate__", (PyCFunction)reversed_setstate, METH_O, PyDoc_STR("Set state information for unpickling.")},
    {0},
};

PyTypeObject PyReversed_Type = {
    IMMORTAL_TYPE_HEAD,
    .tp_name = "reversed",
    .tp_basicsize = sizeof(Reversed),
    .tp_doc = PyDoc_STR("reversed(sequence, /)\n--\n\nAn iterator over the items of a sequence from the last to the first."),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASETYPE,
    .tp_dealloc = (destructor)reversed_dealloc,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_traverse = (traverseproc)reversed_traverse,
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = (iternextfunc)reversed_next,
    .tp_methods = reversed_methods,
    .tp_alloc = PyType_GenericAlloc,
    .tp_new = reversed_new,
    .tp_free = PyObject_GC_Del,
    .tp_vectorcall = reversed_vectorcall,
};
