"""A million short strs, made and dropped, time and again."""
from _resident import SCALE, measured

N = int(1_000_000 * SCALE)


def work():
    total = 0
    for turn in range(4):
        made = [f"key{i}" for i in range(N)]
        total += len(made)
        del made
    return total


measured(work)
