"""_abc: what it exports, its errors, its caches, and classes that die."""
import _abc
import abc
import gc
import inspect


class A(abc.ABC):
    pass


def sizes(cls):
    registry, cache, negative, version = _abc._get_dump(cls)
    return len(registry), len(cache), len(negative)


def show(call, *args):
    try:
        print(call(*args))
    except Exception as e:
        print(type(e).__name__, e)


data = type(A._abc_impl)
print(data, data.__flags__, data.__basicsize__, dir(data))
for name in dir(_abc):
    value = getattr(_abc, name)
    if callable(value):
        print(name, inspect.signature(value))

A.register(int)
print(sizes(A))
print(issubclass(int, A), isinstance(3, A), sizes(A))
print(issubclass(bool, A), isinstance(True, A), issubclass(str, A), isinstance("", A), sizes(A))
before = abc.get_cache_token()
A.register(str)
print(abc.get_cache_token() - before, issubclass(str, A), sizes(A))
_abc._reset_caches(A)
print(sizes(A))
_abc._reset_registry(A)
print(sizes(A), issubclass(int, A), isinstance(3, A))

show(_abc._abc_init, int)
show(_abc._abc_init, 3)
show(_abc._get_dump, int)
show(_abc._abc_register, A, 3)
show(_abc._abc_register, A)
show(_abc._abc_subclasscheck, A, 3)
show(_abc._abc_instancecheck, int, 3)
show(A.register, A)
show(A.register, object)


class Wrong(abc.ABC):
    pass


Wrong._abc_impl = 3
show(issubclass, int, Wrong)


class Hook(abc.ABC):
    answer = 3

    @classmethod
    def __subclasshook__(cls, other):
        return cls.answer


show(issubclass, int, Hook)
for Hook.answer in (True, False, NotImplemented):
    show(issubclass, int, Hook)
    show(_abc._reset_caches, Hook)


class NoList(abc.ABC):
    @classmethod
    def __subclasses__(cls):
        return 3


show(issubclass, int, NoList)


def make(flags):
    class Flagged(abc.ABC):
        __abc_tpflags__ = flags
    return Flagged.__flags__ >> 5 & 3, "__abc_tpflags__" in Flagged.__dict__


for flags in (96, 32, 64, 1 << 40 | 32, True, "x", 1 << 70):
    show(make, flags)


class Proxy:
    def __init__(self, cls):
        self._cls = cls

    @property
    def __class__(self):
        return self._cls


A.register(float)
print(isinstance(Proxy(float), A), isinstance(Proxy(list), A))
show(isinstance, Proxy(3), A)

# Classes that come and go, at the same addresses as well.
for i in range(200):
    mortal = type("Mortal", (), {})
    assert not issubclass(mortal, A)
    if i % 3 == 0:
        A.register(mortal)
        assert issubclass(mortal, A) and isinstance(mortal(), A)
    del mortal
    gc.collect(0)
kept = [type("Kept", (), {}) for i in range(500)]
for i, cls in enumerate(kept):
    if i % 2:
        A.register(cls)
print([isinstance(cls(), A) for cls in kept] == [i % 2 == 1 for i in range(500)])
print(sizes(A)[0])


class Abstract(abc.ABC):
    @abc.abstractmethod
    def f(self): pass

    @property
    @abc.abstractmethod
    def p(self): pass


class Half(Abstract):
    def f(self): pass


print(sorted(Abstract.__abstractmethods__), sorted(Half.__abstractmethods__))
show(Abstract)
show(Half)
