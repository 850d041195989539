"""After a fork only one thread is left in the child; what it holds of the others' frames stays good."""
import gc
import os
import sys
import threading
import unittest


class ForkedFrames(unittest.TestCase):
    def setUp(self):
        self.frames, self.generators = [], []
        self.ready, self.end = threading.Barrier(2), threading.Event()
        self.thread = threading.Thread(target=self.outer, args=(["an object of the thread's"],))
        self.thread.start()
        self.ready.wait()

    def tearDown(self):
        self.end.set()
        self.thread.join()

    def outer(self, things):
        for _ in self.inner(things):
            break

    def inner(self, things):
        frame = sys._getframe()
        self.frames += [frame, frame.f_back]
        self.generators.append(self.generator(things))
        next(self.generators[0])
        yield

    def generator(self, things):
        self.frames.append(sys._getframe())
        self.innermost(f"text number {len(things)}")
        yield

    def innermost(self, text):
        self.frames.append(sys._getframe())
        self.ready.wait()
        self.end.wait()

    def in_child(self, check):
        pid = os.fork()
        if pid == 0:
            status = 1
            try:
                check()
                status = 0
            finally:
                os._exit(status)
        self.assertEqual(os.waitpid(pid, 0)[1], 0)

    def look(self):
        gc.collect()
        inner, outer, generator, innermost = self.frames
        assert [f.f_code.co_name for f in self.frames] == ["inner", "outer", "generator", "innermost"]
        assert all(f.f_lineno > f.f_code.co_firstlineno for f in self.frames)
        assert innermost.f_locals["text"] == "text number 1"
        assert outer.f_locals["things"] is inner.f_locals["things"] == ["an object of the thread's"]
        assert innermost.f_back is generator
        assert outer.f_back.f_code.co_name == "run"

    def test_frames(self):
        self.in_child(self.look)

    def test_frames_of_several_forks(self):
        def again():
            self.look()
            self.in_child(self.look)
        self.in_child(again)

    def test_new_threads_use_the_memory(self):
        def check():
            for _ in range(20):
                thread = threading.Thread(target=lambda: sum(range(1000)))
                thread.start()
                thread.join()
            self.look()
        self.in_child(check)

    def test_dropping_them(self):
        def check():
            sys.unraisablehook = lambda unraisable: None     # they cannot be closed: they are executing, for ever
            self.frames.clear()
            self.generators.clear()
            gc.collect()
        self.in_child(check)


if __name__ == "__main__":
    unittest.main()
