"""Containers changed by what is in them, while they are gone over, compared, sorted, searched, hashed, shown, copied or joined.

Given names of MAKERS, it is done to these; else to those that the reference survives (tests/hostile/test_changed_containers.py does the rest).
"""
import array
import bisect
import collections
import copy
import functools
import heapq
import itertools
import json
import pickle
import sys

ACTIONS = {
    "clear": lambda c: c.clear(),
    "pop": lambda c: c.pop() if not isinstance(c, dict) else c.popitem(),
    "grow": lambda c: [c.append(i) if hasattr(c, "append") else c.add(i) if hasattr(c, "add") else c.__setitem__(i, i) for i in range(100, 140)],
    "delete": lambda c: c.__delitem__(0) if not hasattr(c, "add") else c.discard(5),
    "slice": lambda c: c.__setitem__(slice(0, 2), ()) if isinstance(c, (list, bytearray)) else c.update() if hasattr(c, "update") else c.rotate(1),
    "init": lambda c: c.__init__(),
    "raise": lambda c: 1 / 0,
    "nothing": lambda c: None,
}


class Evil:
    """Does something to its container at the n-th call of any of its methods."""
    container = action = None
    wait = 0
    depth = 0

    def __init__(self, n): self.n = n

    def _act(self):
        if Evil.wait > 0:
            Evil.wait -= 1
            return
        if Evil.wait == 0 and Evil.container is not None:
            Evil.wait = -1
            Evil.action(Evil.container)

    def __eq__(self, other):
        self._act()
        return self.n == getattr(other, "n", other)

    def __lt__(self, other):
        self._act()
        return self.n < getattr(other, "n", other)

    def __gt__(self, other):
        self._act()
        return self.n > getattr(other, "n", other)

    def __hash__(self):
        self._act()
        return self.n % 3

    def __repr__(self):
        self._act()
        return f"E{self.n}"

    def __index__(self):
        self._act()
        return self.n

    def __bool__(self):
        self._act()
        return self.n % 2 == 0

    def __iter__(self):
        self._act()
        return iter((self.n, self.n + 1))

    def __add__(self, other):
        self._act()
        return self.n

    __radd__ = __add__

    def __call__(self, *args):
        self._act()
        return self.n

    def __len__(self):
        self._act()
        return 2

    def __getitem__(self, i):
        self._act()
        return (self.n, 1)[i]

    def __format__(self, spec):
        self._act()
        return "f"

    def __length_hint__(self):
        self._act()
        return 3

    def __copy__(self):
        self._act()
        return self

    def __deepcopy__(self, memo):
        self._act()
        return self

    def __reduce__(self):
        self._act()
        return Evil, (self.n,)


def items(): return [Evil(n) for n in (5, 3, 8, 1, 4, 4)]
def pairs(): return [(Evil(n), Evil(n + 1)) for n in (5, 3, 8, 1, 4)]


class MyDict(dict): pass
class MyList(list): pass


