"""Sorting of numbers, strs, bytes and tuples of them, which goes by digits of numbers made of them where they are many, against sorting
by a class's __lt__, which cannot."""
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

    def test_large_ints(self):
        r = random.Random(8)
        sizes = 3, 29, 30, 31, 59, 60, 61, 90, 91, 120, 400
        for n in 128, 3000:
            self.check([r.choice([1, -1]) * r.getrandbits(r.choice(sizes)) for _ in range(n)])
            self.check([r.choice([1, -1]) * (r.getrandbits(40) << r.choice([20, 21, 22, 70, 3000])) for _ in range(n)])
            self.check([r.getrandbits(40) << 70000 for _ in range(n)])
            self.check([2**200 + r.getrandbits(170) for _ in range(n)], reverse=True)

    def test_ints_and_floats_at_the_limit(self):
        r = random.Random(9)
        for top in 2**53, 2**53 + 1:
            values = [top, 2.0**53, 2**53 - 1, -2**53, -2.0**53, 0.0, -0.0, 0, math.inf, -math.inf, 5e-324]
            self.check([r.choice(values) for _ in range(2000)])

    def test_texts(self):
        r = random.Random(10)
        letters = ["a", "b", "\0", "é", "\xff", "Ω", "\uffff", "\U0001f600", "\U0010ffff", "zz"]
        for some in letters[:2], letters[:3], letters[:5], letters[5:], letters:
            for longest in 2, 4, 9, 12:
                texts = ["".join(r.choice(some) for _ in range(r.randrange(longest))) for _ in range(700)]
                self.check(texts)
                self.check(texts, reverse=True)
                self.check(texts, key=lambda text: text[::-1])
                self.check(["http://host/" + text for text in texts])
                self.check([text.encode() for text in texts])
                self.check([(text, r.randrange(3)) for text in texts])
                self.check([(r.randrange(3), text) for text in texts], reverse=True)
                self.check([(text.encode(),) for text in texts])

    def test_tuples(self):
        r = random.Random(11)
        self.check([(r.choice([0.0, -0.0, 1]), r.random()) for _ in range(2000)])
        self.check([(r.randrange(3),) * r.randrange(1, 4) for _ in range(2000)])
        nan = math.nan
        items = [(nan, r.random()) for _ in range(999)]
        self.assertEqual(sorted(items), sorted(items, key=lambda item: item[1]))
        self.check([(r.randrange(3), r.choice([(), (1,), (1, 2)])) for _ in range(999)])

    def test_comparison_raises(self):
        class Refusing:
            def __lt__(self, other):
                nonlocal left
                left -= 1
                if left < 0:
                    raise ZeroDivisionError
                return id(self) < id(other)

        for left in 0, 10, 250:     # keys that are in order already take 298
            items = [(i * 7 % 2, Refusing()) for i in range(300)]
            same = set(map(id, items))
            with self.assertRaises(ZeroDivisionError):
                items.sort()
            self.assertEqual(set(map(id, items)), same)

    def test_list_looks_empty_meanwhile(self):
        class Looking:
            def __lt__(self, other):
                lengths.add(len(items))
                return False

        lengths = set()
        items = [(i * 7 % 5, Looking()) for i in range(300)]
        items.sort()
        self.assertEqual((lengths, len(items)), ({0}, 300))


if __name__ == "__main__":
    unittest.main()
