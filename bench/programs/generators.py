"""Generators: pipelines, delegation, send, infinite streams."""
import itertools
import os

SCALE = 2.5 * float(os.environ.get("BENCH_SCALE", 1))


def numbers(n):
    i = 0
    while i < n:
        yield i
        i += 1


def squares(source):
    for x in source:
        yield x * x


def odd(source):
    for x in source:
        if x & 1:
            yield x


def walk(tree):
    if tree is not None:
        left, value, right = tree
        yield from walk(left)
        yield value
        yield from walk(right)


def tree_of(low, high):
    if low >= high:
        return None
    middle = (low + high) // 2
    return tree_of(low, middle), middle, tree_of(middle + 1, high)


def averages():
    total = count = 0
    value = None
    while True:
        value = yield (total / count if count else 0.0)
        total += value
        count += 1


def primes():
    found = {}
    for q in itertools.count(2):
        p = found.pop(q, None)
        if p is None:
            yield q
            found[q * q] = p = q
        else:
            x = p + q
            while x in found:
                x += p
            found[x] = p


print(sum(odd(squares(numbers(int(1200000 * SCALE))))))
print(sum(walk(tree_of(0, int(50000 * SCALE)))))
mean = averages()
next(mean)
for i in range(int(1000000 * SCALE)):
    last = mean.send(i)
print(last)
print(list(itertools.islice(primes(), int(20000 * SCALE)))[-1])
print(sum(x for x in numbers(int(1000000 * SCALE)) if x % 7 == 3))
