"""Numbers in registers: where an unboxed int or float must become something else."""
import math


def run(text, **names):
    try:
        value = eval(text, {}, names)
        print(text, "=", repr(value), type(value).__name__)
    except Exception as e:
        print(text, "!", type(e).__name__, e)


EDGES = [0, 1, -1, 2, 7, -7, 255, 256, 257, -5, -6, 2**29, 2**30, 2**31, 2**32, 2**53 - 1, 2**53, 2**53 + 1, 2**59, 2**60 - 1,
         2**60, 2**60 + 1, -2**60, -2**60 - 1, -2**60 + 1, 2**61, 2**62, 2**63 - 1, 2**63, -2**63, -2**63 - 1, 2**64, 10**30]
FLOATS = [0.0, -0.0, 1.0, -1.0, 0.5, 1.5, -2.5, 1e308, -1e308, 5e-324, 1e-300, 2.0**53, 2.0**60, 2.0**63, 1e20, math.inf, -math.inf,
          math.nan, 2.0**-255, 2.0**-256, 2.0**257, 2.0**258]


def add(a, b): return a + b
def sub(a, b): return a - b
def mul(a, b): return a * b
def floordiv(a, b): return a // b
def mod(a, b): return a % b
def div(a, b): return a / b
def and_(a, b): return a & b
def or_(a, b): return a | b
def xor(a, b): return a ^ b
def lshift(a, b): return a << b
def rshift(a, b): return a >> b
def power(a, b): return a ** b
def compare(a, b): return a < b, a <= b, a == b, a != b, a > b, a >= b


def jumps(a, b):
    out = ""
    if a < b: out += "<"
    if a <= b: out += "l"
    if a == b: out += "="
    if a != b: out += "!"
    if a > b: out += ">"
    if a >= b: out += "g"
    if not a < b: out += "N"
    if not a == b: out += "n"
    while a > b:
        out += "w"
        break
    return out


def outcome(f, a, b):
    try:
        r = f(a, b)
        return repr(r) if len(repr(r)) < 60 else hash(r)
    except Exception as e:
        return f"{type(e).__name__}: {e}"


for f in (add, sub, mul, floordiv, mod, div, and_, or_, xor, compare, jumps):
    print(f.__name__)
    for a in EDGES:
        print(a, [outcome(f, a, b) for b in EDGES])
for f in (add, sub, mul, floordiv, mod, div, compare, jumps):
    print(f.__name__)
    for a in FLOATS:
        print(a, [outcome(f, a, b) for b in FLOATS])
        print(a, [outcome(f, a, b) for b in EDGES])
        print(a, [outcome(f, b, a) for b in EDGES])
for f in (lshift, rshift):
    for a in EDGES:
        print(f.__name__, a, [outcome(f, a, b) for b in [0, 1, 3, 29, 30, 31, 58, 59, 60, 61, 62, 63, 64, 65, 127, 1000, -1, True]])
print(outcome(lshift, 0, 2**70), outcome(lshift, 1, 2**70), outcome(rshift, 1, 2**70), outcome(rshift, -1, 2**70))
for a in [0, 1, -1, 2, -2, 10, 2**31, 0.0, -0.0, 2.5, -2.5, math.inf, True, False]:
    print("**", a, [outcome(power, a, b) for b in [0, 1, 2, 3, -1, -2, 62, 63, 64, 0.5, -0.5, math.inf, math.nan, True]])

