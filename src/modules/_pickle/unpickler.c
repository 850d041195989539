/* class Unpickler. */
#include "modules/_pickle/pickle.h"

#include "objects/args_unpack.h"
#include "objects/immortal.h"

enum { MEMO_SIZE_MIN = 32 };

static char *copy_text(const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = PyMem_Malloc(size);
    if (copy)
        memcpy(copy, text, size);
    else
        PyErr_NoMemory();
    return copy;
}

static int set_file(Unpickler *self, PyObject *file)
{
    if (_PyObject_LookupAttr(file, NAME(peek), &self->peek) < 0) return -1;
    if (_PyObject_LookupAttr(file, NAME(readinto), &self->readinto) < 0) return -1;
    if (_PyObject_LookupAttr(file, NAME(read), &self->read) < 0) return -1;
    if (_PyObject_LookupAttr(file, NAME(readline), &self->readline) < 0) return -1;
    if (self->read && self->readline) return 0;
    PyErr_SetString(PyExc_TypeError, "file must have 'read' and 'readline' attributes");
    return -1;
}

/* Everything but the hooks of a subclass, and encoding and errors. `file` may be NULL, for input
 * from bytes. The caller has cleared the struct, may have set a room, and releases all on failure.
 */
int unpickler_setup(Unpickler *self, PyObject *file, bool fix_imports, PyObject *buffers)
{
    if (file && set_file(self, file) < 0) return -1;
    self->fix_imports = fix_imports;
    if (buffers && buffers != Py_None) {
        self->buffers = PyObject_GetIter(buffers);
        if (!self->buffers) return -1;
    }
    if (self->room) {
        self->values = self->room->values;
        self->capacity = Py_ARRAY_LENGTH(self->room->values);
        self->marks = self->room->marks;
        self->mark_capacity = Py_ARRAY_LENGTH(self->room->marks);
        self->memo = self->room->memo;
    } else {
        self->memo = PyMem_Calloc(MEMO_SIZE_MIN, sizeof(PyObject *));
        if (!self->memo) {
            PyErr_NoMemory();
            return -1;
        }
    }
    self->memo_size = MEMO_SIZE_MIN;
    return 0;
}

void unpickler_reset(Unpickler *self)
{
    stack_truncate(self, 0);
    if (!self->room || self->values != self->room->values) PyMem_Free(self->values);
    if (!self->room || self->marks != self->room->marks) PyMem_Free(self->marks);
    self->values = NULL;
    self->marks = NULL;
    self->capacity = self->mark_count = self->mark_capacity = self->fence = 0;
    unpickler_memo_clear(self);
    input_release(self);
    PyMem_Free(self->line);
    self->line = NULL;
    if (!self->room) {
        PyMem_Free((char *)self->encoding);
        PyMem_Free((char *)self->errors);
    }
    self->encoding = self->errors = NULL;
    Py_CLEAR(self->read);
    Py_CLEAR(self->readline);
    Py_CLEAR(self->readinto);
    Py_CLEAR(self->peek);
    Py_CLEAR(self->buffers);
}

void unpickler_release(Unpickler *self)
{
    unpickler_reset(self);
    Py_CLEAR(self->persistent_load.function);
}

/* Text without NUL characters, of an argument that is NULL for the default. */
static const char *text_argument(PyObject *argument, const char *name, const char *otherwise)
{
    if (!argument) return otherwise;
    if (!PyUnicode_Check(argument)) {
        _PyArg_BadArgument("Unpickler", name, "str", argument);
        return NULL;
    }
    Py_ssize_t size;
    const char *text = PyUnicode_AsUTF8AndSize(argument, &size);
    if (text && strlen(text) != (size_t)size) {
        PyErr_SetString(PyExc_ValueError, "embedded null character");
        return NULL;
    }
    return text;
}

static int unpickler_init(PyObject *op, PyObject *args, PyObject *kwargs)
{
    static const char *const keywords[] = {
        "file", "fix_imports", "encoding", "errors", "buffers", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .fname = "Unpickler"};
    Unpickler *self = (Unpickler *)op;
    PyObject *a[5];
    if (args_unpack(&PyTuple_GET_ITEM(args, 0), PyTuple_GET_SIZE(args), kwargs, NULL, &parser, 1, 1,
            5, a) < 0) {
        return -1;
    }
    int fix_imports = a[1] ? PyObject_IsTrue(a[1]) : 1;
    const char *encoding =
        fix_imports < 0 ? NULL : text_argument(a[2], "argument 'encoding'", "ASCII");
    const char *errors = encoding ? text_argument(a[3], "argument 'errors'", "strict") : NULL;
    if (!errors) return -1;
    unpickler_reset(self); /* __init__ may be called again */
    self->encoding = copy_text(encoding);
    self->errors = self->encoding ? copy_text(errors) : NULL;
    if (!self->errors || unpickler_setup(self, a[0], fix_imports, a[4]) < 0) return -1;
    if (hook_find(&self->persistent_load, op, NAME(persistent_load)) < 0) return -1;
    self->exact = Py_IS_TYPE(op, &unpickler_type);
    return 0;
}

