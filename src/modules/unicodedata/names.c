/* Names of characters, both ways. The tables are described in tools/unicode/make_names.c. */
#include "modules/unicodedata/unicodedata.h"

#include "generated/unicode_names.inc"

#define SLOTS 65536u
#define NAME_MAX_LENGTH 256

/* Numbers that the C API's getcode gives for sequences: they stand for nothing else. */
#define SEQUENCE_CODES 0xF0200

static uint32_t hash_name(const char *name, size_t length)
{
    uint32_t h = 2166136261u;
    for (size_t i = 0; i < length; i++)
        h = (h ^ (unsigned char)name[i]) * 16777619u;
    return h ^ h >> 15;
}

/* Writes the name of an entry, without a zero. Its length, or -1 when there is no room. */
static int expand(uint32_t entry, char *to, int room)
{
    const uint8_t *row = name_rows + name_offsets[entry / 32];
    for (uint32_t i = entry & ~31u; i < entry; i++)
        row += name_lengths[i];
    const uint8_t *end = row + name_lengths[entry];
    int n = 0;
    while (row < end) {
        unsigned word = *row++;
        if (word >= ONE_BYTE_WORDS)
            word = ((word - ONE_BYTE_WORDS) << 8) + *row++ + ONE_BYTE_WORDS;
        int length = (int)(word_offsets[word + 1] - word_offsets[word]);
        if (n + length + (n > 0) > room)
            return -1;
        if (n > 0)
            to[n++] = ' ';
        memcpy(to + n, word_text + word_offsets[word], (size_t)length);
        n += length;
    }
    return n;
}

/* --- names made by rule --- */

static const char *const hangul_lead[] = {"G", "GG", "N", "D", "DD", "R", "M", "B", "BB", "S", "SS", "", "J", "JJ", "C", "K",
                                          "T", "P", "H"};
static const char *const hangul_vowel[] = {"A", "AE", "YA", "YAE", "EO", "E", "YEO", "YE", "O", "WA", "WAE", "OE", "YO", "U",
                                           "WEO", "WE", "WI", "YU", "EU", "YI", "I"};
static const char *const hangul_tail[] = {"", "G", "GG", "GS", "N", "NJ", "NH", "D", "L", "LG", "LM", "LB", "LS", "LT", "LP",
                                          "LH", "M", "B", "BS", "S", "SS", "NG", "J", "C", "K", "T", "P", "H"};

static const char hangul_prefix[] = "HANGUL SYLLABLE ";
static const char ideograph_prefix[] = "CJK UNIFIED IDEOGRAPH-";

static bool is_ideograph(Py_UCS4 ch)
{
    return (ch >= 0x3400 && ch <= 0x4dbf) || (ch >= 0x4e00 && ch <= 0x9fff) || (ch >= 0x20000 && ch <= 0x2a6df) ||
           (ch >= 0x2a700 && ch <= 0x2b738) || (ch >= 0x2b740 && ch <= 0x2b81d) || (ch >= 0x2b820 && ch <= 0x2cea1) ||
           (ch >= 0x2ceb0 && ch <= 0x2ebe0) || (ch >= 0x30000 && ch <= 0x3134a);
}

int ucd_name(Py_UCS4 ch, char *buffer, int size)
{
    int n;
    if (ch >= 0xac00 && ch <= 0xd7a3) {
        unsigned s = ch - 0xac00;
        n = snprintf(buffer, (size_t)size, "%s%s%s%s", hangul_prefix, hangul_lead[s / 588], hangul_vowel[s % 588 / 28],
                     hangul_tail[s % 28]);
        return n < size ? n : 0;
    }
    if (is_ideograph(ch)) {
        int digits = ch > 0xffff ? 5 : 4;
        n = (int)sizeof(ideograph_prefix) - 1 + digits;
        if (n >= size)
            return 0;
        memcpy(buffer, ideograph_prefix, sizeof(ideograph_prefix) - 1);
        for (char *to = buffer + n - 1; digits > 0; digits--, ch >>= 4)
            *to-- = "0123456789ABCDEF"[ch & 15];
        buffer[n] = '\0';
        return n;
    }
    if (ch > STR_MAX_CODE)
        return 0;
    uint32_t entry = entry_block[((size_t)entry_index[ch >> entry_SHIFT] << entry_SHIFT) + (ch & entry_MASK)];
    if (entry == 0)
        return 0;
    n = expand(entry - 1, buffer, size - 1);
    if (n < 0)
        return 0;
    buffer[n] = '\0';
    return n;
}

