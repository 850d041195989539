"""Arithmetic on big ints of many lengths, and of bit patterns that carry far: digits are added and multiplied by the vector."""
import hashlib
import random

random.seed(3)
LENGTHS = 1, 2, 3, 4, 7, 8, 9, 15, 16, 17, 24, 31, 33, 40, 64, 70, 200, 500


def number():
    n = max(1, random.choice(LENGTHS) * 30 + random.randrange(-20, 20))
    kind = random.randrange(6)
    if kind == 0:
        value = (1 << n) - 1
    elif kind == 1:
        value = 1 << n
    elif kind == 2:
        value = (1 << n) - (1 << random.randrange(n))
    elif kind == 3:     # stretches of ones and of zeros
        value = 1
        while value.bit_length() < n:
            bits = random.randrange(1, 200)
            value = value << bits | random.choice((0, (1 << bits) - 1))
    else:
        value = random.getrandbits(n)
    return -value if random.random() < 0.3 else value


digest = hashlib.sha256()
for i in range(4000):
    a, b = number(), number()
    m = random.choice((number(), random.getrandbits(30), (1 << 30) - 1, random.getrandbits(60)))
    out = [a + b, a - b, a * m, m * b, a * b, -a, a + 1, a - 1, a << random.randrange(100), a >> random.randrange(100)]
    for x, y in (a, b), (a, m):
        if y:
            out += [*divmod(x, y), x // y * y + x % y == x, x * y // y == x]
    digest.update(repr([hex(x) for x in out]).encode())
    if i % 500 == 0:
        print(i, digest.hexdigest())
print(digest.hexdigest())
