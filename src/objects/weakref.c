/* Weak references: the lists, weakref.ref, and the C API. Proxies are in weakproxy.c. */
#include "objects/weakref.h"

#include "objects/immortal.h"
#include "objects/names.h"
#include "objects/recursion.h"

#include <stdbool.h>
#include <stddef.h>
#include <structmember.h>

static inline PyWeakReference *cast(PyObject *op)
{
    return (PyWeakReference *)op;
}

static inline PyWeakReference **list_of(PyObject *op)
{
    return (PyWeakReference **)PyObject_GET_WEAKREFS_LISTPTR(op);
}

/* ---- lists ---- */

/* Finds the shared reference and the shared proxy; NULL where there is none. */
static void find_shared(PyWeakReference *head, PyWeakReference **ref, PyWeakReference **proxy)
{
    *ref = *proxy = NULL;
    if (head && !head->wr_callback) {
        if (PyWeakref_CheckRefExact(head)) {
            *ref = head;
            head = head->wr_next;
        }
        if (head && !head->wr_callback && PyWeakref_CheckProxy(head)) *proxy = head;
    }
}

/* Links `self` behind `prev`, or at the head if that is NULL. */
static void link_after(PyWeakReference *self, PyWeakReference *prev, PyWeakReference **list)
{
    PyWeakReference *next = prev ? prev->wr_next : *list;
    self->wr_prev = prev;
    self->wr_next = next;
    if (next) next->wr_prev = self;
    if (prev) prev->wr_next = self;
    else *list = self;
}

static void unlink_from_object(PyWeakReference *self)
{
    if (self->wr_object == Py_None) return;
    PyWeakReference **list = list_of(self->wr_object);
    if (*list == self) *list = self->wr_next;
    if (self->wr_prev) self->wr_prev->wr_next = self->wr_next;
    if (self->wr_next) self->wr_next->wr_prev = self->wr_prev;
    self->wr_prev = self->wr_next = NULL;
    self->wr_object = Py_None;
}

void weakref_clear(PyWeakReference *self)
{
    unlink_from_object(self);
    Py_CLEAR(self->wr_callback);
}

/* For the collector: the callback stays. */
void _PyWeakref_ClearRef(PyWeakReference *self)
{
    unlink_from_object(self);
}

Py_ssize_t _PyWeakref_GetWeakrefCount(PyWeakReference *head)
{
    Py_ssize_t count = 0;
    for (; head; head = head->wr_next) count++;
    return count;
}

/* ---- ref ---- */

static PyObject *ref_vectorcall(PyObject *op, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    (void)args;
    if (!_PyArg_NoKwnames("weakref", kwnames)) return NULL;
    if (!_PyArg_CheckPositional("weakref", PyVectorcall_NARGS(nargsf), 0, 0)) return NULL;
    return Py_NewRef(PyWeakref_GET_OBJECT(op));
}

static void init(PyWeakReference *self, PyObject *op, PyObject *callback)
{
    self->hash = -1;
    self->wr_object = op;
    self->wr_prev = self->wr_next = NULL;
    self->wr_callback = Py_XNewRef(callback);
    self->vectorcall = ref_vectorcall;
}

/* A tracked reference or proxy that is on no list yet. */
static PyWeakReference *new_unlinked(PyTypeObject *type, PyObject *op, PyObject *callback)
{
    PyWeakReference *self = PyObject_GC_New(PyWeakReference, type);
    if (!self) return NULL;
    init(self, op, callback);
    PyObject_GC_Track(self);
    return self;
}

static bool supports_weakrefs(PyObject *op)
{
    if (PyType_SUPPORTS_WEAKREFS(Py_TYPE(op))) return true;
    PyErr_Format(PyExc_TypeError, "cannot create weak reference to '%s' object", Py_TYPE(op)->tp_name);
    return false;
}

/* The shared object of this kind, or a new one that is linked where it belongs. Allocation may run a collection, and that may
 * make or destroy shared ones: so they are looked for again after it. */
