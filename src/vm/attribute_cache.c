/* A table of attribute accesses for instructions that meet several types: what an instruction that specialises itself keeps in its
 * own words for one type is kept here for many, by type version and name.
 *
 * An entry's words are those of an instruction at such an access (specialise.h): its opcode is the generic one where nothing better
 * is known. Equal versions prove that a lookup in the type would give the same again, which also keeps borrowed values alive; the
 * reference to the name keeps its address from being another's.
 */
#include "objects/dict/dict.h"
#include "objects/type/instance.h"
#include "objects/type/type.h"
#include "vm/ops.h"
#include "vm/specialise.h"

typedef void (*Specialiser)(const Word *ip, PyObject *owner, PyObject *name);

/* The words for an access to the name in owners of this one's type, or NULL where there can be none. */
static inline const Word *find(AttributeEntry *table, enum exec_op generic, Specialiser specialise, PyObject *owner, PyObject *name)
{
    PyTypeObject *type = Py_TYPE(owner);
    AttributeEntry *e = attribute_entry(table, type, name);
    if (e->version == type->tp_version_tag && e->name == name) {
        if (!e->version) return NULL;
        /* An attribute that the first object got only then may have a place by now. */
        if (specialise_is_due(e->words, generic)) specialise(e->words, owner, name);
        return e->words;
    }
    /* Modules and classes are told apart by more than their type. */
    if (type == &PyModule_Type || PyType_Check(owner) || !type_assign_version(type)) return NULL;
    e->version = type->tp_version_tag;
    Py_XSETREF(e->name, Py_NewRef(name));
    e->words[0] = (Word){.op = (uint16_t)generic};
    specialise(e->words, owner, name);
    return e->words;
}

PyObject *op_load_attr(PyObject *owner, PyObject *name)
{
    const Word *words = find(vm_runtime.loads, X_LOAD_ATTR, specialise_load_attr, owner, name);
    PyObject *o = NULL;
    switch (words ? words[0].op : X_LOAD_ATTR) {
    case X_LOAD_ATTR_INSTANCE: {
        const PyDictValues *values = *instance_values_slot(owner);
        if (values && words[1].high < dict_values_capacity(values)) o = values->values[words[1].high];
        break;
    }
    case X_LOAD_ATTR_SLOT: o = *(PyObject **)((char *)owner + words[1].high); break;
    case X_LOAD_ATTR_CLASS: o = (PyObject *)Py_TYPE(owner); break;
    case X_LOAD_ATTR_SHARED:
        if (!op_may_shadow(owner, words[1].high)) o = words[2].pointer;
        break;
    case X_LOAD_ATTR_DICT: o = attribute_of_dict(owner, name, words); break;
    case X_LOAD_ATTR_DESCRIPTOR:
        if (!op_may_shadow(owner, words[1].high)) return attribute_of_descriptor(owner, name, words);
        break;
    }
    return o ? Py_NewRef(o) : PyObject_GetAttr(owner, name);
}

int op_load_method(PyObject *owner, PyObject *name, PyObject **method)
{
    const Word *words = find(vm_runtime.methods, X_LOAD_METHOD, specialise_load_method, owner, name);
    bool known = words && (words[0].op == X_LOAD_METHOD_TYPE   ? !op_may_shadow(owner, words[1].high)
                           : words[0].op == X_LOAD_METHOD_LAZY && !*lazy_dict_slot(owner, words[1].high));
    if (known) {
        *method = Py_NewRef((PyObject *)words[2].pointer);
        return 1;
    }
    return _PyObject_GetMethod(owner, name, method);
}

int op_store_attr(PyObject *owner, PyObject *name, PyObject *value)
{
    const Word *words = find(vm_runtime.stores, X_STORE_ATTR, specialise_store_attr, owner, name);
    PyObject **place = NULL;
    if (words && words[0].op == X_STORE_ATTR_SLOT) place = (PyObject **)((char *)owner + words[1].high);
    else if (words && words[0].op == X_STORE_ATTR_INSTANCE) {
        PyDictValues *values = *instance_values_slot(owner);
        uint32_t index = words[1].high;
        if (values && index < dict_values_capacity(values)) {
            place = &values->values[index];
            if (!*place) dict_values_note_insertion(values, index);
        }
    }
    if (!place) return PyObject_SetAttr(owner, name, value);
    PyObject *old = *place;
    *place = Py_NewRef(value);
    Py_XDECREF(old);
    return 0;
}