MAKERS = {
    "list": lambda: items(), "MyList": lambda: MyList(items()), "deque": lambda: collections.deque(items()),
    "deque3": lambda: collections.deque(items(), 5), "set": lambda: set(items()), "dict": lambda: dict(pairs()),
    "MyDict": lambda: MyDict(pairs()),
    "OrderedDict": lambda: collections.OrderedDict(pairs()), "defaultdict": lambda: collections.defaultdict(int, pairs()),
    "Counter": lambda: collections.Counter(items()), "bytearray": lambda: bytearray(b"\5\3\10\1\4\4"),
    "array": lambda: array.array("i", [5, 3, 8]),
    "keys": lambda: dict(pairs()),
}
probe = lambda: Evil(4)
OPERATIONS = {
    "==": lambda c, o: c == o, "<": lambda c, o: c < o, "!=": lambda c, o: c != o, ">=": lambda c, o: c >= o,
    "repr": lambda c, o: repr(c), "in": lambda c, o: probe() in c, "sort": lambda c, o: c.sort(),
    "sortkey": lambda c, o: c.sort(key=lambda e: e()),
    "sortrepr": lambda c, o: c.sort(key=repr), "sorted": lambda c, o: sorted(c), "index": lambda c, o: c.index(probe()),
    "index2": lambda c, o: c.index(probe(), 0, 9), "count": lambda c, o: c.count(probe()),
    "remove": lambda c, o: c.remove(probe()),
    "copy": lambda c, o: c.copy(), "list": lambda c, o: list(c), "tuple": lambda c, o: tuple(c), "set": lambda c, o: set(c),
    "frozenset": lambda c, o: frozenset(c), "dict": lambda c, o: dict(c), "fromkeys": lambda c, o: dict.fromkeys(c),
    "sum": lambda c, o: sum(c), "max": lambda c, o: max(c), "min": lambda c, o: min(c, key=lambda e: e()),
    "any": lambda c, o: any(c), "all": lambda c, o: all(c), "update": lambda c, o: c.update(o), "|": lambda c, o: c | o,
    "|=": lambda c, o: c.__ior__(o), "&": lambda c, o: c & o, "-": lambda c, o: c - o, "^": lambda c, o: c ^ o,
    "&=": lambda c, o: c.__iand__(o), "-=": lambda c, o: c.__isub__(o), "^=": lambda c, o: c.__ixor__(o),
    "inter": lambda c, o: c.intersection(items()), "diff": lambda c, o: c.difference(items()),
    "symm": lambda c, o: c.symmetric_difference(items()), "interu": lambda c, o: c.intersection_update(items()),
    "diffu": lambda c, o: c.difference_update(items()), "issub": lambda c, o: c.issubset(items()),
    "issup": lambda c, o: c.issuperset(items()), "isdis": lambda c, o: c.isdisjoint(items()),
    "symu": lambda c, o: c.symmetric_difference_update(items()), "discard": lambda c, o: c.discard(probe()),
    "add": lambda c, o: c.add(probe()), "popk": lambda c, o: c.pop(probe()), "popd": lambda c, o: c.pop(probe(), 1),
    "get": lambda c, o: c.get(probe()), "getitem": lambda c, o: c[probe()], "setitem": lambda c, o: c.__setitem__(probe(), 1),
    "delitem": lambda c, o: c.__delitem__(probe()),
    "setdefault": lambda c, o: c.setdefault(probe(), 1), "keys==": lambda c, o: c.keys() == o.keys(),
    "keys&": lambda c, o: c.keys() & o.keys(), "keys-": lambda c, o: c.keys() - o, "items&": lambda c, o: c.items() & o.items(),
    "items<": lambda c, o: c.items() <= o.items(), "items in": lambda c, o: (probe(), Evil(5)) in c.items(),
    "values in": lambda c, o: probe() in c.values(), "items^": lambda c, o: c.items() ^ o.items(),
    "rkeys": lambda c, o: repr(c.keys()), "ritems": lambda c, o: repr(c.items()), "mte": lambda c, o: c.move_to_end(probe()),
    "most": lambda c, o: c.most_common(), "extend": lambda c, o: c.extend(map(lambda e: e(), c)),
    "extendself": lambda c, o: c.extend(c), "+=": lambda c, o: c.__iadd__(o), "+": lambda c, o: c + o,
    "*": lambda c, o: c * probe(), "*=": lambda c, o: c.__imul__(probe()), "insert": lambda c, o: c.insert(probe(), 7),
    "slice": lambda c, o: c[probe():Evil(5)],
    "setslice": lambda c, o: c.__setitem__(slice(probe(), Evil(5)), [1, 2, 3]),
    "setslicemap": lambda c, o: c.__setitem__(slice(0, 3), map(lambda e: e(), c)),
    "setstep": lambda c, o: c.__setitem__(slice(0, Evil(5), 2), [1, 2, 3]),
    "delslice": lambda c, o: c.__delitem__(slice(0, Evil(3))), "delstep": lambda c, o: c.__delitem__(slice(0, Evil(5), Evil(2))),
    "popi": lambda c, o: c.pop(probe()), "map": lambda c, o: list(map(repr, c)), "filter": lambda c, o: list(filter(None, c)),
    "zip": lambda c, o: list(zip(c, o)),
    "enum": lambda c, o: [repr(e) for e in enumerate(c)], "reversed": lambda c, o: [repr(e) for e in reversed(c)],
    "star": lambda c, o: [*c, *map(bool, c)], "call": lambda c, o: (lambda *a: len(a))(*c),
    "kwcall": lambda c, o: (lambda **k: k)(**c), "join": lambda c, o: ",".join(map(repr, c)), "fjoin": lambda c, o: f"{c}",
    "bytes": lambda c, o: bytes(c), "bytearray": lambda c, o: bytearray(c), "array": lambda c, o: array.array("i", c),
    "unpack": lambda c, o: [(a, b) for a, b in c],
    "reduce": lambda c, o: functools.reduce(lambda a, b: b + 1, c),
    "groupby": lambda c, o: [(k, list(g)) for k, g in itertools.groupby(c)],
    "product": lambda c, o: len(list(itertools.product(c, repeat=2))), "accumulate": lambda c, o: list(itertools.accumulate(c)),
    "rotate": lambda c, o: c.rotate(probe()), "extendleft": lambda c, o: c.extendleft(map(repr, c)),
    "iter": lambda c, o: [repr(e) for e in c], "nested": lambda c, o: [a == b for a in c for b in c],
    "subscr": lambda c, o: [c[i] for i in c], "byteset": lambda c, o: c.__setitem__(probe(), Evil(7)),
    "append": lambda c, o: c.append(Evil(7)), "bjoin": lambda c, o: c.join([c, c]), "fromlist": lambda c, o: c.fromlist(items()),
    "match": lambda c, o: match(c), "deepcopy": lambda c, o: copy.deepcopy(c),
    "tuple==": lambda c, o: (c, probe()) == (o, probe()), "comp": lambda c, o: {repr(e): e for e in c},
    "slotlen": lambda c, o: len(list(c)), "strmod": lambda c, o: "%s %r" % (c, c), "format": lambda c, o: "{0} {0!r}".format(c),
    "bisect": lambda c, o: bisect.insort(c, probe()), "heapify": lambda c, o: heapq.heapify(c),
    "heappush": lambda c, o: heapq.heappush(c, probe()), "heappop": lambda c, o: heapq.heappop(c),
    "heapreplace": lambda c, o: heapq.heapreplace(c, probe()), "nsmallest": lambda c, o: heapq.nsmallest(3, c),
    "json": lambda c, o: json.dumps(c, default=lambda e: e()), "pickle": lambda c, o: len(pickle.dumps(c)) > 0,
}


