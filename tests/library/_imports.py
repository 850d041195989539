"""Imports what standard input names, one module a line, each in a process forked off; prints "NAME ok" or "NAME ExceptionType: text".

A module that ends the process, or takes too long, is named by its signal or status.
"""
import importlib
import os
import signal
import sys
import warnings

SECONDS = 20


def attempt(name, out):
    sys.argv[1:] = []
    try:
        importlib.import_module(name)
        out.write(b"ok")
    except BaseException as e:
        out.write(f"{type(e).__name__}: {e}".replace("\n", " ").encode())


def main():
    warnings.simplefilter("ignore")
    null = os.open(os.devnull, os.O_RDWR)
    for name in sys.stdin.read().split():
        read, write = os.pipe()
        child = os.fork()
        if child == 0:
            signal.alarm(SECONDS)
            for descriptor in 0, 1, 2:
                os.dup2(null, descriptor)
            with open(write, "wb") as out:
                attempt(name, out)
            os._exit(0)
        os.close(write)
        with open(read, "rb") as result:
            text = result.read().decode()
        _, status = os.waitpid(child, 0)
        print(name, text or f"status {os.waitstatus_to_exitcode(status)}", flush=True)


if __name__ == "__main__":
    main()
