# needs: gmpy2 numexpr bottleneck numpy mpmath sympy
"""gmpy2, numexpr, bottleneck, and sympy over mpmath."""
import pickle

import bottleneck
import gmpy2
import mpmath
import numexpr
import numpy as np
import sympy

a, b = gmpy2.mpz(2) ** 200 + 7, gmpy2.mpq(3, 7)
print(a, b + 1, a % 1000, gmpy2.powmod(3, a, 10 ** 9 + 7), gmpy2.is_prime(2 ** 89 - 1), gmpy2.next_prime(10 ** 20), gmpy2.isqrt(a), gmpy2.gcdext(240, 46), gmpy2.invert(3, 11))
with gmpy2.local_context(precision=120) as context:
    print(gmpy2.sqrt(2), gmpy2.const_pi(), gmpy2.mpfr("0.1") + 1, gmpy2.exp(gmpy2.mpc(0, 1)), context.inexact)
print(int(a) == a, hash(a) == hash(int(a)), float(b), a.digits(36), a.bit_length(), gmpy2.fac(25), gmpy2.bincoef(40, 20), f"{a:x}", pickle.loads(pickle.dumps([a, b])) == [a, b])
print([1, 2, 3][gmpy2.mpz(1)], range(gmpy2.mpz(3)), sum([gmpy2.mpz(1), 2, b]), gmpy2.mpz(5) / 2, 7 // gmpy2.mpz(2), 2 ** gmpy2.mpz(70), gmpy2.mpz("0xff", 0), gmpy2.xmpz(6)[1])
for job in (lambda: gmpy2.mpz("x"), lambda: a / 0, lambda: gmpy2.mpz(1.5j), lambda: a + "", lambda: gmpy2.invert(2, 4), lambda: gmpy2.mpq(1, 0)):
    try:
        print(job())
    except Exception as error:
        print(type(error).__name__, error)

x, y = np.arange(100000.0), np.linspace(0, 1, 100000)
print(numexpr.evaluate("sin(x) ** 2 + y * where(x > 5, 2, x)").sum().round(6), numexpr.evaluate("sum(x * y)"), numexpr.evaluate("(x % 7 == 3) & (y < 0.5)").sum())
for job in (lambda: numexpr.evaluate("x +"), lambda: numexpr.evaluate("missing + 1"), lambda: numexpr.evaluate("x", casting="bad")):
    try:
        print(job())
    except Exception as error:
        print(type(error).__name__, str(error)[:40])

m = np.array([[1, np.nan, 3, 2.5], [4, 5, np.nan, 0]])
print(bottleneck.nanmean(m, axis=0), bottleneck.nanmedian(m), bottleneck.move_mean(m, 2, min_count=1), bottleneck.rankdata(m, axis=1), bottleneck.push(m), bottleneck.nanargmax(m, axis=1),
      bottleneck.partition(m[0], 1), bottleneck.nansum(np.arange(6)), bottleneck.anynan(m), bottleneck.ss([1, 2]))
try:
    bottleneck.nanmean(m, axis=5)
except ValueError as error:
    print(error)

mpmath.mp.dps = 40
print(mpmath.zeta(3), mpmath.quad(lambda t: mpmath.exp(-t * t), [0, mpmath.inf]), mpmath.findroot(mpmath.cos, 1), mpmath.libmp.BACKEND)
s, t = sympy.symbols("s t")
print(sympy.integrate(sympy.exp(-s) * sympy.sin(s), s), sympy.factor(s ** 6 - 1), sympy.solve(s ** 2 + s - 1), sympy.Matrix([[1, t], [s, 2]]).det(), sympy.series(sympy.cos(s), s, 0, 6),
      sympy.simplify(sympy.sin(s) ** 2 + sympy.cos(s) ** 2), sympy.limit(sympy.sin(s) / s, s, 0), sympy.factorint(2 ** 67 - 1), sympy.lambdify(s, s ** 2 + 1)(3))
