"""An interpreter in the interpreter: a stack machine, and match statements over a tree of tuples and classes."""
import os
from dataclasses import dataclass

SCALE = 2.5 * float(os.environ.get("BENCH_SCALE", 1))


def machine(program, n):
    stack, memory, place, steps = [], [0] * 8, 0, 0
    memory[0] = n
    while True:
        op, argument = program[place]
        place += 1
        steps += 1
        if op == "load":
            stack.append(memory[argument])
        elif op == "push":
            stack.append(argument)
        elif op == "store":
            memory[argument] = stack.pop()
        elif op == "add":
            b = stack.pop()
            stack.append(stack.pop() + b)
        elif op == "sub":
            b = stack.pop()
            stack.append(stack.pop() - b)
        elif op == "jump":
            place = argument
        elif op == "jump if zero":
            if not stack.pop():
                place = argument
        else:
            return memory[1], steps


SUM = [("load", 0), ("jump if zero", 11), ("load", 1), ("load", 0), ("add", None), ("store", 1), ("load", 0), ("push", 1),
       ("sub", None), ("store", 0), ("jump", 0), ("halt", None)]


@dataclass
class Num:
    value: int


@dataclass
class Op:
    sign: str
    left: object
    right: object


def evaluate(tree):
    match tree:
        case Num(value):
            return value
        case Op("+", left, right):
            return evaluate(left) + evaluate(right)
        case Op("*", left, Num(0)) | Op("*", Num(0), left):
            return 0
        case Op("*", left, right):
            return evaluate(left) * evaluate(right) % 1000003
        case _:
            raise TypeError(tree)


def simplify(tree):
    match tree:
        case ["+", 0, x] | ["+", x, 0]:
            return simplify(x)
        case ["*", 1, x] | ["*", x, 1]:
            return simplify(x)
        case [op, left, right]:
            return [op, simplify(left), simplify(right)]
        case int() | str():
            return tree


def tree_of(depth, seed):
    if depth == 0:
        return Num(seed % 10)
    return Op("+*"[seed % 2], tree_of(depth - 1, seed * 3 + 1), tree_of(depth - 1, seed * 5 + 2))


def list_of(depth, seed):
    if depth == 0:
        return seed % 3
    return ["+*"[seed % 2], list_of(depth - 1, seed * 3 + 1), list_of(depth - 1, seed * 5 + 2)]


print(machine(SUM, int(120000 * SCALE)))
tree = tree_of(12, 7)
print([evaluate(tree) for _ in range(int(40 * SCALE) or 1)][-1])
print(len(str([simplify(list_of(11, 5)) for _ in range(int(30 * SCALE) or 1)][-1])))
