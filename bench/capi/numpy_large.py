"""Arithmetic on numpy arrays of a million."""
# needs: numpy
import numpy as np
from _extension import times

a, b = np.arange(1_000_000.0), np.ones(1_000_000)
for _ in range(times(100)):
    c = a + b * 2.0 - a
    d = np.sqrt(c) + c.sum()
print(c[7], d[8])
