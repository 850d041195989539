# not in: asan (the sanitizer's own memory would not fit under the limit)
"""Memory runs out at the end of a deep recursion: the exception still arrives, whatever else cannot be made."""
import subprocess
import sys
import textwrap
import unittest

LIMIT = 60 << 20


def run(text):
    code = f"import resource; resource.setrlimit(resource.RLIMIT_AS, ({LIMIT}, {LIMIT}))\n" + textwrap.dedent(text)
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)


@unittest.skipIf(run("pass").returncode, "does not start with so little memory")
class NoMemory(unittest.TestCase):
    def test_recursion(self):
        done = run("""
            def recurse(n):
                if n:
                    recurse(n - 1)
                kept = []
                while True:
                    kept.append([None] * 10)
            try:
                recurse(100)
            except MemoryError:
                print('caught')
        """)
        self.assertEqual((done.returncode, done.stdout), (0, "caught\n"), done.stderr)

    def test_containers(self):
        done = run("""
            def tuples():
                x = 0
                while True:
                    x = (x,) * 1000, {'a': x}
            def closures():
                d = {}
                while True:
                    d[len(d)] = (lambda: d, str(d.keys)[:10] * 3)
            class Instance:
                def __init__(self):
                    self.a = {1: 2}
            def instances():
                return [Instance() for i in range(10 ** 8)]
            import gc
            spare = [bytes(1 << 20)]
            for grow in (tuples, closures, instances) * 2:
                try:
                    grow()
                except MemoryError:
                    spare.clear()
                gc.collect()            # the closures hold each other
                print(grow.__name__)
                spare.append(bytes(1 << 20))
        """)
        self.assertEqual((done.returncode, done.stdout.split()), (0, ["tuples", "closures", "instances"] * 2), done.stderr)

    def test_deque(self):
        done = run("""
            from collections import deque
            try:
                deque([1]) * 2 ** 61        # what there is so far dies with the exception on its way
            except MemoryError:
                print('caught')
        """)
        self.assertEqual((done.returncode, done.stdout), (0, "caught\n"), done.stderr)


if __name__ == "__main__":
    unittest.main()
