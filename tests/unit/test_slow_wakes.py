"""Threads hand a token round while each sleep and each waking takes long: what else may happen between letting go of a lock and the
waking of who waits for it happens then, which is otherwise too seldom to be seen.
"""
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

SLOW = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>

static void delay(void)
{
    static _Thread_local unsigned seed;
    if (!seed) seed = (unsigned)((unsigned long)&seed >> 4);
    nanosleep(&(struct timespec){0, rand_r(&seed) % 4 * 20000}, 0);
}

long syscall(long number, ...)
{
    static long (*next)(long, ...);
    va_list rest;
    long a[6];
    if (!next) next = (long (*)(long, ...))dlsym(RTLD_NEXT, "syscall");
    va_start(rest, number);
    for (int i = 0; i < 6; i++) a[i] = va_arg(rest, long);
    va_end(rest);
    if (number == SYS_futex) delay();
    long result = next(number, a[0], a[1], a[2], a[3], a[4], a[5]);
    int error = errno;
    if (number == SYS_futex) delay();
    errno = error;
    return result;
}
"""

HAND_ROUND = """
import threading
condition, token = threading.Condition(), 0
def hand_on(me):
    global token
    for _ in range(200):
        with condition:
            condition.wait_for(lambda: token % 4 == me)
            token += 1
            condition.notify_all()
threads = [threading.Thread(target=hand_on, args=(me,)) for me in range(4)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(token)
"""

# Who is woken for a lock often finds it taken again, or has just stopped waiting: then the others must be woken all the same.
WOKEN_IN_VAIN = """
import queue, threading, time
lock, bounded, counter, got = threading.Lock(), queue.Queue(1), 0, []
def count():
    global counter
    for turn in range(60):
        while not lock.acquire(timeout=0.00005): pass
        counter += 1
        if turn % 8 == 0: time.sleep(0)
        lock.release()
        bounded.put(turn)
def take():
    while (item := bounded.get()) is not None: got.append(item)
counting = [threading.Thread(target=count) for _ in range(4)]
taking = [threading.Thread(target=take) for _ in range(3)]
for thread in counting + taking: thread.start()
for thread in counting: thread.join()
for _ in taking: bounded.put(None)
for thread in taking: thread.join()
print(counter, len(got), sum(got))
"""


class SlowWakes(unittest.TestCase):

    def check(self, program, expected):
        with tempfile.TemporaryDirectory() as folder:
            source, library = pathlib.Path(folder, "slow.c"), pathlib.Path(folder, "slow.so")
            source.write_text(SLOW)
            subprocess.run(["cc", "-shared", "-fPIC", "-o", library, source], check=True)
            environment = {**os.environ, "LD_PRELOAD": str(library),
                           "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0"}
            for _ in range(5):
                done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, timeout=100)
                self.assertEqual((done.returncode, done.stdout, done.stderr), (0, expected, ""))

    def test_condition_handed_round(self):
        self.check(HAND_ROUND, "800\n")

    def test_woken_in_vain(self):
        self.check(WOKEN_IN_VAIN, "240 240 7080\n")


if __name__ == "__main__":
    unittest.main()
