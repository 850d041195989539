"""A million closures, made and dropped, time and again."""
from _resident import SCALE, measured

N = int(1_000_000 * SCALE)


def adder(x):
    def add(y):
        return x + y
    return add


def work():
    total = 0
    for turn in range(3):
        made = [adder(i) for i in range(N)]
        total += len(made)
        del made
    return total


measured(work)
