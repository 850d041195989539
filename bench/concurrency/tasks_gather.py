"""100,000 tasks are made and gathered."""
import asyncio

from _figures import timed, times


async def work(n):
    await asyncio.sleep(0)
    return n


async def main():
    with timed():
        return sum(await asyncio.gather(*(work(n) for n in range(times(100_000)))))


print(asyncio.run(main()))
