"""Code objects and marshal data that no compiler made: an error each time, never a crash."""
import ast
import asyncio.base_events
import enum
import inspect
import marshal
import random
import types
import typing
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

    def test_comprehension_over_no_iterator(self):
        """The compiler's own code, called as only it should."""
        for source in ("[x for x in y]", "{x for x in y}", "{x: 1 for x in y}", "(x for x in y)"):
            code = compile(source, "code", "eval").co_consts[0]
            for operand in (5, 5.5, "a", [1], None, object()):
                with self.subTest(source, operand=operand), self.assertRaises(TypeError):
                    list(types.FunctionType(code, {})(operand))
            self.assertEqual(list(types.FunctionType(code, {})(iter([1]))), [1])

    def test_library(self):
        """What the compiler makes passes as code from outside."""
        for module in (enum, inspect, typing, ast, asyncio.base_events):
            with open(module.__file__, "rb") as file: code = compile(file.read(), module.__file__, "exec")
            codes = [marshal.loads(marshal.dumps(code))]
            for code in codes:
                codes += [constant for constant in code.co_consts if isinstance(constant, types.CodeType)]
                function = types.FunctionType(code, {}, closure=tuple(types.CellType() for _ in code.co_freevars))
                arguments = [None] * (code.co_argcount + 1)     # one too many; the code is looked at before that is found out
                try:
                    function(*arguments, **{"no such": 1})
                except SystemError:
                    raise
                except Exception:       # some take them, and fail for want of globals
                    pass

    def test_accepted(self):
        self.assertEqual(self.run_forged(co_code=b"\x97\0d\1S\0"), 1)


if __name__ == "__main__":
    unittest.main()
