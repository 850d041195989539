/* Struct sequences: tuples with named fields, some of which only have a name (os.stat_result).
 *
 * The object is a tuple with room for all fields; its size is that of the visible sequence, and the type's attribute `n_fields` tells how
 * many there are in all. Names are member descriptors; `tp_members` lists them without the unnamed fields.
 */
#include <Python.h>
#include <internal/krait_exports.h>

#include "objects/immortal.h"
#include "objects/names.h"
#include "objects/type/type.h"

#include <stddef.h>
#include <structmember.h>

/* Stands for a field without a name; compared by address. */
const char *const PyStructSequence_UnnamedField = "unnamed field";

/* ---- counts ---- */

static Py_ssize_t type_count(PyTypeObject *type, PyObject *name)
{
    PyObject *value = type_dict_get(type, name);
    return value ? PyLong_AsSsize_t(value) : -1;
}

static Py_ssize_t all_fields(PyObject *op)
{
    return type_count(Py_TYPE(op), NAME(n_fields));
}

/* ---- objects ---- */

PyObject *PyStructSequence_New(PyTypeObject *type)
{
    Py_ssize_t size = type_count(type, NAME(n_fields)), visible = type_count(type, NAME(n_sequence_fields));
    if (size < 0 || visible < 0) return NULL;
    PyTupleObject *op = PyObject_GC_NewVar(PyTupleObject, type, size);
    if (!op) return NULL;
    Py_SET_SIZE(op, visible);
    for (Py_ssize_t i = 0; i < size; i++) op->ob_item[i] = NULL;
    return (PyObject *)op;
}

/* Steals value. */
void PyStructSequence_SetItem(PyObject *op, Py_ssize_t i, PyObject *value)
{
    ((PyTupleObject *)op)->ob_item[i] = value;
}

/* Borrowed reference. */
PyObject *PyStructSequence_GetItem(PyObject *op, Py_ssize_t i)
{
    return ((PyTupleObject *)op)->ob_item[i];
}

static int structseq_traverse(PyObject *op, visitproc visit, void *arg)
{
    if (Py_TYPE(op)->tp_flags & Py_TPFLAGS_HEAPTYPE) Py_VISIT(Py_TYPE(op));
    Py_ssize_t n = all_fields(op);
    for (Py_ssize_t i = 0; i < n; i++) Py_VISIT(((PyTupleObject *)op)->ob_item[i]);
    return 0;
}

static void structseq_dealloc(PyObject *op)
{
    PyTypeObject *type = Py_TYPE(op);
    PyObject_GC_UnTrack(op);
    Py_ssize_t n = all_fields(op);
    for (Py_ssize_t i = 0; i < n; i++) Py_XDECREF(((PyTupleObject *)op)->ob_item[i]);
    PyObject_GC_Del(op);
    if (type->tp_flags & Py_TPFLAGS_HEAPTYPE) Py_DECREF(type);
}

/* Checks how many items were given. -1 with TypeError. */
static int check_length(PyTypeObject *type, Py_ssize_t given, Py_ssize_t least, Py_ssize_t most)
{
    if (least == most && given != least) {
        PyErr_Format(PyExc_TypeError, "%.500s() takes a %zd-sequence (%zd-sequence given)", type->tp_name, least, given);
        return -1;
    }
    if (given < least) {
        PyErr_Format(PyExc_TypeError, "%.500s() takes an at least %zd-sequence (%zd-sequence given)", type->tp_name, least,
                     given);
        return -1;
    }
    if (given > most) {
        PyErr_Format(PyExc_TypeError, "%.500s() takes an at most %zd-sequence (%zd-sequence given)", type->tp_name, most,
                     given);
        return -1;
    }
    return 0;
}

static PyObject *structseq_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    static const char *const keywords[] = {"sequence", "dict", NULL};
    static _PyArg_Parser parser = {.format = "O|O:structseq", .keywords = keywords};
    PyObject *arg, *dict = NULL;
    if (!_PyArg_ParseTupleAndKeywordsFast(args, kwargs, &parser, &arg, &dict)) return NULL;
    Py_ssize_t least = type_count(type, NAME(n_sequence_fields)), most = type_count(type, NAME(n_fields)),
               unnamed = type_count(type, NAME(n_unnamed_fields));
    if (least < 0 || most < 0 || unnamed < 0) return NULL;
    PyObject *sequence = PySequence_Fast(arg, "constructor requires a sequence");
    if (!sequence) return NULL;
    if (dict && !PyDict_Check(dict)) {
        PyErr_Format(PyExc_TypeError, "%.500s() takes a dict as second arg, if any", type->tp_name);
        goto error;
    }
    Py_ssize_t given = PySequence_Fast_GET_SIZE(sequence);
    if (check_length(type, given, least, most) < 0) goto error;
    PyObject *self = PyStructSequence_New(type);
    if (!self) goto error;
    PyObject **items = ((PyTupleObject *)self)->ob_item;
    for (Py_ssize_t i = 0; i < given; i++) items[i] = Py_NewRef(PySequence_Fast_GET_ITEM(sequence, i));
    for (Py_ssize_t i = given; i < most; i++) {
        PyObject *value = dict ? PyDict_GetItemString(dict, type->tp_members[i - unnamed].name) : NULL;
        items[i] = Py_NewRef(value ? value : Py_None);
    }
    Py_DECREF(sequence);
    PyObject_GC_Track(self);
    return self;
