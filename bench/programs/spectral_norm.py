"""Numeric: the spectral norm of an infinite matrix, by the power method."""
import os

SCALE = 4 * float(os.environ.get("BENCH_SCALE", 1))


def entry(i, j):
    return 1.0 / ((i + j) * (i + j + 1) // 2 + i + 1)


def times(v):
    return [sum(entry(i, j) * x for j, x in enumerate(v)) for i in range(len(v))]


def transposed_times(v):
    return [sum(entry(j, i) * x for j, x in enumerate(v)) for i in range(len(v))]


def norm(n):
    u = [1.0] * n
    for _ in range(10):
        v = transposed_times(times(u))
        u = transposed_times(times(v))
    return (sum(a * b for a, b in zip(u, v)) / sum(a * a for a in v)) ** 0.5


print(f"{norm(int(170 * SCALE ** 0.5)):.9f}")
