"""What parsers.py tries: for each parser of bytes or text a function of some bytes, and seeds. Run as a program, it reads
inputs from standard input, one a line in hexadecimal behind the parser's name, and prints a digest of what came of each.
"""
import array
import base64
import binascii
import codecs
import csv
import datetime
import faulthandler
import io
import json
import marshal
import math
import pickle
import pickletools
import re
import signal
import string
import struct
import sys
import time
import warnings
import zlib
import xml.etree.ElementTree as ET
from xml.parsers import expat

SECONDS = 2         # of one input: then it is interrupted, as by Ctrl-C
LIMIT = 2000        # characters of an outcome
SEEDS, PARSERS = {}, {}


def parser(*seeds):
    def register(function):
        name = function.__name__
        PARSERS[name], SEEDS[name] = function, [s if isinstance(s, bytes) else s.encode() for s in seeds]
        return function
    return register


def halves(data):
    """A first part up to a NUL, and the rest, as text of one byte a character."""
    first, _, rest = data.decode("latin-1").partition("\0")
    return first, rest


@parser(r"(?P<a>\w+)\s*=\s*(?:[^#]|\\#)*?$" "\0a = b # c", "(a|b)*?c{2,3}(?=d)(?<!x)\\1\0abccd", "(?i:[^\\W\\d_]+)|(?s:.)\\b(?(1)x|y)\0xyz é",
        "((?>a+)b++)*\0aaabbb", "[a-z&&[^b]--x]|\\N{DIGIT ONE}\\u0041\0A1")
def regular_expression(data):
    pattern, text = halves(data)
    compiled = re.compile(pattern)
    found = [(m.span(), m.groups(), m.lastindex) for m in compiled.finditer(text)]
    raw = re.compile(pattern.encode("latin-1")) if not compiled.flags & re.LOCALE else None
    return compiled.groups, compiled.groupindex, found, compiled.split(text, 3), compiled.subn(r"<\g<0>>", text), raw and raw.fullmatch(text.encode("latin-1"))


@parser('{"a": [1, -2.5e3, null, true], "b": "x\\u00e9\\n\\ud83d\\ude00"}', '[[], {}, "", 0, 1E400, NaN, -Infinity]', ' "\\"\\\\\\/" ')
def json_text(data):
    value = json.loads(data)
    again = json.dumps(value)
    return value, again, json.loads(again) == value or again.count("NaN"), json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True)


class Strict(pickle.Unpickler):
    def find_class(self, module, name):
        if (module, name) in {("builtins", "complex"), ("builtins", "set"), ("collections", "OrderedDict"), ("datetime", "date"), ("array", "array")}:
            return super().find_class(module, name)
        raise pickle.UnpicklingError("not allowed")

    def persistent_load(self, key):
        return "persistent", key


def _things():
    return [1, -70000, 1 << 80, 2.5, "text é€", b"bytes", (1, (2,)), [None, True], {"a": {1, 2}}, frozenset("x"), bytearray(b"y"),
            datetime.date(2020, 2, 3), complex(1, 2), array.array("h", [1, 2])]


def has_huge_memo(data):
    """Whether a pickle wants a memo with places for millions, which takes seconds and gigabytes, by right."""
    place = 0
    try:
        for opcode, argument, place in pickletools.genops(data):
            if opcode.name in ("PUT", "LONG_BINPUT") and argument >= 1 << 20: return True
    except Exception:               # what pickletools cannot read a pickle may go on behind
        return re.search(rb"r(?:..[^\0-\x0f]|...[^\0])|p\s*\d{7}", data[place:], re.DOTALL) is not None
    return False


@parser(*(pickle.dumps(_things(), protocol) for protocol in range(6)), b"(lp0\nI1\naS'x'\np1\naP5\na.")
def pickled(data):
    if has_huge_memo(data): return None
    return Strict(io.BytesIO(data)).load()


@parser(b"\x01a,\"b\"\"c\",d\r\n'x;y'\n", b"\x13a b 1.5\n", b"\x20a\\,b,\"c\nd\"\n")
def csv_text(data):
    flags, text = data[0] if data else 0, data[1:].decode("latin-1")
    options = {"delimiter": ",; \t"[flags & 3], "quoting": flags >> 2 & 3, "doublequote": bool(flags & 16), "skipinitialspace": bool(flags & 64),
               "escapechar": "\\" if flags & 32 else None, "strict": bool(flags & 128)}
    rows = list(csv.reader(io.StringIO(text, newline=""), **options))
    out = io.StringIO()
    csv.writer(out, **options).writerows(rows)
    return rows, out.getvalue()


