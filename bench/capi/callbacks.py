"""C code that calls Python, reads attributes by name and builds values."""
from _extension import load, times

ext = load()


class Plain:
    def __init__(self):
        self.value = 5


def function(x):
    return x


ext.call_back(function, 7, times(8_000_000))
ext.call_back(len, "text", times(8_000_000))
ext.get_attribute(Plain(), "value", times(5_000_000))
ext.build_values(times(4_000_000))
print("done")
