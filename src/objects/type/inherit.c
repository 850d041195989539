/* What a type takes over from its bases: slots, sizes and flags. */
#include "objects/type/type.h"

#include "objects/names.h"

/* A slot is worth copying from a base that fills it otherwise than the base's own base does. */
#define DEFINES(base, parent, slot) ((base)->slot && (!(parent) || (base)->slot != (parent)->slot))
#define COPY(suite, slot) \
    if (!type->suite->slot && DEFINES(base->suite, parent ? parent->suite : NULL, slot)) { \
        type->suite->slot = base->suite->slot; \
    }
#define COPY_TOP(slot) \
    if (!type->slot && DEFINES(base, parent, slot)) type->slot = base->slot;

static void inherit_number(PyTypeObject *type, PyTypeObject *base, PyTypeObject *parent)
{
    COPY(tp_as_number, nb_add)
    COPY(tp_as_number, nb_subtract)
    COPY(tp_as_number, nb_multiply)
    COPY(tp_as_number, nb_remainder)
    COPY(tp_as_number, nb_divmod)
    COPY(tp_as_number, nb_power)
    COPY(tp_as_number, nb_negative)
    COPY(tp_as_number, nb_positive)
    COPY(tp_as_number, nb_absolute)
    COPY(tp_as_number, nb_bool)
    COPY(tp_as_number, nb_invert)
    COPY(tp_as_number, nb_lshift)
    COPY(tp_as_number, nb_rshift)
    COPY(tp_as_number, nb_and)
    COPY(tp_as_number, nb_xor)
    COPY(tp_as_number, nb_or)
    COPY(tp_as_number, nb_int)
    COPY(tp_as_number, nb_float)
    COPY(tp_as_number, nb_inplace_add)
    COPY(tp_as_number, nb_inplace_subtract)
    COPY(tp_as_number, nb_inplace_multiply)
    COPY(tp_as_number, nb_inplace_remainder)
    COPY(tp_as_number, nb_inplace_power)
    COPY(tp_as_number, nb_inplace_lshift)
    COPY(tp_as_number, nb_inplace_rshift)
    COPY(tp_as_number, nb_inplace_and)
    COPY(tp_as_number, nb_inplace_xor)
    COPY(tp_as_number, nb_inplace_or)
    COPY(tp_as_number, nb_true_divide)
    COPY(tp_as_number, nb_floor_divide)
    COPY(tp_as_number, nb_inplace_true_divide)
    COPY(tp_as_number, nb_inplace_floor_divide)
    COPY(tp_as_number, nb_index)
    COPY(tp_as_number, nb_matrix_multiply)
    COPY(tp_as_number, nb_inplace_matrix_multiply)
}

static void inherit_async(PyTypeObject *type, PyTypeObject *base, PyTypeObject *parent)
{
    COPY(tp_as_async, am_await)
    COPY(tp_as_async, am_aiter)
    COPY(tp_as_async, am_anext)
    /* am_send is not inherited by a class: it would bypass an overridden send(). */
}

static void inherit_sequence(PyTypeObject *type, PyTypeObject *base, PyTypeObject *parent)
{
    COPY(tp_as_sequence, sq_length)
    COPY(tp_as_sequence, sq_concat)
    COPY(tp_as_sequence, sq_repeat)
    COPY(tp_as_sequence, sq_item)
    COPY(tp_as_sequence, sq_ass_item)
    COPY(tp_as_sequence, sq_contains)
    COPY(tp_as_sequence, sq_inplace_concat)
    COPY(tp_as_sequence, sq_inplace_repeat)
}

static void inherit_mapping(PyTypeObject *type, PyTypeObject *base, PyTypeObject *parent)
{
    COPY(tp_as_mapping, mp_length)
    COPY(tp_as_mapping, mp_subscript)
    COPY(tp_as_mapping, mp_ass_subscript)
}

static void inherit_buffer(PyTypeObject *type, PyTypeObject *base, PyTypeObject *parent)
{
    COPY(tp_as_buffer, bf_getbuffer)
    COPY(tp_as_buffer, bf_releasebuffer)
}

