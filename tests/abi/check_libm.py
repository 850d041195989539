#!/usr/bin/python3.11
"""libm is loaded when it is needed: by a start not at all, by a function of math, and before an extension module that uses libm
without being linked to it, as one may that was built for an interpreter which is."""
import os
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
EXTENSION = """
#include <Python.h>
double exp2(double x);
static PyObject *power(PyObject *self, PyObject *x) { (void)self; return PyFloat_FromDouble(exp2(PyFloat_AsDouble(x))); }
static PyMethodDef methods[] = {{"power", power, METH_O, NULL}, {NULL, NULL, 0, NULL}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, .m_name = "unlinked", .m_methods = methods};
PyMODINIT_FUNC PyInit_unlinked(void) { return PyModule_Create(&module); }
"""
IS_LOADED = "'/libm.so' in open('/proc/self/maps').read()"


def printed(krait, program, folder):
    return subprocess.run([krait, "-I", "-S", "-c", f"import sys; sys.path.insert(0, {folder!r}); {program}"], capture_output=True, text=True,
                          check=True).stdout.strip()


def main():
    krait = os.environ.get("KRAIT", ROOT / "build/krait")
    failures = []
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["gcc", "-shared", "-fPIC", "-fno-builtin", f"-I{ROOT / 'include'}", "-x", "c", "-", "-o", f"{folder}/unlinked.so"],
                       input=EXTENSION, text=True, check=True)
        sanitized = printed(krait, "print('asan' in open('/proc/self/maps').read())", folder) == "True"       # it is linked to libm
        for program, expected in [(f"print({IS_LOADED})", str(sanitized)),
                                  (f"import math; math.sin(0.5); print({IS_LOADED})", "True"),
                                  ("import unlinked; print(unlinked.power(5.0))", "32.0")]:
            text = printed(krait, program, folder)
            if text != expected: failures.append(f"{program}: {text}, not {expected}")
    print(*failures or ["libm is loaded when it is needed"], sep="\n")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
