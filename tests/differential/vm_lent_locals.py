"""Locals that are lent to a callee or to C code, and what may change them while it runs: other frames, as debuggers do, and threads."""
import ctypes, gc, sys, threading, weakref


class Obj:
    def __init__(self, name): self.name = name
    def __repr__(self): return f"<{self.name}>"
    def __del__(self): print("del", self.name)


def set_local(frame, name, value):
    frame.f_locals[name] = value
    ctypes.pythonapi.PyFrame_LocalsToFast(ctypes.py_object(frame), ctypes.c_int(0))


def junk(): return [[i] * 3 for i in range(40)], [Obj for _ in range(5)]


def changes(y):
    set_local(sys._getframe(1), "x", 5)
    junk()
    return y.name


def plain():
    x = Obj("plain")
    y = changes(x)
    return x, y


def two_deep(y): return middle(y), y.name
def middle(z):
    set_local(sys._getframe(2), "x", None)
    junk()
    return z.name
def chain():
    x = Obj("chain")
    return two_deep(x), x


class Special:
    def __init__(self, name): self.name = name
    def change(self):
        frame = sys._getframe(2)
        for n in ("x", "y", "i"):
            if n in frame.f_locals: set_local(frame, n, Special(n + "2"))
        junk()
    def __add__(self, o): self.change(); return NotImplemented
    def __radd__(self, o): return "radd", self.name
    def __mul__(self, o): self.change(); return self.name
    def __eq__(self, o): self.change(); return NotImplemented
    def __lt__(self, o): self.change(); return "lt " + self.name
    def __gt__(self, o): return "gt " + self.name
    def __getitem__(self, i): self.change(); return self.name
    def __setitem__(self, i, v): self.change(); self.v = v
    def __contains__(self, i): self.change(); return self.name
    def __len__(self): self.change(); return len(self.name)
    def __bool__(self): self.change(); return bool(self.name)
    def __iter__(self): self.change(); return self
    def __next__(self):
        self.change()
        self.__dict__["n"] = self.__dict__.get("n", 0) + 1
        if self.n > 3: raise StopIteration
        return self.name
    def __hash__(self): self.change(); return 5
    def __getattr__(self, n):
        if n.startswith("__"): raise AttributeError(n)
        self.change(); return n + self.name
    @property
    def prop(self): self.change(); return self.name
    def __call__(self, *a): self.change(); return self.name
    def __enter__(self): self.change(); return self.name
    def __exit__(self, *a): self.change(); return True
    def __str__(self): self.change(); return self.name
    def __format__(self, s): self.change(); return self.name
    def __index__(self): self.change(); return 1
    def __neg__(self): self.change(); return self.name


def s_add(x, y): return x + y
def s_add1(x, y): return x + 1
def s_mul(x, y): return x * y
def s_eq(x, y): return x == y
def s_lt(x, y): return x < y
def s_jlt(x, y):
    if x < y: return 1
    return 2
def s_get(x, y): return x[y]
def s_set(x, y): x[y] = y; return x.name
def s_in(x, y): return y in x
def s_len(x, y): return len(x)
def s_bool(x, y): return 1 if x else 2
def s_not(x, y): return not x
def s_iter(i, y):
    for z in i: return z
def s_all(i, y): return [z for z in i]
def s_hash(x, y): return {x: 1}[x]
def s_getattr(x, y): return x.something
def s_prop(x, y): return x.prop
def s_call(x, y): return x(y)
def s_call2(x, y): return x(x, y, y)
def s_with(x, y):
    with x as z: return z
def s_str(x, y): return f"{x}{y!s}"
def s_index(x, y): return [1, 2, 3][x]
def s_neg(x, y): return -x
def s_max(x, y): return max([1, 2], key=x)
def s_sorted(x, y): return sorted([2, 1, 3], key=x)
def s_iadd(x, y):
    x += y
    return x
def s_chain(x, y): return 1 < x < y
def s_tuple(x, y): return len((x, y, x + x, x, y))
def s_slice(x, y): return "abcdef"[x:y]


def call_all():
    for f in (s_add, s_add1, s_mul, s_eq, s_lt, s_jlt, s_get, s_set, s_in, s_len, s_bool, s_not, s_iter, s_all, s_hash, s_getattr, s_prop,
              s_call, s_call2, s_with, s_str, s_index, s_neg, s_max, s_sorted, s_iadd, s_chain, s_tuple, s_slice):
        for turn in range(12):
            try: r = f(Special("x1"), Special("y1"))
            except Exception as e: r = f"{type(e).__name__}: {e}"
            if isinstance(r, Special): r = r.name
            if turn in (0, 11): print(f.__name__, turn, r)


