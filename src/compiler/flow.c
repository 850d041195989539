/* Blocks and their memory. */
#include "compiler/flow.h"

#include "base/config.h"

#include <string.h>

typedef struct FlowChunk {
    struct FlowChunk *previous;
    size_t used, size;
    _Alignas(16) char data[];
} FlowChunk;

enum { CHUNK_SIZE = KRAIT_LIMIT(16 * 1024, 256), FIRST_CAPACITY = 8 };

void *flow_alloc(Flow *flow, size_t size)
{
    size = (size + 15) & ~(size_t)15;
    FlowChunk *chunk = flow->chunks;
    if (!chunk || chunk->size - chunk->used < size) {
        size_t wanted = size > CHUNK_SIZE / 4 ? size : (chunk ? CHUNK_SIZE : CHUNK_SIZE / 4);
        chunk = PyMem_Malloc(sizeof(*chunk) + wanted);
        if (!chunk) {
            PyErr_NoMemory();
            return NULL;
        }
        chunk->used = 0;
        chunk->size = wanted;
        /* A chunk made for one large piece goes behind the one being filled. */
        if (flow->chunks && wanted == size) {
            chunk->previous = flow->chunks->previous;
            flow->chunks->previous = chunk;
        } else {
            chunk->previous = flow->chunks;
            flow->chunks = chunk;
        }
    }
    void *result = chunk->data + chunk->used;
    chunk->used += size;
    return memset(result, 0, size);
}

int flow_init(Flow *flow)
{
    *flow = (Flow){0};
    flow->entry = flow->current = flow_block_new(flow);
    return flow->entry ? 0 : -1;
}

void flow_clear(Flow *flow)
{
    for (FlowChunk *chunk = flow->chunks; chunk;) {
        FlowChunk *previous = chunk->previous;
        PyMem_Free(chunk);
        chunk = previous;
    }
    *flow = (Flow){0};
}

Block *flow_block_new(Flow *flow)
{
    Block *block = flow_alloc(flow, sizeof(*block));
    if (!block) return NULL;
    block->older = flow->newest;
    block->start_depth = -1;
    flow->newest = block;
    flow->block_count++;
    return block;
}

void flow_use_block(Flow *flow, Block *block)
{
    flow->current->next = block;
    flow->current = block;
}

Instr *block_append(Flow *flow, Block *block)
{
    if (block->size == block->capacity) {
        int capacity = block->capacity ? 2 * block->capacity : FIRST_CAPACITY;
        Instr *code = flow_alloc(flow, (size_t)capacity * sizeof(*code));
        if (!code) return NULL;
        if (block->size) memcpy(code, block->code, (size_t)block->size * sizeof(*code));
        block->code = code;
        block->capacity = capacity;
    }
    Instr *instr = &block->code[block->size++];
    *instr = (Instr){0};
    return instr;
}

Instr *block_insert(Flow *flow, Block *block, int index)
{
    if (!block_append(flow, block)) return NULL;
    Instr *at = &block->code[index];
    memmove(at + 1, at, (size_t)(block->size - 1 - index) * sizeof(*at));
    *at = (Instr){0};
    return at;
}

static bool ends_block(const Instr *i)
{
    return instr_is_jump(i) || i->opcode == OP_RETURN_VALUE || i->opcode == OP_RAISE_VARARGS ||
           i->opcode == OP_RERAISE;
}

int flow_emit(Flow *flow, int opcode, int oparg, Block *target, AstPosition pos)
{
    Instr *last = block_last(flow->current);
    if (last && ends_block(last)) {
        Block *block = flow_block_new(flow);
        if (!block) return -1;
        flow_use_block(flow, block);
    }
    Instr *instr = block_append(flow, flow->current);
    if (!instr) return -1;
    instr->opcode = opcode;
    instr->oparg = oparg;
    instr->target = target;
    instr->pos = pos;
    return 0;
}