@parser("<?xml version='1.0' encoding='utf-8'?><!DOCTYPE a [<!ENTITY e 'x'>]><a b='c&amp;'>t&e;<!-- c --><?p i?><![CDATA[<]]><d xmlns:n='u' n:e=''/></a>",
        b"<?xml version='1.0' encoding='iso-8859-1'?><a>\xe9</a>")
def xml_text(data):
    events = []
    p = expat.ParserCreate(namespace_separator=" ")
    for name in "StartElement", "EndElement", "CharacterData", "ProcessingInstruction", "Comment", "StartCdataSection", "EntityDecl", "StartDoctypeDecl":
        setattr(p, name + "Handler", lambda *arguments, name=name: events.append((name, arguments)))
    p.Parse(data, True)
    root = ET.fromstring(data)
    return events, ET.tostring(root), [(e.tag, e.attrib, e.text, e.tail) for e in root.iter()], root.findall(".//*[@b]")[:0]


@parser(b"<IhdQ8s?\0" + bytes(range(40)), b">3xH2e f\0" + bytes(20), b"@4p P n N\0abcdefghijklmnopqrstuvwxyz012345")
def struct_format(data):
    form, _, rest = data.partition(b"\0")
    if any(int(n) > 10_000 for n in re.findall(rb"\d+", form)): return "large"
    size = struct.calcsize(form)
    values = struct.unpack(form, rest[:size])
    return size, values, struct.pack(form, *values), list(struct.iter_unpack(form, rest[:size * 3])) if size else None


@parser(*(marshal.dumps([1, 2.5, "text", b"b", (None, True, ...), {"a": 1 << 70}, frozenset([1]), 1j], version) for version in (0, 2, 4)))
def marshalled(data):
    if b"c" in data or b"\xe3" in data: return "code"
    # The reference makes tuples and lists of millions before it sees that nothing follows.
    if re.search(rb"[(\[\xa8\xdb]...[\x01-\x7f]", data, re.DOTALL): return "long"
    try:
        text = repr(marshal.loads(data))
        return re.sub(r"\{([^{}]*)\}", lambda found: str(sorted(found[1].split(", "))), text)      # order in sets depends on addresses
    except (EOFError, ValueError, TypeError, MemoryError):     # Krait sees at once that a sequence is longer than what is left
        return "bad"


@parser("aGVsbG8=", "AAECAw==\n", "68656c6c6f", "=3D=20x_y=\n", "begin 644 x\n#86)C\n", ":hqj'")
def binary_text(data):
    out = []
    for function in (binascii.a2b_base64, lambda d: binascii.a2b_base64(d, strict_mode=True), binascii.unhexlify, binascii.a2b_qp, binascii.a2b_uu,
                     base64.b32decode, base64.a85decode, base64.b85decode, lambda d: bytes.fromhex(d.decode("latin-1")), binascii.b2a_qp,
                     lambda d: binascii.b2a_base64(d), lambda d: binascii.crc32(d), lambda d: binascii.crc_hqx(d, 0), lambda d: binascii.hexlify(d, "-", 3)):
        try:
            out.append(function(data))
        except (ValueError, TypeError) as e:
            out.append(f"{type(e).__name__}: {e}")
    return out


@parser(zlib.compress(b"text " * 20), b"\x1f\x8b" + zlib.compress(b"abc" * 9, wbits=31)[2:], zlib.compress(b"raw" * 5, wbits=-15))
def zlib_data(data):
    out = []
    for bits in 15, 31, -15, 47:
        stream = zlib.decompressobj(bits)
        try:
            out.append((stream.decompress(data[:7], 10), stream.decompress(stream.unconsumed_tail + data[7:], 5000), stream.eof, stream.unused_data))
        except zlib.error as e:
            out.append(str(e))
    return out, zlib.adler32(data), zlib.crc32(data)