def match(c):
    match c:
        case [a, b, *rest] if a == b: return "two"
        case {4: x, **rest}: return "map"
        case [*all]: return len(all)


def show(value, depth=0):
    """Without calling what is evil."""
    if isinstance(value, Evil): return f"E{value.n}"
    if depth > 3: return "..."
    if isinstance(value, dict): return f"{type(value).__name__}{{" + ", ".join(f"{show(k, depth + 1)}: {show(v, depth + 1)}" for k, v in value.items()) + "}"
    if isinstance(value, (list, tuple, collections.deque)): return f"{type(value).__name__}[" + ", ".join(show(v, depth + 1) for v in value) + "]"
    if isinstance(value, (set, frozenset)): return f"{type(value).__name__}(" + ", ".join(sorted(show(v, depth + 1) for v in value)) + ")"
    return repr(value)


def main(names, waits):
    for name in names:
        for operation, function in OPERATIONS.items():
            for action, act in ACTIONS.items():
                for wait in waits:
                    Evil.container = None
                    c, o = MAKERS[name](), MAKERS[name]()
                    Evil.container, Evil.action, Evil.wait = c, act, wait
                    try:
                        result = function(c, o)
                        acted = Evil.wait < 0
                        Evil.container = None
                        text = show(result)
                    except BaseException as error:
                        acted = Evil.wait < 0
                        Evil.container = None
                        text = f"{type(error).__name__}: {error}"
                    if not acted and wait: break
                    print(name, operation, action, wait, text[:200], show(c)[:200])


if __name__ == "__main__":
    main(sys.argv[1:] or [name for name in MAKERS if name not in ("OrderedDict", "bytearray", "array")], (0, 1, 2, 5))
