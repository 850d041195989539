"""What the VM does by a shorter way, and what happens where that way does not fit: super(), f(*args, **keywords), __init__."""
import traceback


def show(f, *args):
    name = getattr(f, "__qualname__", type(f).__name__)
    try:
        print(name, f(*args))
    except Exception as error:
        print(name, type(error).__name__, error)
        traceback.print_exc(limit=4)


# ---- super() -------------------------------------------------------------------------------------------------------------
class Base:
    def m(self, x=1):
        return "Base.m", x

    @classmethod
    def c(cls):
        return "Base.c", cls.__name__

    @staticmethod
    def s():
        return "Base.s"

    @property
    def p(self):
        return "Base.p"

    value = "Base.value"


class Middle(Base):
    def m(self, x=1):
        return ("Middle.m", *super().m(x + 1))

    @classmethod
    def c(cls):
        return ("Middle.c", *super().c())

    def others(self):
        return super().s(), super().p, super().value, super().__class__

    def nothing(self):
        return super().nothing()

    def forgetful(self):
        del self
        return super().m()

    def in_cell(self):
        def inner():
            return self
        return super().m(inner is None)

    def rebound(self):
        self = Leaf()
        return super().m()

    def strange(self):
        self = 3
        return super().m()


class Side(Base):
    def m(self, x=1):
        return ("Side.m", *super().m(x + 1))


class Leaf(Middle, Side):
    def m(self, x=1):
        return ("Leaf.m", *super().m(x + 1))


def uses():
    return [(o.m(), o.c(), o.others(), o.in_cell(), o.rebound()) for o in (Middle(), Leaf())]


for turn in range(5):
    print(uses() if turn % 4 == 0 else uses() == uses())
for turn in range(4):
    show(Middle().nothing)
    show(Middle().forgetful)
    show(Middle().strange)
    show(Middle.m, object())
    show(Middle.m)
Side.m = lambda self, x=1: "another"
print(uses())
del Side.m
print(uses())
Base.m = classmethod(lambda cls, x=1: (cls.__name__, x))
print(uses())
Base.m = len
show(uses)
Base.m = lambda self, *a, **k: (a, k)
print(uses())
Middle.__bases__ = (Side,)
print(uses())


def factory(base):
    class Made(base):
        def m(self):
            return super().m()
    return Made


made = [factory(b) for b in (Base, Middle, Leaf)]
for turn in range(6):
    print([m().m() for m in made])


def with_super_of_its_own():
    class super:
        def m(self):
            return "not the usual one"

    class C(Base):
        def m(self):
            return super().m()
    return [C().m() for _ in range(3)]


show(with_super_of_its_own)
usual = super
globals()["super"] = lambda: Base()
print(uses())
globals()["super"] = usual
print(uses())
del globals()["super"]
print(uses())


# ---- f(*args, **keywords) ------------------------------------------------------------------------------------------------
def f(a, /, b, *rest, c=3, **more):
    return a, b, rest, c, sorted(more.items())


def plain(a, b=2, *, c=3):
    return a, b, c


def forward(function):
    def call(*args, **keywords):
        result = function(*args, **keywords)
        keywords["added"] = 1
        return result
    return call


class Mapping:
    def keys(self):
        return ["b", "c"]

    def __getitem__(self, key):
        return key * 2


class Text(str):
    def __eq__(self, other):
        return str.__eq__(self, other)
    __hash__ = str.__hash__


def through(args, keywords):
    return forwarded(*args, **keywords)


def keep(**keywords):
    kept.append(keywords)


kept = []
for function in (f, plain, dict, forward(f), Leaf().m, lambda **k: k, lambda *a: a, print):
    forwarded = function
    for args, keywords in (((1, 2), {}), ((1,), {"b": 5}), ((1, 2, 3, 4), {"z": 1, "c": 2}), ((), {}), ((), {"b": 1, "a": 2}),
                           ((1, 2), {"b": 3}), ((1,), {Text("b"): 2}), ([1], Mapping()), ((1,), {1: 2}), ((1,), 5), (5, {})):
        for _ in range(3):
            show(through, args, keywords)
