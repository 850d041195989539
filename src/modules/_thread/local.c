/* _thread._local: attributes that every thread has for itself.
 *
 * For each thread that has used the object there is an entry with the thread's attributes. The thread's dict owns the
 * entry (under the object's key), so the entry dies with the thread; the object lists its entries, so the attributes die
 * with it. Whoever goes first takes the entry out of the other's sight. The attributes may refer to the object: it is the
 * object, not the entry, that the collector sees them through.
 */
#include "modules/_thread/thread.h"

#include <internal/krait_exports.h>
#include <stddef.h>
#include <structmember.h>

#include "objects/names.h"
#include "objects/thread_state.h"

PyTypeObject *thread_local_type;
static PyTypeObject *entry_type;

typedef struct Entry Entry;
typedef struct Local Local;

struct Local {
    PyObject_HEAD
    PyObject *key;              /* owned str: of this object's entries in the dicts of threads */
    PyObject *args, *kwargs;    /* owned, perhaps NULL: for __init__ in each thread */
    PyObject *weak_references;
    Entry *entries;             /* borrowed */
    Entry *recent;              /* borrowed: the one used last, or NULL */
};

struct Entry {
    PyObject_HEAD
    Local *local;               /* borrowed; NULL once it is gone */
    Entry *next, *previous;
    uint64_t thread;            /* the thread state's id */
    PyObject *dict;             /* owned; NULL once the object is gone */
};

/* ---- Entries -------------------------------------------------------------------------------------------------- */

static void entry_unlink(Entry *entry)
{
    Local *local = entry->local;
    if (!local) return;
    if (entry->previous) entry->previous->next = entry->next;
    else local->entries = entry->next;
    if (entry->next) entry->next->previous = entry->previous;
    if (local->recent == entry) local->recent = NULL;
    entry->next = entry->previous = NULL;
    entry->local = NULL;
}

static void entry_dealloc(Entry *self)
{
    PyTypeObject *type = Py_TYPE(self);
    entry_unlink(self);
    Py_CLEAR(self->dict);
    type->tp_free(self);
    Py_DECREF(type);
}

static PyType_Slot entry_slots[] = {
    {Py_tp_dealloc, entry_dealloc},
    {Py_tp_doc, "Thread-local dummy"},
    {0, NULL},
};

static PyType_Spec entry_spec = {
    .name = "_thread._localdummy",
    .basicsize = sizeof(Entry),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = entry_slots,
};

/* A new entry for the current thread. Borrowed: the thread owns it. */
static Entry *entry_new(Local *local, PyThreadState *tstate, PyObject *thread_dict)
{
    Entry *entry = (Entry *)entry_type->tp_alloc(entry_type, 0);
    if (!entry) return NULL;
    entry->thread = tstate->id;
    entry->dict = PyDict_New();
    if (!entry->dict || PyDict_SetItem(thread_dict, local->key, (PyObject *)entry) < 0) {
        Py_DECREF(entry);
        return NULL;
    }
    entry->local = local;
    entry->next = local->entries;
    if (entry->next) entry->next->previous = entry;
    local->entries = entry;
    Py_DECREF(entry);
    return entry;
}

/* The current thread's attributes, made by __init__ on first use. Borrowed; NULL with an exception set. */
static PyObject *local_dict_borrow(Local *self)
{
    PyThreadState *tstate = thread_state();
    if (self->recent && self->recent->thread == tstate->id) return self->recent->dict;
    PyObject *thread_dict = PyThreadState_GetDict();
    if (!thread_dict) {
        PyErr_SetString(PyExc_SystemError, "Couldn't get thread-state dictionary");
        return NULL;
    }
    Entry *entry = (Entry *)PyDict_GetItemWithError(thread_dict, self->key);
    if (!entry) {
        if (PyErr_Occurred()) return NULL;
        entry = entry_new(self, tstate, thread_dict);
        if (!entry) return NULL;
        initproc init = Py_TYPE(self)->tp_init;
        if (init != PyBaseObject_Type.tp_init && init((PyObject *)self, self->args, self->kwargs) < 0) {
            PyObject *type, *value, *traceback;
            PyErr_Fetch(&type, &value, &traceback);
            if (PyDict_DelItem(thread_dict, self->key) < 0) PyErr_Clear();
            PyErr_Restore(type, value, traceback);
            return NULL;
        }
    }
    self->recent = entry;
    return entry->dict;
}

/* ---- Lifetime ------------------------------------------------------------------------------------------------- */

