/* float as bytes: IEEE binary16, binary32 and binary64 in either byte order, for struct, array,
 * pickle and memoryview. */
#include <Python.h>

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

static void store(char *p, uint64_t bits, int size, int little)
{
    for (int i = 0; i < size; i++) p[little ? i : size - 1 - i] = (char)(bits >> 8 * i);
}

static uint64_t load(const char *p, int size, int little)
{
    uint64_t bits = 0;
    for (int i = 0; i < size; i++)
        bits |= (uint64_t)(unsigned char)p[little ? i : size - 1 - i] << 8 * i;
    return bits;
}

static int too_large(char format)
{
    PyErr_Format(PyExc_OverflowError, "float too large to pack with %c format", format);
    return -1;
}

/* binary16, rounded half to even. -1 with OverflowError. */
int PyFloat_Pack2(double x, char *p, int le)
{
    uint64_t sign = signbit(x) ? 0x8000 : 0, bits;
    if (isnan(x)) bits = 0x7e00;
    else if (isinf(x)) bits = 0x7c00;
    else {
        double m = fabs(x);
        int e;
        frexp(m, &e);
        /* Units of the last place: 2**-24 for subnormals, else 11 significant bits. */
        int unit = m == 0.0 || e < -13 ? -24 : e - 11;
        double scaled = nearbyint(ldexp(m, -unit));
        uint64_t n = (uint64_t)scaled;
        if (unit == -24) bits = n;
        else bits = ((uint64_t)(unit + 24) << 10) + n;
        if (bits >= 0x7c00) return too_large('e');
    }
    store(p, bits | sign, 2, le);
    return 0;
}

int PyFloat_Pack4(double x, char *p, int le)
{
    float y = (float)x;
    uint32_t bits;
    if (isinf(y) && !isinf(x)) return too_large('f');
    memcpy(&bits, &y, sizeof bits);
    store(p, bits, 4, le);
    return 0;
}

int PyFloat_Pack8(double x, char *p, int le)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    store(p, bits, 8, le);
    return 0;
}

double PyFloat_Unpack2(const char *p, int le)
{
    unsigned bits = (unsigned)load(p, 2, le), e = bits >> 10 & 0x1f, f = bits & 0x3ff;
    double x;
    if (e == 0x1f) x = f ? NAN : INFINITY;
    else if (e == 0) x = ldexp(f, -24);
    else x = ldexp(f | 0x400, (int)e - 25);
    return bits & 0x8000 ? -x : x;
}

double PyFloat_Unpack4(const char *p, int le)
{
    uint32_t bits = (uint32_t)load(p, 4, le);
    float y;
    memcpy(&y, &bits, sizeof y);
    return y;
}

double PyFloat_Unpack8(const char *p, int le)
{
    uint64_t bits = load(p, 8, le);
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}
