"""Numeric: five bodies under each other's gravity."""
import os

SCALE = float(os.environ.get("BENCH_SCALE", 1))
PI = 3.141592653589793
SOLAR_MASS = 4 * PI * PI
YEAR = 365.24

# place, speed, mass
BODIES = [
    ([0.0, 0.0, 0.0], [0.0, 0.0, 0.0], SOLAR_MASS),
    ([4.84143144246472090, -1.16032004402742839, -0.103622044471123109],
     [0.00166007664274403694 * YEAR, 0.00769901118419740425 * YEAR, -0.0000690460016972063023 * YEAR],
     0.000954791938424326609 * SOLAR_MASS),
    ([8.34336671824457987, 4.12479856412430479, -0.403523417114321381],
     [-0.00276742510726411221 * YEAR, 0.00499852801234917238 * YEAR, 0.0000230417297573763929 * YEAR],
     0.000285885980666130812 * SOLAR_MASS),
    ([12.8943695621391310, -15.1111514016986312, -0.223307578892655734],
     [0.00296460137564761618 * YEAR, 0.00237847173959480950 * YEAR, -0.0000296589568540237556 * YEAR],
     0.0000436624404335156298 * SOLAR_MASS),
    ([15.3796971148509165, -25.9193146099879641, 0.179258772950371181],
     [0.00268067772490389322 * YEAR, 0.00162824170038242295 * YEAR, -0.0000951592254519715870 * YEAR],
     0.0000515138902046611451 * SOLAR_MASS),
]
PAIRS = [(a, b) for i, a in enumerate(BODIES) for b in BODIES[i + 1:]]


def advance(dt, steps):
    for _ in range(steps):
        for (p, v, m), (q, w, n) in PAIRS:
            dx = p[0] - q[0]
            dy = p[1] - q[1]
            dz = p[2] - q[2]
            pull = dt * (dx * dx + dy * dy + dz * dz) ** -1.5
            a, b = m * pull, n * pull
            v[0] -= dx * b
            v[1] -= dy * b
            v[2] -= dz * b
            w[0] += dx * a
            w[1] += dy * a
            w[2] += dz * a
        for p, v, _m in BODIES:
            p[0] += dt * v[0]
            p[1] += dt * v[1]
            p[2] += dt * v[2]


def energy():
    total = sum(0.5 * m * sum(c * c for c in v) for _, v, m in BODIES)
    for (p, _, m), (q, _, n) in PAIRS:
        total -= m * n / sum((a - b) ** 2 for a, b in zip(p, q)) ** 0.5
    return total


print(f"{energy():.9f}")
advance(0.01, int(80000 * SCALE))
print(f"{energy():.9f}")
