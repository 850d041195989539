/* unicode_types.inc: what str itself asks about a character. See src/objects/str/unicode_types.c for the reader.
 *
 * A record is {flags, upper, lower, title, decimal, digit}. Simple case mappings are differences to the code point. With the
 * flag EXTENDED, the three fields are offsets into extended_case instead, where [simple, count, full…] follow; the case folding
 * stands behind lower's full mapping in the same manner.
 */
#include "ucd.h"
#include <stdlib.h>
#include <string.h>

/* The same numbers stand in unicode_types.c. */
enum {
    ALPHA = 0x01, DECIMAL = 0x02, DIGIT = 0x04, LOWER = 0x08, LINE_BREAK = 0x10, SPACE = 0x20, TITLE = 0x40, UPPER = 0x80,
    XID_START = 0x100, XID_CONTINUE = 0x200, PRINTABLE = 0x400, NUMERIC = 0x800, CASE_IGNORABLE = 0x1000, CASED = 0x2000,
    EXTENDED = 0x4000,
};

typedef struct {
    int flags, upper, lower, title, decimal, digit;
} Record;

static Record records[2000];
static int record_count;
static uint32_t extended[20000];
static int extended_count;

static uint32_t record_of(const Record *r)
{
    for (int i = 0; i < record_count; i++)
        if (memcmp(&records[i], r, sizeof(*r)) == 0)
            return (uint32_t)i;
    if (record_count == 2000)
        die("too many kinds of characters");
    records[record_count] = *r;
    return (uint32_t)record_count++;
}

/* Is the word among those of a list with blanks between? */
static bool has(const char *list, const char *word)
{
    size_t n = strlen(word);
    for (const char *at = list; n > 0 && (at = strstr(at, word)) != NULL; at++)
        if ((at == list || at[-1] == ' ') && (at[n] == ' ' || at[n] == '\0'))
            return true;
    return false;
}

static int flags_of(const Code *c, uint32_t at)
{
    int f = 0;
    if (has("Lm Lt Lu Ll Lo", c->category))
        f |= ALPHA;
    if (c->props & PROP_LOWERCASE)
        f |= LOWER;
    if (c->props & PROP_UPPERCASE)
        f |= UPPER;
    if (!strcmp(c->category, "Lt"))
        f |= TITLE;
    if ((c->props & PROP_LINE_BREAK) || !strcmp(c->bidi, "B"))
        f |= LINE_BREAK;
    if (!strcmp(c->category, "Zs") || has("WS B S", c->bidi))
        f |= SPACE;
    if (at == ' ' || !has("Cc Cf Cs Co Cn Zl Zp Zs", c->category))
        f |= PRINTABLE;
    if (c->props & PROP_XID_START)
        f |= XID_START;
    if (c->props & PROP_XID_CONTINUE)
        f |= XID_CONTINUE;
    if (c->props & PROP_CASED)
        f |= CASED;
    if (c->props & PROP_CASE_IGNORABLE)
        f |= CASE_IGNORABLE;
    if (c->decimal >= 0)
        f |= DECIMAL;
    if (c->digit >= 0)
        f |= DIGIT;
    if (c->has_numeric)
        f |= NUMERIC;
    return f;
}

/* Appends a full mapping, led by what is to be told when one character is asked for; returns where. */
static int extend(uint32_t simple, const Mapping *full)
{
    int at = extended_count;
    extended[extended_count++] = full->count ? full->to[0] : simple;
    if (full->count == 0) {
        extended[extended_count++] = 1;
        extended[extended_count++] = simple;
        return at;
    }
    extended[extended_count++] = full->count;
    for (int i = 0; i < full->count; i++)
        extended[extended_count++] = full->to[i];
    return at;
}

static Record record_for(const Code *c, uint32_t at)
{
    Record r = {.flags = flags_of(c, at)};
    uint32_t upper = c->upper ? c->upper : at, lower = c->lower ? c->lower : at, title = c->title ? c->title : upper;
    bool special = c->full_upper.count > 1 || c->full_lower.count > 1 || c->full_title.count > 1;
    bool folds = c->fold.count > 1 || (c->fold.count == 1 && c->fold.to[0] != lower);
    r.decimal = c->decimal >= 0 ? c->decimal : 0;
    r.digit = c->digit >= 0 ? c->digit : 0;
    /* Characters that fold to themselves although they have a lower case (Cherokee). */
    bool keeps = c->fold.count == 0 && lower != at;
    if (!special && !folds && !keeps) {
        r.upper = (int)upper - (int)at;
        r.lower = (int)lower - (int)at;
        r.title = (int)title - (int)at;
        return r;
    }
    Mapping none = {.count = 0};
    r.flags |= EXTENDED;
    r.upper = extend(upper, special ? &c->full_upper : &none);
    r.title = extend(title, special ? &c->full_title : &none);
    r.lower = extend(lower, special ? &c->full_lower : &none);
    Mapping self = {.to = {at}, .count = 1};
    Mapping fold = c->fold.count ? c->fold : self;
    extend(lower, &fold);
    return r;
}

void make_types(const Ucd *ucd, FILE *out)
{
    uint32_t *values = need(calloc(CODES, sizeof(uint32_t)));
    record_of(&(Record){0});
    for (uint32_t at = 0; at < CODES; at++) {
        const Code *c = &ucd->codes[at];
        if (c->assigned) {
            Record r = record_for(c, at);
            values[at] = record_of(&r);
        }
    }
    fputs("/* Made by tools/unicode. */\n\n", out);
    fputs("static const TypeRecord type_records[] = {\n", out);
    for (int i = 0; i < record_count; i++) {
        Record *r = &records[i];
        fprintf(out, "{%d,%d,%d,%d,%d,%d},\n", r->flags, r->upper, r->lower, r->title, r->decimal, r->digit);
    }
    fputs("};\n\n", out);
    table_open(out, "Py_UCS4", "extended_case");
    for (int i = 0; i < extended_count; i++)
        table_item(out, extended[i]);
    table_close(out);
    table_write_stages(out, "type", values);
    fputs("static const NumericRange numeric_ranges[] = {\n", out);
    for (uint32_t at = 0; at < CODES; at++) {
        const Code *c = &ucd->codes[at];
        if (!c->assigned || !c->has_numeric)
            continue;
        /* A run: each value one more than the one before. */
        uint32_t last = at;
        while (last + 1 < CODES && ucd->codes[last + 1].assigned && ucd->codes[last + 1].has_numeric &&
               ucd->codes[last + 1].denominator == 1 && c->denominator == 1 &&
               ucd->codes[last + 1].numerator == ucd->codes[last].numerator + 1)
            last++;
        fprintf(out, "{%u,%u,%lld.0,%d.0},\n", at, last, (long long)c->numerator, c->denominator);
        at = last;
    }
    fputs("};\n", out);
    free(values);
}
