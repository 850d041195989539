"""Closures: counters, composition, partial application, decorators, church numerals, callbacks."""
import functools
import os

SCALE = 2.5 * float(os.environ.get("BENCH_SCALE", 1))


def counter(step):
    value = 0

    def bump(times=1):
        nonlocal value
        value += step * times
        return value
    return bump


def compose(*functions):
    def composed(x):
        for f in functions:
            x = f(x)
        return x
    return composed


def traced(function):
    calls = 0

    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        nonlocal calls
        calls += 1
        wrapper.calls = calls
        return function(*args, **kwargs)
    return wrapper


@traced
def scaled(x, *, factor=2):
    return x * factor


def church(n):
    return lambda f: lambda x: functools.reduce(lambda acc, _: f(acc), range(n), x)


class Events:
    def __init__(self):
        self.handlers = {}

    def on(self, name, handler):
        self.handlers.setdefault(name, []).append(handler)

    def fire(self, name, *args):
        for handler in self.handlers.get(name, ()):
            handler(*args)


n = int(300000 * SCALE)
one, three = counter(1), counter(3)
for i in range(n):
    one()
    three(times=2)
print(one(), three())
f = compose(lambda x: x + 1, lambda x: x * 2, functools.partial(pow, 3) if n < 0 else (lambda x: x - 3))
print(sum(f(i) for i in range(n)))
print(sum(scaled(i, factor=3) for i in range(n)), scaled.calls)
add = lambda a: lambda b: lambda c: lambda g: g(church(a)(lambda y: y + 1)(b) + c)
print(sum(add(3)(i)(1)(lambda z: z % 10) for i in range(n // 5)))
events, seen = Events(), []
events.on("tick", lambda i, total=[0]: total.__setitem__(0, total[0] + i))
events.on("tick", lambda i: seen.append(i) if i % 1000 == 0 else None)
for i in range(n):
    events.fire("tick", i)
print(len(seen))
print(sum(map(lambda x: x % 3, filter(lambda x: x % 2, range(3 * n)))))
