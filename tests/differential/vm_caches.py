"""Inline caches: what they have learned must never be believed of something else."""


class Iterator:
    def __init__(self, n): self.n = n; self.i = 0
    def __next__(self):
        r = self.i
        if r >= self.n: raise StopIteration
        self.i = r + 1
        return r
    def __iter__(self): return self


def collect(it): return [x for x in it]
for _ in range(5): collect(Iterator(5))


def with_dict(state):
    o = Iterator.__new__(Iterator)
    for k, v in state.items(): o.__dict__[k] = v
    return o


for state in ({"n": 4, "i": 1}, {"i": 0, "n": 3}, {"n": 2, "i": 0, "more": 1}):
    print([collect(with_dict(state)) for _ in range(3)], collect(Iterator(3)))
it = Iterator(6)
print(next(it), it.__dict__, next(it), vars(it), collect(it), collect(Iterator(2)))


# one place, many kinds of owner
class Slots:
    __slots__ = ("v",)
    def __init__(self, v=None):
        if v is not None: self.v = v
class Plain:
    def __init__(self, v): self.v = v
class Shared: v = "class"
class Property:
    @property
    def v(self): return "property"
class GetAttr:
    def __getattr__(self, name): return "getattr " + name
class GetAttribute:
    def __getattribute__(self, name): return "getattribute " + name
class Nested:
    depth = 0
    def __getattr__(self, name):
        if name == "v":
            Nested.depth += 1
            try:
                return read(Plain("nested")) if Nested.depth > 3 else read(Nested())
            finally:
                Nested.depth -= 1
        raise AttributeError(name)
def read(o): return o.v
owners = [Plain(1), Slots(2), Shared(), Property(), GetAttr(), GetAttribute(), Nested(), Plain, Shared, Slots(), 5]
for repeat in (1, 3, 70):
    for o in owners:
        for _ in range(repeat):
            try:
                r = read(o)
            except AttributeError as e:
                r = str(e)
        print(repeat, type(o).__name__, r if not hasattr(r, "__get__") else type(r).__name__)
for a in owners[:7]:
    for b in owners[:7]:
        print([read(x) for x in (a, a, a, b, b, a, b)])


# the class changes under the cache
def reader(o): return o.attr
class Change: pass
c = Change(); c.attr = "instance"
print([reader(c) for _ in range(5)])
Change.attr = property(lambda self: "data descriptor")
print(reader(c))
del Change.attr
print(reader(c))
Change.attr = "class"
print(reader(c)); del c.attr; print([reader(c) for _ in range(5)])
c.attr = "again"; print(reader(c))
class Base:
    def m(self): return "base"
class Derived(Base): pass
def call(o): return o.m()
d = Derived()
print([call(d) for _ in range(5)])
Derived.m = lambda self: "derived"; print(call(d))
d.m = lambda: "instance"; print(call(d)); del d.m; print([call(d) for _ in range(4)])
del Derived.m; print(call(d)); Base.m = len
try:
    call(d)
except TypeError as e:
    print(e)
Base.m = staticmethod(lambda: "static"); print([call(d) for _ in range(4)])
Base.m = classmethod(lambda cls: cls.__name__); print([call(d) for _ in range(4)])
class Other: 
    def m(self): return "other"
d.__class__ = Other; print(call(d))


# stores
def write(o, v): o.attr = v
class W: pass
ws = [W() for _ in range(5)]
for i, w in enumerate(ws): write(w, i)
print([w.attr for w in ws])
w = W(); w.__dict__; write(w, "with dict"); print(w.attr, w.__dict__)
w = W(); w.first = 1; write(w, "second"); print(w.__dict__)
class ReadOnly:
    @property
    def attr(self): return 1
try:
    write(ReadOnly(), 1)
except AttributeError as e:
    print(e)
class SetAttr:
    def __setattr__(self, n, v): object.__setattr__(self, n, ("set", v))
for _ in range(4): o = SetAttr(); write(o, 1)
print(o.attr)
for i in range(70):
    w = W()
    for k in range(i % 35): setattr(w, f"a{k}", k)
    write(w, i)
    assert w.attr == i and len(w.__dict__) == i % 35 + 1


# globals and builtins
g = 1
def get_g(): return g
print([get_g() for _ in range(4)])
g = 2; print(get_g())
globals()["g"] = 3; print(get_g())
del g
try:
    get_g()
except NameError as e:
    print(e)
g = 4; print([get_g() for _ in range(3)])
import builtins
def get_b(): return brand_new
builtins.brand_new = "in builtins"; print([get_b() for _ in range(4)])
brand_new = "global"; print([get_b() for _ in range(4)]); del brand_new; print([get_b() for _ in range(4)])
del builtins.brand_new
try:
    get_b()
except NameError as e:
    print(e)
for i in range(300): globals()[f"filler{i}"] = i
g = 5; print(get_g())


# classes called
class Made:
    def __init__(self, v): self.v = v
def make(c, v): return c(v).v
print([make(Made, i) for i in range(5)])
Made.__init__ = lambda self, v: setattr(self, "v", ("new", v)); print([make(Made, i) for i in range(4)])
Made.__new__ = lambda cls, v: Plain("other"); print([make(Made, i) for i in range(4)])
del Made.__new__
try:
    print([make(Made, i) for i in range(4)])
except TypeError as e:
    print(e)
class Grow:
    def __init__(self, n):
        if n: self.child = Grow(n - 1)
        self.n = n
o = Grow(50)
while o.n: o = o.child
print(o.n)


# operands that change kind
def add(a, b): return a + b
def index(a, i): return a[i]
def less(a, b): return a < b
class Num:
    def __add__(self, o): return "Num+"
    def __radd__(self, o): return "+Num"
    def __lt__(self, o): return "Num<"
    def __getitem__(self, i): return "Num[]", i
class ListSub(list):
    def __getitem__(self, i): return "sub", i
values = [1, 2.5, 2**62, True, "s", Num(), [1], (1,), 1j]
for a in values:
    for b in values:
        for f in (add, less):
            try:
                r = f(a, b)
            except TypeError as e:
                r = str(e)
            print(r if not isinstance(r, str) or len(r) < 70 else r[:70], end="; ")
    print()
for c, i in [([1, 2], 0), ([1, 2], -1), ((1, 2), 1), ("ab", 0), ({0: "zero"}, 0), (Num(), 5), (ListSub([1]), 0), ([1], True), ([1, 2, 3], slice(1)),
             ([1], 5), ((), 0), ([1], 1.0), ({}, 1), (b"a", 0), (range(5), 2), ([1], 2**70), (5, 0), (list, 0)]:
    for _ in range(3):
        try:
            r = index(c, i)
        except Exception as e:
            r = type(e).__name__, str(e)
    print(r)
def iterate(it): return [x for x in it]
for it in ([1], (2,), range(3), {4: 5}, "67", (x for x in [8]), iter([9]), map(str, [10]), Iterator(2), [], range(0), range(2**62, 2**62 + 2),
           range(0, -3, -1), {1}, [1, 2]):
    print(iterate(it))
def grow(l):
    for x in l:
        if len(l) < 6: l.append(x + 1)
    return l
print(grow([1]), grow([1, 2]))
