/* class Pickler. */
#include "modules/_pickle/pickle.h"

#include <structmember.h>

#include "objects/args_unpack.h"
#include "objects/immortal.h"

static int read_protocol(PyObject *protocol)
{
    if (!protocol || protocol == Py_None) return PROTOCOL_DEFAULT;
    long number = PyLong_AsLong(protocol);
    if (number == -1 && PyErr_Occurred()) return -1;
    if (number <= PROTOCOL_HIGHEST) return number < 0 ? PROTOCOL_HIGHEST : (int)number;
    PyErr_Format(PyExc_ValueError, "pickle protocol must be <= %d", PROTOCOL_HIGHEST);
    return -1;
}

/* Everything but the hooks of a subclass. `file` may be NULL, for output into the buffer alone. The
 * caller has cleared the struct, but may have lent a memo. */
int pickler_setup(
    Pickler *self, PyObject *file, PyObject *protocol, bool fix_imports, PyObject *buffer_callback)
{
    int number = read_protocol(protocol);
    if (number < 0) return -1;
    if (file) {
        if (_PyObject_LookupAttr(file, NAME(write), &self->write) < 0) return -1;
        if (!self->write) {
            PyErr_SetString(PyExc_TypeError, "file must have a 'write' attribute");
            return -1;
        }
    }
    if (buffer_callback == Py_None) buffer_callback = NULL;
    if (buffer_callback && number < 5) {
        PyErr_SetString(PyExc_ValueError, "buffer_callback needs protocol >= 5");
        return -1;
    }
    self->buffer_callback = Py_XNewRef(buffer_callback);
    self->proto = (int8_t)number;
    self->bin = number > 0;
    self->fix_imports = fix_imports && number < 3;
    self->frame_start = -1;
    return self->memo.entries ? 0 : memo_init(&self->memo);
}

void pickler_reset(Pickler *self)
{
    Py_CLEAR(self->buffer);
    self->data = NULL;
    self->length = self->capacity = 0;
    Py_CLEAR(self->write);
    Py_CLEAR(self->reducer_override);
    Py_CLEAR(self->buffer_callback);
    Py_CLEAR(self->fast_seen);
    memo_free(&self->memo);
}

void pickler_release(Pickler *self)
{
    Py_CLEAR(self->persistent_id.function);
    Py_CLEAR(self->dispatch_table);
    pickler_reset(self);
}

int pickler_dump(Pickler *self, PyObject *object)
{
    if (self->proto >= 2) {
        char *at = output_reserve(self, 2);
        if (!at) return -1;
        at[0] = (char)OP_PROTO;
        at[1] = (char)self->proto;
        self->framing = self->proto >= 4;
    }
    int status = save(self, object, false);
    if (status == 0) status = output_op(self, OP_STOP);
    if (status == 0) status = output_end_frame(self);
    self->framing = false;
    return status;
}

static int pickler_init(PyObject *op, PyObject *args, PyObject *kwargs)
{
    static const char *const keywords[] = {
        "file", "protocol", "fix_imports", "buffer_callback", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .fname = "Pickler"};
    Pickler *self = (Pickler *)op;
    PyObject *a[4];
    if (args_unpack(&PyTuple_GET_ITEM(args, 0), PyTuple_GET_SIZE(args), kwargs, NULL, &parser, 1, 4,
            4, a) < 0) {
        return -1;
    }
    int fix_imports = a[2] ? PyObject_IsTrue(a[2]) : 1;
    if (fix_imports < 0) return -1;
    pickler_reset(self); /* __init__ may be called again */
    self->fast = self->fast_depth = 0;
    if (pickler_setup(self, a[0], a[1], fix_imports, a[3]) < 0) return -1;
    if (output_start(self) < 0) return -1;
    if (hook_find(&self->persistent_id, op, NAME(persistent_id)) < 0) return -1;
    PyObject *table;
    if (_PyObject_LookupAttr(op, NAME(dispatch_table), &table) < 0) return -1;
    Py_XSETREF(self->dispatch_table, table);
    return 0;
}

static int pickler_traverse(PyObject *op, visitproc visit, void *arg)
{
    Pickler *self = (Pickler *)op;
    Py_VISIT(self->write);
    Py_VISIT(self->persistent_id.function);
    Py_VISIT(self->dispatch_table);
    Py_VISIT(self->reducer_override);
    Py_VISIT(self->buffer_callback);
    Py_VISIT(self->fast_seen);
    for (size_t i = 0; self->memo.entries && i <= self->memo.mask; i++) {
        Py_VISIT(self->memo.entries[i].object);
    }
    return 0;
}

