"""A chain of 1,000 queues: two threads pass items along it, by turns."""
import queue
import threading

from _figures import timed, times

queues = [queue.Queue() for _ in range(1001)]
rounds = times(20)


def pass_on(first):
    for _ in range(rounds):
        for i in range(first, 1000, 2):
            queues[i + 1].put(queues[i].get())


threads = [threading.Thread(target=pass_on, args=(first,)) for first in (0, 1)]
with timed():
    for thread in threads:
        thread.start()
    for i in range(rounds):
        queues[0].put(i)
    for thread in threads:
        thread.join()
print([queues[1000].get() for _ in range(rounds)])
