"""Hashes of many short texts, as keys are made."""
import hashlib
import hmac
from _data import times

total = 0
for i in range(times(60_000)):
    key = b"key %d" % i
    total += hashlib.md5(key).digest()[0] + int(hashlib.sha1(key).hexdigest()[:2], 16) + hashlib.sha256(key).digest()[1]
    if i % 4 == 0:
        total += hashlib.blake2b(key, digest_size=16).digest()[0] + hashlib.sha3_256(key).digest()[3] + hmac.digest(b"secret", key, "sha256")[2]
print(total)
