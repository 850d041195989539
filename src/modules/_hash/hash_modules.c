/* _md5, _sha1, _sha256 and _sha512: one object type for each algorithm, all made from one description. */
#include "modules/_hash/hash.h"

typedef struct {
    PyObject_HEAD
    HashState state;
} HashObject;

typedef struct {
    PyTypeObject *types[2];
} HashModule;

int hash_get_buffer(PyObject *data, Py_buffer *view)
{
    if (PyUnicode_Check(data)) {
        PyErr_SetString(PyExc_TypeError, "Strings must be encoded before hashing");
        return -1;
    }
    if (!PyObject_CheckBuffer(data)) {
        PyErr_SetString(PyExc_TypeError, "object supporting the buffer API required");
        return -1;
    }
    if (PyObject_GetBuffer(data, view, PyBUF_SIMPLE) < 0) return -1;
    if (view->ndim <= 1) return 0;
    PyErr_SetString(PyExc_BufferError, "Buffer must be single dimension");
    PyBuffer_Release(view);
    return -1;
}

static HashState *state_of(PyObject *self)
{
    return &((HashObject *)self)->state;
}

static PyObject *hash_object_update(PyObject *self, PyObject *data)
{
    Py_buffer view;
    if (hash_get_buffer(data, &view) < 0) return NULL;
    hash_update(state_of(self), view.buf, (size_t)view.len);
    PyBuffer_Release(&view);
    Py_RETURN_NONE;
}

static PyObject *hash_object_copy(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    HashObject *copy = PyObject_GC_New(HashObject, Py_TYPE(self));
    if (copy == NULL) return NULL;
    copy->state = *state_of(self);
    PyObject_GC_Track(copy);
    return (PyObject *)copy;
}

static PyObject *hash_object_digest(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    uint8_t digest[MAX_DIGEST];
    hash_digest(state_of(self), digest);
    return PyBytes_FromStringAndSize((char *)digest, state_of(self)->algorithm->digest_size);
}

static PyObject *hash_object_hexdigest(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    PyObject *digest = hash_object_digest(self, NULL);
    if (digest == NULL) return NULL;
    PyObject *text = PyObject_CallMethod(digest, "hex", NULL);
    Py_DECREF(digest);
    return text;
}

static PyObject *hash_object_name(PyObject *self, void *Py_UNUSED(closure))
{
    return PyUnicode_FromString(state_of(self)->algorithm->name);
}

static PyObject *hash_object_block_size(PyObject *self, void *Py_UNUSED(closure))
{
    return PyLong_FromLong(state_of(self)->algorithm->block_size);
}

static PyObject *hash_object_digest_size(PyObject *self, void *Py_UNUSED(closure))
{
    return PyLong_FromLong(state_of(self)->algorithm->digest_size);
}

static int hash_object_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    return 0;
}

static void hash_object_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    PyObject_GC_Del(self);
    Py_DECREF(type);
}

static PyMethodDef hash_object_methods[] = {
    {"copy", hash_object_copy, METH_NOARGS, "copy($self, /)\n--\n\nReturn a copy of the hash object."},
    {"digest", hash_object_digest, METH_NOARGS, "digest($self, /)\n--\n\nReturn the digest value as a bytes object."},
    {"hexdigest", hash_object_hexdigest, METH_NOARGS,
     "hexdigest($self, /)\n--\n\nReturn the digest value as a string of hexadecimal digits."},
    {"update", hash_object_update, METH_O, "update($self, obj, /)\n--\n\nHashes some more bytes."},
    {0},
};

static PyGetSetDef hash_object_getset[] = {
    {"block_size", hash_object_block_size, NULL, NULL, NULL},
    {"name", hash_object_name, NULL, NULL, NULL},
    {"digest_size", hash_object_digest_size, NULL, NULL, NULL},
    {0},
};

static PyType_Slot hash_object_slots[] = {
    {Py_tp_dealloc, hash_object_dealloc},
    {Py_tp_traverse, hash_object_traverse},
    {Py_tp_methods, hash_object_methods},
    {Py_tp_getset, hash_object_getset},
    {0, NULL},
};

/* ---- making ---- */

static PyObject *hash_object_new(PyObject *module, int which, const HashAlgorithm *algorithm, _PyArg_Parser *parser,
                                 PyObject *const *args, Py_ssize_t nargs, PyObject *names)
{
    HashModule *types = PyModule_GetState(module);
    PyObject *buffer[2] = {NULL, NULL}, *data = NULL;
    Py_buffer view = {.buf = NULL};
    if (names == NULL && nargs <= 1) {
        if (nargs == 1) data = args[0];
    }
    else {
        args = _PyArg_UnpackKeywords(args, nargs, NULL, names, parser, 0, 1, 0, buffer);
        if (args == NULL) return NULL;
        data = args[0];
        if (args[1] != NULL && PyObject_IsTrue(args[1]) < 0) return NULL;
    }
    if (data != NULL && hash_get_buffer(data, &view) < 0) return NULL;
    HashObject *self = PyObject_GC_New(HashObject, types->types[which]);
    if (self != NULL) {
        hash_start(&self->state, algorithm);
        if (data != NULL) hash_update(&self->state, view.buf, (size_t)view.len);
        PyObject_GC_Track(self);
    }
    if (data != NULL) PyBuffer_Release(&view);
    return (PyObject *)self;
}

