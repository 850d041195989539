"""Numeric: pancake flips over all permutations."""
import os

SCALE = float(os.environ.get("BENCH_SCALE", 1))


def fannkuch(n):
    order = list(range(n))
    counts = [0] * n
    most = checksum = 0
    sign = 1
    while True:
        if order[0]:
            perm = order[:]
            flips = 0
            while k := perm[0]:
                perm[:k + 1] = perm[k::-1]
                flips += 1
            if flips > most:
                most = flips
            checksum += flips * sign
        if sign == 1:
            order[0], order[1] = order[1], order[0]
            sign = -1
        else:
            order[1], order[2] = order[2], order[1]
            sign = 1
            for i in range(2, n):
                if counts[i] < i:
                    counts[i] += 1
                    break
                counts[i] = 0
                if i == n - 1:
                    return checksum, most
                order.insert(i + 1, order.pop(0))


print(fannkuch(9 if SCALE >= 1 else 8))
