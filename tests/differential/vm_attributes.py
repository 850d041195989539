"""Attribute accesses of every kind that instructions specialise for, met often, then changed under them."""
import ast
import collections
import enum
import os
import sys
import types


def often(f, *arguments, turns=70):
    seen = []
    for _ in range(turns):
        try:
            result = f(*arguments)
        except Exception as error:
            result = type(error).__name__, str(error), getattr(error, "name", None), type(getattr(error, "obj", None)).__name__
        if not seen or seen[-1] != result:
            seen.append(result)
    print(f.__name__, *seen)


# ---- Objects with a dict of their own, which no class shares
node = ast.Name("x", ast.Load())


def fields(n):
    return n._fields, n._attributes


often(fields, node)
node._fields = ("own",)
often(fields, node)
del node._fields
often(fields, node)


class OldError(Exception):
    limit = 5


def limit(e):
    return e.limit


error = OldError("x")
often(limit, error)
error.limit = 6
often(limit, error)
error.__dict__[1] = 2           # a general table
often(limit, error)
del error.limit
often(limit, error)
OldError.limit = property(lambda self: "property")
often(limit, error)
del OldError.limit
often(limit, error)


class Plain:
    default = "class"

    def __init__(self, value):
        self.value = value


def both(p):
    return p.value, p.default


p = Plain(1)
often(both, p)
vars(p)["default"] = "dict"
often(both, p)
often(both, Plain(2))
del vars(p)["default"]
often(both, p)
Plain.default = 3
often(both, p)
Plain.default = 4
often(both, p)
Plain.default = 5
often(both, p)
p.__dict__ = {"value": "new"}
often(both, p)


class Keys(dict):
    def __getitem__(self, key):
        return "asked"

    __missing__ = __getitem__


p.__dict__ = Keys(value="kept")
often(both, p)
del Plain.default
often(both, p)


# ---- Descriptors
class Data:
    def __get__(self, owner, type):
        return "data", type.__name__

    def __set__(self, owner, value):
        pass


class Weak:
    __repr__ = lambda self: "Weak()"

    def __get__(self, owner, type):
        return "weak", type.__name__


class Failing:
    def __get__(self, owner, type):
        raise AttributeError("failing")

    __set__ = None


class Described:
    data = Data()
    weak = Weak()
    failing = Failing()
    length = property(len)

    def __len__(self):
        return 7

    def method(self):
        return "method"


def described(d):
    return d.data, d.weak, d.length, d.method.__self__ is d, d.__class__, d.__doc__


def failing(d):
    return d.failing


d = Described()
often(described, d)
often(failing, d)
d.__dict__["data"] = d.__dict__["weak"] = "own"
often(described, d)
often(described, Described())
Data.__get__ = lambda self, owner, type: "changed"
often(described, d)
del Weak.__get__
often(described, Described())
Weak.__get__ = lambda self, owner, type: "again"
often(described, Described())
often(lambda s: s.st_size > 0, os.stat("/"))
often(lambda f: f.verbose, sys.flags)
often(lambda t: t.first, collections.namedtuple("T", "first")(3))
often(lambda f: (f.__name__, f.__defaults__, f.__code__.co_argcount), often)
often(lambda x: (x.real, x.imag, x.conjugate()), 2 + 3j)


class Vanishing:
    def __get__(self, owner, type):
        del Removed.attribute
        return "last"

    __set__ = None


class Removed:
    attribute = 1


often(lambda o: o.attribute, Removed())
Removed.attribute = Vanishing()
often(lambda o: o.attribute, Removed())


# ---- __getattr__ beside what is there
class Fallback:
    shared = "shared"
    __slots__ = ("slot", "__dict__")

    def __getattr__(self, name):
        return "fallback " + name

    @property
    def failing(self):
        raise AttributeError("inner")

    def method(self):
        return self.own


def fall(f):
    return f.shared, f.slot, f.own, f.failing, f.method(), f.missing


f = Fallback()
often(fall, f)
f.own = 1
f.slot = 2
often(fall, f)
del f.own, f.slot
often(fall, f)
Fallback.__getattribute__ = lambda self, name: "all " + name if name != "method" else object.__getattribute__(self, name)
often(fall, f)
del Fallback.__getattribute__
often(fall, f)
del Fallback.__getattr__
often(fall, f)


# ---- Classes of metaclasses
class Meta(type):
    on_meta = "meta"

    @property
    def computed(cls):
        return cls.__name__ + "!"

    def create(cls):
        return cls.value


class Made(metaclass=Meta):
    value = "value"
    on_meta = "class"
    computed = "hidden"

    @classmethod
    def build(cls):
        return cls.value

    @staticmethod
    def static():
        return "static"


class Other(Made):
    value = "other"


def made(c):
    return c.value, c.on_meta, c.computed, c.create(), c.build(), c.static(), c.__name__, c.__mro__[1], c.__module__


often(made, Made)
often(made, Other)
Meta.value = property(lambda cls: "from the metaclass")
often(made, Made)
del Meta.value
Made.value = "new"
often(made, Made)
often(made, Other)
Made.build = staticmethod(lambda: "now static")
Made.static = classmethod(lambda cls: "now of class " + cls.__name__)
often(made, Made)
Meta.__getattr__ = lambda cls, name: "meta " + name
often(lambda c: (c.value, c.nothing), Made)
Meta.__getattribute__ = lambda cls, name: "everything"
often(lambda c: (c.value, c.nothing), Made)


class Colour(enum.Enum):
    RED = 1
    BLUE = 2


often(lambda: (Colour.RED.value, Colour.BLUE.name, Colour.RED is Colour(1), Colour.__members__["RED"]))
often(lambda c: c.RED, Colour)
often(lambda m: (m.__name__, m.__doc__ is None), types.ModuleType("m"))


# ---- Many types in one place
class One:
    flag = True
    kind = property(lambda self: "one")


class Two(One):
    flag = False

    def __init__(self):
        self.kind2 = 2


class Three(Fallback):
    flag = None
    kind = "three"


many = [One(), Two(), Three(), Made(), node, error, 3, "s", One, Made]


def all_of(objects):
    result = []
    for o in objects:
        try:
            result.append((o.flag, o.kind if o.kind.__class__ is not property else 0, o.__class__.__name__))
        except AttributeError as e:
            result.append(str(e))
    return result


often(all_of, many, turns=300)
Two.flag = 3
One.kind = 4
often(all_of, many, turns=300)