/* Index of the longest of the texts that name starts with; *length is its length. -1: none. */
static int longest(const char *const *texts, int count, const char *name, int *length)
{
    int best = -1;
    *length = -1;
    for (int i = 0; i < count; i++) {
        int n = (int)strlen(texts[i]);
        if (n > *length && strncmp(name, texts[i], (size_t)n) == 0) {
            best = i;
            *length = n;
        }
    }
    return best;
}

static int lookup_hangul(const char *name, Py_UCS4 *code)
{
    int n;
    int lead = longest(hangul_lead, 19, name, &n);
    name += n;
    int vowel = longest(hangul_vowel, 21, name, &n);
    if (vowel < 0)
        return 0;
    name += n;
    int tail = longest(hangul_tail, 28, name, &n);
    if (name[n] != '\0')
        return 0;
    *code = 0xac00u + (Py_UCS4)((lead * 21 + vowel) * 28 + tail);
    return 1;
}

static int lookup_ideograph(const char *digits, Py_UCS4 *code)
{
    Py_UCS4 ch = 0;
    size_t n = strlen(digits);
    if (n != 4 && n != 5)
        return 0;
    for (; *digits; digits++) {
        unsigned value = str_hex_value((unsigned char)*digits);
        if (value > 15)
            return 0;
        ch = ch << 4 | value;
    }
    *code = ch;
    return is_ideograph(ch);
}

int ucd_lookup(const char *name, int length, bool old, Py_UCS4 *code)
{
    char upper[NAME_MAX_LENGTH + 1], have[NAME_MAX_LENGTH + 1];
    if (length > NAME_MAX_LENGTH)
        return 0;
    for (int i = 0; i < length; i++) {
        if (name[i] == '\0')
            return 0;
        upper[i] = (char)Py_TOUPPER(Py_CHARMASK(name[i]));
    }
    upper[length] = '\0';
    if (strncmp(upper, hangul_prefix, sizeof(hangul_prefix) - 1) == 0)
        return lookup_hangul(upper + sizeof(hangul_prefix) - 1, code);
    if (strncmp(upper, ideograph_prefix, sizeof(ideograph_prefix) - 1) == 0)
        return lookup_ideograph(upper + sizeof(ideograph_prefix) - 1, code);
    uint32_t at = hash_name(upper, (size_t)length) & (SLOTS - 1);
    for (; name_slots[at] != 0; at = (at + 1) & (SLOTS - 1)) {
        uint32_t entry = name_slots[at] - 1u;
        if (expand(entry, have, NAME_MAX_LENGTH) == length && memcmp(have, upper, (size_t)length) == 0) {
            *code = entry_codes[entry];
            if (old && (entry >= FIRST_ALIAS || !ucd_assigned_in_old(*code)))
                return 0;
            return entry >= FIRST_SEQUENCE ? 2 : 1;
        }
    }
    return 0;
}

PyObject *ucd_sequence(Py_UCS4 number)
{
    return PyUnicode_FromKindAndData(PyUnicode_2BYTE_KIND, sequences[number] + 1, sequences[number][0]);
}

/* --- for \N{…} and the error handler namereplace --- */

static int api_getname(Py_UCS4 code, char *buffer, int size, int with_aliases_and_sequences)
{
    (void)with_aliases_and_sequences;
    return ucd_name(code, buffer, size) > 0;
}

static int api_getcode(const char *name, int length, Py_UCS4 *code, int with_sequences)
{
    int r = ucd_lookup(name, length, false, code);
    if (r == 2)
        *code += SEQUENCE_CODES;
    return r == 1 || (r == 2 && with_sequences);
}

const UnicodeNameApi ucd_name_api = {.getname = api_getname, .getcode = api_getcode};
