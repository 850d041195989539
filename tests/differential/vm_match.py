"""match statements: every kind of pattern on subjects that fit and that do not."""


class Point:
    __match_args__ = ("x", "y")
    def __init__(self, x, y): self.x, self.y = x, y


class Bad:
    __match_args__ = 5


class BadItem:
    __match_args__ = (5,)


class Twice:
    __match_args__ = ("a", "b")
    a = b = 1


class NoArgs: a = 1


class Seq:
    def __len__(self): return 2
    def __getitem__(self, i): return i


def match(s):
    match s:
        case None: return "None"
        case True: return "True"
        case -1 | -2.5 | 1 + 2j: return "number"
        case "text" | b"bytes": return "str"
        case []: return "empty sequence"
        case [0]: return "[0]"
        case [1, x]: return "[1, x]", x
        case [2, *rest]: return "[2, *rest]", rest
        case [*start, 3]: return "[*start, 3]", start
        case [a, *_, 4]: return "[a, *_, 4]", a
        case (5, (x, y)): return "nested", x, y
        case {"kind": "a", "value": v}: return "mapping a", v
        case {"kind": k, **others}: return "mapping kind", k, sorted(others)
        case {1: _, "z": [x]}: return "mapping 1", x
        case Point(x=0): return "Point x=0"
        case Point(1, y=yy): return "Point(1, y)", yy
        case Point(a, b) if a == b: return "diagonal", a
        case Point(): return "a Point"
        case int(n) | float(n) if n > 100: return "large", n
        case int(): return "int"
        case str(t): return "str", t
        case [Point(x, y), *_] as whole: return "points", x, y, len(whole)
        case {}: return "some mapping"
        case _: return "other"


for subject in [None, True, False, -1, -2.5, 1 + 2j, "text", b"bytes", [], (), [0], (0,), [1, 2], [2], [2, 3, 4], (9, 3), [3], [7, 8, 4], [4],
                [5, [6, 7]], [5, (6,)], {"kind": "a", "value": 1}, {"kind": "b", "x": 1, "y": 2}, {1: 2, "z": [3]}, {1: 2}, {},
                Point(0, 5), Point(1, 5), Point(2, 2), Point(2, 3), 5, 500, 5.5, 500.5, "other", "ab", b"x", bytearray(b"x"), range(2), {1, 2},
                [Point(1, 2), 3], object, Seq(), {"kind": "c"}.items(), iter([1])]:
    print(type(subject).__name__, match(subject))


def attempt(f, *args):
    try:
        print(f.__name__, f(*args))
    except Exception as e:
        print(f.__name__, type(e).__name__, e)


def too_many(s):
    match s:
        case Point(1, 2, 3): pass
def too_many_none(s):
    match s:
        case NoArgs(1): pass
def bad_args(s):
    match s:
        case Bad(1): pass
def bad_item(s):
    match s:
        case BadItem(1): pass
def twice(s):
    match s:
        case Twice(1, a=1): pass
def not_a_class(s):
    cls = 5
    match s:
        case cls(): pass
def int_two(s):
    match s:
        case int(1, 2): pass
def missing_attribute(s):
    match s:
        case NoArgs(a=1, b=2): return "both"
        case NoArgs(a=1): return "one"
def duplicate_keys(s):
    a, b = "k", "k"
    class N: x = y = "k"
    match s:
        case {N.x: 1, N.y: 2}: pass
attempt(too_many, Point(1, 2))
attempt(too_many_none, NoArgs())
attempt(bad_args, Bad())
attempt(bad_item, BadItem())
attempt(twice, Twice())
attempt(not_a_class, 5)
attempt(int_two, 5)
attempt(missing_attribute, NoArgs())
attempt(duplicate_keys, {"k": 1})


class Evil:
    def __eq__(self, other): raise ValueError("no comparing")
def compare(s):
    match s:
        case 5: return 5
        case _: return "_"
attempt(compare, Evil())
class EvilAttr:
    @property
    def x(self): raise KeyError("attribute")
def attribute(s):
    match s:
        case EvilAttr(x=1): return 1
        case _: return 2
attempt(attribute, EvilAttr())


def bound(s):
    x = "before"
    match s:
        case [x, 0]: return "matched"
        case _: return x
print(bound([5, 0]), bound([5, 1]))
def fall_through(s):
    match s:
        case 1: r = "one"
    return r
attempt(fall_through, 1)
attempt(fall_through, 2)
class Color: RED, GREEN = 1, 2
def dotted(s):
    match s:
        case Color.RED: return "red"
        case Color.GREEN | 3: return "green or 3"
        case other: return other
print(dotted(1), dotted(2), dotted(3), dotted(4))
def loops():
    out = []
    for s in [1, "a", [2, 3], None, {"k": 4}]:
        match s:
            case int(): continue
            case str(): out.append(s)
            case [a, b] if a > b: out.append("never")
            case [a, b]: out.append((a, b))
            case None: break
    return out
print(loops())
match 1, 2:
    case a, b: print(a, b)
match = 5
case = 6
print(match, case)
