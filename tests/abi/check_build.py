#!/usr/bin/python3.11
"""Builds the extensions of build/ with $KRAIT (default: build/krait) by Cython, cffi and setuptools, against include/; then
build/use.py must print the same with Krait and with the reference."""
import importlib.util
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
REFERENCE = "/usr/bin/python3.11"


def main():
    krait = os.environ.get("KRAIT", ROOT / "build/krait")
    absent = [name for name in ("Cython", "cffi", "setuptools") if not importlib.util.find_spec(name)]
    if absent:
        print(f"skipped: {', '.join(absent)} not installed")
        return 0
    with tempfile.TemporaryDirectory() as folder:
        place = shutil.copytree(HERE / "build", pathlib.Path(folder) / "build")

        def run(*command):
            done = subprocess.run([str(word) for word in command], cwd=place, capture_output=True, text=True, timeout=250,
                                  env=dict(os.environ, CFLAGS=f"-O1 -I{ROOT / 'include'}", PYTHONDONTWRITEBYTECODE="1"))
            return f"{done.stdout}{done.stderr}status {done.returncode}\n"

        steps = [run(krait, "-W", "ignore", "-m", "cython", "-3", "fast.pyx"), run(krait, "setup.py", "-q", "build_ext", "--inplace")]
        ours, reference = run(krait, "use.py"), run(REFERENCE, "use.py")
    if ours == reference and ours.endswith("status 0\n"):
        print("same")
        return 0
    print(*steps, "--- reference\n", reference, "--- krait\n", ours)
    return 1


if __name__ == "__main__":
    sys.exit(main())