static int pickler_clear(PyObject *op)
{
    pickler_release((Pickler *)op);
    return 0;
}

static void pickler_dealloc(PyObject *op)
{
    PyObject_GC_UnTrack(op);
    pickler_release((Pickler *)op);
    Py_TYPE(op)->tp_free(op);
}

static PyObject *clear_memo(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    memo_clear(&((Pickler *)op)->memo);
    Py_RETURN_NONE;
}

static PyObject *dump(PyObject *op, PyObject *object)
{
    Pickler *self = (Pickler *)op;
    if (!self->write) {
        pickling_error("Pickler.__init__() was not called by %s.__init__()", Py_TYPE(op)->tp_name);
        return NULL;
    }
    if (_PyObject_LookupAttr(op, NAME(reducer_override), &self->reducer_override) < 0) return NULL;
    int status = output_start(self);
    if (status == 0) status = pickler_dump(self, object);
    if (status == 0) status = pickler_write_out(self);
    Py_CLEAR(self->reducer_override);
    return status < 0 ? NULL : Py_NewRef(Py_None);
}

static PyObject *pickler_sizeof(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    Pickler *self = (Pickler *)op;
    size_t size = (size_t)Py_TYPE(op)->tp_basicsize;
    if (self->memo.entries) size += sizeof(Memo) + 8 + (self->memo.mask + 1) * sizeof(MemoEntry);
    if (self->buffer) {
        size_t buffer = _PySys_GetSizeOf(self->buffer);
        if (buffer == (size_t)-1) return NULL;
        size += buffer;
    }
    return PyLong_FromSize_t(size);
}

static PyMethodDef pickler_methods[] = {
    {"dump", dump, METH_O,
        "dump($self, obj, /)\n--\n\nWrite the pickle of an object to the open file."},
    {"clear_memo", clear_memo, METH_NOARGS,
        "clear_memo($self, /)\n--\n\n"
        "Forget the objects pickled so far.\n\n"
        "An object that a pickler has seen is pickled by reference after that. Without its memo,\n"
        "the pickler can be used again for an independent pickle."},
    {"__sizeof__", pickler_sizeof, METH_NOARGS,
        "__sizeof__($self, /)\n--\n\nReturns size in memory, in bytes."},
    {NULL, NULL, 0, NULL},
};

static PyMemberDef pickler_members[] = {
    {"bin", T_INT, offsetof(Pickler, bin), 0, NULL},
    {"fast", T_INT, offsetof(Pickler, fast), 0, NULL},
    {"dispatch_table", T_OBJECT_EX, offsetof(Pickler, dispatch_table), 0, NULL},
    {NULL, 0, 0, 0, NULL},
};

static PyObject *get_persistent_id(PyObject *op, void *Py_UNUSED(context))
{
    return hook_get(&((Pickler *)op)->persistent_id, "persistent_id");
}

static int set_persistent_id(PyObject *op, PyObject *value, void *Py_UNUSED(context))
{
    if (value && PyCallable_Check(value)) {
        hook_set(&((Pickler *)op)->persistent_id, value);
        return 0;
    }
    PyErr_SetString(PyExc_TypeError, value ? "persistent_id must be a callable taking one argument"
                                           : "attribute deletion is not supported");
    return -1;
}

static PyGetSetDef pickler_getsets[] = {
    {"memo", pickler_get_memo, pickler_set_memo, NULL, NULL},
    {"persistent_id", get_persistent_id, set_persistent_id, NULL, NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

PyTypeObject pickler_type = {
    IMMORTAL_TYPE_HEAD,
    .tp_name = "_pickle.Pickler",
    .tp_basicsize = PICKLER_SIZE,
    .tp_dealloc = pickler_dealloc,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
    .tp_doc = "Pickler(file, protocol=None, fix_imports=True, buffer_callback=None)\n--\n\n"
              "Writes pickles to a binary file.\n\n"
              "file: anything with a write() that takes bytes.\n"
              "protocol: 0 to 5, by default 4; a negative number means the highest.\n"
              "fix_imports: below protocol 3, names of Python 3 become those of Python 2.\n"
              "buffer_callback: is given each buffer that could go out of band (protocol 5);\n"
              "if it returns a false value, the buffer does not go into the pickle.",
    .tp_traverse = pickler_traverse,
    .tp_clear = pickler_clear,
    .tp_methods = pickler_methods,
    .tp_members = pickler_members,
    .tp_getset = pickler_getsets,
    .tp_init = pickler_init,
    .tp_alloc = PyType_GenericAlloc,
    .tp_new = PyType_GenericNew,
    .tp_free = PyObject_GC_Del,
};
