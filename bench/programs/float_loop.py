"""Loops of float arithmetic: series, a logistic map, numeric integration, a damped spring."""
import os

SCALE = 1.5 * float(os.environ.get("BENCH_SCALE", 1))


def series(n):
    total, sign = 0.0, 1.0
    for i in range(n):
        total += sign / (2.0 * i + 1.0)
        sign = -sign
    return 4.0 * total


def logistic(n):
    x = 0.3
    for _ in range(n):
        x = 3.7 * x * (1.0 - x)
    return x


def integral(n):
    step = 1.0 / n
    total, x = 0.0, step * 0.5
    while x < 1.0:
        total += x * x * (1.0 - x) + 0.5 * x
        x += step
    return total * step


def spring(n):
    place, speed, dt = 1.0, 0.0, 0.001
    for _ in range(n):
        force = -4.0 * place - 0.1 * speed
        speed += force * dt
        place += speed * dt
    return place, speed


print(series(int(3000000 * SCALE)))
print(logistic(int(3000000 * SCALE)))
print(f"{integral(int(2000000 * SCALE)):.9f}")
print(spring(int(2000000 * SCALE)))
