"""A C function with three arguments."""
from _extension import load, times

three = load().three


def run(n, x):
    for i in range(n):
        three(x, i, x); three(x, i, x); three(x, i, x); three(x, i, x); three(x, i, x)
    return three(x, n, x)


print(run(times(2_000_000), "text"))
