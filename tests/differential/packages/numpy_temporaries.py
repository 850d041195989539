# needs: numpy
"""numpy computes in place of a large operand that nobody else holds. None that a local lends to an operator may look like one."""
import operator

import numpy as np

a = np.arange(4e4)


def results():
    x = a * 1
    y = x + a
    z = -x
    both = x + x
    called = operator.add(x, a), abs(x), pow(x, 2), x.__add__(a), np.ndarray.__mul__(x, a), sum([x, x, x]), next(map(operator.sub, [x], [a]))
    nested = x ** 2, (x * 2) + a, a + (x * 2), -(x * 2), 2 - (x * 2), (x * 2) ** 2, ~(x > 3) | (x < 1)
    w = (v := x * 2) + a
    x_again = x
    x += a * 2 - 1
    return [array.sum() for array in (x, y, z, both, v, w, x_again, *called, *nested)]


class Wrapper:
    """Operators in Python between those of arrays, so that a loop is within a loop on the C stack."""

    def __init__(self, array):
        self.array = array

    def __add__(self, other):
        x, y = self.array, other if isinstance(other, np.ndarray) else other.array
        r = x + y
        s = -x
        t = x * 2 + y
        return Wrapper(r), x.sum(), y.sum(), r.sum(), s.sum(), t.sum(), r is not x

    __radd__ = __add__

    def __neg__(self):
        x = self.array
        return [(x + a).sum(), abs(x).sum(), (-x).sum(), (x ** 2).sum(), x.sum()]


for _ in range(12):
    found = [results(), (Wrapper(a * 1) + a)[1:], (Wrapper(a * 1) + Wrapper(a * 2))[1:], -Wrapper(a * 1), (np.float64(2) + (a * 1)).sum()]
print(*found, sep="\n")
try:
    x = np.arange(5)
    part = x[:2]
    x.resize(1000)
except ValueError as error:
    print(error)
