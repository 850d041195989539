"""A million small dicts, made and dropped, time and again."""
from _resident import SCALE, measured

N = int(1_000_000 * SCALE)


def work():
    total = 0
    for turn in range(3):
        made = [{"x": i, "y": turn} for i in range(N)]
        total += len(made)
        del made
    return total


measured(work)
