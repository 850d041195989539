/* count, cycle, repeat, chain, islice */
#include "modules/itertools/itertools.h"

#include "objects/interrupt.h"

/* ---- count ---- */

typedef struct {
    PyObject_HEAD
    PyObject *long_count;   /* the next number, in slow mode */
    PyObject *long_step;
    Py_ssize_t count;       /* the next number, or PY_SSIZE_T_MAX: slow mode. In fast mode the step is 1. */
} Count;
ITERATOR_LIFE(count, 2)

static PyObject *count_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    static char *keywords[] = {"start", "step", NULL};
    PyObject *start = NULL, *step = NULL;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|OO:count", keywords, &start, &step)) return NULL;
    if ((start != NULL && !PyNumber_Check(start)) || (step != NULL && !PyNumber_Check(step))) {
        PyErr_SetString(PyExc_TypeError, "a number is required");
        return NULL;
    }
    bool fast = (start == NULL || PyLong_Check(start)) && (step == NULL || PyLong_Check(step));
    Py_ssize_t count = 0;
    if (fast && start != NULL) {
        count = PyLong_AsSsize_t(start);
        if (count == -1 && PyErr_Occurred()) {
            PyErr_Clear();
            fast = false;
        }
        if (count == PY_SSIZE_T_MAX) fast = false;
    }
    if (fast && step != NULL) {
        int overflow;
        fast = PyLong_AsLongAndOverflow(step, &overflow) == 1;
        if (PyErr_Occurred()) PyErr_Clear();
    }
    Count *self = (Count *)type->tp_alloc(type, 0);
    if (self == NULL) return NULL;
    self->count = fast ? count : PY_SSIZE_T_MAX;
    self->long_step = step != NULL ? Py_NewRef(step) : PyLong_FromLong(1);
    if (!fast) self->long_count = start != NULL ? Py_NewRef(start) : PyLong_FromLong(0);
    if (self->long_step == NULL || (!fast && self->long_count == NULL)) {
        Py_DECREF(self);
        return NULL;
    }
    return (PyObject *)self;
}

static PyObject *count_next_slowly(Count *self)
{
    if (self->long_count == NULL) {
        self->long_count = PyLong_FromSsize_t(PY_SSIZE_T_MAX);
        if (self->long_count == NULL) return NULL;
    }
    PyObject *current = self->long_count, *following = PyNumber_Add(current, self->long_step);
    if (following == NULL) return NULL;
    self->long_count = following;
    return current;
}

static PyObject *count_next(PyObject *op)
{
    Count *self = (Count *)op;
    if (interrupt_check() < 0) return NULL;
    if (self->count == PY_SSIZE_T_MAX) return count_next_slowly(self);
    return PyLong_FromSsize_t(self->count++);
}

static PyObject *count_repr(PyObject *op)
{
    Count *self = (Count *)op;
    const char *name = _PyType_Name(Py_TYPE(op));
    if (self->long_count == NULL) return PyUnicode_FromFormat("%s(%zd)", name, self->count);
    if (PyLong_Check(self->long_step)) {
        int overflow;
        long step = PyLong_AsLongAndOverflow(self->long_step, &overflow);
        if (step == -1 && PyErr_Occurred()) return NULL;
        if (step == 1) return PyUnicode_FromFormat("%s(%R)", name, self->long_count);
    }
    return PyUnicode_FromFormat("%s(%R, %R)", name, self->long_count, self->long_step);
}

static PyObject *count_reduce(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    Count *self = (Count *)op;
    if (self->count != PY_SSIZE_T_MAX) return Py_BuildValue("O(n)", Py_TYPE(op), self->count);
    if (self->long_count == NULL) return Py_BuildValue("O(nO)", Py_TYPE(op), self->count, self->long_step);
    return Py_BuildValue("O(OO)", Py_TYPE(op), self->long_count, self->long_step);
}

static PyMethodDef count_methods[] = {METHOD_REDUCE(count), METHODS_END};

PyTypeObject count_type = {
    ITERATOR_TYPE_HEAD(count, "count", Count),
    .tp_flags = ITERATOR_FLAGS,
    .tp_repr = count_repr,
    .tp_methods = count_methods,
    .tp_doc = "count(start=0, step=1)\n--\n\nThe numbers start, start+step, start+2*step, … without end.",
};

/* ---- cycle ---- */

typedef struct {
    PyObject_HEAD
    PyObject *it;           /* NULL once it has ended */
    PyObject *saved;        /* list of its items */
    Py_ssize_t index;       /* of the next item of `saved` */
    int first_pass;         /* items of `it` are in `saved` already (after unpickling) */
} Cycle;
ITERATOR_LIFE(cycle, 2)

