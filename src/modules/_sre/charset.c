/* Characters: case folding, categories and charset codes. */
#include <ctype.h>

#include "modules/_sre/sre.h"

/* One character to one character is what this engine needs; the full mappings may give several. */
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

static Py_UCS4 lower_locale(Py_UCS4 ch)
{
    return ch < 256 ? (Py_UCS4)tolower((int)ch) : ch;
}

static Py_UCS4 upper_locale(Py_UCS4 ch)
{
    return ch < 256 ? (Py_UCS4)toupper((int)ch) : ch;
}

Py_UCS4 sre_lower(Fold fold, Py_UCS4 ch)
{
    switch (fold) {
    case FOLD_ASCII: return ch < 128 ? (Py_UCS4)Py_TOLOWER(ch) : ch;
    case FOLD_UNICODE: return Py_UNICODE_TOLOWER(ch);
    case FOLD_LOCALE: return lower_locale(ch);
    default: return ch;
    }
}

/* The even categories; each odd one is the opposite of the one before. */
static bool category_positive(Code category, Py_UCS4 ch)
{
    switch (category) {
    case CATEGORY_DIGIT: return ch < 128 && Py_ISDIGIT(ch);
    case CATEGORY_SPACE: return ch < 128 && Py_ISSPACE(ch);
    case CATEGORY_WORD: return ch < 128 && (Py_ISALNUM(ch) || ch == '_');
    case CATEGORY_LINEBREAK: return ch == '\n';
    case CATEGORY_LOC_WORD: return ch == '_' || (ch < 256 && isalnum((int)ch));
    case CATEGORY_UNI_DIGIT: return Py_UNICODE_ISDECIMAL(ch);
    case CATEGORY_UNI_SPACE: return Py_UNICODE_ISSPACE(ch);
    case CATEGORY_UNI_WORD: return ch == '_' || Py_UNICODE_ISALNUM(ch);
    case CATEGORY_UNI_LINEBREAK: return Py_UNICODE_ISLINEBREAK(ch);
    default: return false;
    }
}

bool sre_category(Code category, Py_UCS4 ch)
{
    return category_positive(category & ~1u, ch) != (category & 1);
}

bool charset_has(const Code *words, Py_UCS4 ch)
{
    bool found = true;
    for (;;) {
        switch (*words++) {
        case SRE_FAILURE:
            return !found;
        case SRE_NEGATE:
            found = !found;
            break;
        case SRE_LITERAL:
            if (ch == words[0]) return found;
            words++;
            break;
        case SRE_CATEGORY:
            if (sre_category(words[0], ch)) return found;
            words++;
            break;
        case SRE_RANGE_UNI_IGNORE: {
            Py_UCS4 upper = Py_UNICODE_TOUPPER(ch);
            if (words[0] <= upper && upper <= words[1]) return found;
        }
            /* fall through */
        case SRE_RANGE:
            if (words[0] <= ch && ch <= words[1]) return found;
            words += 2;
            break;
        case SRE_CHARSET:
            if (ch < 256 && (words[ch >> 5] >> (ch & 31) & 1)) return found;
            words += 8;
            break;
        case SRE_BIGCHARSET: {
            Code blocks = *words++;
            if (ch < 65536) {
                unsigned block = ((const uint8_t *)words)[ch >> 8];
                if (words[64 + block * 8 + ((ch & 255) >> 5)] >> (ch & 31) & 1) return found;
            }
            words += 64 + (size_t)blocks * 8;
            break;
        }
        default:
            return false;
        }
    }
}

bool set_has_slow(const Program *program, const Set *set, Py_UCS4 ch)
{
    const Code *words = program->words + set->words;
    bool found = charset_has(words, sre_lower(set->fold, ch));
    if (set->fold == FOLD_LOCALE && !found) {
        Py_UCS4 upper = upper_locale(ch);
        found = upper != lower_locale(ch) && charset_has(words, upper);
    }
    return found != set->invert;
}
