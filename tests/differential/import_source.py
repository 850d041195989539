"""Modules that come from files look alike however they are imported, and every step of importlib that a program changes is obeyed."""
import os
import sys
import threading

if not sys.flags.no_site:      # what site runs may have changed importlib already
    os.execv(sys.executable, [sys.executable, "-S", "-E", __file__])
import _imp                                                                          # noqa: E402
import traceback                                                                     # noqa: E402
import py_compile                                                                    # noqa: E402
import zipfile                                                                       # noqa: E402

here = os.getcwd()
sys.dont_write_bytecode = False
importlib = sys.modules["_frozen_importlib"]
external = sys.modules["_frozen_importlib_external"]


def write(path, text, compiled=True, **options):
    path = f"{here}/{path}"
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as f:
        f.write(text)
    os.utime(path, (1_600_000_000, 1_600_000_000))
    if compiled:
        py_compile.compile(path, **options)


def plain(value):
    return value if isinstance(value, (str, bool, int, type(None))) else [plain(v) for v in value] if isinstance(value, list) else type(value).__name__


def show(module):
    if isinstance(module, str):
        module = sys.modules[module]
    spec = module.__spec__
    print(module.__name__, [(k, plain(v)) for k, v in vars(module).items() if k not in ("__builtins__",)])
    print("   ", [(k, plain(v)) for k, v in vars(spec).items()], spec.parent, spec.has_location, spec.cached, vars(spec.loader))
    code = spec.loader.get_code(module.__name__) if hasattr(spec.loader, "get_code") else None
    print("   ", code and (code.co_filename, code.co_name))


def attempt(name):
    for old in [old for old in sys.modules if old.split(".")[0] == name.split(".")[0]]:
        del sys.modules[old]
    try:
        module = __import__(name)
    except BaseException as error:
        frames = [(f.filename.removeprefix(here), f.name, f.line) for f in traceback.extract_tb(error.__traceback__)]
        print(name, "->", type(error).__name__, str(error).replace(here, ""), getattr(error, "name", None), getattr(error, "path", None), frames[1:])
        print("    left:", [old for old in sys.modules if old.split(".")[0] == name.split(".")[0]])
        return None
    return module


write("lib/plain.py", "value = 1\ndef f(): return f.__code__.co_filename\n")
write("lib/package/__init__.py", "from . import child\nimport package.deep.deeper as d\nprint('package', __path__, d.__name__)\n")
write("lib/package/child.py", "print(__name__, __package__, __spec__._initializing, __spec__.parent)\n"
      "import sys\nprint(sys.modules['package'].__spec__._uninitialized_submodules)\n")
write("lib/package/deep/__init__.py", "")
write("lib/package/deep/deeper.py", "import sys\nprint(__name__, sys.modules['package.deep'].__spec__._uninitialized_submodules)\n")
write("lib/fails.py", "before = 1\nraise ValueError('in the body')\n")
write("lib/fails_to_import.py", "import nothing_there\n")
write("lib/wrong.py", "x = = 1\n", compiled=False)
write("lib/stale.py", "print('old')\n")
write("lib/stale.py", "print('newer')\n", compiled=False)
write("lib/fresh.py", "print('no pyc', __cached__ is not None)\n", compiled=False)
write("lib/hashed.py", "print('hashed')\n", invalidation_mode=py_compile.PycInvalidationMode.CHECKED_HASH)
write("lib/short.py", "print('short')\n")
write("lib/forged.py", "print('forged')\n")
write("lib/no_code.py", "print('no code')\n")
write("lib/replaces.py", "import sys, types\nsys.modules[__name__] = types.SimpleNamespace(here=True)\n")
write("lib/removes.py", "import sys\ndel sys.modules[__name__]\n")
write("lib/circle_a.py", "import circle_b\n")
write("lib/circle_b.py", "from circle_a import later\n")
write("lib/namespace/inner.py", "print(__name__, __spec__.parent)\n")
write("other/namespace/outer.py", "print(__name__)\n")
write("lib/sourceless.py", "print('sourceless', __file__ is __cached__)\n")
os.rename(f"{here}/lib/__pycache__/sourceless.cpython-311.pyc", f"{here}/lib/sourceless.pyc")
os.remove(f"{here}/lib/sourceless.py")
os.mkdir(f"{here}/lib/empty_folder")
with open(f"{here}/lib/__pycache__/short.cpython-311.pyc", "r+b") as f:
    f.truncate(40)
with open(f"{here}/lib/__pycache__/forged.cpython-311.pyc", "r+b") as f:
    f.seek(16)
    f.write(b"\xff" * 9)
with open(f"{here}/lib/__pycache__/no_code.cpython-311.pyc", "r+b") as f:
    head = f.read(16)
    f.seek(0)
    f.truncate()
    f.write(head + b"N")
with zipfile.ZipFile(f"{here}/packed.zip", "w") as z:
    z.writestr("zipped.py", "print('zipped')\n")

