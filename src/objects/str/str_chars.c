/* Work on raw character arrays: widest character, copying between kinds, filling. No objects here. */
#include "objects/str/str.h"

bool str_bytes_are_ascii(const void *bytes, Py_ssize_t n)
{
    const unsigned char *p = bytes;
    uint64_t word, acc;
    if (n >= 8) {                       /* the last ones first, so that none are left over */
        memcpy(&word, p + n - 8, 8);
        if (word & 0x8080808080808080ull)
            return false;
        n &= ~(Py_ssize_t)7;
    }
    for (; n >= 32; p += 32, n -= 32) {
        uint64_t four[4];
        memcpy(four, p, 32);
        if ((four[0] | four[1] | four[2] | four[3]) & 0x8080808080808080ull)
            return false;
    }
    acc = 0;
    for (; n >= 8; p += 8, n -= 8) {
        memcpy(&word, p, 8);
        acc |= word;
    }
    for (; n > 0; p++, n--)
        acc |= *p;
    return !(acc & 0x8080808080808080ull);
}

static Py_UCS4 max_char_2(const Py_UCS2 *p, Py_ssize_t n)
{
    Py_UCS2 acc = 0;
    for (Py_ssize_t i = 0; i < n; i++)
        acc |= p[i];
    return acc < 0x80 ? 0x7f : acc < 0x100 ? 0xff : 0xffff;
}

static Py_UCS4 max_char_4(const Py_UCS4 *p, Py_ssize_t n)
{
    Py_UCS4 acc = 0;
    for (Py_ssize_t i = 0; i < n; i++)
        acc |= p[i];
    return acc < 0x80 ? 0x7f : acc < 0x100 ? 0xff : acc < 0x10000 ? 0xffff : STR_MAX_CODE;
}

Py_UCS4 str_max_char(StrView v)
{
    switch (v.kind) {
    case PyUnicode_1BYTE_KIND:
        return str_bytes_are_ascii(v.data, v.length) ? 0x7f : 0xff;
    case PyUnicode_2BYTE_KIND:
        return max_char_2(v.data, v.length);
    default:
        return max_char_4(v.data, v.length);
    }
}

#define COPY(TO, FROM) \
    do { \
        TO *restrict t = to; \
        const FROM *restrict f = from; \
        for (Py_ssize_t i = 0; i < n; i++) \
            t[i] = (TO)f[i]; \
    } while (0)

void str_copy_chars(int to_kind, void *to, int from_kind, const void *from, Py_ssize_t n)
{
    if (to_kind == from_kind) {
        memcpy(to, from, (size_t)(n * to_kind));
        return;
    }
    switch (to_kind * 8 + from_kind) {
    case 1 * 8 + 2: COPY(Py_UCS1, Py_UCS2); break;
    case 1 * 8 + 4: COPY(Py_UCS1, Py_UCS4); break;
    case 2 * 8 + 1: COPY(Py_UCS2, Py_UCS1); break;
    case 2 * 8 + 4: COPY(Py_UCS2, Py_UCS4); break;
    case 4 * 8 + 1: COPY(Py_UCS4, Py_UCS1); break;
    case 4 * 8 + 2: COPY(Py_UCS4, Py_UCS2); break;
    default: Py_UNREACHABLE();
    }
}

void str_fill_chars(int kind, void *to, Py_UCS4 ch, Py_ssize_t n)
{
    switch (kind) {
    case PyUnicode_1BYTE_KIND:
        memset(to, (int)ch, (size_t)n);
        break;
    case PyUnicode_2BYTE_KIND:
        for (Py_ssize_t i = 0; i < n; i++)
            ((Py_UCS2 *)to)[i] = (Py_UCS2)ch;
        break;
    default:
        for (Py_ssize_t i = 0; i < n; i++)
            ((Py_UCS4 *)to)[i] = ch;
    }
}
