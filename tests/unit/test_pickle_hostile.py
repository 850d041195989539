"""Pickling and unpickling objects whose code uses the same Pickler or Unpickler, or which nest deeply."""
import io
import pickle
import sys
import unittest

unpickler = pickler = None


def load_again():
    try:
        unpickler.load()
    except Exception:
        pass


class Meddler:
    """Whatever is done with it, it loads from the unpickler that is at work."""

    def __hash__(self):
        load_again()
        return 1

    def __setstate__(self, state): load_again()

    def append(self, item): load_again()

    def __setitem__(self, key, value): load_again()

    def add(self, item): load_again()


class Sink:
    def write(self, data):
        try:
            pickler.clear_memo()
        except Exception:
            pass


class ForgetsMemo:
    def __init__(self):
        self.text = ["x" * 70000] * 3

    def __getstate__(self):
        pickler.clear_memo()
        pickler.memo = {}
        return self.__dict__


class InitsAgain:
    def __reduce__(self):
        pickler.__init__(Sink(), 2)
        return list, ()


class Hostile(unittest.TestCase):
    def test_load_in_load(self):
        global unpickler
        made = b"c" + __name__.encode() + b"\nMeddler\n)R"
        for body in (b"}(" + made + b"K\x01" + made + b"K\x02u.", b"}" + made + b"K\x01s.", made + b"}b.",
                     made + b"(K\x01K\x02e.", made + b"K\x01a.", b"\x8f(" + made + made + b"\x90.",
                     b"(" + made + b"K\x01d.", b"(" + made + made + b"\x91.", made + b"(K\x01K\x02u.",
                     made + b"(K\x01K\x02\x90."):
            unpickler = pickle.Unpickler(io.BytesIO(body * 50))
            for _ in range(20): load_again()

    def test_pickler_changed_in_dump(self):
        global pickler
        pickler = pickle.Pickler(Sink(), 5)
        for _ in range(5): pickler.dump([ForgetsMemo(), ForgetsMemo(), b"y" * 70000])
        for _ in range(5): pickler.dump([InitsAgain(), ForgetsMemo(), b"y" * 70000, [1, {3: InitsAgain()}]])

    def test_deep(self):
        deep = []
        for _ in range(200_000): deep = [deep]
        limit = sys.getrecursionlimit()
        sys.setrecursionlimit(10**7)
        try:
            for protocol in 0, 2, 5:
                with self.assertRaises(RecursionError): pickle.dumps(deep, protocol)
        finally:
            sys.setrecursionlimit(limit)
        n = 200_000
        self.assertEqual(len(pickle.loads(b"]" * n + b"a" * (n - 1) + b".")), 1)
        self.assertEqual(len(pickle.loads(b"(" * n + b"t" * n + b".")), 1)


if __name__ == "__main__":
    unittest.main()
