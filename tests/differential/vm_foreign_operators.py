"""Operators on objects of types in C, calls of objects in C that are no functions, and methods in C that take a tuple: many times, and
then with other operands, callables and classes."""
import datetime
import decimal
import functools
import operator
import sys
from collections import Counter, OrderedDict, deque

D, delta = decimal.Decimal, datetime.timedelta

BINARY = {op: eval(f"lambda x, y: x {op} y") for op in "+ - * / // % ** @ & | ^ << >>".split()}
INPLACE = {}
for op in BINARY:
    exec(f"def f(x, y):\n    x {op}= y\n    return x\nINPLACE[op + '='] = f")


def outcome(f, *arguments):
    try:
        result = f(*arguments)
    except Exception as e:
        return f"{type(e).__name__}: {e}"
    return sorted(result, key=repr) if isinstance(result, (set, frozenset)) else result


def operands():
    return [D(7), delta(3), datetime.date(2020, 1, 2), {1, 2}, frozenset([2, 3]), {1: 2}, b"ab", bytearray(b"cd"), 3j, 2.5, 7, True, "%s",
            [1], (1,), deque([1]), Counter("ab"), OrderedDict(a=1), {1: 1}.keys(), range(3), None, int, int | str, object]


print("every pair")
for functions in BINARY, INPLACE:
    for op, f in functions.items():
        for i in range(len(operands())):
            for j in range(len(operands())):
                x, y = operands()[i], operands()[j]
                print(op, i, j, outcome(f, x, y))

print("subclasses whose reflected method comes first, or not")


class Late(D):
    def __radd__(self, other):
        return "radd", other

    def __rsub__(self, other):
        return NotImplemented


class Reflecting:
    answer = NotImplemented

    def __radd__(self, other):
        log.append(type(other).__name__)
        return self.answer

    __rsub__ = __rmul__ = __ror__ = __radd__


class Set(set):
    def __ror__(self, other):
        log.append("Set.__ror__")
        return NotImplemented

    def __ior__(self, other):
        log.append("Set.__ior__")
        return NotImplemented


log = []
for x in D(1), delta(1), {1}, {1: 2}, b"a", bytearray(b"a"), 1j, Late(4), Set([1]):
    for y in Late(2), Reflecting(), Set([3]), 1, 1.5, {1: 5}:
        for op in "+", "-", "*", "|":
            for answer in NotImplemented, 5:
                Reflecting.answer = answer
                print(type(x).__name__, op, type(y).__name__, outcome(BINARY[op], x, y), outcome(INPLACE[op + "="], x, y), log)
                log.clear()

print("what temporaries and locals refer to")


def counts(x, y):
    z = x + y
    w = (x + y) + x + (y + x)
    z += x
    z |= x if isinstance(x, set) else 0
    return sys.getrefcount(x), sys.getrefcount(y), z, w


for x, y in (D(1000), D(2000)), (delta(5), delta(6)), (Counter(a=1), Counter(b=2)):
    for _ in range(3):
        print(outcome(counts, x, y))

print("calls")


class Called:
    def __call__(self, *arguments, **keywords):
        return "called", arguments, keywords


def repeated(f, n, *arguments):
    result = None
    for _ in range(n):
        result = f(arguments[0])
    return result


def repeated_two(f, n, x, y):
    for _ in range(n):
        result = f(x, y)
    return result


@functools.lru_cache
def cached(*arguments):
    return arguments


class Partial(functools.partial):
    def __call__(self, *arguments):
        return "Partial", arguments


callables = [functools.partial(max, 3), functools.partial(divmod, 7), cached, operator.itemgetter(1), operator.attrgetter("real"),
             operator.methodcaller("bit_length"), Partial(max, 5), Called(), str.upper, "{} {}".format, [].__len__, int.__add__,
             (5).__add__, dict.fromkeys, classmethod(repr), 5, None, type, len, lambda *a: a, functools.partial(print, end="|\n")]
for n in 1, 3, 100:
    for f in callables:
        print(outcome(repeated, f, n, 4), outcome(repeated, f, n, "ab"), outcome(repeated_two, f, n, 9, 2))


def cycled(n):
    results = []
    for i in range(n):
        results.append(outcome(lambda: callables[i % 5](i)))
        f = callables[i // 7 % len(callables)]
        try:
            results.append(f(i))
        except Exception as e:
            results.append(str(e))
    return results


print(cycled(300))


def deep(n):
    return functools.partial(deep, n - 1)() if n else "bottom"


print(deep(50), outcome(deep, 10 ** 6)[:14])      # where it ends depends on the C stack

print("methods that take a tuple")
day, noon = datetime.date(2001, 2, 3), datetime.datetime(2001, 2, 3, 12)


def methods(n, d):
    for i in range(n):
        r = d.replace(), d.replace(2000 + i % 3), d.__format__("%Y"), d.__reduce_ex__(2), d.isocalendar()
    return r


print(methods(100, day), methods(100, noon), methods(3, day))
for wrong in None, "text", 5, datetime.time(1):
    print(outcome(methods, 3, wrong))


class Day(datetime.date):
    def replace(self, *arguments):
        return "replaced", arguments


print(methods(3, Day(1999, 1, 1)), methods(3, noon))


def wrong_arguments(d, *arguments):
    for _ in range(5):
        r = outcome(lambda: d.replace(arguments))
    return r, outcome(lambda: d.replace(1, 2, 3, 4, 5, 6, 7, 8, 9, 10)), outcome(lambda: d.replace(0))


print(wrong_arguments(day), wrong_arguments(noon))


def traced(n):
    events = []
    sys.setprofile(lambda frame, event, argument: events.append((event, getattr(argument, "__name__", None))))
    for _ in range(n):
        day.replace(2002)
        callables[0](4)
    sys.setprofile(None)
    return events


print(traced(3))
