"""Special methods and attribute look-ups that change their own ground while they run."""
import gc, sys, weakref

ROUNDS = 5
def attempt(f, *a):
    try: r = f(*a)
    except RecursionError: r = "RecursionError"
    except Exception as e: r = f"{type(e).__name__}: {e}"
    if isinstance(r, str): r = r.split(" at 0x")[0]
    return r if isinstance(r, (int, str, float, tuple, list, type(None))) else type(r).__name__

def show(name, f, *make):
    seen = []
    for i in range(ROUNDS):
        r = attempt(lambda: f(*[m(i) for m in make]))
        if not seen or seen[-1][1] != r: seen.append((i, r))
    print(name, seen)

OPS = {}
for name, text in {
    "add": "x + y", "sub": "x - y", "mul": "x * y", "div": "x / y", "mod": "x % y", "pow": "x ** y", "mat": "x @ y", "lsh": "x << y", "and_": "x & y",
    "add1": "x + 1", "radd": "1 + x", "addf": "x + 1.5", "adds": "'s' + x", "addl": "[1] + x", "mull": "[1] * x",
    "eq": "x == y", "ne": "x != y", "lt": "x < y", "le": "x <= y", "gt": "x > y", "ge": "x >= y", "eq1": "x == 1", "lt1": "x < 1", "gt1": "1 > x",
    "chain": "x < y < x", "jlt": "1 if x < y else 2", "jge": "1 if x >= y else 2", "jeq": "1 if x == y else 2", "jnot": "1 if not x == y else 2",
    "get": "x[y]", "get1": "x[1]", "sl": "x[1:2]", "in_": "y in x", "notin": "y not in x", "jin": "1 if y in x else 2", "len_": "len(x)", "not_": "not x",
    "if_": "1 if x else 2", "and2": "x and y", "or2": "x or y", "it": "[*x]", "comp": "[a for a in x]", "tup": "tuple(x)", "sum_": "sum(x)", "nxt": "next(x)",
    "hash_": "{x: 1}[x]", "seth": "x in {x}", "attr": "x.foo", "meth": "x.meth(1)", "call": "x(1)", "call0": "x()", "callk": "x(a=1)", "str_": "f'{x}'",
    "repr_": "f'{x!r}'", "neg": "-x", "inv": "~x", "abs_": "abs(x)", "idx": "[1, 2, 3][x]", "bool_": "bool(x)", "int_": "int(x)", "isin": "isinstance(x, type(y))",
    "wth": "None", "unp": "None", "star": "None", "iadd": "None", "setit": "None", "delit": "None", "setat": "None", "match_": "None",
}.items():
    if text != "None": exec(f"def {name}(x, y): return {text}", OPS)
exec("""
def wth(x, y):
    with x as z: return z
def unp(x, y):
    a, b = x
    return a, b
def star(x, y):
    a, *b = x
    return a, b
def iadd(x, y):
    x += y
    return x
def imul(x, y):
    x *= y
    return x
def setit(x, y):
    x[1] = y
    return 1
def delit(x, y):
    del x[1]
    return 1
def setat(x, y):
    x.foo = 1
    return 1
def match_(x, y):
    match x:
        case {"a": z}: return z
        case [a, b]: return b
        case _: return "none"
def forin(x, y):
    n = 0
    for a in x:
        n += 1
        if n > 5: break
    return n
""", OPS)
OPS.pop("__builtins__")
NAMES = """add radd iadd sub rsub mul rmul imul truediv rtruediv mod rmod pow rpow matmul rmatmul lshift rlshift and rand eq ne lt le gt ge getitem setitem delitem
contains len bool iter next hash getattr call str repr format neg invert abs index int enter exit setattr""".split()

def build(action, bases=(object,), ns=None):
    """A class all of whose special methods do the action, then give something that will do."""
    def make_method(n):
        dunder = f"__{n}__"
        def method(self, *a):
            r = action(self, dunder, a)
            return r
        method.__name__ = dunder
        # plain parameters, so that it may run as a frame
        count = {"len": 0, "bool": 0, "iter": 0, "next": 0, "hash": 0, "str": 0, "repr": 0, "neg": 0, "invert": 0, "abs": 0, "index": 0, "int": 0,
                 "enter": 0, "exit": 3, "setitem": 2, "setattr": 2}.get(n, 1)
        if n == "call": return method
        names = ", ".join("abc"[:count])
        scope = {"action": action}
        exec(f"def {dunder}(self{', ' if names else ''}{names}): return action(self, {dunder!r}, ({names}{',' if count else ''}))", scope)
        return scope[dunder]
    return type("T", bases, {f"__{n}__": make_method(n) for n in NAMES} | (ns or {}))

