/* Heap types from C: PyType_FromSpec and its family, and looking back into them. */
#include "objects/type/type.h"

#include <structmember.h>

#include "objects/dict/dict.h"
#include "objects/names.h"

/* Where each slot number of typeslots.h stands in a heap type. */
static const short slot_offsets[] = {
    [Py_bf_getbuffer] = offsetof(PyHeapTypeObject, as_buffer.bf_getbuffer),
    [Py_bf_releasebuffer] = offsetof(PyHeapTypeObject, as_buffer.bf_releasebuffer),
    [Py_mp_ass_subscript] = offsetof(PyHeapTypeObject, as_mapping.mp_ass_subscript),
    [Py_mp_length] = offsetof(PyHeapTypeObject, as_mapping.mp_length),
    [Py_mp_subscript] = offsetof(PyHeapTypeObject, as_mapping.mp_subscript),
    [Py_nb_absolute] = offsetof(PyHeapTypeObject, as_number.nb_absolute),
    [Py_nb_add] = offsetof(PyHeapTypeObject, as_number.nb_add),
    [Py_nb_and] = offsetof(PyHeapTypeObject, as_number.nb_and),
    [Py_nb_bool] = offsetof(PyHeapTypeObject, as_number.nb_bool),
    [Py_nb_divmod] = offsetof(PyHeapTypeObject, as_number.nb_divmod),
    [Py_nb_float] = offsetof(PyHeapTypeObject, as_number.nb_float),
    [Py_nb_floor_divide] = offsetof(PyHeapTypeObject, as_number.nb_floor_divide),
    [Py_nb_index] = offsetof(PyHeapTypeObject, as_number.nb_index),
    [Py_nb_inplace_add] = offsetof(PyHeapTypeObject, as_number.nb_inplace_add),
    [Py_nb_inplace_and] = offsetof(PyHeapTypeObject, as_number.nb_inplace_and),
    [Py_nb_inplace_floor_divide] = offsetof(PyHeapTypeObject, as_number.nb_inplace_floor_divide),
    [Py_nb_inplace_lshift] = offsetof(PyHeapTypeObject, as_number.nb_inplace_lshift),
    [Py_nb_inplace_multiply] = offsetof(PyHeapTypeObject, as_number.nb_inplace_multiply),
    [Py_nb_inplace_or] = offsetof(PyHeapTypeObject, as_number.nb_inplace_or),
    [Py_nb_inplace_power] = offsetof(PyHeapTypeObject, as_number.nb_inplace_power),
    [Py_nb_inplace_remainder] = offsetof(PyHeapTypeObject, as_number.nb_inplace_remainder),
    [Py_nb_inplace_rshift] = offsetof(PyHeapTypeObject, as_number.nb_inplace_rshift),
    [Py_nb_inplace_subtract] = offsetof(PyHeapTypeObject, as_number.nb_inplace_subtract),
    [Py_nb_inplace_true_divide] = offsetof(PyHeapTypeObject, as_number.nb_inplace_true_divide),
    [Py_nb_inplace_xor] = offsetof(PyHeapTypeObject, as_number.nb_inplace_xor),
    [Py_nb_int] = offsetof(PyHeapTypeObject, as_number.nb_int),
    [Py_nb_invert] = offsetof(PyHeapTypeObject, as_number.nb_invert),
    [Py_nb_lshift] = offsetof(PyHeapTypeObject, as_number.nb_lshift),
    [Py_nb_multiply] = offsetof(PyHeapTypeObject, as_number.nb_multiply),
    [Py_nb_negative] = offsetof(PyHeapTypeObject, as_number.nb_negative),
    [Py_nb_or] = offsetof(PyHeapTypeObject, as_number.nb_or),
    [Py_nb_positive] = offsetof(PyHeapTypeObject, as_number.nb_positive),
    [Py_nb_power] = offsetof(PyHeapTypeObject, as_number.nb_power),
    [Py_nb_remainder] = offsetof(PyHeapTypeObject, as_number.nb_remainder),
    [Py_nb_rshift] = offsetof(PyHeapTypeObject, as_number.nb_rshift),
    [Py_nb_subtract] = offsetof(PyHeapTypeObject, as_number.nb_subtract),
    [Py_nb_true_divide] = offsetof(PyHeapTypeObject, as_number.nb_true_divide),
    [Py_nb_xor] = offsetof(PyHeapTypeObject, as_number.nb_xor),
    [Py_sq_ass_item] = offsetof(PyHeapTypeObject, as_sequence.sq_ass_item),
    [Py_sq_concat] = offsetof(PyHeapTypeObject, as_sequence.sq_concat),
    [Py_sq_contains] = offsetof(PyHeapTypeObject, as_sequence.sq_contains),
    [Py_sq_inplace_concat] = offsetof(PyHeapTypeObject, as_sequence.sq_inplace_concat),
    [Py_sq_inplace_repeat] = offsetof(PyHeapTypeObject, as_sequence.sq_inplace_repeat),
    [Py_sq_item] = offsetof(PyHeapTypeObject, as_sequence.sq_item),
    [Py_sq_length] = offsetof(PyHeapTypeObject, as_sequence.sq_length),
    [Py_sq_repeat] = offsetof(PyHeapTypeObject, as_sequence.sq_repeat),
    [Py_tp_alloc] = offsetof(PyHeapTypeObject, ht_type.tp_alloc),
    [Py_tp_base] = offsetof(PyHeapTypeObject, ht_type.tp_base),
    [Py_tp_bases] = offsetof(PyHeapTypeObject, ht_type.tp_bases),
    [Py_tp_call] = offsetof(PyHeapTypeObject, ht_type.tp_call),
    [Py_tp_clear] = offsetof(PyHeapTypeObject, ht_type.tp_clear),
    [Py_tp_dealloc] = offsetof(PyHeapTypeObject, ht_type.tp_dealloc),
    [Py_tp_del] = offsetof(PyHeapTypeObject, ht_type.tp_del),
    [Py_tp_descr_get] = offsetof(PyHeapTypeObject, ht_type.tp_descr_get),
    [Py_tp_descr_set] = offsetof(PyHeapTypeObject, ht_type.tp_descr_set),
    [Py_tp_doc] = offsetof(PyHeapTypeObject, ht_type.tp_doc),
    [Py_tp_getattr] = offsetof(PyHeapTypeObject, ht_type.tp_getattr),
    [Py_tp_getattro] = offsetof(PyHeapTypeObject, ht_type.tp_getattro),
    [Py_tp_hash] = offsetof(PyHeapTypeObject, ht_type.tp_hash),
    [Py_tp_init] = offsetof(PyHeapTypeObject, ht_type.tp_init),
    [Py_tp_is_gc] = offsetof(PyHeapTypeObject, ht_type.tp_is_gc),
    [Py_tp_iter] = offsetof(PyHeapTypeObject, ht_type.tp_iter),
    [Py_tp_iternext] = offsetof(PyHeapTypeObject, ht_type.tp_iternext),
    [Py_tp_methods] = offsetof(PyHeapTypeObject, ht_type.tp_methods),
    [Py_tp_new] = offsetof(PyHeapTypeObject, ht_type.tp_new),
    [Py_tp_repr] = offsetof(PyHeapTypeObject, ht_type.tp_repr),
    [Py_tp_richcompare] = offsetof(PyHeapTypeObject, ht_type.tp_richcompare),
    [Py_tp_setattr] = offsetof(PyHeapTypeObject, ht_type.tp_setattr),
    [Py_tp_setattro] = offsetof(PyHeapTypeObject, ht_type.tp_setattro),
    [Py_tp_str] = offsetof(PyHeapTypeObject, ht_type.tp_str),
    [Py_tp_traverse] = offsetof(PyHeapTypeObject, ht_type.tp_traverse),
    [Py_tp_members] = offsetof(PyHeapTypeObject, ht_type.tp_members),
    [Py_tp_getset] = offsetof(PyHeapTypeObject, ht_type.tp_getset),
    [Py_tp_free] = offsetof(PyHeapTypeObject, ht_type.tp_free),
    [Py_nb_matrix_multiply] = offsetof(PyHeapTypeObject, as_number.nb_matrix_multiply),
    [Py_nb_inplace_matrix_multiply] =
        offsetof(PyHeapTypeObject, as_number.nb_inplace_matrix_multiply),
    [Py_am_await] = offsetof(PyHeapTypeObject, as_async.am_await),
    [Py_am_aiter] = offsetof(PyHeapTypeObject, as_async.am_aiter),
    [Py_am_anext] = offsetof(PyHeapTypeObject, as_async.am_anext),
    [Py_tp_finalize] = offsetof(PyHeapTypeObject, ht_type.tp_finalize),
    [Py_am_send] = offsetof(PyHeapTypeObject, as_async.am_send),
};
enum { SLOT_COUNT = sizeof(slot_offsets) / sizeof(slot_offsets[0]) };

