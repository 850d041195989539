"""A million ints too large to be kept ready, made and dropped, time and again."""
from _resident import SCALE, measured

N = int(1_000_000 * SCALE)


def work():
    total = 0
    for turn in range(8):
        made = [i * 7 + 1000 for i in range(N)]
        total += len(made)
        del made
    return total


measured(work)
