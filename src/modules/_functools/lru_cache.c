/* functools.lru_cache: the wrapper around a function.
 *
 * With a limit, the values of the cache dict are links of a ring that goes from the least to the most recently used; the wrapper
 * has its root. A link is in the ring exactly as long as the dict has it, except for moments in which foreign code runs: whatever
 * that did is looked at again afterwards.
 */
#include "modules/_functools/functools.h"
#include "objects/recursion.h"

typedef struct Link {
    PyObject_HEAD
    struct Link *previous, *next;   /* borrowed: the dict owns all links */
    Py_hash_t hash;
    PyObject *key;                  /* owned */
    PyObject *result;               /* owned */
} Link;

typedef struct LruCache {
    Link root;                      /* only head, previous and next are used; its head is the wrapper's own */
    PyObject *function;
    PyObject *cache;                /* dict: key -> result, or, with a limit, key -> Link */
    PyObject *info_type;
    PyObject *dict;
    PyObject *weakreflist;
    Py_ssize_t max_size;            /* -1: no limit */
    Py_ssize_t hits, misses;
    bool typed;
    vectorcallfunc vectorcall;
} LruCache;

static struct FunctoolsRuntime {
    PyObject *keyword_mark;         /* parts keyword arguments from positional ones in keys */
} functools_runtime;

int lru_cache_init(void)
{
    if (functools_runtime.keyword_mark == NULL) {
        functools_runtime.keyword_mark = PyObject_CallNoArgs((PyObject *)&PyBaseObject_Type);
    }
    return functools_runtime.keyword_mark == NULL ? -1 : 0;
}

/* ---- Links ---- */

static void link_dealloc(PyObject *op)
{
    Link *link = (Link *)op;
    PyObject_GC_UnTrack(op);
    Py_XDECREF(link->key);
    Py_XDECREF(link->result);
    PyObject_GC_Del(op);
}

static int link_traverse(PyObject *op, visitproc visit, void *arg)
{
    Py_VISIT(((Link *)op)->key);
    Py_VISIT(((Link *)op)->result);
    return 0;
}

PyTypeObject lru_link_type = {
    IMMORTAL_TYPE_HEAD,
    .tp_name = "functools._lru_list_elem",
    .tp_basicsize = sizeof(Link),
    .tp_dealloc = link_dealloc,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .tp_traverse = link_traverse,
};

static inline void link_extract(Link *link)
{
    link->previous->next = link->next;
    link->next->previous = link->previous;
}

/* Puts a link at the end: most recently used. */
static inline void link_append(LruCache *self, Link *link)
{
    Link *root = &self->root, *last = root->previous;
    last->next = root->previous = link;
    link->previous = last;
    link->next = root;
}

static inline void link_prepend(LruCache *self, Link *link)
{
    Link *root = &self->root, *first = root->next;
    first->previous = root->next = link;
    link->previous = root;
    link->next = first;
}

/* ---- Keys ---- */

static PyObject *make_key(bool typed, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    Py_ssize_t n_keywords = kwnames == NULL ? 0 : PyTuple_GET_SIZE(kwnames);
    if (!typed && n_keywords == 0 && nargs == 1 && (PyUnicode_CheckExact(args[0]) || PyLong_CheckExact(args[0]))) {
        return Py_NewRef(args[0]);      /* not to be taken for the key of other arguments, which is a tuple */
    }
    Py_ssize_t n = nargs + (n_keywords > 0 ? 2 * n_keywords + 1 : 0) + (typed ? nargs + n_keywords : 0), at = 0;
    PyObject *key = PyTuple_New(n);
    if (key == NULL) return NULL;
    for (Py_ssize_t i = 0; i < nargs; i++) PyTuple_SET_ITEM(key, at++, Py_NewRef(args[i]));
    if (n_keywords > 0) PyTuple_SET_ITEM(key, at++, Py_NewRef(functools_runtime.keyword_mark));
    for (Py_ssize_t i = 0; i < n_keywords; i++) {
        PyTuple_SET_ITEM(key, at++, Py_NewRef(PyTuple_GET_ITEM(kwnames, i)));
        PyTuple_SET_ITEM(key, at++, Py_NewRef(args[nargs + i]));
    }
    for (Py_ssize_t i = 0; typed && i < nargs + n_keywords; i++) {
        PyTuple_SET_ITEM(key, at++, Py_NewRef((PyObject *)Py_TYPE(args[i])));
    }
    return key;
}

/* ---- Calling ---- */

static PyObject *call_unlimited(LruCache *self, PyObject *key, Py_hash_t hash, PyObject *const *args, size_t nargsf,
                                PyObject *kwnames)
{
    PyObject *result = _PyDict_GetItem_KnownHash(self->cache, key, hash);
    if (result != NULL) {
        self->hits++;
        return Py_NewRef(result);
    }
    if (PyErr_Occurred()) return NULL;
    self->misses++;
    result = PyObject_Vectorcall(self->function, args, nargsf, kwnames);
    if (result != NULL && _PyDict_SetItem_KnownHash(self->cache, key, result, hash) < 0) Py_CLEAR(result);
    return result;
}

