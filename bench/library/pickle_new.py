"""Pickles of protocols 3, 4 and 5."""
import pickle
from _data import records, times

data = records(6_000)
for _ in range(times(5)):
    for protocol in range(3, 6):
        text = pickle.dumps(data, protocol)
        print(protocol, len(text), pickle.loads(text) == data)
