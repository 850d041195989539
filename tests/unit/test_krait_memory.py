"""The page of krait.memory, and what it is made from."""
import json
import os
import re
import subprocess
import sys
import tempfile
import unittest

import _krait_memory

SCRIPT = """
import gc
class Node:
    pass
a, b = Node(), Node()
a.other, b.other = b, a
kept = [[i] for i in range(20_000)]
gc.collect()
"""


def figures(page):
    with open(page, encoding="utf-8") as file:
        text = file.read()
    return json.loads(re.search(r"^const F = (.*);$", text, re.MULTILINE)[1])


class Page(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.page = os.path.join(self.folder.name, "page.html")

    def run_python(self, *arguments):
        subprocess.run([sys.executable, *arguments], check=True, capture_output=True, cwd=self.folder.name)
        return figures(self.page)

    def test_script(self):
        script = os.path.join(self.folder.name, "script.py")
        with open(script, "w", encoding="utf-8") as file:
            file.write(SCRIPT)
        found = self.run_python("-m", "krait.memory", "-o", self.page, script)
        self.assertEqual(found["title"], script)
        self.assertGreaterEqual(len(found["collections"]), 10)
        self.assertGreaterEqual(found["counts"][-1][1]["list"], 20_000)
        self.assertIn("list of 20000", [entry["label"] for entry in found["retainers"][:3]])
        self.assertEqual([node["label"] for node in found["cycle"]["nodes"]], ["Node", "Node"])
        self.assertEqual(sorted(edge[2] for edge in found["cycle"]["edges"]), [".other", ".other"])

    def test_snapshot(self):
        found = self.run_python("-c", f"import krait.memory; krait.memory.snapshot({self.page!r})")
        self.assertEqual((found["collections"], found["cycle"]), ([], None))


class Figures(unittest.TestCase):
    @unittest.skipUnless(sys.getallocatedblocks(), "objects do not come from pools")
    def test_arenas(self):
        arena, pool, small = _krait_memory.constants()
        before = sys.getallocatedblocks()
        used = sum(entry[1] for _, pools in _krait_memory.arenas() for entry in pools if isinstance(entry, tuple))
        self.assertLess(abs(used - before), 2000)
        for address, pools in _krait_memory.arenas():
            self.assertEqual((address % arena, len(pools)), (0, arena // pool))

    def test_large_blocks(self):
        if not sys.getallocatedblocks():
            self.skipTest("large blocks come from malloc")
        kept = bytearray(5_000_000)
        self.assertIn(len(kept) // 1_000_000, [size // 1_000_000 for size in _krait_memory.large_blocks()])
        kept *= 4
        self.assertIn(20, [size // 1_000_000 for size in _krait_memory.large_blocks()])
        del kept
        self.assertNotIn(20, [size // 1_000_000 for size in _krait_memory.large_blocks()])

    def test_references(self):
        before = _krait_memory.references()
        kept = [None] * 5000
        self.assertAlmostEqual(_krait_memory.references() - before, len(kept), delta=50)

    def test_heap(self):
        self.assertIsNone(_krait_memory.check_heap())


if __name__ == "__main__":
    unittest.main()
