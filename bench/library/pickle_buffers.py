"""Bytes and bytearrays in pickles, in band and out of band, and text whose UTF-8 must be made."""
import pickle
from _data import prose, times

blocks = [bytearray([i % 256]) * 20_000 for i in range(200)] + [bytes([i % 256]) * 3_000 for i in range(300)]
views = [pickle.PickleBuffer(block) for block in blocks]
texts = [line + "é€" for line in prose().splitlines()]
for _ in range(times(25)):
    buffers = []
    text = pickle.dumps(views, 5, buffer_callback=buffers.append)
    inside = pickle.dumps(blocks, 5)
    print(len(text), len(inside), pickle.loads(text, buffers=buffers)[3] == blocks[3], len(pickle.loads(inside)))
    print(len(pickle.dumps([line + "ü" for line in texts], 4)), pickle.loads(pickle.dumps(texts, 4)) == texts)
