#include "vm/specialise.h"

#include <structmember.h>

#include "objects/dict/dict.h"
#include "objects/names.h"
#include "objects/type/instance.h"
#include "objects/type/super.h"
#include "objects/type/type.h"
#include "vm/call.h"

static void become(const Word *ip, enum exec_op op, uint32_t low, uint32_t high, void *pointer)
{
    Word *w = (Word *)ip;
    exec_become(ip, op);
    w[1].low = low;
    w[1].high = high;
    w[2].pointer = pointer;
}

/* The version of a namespace's keys; 0 if there is none to be had. */
static uint32_t keys_version(PyObject *dict)
{
    return PyDict_CheckExact(dict) ? dict_keys_version(((PyDictObject *)dict)->ma_keys) : 0;
}

/* Where in its keys table a value stands, in bytes; 0 if that is nowhere, or too far. */
static uint32_t value_offset(const PyDictObject *dict, Py_ssize_t index)
{
    if (index < 0) return 0;
    size_t offset = dict_value_offset(dict->ma_keys, index);
    return offset <= UINT32_MAX ? (uint32_t)offset : 0;
}

void specialise_load_global(Frame *frame, const Word *ip, enum exec_op generic, PyObject *name)
{
    const enum exec_op in_module = generic == X_LOAD_NAME ? X_LOAD_NAME_MODULE : X_LOAD_GLOBAL_MODULE;
    const enum exec_op in_builtins = generic == X_LOAD_NAME ? X_LOAD_NAME_BUILTIN : X_LOAD_GLOBAL_BUILTIN;
    if (vm_runtime.never_specialise) return;
    Py_hash_t hash = dict_unicode_hash(name);
    PyDictObject *globals = (PyDictObject *)frame_globals(frame);
    uint32_t version = keys_version(frame_globals(frame));
    if (!version || globals->ma_values || globals->ma_keys->dk_kind != KEYS_UNICODE) return;
    uint32_t offset = value_offset(globals, dict_get_index(globals, name, hash));
    if (offset) {
        become(ip, in_module, version, offset, NULL);
        return;
    }
    PyDictObject *builtins = (PyDictObject *)frame_builtins(frame);
    uint32_t builtins_version = keys_version(frame_builtins(frame));
    if (!builtins_version || builtins->ma_keys->dk_kind != KEYS_UNICODE) return;
    offset = value_offset(builtins, dict_get_index(builtins, name, hash));
    if (!offset) return;
    become(ip, in_builtins, version, offset, NULL);
    ((Word *)ip)[2].low = builtins_version;
}

void specialise_store_global(Frame *frame, const Word *ip, enum exec_op generic, PyObject *name)
{
    if (vm_runtime.never_specialise) return;
    PyDictObject *globals = (PyDictObject *)frame_globals(frame);
    uint32_t version = keys_version(frame_globals(frame));
    if (!version || globals->ma_values || globals->ma_keys->dk_kind != KEYS_UNICODE) return;
    Py_ssize_t index = dict_get_index(globals, name, dict_unicode_hash(name));
    if (index < 0 || index > INT32_MAX) return;
    become(ip, generic == X_STORE_NAME ? X_STORE_NAME_MODULE : X_STORE_GLOBAL_MODULE, version, (uint32_t)index, NULL);
}

/* ---- Attributes -------------------------------------------------------------------------------------------------- */

static uint32_t type_version(PyTypeObject *type) { return type_assign_version(type) ? type->tp_version_tag : 0; }

static bool is_data_descriptor(PyObject *o) { return Py_TYPE(o)->tp_descr_set != NULL; }

/* The offset of a __slots__ member of plain object kind, or 0. */
static Py_ssize_t slot_offset(PyObject *descriptor, PyTypeObject *type, bool writing)
{
    if (!Py_IS_TYPE(descriptor, &PyMemberDescr_Type)) return 0;
    const PyMemberDescrObject *member = (PyMemberDescrObject *)descriptor;
    if (member->d_member->type != T_OBJECT_EX || !PyType_IsSubtype(type, member->d_common.d_type)) return 0;
    if (member->d_member->flags & (PY_AUDIT_READ | (writing ? READONLY : 0))) return 0;
    return member->d_member->offset;
}

