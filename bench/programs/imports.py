"""Import: large modules of the standard library, again and again in new interpreters."""
import os
import subprocess
import sys

SCALE = 2 * float(os.environ.get("BENCH_SCALE", 1))
MODULES = ("argparse, ast, collections, dataclasses, datetime, enum, functools, inspect, json, logging, pathlib, pickle, "
           "random, re, statistics, string, tempfile, textwrap, tokenize, traceback, typing, unittest")
for _ in range(int(8 * SCALE) or 1):
    out = subprocess.run([sys.executable, "-c", f"import {MODULES}; print(inspect.isfunction(len), json.dumps([1, None]))"],
                         check=True, capture_output=True, text=True).stdout
print(out, end="")
