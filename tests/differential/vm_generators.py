# options: -W ignore
"""Generators, coroutines and asynchronous generators: every way in and out."""
import gc
import sys


def attempt(what, f, *args):
    try:
        print(what, "=>", f(*args))
    except BaseException as e:
        context = repr(e.__context__), repr(e.__cause__), e.__suppress_context__
        print(what, "!!", type(e).__name__, e, context)


def echo():
    received = []
    try:
        while True:
            received.append((yield len(received)))
    except ValueError as e:
        yield "caught", e.args
    finally:
        print("finally", received)
    return "end"


g = echo()
attempt("send before start", g.send, 1)
print(next(g), g.send("a"), g.send("b"), g.gi_running, g.gi_suspended, g.gi_yieldfrom)
attempt("throw", g.throw, ValueError, "x")
attempt("next", next, g)
attempt("next after the end", next, g)
attempt("send after the end", g.send, 1)
attempt("throw after the end", g.throw, KeyError("k"))
attempt("close after the end", g.close)
g = echo()
attempt("throw before start", g.throw, KeyError, "k")
print(g.gi_frame)
g = echo(); next(g)
attempt("close", g.close)
g = echo(); next(g); del g
print("deleted")
g = echo(); next(g)
for bad in [(1,), ("x",), (ValueError, 1, 2), (None,), (ValueError("a"), "b")]:
    attempt(f"throw{bad}", g.throw, *bad)
    if g.gi_frame is None: g = echo(); next(g)


def stubborn():
    try:
        yield 1
    except GeneratorExit:
        yield 2


g = stubborn(); next(g)
attempt("close of one that ignores", g.close)


def raises_on_close():
    try:
        yield 1
    finally:
        raise KeyError("in finally")


g = raises_on_close(); next(g)
attempt("close with error", g.close)


def stop():
    yield 1
    raise StopIteration("leaks")


attempt("StopIteration inside", list, stop())


def reenter():
    yield next(me)


me = reenter()
attempt("re-entered", next, me)


def returns(value):
    return value
    yield


for value in (None, 3, (1, 2), StopIteration(4), ValueError("v")):
    try:
        next(returns(value))
    except StopIteration as e:
        print("returned", repr(e.value), e.args)

# ---- delegation
def inner():
    try:
        x = yield 1
        print("inner got", x)
        y = yield 2
        print("inner got", y)
        return "inner result"
    except KeyError as e:
        print("inner caught", e)
        return "after KeyError"
    finally:
        print("inner finally")


def outer(it):
    r = yield from it
    print("outer got", r)
    yield "last"


g = outer(inner())
print(next(g), g.gi_yieldfrom is not None, g.send("s"), g.send("t"))
attempt("end", next, g)
g = outer(inner()); next(g)
print(g.throw(KeyError("k")))
g = outer(inner()); next(g)
attempt("throw other", g.throw, ValueError("v"))
g = outer(inner()); next(g)
attempt("close both", g.close)
g = outer([1, 2])
print(next(g), next(g))
attempt("send to list iterator", outer_send := g.send, 5)
g = outer([1, 2]); next(g)
attempt("send value to plain iterator", g.send, 5)
g = outer([1, 2]); next(g)
attempt("throw into plain iterator", g.throw, KeyError("k"))
attempt("delegate to int", next, outer(5))


class Iterator:
    def __init__(self): self.n = 0
    def __iter__(self): return self
    def __next__(self):
        self.n += 1
        if self.n > 3: raise StopIteration("result")
        return self.n
    def send(self, x): print("send", x); return x
    def throw(self, *a): print("throw", [getattr(x, "__name__", x) for x in a]); return "thrown"
    def close(self): print("close")


g = outer(Iterator())
print(next(g), g.send("v"), g.throw(ValueError), next(g))
attempt("closing", g.close)
g = outer(Iterator())
print([*g])


class BadThrow(Iterator):
    @property
    def throw(self): raise ZeroDivisionError("no throw")
    @property
    def close(self): raise ZeroDivisionError("no close")


g = outer(BadThrow()); next(g)
attempt("bad throw", g.throw, KeyError)
g = outer(BadThrow()); next(g)
attempt("bad close", g.close)


def deep(n):
    if n: yield from deep(n - 1)
    yield n


print(list(deep(50)), sum(1 for _ in deep(300)))

# ---- exceptions being handled are the generator's own
def handling():
    try:
        raise KeyError("own")
    except KeyError:
        yield sys.exc_info()[0]
        yield sys.exc_info()[0]
    yield sys.exc_info()[0]


g = handling()
try:
    raise ValueError
except ValueError:
    print(next(g), sys.exc_info()[0])
print(next(g), sys.exc_info()[0], next(g))

# ---- generator expressions, attributes
e = (i * j for i in range(3) for j in range(i))
print(e.__name__, e.__qualname__, list(e), e.gi_code.co_name)
attempt("genexp over int", lambda: (x for x in 5))
e.__name__ = "renamed"
print(e.__name__, repr(e).split(" at ")[0])
attempt("bad name", setattr, e, "__name__", 1)
g = echo()
print(g.gi_code is echo.__code__, g.gi_frame.f_lineno - echo.__code__.co_firstlineno, g.gi_frame.f_locals)
next(g)
print(g.gi_frame.f_locals, g.gi_frame.f_back, g.gi_frame.f_lasti > 0)
print(list(zip(echo(), range(3))))
print(iter(g) is g, hasattr(g, "__del__"), type(g).__name__)