/* -- Reading a spec --------------------------------------------------------------------------- */

/* What the slots of a spec say before there is a type. */
typedef struct {
    const PyMemberDef *members;
    Py_ssize_t nmembers;
    const char *doc;
    PyObject *base, *bases; /* borrowed */
    Py_ssize_t dictoffset, weaklistoffset, vectorcalloffset;
} SpecSummary;

static int read_spec(PyType_Spec *spec, SpecSummary *summary)
{
    for (PyType_Slot *slot = spec->slots; slot && slot->slot; slot++) {
        if (slot->slot < 0 || slot->slot >= SLOT_COUNT) {
            PyErr_SetString(PyExc_RuntimeError, "invalid slot offset");
            return -1;
        }
        switch (slot->slot) {
        case Py_tp_members:
            summary->members = slot->pfunc;
            break;
        case Py_tp_doc:
            summary->doc = slot->pfunc;
            break;
        case Py_tp_base:
            summary->base = slot->pfunc;
            break;
        case Py_tp_bases:
            summary->bases = slot->pfunc;
            break;
        }
    }
    for (const PyMemberDef *member = summary->members; member && member->name; member++) {
        summary->nmembers++;
        Py_ssize_t *offset = NULL;
        if (strcmp(member->name, "__dictoffset__") == 0) {
            offset = &summary->dictoffset;
        } else if (strcmp(member->name, "__weaklistoffset__") == 0) {
            offset = &summary->weaklistoffset;
        } else if (strcmp(member->name, "__vectorcalloffset__") == 0) {
            offset = &summary->vectorcalloffset;
        }
        if (!offset) continue;
        if (member->type != T_PYSSIZET || member->flags != READONLY) {
            PyErr_Format(PyExc_SystemError, "type %s: %s must be a read-only T_PYSSIZET member",
                         spec->name, member->name);
            return -1;
        }
        *offset = member->offset;
    }
    return 0;
}

