"""_abc: registration, caches, flags of collections, and every error."""
import _abc
import abc
import collections.abc
import gc
import sys
class A(metaclass=abc.ABCMeta): 
    def __subclasshook__(cls): return 1
print(sorted(A.__dict__), type(A._abc_impl).__mro__, hex(type(A._abc_impl).__flags__ & ~(1 << 19)))
T=type(A._abc_impl)
def t(f,*a):
    try: print(repr(f(*a)))
    except BaseException as e: print(type(e), e)
t(setattr,T,'x',1)
t(_abc._abc_init, 1)
t(_abc._abc_init, int)
t(_abc._abc_register, int, str)
t(_abc._abc_register, A, 3)
t(_abc._abc_subclasscheck, A, 3)
t(_abc._abc_subclasscheck, int, int)
t(_abc._abc_subclasscheck, 3, int)
class B(metaclass=abc.ABCMeta):
    @classmethod
    def __subclasshook__(cls,c): return 1
t(issubclass,int,B)
class C(metaclass=abc.ABCMeta):
    _abc_impl=1
t(issubclass,int,C)
C._abc_impl=1
t(issubclass,int,C)
t(isinstance,3,C)
t(C.register,int)
t(C.__instancecheck__,3)
class D(metaclass=abc.ABCMeta): pass
print(_abc._get_dump(D)[:3])
t(_abc._get_dump, int)
t(_abc._reset_caches,int)
t(_abc._reset_registry,3)
class M(abc.ABCMeta):
    def __subclasses__(cls): return 1
class E(metaclass=M): pass
t(issubclass,int,E)
class N:
    __class__ = property(lambda s: 1/0)
t(isinstance,N(),D)
class N:
    __class__ = 3
t(isinstance,N(),D)
class N:
    __class__ = int
t(isinstance,N(),D)
D.register(int)
t(isinstance,N(),D)
t(D.register, D)
class F(D): pass
t(F.register, D)
for v in (96, 32, 64, 'x', 1<<70, -1,1<<5|1<<20):
    def mk():
        class G(metaclass=abc.ABCMeta): __abc_tpflags__ = v
        return hex(G.__flags__ & ~(1 << 19)), hasattr(G,'__abc_tpflags__')
    t(mk)
class G:
    __bases__=3; x=4; __abstractmethods__=3
t(_abc._abc_init, G())

class H(metaclass=abc.ABCMeta):
    @abc.abstractmethod
    def f(self): pass
    @property
    @abc.abstractmethod
    def g(self): pass


class I(H):
    def f(self): pass


print(sorted(H.__abstractmethods__), sorted(I.__abstractmethods__))
t(I)


class Raises:
    __isabstractmethod__ = property(lambda self: 1 / 0)


t(abc.ABCMeta, "J", (), {"q": Raises()})

# Caches keep no class alive, and know a class from another one at its address.
kinds = []
for i in range(300):
    cls = type(f"K{i}", (), {})
    if i % 2: D.register(cls)
    kinds.append(issubclass(cls, D))
    del cls
    if i % 50 == 0: gc.collect()
print(kinds.count(True), kinds[:6])
gc.collect()
print([len(part) for part in _abc._get_dump(D)[:3]], len(D.__subclasses__()))
token = abc.get_cache_token()
D.register(str)
print(abc.get_cache_token() - token, issubclass(str, D), isinstance("", F), isinstance(b"", D))
D._abc_registry_clear()
print(issubclass(str, D), issubclass(type("S", (str,), {}), D))
D._abc_caches_clear()
print(issubclass(str, D))


# Registering makes a class and those below it match patterns; built-in classes stay as they are.
class Base: pass
class Derived(Base): pass
def kind(o):
    match o:
        case []: return "sequence"
        case {}: return "mapping"
    return "neither"
Base.__len__ = lambda self: 0
print(kind(Derived()))
collections.abc.Sequence.register(Base)
print(kind(Derived()), kind(Base()))
collections.abc.Mapping.register(Derived)
print(kind(Derived()), kind(Base()), hex(Derived.__flags__ & 96))


# What is cached shows in how often the hook is asked.
class D(metaclass=abc.ABCMeta):
    @classmethod
    def __subclasshook__(cls, c): print("hook", c); return NotImplemented
D.register(str)
print(issubclass(str,D)); print(len(_abc._get_dump(D)[1]))
print(issubclass(str,D)); print(len(_abc._get_dump(D)[1]))
class S(str): pass
print(issubclass(S,D)); print(len(_abc._get_dump(D)[1]))
print(issubclass(S,D)); print(len(_abc._get_dump(D)[1]))
class E(D): pass
print(issubclass(E,D)); print(len(_abc._get_dump(D)[1]))
class F: pass
E.register(F)
print(issubclass(F,D)); print(len(_abc._get_dump(D)[1]))


# isinstance() asks the methods of ABCMeta, whoever has put what in their place.
def ask():
    result = [isinstance([], collections.abc.Sequence), issubclass(int, collections.abc.Sequence)]
    return result + [isinstance(ask, collections.abc.Hashable), isinstance(int, collections.abc.Hashable)]


def watch(frame, event, arg):
    if event == "call": events.append(frame.f_code.co_name)


events = []
print(ask(), ask())
sys.setprofile(watch)
ask()
sys.setprofile(None)
print(events)
saved = abc._abc_instancecheck
abc._abc_instancecheck = lambda cls, instance: "a function in the module's place"
print(ask())
abc._abc_instancecheck = saved
print(ask())
code = abc.ABCMeta.__instancecheck__.__code__
abc.ABCMeta.__instancecheck__.__code__ = (lambda cls, instance: False).__code__
print(ask())
abc.ABCMeta.__instancecheck__.__code__ = code
print(ask())
method = abc.ABCMeta.__subclasscheck__
abc.ABCMeta.__subclasscheck__ = lambda cls, subclass: True
print(ask())
abc.ABCMeta.__subclasscheck__ = method
print(ask())


class Meta(abc.ABCMeta):
    def __instancecheck__(cls, instance):
        print("asked")
        return super().__instancecheck__(instance)


class Asked(metaclass=Meta): pass


print(isinstance(3, Asked), isinstance(Asked(), Asked), isinstance(3, Asked))


class Pretends:
    __class__ = list


print(isinstance(Pretends(), collections.abc.Sequence), issubclass(Pretends, collections.abc.Sequence))
