"""JSON of nested objects, read and written, also indented and sorted."""
import json
from _data import records, times

data = records(8_000)
for _ in range(times(5)):
    text = json.dumps(data)
    print(len(text), json.loads(text) == data)
print(len(json.dumps(data[:3000], indent=2, sort_keys=True)))
