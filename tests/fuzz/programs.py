#!/usr/bin/python3.11
"""Fuzzing of the VM: random programs (generator.py) run by Krait and by the reference, what they print compared.

    tests/fuzz/programs.py [--bin build/krait] [--seed N] [--count N | --minutes N] [--stress MODE] [--keep FOLDER]

The first difference is made small and printed, and the exit status is 1. Program N is the same every time: --seed N --count 1 shows it
again. Some programs run while traced or profiled, and then the events are compared too.
"""
import argparse
import ast
import difflib
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import warnings

import generator

HERE = pathlib.Path(__file__).resolve().parent
REFERENCE = "/usr/bin/python3.11"
BATCH = 50
MODES = ["", "", "", "", "trace", "trace opcodes", "profile"]


def mode_of(seed):
    return MODES[seed % len(MODES)]


def run(binary, programs, stress=""):
    """{seed: text} of what [(seed, mode, source)] print; a program that ends the process has a text that says so."""
    with tempfile.TemporaryDirectory(prefix="krait-fuzz-") as folder:
        given, results = f"{folder}/programs.json", f"{folder}/results"
        pathlib.Path(given).write_text(json.dumps(programs))
        environment = {"PATH": os.environ["PATH"], "PYTHONHASHSEED": "0", "LC_ALL": "C.UTF-8", "ASAN_OPTIONS": "detect_leaks=0:allocator_may_return_null=1"}
        if stress: environment["KRAIT_STRESS"] = stress
        try:
            done = subprocess.run([binary, HERE / "_execute.py", given, results], cwd=folder, env=environment, capture_output=True, timeout=100 + 30 * len(programs))
            status, errors = done.returncode, done.stderr.decode("utf-8", "replace")
        except subprocess.TimeoutExpired:
            status, errors = "time-out", ""
        seen = {}
        if os.path.exists(results):
            for line in pathlib.Path(results).read_text().splitlines():
                seed, text = json.loads(line)
                seen[seed] = text
    if status or "runtime error" in errors:
        lost = [p[0] for p in programs if p[0] not in seen]
        culprit = lost[0] if lost else programs[-1][0]
        seen[culprit] = f"the process ended: {status}\n{errors[-3000:]}"
        if lost[1:]:
            seen |= run(binary, programs[len(seen):], stress)
    return seen


def settled(text):
    """Text without what may differ: the order in sets of what hashes by its address (None, a NaN), and so which two of them sorting
    finds that it cannot compare; what exactly came to the recursion limit, and in which round, for the reference counts calls of C
    code less once they are hot."""
    if not text: return text
    if "maximum recursion depth" in text: text = re.sub(r"((?:^ in .*\n){1,4}?)\1+", r"\1", text, flags=re.MULTILINE)
    text = re.sub("(maximum recursion depth exceeded)[A-Za-z ]+", r"\1", text)
    text = re.sub(r"'<' not supported between instances of '\w+' and '\w+'", "'<' not supported", text)
    return re.sub(r"\{([^{}:]*)\}", lambda found: f"{{{', '.join(sorted(found[1].split(', ')))}}}", text)


def differs(krait, program, stress):
    """(reference's text, Krait's) if they differ, else None."""
    ours, theirs = run(krait, [program], stress)[program[0]], run(REFERENCE, [program])[program[0]]
    return (theirs, ours) if settled(ours) != settled(theirs) and theirs != "time-out" else None


def simpler(tree):
    """Each way to leave something out of a tree, done to it, and undone when the caller asks for the next."""
    for node in list(ast.walk(tree)):
        for field in ("body", "orelse", "finalbody", "handlers", "cases"):
            statements = getattr(node, field, None)
            if not isinstance(statements, list): continue
            size = len(statements)
            while size:
                start = 0
                while start < len(statements):
                    kept = statements[:]
                    statements[start:start + size] = []
                    if not statements and field == "body": statements.append(ast.Pass())
                    if statements == kept or len(statements) == 1 == len(kept) and isinstance(kept[0], ast.Pass):
                        statements[:] = kept
                        start += size
                        continue
                    if not (yield):
                        statements[:] = kept
                        start += size
                size //= 2
            for i, inner in enumerate(statements):      # a statement gives way to what is in it
                for part in ("body", "orelse", "finalbody"):
                    if isinstance(getattr(inner, part, None), list) and not isinstance(inner, ast.ClassDef):
                        kept = statements[:]
                        statements[i:i + 1] = getattr(inner, part)
                        if not statements and field == "body": statements.append(ast.Pass())
                        if (yield): break
                        statements[:] = kept


def minimised(krait, program, stress, seconds):
    seed, mode, source = program
    end = time.time() + seconds
    best = source
    progress = True
    while progress and time.time() < end:
        progress = False
        tree = ast.parse(best)
        ways = simpler(tree)
        accepted = None
        while time.time() < end:
            try:
                ways.send(accepted)
            except StopIteration:
                break
            try:
                text = ast.unparse(ast.fix_missing_locations(tree))
                compile(text, "program", "exec")
                accepted = bool(differs(krait, (seed, mode, text), stress))
            except (SyntaxError, ValueError, AttributeError, TypeError):
                accepted = False
            if accepted and len(text) < len(best): best, progress = text, True
    return seed, mode, best


def report(krait, program, options):
    found = differs(krait, program, options.stress)
    seed, mode, source = program
    if not found:
        print(f"program {seed} [{mode}] differs only after others; see {options.keep or '--keep'}", flush=True)
        return
    small = program
    try:
        small = minimised(krait, program, options.stress, options.seconds)
        found = differs(krait, small, options.stress) or found
    except SyntaxError:
        pass
    print(f"==== program {seed} [{mode}]\n{small[2]}")
    print("\n".join(list(difflib.unified_diff(*(text.splitlines() for text in found), "reference", "krait", n=2, lineterm=""))[:40]), flush=True)
    if options.keep:
        os.makedirs(options.keep, exist_ok=True)
        pathlib.Path(options.keep, f"{seed}.py").write_text(f"# mode: {mode}\nimport sys\n{small[2]}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bin", type=pathlib.Path, default=HERE.parent.parent / "build/krait")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--minutes", type=float)
    parser.add_argument("--stress", default="")
    parser.add_argument("--seconds", type=int, default=60, help="at most so long to make a difference small")
    parser.add_argument("--keep", help="a folder for the programs that differ; and go on")
    options = parser.parse_args()
    krait = options.bin.absolute()
    warnings.simplefilter("ignore")

    start, seed, failures, skipped = time.time(), options.seed, 0, 0
    end = options.seed + options.count if not options.minutes else 1 << 60
    while seed < end and not (options.minutes and time.time() - start > 60 * options.minutes):
        programs = [(n, mode_of(n), generator.make(n)) for n in range(seed, min(seed + BATCH, end))]
        ours, theirs = run(krait, programs, options.stress), run(REFERENCE, programs)
        for program in programs:
            n = program[0]
            if theirs.get(n) == "time-out": skipped += 1
            elif settled(ours.get(n)) != settled(theirs.get(n)):
                failures += 1
                report(krait, program, options)
                if not options.keep: return 1
        seed += len(programs)
    print(f"{seed - options.seed} programs, {failures} differ, {skipped} too long, {time.time() - start:.0f} s")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
