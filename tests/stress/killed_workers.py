"""A pool whose workers are killed at random: no item is lost, nothing hangs, no process stays behind.

A pool of its own, with a pipe to each worker: those of the library share queues, and a worker that dies with the lock of
one in hand may stop all the others, in the reference, too.
"""
import multiprocessing
import multiprocessing.connection
import random

from _stress import SEED, Growth, no_children, time_is_over

context = multiprocessing.get_context("fork")


def serve(pipe):
    while True:
        n = pipe.recv()
        pipe.send((n, [n * n] * 100))


class Worker:
    def __init__(self):
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(target=serve, args=(theirs,), daemon=True)
        self.process.start()
        theirs.close()

    def end(self):
        self.process.kill()
        self.process.join()
        self.process.close()
        self.pipe.close()


def do_all(r, items):
    """What the workers make of the items, however many of them die."""
    left, results, deaths = list(items), {}, 0
    busy = {}       # worker: its item
    idle = [Worker() for _ in range(3)]
    while left or busy:
        while left and idle:
            worker = idle.pop()
            try:
                worker.pipe.send(left[-1])
            except BrokenPipeError:         # it was killed when its answer was on the way
                worker.end()
                idle.append(Worker())
                deaths += 1
                continue
            busy[worker] = left.pop()
        if r.random() < 0.05:
            r.choice(list(busy)).process.kill()
        pipes = {worker.pipe: worker for worker in busy}
        for pipe in multiprocessing.connection.wait(list(pipes), timeout=30) or 1 / 0:
            worker = pipes[pipe]
            item = busy.pop(worker)
            try:
                n, result = pipe.recv()
                assert n == item
                results[n] = result
                idle.append(worker)
            except (EOFError, ConnectionResetError):
                left.append(item)
                worker.end()
                idle.append(Worker())
                deaths += 1
    for worker in idle:
        worker.end()
    return results, deaths


if __name__ == "__main__":
    growth, r, deaths = Growth(), random.Random(SEED), 0
    while not time_is_over():
        results, died = do_all(r, range(200))
        assert results == {n: [n * n] * 100 for n in range(200)}
        deaths += died
    assert deaths
    no_children()
    growth.check()
    print("all work done")
