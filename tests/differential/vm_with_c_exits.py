"""`with` over managers in C and in Python at one place: what is called and returned, errors on both ends, profiling, tracing."""
import contextlib
import decimal
import io
import sys
import threading


def use(manager, body=None):
    with manager as value:
        if body:
            body()
        return type(value).__name__


def use_plainly(manager):
    with manager:
        pass


class Python:
    def __enter__(self):
        return 1

    def __exit__(self, *exception):
        print("exit", exception[0])
        return True


class Sub(io.BytesIO):
    def __exit__(self, *exception):
        print("sub", exception[0])
        return super().__exit__(*exception)


class OnlyEnter:
    def __enter__(self):
        pass


class OddEnter:
    __enter__ = len
    __exit__ = print


class NotBound:
    __enter__ = staticmethod(lambda: "static")
    __exit__ = staticmethod(lambda *exception: print("static exit", exception[0]))


class Borrowed:
    """Methods of another type's instances."""
    lock = threading.Lock()
    __enter__ = lock.__enter__
    __exit__ = lock.__exit__


def fail():
    raise ValueError("in the body")


def show(function, *arguments):
    try:
        print(function(*arguments))
    except Exception as error:
        print(type(error).__name__, error)


lock, rlock, condition = threading.Lock(), threading.RLock(), threading.Condition()
for turn in range(30):
    for manager in lock, rlock, condition, memoryview(b"abc"), io.BytesIO(), decimal.localcontext(), Borrowed():
        use(manager)
        use_plainly(manager if not isinstance(manager, (memoryview, io.BytesIO)) else lock)
        assert not lock.locked()
for manager in lock, rlock, memoryview(b""), io.BytesIO(), Sub(), Python(), NotBound(), Borrowed(), OddEnter(), OnlyEnter(), 5, None:
    show(use, manager)
    show(use, manager, fail)
    show(use_plainly, manager)
print(lock.locked(), Borrowed.lock.locked())


def released_inside():
    with lock:
        lock.release()


for turn in range(20):
    show(released_inside) if turn in (0, 19) else contextlib.suppress(RuntimeError).__enter__()
lock = threading.Lock()

seen = []


def note(frame, event, argument):
    seen.append((event, getattr(argument, "__name__", None), frame.f_lineno if event == "line" else None))
    return note


sys.setprofile(note)
use_plainly(lock)
sys.setprofile(None)
print([entry[:2] for entry in seen])
seen.clear()
sys.settrace(note)
use_plainly(rlock)
sys.settrace(None)
print(len(seen), seen[-1][0])

# The manager and its functions live no longer than they should.
alive = 0


class Counted(io.BytesIO):
    def __del__(self):
        global alive
        alive -= 1


for turn in range(20):
    alive += 1
    with Counted():
        pass
    assert alive == 0
print(alive)
