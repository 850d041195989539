"""Deques: queues, rings, rotation, search, copies."""
from collections import deque
from _data import times

queue, ring = deque(), deque(maxlen=100)
total = 0
for i in range(times(400_000)):
    queue.append(i)
    ring.append(i)
    if i % 3 == 0:
        queue.appendleft(i)
    if i % 2:
        total += queue.popleft() + ring[0]
print(len(queue), total, sum(queue), ring[50])
for i in range(times(2_000)):
    ring.rotate(i % 7)
    total += sum(ring) + ring.count(5) + len(ring.copy())
    total += max(ring) in ring
print(total, len(deque(range(times(300_000)))), list(reversed(ring))[:3])
