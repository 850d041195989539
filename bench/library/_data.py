"""What the programs of this folder work on: the same in every run."""
import os
import random

SCALE = 4 * float(os.environ.get("BENCH_SCALE", 1))


def times(n):
    """n, scaled; at least 1."""
    return max(1, int(n * SCALE))


def prose():
    """300 kB of English: the language reference."""
    from pydoc_data.topics import topics
    return "\n".join(topics[name] for name in sorted(topics))[:300_000]


def log(lines):
    return "\n".join(
        f'10.{i % 256}.{i * 7 % 256}.{i * 3 % 256} - user{i % 17} [{i % 28 + 1:02}/Nov/2026:{i % 24:02}:{i % 60:02}:00] '
        f'"GET /page/{i}.html?x={i * i % 1000} HTTP/1.1" {200 if i % 9 else 404} {i * 37 % 5000}'
        for i in range(lines))


def genome(letters):
    return "".join(random.Random(5).choices("ACGT", k=letters))


def records(n):
    """Dicts as programs exchange them."""
    return [{"id": i, "name": f"item {i}", "price": i * 1.25, "tags": ["red", "green", f"tag{i % 7}"], "active": i % 3 == 0,
             "owner": {"first": "Zoë" if i % 11 == 0 else "Ann", "last": f"Smith{i % 100}", "score": None}} for i in range(n)]
