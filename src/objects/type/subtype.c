/* Instances of classes: allocation, traversal, destruction, and the attributes __dict__ and
 * __weakref__. */
#include <Python.h>
#include <structmember.h>

#include "memory/gc.h"
#include "objects/lifetime.h"
#include "objects/names.h"
#include "objects/thread_state.h"
#include "objects/type/instance.h"
#include "objects/type/type.h"

/* -- Allocation ------------------------------------------------------------------------------- */

/* Makes new memory an empty instance. */
static inline void begin_instance(PyObject *self, PyTypeObject *type, size_t size)
{
    if (LIKELY(size > sizeof(PyObject))) bits_zero_words(self + 1, size - sizeof(PyObject));
    Py_SET_TYPE(self, type);
    if (type->tp_flags & Py_TPFLAGS_HEAPTYPE) Py_INCREF(type);
    _Py_NewReference(self);
}

/* An instance of a type whose instances have no items and are collected. */
static inline PyObject *allocate_container(PyTypeObject *type)
{
    size_t size = object_var_size(type, 0);
    PyObject *self = gc_allocate(gc_header_size(type), size);
    if (UNLIKELY(!self)) return NULL;
    begin_instance(self, type, size);
    if (type->tp_flags & Py_TPFLAGS_MANAGED_DICT) {
        PyDictKeysObject *keys = type_shared_keys(type);
        if (keys) dict_keys_tighten(keys);
    }
    gc_track(self);
    return self;
}

static NEVER_INLINE PyObject *allocate_any(PyTypeObject *type, Py_ssize_t nitems)
{
    bool collectable = (type->tp_flags & Py_TPFLAGS_HAVE_GC) != 0;
    if (collectable && !type->tp_itemsize) return allocate_container(type);
    size_t size = object_var_size(type, type->tp_itemsize ? nitems + 1 : 0);
    PyObject *self = collectable ? gc_allocate(gc_header_size(type), size) : memory_alloc(size);
    if (!self) return collectable ? NULL : PyErr_NoMemory();
    if (LIKELY(!type->tp_itemsize)) {
        begin_instance(self, type, size);
        return self;
    }
    memset(self, 0, size);
    PyObject_InitVar((PyVarObject *)self, type, nitems);
    if (collectable) gc_track(self);
    return self;
}

/* A zeroed instance of the type with room for `nitems` items and one more, tracked if it is a
 * container. */
PyObject *PyType_GenericAlloc(PyTypeObject *type, Py_ssize_t nitems)
{
    /* What has neither items nor the collector's head, and a block at hand, is made without a call. */
    size_t size = object_var_size(type, 0);
    if (UNLIKELY(type->tp_itemsize || type->tp_flags & Py_TPFLAGS_HAVE_GC || !memory_runtime.direct || size - 1 >= SMALL_MAX)) {
        return allocate_any(type, nitems);
    }
    PyObject *self = memory_pool_alloc_at_hand(size);
    if (UNLIKELY(!self)) return allocate_any(type, nitems);
    begin_instance(self, type, size);
    return self;
}

PyObject *PyType_GenericNew(PyTypeObject *type, PyObject *Py_UNUSED(args),
                            PyObject *Py_UNUSED(kwargs))
{
    return type->tp_alloc(type, 0);
}

/* -- The fields that __slots__ made ----------------------------------------------------------- */

static int visit_slots(PyTypeObject *type, PyObject *self, visitproc visit, void *arg)
{
    PyMemberDef *member = type_slot_members((PyHeapTypeObject *)type);
    for (Py_ssize_t i = Py_SIZE(type); --i >= 0; member++) {
        if (member->type != T_OBJECT_EX) continue;
        PyObject *value = *(PyObject **)((char *)self + member->offset);
        Py_VISIT(value);
    }
    return 0;
}

static void clear_slots(PyTypeObject *type, PyObject *self)
{
    PyMemberDef *member = type_slot_members((PyHeapTypeObject *)type);
    for (Py_ssize_t i = Py_SIZE(type); --i >= 0; member++) {
        if (member->type != T_OBJECT_EX || member->flags & READONLY) continue;
        PyObject **slot = (PyObject **)((char *)self + member->offset);
        Py_CLEAR(*slot);
    }
}

/* -- Traversal -------------------------------------------------------------------------------- */

/* The dict that `type` adds to what `base` has: visited or dropped. */
static bool adds_managed_dict(PyTypeObject *type, PyTypeObject *base)
{
    return type->tp_flags & Py_TPFLAGS_MANAGED_DICT && !(base->tp_flags & Py_TPFLAGS_MANAGED_DICT);
}

static PyObject **added_dict_slot(PyTypeObject *type, PyTypeObject *base, PyObject *self)
{
    if (type->tp_flags & Py_TPFLAGS_MANAGED_DICT || type->tp_dictoffset == base->tp_dictoffset) {
        return NULL;
    }
    return _PyObject_GetDictPtr(self);
}

