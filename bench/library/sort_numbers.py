"""Sorting numbers: random, sorted, reversed, nearly sorted, many equal; ints, floats, both, large."""
import random
from _data import times

r = random.Random(1)
n = 60_000
ints, floats = [r.randrange(10 ** 9) for _ in range(n)], [r.random() for _ in range(n)]
nearly = list(range(n))
for _ in range(100):
    i, j = r.randrange(n), r.randrange(n)
    nearly[i], nearly[j] = nearly[j], nearly[i]
kinds = {"ints": ints, "floats": floats, "nearly": nearly, "equal": [i % 10 for i in ints], "mixed": [i if i % 2 else i + 0.5 for i in ints],
         "large": [i << 70 for i in ints], "runs": [i % 5000 for i in range(n)], "pairs": list(zip(ints, floats))}
for _ in range(times(3)):
    for name, values in kinds.items():
        values = values[:]
        values.sort()
        print(name, values[n // 2], sorted(values, reverse=True)[3])
