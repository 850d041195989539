"""A million instances with slots, made and dropped, time and again."""
from _resident import SCALE, measured

N = int(1_000_000 * SCALE)


class Point:
    __slots__ = ("x", "y")

    def __init__(self, x, y):
        self.x = x
        self.y = y


def work():
    total = 0
    for turn in range(3):
        made = [Point(i, turn) for i in range(N)]
        total += len(made)
        del made
    return total


measured(work)
