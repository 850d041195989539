# cython: language_level=3
"""What Cython's output does to an interpreter: types, tracebacks with line numbers of its own, generators, coroutines."""
cdef class Point:
    cdef public double x, y

    def __init__(self, x, y):
        self.x, self.y = x, y

    def __add__(self, other):
        return Point(self.x + other.x, self.y + other.y)

    def __repr__(self):
        return f"Point({self.x}, {self.y})"


def total(items):
    cdef double s = 0
    for i in items:
        s += i
    return s


def fails(n):
    if n == 0:
        raise ValueError("from Cython")
    return fails(n - 1)


def generator(n):
    for i in range(n):
        got = yield i
        if got:
            yield got


async def coroutine(x):
    return x * 2
