# not in: asan (its allocator is another)
"""What becomes of large blocks that are freed (src/memory/large.c): one that is asked for again and again is kept, so that the system
need not find its pages each time; when other things are made and dropped, or all garbage is collected, it goes back."""
import gc
import resource
import unittest

SIZE = 5_000_000


def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt


def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize()


class LargeBlocks(unittest.TestCase):
    def setUp(self):
        gc.collect()
        self.before = resident()
        for _ in range(8):
            bytes(SIZE)

    def test_temporaries_cost_no_pages(self):
        start = faults()
        for _ in range(20):
            bytes(SIZE)
        self.assertLess(faults() - start, SIZE // resource.getpagesize())

    def test_collecting_returns_them(self):
        gc.collect()
        self.assertLess(resident() - self.before, SIZE // 2)

    def test_other_work_returns_them(self):
        objects = [object() for _ in range(300_000)]
        del objects
        self.assertLess(resident() - self.before, SIZE // 2)


if __name__ == "__main__":
    unittest.main()
