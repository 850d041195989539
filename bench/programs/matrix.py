"""Numeric: multiplication of matrices that are lists of lists; elimination with fractions of ints."""
import os

SCALE = 2 * float(os.environ.get("BENCH_SCALE", 1))


def matrix(n, seed):
    rows = []
    for i in range(n):
        rows.append([((i * 31 + j * 17 + seed) % 101 - 50) / 10.0 for j in range(n)])
    return rows


def multiply(a, b):
    n, m, p = len(a), len(b), len(b[0])
    result = [[0.0] * p for _ in range(n)]
    for i in range(n):
        row, out = a[i], result[i]
        for k in range(m):
            factor, other = row[k], b[k]
            for j in range(p):
                out[j] += factor * other[j]
    return result


def multiply_short(a, b):
    columns = list(zip(*b))
    return [[sum(x * y for x, y in zip(row, column)) for column in columns] for row in a]


def determinant(a):
    """Bareiss: exact, in ints."""
    a = [[int(x * 10) for x in row] for row in a]
    n, previous, sign = len(a), 1, 1
    for k in range(n - 1):
        if a[k][k] == 0:
            swap = next((i for i in range(k + 1, n) if a[i][k]), None)
            if swap is None:
                return 0
            a[k], a[swap], sign = a[swap], a[k], -sign
        for i in range(k + 1, n):
            for j in range(k + 1, n):
                a[i][j] = (a[i][j] * a[k][k] - a[i][k] * a[k][j]) // previous
        previous = a[k][k]
    return sign * a[-1][-1]


n = int(120 * SCALE ** (1 / 3))
a, b = matrix(n, 1), matrix(n, 7)
c, d = multiply(a, b), multiply_short(a, b)
print(sum(map(sum, c)), all(abs(x - y) < 1e-6 for r, s in zip(c, d) for x, y in zip(r, s)))
hilbert = [[1000.0 / (i + j + 1) for j in range(24)] for i in range(24)]
print(determinant(hilbert))
print(sum(map(sum, multiply(c, d))))
