"""Attributes: classes that change before, between and during look-ups of specialised instructions."""
import gc, sys, types, weakref

def rd(o): return o.v
def rd2(o): return o.v, o.v
def call(o): return o.m()
def call1(o): return o.m(1)
def wr(o, x): o.v = x
def dl(o): del o.v
def aug(o): o.v += 1
def cls(o): return type(o).v

def run(label, f, o, n=20, change=None, when=10):
    seen = []
    for i in range(n):
        if i == when and change: change(o)
        try: r = f(o) if f is not wr else f(o, i)
        except Exception as e: r = f"{type(e).__name__}: {e}"
        if callable(r): r = "callable"
        r = repr(r)
        if " at 0x" in r: r = r.split(" at 0x")[0]
        if not seen or seen[-1][1] != r: seen.append((i, r))
    try: end = repr(o.v)
    except Exception as e: end = type(e).__name__
    if " at 0x" in end: end = end.split(" at 0x")[0]
    print(label, f.__name__, seen, end)

def make_plain():
    class A:
        def m(self, *a): return "m", a
        def __init__(self): self.v = 1
    return A
def make_slots():
    class A:
        __slots__ = ("v", "w")
        def m(self, *a): return "m", a
        def __init__(self): self.v = 1
    return A
def make_property():
    class A:
        _v = 1
        def m(self, *a): return "m", a
        @property
        def v(self): return self._v
        @v.setter
        def v(self, x): self._v = x
    return A
def make_getattr():
    class A:
        def m(self, *a): return "m", a
        def __getattr__(self, n): return 1 if n == "v" else {}[n]
    return A
def make_getattribute():
    class A:
        def m(self, *a): return "m", a
        v = 1
        def __getattribute__(self, n): return object.__getattribute__(self, n)
    return A
def make_classvar():
    class A:
        def m(self, *a): return "m", a
        v = 1
    return A
def make_metaclass():
    class M(type):
        v = 5
        def __getattribute__(c, n): return type.__getattribute__(c, n)
        def m(c, *a): return "meta m", a
    class A(metaclass=M):
        def m(self, *a): return "m", a
        v = 1
    return A
def make_inherited():
    class B:
        v = 1
        def m(self, *a): return "m", a
    class C(B): pass
    class A(C): pass
    return A
def make_desc():
    class D:
        def __get__(s, o, t): return "desc"
        def __set__(s, o, x): o.__dict__["v"] = x
    class A:
        v = D()
        def m(self, *a): return "m", a
    return A
def make_dictsub():
    class A(dict):
        v = 1
        def m(self, *a): return "m", a
    return A
def make_exc():
    class A(Exception):
        v = 1
        def m(self, *a): return "m", a
    return A
def make_type():
    class A(type):
        v = 1
        def m(cls, *a): return "m", a
    return lambda: A("X", (), {})
def make_module():
    def f():
        m = types.ModuleType("mod")
        m.v = 1
        m.m = lambda *a: ("m", a)
        return m
    return f

def T(o): return type(o)
def set_class(**names):
    def change(o):
        for n, x in names.items(): setattr(type(o), n, x)
    return change
def del_class(name):
    def change(o):
        for c in type(o).__mro__:
            if name in c.__dict__: delattr(c, name); return
    return change
def set_obj(**names):
    def change(o): o.__dict__.update(names)
    return change
class Other:
    v = "other v"
    def m(self, *a): return "other m"
class OtherSlots:
    __slots__ = ("w", "v")
    def m(self, *a): return "slots m"
changes = {
    "cls v": set_class(v="new"), "del v": del_class("v"), "cls m": set_class(m=lambda self, *a: "new m"), "del m": del_class("m"),
    "prop": set_class(v=property(lambda s: "prop", lambda s, x: None)), "prop m": set_class(m=property(lambda s: lambda *a: "prop m")),
    "failing prop": set_class(v=property(lambda s: s.nothing)), "static": set_class(m=staticmethod(lambda *a: len(a))), "classm": set_class(m=classmethod(lambda c, *a: len(a))),
    "obj v": set_obj(v="obj"), "obj m": set_obj(m=lambda *a: "obj m"), "dict": lambda o: setattr(o, "__dict__", {"v": "fresh"}), "clear": lambda o: o.__dict__.clear(),
    "dict sub": lambda o: setattr(o, "__dict__", type("D", (dict,), {"__getitem__": lambda s, k: "no", "__missing__": lambda s, k: "missing"})(w=2)),
    "nonstr": lambda o: o.__dict__.update({1: 2, "v": 3}), "many": lambda o: o.__dict__.update({f"k{i}": i for i in range(50)}),
    "getattr": set_class(__getattr__=lambda s, n: "ga " + n), "getattribute": set_class(__getattribute__=lambda s, n: "gab " + n),
    "setattr": set_class(__setattr__=lambda s, n, x: None), "delattr": set_class(__delattr__=lambda s, n: None),
    "class": lambda o: setattr(o, "__class__", Other), "class slots": lambda o: setattr(o, "__class__", OtherSlots),
    "bases": lambda o: setattr(type(o), "__bases__", (Other,)), "metaclass": lambda o: setattr(type(type(o)), "v", "meta") if type(type(o)) is not type else None,
    "base v": lambda o: setattr(type(o).__mro__[-2], "v", "base"), "base m": lambda o: setattr(type(o).__mro__[-2], "m", lambda s, *a: "base m"),
    "gc": lambda o: gc.collect(), "int": set_class(v=7, m=7), "none": set_class(v=None, m=None), "cls self": set_class(m=print.__class__),
    "func code": lambda o: setattr(type(o).m, "__code__", (lambda self, *a: "code").__code__), "defaults": lambda o: setattr(type(o).m, "__defaults__", (1,)),
    "dataclass desc": lambda o: setattr(type(o), "v", type("G", (), {"__get__": lambda s, i, t: "get"})()),
    "desc class": lambda o: setattr(type(type(o).__dict__["v"]), "__get__", lambda s, i, t: "changed get"),
    "desc del": lambda o: delattr(type(type(o).__dict__["v"]), "__set__"),
}
makers = [f for n, f in list(globals().items()) if n.startswith("make_")]
for make in makers:
    for name, change in changes.items():
        for f in rd, rd2, call, call1, wr, aug, cls, dl:
            def safely(o):
                try: change(o)
                except Exception as e: print("   ", type(e).__name__, str(e)[:70].split(" at 0x")[0])
            run(f"{make.__name__[5:]} {name}", f, make()(), change=safely)

