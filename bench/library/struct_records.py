"""Binary records packed and unpacked: one by one, at places, many at once."""
import struct
from _data import times

record, header = struct.Struct("<IhdQ8s?"), struct.Struct(">4sHHI")
n = times(120_000)
packed = b"".join(record.pack(i, i % 1000, i * 0.5, i << 33, b"name", i % 2) for i in range(n))
print(len(packed), sum(row[2] for row in record.iter_unpack(packed)))
buffer = bytearray(header.size * 1000)
total = 0
for i in range(n):
    header.pack_into(buffer, i % 1000 * header.size, b"HEAD", i % 65536, i % 7, i)
    total += header.unpack_from(buffer, i % 1000 * header.size)[3]
    total += struct.unpack("<I", packed[i * 4:i * 4 + 4])[0] + len(struct.pack("!HH", i % 9, 1))
print(total, struct.calcsize("<IhdQ8s?"), sum(struct.unpack(f"<{n}H", packed[:n * 2])))