/* New tuple of bases. The argument goes before the slots. */
static PyObject *spec_bases(PyObject *bases, SpecSummary *summary)
{
    if (bases) return PyTuple_Check(bases) ? Py_NewRef(bases) : PyTuple_Pack(1, bases);
    if (summary->bases) {
        if (PyTuple_Check(summary->bases)) return Py_NewRef(summary->bases);
        PyErr_SetString(PyExc_SystemError, "Py_tp_bases is not a tuple");
        return NULL;
    }
    return PyTuple_Pack(1, summary->base ? summary->base : (PyObject *)&PyBaseObject_Type);
}

/* -- Making the type -------------------------------------------------------------------------- */

static char *copy_text(const char *text, bool object_domain)
{
    size_t size = strlen(text) + 1;
    char *copy = object_domain ? PyObject_Malloc(size) : PyMem_Malloc(size);
    if (!copy) PyErr_NoMemory();
    return copy ? memcpy(copy, text, size) : NULL;
}

static int set_names(PyHeapTypeObject *heap, const char *name)
{
    const char *dot = strrchr(name, '.');
    heap->ht_name = PyUnicode_FromString(dot ? dot + 1 : name);
    if (!heap->ht_name) return -1;
    heap->ht_qualname = Py_NewRef(heap->ht_name);
    heap->_ht_tpname = copy_text(name, false);
    heap->ht_type.tp_name = heap->_ht_tpname;
    return heap->_ht_tpname ? 0 : -1;
}