# ---- coroutines
class Await:
    def __init__(self, value): self.value = value
    def __await__(self):
        got = yield self.value
        return got


async def coro(a):
    try:
        x = await Await(a)
        y = await Await(a + 1)
        return x, y
    except KeyError as e:
        return "caught", e.args


def drive(c, *values):
    log = []
    try:
        log.append(c.send(None))
        for v in values:
            log.append(c.send(v))
    except StopIteration as e:
        log.append(("returned", e.value))
    except BaseException as e:
        log.append((type(e).__name__, str(e)))
    return log


print(drive(coro(1), "x", "y"))
c = coro(1)
c.send(None)
attempt("throw into coroutine", c.throw, KeyError("k"))
attempt("reuse", c.send, None)
c = coro(1); c.close()
attempt("closed", c.send, None)
attempt("await int", drive, (lambda: awaits(5))())if False else None
async def awaits(x): return await x
print(drive(awaits(5)), drive(awaits(None)), drive(awaits(coro(3)), 1, 2))


class BadAwait:
    def __await__(self): return 5


class NoAwait:
    def __await__(self): return coro(1)


print(drive(awaits(BadAwait())))
c2 = None
attempt("coroutine from __await__", lambda: drive(awaits(NoAwait())))
attempt("iterate a coroutine", lambda: [*coro(1)])
print(drive(coro(1), 1)[:1])


class Manager:
    def __init__(self, swallow=False): self.swallow = swallow
    async def __aenter__(self): print("aenter"); return await Await("entering")
    async def __aexit__(self, *exc): print("aexit", exc[0] and exc[0].__name__); await Await("leaving"); return self.swallow


async def with_(swallow, fail):
    async with Manager(swallow) as m:
        print("body", m)
        if fail: raise ValueError("in body")
    return "done"


for swallow in (False, True):
    for fail in (False, True):
        print(drive(with_(swallow, fail), 1, 2, 3))
class OnlyEnter:
    async def __aenter__(self): pass
class OnlyExit:
    async def __aexit__(self, *a): pass
async def bad_with(m):
    async with m: pass
for m in (OnlyEnter(), OnlyExit(), 5):
    print(drive(bad_with(m)))


# ---- asynchronous generators
async def agen(n):
    try:
        for i in range(n):
            got = yield i
            if got: print("agen got", got)
            await Await("inside")
    finally:
        print("agen finally")


async def consume(n):
    return [x async for x in agen(n)]


def drain(c):
    log = []
    try:
        while True: log.append(c.send(None))
    except StopIteration as e:
        return log, e.value
    except BaseException as e:
        return log, type(e).__name__, str(e)


print(drain(consume(3)))
async def nested(): return {x: [y async for y in agen(x) if y] async for x in agen(3) if x}
print(drain(nested()))
async def loop_else():
    out = []
    async for x in agen(3):
        if x == 1: break
        out.append(x)
    else:
        out.append("else")
    async for x in agen(1): pass
    else: out.append("else2")
    return out
print(drain(loop_else()))
a = agen(3)
print(drain(a.__anext__()), drain(a.asend("hello")), drain(a.athrow(ValueError("in"))), drain(a.__anext__()), drain(a.aclose()))
a = agen(3)
print(drain(a.__anext__()), drain(a.aclose()), drain(a.__anext__()))
a = agen(2)
print(drain(a.asend(1)))
print(a.ag_running, a.ag_await, a.ag_code.co_name, a.__name__)
async def over(x):
    async for y in x: pass
class BadAIter:
    def __aiter__(self): return 5
class NoANext:
    def __aiter__(self): return self
class BadANext:
    def __aiter__(self): return self
    def __anext__(self): return 5
for x in (5, BadAIter(), NoANext(), BadANext()):
    print(drain(over(x)))
async def stops():
    yield 1
    raise StopAsyncIteration("x")
print(drain((lambda g: consume_all(g))(stops())) if False else "")
async def consume_all(g): return [x async for x in g]
print(drain(consume_all(stops())))
async def stops2():
    yield 1
    raise StopIteration("x")
print(drain(consume_all(stops2())))
async def with_default(): return await anext(agen(0), "default"), await anext(agen(1), "default")
print(drain(with_default()))
async def returns_early():
    if True: return
    yield
print(drain(consume_all(returns_early())))
gc.collect()
def unused():
    c = coro(1)
    c.close()
unused()
print("end")


class GeneratorsFromCalls:
    """Getters and __init__ that are generators: the call's own reference to the object is not the generator's."""

    def __init__(self):
        self.inner = GeneratorGetter()

    @property
    def items(self):
        return self.inner.items


class GeneratorGetter:
    @property
    def items(self):
        yield self


class GeneratorInit:
    def __init__(self):
        yield self


def is_none(owner):
    return owner.items is None


def make():
    return GeneratorInit()


owner = GeneratorsFromCalls()
for attempt in range(20):
    is_none(owner)
    is_none(owner.inner)
    try:
        make()
    except TypeError as e:
        text = str(e)
print(text, sys.getrefcount(owner), sys.getrefcount(owner.inner), [i is owner.inner for i in owner.items])