# C code that was given a local, and is called back
def sorting():
    x = [Special(f"s{i}") for i in range(5)]
    def key(o):
        f = sys._getframe(1)
        if isinstance(f.f_locals["x"], list) and f.f_code.co_name == "sorting": set_local(f, "x", 0)
        junk()
        return o.name
    x.sort(key=key)
    return x


def reducing():
    import functools
    x = [1, 2, 3]
    def add(a, b):
        f = sys._getframe(1)
        set_local(f, "x", "gone")
        set_local(f, "y", "gone")
        junk()
        return a + b
    y = add
    z = functools.reduce(y, x)
    return z, x, y


class HashMe:
    def __init__(self, n): self.n = n
    def __hash__(self):
        f = sys._getframe(1)
        for n in ("x", "y"):
            if n in f.f_locals: set_local(f, n, n + "new")
        junk()
        return hash(self.n)
    def __eq__(self, o): return self.n == o.n


def dict_get():
    x = {HashMe(1): 2}
    y = HashMe(1)
    return x.get(y), x, y


def dict_store():
    x = {}
    y = HashMe(2)
    x[y] = [y]
    return x, y


def set_add():
    x = set()
    y = HashMe(2)
    x.add(y)
    return x, y


def list_index():
    class E:
        def __eq__(self, o):
            f = sys._getframe(1)
            for n in ("x", "y"): set_local(f, n, n + "new")
            junk()
            return False
    x = [E(), E(), E()]
    y = E()
    return (y in x), x, y


def in_generator():
    x = Obj("gen")
    yield changes(x)
    yield x


def receiver():
    x = Obj("recv")
    got = yield from in_generator()
    y = changes(x)
    yield x, y, got


async def co(x):
    changes2(x)
    await Wait()
    return x.name
class Wait:
    def __await__(self): yield 1
def changes2(y):
    set_local(sys._getframe(1), "x", Obj("new"))
    junk()
    return y.name


def exception_holds():
    x = Obj("exc")
    def fails(y):
        set_local(sys._getframe(1), "x", 3)
        raise ValueError(y.name)
    try: fails(x)
    except ValueError as e:
        tb = e.__traceback__.tb_next.tb_frame
        junk()
        print(tb.f_locals["y"].name)
        tb.clear()
        print(x)


def keeps_frame():
    x = Obj("kept")
    def keep(y): return sys._getframe(0)
    f = keep(x)
    del x
    junk()
    print(f.f_locals["y"])
    f.clear()
    print("cleared")


def referrers():
    x = [1, [2]]
    def look(y):
        return sys.getrefcount(y), len(gc.get_referrers(y)), sys.getrefcount(y[1])
    def look2(y): return look(y)
    return look(x), look2(x), sys.getrefcount(x)


def weak():
    x = Obj("weak")
    w = weakref.ref(x)
    def f(y):
        set_local(sys._getframe(1), "x", None)
        gc.collect()
        r = w() is y
        del y
        gc.collect()
        return r, w()
    return f(x), w()


def other_thread():
    x = Obj("threaded")
    started, done = threading.Event(), threading.Event()
    me = threading.get_ident()
    def other():
        started.wait()
        f = sys._current_frames()[me]
        while f.f_code.co_name != "other_thread": f = f.f_back
        set_local(f, "x", "from a thread")
        junk()
        done.set()
    t = threading.Thread(target=other)
    t.start()
    def waits(y):
        started.set()
        done.wait()
        return y.name
    r = waits(x)
    t.join()
    return r, x


for f in (plain, chain, sorting, reducing, dict_get, dict_store, set_add, list_index, exception_holds, keeps_frame, referrers, weak, other_thread):
    for turn in range(4):
        try: r = str(f())[:60].replace("0x", "")
        except Exception as e: r = f"{type(e).__name__}: {e}"
        gc.collect()
        if " at " in r: r = r.split(" at ")[0]
        print(f.__name__, turn, r)
for g in (in_generator, receiver):
    for turn in range(3): print(list(g()))
for turn in range(3):
    c = co(Obj("co"))
    c.send(None)
    if turn == 1: c.close()
    else:
        try: c.send(None)
        except StopIteration as e: print(e)
    del c
call_all()
print("done")
