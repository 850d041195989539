/* sys._debugmallocstats() and PYTHONMALLOCSTATS: what is in the pools, in the reference's form. */
#include <internal/krait_exports.h>
#include <stdio.h>

#include "base/bits.h"
#include "memory/memory.h"

/* "label     =    1,234,567". Returns the value. */
static size_t print_figure(FILE *out, const char *label, size_t value)
{
    char digits[24], grouped[32];
    int n = snprintf(digits, sizeof digits, "%zu", value), length = 0;
    for (int i = 0; i < n; i++) {
        if (i && (n - i) % 3 == 0) grouped[length++] = ',';
        grouped[length++] = digits[i];
    }
    grouped[length] = '\0';
    fprintf(out, "%-35s=%21s\n", label, grouped);
    return value;
}

/* A line for a free list of objects of one kind. */
void _PyDebugAllocatorStats(FILE *out, const char *block_name, int num_blocks, size_t sizeof_block)
{
    char text[160], label[192];
    snprintf(text, sizeof text, "%d %ss * %zd bytes each", num_blocks, block_name, sizeof_block);
    snprintf(label, sizeof label, "%48s ", text);
    print_figure(out, label, (size_t)num_blocks * sizeof_block);
}

struct Usage {
    size_t pools[SMALL_CLASSES], used[SMALL_CLASSES], available[SMALL_CLASSES];
    size_t unused_pools, quantization, alignment;
};

static void count_arena(Arena *arena, struct Usage *u)
{
    u->unused_pools += (size_t)bits_count(arena->free_pools);
    u->alignment += arena->raw_size - ARENA_SIZE;
    for (size_t i = 0; i < ARENA_POOLS; i++) {
        if (arena->free_pools >> i & 1) continue;
        Pool *pool = (Pool *)(arena->base + i * POOL_SIZE);
        size_t c = pool->size_class, used = pool->full ? pool->capacity : pool->pending;
        u->pools[c]++;
        u->used[c] += used;
        u->available[c] += pool->capacity - used;
        u->quantization += (POOL_SIZE - POOL_HEADER) % ((c + 1) << SMALL_SHIFT);
    }
}

/* Returns 0 and prints nothing when objects do not come from the pools. */
int _PyObject_DebugMallocStats(FILE *out)
{
    struct MemoryRuntime *m = &memory_runtime;
    if (m->allocators[MEMORY_OBJECT].malloc != memory_pool_allocator.malloc || KRAIT_ASAN) return 0;
    static const struct Usage empty;
    struct Usage u = empty;
    for (Arena *arena = m->all_arenas; arena; arena = arena->all_next) count_arena(arena, &u);

    fprintf(out, "Small block threshold = %d, in %d size classes.\n", SMALL_MAX, SMALL_CLASSES);
    fputs("\nclass   size   num pools   blocks in use  avail blocks\n"
          "-----   ----   ---------   -------------  ------------\n", out);
    size_t total, bytes_used = 0, bytes_available = 0, headers = 0;
    for (size_t c = 0; c < SMALL_CLASSES; c++) {
        if (!u.pools[c]) continue;
        size_t size = (c + 1) << SMALL_SHIFT;
        fprintf(out, "%5zu %6zu %11zu %15zu %13zu\n", c, size, u.pools[c], u.used[c], u.available[c]);
        bytes_used += u.used[c] * size;
        bytes_available += u.available[c] * size;
        headers += u.pools[c] * POOL_HEADER;
    }
    fputc('\n', out);
    print_figure(out, "# arenas allocated total", m->arena_total);
    print_figure(out, "# arenas reclaimed", m->arena_total - m->arena_count);
    print_figure(out, "# arenas highwater mark", m->arena_peak);
    print_figure(out, "# arenas allocated current", m->arena_count);
    char label[80];
    snprintf(label, sizeof label, "%zu arenas * %zu bytes/arena", m->arena_count, ARENA_SIZE);
    print_figure(out, label, m->arena_count * ARENA_SIZE);
    fputc('\n', out);
    total = print_figure(out, "# bytes in allocated blocks", bytes_used);
    total += print_figure(out, "# bytes in available blocks", bytes_available);
    snprintf(label, sizeof label, "%zu unused pools * %zu bytes", u.unused_pools, POOL_SIZE);
    total += print_figure(out, label, u.unused_pools * POOL_SIZE);
    total += print_figure(out, "# bytes lost to pool headers", headers);
    total += print_figure(out, "# bytes lost to quantization", u.quantization);
    total += print_figure(out, "# bytes lost to arena alignment", u.alignment);
    print_figure(out, "Total", total);

    size_t leaves = 0;
    for (size_t i = 0; i < ARENA_MAP_ROOT; i++) leaves += memory_arena_map[i] != NULL;
    fputs("\narena map counts\n", out);
    print_figure(out, "# arena map mid nodes", 0);      /* the reference's map has three levels */
    print_figure(out, "# arena map bot nodes", leaves);
    fputc('\n', out);
    total = print_figure(out, "# bytes lost to arena map root", sizeof memory_arena_map);
    total += print_figure(out, "# bytes lost to arena map mid", 0);
    total += print_figure(out, "# bytes lost to arena map bot", leaves * ARENA_MAP_LEAF * sizeof(Arena *));
    print_figure(out, "Total", total);
    fputc('\n', out);
    return 1;
}
