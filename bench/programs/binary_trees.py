"""Memory: trees that are built, walked and thrown away."""
import os

SCALE = float(os.environ.get("BENCH_SCALE", 1))


def tuples(depth):
    return (tuples(depth - 1), tuples(depth - 1)) if depth else (None, None)


def count(tree):
    left, right = tree
    return 1 if left is None else 1 + count(left) + count(right)


class Node:
    __slots__ = ("left", "right")

    def __init__(self, left, right):
        self.left = left
        self.right = right

    def count(self):
        return 1 + (self.left.count() + self.right.count() if self.left else 0)


def nodes(depth):
    return Node(nodes(depth - 1), nodes(depth - 1)) if depth else Node(None, None)


deepest = 16 if SCALE >= 1 else 13
keep = tuples(deepest)
for depth in range(4, deepest + 1, 3):
    turns = 1 << (deepest - depth + 3)
    print(turns, depth, sum(count(tuples(depth)) for _ in range(turns)))
    print(turns, depth, sum(nodes(depth).count() for _ in range(turns // 4 or 1)))
print(count(keep))