static void fill_slots(PyHeapTypeObject *heap, PyType_Spec *spec)
{
    for (PyType_Slot *slot = spec->slots; slot && slot->slot; slot++) {
        switch (slot->slot) {
        case Py_tp_base:
        case Py_tp_bases:
        case Py_tp_doc:
        case Py_tp_members:
            break;
        default:
            *(void **)((char *)heap + slot_offsets[slot->slot]) = slot->pfunc;
        }
    }
}

static int set_module_name(PyTypeObject *type, const char *name)
{
    int present = PyDict_Contains(type->tp_dict, NAME(__module__));
    if (present) return present < 0 ? -1 : 0;
    const char *dot = strrchr(name, '.');
    if (!dot) {
        return PyErr_WarnFormat(PyExc_DeprecationWarning, 1,
                                "builtin type %.200s has no __module__ attribute", name);
    }
    PyObject *module = PyUnicode_FromStringAndSize(name, dot - name);
    if (!module) return -1;
    int status = PyDict_SetItem(type->tp_dict, NAME(__module__), module);
    Py_DECREF(module);
    return status;
}

/* The entries that only carried an offset would hide the attributes of the same name that type
 * has. */
static int drop_offset_members(PyTypeObject *type, SpecSummary *summary)
{
    if (summary->weaklistoffset && PyDict_DelItem(type->tp_dict, NAME(__weaklistoffset__)) < 0) {
        return -1;
    }
    if (summary->dictoffset && PyDict_DelItem(type->tp_dict, NAME(__dictoffset__)) < 0) return -1;
    return 0;
}

static int complete(PyHeapTypeObject *heap, PyType_Spec *spec, SpecSummary *summary)
{
    PyTypeObject *type = &heap->ht_type;
    if (set_names(heap, spec->name) < 0) return -1;
    if (summary->doc && !(type->tp_doc = copy_text(summary->doc, true))) return -1;
    fill_slots(heap, spec);
    if (!type->tp_dealloc) type->tp_dealloc = subtype_dealloc;
    if (summary->members) {
        memcpy(type_slot_members(heap), summary->members,
               (size_t)summary->nmembers * sizeof(PyMemberDef));
        type->tp_members = type_slot_members(heap);
    }
    type->tp_basicsize = spec->basicsize;
    type->tp_itemsize = spec->itemsize;
    if (summary->vectorcalloffset) type->tp_vectorcall_offset = summary->vectorcalloffset;
    if (summary->dictoffset) type->tp_dictoffset = summary->dictoffset;
    if (summary->weaklistoffset) type->tp_weaklistoffset = summary->weaklistoffset;
    if (PyType_Ready(type) < 0) return -1;
    if (drop_offset_members(type, summary) < 0) return -1;
    return set_module_name(type, spec->name);
}

/* A new heap type. `module` (may be NULL) is what PyType_GetModule will give; `bases`: a tuple, one
 * type, or NULL for what the slots say. */
