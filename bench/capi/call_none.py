"""A C function without arguments."""
from _extension import load, times

none = load().none


def run(n):
    for _ in range(n):
        none(); none(); none(); none(); none(); none(); none(); none(); none(); none()


run(times(2_000_000))
print("done")
