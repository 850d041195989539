"""Random text through decoding, searching, splitting, case mapping, translating and formatting: a digest of all the results."""
import codecs
import hashlib
import random

random.seed(311)
digest = hashlib.sha256()


def note(value):
    digest.update(ascii(value).encode())


def attempt(function, *args):
    try:
        note(function(*args))
    except (UnicodeError, ValueError) as error:
        note(str(error))


SOUND = [b"a", b"abcdefgh", b" ", "é".encode(), "я".encode(), "日".encode(), "😀".encode()]
BROKEN = [b"\x80", b"\xc0", b"\xc1\x81", b"\xc2", b"\xe0\x80\x80", b"\xed\xa0\x80", b"\xf0\x80\x80\x80", b"\xf4\x90\x80\x80",
          b"\xf5\x80\x80\x80", b"\xf8", b"\xff", b"\xe1\x80", b"\xf1\x80\x80"]


def decoding():
    for _ in range(8000):
        pieces = SOUND if random.random() < .4 else SOUND + BROKEN
        data = b"".join(random.choice(pieces) for _ in range(random.randrange(12)))
        for errors in "strict", "replace", "surrogateescape":
            attempt(data.decode, "utf-8", errors)
        for errors in "strict", "surrogatepass", "ignore":
            attempt(codecs.utf_8_decode, data, errors, False)
        text = data.decode("utf-8", "surrogateescape")
        for method in text.upper, text.lower, text.title, text.swapcase, text.split, text.strip, text.capitalize, text.casefold:
            note(method())
        for part in " a", "a", " ", "é", "日":
            for method in text.split, text.strip, text.count, text.find, text.partition, text.rsplit, text.rpartition:
                note(method(part))
            note((text.split(part, 2), text.replace(part, "xyz"), text.replace("a", part)))


def searching():
    for _ in range(8000):
        alphabet = random.choice(["ab", "abc", "aб", "abя日", "a日😀"])
        hay = "".join(random.choice(alphabet) for _ in range(random.randrange(120)))
        needle = "".join(random.choice(alphabet) for _ in range(random.randrange(9)))
        if random.random() < .3:
            needle = hay[5:random.randrange(5, 60)]
        note((hay.find(needle), hay.rfind(needle), hay.count(needle), needle in hay, hay.replace(needle, "--")))
        hay, needle = hay.encode(), needle.encode()
        note((hay.find(needle), hay.count(needle), hay.replace(needle, b"xx"), bytearray(hay).find(needle)))


def changing():
    for number in range(4000):
        text = "".join(random.choice("abcdé日 xyz") for _ in range(random.randrange(40)))
        answers = [None, "q", "é", "日本", "longer text", 98, 0x1f600]
        table = {ord(c): random.choice(answers) for c in random.sample("abcdé日", 3)}
        note((text.translate(table), text.translate({}), text.translate({120: "X"})))
        note("%s|%5s|%-5s|%r|%d|%05d|%x|%+d|%.2s" % (text, text, text, text, number, number, number, number, text))
        note("{0} {a} {0!r:>5} {1:x} {1:08b}".format(text, number, a=number))
        data = text.encode()
        note((data.split(), data.split(b" "), data.split(b"a", 1), data.strip(), bytearray(data).split(b"b")))


decoding()
searching()
changing()
print(digest.hexdigest())
