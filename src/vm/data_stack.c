/* Chunks come from the arena allocator: greenlet, which exchanges a thread's chunks for others, frees those of a greenlet that ended by
 * that. */
#include "vm/data_stack.h"

#include "base/config.h"
#include "vm/vm.h"

enum {
    CHUNK_SIZE = KRAIT_LIMIT(64 * 1024, 1024),
    /* All frames of one thread: far above any real need, low enough that runaway recursion under a raised recursion limit
     * ends in MemoryError before it takes the machine down. */
    MAX_TOTAL = 1 << 30,
};

/* Chunks that were given up, the last one at the end: a loop of calls across the border of two chunks would else map one at every
 * turn, and so would every thread. The GIL's holder may touch them. */
static struct {
    _PyStackChunk *chunks[4];
    int count;
} spare;

static _PyStackChunk *chunk_new(size_t size)
{
    if (spare.count && spare.chunks[spare.count - 1]->size == size) return spare.chunks[--spare.count];
    PyObjectArenaAllocator arenas;
    PyObject_GetArenaAllocator(&arenas);
    _PyStackChunk *chunk = arenas.alloc(arenas.ctx, size);
    if (chunk) chunk->size = size;
    return chunk;
}

static void chunk_free(_PyStackChunk *chunk)
{
    PyObjectArenaAllocator arenas;
    PyObject_GetArenaAllocator(&arenas);
    arenas.free(arenas.ctx, chunk, chunk->size);
}

static void chunk_give_up(_PyStackChunk *chunk)
{
    if (spare.count == Py_ARRAY_LENGTH(spare.chunks)) {
        chunk_free(spare.chunks[0]);
        memmove(spare.chunks, spare.chunks + 1, --spare.count * sizeof *spare.chunks);
    }
    spare.chunks[spare.count++] = chunk;
}

static size_t total_size(const PyThreadState *tstate)
{
    size_t total = 0;
    for (_PyStackChunk *c = tstate->datastack_chunk; c; c = c->previous) total += c->size;
    return total;
}

void *data_stack_push_chunk(PyThreadState *tstate, size_t size)
{
    size_t want = CHUNK_SIZE;
    _PyStackChunk *old = tstate->datastack_chunk;
    /* Chunks grow with the depth so that counting them stays cheap. */
    if (old && old->size >= want) want = old->size < (16 << 20) ? 2 * old->size : old->size;
    while (want < size + sizeof(_PyStackChunk)) want *= 2;
    if (old && total_size(tstate) + want > MAX_TOTAL) {
        PyErr_NoMemory();
        return NULL;
    }
    _PyStackChunk *chunk = chunk_new(want);
    if (!chunk) {
        PyErr_NoMemory();
        return NULL;
    }
    if (old) old->top = (size_t)(tstate->datastack_top - &old->data[0]);
    chunk->previous = old;
    chunk->top = 0;
    tstate->datastack_chunk = chunk;
    tstate->datastack_top = (PyObject **)((char *)chunk->data + size);
    tstate->datastack_limit = (PyObject **)((char *)chunk + want);
    return chunk->data;
}

void data_stack_pop_chunk(PyThreadState *tstate)
{
    _PyStackChunk *chunk = tstate->datastack_chunk, *old = chunk->previous;
    if (!old) {     /* the first chunk is kept */
        tstate->datastack_top = &chunk->data[0];
        return;
    }
    tstate->datastack_chunk = old;
    tstate->datastack_top = &old->data[old->top];
    tstate->datastack_limit = (PyObject **)((char *)old + old->size);
    chunk_give_up(chunk);
}

void data_stack_give_up(PyThreadState *tstate)
{
    _PyStackChunk *chunk = tstate->datastack_chunk;
    if (!chunk || chunk->previous || chunk->size != CHUNK_SIZE) return;
    chunk_give_up(chunk);
    tstate->datastack_chunk = NULL;
    tstate->datastack_top = tstate->datastack_limit = NULL;
}

void data_stack_free(PyThreadState *tstate)
{
    for (_PyStackChunk *c = tstate->datastack_chunk, *previous; c; c = previous) {
        previous = c->previous;
        chunk_free(c);
    }
    tstate->datastack_chunk = NULL;
    tstate->datastack_top = tstate->datastack_limit = NULL;
}