given = {"x": 1}
for function in (keep, kept.append, lambda **k: kept.append(k), dict):
    try:
        function(**given)
    except TypeError as error:
        print(error)
given["y"] = 2
print(kept, forward(keep)(**given), kept[-1] is given)


def loop(n, *args, **keywords):
    return loop(n - 1, *args, **keywords) if n else (args, keywords)


print(loop(50, 1, 2, z=3))
show(loop, 5000)


# ---- __init__ ------------------------------------------------------------------------------------------------------------
class Point:
    def __init__(self, x, y=2, *rest, z=3, **more):
        self.x, self.y, self.z, self.rest, self.more = x, y, z, rest, more


class Wrong:
    def __init__(self, what):
        if what == "raise":
            raise ValueError(what)
        self.what = what
        if what == "return":
            return self

    def __del__(self):
        print("gone", self.__dict__)


class Local:
    def __init__(self, seen):
        seen.append(locals())
        self = None


for turn in range(4):
    show(lambda: sorted(vars(Point(1)).items()))
    show(lambda: sorted(vars(Point(1, 5, 6, z=7, w=8)).items()))
    show(lambda: sorted(vars(Point(y=1, x=2)).items()))
    show(Point)
    show(lambda: Point(1, x=2))
    show(lambda: Wrong("fine").what)
    show(Wrong, "raise")
    show(lambda: Wrong("return"))
    show(lambda: Wrong("raise"))
    seen = []
    print(type(Local(seen)).__name__, sorted(seen[0]))


# ---- properties and __call__ ---------------------------------------------------------------------------------------------
class Getter:
    def __init__(self, x):
        self.x = x

    @property
    def double(self):
        return self.x * 2

    @property
    def missing(self):
        return self.misssing_one

    @property
    def lacking(self):
        raise AttributeError("own words")

    @property
    def failing(self):
        return 1 // (self.x - self.x)

    @property
    def endless(self):
        return self.endless

    default = property(lambda self, more=5: self.x + more)
    generator = property(lambda self: (yield self.x))
    builtin = property(len)

    def __len__(self):
        return 7

    def __del__(self):
        print("del", self.x)


class Fallback(Getter):
    def __getattr__(self, name):
        return "fallback " + name


def read(o):
    return o.double, o.default, list(o.generator), o.builtin


def missing(o):
    return o.missing


def lacking(o):
    return o.lacking


def failing(o):
    return o.failing


def endless(o):
    return o.endless


def dying():
    return Getter("dies").double


for turn in range(4):
    for o in (Getter(3), Fallback(4)):
        for f in (read, missing, lacking, failing):
            show(f, o)
    try:
        Getter(5).missing
    except AttributeError as error:
        print(error.name, type(error.obj).__name__)
    try:
        endless(Getter(6))
    except RecursionError as error:
        print(type(error).__name__)
    show(dying)
kept = Getter(8)
for turn in range(4):
    print(kept.double)
    if turn == 1:
        Getter.double = property(lambda self: "replaced")
    if turn == 2:
        Getter.double = 5
Getter.x = property(lambda self: "data descriptor")
for turn in range(4):
    try:
        print(kept.x)
    except AttributeError as error:
        print(error)
del Getter.x


class Callable:
    def __call__(self, a=1, *rest, k=2, **more):
        return a, rest, k, more


class Static:
    __call__ = staticmethod(lambda *a: a)


class Builtin:
    __call__ = print


class Nested:
    __call__ = Callable()


class Self:
    def __call__(self, depth):
        return self(depth - 1) if depth else "bottom"


def call_all():
    return [(c(), c(5)) for c in (Callable(), Static(), Nested())]


for turn in range(4):
    show(call_all)
    show(Callable(), 1, 2)
    show(lambda: Callable()(a=3, k=4, z=5))
    show(lambda: Callable()(1, a=3))
    show(lambda: Builtin()(1, sep="-"))
    show(lambda: Self()(100))
    show(lambda: Getter(9)(1))

del kept, o         # in this order, not in the collector's
