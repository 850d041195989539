"""Sorting: the built-in sort with keys and classes, heaps, bisection, and sorts written in Python."""
import bisect
import functools
import heapq
import operator
import os
import random

SCALE = float(os.environ.get("BENCH_SCALE", 1))
random.seed(42)


class Card:
    def __init__(self, suit, rank):
        self.suit = suit
        self.rank = rank

    def __lt__(self, other):
        return (self.suit, self.rank) < (other.suit, other.rank)


def quicksort(items):
    if len(items) < 2:
        return items
    pivot = items[len(items) // 2]
    return (quicksort([x for x in items if x < pivot]) + [x for x in items if x == pivot]
            + quicksort([x for x in items if x > pivot]))


def heapsort(items):
    a = items[:]
    n = len(a)

    def sink(root, end):
        while (child := 2 * root + 1) < end:
            if child + 1 < end and a[child] < a[child + 1]:
                child += 1
            if a[root] >= a[child]:
                return
            a[root], a[child] = a[child], a[root]
            root = child

    for root in range(n // 2 - 1, -1, -1):
        sink(root, n)
    for end in range(n - 1, 0, -1):
        a[0], a[end] = a[end], a[0]
        sink(0, end)
    return a


def insertion_sort(items):
    a = items[:]
    for i in range(1, len(a)):
        x, j = a[i], i - 1
        while j >= 0 and a[j] > x:
            a[j + 1] = a[j]
            j -= 1
        a[j + 1] = x
    return a


n = int(60000 * SCALE)
ints = [random.randrange(10 ** 6) for _ in range(n)]
words = ["".join(random.choice("abcdefgh") for _ in range(6)) for _ in range(n // 2)]
for _ in range(3):
    assert sorted(ints) == sorted(ints, reverse=True)[::-1]
    sorted(words, key=len)
    sorted(words, key=lambda w: (w[-1], w))
    sorted([float(x) for x in ints])
    sorted(zip(words, ints), key=operator.itemgetter(1))
print(sorted(words)[:3], sorted(ints)[:3])
cards = [Card(x % 4, x // 4) for x in ints[:n // 4]]
print(sorted(cards)[0].rank)
print(sorted(words[:n // 8], key=functools.cmp_to_key(lambda a, b: (a > b) - (a < b)))[:2])
heap = []
for x in ints:
    heapq.heappush(heap, x)
print([heapq.heappop(heap) for _ in range(n)][::n // 4], heapq.nsmallest(3, words))
ordered = []
for x in ints[:n // 4]:
    bisect.insort(ordered, x)
expected = sorted(ints[:n // 2])
print(quicksort(ints[:n // 2]) == expected, heapsort(ints[:n // 2]) == expected)
print(insertion_sort(ints[:n // 80]) == sorted(ints[:n // 80]), ordered == sorted(ints[:n // 4]))
