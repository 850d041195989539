/* The _queue module: SimpleQueue, a queue without bound that destructors and signal handlers may put into.
 *
 * Items are in a ring. The GIL guards all of it: nothing here runs Python code while the ring is being changed. Who finds no item
 * takes `lock`, and then sleeps on it as it is taken; who puts an item releases it. One sleeper wakes so, and wakes the next if there are
 * items left.
 */
#include <internal/krait_exports.h>

#include <stdbool.h>
#include <stddef.h>
#include <structmember.h>

#include "modules/_thread/thread.h"
#include "runtime/state.h"

typedef struct {
    PyObject_HEAD
    PyThread_type_lock lock;
    bool locked;                        /* somebody may sleep on the lock */
    Py_ssize_t first, count, capacity;  /* of the ring; the capacity is 0 or a power of two */
    PyObject **items;                   /* owned, each one owned */
    PyObject *weak_references;
} SimpleQueue;

typedef struct {
    PyObject *empty;                    /* the exception Empty */
} State;

static PyModuleDef definition;

static PyObject **place(SimpleQueue *self, Py_ssize_t i) { return &self->items[(self->first + i) & (self->capacity - 1)]; }

/* -1 with MemoryError set. */
static int grow(SimpleQueue *self)
{
    Py_ssize_t capacity = self->capacity ? 2 * self->capacity : 8;
    PyObject **items = PyMem_New(PyObject *, (size_t)capacity);
    if (!items) {
        PyErr_NoMemory();
        return -1;
    }
    for (Py_ssize_t i = 0; i < self->count; i++) items[i] = *place(self, i);
    PyMem_Free(self->items);
    self->items = items;
    self->first = 0;
    self->capacity = capacity;
    return 0;
}

static PyObject *take_first(SimpleQueue *self)
{
    PyObject *item = *place(self, 0);
    self->first = (self->first + 1) & (self->capacity - 1);
    self->count--;
    return item;
}

static void wake_one(SimpleQueue *self)
{
    if (!self->locked) return;
    self->locked = false;
    gil_release_lock(self->lock);
}

static PyObject *put(SimpleQueue *self, PyObject *item)
{
    if (self->count == self->capacity && grow(self) < 0) return NULL;
    self->count++;
    *place(self, self->count - 1) = Py_NewRef(item);
    wake_one(self);
    Py_RETURN_NONE;
}

static PyObject *raise_empty(SimpleQueue *self)
{
    State *state = PyModule_GetState(PyType_GetModuleByDef(Py_TYPE(self), &definition));
    PyErr_SetNone(state->empty);
    return NULL;
}

/* -1 with an exception set. */
static int parse_timeout(PyObject *seconds, _PyTime_t *timeout)
{
    *timeout = THREAD_WAIT_FOREVER;
    if (seconds == Py_None) return 0;
    if (_PyTime_FromSecondsObject(timeout, seconds, _PyTime_ROUND_CEILING) < 0) return -1;
    if (*timeout < 0) {
        PyErr_SetString(PyExc_ValueError, "'timeout' must be a non-negative number");
        return -1;
    }
    if (_PyTime_AsMicroseconds(*timeout, _PyTime_ROUND_CEILING) > PY_TIMEOUT_MAX) {
        PyErr_SetString(PyExc_OverflowError, "timeout value is too large");
        return -1;
    }
    return 0;
}

/* The first item, waited for if need be. */
static PyObject *get(SimpleQueue *self, bool block, PyObject *seconds)
{
    _PyTime_t timeout = 0;
    if (block && parse_timeout(seconds, &timeout) < 0) return NULL;
    _PyTime_t deadline = timeout > 0 ? _PyDeadline_Init(timeout) : 0;
    while (self->count == 0) {
        if (!block) return raise_empty(self);
        PyLockStatus status = thread_wait_for_lock(self->lock, timeout);
        if (status == PY_LOCK_INTR) return NULL;
        if (status == PY_LOCK_ACQUIRED) self->locked = true;
        else if (self->count == 0) return raise_empty(self);
        if (timeout > 0) timeout = Py_MAX(_PyDeadline_Get(deadline), 0);
    }
    PyObject *item = take_first(self);
    if (self->count) wake_one(self);
    return item;
}

