"""Sorted lists: searched and inserted into."""
import bisect
import random
from _data import times

r = random.Random(6)
numbers, words = [], [f"word{i:06}" for i in range(20_000)]
for _ in range(times(40_000)):
    bisect.insort(numbers, r.randrange(10 ** 6))
total = 0
for i in range(times(200_000)):
    total += bisect.bisect(numbers, i * 5) + bisect.bisect_left(words, "word010000")
    if i % 4 == 0:
        total += bisect.bisect(words, i % 20, key=len)
print(total, numbers[100], bisect.bisect_right(numbers, 500_000, 10, 5000))