/* Index of a name among the shared keys of a managed instance that keeps its values inline, or -1. */
static Py_ssize_t value_index(PyObject *owner, PyObject *name)
{
    PyDictKeysObject *keys = instance_is_managed(owner) ? instance_keys(owner) : NULL;
    return keys ? dict_keys_lookup(keys, name, dict_unicode_hash(name)) : -1;
}

/* Whether an instance of the type can shadow what its class has, and if so how to be sure that it does not: by the version of
 * its shared keys. False where neither is known. */
static bool shadow_guard(PyObject *owner, PyObject *name, uint32_t *guard)
{
    PyTypeObject *type = Py_TYPE(owner);
    *guard = 0;
    if (type->tp_dictoffset == 0 && !instance_is_managed(owner)) return true;
    if (!instance_is_managed(owner) || *instance_dict_slot(owner) || value_index(owner, name) >= 0 || !instance_keys(owner)) return false;
    *guard = dict_keys_version(instance_keys(owner));
    return *guard != 0;
}

static void specialise_module(const Word *ip, enum exec_op op, PyObject *module, PyObject *name)
{
    PyDictObject *dict = (PyDictObject *)PyModule_GetDict(module);
    uint32_t version = keys_version((PyObject *)dict);
    if (!version || dict->ma_values || dict->ma_keys->dk_kind != KEYS_UNICODE) return;
    Py_ssize_t index = dict_get_index(dict, name, dict_unicode_hash(name));
    if (index >= 0 && index <= INT32_MAX) become(ip, op, version, (uint32_t)index, NULL);
}

/* What a class or its bases have, unless the metaclass has something of the name, too. */
static void specialise_type_attribute(const Word *ip, enum exec_op op, PyTypeObject *type, PyObject *name)
{
    PyTypeObject *metaclass = Py_TYPE(type);
    uint32_t version = type_version(type), metaclass_version = type_version(metaclass);
    if (!version || !metaclass_version || _PyType_Lookup(metaclass, name)) return;
    PyObject *value = _PyType_Lookup(type, name);
    if (value && op == X_LOAD_METHOD_CLASS && Py_IS_TYPE(value, &PyStaticMethod_Type)) op = X_LOAD_METHOD_STATIC;
    else if (value && op == X_LOAD_METHOD_CLASS && Py_IS_TYPE(value, &PyClassMethod_Type)) op = X_LOAD_METHOD_CLASSMETHOD;
    else if (!value || (Py_TYPE(value)->tp_descr_get && !PyFunction_Check(value)) || !type_lookup_is_lasting(type, name)) return;
    become(ip, op, version, metaclass_version, value);
}

/* Whether the type finds attributes as object does (type, for those of classes), but for a __getattr__ that is asked for those that
 * are not there. */
static bool finds_as_usual(PyTypeObject *type, bool of_classes)
{
    getattrofunc usual = of_classes ? PyType_Type.tp_getattro : PyObject_GenericGetAttr;
    if (type->tp_getattro != slot_tp_getattr_hook) return type->tp_getattro == usual;
    PyObject *found = _PyType_Lookup(type, NAME(__getattribute__));
    return found && Py_IS_TYPE(found, &PyWrapperDescr_Type)
           && ((PyWrapperDescrObject *)found)->d_wrapped == (void *)(uintptr_t)usual;
}

/* By a descriptor that overrides what the instance has. */
static void specialise_data_descriptor(const Word *ip, PyTypeObject *type, PyObject *name, PyObject *found, uint32_t version)
{
    Py_ssize_t offset = slot_offset(found, type, false);
    if (offset > 0) {
        become(ip, X_LOAD_ATTR_SLOT, version, (uint32_t)offset, NULL);
        return;
    }
    if (type->tp_getattro == slot_tp_getattr_hook) return;      /* an AttributeError of the descriptor calls __getattr__ */
    if (Py_IS_TYPE(found, &PyGetSetDescr_Type) && ((PyDescrObject *)found)->d_type == &PyBaseObject_Type && name == NAME(__class__)) {
        become(ip, X_LOAD_ATTR_CLASS, version, 0, NULL);
        return;
    }
    PyObject *getter = Py_IS_TYPE(found, &PyProperty_Type) ? property_getter_borrow(found) : NULL;
    if (getter && call_is_python(getter)) become(ip, X_LOAD_ATTR_PROPERTY, version, 0, found);
    else if (Py_TYPE(found)->tp_descr_get) become(ip, X_LOAD_ATTR_DESCRIPTOR, version, 0, found);
}

