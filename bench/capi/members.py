"""Members and attributes of an extension type, read and written."""
from _extension import load, times

Thing = load().Thing


def run(n, thing):
    for i in range(n):
        thing.held; thing.n; thing.x; thing.held; thing.n
        thing.n = i
        thing.held = thing.n
    return thing.held, thing.n, thing.x


print(run(times(1_500_000), Thing("held", 2.5)))
