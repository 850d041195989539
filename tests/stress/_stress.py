"""What the programs of this folder share: how long, how to begin at random, and what must be so at the end."""
import gc
import os
import random
import sys
import threading
import time

SECONDS = float(os.environ.get("STRESS_SECONDS", 2))
SEED = int(os.environ.get("STRESS_SEED", time.time_ns() % 1_000_000))
MOST_GROWTH = 60_000        # kB of resident memory between the first half and the end

try:
    from _krait_memory import check_heap
except ImportError:         # another interpreter
    def check_heap():
        pass

deadline = time.monotonic() + SECONDS


def time_is_over():
    return time.monotonic() > deadline


def resident():
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmRSS:"))


def kept_back():
    """kB of freed blocks that the address sanitizer may keep, for a while, from being used again."""
    with open("/proc/self/maps") as file:
        return 256_000 if "libasan" in file.read() else 0


def no_children():
    """No process is left, running or dead."""
    try:
        found = os.waitpid(-1, os.WNOHANG)
    except ChildProcessError:
        return
    raise AssertionError(f"a child is left: {found}")


def run_threads(*works):
    """Runs each work(random number generator) in a thread of its own until the time is over. What one raises ends the program."""
    errors = []

    def run(work, number):
        try:
            work(random.Random(SEED * 1000 + number))
        except BaseException as error:
            errors.append(error)
            raise

    threads = [threading.Thread(target=run, args=(work, number), daemon=True) for number, work in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(SECONDS + 120)
        if thread.is_alive():
            import faulthandler
            faulthandler.dump_traceback()
            sys.exit(f"{thread} hangs; STRESS_SEED={SEED}")
    if errors:
        sys.exit(f"{errors[0]!r}; STRESS_SEED={SEED}")


class Growth:
    """Resident memory from the middle of the run to its end."""

    def __init__(self):
        self.timer = threading.Timer(SECONDS / 2, self.note)
        self.timer.daemon = True
        self.timer.start()
        self.middle = None

    def note(self):
        self.middle = resident()

    def check(self):
        self.timer.join()
        gc.collect()
        check_heap()
        growth = resident() - self.middle
        if growth > MOST_GROWTH + kept_back():
            sys.exit(f"memory grows: {growth} kB")
