"""Work for the cycle collector: a large graph that lives, and around it small cycles that come and go, with weak references and
finalizers among them."""
import gc
import weakref
from _resident import SCALE, measured

NODES = int(200_000 * SCALE)


class Node:
    def __init__(self, name):
        self.name = name
        self.neighbours = []
        self.about = {"self": self}


class Ending(Node):
    ended = 0

    def __del__(self):
        Ending.ended += 1


def ring(size, kind):
    nodes = [kind(i) for i in range(size)]
    for i, node in enumerate(nodes):
        node.neighbours += nodes[i - 1], nodes[i * 7 % size]
    return nodes[0]


def work():
    lives = [Node(i) for i in range(NODES)]
    for i, node in enumerate(lives):
        node.neighbours += lives[i * 7919 % NODES], lives[i - 1]
    dead = []
    for turn in range(NODES // 20):
        ring(10, Node)
        if turn % 10 == 0:
            dead.append(weakref.ref(ring(5, Ending)))
    del lives, node
    gc.collect()
    return len(dead), sum(ref() is None for ref in dead), Ending.ended


measured(work)
