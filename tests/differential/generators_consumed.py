"""Generators that sum, any, all, list and their kin run through: what they take where it is yielded, and what they do not."""
import gc
import sys


class Int(int):
    def __del__(self):
        print("end of", int(self), gen.gi_running if gen else None)


class Adds:
    def __init__(self, n):
        self.n = n

    def __radd__(self, other):
        print("radd", other, gen.gi_running, gen.gi_frame is not None)
        return other + self.n

    def __add__(self, other):
        return other + self.n

    def __repr__(self):
        return f"Adds({self.n})"

    def __bool__(self):
        print("bool", self.n, gen.gi_running)
        return self.n > 2


gen = None


def items(values, log=True):
    try:
        for value in values:
            got = yield value
            if log and got is not None:
                print("got", got)
    finally:
        if log:
            print("closed")
    return "result"


def as_set(iterable):
    return sorted(map(repr, set(iterable)))


def run(f, values):
    global gen
    gen = items(values)
    try:
        print(f.__name__, repr(f(gen)))
    except BaseException as e:
        print(f.__name__, type(e).__name__, e)
    print(gen.gi_frame is None, next(gen, "ended"))


MIXES = [
    [], [1, 2, 3], [1.5, 2, True], [True, False, None], [0, 0.0, "", None, [], 5, 7], [1, 2**62, 2**62, -2**63, 4], [2**70, 1.5, 2],
    [float("nan"), float("inf"), 1e308, 1e308], [1, Adds(2), 3, Adds(4)], [False, Adds(1), Adds(3), Adds(5)], ["a", "é", "€"],
    [1, "x"], [(1,), (2,)], [Int(5), Int(6), 7], [1.5, Int(7), 2**80, 1], [None, None], [True, 1, 0], [0, 1, 2**61, 2**60, -1],
]
for values in MIXES:
    for f in sum, any, all, list, tuple, as_set, sorted, max, min, "".join, lambda g: sum(g, 0.5), lambda g: sum(g, ()), lambda g: [*g], lambda g: [0, *g]:
        run(f, values)
del values, MIXES[:]


def fails(n):
    for i in range(n):
        yield i
    raise KeyError(n)


def stops(n):
    yield from range(n)
    raise StopIteration


for make in fails, stops:
    for f in sum, any, all, list, tuple:
        try:
            print(f(make(3)))
        except Exception as e:
            print(f.__name__, type(e).__name__, e, type(e.__cause__).__name__)

# Partly consumed, and consumed from inside.
gen = items(range(10), False)
print(next(gen), any(x > 3 for x in gen), list(gen))


def inside():
    for i in range(3):
        try:
            yield sum(outer)
        except ValueError as e:
            print(e)
            yield i


outer = inside()
print(list(outer))

# A list that the generator looks at while it grows, and one that it changes.
grown = [1]
grown.extend(len(grown) for _ in range(5))
print(grown)
grown.extend(grown.pop() for _ in range(3))
print(grown)
nested = [sum(x for x in range(n)) for n in range(5)]
print(nested, sum(sum(y for y in range(x)) for x in range(10)), list(list(c for c in s) for s in ("ab", "c")))


def delegating():
    total = yield from items([1, 2.5, 3], False)
    print(total)
    yield sum(items([4, 5], False))


print(sum(delegating()), list(delegating()))

# Exceptions that are handled when the generator runs are its caller's.
def current():
    yield str(sys.exc_info()[1])
    try:
        raise TypeError("own")
    except TypeError:
        yield str(sys.exc_info()[1])
        yield str(sys.exc_info()[1])
    yield str(sys.exc_info()[1])


try:
    raise ValueError("outer")
except ValueError:
    print(list(current()), sys.exc_info()[1])

# Events of a tracer and a profiler.
events = []
sys.setprofile(lambda frame, event, arg: events.append((frame.f_code.co_name, event)) if event in ("call", "return") else None)
sum(items([1, 2], False))
list(items([1, 2], False))
sys.setprofile(None)
print(events)


def turns_on():
    yield 1
    sys.setprofile(lambda frame, event, arg: events.append((frame.f_code.co_name, event, arg)) if event in ("call", "return") else None)
    yield 2
    yield 3
    sys.setprofile(None)
    yield 4


events.clear()
print(sum(turns_on()), events)


async def coroutine():
    return [x async for x in asynchronous()], sum([x async for x in asynchronous()])


async def asynchronous():
    for i in range(3):
        yield i


try:
    coroutine().send(None)
except StopIteration as e:
    print(e.value)
gc.collect()
