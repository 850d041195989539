#!/usr/bin/python3.11
"""Imports every module and submodule of the standard library, and every built-in one, in both interpreters: the outcomes must agree.

    tests/library/check_imports.py [-v]

$KRAIT is the binary (build/krait). Tests, and packages that are not of the library, are left out. -v prints every outcome.
"""
import os
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
KRAIT = os.environ.get("KRAIT") or HERE.parent.parent / "build/krait"
REFERENCE = "/usr/bin/python3.11"
LIBRARY = pathlib.Path("/usr/lib/python3.11")
LEFT_OUT = {"test", "tests", "idle_test", "__pycache__", "dist-packages", "site-packages", "lib-dynload"}

OWN = {"krait", "_krait_memory", "_krait_threads"}     # modules that the reference has not


def names():
    """The modules of the library's files and of both binaries."""
    found = set()
    for path in LIBRARY.rglob("*.py"):
        parts = path.relative_to(LIBRARY).with_suffix("").parts
        if LEFT_OUT.isdisjoint(parts) and all(part.isidentifier() for part in parts) and parts[-1] != "__main__":
            found.add(".".join(parts[:-1] if parts[-1] == "__init__" else parts))
    found |= {path.name.partition(".")[0] for path in (LIBRARY / "lib-dynload").glob("*.so")}
    for binary in REFERENCE, KRAIT:
        found |= set(ask(binary, ["-c", "import sys; print(*sys.builtin_module_names, *sys.stdlib_module_names)"]).split())
    return sorted(found - OWN)


def ask(binary, arguments, text=""):
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "HOME": "/nonexistent", "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run([binary, *arguments], input=text, env=environment, capture_output=True, text=True, check=True).stdout


def outcomes(binary, modules):
    lines = ask(binary, [HERE / "_imports.py"], "\n".join(modules)).splitlines()
    return dict(re.sub(r"0x[0-9a-f]+", "ADDRESS", line).split(" ", 1) for line in lines)


def main():
    modules = names()
    reference, krait = outcomes(REFERENCE, modules), outcomes(KRAIT, modules)
    differ = [name for name in modules if reference[name] != krait[name]]
    for name in modules if "-v" in sys.argv else differ:
        print(f"{name}: {reference[name]}" + (f"; here {krait[name]}" if name in differ else ""))
    imported = sum(outcome == "ok" for outcome in krait.values())
    print(f"{len(modules)} modules, {imported} imported, {len(differ)} differ")
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main())
