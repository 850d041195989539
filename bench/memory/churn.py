"""A server's day: sessions of mixed size come and go at random, at noon many, in the evening few, and their memory goes back."""
from _resident import SCALE, measured

DAYS = 3
PEAK = int(20_000 * SCALE)


class Session:
    def __init__(self, number, size):
        self.number = number
        self.items = [f"item {number}.{i}" for i in range(size % 13)]
        self.about = {f"key{i}": (i, size / 3) for i in range(size % 7)}
        self.data = bytes(size)


def work():
    random, number, seen = 1, 0, 0
    sessions = {}
    for day in range(DAYS):
        for hour in 1, 4, 12, 20, 16, 8, 2, 0:
            wanted = PEAK * hour // 20
            for _ in range(PEAK // 2 + abs(wanted - len(sessions))):
                random = random * 1103515245 + 12345 & 0x7FFFFFFF
                if sessions and (len(sessions) > wanted or random & 1):
                    key = next(iter(sessions))
                    seen += len(sessions.pop(key).items)
                elif len(sessions) < wanted:
                    number += 1
                    sessions[number] = Session(number, random >> 16 & 1023)
    return seen, number, len(sessions)


measured(work)