static int unpickler_traverse(PyObject *op, visitproc visit, void *arg)
{
    Unpickler *self = (Unpickler *)op;
    for (Py_ssize_t i = 0; i < self->depth; i++) Py_VISIT(self->values[i]);
    for (Py_ssize_t i = 0; i < self->memo_size; i++) Py_VISIT(self->memo[i]);
    Py_VISIT(self->holder);
    Py_VISIT(self->read);
    Py_VISIT(self->readline);
    Py_VISIT(self->readinto);
    Py_VISIT(self->peek);
    Py_VISIT(self->buffers);
    Py_VISIT(self->persistent_load.function);
    return 0;
}

static int unpickler_clear(PyObject *op)
{
    unpickler_release((Unpickler *)op);
    return 0;
}

static void unpickler_dealloc(PyObject *op)
{
    PyObject_GC_UnTrack(op);
    unpickler_release((Unpickler *)op);
    Py_TYPE(op)->tp_free(op);
}

static PyObject *load(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    Unpickler *self = (Unpickler *)op;
    if (self->read) return unpickler_load(self);
    unpickling_error("Unpickler.__init__() was not called by %s.__init__()", Py_TYPE(op)->tp_name);
    return NULL;
}

static PyObject *find_class(PyObject *op, PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("find_class", nargs, 2, 2)) return NULL;
    return unpickler_find_class((Unpickler *)op, args[0], args[1]);
}

static PyObject *unpickler_sizeof(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    const Unpickler *self = (Unpickler *)op;
    size_t size = (size_t)Py_TYPE(op)->tp_basicsize;
    size += (size_t)self->memo_size * sizeof(PyObject *);
    size += (size_t)self->mark_capacity * sizeof(Py_ssize_t);
    if (self->line) size += strlen(self->line) + 1;
    if (self->encoding) size += strlen(self->encoding) + 1;
    if (self->errors) size += strlen(self->errors) + 1;
    return PyLong_FromSize_t(size);
}

static PyMethodDef unpickler_methods[] = {
    {"load", load, METH_NOARGS,
        "load($self, /)\n--\n\nRead the next pickle of the file and return the object that it "
        "describes."},
    {"find_class", (PyCFunction)(void (*)(void))find_class, METH_FASTCALL,
        "find_class($self, module_name, global_name, /)\n--\n\n"
        "The object that a module has under a name; the module is imported if need be.\n\n"
        "Called for each class and function that a pickle names. A subclass may override it, to\n"
        "restrict what can be unpickled."},
    {"__sizeof__", unpickler_sizeof, METH_NOARGS,
        "__sizeof__($self, /)\n--\n\nReturns size in memory, in bytes."},
    {NULL, NULL, 0, NULL},
};

static PyObject *get_persistent_load(PyObject *op, void *Py_UNUSED(context))
{
    return hook_get(&((Unpickler *)op)->persistent_load, "persistent_load");
}

static int set_persistent_load(PyObject *op, PyObject *value, void *Py_UNUSED(context))
{
    if (value && PyCallable_Check(value)) {
        hook_set(&((Unpickler *)op)->persistent_load, value);
        return 0;
    }
    PyErr_SetString(PyExc_TypeError, value
                                         ? "persistent_load must be a callable taking one argument"
                                         : "attribute deletion is not supported");
    return -1;
}

static PyGetSetDef unpickler_getsets[] = {
    {"memo", unpickler_get_memo, unpickler_set_memo, NULL, NULL},
    {"persistent_load", get_persistent_load, set_persistent_load, NULL, NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

PyTypeObject unpickler_type = {
    IMMORTAL_TYPE_HEAD,
    .tp_name = "_pickle.Unpickler",
    .tp_basicsize = UNPICKLER_SIZE,
    .tp_dealloc = unpickler_dealloc,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
    .tp_doc = "Unpickler(file, *, fix_imports=True, encoding='ASCII', errors='strict',\n"
              "          buffers=())\n--\n\n"
              "Reads pickles of any protocol from a binary file.\n\n"
              "file: anything with read(n) and readline() that return bytes.\n"
              "fix_imports: names of Python 2 become those of Python 3.\n"
              "encoding, errors: how str objects of Python 2 are decoded; with the encoding\n"
              "'bytes' they become bytes.\n"
              "buffers: iterable of the buffers that the pickler gave to its buffer_callback.",
    .tp_traverse = unpickler_traverse,
    .tp_clear = unpickler_clear,
    .tp_methods = unpickler_methods,
    .tp_getset = unpickler_getsets,
    .tp_init = unpickler_init,
    .tp_alloc = PyType_GenericAlloc,
    .tp_new = PyType_GenericNew,
    .tp_free = PyObject_GC_Del,
};
