"""Pickles of protocols 0, 1 and 2."""
import pickle
from _data import records, times

data = records(4_000)
for _ in range(times(2)):
    for protocol in range(3):
        text = pickle.dumps(data, protocol)
        print(protocol, len(text), pickle.loads(text) == data)
