# not in: asan (its allocator is another)
"""What becomes of the pools of small blocks that are freed (src/memory/pools.c): where they come and go in turn some are kept; when all
garbage is collected they go back to the system."""
import gc
import unittest

from _pages import faults, resident


class Pools(unittest.TestCase):
    def test_what_comes_and_goes_costs_no_pages(self):
        kept = []
        for turn in range(12):
            if turn == 4:
                start = faults()
            objects = [[i] for i in range(40_000)]
            kept.append(objects[turn * 1000])       # such that the arenas are not empty
            del objects
        self.assertLess(faults() - start, 2000)
        gc.collect()

    def test_collecting_returns_them(self):
        gc.collect()
        before = resident()
        for _ in range(8):
            objects = [[i] for i in range(100_000)]
            del objects
        gc.collect()
        self.assertLess(resident() - before, 2_000_000)


if __name__ == "__main__":
    unittest.main()
