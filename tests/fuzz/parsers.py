#!/usr/bin/python3.11
"""Bad input for the library's parsers of bytes and text, tried by Krait and by the reference side by side.

    tests/fuzz/parsers.py [--bin build/krait] [--minutes 10] [--seed N] [PARSER ...]

Each parser of _parsers.py gets mutations of its seeds for so many minutes, or all of them together with --together. Krait must not
crash or hang (with --bin build-asan/krait: nor be reported by a sanitizer), and the outcomes must agree. An input that made a
difference nobody has seen before is printed with both outcomes.
"""
import argparse
import pathlib
import random
import re
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import _parsers

HERE = pathlib.Path(__file__).resolve().parent
REFERENCE = "/usr/bin/python3.11"
ENVIRONMENT = {"PYTHONHASHSEED": "0", "LC_ALL": "C.UTF-8", "TZ": "UTC", "PATH": "/usr/bin:/bin", "ASAN_OPTIONS": "detect_leaks=0:allocator_may_return_null=1"}
# What the reference says where it is at fault: a field of no bytes at all in struct's format "p".
REFERENCE_FAULTS = ["SystemError: Negative size passed to PyBytes_FromStringAndSize"]
INTERESTING = [b"\0", b"\xff", b"\x80", b"(", b")", b"[", b"]", b"{", b"}", b"\\", b"'", b'"', b"%", b"9" * 20, b"-1", b"\xc3\xa9", b"\xed\xa0\x80", b"\n", b"&", b"<", b"*", b"+?"]


class Interpreter:
    """A process of _parsers.py; started again when it has ended."""

    def __init__(self, binary):
        self.binary, self.process = binary, None

    def ask(self, name, data):
        """The outcome, or how the process ended."""
        if not self.process:
            self.errors = tempfile.TemporaryFile("w+", errors="replace")    # where a pipe would fill up with the sanitizer's warnings
            self.process = subprocess.Popen([self.binary, HERE / "_parsers.py"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors,
                                            text=True, env=ENVIRONMENT)
        try:
            self.process.stdin.write(f"{name} {data.hex()}\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            pass
        text = self.process.stdout.readline().rstrip("\n")
        if text: return text
        self.process.communicate()
        self.errors.seek(0)
        error = self.errors.read()
        ended, self.process = f"ENDED {self.process.returncode}: {error[-3000:]}", None
        return ended


def mutated(data, others, r):
    data = bytearray(data)
    for _ in range(r.choice([1, 1, 2, 3, 8])):
        place, kind = r.randrange(len(data) + 1), r.randrange(7)
        end = min(len(data), place + r.choice([1, 1, 2, 4, 16]))
        if kind == 0: data[place:end] = b""
        elif kind == 1: data[place:place] = data[place:end] * r.choice([1, 2, 30])
        elif kind == 2: data[place:end] = r.choice(INTERESTING)
        elif kind == 3: data[place:place] = r.choice(INTERESTING)
        elif kind == 4 and place < len(data): data[place] ^= 1 << r.randrange(8)
        elif kind == 5 and place < len(data): data[place] = r.randrange(256)
        else:
            other = r.choice(others)
            start = r.randrange(len(other) + 1)
            data[place:place] = other[start:start + r.randrange(20)]
    return bytes(data[:2000])


def where_they_differ(a, b):
    """The two texts from shortly before the place where they begin to differ."""
    place = next((i for i, (x, y) in enumerate(zip(a, b)) if x != y), min(len(a), len(b)))
    return tuple(text[max(0, place - 60):place + 100] for text in (a, b))


def kind_of(text):
    """What varies left out, so that one fault is told once."""
    return re.sub(r"[\d.]+|\\\\x..|'[^']*'", "_", text)[40:90]


def fuzz(names, krait, reference, seconds, r):
    """The number of inputs tried, and of faults."""
    corpus = {name: list(_parsers.SEEDS[name]) for name in names}
    known = {name: set() for name in names}
    tried, faults, end = 0, set(), time.monotonic() + seconds
    while time.monotonic() < end:
        name = r.choice(names)
        data = mutated(r.choice(corpus[name]), corpus[name], r)
        ours, theirs = krait.ask(name, data), reference.ask(name, data)
        tried += 1
        if theirs[:40] not in known[name] and len(corpus[name]) < 500:     # a new outcome: worth going on from
            known[name].add(theirs[:40])
            corpus[name].append(data)
        if ours == theirs or "interrupted" in (ours + theirs) or theirs.startswith("ENDED") or any(known in theirs for known in REFERENCE_FAULTS): continue
        there, here = (theirs, ours) if ours.startswith("ENDED") else where_they_differ(theirs, ours)
        fault = (name, kind_of(there), kind_of(here))
        if fault not in faults:
            faults.add(fault)
            print(f"{name} {data.hex()}\n  reference {there}\n  krait     {here}", flush=True)
    return tried, len(faults)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bin", default=HERE.parent.parent / "build/krait")
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=time.time_ns() % 10 ** 6)
    parser.add_argument("--together", action="store_true")
    parser.add_argument("parsers", nargs="*", default=list(_parsers.PARSERS))
    options = parser.parse_args()
    krait, reference, r = Interpreter(options.bin), Interpreter(REFERENCE), random.Random(options.seed)
    print(f"seed {options.seed}")
    total = 0
    for names in [options.parsers] if options.together else [[name] for name in options.parsers]:
        tried, faults = fuzz(names, krait, reference, options.minutes * 60, r)
        total += faults
        print(f"{' '.join(names)}: {tried} inputs, {faults} faults", flush=True)
    return 1 if total else 0


if __name__ == "__main__":
    sys.exit(main())
