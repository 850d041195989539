/* The hash objects' shared shell. */
#include "modules/hashes/hashes.h"

#include <internal/krait_exports.h>

/* From so many bytes on, the GIL is given up while they are hashed. */
#define WITHOUT_GIL_FROM 2048

/* ---- The state and its lock ---- */

static void enter(HashObject *self)
{
    if (!self->lock || PyThread_acquire_lock(self->lock, NOWAIT_LOCK)) return;
    Py_BEGIN_ALLOW_THREADS
    PyThread_acquire_lock(self->lock, WAIT_LOCK);
    Py_END_ALLOW_THREADS
}

static void leave(HashObject *self)
{
    if (self->lock) PyThread_release_lock(self->lock);
}

static int buffer_get(PyObject *data, Py_buffer *view)
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
    if (view->ndim > 1) {
        PyErr_SetString(PyExc_BufferError, "Buffer must be single dimension");
        PyBuffer_Release(view);
        return -1;
    }
    return 0;
}

int hash_add(HashObject *self, PyObject *data)
{
    Py_buffer view;
    if (buffer_get(data, &view) < 0) return -1;
    const struct HashAlgorithm *algorithm = self->algorithm;
    bool large = view.len >= WITHOUT_GIL_FROM;
    if (large && !self->lock) {
        self->lock = PyThread_allocate_lock();
        large = self->lock != NULL;     /* without a lock: slower, not wrong */
    }
    enter(self);
    if (large) {
        Py_BEGIN_ALLOW_THREADS
        algorithm->update(algorithm, &self->state, view.buf, (size_t)view.len);
        Py_END_ALLOW_THREADS
    }
    else if (view.len) algorithm->update(algorithm, &self->state, view.buf, (size_t)view.len);
    leave(self);
    PyBuffer_Release(&view);
    return 0;
}

/* ---- Objects ---- */

static HashObject *allocate(PyTypeObject *type, const struct HashAlgorithm *algorithm)
{
    HashObject *self = PyObject_New(HashObject, type);
    if (!self) return NULL;
    self->algorithm = algorithm;
    self->digest_size = algorithm->digest_size;
    self->lock = NULL;
    return self;
}

PyObject *hash_new(PyTypeObject *type, const struct HashAlgorithm *algorithm, PyObject *data)
{
    HashObject *self = allocate(type, algorithm);
    if (!self) return NULL;
    if (algorithm->start) algorithm->start(algorithm, &self->state);
    if (data && hash_add(self, data) < 0) {
        Py_DECREF(self);
        return NULL;
    }
    return (PyObject *)self;
}

void hash_dealloc(PyObject *obj)
{
    HashObject *self = (HashObject *)obj;
    PyTypeObject *type = Py_TYPE(obj);
    if (self->lock) PyThread_free_lock(self->lock);
    memset(&self->state, 0, sizeof self->state);        /* a key may have gone in */
    __asm__ volatile("" : : "r"(&self->state) : "memory");
    PyObject_Free(self);
    Py_DECREF(type);
}

PyObject *hash_copy(PyObject *obj, PyObject *Py_UNUSED(ignored))
{
    HashObject *self = (HashObject *)obj, *copy = allocate(Py_TYPE(obj), self->algorithm);
    if (!copy) return NULL;
    enter(self);
    copy->state = self->state;
    copy->digest_size = self->digest_size;
    leave(self);
    return (PyObject *)copy;
}

PyObject *hash_update(PyObject *obj, PyObject *data)
{
    if (hash_add((HashObject *)obj, data) < 0) return NULL;
    Py_RETURN_NONE;
}

PyObject *hash_result(PyObject *obj, size_t size, bool as_text)
{
    HashObject *self = (HashObject *)obj;
    PyObject *bytes = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)size);
    if (!bytes) return NULL;
    enter(self);
    union HashState state = self->state;
    leave(self);
    if (size) self->algorithm->finish(self->algorithm, &state, (unsigned char *)PyBytes_AS_STRING(bytes), size);
    if (!as_text) return bytes;
    PyObject *text = _Py_strhex(PyBytes_AS_STRING(bytes), (Py_ssize_t)size);
    Py_DECREF(bytes);
    return text;
}

PyObject *hash_digest(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return hash_result(self, ((HashObject *)self)->digest_size, false);
}

PyObject *hash_hexdigest(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return hash_result(self, ((HashObject *)self)->digest_size, true);
}

PyObject *hash_get_name(PyObject *self, void *Py_UNUSED(closure))
{
    return PyUnicode_FromString(((HashObject *)self)->algorithm->name);
}

PyObject *hash_get_block_size(PyObject *self, void *Py_UNUSED(closure))
{
    return PyLong_FromLong(((HashObject *)self)->algorithm->block_size);
}

PyObject *hash_get_digest_size(PyObject *self, void *Py_UNUSED(closure))
{
    return PyLong_FromLong(((HashObject *)self)->digest_size);
}

/* ---- Modules with functions ---- */

static PyMethodDef hash_methods[] = {HASH_METHODS("obj"), {NULL, NULL, 0, NULL}};
static PyGetSetDef hash_getset[] = {HASH_GETSET, {NULL, NULL, NULL, NULL, NULL}};
static PyType_Slot hash_slots[] = {
    {Py_tp_dealloc, hash_dealloc}, {Py_tp_methods, hash_methods}, {Py_tp_getset, hash_getset}, {0, NULL}};

int hash_add_type(PyObject *module, unsigned index, const char *attribute, const char *name)
{
    struct HashModule *state = PyModule_GetState(module);
    PyType_Spec spec = {
        .name = name, .basicsize = sizeof(HashObject), .slots = hash_slots,
        .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION | Py_TPFLAGS_IMMUTABLETYPE};
    PyObject *type = PyType_FromModuleAndSpec(module, &spec, NULL);
    if (!type) return -1;
    state->types[index] = (PyTypeObject *)type;
    return PyModule_AddObjectRef(module, attribute, type);
}

PyObject *hash_call(PyObject *module, unsigned index, const struct HashAlgorithm *algorithm, _PyArg_Parser *parser,
                    PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    struct HashModule *state = PyModule_GetState(module);
    PyObject *data = NULL;
    int for_security;
    if (nargs == 1 && !kwnames) data = args[0];
    else if (!_PyArg_ParseStackAndKeywords(args, nargs, kwnames, parser, &data, &for_security)) return NULL;
    return hash_new(state->types[index], algorithm, data);
}

int hash_module_traverse(PyObject *module, visitproc visit, void *arg)
{
    struct HashModule *state = PyModule_GetState(module);
    for (int i = 0; i < HASH_ALGORITHMS_MAX; i++) Py_VISIT(state->types[i]);
    return 0;
}

int hash_module_clear(PyObject *module)
{
    struct HashModule *state = PyModule_GetState(module);
    for (int i = 0; i < HASH_ALGORITHMS_MAX; i++) Py_CLEAR(state->types[i]);
    return 0;
}

void hash_module_free(void *module)
{
    hash_module_clear(module);
}
