"""The report of threads and the GIL: -X gil=report, krait.threads and its page, _krait_threads."""
import array
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
import unittest

import _krait_threads

SCRIPT = """
import threading, time
def compute():
    end = time.thread_time() + 0.1
    while time.thread_time() < end:
        sum(i * i for i in range(1000))
threads = [threading.Thread(target=compute, name=f"compute {i}") for i in range(2)]
threads.append(threading.Thread(target=time.sleep, args=(0.3,), name="sleeper"))
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
"""


class Report(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.script = os.path.join(folder.name, "script.py")
        self.page = os.path.join(folder.name, "page.html")
        with open(self.script, "w", encoding="utf-8") as file:
            file.write(SCRIPT)

    def test_option(self):
        done = subprocess.run([sys.executable, "-X", "gil=report", self.script], check=True, capture_output=True, text=True)
        shares = {name.strip(): tuple(map(float, figures)) for name, *figures in
                  re.findall(r"^(.{36}) +[\d.]+ +([\d.]+)% +([\d.]+)% +([\d.]+)%", done.stderr, re.M)}
        self.assertEqual(list(shares), ["MainThread", "compute 0", "compute 1", "sleeper"])
        self.assertGreater(shares["compute 0"][0] + shares["compute 0"][1], 50)
        self.assertGreater(shares["compute 1"][1], 5)
        self.assertGreater(shares["sleeper"][2], 50)
        for figures in shares.values():
            self.assertAlmostEqual(sum(figures), 100, delta=0.2)

    def test_page(self):
        subprocess.run([sys.executable, "-m", "krait.threads", "-o", self.page, self.script], check=True, capture_output=True)
        with open(self.page, encoding="utf-8") as file:
            figures = json.loads(re.search(r"^const F = (.*);$", file.read(), re.MULTILINE)[1])
        self.assertEqual(figures["title"], self.script)
        by_name = {thread["name"]: thread for thread in figures["threads"]}
        self.assertEqual(list(by_name), ["MainThread", "compute 0", "compute 1", "sleeper"])
        for thread in figures["threads"]:
            self.assertAlmostEqual(sum(thread["totals"]), thread["end"] - thread["start"], places=4)
            self.assertEqual(len(thread["line"][0]), len(thread["line"][1]))
        self.assertGreater(by_name["sleeper"]["totals"][0], 0.2)

    def test_child_has_none(self):
        code = "import os\nif not os.fork(): raise SystemExit\nos.wait()"
        done = subprocess.run([sys.executable, "-X", "gil=report", "-c", code], check=True, capture_output=True, text=True)
        self.assertEqual(done.stderr.count("MainThread"), 1)


    def test_snapshot_without_record(self):
        done = subprocess.run([sys.executable, "-c", "import krait.threads; krait.threads.snapshot()"], capture_output=True, text=True)
        self.assertEqual(done.stderr.splitlines()[-1], "RuntimeError: krait.threads.record() has not been called")

    def test_child_records_anew(self):
        code = ("import os, _krait_threads as t\nt.start()\nif os.fork(): raise SystemExit(os.wait()[1])\n"
                "assert not t.figures()['threads']\nt.start()\nassert len(t.figures()['threads']) == 1")
        subprocess.run([sys.executable, "-c", code], check=True)


class Figures(unittest.TestCase):
    def test_time_lines(self):
        """The pieces of a time line add up to the totals, and all threads together held the lock no longer than there was time."""
        _krait_threads.start()
        thread = threading.Thread(target=lambda: [sum(range(1000)) for _ in range(20_000)])
        thread.start()
        time.sleep(0.05)
        thread.join()
        figures = _krait_threads.figures()
        self.assertEqual(len(figures["threads"]), 2)
        for name, start, end, (outside, waiting, holding), asked, held, waited in figures["threads"]:
            for total, line in ((holding, held), (waiting, waited)):
                self.assertAlmostEqual(sum(array.array("f", line)) * figures["bin"], total, delta=0.001 + total / 100)
            self.assertLessEqual(max(array.array("f", held)), 1.001)
        self.assertLessEqual(sum(entry[3][2] for entry in figures["threads"]), figures["seconds"] * 1.01)

    def test_many_threads(self):
        _krait_threads.start()
        for _ in range(500):
            thread = threading.Thread(target=int)
            thread.start()
            thread.join()
        figures = _krait_threads.figures()
        self.assertEqual(len(figures["threads"]) + figures["left_out"], 501)


if __name__ == "__main__":
    unittest.main()
