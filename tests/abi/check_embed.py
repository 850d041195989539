#!/usr/bin/python3.11
"""Runs embed.c, compiled against include/, with the reference's libpython3.11.so.1.0 and with Krait's: the output must be equal.

Krait's is made by `make library`, in build-library/ ($KRAIT_LIBRARY names another folder); where it was not made, nothing is tested.
"""
import os
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
REFERENCE = pathlib.Path("/usr/lib/x86_64-linux-gnu")


def output(program, library):
    done = subprocess.run([program, "one", "two"], env=dict(os.environ, LD_LIBRARY_PATH=str(library), PYTHONHASHSEED="0"),
                          capture_output=True, text=True, timeout=120)
    return done.stdout + re.sub(r"0x[0-9a-f]+", "ADDRESS", done.stderr) + f"status {done.returncode}\n"


def main():
    library = pathlib.Path(os.environ.get("KRAIT_LIBRARY", ROOT / "build-library"))
    if not (library / "libpython3.11.so.1.0").exists():
        print(f"skipped: no library in {library} (make library)")
        return 0
    with tempfile.TemporaryDirectory() as folder:
        program = pathlib.Path(folder) / "embed"
        subprocess.run(["gcc", "-Wall", "-Wextra", "-Werror", f"-I{ROOT / 'include'}", HERE / "embed.c", "-o", program,
                        library / "libpython3.11.so.1.0"], check=True)
        ours, reference = output(program, library), output(program, REFERENCE)
    print("same" if ours == reference else f"--- reference\n{reference}--- krait\n{ours}")
    return int(ours != reference)


if __name__ == "__main__":
    sys.exit(main())
