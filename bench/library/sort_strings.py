"""Sorting text: words, keys made by functions, other alphabets, bytes, by case."""
import operator
from _data import prose, times

words = prose().split()
for _ in range(times(3)):
    print(sorted(words)[1000], sorted(words, key=str.lower)[2000], sorted(words, key=len)[30_000], sorted(words, key=lambda w: w[::-1])[40_000])
    print(len(sorted(set(words))), sorted(word + "é" for word in words)[500], sorted(word.encode() for word in words)[700])
    pairs = [(len(word), word) for word in words]
    print(sorted(pairs)[900], sorted(pairs, key=operator.itemgetter(1))[100], max(pairs), min(words, key=len))
