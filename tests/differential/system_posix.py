"""posix, time, fcntl, select and the user databases: the wording of errors, and what calls give."""
import random


def show(function, *args, **kwargs):
    """The result or the error of a call, as text."""
    try:
        return repr(function(*args, **kwargs))
    except Exception as error:
        return f"{type(error).__name__}: {error} {getattr(error, 'filename', None)!r}"


import fcntl
import inspect
import os
import posix
import select
import tempfile
import time

for module in (posix, time, fcntl, select):
    for name, value in sorted(vars(module).items()):
        if callable(value) and not isinstance(value, type):
            print(name, show(inspect.signature, value))
        elif isinstance(value, int):
            print(name, value)


class BadPath:
    def __fspath__(self):
        return 1


random.seed(3)
os.chdir(tempfile.mkdtemp())
os.mkdir("folder")
for name in ("stat", "lstat", "listdir", "rmdir", "unlink", "readlink", "statvfs", "chdir", "access", "truncate", "open", "utime"):
    more = {"access": (4,), "truncate": (3,), "open": (0,)}.get(name, ())
    for path in ("\0", b"\0", 1.5, [], BadPath(), 2**70, -2**70, "nox", b"nox", "\udcff"):
        print(name, show(getattr(posix, name), path, *more))
    print(name, show(getattr(posix, name)), show(getattr(posix, name), bogus=1))
for path in ("", "a", "a/..", "./../a", "//", "///a//b/", "/../../a", "a/../../b", "./.", "..", "a\0b/../c", "/..", "é/ü/.."):
    print(show(posix._path_normpath, path))
for arguments in ((1,), ((1,),), (("a", 2),), ((1e30, 2),)):
    print(show(posix.utime, "x", *arguments))
print(show(posix.utime, "x", (1, 2), ns=(1, 2)), show(posix.utime, "x", ns=1), show(posix.utime, "x", ns=(1.5, 2)))
print(show(posix.execv, "x", []), show(posix.execv, "x", 1), show(posix.execve, "x", ["a"], {"a=": "b"}))
for options in ({"file_actions": [1]}, {"file_actions": [(9, 1)]}, {"file_actions": [(0,)]}, {"scheduler": (1, 2)},
                {"setsigmask": [1000]}, {"setpgroup": "a"}, {"file_actions": 3}, {"resetids": "a"}):
    print(show(posix.posix_spawn, "nox", ["a"], {}, **options))
for status in (0, 1, 256, 0x137f, 0xffff, 9, 0x8b):
    print([show(getattr(posix, name), status) for name in dir(posix) if name.startswith("W") and callable(getattr(posix, name))],
          show(posix.waitstatus_to_exitcode, status))
os.utime("folder", ns=(123456789012, 5))
result = os.stat("folder")
print(result.st_atime_ns, result.st_mtime_ns, result.st_mtime, [entry.is_dir() for entry in os.scandir()], os.listdir(b"."))

moment = list(time.gmtime(0))
for place, value in [(1, 13), (1, 0), (2, 32), (3, 24), (4, 60), (5, 62), (6, -2), (6, 7), (7, 367), (7, 0), (8, 5), (0, 2**40), (0, "a")]:
    changed = tuple(moment[:place] + [value] + moment[place + 1:])
    print(show(time.strftime, "%c %j", changed), show(time.asctime, changed), show(time.mktime, changed))
for value in (float("nan"), 1e30, 10**30, "a", -1, 10**17):
    print(show(time.gmtime, value), show(time.sleep, "a" if value == -1 else value) if value != 10**17 else "")
print(show(select.select, [], [], [], -1), show(select.select, ["a"], [], [], 0), show(select.poll().poll, "a"))
print(show(fcntl.fcntl, 99, 1), show(fcntl.fcntl, 0, 1, "a" * 2000), show(fcntl.lockf, 1, 0))
