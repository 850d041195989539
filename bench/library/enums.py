"""Enumerations and flags: members by name, value and attribute, combined flags, classes made."""
import enum
from _data import times


class Colour(enum.Enum):
    RED = 1
    GREEN = 2
    BLUE = 3


class Permission(enum.Flag):
    READ = enum.auto()
    WRITE = enum.auto()
    RUN = enum.auto()


class Number(enum.IntEnum):
    ONE = 1
    TWO = 2


total = 0
for i in range(times(60_000)):
    colour = Colour(i % 3 + 1)
    total += colour is Colour.RED or colour.value
    total += len(Colour["BLUE"].name) + (Number.TWO > i % 3) + Number.ONE
    both = Permission.READ | Permission.WRITE
    total += Permission.RUN in both
    total += hash(colour) % 2 if i < 0 else {Colour.RED: 1}.get(colour, 0)
for i in range(times(150)):
    made = enum.Enum(f"Made{i}", "A B C D E F")
print(total, both, [*Colour], made.C.value, Permission(7), len(Number))
