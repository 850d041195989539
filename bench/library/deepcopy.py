"""Copies, deep and shallow, of nested data and of objects."""
import copy
from _data import records, times


class Node:
    def __init__(self, value, next=None):
        self.value, self.next, self.items = value, next, [value, (value, value)]


data = records(1_500)
node = None
for i in range(300):
    node = Node(i, node if i % 50 else None)
for _ in range(times(4)):
    again = copy.deepcopy(data)
    print(again == data, again[0] is data[0], copy.deepcopy(node).value, len([copy.copy(record) for record in data]), copy.copy(node).next is node.next)
