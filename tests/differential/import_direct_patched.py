"""A program that changes importlib's classes and functions is obeyed, for built-in and frozen modules, too."""
import os
import sys

if not sys.flags.no_site:      # what site runs may have changed importlib already
    os.execv(sys.executable, [sys.executable, "-S", "-E", __file__])

importlib = sys.modules["_frozen_importlib"]
builtin, frozen = importlib.BuiltinImporter, importlib.FrozenImporter
find = builtin.__dict__["find_spec"]


def noisy(cls, name, path=None, target=None):
    print("find", name)
    return find.__get__(None, cls)(name, path, target)


import _random                                                                       # noqa: E402
print(_random.__spec__)
builtin.find_spec = classmethod(noisy)
import _bisect                                                                       # noqa: E402
builtin.find_spec = find
import _heapq                                                                        # noqa: E402
load = importlib._load_unlocked
importlib._load_unlocked = lambda spec: print("load", spec) or load(spec)
import _opcode                                                                       # noqa: E402
import __hello__                                                                     # noqa: E402
importlib._load_unlocked = load
print(sys.meta_path.pop(0) is builtin)
try:
    import _struct
except ImportError as error:
    print(error)
print(sys.meta_path[0] is frozen, _bisect, _heapq, _opcode, __hello__)
sys.modules = dict(sys.modules)
import __phello__                                                                    # noqa: E402
print("__phello__" in sys.modules)