/* ---- Methods -------------------------------------------------------------------------------------------------- */

static PyObject *simple_queue_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    PyTypeObject *base = type;
    while (base->tp_base != &PyBaseObject_Type) base = base->tp_base;
    if (type == base || type->tp_init == base->tp_init) {
        if (!_PyArg_NoPositional("SimpleQueue", args) || !_PyArg_NoKeywords("SimpleQueue", kwargs)) return NULL;
    }
    SimpleQueue *self = (SimpleQueue *)type->tp_alloc(type, 0);
    if (!self) return NULL;
    self->lock = PyThread_allocate_lock();
    if (!self->lock) {
        Py_DECREF(self);
        PyErr_SetString(PyExc_MemoryError, "can't allocate lock");
        return NULL;
    }
    return (PyObject *)self;
}

static int simple_queue_traverse(SimpleQueue *self, visitproc visit, void *arg)
{
    for (Py_ssize_t i = 0; i < self->count; i++) Py_VISIT(*place(self, i));
    Py_VISIT(Py_TYPE(self));
    return 0;
}

static int simple_queue_clear(SimpleQueue *self)
{
    while (self->count) Py_DECREF(take_first(self));
    return 0;
}

static void simple_queue_dealloc(SimpleQueue *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    if (self->weak_references) PyObject_ClearWeakRefs((PyObject *)self);
    simple_queue_clear(self);
    PyMem_Free(self->items);
    if (self->lock) {
        wake_one(self);
        gil_free_lock(self->lock);
    }
    type->tp_free(self);
    Py_DECREF(type);
}

PyDoc_STRVAR(put_doc,
"put($self, /, item, block=True, timeout=None)\n--\n\n"
"Add the item at the end. This never waits: block and timeout are there because Queue.put() has them.");

static PyObject *simple_queue_put(SimpleQueue *self, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    static const char *const keywords[] = {"item", "block", "timeout", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .fname = "put"};
    PyObject *buffer[3];
    if (nargs == 1 && !kwnames) return put(self, args[0]);
    args = _PyArg_UnpackKeywords(args, nargs, NULL, kwnames, &parser, 1, 3, 0, buffer);
    if (!args || (args[1] && PyObject_IsTrue(args[1]) < 0)) return NULL;
    return put(self, args[0]);
}

PyDoc_STRVAR(put_nowait_doc,
"put_nowait($self, /, item)\n--\n\nAdd the item at the end, as put(item) does.");

static PyObject *simple_queue_put_nowait(SimpleQueue *self, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    static const char *const keywords[] = {"item", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .fname = "put_nowait"};
    PyObject *buffer[1];
    args = _PyArg_UnpackKeywords(args, nargs, NULL, kwnames, &parser, 1, 1, 0, buffer);
    return args ? put(self, args[0]) : NULL;
}

PyDoc_STRVAR(get_doc,
"get($self, /, block=True, timeout=None)\n--\n\n"
"Take the first item. If there is none, wait for one, at most timeout seconds long; when that time is over, or without block at once,\n"
"raise Empty.");

static PyObject *simple_queue_get(SimpleQueue *self, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    static const char *const keywords[] = {"block", "timeout", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .fname = "get"};
    PyObject *buffer[2];
    if (nargs == 0 && !kwnames) return get(self, true, Py_None);
    args = _PyArg_UnpackKeywords(args, nargs, NULL, kwnames, &parser, 0, 2, 0, buffer);
    int block = !args ? -1 : args[0] ? PyObject_IsTrue(args[0]) : 1;
    if (block < 0) return NULL;
    return get(self, block, args[1] ? args[1] : Py_None);
}

PyDoc_STRVAR(get_nowait_doc,
"get_nowait($self, /)\n--\n\nTake the first item. Raise Empty if there is none.");

