"""int: arithmetic, bits, conversion and text on random operands of all sizes."""
import operator
import random
import sys

sys.set_int_max_str_digits(0)
R = random.Random(20)
EDGES = [29, 30, 31, 59, 60, 61, 62, 63, 64, 65, 89, 90, 91, 300, 960]


def operand():
    kind = R.random()
    if kind < 0.2:
        return R.randint(-300, 300)
    if kind < 0.5:
        return R.choice([-1, 1]) * ((1 << R.choice(EDGES)) + R.randint(-2, 2))
    if kind < 0.9:
        return R.choice([-1, 1]) * R.getrandbits(R.randint(1, 400))
    return R.choice([-1, 1]) * R.getrandbits(R.randint(1, 6000))


def show(name, function, *args):
    try:
        result = function(*args)
    except Exception as e:
        result = f"{type(e).__name__}: {e}"
    text = repr(result)
    print(name, text if len(text) < 200 else f"{len(text)} {text[:60]}...{text[-60:]}")


BINARY = [operator.add, operator.sub, operator.mul, operator.floordiv, operator.mod, divmod, operator.truediv,
          operator.and_, operator.or_, operator.xor, operator.lt, operator.eq, operator.ge]
UNARY = [operator.neg, abs, operator.invert, hash, repr, hex, oct, bin, float, bool, int.bit_length, int.bit_count,
         int.as_integer_ratio, int.__sizeof__]

for _ in range(400):
    a, b = operand(), operand()
    for f in BINARY:
        show(f.__name__, f, a, b)
    for f in UNARY:
        show(f.__name__, f, a)
    count = R.choice([0, 1, 29, 30, 31, 60, 61, R.randint(0, 500), -1])
    show("<<", operator.lshift, a, count)
    show(">>", operator.rshift, a, count)
    show("round", round, a, R.randint(-40, 3))
    if abs(a) < 1 << 400:
        show("pow", pow, a, R.randint(0, 40))
    show("pow mod", pow, a, R.choice([R.randint(-5, 5), R.getrandbits(100), operand()]), b)
    n, order, signed = R.randint(0, 60), R.choice(["big", "little"]), R.random() < 0.5
    show("to_bytes", lambda: a.to_bytes(n, order, signed=signed))
    show("from_bytes", lambda: int.from_bytes(R.randbytes(n), order, signed=signed))
    text, at = format(abs(a), R.choice("dxob")), R.randint(0, 30)
    if R.random() < 0.4:
        text = text[:at] + R.choice("_ +-0xzZ٣") + text[at:]
    base = R.choice([0, 2, 8, 10, 16, 36])
    show("int()", lambda: int(text, base))

sys.set_int_max_str_digits(4300)
for f in (lambda: int("1" * 4301), lambda: str(10 ** 4300), lambda: len(str(10 ** 4299)), lambda: int("1_" * 5000),
          lambda: int("f" * 9999, 16).bit_length(), lambda: f"{10 ** 5000:d}", lambda: int(b"12\0"), lambda: int("\ud800"),
          lambda: int(1, 2), lambda: int("1", 1), lambda: int(base=2), lambda: int([]), lambda: 1 << (1 << 70)):
    show("limits", f)
