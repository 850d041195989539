"""float and complex: text both ways, rounding, arithmetic, comparison with ints, hexadecimal; on random operands."""
import cmath
import math
import operator
import random
import struct

R = random.Random(21)
SPECIAL = [0.0, -0.0, 1.0, -1.0, math.inf, -math.inf, math.nan, 5e-324, 1.7976931348623157e308, 2.0 ** 53, -2.0 ** 60]


def operand():
    kind = R.random()
    if kind < 0.2:
        return R.choice(SPECIAL)
    if kind < 0.5:
        return R.uniform(-1e3, 1e3)
    if kind < 0.7:
        return R.randint(-1000, 1000) / R.choice([1, 2, 4, 8, 10])
    if kind < 0.8:
        return float(R.getrandbits(R.randint(1, 120)))
    return struct.unpack("d", R.randbytes(8))[0]


def show(name, function, *args):
    try:
        result = function(*args)
    except Exception as e:
        result = f"{type(e).__name__}: {e}"
    print(name, repr(result)[:400])


ARITHMETIC = [operator.add, operator.sub, operator.mul, operator.truediv, operator.floordiv, operator.mod, divmod, pow]
ORDER = [operator.lt, operator.le, operator.eq, operator.ne, operator.gt, operator.ge]
FORMATS = ["", ".2f", ".0f", "e", ".17g", "g", "%", ",.3f", "+010.1f", "z.1f", "#.0f", "n", "_^30", ".25e", "_.40f", "0=,.2F", "x"]

for _ in range(1500):
    x, y = operand(), operand()
    for f in ARITHMETIC + ORDER:
        show(f.__name__, f, x, y)
    for f in (operator.neg, abs, repr, round, int, math.floor, math.ceil, float.hex, float.as_integer_ratio, float.is_integer):
        show(f.__name__, f, x)
    if x == x:
        show("hash", hash, x)
    if math.isfinite(x):
        whole = int(x) + R.randint(-1, 1)
        for f in ORDER:
            show("with int", f, x, whole)
    show("round", round, x, R.choice([R.randint(-3, 17), R.randint(-320, 330)]))
    show("format", format, x, R.choice(FORMATS))
    text = R.choice([x.hex(), repr(x), "%.30e" % x, "_".join(repr(x)), f" {x} ", repr(x)[:R.randint(0, 20)]])
    show("float()", float, text)
    show("fromhex", float.fromhex, text)
    z, w = complex(x, y), complex(operand(), operand())
    for f in (operator.add, operator.mul, operator.truediv, operator.eq):
        show("complex " + f.__name__, f, z, w)
    for f in (repr, abs, cmath.sqrt, cmath.polar):
        show("complex " + f.__name__, f, z)
    show("complex pow", pow, z, R.choice([w, R.randint(-9, 9)]))
    show("complex()", complex, R.choice([repr(z), repr(z)[1:-1], f" ( {z!r})", repr(z)[:R.randint(0, 30)], text]))
    show("complex format", format, z, R.choice(FORMATS))

# Halfway between two doubles, and a hair to either side: reading must look at every digit.
for _ in range(300):
    m, e = R.getrandbits(53) | 1 << 52, R.randint(-1074, 900)
    exact = (2 * m + 1) * (2 ** (e - 1) if e > 0 else 1)
    digits = exact if e > 0 else (2 * m + 1) * 5 ** (1 - e)
    scale = 0 if e > 0 else e - 1
    for text in (f"{digits}e{scale}", f"{digits}0000001e{scale - 7}", f"{digits - 1}e{scale}"):
        if len(text) < 4300:
            print(repr(float(text)))
