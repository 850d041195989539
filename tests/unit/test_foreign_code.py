"""Code objects and marshal data that no compiler made: an error each time, never a crash."""
import marshal
import random
import types
import unittest


def sample(a, b=2, *args, c=3, **kwargs):
    try:
        return [x + a for x in range(b) if x in kwargs]
    except ValueError as e:
        raise KeyError(c) from e
    finally:
        args = ()


class MarshalTest(unittest.TestCase):
    def test_forged_data(self):
        data = marshal.dumps(sample.__code__)
        rng = random.Random(1)
        for _ in range(3000):
            forged = bytearray(data)
            for _ in range(rng.randint(1, 5)):
                forged[rng.randrange(len(forged))] = rng.randrange(256)
            try:
                marshal.loads(bytes(forged))
            except (ValueError, EOFError, TypeError, SystemError, OverflowError, MemoryError):
                pass

    def test_truncated_data(self):
        data = marshal.dumps(sample.__code__)
        for size in range(len(data)):
            with self.assertRaises(EOFError):
                marshal.loads(data[:size])

    def test_tuple_that_is_its_own_item(self):
        # Hashing it would never end; only by way of a list can a tuple contain itself.
        with self.assertRaises(ValueError):
            marshal.loads(b"\xa9\x01r\0\0\0\0")
        inner = []
        inner.append((inner,))
        copy = marshal.loads(marshal.dumps(inner))
        self.assertIs(copy[0][0], copy)

    def test_nesting(self):
        with self.assertRaises(ValueError):
            marshal.loads(b")\1" * 3000 + b"N")


class ForgedCodeTest(unittest.TestCase):
    def run_forged(self, **changes):
        code = (lambda: 1).__code__.replace(**changes)
        return types.FunctionType(code, {})()

    def test_rejected(self):
        resume, ret = b"\x97\0", b"S\0"
        for body in (
            resume + b"d\xff" + ret,            # no such constant
            resume + b"|\5" + ret,              # no such local
            resume + b"t\x08" + b"\0\0" * 5 + ret,  # no such name
            resume + ret,                       # empty stack
            resume + b"\2\0" + ret,             # returns NULL
            resume + b"d\0",                    # runs off the end
            resume + b"n\x40" + ret,            # jumps out
            resume + b"\x8c\x09",               # jumps back out
            resume + b"d\0V\0" + ret,           # yields in a function
            resume + b"d\0d\0\x91\1" + ret,     # appends to what is no list
            resume + b"\xee\0" + ret,           # unknown opcode
            b"",
        ):
            with self.subTest(body=body), self.assertRaises(SystemError):
                self.run_forged(co_code=body, co_stacksize=4)

    def test_accepted(self):
        self.assertEqual(self.run_forged(co_code=b"\x97\0d\1S\0"), 1)


if __name__ == "__main__":
    unittest.main()
