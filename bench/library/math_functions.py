"""Mathematics on floats and ints: sums, roots, powers, combinations."""
import cmath
import math
from _data import times

n = times(150_000)
floats = [i * 0.37 + 0.1 for i in range(n)]
print(math.fsum(floats), sum(map(math.sqrt, floats)), sum(math.sin(x) * math.cos(x) for x in floats), math.prod(range(1, 300)) % 1009)
print(sum(math.hypot(x, 3.0) for x in floats), sum(math.floor(x) + math.ceil(x) for x in floats), sum(math.gcd(i, 360) for i in range(n)))
print(sum(math.log(x) + math.exp(-x) for x in floats), sum(math.comb(60, i % 60) for i in range(n // 10)) % 97, math.isqrt(10 ** 400) % 97)
print(sum(math.dist((x, 1.0), (2.0, x)) for x in floats), abs(sum(cmath.exp(1j * x) for x in floats)), math.factorial(2000) % 10007)