static PyObject *new_or_shared(PyTypeObject *type, bool proxy, PyObject *op, PyObject *callback)
{
    if (!supports_weakrefs(op)) return NULL;
    if (callback == Py_None) callback = NULL;
    PyWeakReference **list = list_of(op), *shared[2];
    find_shared(*list, &shared[0], &shared[1]);
    if (!callback && shared[proxy]) return Py_NewRef(shared[proxy]);
    PyWeakReference *self = new_unlinked(type, op, callback);
    if (!self) return NULL;
    find_shared(*list, &shared[0], &shared[1]);
    if (callback) {
        link_after(self, shared[1] ? shared[1] : shared[0], list);
    } else if (shared[proxy]) {
        /* Somebody was faster. The new one is not linked: say so to its destructor. */
        self->wr_object = Py_None;
        Py_DECREF(self);
        return Py_NewRef(shared[proxy]);
    } else {
        link_after(self, proxy ? shared[0] : NULL, list);
    }
    return (PyObject *)self;
}

PyObject *PyWeakref_NewRef(PyObject *op, PyObject *callback)
{
    return new_or_shared(&_PyWeakref_RefType, false, op, callback);
}

PyObject *PyWeakref_NewProxy(PyObject *op, PyObject *callback)
{
    PyTypeObject *type = PyCallable_Check(op) ? &_PyWeakref_CallableProxyType : &_PyWeakref_ProxyType;
    return new_or_shared(type, true, op, callback);
}

/* Borrowed reference: the object, or None. */
PyObject *PyWeakref_GetObject(PyObject *ref)
{
    if (ref && PyWeakref_Check(ref)) return PyWeakref_GET_OBJECT(ref);
    PyErr_BadInternalCall();
    return NULL;
}

static PyObject *ref_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    (void)kwargs;   /* a subclass's __init__ may take them */
    PyObject *op, *callback = NULL;
    if (!PyArg_UnpackTuple(args, "__new__", 1, 2, &op, &callback)) return NULL;
    if (!supports_weakrefs(op)) return NULL;
    if (callback == Py_None) callback = NULL;
    PyWeakReference **list = list_of(op), *ref, *proxy;
    find_shared(*list, &ref, &proxy);
    if (!callback && type == &_PyWeakref_RefType && ref) return Py_NewRef(ref);
    PyWeakReference *self = cast(type->tp_alloc(type, 0));
    if (!self) return NULL;
    init(self, op, callback);
    find_shared(*list, &ref, &proxy);
    bool shareable = !callback && type == &_PyWeakref_RefType && !ref;
    link_after(self, shareable ? NULL : proxy ? proxy : ref, list);
    return (PyObject *)self;
}

static int ref_init(PyObject *self, PyObject *args, PyObject *kwargs)
{
    (void)self;
    PyObject *op, *callback = NULL;
    if (!_PyArg_NoKeywords("ref", kwargs)) return -1;
    return PyArg_UnpackTuple(args, "__init__", 1, 2, &op, &callback) ? 0 : -1;
}

void weakref_dealloc(PyObject *self)
{
    PyObject_GC_UnTrack(self);
    weakref_clear(cast(self));
    Py_TYPE(self)->tp_free(self);
}

int weakref_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(cast(self)->wr_callback);
    return 0;
}

int weakref_tp_clear(PyObject *self)
{
    weakref_clear(cast(self));
    return 0;
}

static Py_hash_t ref_hash(PyObject *self)
{
    PyWeakReference *ref = cast(self);
    if (ref->hash != -1) return ref->hash;
    PyObject *op = PyWeakref_GET_OBJECT(self);
    if (op == Py_None) {
        PyErr_SetString(PyExc_TypeError, "weak object has gone away");
        return -1;
    }
    Py_INCREF(op);
    ref->hash = c_stack_is_low("") ? -1 : PyObject_Hash(op);
    Py_DECREF(op);
    return ref->hash;
}