# while the look-up runs
def during(label, action, f, n=20):
    class Base:
        def m(self, *a): return "base m"
        v = "base v"
    class P(Base):
        @property
        def v(self): action(P, self); return "prop"
        def m(self, *a): action(P, self); return "m"
        def __getattr__(self, n): action(P, self); return "ga"
    run(label, f, P(), n)
def d_del(P, s):
    for n in ("v", "m", "__getattr__"):
        if n in P.__dict__: delattr(P, n)
def d_replace(P, s): P.v = 3; P.m = lambda *a: "replaced"; gc.collect()
def d_class(P, s): s.__class__ = Other
def d_raise(P, s): raise AttributeError("from within")
def d_recurse(P, s): return s.v
def d_dict(P, s): s.__dict__ = {"v": 1, "m": 2}
def d_bases(P, s): P.__bases__ = (type("N", (Other,), {}),)
sys.setrecursionlimit(200)
for a in d_del, d_replace, d_class, d_raise, d_recurse, d_dict, d_bases:
    for f in rd, rd2, call, call1, wr, aug, dl:
        during(a.__name__, a, f)

# types that die, and others that come to lie in their place
def churn(f, body, n=200):
    seen = []
    for i in range(n):
        ns = dict(body(i))
        A = type("A", (), ns)
        o = A()
        for _ in range(1 + i % 5):
            try: r = f(o)
            except Exception as e: r = type(e).__name__
        if callable(r): r = "callable"
        seen.append(r)
        del A, o
        if i % 7 == 0: gc.collect()
    print(f.__name__, seen)
churn(rd, lambda i: {"v": i})
churn(rd, lambda i: {"v": property(lambda s: i)} if i % 2 else {"v": i})
churn(rd, lambda i: {"__slots__": ("v",), "__init__": lambda s: setattr(s, "v", i)})
churn(rd, lambda i: {"__slots__": ("w", "v")} if i % 3 else {"v": 1})
churn(call, lambda i: {"m": lambda s: i})
churn(call, lambda i: {"m": staticmethod(lambda: i)} if i % 2 else {"m": classmethod(lambda c: i)})
churn(call, lambda i: {"__getattr__": lambda s, n: lambda: i} if i % 2 else {"m": lambda s: -i})
churn(rd, lambda i: {"__getattribute__": lambda s, n: i} if i % 3 else {})
def new(c): return c(1).v
for n in (300,):
    seen = []
    for i in range(n):
        A = type("A", (), {"__init__": (lambda s, x: setattr(s, "v", i)) if i % 2 else (lambda s, x, y=3: setattr(s, "v", y))})
        seen.append(new(A))
        del A
        if i % 11 == 0: gc.collect()
    print(seen)
def fill(o, i): o.a = i; o.b = i; o.c = i; return o.a + o.b + o.c
total = 0
for i in range(300):
    A = type("A", (), {"b": property(lambda s: 1000, lambda s, x: None)} if i % 3 == 0 else {"__slots__": ("a", "b", "c")} if i % 3 == 1 else {})
    total += fill(A(), i)
    del A
print(total)
# super, module globals, builtins
class S1:
    def f(self): return "S1"
class S2(S1):
    def f(self): return super().f() + "S2"
o = S2()
out = []
for i in range(40):
    if i == 10: S1.f = lambda self: "new"
    if i == 15: S2.__bases__ = (type("Q", (S1,), {"f": lambda self: "Q"}),)
    if i == 20: o.__class__ = type("S3", (S2,), {})
    if i == 25: del S2.__bases__[0].f
    if i == 30: __builtins__.super = lambda: S1()
    if i == 35: del __builtins__.super
    try: out.append(o.f())
    except Exception as e: out.append(type(e).__name__)
print(out)
print("done")
