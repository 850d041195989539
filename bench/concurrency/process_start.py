"""Processes are started and waited for, with each method."""
import multiprocessing

from _figures import timed, times


def work():
    pass


if __name__ == "__main__":
    with timed():
        for method, number in (("fork", 150), ("forkserver", 50), ("spawn", 8)):
            context = multiprocessing.get_context(method)
            for _ in range(times(number)):
                process = context.Process(target=work)
                process.start()
                process.join()
    print(process.exitcode)
