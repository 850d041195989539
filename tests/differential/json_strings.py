"""JSON strings both ways: random text of each width, escapes, surrogates, lengths about those of buffers, and bad input."""
import hashlib
import json
import random

rand = random.Random(5)
digest = hashlib.md5()
ALPHABETS = "ab \"\\\n\x00\x1f\x7f/", "abé\xff\"\\\x80", "ab\u20ac\ud800\udc00\uffff\"", "a😀\U0010ffff\"\\é"
for n in range(3000):
    text = "".join(rand.choices(rand.choice(ALPHABETS) + "abcdefgh" * rand.randint(0, 8), k=rand.choice((0, 1, 5, 17, 60, 511, 512, 513, 1500))))
    for ascii_only in True, False:
        written = json.dumps([text, {text: "x" + text}], ensure_ascii=ascii_only)
        read = json.loads(written)
        digest.update(written.encode("utf-8", "surrogatepass") + ascii(read).encode())
        if n < 12:
            print(ascii(written[:100]))
        cut = written[:rand.randint(0, len(written))] + rand.choice(("", "\\", "\\u12", '"', "\x01", "\\q", "\\ud800\\u"))
        try:
            digest.update(ascii(json.loads(cut, strict=rand.random() < 0.5)).encode())
        except ValueError as e:
            digest.update(str(e).encode())
print(digest.hexdigest())
for text in '"\\ud83d\\ude00"', '"\\ud83d"', '"\\ud83d\\u0041"', '"\\ud83dx"', '"a\\/b\\b\\f\\n\\r\\t"', '"' + "x" * 600 + '\\n"', '"' + "é\\n" * 600 + '"':
    print(ascii(json.loads(text)))
