"""Imports modules whose initialisation fails, again and again: run.py FILE.so NAME:TIMES ... Prints the error of each, and, if a
module leaves something behind at every import, how much."""
import ctypes
import gc
import importlib.machinery
import importlib.util
import sys

LEAST = 1           # a block; of what the sanitizer counts, 16 bytes
try:        # what the sanitizer's allocator has given out
    in_use = ctypes.CDLL(None).__sanitizer_get_current_allocated_bytes
    in_use.restype = ctypes.c_size_t
    LEAST = 16
except AttributeError:
    in_use = sys.getallocatedblocks


def attempt(name, path):
    loader = importlib.machinery.ExtensionFileLoader(name, path)
    spec = importlib.util.spec_from_file_location(name, path, loader=loader)
    try:
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        try:
            loader.exec_module(module)
        finally:
            sys.modules.pop(name, None)
        return "no error"
    except Exception as error:
        cause = error.__cause__
        return f"{type(error).__name__}: {error}" + (f" <- {type(cause).__name__}: {cause}" if cause else "")


def main():
    path = sys.argv[1]
    for word in sys.argv[2:]:
        name, times = word.split(":")
        errors, half = set(), int(times) // 2

        def growth():
            before = in_use()
            errors.update(attempt(name, path).replace(path, "FILE") for _ in range(half))
            gc.collect()
            return (in_use() - before) / half

        left = min(growth(), growth())
        for _ in range(20 if left >= 1 else 0):     # caches fill up, and then it stops; a leak does not
            left = min(left, growth())
        print(f"{name}: {' or '.join(sorted(errors))}")
        if left >= LEAST:
            print(f"    leaves {left:.1f} each time")


main()