error:
    Py_DECREF(sequence);
    return NULL;
}

static PyObject *structseq_repr(PyObject *op)
{
    PyTypeObject *type = Py_TYPE(op);
    _PyUnicodeWriter writer;
    _PyUnicodeWriter_Init(&writer);
    writer.overallocate = 1;
    if (_PyUnicodeWriter_WriteASCIIString(&writer, type->tp_name, (Py_ssize_t)strlen(type->tp_name)) < 0) goto error;
    if (_PyUnicodeWriter_WriteChar(&writer, '(') < 0) goto error;
    for (Py_ssize_t i = 0; i < Py_SIZE(op); i++) {
        const char *name = type->tp_members[i].name;
        if (!name) {
            PyErr_Format(PyExc_SystemError,
                         "In structseq_repr(), member %zd name is NULL for type %.500s", i, type->tp_name);
            goto error;
        }
        PyObject *text = PyUnicode_FromFormat("%s%s=%R", i ? ", " : "", name, PyStructSequence_GetItem(op, i));
        int result = text ? _PyUnicodeWriter_WriteStr(&writer, text) : -1;
        Py_XDECREF(text);
        if (result < 0) goto error;
    }
    if (_PyUnicodeWriter_WriteChar(&writer, ')') < 0) goto error;
    return _PyUnicodeWriter_Finish(&writer);
error:
    _PyUnicodeWriter_Dealloc(&writer);
    return NULL;
}

static PyObject *structseq_reduce(PyObject *op, PyObject *unused)
{
    (void)unused;
    PyTypeObject *type = Py_TYPE(op);
    Py_ssize_t n = all_fields(op), hidden = type_count(type, NAME(n_unnamed_fields));
    if (n < 0 || hidden < 0) return NULL;
    PyObject *tuple = PyTuple_New(Py_SIZE(op)), *dict = PyDict_New();
    if (!tuple || !dict) goto error;
    for (Py_ssize_t i = 0; i < Py_SIZE(op); i++) PyTuple_SET_ITEM(tuple, i, Py_NewRef(PyStructSequence_GetItem(op, i)));
    for (Py_ssize_t i = Py_SIZE(op); i < n; i++) {
        if (PyDict_SetItemString(dict, type->tp_members[i - hidden].name, PyStructSequence_GetItem(op, i)) < 0) goto error;
    }
    return Py_BuildValue("(O(NN))", type, tuple, dict);
error:
    Py_XDECREF(tuple);
    Py_XDECREF(dict);
    return NULL;
}

static PyMethodDef structseq_methods[] = {
    {"__reduce__", structseq_reduce, METH_NOARGS, NULL},
    {0},
};

/* ---- types ---- */

static Py_ssize_t count_fields(PyStructSequence_Desc *desc, Py_ssize_t *unnamed)
{
    Py_ssize_t n = 0;
    for (*unnamed = 0; desc->fields[n].name; n++) *unnamed += desc->fields[n].name == PyStructSequence_UnnamedField;
    return n;
}

/* The members of the named fields: a PyMem block that the caller owns. NULL with MemoryError. */
static PyMemberDef *make_members(PyStructSequence_Desc *desc, Py_ssize_t n, Py_ssize_t unnamed)
{
    PyMemberDef *members = PyMem_Calloc((size_t)(n - unnamed + 1), sizeof(PyMemberDef));
    if (!members) {
        PyErr_NoMemory();
        return NULL;
    }
    PyMemberDef *member = members;
    for (Py_ssize_t i = 0; i < n; i++) {
        if (desc->fields[i].name == PyStructSequence_UnnamedField) continue;
        *member++ = (PyMemberDef){
            .name = desc->fields[i].name,
            .type = T_OBJECT,
            .offset = (Py_ssize_t)offsetof(PyTupleObject, ob_item) + i * (Py_ssize_t)sizeof(PyObject *),
            .flags = READONLY,
            .doc = desc->fields[i].doc,
        };
    }
    return members;
}