@parser(r"\x41\u00e9\N{BULLET}\777\q\U0001F600" "\\\n", "+AGE-&-", "caf\u00e9 \u20ac", b"\xff\xfea\x00", "xn--bcher-kva.example")
def escapes(data):
    out = []
    for codec in ("unicode_escape", "raw_unicode_escape", "utf-8", "utf-7", "utf-16", "utf-32", "utf-8-sig", "cp1252", "punycode", "idna", "gb18030", "shift_jis"):
        for errors in "strict", "replace", "surrogateescape":
            try:
                text = data.decode(codec, errors)
                out.append((text, text.encode(codec, errors)))
            except (UnicodeError, LookupError) as e:
                out.append(f"{type(e).__name__}: {e}")
    decoder = codecs.getincrementaldecoder("utf-8")("backslashreplace")
    out.append([decoder.decode(data[i:i + 3]) for i in range(0, len(data), 3)])
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            out.append(eval('"' + data.decode("latin-1").replace('"', "").replace("\n", "") + '"', {}))
    except (SyntaxError, ValueError) as e:
        out.append(f"{type(e).__name__}: {e}")
    return out


@parser("2024-02-29T12:30:45.123456+05:30", "20240229T123045Z", "2024-W09-4", "12:30:45,5", "29 Feb 2024 Thu AM 01\0%d %b %Y %a %p %I", "%Y-%j %U %f\0%Y")
def dates(data):
    text, form = halves(data)
    out = []
    for function in (datetime.datetime.fromisoformat, datetime.date.fromisoformat, datetime.time.fromisoformat, lambda t: datetime.datetime.strptime(t, form),
                     lambda t: time.strptime(t, form), lambda t: datetime.datetime(2024, 2, 29, 12).strftime(t) if t.isascii() and "\0" not in t else None,
                     lambda t: format(datetime.date(1999, 1, 2), t) if t.isascii() else None):
        try:
            out.append(repr(function(text)))
        except (ValueError, OverflowError, re.error) as e:
            out.append(f"{type(e).__name__}: {e}")
    return out


@parser("{0!r:>10}|{a:x^+#012.3e}|{b.real}|{c[1]:{d}}\0", "%(a)05.1f %% %-8s %#x\0", ">+#012_.3f\0", "$a ${b} $$\0")
def format_strings(data):
    form = data.decode("latin-1").partition("\0")[0]
    if any(int(n) > 5000 for n in re.findall(r"\d+", form)): return "large"
    out = []
    for function in (lambda: form.format(3, "x", a=2.5, b=7, c=[1, 2], d=">4"), lambda: form % {"a": 2.5, "b": 7}, lambda: form % (1, "x", 2.5), lambda: format(12345.678, form),
                     lambda: format(-255, form), lambda: format("text", form), lambda: format(1 - 2j, form), lambda: form.encode("latin-1") % (1, b"x", 2.5),
                     lambda: string.Template(form).substitute(a=1, b=2), lambda: list(string.Formatter().parse(form))):
        try:
            out.append(function())
        except Exception as e:
            out.append(f"{type(e).__name__}: {e}")
    return out


@parser("1_000.5e-3", "0x1.8p3", "-inf", "1+2j", "  12  ", "0b101", "9" * 50, "\u0663")
def numbers(data):
    text = data.decode("utf-8", "replace")
    out = []
    for function in (float, int, complex, float.fromhex, lambda t: int(t, 0), lambda t: int(t, 36), lambda t: math.frexp(float(t))):
        try:
            out.append(repr(function(text)))
        except (ValueError, OverflowError) as e:
            out.append(f"{type(e).__name__}: {e}")
    return out


def interrupt(number, frame):
    raise KeyboardInterrupt


def outcome(name, data):
    """What comes of an input, as text."""
    signal.setitimer(signal.ITIMER_REAL, SECONDS)
    try:
        return repr(PARSERS[name](data))[:LIMIT]
    except KeyboardInterrupt:
        return "interrupted"
    except RecursionError:
        return "RecursionError"
    except Exception as e:
        return f"{type(e).__name__}: {e}"[:LIMIT]
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def main():
    faulthandler.enable()
    warnings.simplefilter("ignore")
    signal.signal(signal.SIGALRM, interrupt)
    sys.set_int_max_str_digits(4300)
    for line in sys.stdin:
        name, data = line.split(" ")
        try:
            text = outcome(name, bytes.fromhex(data))
        except KeyboardInterrupt:       # it came late
            text = "interrupted"
        print(ascii(re.sub("0x[0-9a-f]{6,}", "ADDRESS", text)), flush=True)


if __name__ == "__main__":
    main()
