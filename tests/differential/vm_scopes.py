"""Names: closures, class bodies, comprehensions, deletion, locals(), exec and eval."""
import sys

x = "global x"


def attempt(f, *args):
    try:
        print(getattr(f, "__name__", f), "->", f(*args))
    except Exception as e:
        print(getattr(f, "__name__", f), "!!", type(e).__name__, e)


# ---- closures
def counter():
    n = 0
    def up(by=1):
        nonlocal n
        n += by
        return n
    def get(): return n
    return up, get
up, get = counter()
print(up(), up(5), get(), up.__closure__[0].cell_contents, up.__code__.co_freevars, get.__closure__[0] is up.__closure__[0])
print([f() for f in [lambda: i for i in range(3)]], [f() for f in [lambda i=i: i for i in range(3)]])
def late():
    def f(): return later
    try:
        return f()
    except NameError as e:
        print(type(e).__name__, e)
    later = 1
    return f()
attempt(late)
def argument_cell(a, *b, c=3, **d):
    def f(): return a, b, c, d
    a += 1
    return f()
print(argument_cell(1, 2, e=5))
def deleted_cell():
    v = 1
    def f(): return v
    del v
    return f()
attempt(deleted_cell)
def delete_twice():
    v = 1
    def f(): return v
    del v
    del v
attempt(delete_twice)
def nonlocal_delete():
    v = 1
    def f():
        nonlocal v
        del v
    f()
    return v
attempt(nonlocal_delete)
def deep():
    a = 1
    def m():
        b = 2
        class C:
            c = a + b
            def n(self): return a, b, __class__.__name__
        return C
    return m()
C = deep()
print(C.c, C().n())
def factorial(n): return 1 if n < 2 else n * factorial(n - 1)
print(factorial(20))
def set_cell():
    v = 1
    def f(): return v
    f.__closure__[0].cell_contents = 5
    return v, f()
print(set_cell())
def empty_cell():
    def f(): return v
    try:
        f.__closure__[0].cell_contents
    except ValueError as e:
        print(e)
    v = 1
empty_cell()

# ---- class bodies
y = "global y"
def class_scopes(y="argument"):
    class A:
        x = x
        z = y
        if True:
            y = "class y"
        def f(self): return y
        lst = [x for x in range(3)]
        def g(self=None, v=x): return v
        try:
            bad = [z for _ in range(1)]
        except NameError as e:
            print("class scope is not seen", e)
        first = [i for i in z[:2]]
    return A.x, A.z, A.y, A().f(), A.lst, A.g(), A.first
try:
    print(class_scopes())
except NameError as e:
    print(e)
class Redefine:
    value = 1
    value = value + 1
    del value
    try:
        value
    except NameError as e:
        print(e)
    print = print
    print("in class", __name__, __qualname__)
    def method(self): return __class__
    locals()["injected"] = 5
print(Redefine.injected, Redefine().method() is Redefine, "print" in Redefine.__dict__)
class Annotated:
    a: int = 1
    b: "str"
    (c): float = 2
print(Annotated.__annotations__)
v: int = 3
w: str
print(__annotations__)
class Meta(type):
    @classmethod
    def __prepare__(meta, name, bases, **kw):
        print("prepare", name, bases, kw)
        class D(dict):
            def __setitem__(self, k, v):
                if not k.startswith("__"): print("set", k)
                super().__setitem__(k, v)
            def __missing__(self, k):
                if k.startswith("magic"): return k.upper()
                raise KeyError(k)
        return D()
    def __new__(meta, name, bases, ns, **kw): return super().__new__(meta, name, bases, dict(ns))
    def __init__(cls, name, bases, ns, **kw): print("init", name, kw)
class WithMeta(metaclass=Meta, option=1):
    p = magic_word
    def q(self): pass
print(WithMeta.p)
class Sub(WithMeta): r = 2
def decorate(tag):
    print("decorator", tag)
    def d(f):
        print("applied", tag, getattr(f, "__name__", f))
        return f
    return d
@decorate(1)
@decorate(2)
def decorated(): pass
@decorate(3)
class Decorated: pass
class Private:
    __hidden = 1
    def get(self): return self.__hidden, [__x for __x in range(2)]
    def __method(self): pass
print(Private().get(), sorted(k for k in Private.__dict__ if "Private" in k))
class Base:
    def __init_subclass__(cls, **kw): print("subclass", cls.__name__, kw)
    def f(self): return "base"
class Derived(Base, flag=True):
    def f(self): return "derived " + super().f()
    def g(self): return [super(Derived, self).f() for _ in range(1)]
    @staticmethod
    def h():
        try:
            return super().f()
        except RuntimeError as e:
            return str(e)
print(Derived().f(), Derived().g(), Derived.h())

# ---- comprehensions
def comprehensions(n):
    i = "outer"
    a = [i for i in range(n)]
    b = {i: j for i, j in zip("ab", range(n))}
    c = {i % 2 for i in range(n)}
    d = list(i + j for i in range(2) for j in range(i))
    e = [[j for j in range(k)] for k in range(n)]
    f = [(k := m) for m in range(n)]
    g = [lambda: i for i in range(n)][0]()
    return i, a, b, c, d, e, f, k, g, [n for _ in range(1)], [x for x in [1]]
print(comprehensions(3), x)
print([y for y in range(3) if y if y > 1], [a + b for a, b in [(1, 2)]], {**{k: v for k, v in {"a": 1}.items()}}, [*(z for z in "ab")])
def walrus():
    if (n := 5) > 3 and (m := n * 2): pass
    while (n := n - 1) > 2: pass
    return n, m, [last := k for k in range(3)], last
