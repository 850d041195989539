/* The order in which the built-in types come to life.
 *
 * Making a type ready takes dicts, tuples, strings, ints, descriptors and weak references, whose
 * types are not ready then. That works because creating and destroying these needs only fields that
 * stand in the static type objects: sizes, flags, tp_dealloc, and tp_hash and tp_richcompare where
 * they are keys. What is usually inherited and yet needed that early, tp_alloc and tp_free, is set
 * here first (step 1). So:
 *
 *   1. tp_alloc and tp_free of the types that types are made of
 *   2. the interned names: strings and the table of interned ones
 *   3. object and type, from which all others inherit
 *   4. the descriptors that fill every tp_dict
 *   5. the rest, bases before subtypes
 */
#include "objects/objects.h"

#include "memory/memory.h"
#include "objects/names.h"
#include "objects/type/type.h"

/* Each part's own, in the order of the calls. The exceptions come last, since they derive from and
 * use the rest. */
int str_init_types(void);
int bytes_init_types(void);
int int_init_types(void);
int bool_init_types(void);
int float_init_types(void);
int complex_init_types(void);
int tuple_init_types(void);
int list_init_types(void);
int dict_init_types(void);
int set_init_types(void);
int core_init_types(void);
int memoryview_init_types(void);
int exceptions_init_types(void);

static PyTypeObject *const essential_types[] = {
    &PyBaseObject_Type,   &PyType_Type,
    &PyUnicode_Type,      &PyBytes_Type,
    &PyLong_Type,         &PyTuple_Type,
    &PyList_Type,         &PyDict_Type,
    &_PyWeakref_RefType,  &PyWrapperDescr_Type,
    &PyMethodDescr_Type,  &PyMemberDescr_Type,
    &PyGetSetDescr_Type,  &PyClassMethodDescr_Type,
    &PyStaticMethod_Type, &PyClassMethod_Type,
    &PyCFunction_Type,
};

static void set_allocation(PyTypeObject *type)
{
    if (!type->tp_alloc) type->tp_alloc = PyType_GenericAlloc;
    if (!type->tp_free) {
        type->tp_free = type->tp_flags & Py_TPFLAGS_HAVE_GC ? PyObject_GC_Del : PyObject_Free;
    }
}

static PyTypeObject *const first_types[] = {
    &PyBaseObject_Type,   &PyType_Type,        &PyWrapperDescr_Type,    &_PyMethodWrapper_Type,
    &PyMethodDescr_Type,  &PyMemberDescr_Type, &PyGetSetDescr_Type,     &PyClassMethodDescr_Type,
    &PyStaticMethod_Type, &PyClassMethod_Type, &PyDictProxy_Type,       &PyProperty_Type,
    &PySuper_Type,        &_PyNone_Type,       &_PyNotImplemented_Type,
};

int objects_init(void)
{
    static int (*const parts[])(void) = {
        str_init_types,   bytes_init_types,   int_init_types,   bool_init_types,
        float_init_types, complex_init_types, tuple_init_types, list_init_types,
        dict_init_types,  set_init_types,     core_init_types,  memoryview_init_types,
        exceptions_init_types,
    };
    memory_populate(&type_runtime, sizeof type_runtime);    /* the method cache: soon all of it is touched */
    for (size_t i = 0; i < sizeof(essential_types) / sizeof(essential_types[0]); i++) {
        set_allocation(essential_types[i]);
    }
    if (names_init() < 0 || slots_init() < 0) return -1;
    for (size_t i = 0; i < sizeof(first_types) / sizeof(first_types[0]); i++) {
        if (PyType_Ready(first_types[i]) < 0) return -1;
    }
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        if (parts[i]() < 0) return -1;
    }
    return 0;
}
