"""Recursion: Takeuchi's and Ackermann's functions."""
import os
import sys

SCALE = 3 * float(os.environ.get("BENCH_SCALE", 1))
sys.setrecursionlimit(20000)


def tak(x, y, z):
    if y >= x:
        return z
    return tak(tak(x - 1, y, z), tak(y - 1, z, x), tak(z - 1, x, y))


def ackermann(m, n):
    if m == 0:
        return n + 1
    if n == 0:
        return ackermann(m - 1, 1)
    return ackermann(m - 1, ackermann(m, n - 1))


for _ in range(int(8 * SCALE) or 1):
    print(tak(18, 12, 6), ackermann(2, 300), ackermann(3, 6))
