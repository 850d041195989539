# needs: cffi cryptography
"""cffi's in-line mode (structs, callbacks, errors), and cryptography on top of it."""
import cffi
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

ffi = cffi.FFI()
ffi.cdef("""typedef struct { int x; double y; char name[8]; } Point;
            size_t strlen(const char *); int abs(int); void qsort(void *, size_t, size_t, int (*)(const void *, const void *));""")
c = ffi.dlopen(None)
print(c.strlen(b"hello"), c.abs(-3), ffi.sizeof("Point"), ffi.typeof("Point").fields[1][0])
p = ffi.new("Point *", {"x": 1, "y": 2.5, "name": b"point"})
print(p.x, p.y, ffi.string(p.name), p[0].x)
numbers = ffi.new("int[5]", [3, 1, 2, 5, 4])


@ffi.callback("int(const void *, const void *)")
def compare(a, b):
    return ffi.cast("int *", a)[0] - ffi.cast("int *", b)[0]


c.qsort(numbers, 5, ffi.sizeof("int"), compare)
print(list(numbers), ffi.unpack(numbers, 3), bytes(ffi.buffer(numbers, 4)))
for bad in (lambda: c.abs("x"), lambda: c.nothing, lambda: ffi.new("int[2]", [1, 2, 3]), lambda: p.z, lambda: ffi.cdef("int f(")):
    try:
        bad()
    except Exception as error:
        print(type(error).__name__, str(error).splitlines()[0])

digest = hashes.Hash(hashes.SHA256())
digest.update(b"text")
print(digest.finalize().hex())
mac = hmac.HMAC(b"key", hashes.SHA1())
mac.update(b"text")
print(mac.finalize().hex())
cipher = Cipher(algorithms.AES(bytes(range(16))), modes.CBC(bytes(16)))
encryptor = cipher.encryptor()
secret = encryptor.update(b"sixteen bytes...") + encryptor.finalize()
decryptor = cipher.decryptor()
print(secret.hex(), decryptor.update(secret) + decryptor.finalize())
try:
    mac.verify(b"wrong")
except Exception as error:
    print(type(error).__name__, error)
