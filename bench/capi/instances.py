"""Instances of an extension type, made and dropped, and of a Python class that derives from it."""
from _extension import load, times

Thing = load().Thing


class Derived(Thing):
    def more(self):
        return self.held, self.n


def run(n):
    for i in range(n):
        Thing(i); Thing(i, 1.5); Thing(held=i)
        Derived(i).more()
    return Derived(5).more()


print(run(times(700_000)))
