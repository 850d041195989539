"""Locks, conditions, semaphores, barriers, events and queues between many threads, with time-outs: nothing gets lost, nobody starves."""
import queue
import threading

from _stress import Growth, run_threads, time_is_over

lock, reentrant, condition = threading.Lock(), threading.RLock(), threading.Condition()
semaphore, inside, most_inside = threading.BoundedSemaphore(3), 0, 0
counts = {"lock": 0, "reentrant": 0, "timed": 0}
made, used = [0] * 8, [0] * 8
items, simple = [], queue.SimpleQueue()
turns = [0] * 32
finished = threading.Barrier(32)


def with_locks(r):
    with lock:
        counts["lock"] += 1
    with reentrant, reentrant:
        counts["reentrant"] += 1
    while not lock.acquire(timeout=r.random() / 1000):
        pass
    counts["timed"] += 1
    lock.release()


def with_semaphore(r):
    global inside, most_inside
    with semaphore:
        with reentrant:
            inside += 1
            most_inside = max(most_inside, inside)
        [object() for _ in range(r.randrange(200))]
        with reentrant:
            inside -= 1


def turn(number):
    def run(r):
        while not time_is_over():
            with_locks(r)
            with_semaphore(r)
            turns[number] += 1
        finished.wait(60)
    return run


def make(number):
    def run(r):
        while not time_is_over():
            with condition:
                condition.wait_for(lambda: len(items) < 20, timeout=0.05)
                items.append(number)
                condition.notify_all()
            simple.put(number)
            made[number] += 1
    return run


def use(number):
    def run(r):
        while not time_is_over():
            with condition:
                if condition.wait_for(lambda: items, timeout=r.random() / 100):
                    items.pop()
                    condition.notify()
                    used[number] += 1
            try:
                simple.get(timeout=0.001)
            except queue.Empty:
                pass
    return run


growth = Growth()
run_threads(*map(turn, range(32)), *map(make, range(8)), *map(use, range(8)))
assert set(counts.values()) == {sum(turns)}, (counts, sum(turns))
assert most_inside <= 3 and inside == 0
assert sum(made) == sum(used) + len(items)
assert all(turns) and all(made), (turns, made)
growth.check()
print("nothing lost")