static PyObject *cycle_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    PyObject *iterable;
    if (!no_keywords(type, &cycle_type, "cycle", kwargs) || !PyArg_UnpackTuple(args, "cycle", 1, 1, &iterable)) return NULL;
    PyObject *it = PyObject_GetIter(iterable);
    if (it == NULL) return NULL;
    PyObject *saved = PyList_New(0);
    Cycle *self = saved == NULL ? NULL : (Cycle *)type->tp_alloc(type, 0);
    if (self == NULL) {
        Py_DECREF(it);
        Py_XDECREF(saved);
        return NULL;
    }
    self->it = it;
    self->saved = saved;
    return (PyObject *)self;
}

static PyObject *cycle_next(PyObject *op)
{
    Cycle *self = (Cycle *)op;
    if (self->it != NULL) {
        PyObject *item = PyIter_Next(self->it);
        if (item != NULL) {
            if (!self->first_pass && PyList_Append(self->saved, item) < 0) Py_CLEAR(item);
            return item;
        }
        if (PyErr_Occurred()) return NULL;
        Py_CLEAR(self->it);
    }
    if (PyList_GET_SIZE(self->saved) == 0 || interrupt_check() < 0) return NULL;
    PyObject *item = PyList_GET_ITEM(self->saved, self->index);
    if (++self->index >= PyList_GET_SIZE(self->saved)) self->index = 0;
    return Py_NewRef(item);
}

static PyObject *cycle_reduce(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    Cycle *self = (Cycle *)op;
    if (self->it != NULL) {
        return Py_BuildValue("O(O)(OO)", Py_TYPE(op), self->it, self->saved, self->first_pass ? Py_True : Py_False);
    }
    PyObject *it = PyObject_GetIter(self->saved);
    if (it == NULL) return NULL;
    if (self->index != 0) {
        PyObject *done = PyObject_CallMethod(it, "__setstate__", "n", self->index);
        if (done == NULL) {
            Py_DECREF(it);
            return NULL;
        }
        Py_DECREF(done);
    }
    return Py_BuildValue("O(N)(OO)", Py_TYPE(op), it, self->saved, Py_True);
}

static PyObject *cycle_setstate(PyObject *op, PyObject *state)
{
    Cycle *self = (Cycle *)op;
    PyObject *saved;
    int first_pass;
    if (!check_state_is_tuple(state)) return NULL;
    if (!PyArg_ParseTuple(state, "O!i", &PyList_Type, &saved, &first_pass)) return NULL;
    Py_XSETREF(self->saved, Py_NewRef(saved));
    self->first_pass = first_pass != 0;
    self->index = 0;
    Py_RETURN_NONE;
}

static PyMethodDef cycle_methods[] = {METHOD_REDUCE(cycle), METHOD_SETSTATE(cycle), METHODS_END};

PyTypeObject cycle_type = {
    ITERATOR_TYPE_HEAD(cycle, "cycle", Cycle),
    .tp_flags = ITERATOR_FLAGS,
    .tp_methods = cycle_methods,
    .tp_doc = "cycle(iterable, /)\n--\n\nThe items of an iterable, again and again.",
};

/* ---- repeat ---- */

typedef struct {
    PyObject_HEAD
    PyObject *element;
    Py_ssize_t left;        /* -1: without end */
} Repeat;
ITERATOR_LIFE(repeat, 1)

static PyObject *repeat_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    static char *keywords[] = {"object", "times", NULL};
    PyObject *element;
    Py_ssize_t times = -1, n_args = PyTuple_GET_SIZE(args);
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O|n:repeat", keywords, &element, &times)) return NULL;
    if (kwargs != NULL) n_args += PyDict_GET_SIZE(kwargs);
    if (n_args == 2 && times < 0) times = 0;
    Repeat *self = (Repeat *)type->tp_alloc(type, 0);
    if (self == NULL) return NULL;
    self->element = Py_NewRef(element);
    self->left = times;
    return (PyObject *)self;
}

static PyObject *repeat_next(PyObject *op)
{
    Repeat *self = (Repeat *)op;
    if (self->left == 0 || interrupt_check() < 0) return NULL;
    if (self->left > 0) self->left--;
    return Py_NewRef(self->element);
}

static PyObject *repeat_repr(PyObject *op)
{
    Repeat *self = (Repeat *)op;
    const char *name = _PyType_Name(Py_TYPE(op));
    if (self->left < 0) return PyUnicode_FromFormat("%s(%R)", name, self->element);
    return PyUnicode_FromFormat("%s(%R, %zd)", name, self->element, self->left);
}

static PyObject *repeat_length_hint(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    Repeat *self = (Repeat *)op;
    if (self->left >= 0) return PyLong_FromSsize_t(self->left);
    PyErr_SetString(PyExc_TypeError, "len() of unsized object");
    return NULL;
}