int subtype_traverse(PyObject *self, visitproc visit, void *arg)
{
    PyTypeObject *type = Py_TYPE(self), *base = type;
    while (base->tp_traverse == subtype_traverse) {
        if (Py_SIZE(base)) {
            int status = visit_slots(base, self, visit, arg);
            if (status) return status;
        }
        base = base->tp_base;
    }
    if (adds_managed_dict(type, base)) {
        int status = instance_traverse(self, visit, arg);
        if (status) return status;
    } else {
        PyObject **dict_slot = added_dict_slot(type, base, self);
        if (dict_slot) Py_VISIT(*dict_slot);
    }
    /* A heap type's own tp_traverse visits the type; that of a static one knows nothing of it. */
    if (type->tp_flags & Py_TPFLAGS_HEAPTYPE
        && (!base->tp_traverse || !(base->tp_flags & Py_TPFLAGS_HEAPTYPE))) {
        Py_VISIT(type);
    }
    return base->tp_traverse ? base->tp_traverse(self, visit, arg) : 0;
}

int subtype_clear(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self), *base = type;
    while (base->tp_clear == subtype_clear) {
        if (Py_SIZE(base)) clear_slots(base, self);
        base = base->tp_base;
    }
    if (adds_managed_dict(type, base)) {
        instance_clear(self);
    } else {
        PyObject **dict_slot = added_dict_slot(type, base, self);
        if (dict_slot) Py_CLEAR(*dict_slot);
    }
    return base->tp_clear ? base->tp_clear(self) : 0;
}

/* -- Destruction ------------------------------------------------------------------------------ */

/* The nearest base whose destructor is not subtype_dealloc. */
static PyTypeObject *foreign_base(PyTypeObject *type)
{
    while (type->tp_dealloc == subtype_dealloc) type = type->tp_base;
    return type;
}

/* Hands over to the base's destructor, which drops the type as well if it belongs to a heap
 * type. */
static void finish_dealloc(PyObject *self, PyTypeObject *type, PyTypeObject *base)
{
    bool drop_type =
        type->tp_flags & Py_TPFLAGS_HEAPTYPE && !(base->tp_flags & Py_TPFLAGS_HEAPTYPE);
    base->tp_dealloc(self);
    if (drop_type) Py_DECREF(type);
}

static void dealloc_plain(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    if (type->tp_finalize && PyObject_CallFinalizerFromDealloc(self) < 0) return;
    if (type->tp_del) {
        type->tp_del(self);
        if (Py_REFCNT(self) > 0) return;
    }
    type = Py_TYPE(self);
    finish_dealloc(self, type, foreign_base(type));
}

/* Runs tp_finalize and tp_del, and clears weak references in between. False when the object lives
 * on. */
static bool finalize(PyObject *self, PyTypeObject *type, PyTypeObject *base)
{
    bool own_weakrefs = type->tp_weaklistoffset && !base->tp_weaklistoffset;
    if (type->tp_finalize) {
        PyObject_GC_Track(self);
        if (PyObject_CallFinalizerFromDealloc(self) < 0) return false;
        PyObject_GC_UnTrack(self);
    }
    if (own_weakrefs) PyObject_ClearWeakRefs(self);
    if (type->tp_del) {
        PyObject_GC_Track(self);
        type->tp_del(self);
        if (Py_REFCNT(self) > 0) return false;
        PyObject_GC_UnTrack(self);
    }
    if (own_weakrefs && (type->tp_finalize || type->tp_del)) {
        /* Made by the finalisers: these go without their callbacks. */
        PyWeakReference **list = (PyWeakReference **)((char *)self + type->tp_weaklistoffset);
        while (*list) _PyWeakref_ClearRef(*list);
    }
    return true;
}

static bool has_weakrefs(PyObject *self, PyTypeObject *type, PyTypeObject *base)
{
    return type->tp_weaklistoffset && !base->tp_weaklistoffset
           && *(PyObject **)((char *)self + type->tp_weaklistoffset);
}

static inline void dealloc_container(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self), *base = foreign_base(type);
    if ((type->tp_finalize || type->tp_del || has_weakrefs(self, type, base))
        && !finalize(self, type, base)) {
        return;
    }
    for (PyTypeObject *t = type; t->tp_dealloc == subtype_dealloc; t = t->tp_base) {
        if (Py_SIZE(t)) clear_slots(t, self);
    }
    if (type->tp_dictoffset) {
        if (adds_managed_dict(type, base)) {
            instance_clear(self);
        } else if (!base->tp_dictoffset) {
            PyObject **dict_slot = added_dict_slot(type, base, self);
            if (dict_slot) Py_CLEAR(*dict_slot);
        }
    }
    /* A finaliser may have assigned to __class__. */
    type = Py_TYPE(self);
    if (base == &PyBaseObject_Type && type->tp_free == PyObject_GC_Del) {
        gc_free(self, gc_header_size(type));
        Py_DECREF(type);
        return;
    }
    if (base->tp_flags & Py_TPFLAGS_HAVE_GC) PyObject_GC_Track(self);
    finish_dealloc(self, type, base);
}

