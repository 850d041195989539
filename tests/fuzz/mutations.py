#!/usr/bin/python3.11
"""mutations.py STEP [START [END]]: every STEP-th one-token mutation of a program of 1,000 lines, compiled, and every tenth of those that
compile run; what comes of each in a line. Run by both interpreters, the outputs are equal (tests/commands/token_mutations.sh).

A mutation leaves a token out, doubles it, exchanges it with the next, or puts another in its place.
"""
import io
import os
import sys
import tokenize
import warnings
import zlib

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import generator

LINES = 1000
EVENTS = 3000       # of a run
OTHERS = ["(", ")", "[", "]", "{", "}", ":", ",", ".", "=", "==", "*", "**", "->", ":=", "@", ";", "if", "else", "for", "in", "def", "class", "return", "yield", "lambda",
          "await", "async", "None", "x", "1", "'s'", "f'{", "\\", "\n", "    ", "not", "import", "from", "except", "finally", "with", "match", "case", "_", "...", "!", "\u00e9", "$", "\0"]


def program():
    lines = generator.PRELUDE.splitlines()
    seed = 0
    while True:
        seed += 1
        more = generator.Maker(seed).make()[len(generator.PRELUDE):].splitlines()
        if len(lines) + len(more) > LINES: return "\n".join(lines + ["pass"] * (LINES - len(lines))) + "\n"
        lines += more


def tokens(source):
    """(start, end) of each token in the text."""
    starts = [0]
    for line in source.splitlines(keepends=True): starts.append(starts[-1] + len(line))
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.string.strip(): yield starts[token.start[0] - 1] + token.start[1], starts[token.end[0] - 1] + token.end[1]


def mutations(source):
    places = list(tokens(source))
    for i, ((start, end), (next_start, next_end)) in enumerate(zip(places, places[1:])):
        yield source[:start] + source[end:]
        yield source[:end] + " " + source[start:]
        yield source[:start] + source[next_start:next_end] + source[end:next_start] + source[start:end] + source[next_end:]
        yield source[:start] + OTHERS[i % len(OTHERS)] + source[end:]


def run(code):
    """The type of what a run ends with, and a sum of what it prints; it ends after so many lines."""
    count = 0

    def trace(frame, event, argument):
        nonlocal count
        count += 1
        if count > EVENTS: raise SystemExit("too long")
        return trace

    out, sys.stdout = sys.stdout, io.StringIO()
    try:
        sys.settrace(trace)
        exec(code, {"__name__": "mutation", "sys": sys})
        result = "ran"
    except BaseException as error:
        result = f"{type(error).__name__}: {error}"
    finally:
        sys.settrace(None)
        printed, sys.stdout = sys.stdout.getvalue(), out
    return f"{result[:200]} {zlib.crc32(printed.encode('utf-8', 'replace')) if '0x' not in printed else ''}"


def main():
    warnings.simplefilter("ignore")
    step, start, end = [*map(int, sys.argv[1:]), *(0, 1 << 30)[len(sys.argv) - 2:]]
    for number, source in enumerate(mutations(program())):
        if number >= end: break
        if number % step or number < start: continue
        try:
            code = compile(source, "mutation", "exec")
        except Exception as error:
            print(number, type(error).__name__, *[getattr(error, name, "") for name in ("msg", "lineno", "offset", "end_lineno", "end_offset")], getattr(error, "text", "")and zlib.crc32(error.text.encode()))
            continue
        print(number, "compiles", zlib.crc32(code.co_code), run(code) if number // step % 10 == 0 else "")


main()
