"""Loops hot enough to be compiled, made at random: numbers that overflow, change their kind, end in errors; lists that are read and
written, and hold things that fit and things that do not."""
import os
import random

COUNT = int(os.environ.get("LOOPS", 60))
random.seed(int(os.environ.get("SEED", 3)))

NUMBERS = ["0", "1", "2", "3", "7", "-1", "-5", "10", "255", "1 << 20", "(1 << 31) - 1", "1 << 45", "(1 << 60) - 1", "-(1 << 60)",
           "(1 << 63) - 1", "1 << 70", "0.0", "-0.0", "0.5", "1.5", "-2.25", "1e10", "1e300", "1e-300", "float('inf')",
           "float('nan')", "True", "2.0 ** 53", "2 ** 53 + 1"]
ATOMS = ["a", "b", "c", "x", "y", "i"]


def number():
    return random.choice(NUMBERS[:12] if random.random() < .8 else NUMBERS)


def expression(depth):
    r = random.random()
    if depth <= 0 or r < .15:
        return random.choice(ATOMS) if random.random() < .75 else number()
    if r < .22:
        return f"-({expression(depth - 1)})"
    if r < .30:
        return f"values[{random.choice(['i % 8', 'i & 7', '-1', '0', '3', 'i % 9 - 4'])}]"
    if r < .36:
        return f"({expression(depth - 1)} if {condition(depth - 1)} else {expression(depth - 1)})"
    if r < .40:
        return random.choice([f"abs({expression(depth - 1)})", f"max({expression(depth - 1)}, {expression(depth - 1)})",
                              f"min({expression(depth - 1)}, {expression(depth - 1)})", "len(values)", "len(rows[i % 3])",
                              f"({random.choice(ATOMS)} ** 2)", f"(abs({random.choice(ATOMS)}) ** 0.5)", "FACTOR", "BIG", "float(i)"])
    if r < .45:
        return random.choice(["p.x", "p.y", "q.x", "q.n"])
    op = random.choice(["+"] * 6 + ["-"] * 5 + ["*"] * 5 + ["%", "//", "/", "&", "|", "^", ">>", "<<"])
    right = expression(depth - 1)
    if op == "<<":
        right = str(random.randrange(8))
    elif op == ">>":
        right = random.choice(["1", "3", "i % 5"])
    elif op in "%///" and random.random() < .7:
        right = random.choice(["7", "3", "8", "2.5", "(i % 5 + 1)", "1000003", "(1 << 16)"])
    return f"({expression(depth - 1)} {op} {right})"


def condition(depth):
    r = random.random()
    if r < .15:
        return expression(depth)
    if r < .25:
        return f"not ({condition(depth - 1)})"
    if r < .4 and depth > 0:
        return f"{condition(depth - 1)} {random.choice(['and', 'or'])} {condition(depth - 1)}"
    return f"{expression(depth)} {random.choice(['<', '<=', '==', '!=', '>', '>='])} {expression(depth)}"