void subtype_dealloc(PyObject *self)
{
    if (!(Py_TYPE(self)->tp_flags & Py_TPFLAGS_HAVE_GC)) {
        dealloc_plain(self);
        return;
    }
    if (gc_tracked(self)) gc_untrack(self);
    if (Py_TYPE(self)->tp_dealloc != subtype_dealloc) {
        /* Called by the destructor of a subclass, which has opened the trashcan. */
        dealloc_container(self);
        return;
    }
    PyThreadState *tstate = thread_state();
    if (_PyTrash_begin(tstate, self)) return;
    dealloc_container(self);
    _PyTrash_end(tstate);
}

/* -- __dict__ and __weakref__ ----------------------------------------------------------------- */

/* Borrowed: the descriptor `__dict__` of the built-in base that has a dict of its own, NULL if
 * there is no such base (no exception) or no such descriptor (TypeError). */
static PyObject *builtin_dict_descriptor(PyObject *obj)
{
    PyTypeObject *type = Py_TYPE(obj);
    for (; type->tp_base; type = type->tp_base) {
        if (type->tp_dictoffset && !(type->tp_flags & Py_TPFLAGS_HEAPTYPE)) break;
    }
    if (!type->tp_base) return NULL;
    PyObject *descr = type_lookup_borrow(type, NAME(__dict__));
    if (descr && PyDescr_IsData(descr) && Py_TYPE(descr)->tp_descr_get) return descr;
    PyErr_Format(PyExc_TypeError, "this __dict__ descriptor does not support '%.200s' objects",
                 Py_TYPE(obj)->tp_name);
    return NULL;
}

static PyObject *subtype_get_dict(PyObject *obj, void *context)
{
    PyObject *descr = builtin_dict_descriptor(obj);
    if (descr) return Py_TYPE(descr)->tp_descr_get(descr, obj, (PyObject *)Py_TYPE(obj));
    return PyErr_Occurred() ? NULL : PyObject_GenericGetDict(obj, context);
}

static int subtype_set_dict(PyObject *obj, PyObject *value, void *Py_UNUSED(context))
{
    PyObject *descr = builtin_dict_descriptor(obj);
    if (descr) return Py_TYPE(descr)->tp_descr_set(descr, obj, value);
    if (PyErr_Occurred()) return -1;
    PyObject **slot = _PyObject_GetDictPtr(obj);
    if (!slot) {
        PyErr_SetString(PyExc_AttributeError, "This object has no __dict__");
        return -1;
    }
    if (value && !PyDict_Check(value)) {
        PyErr_Format(PyExc_TypeError, "__dict__ must be set to a dictionary, not a '%.200s'",
                     Py_TYPE(value)->tp_name);
        return -1;
    }
    Py_XINCREF(value);
    Py_XSETREF(*slot, value);
    return 0;
}

static PyObject *subtype_get_weakref(PyObject *obj, void *Py_UNUSED(context))
{
    PyTypeObject *type = Py_TYPE(obj);
    if (!type->tp_weaklistoffset) {
        PyErr_SetString(PyExc_AttributeError, "This object has no __weakref__");
        return NULL;
    }
    PyObject *list = *(PyObject **)((char *)obj + type->tp_weaklistoffset);
    return Py_NewRef(list ? list : Py_None);
}

#define DICT_ENTRY \
    { \
        "__dict__", subtype_get_dict, subtype_set_dict, \
            PyDoc_STR("dictionary for instance variables (if defined)"), NULL \
    }
#define WEAKREF_ENTRY \
    { \
        "__weakref__", subtype_get_weakref, NULL, \
            PyDoc_STR("list of weak references to the object (if defined)"), NULL \
    }
#define END_ENTRY \
    { \
        NULL, NULL, NULL, NULL, NULL \
    }

PyGetSetDef subtype_getsets_full[] = {DICT_ENTRY, WEAKREF_ENTRY, END_ENTRY};
PyGetSetDef subtype_getsets_dict_only[] = {DICT_ENTRY, END_ENTRY};
PyGetSetDef subtype_getsets_weakref_only[] = {WEAKREF_ENTRY, END_ENTRY};

PyObject **PyObject_GET_WEAKREFS_LISTPTR(PyObject *op)
{
    return (PyObject **)((char *)op + Py_TYPE(op)->tp_weaklistoffset);
}

#undef PyType_SUPPORTS_WEAKREFS
int PyType_SUPPORTS_WEAKREFS(PyTypeObject *type)
{
    return type->tp_weaklistoffset > 0;
}