static PyObject *repeat_reduce(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    Repeat *self = (Repeat *)op;
    if (self->left >= 0) return Py_BuildValue("O(On)", Py_TYPE(op), self->element, self->left);
    return Py_BuildValue("O(O)", Py_TYPE(op), self->element);
}

static PyMethodDef repeat_methods[] = {
    {"__length_hint__", repeat_length_hint, METH_NOARGS, "How many items are still to come, as a guess for len(list(it))."},
    METHOD_REDUCE(repeat),
    METHODS_END,
};

PyTypeObject repeat_type = {
    ITERATOR_TYPE_HEAD(repeat, "repeat", Repeat),
    .tp_flags = ITERATOR_FLAGS,
    .tp_repr = repeat_repr,
    .tp_methods = repeat_methods,
    .tp_doc = "repeat(object [,times]) -> an iterator that gives the object the given number\n"
              "of times, without end if there is no number.",
};

/* ---- chain ---- */

typedef struct {
    PyObject_HEAD
    PyObject *source;       /* iterator of iterables; NULL: exhausted */
    PyObject *active;       /* iterator over the current one, or NULL */
} Chain;
ITERATOR_LIFE(chain, 2)

PyObject *chain_from_iterator_steal(PyTypeObject *type, PyObject *iterators)
{
    if (iterators == NULL) return NULL;
    Chain *self = (Chain *)type->tp_alloc(type, 0);
    if (self == NULL) {
        Py_DECREF(iterators);
        return NULL;
    }
    self->source = iterators;
    return (PyObject *)self;
}

static PyObject *chain_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    if (!no_keywords(type, &chain_type, "chain", kwargs)) return NULL;
    return chain_from_iterator_steal(type, PyObject_GetIter(args));
}

static PyObject *chain_from_iterable(PyObject *type, PyObject *iterable)
{
    return chain_from_iterator_steal((PyTypeObject *)type, PyObject_GetIter(iterable));
}

static PyObject *chain_next(PyObject *op)
{
    Chain *self = (Chain *)op;
    while (self->source != NULL) {
        if (self->active == NULL) {
            PyObject *iterable = PyIter_Next(self->source);
            if (iterable == NULL) {
                Py_CLEAR(self->source);
                return NULL;
            }
            self->active = PyObject_GetIter(iterable);
            Py_DECREF(iterable);
            if (self->active == NULL) {
                Py_CLEAR(self->source);
                return NULL;
            }
        }
        PyObject *item = chained_next(self->active);
        if (item != NULL) return item;
        if (!has_ended()) return NULL;
        Py_CLEAR(self->active);
    }
    return NULL;
}

static PyObject *chain_reduce(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    Chain *self = (Chain *)op;
    if (self->source == NULL) return Py_BuildValue("O()", Py_TYPE(op));
    if (self->active == NULL) return Py_BuildValue("O()(O)", Py_TYPE(op), self->source);
    return Py_BuildValue("O()(OO)", Py_TYPE(op), self->source, self->active);
}

static PyObject *chain_setstate(PyObject *op, PyObject *state)
{
    Chain *self = (Chain *)op;
    PyObject *source, *active = NULL;
    if (!check_state_is_tuple(state) || !PyArg_ParseTuple(state, "O|O", &source, &active)) return NULL;
    if (!PyIter_Check(source) || (active != NULL && !PyIter_Check(active))) {
        PyErr_SetString(PyExc_TypeError, "Arguments must be iterators.");
        return NULL;
    }
    Py_XSETREF(self->source, Py_NewRef(source));
    Py_XSETREF(self->active, Py_XNewRef(active));
    Py_RETURN_NONE;
}

static PyMethodDef chain_methods[] = {
    {"from_iterable", chain_from_iterable, METH_O | METH_CLASS,
     "from_iterable($type, iterable, /)\n--\n\nA chain of the iterables that one iterable gives, taken when needed."},
    METHOD_REDUCE(chain),
    METHOD_SETSTATE(chain),
    {"__class_getitem__", Py_GenericAlias, METH_O | METH_CLASS, "See PEP 585"},
    METHODS_END,
};

PyTypeObject chain_type = {
    ITERATOR_TYPE_HEAD(chain, "chain", Chain),
    .tp_flags = ITERATOR_FLAGS,
    .tp_methods = chain_methods,
    .tp_doc = "chain(*iterables) --> chain object\n\nThe items of the first iterable, then those of the second, and so on.",
};

/* ---- islice ---- */

typedef struct {
    PyObject_HEAD
    PyObject *it;           /* NULL: exhausted */
    Py_ssize_t next, stop, step;    /* stop -1: none */
    Py_ssize_t count;       /* items taken from `it` so far */
} ISlice;
ITERATOR_LIFE(islice, 1)

