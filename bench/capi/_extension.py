"""Builds extension.c once and loads it: the same file in every interpreter.

    from _extension import load, times
"""
import importlib.machinery
import importlib.util
import os
import pathlib
import subprocess
import tempfile

SCALE = float(os.environ.get("BENCH_SCALE", 1))
HERE = pathlib.Path(__file__).resolve().parent


def times(n):
    """n, scaled; at least 1."""
    return max(1, int(n * SCALE))


def load():
    source = HERE / "extension.c"
    library = pathlib.Path(tempfile.gettempdir()) / f"krait-bench-capi-{int(source.stat().st_mtime)}.so"
    if not library.exists():
        made = f"{library}.{os.getpid()}"
        subprocess.run(["gcc", "-shared", "-fPIC", "-O2", f"-I{HERE.parent.parent / 'include'}", source, "-o", made], check=True)
        os.replace(made, library)
    loader = importlib.machinery.ExtensionFileLoader("extension", str(library))
    module = importlib.util.module_from_spec(importlib.util.spec_from_file_location("extension", library, loader=loader))
    loader.exec_module(module)
    return module
