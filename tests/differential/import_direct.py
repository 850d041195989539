"""Modules that are built in or frozen look alike however they came in, and the program may change how they do."""
import os
import sys

if not sys.flags.no_site:      # what site runs may have changed importlib already
    os.execv(sys.executable, [sys.executable, "-S", "-E", __file__])


def show(module):
    spec = module.__spec__
    attributes = [(k, v if isinstance(v, (str, type(None))) else type(v).__name__) for k, v in vars(module).items()
                  if k.startswith("__") and k not in ("__doc__", "__builtins__", "__about__")]
    state = [(k, type(v).__name__ if k in ("loader_state", "loader") else v) for k, v in vars(spec).items()]
    print(module.__name__, attributes, state, spec.loader_state, spec.parent, spec.has_location, spec == module.__spec__)


import abc, atexit, codecs, errno, io, itertools, stat                          # noqa: E401
for module in (abc, atexit, codecs, errno, io, itertools, os, stat):
    show(module)
print(list(sys.modules)[-2:])
del sys.modules["stat"], sys.modules["errno"]
import errno, stat                                                                   # noqa: E401
show(stat)
show(errno)
print(list(sys.modules)[-2:])

sys.modules["_heapq"] = None
try:
    import _heapq
except ImportError as error:
    print(type(error), error)
del sys.modules["_heapq"]


class Finder:
    @staticmethod
    def find_spec(name, path, target=None):
        print("asked for", name, path, target)


sys.meta_path.insert(0, Finder)
import _heapq                                                                        # noqa: E402
show(_heapq)
sys.meta_path.remove(Finder)

events = []
sys.addaudithook(lambda event, arguments: event in ("import", "exec") and events.append((event, type(arguments[0]).__name__)))
import _bisect                                                                       # noqa: E402
import __hello__                                                                     # noqa: E402
print(events)
show(_bisect)
show(__hello__)
del sys.modules["__hello__"]

lines = []
sys.setprofile(lambda frame, event, argument: event == "call" and lines.append(frame.f_code.co_name))
import __hello__                                                                     # noqa: E402, F811
sys.setprofile(None)
print(lines)