def raises(self, n, a): raise KeyError(n)
def recurses(self, n, a):
    op = {"__add__": "add", "__lt__": "lt", "__eq__": "eq", "__getitem__": "get1", "__len__": "len_", "__bool__": "not_", "__iter__": "it", "__hash__": "hash_",
          "__contains__": "in_", "__str__": "str_", "__repr__": "repr_", "__call__": "call", "__neg__": "neg", "__next__": "nxt", "__getattr__": "attr"}.get(n)
    if op: return OPS[op](self, self)
    return getattr(sys.modules["operator"], n.strip("_"), raises)(self, *a) if n not in ("__enter__", "__exit__", "__setattr__") else None
def not_implemented(self, n, a): return NotImplemented
def wrong(self, n, a): return ()
def none(self, n, a): return None
def deletes(self, n, a):
    if n in type(self).__dict__: delattr(type(self), n)
    return NotImplemented if n not in ("__len__", "__bool__") else 1
def deletes_all(self, n, a):
    for k in list(type(self).__dict__):
        if k.startswith("__") and k.strip("_") in NAMES: delattr(type(self), k)
    gc.collect()
    return 7
class Other:
    def __radd__(self, o): return "other radd"
    def __add__(self, o): return "other add"
    def __lt__(self, o): return "other lt"
    def __gt__(self, o): return "other gt"
    def __eq__(self, o): return "other eq"
    def __hash__(self): return 4
    def __len__(self): return 44
    def __iter__(self): return iter("other")
    def __next__(self): raise StopIteration
    def __getitem__(self, i): return "other item"
    def __iadd__(self, o): return "other iadd"
def changes_class(self, n, a):
    object.__setattr__(self, "__class__", Other)
    for x in a:
        if type(x).__name__ == "T": object.__setattr__(x, "__class__", Other)
    return NotImplemented if n not in ("__len__", "__bool__", "__hash__") else 3
def adds(self, n, a):
    T = type(self)
    T.__iadd__ = lambda s, o: "new iadd"
    T.__radd__ = lambda s, o: "new radd"
    T.__gt__ = lambda s, o: "new gt"
    T.__contains__ = lambda s, o: True
    T.__iter__ = lambda s: iter("ab")
    if "__imul__" in T.__dict__: del T.__imul__
    return NotImplemented if n not in ("__len__", "__bool__", "__hash__") else 3
def code_swap(self, n, a):
    f = type(self).__dict__.get(n)
    if f:
        def g(self, x=1, y=2, z=3): return "swapped"
        f.__code__ = g.__code__ if not f.__code__.co_freevars else f.__code__
        f.__defaults__ = (1, 2, 3)
    gc.collect()
    return 5
def drops_self(self, n, a):
    global kept
    kept = None
    gc.collect()
    return 9
def rebases(self, n, a):
    T = type(self)
    try: T.__bases__ = (Other,)
    except TypeError as e: return str(e)[:20]
    return NotImplemented

import operator
OP_NAMES = list(OPS)
sys.setrecursionlimit(100)
for action in raises, recurses, not_implemented, wrong, none, deletes, deletes_all, changes_class, adds, code_swap, drops_self, rebases:
    for op in OP_NAMES:
        if action is deletes_all and op in ("hash_", "seth"): continue      # hashes by address from then on
        for shared in (False, True):
            class Base: pass
            T = build(action, (Base,))
            if shared: show(f"{action.__name__} {op} shared", OPS[op], lambda i: T(), lambda i: T())
            else:
                U = build(action, (Base,), {"__slots__": ()})
                show(f"{action.__name__} {op} fresh", OPS[op], lambda i: build(action, (Base,))(), lambda i: T())
                show(f"{action.__name__} {op} other", OPS[op], lambda i: T(), lambda i: Other())
                show(f"{action.__name__} {op} int", OPS[op], lambda i: T(), lambda i: i)
                show(f"{action.__name__} {op} sub", OPS[op], lambda i: T(), lambda i: type("S", (T,), {})())
                show(f"{action.__name__} {op} without", OPS[op], lambda i: type("S", (T,), {"__add__": None, "__eq__": None, "__len__": None, "__iter__": None, "__contains__": None, "__hash__": None, "__getitem__": None, "__bool__": None, "__lt__": None})(), lambda i: T())
print("done")
