"""Text processing: a text of made-up words; counts, index, longest lines, wrapped paragraphs, letters."""
import collections
import os
import random
import textwrap

SCALE = 3 * float(os.environ.get("BENCH_SCALE", 1))
random.seed(7)
SYLLABLES = "ka ri to na mu se lo vi da ne po shi ra ko".split()


def make_text(n):
    vocabulary = ["".join(random.choices(SYLLABLES, k=random.randint(1, 4))) for _ in range(3000)]
    weights = [1 / (i + 1) for i in range(len(vocabulary))]
    words = random.choices(vocabulary, weights, k=n)
    for i in range(0, n, 11):
        words[i] = words[i].capitalize()
    for i in range(10, n, 11):
        words[i] += random.choice(",.;!?") + ("\n" if i % 5 == 0 else "")
    return " ".join(words)


def count(text):
    counts = {}
    for line in text.splitlines():
        for word in line.lower().split():
            word = word.strip(",.;!?")
            if word in counts:
                counts[word] += 1
            else:
                counts[word] = 1
    return counts


def index(text):
    places = collections.defaultdict(list)
    for number, line in enumerate(text.splitlines(), 1):
        for word in line.split():
            if word[0].isupper():
                places[word].append(number)
    return places


def wrap(text, width):
    lines, line, length = [], [], 0
    for word in text.split():
        if length + len(word) + len(line) > width:
            lines.append(" ".join(line))
            line, length = [], 0
        line.append(word)
        length += len(word)
    lines.append(" ".join(line))
    return lines


text = make_text(int(200000 * SCALE))
counts = count(text)
print(len(text), len(counts), sorted(counts.items(), key=lambda kv: (-kv[1], kv[0]))[:5])
places = index(text)
print(len(places), sum(map(len, places.values())))
print(collections.Counter(text).most_common(5))
lines = wrap(text, 72)
print(len(lines), max(map(len, lines)))
print(len(textwrap.fill(text[:int(100000 * SCALE)], 60)))
print(max(text.splitlines(), key=len)[:40])
groups = collections.defaultdict(set)
for word in counts:
    groups["".join(sorted(word))].add(word)
print(max(len(g) for g in groups.values()))
