"""Items, slices, membership, pairs, known callables, names: the quick ways, each guard's failure, each error."""
import sys


def show(f, *args):
    try:
        return repr(f(*args))
    except Exception as e:
        return f"{type(e).__name__}: {e}"


class L(list):
    def __getitem__(self, i):
        return ("L", i)

    def __len__(self):
        return 77


class D(dict):
    def __missing__(self, key):
        return ("missing", key)


class Index:
    def __init__(self, i):
        self.i = i

    def __index__(self):
        return self.i


class Equal:
    """Hashes as an int and equals it."""
    def __init__(self, i):
        self.i = i

    def __hash__(self):
        return hash(self.i)

    def __eq__(self, other):
        return self.i == other


def item(c, k):
    return c[k]


def number(c, k):
    return c[k] + 1


def less(c, k):
    return c[k] < 3


def store(c, k, v):
    c[k] = v
    return c


def delete(c, k):
    del c[k]
    return c


def cut(c, a, b):
    return c[a:b]


def cut3(c, a, b, s):
    return c[a:b:s]


def paste(c, a, b, v):
    c[a:b] = v
    return c


def inside(x, c):
    return (x in c, x not in c, "yes" if x in c else "no", "no" if x not in c else "yes")


big = 2 ** 70
containers = [
    lambda: [1, 2.5, "x", big, None, 256, 257, -5, -6], lambda: (1, 2.5, "x", big), lambda: "aé€😀z", lambda: b"bytes",
    lambda: {1: "one", -1: "minus", 2 ** 61 - 1: "prime", big: "big", "k": 3, 1.5: 2, True + 1: "two"}, lambda: {"k": 1, "l": 2},
    lambda: {}, lambda: L([1, 2]), lambda: D({1: 2}), lambda: range(5), lambda: {Equal(7): "seven"}, lambda: 5, lambda: None,
    lambda: bytearray(b"abc"), lambda: {(1, 2): 3, ("a", 1): 4, (1.0, 2): 5, ((1, 2), 3): 6},
]
keys = [0, 1, 2, -1, -4, 7, 100, -100, 0.0, 1.0, 2.5, "k", "nothing", True, False, None, big, -big, 2 ** 60, -2 ** 60, 2 ** 61 - 1, -2,
        Index(1), Equal(1), (1, 2), ("a", 1), ((1, 2), 3), [], (1, [])]
for _ in range(3):      # cold, then specialised
    for make in containers:
        out = []
        for key in keys:
            name = type(key).__name__
            for f in (item, number, less, inside):
                args = (key, make()) if f is inside else (make(), key)
                out.append(show(f, *args))
            out.append(show(store, make(), key, 9))
            out.append(show(delete, make(), key))
        print(len(out), "\n".join(o if "object at" not in o else "object" for o in out) if _ == 2 else "")

bounds = [None, 0, 1, -1, 3, -3, 100, -100, True, Index(2), big, -big, 1.0, "a"]
for c in ([1, 2, 3, 4, 5], (1, 2, 3, 4, 5), "abcdé", b"abcde", range(5), L([1, 2]), 7):
    print([show(cut, c, a, b) for a in bounds for b in bounds if not isinstance(c, L)])
    print([show(cut3, c, a, b, 2) for a in bounds[:6] for b in bounds[:6] if not isinstance(c, L)])
    print([show(paste, list(c) if not isinstance(c, (int, str)) else c, a, b, "xy") for a in bounds for b in bounds])
print(show(paste, [1, 2], 0, 1, 5), show(paste, (1, 2), 0, 1, [5]))
same = [1, 2, 3]
same[1:1] = same
print(same, same[:] is same, "abc"[:] == "abc", (1, 2)[:])


# ---- pairs

def pairs(iterable):
    out = []
    for a, b in iterable:
        out.append((a, b))
    return out


def rest(iterator):
    for a, b in iterator:
        break
    return list(iterator)


for _ in range(3):
    print(pairs(enumerate("abc")), pairs(enumerate([big, None], 255)), pairs(enumerate("ab", 2 ** 60 - 1)), pairs(enumerate("a", -1)),
          pairs(enumerate("ab", sys.maxsize)))
    print(pairs({1: 2, "a": big}.items()), pairs(zip("abc", [1, 2])), pairs(zip([1], [2])), pairs([(1, 2), [3, 4], "56"]), pairs({}.items()))
    print(show(pairs, zip("abc", "ab", strict=True)), show(pairs, zip("ab", "abc", strict=True)), show(pairs, zip("abc")),
          show(pairs, zip(*["ab"] * 3)), show(pairs, [(1, 2), (1,)]), show(pairs, [(1, 2), (1, 2, 3)]), show(pairs, [5]), show(pairs, ((1, 2),)))
    print(rest(enumerate("abc")), rest(zip("abc", "abc")), rest(iter({1: 2, 3: 4}.items())), rest(iter([(1, 2), (3, 4)])))


def changing():
    d = {1: 1, 2: 2}
    for k, v in d.items():
        d[k + 10] = v


def raising():
    yield 1, 2
    raise ValueError("in the middle")


def stops(n):
    for i in range(n):
        yield i
    raise KeyError(n)


for _ in range(3):
    print(show(changing), show(pairs, raising()), show(pairs, enumerate(stops(2))), show(pairs, zip(stops(3), stops(2))))
for (a, b), c in zip(enumerate("xy"), "pq"):
    print(a, b, c)
for i, (a, b) in enumerate([(1, 2), (3, 4)]):
    print(i, a, b)
