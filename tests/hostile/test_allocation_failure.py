"""Whichever allocation fails, a program gets MemoryError or does what it should, and the interpreter stays whole."""
import pathlib
import re
import subprocess
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
PROGRAMS = HERE / "no_memory.txt"
SECONDS = 900


class NoMemory(unittest.TestCase):
    def sweep(self, name):
        done = subprocess.run([sys.executable, "-W", "ignore", HERE / "_no_memory_sweep.py", PROGRAMS, name], capture_output=True,
                              timeout=SECONDS, text=True, errors="replace")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr[-5000:])
        self.assertNotIn("runtime error:", done.stderr)


def add(name):
    setattr(NoMemory, "test_" + re.sub(r"\W", "_", name), lambda self: self.sweep(name))


for line in PROGRAMS.read_text().splitlines():
    if line.startswith("# "):
        add(line[2:])

if __name__ == "__main__":
    unittest.main()
