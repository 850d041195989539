/* type.__new__: from a name, bases and a namespace to a class. */
#include "objects/type/super.h"

#include <structmember.h>

#include "objects/dict/dict.h"
#include "objects/names.h"
#include "objects/type/type.h"

/* A class under construction. */
typedef struct {
    PyTypeObject *metatype;
    PyTypeObject *base; /* borrowed: gives the layout */
    PyObject *name;     /* borrowed str */
    PyObject *bases;    /* owned tuple */
    PyObject *dict;     /* owned: copy of the namespace; the type's own later */
    PyObject *slots; /* owned tuple of mangled names, sorted, without __dict__ and __weakref__; NULL
                        without __slots__ */
    bool may_add_dict, may_add_weakref, add_dict, add_weakref;
} ClassDraft;

/* -- Metaclass and bases ---------------------------------------------------------------------- */

/* Borrowed: the most derived of `metatype` and the types of the bases; NULL with TypeError. */
PyTypeObject *_PyType_CalculateMetaclass(PyTypeObject *metatype, PyObject *bases)
{
    PyTypeObject *winner = metatype;
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(bases); i++) {
        PyTypeObject *candidate = Py_TYPE(PyTuple_GET_ITEM(bases, i));
        if (PyType_IsSubtype(winner, candidate)) continue;
        if (PyType_IsSubtype(candidate, winner)) {
            winner = candidate;
            continue;
        }
        PyErr_SetString(
            PyExc_TypeError,
            "metaclass conflict: the metaclass of a derived class must be a (non-strict) subclass of the "
            "metaclasses of all its bases");
        return NULL;
    }
    return winner;
}

/* Bases that are no types would have been replaced by a class statement. */
static int refuse_mro_entries(PyObject *bases)
{
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(bases); i++) {
        PyObject *base = PyTuple_GET_ITEM(bases, i), *entries;
        if (PyType_Check(base)) continue;
        if (_PyObject_LookupAttr(base, NAME(__mro_entries__), &entries) < 0) return -1;
        if (entries) {
            PyErr_SetString(PyExc_TypeError,
                            "type() doesn't support MRO entry resolution; use types.new_class()");
            Py_DECREF(entries);
            return -1;
        }
    }
    return 0;
}

/* -- __slots__ -------------------------------------------------------------------------------- */

static int check_slot_name(PyObject *name)
{
    if (!PyUnicode_Check(name)) {
        PyErr_Format(PyExc_TypeError, "__slots__ items must be strings, not '%.200s'",
                     Py_TYPE(name)->tp_name);
        return -1;
    }
    int valid = PyUnicode_IsIdentifier(name);
    if (valid == 0) PyErr_SetString(PyExc_TypeError, "__slots__ must be identifiers");
    return valid > 0 ? 0 : -1;
}

static bool is_dict_name(PyObject *name)
{
    return _PyUnicode_Equal(name, NAME(__dict__));
}

static bool is_weakref_name(PyObject *name)
{
    return _PyUnicode_Equal(name, NAME(__weakref__));
}

static int examine_slot_names(ClassDraft *draft, PyObject *names)
{
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(names); i++) {
        PyObject *name = PyTuple_GET_ITEM(names, i);
        if (check_slot_name(name) < 0) return -1;
        if (is_dict_name(name)) {
            if (!draft->may_add_dict || draft->add_dict) {
                PyErr_SetString(PyExc_TypeError, "__dict__ slot disallowed: we already got one");
                return -1;
            }
            draft->add_dict = true;
        } else if (is_weakref_name(name)) {
            if (!draft->may_add_weakref || draft->add_weakref) {
                PyErr_SetString(
                    PyExc_TypeError,
                    "__weakref__ slot disallowed: either we already got one, or __itemsize__ != 0");
                return -1;
            }
            draft->add_weakref = true;
        }
    }
    return 0;
}

/* New reference: `name` as a class of that name mangles it: __x becomes _Class__x
 * (reference/expressions, "Identifiers"). */
