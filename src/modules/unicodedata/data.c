/* Properties of characters, from the tables that tools/unicode/make_data.c writes. */
#include "modules/unicodedata/unicodedata.h"
#include "modules/unicodedata/composition_hash.h"

typedef struct {
    uint8_t category, bidi, combining, mirrored, width, quick_check;
} DataRecord;

typedef struct {
    int8_t category, bidi, mirrored, width; /* -1: as today */
    int8_t decimal;                     /* -1: as today, -2: none */
    int8_t unassigned;
} OldRecord;

typedef struct {
    Py_UCS4 code, decomposition;
} OldDecomposition;

typedef struct {
    Py_UCS4 first, second, whole;
} Composition;

#include "generated/unicode_data.inc"

static_assert(Py_ARRAY_LENGTH(category_names) <= UCD_WORDS_MAX && Py_ARRAY_LENGTH(bidi_names) <= UCD_WORDS_MAX &&
              Py_ARRAY_LENGTH(width_names) <= UCD_WORDS_MAX, "a str for each word has room in the module's state");

#define LOOK_UP(name, ch) name##_block[((size_t)name##_index[(ch) >> name##_SHIFT] << name##_SHIFT) + ((ch) & name##_MASK)]

static const DataRecord *record(Py_UCS4 ch)
{
    return &data_records[LOOK_UP(data, ch)];
}

static const OldRecord *old_record(Py_UCS4 ch)
{
    return &old_records[LOOK_UP(old, ch)];
}

bool ucd_assigned_in_old(Py_UCS4 ch)
{
    return !old_record(ch)->unassigned;
}

/* The field of a record, or what 3.2.0 had instead. */
#define FIELD(ch, old, field) \
    ((old) && old_record(ch)->field >= 0 ? (uint8_t)old_record(ch)->field : record(ch)->field)

unsigned ucd_category(Py_UCS4 ch, bool old)
{
    return FIELD(ch, old, category);
}

unsigned ucd_bidirectional(Py_UCS4 ch, bool old)
{
    return FIELD(ch, old, bidi);
}

unsigned ucd_width(Py_UCS4 ch, bool old)
{
    return FIELD(ch, old, width);
}

const char *ucd_word(UcdWords words, unsigned number)
{
    switch (words) {
    case UCD_CATEGORIES:
        return category_names[number];
    case UCD_BIDIRECTIONALS:
        return bidi_names[number];
    default:
        return width_names[number];
    }
}

int ucd_mirrored(Py_UCS4 ch, bool old)
{
    return FIELD(ch, old, mirrored);
}

int ucd_combining(Py_UCS4 ch, bool old)
{
    return old && old_record(ch)->unassigned ? 0 : record(ch)->combining;
}

int ucd_decimal(Py_UCS4 ch, bool old)
{
    int changed = old ? old_record(ch)->decimal : -1;
    return changed == -1 ? Py_UNICODE_TODECIMAL(ch) : changed == -2 ? -1 : changed;
}

UcdNormal ucd_normal(Py_UCS4 ch)
{
    const DataRecord *r = record(ch);
    return (UcdNormal){r->combining, r->quick_check};
}

int ucd_decomposition(Py_UCS4 ch, const Py_UCS4 **codes, const char **prefix)
{
    const Py_UCS4 *at = &decomposition_pool[LOOK_UP(decomposition, ch)];
    if (at == decomposition_pool)
        return 0;
    *prefix = prefix_names[*at >> 8];
    *codes = at + 1;
    return (int)(*at & 255);
}

Py_UCS4 ucd_old_decomposition(Py_UCS4 ch)
{
    for (size_t i = 0; i < Py_ARRAY_LENGTH(old_decompositions); i++)
        if (old_decompositions[i].code == ch)
            return old_decompositions[i].decomposition;
    return 0;
}

Py_UCS4 ucd_compose(Py_UCS4 first, Py_UCS4 second)
{
    for (uint32_t at = composition_hash(first, second); composition_slots[at] != 0; at = (at + 1) % COMPOSITION_SLOTS) {
        const Composition *c = &compositions[composition_slots[at]];
        if (c->first == first && c->second == second)
            return c->whole;
    }
    return 0;
}
