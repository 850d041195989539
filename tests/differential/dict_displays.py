"""Dict displays: sizes, equal keys, keys of other kinds, errors, what is tracked by the collector."""
import gc
import sys

one, word = 1, "wo" + "rd"


class Name(str):
    pass


class Loud:
    def __init__(self, name):
        self.name = name

    def __hash__(self):
        print("hash", self.name)
        return 1

    def __eq__(self, other):
        print("eq", self.name, getattr(other, "name", other))
        return self.name == getattr(other, "name", None)

    def __del__(self):
        print("del", self.name)


def sizes():
    for n in range(0, 40):
        names = ", ".join(f"'k{i}': one" for i in range(n))
        computed = ", ".join(f"'k' + str({i}): one" for i in range(n))
        mixed = ", ".join(f"{i if i == n - 1 else repr('k' + str(i))}: one" for i in range(n))
        yield [sys.getsizeof(eval(f"{{{items}}}")) for items in (names, computed, mixed)]


for line in sizes():
    print(line)
for n in (255, 256, 257, 1000, 70000):
    d = eval("{" + ", ".join(f"'k{i}': one" for i in range(n)) + "}")
    print(n, len(d), sys.getsizeof(d), list(d)[-1], d["k0"], "k" in d)

print({"a": 1, "b": 2, "a": 3}, {"a": one, "b": one, "a": word}, {word: 1, "word": 2, "b": 3, word: 4})
print({Name("a"): 1, "a": 2}, {"a": 2, Name("a"): 1}, type(list({Name("a"): 1, "a": 2})[0]).__name__)
print({1: "a", 1.0: "b", True: "c"}, {"x": 1, None: 2, (): 3})
print({Loud("x"): 1, Loud("y"): 2, Loud("x"): 3} and "made")
print({"a": Loud("first"), "b": 1, "a": Loud("second")} and "made")
for source in ("{'a': 1, []: 2}", "{'a': 1, 'b': 1 / 0}", "{**{'a': 1}, 'b': {}, 'c': [] + 1}"):
    try:
        eval(source)
    except Exception as error:
        print(type(error).__name__, error)
values = [1, "a", (), [], {}, None, print, Name, Name("x"), 2.5]
print([gc.is_tracked({"key": v}) for v in values], [gc.is_tracked({"a": one, "key": v, "z": word}) for v in values])
many = {"a": one, "b": one, "c": one, "d": one, "e": one, "f": one}
many["g"] = 1
many[5] = 2
print(many, sys.getsizeof(many), many | {"a": 0})
