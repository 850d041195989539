"""Code of frozen modules, and of modules of the library, that lies in the binary as objects is the code that was marshalled."""
import _imp
import importlib.util
import marshal
import pathlib
import subprocess
import sys
import types
import unittest

FIELDS = [name for name in dir(types.CodeType) if name.startswith("co_") and name not in ("co_lines", "co_positions", "co_consts")]


class StaticCode(unittest.TestCase):
    def compare(self, a, b):
        for name in FIELDS:
            self.assertEqual(getattr(a, name), getattr(b, name), (a.co_filename, a.co_qualname, name))
        self.assertEqual(list(a.co_positions()), list(b.co_positions()))
        self.assertEqual(len(a.co_consts), len(b.co_consts))
        for x, y in zip(a.co_consts, b.co_consts):
            if isinstance(x, types.CodeType):
                self.compare(x, y)
            else:
                self.assertEqual((type(x), x), (type(y), y))

    def test_equal(self):
        for name in ("_frozen_importlib", "zipimport", "os", "site", "codecs", "abc", "ntpath"):
            with self.subTest(name):
                data = _imp.find_frozen(name, withdata=True)[0]
                self.compare(_imp.get_frozen_object(name), marshal.loads(data))

    def test_library(self):
        """The first reading gives what lies in the binary, if the file is the one that the build knew; the second never does."""
        for name in ("calendar", "csv", "fractions", "re._casefix", "statistics", "zipfile"):
            with self.subTest(name):
                path = pathlib.Path(importlib.util.cache_from_source(importlib.util.find_spec(name).origin))
                if not path.exists():
                    continue
                data = path.read_bytes()[16:]
                first, second = marshal.loads(data), marshal.loads(data)
                self.assertIsNot(first, second)
                self.compare(first, second)
                self.assertEqual(first, second)
                self.assertIsNot(second, marshal.loads(data))

    def test_names_are_interned(self):
        """At the latest when the code runs."""
        import reprlib
        function = reprlib.Repr.repr_list
        self.assertEqual(function(reprlib.aRepr, [1], 3), "[1]")
        for code in (function.__code__, sys.modules["os"].fsencode.__code__):
            if code is not function.__code__:
                sys.modules["os"].fsencode("a")
            for name in code.co_names + code.co_varnames:
                self.assertIs(name, sys.intern("".join(list(name))))

    def test_same_again(self):
        self.assertIs(_imp.get_frozen_object("os"), _imp.get_frozen_object("os"))

    def test_other_ways(self):
        program = "import os, site; print(os.path.join('a', 'b'), site.makepath.__code__.co_argcount)"
        for options in ([], ["-X", "no_debug_ranges"], ["-X", "stress=plain"], ["-X", "frozen_modules=off"]):
            done = subprocess.run([sys.executable, *options, "-c", program], capture_output=True, text=True)
            self.assertEqual((done.stdout, done.stderr), ("a/b 0\n", ""), options)


if __name__ == "__main__":
    unittest.main()
