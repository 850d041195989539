"""Loops of int arithmetic: sums, a linear congruence, greatest divisors, Collatz paths."""
import os

SCALE = 1.5 * float(os.environ.get("BENCH_SCALE", 1))


def sums(n):
    total = i = 0
    while i < n:
        if i % 3 == 0 or i % 5 == 0:
            total += i
        i += 1
    return total


def congruence(n):
    x = 12345
    for _ in range(n):
        x = (x * 1103515245 + 12345) & 0x7FFFFFFF
    return x


def divisors(n):
    total = 0
    for a in range(1, n):
        for b in range(1, n):
            x, y = a, b
            while y:
                x, y = y, x % y
            total += x
    return total


def collatz(n):
    longest = 0
    for start in range(1, n):
        x, steps = start, 0
        while x != 1:
            x = x // 2 if x & 1 == 0 else 3 * x + 1
            steps += 1
        if steps > longest:
            longest = steps
    return longest


print(sums(int(3000000 * SCALE)))
print(congruence(int(2000000 * SCALE)))
print(divisors(int(400 * SCALE ** 0.5)))
print(collatz(int(25000 * SCALE)))