static PyObject *local_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    if (type->tp_init == PyBaseObject_Type.tp_init) {
        bool given = PyTuple_GET_SIZE(args) > 0 || (kwargs && PyDict_GET_SIZE(kwargs) > 0);
        if (given) {
            PyErr_SetString(PyExc_TypeError, "Initialization arguments are not supported");
            return NULL;
        }
    }
    Local *self = (Local *)type->tp_alloc(type, 0);
    if (!self) return NULL;
    self->args = Py_XNewRef(args);
    self->kwargs = Py_XNewRef(kwargs);
    self->key = PyUnicode_FromFormat("thread.local.%p", self);
    PyObject *thread_dict = self->key ? PyThreadState_GetDict() : NULL;
    Entry *entry = thread_dict ? entry_new(self, thread_state(), thread_dict) : NULL;
    if (!entry) {
        if (!PyErr_Occurred()) PyErr_NoMemory();
        Py_DECREF(self);
        return NULL;
    }
    self->recent = entry;       /* __init__ is about to be called by the type */
    return (PyObject *)self;
}

static int local_traverse(Local *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(self->args);
    Py_VISIT(self->kwargs);
    for (Entry *entry = self->entries; entry; entry = entry->next) Py_VISIT(entry->dict);
    return 0;
}

/* Takes the entries out of the dicts of all threads, and their attributes down. */
static void drop_entries(Local *self)
{
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    while (self->entries) {
        Entry *entry = self->entries;
        Py_INCREF(entry);
        PyThreadState *tstate = PyInterpreterState_ThreadHead(PyInterpreterState_Get());
        while (tstate && tstate->id != entry->thread) tstate = PyThreadState_Next(tstate);
        entry_unlink(entry);
        if (tstate && tstate->dict && PyDict_GetItemWithError(tstate->dict, self->key) == (PyObject *)entry) {
            if (PyDict_DelItem(tstate->dict, self->key) < 0) PyErr_Clear();
        }
        PyObject *dict = entry->dict;
        entry->dict = NULL;
        Py_DECREF(entry);
        Py_XDECREF(dict);       /* may run code that uses other threads' entries: the list is whole again */
    }
    PyErr_Restore(type, value, traceback);
}

static int local_clear(Local *self)
{
    Py_CLEAR(self->args);
    Py_CLEAR(self->kwargs);
    if (self->key) drop_entries(self);
    return 0;
}

static void local_dealloc(Local *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    if (self->weak_references) PyObject_ClearWeakRefs((PyObject *)self);
    local_clear(self);
    Py_CLEAR(self->key);
    type->tp_free(self);
    Py_DECREF(type);
}

/* ---- Attributes ----------------------------------------------------------------------------------------------- */

static PyObject *local_getattro(Local *self, PyObject *name)
{
    PyObject *dict = local_dict_borrow(self);
    if (!dict) return NULL;
    if (name == NAME(__dict__) || (PyUnicode_Check(name) && PyUnicode_Compare(name, NAME(__dict__)) == 0)) return Py_NewRef(dict);
    if (Py_IS_TYPE(self, thread_local_type)) {  /* no data descriptor can stand before the attribute */
        PyObject *value = PyDict_GetItemWithError(dict, name);
        if (value) return Py_NewRef(value);
        if (PyErr_Occurred()) return NULL;
    }
    Py_INCREF(dict);
    PyObject *value = _PyObject_GenericGetAttrWithDict((PyObject *)self, name, dict, 0);
    Py_DECREF(dict);
    return value;
}

static int local_setattro(Local *self, PyObject *name, PyObject *value)
{
    PyObject *dict = local_dict_borrow(self);
    if (!dict) return -1;
    if (PyUnicode_Check(name) && PyUnicode_Compare(name, NAME(__dict__)) == 0) {
        PyErr_Format(PyExc_AttributeError, "'%.50s' object attribute '%U' is read-only", Py_TYPE(self)->tp_name, name);
        return -1;
    }
    Py_INCREF(dict);
    int result = _PyObject_GenericSetAttrWithDict((PyObject *)self, name, value, dict);
    Py_DECREF(dict);
    return result;
}

static PyMemberDef local_members[] = {
    {"__weaklistoffset__", T_PYSSIZET, offsetof(Local, weak_references), READONLY, NULL},
    {0},
};

static PyType_Slot local_slots[] = {
    {Py_tp_dealloc, local_dealloc},
    {Py_tp_getattro, local_getattro},
    {Py_tp_setattro, local_setattro},
    {Py_tp_doc, "An object whose attributes every thread has for itself."},
    {Py_tp_traverse, local_traverse},
    {Py_tp_clear, local_clear},
    {Py_tp_new, local_new},
    {Py_tp_members, local_members},
    {0, NULL},
};

static PyType_Spec local_spec = {
    .name = "_thread._local",
    .basicsize = sizeof(Local),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = local_slots,
};

int thread_add_local_type(PyObject *module)
{
    if (!entry_type && !(entry_type = (PyTypeObject *)PyType_FromModuleAndSpec(module, &entry_spec, NULL))) return -1;
    if (!thread_local_type && !(thread_local_type = (PyTypeObject *)PyType_FromModuleAndSpec(module, &local_spec, NULL))) return -1;
    return PyModule_AddType(module, thread_local_type);
}