def statement(indent, depth):
    pad = "    " * indent
    r = random.random()
    if r < .12 and depth > 0:
        lines = [f"{pad}if {condition(2)}:", *statement(indent + 1, depth - 1)]
        if random.random() < .5:
            lines += [f"{pad}else:", *statement(indent + 1, depth - 1)]
        return lines
    if r < .17 and depth > 0:
        return [f"{pad}for k in range({random.choice(['3', 'i % 4', '5'])}):", *statement(indent + 1, depth - 1), *limit(indent + 1)]
    if r < .21 and depth > 0:
        return [f"{pad}j{indent} = i % 6", f"{pad}while j{indent} > 0:", f"{pad}    j{indent} -= 1", *statement(indent + 1, depth - 1), *limit(indent + 1)]
    if r < .23:
        return [f"{pad}for m in {random.choice(['values', 'rows[i % 3]', '[1, 2.5, 7]', '(3, 1, 2)', 'pairs[0]'])}:", *statement(indent + 1, depth - 1),
                *limit(indent + 1)]
    if r < .24:
        return [f"{pad}if {condition(1)}: {random.choice(['break', 'continue'])}"]
    if r < .32:
        return [f"{pad}v = {expression(2)}", f"{pad}if -1e15 < v < 1e15: values[i % 8] = v"]
    if r < .38:
        return [f"{pad}x, y = {expression(1)}, {expression(1)}"]
    if r < .42:
        return [f"{pad}row = rows[i % 3]", f"{pad}x = row[i % 2]", f"{pad}row[{random.randrange(2)}] = {random.choice('abcxyi')}"]
    if r < .48:
        return random.choice([
            [f"{pad}{random.choice(['p.x', 'p.y', 'q.x', 'q.n'])} = {random.choice(ATOMS)}"],
            [f"{pad}p.x += 1"],
            [f"{pad}values[i % 8], values[i % 5] = values[i % 5], values[i % 8]"],
            [f"{pad}rows[0], rows[i % 3] = rows[i % 3], rows[0]"],
            [f"{pad}made.append(values[i % 7])", f"{pad}if len(made) > 9: made = []"],
            [f"{pad}values[i % 8] = rows[i % 3][i % 2]"],
            [f"{pad}for a, b in pairs:", *statement(indent + 1, 0), *limit(indent + 1)],
            [f"{pad}x, y = rows[i % 3]"],
            [f"{pad}made.append({random.choice(ATOMS)})", f"{pad}if len(made) > 9: made = []"],
            [f"{pad}made = [k * 2 + a for k in range(i % 5)]"],
            [f"{pad}for k in range(i, i + 6, 2): {random.choice('abc')} += k"]])
    target = random.choice("abcxy")
    if r < .75:
        mask = random.choice(["", "", " & 0xFFFFFFFF", " % 1000003"])
        value = expression(3)
        return [f"{pad}{target} = ({value}){mask}" if mask else f"{pad}{target} = {value}"]
    return [f"{pad}{target} {random.choice(['+=', '-=', '*=', '+='])} {expression(1)}"]


def limit(indent):
    """Keeps numbers from growing without end."""
    pad = "    " * indent
    lines = []
    for name in "abcxy":
        lines += [f"{pad}if {name} > 1e18 or {name} < -1e18 or {name} != {name}: {name} = i"]
    return lines


def loop(indent):
    pad = "    " * indent
    body = [line for _ in range(random.randrange(1, 5)) for line in statement(indent + 1, 2)]
    body += limit(indent + 1)
    if random.random() < .6:
        return [f"{pad}for i in range({random.choice(['n', '1, n', 'n, 0, -1', '-n, n, 3'])}):", *body]
    step = random.choice(["1", "1", "2"])
    return [f"{pad}i = 0", f"{pad}while i < n:", f"{pad}    i += {step}", *body]


def show(value):
    return [show(item) for item in value] if isinstance(value, list) else f"{type(value).__name__} {value!r}"[:60]


class Pair:
    """Two numbers in a dict."""
    def __init__(self, x, y):
        self.x, self.y = x, y


class Slots:
    """Two numbers in slots."""
    __slots__ = "x", "n"

    def __init__(self, x, n):
        self.x, self.n = x, n


def function():
    start = [f"    {name} = {number()}" for name in "abcxy"]
    values = ", ".join(number() if random.random() < .2 else random.choice(["1", "2.5", "3"]) for _ in range(8))
    return "\n".join(["def f(n, values, rows, p, q, pairs):", "    i = k = m = 0", "    made = []", *start, *loop(1), "    return a, b, c, x, y, i, k, made"]), values


for index in range(COUNT):
    source, items = function()
    if os.environ.get("SHOW"):
        print(source)
    names = {"FACTOR": random.choice([3, 2.5]), "BIG": 1 << random.choice([20, 62, 70])}
    exec(source, names)
    for n in (3, 2500, 3500):
        values, rows = eval(f"[{items}]"), [[1, 2], [0.5, 3], [7, 9]]
        p, q, pairs = Pair(1, 2.5), Slots(3, 0.5), [(1, 2), (3, 4)] if index % 2 else [(1, 0.5), (2, 7.5), (3, 1)]
        try:
            result = [show(item) for item in names["f"](n, values, rows, p, q, pairs)]
        except Exception as error:
            result = [type(error).__name__, str(error), error.__traceback__.tb_next and error.__traceback__.tb_next.tb_lineno]
        print(index, n, result, show(values), show(rows), show([p.x, p.y, q.x, q.n]))
