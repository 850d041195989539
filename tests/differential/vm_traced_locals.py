"""Tracers that change, unbind and look at locals at every kind of event, in frames that ran before tracing began."""
import sys

class Obj:
    def __init__(self, n): self.n = n
    def __repr__(self): return f"<{self.n}>"

def tracer_for(event_wanted, change, name):
    def trace(frame, event, arg):
        if (frame.f_code.co_name.startswith("t_") or len(frame.f_code.co_name) == 1) and event == event_wanted:
            change(frame, name)
        return trace
    return trace

def rebind(frame, name): frame.f_locals[name] = Obj("new")
def unbind(frame, name): frame.f_locals.pop(name, None)
def number(frame, name): frame.f_locals[name] = 12345678901234567890
def small(frame, name): frame.f_locals[name] = 7
def floating(frame, name): frame.f_locals[name] = 0.5

def on(trace):
    sys.settrace(trace)
    f = sys._getframe(1)
    while f: f.f_trace = trace; f = f.f_back

def raises(trace):
    on(trace)
    raise ValueError("r")

def t_except(trace):
    x = Obj("x")
    try: raises(trace)
    except ValueError: return x, [x]

def t_except_number(trace):
    x = 3
    try: raises(trace)
    except ValueError:
        for i in range(3): x = x + i
        return x

def t_return(trace):
    x = Obj("x")
    on(trace)
    return x

def t_pending(trace):
    x = Obj("x")
    return (x, on(trace),
            x, [x,
                x])

def t_arith(trace):
    x = 1
    y = x + (on(trace) or
             x) + x
    return y, x

def t_args(trace):
    x = Obj("x")
    return repr_all(x, on(trace),
                    x, y=
                    x)
def repr_all(*a, **k): return repr((a, k))

def t_loop(trace):
    x = 0
    for i in range(5):
        if i == 2: on(trace)
        x += i
        i = i
    return x, i

def t_with(trace):
    x = Obj("x")
    class M:
        def __enter__(self): on(trace); return x
        def __exit__(self, *a): return True
    with M() as m:
        x
        raise ValueError
    return m, x

def t_gen_inner(trace):
    x = Obj("x")
    yield on(trace)
    yield x
    try: yield x
    finally: print(repr(x))

def t_gen(trace):
    x = t_gen_inner(trace)
    return [*x]

def t_cell(trace):
    x = Obj("x")
    def f(): return x
    on(trace)
    return f(), x

def t_del(trace):
    x = Obj("x")
    on(trace)
    del x
    try: x
    except NameError as e: return type(e).__name__
    return x

def t_special(trace):
    class S:
        def __add__(self, o): on(trace); return NotImplemented
        def __eq__(self, o): on(trace); return NotImplemented
        def __len__(self): on(trace); return 3
        def __getitem__(self, i): on(trace); return i
        def __iter__(self): on(trace); return self
        def __next__(self): on(trace); raise StopIteration
        def __bool__(self): on(trace); return False
        def __contains__(self, i): on(trace); return False
        def __setitem__(self, i, v): on(trace)
    class R:
        def __radd__(self, o): return "radd"
    x, r = S(), R()
    a = x + r
    sys.settrace(None)
    b = x == r
    sys.settrace(None)
    c = len(x) if x else 5
    sys.settrace(None)
    d = x[
        0]
    sys.settrace(None)
    e = [z for z in x]
    sys.settrace(None)
    for z in x: pass
    sys.settrace(None)
    f = 3 in x
    sys.settrace(None)
    x[1] = 2
    return a, b, c, d, e, f

def t_match(trace):
    x = {"a": Obj("x")}
    match x:
        case {"a": y} if on(trace): pass
        case {"a": y}: return y
        case _: return "none"

def t_star(trace):
    x = [1, 2]
    a, *b = x + [on(trace)] + x
    return a, b, x

def t_comp(trace):
    x = 3
    return [x + (i or on(trace) or
            x) for i in range(3)]

def t_finally(trace):
    x = Obj("x")
    try:
        try: raises(trace)
        finally: print(x)
    except Exception as e:
        x = x
        return x, str(e)

def t_nested(trace):
    x = Obj("x")
    try:
        raises(trace)
    except ValueError as x:
        return repr(x)


def t_from_c(trace):
    class C:
        p = property(lambda self: on(trace))
        def __getattr__(self, n): return on(trace)
        def __format__(self, f): on(trace); return ""
        def __neg__(self): return on(trace)
        def __set__(self, o, v): on(trace)
        def __hash__(self): on(trace); return 1
        def __index__(self): on(trace); return 1
        __class_getitem__ = classmethod(lambda cls, i: on(trace))
    class D: d = C()
    def q(x, y, how):
        for x in how():
            y = x
            x = y
            y = x
        return y
    c = C()
    def a(x, y): return (x, c.p,
                         x, y)
    def b(x, y): return (x, c.other,
                         x, y)
    def d(x, y): return (x, f"{c}",
                         x, y)
    def e(x, y): return (x, -c,
                         x, y)
    def f(x, y):
        D().d = x
        return (x,
                y)
    def g(x, y): return (x, {c: x},
                         x, y)
    def h(x, y): return (x, [0, 1][c],
                         x, y)
    def i(x, y): return (x, C[0],
                         x, y)
    def j(x, y): return (x, [*map(on, [trace])],
                         x, y)
    seen = [q(1, 2, lambda: map(on, [trace, trace])), q(1, 2, lambda: sorted([1, 2], key=lambda v: on(trace)))]
    for way in a, b, d, e, f, g, h, i, j:
        sys.settrace(None)
        seen.append(repr(way(1, 2)))
    return seen

functions = [f for n, f in list(globals().items()) if n.startswith("t_") and n != "t_gen_inner"]
for warm in (False, True):
    for f in functions:
        for event in ("line", "return", "exception", "call", "opcode"):
            for change in (rebind, unbind, number, small, floating):
                for name in ("x", "i", "y", "trace", "z"):
                    for _ in range(3 * warm):
                        try: f(None)
                        except Exception: pass
                        finally: sys.settrace(None)
                    try: r = repr(f(tracer_for(event, change, name)))
                    except Exception as e: r = f"{type(e).__name__} {e}"
                    finally: sys.settrace(None)
                    print(warm, f.__name__, event, change.__name__, name, r)