static int set_count(PyObject *dict, PyObject *name, Py_ssize_t value)
{
    PyObject *number = PyLong_FromSsize_t(value);
    if (!number) return -1;
    int result = PyDict_SetItem(dict, name, number);
    Py_DECREF(number);
    return result;
}

/* Puts the counts and __match_args__ into the type's dict. */
static int fill_dict(PyStructSequence_Desc *desc, PyObject *dict, Py_ssize_t n, Py_ssize_t unnamed)
{
    if (set_count(dict, NAME(n_sequence_fields), desc->n_in_sequence) < 0) return -1;
    if (set_count(dict, NAME(n_fields), n) < 0) return -1;
    if (set_count(dict, NAME(n_unnamed_fields), unnamed) < 0) return -1;
    PyObject *names = PyList_New(0);
    if (!names) return -1;
    int result = 0;
    for (Py_ssize_t i = 0; i < desc->n_in_sequence && result == 0; i++) {
        if (desc->fields[i].name == PyStructSequence_UnnamedField) continue;
        PyObject *name = PyUnicode_FromString(desc->fields[i].name);
        result = name ? PyList_Append(names, name) : -1;
        Py_XDECREF(name);
    }
    PyObject *tuple = result == 0 ? PyList_AsTuple(names) : NULL;
    Py_DECREF(names);
    if (!tuple) return -1;
    result = PyDict_SetItem(dict, NAME(__match_args__), tuple);
    Py_DECREF(tuple);
    return result;
}

int _PyStructSequence_InitType(PyTypeObject *type, PyStructSequence_Desc *desc, unsigned long flags)
{
    Py_ssize_t unnamed, n = count_fields(desc, &unnamed);
    PyMemberDef *members = make_members(desc, n, unnamed);
    if (!members) return -1;
    *type = (PyTypeObject){
        IMMORTAL_TYPE_HEAD,
        .tp_name = desc->name,
        .tp_basicsize = offsetof(PyTupleObject, ob_item),
        .tp_itemsize = sizeof(PyObject *),
        .tp_dealloc = structseq_dealloc,
        .tp_repr = structseq_repr,
        .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | flags,
        .tp_doc = desc->doc,
        .tp_traverse = structseq_traverse,
        .tp_methods = structseq_methods,
        .tp_members = members,
        .tp_base = &PyTuple_Type,
        .tp_new = structseq_new,
    };
    if (PyType_Ready(type) < 0) {
        PyMem_Free(members);
        return -1;
    }
    if (fill_dict(desc, type_dict(type), n, unnamed) < 0) return -1;
    PyType_Modified(type);
    return 0;
}

int PyStructSequence_InitType2(PyTypeObject *type, PyStructSequence_Desc *desc)
{
    return _PyStructSequence_InitType(type, desc, 0);
}

void PyStructSequence_InitType(PyTypeObject *type, PyStructSequence_Desc *desc)
{
    (void)PyStructSequence_InitType2(type, desc);
}

/* A heap type. New reference. */
PyTypeObject *_PyStructSequence_NewType(PyStructSequence_Desc *desc, unsigned long flags)
{
    Py_ssize_t unnamed, n = count_fields(desc, &unnamed);
    PyMemberDef *members = make_members(desc, n, unnamed);
    if (!members) return NULL;
    PyType_Slot slots[] = {
        {Py_tp_dealloc, (void *)structseq_dealloc},
        {Py_tp_repr, (void *)structseq_repr},
        {Py_tp_doc, (void *)desc->doc},
        {Py_tp_methods, structseq_methods},
        {Py_tp_new, (void *)structseq_new},
        {Py_tp_members, members},
        {Py_tp_traverse, (void *)structseq_traverse},
        {0, NULL},
    };
    PyType_Spec spec = {
        .name = desc->name,
        .basicsize = offsetof(PyTupleObject, ob_item),
        .itemsize = sizeof(PyObject *),
        .flags = (unsigned int)(Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | flags),
        .slots = slots,
    };
    PyTypeObject *type = NULL;
    PyObject *bases = PyTuple_Pack(1, &PyTuple_Type);
    if (bases) {
        type = (PyTypeObject *)PyType_FromSpecWithBases(&spec, bases);
        Py_DECREF(bases);
    }
    PyMem_Free(members);    /* the heap type has its own copy */
    if (type && fill_dict(desc, type_dict(type), n, unnamed) < 0) Py_CLEAR(type);
    return type;
}

PyTypeObject *PyStructSequence_NewType(PyStructSequence_Desc *desc)
{
    return _PyStructSequence_NewType(desc, 0);
}
