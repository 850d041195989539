/* unicode_data.inc: what the module unicodedata tells besides names. src/modules/unicodedata/data.c reads it. */
#include "ucd.h"
#include "../../src/modules/unicodedata/composition_hash.h"
#include <stdlib.h>
#include <string.h>

/* Short texts with a number each, in the order of their first use. */
typedef struct {
    char text[64][16];
    int count;
} Words;

static int word(Words *w, const char *text)
{
    for (int i = 0; i < w->count; i++)
        if (strcmp(w->text[i], text) == 0)
            return i;
    if (w->count == 64)
        die("too many values like %s", text);
    strcpy(w->text[w->count], text);
    return w->count++;
}

static void write_words(FILE *out, const char *name, const Words *w)
{
    fprintf(out, "static const char *const %s[] = {", name);
    for (int i = 0; i < w->count; i++)
        fprintf(out, "\"%s\",", w->text[i]);
    fputs("};\n", out);
}

static Words categories, bidis, widths, prefixes;

/* Numbers in rows of one width; equal rows are one. */
typedef struct {
    int row[4000][8];
    int count;
} Rows;

static Rows records, deltas;

static uint32_t row_number(Rows *rows, const int *row)
{
    for (int i = 0; i < rows->count; i++)
        if (memcmp(rows->row[i], row, sizeof(rows->row[i])) == 0)
            return (uint32_t)i;
    if (rows->count == 4000)
        die("too many kinds of characters");
    memcpy(rows->row[rows->count], row, sizeof(rows->row[0]));
    return (uint32_t)rows->count++;
}

static void write_rows(FILE *out, const char *type, const char *name, const Rows *rows, int width)
{
    fprintf(out, "static const %s %s[] = {\n", type, name);
    for (int i = 0; i < rows->count; i++) {
        fputc('{', out);
        for (int k = 0; k < width; k++)
            fprintf(out, "%d,", rows->row[i][k]);
        fputs("},\n", out);
    }
    fputs("};\n\n", out);
}

static void write_records(const Ucd *ucd, FILE *out, uint32_t *values)
{
    /* The first record is that of unassigned code points: category Cn, no direction, width F. */
    word(&categories, "Cn");
    word(&bidis, "");
    word(&widths, "F");
    row_number(&records, (int[8]){0});
    for (uint32_t at = 0; at < CODES; at++) {
        const Code *c = &ucd->codes[at];
        int row[8] = {0};
        if (c->assigned) {
            row[0] = word(&categories, c->category);
            row[1] = word(&bidis, c->bidi);
            row[2] = c->combining;
            row[3] = (c->props & PROP_MIRRORED) != 0;
            row[4] = word(&widths, c->width);
            row[5] = c->quick_check;
        }
        values[at] = row_number(&records, row);
    }
    table_write_stages(out, "data", values);
}

enum DeltaField { CATEGORY, BIDIRECTIONAL, MIRRORED, WIDTH, DECIMAL, NORMALIZATION };

static const struct {
    enum DeltaField field;
    uint32_t first, last;
    const char *value;
} changes[] = {
#define DELTA(field, first, last, value) {field, first, last, value},
#include "delta_3_2_0.def"
#undef DELTA
};

/* Enters the changes into rows; writes those of decompositions. */
static void apply_changes(int (*delta)[8], FILE *out)
{
    fputs("static const OldDecomposition old_decompositions[] = {\n", out);
    for (size_t i = 0; i < sizeof(changes) / sizeof(*changes); i++) {
        const char *value = changes[i].value;
        for (uint32_t at = changes[i].first; at <= changes[i].last; at++) {
            int *d = delta[at];
            switch (changes[i].field) {
            case CATEGORY: d[0] = word(&categories, value); break;
            case BIDIRECTIONAL: d[1] = word(&bidis, value); break;
            case MIRRORED: d[2] = atoi(value); break;
            case WIDTH: d[3] = word(&widths, value); break;
            case DECIMAL: d[4] = strcmp(value, "none") == 0 ? -2 : atoi(value); break;
            case NORMALIZATION: fprintf(out, "{0x%X,0x%s},\n", at, value); break;
            }
        }
    }
    fputs("};\n\n", out);
}

