# needs: nacl bcrypt
"""bcrypt and PyNaCl: known answers and refusals."""
import bcrypt
import nacl.encoding
import nacl.exceptions
import nacl.hash
import nacl.public
import nacl.pwhash
import nacl.secret
import nacl.signing
import nacl.utils

salt = b"$2b$04$abcdefghijklmnopqrstuu"
print(bcrypt.hashpw(b"secret", salt), bcrypt.checkpw(b"secret", bcrypt.hashpw(b"secret", bcrypt.gensalt(4))), bcrypt.kdf(b"p", b"salt", 16, 8).hex())
for job in (lambda: bcrypt.hashpw("text", salt), lambda: bcrypt.hashpw(b"x", b"bad")):
    try:
        job()
    except Exception as error:
        print(type(error).__name__, error)
seed = bytes(range(32))
key = nacl.signing.SigningKey(seed)
signed = key.sign(b"words")
print(signed.signature.hex()[:40], key.verify_key.encode(nacl.encoding.HexEncoder), key.verify_key.verify(signed))
try:
    key.verify_key.verify(b"x" + bytes(signed)[1:])
except nacl.exceptions.BadSignatureError as error:
    print(error)
one, two = nacl.public.PrivateKey(seed), nacl.public.PrivateKey(seed[::-1])
box = nacl.public.Box(one, two.public_key).encrypt(b"boxed", bytes(24))
print(box.hex(), nacl.public.Box(two, one.public_key).decrypt(box), nacl.secret.SecretBox(seed).encrypt(b"m", bytes(24)).hex())
print(nacl.hash.blake2b(b"x", digest_size=16), nacl.hash.sha256(b"x"), nacl.pwhash.argon2id.kdf(16, b"pw", bytes(16), opslimit=1, memlimit=8192).hex())
print(len(nacl.utils.random(9)), nacl.utils.randombytes_deterministic(8, seed).hex())
