"""A ThreadPoolExecutor makes 100,000 calls."""
from concurrent.futures import ThreadPoolExecutor

from _figures import timed, times


def work(n):
    return n + 1


with ThreadPoolExecutor(4) as executor:
    with timed():
        print(sum(executor.map(work, range(times(100_000)))))
