"""Attribute and method traffic: instances, slots, properties, class attributes, super, special methods, data classes."""
import dataclasses
import os

SCALE = 3 * float(os.environ.get("BENCH_SCALE", 1))


class Point:
    made = 0

    def __init__(self, x, y):
        self.x = x
        self.y = y
        Point.made += 1

    def __add__(self, other):
        return Point(self.x + other.x, self.y + other.y)

    def __eq__(self, other):
        return self.x == other.x and self.y == other.y

    @property
    def square(self):
        return self.x * self.x + self.y * self.y

    def moved(self, dx=0, dy=0):
        self.x += dx
        self.y += dy
        return self


class Slotted:
    __slots__ = "a", "b", "total"

    def __init__(self, a, b):
        self.a, self.b, self.total = a, b, 0

    def turn(self):
        self.total += self.a
        self.a, self.b = self.b, self.a


class Base:
    def __init__(self, name):
        self.name = name

    def area(self):
        return 0

    def describe(self):
        return self.area() + len(self.name)


class Square(Base):
    def __init__(self, side):
        super().__init__("square")
        self.side = side

    def area(self):
        return self.side * self.side


class Frame(Square):
    def __init__(self, side, hole):
        super().__init__(side)
        self.hole = hole

    def area(self):
        return super().area() - self.hole ** 2


class Circle(Base):
    def area(self):
        return 3


@dataclasses.dataclass(order=True)
class Version:
    major: int
    minor: int = 0


class Lazy:
    def __getattr__(self, name):
        value = len(name)
        setattr(self, name, value)
        return value

    def __len__(self):
        return 3

    def __getitem__(self, i):
        if i >= 3:
            raise IndexError(i)
        return i

    def __contains__(self, x):
        return x == 2

    def __call__(self, x):
        return x + 1


n = int(120000 * SCALE)
place = Point(0, 0)
step = Point(1, 2)
for i in range(n):
    place = place + step
    place.moved(dx=1).moved(0, -1)
print(place.x, place.y, place.square, Point.made, place == step)
s = Slotted(1, 5)
for _ in range(4 * n):
    s.turn()
print(s.total)
shapes = [Square(2), Frame(5, 2), Circle("circle"), Base("none")]
print(sum(shapes[i % 4].describe() for i in range(3 * n)))
print(sum(p.square for p in [step, place] * n))
versions = [Version(i % 7, i % 3) for i in range(n // 4)]
print(max(versions), versions.count(Version(3, 1)), sorted(versions)[0])
lazy = Lazy()
print(sum(len(lazy) + lazy[i % 3] + (i in lazy) + lazy(i) + lazy.name for i in range(n)), sum(lazy))
print(sum(getattr(shapes[i % 2], "side") for i in range(2 * n)), hasattr(lazy, "other"), isinstance(shapes[1], Base))