PyObject *PyType_FromModuleAndSpec(PyObject *module, PyType_Spec *spec, PyObject *bases)
{
    SpecSummary summary = {0};
    if (read_spec(spec, &summary) < 0) return NULL;
    if (!spec->name) {
        PyErr_SetString(PyExc_SystemError, "Type spec does not define the name field.");
        return NULL;
    }
    bases = spec_bases(bases, &summary);
    if (!bases) return NULL;
    PyTypeObject *base = type_best_base(bases);
    PyHeapTypeObject *heap =
        base ? (PyHeapTypeObject *)PyType_GenericAlloc(&PyType_Type, summary.nmembers) : NULL;
    if (!heap) {
        Py_DECREF(bases);
        return NULL;
    }
    PyTypeObject *type = &heap->ht_type;
    type->tp_flags = spec->flags | Py_TPFLAGS_HEAPTYPE;
    type->tp_as_async = &heap->as_async;
    type->tp_as_number = &heap->as_number;
    type->tp_as_sequence = &heap->as_sequence;
    type->tp_as_mapping = &heap->as_mapping;
    type->tp_as_buffer = &heap->as_buffer;
    type->tp_bases = bases;
    type->tp_base = (PyTypeObject *)Py_NewRef((PyObject *)base);
    heap->ht_module = Py_XNewRef(module);
    if (complete(heap, spec, &summary) < 0) Py_CLEAR(heap);
    return (PyObject *)heap;
}

PyObject *PyType_FromSpecWithBases(PyType_Spec *spec, PyObject *bases)
{
    return PyType_FromModuleAndSpec(NULL, spec, bases);
}

PyObject *PyType_FromSpec(PyType_Spec *spec)
{
    return PyType_FromModuleAndSpec(NULL, spec, NULL);
}

/* -- Looking back ----------------------------------------------------------------------------- */

/* What fills slot number `slot` of the type, NULL if nothing does; NULL with SystemError for a bad
 * number. */
void *PyType_GetSlot(PyTypeObject *type, int slot)
{
    if (slot <= 0 || slot >= SLOT_COUNT) {
        PyErr_BadInternalCall();
        return NULL;
    }
    void **address = type_slot_address(type, (size_t)slot_offsets[slot]);
    return address ? *address : NULL;
}

unsigned long PyType_GetFlags(PyTypeObject *type)
{
    return type->tp_flags;
}

/* Borrowed: the module that PyType_FromModuleAndSpec was given. */
PyObject *PyType_GetModule(PyTypeObject *type)
{
    if (!(type->tp_flags & Py_TPFLAGS_HEAPTYPE)) {
        return PyErr_Format(PyExc_TypeError, "PyType_GetModule: Type '%s' is not a heap type",
                            type->tp_name);
    }
    PyObject *module = ((PyHeapTypeObject *)type)->ht_module;
    if (!module) {
        return PyErr_Format(PyExc_TypeError, "PyType_GetModule: Type '%s' has no associated module",
                            type->tp_name);
    }
    return module;
}

void *PyType_GetModuleState(PyTypeObject *type)
{
    PyObject *module = PyType_GetModule(type);
    return module ? PyModule_GetState(module) : NULL;
}

/* Borrowed: the module made from `def` that the type or a base of it belongs to. */
PyObject *PyType_GetModuleByDef(PyTypeObject *type, PyModuleDef *def)
{
    PyObject *mro = type->tp_mro;
    for (Py_ssize_t i = 0; mro && i < PyTuple_GET_SIZE(mro); i++) {
        PyTypeObject *base = (PyTypeObject *)PyTuple_GET_ITEM(mro, i);
        if (!(base->tp_flags & Py_TPFLAGS_HEAPTYPE)) continue;
        PyObject *module = ((PyHeapTypeObject *)base)->ht_module;
        if (module && PyModule_GetDef(module) == def) return module;
    }
    return PyErr_Format(PyExc_TypeError,
                        "PyType_GetModuleByDef: No superclass of '%s' has the given module",
                        type->tp_name);
}