swap = [(1, 2), (3, 4)]
for a, b in swap:
    swap[:] = [(5, 6)] * 2
    print(a, b)


# ---- known callables

def call_len(x):
    return len(x)


def call_isinstance(x, c):
    return isinstance(x, c)


def call_append(x, y):
    return x.append(y)


class Length:
    def __init__(self, n):
        self.n = n

    def __len__(self):
        return self.n


class Meta(type):
    def __instancecheck__(cls, x):
        return x == 5


class Odd(metaclass=Meta):
    pass


class Liar:
    @property
    def __class__(self):
        return int


class MyInt(int):
    pass


class MyList(list):
    def append(self, x):
        super().append((x, "mine"))


for _ in range(3):
    print([show(call_len, x) for x in ([1], (1, 2), "abc", {1: 2}, {1}, b"12", range(2 ** 61), range(2 ** 63), L(), Length(3), Length(-1),
                                       Length(2 ** 61), Length("x"), 5, 1.5, None)])
    print([show(call_isinstance, x, c) for x in (5, 1.5, True, MyInt(3), "s", Liar(), None, int, big)
           for c in (int, float, (str, int), (), object, Odd, (Odd, str), int | str, bool, MyInt, 5, (int, 5), "int")])
    l = []
    print(show(call_append, l, big), show(call_append, l, 1), l, show(call_append, MyList(), 1), show(call_append, {}, 1), show(call_append, 5, 1))
print(str(7), str(-7), str(0), str(2 ** 59), str(-2 ** 59 - 1), str(big), f"{1}{-12}{2 ** 58}{big}{3!r}{4!s:>3}", type(3), type(2.5), type(big))

len_, isinstance_ = len, isinstance
len = lambda x: "mine"
isinstance = lambda x, c: "mine"
print(call_len([1]), call_isinstance(1, int))
del len, isinstance
print(call_len([1]), call_isinstance(1, int))


# ---- names of modules

code = compile("for i in range(6):\n    total = total + i\n    if i == 4: other = total\nprint(total, len(name))", "<names>", "exec")
exec(code, {"total": 0, "name": "abc"})
g = {"total": 100, "name": "ab"}
exec(code, g, {"total": 5, "name": "a"})
print(g["total"])
exec(code, g)
print(g["total"], g["other"])


class Space(dict):
    def __getitem__(self, key):
        return 1000 if key == "total" else dict.__getitem__(self, key)


exec(code, {"name": "abcd", "len": len_}, Space(range=range, print=print))
loop = "for i in range(5):\n    if i == 3: del x\n    try: y = x\n    except NameError as e: print(e)\n    x = i\nprint(x, y)"
exec(compile(loop, "<loop>", "exec"), {"x": -1})


def sets_globals():
    global counter, fresh
    for i in range(5):
        counter = i
        if i == 3:
            del fresh
        fresh = i
    return counter, fresh


fresh = 0
print(sets_globals(), sets_globals())


# ---- with, bound methods, exceptions

class Context:
    def __init__(self, swallow, log):
        self.swallow, self.log = swallow, log

    def __enter__(self):
        self.log.append("in")
        return len_(self.log)

    def __exit__(self, kind, value, traceback):
        self.log.append((kind and kind.__name__, traceback and traceback.tb_lineno - traceback.tb_frame.f_code.co_firstlineno))
        return self.swallow


class Broken(Context):
    def __enter__(self):
        raise KeyError("enter")


class Takes(Context):
    def __enter__(self, more):
        pass


def within(manager, error):
    with manager as x:
        if error:
            raise error
        return x


for _ in range(3):
    log = []
    print(show(within, Context(False, log), None), show(within, Context(True, log), ValueError("v")), show(within, Context(False, log), OSError(2, "x")),
          show(within, Broken(True, log), None), show(within, Takes(True, log), None), show(within, 5, None), log)


class Adder:
    def __init__(self, n):
        self.n = n

    def add(self, a, b=10, *rest, k=0):
        return self.n + a + b + len_(rest) + k


def through(f):
    return f(1), f(1, 2), f(1, 2, 3), f(1, k=5), f(b=1, a=2)


for _ in range(3):
    adder = Adder(100)
    holder = type("H", (), {})()
    holder.f = adder.add
    print(through(adder.add), holder.f(1), holder.f(1, b=2), show(adder.add), show(lambda: holder.f(q=1)))


def catch(error):
    try:
        raise error
    except (KeyError, ValueError) as e:
        return type(e).__name__, e.args, e.__context__, e.__traceback__.tb_lineno - catch.__code__.co_firstlineno
    except ArithmeticError as e:
        return "arithmetic", e.args
    except Exception as e:
        return "other", e.args, str(e), e.__dict__


for _ in range(3):
    for error in (ValueError, ValueError("a", 1), KeyError("k"), KeyError, ZeroDivisionError("z"), StopIteration(3), OSError(2, "no"), UnicodeError("u"),
                  ImportError("i", name="n"), RuntimeError("r")):
        print(catch(error))
print(show(lambda: ValueError(x=1)), show(lambda: Exception(1, 2)), repr(BaseException()), show(catch, 5), show(catch, int))
try:
    try:
        {}[1, 2]
    except KeyError as e:
        first = e
        raise ValueError("second")
except ValueError as e:
    print(repr(e.__context__), e.__context__ is first, first.args, e.__traceback__.tb_next)
tb = first.__traceback__
print(tb.tb_lineno == tb.tb_frame.f_code.co_firstlineno + tb.tb_lineno - 1, show(lambda: setattr(tb, "tb_lineno", 3)))
