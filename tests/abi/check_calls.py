#!/usr/bin/python3.11
"""Calls every exported function of the C API in $KRAIT (default: build/krait) and in the reference: tests/abi/calls/.

One extension, made from tools/abi/exports.tsv, is loaded by both. A call with sensible arguments must do the same in both; so must one
with a wrong argument, where the reference answers that with an exception or a fatal error. What is called must keep to the table:
the error value goes with an exception, and no reference is lost or left when a call is repeated.

    tests/abi/check_calls.py [NAME ...]        some functions, with all that was seen
"""
import importlib.machinery
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import types

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
REFERENCE = "/usr/bin/python3.11"
KRAIT = pathlib.Path(os.environ.get("KRAIT", ROOT / "build/krait"))
sys.dont_write_bytecode = True
exports = types.ModuleType("exports")
exports.__file__ = str(ROOT / "tools/abi/exports")
importlib.machinery.SourceFileLoader("exports", exports.__file__).exec_module(exports)

# Cases in which the reference, by luck, answers with an exception, though it looks at what is not there: (functions, cases).
UNDEFINED = [
    # an object of another type is read as if it were of the right one
    (r"PyUnicode(Decode|Encode|Translate)Error_Get\w+|PyType_\w+|_PyType_\w+|PySlice_\w+|_PySlice_\w+|PyUnicode_AsUCS4\w*"
     r"|PyUnicode_(IsIdentifier|FindChar|Substring)|_PyUnicode_\w+|_PyLong_\w+|_PyBytes_FromHex|PyCode_Get\w+|PyModule_AddType|PyODict_DelItem"
     r"|PyCoro_New|PyAsyncGen_New|PyGen_New\w*|PyFunction_NewWithQualName|PyTraceBack_Here|_PyTraceBack_FromFrame|PyCFunction_Call"
     r"|PyVectorcall_Call|PyObject_VectorcallDict|_PyArg_\w+|PyImport_ExecCodeModule\w*|_PyObject_FastCallDictTstate"
     r"|_PyDictView_\w+|PyFunction_SetClosure|PyObject_Call|_PyObject_Call_Prepend", r"\d+=object\(\)"),
    # a size that is not that of the memory
    (r"\w*Decode\w*|PyUnicode_From(KindAndData|Unicode|WideChar|StringAndSize)|_PyUnicode_FromASCII|_PyOS_URandom\w*|_PyLong_FromBytes"
     r"|PyByteArray_FromStringAndSize|_PyBytes_FormatEx|_PyObject_MakeTpCall|_PyArg_\w+", r"\d+=(-1|1 << 62)"),
    (r"PyRun_\w+|Py_CompileString\w*", r"\d+=(-1|1 << 62|object\(\)|NULL)"),            # a start symbol that is none
    (r"PyByteArray_Resize|_PyBytes_Join", r"1=object\(\)"), (r"PyErr_WarnExplicitObject", "3=NULL"), (r"_Py\w+_CheckConsistency", r"1=(NULL|object\(\))"),
]
SAME = re.compile(r"(?<=SystemError\(')[^ ']*\.c:\d+(?=: )|/tmp/tmp\w+")        # the reference's source, and each run's folder


def masked(text):
    text = text and SAME.sub("PLACE", text)
    return text.replace("'pymalloc_debug'", "'pymalloc'") if text and KRAIT.parent.name == "build-hostile" else text   # its allocator checks


def fatal(printed):
    return next((line for line in printed.splitlines() if line.startswith("Fatal Python error")), "")


def undefined(name, case, said, status, printed):
    """Whether it is left open what a call with a wrong argument does."""
    if any(re.fullmatch(names, name) and re.fullmatch(cases, case) for names, cases in UNDEFINED):
        return True
    answered = status == 0 and said and " raises " in said or status == -6 and fatal(printed)
    return "=" in case and not answered


