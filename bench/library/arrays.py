"""Arrays and byte arrays: filled, read, changed item by item, converted, sliced."""
from array import array
from _data import times

n = times(250_000)
numbers = array("d", range(n))
total = 0.0
for i in range(n):
    numbers[i] = numbers[i] * 0.5 + i
print(sum(numbers), numbers[n // 2])
data = bytearray(n)
for i in range(n):
    data[i] = i * 7 & 255
print(sum(data), data.count(3), len(bytes(data)), data.find(b"\x07\x0e"), bytearray(data[100:200])[::-1][:4])
ints = array("i", (x & 0xFFFF for x in data))
ints.extend(ints)
ints.append(5)
print(len(ints.tobytes()), max(ints), ints.index(14), array("i", ints.tobytes()) == ints, len(ints.tolist()))
view = memoryview(numbers)
print(sum(view[i] for i in range(0, n, 2)), len(view.cast("B")), sum(b"%s:%d" % (b"key", i) != b"" for i in range(n)))
