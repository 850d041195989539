"""math, cmath, _random, _heapq, _bisect, _statistics: values on random arguments, and the texts of errors."""
import bisect
import cmath
import heapq
import math
import random
import statistics
import struct

inf, nan = math.inf, math.nan
R = random.Random(7)


class Odd:
    def __trunc__(self):
        return "t"

    def __ceil__(self):
        return "c"

    def __floor__(self):
        return "f"


class Index:
    def __index__(self):
        return 5


def show(name, function, *args):
    try:
        result = function(*args)
    except Exception as e:
        result = f"{type(e).__name__}: {e}"
    print(name, repr(result)[:300])


EXPRESSIONS = """
math.sqrt()
math.sqrt(10**400)
math.log(0)
math.log(-10**400)
math.log(8,1)
math.log(1,2,3)
math.log()
math.log("a")
math.tan(inf)
math.gamma(-inf)
math.pow(1)
math.ldexp(1.0,10**100)
math.ldexp(1.0,-10**100)
math.ldexp(1.0,1.5)
math.factorial(1.5)
math.factorial(10**30)
math.factorial(-10**30)
math.comb(5,10**30)
math.comb(10**30,10**25)
math.comb(1.5,2)
math.comb(10**30,2)
math.perm(5)
math.perm(-1)
math.perm(5,None)
math.perm(10**30,10**25)
math.isqrt(-1)
math.isqrt(1.5)
math.gcd()
math.gcd(1.5)
math.gcd(Index(),10)
math.lcm()
math.lcm(-2)
math.trunc("a")
math.trunc(Odd())
math.ceil(Odd())
math.floor(Odd())
math.ceil("a")
math.floor(Index())
math.fsum([1e308,1e308])
math.fsum([inf,-inf])
math.fsum([nan,inf])
math.fsum(["a"])
math.fsum(1)
math.prod(["a",2])
math.prod([],start="a")
math.prod([2],start=4)
math.prod([1],2)
math.prod(1)
math.prod()
math.hypot("a")
math.dist([1],[1,2])
math.dist(1,2)
math.dist(["a"],[1])
math.isclose(1,2,rel_tol=-1)
math.isclose(1)
math.isclose(1,2,3)
math.isclose(1,1.1,abs_tol=.2)
cmath.log(0)
cmath.log(5,0)
cmath.exp(1000)
cmath.polar("a")
cmath.rect(inf,inf)
cmath.isclose(1,2,rel_tol=-1)
random.Random([])
random.Random(5).getrandbits(-1)
random.Random(5).setstate(1)
heapq.heappush((),1)
heapq.heappop([])
heapq.heapify(1)
heapq.heappush([1],"a")
bisect.bisect([1],1,-1)
bisect.bisect([1],"a")
bisect.bisect(1,1)
bisect.bisect([1],1,hi="a")
bisect.insort((1,),2)
statistics.NormalDist().inv_cdf(2)
"""
for expression in EXPRESSIONS.strip().split("\n"):
    show(expression, lambda: eval(expression))

ONE = """acos acosh asin asinh atan atanh cbrt ceil cos cosh degrees erf erfc exp exp2 expm1 fabs floor frexp gamma lgamma log log10
log1p log2 modf radians sin sinh sqrt tan tanh trunc ulp""".split()
TWO = "atan2 copysign fmod nextafter pow remainder isclose log hypot".split()
COMPLEX = "acos acosh asin asinh atan atanh cos cosh exp log log10 phase polar sin sinh sqrt tan tanh".split()


def operand():
    kind = R.random()
    if kind < 0.1:
        return R.choice([0.0, -0.0, 1.0, -1.0, inf, -inf, nan, 5e-324, 1.79e308])
    if kind < 0.8:
        return R.uniform(-10, 10) * R.choice([1, 30])
    return struct.unpack("d", R.randbytes(8))[0]


for _ in range(300):
    x, y = operand(), operand()
    for name in ONE:
        show(name, getattr(math, name), x)
    for name in TWO:
        show(name, getattr(math, name), x, y)
    for name in COMPLEX:
        show("cmath." + name, getattr(cmath, name), complex(x, y))
    a, b, k = R.getrandbits(R.randint(1, 200)), R.getrandbits(R.randint(1, 100)), R.randint(-1, 60)
    show("gcd", math.gcd, a, -b, 12)
    show("lcm", math.lcm, a, b)
    show("isqrt", math.isqrt, a)
    show("comb", math.comb, a, k)
    show("perm", math.perm, R.randint(0, 99), k)
    show("factorial", math.factorial, k)
    values = [R.uniform(-1, 1) * 10 ** R.randint(-20, 20) for _ in range(R.randint(0, 50))]
    show("fsum", math.fsum, values)
    show("hypot", math.hypot, *values)
    show("dist", math.dist, values, values[::-1])
    show("prod", math.prod, [R.choice([k, a, 1.5, True]) for _ in range(5)])
    heap = [R.randint(0, 50) for _ in range(40)]
    heapq.heapify(heap)
    print(heap, [heapq.heappop(heap) for _ in range(9)], heapq.heapreplace(heap, k), heapq.nlargest(5, heap))
    print(bisect.bisect_left(heap, k), bisect.bisect(sorted(heap), k, key=lambda v: v + 1))

for seed in (0, -5, 2 ** 40, 10 ** 300, "abc", 1.5, b"x"):
    r = random.Random(seed)
    print(seed, r.random(), r.getrandbits(100), r.randint(0, 10 ** 20), r.gauss(0, 1), r.sample(range(99), 9), r.getstate()[1][-3:])
