"""Hashes of large blocks."""
import hashlib
from _data import times

data = bytes(range(256)) * 4096 * 4
for _ in range(times(3)):
    for name in "md5", "sha1", "sha224", "sha256", "sha384", "sha512", "sha3_256", "shake_128", "blake2b", "blake2s":
        hash = hashlib.new(name)
        for i in range(0, len(data), 1 << 20):
            hash.update(data[i:i + (1 << 20)])
        print(name, hash.hexdigest(16) if name == "shake_128" else hash.hexdigest()[:16])
