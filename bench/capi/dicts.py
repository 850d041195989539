"""Dicts filled in C."""
from _extension import load, times

ext = load()
keys = [str(i % 5000) for i in range(200_000)]
numbers = [i % 5000 for i in range(200_000)]
for _ in range(times(50)):
    made, counted = ext.make_dict(keys), ext.make_dict(numbers)
print(len(made), made["17"], counted[17])
