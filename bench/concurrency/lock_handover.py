"""Two threads that take turns: each waits for its lock and lets the other's go."""
import threading

from _figures import timed, times

locks = [threading.Lock(), threading.Lock()]
turns = times(50_000)
count = 0


def take_turns(mine, other):
    global count
    for _ in range(turns):
        mine.acquire()
        count += 1
        other.release()


locks[1].acquire()
threads = [threading.Thread(target=take_turns, args=pair) for pair in (locks, locks[::-1])]
with timed():
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
print(count)
