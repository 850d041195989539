import asyncio
import sys
import traceback

import _added
import fast
import limited

print(fast.Point(1, 2) + fast.Point(3, 4), fast.total(range(1000)), limited.text_of(12), limited.__file__.rpartition("/")[2])
print(_added.lib.add(2, 3), _added.lib.counter, _added.lib.make(7).x)
try:
    fast.fails(3)
except ValueError:
    traceback.print_exc(file=sys.stdout)
g = fast.generator(3)
print(next(g), g.send(9), list(g), asyncio.run(fast.coroutine(4)))
