"""Dict traffic: ints, strings and tuples as keys; insertion, look-up, deletion, merging, views, memo tables."""
import os

SCALE = 2.5 * float(os.environ.get("BENCH_SCALE", 1))


def ints(n):
    d = {}
    for i in range(n):
        d[i * 7 % n] = i
    return sum(d[i] for i in range(n) if i in d), len(d)


def strings(n):
    names = [f"name{i % 1000}" for i in range(n)]
    counts = {}
    for name in names:
        counts[name] = counts.get(name, 0) + 1
    return len(counts), max(counts.values())


def tuples(n):
    grid = {(x, y): x ^ y for x in range(n) for y in range(n)}
    total = 0
    for x in range(1, n - 1):
        for y in range(1, n - 1):
            total += grid[x - 1, y] + grid[x + 1, y] - grid[x, y - 1] - grid[x, y + 1]
    return total, len(grid)


def queue(n):
    d = {}
    for i in range(n):
        d[i] = str(i)
        if len(d) > 100:
            del d[i - 100]
    return len(d), next(iter(d))


def merged(n):
    base = {f"k{i}": i for i in range(50)}
    total = 0
    for i in range(n):
        other = {**base, "extra": i}
        other |= {"k3": 0}
        total += sum(other.values()) + len(other.keys() & base.keys())
    return total


def partitions(n, largest, memo):
    if n == 0:
        return 1
    if n < 0 or largest == 0:
        return 0
    key = n, largest
    if key not in memo:
        memo[key] = partitions(n - largest, largest, memo) + partitions(n, largest - 1, memo)
    return memo[key]


n = int(500000 * SCALE)
print(ints(n))
print(strings(n))
print(tuples(int(300 * SCALE ** 0.5)))
print(queue(n))
print(merged(n // 20))
print(partitions(int(200 * SCALE ** 0.5), 100, {}))
print(sorted({v: k for k, v in zip("abcdef", range(6))}.items())[:2])
