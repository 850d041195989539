"""Comprehensions: lists, sets, dicts, generators, nested and filtered; unpacking and slices."""
import os

SCALE = 6 * float(os.environ.get("BENCH_SCALE", 1))
n = int(250 * SCALE ** 0.5)


def products():
    return [x * y for x in range(n) for y in range(n) if (x + y) % 3]


def triples():
    return [(a, b, c) for a in range(1, n // 2) for b in range(a, n // 2)
            if (c := int((a * a + b * b) ** 0.5)) * c == a * a + b * b]


def transposed(rows):
    return [[row[i] for row in rows] for i in range(len(rows[0]))]


for _ in range(8):
    p = products()
    unique = {x % 1009 for x in p}
    table = {x: [y for y in range(x % 7)] for x in range(n * 20)}
    total = sum(x * x for x in p if x & 1)
print(len(p), len(unique), sum(map(len, table.values())), total)
print(len(triples()))
rows = [[i * j for j in range(n)] for i in range(n)]
for _ in range(8):
    rows = transposed(rows)
print(rows[3][:5])
pairs = [(i, str(i)) for i in range(n * 200)]
print(sum(a for a, _ in pairs), len({s: a for a, s in pairs if a % 2 == 0}))
flat = [x for row in rows for x in row[1:-1:2]]
head, *middle, tail = flat
print(head, len(middle), tail, any(x < 0 for x in flat), all(x >= 0 for x in flat))
print(len([w for w in ("".join(c for c in s if c != "1") for _, s in pairs) if w]))
