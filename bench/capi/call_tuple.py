"""C functions that take a tuple of arguments and parse it."""
from _extension import load, times

ext = load()


def run(n, x):
    tuple_args, numbers = ext.tuple_args, ext.numbers
    for i in range(n):
        tuple_args(x, i, x); tuple_args(x, i, x); numbers(i, 0.5); numbers(i, 0.5)
    return numbers(n, 0.5)


print(run(times(1_500_000), "text"))
