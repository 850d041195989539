"""Counters: of words, letters, numbers; added, subtracted, most common."""
from collections import Counter
from _data import prose, times

text = prose()
words = text.split()
for _ in range(times(6)):
    count = Counter(words)
    print(count.most_common(3), Counter(text).most_common(2), sum(count.values()), len(count - Counter(words[::2])), len(count + count))
    letters = Counter()
    for word in words[:20_000]:
        letters[word[0]] += 1
        letters.update(word[:3])
    print(letters.most_common(2), letters.total(), (letters & Counter("abc")).total())
