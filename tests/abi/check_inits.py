#!/usr/bin/python3.11
"""10,000 imports of modules whose PyInit fails in each possible way (inits/failing.c): the reference's error, and nothing leaked.

In the build with sanitizers it also shows that no memory is read or freed that should not be.
"""
import os
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
REFERENCE = "/usr/bin/python3.11"
IMPORTS = 10_000


def main():
    krait = os.environ.get("KRAIT", ROOT / "build/krait")
    source = HERE / "inits/failing.c"
    names = re.findall(r"^(?:INIT|PHASES)\((\w+)[,)]", source.read_text(), re.M) + ["without_function"]
    with tempfile.TemporaryDirectory() as folder:
        library = f"{folder}/failing.so"
        subprocess.run(["gcc", "-shared", "-fPIC", "-O1", "-Wall", "-Wextra", "-Werror", "-Wno-unused-function", f"-I{ROOT / 'include'}",
                        source, "-o", library], check=True)
        words = [f"{name}:{IMPORTS // len(names) + 1}" for name in names]
        ours, reference = (subprocess.run([str(binary), str(HERE / "inits/run.py"), library, *words], capture_output=True, text=True)
                           for binary in (krait, REFERENCE))
    shown = [f"{done.stdout}{done.stderr}status {done.returncode}" for done in (reference, ours)]
    shown[0] = re.sub(r" +leaves .*\n", "", shown[0])          # the reference does lose a module, which is no example to follow
    good = shown[0] == shown[1]
    print(f"{len(names)} ways to fail: same" if good else "--- reference\n{}\n--- krait\n{}".format(*shown))
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
