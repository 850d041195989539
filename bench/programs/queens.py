"""Search: the eight queens' problem three ways: lists, generators, bits."""
import itertools
import os

SCALE = float(os.environ.get("BENCH_SCALE", 1))


def by_generators(n, row=0, columns=(), up=frozenset(), down=frozenset()):
    if row == n:
        yield columns
        return
    for c in range(n):
        if c not in columns and row + c not in up and row - c not in down:
            yield from by_generators(n, row + 1, columns + (c,), up | {row + c}, down | {row - c})


def by_permutations(n):
    everything = range(n)
    return sum(1 for p in itertools.permutations(everything)
               if n == len({p[i] + i for i in everything}) == len({p[i] - i for i in everything}))


def by_bits(n):
    full = (1 << n) - 1

    def place(columns, up, down):
        if columns == full:
            return 1
        count = 0
        free = full & ~(columns | up | down)
        while free:
            bit = free & -free
            free -= bit
            count += place(columns | bit, (up | bit) << 1, (down | bit) >> 1)
        return count
    return place(0, 0, 0)


print(by_permutations(9 if SCALE >= 1 else 8))
solutions = list(by_generators(8 if SCALE >= 1 else 7))
print(len(solutions), solutions[:3])
print(by_bits(10 if SCALE >= 1 else 9))