/* Rows {category, bidi, mirrored, width, decimal, unassigned} of 3.2.0; -1: as today; decimal -2: none. */
static void write_deltas(const Ucd *ucd, FILE *out, uint32_t *values)
{
    int(*delta)[8] = need(malloc(CODES * sizeof(*delta)));
    for (uint32_t at = 0; at < CODES; at++)
        memcpy(delta[at], (int[8]){-1, -1, -1, -1, -1, 0, 0, 0}, sizeof(*delta));
    apply_changes(delta, out);
    for (uint32_t at = 0; at < CODES; at++) {
        if (!ucd->codes[at].assigned || ucd->codes[at].age > AGE_3_2)
            memcpy(delta[at], (int[8]){0, 0, 0, 0, -2, 1, 0, 0}, sizeof(*delta));
        values[at] = row_number(&deltas, delta[at]);
    }
    table_write_stages(out, "old", values);
    free(delta);
}

static uint32_t pool[200000];
static int pool_count = 1;

static int parse_codes(const char *text, uint32_t *codes)
{
    int n = 0;
    char *end;
    for (;; text = end) {
        unsigned long code = strtoul(text, &end, 16);
        if (end == text)
            return n;
        codes[n++] = (uint32_t)code;
    }
}

/* Decompositions as [prefix << 8 | count, codes…] in a pool; offset 0: none. */
static void write_decompositions(const Ucd *ucd, FILE *out, uint32_t *values)
{
    word(&prefixes, "");
    for (uint32_t at = 0; at < CODES; at++) {
        const char *text = ucd->codes[at].decomposition;
        values[at] = 0;
        if (text == NULL)
            continue;
        char prefix[16] = "";
        uint32_t codes[32];
        if (*text == '<') {
            const char *end = strchr(text, '>');
            snprintf(prefix, sizeof(prefix), "%.*s", (int)(end + 1 - text), text);
            text = end + 1;
        }
        int n = parse_codes(text, codes);
        values[at] = (uint32_t)pool_count;
        pool[pool_count++] = (uint32_t)(word(&prefixes, prefix) << 8 | n);
        memcpy(pool + pool_count, codes, (size_t)n * sizeof(uint32_t));
        pool_count += n;
    }
    table_write_stages(out, "decomposition", values);
    table_open(out, "Py_UCS4", "decomposition_pool");
    for (int i = 0; i < pool_count; i++)
        table_item(out, pool[i]);
    table_close(out);
}

typedef struct {
    uint32_t first, second, whole;
} Pair;

static int compare_pairs(const void *a, const void *b)
{
    const Pair *x = a, *y = b;
    if (x->first != y->first)
        return x->first < y->first ? -1 : 1;
    return x->second < y->second ? -1 : x->second > y->second;
}

/* At the hash of a pair stands its number from 1; where another one is there already, at the next free place. 0: none. */
static void write_composition_slots(const Pair *pairs, int n, FILE *out)
{
    static uint16_t slots[COMPOSITION_SLOTS];
    for (int i = 0; i < n; i++) {
        uint32_t at = composition_hash(pairs[i].first, pairs[i].second);
        while (slots[at] != 0)
            at = (at + 1) % COMPOSITION_SLOTS;
        slots[at] = (uint16_t)(i + 1);
    }
    table_open(out, "uint16_t", "composition_slots");
    for (int i = 0; i < COMPOSITION_SLOTS; i++)
        table_item(out, slots[i]);
    table_close(out);
}

static void write_compositions(const Ucd *ucd, FILE *out)
{
    static Pair pairs[4000];
    int n = 0;
    for (uint32_t at = 0; at < CODES; at++) {
        const Code *c = &ucd->codes[at];
        uint32_t codes[32];
        if (c->decomposition == NULL || *c->decomposition == '<' || (c->props & PROP_EXCLUDED))
            continue;
        if (parse_codes(c->decomposition, codes) == 2)
            pairs[n++] = (Pair){codes[0], codes[1], at};
    }
    qsort(pairs, (size_t)n, sizeof(Pair), compare_pairs);
    fputs("static const Composition compositions[] = {\n{0,0,0},\n", out);
    for (int i = 0; i < n; i++)
        fprintf(out, "{%u,%u,%u},\n", pairs[i].first, pairs[i].second, pairs[i].whole);
    fputs("};\n\n", out);
    write_composition_slots(pairs, n, out);
}

void make_data(const Ucd *ucd, FILE *out)
{
    uint32_t *values = need(malloc(CODES * sizeof(uint32_t)));
    fputs("/* Made by tools/unicode. */\n\n", out);
    write_records(ucd, out, values);
    write_deltas(ucd, out, values);
    write_decompositions(ucd, out, values);
    write_compositions(ucd, out);
    write_rows(out, "DataRecord", "data_records", &records, 6);
    write_rows(out, "OldRecord", "old_records", &deltas, 6);
    write_words(out, "category_names", &categories);
    write_words(out, "bidi_names", &bidis);
    write_words(out, "width_names", &widths);
    write_words(out, "prefix_names", &prefixes);
    free(values);
}
