"""Big ints: digits of pi, factorials, Fibonacci numbers, modular powers, conversion to text."""
import os
import sys

SCALE = 2.5 * float(os.environ.get("BENCH_SCALE", 1))
sys.set_int_max_str_digits(0)


def pi_digits(n):
    """Rabinowitz and Wagon's spigot, as Gibbons has it."""
    digits = []
    q, r, t, k, m, x = 1, 0, 1, 1, 3, 3
    while len(digits) < n:
        if 4 * q + r - t < m * t:
            digits.append(m)
            q, r, m = 10 * q, 10 * (r - m * t), (10 * (3 * q + r)) // t - 10 * m
        else:
            q, r, t, k, m, x = q * k, (2 * q + r) * x, t * x, k + 1, (q * (7 * k + 2) + r * x) // (t * x), x + 2
    return "".join(map(str, digits))


def factorial(n):
    result = 1
    for i in range(2, n + 1):
        result *= i
    return result


def fibonacci(n):
    a, b = 0, 1
    for _ in range(n):
        a, b = b, a + b
    return a


def is_probable_prime(n):
    d, s = n - 1, 0
    while d % 2 == 0:
        d, s = d // 2, s + 1
    for base in (2, 3, 5, 7, 11, 13):
        x = pow(base, d, n)
        if x in (1, n - 1):
            continue
        for _ in range(s - 1):
            x = x * x % n
            if x == n - 1:
                break
        else:
            return False
    return True


print(pi_digits(int(1500 * SCALE))[-20:])
f = factorial(int(4000 * SCALE))
text = str(f)
print(len(text), text[:20], int(text) == f, f.bit_length())
print(len(str(fibonacci(int(60000 * SCALE)))))
p = 2 ** 521 - 1
print(is_probable_prime(p), is_probable_prime(p - 2), is_probable_prime(2 ** 607 - 1))
print(sum(pow(3, i, p) for i in range(int(300 * SCALE))) % 10 ** 20)
