# doctest and unittest, by -m: what passes, what fails, what cannot be found.
# mask: (?<=in\s)\d+\.\d+s
. "$HERE/_prelude.sh"
cat >sums.py <<'P'
"""
>>> 1 + 1
2
>>> print("wrong")
right
>>> 1 / 0
Traceback (most recent call last):
ZeroDivisionError: division by zero
>>> undefined
3
"""
def double(x):
    """
    >>> double(2)
    4
    >>> double("a")
    'ab'
    """
    return x * 2
P
python -m doctest sums.py
python -m doctest -v sums.py
python -m doctest -f sums.py
printf 'Text\n\n>>> [1,\n...  2]\n[1, 2]\n>>> x\n1\n' >text.txt
python -m doctest text.txt

cat >test_things.py <<'P'
import unittest

class Things(unittest.TestCase):
    def test_passes(self): self.assertEqual(1, 1)
    def test_differs(self): self.assertEqual({"a": [1, 2]}, {"a": [1, 3]})
    def test_raises(self): {}["key"]
    @unittest.skip("why not")
    def test_skipped(self): pass
    @unittest.expectedFailure
    def test_expected(self): self.fail()
    @unittest.expectedFailure
    def test_unexpected(self): pass
    def test_parts(self):
        for i in range(3):
            with self.subTest(i=i):
                self.assertLess(i, 1)

class Nothing(unittest.TestCase):
    def test_text(self): self.assertMultiLineEqual("a\nb\n", "a\nc\n")
P
python -m unittest
python -m unittest -v test_things
python -m unittest test_things.Nothing -f
python -m unittest test_missing
python -m unittest discover -p 'test_*.py' -k passes
python -m unittest -b -q test_things.Things.test_passes

