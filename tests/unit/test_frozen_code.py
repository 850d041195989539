"""Code of frozen modules that lies in the binary as objects is the code that was marshalled."""
import _imp
import marshal
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
        for x in a.co_names:
            self.assertIs(x, sys.intern(x + "!"[:0]))

    def test_equal(self):
        for name in ("_frozen_importlib", "zipimport", "os", "site", "codecs", "abc", "ntpath"):
            with self.subTest(name):
                data = _imp.find_frozen(name, withdata=True)[0]
                self.compare(_imp.get_frozen_object(name), marshal.loads(data))

    def test_same_again(self):
        self.assertIs(_imp.get_frozen_object("os"), _imp.get_frozen_object("os"))

    def test_other_ways(self):
        program = "import os, site; print(os.path.join('a', 'b'), site.makepath.__code__.co_argcount)"
        for options in ([], ["-X", "no_debug_ranges"], ["-X", "stress=plain"], ["-X", "frozen_modules=off"]):
            done = subprocess.run([sys.executable, *options, "-c", program], capture_output=True, text=True)
            self.assertEqual((done.stdout, done.stderr), ("a/b 0\n", ""), options)


if __name__ == "__main__":
    unittest.main()
