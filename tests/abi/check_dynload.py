#!/usr/bin/python3.11
"""Imports every module of the library's lib-dynload in $KRAIT (default: build/krait), each from its file and in a process of its own."""
import concurrent.futures
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
MODULES = pathlib.Path("/usr/lib/python3.11/lib-dynload")
PROGRAM = """
import importlib.util, sys
name, path = sys.argv[1:]
spec = importlib.util.spec_from_file_location(name, path)
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
assert dir(module)
"""


def failure(path):
    """What went wrong, or ""."""
    krait = os.environ.get("KRAIT", ROOT / "build/krait")
    done = subprocess.run([krait, "-c", PROGRAM, path.name.split(".")[0], path], capture_output=True, text=True, timeout=120)
    return f"{path.name}: status {done.returncode}\n{done.stderr}" if done.returncode else ""


def main():
    paths = sorted(MODULES.glob("*.so"))
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        failures = [text for text in pool.map(failure, paths) if text]
    print(f"{len(paths)} modules, {len(failures)} do not load", *failures, sep="\n")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
