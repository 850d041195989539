"""The dicts of built-in types, which are filled when they are first looked at: each here by another way of looking."""
import collections.abc
import copyreg
import inspect
import pickle
import types

# The dict itself, and its order.
print(list(vars(memoryview))[:6], len(vars(bytearray)), sorted(type.__dict__["__dict__"].__get__(frozenset))[-3:])
# As if the type were an instance.
print(object.__getattribute__(complex, "conjugate"), "real" in object.__getattribute__(complex, "__dict__"))
try:
    object.__getattribute__(slice, "nothing")
except AttributeError as error:
    print(error)
# Without the type's attribute access.
print(inspect.getattr_static(range, "count"), inspect.getattr_static(property, "fget"))
# What a type says of itself, or inherits.
print(types.CoroutineType.__abstractmethods__ if hasattr(types.CoroutineType, "__abstractmethods__") else "none")
print(types.MappingProxyType.__doc__, types.SimpleNamespace.__module__, types.GenericAlias.__text_signature__)
print(reversed.__hash__ is object.__hash__, enumerate.__eq__ is object.__eq__, set.__hash__, dict.fromkeys("").items().__hash__)
# super(), and what a subclass finds in the second base.
class Both(float, collections.abc.Hashable):
    def __round__(self, *digits):
        return super().__round__(*digits)
print(round(Both(2.5)), Both.fromhex("0x1p3"), Both.__rpow__ is float.__rpow__, Both(1).as_integer_ratio())
class Found(KeyError, AttributeError):
    pass
print(str(Found("k")), Found.name, Found.__str__ is KeyError.__str__)
# Slots that a class has from a base, and loses.
class Unhashable(types.SimpleNamespace):
    pass
for make in (Unhashable, lambda: Unhashable(a=1)):
    try:
        hash(make())
    except TypeError as error:
        print(error)
# Methods by name, bound and unbound, and by way of pickle.
print(pickle.loads(pickle.dumps(bytes.fromhex)) is not None, copyreg._slotnames(staticmethod), bytes.maketrans(b"", b"")[:2])
print([name for name in dir(iter(())) if not name.startswith("_")], hasattr(iter(b""), "__length_hint__"), iter({}).__length_hint__())
try:
    del UnicodeDecodeError.encoding
except TypeError as error:
    print(error)
try:
    UnicodeEncodeError.fresh = 1
except TypeError as error:
    print(error)
print(all("__doc__" in vars(t) for t in object.__subclasses__() if t.__module__ == "builtins" and not t.__flags__ & 1 << 9))
