"""struct, binascii, zlib and csv: random calls with a fixed seed."""
import random


def show(function, *args, **kwargs):
    """The result or the error of a call, as text."""
    try:
        return repr(function(*args, **kwargs))
    except Exception as error:
        return f"{type(error).__name__}: {error} {getattr(error, 'filename', None)!r}"


import _csv
import binascii
import struct
import zlib

random.seed(7)
for order in "@=<>!":
    for code in "bBhHiIlLqQnNPfde?csp":
        for value in (-1, 0, 2**15, 2**16, 2**31, 2**32, 2**63, 2**64, -2**63 - 1, 2**100, 1.5, 1e300, "a", None, b"a", b"ab"):
            print(order + code, show(struct.pack, order + code, value))
for format in ("", "3", "2 b", "b\0", "99999999999999999999b", "=n", "é", "5s3p", "0i", "c0i", "bqx0q", 1):
    print(show(struct.calcsize, format), show(struct.unpack, format, b""))
for _ in range(500):
    format = random.choice("@=<>!") + "".join(random.choice(["", "2", "3"]) + random.choice("xcbB?hHiIlLqQefds")
                                             for _ in range(random.randrange(6)))
    data = bytes(random.randrange(256) for _ in range(struct.calcsize(format)))
    values = struct.unpack(format, data)
    print(format, values, show(struct.pack, format, *values))

alphabets = [bytes(range(256)), b"ABCDabcd0129+/==\n", b"=AQ \n\r\t._x-", b"  !\"#`abc\n\r", b"0123456789abcdefABCDEFg"]
for _ in range(3000):
    alphabet = random.choice(alphabets)
    data = bytes(random.choice(alphabet) for _ in range(random.choice([0, 1, 2, 3, 4, 5, 8, 20, 45, 100])))
    print(show(binascii.a2b_base64, data, strict_mode=random.random() < .5), show(binascii.b2a_base64, data),
          show(binascii.a2b_qp, data, header=random.random() < .5), show(binascii.a2b_uu, data), show(binascii.b2a_uu, data),
          show(binascii.b2a_qp, data, random.random() < .5, random.random() < .5, random.random() < .5),
          show(binascii.a2b_hex, data), binascii.hexlify(data, ":", random.randrange(-5, 5)),
          binascii.crc32(data, 5), binascii.crc_hqx(data, 9), zlib.adler32(data))

for _ in range(200):
    data = bytes(random.choice(b"abcdefgh  ") for _ in range(random.choice([0, 1, 10, 1000, 50000])))
    wbits = random.choice([15, -15, 31, 9])
    packer = zlib.compressobj(random.choice([-1, 0, 1, 9]), 8, wbits)
    packed = packer.compress(data) + packer.flush() + random.choice([b"", b"rest"])
    if random.random() < .2:
        packed = packed[:-3]
    unpacker = zlib.decompressobj(wbits)
    print(show(unpacker.decompress, packed, random.choice([0, 1, 50, 20000])), unpacker.unused_data, unpacker.unconsumed_tail,
          unpacker.eof, show(unpacker.flush), show(zlib.decompress, packed, wbits), show(packer.flush))


class Collector(list):
    write = list.append


for _ in range(3000):
    options = {name: random.choice(choices) for name, choices in
               [("delimiter", ",;|\t"), ("quotechar", "\"'|"), ("escapechar", ["\\", None]), ("doublequote", [0, 1]),
                ("skipinitialspace", [0, 1]), ("quoting", [0, 1, 2, 3]), ("strict", [0, 1])] if random.random() < .4}
    lines = ["".join(random.choice("ab1,;\"'\\ \n\r|X\té") for _ in range(random.randrange(12))) for _ in range(3)]
    rows = [[random.choice(["", None, 1, 1.5, "a b", "a,b", '"', 'x"y', "\\", "\n", "é"]) for _ in range(3)] for _ in range(2)]
    out = Collector()
    print(show(lambda: list(_csv.reader(lines, **options))), show(lambda: _csv.writer(out, **options).writerows(rows)), out)
