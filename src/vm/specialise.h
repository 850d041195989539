/* Self-specialising instructions: a generic instruction that has run a few times looks at what it met, fills its caches and
 * changes its opcode; a specialised one that meets something else changes back. All forms of an instruction have the same
 * length and operands.
 *
 *   instruction             word 1 low          word 1 high         word 2
 *   generic                 0                   times run           -
 *   LOAD_GLOBAL_MODULE      globals' version    offset of value     -
 *   LOAD_GLOBAL_BUILTIN     globals' version    offset of value     builtins' version (low)
 *                           (in …_MODULE, with another version the entry may still be the name's: dict_has_at())
 *   LOAD_NAME_…             as LOAD_GLOBAL_…, and the frame's locals are its globals
 *   STORE_…_MODULE          globals' version    entry               -
 *   LOAD_ATTR_INSTANCE      type's version      index of value      -
 *   LOAD_ATTR_SLOT          type's version      offset              -
 *   LOAD_ATTR_CLASS         type's version      -                   -
 *   LOAD_ATTR_PROPERTY      type's version      -                   the property, borrowed
 *   LOAD_ATTR_MODULE        keys' version       entry               -
 *   LOAD_ATTR_TYPE          its version         metaclass's version the value, borrowed
 *   LOAD_ATTR_SHARED        type's version      shared keys' version, or 0 without an instance dict    the value, borrowed
 *   LOAD_ATTR_DESCRIPTOR    as LOAD_ATTR_SHARED, the descriptor for the value
 *   LOAD_ATTR_DICT          type's version      dict's offset       the class's value, borrowed, or NULL
 *   LOAD_METHOD_TYPE        as LOAD_ATTR_SHARED
 *   LOAD_METHOD_LAZY        type's version      dict's offset       the value, borrowed
 *   LOAD_METHOD_DICT        type's version      dict's keys' version    the value, borrowed
 *   LOAD_METHOD_MODULE      as LOAD_ATTR_MODULE
 *   LOAD_METHOD_CLASS, …_STATIC, …_CLASSMETHOD  as LOAD_ATTR_TYPE
 *   TRY_SUPER_METHOD        type's version      -                   the method, borrowed; word 3: the class in __class__, borrowed
 *   STORE_ATTR_INSTANCE     type's version      index of value      -
 *   STORE_ATTR_SLOT         type's version      offset              -
 *   …_ATTR_MANY, LOAD_METHOD_MANY   times run   -                   -
 *   CALL_PYTHON, CALL_METHOD_PYTHON  keyword names: none -          the callee's linkage (frame.h)
 *   CALL_CLASS              keyword names       type's version      __init__, borrowed
 *   CALL_C_TUPLE            keyword names       -                   -
 *   CALL_C_VECTOR, CALL_METHOD_C_TUPLE  keyword names: none  -      -
 *   CALL_LEN … _GET         keyword names: none -                   the callable, in vm_runtime.known
 *
 * A version is that of PyTypeObject.tp_version_tag or dict_keys_version(): equal versions prove that a lookup would give the same
 * again, which also keeps borrowed values alive.
 */
#ifndef KRAIT_VM_SPECIALISE_H
#define KRAIT_VM_SPECIALISE_H

#include "objects/dict/dict.h"
#include "objects/type/instance.h"
#include "objects/type/type.h"
#include "vm/frame.h"
#include "vm/vm.h"

/* Notes the first run of an instruction, apart from the code; false if it, or one that shares its bit, has run before. Much code
 * of modules and classes runs once only: where it lies in the program's file, its pages stay the file's. */
static inline bool specialise_note_first_run(const Word *ip)
{
    size_t place = (uintptr_t)ip / sizeof(Word) % (8 * sizeof vm_runtime.have_run);
    uint64_t *word = &vm_runtime.have_run[place / 64], bit = (uint64_t)1 << place % 64;
    if (*word & bit) return false;
    *word |= bit;
    return true;
}