/* Adds a link for a new result. */
static int store_new(LruCache *self, PyObject *key, Py_hash_t hash, PyObject *result)
{
    Link *link = PyObject_GC_New(Link, &lru_link_type);
    if (link == NULL) return -1;
    link->hash = hash;
    link->key = Py_NewRef(key);
    link->result = Py_NewRef(result);
    PyObject_GC_Track(link);
    /* Comparing keys may come back here: the link enters the ring only when the dict has it. */
    int stored = _PyDict_SetItem_KnownHash(self->cache, key, (PyObject *)link, hash);
    if (stored == 0) link_append(self, link);
    Py_DECREF(link);
    return stored;
}

/* Takes the least recently used link, out of ring and dict, for a new result. */
static int store_over_oldest(LruCache *self, PyObject *key, Py_hash_t hash, PyObject *result)
{
    Link *link = (Link *)Py_NewRef((PyObject *)self->root.next);
    link_extract(link);
    PyObject *found = _PyDict_GetItem_KnownHash(self->cache, link->key, link->hash);
    if (found == NULL && PyErr_Occurred()) goto error;
    if (found == NULL) {    /* the call has removed it already: nothing to make room for */
        Py_DECREF(link);
        return 0;
    }
    PyObject *old_key = link->key, *old_result = link->result;
    if (_PyDict_DelItem_KnownHash(self->cache, old_key, link->hash) < 0) goto error;
    link->hash = hash;
    link->key = Py_NewRef(key);
    link->result = Py_NewRef(result);
    int stored = _PyDict_SetItem_KnownHash(self->cache, key, (PyObject *)link, hash);
    if (stored == 0) link_append(self, link);
    Py_DECREF(link);
    Py_DECREF(old_key);
    Py_DECREF(old_result);
    return stored;

error:
    link_prepend(self, link);
    Py_DECREF(link);
    return -1;
}

static PyObject *call_limited(LruCache *self, PyObject *key, Py_hash_t hash, PyObject *const *args, size_t nargsf,
                              PyObject *kwnames)
{
    Link *link = (Link *)_PyDict_GetItem_KnownHash(self->cache, key, hash);
    if (link != NULL) {
        link_extract(link);
        link_append(self, link);
        self->hits++;
        return Py_NewRef(link->result);
    }
    if (PyErr_Occurred()) return NULL;
    self->misses++;
    PyObject *result = PyObject_Vectorcall(self->function, args, nargsf, kwnames);
    if (result == NULL) return NULL;
    /* The call may have stored a result for the same arguments. */
    if (_PyDict_GetItem_KnownHash(self->cache, key, hash) != NULL) return result;
    if (PyErr_Occurred()) goto error;
    bool has_room = PyDict_GET_SIZE(self->cache) < self->max_size || self->root.next == &self->root;
    if ((has_room ? store_new(self, key, hash, result) : store_over_oldest(self, key, hash, result)) < 0) goto error;
    return result;

error:
    Py_DECREF(result);
    return NULL;
}

static PyObject *lru_cache_vectorcall(PyObject *op, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    if (c_stack_is_low(" while calling a Python object")) return NULL;
    LruCache *self = (LruCache *)op;
    if (self->max_size == 0) {
        self->misses++;
        return PyObject_Vectorcall(self->function, args, nargsf, kwnames);
    }
    PyObject *key = make_key(self->typed, args, PyVectorcall_NARGS(nargsf), kwnames);
    if (key == NULL) return NULL;
    PyObject *result = NULL;
    Py_hash_t hash = object_hash(key);
    if (hash != -1) {
        result = self->max_size < 0 ? call_unlimited(self, key, hash, args, nargsf, kwnames)
                                    : call_limited(self, key, hash, args, nargsf, kwnames);
    }
    Py_DECREF(key);
    return result;
}

/* ---- Life ---- */

static PyObject *lru_cache_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    static char *keywords[] = {"user_function", "maxsize", "typed", "cache_info_type", NULL};
    PyObject *function, *max_size_arg, *info_type;
    int typed;
    Py_ssize_t max_size = -1;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "OOpO:lru_cache", keywords, &function, &max_size_arg, &typed, &info_type)) {
        return NULL;
    }
    if (!PyCallable_Check(function)) {
        PyErr_SetString(PyExc_TypeError, "the first argument must be callable");
        return NULL;
    }
    if (max_size_arg != Py_None) {
        if (!PyIndex_Check(max_size_arg)) {
            PyErr_SetString(PyExc_TypeError, "maxsize should be integer or None");
            return NULL;
        }
        max_size = PyNumber_AsSsize_t(max_size_arg, PyExc_OverflowError);
        if (max_size == -1 && PyErr_Occurred()) return NULL;
        if (max_size < 0) max_size = 0;
    }
    PyObject *cache = PyDict_New();
    if (cache == NULL) return NULL;
    LruCache *self = (LruCache *)type->tp_alloc(type, 0);
    if (self == NULL) {
        Py_DECREF(cache);
        return NULL;
    }
    self->root.previous = self->root.next = &self->root;
    self->function = Py_NewRef(function);
    self->cache = cache;
    self->info_type = Py_NewRef(info_type);
    self->max_size = max_size;
    self->typed = typed;
    self->vectorcall = lru_cache_vectorcall;
    return (PyObject *)self;
}

