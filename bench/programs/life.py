"""Sets and dicts: Conway's game of life on an endless plane."""
import os
from collections import Counter

SCALE = 3 * float(os.environ.get("BENCH_SCALE", 1))

ACORN = {(0, 0), (1, 0), (1, 2), (3, 1), (4, 0), (5, 0), (6, 0)}
AROUND = [(dx, dy) for dx in (-1, 0, 1) for dy in (-1, 0, 1) if dx or dy]


def step(alive):
    around = Counter((x + dx, y + dy) for x, y in alive for dx, dy in AROUND)
    return {cell for cell, n in around.items() if n == 3 or n == 2 and cell in alive}


def step_dict(alive):
    around = {}
    for x, y in alive:
        for dx, dy in AROUND:
            cell = x + dx, y + dy
            around[cell] = around.get(cell, 0) + 1
    return {cell for cell, n in around.items() if n == 3 or n == 2 and cell in alive}


alive = ACORN
for turn in range(int(400 * SCALE)):
    alive = step(alive) if turn % 2 else step_dict(alive)
print(len(alive), sorted(alive)[:5])