# with constants on either side
def constants(a):
    out = []
    for text in (lambda: a + 1, lambda: 1 + a, lambda: a - 1, lambda: 1 - a, lambda: a * 3, lambda: a // 3, lambda: a % 3, lambda: a / 4,
                 lambda: a & 6, lambda: a | 9, lambda: a ^ 5, lambda: a << 2, lambda: a >> 2, lambda: 7 // a, lambda: 7 % a, lambda: 7 / a,
                 lambda: 1 << a, lambda: 2**62 >> a, lambda: a + 0.5, lambda: 0.5 - a, lambda: a * 2.0, lambda: a // 0.5, lambda: a % 2.5,
                 lambda: -a, lambda: +a, lambda: ~a, lambda: not a, lambda: a < 3, lambda: 3 < a, lambda: a == 1.0, lambda: a != 2**60,
                 lambda: a // 0, lambda: a % 0, lambda: a / 0, lambda: a + (2**60 - 1), lambda: a - 2**60, lambda: a * (2**59)):
        try:
            out.append(text())
        except Exception as e:
            out.append(f"{type(e).__name__}: {e}")
    return out


class Int(int):
    def __add__(self, other): return "Int+", int(self), other
    def __radd__(self, other): return "+Int", other, int(self)
    def __lt__(self, other): return "Int<"


class Sub(int): pass
class FloatSub(float): pass


for a in [0, 1, -1, 5, -8, 61, 2**60 - 1, -2**60, 2**60, True, False, 1.5, -0.0, 1e300, math.inf, Int(5), Sub(5), FloatSub(2.5), "s", None]:
    print(repr(a), constants(a))
for a in [Sub(5), FloatSub(2.5), True]:
    b = a
    print(type(b), type(a + 0), type(+a), type(-a), type(a * 1), b is a, (a + a).__class__)

# in place, and overflow in a loop
def climb(x, step, n):
    for _ in range(n):
        x += step
    return x


print(climb(2**60 - 5, 1, 10), climb(-2**60 + 5, -1, 10), climb(2**63 - 3, 1, 6), climb(0.1, 0.1, 10), climb(0, 0.25, 5), climb(1e308, 1e308, 2))
def factorial(n):
    r = 1
    while n:
        r *= n
        n -= 1
    return r
print([factorial(n) for n in range(0, 30, 3)])
def collatz(n):
    steps = 0
    while n != 1:
        n = 3 * n + 1 if n & 1 else n >> 1
        steps += 1
    return steps
print([collatz(n) for n in (1, 7, 27, 2**61 - 1, 837799)])

# identity
nan = math.nan
x = [nan]
y = nan
def same(a, b): return a is b, a is not b
print(nan in x, x == [nan], y is nan, same(nan, y), nan == nan, {nan: 1}[nan])
inf = float("inf")
print(same(inf, inf), inf in [inf])
a = 1000; b = a
print(same(a, b), same(True, True), same(1, True), same(None, None))
z = -0.0
print(repr(z), repr(0.0 + z), repr(z + z), repr(z * 1), repr(abs(z)), math.copysign(1, z), repr(-z), repr(0.0 * -1), [z, -z], z == 0, hash(z))
d = {1: "int", 2: "two"}
print(d[1.0], d[True], 1.0 in d, d.get(2.0), {1, 1.0, True}, [1, 1.0, True].index(1.0))
print(hash(2**60), hash(2.0**60), hash(2**61 - 1), hash(1.5), hash(-1), hash(-1.0))

# bool arithmetic
print(True + True, True - False, True * 2.5, True / 2, True // 2, True % 2, -True, ~True, True & 1, True & True, True | False, True ^ True,
      True << 3, True < 2, True == 1, True is (1 == 1), sum([True, True]))
# division signs
for a in (7, -7, 7.5, -7.5, 0, -0.0):
    for b in (2, -2, 2.0, -2.0, math.inf, -math.inf):
        print(a, b, a // b, a % b, divmod(a, b), end="; ")
    print()
print(round(2.5), round(-2.5), int(2.9), int(-2.9), int(1e20), float(2**53 + 1), (2**53 + 1) == float(2**53 + 1), 2**53 < 2.0**53 + 2,
      2**1024 > math.inf, 10**400 > 1e308, -10**400 < -1e308, 2**63 == 2.0**63, 2**63 - 1 == 2.0**63, 2**63 - 1 < 2.0**63)
for text in ["1e308 * 10", "-1e308 * 10", "2.0 ** 2000", "10.0 ** 400", "(-8) ** (1/3)", "0.0 ** -1", "0 ** -1", "2 ** -1", "1 / 0", "1.0 / 0",
             "1 // 0", "1.0 // 0", "1 % 0", "1.0 % 0.0", "float(10**400)", "10**400 / 3", "10**400 / 10**399", "int(math.inf)", "int(math.nan)",
             "1 << -1", "1 >> -1", "1.5 << 1", "1.5 & 1", "~1.5", "'a' + 1", "1 + 'a'", "1 + None", "None + 1.5", "-'a'", "[] - 1", "1 @ 2", "1 < 'a'",
             "1.5 > None", "[] < 1", "1 < 2 < 'x'", "'abc' * 2.0", "2 * 'ab'", "[1] * True", "() * -1", "divmod(1, 0)", "pow(2, -1, 5)", "5 % 3.0"]:
    run(text, math=math)


# A constant that was compared with a number that has no unboxed form, then passed on: it is its code's, whoever lets go of it.
def sign(x, y):
    return x.__class__(y) <= y


def compared_and_passed(s, b):
    assert s >= 0.0 and s + 0.0 == s
    return sign(0.0, b)


print({compared_and_passed(5e-324, float(text)) for _ in range(300) for text in ("1.79e308", "1.0", "-1.0")})
