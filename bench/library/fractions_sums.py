"""Fractions: sums, products, comparison, limits of denominators."""
from fractions import Fraction
from _data import times

total = Fraction(0)
for i in range(1, times(500)):
    total += Fraction(1, i)
print(len(str(total)), float(total))
x = Fraction(1)
for i in range(times(25_000)):
    x = (x + Fraction(i % 7 + 1, i % 5 + 2)) * Fraction(3, 4) - 1
    if x.denominator > 10 ** 6:
        x = x.limit_denominator(1000)
    if x > 10 or x == Fraction(1, 2):
        x = Fraction("3/7") + int(x)
print(x, sorted(Fraction(i * 37 % 101, i % 13 + 1) for i in range(times(5_000)))[77], hash(x) % 7)
