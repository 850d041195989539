/* The memo of a Pickler, and the object under which Python code sees it. */
#include "modules/_pickle/pickle.h"

#include "memory/memory.h"
#include "objects/immortal.h"

/* From POPULATED_MIN bytes on, pages are asked for at once: entries lie all over the table. */
enum { MEMO_SIZE_MIN = 8, FAST_GROWTH_MAX = 50000, POPULATED_MIN = 128 * 1024 };

int memo_init(Memo *memo)
{
    *memo = (Memo){PyMem_Calloc(MEMO_SIZE_MIN, sizeof(MemoEntry)), MEMO_SIZE_MIN - 1, 0, 0};
    if (memo->entries) return 0;
    PyErr_NoMemory();
    return -1;
}

void memo_free(Memo *memo)
{
    Memo old = *memo;
    *memo = (Memo){0};
    for (size_t i = 0; old.used > 0; i++) {
        if (!old.entries[i].object) continue;
        Py_DECREF(old.entries[i].object);
        old.used--;
    }
    if (!old.lent) PyMem_Free(old.entries);
}

void memo_clear(Memo *memo)
{
    /* Objects may die, and their destructors may use this pickler: an entry is emptied first. */
    for (size_t i = 0; memo->used && memo->entries && i <= memo->mask; i++) {
        if (memo->entries[i].object) memo->used--;
        Py_CLEAR(memo->entries[i].object);
    }
}

static int resize(Memo *memo, size_t minimum)
{
    size_t size = MEMO_SIZE_MIN;
    while (size < minimum) size *= 2;
    Memo new = {PyMem_Calloc(size, sizeof(MemoEntry)), size - 1, memo->used, 0};
    if (!new.entries) {
        PyErr_NoMemory();
        return -1;
    }
    if (size * sizeof(MemoEntry) >= POPULATED_MIN) memory_populate(new.entries, size * sizeof(MemoEntry));
    for (size_t i = 0; i <= memo->mask; i++) {
        if (memo->entries[i].object) *memo_slot(&new, memo->entries[i].object) = memo->entries[i];
    }
    if (!memo->lent) PyMem_Free(memo->entries);
    *memo = new;
    return 0;
}

int memo_add(Memo *memo, PyObject *object, Py_ssize_t index)
{
    MemoEntry *entry = memo_slot(memo, object);
    if (entry->object) {
        entry->index = index;
        return 0;
    }
    *entry = (MemoEntry){Py_NewRef(object), index};
    memo->used++;
    if (memo->used * 3 < (memo->mask + 1) * 2) return 0;
    return resize(memo, memo->used * (memo->used > FAST_GROWTH_MAX ? 2 : 4));
}

int memo_copy(Memo *to, const Memo *from)
{
    MemoEntry *entries = PyMem_Malloc((from->mask + 1) * sizeof(MemoEntry));
    if (!entries) {
        PyErr_NoMemory();
        return -1;
    }
    memcpy(entries, from->entries, (from->mask + 1) * sizeof(MemoEntry));
    *to = (Memo){entries, from->mask, from->used, 0};
    for (size_t i = 0; i <= to->mask; i++) Py_XINCREF(entries[i].object);
    return 0;
}

/* ---- PicklerMemoProxy: {id(object): (index, object)} ---- */

typedef struct {
    PyObject_HEAD Pickler *pickler; /* owned */
} MemoProxy;

static PyObject *proxy_clear_memo(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    memo_clear(&((MemoProxy *)self)->pickler->memo);
    Py_RETURN_NONE;
}

static PyObject *proxy_copy(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    const Memo *memo = &((MemoProxy *)self)->pickler->memo;
    PyObject *copy = PyDict_New();
    for (size_t i = 0; copy && i <= memo->mask; i++) {
        MemoEntry entry = memo->entries[i];
        if (!entry.object) continue;
        PyObject *key = PyLong_FromVoidPtr(entry.object);
        PyObject *value = Py_BuildValue("nO", entry.index, entry.object);
        if (!key || !value || PyDict_SetItem(copy, key, value) < 0) Py_CLEAR(copy);
        Py_XDECREF(key);
        Py_XDECREF(value);
    }
    return copy;
}

