/* Messages in blocks, with their length at the end: what MD5, SHA-1 and SHA-2 share. */
#include "modules/hashes/hashes.h"

void blocks_start(const struct HashAlgorithm *algorithm, union HashState *state)
{
    struct BlockState *s = &state->block;
    s->length = 0;
    /* Eight words of a quarter of the block's sixteen each, where an algorithm needs fewer the rest is 0. */
    memcpy(s->longs, algorithm->initial, algorithm->block_size / 2);
}

void blocks_update(const struct HashAlgorithm *algorithm, union HashState *state, const unsigned char *data, size_t size)
{
    struct BlockState *s = &state->block;
    size_t block = algorithm->block_size, filled = s->length % block;
    s->length += size;
    if (filled) {
        size_t part = block - filled < size ? block - filled : size;
        memcpy(s->tail + filled, data, part);
        if (filled + part < block) return;
        algorithm->compress(s, s->tail, 1);
        data += part;
        size -= part;
    }
    if (size >= block) algorithm->compress(s, data, size / block);
    if (size % block) memcpy(s->tail, data + size - size % block, size % block);
}

void blocks_finish(const struct HashAlgorithm *algorithm, union HashState *state, unsigned char *digest, size_t size)
{
    struct BlockState *s = &state->block;
    size_t block = algorithm->block_size, filled = s->length % block;
    size_t length_size = block / 8;
    s->tail[filled++] = 0x80;
    if (filled > block - length_size) {
        memset(s->tail + filled, 0, block - filled);
        algorithm->compress(s, s->tail, 1);
        filled = 0;
    }
    memset(s->tail + filled, 0, block - filled);
    unsigned char *end = s->tail + block;
    if (algorithm->big_endian) {
        store64_big(end - 8, s->length << 3);
        if (length_size == 16) store64_big(end - 16, s->length >> 61);
    }
    else store64_little(end - 8, s->length << 3);
    algorithm->compress(s, s->tail, 1);

    unsigned char out[64];
    for (int i = 0; i < 8; i++) {
        if (block == 128) store64_big(out + 8 * i, s->longs[i]);
        else if (algorithm->big_endian) store32_big(out + 4 * i, s->words[i]);
        else store32_little(out + 4 * i, s->words[i]);
    }
    memcpy(digest, out, size);
}
