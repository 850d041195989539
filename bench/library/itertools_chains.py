"""Iterators put together: products, groups, chains, slices, running totals."""
import itertools
import operator
from _data import times

n = times(250_000)
print(sum(1 for _ in itertools.permutations(range(8))), sum(a * b for a, b in itertools.product(range(300), repeat=2)), len(list(itertools.combinations(range(20), 4))))
print(sum(sum(group) for _, group in itertools.groupby(range(n), lambda x: x // 10)), list(itertools.accumulate(range(n), operator.add))[-1])
print(sum(itertools.chain.from_iterable(itertools.repeat(range(10), n // 10))), sum(itertools.islice(itertools.count(), 5, n, 2)))
print(sum(b - a for a, b in itertools.pairwise(range(n))), sum(map(max, itertools.zip_longest(range(n), range(n // 2), fillvalue=0))))
print(sum(itertools.starmap(operator.mul, zip(range(n), range(n)))), sum(itertools.compress(range(n), itertools.cycle([1, 0, 0]))))
print(sum(itertools.takewhile(lambda x: x < n - 5, range(n))), sum(itertools.filterfalse(lambda x: x % 2, range(n))), sum(sum(t) for t in itertools.tee(range(n))))