/* In a dict that objects of the type have for themselves, or else as a plain value on the class. */
static void specialise_own_dict(const Word *ip, PyObject *owner, PyObject *found, uint32_t version)
{
    PyTypeObject *type = Py_TYPE(owner);
    bool managed = instance_is_managed(owner);
    ptrdiff_t offset = managed ? (char *)instance_dict_slot(owner) - (char *)owner : type->tp_dictoffset;
    if (offset == 0 || offset != (int32_t)offset || (!managed && offset < 0) || (managed && !*instance_dict_slot(owner))) return;
    become(ip, X_LOAD_ATTR_DICT, version, (uint32_t)(int32_t)offset, found);
}

void specialise_load_attr(const Word *ip, PyObject *owner, PyObject *name)
{
    PyTypeObject *type = Py_TYPE(owner);
    if (vm_runtime.never_specialise) return;
    if (PyModule_CheckExact(owner)) {
        specialise_module(ip, X_LOAD_ATTR_MODULE, owner, name);
        return;
    }
    bool class = PyType_Check(owner);
    if (!finds_as_usual(type, class)) return;
    uint32_t version = type_version(type), guard;
    if (!version) return;
    PyObject *found = _PyType_Lookup(type, name);
    if (found && is_data_descriptor(found)) {
        specialise_data_descriptor(ip, type, name, found, version);
        return;
    }
    if (class) {
        specialise_type_attribute(ip, X_LOAD_ATTR_TYPE, (PyTypeObject *)owner, name);
        return;
    }
    bool plain = !found || (!Py_TYPE(found)->tp_descr_get && type_lookup_is_lasting(type, name));
    Py_ssize_t index = value_index(owner, name);
    if (index >= 0 && !*instance_dict_slot(owner)) become(ip, X_LOAD_ATTR_INSTANCE, version, (uint32_t)index, NULL);
    else if (found && shadow_guard(owner, name, &guard)) {
        if (plain) become(ip, X_LOAD_ATTR_SHARED, version, guard, found);
        else if (Py_TYPE(found)->tp_descr_get) become(ip, X_LOAD_ATTR_DESCRIPTOR, version, guard, found);
    }
    else if (plain) specialise_own_dict(ip, owner, found, version);
}

void specialise_load_method(const Word *ip, PyObject *owner, PyObject *name)
{
    PyTypeObject *type = Py_TYPE(owner);
    uint32_t version, guard;
    if (vm_runtime.never_specialise) return;
    if (PyModule_CheckExact(owner)) {
        specialise_module(ip, X_LOAD_METHOD_MODULE, owner, name);
        return;
    }
    if (!finds_as_usual(type, PyType_Check(owner))) return;
    if (PyType_Check(owner)) {
        specialise_type_attribute(ip, X_LOAD_METHOD_CLASS, (PyTypeObject *)owner, name);
        return;
    }
    if (!(version = type_version(type))) return;
    PyObject *found = _PyType_Lookup(type, name);
    if (!found || !PyType_HasFeature(Py_TYPE(found), Py_TPFLAGS_METHOD_DESCRIPTOR)) return;
    if (shadow_guard(owner, name, &guard)) become(ip, X_LOAD_METHOD_TYPE, version, guard, found);
    else if (!instance_is_managed(owner) && type->tp_dictoffset > 0) {
        PyDictObject *dict = (PyDictObject *)*lazy_dict_slot(owner, (uint32_t)type->tp_dictoffset);
        if (!dict) become(ip, X_LOAD_METHOD_LAZY, version, (uint32_t)type->tp_dictoffset, found);
        else if (PyDict_CheckExact(dict) && !dict->ma_values && dict->ma_keys->dk_kind == KEYS_UNICODE
                 && dict_get_index(dict, name, dict_unicode_hash(name)) == DKIX_EMPTY && (guard = keys_version((PyObject *)dict))) {
            become(ip, X_LOAD_METHOD_DICT, version, guard, found);
        }
    }
}

