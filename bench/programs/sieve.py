"""Lists and bytearrays: prime numbers by two sieves and by trial division."""
import os

SCALE = 2 * float(os.environ.get("BENCH_SCALE", 1))


def sieve_list(n):
    is_prime = [True] * (n + 1)
    is_prime[0] = is_prime[1] = False
    i = 2
    while i * i <= n:
        if is_prime[i]:
            for j in range(i * i, n + 1, i):
                is_prime[j] = False
        i += 1
    return [i for i in range(n + 1) if is_prime[i]]


def sieve_bytes(n):
    flags = bytearray([1]) * (n + 1)
    flags[0:2] = b"\0\0"
    for i in range(2, int(n ** 0.5) + 1):
        if flags[i]:
            flags[i * i::i] = bytes(len(range(i * i, n + 1, i)))
    return sum(flags)


def by_division(n):
    primes = [2]
    for candidate in range(3, n, 2):
        for p in primes:
            if p * p > candidate:
                primes.append(candidate)
                break
            if candidate % p == 0:
                break
    return primes


n = int(1500000 * SCALE)
found = sieve_list(n)
print(len(found), found[-1], sieve_bytes(3 * n))
found = by_division(int(150000 * SCALE))
print(len(found), found[-1])