static PyObject *mangle(PyObject *class_name, PyObject *name)
{
    Py_ssize_t n = PyUnicode_GET_LENGTH(name), class_length = PyUnicode_GET_LENGTH(class_name),
               start = 0;
    bool is_private =
        n > 2 && PyUnicode_READ_CHAR(name, 0) == '_' && PyUnicode_READ_CHAR(name, 1) == '_'
        && !(PyUnicode_READ_CHAR(name, n - 1) == '_' && PyUnicode_READ_CHAR(name, n - 2) == '_');
    while (start < class_length && PyUnicode_READ_CHAR(class_name, start) == '_') start++;
    if (!is_private || start == class_length) return Py_NewRef(name);
    PyObject *stripped = PyUnicode_Substring(class_name, start, class_length);
    if (!stripped) return NULL;
    PyObject *mangled = PyUnicode_FromFormat("_%U%U", stripped, name);
    Py_DECREF(stripped);
    return mangled;
}

/* New sorted tuple of the names that become fields. */
static PyObject *mangled_slot_names(ClassDraft *draft, PyObject *names)
{
    PyObject *list = PyList_New(0);
    if (!list) return NULL;
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(names); i++) {
        PyObject *slot = PyTuple_GET_ITEM(names, i);
        if (is_dict_name(slot) || is_weakref_name(slot)) continue;
        PyObject *mangled = mangle(draft->name, slot);
        if (!mangled || PyList_Append(list, mangled) < 0) {
            Py_XDECREF(mangled);
            goto error;
        }
        int present = PyDict_Contains(draft->dict, mangled);
        /* The compiler puts these two into the namespace; they do not stay there. */
        if (present > 0 && !_PyUnicode_Equal(mangled, NAME(__qualname__))
            && !_PyUnicode_Equal(mangled, NAME(__classcell__))) {
            PyErr_Format(PyExc_ValueError, "%R in __slots__ conflicts with class variable",
                         mangled);
            present = -1;
        }
        Py_DECREF(mangled);
        if (present < 0) goto error;
    }
    if (PyList_Sort(list) < 0) goto error;
    PyObject *tuple = PyList_AsTuple(list);
    Py_DECREF(list);
    return tuple;
error:
    Py_DECREF(list);
    return NULL;
}

/* Bases other than the one that gives the layout may bring a dict or weak references. */
static void consider_other_bases(ClassDraft *draft)
{
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(draft->bases); i++) {
        PyTypeObject *base = (PyTypeObject *)PyTuple_GET_ITEM(draft->bases, i);
        if (base == draft->base) continue;
        if (draft->may_add_dict && base->tp_dictoffset) draft->add_dict = true;
        if (draft->may_add_weakref && base->tp_weaklistoffset) draft->add_weakref = true;
    }
}

static int plan_slots(ClassDraft *draft)
{
    draft->may_add_dict = draft->base->tp_dictoffset == 0;
    draft->may_add_weakref = draft->base->tp_weaklistoffset == 0 && draft->base->tp_itemsize == 0;
    PyObject *declared = PyDict_GetItemWithError(draft->dict, NAME(__slots__));
    if (!declared) {
        if (PyErr_Occurred()) return -1;
        draft->add_dict = draft->may_add_dict;
        draft->add_weakref = draft->may_add_weakref;
        return 0;
    }
    PyObject *names =
        PyUnicode_Check(declared) ? PyTuple_Pack(1, declared) : PySequence_Tuple(declared);
    if (!names) return -1;
    if (PyTuple_GET_SIZE(names) > 0 && draft->base->tp_itemsize) {
        PyErr_Format(PyExc_TypeError, "nonempty __slots__ not supported for subtype of '%s'",
                     draft->base->tp_name);
    } else if (examine_slot_names(draft, names) == 0) {
        draft->slots = mangled_slot_names(draft, names);
    }
    Py_DECREF(names);
    if (!draft->slots) return -1;
    consider_other_bases(draft);
    return 0;
}

