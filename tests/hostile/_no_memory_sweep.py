"""Runs one program again and again, each time with another allocation failing: child process of test_allocation_failure.

    _no_memory_sweep.py FILE NAME       of the programs in FILE the one that is headed "# NAME"; "(once)" in its name: not the
                                        second way, for it takes memory to go on

The n-th allocation fails, once or with all later ones, for n = 1, 2, ... until the program no longer comes to the n-th. Each time the
outcome must be what the program leaves in `result` without failures, or MemoryError; and the heap must hold together.
"""
import gc
import sys

import _krait_memory
import _testcapi

ENOUGH = 25         # so many right results in a row: the program makes no more allocations


def programs(path):
    with open(path, encoding="utf-8") as file:
        parts = file.read().split("\n# ")
    return {head: body for head, _, body in (part.partition("\n") for part in parts[1:])}


def is_of_memory(error):
    """Whether a failed allocation is behind an exception: it, its cause, or what is in the group."""
    if isinstance(error, BaseExceptionGroup):
        return any(map(is_of_memory, error.exceptions))
    return (isinstance(error, MemoryError) or str(error) in ("can't allocate lock", "can't start new thread")
            or error.__cause__ is not None and is_of_memory(error.__cause__)
            or error.__context__ is not None and is_of_memory(error.__context__))


def run(name, source, start, stop):
    """The program's result; MemoryError. Allocations after the start-th fail, up to the stop-th if that is not 0."""
    names = {"__name__": "program", "result": None}
    try:
        if start is not None:
            _testcapi.set_nomemory(start, stop)
        exec(compile(source, name, "exec"), names)
        result = names["result"]
    except Exception as error:
        _testcapi.remove_mem_hooks()
        if not is_of_memory(error):
            raise
        result = MemoryError
    finally:
        _testcapi.remove_mem_hooks()
    return result


def sweep(name, source, forever):
    expected = run(name, source, None, 0)
    for _ in range(3):
        if run(name, source, None, 0) != expected:
            raise AssertionError(f"{name} has no steady result")
    n = right = failures = 0
    while right < ENOUGH:
        result = run(name, source, n, 0 if forever else n + 1)
        if result is MemoryError:
            right = 0
            failures += 1
        elif result == expected:
            right += 1
        else:
            raise AssertionError(f"{name}, allocation {n}: {result!r} is not {expected!r}")
        if n % 16 == 0:
            gc.collect()
            _krait_memory.check_heap()
        n += 1
    gc.collect()
    _krait_memory.check_heap()
    if run(name, source, None, 0) != expected:
        raise AssertionError(f"{name} does not work any more")
    print(name, "from then on" if forever else "once", failures, "of", n, flush=True)


if __name__ == "__main__":
    sys.unraisablehook = lambda args: None      # finalizers may fail, too
    for head in sys.argv[2:]:
        for always in (False, True) if not head.endswith("(once)") else (False,):
            sweep(head, programs(sys.argv[1])[head], always)
