"""Containers that change while something is done to them, where the reference does not survive it."""
import pathlib
import subprocess
import sys
import unittest

PROGRAM = pathlib.Path(__file__).parent.parent / "differential/changed_containers.py"


class ChangedContainers(unittest.TestCase):
    def test_survives(self):
        for name in ("OrderedDict", "bytearray", "array"):
            with self.subTest(name):
                done = subprocess.run([sys.executable, "-X", "faulthandler", PROGRAM, name], capture_output=True)
                self.assertEqual(done.returncode, 0, done.stderr[-2000:])
                self.assertNotIn(b"runtime error:", done.stderr)


if __name__ == "__main__":
    unittest.main()
