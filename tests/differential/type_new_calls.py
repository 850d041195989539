"""T.__new__ of built-in types, called with too little, too much, the wrong type, keywords, and arguments that it keeps."""
import gc
from collections import namedtuple


class Pair(tuple):
    def __new__(cls, *items, **options):
        return super().__new__(cls, items, **options)


class Meta(type):
    def __new__(meta, name, bases, namespace, **options):
        return super().__new__(meta, name, bases, namespace, **options)


class Base:
    def __init_subclass__(cls, **options):
        print("subclass", cls.__name__, options)


CALLS = [
    lambda: tuple.__new__(), lambda: tuple.__new__(1), lambda: tuple.__new__(int), lambda: object.__new__(int),
    lambda: object.__new__(type), lambda: int.__new__(bool), lambda: list.__new__(**{}), lambda: float.__new__(x=1),
    lambda: int.__new__(int, "12", base=16), lambda: int.__new__(int, *("12",), **{"base": 16}), lambda: int.__new__(int, nonsense=1),
    lambda: tuple.__new__(tuple, [1], x=2), lambda: tuple.__new__.__call__(tuple, (1, 2)), lambda: str.__new__(str, b"a", encoding="ascii"),
    lambda: dict.__new__(dict, 1, 2, 3), lambda: Exception.__new__(Exception, 1, [2]).args, lambda: Pair(1, 2), lambda: Pair(1, wrong=2),
    lambda: Meta("Made", (Base,), {"x": 1}, option=3).x, lambda: type.__new__(type, "A", (), {}, unknown=1),
    lambda: namedtuple("Point", "x y")(1, [2]), lambda: object.__new__(Base, 1), lambda: bool.__new__(bool, []),
]
for number, call in enumerate(CALLS):
    try:
        print(number, call())
    except Exception as error:
        print(number, type(error).__name__, error)
arguments = Exception.__new__(Exception, [], {}).args       # the callee has kept the tuple
print(gc.is_tracked(arguments), arguments)
print(tuple.__new__.__text_signature__, tuple.__new__.__doc__, tuple.__new__.__self__, tuple.__new__.__name__)
