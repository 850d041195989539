"""unicodedata: properties and normal forms of characters, alone and in random company; their digest tells a difference."""
import hashlib
import random
import unicodedata

FORMS = "NFC", "NFD", "NFKC", "NFKD"
DATABASES = unicodedata, unicodedata.ucd_3_2_0


def digest(texts):
    result = hashlib.md5()
    for text in texts:
        result.update(ascii(text).encode())
    return result.hexdigest()


def properties(chars):
    for ch in chars:
        for ucd in DATABASES:
            yield ucd.category(ch), ucd.bidirectional(ch), ucd.east_asian_width(ch), ucd.name(ch, None), ucd.combining(ch)


def forms(texts):
    for text in texts:
        for ucd in DATABASES:
            for form in FORMS:
                yield ucd.normalize(form, text), ucd.is_normalized(form, text)


print(digest(properties(map(chr, range(0, 0x110000, 3)))))
special = [ch for ch in map(chr, range(0x110000)) if unicodedata.combining(ch) or unicodedata.decomposition(ch)]
print(len(special), digest(forms(special[::3])), digest(forms(ch + "\u0301\u0323" for ch in special[::5])))

hangul = list(map(chr, range(0x1100, 0x1200))) + list(map(chr, range(0xac00, 0xad00)))
pairs = [first + second for first in hangul[:260:4] + hangul[256::7] for second in hangul[::5]]
print(digest(forms(pairs[::3])))

rand = random.Random(3)
pool = special + hangul + list("aeiounAEz <") * 30
print(digest(forms("".join(rand.choices(pool, k=rand.randint(1, 12))) for _ in range(4000))))
