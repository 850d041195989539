"""Pool.map of a million small items."""
import multiprocessing

from _figures import timed, times


def work(n):
    return n + 1


if __name__ == "__main__":
    with multiprocessing.Pool(2) as pool:
        pool.map(work, range(100))
        with timed():
            print(sum(pool.map(work, range(times(1_000_000)))))
