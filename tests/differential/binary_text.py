"""base64 and hexadecimal of all lengths, and every character at every place: long texts go by the vector (src/modules/base64_lanes.c)."""
import base64
import binascii
import random
import zlib

r = random.Random(1)
data = r.randbytes(300)
for n in range(200):
    block = data[n % 7:n % 7 + n]
    text = binascii.b2a_base64(block)
    print(n, text, binascii.a2b_base64(text) == block, bytes.fromhex(block.hex()) == block, bytes.fromhex(block.hex().upper()) == block,
          binascii.unhexlify(block.hex()) == block, binascii.unhexlify(block.hex().upper().encode()) == block)


def tried(function, *arguments, **options):
    try:
        return zlib.crc32(bytes(function(*arguments, **options)))
    except ValueError as error:
        return f"{type(error).__name__}: {error}"


good, digits = base64.b64encode(bytes(range(256)) + data), (bytes(range(256)) + data).hex()
for place in 0, 1, 5, 30, 31, 32, 33, 63, 64, 200, len(good) - 45, len(good) - 44, len(good) - 3, len(good) - 1:
    for byte in range(256):
        bad = bytearray(good)
        bad[place] = byte
        print(place, byte, tried(binascii.a2b_base64, bad), tried(binascii.a2b_base64, bad, strict_mode=True))
        wrong = digits[:place] + chr(byte) + digits[place + 1:]
        print(tried(bytes.fromhex, wrong), tried(bytearray.fromhex, wrong), tried(binascii.unhexlify, wrong.encode("latin-1")))
for step in 1, 2, 3, 16, 17, 40:
    spaced = " ".join(digits[i:i + 2 * step] for i in range(0, len(digits), 2 * step))
    print(tried(bytes.fromhex, spaced), tried(bytes.fromhex, " \n" + spaced + "\t"), tried(bytes.fromhex, spaced + "0"),
          tried(bytes.fromhex, spaced + "Ω"), tried(bytes.fromhex, "é" + spaced))
    lines = b"\n".join(good[i:i + 4 * step] for i in range(0, len(good), 4 * step))
    print(tried(binascii.a2b_base64, lines), tried(binascii.a2b_base64, lines[:-1]), tried(base64.decodebytes, lines))
for block in data, bytearray(data), b"", bytearray():
    swapped = bytes(range(255, -1, -1))
    print(type(block.translate(swapped)), block.translate(swapped), block.translate(swapped, b"abc\0"), block.translate(None, b"\1\2"),
          block.translate(bytes(range(256))) is block, block.translate(bytes(range(256))) == block)