/* -- The type object -------------------------------------------------------------------------- */

/* Places the fields behind those of the base. */
static int lay_out(PyHeapTypeObject *heap, ClassDraft *draft)
{
    PyTypeObject *type = &heap->ht_type, *base = draft->base;
    Py_ssize_t offset = base->tp_basicsize;
    if (draft->slots) {
        PyMemberDef *member = type_slot_members(heap);
        for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(draft->slots); i++, member++) {
            member->name = PyUnicode_AsUTF8(PyTuple_GET_ITEM(draft->slots, i));
            if (!member->name) return -1;
            member->type = T_OBJECT_EX;
            member->offset = offset;
            offset += sizeof(PyObject *);
        }
    }
    if (draft->add_dict && base->tp_itemsize) {
        type->tp_dictoffset = -(Py_ssize_t)sizeof(PyObject *);
        offset += sizeof(PyObject *);
    }
    if (draft->add_weakref) {
        type->tp_weaklistoffset = offset;
        offset += sizeof(PyObject *);
    }
    if (draft->add_dict && !base->tp_itemsize) {
        /* In front of the object: counted from its end, as those who compute the place of a dict do
         * it. */
        type->tp_flags |= Py_TPFLAGS_MANAGED_DICT;
        type->tp_dictoffset = -offset - 3 * (Py_ssize_t)sizeof(PyObject *);
    }
    type->tp_basicsize = offset;
    type->tp_itemsize = base->tp_itemsize;
    type->tp_members = type_slot_members(heap);
    if (draft->add_weakref && draft->add_dict) type->tp_getset = subtype_getsets_full;
    else if (draft->add_dict) type->tp_getset = subtype_getsets_dict_only;
    else if (draft->add_weakref) type->tp_getset = subtype_getsets_weakref_only;
    return 0;
}

static PyTypeObject *allocate(ClassDraft *draft)
{
    Py_ssize_t nslots = draft->slots ? PyTuple_GET_SIZE(draft->slots) : 0;
    PyHeapTypeObject *heap = (PyHeapTypeObject *)draft->metatype->tp_alloc(draft->metatype, nslots);
    if (!heap) return NULL;
    PyTypeObject *type = &heap->ht_type;
    type->tp_flags =
        Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HEAPTYPE | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC;
    type->tp_as_async = &heap->as_async;
    type->tp_as_sequence = &heap->as_sequence;
    type->tp_as_mapping = &heap->as_mapping;
    type->tp_as_number = &heap->as_number;
    type->tp_as_buffer = &heap->as_buffer;
    type->tp_bases = Py_NewRef(draft->bases);
    type->tp_base = (PyTypeObject *)Py_NewRef(draft->base);
    type->tp_dict = Py_NewRef(draft->dict);
    heap->ht_name = Py_NewRef(draft->name);
    heap->ht_slots = Py_XNewRef(draft->slots);
    type->tp_dealloc = subtype_dealloc;
    type->tp_traverse = subtype_traverse;
    type->tp_clear = subtype_clear;
    type->tp_alloc = PyType_GenericAlloc;
    type->tp_free = PyObject_GC_Del;
    type->tp_vectorcall = type_vectorcall_instance;
    return type;
}

static int set_name(PyTypeObject *type, ClassDraft *draft)
{
    Py_ssize_t length;
    type->tp_name = PyUnicode_AsUTF8AndSize(draft->name, &length);
    if (!type->tp_name) return -1;
    if (strlen(type->tp_name) != (size_t)length) {
        PyErr_SetString(PyExc_ValueError, "type name must not contain null characters");
        return -1;
    }
    return 0;
}

/* -- The namespace ---------------------------------------------------------------------------- */

