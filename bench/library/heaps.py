"""Heaps: of numbers, tuples, merged, largest and smallest."""
import heapq
import random
from _data import times

r = random.Random(4)
numbers = [r.random() for _ in range(times(60_000))]
heap = []
for i, x in enumerate(numbers):
    heapq.heappush(heap, (x, i))
print(heap[0], [heapq.heappop(heap) for _ in range(len(heap))][777 % len(numbers)])
for _ in range(3):
    other = numbers[:]
    heapq.heapify(other)
    total = sum(heapq.heapreplace(other, i % 100) for i in range(len(numbers)))
    print(total, heapq.heappushpop(other, 5.5), heapq.nlargest(100, numbers)[50], heapq.nsmallest(10, numbers, key=lambda x: -x)[3])
    print(sum(heapq.merge(*(sorted(numbers[i::10]) for i in range(10)))))
