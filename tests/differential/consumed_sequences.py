"""sum, any, all, min and max over lists, tuples and ranges, whose items may change them, and over what is left of their iterators."""


class Changes:
    """Its use as a number or truth value does something to a list."""

    def __init__(self, change, truth=False):
        self.change, self.truth = change, truth

    def __bool__(self):
        self.change()
        return self.truth

    def __radd__(self, other):
        self.change()
        return other + 1000


def show(function, *args):
    try:
        result = function(*args)
    except Exception as error:
        result = error
    print(function.__name__, repr(result), type(result).__name__)


NUMBERS = [[], [1], [True, False, 3], [1, 2.5, 3], [2.5, 1, True, None], [1 << 29, 1 << 30, 1 << 59, 1 << 60, 1 << 61, 1 << 62, 1 << 63, 5],
           [-1 << 62, -1 << 62, -1 << 62, 7], [(1 << 63) - 1, 1, -1], [0.1] * 10, [1e308, 1e308, -1e308], [1, 2j, 3], [1, "a"], [-0.0], [-0.0, 0]]
for numbers in NUMBERS:
    for container in list, tuple, iter:
        show(sum, container(numbers))
        show(sum, container(numbers), -0.0)
        show(sum, container(numbers), 1 << 70)
for truths in [], [0], [1], [0, 0.0, "", None, False], [1, True, "a", [0], 1 << 70], [0, 1, 0], [1, 0, 1], [None, 1 << 70], [-1, 1 << 62, 0]:
    for container in list, tuple, iter:
        show(any, container(truths))
        show(all, container(truths))

for function in sum, any, all:
    for start in 0, 1:
        items = [start, start]
        items += [Changes(items.clear, start), start, 5, 0]
        show(function, items)
        items = [start, start]
        items += [Changes(lambda items=items: items.extend([start, 2, 0, 3]) if len(items) < 20 else None, start), start]
        show(function, items)
        print(len(items))
    rest = iter([0, 0, 3, 0, 4, "a", 1, 2])
    show(function, rest)
    print(rest.__length_hint__(), list(rest))
    rest = iter((1, 1, 0, 5, "a", 1, 2))
    show(function, rest)
    print(rest.__length_hint__(), list(rest))
    show(function, rest)


class Strange(list):
    def __iter__(self):
        return iter([1, 2, 3])


show(sum, Strange([7]))
show(any, Strange())

NAN = float("nan")
for items in [3, 1, 2], [1.5, -2.5, 1e300], [NAN, 1.0, 2.0], [1.0, NAN, 0.5], [1, 1.0, True], [True, 0, 1.0], [1 << 61, 1 << 62, 1 << 60], ["b", "a", 1], \
        [2, 1, "a"], [-0.0, 0.0], [0, 5, 5.0, 6], [[1], [0]], [1 << 100, 3, -1 << 100]:
    for container in list, tuple, iter, lambda items: (x for x in items):
        for function in min, max:
            show(function, container(items))
            show(lambda c: function(c, key=str), container(items))
            show(lambda c: function(c, default=7), container(items[:0]))


class Smaller(int):
    """Comes before all, and clears the list that it is asked in."""

    def __lt__(self, other):
        items.clear()
        return True

    __gt__ = __lt__


for function in min, max:
    items = [5, 4, Smaller(9), 3, 8]
    show(function, items)
    items = [Smaller(9), 4, 5, 3]
    show(function, items)
    rest = iter([3, 1, 2, "a", 9])
    show(function, rest)
    print(list(rest))

LIMIT = 1 << 63
for numbers in range(0), range(5), range(-3, 3), range(10, 0, -3), range(1 << 59, (1 << 59) + 3), range((1 << 60) - 2, (1 << 60) + 2), range(LIMIT - 3, LIMIT - 1), \
        range(LIMIT - 5, LIMIT - 1, 4), range(LIMIT - 2, LIMIT + 2), range(-LIMIT, -LIMIT + 2), range(1 - LIMIT, LIMIT, LIMIT // 2), range(0, 1 << 62, 1 << 60), range(100000):
    for function in sum, any, all, min, max:
        show(function, numbers)
        rest = iter(numbers)
        next(rest, None)
        show(function, rest)
        print(list(rest)[:5], rest.__length_hint__())
    show(sum, numbers, 0.5)
    show(min, range(5), numbers)
