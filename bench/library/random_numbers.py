"""Random numbers of every kind, choices, shuffles, samples."""
import random
from _data import times

r = random.Random(7)
n = times(60_000)
letters = "abcdefghij"
print(sum(r.random() for _ in range(n)), sum(r.randrange(1000) for _ in range(n)), sum(r.randint(1, 6) for _ in range(n)))
print(sum(r.uniform(1, 5) for _ in range(n)), sum(r.gauss(0, 1) for _ in range(n)), sum(r.expovariate(3) for _ in range(n)), r.getrandbits(100))
print("".join(r.choice(letters) for _ in range(n))[:20], r.choices(letters, range(1, 11), k=n)[:5], sum(r.sample(range(n), n // 3)) % 1000)
deck = list(range(n))
r.shuffle(deck)
print(deck[:5], sum(r.normalvariate(0, 1) for _ in range(n)), sum(r.triangular(0, 1) for _ in range(n)), len(r.randbytes(n)))
