"""Frames that are lent to, suspended, closed, kept and collected at awkward times."""
import gc, sys, threading, weakref, itertools, functools

class Obj:
    def __init__(self, n): self.n = n
    def __repr__(self): return f"<{self.n}>"
    def __del__(self): print("del", self.n)

def often(f, n=12):
    for i in range(n):
        try: r = f(i)
        except BaseException as e: r = f"{type(e).__name__}: {e}"
        if i in (0, n - 1): print(f.__name__, i, r)

def deep(x, n): return deep(x, n - 1) if n else (sys.getrefcount(x) > 2, x.n)
def a1(i): x = Obj(f"deep{i}"); return deep(x, 30), x.n
def a2(i):
    x = Obj("g")
    def g(y):
        yield y.n
        yield y.n
    it = g(x); next(it); del x; gc.collect()
    return next(it)
def a3(i):
    x = Obj("thrown")
    def g(y):
        try: yield 1
        except ValueError as e: yield e, y
        finally: print("fin", y)
    it = g(x); next(it); r = it.throw(ValueError(x)); del x; it.close(); return repr(r)
def a4(i):
    def g(y):
        try: yield y
        finally: yield "again"
    it = g(Obj("again")); next(it)
    try: it.close()
    except RuntimeError as e: return str(e)
def a5(i):
    frames = []
    def f(y, k):
        frames.append(sys._getframe())
        if k == 0: raise KeyError(y)
        return f(y, k - 1)
    x = Obj("frames")
    try: f(x, 5)
    except KeyError as e: err = e
    del x
    for fr in frames: fr.clear()
    r = [fr.f_locals for fr in frames]
    frames.clear(); err = err.__traceback__ = None
    return r
def a6(i):
    keep = []
    def cb(r): keep.append(sys._getframe(1).f_code.co_name)
    def f(y):
        w = weakref.ref(y, cb)
        del y
        gc.collect()
        return w
    x = Obj("w")
    w = f(x); del x
    return keep, w()
def a7(i):
    class F:
        def __init__(self, v): self.v = v
        def __del__(self):
            fr = sys._getframe(1)
            log.append((fr.f_code.co_name, sorted(k for k in fr.f_locals)))
    log = []
    def f(y, z=None): z = F(1); z = None; y = None; return F(2)
    x = F(3); x = f(x); x = f(x, x); del x
    return log
def a8(i):
    x = Obj("thread")
    out = []
    def work(y):
        for _ in range(50): out.append(len(repr(y)))
    ts = [threading.Thread(target=work, args=(x,)) for _ in range(3)]
    for t in ts: t.start()
    del x
    for t in ts: t.join()
    ts.clear(); del t
    return sum(out)
async def co(y, gate):
    await gate
    return y.n
class Gate:
    def __await__(self): return (yield "gate")
def a9(i):
    c = co(Obj("co"), Gate()); c.send(None)
    if i % 3 == 0: c.close(); return "closed"
    if i % 3 == 1:
        try: c.throw(KeyError("t"))
        except KeyError as e: return repr(e)
    del c; gc.collect(); return "dropped"
def a10(i):
    async def ag(y):
        try:
            yield y
            yield y.n
        finally: print("ag fin", y)
    g = ag(Obj("ag"))
    try: g.__anext__().send(None)
    except StopIteration as e: r = repr(e.value); e = None
    c = g.aclose()
    try: c.send(None)
    except StopIteration: pass
    return r
def a11(i):
    it = None
    def g():
        def inner(y): nonlocal it; it = None; gc.collect(); return y
        x = Obj("self")
        yield inner(x)
        yield x
    it = g()
    return [str(v) for v in it]
def a12(i):
    def g(): yield next(it)
    it = g()
    return next(it)
def a13(i):
    x = Obj("rec")
    def f(y, k): return [f(y, k - 1) for _ in range(2)] if k else y.n
    return f(x, 4)
def a14(i):
    x = [Obj("cyc")]; x.append(x)
    def f(y): y = y[1]; gc.collect(); return len(y)
    r = f(x); del x; gc.collect(); return r
def a15(i):
    def f(*a, k=1, **kw): return len(a), k, sorted(kw), sys.getrefcount(a[0]) > 2
    x = Obj("star")
    return f(x, x, k=x and 2, z=x), f(*[x, x], **{"k": 3}), functools.partial(f, x)(x)
def a16(i):
    class C:
        def __init__(self, v): self.v = v; raise ValueError(v)
        def __del__(self): print("del C")
    x = Obj("init")
    try: C(x)
    except ValueError as e: return str(e)
def a17(i):
    class C:
        def __new__(cls, v): o = object.__new__(cls); o.v = v; return o if v.n == "new" else v
        def __init__(self, v): self.w = v
    return repr(C(Obj("new")).w), repr(C(Obj("other")))
def a18(i):
    x = Obj("exec"); ns = {"x": x}
    exec("def f(y):\n global x\n del x\n return y\nr = str(f(x))", ns)
    return ns["r"]
G = None
def glob(y): global G; G = None; gc.collect(); return y.n, sys.getrefcount(y)
def a19(i): global G; G = Obj("global"); return glob(G)
def a20(i):
    o = type("O", (), {})(); o.a = Obj("attr")
    def f(y): del o.a; gc.collect(); return y.n
    return f(o.a)
def a21(i):
    l = [Obj("item")]
    def f(y): l.clear(); gc.collect(); return y.n
    return f(l[0])
def a22(i):
    x = Obj("cell")
    def f(y): nonlocal x; x = None; gc.collect(); return y.n
    return f(x)
def a23(i):
    x = Obj("dflt")
    def f(y=x): f.__defaults__ = None; gc.collect(); return y.n
    del x
    return f()
def a24(i):
    d = {"k": Obj("kw")}
    def f(k): d.clear(); gc.collect(); return k.n
    return f(**d)
def a25(i):
    class P:
        @property
        def p(self): C.__dict__; del P.p; gc.collect(); return self.m(self)
        def m(self, o): del P.m; gc.collect(); return o is self
    C = P
    return P().p
def a26(i):
    t = (Obj("t"),)
    def f(y, z): nonlocal t; t = None; gc.collect(); return y.n, z
    return f(*t, i)
def a27(i):
    s = iter([Obj("it1"), Obj("it2")])
    def f(y): nonlocal s; s = None; gc.collect(); return y.n
    r = []
    for y in s: r.append(f(y)); del y
    return r
def a28(i):
    with_ = []
    class M:
        def __enter__(self): return Obj("entered")
        def __exit__(self, *a): with_.append(sys.getrefcount(self) > 1); return True
    with M() as m:
        def f(y): nonlocal m; del m; raise ValueError
        f(m)
    return with_
def a29(i):
    def f(y): f.__code__ = (lambda y: 1).__code__; gc.collect(); return y.n
    return f(Obj("code")), f(Obj("code2"))
def a30(i):
    def f(y):
        nonlocal f
        f = None; gc.collect()
        return y.n
    return f(Obj("func"))
for f in [v for k, v in list(globals().items()) if k[0] == "a" and k[1:].isdigit()]: often(f)
