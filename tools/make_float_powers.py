"""Writes src/base/float_powers.c: 128-bit approximations of the powers of ten that reading and writing floats needs."""

FIRST, LAST = -342, 324


def significand(q):
    """The top 128 bits of 10**q: truncated, but rounded up for -27 <= q < 0, as Eisel and Lemire want it."""
    if q >= 0:
        n = 10 ** q
        bits = n.bit_length()
        return n << (128 - bits) if bits <= 128 else n >> (bits - 128)
    d = 10 ** -q
    bits = d.bit_length() + 128
    n = (1 << bits) // d
    return (n >> (n.bit_length() - 128)) + (q >= -27)


with open("src/base/float_powers.c", "w") as out:
    out.write("/* Made by tools/make_float_powers.py. The top 128 bits of 10**q, high word first. */\n")
    out.write('#include "base/float_powers.h"\n\n')
    out.write("const uint64_t float_powers_of_ten[FLOAT_POWERS_COUNT][2] = {\n")
    for q in range(FIRST, LAST + 1):
        s = significand(q)
        out.write(f"    {{0x{s >> 64:016x}, 0x{s & (1 << 64) - 1:016x}}}, /* 1e{q} */\n")
    out.write("};\n")
