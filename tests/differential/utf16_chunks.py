"""Text is measured and encoded by chunks (src/objects/str/codec_utf16_32.c, codec_utf8.c): every kind of character at every place."""
import zlib

LETTERS = "a", "\x7f", "\x80", "\xff", "\u0100", "\u07ff", "\u0800", "\uffff", "\U00010000", "\U0010ffff", "\ud800", "\udfff"
ENCODINGS = "utf-8", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"


def tried(text, encoding, errors):
    try:
        data = text.encode(encoding, errors)
    except UnicodeEncodeError as error:
        return str(error)
    return len(data), zlib.crc32(data), data.decode(encoding, "surrogatepass") == text


for filler in "x", "é", "Ω", "😀":
    for letter in LETTERS:
        for n in 0, 1, 31, 32, 33, 64, 70:
            for place in {0, 1, 30, 31, 32, 33, 63, n}:
                text = filler * min(place, n) + letter + filler * max(n - place, 0)
                print(ascii(filler), ascii(letter), n, place,
                      [tried(text, encoding, errors) for encoding in ENCODINGS for errors in ("strict", "surrogatepass", "backslashreplace")])
                for encoding in "ascii", "latin-1", "cp1252", "utf-8":
                    print(zlib.crc32(text.encode(encoding, "xmlcharrefreplace")), text.encode(encoding, "xmlcharrefreplace")[-12:])
