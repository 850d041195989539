"""A C function with one argument."""
from _extension import load, times

one = load().one


def run(n, x):
    for _ in range(n):
        one(x); one(x); one(x); one(x); one(x); one(x); one(x); one(x); one(x); one(x)
    return one(x)


print(run(times(2_000_000), "text"))