static bool overrides_hash(PyTypeObject *type)
{
    PyObject *dict = type->tp_dict;     /* one that waits has no such methods but by slots */
    return dict && (PyDict_Contains(dict, NAME(__eq__)) > 0 || PyDict_Contains(dict, NAME(__hash__)) > 0);
}

static void inherit_calls_and_descriptors(PyTypeObject *type, PyTypeObject *base,
                                          PyTypeObject *parent)
{
    bool immutable = (type->tp_flags & Py_TPFLAGS_IMMUTABLETYPE) != 0;
    COPY_TOP(tp_vectorcall_offset)
    /* A mutable class may be given a __call__ later, which the flag would hide. */
    if (!type->tp_call && immutable) type->tp_flags |= base->tp_flags & Py_TPFLAGS_HAVE_VECTORCALL;
    COPY_TOP(tp_call)
    COPY_TOP(tp_descr_get)
    if (base->tp_descr_get && type->tp_descr_get == base->tp_descr_get && immutable) {
        type->tp_flags |= base->tp_flags & Py_TPFLAGS_METHOD_DESCRIPTOR;
    }
    COPY_TOP(tp_descr_set)
}

static void inherit_free(PyTypeObject *type, PyTypeObject *base, PyTypeObject *parent)
{
    bool collectable = (type->tp_flags & Py_TPFLAGS_HAVE_GC) != 0;
    if (collectable == ((base->tp_flags & Py_TPFLAGS_HAVE_GC) != 0)) {
        COPY_TOP(tp_free)
    } else if (collectable && !type->tp_free && base->tp_free == PyObject_Free) {
        type->tp_free = PyObject_GC_Del;
    }
}

static void inherit_suites(PyTypeObject *type, PyTypeObject *base, PyTypeObject *parent)
{
#define PARENT_WITH(suite) (parent && parent->suite ? parent : NULL)
    if (type->tp_as_number && base->tp_as_number) {
        inherit_number(type, base, PARENT_WITH(tp_as_number));
    }
    if (type->tp_as_async && base->tp_as_async) inherit_async(type, base, PARENT_WITH(tp_as_async));
    if (type->tp_as_sequence && base->tp_as_sequence) {
        inherit_sequence(type, base, PARENT_WITH(tp_as_sequence));
    }
    if (type->tp_as_mapping && base->tp_as_mapping) {
        inherit_mapping(type, base, PARENT_WITH(tp_as_mapping));
    }
    if (type->tp_as_buffer && base->tp_as_buffer) {
        inherit_buffer(type, base, PARENT_WITH(tp_as_buffer));
    }
#undef PARENT_WITH
}

static void inherit_top(PyTypeObject *type, PyTypeObject *base, PyTypeObject *parent)
{
    COPY_TOP(tp_dealloc)
    if (!type->tp_getattr && !type->tp_getattro) {
        type->tp_getattr = base->tp_getattr;
        type->tp_getattro = base->tp_getattro;
    }
    if (!type->tp_setattr && !type->tp_setattro) {
        type->tp_setattr = base->tp_setattr;
        type->tp_setattro = base->tp_setattro;
    }
    COPY_TOP(tp_repr)
    inherit_calls_and_descriptors(type, base, parent);
    COPY_TOP(tp_str)
    /* Equality and hash go together. */
    if (!type->tp_richcompare && !type->tp_hash && !overrides_hash(type)) {
        type->tp_richcompare = base->tp_richcompare;
        type->tp_hash = base->tp_hash;
    }
    COPY_TOP(tp_iter)
    COPY_TOP(tp_iternext)
    COPY_TOP(tp_dictoffset)
    COPY_TOP(tp_init)
    COPY_TOP(tp_alloc)
    COPY_TOP(tp_is_gc)
    COPY_TOP(tp_finalize)
    inherit_free(type, base, parent);
}

void type_inherit_slots(PyTypeObject *type, PyTypeObject *base)
{
    PyTypeObject *parent = base->tp_base;
    inherit_suites(type, base, parent);
    inherit_top(type, base, parent);
}

void type_inherit_from_only_base(PyTypeObject *type)
{
    PyTypeObject *base = type->tp_base;
    if (type->tp_as_buffer && base->tp_as_buffer) inherit_buffer(type, base, NULL);
    inherit_top(type, base, NULL);
}