/* An index argument; None leaves *value. -1 after an error, which is cleared. */
static void islice_argument(PyObject *arg, Py_ssize_t *value, bool *failed)
{
    *failed = false;
    if (arg == NULL || arg == Py_None) return;
    *value = PyNumber_AsSsize_t(arg, PyExc_OverflowError);
    if (*value != -1 || !PyErr_Occurred()) return;
    PyErr_Clear();
    *failed = true;
}

static PyObject *islice_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    PyObject *iterable, *first = NULL, *second = NULL, *third = NULL;
    Py_ssize_t start = 0, stop = -1, step = 1;
    bool start_failed = false, stop_failed, step_failed;
    if (!no_keywords(type, &islice_type, "islice", kwargs)) return NULL;
    if (!PyArg_UnpackTuple(args, "islice", 2, 4, &iterable, &first, &second, &third)) return NULL;
    if (PyTuple_GET_SIZE(args) == 2) {
        islice_argument(first, &stop, &stop_failed);
    } else {
        islice_argument(first, &start, &start_failed);
        islice_argument(second, &stop, &stop_failed);
    }
    PyObject *stop_arg = PyTuple_GET_SIZE(args) == 2 ? first : second;
    if (stop_failed || (stop == -1 && stop_arg != Py_None)) {
        PyErr_SetString(PyExc_ValueError, "Stop argument for islice() must be None or an integer: 0 <= x <= sys.maxsize.");
        return NULL;
    }
    if (start_failed || start < 0 || stop < -1) {
        PyErr_SetString(PyExc_ValueError,
                        "Indices for islice() must be None or an integer: 0 <= x <= sys.maxsize.");
        return NULL;
    }
    islice_argument(third, &step, &step_failed);
    if (step_failed || step < 1) {
        PyErr_SetString(PyExc_ValueError, "Step for islice() must be a positive integer or None.");
        return NULL;
    }
    PyObject *it = PyObject_GetIter(iterable);
    if (it == NULL) return NULL;
    ISlice *self = (ISlice *)type->tp_alloc(type, 0);
    if (self == NULL) {
        Py_DECREF(it);
        return NULL;
    }
    self->it = it;
    self->next = start;
    self->stop = stop;
    self->step = step;
    return (PyObject *)self;
}

static PyObject *islice_next(PyObject *op)
{
    ISlice *self = (ISlice *)op;
    PyObject *it = self->it, *item;
    if (it == NULL) return NULL;
    if (c_stack_is_low("")) return NULL;
    iternextfunc next = Py_TYPE(it)->tp_iternext;
    while (self->count < self->next) {
        item = next(it);
        if (item == NULL) goto end;
        Py_DECREF(item);
        self->count++;
    }
    if (self->stop != -1 && self->count >= self->stop) goto end;
    item = next(it);
    if (item == NULL) goto end;
    self->count++;
    Py_ssize_t old_next = self->next;
    self->next = (Py_ssize_t)((size_t)self->next + (size_t)self->step);
    if (self->next < old_next || (self->stop != -1 && self->next > self->stop)) self->next = self->stop;
    return item;

end:
    Py_CLEAR(self->it);
    return NULL;
}

static PyObject *islice_reduce(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    ISlice *self = (ISlice *)op;
    if (self->it == NULL) {
        PyObject *list = PyList_New(0);
        if (list == NULL) return NULL;
        PyObject *it = PyObject_GetIter(list);
        Py_DECREF(list);
        return it == NULL ? NULL : Py_BuildValue("O(Nn)n", Py_TYPE(op), it, (Py_ssize_t)0, (Py_ssize_t)0);
    }
    PyObject *stop = self->stop == -1 ? Py_NewRef(Py_None) : PyLong_FromSsize_t(self->stop);
    if (stop == NULL) return NULL;
    return Py_BuildValue("O(OnNn)n", Py_TYPE(op), self->it, self->next, stop, self->step, self->count);
}

static PyObject *islice_setstate(PyObject *op, PyObject *state)
{
    Py_ssize_t count = PyLong_AsSsize_t(state);
    if (count == -1 && PyErr_Occurred()) return NULL;
    ((ISlice *)op)->count = count;
    Py_RETURN_NONE;
}

static PyMethodDef islice_methods[] = {METHOD_REDUCE(islice), METHOD_SETSTATE(islice), METHODS_END};

PyTypeObject islice_type = {
    ITERATOR_TYPE_HEAD(islice, "islice", ISlice),
    .tp_flags = ITERATOR_FLAGS,
    .tp_methods = islice_methods,
    .tp_doc = "islice(iterable, stop) --> islice object\n"
              "islice(iterable, start, stop[, step]) --> islice object\n\n"
              "Some of the items of an iterable: those from number start (0) up to number stop, without it\n"
              "(None: all the rest), in steps of step (1). Like a slice of a list, but as an iterator.",
};
