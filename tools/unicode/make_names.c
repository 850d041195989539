/* unicode_names.inc: the names of characters, aliases and sequences. src/modules/unicodedata/names.c reads it.
 *
 * Entries are numbered: characters in the order of their codes, then aliases, then sequences. A name is a row of words; a word is one
 * byte for the commonest, else two. Rows stand one behind the other, their lengths in a table with the offset of
 * each 32nd. An open-addressing table of entry numbers + 1 leads from the hash of a name to its entry.
 */
#define _GNU_SOURCE
#include "ucd.h"
#include <stdlib.h>
#include <string.h>

#define ONE_BYTE_WORDS 160
#define MAX_ENTRIES 65000
#define SLOTS 65536u

typedef struct {
    char *text;
    int uses, number;
} Word;

static Word words[40000];
static int word_count, word_slots[1 << 17];

/* The same function stands in names.c. */
static uint32_t hash_name(const char *name, size_t length)
{
    uint32_t h = 2166136261u;
    for (size_t i = 0; i < length; i++)
        h = (h ^ (unsigned char)name[i]) * 16777619u;
    return h ^ h >> 15;
}

static Word *find_word(const char *text, size_t length)
{
    uint32_t at = hash_name(text, length) & ((1 << 17) - 1);
    for (; word_slots[at]; at = (at + 1) & ((1 << 17) - 1)) {
        Word *w = &words[word_slots[at] - 1];
        if (strlen(w->text) == length && memcmp(w->text, text, length) == 0)
            return w;
    }
    if (word_count == 40000)
        die("too many words in names");
    words[word_count] = (Word){need(strndup(text, length)), 0, 0};
    word_slots[at] = ++word_count;
    return &words[word_count - 1];
}

static int compare_words(const void *a, const void *b)
{
    const Word *x = *(Word *const *)a, *y = *(Word *const *)b;
    return x->uses != y->uses ? y->uses - x->uses : strcmp(x->text, y->text);
}

static char *names[MAX_ENTRIES];
static uint32_t codes[MAX_ENTRIES];
static int entries;

static void add(char *name, uint32_t code)
{
    if (entries == MAX_ENTRIES)
        die("too many names");
    names[entries] = name;
    codes[entries++] = code;
}

static void collect(const Ucd *ucd, FILE *out)
{
    for (uint32_t at = 0; at < CODES; at++)
        if (ucd->codes[at].assigned && ucd->codes[at].name != NULL)
            add(ucd->codes[at].name, at);
    int first_alias = entries;
    for (int i = 0; i < ucd->alias_count; i++)
        add(ucd->aliases[i].name, ucd->aliases[i].code);
    int first_sequence = entries;
    for (int i = 0; i < ucd->sequence_count; i++)
        add(ucd->sequences[i].name, (uint32_t)i);
    fprintf(out, "enum { FIRST_ALIAS = %d, FIRST_SEQUENCE = %d, ENTRIES = %d, ONE_BYTE_WORDS = %d };\n\n", first_alias,
            first_sequence, entries, ONE_BYTE_WORDS);
    table_open(out, "Py_UCS4", "entry_codes");
    for (int i = 0; i < entries; i++)
        table_item(out, codes[i]);
    table_close(out);
}

/* Calls for each word of a name. */
static void each_word(const char *name, void (*visit)(Word *, FILE *), FILE *out)
{
    while (*name) {
        size_t n = strcspn(name, " ");
        visit(find_word(name, n), out);
        name += n + (name[n] == ' ');
    }
}

static void count_use(Word *w, FILE *out)
{
    (void)out;
    w->uses++;
}

static int written;

static void write_word(Word *w, FILE *out)
{
    if (w->number < ONE_BYTE_WORDS) {
        table_item(out, w->number);
        written++;
        return;
    }
    int rest = w->number - ONE_BYTE_WORDS;
    if (rest >> 8 >= 256 - ONE_BYTE_WORDS)
        die("too many words in names");
    table_item(out, ONE_BYTE_WORDS + (rest >> 8));
    table_item(out, rest & 255);
    written += 2;
}

static void write_words(FILE *out)
{
    static Word *order[40000];
    for (int i = 0; i < word_count; i++)
        order[i] = &words[i];
    qsort(order, (size_t)word_count, sizeof(*order), compare_words);
    fputs("static const char word_text[] =\n", out);
    for (int i = 0; i < word_count; i++) {
        order[i]->number = i;
        fprintf(out, "\"%s\"%s", order[i]->text, i % 8 == 7 ? "\n" : "");
    }
    fputs(";\n\n", out);
    table_open(out, "uint32_t", "word_offsets");
    long offset = 0;
    for (int i = 0; i < word_count; i++) {
        table_item(out, offset);
        offset += (long)strlen(order[i]->text);
    }
    table_item(out, offset);
    table_close(out);
}

static void write_names(FILE *out)
{
    static int lengths[MAX_ENTRIES];
    table_open(out, "uint8_t", "name_rows");
    for (int i = 0; i < entries; i++) {
        int before = written;
        each_word(names[i], write_word, out);
        lengths[i] = written - before;
    }
    table_close(out);
    table_open(out, "uint8_t", "name_lengths");
    for (int i = 0; i < entries; i++)
        table_item(out, lengths[i]);
    table_close(out);
    table_open(out, "uint32_t", "name_offsets");
    for (int i = 0, offset = 0; i < entries; offset += lengths[i++])
        if (i % 32 == 0)
            table_item(out, offset);
    table_close(out);
}

static void write_hash(FILE *out)
{
    static uint16_t slots[SLOTS];
    for (int i = 0; i < entries; i++) {
        uint32_t at = hash_name(names[i], strlen(names[i])) & (SLOTS - 1);
        while (slots[at])
            at = (at + 1) & (SLOTS - 1);
        slots[at] = (uint16_t)(i + 1);
    }
    table_open(out, "uint16_t", "name_slots");
    for (uint32_t i = 0; i < SLOTS; i++)
        table_item(out, slots[i]);
    table_close(out);
}

void make_names(const Ucd *ucd, FILE *out)
{
    uint32_t *values = need(calloc(CODES, sizeof(uint32_t)));
    fputs("/* Made by tools/unicode. */\n\n", out);
    collect(ucd, out);
    for (int i = 0; i < entries; i++)
        each_word(names[i], count_use, out);
    write_words(out);
    write_names(out);
    write_hash(out);
    for (int i = 0; i < entries && ucd->codes[codes[i]].name == names[i]; i++)
        values[codes[i]] = (uint32_t)i + 1;
    table_write_stages(out, "entry", values);
    fputs("static const Py_UCS2 sequences[][5] = {\n", out);
    for (int i = 0; i < ucd->sequence_count; i++) {
        const Sequence *s = &ucd->sequences[i];
        fprintf(out, "{%d,%u,%u,%u,%u},\n", s->count, s->codes[0], s->codes[1], s->codes[2], s->codes[3]);
    }
    fputs("};\n", out);
    free(values);
}