static const char *const new_names[] = {"string", "usedforsecurity", NULL};

/* The module function `name`. */
#define HASH_FUNCTION(name, which)                                                                              \
    static PyObject *name##_new(PyObject *module, PyObject *const *args, Py_ssize_t nargs, PyObject *names)     \
    {                                                                                                           \
        static _PyArg_Parser parser = {.keywords = new_names, .fname = #name};                                  \
        return hash_object_new(module, which, &hash_##name, &parser, args, nargs, names);                       \
    }
HASH_FUNCTION(md5, 0)
HASH_FUNCTION(sha1, 0)
HASH_FUNCTION(sha224, 0)
HASH_FUNCTION(sha256, 1)
HASH_FUNCTION(sha384, 0)
HASH_FUNCTION(sha512, 1)

static int add_type(PyObject *module, int which, const char *attribute, const char *name)
{
    HashModule *types = PyModule_GetState(module);
    PyType_Spec spec = {
        .name = name,
        .basicsize = sizeof(HashObject),
        .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION | Py_TPFLAGS_IMMUTABLETYPE | Py_TPFLAGS_HAVE_GC,
        .slots = hash_object_slots,
    };
    types->types[which] = (PyTypeObject *)PyType_FromModuleAndSpec(module, &spec, NULL);
    if (types->types[which] == NULL) return -1;
    return attribute ? PyModule_AddObjectRef(module, attribute, (PyObject *)types->types[which]) : 0;
}

static int hash_module_traverse(PyObject *module, visitproc visit, void *arg)
{
    HashModule *types = PyModule_GetState(module);
    Py_VISIT(types->types[0]);
    Py_VISIT(types->types[1]);
    return 0;
}

static int hash_module_clear(PyObject *module)
{
    HashModule *types = PyModule_GetState(module);
    Py_CLEAR(types->types[0]);
    Py_CLEAR(types->types[1]);
    return 0;
}

static void hash_module_free(void *module)
{
    hash_module_clear(module);
}

static int md5_exec(PyObject *module)
{
    return add_type(module, 0, "MD5Type", "_md5.md5");
}

static int sha1_exec(PyObject *module)
{
    return add_type(module, 0, "SHA1Type", "_sha1.sha1");
}

static int sha256_exec(PyObject *module)
{
    return add_type(module, 0, "SHA224Type", "_sha256.sha224") < 0 ? -1 : add_type(module, 1, "SHA256Type", "_sha256.sha256");
}

static int sha512_exec(PyObject *module)
{
    /* the reference, too, shows only the type of sha512, and by this name */
    return add_type(module, 0, NULL, "_sha512.sha384") < 0 ? -1 : add_type(module, 1, "SHA384Type", "_sha512.sha512");
}

#define METHOD(name, title)                                                                                     \
    {#name, (PyCFunction)(void (*)(void))name##_new, METH_FASTCALL | METH_KEYWORDS,                             \
     #name "($module, /, string=b'', *, usedforsecurity=True)\n--\n\nA new " title " hash object, of the string if there is one."}

static PyMethodDef md5_functions[] = {METHOD(md5, "MD5"), {0}};
static PyMethodDef sha1_functions[] = {METHOD(sha1, "SHA1"), {0}};
static PyMethodDef sha256_functions[] = {METHOD(sha256, "SHA-256"), METHOD(sha224, "SHA-224"), {0}};
static PyMethodDef sha512_functions[] = {METHOD(sha512, "SHA-512"), METHOD(sha384, "SHA-384"), {0}};

#define HASH_MODULE(name)                                                                                       \
    static PyModuleDef_Slot name##_slots[] = {{Py_mod_exec, name##_exec}, {0, NULL}};                           \
    static struct PyModuleDef name##_definition = {                                                             \
        PyModuleDef_HEAD_INIT,                                                                                  \
        .m_name = "_" #name,                                                                                    \
        .m_size = sizeof(HashModule),                                                                           \
        .m_methods = name##_functions,                                                                          \
        .m_slots = name##_slots,                                                                                \
        .m_traverse = hash_module_traverse,                                                                     \
        .m_clear = hash_module_clear,                                                                           \
        .m_free = hash_module_free,                                                                             \
    };                                                                                                          \
    PyMODINIT_FUNC PyInit__##name(void)                                                                         \
    {                                                                                                           \
        return PyModuleDef_Init(&name##_definition);                                                            \
    }
HASH_MODULE(md5)
HASH_MODULE(sha1)
HASH_MODULE(sha256)
HASH_MODULE(sha512)
