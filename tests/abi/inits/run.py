"""Imports modules whose initialisation fails, again and again: run.py FILE.so NAME:TIMES ... Prints the error of each, and, if a
module leaves something behind at every import, how much."""
import ctypes
import gc
import importlib.machinery
import importlib.util
import sys

try:        # what the sanitizer's allocator has given out
    in_use = ctypes.CDLL(None).__sanitizer_get_current_allocated_bytes
    in_use.restype = ctypes.c_size_t
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
        errors = {attempt(name, path).replace(path, "FILE") for _ in range(20)}
        gc.collect()
        before = in_use()
        for _ in range(int(times)):
            errors.add(attempt(name, path).replace(path, "FILE"))
        gc.collect()
        left = in_use() - before
        print(f"{name}: {' or '.join(sorted(errors))}", f"    leaves {left / int(times):.1f} each time\n" if left >= int(times) else "",
              sep="\n", end="")


main()
