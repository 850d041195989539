"""Pickles of instances: of plain classes, with __reduce__, with __getstate__, named tuples, shared and recursive structures."""
import collections
import datetime
import fractions
import pickle
from _data import times

Point = collections.namedtuple("Point", "x y")


class Plain:
    def __init__(self, n):
        self.n, self.name, self.parent = n, f"plain {n}", None


class Stateful(Plain):
    def __getstate__(self):
        return {"n": self.n, "name": self.name}

    def __setstate__(self, state):
        self.__dict__.update(state)


data = []
for i in range(2_500):
    plain = Plain(i)
    plain.parent = data
    data += [plain, Stateful(i), Point(i, i + 1), fractions.Fraction(i, 7), datetime.date(2000, 1, 1) + datetime.timedelta(i), {i, i + 1}]
for _ in range(times(3)):
    for protocol in 2, 4, 5:
        text = pickle.dumps(data, protocol)
        again = pickle.loads(text)
        print(len(text), again[6].n, again[0].parent is again, again[8])
