"""Sorting of numbers, which goes by digits where they are many, against sorting by a class's __lt__, which cannot."""
import math
import random
import unittest


class Key:
    def __init__(self, value):
        self.value = value

    def __lt__(self, other):
        return self.value < other.value


class SortNumbers(unittest.TestCase):
    def check(self, items, key=None, **options):
        expected = sorted(items, key=lambda x: Key(key(x) if key else x), **options)
        given = sorted(items, key=key, **options)
        self.assertEqual(len(given), len(expected))
        self.assertTrue(all(x is y for x, y in zip(given, expected)))

    def test_ints(self):
        r = random.Random(5)
        for n in 100, 127, 128, 1023, 1024, 3000:
            for limit in 1, 3, 10, 1000, 2**29, 2**30, 2**31, 2**32, 2**33, 2**45, 2**59, 2**60, 2**61:
                self.check([r.randrange(-limit, limit) for _ in range(n)])
                self.check([r.randrange(limit) for _ in range(n)], reverse=True)
                self.check([r.randrange(limit) for _ in range(n)], key=lambda x: -x % 17)
            self.check([2**60 + r.randrange(5) for _ in range(n)])
            self.check([r.randrange(5) * 2**40 + r.randrange(3) for _ in range(n)])

    def test_floats(self):
        r = random.Random(6)
        special = [0.0, -0.0, 1.0, -1.0, math.inf, -math.inf, 5e-324, -5e-324, 1e308]
        for n in 128, 1000, 3000:
            self.check([r.uniform(-1, 1) for _ in range(n)])
            self.check([r.choice(special) for _ in range(n)])
            self.check([r.choice(special) for _ in range(n)], reverse=True)
            self.check([1 + r.randrange(99) * 2.0**-52 for _ in range(n)])

    def test_mixed(self):
        r = random.Random(7)
        for n in 128, 3000:
            self.check([r.random() if r.random() < .5 else r.randrange(9) for _ in range(n)])
            self.check([r.random() < .5 if r.random() < .1 else r.randrange(9) for _ in range(n)])
            self.check([str(r.randrange(99)) for _ in range(n)], key=float)
            self.check([str(r.randrange(99)) for _ in range(n)], key=int, reverse=True)

    def test_runs(self):
        for n in 128, 3000:
            self.check(list(range(n, 0, -1)))
            self.check(list(range(n)) * 2)
            self.check([x ^ 1 for x in range(n)])

    def test_nan(self):
        items = [random.random() for _ in range(999)] + [math.nan] + [random.random() for _ in range(999)]
        self.assertEqual({id(x) for x in sorted(items)}, {id(x) for x in items})


if __name__ == "__main__":
    unittest.main()
