"""queue.SimpleQueue: what it says of wrong arguments, that nothing gets lost between threads, and that cycles through it go."""
import gc
import queue
import threading
import time
import weakref

SimpleQueue = queue.SimpleQueue


def outcome(function):
    try:
        return function()
    except BaseException as error:
        return f"{type(error).__module__}.{type(error).__qualname__}: {error}"


for wrong in (
    lambda: SimpleQueue(1), lambda: SimpleQueue(a=1), lambda: SimpleQueue().put(), lambda: SimpleQueue().put(1, 2, 3, 4),
    lambda: SimpleQueue().put(1, other=2), lambda: SimpleQueue().put(1, block=[]), lambda: SimpleQueue().put_nowait(),
    lambda: SimpleQueue().get(1, 2, 3), lambda: SimpleQueue().get(True, -1), lambda: SimpleQueue().get(timeout="x"),
    lambda: SimpleQueue().get(timeout=1e30), lambda: SimpleQueue().get(timeout=1e10), lambda: SimpleQueue().get(True, float("nan")),
    lambda: SimpleQueue().get(False, -1), lambda: SimpleQueue().get(block=False), lambda: SimpleQueue().get(True, 0.01),
    lambda: SimpleQueue().get_nowait(1), lambda: SimpleQueue().get_nowait(),
):
    print(outcome(wrong))


class Derived(SimpleQueue):
    pass


class WithArgument(SimpleQueue):
    def __init__(self, argument):
        self.argument = argument


print(outcome(lambda: Derived(1)), Derived().__dict__, WithArgument(5).argument, SimpleQueue[int], queue.Empty.__module__)
print(outcome(lambda: setattr(SimpleQueue, "name", 1)))

ring = SimpleQueue()
for turn in range(100):     # the ring grows while its first item is anywhere
    for i in range(turn):
        ring.put((turn, i))
    for i in range(turn // 2):
        ring.get()
left = [ring.get_nowait() for _ in range(ring.qsize())]
print(len(left), left[:3], left[-3:], ring.empty())

shared, found, most = SimpleQueue(), [], 20_000


def getter():
    while (item := shared.get()) is not None:
        found.append(item)


threads = [threading.Thread(target=getter) for _ in range(4)]
for thread in threads:
    thread.start()
for item in range(most):
    shared.put(item)
for thread in threads:
    shared.put(None)
for thread in threads:
    thread.join()
print(sorted(found) == list(range(most)), shared.qsize())

late = SimpleQueue()
timer = threading.Timer(0.05, late.put, ["late"])
timer.start()
start = time.monotonic()
print(late.get(timeout=60), time.monotonic() - start < 30)


class Item:
    def __del__(self):
        late.put("from a destructor")


cycle = SimpleQueue()
cycle.put((cycle, Item()))
watched = weakref.ref(cycle)
del cycle
gc.collect()
print(watched(), late.get_nowait(), late.empty())
