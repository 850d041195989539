"""functools: caches, partial functions, reduction, dispatch, wrapping."""
import functools
import operator
from _data import times


@functools.lru_cache(maxsize=500)
def bounded(n, flag=False):
    return n * 2


@functools.cache
def ways(n, k):
    return 1 if k in (0, n) else ways(n - 1, k - 1) + ways(n - 1, k)


@functools.singledispatch
def show(x):
    return "object"


show.register(int, lambda x: "int")
show.register(list, lambda x: f"list {len(x)}")


class Lazy:
    @functools.cached_property
    def value(self):
        return 42


n = times(200_000)
print(sum(bounded(i * i % 700) for i in range(n)), sum(bounded(i % 100, flag=True) for i in range(n)), ways(150, 70) % 1009)
power = functools.partial(pow, 3, mod=1009)
print(sum(power(i % 50) for i in range(n)), functools.reduce(operator.add, range(n)), sum(len(show(x)) for x in [1, [2], "x"] * (n // 10)))
print(sum(Lazy().value for _ in range(n // 4)), functools.wraps(ways)(lambda: 1).__name__, bounded.cache_info().currsize)