static PyObject *ref_repr(PyObject *self)
{
    PyObject *op = PyWeakref_GET_OBJECT(self);
    if (op == Py_None) return PyUnicode_FromFormat("<weakref at %p; dead>", self);
    Py_INCREF(op);
    PyObject *name, *result = NULL;
    if (_PyObject_LookupAttr(op, NAME(__name__), &name) >= 0) {
        if (name && PyUnicode_Check(name)) {
            result = PyUnicode_FromFormat("<weakref at %p; to '%s' at %p (%U)>", self, Py_TYPE(op)->tp_name, op, name);
        } else {
            result = PyUnicode_FromFormat("<weakref at %p; to '%s' at %p>", self, Py_TYPE(op)->tp_name, op);
        }
        Py_XDECREF(name);
    }
    Py_DECREF(op);
    return result;
}

static PyObject *ref_compare(PyObject *a, PyObject *b, int op)
{
    if ((op != Py_EQ && op != Py_NE) || !PyWeakref_Check(a) || !PyWeakref_Check(b)) Py_RETURN_NOTIMPLEMENTED;
    PyObject *x = PyWeakref_GET_OBJECT(a), *y = PyWeakref_GET_OBJECT(b);
    if (x == Py_None || y == Py_None) return PyBool_FromLong((a == b) == (op == Py_EQ));
    Py_INCREF(x);
    Py_INCREF(y);
    PyObject *result = PyObject_RichCompare(x, y, op);
    Py_DECREF(x);
    Py_DECREF(y);
    return result;
}

static PyMethodDef ref_methods[] = {
    {"__class_getitem__", Py_GenericAlias, METH_O | METH_CLASS, PyDoc_STR("See PEP 585")},
    {0},
};

static PyMemberDef ref_members[] = {
    {"__callback__", T_OBJECT, offsetof(PyWeakReference, wr_callback), READONLY, NULL},
    {0},
};

PyTypeObject _PyWeakref_RefType = {
    IMMORTAL_TYPE_HEAD,
    .tp_name = "weakref.ReferenceType",
    .tp_basicsize = sizeof(PyWeakReference),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_HAVE_VECTORCALL | Py_TPFLAGS_BASETYPE,
    .tp_dealloc = weakref_dealloc,
    .tp_vectorcall_offset = offsetof(PyWeakReference, vectorcall),
    .tp_repr = ref_repr,
    .tp_hash = ref_hash,
    .tp_call = PyVectorcall_Call,
    .tp_traverse = weakref_traverse,
    .tp_clear = weakref_tp_clear,
    .tp_richcompare = ref_compare,
    .tp_methods = ref_methods,
    .tp_members = ref_members,
    .tp_init = ref_init,
    .tp_alloc = PyType_GenericAlloc,
    .tp_new = ref_new,
    .tp_free = PyObject_GC_Del,
};

/* ---- the death of the object ---- */

static void call_callback_steal(PyWeakReference *ref, PyObject *callback)
{
    PyObject *result = PyObject_CallOneArg(callback, (PyObject *)ref);
    if (result) Py_DECREF(result);
    else PyErr_WriteUnraisable(callback);
    Py_DECREF(callback);
}

/* Called by the destructor of an object with weak references. All are cleared before the first callback runs; those to be called
 * back wait on a chain through wr_next, which a cleared reference does not use, each held by a reference of its own. */
void PyObject_ClearWeakRefs(PyObject *op)
{
    if (!op || !PyType_SUPPORTS_WEAKREFS(Py_TYPE(op)) || Py_REFCNT(op) != 0) {
        PyErr_BadInternalCall();
        return;
    }
    PyWeakReference **list = list_of(op), *first = NULL, **last = &first;
    while (*list) {
        PyWeakReference *ref = *list;
        unlink_from_object(ref);
        /* A count of 0: it is being destroyed itself, and its callback will not be called. */
        if (ref->wr_callback && Py_REFCNT(ref) > 0) {
            Py_INCREF(ref);
            *last = ref;
            last = &ref->wr_next;
        } else {
            Py_CLEAR(ref->wr_callback);
        }
    }
    if (!first) return;
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    while (first) {
        PyWeakReference *ref = first;
        first = ref->wr_next;
        ref->wr_next = NULL;
        PyObject *callback = ref->wr_callback;
        ref->wr_callback = NULL;
        if (callback) call_callback_steal(ref, callback);
        Py_DECREF(ref);
    }
    PyErr_Restore(type, value, traceback);
}
