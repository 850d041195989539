"""Keyword arguments whose names are strs with an equality of their own: found by some functions, not by others."""


class OddStr(str):
    def __eq__(self, other):
        return False

    def __hash__(self):
        return 42


def odd(name, value):
    return {OddStr(name): value}


CALLS = [
    lambda: int("3", **odd("base", 5)), lambda: int(**odd("base", 5)), lambda: int("3", **odd("bose", 5)), lambda: str(b"a", **odd("encoding", "utf-8")),
    lambda: "x".encode(**odd("encoding", "utf-8")), lambda: sorted([1], **odd("reverse", True)), lambda: bytes(**odd("source", b"x")),
    lambda: (3).to_bytes(**odd("length", 2)), lambda: sum([1], **odd("start", 2)), lambda: complex(**odd("real", 3)),
    lambda: bytearray(**odd("source", b"x")), lambda: round(1.5, **odd("ndigits", 1)), lambda: pow(2, 3, **odd("mod", 5)),
    lambda: max([1], **odd("key", None)), lambda: list(zip([1], **odd("strict", True))), lambda: list(enumerate("a", **odd("start", 3))),
    lambda: (lambda base: base)(**odd("base", 1)), lambda: dict(**odd("key", 1)),
]
for call in CALLS:
    try:
        print(call())
    except TypeError as error:
        print(error)
