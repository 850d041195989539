"""Data classes: made, compared, hashed, replaced, ordered, turned into dicts."""
import dataclasses
from _data import times


@dataclasses.dataclass
class Point:
    x: int
    y: int = 0
    tags: list = dataclasses.field(default_factory=list)


@dataclasses.dataclass(frozen=True, order=True)
class Key:
    name: str
    number: int


@dataclasses.dataclass(slots=True)
class Line:
    start: Point
    end: Point


n = times(25_000)
lines = [Line(Point(i), Point(i, i + 1)) for i in range(n)]
keys = [Key(f"key{i % 100}", i) for i in range(n)]
print(len(set(keys)), sorted(keys)[n // 3], sum(a.start == b.start for a, b in zip(lines, lines[1:])), lines[5])
print(len([dataclasses.replace(key, number=1) for key in keys]), len([dataclasses.asdict(line) for line in lines[:5000]]), len("".join(map(repr, keys))))
for i in range(times(40)):
    dataclasses.make_dataclass("Made", [("a", int), ("b", str, "x"), ("c", list, dataclasses.field(default_factory=list))], order=True)(1)
