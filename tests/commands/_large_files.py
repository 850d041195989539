"""Makes a JSON file and a Python file of somewhat more than 1 MB each: _large_files.py NAME.json NAME.py"""
import json
import pathlib
import random
import sys

LIBRARY = pathlib.Path("/usr/lib/python3.11")
SIZE = 1_050_000


def value(depth):
    kind = random.random()
    if depth > 4 or kind < 0.3:
        return random.choice([random.random(), random.randrange(10**12), None, True, f"é\n\t\"{random.randrange(10**9):x}",
                              f"plain {random.randrange(10**6)}", -1e300, 10**40, "\U0001f600"])
    if kind < 0.6:
        return [value(depth + 1) for _ in range(random.randrange(6))]
    return {f"k{random.randrange(10**6)}": value(depth + 1) for _ in range(random.randrange(6))}


def json_text():
    values = []
    while len(json.dumps(values)) < SIZE:
        values += [value(0) for _ in range(400)]
    return json.dumps(values)


def python_text():
    text = ""
    for path in sorted(LIBRARY.glob("*.py")):
        module = path.read_text("utf-8")
        if "from __future__" not in module:
            text += module + "\n"
        if len(text) > SIZE:
            return text


random.seed(1)
pathlib.Path(sys.argv[1]).write_text(json_text())
pathlib.Path(sys.argv[2]).write_text(python_text(), "utf-8")
