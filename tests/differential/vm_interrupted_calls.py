"""A signal that a C function raises is handled where it was called, though nobody wants the function's result: inside the `with`
and the `try` that end there."""
import _thread
import signal
from _thread import interrupt_main


class Stop(Exception):
    pass


class Expecting:
    def __enter__(self):
        return self

    def __exit__(self, kind, value, traceback):
        return kind is Stop


def handler(number, frame):
    raise Stop


signal.signal(signal.SIGTERM, handler)
signal.signal(signal.SIGINT, handler)


def by_function():
    with Expecting():
        interrupt_main()


def by_method():
    with Expecting():
        _thread.interrupt_main()


def with_argument():
    with Expecting():
        signal.raise_signal(signal.SIGTERM)


def in_try():
    try:
        interrupt_main()
    except Stop:
        pass


for function in by_function, by_method, with_argument, in_try:
    escaped = 0
    for _ in range(20):
        try:
            function()
        except Stop:
            escaped += 1
    print(function.__name__, escaped)
