"""Bytes as text and back: base64 and its kin, hexadecimal, quoted-printable."""
import base64
import binascii
import quopri
from _data import prose, times

data = prose().encode()
small = [data[i:i + 60] for i in range(0, 120_000, 60)]
for _ in range(times(20)):
    text = base64.b64encode(data)
    print(len(text), base64.b64decode(text) == data, base64.urlsafe_b64decode(base64.urlsafe_b64encode(data)) == data)
    print(len(data.hex()), bytes.fromhex(data.hex()) == data, len(binascii.hexlify(data, ":")), len(base64.encodebytes(data)))
    print(sum(len(base64.b64decode(base64.b64encode(block))) for block in small), len(base64.b16encode(data)), binascii.crc32(data))
    print(len(quopri.encodestring(data[:30_000])))
print(len(base64.b32encode(data[:100_000])), len(base64.b85encode(data[:30_000])))
