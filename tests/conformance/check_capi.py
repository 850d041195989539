#!/usr/bin/python3.11
"""CPython's test_capi and test_sqlite3, which Debian's libpython3.11-testsuite leaves out, from another 3.11.

$CPYTHON_TESTS is the folder that has them (Lib/test of a source tree); else one of pyenv's is looked for, and without one nothing is
tested. Every test that passes in the reference must pass in Krait, but those of EXPECTED.
"""
import glob
import json
import os
import pathlib
import pwd
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
SUITE = ROOT.parent / "shared/conformance/suite"
REFERENCE = "/usr/bin/python3.11"
KRAIT = pathlib.Path(os.environ.get("KRAIT", ROOT / "build/krait"))
PACKAGES = ["test_capi", "test_sqlite3"]

EXPECTED = {
    "test_capi.test_misc.CAPITest.test_set_nomemory": "counts the allocations that making an instance takes",
    "test_capi.test_misc.Test_Pep523API.test_inlined_call": "PEP 523: a frame evaluation function is not asked for calls in the loop",
}

if KRAIT.parent.name == "build-asan":
    EXPECTED |= {f"test_capi.test_misc.{case}.test_pyobject_freed_is_freed": "reads what was freed, which the sanitizer reports"
                 for case in ("PyMemDebugTests", "PyMemMallocDebugTests", "PyMemPymallocDebugTests")}


def results(binary, folder, modules):
    """Tests that pass in a run of these modules, and [module: how it ended] of those that ended otherwise than they should."""
    unlimited = [HERE / "unlimited.py"] if KRAIT.parent.name == "build-asan" else []
    with tempfile.NamedTemporaryFile(suffix=".json") as out:
        subprocess.run([REFERENCE, *unlimited, SUITE, "--bin", f"{binary} {HERE / '_borrowed_tests.py'} {folder}", "--out", out.name, "--only",
                        ",".join(modules), "--jobs", "2"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        found = json.load(open(out.name))
    return {test.removeprefix("test.") for result in found.values() for test in result["P"]}, [
        f"{module}: {result['end']}" for module, result in sorted(found.items()) if result["end"] != "ok"]


def main():
    home = pwd.getpwuid(os.getuid()).pw_dir
    places = [os.environ.get("CPYTHON_TESTS", ""), *sorted(glob.glob(f"{home}/.pyenv/versions/3.11.*/lib/python3.11/test"))]
    folder = next((pathlib.Path(place) for place in places if place and os.path.isdir(f"{place}/{PACKAGES[0]}")), None)
    if not folder or not SUITE.exists():
        print(f"skipped: no folder with {PACKAGES[0]}, or no {SUITE}")
        return 0
    modules = [f"{package}.{path.stem}" for package in PACKAGES for path in sorted(folder.glob(f"{package}/test_*.py"))]
    reference, _ = results(REFERENCE, folder, modules)
    krait, ends = results(KRAIT, folder, modules)
    missing = sorted(reference - krait - EXPECTED.keys())
    print(f"{len(reference & krait)} of {len(reference)} tests pass", *missing, *ends, sep="\n    ")
    print(*(f"    passes now: take {name} out of EXPECTED" for name in EXPECTED.keys() & krait), sep="\n")
    return 1 if missing or ends or EXPECTED.keys() & krait else 0


if __name__ == "__main__":
    sys.exit(main())
