"""Operators whose method changes its class and then says NotImplemented: what had been decided before stays so."""
log = []


class B: pass


def once(first, op, setup):
    class A: pass
    scope = {"log": log, "setup": setup, "A": A, "op": op}
    exec("def m(self, o):\n log.append(op); setup(A); return NotImplemented", scope)
    setattr(A, first, scope["m"])
    scope["m"](A(), 1); log.clear()
    for a in ("__iadd__", "__add__", "__radd__"):
        if a != first and a in A.__dict__: delattr(A, a)
    return A
def iadd(x, y):
    x += y
    return x
def add(x, y): return x + y
def s1(A): A.__iadd__ = lambda s, o: log.append("new iadd") or 5
def s2(A): A.__add__ = lambda s, o: log.append("new add") or 6
def s3(A): A.__radd__ = lambda s, o: log.append("new radd") or 6
def s4(A):
    if "__add__" in A.__dict__: del A.__add__
def s5(A):
    if "__iadd__" in A.__dict__: del A.__iadd__
def s6(A): s5(A); s2(A)
def s7(A): s4(A); s1(A)
def s8(A): B.__radd__ = lambda s, o: log.append("B radd") or 7
def s9(A):
    if "__radd__" in B.__dict__: del B.__radd__
for f in iadd, add:
    for first in "__iadd__", "__add__":
        for s in s1, s2, s3, s4, s5, s6, s7, s8, s9:
            for other in (lambda: 1, lambda: None, lambda: B(), lambda: [1], lambda: 1.5):
                seen = set()
                for turn in range(12):
                    A = once(first, first, s)
                    try: r = f(A(), other())
                    except TypeError as e: r = str(e)
                    seen.add((r, *log))
                    log.clear()
                print(f.__name__, first, s.__name__, *seen)
