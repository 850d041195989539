/* Reading the files of the Unicode character database. */
#define _GNU_SOURCE
#include "ucd.h"
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define FIELDS 20

/* One line taken apart at its semicolons: comments gone, blanks around fields gone. */
typedef struct {
    FILE *file;
    char *line;
    size_t room;
    char *field[FIELDS];
    int count;
} Reader;

static void reader_open(Reader *r, const char *folder, const char *name)
{
    char path[4096];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    *r = (Reader){.file = fopen(path, "r")};
    if (r->file == NULL)
        die("cannot open %s", path);
}

static char *trim(char *s)
{
    while (isspace((unsigned char)*s))
        s++;
    for (char *end = s + strlen(s); end > s && isspace((unsigned char)end[-1]);)
        *--end = '\0';
    return s;
}

static bool reader_next(Reader *r)
{
    while (getline(&r->line, &r->room, r->file) >= 0) {
        r->line[strcspn(r->line, "#\n")] = '\0';
        if (*trim(r->line) == '\0')
            continue;
        char *rest = r->line, *part;
        for (r->count = 0; r->count < FIELDS && (part = strsep(&rest, ";")) != NULL;)
            r->field[r->count++] = trim(part);
        return true;
    }
    fclose(r->file);
    free(r->line);
    return false;
}

/* "1F600" or "1F600..1F64F". */
static void parse_range(const char *text, uint32_t *first, uint32_t *last)
{
    char *end;
    *first = *last = (uint32_t)strtoul(text, &end, 16);
    if (end[0] == '.' && end[1] == '.')
        *last = (uint32_t)strtoul(end + 2, NULL, 16);
    if (*last >= CODES || *first > *last)
        die("bad range %s", text);
}

static int parse_codes(const char *text, uint32_t *codes, int room)
{
    int n = 0;
    char *end;
    for (;;) {
        unsigned long code = strtoul(text, &end, 16);
        if (end == text)
            return n;
        if (n == room)
            die("too many code points: %s", text);
        codes[n++] = (uint32_t)code;
        text = end;
    }
}

/* Runs `body` with c over the assigned code points of each line's first field. */
#define FOR_LINES(file_name, ...) \
    do { \
        Reader r; \
        reader_open(&r, folder, file_name); \
        while (reader_next(&r)) { \
            uint32_t first, last; \
            parse_range(r.field[0], &first, &last); \
            for (uint32_t at = first; at <= last; at++) { \
                Code *c = &ucd->codes[at]; \
                __VA_ARGS__ \
            } \
        } \
    } while (0)

static void parse_number(Code *c, const char *text)
{
    char *end;
    c->has_numeric = true;
    c->numerator = strtoll(text, &end, 10);
    c->denominator = *end == '/' ? (int32_t)strtol(end + 1, NULL, 10) : 1;
}

static void set_basics(Code *c, const Reader *r)
{
    strcpy(c->category, r->field[2]);
    c->combining = (uint8_t)atoi(r->field[3]);
    strcpy(c->bidi, r->field[4]);
    if (*r->field[5])
        c->decomposition = need(strdup(r->field[5]));
    c->decimal = *r->field[6] ? (int8_t)atoi(r->field[6]) : -1;
    c->digit = *r->field[7] ? (int8_t)atoi(r->field[7]) : -1;
    if (*r->field[8])
        parse_number(c, r->field[8]);
    if (*r->field[9] == 'Y')
        c->props |= PROP_MIRRORED;
    c->upper = (uint32_t)strtoul(r->field[12], NULL, 16);
    c->lower = (uint32_t)strtoul(r->field[13], NULL, 16);
    c->title = (uint32_t)strtoul(r->field[14], NULL, 16);
    c->assigned = true;
}

static void read_main(Ucd *ucd, const char *folder)
{
    Reader r;
    uint32_t range_start = 0;
    bool in_range = false;
    reader_open(&r, folder, "UnicodeData.txt");
    while (reader_next(&r)) {
        if (r.count < 15)
            die("UnicodeData.txt: a line with %d fields", r.count);
        uint32_t code = (uint32_t)strtoul(r.field[0], NULL, 16);
        if (strstr(r.field[1], ", First>")) {
            range_start = code;
            in_range = true;
            continue;
        }
        uint32_t first = in_range ? range_start : code;
        for (uint32_t at = first; at <= code; at++) {
            Code *c = &ucd->codes[at];
            if (c->age == 0 || c->age > AGE_NOW)
                continue;
            set_basics(c, &r);
            if (!in_range && r.field[1][0] != '<')
                c->name = need(strdup(r.field[1]));
        }
        in_range = false;
    }
}

static uint16_t prop_named(const char *name)
{
    static const struct {
        const char *name;
        uint16_t bit;
    } props[] = {
        {"Lowercase", PROP_LOWERCASE}, {"Uppercase", PROP_UPPERCASE}, {"Cased", PROP_CASED},
        {"Case_Ignorable", PROP_CASE_IGNORABLE}, {"XID_Start", PROP_XID_START}, {"XID_Continue", PROP_XID_CONTINUE},
        {"Full_Composition_Exclusion", PROP_EXCLUDED},
    };
    for (size_t i = 0; i < sizeof(props) / sizeof(*props); i++)
        if (strcmp(name, props[i].name) == 0)
            return props[i].bit;
    return 0;
}

