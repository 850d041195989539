"""Binary trees of tuples and of instances: many small ones while a large one lives."""
from _resident import SCALE, measured

DEPTH = 19 if SCALE >= 1 else 13


class Node:
    def __init__(self, left, right):
        self.left = left
        self.right = right


def tuples(depth):
    return (tuples(depth - 1), tuples(depth - 1)) if depth else ()


def nodes(depth):
    return Node(nodes(depth - 1), nodes(depth - 1)) if depth else None


def count_tuples(tree):
    return 1 + sum(map(count_tuples, tree)) if tree else 1


def count_nodes(tree):
    return 1 + count_nodes(tree.left) + count_nodes(tree.right) if tree else 1


def work():
    large, found = nodes(DEPTH), []
    for depth in range(3, DEPTH - 2, 4):
        for _ in range(1 << (DEPTH - depth - 2)):
            found.append(count_tuples(tuples(depth)) + count_nodes(nodes(depth)))
    return sum(found), count_nodes(large)


measured(work)
