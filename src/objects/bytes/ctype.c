/* Locale-independent character classes of ASCII: the tables behind Py_ISALPHA and its kin. */
#include <Python.h>

#define LOWER PY_CTF_LOWER
#define UPPER PY_CTF_UPPER
#define LOWER_HEX (PY_CTF_LOWER | PY_CTF_XDIGIT)
#define UPPER_HEX (PY_CTF_UPPER | PY_CTF_XDIGIT)
#define DIGIT (PY_CTF_DIGIT | PY_CTF_XDIGIT)

const unsigned int _Py_ctype_table[256] = {
    ['\t'] = PY_CTF_SPACE, ['\n'] = PY_CTF_SPACE, ['\v'] = PY_CTF_SPACE, ['\f'] = PY_CTF_SPACE,
    ['\r'] = PY_CTF_SPACE, [' '] = PY_CTF_SPACE,
    ['0' ... '9'] = DIGIT,
    ['A' ... 'F'] = UPPER_HEX, ['G' ... 'Z'] = UPPER,
    ['a' ... 'f'] = LOWER_HEX, ['g' ... 'z'] = LOWER,
};

#define ROW8(M, c) M(c), M((c) + 1), M((c) + 2), M((c) + 3), M((c) + 4), M((c) + 5), M((c) + 6), M((c) + 7)
#define ROW64(M, c) ROW8(M, c), ROW8(M, (c) + 8), ROW8(M, (c) + 16), ROW8(M, (c) + 24), ROW8(M, (c) + 32), \
                    ROW8(M, (c) + 40), ROW8(M, (c) + 48), ROW8(M, (c) + 56)
#define LOWERED(c) ((unsigned char)((c) >= 'A' && (c) <= 'Z' ? (c) + 32 : (c)))
#define UPPERED(c) ((unsigned char)((c) >= 'a' && (c) <= 'z' ? (c) - 32 : (c)))

const unsigned char _Py_ctype_tolower[256] = {
    ROW64(LOWERED, 0), ROW64(LOWERED, 64), ROW64(LOWERED, 128), ROW64(LOWERED, 192),
};

const unsigned char _Py_ctype_toupper[256] = {
    ROW64(UPPERED, 0), ROW64(UPPERED, 64), ROW64(UPPERED, 128), ROW64(UPPERED, 192),
};
