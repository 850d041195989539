"""Text appended to short text in blocks of every origin: cut from long text, from a pool, empty, shared, with neighbours to damage."""


def cut(n):
    return (b"\xff" * 3000 + b"a" * n).decode("ascii", "ignore")


def joined(n):
    return "".join(["a"] * n)


def shrunk_repr(n):
    return ("\u00e9" * 2000 + "a" * n).encode("ascii", "ignore").decode()


def build(make, n, tail):
    kept = []
    for i in range(40):
        text = make(n)
        text += tail
        kept.append(text)
        kept.append(b"y" * (600 + n))       # lies behind it where both come from malloc
    return kept


count = 0
for make in cut, joined, shrunk_repr:
    for n in range(1, 70):
        for t in range(1, 17):
            kept = build(make, n, "b" * t)
            count += sum(text == "a" * n + "b" * t for text in kept[::2])
            count += sum(block == b"y" * (600 + n) for block in kept[1::2])
print(count)

# Whoever else holds the text keeps the old one, and its hash is that of what it says.
for n in range(1, 70):
    text = cut(n)
    table = {text: n}
    other = text
    text += "b"
    assert other == "a" * n and table[other] == n and text not in table, n
    text = cut(n)
    before = hash(text)
    text += "c"
    assert hash(text) == hash("a" * n + "c") != before, n
print("ok")
