# not in: asan (its allocator is another)
"""What becomes of memory that is freed. Large blocks (src/memory/large.c): one that is asked for again and again is kept, so that the
system need not find its pages each time; when other things are made and dropped, or all garbage is collected, it goes back. Likewise the
pools of small blocks (src/memory/pools.c)."""
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

    def test_growing_keeps_what_is_there(self):
        for _ in range(30):
            buffer = bytearray()
            for i in range(60):
                buffer += bytes([i]) * 50_000
            self.assertEqual([buffer[i * 50_000] for i in range(60)], list(range(60)))
            self.assertEqual(len(buffer), 3_000_000)
            del buffer[1_000_000:]
            self.assertEqual(buffer[-1], 19)
            buffer += b"x" * 2_500_000
            self.assertEqual((buffer[999_999], buffer[1_000_000], buffer[-1]), (19, 120, 120))


if __name__ == "__main__":
    unittest.main()