/* Empties the ring; the links live until the dict lets them go. */
static void reset_ring(LruCache *self)
{
    self->root.previous = self->root.next = &self->root;
}

static int lru_cache_tp_clear(PyObject *op)
{
    LruCache *self = (LruCache *)op;
    reset_ring(self);
    Py_CLEAR(self->cache);
    Py_CLEAR(self->function);
    Py_CLEAR(self->info_type);
    Py_CLEAR(self->dict);
    return 0;
}

static void lru_cache_dealloc(PyObject *op)
{
    PyObject_GC_UnTrack(op);
    if (((LruCache *)op)->weakreflist != NULL) PyObject_ClearWeakRefs(op);
    lru_cache_tp_clear(op);
    Py_TYPE(op)->tp_free(op);
}

static int lru_cache_traverse(PyObject *op, visitproc visit, void *arg)
{
    LruCache *self = (LruCache *)op;
    Py_VISIT(self->cache);
    Py_VISIT(self->function);
    Py_VISIT(self->info_type);
    Py_VISIT(self->dict);
    return 0;
}

/* ---- Methods ---- */

static PyObject *lru_cache_get(PyObject *op, PyObject *instance, PyObject *Py_UNUSED(type))
{
    return instance == NULL || instance == Py_None ? Py_NewRef(op) : PyMethod_New(op, instance);
}

static PyObject *cache_info(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    LruCache *self = (LruCache *)op;
    Py_ssize_t size = PyDict_GET_SIZE(self->cache);
    if (self->max_size < 0) return PyObject_CallFunction(self->info_type, "nnOn", self->hits, self->misses, Py_None, size);
    return PyObject_CallFunction(self->info_type, "nnnn", self->hits, self->misses, self->max_size, size);
}

static PyObject *cache_clear(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    LruCache *self = (LruCache *)op;
    reset_ring(self);
    self->hits = self->misses = 0;
    PyDict_Clear(self->cache);
    Py_RETURN_NONE;
}

static PyObject *lru_cache_reduce(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    return PyObject_GetAttr(op, NAME(__qualname__));
}

static PyObject *lru_cache_same(PyObject *op, PyObject *Py_UNUSED(memo))
{
    return Py_NewRef(op);
}

static PyMethodDef lru_cache_methods[] = {
    {"cache_info", cache_info, METH_NOARGS, NULL},
    {"cache_clear", cache_clear, METH_NOARGS, NULL},
    {"__reduce__", lru_cache_reduce, METH_NOARGS, NULL},
    {"__copy__", lru_cache_same, METH_VARARGS, NULL},
    {"__deepcopy__", lru_cache_same, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef lru_cache_getset[] = {
    {"__dict__", PyObject_GenericGetDict, PyObject_GenericSetDict, NULL, NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

PyTypeObject lru_cache_type = {
    IMMORTAL_TYPE_HEAD,
    .tp_name = "functools._lru_cache_wrapper",
    .tp_basicsize = sizeof(LruCache),
    .tp_dealloc = lru_cache_dealloc,
    .tp_vectorcall_offset = offsetof(LruCache, vectorcall),
    .tp_call = PyVectorcall_Call,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_METHOD_DESCRIPTOR |
                Py_TPFLAGS_HAVE_VECTORCALL,
    .tp_doc = "A function with a cache of its results.\n\n"
              "user_function:      what makes the results\n\n"
              "maxsize:            0 for no caching, None for a cache without limit\n\n"
              "typed:              whether f(3) and f(3.0) are cached apart\n\n"
              "cache_info_type:    named tuple class of what cache_info() returns:\n"
              "                    hits, misses, maxsize, currsize\n",
    .tp_traverse = lru_cache_traverse,
    .tp_clear = lru_cache_tp_clear,
    .tp_weaklistoffset = offsetof(LruCache, weakreflist),
    .tp_methods = lru_cache_methods,
    .tp_getset = lru_cache_getset,
    .tp_descr_get = lru_cache_get,
    .tp_dictoffset = offsetof(LruCache, dict),
    .tp_alloc = PyType_GenericAlloc,
    .tp_new = lru_cache_new,
    .tp_free = PyObject_GC_Del,
};
