"""Threads with stacks of any size: endless recursion through C ends in RecursionError at the end of the stack, which is known without
asking the system, and some recursion is possible even in the smallest.
"""
import sys
import threading
import unittest


class Lookup:
    def __init__(self):
        self.depth = 0

    def __getattr__(self, name):
        self.depth += 1
        return getattr(self, name)


class ThreadStacks(unittest.TestCase):

    def setUp(self):
        self.limit = sys.getrecursionlimit()
        sys.setrecursionlimit(10**8)

    def tearDown(self):
        sys.setrecursionlimit(self.limit)
        threading.stack_size(0)

    def depth(self, size):
        lookups = Lookup()
        seen = []

        def recurse():
            try:
                lookups.missing
            except RecursionError:
                seen.append(lookups.depth)

        threading.stack_size(size)
        thread = threading.Thread(target=recurse)
        thread.start()
        thread.join()
        return seen[0]

    def test_sizes(self):
        depths = [self.depth(size) for size in (32 << 10, 1 << 20, 8 << 20, 64 << 20)]
        self.assertGreater(depths[0], 100)
        self.assertEqual(depths, sorted(depths))
        self.assertGreater(depths[-1], 7 * depths[-2])

    def test_nested_repr(self):
        raised = []

        def recurse():
            items = []
            for _ in range(1_000_000):
                items = [items]
            try:
                repr(items)
            except RecursionError:
                raised.append(True)

        for size in (32 << 10, 1 << 20):
            threading.stack_size(size)
            thread = threading.Thread(target=recurse)
            thread.start()
            thread.join()
        self.assertEqual(raised, [True, True])


if __name__ == "__main__":
    unittest.main()