def error_value(row, said):
    """Whether the result is the table's error value; None if the table does not say."""
    value = said.split(" raises ")[0].split("; ")[0]
    if row.error in ("-", "status"):
        return None
    if row.error == "always":
        return True
    if row.error == "NULL":
        return value == "NULL"
    number = eval(row.error.replace("(unsigned long)", "2**64").replace("(size_t)", "2**64").replace("(unsigned long long)", "2**64")
                  .replace("(Py_UCS4)", "2**32").replace("(Py_uhash_t)", "2**64"))
    return value.split(" ")[-1] in (str(number), repr(complex(number)))


def breaches(row, said, uneven):
    """What a call did against the table; said is "" where an exception was set before it."""
    raised, error = " raises " in said, error_value(row, said) if said else None
    if error is None and raised and row.error == "-" and row.returns != "-":
        yield "an exception is set, and the table has no error value"
    if error is False and raised:
        yield f"an exception is set, and the result is not {row.error}"
    if error and not raised and row.error == "always":
        yield "no exception is set"
    if uneven:
        yield uneven


def run(binary, folder, names):
    command = [binary, HERE / "calls/run.py", folder, *names]
    return subprocess.Popen([str(word) for word in command], stdout=subprocess.PIPE, text=True,
                            env=dict(os.environ, PYTHONHASHSEED="0", LC_ALL="C.UTF-8", PYTHONDONTWRITEBYTECODE="1"))


def outcomes(process):
    out = process.communicate()[0]
    return {(name, case): rest for name, case, *rest in map(json.loads, out.splitlines())}, process.returncode


def differences(rows, reference, krait, name, case):
    """What is wrong with one call; nothing, if all is well."""
    (status, said, uneven, printed, flags), (our_status, our_said, our_uneven, our_printed, _) = reference, krait
    varies = "varies" in flags
    grown = uneven.removesuffix(" memory grows")      # the sanitizer build cannot tell how much memory is in use
    if undefined(name, case, said, status, printed) or status in (-4, -7, -8, -11, -14):
        return
    if our_said and "the test fails" in our_said:
        yield our_said
    elif our_status != status:
        yield f"status {our_status}, the reference's {status} {our_printed[-300:]}"
    elif not varies and masked(our_said) != masked(said):
        yield f"{our_said}\n        the reference: {said}"
    elif status == -6 and not varies and fatal(printed) != fatal(our_printed):
        yield f"{fatal(our_printed)}\n        the reference: {fatal(printed)}"
    elif our_said is not None:
        yield from breaches(rows[name], our_said if "error" not in flags else "", our_uneven if our_uneven not in (uneven, grown) else "")


def main():
    names = sys.argv[1:]
    rows = exports.table()
    with tempfile.TemporaryDirectory() as folder:
        thunks = subprocess.run([exports.__file__, "thunks"], capture_output=True, text=True, check=True).stdout
        (pathlib.Path(folder) / "thunks.inc").write_text(thunks)
        subprocess.run(["gcc", "-shared", "-fPIC", "-O1", "-g", "-Wall", "-Wextra", "-Werror", "-Wno-builtin-declaration-mismatch",
                        f"-I{ROOT / 'include'}", f"-I{folder}", HERE / "calls/calls.c", "-o", f"{folder}/calls.so"], check=True)
        processes = [run(binary, folder, names) for binary in (REFERENCE, KRAIT)]
        (reference, _), (ours, status) = map(outcomes, processes)
    wrong = [f"{name} ({case}): {text}" for (name, case), seen in reference.items() if "unlike" not in seen[4]
             for text in differences(rows, seen, ours.get((name, case), [None] * 4 + [[]]), name, case)]
    called = {name for name, case in reference if case.startswith("good")}
    missing = [name for name, row in rows.items() if row.kind == "function" and name not in called and not names]
    defined = sum(not undefined(name, case, said, status, printed) for (name, case), (status, said, _, printed, _) in reference.items())
    if names:
        print(*(f"{name} ({case})\n    {seen}\n    {ours.get((name, case))}" for (name, case), seen in reference.items()), sep="\n")
    print(f"{len(called)} functions, {len(reference)} calls, {defined} of them defined, {len(wrong)} wrong",
          *wrong, *(f"{name} was not called" for name in missing), sep="\n    ")
    return 1 if wrong or missing or status else 0


if __name__ == "__main__":
    sys.exit(main())