bool specialise_super_method(const Word *ip, PyObject *owner, PyObject *class, PyObject *name)
{
    PyTypeObject *type = Py_TYPE(owner);
    uint32_t version;
    if (vm_runtime.never_specialise || PyType_Check(owner) || !PyType_Check(class) || !PyType_IsSubtype(type, (PyTypeObject *)class)
        || _PyUnicode_EQ(name, NAME(__class__)) || !(version = type_version(type))) {
        return false;
    }
    PyObject *found = super_lookup((PyTypeObject *)class, type, name);
    PyErr_Clear();
    bool method = found && PyType_HasFeature(Py_TYPE(found), Py_TPFLAGS_METHOD_DESCRIPTOR) && type->tp_version_tag == version;
    if (method) {
        Word *w = (Word *)ip;
        w[1].low = version;
        w[2].pointer = found;
        w[3].pointer = class;
    }
    Py_XDECREF(found);
    return method;
}

void specialise_store_attr(const Word *ip, PyObject *owner, PyObject *name)
{
    PyTypeObject *type = Py_TYPE(owner);
    uint32_t version;
    if (vm_runtime.never_specialise || type->tp_setattro != PyObject_GenericSetAttr || !(version = type_version(type))) return;
    PyObject *found = _PyType_Lookup(type, name);
    if (found && is_data_descriptor(found)) {
        Py_ssize_t offset = slot_offset(found, type, true);
        if (offset > 0) become(ip, X_STORE_ATTR_SLOT, version, (uint32_t)offset, NULL);
        return;
    }
    Py_ssize_t index = value_index(owner, name);
    if (index >= 0) become(ip, X_STORE_ATTR_INSTANCE, version, (uint32_t)index, NULL);
}

static void specialise_call_class(const Word *ip, PyTypeObject *type)
{
    if (vm_runtime.never_specialise || Py_TYPE(type) != &PyType_Type || type->tp_new != PyBaseObject_Type.tp_new
        || type->tp_alloc != PyType_GenericAlloc || type->tp_flags & Py_TPFLAGS_IS_ABSTRACT || type->tp_itemsize) {
        return;
    }
    uint32_t version = type_version(type);
    PyObject *init = version ? _PyType_Lookup(type, NAME(__init__)) : NULL;
    if (!init || !Py_IS_TYPE(init, &PyFunction_Type)) return;
    Word *w = (Word *)ip;
    exec_become(ip, X_CALL_CLASS);
    w[1].high = version;
    w[2].pointer = init;
}

void specialise_call_python(const Word *ip, PyFunctionObject *func, enum exec_op op, int count)
{
    const ExecCode *exec = code_exec((PyCodeObject *)func->func_code);
    if (vm_runtime.never_specialise || ip[1].op) return;
    if (!exec || !call_defaults_fit(func, exec, count)) return;
    unsigned words = (unsigned)exec_call_words(ip->c);
    ((Word *)ip)[2].word = frame_linkage(RETURN_TO_REGISTER, ip->a, words);
    exec_become(ip, op);
}

/* ---- C functions ------------------------------------------------------------------------------------------------- */

/* The instruction that serves a C function called with the operands of `ip`, 0 if none does. */
static enum exec_op c_call_for(const Word *ip, const PyMethodDef *def, bool method)
{
    if (ip[1].op) return 0;
    switch (def->ml_flags & CALL_KIND) {
    case METH_O: return ip->c != 1 ? 0 : method ? X_CALL_METHOD_C_ONE : X_CALL_C_ONE;
    case METH_NOARGS: return ip->c != 0 ? 0 : method ? X_CALL_METHOD_C_NONE : X_CALL_C_NONE;
    case METH_FASTCALL: case METH_FASTCALL | METH_KEYWORDS:
        return ip->c > CALL_FEW ? 0 : method ? X_CALL_METHOD_C : X_CALL_C;
    case METH_VARARGS: case METH_VARARGS | METH_KEYWORDS: return method ? X_CALL_METHOD_C_TUPLE : 0;
    default: return 0;
    }
}

