"""A signal every millisecond, while the main thread works and other threads do, too."""
import re
import signal
import threading
import time

from _stress import Growth, time_is_over

seen = 0
a_dict = {}


class Interruption(Exception):
    pass


def handler(number, frame):
    global seen
    seen += 1
    a_dict[seen % 50] = [frame.f_lineno] * 3
    if seen % 7 == 0:
        raise Interruption


def works():
    sorted(range(2000), key=lambda x: -x)
    re.sub("(a|b)+", "c", "abab" * 500)
    sum(range(20_000))
    {k: list(v) for k, v in list(a_dict.items())}
    time.sleep(0.001)
    threading.Event().wait(0.001)
    with open("/proc/self/status") as file:
        file.read()
    3 ** 5000 % 7 ** 1000


def other():
    while not time_is_over():
        [str(i) for i in range(500)]
        time.sleep(0.0005)


growth = Growth()
threads = [threading.Thread(target=other) for _ in range(4)]
for thread in threads:
    thread.start()
interruptions = 0
signal.signal(signal.SIGALRM, handler)
signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
while True:
    try:
        while not time_is_over():
            works()
        signal.setitimer(signal.ITIMER_REAL, 0)
        break
    except Interruption:
        interruptions += 1
    except RuntimeError as error:
        # "release unlocked lock": Event.wait was interrupted just before it had its lock back, as it may be in the reference, too.
        if not isinstance(error.__context__, Interruption):
            raise
        interruptions += 1
signal.signal(signal.SIGALRM, signal.SIG_IGN)
for thread in threads:
    thread.join()
assert interruptions and seen // 7 - interruptions <= 1, (seen, interruptions)
growth.check()
print("every handler ran")
