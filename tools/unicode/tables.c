/* Writing arrays as C text, and packing one number per code point. */
#include "ucd.h"
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

void die(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fputs("make-unicode: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    exit(1);
}

void *need(void *memory)
{
    if (memory == NULL)
        die("out of memory");
    return memory;
}

static int column;

void table_open(FILE *out, const char *type, const char *name)
{
    fprintf(out, "static const %s %s[] = {\n", type, name);
    column = 0;
}

void table_item(FILE *out, long long value)
{
    column += fprintf(out, "%lld,", value);
    if (column > 110) {
        fputc('\n', out);
        column = 0;
    }
}

void table_close(FILE *out)
{
    fputs("\n};\n\n", out);
}

static const char *smallest_type(uint32_t max)
{
    return max < 0x100 ? "uint8_t" : max < 0x10000 ? "uint16_t" : "uint32_t";
}

static size_t smallest_size(uint32_t max)
{
    return max < 0x100 ? 1 : max < 0x10000 ? 2 : 4;
}

/* Splits the values into distinct blocks of 1 << shift. Returns the size in bytes that the tables would have. */
static size_t split(const uint32_t *values, int shift, uint32_t *index, uint32_t *blocks, uint32_t *block_count)
{
    uint32_t width = 1u << shift, count = 0, max = 0;
    for (uint32_t b = 0; b < CODES >> shift; b++) {
        const uint32_t *block = values + (size_t)b * width;
        uint32_t same = 0;
        while (same < count && memcmp(blocks + (size_t)same * width, block, width * sizeof(uint32_t)) != 0)
            same++;
        if (same == count)
            memcpy(blocks + (size_t)count++ * width, block, width * sizeof(uint32_t));
        index[b] = same;
    }
    for (uint32_t i = 0; i < CODES; i++)
        max = values[i] > max ? values[i] : max;
    *block_count = count;
    return (CODES >> shift) * smallest_size(count) + (size_t)count * width * smallest_size(max);
}

void table_write_stages(FILE *out, const char *name, const uint32_t *values)
{
    uint32_t *index = need(malloc(CODES * sizeof(uint32_t))), *blocks = need(malloc(CODES * sizeof(uint32_t)));
    uint32_t count = 0, max = 0;
    int best = 7;
    size_t best_size = SIZE_MAX;
    for (int shift = 5; shift <= 8; shift++) {
        size_t size = split(values, shift, index, blocks, &count);
        if (size < best_size) {
            best_size = size;
            best = shift;
        }
    }
    split(values, best, index, blocks, &count);
    for (uint32_t i = 0; i < CODES; i++)
        max = values[i] > max ? values[i] : max;
    char array[80];
    fprintf(out, "enum { %s_SHIFT = %d, %s_MASK = %d };\n", name, best, name, (1 << best) - 1);
    snprintf(array, sizeof(array), "%s_index", name);
    table_open(out, smallest_type(count - 1), array);
    for (uint32_t b = 0; b < CODES >> best; b++)
        table_item(out, index[b]);
    table_close(out);
    snprintf(array, sizeof(array), "%s_block", name);
    table_open(out, smallest_type(max), array);
    for (size_t i = 0; i < (size_t)count << best; i++)
        table_item(out, blocks[i]);
    table_close(out);
    free(index);
    free(blocks);
}