static int take_qualname(PyHeapTypeObject *heap, PyObject *dict)
{
    PyObject *qualname = PyDict_GetItemWithError(dict, NAME(__qualname__));
    if (!qualname) {
        if (PyErr_Occurred()) return -1;
        heap->ht_qualname = Py_NewRef(heap->ht_name);
        return 0;
    }
    if (!PyUnicode_Check(qualname)) {
        PyErr_Format(PyExc_TypeError, "type __qualname__ must be a str, not %s",
                     Py_TYPE(qualname)->tp_name);
        return -1;
    }
    heap->ht_qualname = Py_NewRef(qualname);
    return PyDict_DelItem(dict, NAME(__qualname__));
}

static int set_module(PyObject *dict)
{
    int present = PyDict_Contains(dict, NAME(__module__));
    if (present) return present < 0 ? -1 : 0;
    PyObject *globals =
        type_runtime.current_globals_borrow ? type_runtime.current_globals_borrow() : NULL;
    if (!globals) return 0;
    PyObject *module = PyDict_GetItemWithError(globals, NAME(__name__));
    if (!module) return PyErr_Occurred() ? -1 : 0;
    return PyDict_SetItem(dict, NAME(__module__), module);
}

/* Wraps a plain function under `name`, for the methods that need no decorator. */
static int wrap_function(PyObject *dict, PyObject *name, PyObject *(*wrap)(PyObject *))
{
    PyObject *function = PyDict_GetItemWithError(dict, name);
    if (!function) return PyErr_Occurred() ? -1 : 0;
    if (!PyFunction_Check(function)) return 0;
    PyObject *wrapped = wrap(function);
    if (!wrapped) return -1;
    int status = PyDict_SetItem(dict, name, wrapped);
    Py_DECREF(wrapped);
    return status;
}

static int copy_doc(PyTypeObject *type)
{
    PyObject *doc = PyDict_GetItemWithError(type->tp_dict, NAME(__doc__));
    if (!doc || !PyUnicode_Check(doc)) return !doc && PyErr_Occurred() ? -1 : 0;
    const char *text = PyUnicode_AsUTF8(doc);
    if (!text) return -1;
    size_t size = strlen(text) + 1;
    char *copy = PyObject_Malloc(size);
    if (!copy) {
        PyErr_NoMemory();
        return -1;
    }
    type->tp_doc = memcpy(copy, text, size);
    return 0;
}

/* The cell through which methods know __class__. */
static int fill_class_cell(PyTypeObject *type)
{
    PyObject *cell = PyDict_GetItemWithError(type->tp_dict, NAME(__classcell__));
    if (!cell) return PyErr_Occurred() ? -1 : 0;
    if (!PyCell_Check(cell)) {
        PyErr_Format(PyExc_TypeError, "__classcell__ must be a nonlocal cell, not %.200R",
                     Py_TYPE(cell));
        return -1;
    }
    PyCell_Set(cell, (PyObject *)type);
    return PyDict_DelItem(type->tp_dict, NAME(__classcell__));
}

static int settle_namespace(PyTypeObject *type)
{
    PyObject *dict = type->tp_dict;
    if (take_qualname((PyHeapTypeObject *)type, dict) < 0 || set_module(dict) < 0
        || wrap_function(dict, NAME(__new__), PyStaticMethod_New) < 0
        || wrap_function(dict, NAME(__init_subclass__), PyClassMethod_New) < 0
        || wrap_function(dict, NAME(__class_getitem__), PyClassMethod_New) < 0) {
        return -1;
    }
    return copy_doc(type);
}

/* -- Telling attributes and bases ------------------------------------------------------------- */

static int call_set_name(PyTypeObject *type, PyObject *key, PyObject *value)
{
    PyObject *method = type_lookup_special(value, NAME(__set_name__));
    if (!method) return PyErr_Occurred() ? -1 : 0;
    PyObject *args[] = {(PyObject *)type, key};
    PyObject *result = PyObject_Vectorcall(method, args, 2, NULL);
    Py_DECREF(method);
    if (!result) {
        _PyErr_FormatFromCause(PyExc_RuntimeError,
                               "Error calling __set_name__ on '%.100s' instance %R in '%.100s'",
                               Py_TYPE(value)->tp_name, key, type->tp_name);
        return -1;
    }
    Py_DECREF(result);
    return 0;
}

