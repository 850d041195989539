"""A program run in a process of its own by the interpreter under test, which must survive it."""
import resource
import subprocess
import sys
import unittest

SECONDS = 250
MEMORY = 3 << 28        # of address space; sanitizers reserve more than there is
SANITIZED = b"__asan_init" in open(sys.executable, "rb").read()


class Survives(unittest.TestCase):
    memory = MEMORY

    def limit_memory(self):
        if not SANITIZED:
            resource.setrlimit(resource.RLIMIT_AS, (self.memory, self.memory))

    def survives(self, source, *options, errors=("RecursionError", "MemoryError")):
        """Runs a program: it ends by itself, well or with one of these errors. The last line that it wrote to standard error."""
        done = subprocess.run([sys.executable, "-W", "ignore", *options, "-c", source], capture_output=True, timeout=SECONDS,
                              preexec_fn=self.limit_memory)
        lines = done.stderr.decode("utf-8", "replace").strip().splitlines() or [""]
        self.assertIn(done.returncode, (0, 1), source + "\n" + "\n".join(lines[-5:]))
        self.assertNotIn(b"runtime error:", done.stderr, source)
        if done.returncode and errors is not None:
            self.assertIn(lines[-1].partition(":")[0], errors, source)
        return lines[-1]