static PyObject *simple_queue_get_nowait(SimpleQueue *self, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    (void)args;
    (void)kwnames;
    if (nargs) {        /* the reference, too, looks at no keyword */
        PyErr_SetString(PyExc_TypeError, "get_nowait() takes no arguments");
        return NULL;
    }
    return get(self, false, Py_None);
}

PyDoc_STRVAR(empty_doc,
"empty($self, /)\n--\n\nWhether there is no item now. Another thread may change that at any time.");

static PyObject *simple_queue_empty(SimpleQueue *self, PyObject *Py_UNUSED(unused)) { return PyBool_FromLong(self->count == 0); }

PyDoc_STRVAR(qsize_doc,
"qsize($self, /)\n--\n\nHow many items there are now. Another thread may change that at any time.");

static PyObject *simple_queue_qsize(SimpleQueue *self, PyObject *Py_UNUSED(unused)) { return PyLong_FromSsize_t(self->count); }

#define KEYWORDS(function) (PyCFunction)(void *)function, METH_FASTCALL | METH_KEYWORDS

static PyMethodDef simple_queue_methods[] = {
    {"empty", (PyCFunction)simple_queue_empty, METH_NOARGS, empty_doc},
    {"get", KEYWORDS(simple_queue_get), get_doc},
    {"get_nowait", KEYWORDS(simple_queue_get_nowait), get_nowait_doc},
    {"put", KEYWORDS(simple_queue_put), put_doc},
    {"put_nowait", KEYWORDS(simple_queue_put_nowait), put_nowait_doc},
    {"qsize", (PyCFunction)simple_queue_qsize, METH_NOARGS, qsize_doc},
    {"__class_getitem__", Py_GenericAlias, METH_O | METH_CLASS, "See PEP 585"},
    {0},
};

static PyMemberDef simple_queue_members[] = {
    {"__weaklistoffset__", T_PYSSIZET, offsetof(SimpleQueue, weak_references), READONLY, NULL},
    {0},
};

static PyType_Slot simple_queue_slots[] = {
    {Py_tp_new, simple_queue_new},
    {Py_tp_dealloc, simple_queue_dealloc},
    {Py_tp_traverse, simple_queue_traverse},
    {Py_tp_clear, simple_queue_clear},
    {Py_tp_methods, simple_queue_methods},
    {Py_tp_members, simple_queue_members},
    {Py_tp_doc, "SimpleQueue()\n--\n\nA queue without bound: what is put in first comes out first."},
    {0, NULL},
};

static PyType_Spec simple_queue_spec = {
    .name = "_queue.SimpleQueue",
    .basicsize = sizeof(SimpleQueue),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = simple_queue_slots,
};

/* ---- The module ----------------------------------------------------------------------------------------------- */

static int module_exec(PyObject *module)
{
    State *state = PyModule_GetState(module);
    state->empty = PyErr_NewExceptionWithDoc("_queue.Empty", "Raised by get_nowait() and its like: there is no item.", NULL, NULL);
    if (!state->empty || PyModule_AddObjectRef(module, "Empty", state->empty) < 0) return -1;
    PyObject *type = PyType_FromModuleAndSpec(module, &simple_queue_spec, NULL);
    int status = type ? PyModule_AddType(module, (PyTypeObject *)type) : -1;
    Py_XDECREF(type);
    return status;
}

static int module_traverse(PyObject *module, visitproc visit, void *arg)
{
    State *state = PyModule_GetState(module);
    Py_VISIT(state->empty);
    return 0;
}

static int module_clear(PyObject *module)
{
    State *state = PyModule_GetState(module);
    Py_CLEAR(state->empty);
    return 0;
}

static void module_free(void *module) { module_clear(module); }

static PyModuleDef_Slot slots[] = {{Py_mod_exec, module_exec}, {0, NULL}};

static PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_queue",
    .m_doc = "The C half of the queue module.",
    .m_size = sizeof(State),
    .m_slots = slots,
    .m_traverse = module_traverse,
    .m_clear = module_clear,
    .m_free = module_free,
};

PyMODINIT_FUNC PyInit__queue(void)
{
    return PyModuleDef_Init(&definition);
}
