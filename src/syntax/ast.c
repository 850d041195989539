/* The arena: one tree's memory, handed out from chunks and given back all at once. */
#include "syntax/ast.h"

#include "base/config.h"

#include <stdint.h>
#include <string.h>

#define FIRST_CHUNK ((size_t)KRAIT_LIMIT(8 * 1024, 256))
#define LARGEST_CHUNK ((size_t)KRAIT_LIMIT(256 * 1024, 1024))

typedef struct Chunk {
    struct Chunk *previous;
    size_t size;                /* bytes of data */
    _Alignas(16) char data[];
} Chunk;

struct Arena {
    char *next, *end;           /* free part of the newest chunk */
    Chunk *chunks;              /* newest first */
    PyObject **owned;           /* owned references */
    size_t owned_count, owned_capacity;
};

Arena *arena_new(void)
{
    Arena *arena = PyMem_Calloc(1, sizeof *arena);
    if (!arena) PyErr_NoMemory();
    return arena;
}

void arena_free(Arena *arena)
{
    if (!arena) return;
    for (size_t i = 0; i < arena->owned_count; i++)
        Py_DECREF(arena->owned[i]);
    PyMem_Free(arena->owned);
    for (Chunk *chunk = arena->chunks, *previous; chunk; chunk = previous) {
        previous = chunk->previous;
        PyMem_Free(chunk);
    }
    PyMem_Free(arena);
}

static bool add_chunk(Arena *arena, size_t size)
{
    size_t room = arena->chunks ? arena->chunks->size * 2 : FIRST_CHUNK;
    if (room > LARGEST_CHUNK) room = LARGEST_CHUNK;
    if (room < size) room = size;
    Chunk *chunk = PyMem_Calloc(1, sizeof *chunk + room);
    if (!chunk) {
        PyErr_NoMemory();
        return false;
    }
    chunk->size = room;
    chunk->previous = arena->chunks;
    arena->chunks = chunk;
    arena->next = chunk->data;
    arena->end = chunk->data + room;
    return true;
}

void *arena_alloc(Arena *arena, size_t size)
{
    if (size > PY_SSIZE_T_MAX / 2) {
        PyErr_NoMemory();
        return NULL;
    }
    size = (size + 7) & ~(size_t)7;
    if ((size_t)(arena->end - arena->next) < size && !add_chunk(arena, size)) return NULL;
    void *memory = arena->next;
    arena->next += size;
    return memory;
}

int arena_own(Arena *arena, PyObject *object)
{
    if (arena->owned_count == arena->owned_capacity) {
        size_t capacity = arena->owned_capacity ? arena->owned_capacity * 2 : 64;
        PyObject **owned = PyMem_Realloc(arena->owned, capacity * sizeof *owned);
        if (!owned) {
            Py_DECREF(object);
            PyErr_NoMemory();
            return -1;
        }
        arena->owned = owned;
        arena->owned_capacity = capacity;
    }
    arena->owned[arena->owned_count++] = object;
    return 0;
}

void *ast_seq_new(Arena *arena, Py_ssize_t size)
{
    AstSeq *seq = arena_alloc(arena, sizeof *seq + (size_t)size * sizeof(void *));
    if (seq) seq->size = size;
    return seq;
}

/* ---- The exported face ---------------------------------------------------------------------------------------- */

typedef struct _arena PyArena;
PyAPI_FUNC(PyArena *) _PyArena_New(void);
PyAPI_FUNC(void) _PyArena_Free(PyArena *);
PyAPI_FUNC(void *) _PyArena_Malloc(PyArena *, size_t);
PyAPI_FUNC(int) _PyArena_AddPyObject(PyArena *, PyObject *);

PyArena *_PyArena_New(void)
{
    return (PyArena *)arena_new();
}

void _PyArena_Free(PyArena *arena)
{
    arena_free((Arena *)arena);
}

void *_PyArena_Malloc(PyArena *arena, size_t size)
{
    return arena_alloc((Arena *)arena, size);
}

/* Steals the reference when it succeeds. */
int _PyArena_AddPyObject(PyArena *arena, PyObject *object)
{
    Py_INCREF(object);
    if (arena_own((Arena *)arena, object) < 0) return -1;
    Py_DECREF(object);
    return 0;
}
