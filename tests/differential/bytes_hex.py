"""Hexadecimal text of bytes of all lengths."""
import binascii
for n in range(0,70):
    b=bytes((i*37+n*11)&255 for i in range(n))
    print(b.hex(), binascii.hexlify(b), bytearray(b).hex(), b.hex(":"), b.hex("-",3), b.hex("_",-4), binascii.hexlify(b,"."))
print(bytes(range(256)).hex())
