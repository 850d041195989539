"""Calls: every kind of parameter, every way to pass arguments, every complaint."""


def show(f, *args, **kwargs):
    try:
        print(f.__qualname__ if hasattr(f, "__qualname__") else "object", "->", f(*args, **kwargs))
    except Exception as e:
        print(type(e).__name__, e)


def nothing(): return ()
def one(a): return a
def two(a, b): return a, b
def default(a, b=2): return a, b
def posonly(a, b=2, /): return a, b
def mixed(a, b=2, /, c=3, *, d, e=5): return a, b, c, d, e
def kwonly(*, a, b=2): return a, b
def kwonly_three(*, a, b, c): return a, b, c
def star(a, *rest): return a, rest
def double(a, **kw): return a, kw
def everything(a, b=2, /, c=3, *rest, d=4, e, **kw): return a, b, c, rest, d, e, kw
def posonly_kw(a, /, **kw): return a, kw
def five(a, b, c, d, e): return a


functions = [nothing, one, two, default, posonly, mixed, kwonly, kwonly_three, star, double, everything, posonly_kw, five]
argument_sets = [
    ((), {}), ((1,), {}), ((1, 2), {}), ((1, 2, 3), {}), ((1, 2, 3, 4, 5), {}), ((1, 2, 3, 4, 5, 6, 7), {}),
    ((), {"a": 1}), ((), {"a": 1, "b": 3}), ((1,), {"a": 1}), ((1,), {"b": 5}), ((1, 2), {"b": 5}), ((1,), {"x": 1}),
    ((1,), {"d": 1}), ((1,), {"e": 1}), ((1,), {"d": 1, "e": 2}), ((), {"a": 1, "b": 2, "c": 3}), ((), {"a": 1, "c": 3}),
    ((1, 2), {"a": 1, "b": 2}), ((1,), {"a": 1, "b": 2, "e": 0}), ((), {"b": 1, "c": 3, "x": 1, "y": 2}),
]
for f in functions:
    for args, kwargs in argument_sets:
        show(f, *args, **kwargs)

# direct calls, which need no argument tuple
print(two(1, b=2), two(b=1, a=2), default(1), default(1, 3), default(b=1, a=0), mixed(1, d=4), mixed(1, 2, 3, d=4, e=1))
print(kwonly(a=1), kwonly(b=1, a=3), star(1, 2, 3), double(1, x=2, y=3), everything(1, 2, 3, 4, 5, e=6, z=7))
print(posonly_kw(1, a=2))
for text in ["two(1)", "two()", "two(1, 2, 3)", "two(1, a=2)", "two(1, c=2)", "posonly(a=1)", "posonly(a=1, b=2)", "kwonly()",
             "kwonly(1)", "kwonly(1, a=2)", "mixed(1, 2, 3, 4)", "mixed(1, 2, 3, 4, d=1)", "five(1)", "five(1, e=2)", "five()",
             "kwonly_three()", "kwonly_three(b=1)", "nothing(1)", "nothing(x=1)", "one(*[1, 2])", "one(**{'a': 1, 'b': 2})",
             "two(*[1], **{'a': 1})", "one(*None)", "one(**None)", "one(**{1: 2})", "one(*[1], **3)", "star(**{'a': 1, 'rest': 2})",
             "(lambda x: x)()", "(lambda: 1)(1)", "None()", "'s'()", "1()", "print.x()", "one(a=1, **{'a': 2})",
             "two(a=1, b=2, *[3])", "everything()", "everything(1)", "double()", "double(b=1)", "double(1, a=2)",
             "int('12', bas=3)", "len()", "len(1, 2)", "len(x=1)", "[].append()", "[].append(1, 2)", "''.join(1, 2)", "dict(1, 2)",
             "str.join()", "str.join(1)", "str.join(1, 2)", "object.__new__()", "object(1)", "isinstance(1)", "abs()", "sorted()",
             "max(key=1)", "print(foo=1)", "ord('ab')", "chr()", "hash(a=1)", "list.append([])", "list.append()", "[].sort(1)"]:
    try:
        print(text, "=", eval(text))
    except Exception as e:
        print(text, "!", type(e).__name__, e)


class Callable:
    def __init__(self, *args, **kw): self.args = args, kw
    def __call__(self, *args, **kw): return self.args, args, kw
    def method(self, a, b=2): return a, b
    @classmethod
    def of_class(cls, a): return cls.__name__, a
    @staticmethod
    def of_none(a): return a
    def no_self(): pass


c = Callable(1, x=2)
show(c, 3, y=4)
show(c.method, 1)
show(c.method, 1, 2, 3)
show(c.method)
show(Callable.method, c, 5)
show(Callable.method)
show(c.of_class, 1)
show(Callable.of_class)
show(c.of_none, 1)
show(c.of_none)
show(c.no_self)


class Init:
    def __init__(self, a): self.a = a


class BadInit:
    def __init__(self): return 3


class New:
    def __new__(cls, a, b=1): return a


class Plain: pass


for text in ["Init()", "Init(1, 2)", "Init(b=2)", "BadInit()", "New()", "New(1)", "New(1, 2, 3)", "Plain(1)", "Plain(x=1)", "Init(1).a"]:
    for again in range(3):      # the third run is specialised
        try:
            print(text, eval(text) if "Plain" not in text else Plain(1) if "(1)" in text else Plain(x=1))
        except Exception as e:
            print(text, type(e).__name__, e)


def evaluated(n, log=[]):
    log.append(n)
    return n


print(everything(evaluated(1), evaluated(2), *[evaluated(3)], e=evaluated(4), **{"k": evaluated(5)}), evaluated(0), evaluated.__defaults__)
print((lambda *a, **k: (a, k))(*range(3), *"ab", x=1, **{"y": 2}, **{"z": 3}))
try:
    (lambda **k: k)(**{"a": 1}, **{"a": 2})
except TypeError as e:
    print(str(e).split(".")[-1])


# a function that changes while it is specialised
def target(a): return "one", a
def caller(x): return target(x)
print([caller(i) for i in range(5)])
def target(a, b=7): return "two", a, b
print([caller(i) for i in range(5)])
target.__defaults__ = (8,)
print(caller(1))
target.__code__ = (lambda a, b: ("code", a, b)).__code__
print(caller(1))
target.__kwdefaults__ = {"x": 1}
print(caller(1))
target = len
try:
    caller(3)
except TypeError as e:
    print(e)
target = str
print(caller(3), [caller(i) for i in range(10)])


def many(a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13, a14, a15, a16, a17, a18, a19, *, k0=0, k1=1):
    return a0 + a19 + k0 + k1


print(many(*range(20)), many(*range(20), k1=5, k0=3))
print(many(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, k0=2))
show(many, *range(19))
show(many, *range(21))
show(many, *range(15))


def recurse(n): return 0 if n == 0 else 1 + recurse(n - 1)
print(recurse(900))
try:
    recurse(100000)
except RecursionError as e:
    print(e)


class R:
    def __repr__(self): return repr(self)
    def __getattr__(self, name): return getattr(self, name + "x")
    def __eq__(self, other): return self == other
    __hash__ = None


for text in ["repr(R())", "R().x", "R() == 1"]:
    try:
        eval(text)
    except RecursionError as e:
        print(text, type(e).__name__)