static PyObject *proxy_reduce(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    PyObject *copy = proxy_copy(self, NULL);
    return copy ? Py_BuildValue("O(N)", &PyDict_Type, copy) : NULL;
}

static int proxy_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(((MemoProxy *)self)->pickler);
    return 0;
}

static int proxy_clear(PyObject *self)
{
    Py_CLEAR(((MemoProxy *)self)->pickler);
    return 0;
}

static void proxy_dealloc(PyObject *self)
{
    PyObject_GC_UnTrack(self);
    proxy_clear(self);
    PyObject_GC_Del(self);
}

static PyMethodDef proxy_methods[] = {
    {"clear", proxy_clear_memo, METH_NOARGS, "clear($self, /)\n--\n\nForget all objects."},
    {"copy", proxy_copy, METH_NOARGS, "copy($self, /)\n--\n\nThe memo as a new dict."},
    {"__reduce__", proxy_reduce, METH_NOARGS, "__reduce__($self, /)\n--\n\nHelper for pickle."},
    {NULL, NULL, 0, NULL},
};

PyTypeObject pickler_memo_type = {
    IMMORTAL_TYPE_HEAD,
    .tp_name = "_pickle.PicklerMemoProxy",
    .tp_basicsize = sizeof(MemoProxy),
    .tp_dealloc = proxy_dealloc,
    .tp_hash = PyObject_HashNotImplemented,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_setattro = PyObject_GenericSetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
    .tp_traverse = proxy_traverse,
    .tp_clear = proxy_clear,
    .tp_methods = proxy_methods,
};

PyObject *pickler_get_memo(PyObject *self, void *Py_UNUSED(context))
{
    MemoProxy *proxy = PyObject_GC_New(MemoProxy, &pickler_memo_type);
    if (!proxy) return NULL;
    proxy->pickler = (Pickler *)Py_NewRef(self);
    PyObject_GC_Track(proxy);
    return (PyObject *)proxy;
}

static int memo_from_dict(Memo *memo, PyObject *dict)
{
    PyObject *key, *value;
    Py_ssize_t at = 0;
    if (memo_init(memo) < 0) return -1;
    while (PyDict_Next(dict, &at, &key, &value)) {
        if (!PyTuple_Check(value) || PyTuple_GET_SIZE(value) != 2) {
            PyErr_SetString(PyExc_TypeError, "'memo' values must be 2-item tuples");
            return -1;
        }
        Py_ssize_t index = PyLong_AsSsize_t(PyTuple_GET_ITEM(value, 0));
        if (index == -1 && PyErr_Occurred()) return -1;
        if (memo_add(memo, PyTuple_GET_ITEM(value, 1), index) < 0) return -1;
    }
    return 0;
}

int pickler_set_memo(PyObject *op, PyObject *value, void *Py_UNUSED(context))
{
    Pickler *self = (Pickler *)op;
    Memo memo = {0};
    int status = -1;
    if (!value) {
        PyErr_SetString(PyExc_TypeError, "attribute deletion is not supported");
    } else if (Py_IS_TYPE(value, &pickler_memo_type)) {
        status = memo_copy(&memo, &((MemoProxy *)value)->pickler->memo);
    } else if (PyDict_Check(value)) {
        status = memo_from_dict(&memo, value);
    } else {
        PyErr_Format(PyExc_TypeError,
            "'memo' attribute must be a PicklerMemoProxy object or dict, not %.200s",
            Py_TYPE(value)->tp_name);
    }
    Memo old = status < 0 ? memo : self->memo;
    if (status == 0) self->memo = memo;
    memo_free(&old);
    return status;
}
