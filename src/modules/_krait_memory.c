/* The `_krait_memory` module: what the allocator and the collector know of themselves, for the module krait.memory and for tests. */
#include <Python.h>
#include <stdbool.h>

#include "memory/gc.h"
#include "memory/memory.h"

PyDoc_STRVAR(check_heap_doc, "check_heap($module, /)\n--\n\n"
"Check that the collector's lists and all reference counts hold together; SystemError says what does not.");

static PyObject *check_heap(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(ignored))
{
    PyObject *where = NULL;
    const char *wrong = gc_check_heap(&where);
    if (!wrong) Py_RETURN_NONE;
    return PyErr_Format(PyExc_SystemError, "%s: a '%.200s' at %p", wrong, where ? Py_TYPE(where)->tp_name : "?", (void *)where);
}

/* Making the answer may end objects and so arenas: what is to be told is copied first, without making any object. */
typedef struct {
    char *base;
    struct {
        uint32_t size;      /* of a block; 0: the pool is free */
        uint32_t used, capacity;
        bool touched;
    } pools[ARENA_POOLS];
} ArenaPicture;

static void arena_copy(const Arena *arena, ArenaPicture *picture)
{
    picture->base = arena->base;
    for (size_t i = 0; i < ARENA_POOLS; i++) {
        picture->pools[i].size = 0;
        picture->pools[i].touched = arena->touched >> i & 1;
        if (arena->free_pools >> i & 1) continue;
        const Pool *pool = (const Pool *)(arena->base + i * POOL_SIZE);
        picture->pools[i].size = (pool->size_class + 1u) << SMALL_SHIFT;
        picture->pools[i].used = pool->full ? pool->capacity : pool->pending;
        picture->pools[i].capacity = pool->capacity;
    }
}

static PyObject *arena_describe(const ArenaPicture *picture)
{
    PyObject *pools = PyList_New(ARENA_POOLS);
    for (size_t i = 0; pools && i < ARENA_POOLS; i++) {
        PyObject *pool = picture->pools[i].size
            ? Py_BuildValue("III", picture->pools[i].size, picture->pools[i].used, picture->pools[i].capacity)
            : Py_NewRef(picture->pools[i].touched ? Py_True : Py_None);
        if (pool) PyList_SET_ITEM(pools, (Py_ssize_t)i, pool);
        else Py_CLEAR(pools);
    }
    return pools ? Py_BuildValue("NN", PyLong_FromVoidPtr(picture->base), pools) : NULL;
}

PyDoc_STRVAR(arenas_doc, "arenas($module, /)\n--\n\n"
"The arenas: for each its address and a list with an entry per pool: (block size, blocks in use, blocks), True for a free pool\n"
"whose pages are still here, None for one without pages.");

static PyObject *arenas(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(ignored))
{
    size_t count = 0;
    ArenaPicture *pictures = PyMem_RawMalloc((memory_runtime.arena_count + 1) * sizeof *pictures);
    if (!pictures) return PyErr_NoMemory();
    for (const Arena *arena = memory_runtime.all_arenas; arena; arena = arena->all_next) arena_copy(arena, &pictures[count++]);
    PyObject *list = PyList_New(0);
    for (size_t i = 0; list && i < count; i++) {
        PyObject *entry = arena_describe(&pictures[i]);
        if (!entry || PyList_Append(list, entry) < 0) Py_CLEAR(list);
        Py_XDECREF(entry);
    }
    PyMem_RawFree(pictures);
    return list;
}

PyDoc_STRVAR(large_blocks_doc, "large_blocks($module, /)\n--\n\nThe sizes of the blocks that have a mapping of their own.");

static PyObject *large_blocks(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(ignored))
{
    size_t count = 0;
    const struct LargeState *state = &memory_runtime.large;
    for (size_t i = 0; i < 1 << LARGE_BUCKET_BITS; i++) {
        for (const Large *large = state->buckets[i]; large; large = large->next) count++;
    }
    size_t *sizes = PyMem_RawMalloc((count + 1) * sizeof *sizes);
    if (!sizes) return PyErr_NoMemory();
    count = 0;
    for (size_t i = 0; i < 1 << LARGE_BUCKET_BITS; i++) {
        for (const Large *large = state->buckets[i]; large; large = large->next) sizes[count++] = large->size;
    }
    PyObject *list = PyList_New((Py_ssize_t)count);
    for (size_t i = 0; list && i < count; i++) {
        PyObject *size = PyLong_FromSize_t(sizes[i]);
        if (size) PyList_SET_ITEM(list, (Py_ssize_t)i, size);
        else Py_CLEAR(list);
    }
    PyMem_RawFree(sizes);
    return list;
}

PyDoc_STRVAR(constants_doc, "constants($module, /)\n--\n\nThe sizes of an arena, a pool, and the largest block of a pool.");

static PyObject *constants(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(ignored))
{
    return Py_BuildValue("nnn", (Py_ssize_t)ARENA_SIZE, (Py_ssize_t)POOL_SIZE, (Py_ssize_t)SMALL_MAX);
}

PyDoc_STRVAR(references_doc, "references($module, /)\n--\n\n"
"The sum of the reference counts of all that the collector tracks, and of None, the bools and the small ints.");

static PyObject *references(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(ignored))
{
    enum { SMALL_INTS_FROM = -5, SMALL_INTS_TO = 256 };
    const struct GcState *gc = &memory_runtime.gc;
    Py_ssize_t sum = Py_REFCNT(Py_None) + Py_REFCNT(Py_True) + Py_REFCNT(Py_False);
    for (long i = SMALL_INTS_FROM; i <= SMALL_INTS_TO; i++) {
        PyObject *number = PyLong_FromLong(i);
        sum += Py_REFCNT(number) - 1;
        Py_DECREF(number);
    }
    for (int i = 0; i <= GC_GENERATIONS; i++) {
        const GcHead *list = i < GC_GENERATIONS ? &gc->generations[i].head : &gc->frozen.head;
        for (const GcHead *h = (GcHead *)list->next; h != list; h = (GcHead *)h->next) sum += Py_REFCNT(gc_object(h));
    }
    return PyLong_FromSsize_t(sum);
}

static PyMethodDef methods[] = {
    {"arenas", arenas, METH_NOARGS, arenas_doc},
    {"check_heap", check_heap, METH_NOARGS, check_heap_doc},
    {"constants", constants, METH_NOARGS, constants_doc},
    {"large_blocks", large_blocks, METH_NOARGS, large_blocks_doc},
    {"references", references, METH_NOARGS, references_doc},
    {NULL, NULL, 0, NULL},
};

static PyModuleDef module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_krait_memory",
    .m_doc = "What the allocator and the collector know of themselves.",
    .m_methods = methods,
};

PyMODINIT_FUNC PyInit__krait_memory(void)
{
    return PyModuleDef_Init(&module);
}
