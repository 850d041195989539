# not in: asan (its allocator is another)
"""What becomes of large blocks that are freed (src/memory/large.c): one that is asked for again and again is kept, so that the system
need not find its pages each time; when other things are made and dropped, or all garbage is collected, it goes back."""
import gc
import resource
import unittest

from _pages import faults, resident

SIZE = 5_000_000


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