/* Counts a run of a generic instruction; true when it should try to specialise. The same body serves specialised instructions
 * that could not help this once, and the instruction may have specialised itself in a nested run: then the word is no count. */
static inline bool specialise_is_due(const Word *ip, int generic)
{
    if (exec_opcode(ip) != generic) return false;
    Word *cache = (Word *)&ip[1];
    if (cache->high == 0 && !vm_runtime.always_specialise && specialise_note_first_run(ip)) return false;
    uint32_t runs = cache->high = cache->high ? cache->high + 1 : 2;
    return runs == 2 || runs == 64 || runs == 4096 || vm_runtime.always_specialise;
}

/* Back to the generic form. */
static inline void specialise_undo(Frame *Py_UNUSED(frame), const Word *ip, int generic)
{
    Word *w = (Word *)ip;
    if (vm_runtime.counts) vm_runtime.counts->misses[exec_opcode(ip)]++;
    exec_become(ip, (enum exec_op)generic);
    w[1].low = 0;
    w[1].high = 3;
}

/* The place of an object's dict; it may be empty. The offset, of 32 bits, is signed. */
static inline PyObject **lazy_dict_slot(PyObject *owner, uint32_t offset)
{
    return (PyObject **)((char *)owner + (int32_t)offset);
}

/* Borrowed: the value of LOAD_ATTR_DICT, or NULL where only a full lookup can tell. */
static inline PyObject *attribute_of_dict(PyObject *owner, PyObject *name, const Word *words)
{
    PyDictObject *dict = (PyDictObject *)*lazy_dict_slot(owner, words[1].high);
    if (!dict) return instance_is_managed(owner) ? NULL : words[2].pointer;
    if (!dict_keys_is_unicode(dict->ma_keys)) return NULL;
    PyObject *o = dict_lookup_unicode(dict, name, dict_unicode_hash(name));
    return o ? o : words[2].pointer;
}

/* New reference to the value of LOAD_ATTR_DESCRIPTOR; NULL with an exception. The owner does not shadow it. */
static inline PyObject *attribute_of_descriptor(PyObject *owner, PyObject *name, const Word *words)
{
    PyObject *descriptor = Py_NewRef((PyObject *)words[2].pointer);
    PyObject *o = Py_TYPE(descriptor)->tp_descr_get(descriptor, owner, (PyObject *)Py_TYPE(owner));
    if (!o) attribute_error_note(owner, name);
    Py_DECREF(descriptor);
    return o;
}

/* Whether the C object's dict is the one whose keys have the version. */
static inline bool has_known_dict(PyObject *owner, uint32_t version)
{
    PyObject *dict = *lazy_dict_slot(owner, (uint32_t)Py_TYPE(owner)->tp_dictoffset);
    return dict && ((PyDictObject *)dict)->ma_keys->dk_version == version;
}

/* For LOAD_NAME and STORE_NAME too, where locals and globals are the same dict. */
void specialise_load_global(Frame *frame, const Word *ip, enum exec_op generic, PyObject *name);
void specialise_store_global(Frame *frame, const Word *ip, enum exec_op generic, PyObject *name);
void specialise_load_attr(const Word *ip, PyObject *owner, PyObject *name);
void specialise_load_method(const Word *ip, PyObject *owner, PyObject *name);
/* Whether super().name is a method as usual; if so it is in the caches. */
bool specialise_super_method(const Word *ip, PyObject *owner, PyObject *class, PyObject *name);
void specialise_store_attr(const Word *ip, PyObject *owner, PyObject *name);
/* For a call with `count` arguments in all. */
void specialise_call_python(const Word *ip, PyFunctionObject *func, enum exec_op op, int count);
void specialise_call(const Word *ip, PyObject *callable);
void specialise_call_method(const Word *ip, PyObject *callable, bool bound);

#endif