static int quick_check_shift(const char *name)
{
    static const char *const forms[] = {"NFD_QC", "NFKD_QC", "NFC_QC", "NFKC_QC"};
    for (int i = 0; i < 4; i++)
        if (strcmp(name, forms[i]) == 0)
            return i * 2;
    return -1;
}

static void read_mapping(Mapping *m, const char *text)
{
    m->count = (uint8_t)parse_codes(text, m->to, 3);
}

static void read_special_casing(Ucd *ucd, const char *folder)
{
    FOR_LINES("SpecialCasing.txt", {
        if (r.count > 5 || !c->assigned)  /* a condition: a language, or the final sigma */
            continue;
        read_mapping(&c->full_lower, r.field[1]);
        read_mapping(&c->full_title, r.field[2]);
        read_mapping(&c->full_upper, r.field[3]);
    });
    FOR_LINES("CaseFolding.txt", {
        if (c->assigned && (*r.field[1] == 'C' || *r.field[1] == 'F'))
            read_mapping(&c->fold, r.field[2]);
    });
}

/* Aliases that Unicode 15.0 has given to older characters. */
static bool is_new_alias(const char *name)
{
    static const char *const names[] = {
        "EM", "ARABIC SMALL HIGH LIGATURE ALEF WITH YEH BARREE", "SUNDANESE LETTER ARCHAIC I",
    };
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return false;
}

static void read_names(Ucd *ucd, const char *folder)
{
    Reader r;
    reader_open(&r, folder, "NameAliases.txt");
    while (reader_next(&r)) {
        uint32_t code = (uint32_t)strtoul(r.field[0], NULL, 16);
        if (!ucd->codes[code].assigned || is_new_alias(r.field[1]))
            continue;
        ucd->aliases = need(realloc(ucd->aliases, sizeof(Alias) * (size_t)(ucd->alias_count + 1)));
        ucd->aliases[ucd->alias_count++] = (Alias){need(strdup(r.field[1])), code};
    }
    reader_open(&r, folder, "NamedSequences.txt");
    while (reader_next(&r)) {
        ucd->sequences = need(realloc(ucd->sequences, sizeof(Sequence) * (size_t)(ucd->sequence_count + 1)));
        Sequence *s = &ucd->sequences[ucd->sequence_count++];
        *s = (Sequence){0};
        s->name = need(strdup(r.field[0]));
        s->count = parse_codes(r.field[1], s->codes, 4);
    }
}

/* Letters that Unicode 15.0 has made lower case (and cased), and 14.0 had not. */
static void undo_changes(Ucd *ucd)
{
    static const uint32_t not_lower[] = {0x10fc, 0xa7f2, 0xa7f3, 0xa7f4, 0xab69};
    for (size_t i = 0; i < sizeof(not_lower) / sizeof(*not_lower); i++)
        ucd->codes[not_lower[i]].props &= (uint16_t)~(PROP_LOWERCASE | PROP_CASED);
}

void ucd_read(Ucd *ucd, const char *folder)
{
    *ucd = (Ucd){.codes = need(calloc(CODES, sizeof(Code)))};
    for (uint32_t i = 0; i < CODES; i++) {
        ucd->codes[i].decimal = ucd->codes[i].digit = -1;
        strcpy(ucd->codes[i].category, "Cn");
        strcpy(ucd->codes[i].width, "N");
    }
    FOR_LINES("DerivedAge.txt", {
        int major, minor;
        if (sscanf(r.field[1], "%d.%d", &major, &minor) != 2)
            die("DerivedAge.txt: %s", r.field[1]);
        c->age = (uint16_t)(major * 100 + minor * 10);
    });
    read_main(ucd, folder);
    FOR_LINES("DerivedCoreProperties.txt", {
        if (c->assigned)
            c->props |= prop_named(r.field[1]);
    });
    FOR_LINES("DerivedNormalizationProps.txt", {
        if (!c->assigned)
            continue;
        c->props |= prop_named(r.field[1]);
        int shift = quick_check_shift(r.field[1]);
        if (shift >= 0)
            c->quick_check |= (uint8_t)((*r.field[2] == 'N' ? 2 : 1) << shift);
    });
    FOR_LINES("LineBreak.txt", {
        const char *class = r.field[1];
        if (c->assigned && (!strcmp(class, "BK") || !strcmp(class, "CR") || !strcmp(class, "LF") || !strcmp(class, "NL")))
            c->props |= PROP_LINE_BREAK;
    });
    FOR_LINES("EastAsianWidth.txt", { strcpy(c->width, r.field[1]); });
    FOR_LINES("extracted/DerivedNumericValues.txt", {
        if (c->assigned)
            parse_number(c, r.field[3]);
    });
    undo_changes(ucd);
    read_special_casing(ucd, folder);
    read_names(ucd, folder);
}