static int call_set_names(PyTypeObject *type)
{
    /* The methods may change the class while we go through its dict. */
    PyObject *names = PyDict_Copy(type->tp_dict), *key, *value;
    if (!names) return -1;
    Py_ssize_t position = 0;
    int status = 0;
    while (status == 0 && PyDict_Next(names, &position, &key, &value)) {
        status = call_set_name(type, key, value);
    }
    Py_DECREF(names);
    return status;
}

static int call_init_subclass(PyTypeObject *type, PyObject *kwargs)
{
    if (!kwargs || PyDict_GET_SIZE(kwargs) == 0) {
        /* object's own does nothing. */
        PyObject *found = super_lookup(type, type, NAME(__init_subclass__));
        if (!found && PyErr_Occurred()) return -1;
        bool idle =
            found
            && found == type_dict_get(&PyBaseObject_Type, NAME(__init_subclass__));
        Py_XDECREF(found);
        if (idle) return 0;
    }
    PyObject *args[] = {(PyObject *)type, (PyObject *)type};
    PyObject *parent = PyObject_Vectorcall((PyObject *)&PySuper_Type, args, 2, NULL);
    if (!parent) return -1;
    PyObject *method = PyObject_GetAttr(parent, NAME(__init_subclass__));
    Py_DECREF(parent);
    if (!method) return -1;
    PyObject *result = PyObject_VectorcallDict(method, NULL, 0, kwargs);
    Py_DECREF(method);
    if (!result) return -1;
    Py_DECREF(result);
    return 0;
}

/* -- The whole -------------------------------------------------------------------------------- */

static int complete(PyTypeObject *type, ClassDraft *draft, PyObject *kwargs)
{
    if (set_name(type, draft) < 0 || settle_namespace(type) < 0
        || lay_out((PyHeapTypeObject *)type, draft) < 0 || fill_class_cell(type) < 0
        || type_ready_class(type) < 0) {
        return -1;
    }
    if (call_set_names(type) < 0) return -1;
    return call_init_subclass(type, kwargs);
}

static PyObject *build(ClassDraft *draft, PyObject *namespace, PyObject *kwargs)
{
    PyTypeObject *type = NULL;
    draft->dict = PyDict_Copy(namespace);
    if (draft->dict && plan_slots(draft) == 0) type = allocate(draft);
    if (type && complete(type, draft, kwargs) < 0) Py_CLEAR(type);
    Py_CLEAR(draft->dict);
    Py_CLEAR(draft->slots);
    return (PyObject *)type;
}

PyObject *type_new(PyTypeObject *metatype, PyObject *args, PyObject *kwargs)
{
    PyObject *name, *bases, *namespace;
    if (!PyArg_ParseTuple(args, "UO!O!:type.__new__", &name, &PyTuple_Type, &bases, &PyDict_Type,
                          &namespace)) {
        return NULL;
    }
    ClassDraft draft = {.metatype = metatype, .name = name};
    if (PyTuple_GET_SIZE(bases) == 0) {
        draft.base = &PyBaseObject_Type;
        draft.bases = PyTuple_Pack(1, &PyBaseObject_Type);
        if (!draft.bases) return NULL;
    } else {
        if (refuse_mro_entries(bases) < 0) return NULL;
        PyTypeObject *winner = _PyType_CalculateMetaclass(metatype, bases);
        if (!winner) return NULL;
        if (winner != metatype && winner->tp_new != type_new) {
            return winner->tp_new(winner, args, kwargs);
        }
        draft.metatype = winner;
        draft.base = type_best_base(bases);
        if (!draft.base) return NULL;
        draft.bases = Py_NewRef(bases);
    }
    PyObject *type = build(&draft, namespace, kwargs);
    Py_DECREF(draft.bases);
    return type;
}
