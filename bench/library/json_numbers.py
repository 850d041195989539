"""JSON of numbers, read and written."""
import json
from _data import times

data = {"ints": list(range(-50_000, 50_000)), "floats": [i / 7 for i in range(60_000)], "big": [3 ** i for i in range(200)]}
for _ in range(times(4)):
    text = json.dumps(data)
    print(len(text), json.loads(text) == data)
