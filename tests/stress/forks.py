"""Threads fork while others compute, allocate, import and hold locks."""
# In a child of a process with threads the address sanitizer's allocator may wait for one of them for ever.
# not in: asan
import os
import threading

from _stress import Growth, no_children, run_threads, time_is_over

lock = threading.RLock()
forks, computed = [0] * 4, [0] * 4


def child():
    """Runs in the child: locks, threads and imports work."""
    found = []
    thread = threading.Thread(target=lambda: found.append(sum(range(100))))
    thread.start()
    thread.join()
    import colorsys
    fresh = threading.Lock()
    with fresh:
        found.append(len([object() for _ in range(1000)]))
    return 0 if found == [4950, 1000] and colorsys and threading.active_count() == 1 else 1


def fork(number):
    def run(r):
        while not time_is_over():
            pid = os.fork()
            if pid == 0:
                try:
                    os._exit(child())
                except BaseException:
                    os._exit(2)
            _, status = os.waitpid(pid, 0)
            assert status == 0, status
            forks[number] += 1
    return run


def compute(number):
    def run(r):
        while not time_is_over():
            with lock:
                {str(i): [i] for i in range(r.randrange(500))}
            open("/dev/null").close()
            computed[number] += 1
    return run


growth = Growth()
run_threads(*map(fork, range(4)), *map(compute, range(4)))
assert all(forks) and all(computed), (forks, computed)
no_children()
growth.check()
print("every child ended well")
