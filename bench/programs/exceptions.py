"""Exceptions: raised and caught near and far, finally, with, chained, not raised at all."""
import os

SCALE = 1.3 * float(os.environ.get("BENCH_SCALE", 1))


class Wrong(Exception):
    def __init__(self, place):
        super().__init__(f"wrong at {place}")
        self.place = place


class Guard:
    def __init__(self, log):
        self.log = log

    def __enter__(self):
        return self

    def __exit__(self, kind, value, traceback):
        self.log[0] += 1
        return kind is Wrong


def deep(n, place):
    if n == 0:
        raise Wrong(place)
    deep(n - 1, place)


def to_int(text):
    try:
        return int(text)
    except ValueError:
        return -1


def looked_up(table, key):
    try:
        return table[key]
    except KeyError:
        return 0
    finally:
        table["count"] += 1


def chained(i):
    try:
        try:
            raise KeyError(i)
        except KeyError as error:
            raise Wrong(i) from error
    except Wrong as error:
        return error.__cause__.args[0]


n = int(100000 * SCALE)
total = 0
for i in range(n):
    try:
        deep(i % 6, i)
    except (TypeError, ValueError):
        total = None
    except Wrong as error:
        total += error.place
print(total)
print(sum(to_int(t) for t in ["12", "x1", "7", "?"] * n))
table = {"count": 0, 3: 4}
print(sum(looked_up(table, i % 5) for i in range(3 * n)), table["count"])
print(sum(chained(i) for i in range(n)))
log = [0]
for i in range(2 * n):
    with Guard(log):
        if i % 3 == 0:
            raise Wrong(i)
print(log)
quiet = 0
for i in range(20 * n):
    try:
        quiet += i
    except OverflowError:
        quiet = 0
print(quiet)
