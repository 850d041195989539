"""Methods of an extension type, called on one object and on many."""
from _extension import load, times

Thing = load().Thing


def run(n, things):
    thing = things[0]
    for i in range(n):
        thing.method(); thing.put(i); thing.method(); thing.put(thing); thing.put(None)
        for other in things:
            other.method()
    return thing.method()


print(run(times(800_000), [Thing(i) for i in range(4)]))