/* The callable becomes the one of its kind that instructions are made for, or is already. They hold its address, which for that
 * must not be given to another object: it is kept for good. */
static bool is_known(enum VmKnown kind, PyObject *callable)
{
    if (!vm_runtime.known[kind]) vm_runtime.known[kind] = Py_NewRef(callable);
    return vm_runtime.known[kind] == callable;
}

static bool is_builtin(PyCFunctionObject *function, const char *name)
{
    PyObject *module = function->m_module;
    return module && PyUnicode_CheckExact(module) && _PyUnicode_EQ(module, NAME(builtins)) && !strcmp(function->m_ml->ml_name, name);
}

static void specialise_call_c(const Word *ip, PyCFunctionObject *function)
{
    enum exec_op op = c_call_for(ip, function->m_ml, false);
    if (!op || vm_runtime.never_specialise) return;
    if (ip->c == 1 && is_builtin(function, "len") && is_known(KNOWN_LEN, (PyObject *)function)) op = X_CALL_LEN;
    if (ip->c == 2 && is_builtin(function, "isinstance") && is_known(KNOWN_ISINSTANCE, (PyObject *)function)) op = X_CALL_ISINSTANCE;
    exec_become(ip, op);
    ((Word *)ip)[2].pointer = function;
}

void specialise_call(const Word *ip, PyObject *callable)
{
    if (Py_IS_TYPE(callable, &PyCFunction_Type)) specialise_call_c(ip, (PyCFunctionObject *)callable);
    else if (PyType_Check(callable)) {
        bool direct = Py_IS_TYPE(callable, &PyType_Type) && ((PyTypeObject *)callable)->tp_vectorcall && !ip[1].op;
        specialise_call_class(ip, (PyTypeObject *)callable);
        if (exec_opcode(ip) == X_CALL && direct && !call_takes_tuple(callable) && ip->c <= CALL_FEW && !vm_runtime.never_specialise) exec_become(ip, X_CALL_C_CLASS);
    }
    if (exec_opcode(ip) != X_CALL || vm_runtime.never_specialise) return;
    if (call_takes_tuple(callable)) exec_become(ip, X_CALL_C_TUPLE);
    else if (!ip[1].op && ip->c <= CALL_FEW && call_vector_of_other(callable)) exec_become(ip, X_CALL_C_VECTOR);
}

void specialise_call_method(const Word *ip, PyObject *callable, bool bound)
{
    if (vm_runtime.never_specialise) return;
    enum exec_op op = 0;
    if (Py_IS_TYPE(callable, &PyCFunction_Type)) {
        op = c_call_for(ip, ((PyCFunctionObject *)callable)->m_ml, true);
        if (!bound) op = op == X_CALL_METHOD_C ? X_CALL_METHOD_C_EXIT : 0;
    }
    else if (!bound && Py_IS_TYPE(callable, &PyMethodDescr_Type)) {
        const PyMethodDescrObject *descr = (PyMethodDescrObject *)callable;
        op = c_call_for(ip, descr->d_method, true);
        bool append = descr->d_common.d_type == &PyList_Type && !strcmp(descr->d_method->ml_name, "append");
        bool get = descr->d_common.d_type == &PyDict_Type && !strcmp(descr->d_method->ml_name, "get");
        if (op && get && (ip->c == 1 || ip->c == 2) && is_known(KNOWN_DICT_GET, callable)) op = X_CALL_METHOD_GET;
        if (op && append && is_known(KNOWN_LIST_APPEND, callable)) op = X_CALL_METHOD_APPEND;
    }
    if (!op) return;
    exec_become(ip, op);
    ((Word *)ip)[2].pointer = callable;
}