sys.path[:] = [f"{here}/nowhere", f"{here}/packed.zip", f"{here}/lib/", f"{here}/other", *sys.path[1:]]
show(attempt("plain"))
print(sys.modules["plain"].f().removeprefix(here))
attempt("package.child")
for name in ("package", "package.child", "package.deep", "package.deep.deeper"):
    show(name)
print(sys.modules["package"].deep.deeper is sys.modules["package.deep.deeper"])
for name in ("fails", "fails_to_import", "wrong", "stale", "fresh", "hashed", "short", "forged", "no_code", "replaces", "removes", "circle_a",
             "namespace.inner", "namespace.outer", "sourceless", "zipped", "empty_folder", "plain.child", "package.absent", "nothing_there",
             "a/b", "../lib/plain", "b\0c", "plain.", "\udc80", "ä", "n" * 300):
    attempt(name)
show(attempt("fresh"))
print(attempt("replaces"))
show(attempt("namespace"))
print([(k.removeprefix(here), type(v).__name__) for k, v in sys.path_importer_cache.items() if k.startswith(here)])

# What comes and goes
print(attempt("comes"))
write("lib/comes.py", "print('has come')\n")
os.utime(f"{here}/lib", (1_700_000_000, 1_700_000_000))
sys.path_importer_cache[f"{here}/lib/"].invalidate_caches()
attempt("comes")
os.remove(f"{here}/lib/comes.py")
attempt("comes")
os.chdir("lib")
sys.path.insert(0, "")
show(attempt("plain"))
sys.path[0] = "."
show(attempt("plain"))
del sys.path[0]
os.chdir("..")


# Settings
for name, value in (("pycache_prefix", f"{here}/prefix"), ("pycache_prefix", None)):
    setattr(sys, name, value)
    show(attempt("plain"))
tag, sys.implementation.cache_tag = sys.implementation.cache_tag, "other-99"
show(attempt("plain"))
sys.implementation.cache_tag = None
show(attempt("plain"))
sys.implementation.cache_tag = tag


# Finders of the program
class Finder:
    def __init__(self, action):
        self.action = action

    def find_spec(self, name, path, target=None):
        print("asked for", name, path and [p.removeprefix(here) for p in path], target, _imp.lock_held())
        return self.action(name)


def raises(error):
    def action(name):
        raise error
    return action


def another(name):
    return importlib.ModuleSpec("plain", external.SourceFileLoader("plain", f"{here}/lib/plain.py"), origin="mine")


def meanwhile(name):
    sys.modules[name] = sys.modules["sys"]
    return another(name)


for action in (lambda name: None, raises(KeyError("k")), raises(ImportError("i")), another, meanwhile):
    for place in (0, 2, 3):
        sys.meta_path.insert(place, Finder(action))
        for name in ("plain", "package.deep" if action not in (another, meanwhile) else "package", "_heapq", "stat", "wrong", "fails", "absent_again"):
            module = attempt(name)
            print("   ", module and (module.__name__, module.__spec__.origin and module.__spec__.origin.removeprefix(here)))
        del sys.meta_path[place]
sys.meta_path.insert(0, object())
import warnings                                                                      # noqa: E402
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    attempt("plain")
del sys.meta_path[0]

# A thread that begins while a module is being imported waits for it
write("lib/starts_thread.py", """
import _thread, sys, time
seen = []
done = _thread.allocate_lock()
done.acquire()
def other():
    import starts_thread
    seen.append(hasattr(starts_thread, "last"))
    done.release()
_thread.start_new_thread(other, ())
time.sleep(0.2)
last = True
""")
module = attempt("starts_thread")
module.done.acquire()
print(module.seen)
for thread in threading.enumerate():
    if thread is not threading.current_thread():
        thread.join()
show(attempt("plain"))

# Steps that the program changes
hooks = sys.path_hooks[:]
sys.path_hooks.insert(0, lambda entry: print("hook", entry.removeprefix(here)) or raises(ImportError)(entry))
sys.path_importer_cache.clear()
attempt("plain")
sys.path_hooks[:] = hooks
stats = external._path_stat
external._path_stat = lambda path: path.startswith(here) and print("stat", path.removeprefix(here)) or stats(path)
attempt("plain")
external._path_stat = stats
get_code = external.SourceFileLoader.get_code
external.SourceFileLoader.get_code = lambda self, name: print("get_code", name) or compile("mine = 1", "mine", "exec")
print(attempt("plain").mine)
del external.SourceFileLoader.get_code
find_spec = external.FileFinder.find_spec
external.FileFinder.find_spec = lambda self, name, target=None: print("find_spec", name) or find_spec(self, name, target)
attempt("plain")
external.FileFinder.find_spec = find_spec
sys.path_importer_cache[f"{here}/lib/"] = Finder(lambda name: None)
external.PathFinder.find_spec = classmethod(lambda cls, name, path=None, target=None: print("PathFinder", name))
attempt("plain")
