/* The Unicode character database in memory, as the generators of tables see it.
 *
 * Read from Debian's unicode-data (15.0). A code point younger than Unicode 14.0 (DerivedAge.txt) is taken as unassigned, so that the
 * tables are those of 14.0.
 */
#ifndef KRAIT_TOOLS_UNICODE_UCD_H
#define KRAIT_TOOLS_UNICODE_UCD_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define CODES 0x110000u

enum {
    AGE_3_2 = 320,
    AGE_NOW = 1400,
};

/* Binary properties, one bit each. */
enum {
    PROP_LOWERCASE = 1 << 0,
    PROP_UPPERCASE = 1 << 1,
    PROP_CASED = 1 << 2,
    PROP_CASE_IGNORABLE = 1 << 3,
    PROP_XID_START = 1 << 4,
    PROP_XID_CONTINUE = 1 << 5,
    PROP_LINE_BREAK = 1 << 6,           /* line-breaking class BK, CR, LF or NL */
    PROP_MIRRORED = 1 << 7,
    PROP_EXCLUDED = 1 << 8,             /* Full_Composition_Exclusion */
};

typedef struct {
    uint32_t to[3];
    uint8_t count;                      /* 0: no mapping of its own */
} Mapping;

typedef struct {
    bool assigned;
    uint16_t age;                       /* version * 100 */
    char category[3];
    char bidi[4];
    char width[3];
    uint8_t combining;
    uint16_t props;
    int8_t decimal, digit;              /* -1: none */
    bool has_numeric;
    int64_t numerator;
    int32_t denominator;
    uint32_t upper, lower, title;       /* simple mappings, 0: none */
    Mapping full_upper, full_lower, full_title, fold;
    uint8_t quick_check;                /* two bits each, from the low end: NFD, NFKD, NFC, NFKC; 0 yes, 1 maybe, 2 no */
    char *decomposition;                /* field 5 as it stands, or NULL */
    char *name;                         /* or NULL: none, or made by rule */
} Code;

typedef struct {
    char *name;
    uint32_t code;
} Alias;

typedef struct {
    char *name;
    uint32_t codes[4];
    int count;
} Sequence;

typedef struct {
    Code *codes;                        /* CODES of them */
    Alias *aliases;
    int alias_count;
    Sequence *sequences;
    int sequence_count;
} Ucd;

/* Reads the folder of unicode-data. Ends the program with a message when a file is missing or odd. */
void ucd_read(Ucd *ucd, const char *folder);

/* tables.c: arrays as C text. */
void table_open(FILE *out, const char *type, const char *name);
void table_item(FILE *out, long long value);
void table_close(FILE *out);
/* A two-stage table of one number per code point: NAME_index[c >> NAME_SHIFT] << NAME_SHIFT | (c & mask) into NAME_block. */
void table_write_stages(FILE *out, const char *name, const uint32_t *values);
_Noreturn void die(const char *format, ...) __attribute__((format(printf, 1, 2)));
void *need(void *memory);

/* The generators. */
void make_types(const Ucd *ucd, FILE *out);
void make_data(const Ucd *ucd, FILE *out);
void make_names(const Ucd *ucd, FILE *out);

#endif
