"""Recursion: the calls of Fibonacci."""
import os

SCALE = 8 * float(os.environ.get("BENCH_SCALE", 1))


def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


for _ in range(int(5 * SCALE) or 1):
    print(fib(27))
