"""A million floats, made and dropped, time and again."""
from _resident import SCALE, measured

N = int(1_000_000 * SCALE)


def work():
    total = 0
    for turn in range(8):
        made = [i * 0.5 for i in range(N)]
        total += len(made)
        del made
    return total


measured(work)
