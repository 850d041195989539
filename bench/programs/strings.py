"""Strings: built piece by piece, joined, formatted, split, searched, replaced, translated."""
import os

SCALE = float(os.environ.get("BENCH_SCALE", 1))


def built(n):
    text = ""
    for i in range(n):
        text += chr(97 + i % 26)
    return text


def formatted(n):
    lines = []
    for i in range(n):
        lines.append(f"{i:>6} {i * 0.5:8.3f} {i:x}")
        lines.append("%d/%s" % (i, i % 7))
        lines.append("{}-{:03d}".format("row", i))
    return "\n".join(lines)


def caesar(text, shift):
    out = []
    for ch in text:
        if "a" <= ch <= "z":
            out.append(chr((ord(ch) - 97 + shift) % 26 + 97))
        else:
            out.append(ch)
    return "".join(out)


def is_palindrome(text):
    i, j = 0, len(text) - 1
    while i < j:
        if text[i] != text[j]:
            return False
        i += 1
        j -= 1
    return True


def distance(a, b):
    """Levenshtein's."""
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        previous, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            previous, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, previous + (x != y))
    return row[-1]


n = int(100000 * SCALE)
text = built(5 * n)
print(len(text), text[:5])
table = formatted(n)
print(len(table), table.count("7"), table.find("99999"))
fields = [line.split() for line in table.splitlines()]
print(len(fields), sum(len(f) for f in fields))
print(caesar(text[:2 * n], 3)[:10], text.translate(str.maketrans("abc", "xyz"))[:5])
print(sum(is_palindrome(str(i)) for i in range(2 * n)))
print(distance(text[:int(500 * SCALE)], text[7:int(600 * SCALE)]))
print(table.upper().replace("ROW", "line").title()[:40])
print(len(" ".join(w.strip("0").rjust(4, ".") for w in table.split("-"))))
