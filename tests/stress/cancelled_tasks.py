"""Tasks wait in many ways, and are cancelled at random. (Not for a Condition, which 3.11's asyncio leaves without its lock at times.)"""
import asyncio
import random
import sys

from _stress import SEED, Growth, time_is_over

entered = left = finished = cancelled = 0


async def wait_somehow(r, lock, queue, event, semaphore):
    way = r.randrange(8)
    if way == 0:
        await asyncio.sleep(r.random() / 100)
    elif way == 1:
        async with lock:
            await asyncio.sleep(r.random() / 1000)
    elif way == 2:
        await queue.put(way)
    elif way == 3:
        await queue.get()
    elif way == 4:
        await asyncio.wait_for(event.wait(), r.random() / 100)
    elif way == 5:
        async with semaphore:
            await asyncio.sleep(r.random() / 1000)
    elif way == 6:
        async with asyncio.timeout(r.random() / 100), asyncio.TaskGroup() as group:
            for _ in range(3):
                group.create_task(asyncio.sleep(r.random() / 50))
    else:
        await asyncio.gather(asyncio.to_thread(sum, range(1000)), asyncio.sleep(r.random() / 100))


async def work(*arguments):
    global entered, left
    entered += 1
    try:
        for _ in range(3):
            try:
                await wait_somehow(*arguments)
            except TimeoutError:
                pass
    finally:
        left += 1


async def main():
    global finished, cancelled
    r = random.Random(SEED)
    shared = asyncio.Lock(), asyncio.Queue(5), asyncio.Event(), asyncio.Semaphore(2)
    while not time_is_over():
        tasks = [asyncio.create_task(work(r, *shared)) for _ in range(100)]
        while pending := [task for task in tasks if not task.done()]:
            await asyncio.sleep(r.random() / 200)
            for task in r.sample(pending, len(pending) // 3 + 1):
                task.cancel()
            if r.random() < 0.2:
                shared[2].set()
                shared[2].clear()
        for task in tasks:
            if task.cancelled():
                cancelled += 1
            else:
                task.result()
                finished += 1
    assert not shared[0].locked()
    assert asyncio.all_tasks() == {asyncio.current_task()}


growth = Growth()
asyncio.run(main())
if entered != left or not cancelled:
    sys.exit(f"{entered} entered, {left} left, {finished} finished, {cancelled} cancelled; STRESS_SEED={SEED}")
growth.check()
print("every task ended")
