#!/usr/bin/python3.11
"""Compares the C API headers under include/ with the reference's (libpython3.11-dev).

    tests/abi/check_abi.py [--reference /usr/include/python3.11]

Four comparisons: layouts of structs (a program compiled against both), values of constant macros
(the same), names of macros, and the types of all functions, variables and typedefs (clang's syntax
tree of both). Exit status 1, with the differences, if there is one. It also compiles the headers in
each dialect that extensions use.
"""
import argparse
import difflib
import json
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
OURS = HERE.parent.parent / "include"

STRICT = ["-Wall", "-Wextra", "-Werror", "-fsyntax-only"]
DIALECTS = [
    ["gcc", "-std=c11"], ["gcc", "-std=gnu17", "-DPY_SSIZE_T_CLEAN"], ["clang", "-std=c11"],
    ["g++", "-std=c++14", "-xc++"], ["clang++", "-std=c++14", "-xc++"],
]
LIMITED = [
    ["gcc", "-xc", "-DPy_LIMITED_API=0x030b0000"], ["g++", "-xc++", "-DPy_LIMITED_API=0x03060000"],
]

# What the limited API is asked for.
STABLE = "#include <Python.h>\n#include <structmember.h>\n"

# Macros of the reference that are its own business: include guards, pieces of its struct
# definitions, and a build option (Krait has no DTrace probes).
NOT_OURS = re.compile(r"COMMON_FIELDS|NATIVE_TSS_KEY_T|_PyGenObject_HEAD|WITH_DTRACE"
                      r"|_PyCode_DEF|_PyDateTime_(DATE)?TIMEHEAD|_PyTZINFO_HEAD|\w+_H(__)?")


def run(*command, check=True):
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True)
    if check and done.returncode:
        sys.exit(f"{' '.join(map(str, command))}\n{done.stderr}")
    return done


def output_of(source, include, folder):
    program = folder / "program"
    run("gcc", "-std=c11", "-w", f"-I{include}", f"-I{HERE}", source, "-o", program)
    return run(program).stdout.splitlines()


def macros(include):
    """Macros that headers under `include` define: {name: has parameters}."""
    text = run("gcc", "-std=c11", "-w", "-E", "-dD", f"-I{include}", HERE / "headers.h").stdout
    found, here = {}, False
    for line in text.splitlines():
        if marker := re.match(r'# \d+ "(.*?)"', line):
            here = "python3.11" in marker[1] or marker[1].startswith(str(include))
        elif here and (define := re.match(r"#define (\w+)(\()?", line)):
            found[define[1]] = bool(define[2])
    return found


def constants(names, include, folder):
    """Values of the macros that are integer constants or string literals, as lines of text."""
    kept = sorted(names)
    probe = folder / "probe.c"
    probe.write_text('#include "headers.h"\n' + "".join(f'@"{name}" {name}\n' for name in kept))
    text = run("gcc", "-std=c11", "-w", "-E", "-P", f"-I{include}", f"-I{HERE}", probe).stdout
    strings = re.findall(r'^@"\w+" ".*"$', text, re.M)
    while True:
        lines = ['#include "headers.h"'] + [
            f'_Static_assert((long long)({name}) == (long long)({name}), "");' for name in kept]
        probe.write_text("\n".join(lines) + "\n")
        errors = run("clang", "-std=c11", "-w", "-ferror-limit=0", "-fsyntax-only", f"-I{include}",
                     f"-I{HERE}", probe, check=False).stderr
        bad = {int(n) for n in re.findall(r"probe\.c:(\d+):\d+: (?:fatal )?error", errors)}
        if not bad:
            break
        kept = [name for i, name in enumerate(kept) if i + 2 not in bad]
    probe.write_text('#include "headers.h"\nint main(void)\n{\n' + "".join(
        f'    printf("{name} %lld\\n", (long long)({name}));\n' for name in kept) + "}\n")
    return output_of(probe, include, folder) + strings


def enumerators(enum):
    """{name: value} of an enum of the API."""
    found, value = {}, -1
    for node in enum.get("inner", ()):
        explicit = node.get("inner", [{}])[0].get("value")
        value = int(explicit) if explicit is not None else value + 1
        if "py" in node["name"].lower():
            found[node["name"]] = str(value)
    return found


def declarations(include, folder, limited):
    """{name: type} of everything declared at file level by the headers under `include`."""
    source = folder / "all.c"
    source.write_text("#define Py_LIMITED_API 0x030b0000\n" + STABLE if limited
                      else '#include "headers.h"\n')
    tree = json.loads(run("clang", "-std=c11", "-w", "-fsyntax-only", "-Xclang", "-ast-dump=json",
                          f"-I{include}", f"-I{HERE}", source).stdout)
    found = {}
    for node in tree["inner"]:
        name = node.get("name", "")
        if node["kind"] == "EnumDecl":
            found |= enumerators(node)
        elif (node["kind"] in ("FunctionDecl", "VarDecl", "TypedefDecl")
              and re.search("Py|^[a-z]+(func|proc)$", name)):
            # A struct without a name is printed as its place in the file: that does not count.
            kind = re.sub(r"\((unnamed|anonymous)[^()]*\)", "(unnamed)", node["type"]["qualType"])
            found[name] = re.sub(r"\bstruct (_PyCFrame|_err_stackitem)\b", r"\1", kind)
    return found


def compare(title, ours, reference):
    delta = [line for line in difflib.unified_diff(reference, ours, n=0, lineterm="")
             if not line.startswith("@@")]
    print(f"{title}: {len(reference)} compared, {'same' if not delta else 'DIFFERENT'}")
    for line in delta[2:]:
        print("   ", line)
    return not delta


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--reference", default="/usr/include/python3.11")
    reference = parser.parse_args().reference
    good = True
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for dialect in DIALECTS:
            run(*dialect, *STRICT, f"-I{OURS}", HERE / "headers.h")
        limited = folder / "limited.h"
        limited.write_text(STABLE)
        for dialect in LIMITED:
            run(*dialect, *STRICT, f"-I{OURS}", limited)
        run("gcc", "-std=c11", "-fsyntax-only", f"-I{OURS}", f"-I{HERE}", HERE / "layout_asserts.c")
        print("compiles in every dialect")

        good &= compare("layouts", output_of(HERE / "layout_print.c", OURS, folder),
                        output_of(HERE / "layout_print.c", reference, folder))

        theirs, mine = macros(reference), macros(OURS)
        wanted = sorted(n for n in theirs if not NOT_OURS.fullmatch(n))
        good &= compare("macro names", [n for n in wanted if n in mine], wanted)
        plain = [n for n in wanted if n in mine and not theirs[n]]
        good &= compare("constants", constants(plain, OURS, folder),
                        constants(plain, reference, folder))

        for kind in (False, True):
            theirs, mine = declarations(reference, folder, kind), declarations(OURS, folder, kind)
            good &= compare("declarations" + (" (limited API)" if kind else ""),
                            [f"{n}: {mine[n]}" for n in sorted(theirs) if n in mine],
                            [f"{n}: {t}" for n, t in sorted(theirs.items())])
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
