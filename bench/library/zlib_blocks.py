"""Compression: blocks, streams, gzip files, check sums."""
import gzip
import io
import zlib
from _data import prose, times

data = prose().encode()
for _ in range(times(5)):
    for level in 1, 6:
        packed = zlib.compress(data, level)
        print(len(packed), zlib.decompress(packed) == data, zlib.crc32(data), zlib.adler32(data))
    stream, out = zlib.compressobj(), []
    for i in range(0, len(data), 1000):
        out.append(stream.compress(data[i:i + 1000]))
    out.append(stream.flush())
    back = zlib.decompressobj()
    print(sum(len(back.decompress(block)) for block in out))
    with gzip.open(io.BytesIO(gzip.compress(data)), "rt") as file:
        print(sum(len(line) for line in file))