print(walrus())

# ---- deletion
def deletes():
    a = b = 1; c = [1, 2, 3]; d = {"k": 1}
    del a, c[0], d["k"]
    try:
        a
    except UnboundLocalError as e:
        print(e)
    del (b), [c]
    return d
print(deletes())
def delete_parameter(p):
    del p
    return p
attempt(delete_parameter, 1)
def conditional(flag):
    if flag: v = 1
    return v
attempt(conditional, 1); attempt(conditional, 0)
def loop_variable(items):
    for item in items: pass
    return item
attempt(loop_variable, [1, 2]); attempt(loop_variable, [])
def del_global():
    global temporary
    temporary = 1
    del temporary
    return temporary
attempt(del_global)
z = 1
del z
try:
    del z
except NameError as e:
    print(e)
def shadowed():
    print(x)
    x = 1
attempt(shadowed)
def builtin_shadow():
    len = 5
    return len
print(builtin_shadow(), len("abc"))
len = lambda o: "mine"
def uses_len(): return len("abc")
print([uses_len() for _ in range(4)])
del len
print([uses_len() for _ in range(4)])

# ---- locals, globals
def show_locals(a, b=2, *c, d, **e):
    f = a
    def g(): return f
    h = [i for i in range(2)]
    del b
    return {k: v for k, v in sorted(locals().items()) if k != "g"}
print(show_locals(1, 2, 3, d=4, z=5))
def locals_snapshot():
    a = 1
    l = locals()
    a = 2
    l["a"] = 10
    l["new"] = 5
    first = a
    again = locals()
    return first, l is again, l["a"], "new" in again, sorted(k for k in again if k != "l")
print(locals_snapshot())
def frame_locals():
    a = 1
    def inner():
        f = sys._getframe(1)
        return dict(f.f_locals), f.f_code.co_name
    b = 2
    return inner()
r = frame_locals(); r[0].pop("inner"); print(r)
print(globals() is locals(), "x" in vars(), globals()["x"])
def gen_locals():
    a = 1
    yield locals()
    a = 2
    yield locals()
print([dict(l) for l in gen_locals()])
def cell_locals():
    a = 1
    def f(): nonlocal a; a += 1; return locals()
    return f(), {k: v for k, v in locals().items() if k == "a"}
print(cell_locals())

# ---- exec, eval
exec("made = 1\ndef made_f(): return made + 1")
print(made, made_f())
ns = {}
exec("a = 1\nb = [a for _ in range(2)]\nclass K: v = a", ns)
print(ns["b"], ns["K"].v, "__builtins__" in ns)
g, l = {}, {}
exec("a = 1\ndef f(): return a", g, l)
try:
    l["f"]()
except NameError as e:
    print(e)
print(sorted(l), sorted(g))
def in_function():
    a = 1
    exec("a = 2; b = 3")
    try:
        b
    except NameError as e:
        print(e)
    return a, eval("a + 1"), eval("locals()['a']"), eval("[a for _ in 'x']", {"a": 7}), eval("a", {"a": 8}, {"a": 9})
print(in_function())
class Mapping(dict):
    def __missing__(self, k): return "missing " + k
print(eval("anything", {}, Mapping()))
for args in [("1 +",), ("x = 1",), (5,), ("1", 5), ("1", {}, 5), ("",), ("  2",), ("\t 3",), (b"4",)]:
    try:
        print(args, eval(*args))
    except Exception as e:
        print(args, type(e).__name__, e.args[0])
for args in [("x = ",), (5,), ("x", 5), ("x", {}, 5), ("return 1",), ("yield 1",), ("nonlocal q",)]:
    try:
        print(args, exec(*args))
    except Exception as e:
        print(args, type(e).__name__, e.args[0])
code = compile("a + b", "name", "eval")
print(eval(code, {"a": 1, "b": 2}), code.co_names)
def free():
    q = 1
    def f(): return q
    return f
try:
    exec(free().__code__)
except TypeError as e:
    print(e)
exec(free().__code__, closure=free().__closure__)
print(eval("__builtins__", {"__builtins__": {}}))
try:
    eval("len", {"__builtins__": {}})
except NameError as e:
    print(e)
try:
    exec("class A: pass", {"__builtins__": {}})
except NameError as e:
    print(e)
print(eval("(lambda: v)()", {"v": 3}))
def bad_builtins(): return len
bad_builtins = type(bad_builtins)(bad_builtins.__code__, {"__builtins__": {"len": 42}})
print(bad_builtins(), bad_builtins.__builtins__)

# ---- functions as objects
def f(a, b=1, *, c=2): "doc"
f.attr = 1
print(f.__defaults__, f.__kwdefaults__, f.__doc__, f.__dict__, f.__module__, f.__qualname__, f.__closure__, f.__annotations__)
f.__defaults__ = (5, 6)
print(f() , f.__defaults__)
for name, value in [("__code__", 5), ("__defaults__", 5), ("__kwdefaults__", 5), ("__name__", 5), ("__qualname__", 5), ("__dict__", 5),
                    ("__closure__", 5), ("__globals__", 5), ("__annotations__", 5), ("__code__", free().__code__)]:
    try:
        setattr(f, name, value)
        print("set", name)
    except Exception as e:
        print(name, type(e).__name__, e)
def ann(a: int, b: "str" = 1, *c: 3, d: [4], **e: 5) -> x: pass
print(ann.__annotations__)
