"""A C function with arguments by keyword."""
from _extension import load, times

keywords = load().keywords


def run(n, x):
    for _ in range(n):
        keywords(x, second=x); keywords(x, third=x, second=x); keywords(first=x)
    return keywords(x, third=1)


print(run(times(1_500_000), "text"))
