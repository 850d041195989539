"""Sorting objects: by __lt__, by attributes, by a comparison function, stable in several passes."""
import functools
import operator
import random
from _data import times


class Version:
    def __init__(self, major, minor):
        self.major, self.minor = major, minor

    def __lt__(self, other):
        return (self.major, self.minor) < (other.major, other.minor)


@functools.total_ordering
class Money:
    def __init__(self, cents):
        self.cents = cents

    def __eq__(self, other):
        return self.cents == other.cents

    def __lt__(self, other):
        return self.cents < other.cents


r = random.Random(3)
n = times(15_000)
versions = [Version(r.randrange(50), r.randrange(1000)) for _ in range(n)]
money = [Money(r.randrange(10 ** 6)) for _ in range(n)]
for _ in range(2):
    print(sorted(versions)[100].minor, sorted(versions, key=operator.attrgetter("major", "minor"))[100].minor)
    print(sorted(versions, key=functools.cmp_to_key(lambda a, b: a.minor - b.minor))[50].minor, sorted(money)[9].cents, max(money).cents)
    versions.sort(key=lambda v: v.minor)
    versions.sort(key=lambda v: v.major)
    print(versions[7].minor, sum(a <= b for a, b in zip(money, money[1:])))
