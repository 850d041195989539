"""Callees that are numbers, and sizes beyond the unboxed ints."""
import sys


def attempt(source):
    for _ in range(40):
        try:
            exec(source, {"double": lambda f: 2})
        except Exception as error:
            text = repr(error)
        else:
            text = "fine"
    print(source.replace("\n", "; "), "->", text)


for callee in ("1", "1.5", "True", "None", "-3", "10**30", "2j", "[1, 2][-1]", "len", "double"):
    attempt(f"@{callee}\ndef f(): pass\nf()")
    attempt(f"({callee})(1)")
    attempt(f"({callee})(*[1])")
    attempt(f"({callee})(x=1)")

calls = 0
for decorator in [lambda f: f] * 50 + [1, 2.5, "s", len, lambda f: f]:
    try:
        @decorator
        def g(): pass
    except TypeError as error:
        print(error)
    else:
        calls += 1
print(calls)


def size_of(data):
    return len(data)


def matched(data):
    match data:
        case [_, _]: return "two"
        case [_, *_]: return "many"


for size in [5, 2**59, 2**60 - 1, 2**60, 2**61, 2**62, sys.maxsize] * 30:
    assert size_of(range(size)) == size == len(range(size)), size
    assert size < 3 or matched(range(size)[:2]) == "two"
print(matched(range(3)), [i for i, _ in enumerate("abc", 2**60 - 2)], [i for i, _ in enumerate("abc", 2**63 - 2)])


def bisect_left(a, x):
    low, high = 0, len(a)
    while low < high:
        middle = (low + high) // 2
        if a[middle] < x: low = middle + 1
        else: high = middle
    return low


print({bisect_left(range(sys.maxsize), sys.maxsize - n) for _ in range(50) for n in (1, 4, 2**60)})
