#!/usr/bin/python3.11
"""Walks every module that Krait has in C, in both interpreters, and prints what differs: names, kinds, signatures, constants.

    tests/library/check_surface.py [MODULE ...]

$KRAIT is the binary (build/krait). What may differ, and why, is in EXPECTED; an entry that no longer differs is an error, too.
"""
import fnmatch
import json
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
KRAIT = os.environ.get("KRAIT") or HERE.parent.parent / "build/krait"
REFERENCE = "/usr/bin/python3.11"

OWN = {"krait", "_krait_memory", "_krait_threads"}     # modules that the reference has not

# {patterns of paths: the reason}
EXPECTED = {
    "*.__file__": "the reference has it in a file, Krait in the binary",
    "_contextvars.__loader__ _json.__loader__ _queue.__loader__ _typing.__loader__": "the same",
    "_functools.partial.__vectorcalloffset__ _operator.attrgetter.__vectorcalloffset__ _operator.itemgetter.__vectorcalloffset__":
        "a heap type of the reference's that is static in Krait has it in its slots alone",
    "_functools._lru_cache_wrapper.__module__ _functools.partial.__module__ _operator.attrgetter.__module__ "
    "_operator.itemgetter.__module__ _operator.methodcaller.__module__ array.ArrayType.__module__ _socket.SocketType.__module__":
        "a heap type in one and static in the other; the attribute itself is there",
    "_sha256.SHA224Type.digest_size _sha256.SHA256Type.digest_size _sha512.SHA384Type.digest_size "
    "builtins.range.start builtins.range.step builtins.range.stop": "worked out when asked for, where the reference stores it",
    "_sha3.implementation _heapq.__about__ sys.copyright sys.version": "what the implementation says of itself",
    "posix.memfd_create sys._getquickenedcount": "documented in Krait alone",
    "sys._base_executable sys.executable sys.builtin_module_names": "each has its own",
}


def surface(binary, modules):
    done = subprocess.run([binary, HERE / "_surface.py", *modules], capture_output=True, check=True, stdin=subprocess.DEVNULL,
                          env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"})
    return json.loads(done.stdout)


def differences(reference, krait):
    """{path: what differs there}."""
    found = {}
    for path in sorted(reference.keys() | krait.keys()):
        theirs, ours = reference.get(path), krait.get(path)
        if ours is None:
            found[path] = "missing"
        elif theirs is None:
            found[path] = "not in the reference"
        elif theirs != ours:
            aspects = [a for a in theirs.keys() | ours.keys() if theirs.get(a) != ours.get(a)]
            found[path] = "; ".join(f"{a}: {theirs.get(a)!r:.100} is here {ours.get(a)!r:.100}" for a in sorted(aspects))
    return found


def main():
    list_modules = "import sys; print(*sys.builtin_module_names)"
    modules = sys.argv[1:] or sorted({
        name for binary in (REFERENCE, KRAIT)
        for name in subprocess.run([binary, "-c", list_modules], capture_output=True, check=True, text=True).stdout.split()} - OWN)
    reference, krait = surface(REFERENCE, modules), surface(KRAIT, modules)
    patterns = [p for words in EXPECTED for p in words.split()]
    found = differences(reference, krait)
    wrong = {path: what for path, what in found.items() if not any(fnmatch.fnmatchcase(path, p) for p in patterns)}
    stale = [p for p in patterns if not sys.argv[1:] and not any(fnmatch.fnmatchcase(path, p) for path in found)]
    for path, what in wrong.items():
        print(f"{path}: {what}")
    for pattern in stale:
        print(f"{pattern}: does not differ any more")
    print(f"{len(modules)} modules, {len(reference)} attributes: {len(wrong)} differ, {len(found) - len(wrong)} differ for a reason")
    return 1 if wrong or stale else 0


if __name__ == "__main__":
    sys.exit(main())
