"""_pickle: the bytes of every protocol for all kinds of objects, what reads back, and the errors."""
import collections
import datetime
import decimal
import enum
import fractions
import io
import pickle
import re
import sys
import zlib


class Plain:
    def __init__(self):
        self.x = 1
        self.y = [self]


class Slots:
    __slots__ = ("a", "b")


class SlotsAndDict(Slots):
    pass


class List(list):
    pass


class Dict(dict):
    pass


class Tuple(tuple):
    pass


class Kind(enum.Enum):
    P = 1
    Q = "z"


class WithKeywords:
    def __new__(cls, *args, **kwargs):
        self = object.__new__(cls)
        self.args = (args, kwargs)
        return self

    def __getnewargs_ex__(self):
        return self.args


class WithArguments(int):
    def __getnewargs__(self):
        return (int(self),)


class Outer:
    class Inner:
        pass

    def method(self):
        pass


class Reduced:
    def __init__(self, value):
        self.value = value

    def __reduce__(self):
        return self.value


def setter(obj, state):
    obj.state = state


Point = collections.namedtuple("Point", "a b")
slots = Slots()
slots.a = 1
both = SlotsAndDict()
both.a = 2
both.zz = 3
some_list = List([1, 2, 3])
some_list.q = 1
some_dict = Dict(a=1)
some_dict.z = 2
rec_list = []
rec_list.append(rec_list)
rec_tuple = ([],)
rec_tuple[0].append(rec_tuple)
rec_tuple5 = ([], 1, 2, 3, 4)
rec_tuple5[0].append(rec_tuple5)
rec_dict = {}
rec_dict["me"] = rec_dict
in_set = Plain()
in_set.fs = frozenset([in_set])
deep = []
for _ in range(2000):
    deep = [deep]

objects = [
    None, True, False, 0, 1, 255, 256, 65535, 65536, -1, 2**31 - 1, 2**31, -2**31, -2**31 - 1, 2**63,
    -2**63, 2**100, -2**100, -128, -129, -32768, 10**500, -10**500, 2**2031, 2**2047, -2**2047,
    0.0, 1.5, -1e300, float("inf"), float("nan"), 1j,
    "", "abc", "\u1234", "\U0001f600x", "\ud800", "a\nb\\\0\x1a\r\xff", "x" * 255, "x" * 256,
    "\xe9" * 200, "x" * 70000, "\xe9" * 70000,
    b"", b"abc", b"\xff" * 255, b"y" * 256, b"y" * 70000,
    bytearray(), bytearray(b"abc"), bytearray(b"z" * 70000),
    (), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4), ((), ((),)),
    [], [1], [1, 2], list(range(3000)), [0] * 1000, [0] * 1001,
    {}, {1: 2}, {1: 2, 3: 4}, dict.fromkeys(range(1000)), dict.fromkeys(range(2500)),
    set(), {1}, set(range(1000)), set(range(2001)), frozenset(), frozenset({1, 2}), frozenset(range(1500)),
    Plain(), slots, both, some_list, some_dict, Tuple((1, 2)), Kind.P, Kind, WithKeywords(1, k=2),
    WithArguments(5), Outer.Inner, Outer.Inner(), Outer.method, Point(1, 2), rec_list, rec_tuple,
    rec_tuple5, rec_dict, in_set, deep,
    len, int, type, type(None), type(...), type(NotImplemented), ..., NotImplemented, range(5),
    slice(1, 2, 3), collections.OrderedDict(a=1), collections.defaultdict(list, {1: [2]}),
    collections.deque([1, 2], 5), collections.Counter("hello"), datetime.datetime(2020, 1, 2, 3, 4, 5),
    datetime.timedelta(1, 2, 3), decimal.Decimal("1.5"), fractions.Fraction(1, 3), ValueError("x", 1),
    OSError(2, "a", "f"), iter([1, 2, 3]), iter(range(5)), "abc".upper, [1].append, dict.fromkeys,
    collections.OrderedDict.fromkeys, ["a", "a", "abc" * 3, "abc" * 3], [1.5] * 3,
    [str(i) for i in range(300)], [("k%d" % i, i) for i in range(30000)],
    [b"q" * 40000, b"w" * 40000, b"e" * 66000, "r" * 66000],
    sys.intern, Exception, pickle.PickleBuffer, object(), print, super, property, complex,
    [Plain() for i in range(20)], {"a": [1, {"b": (1, 2, [3])}]}, str.join, lambda: 0, (i for i in ()),
    sys, open, zip([1], [2]), map(str, [1]), memoryview(b""), object, staticmethod(len),
    pickle.PickleBuffer(b"abc"), pickle.PickleBuffer(bytearray(b"abc")),
    pickle.PickleBuffer(memoryview(b"abcd")[::2]),
    Reduced(("a",)), Reduced((len,)), Reduced((1, ())), Reduced((len, [])), Reduced(3), Reduced("nope"),
    Reduced((list, (), None, [1])), Reduced((dict, (), None, None, 3)), Reduced((len, (), 1, None, None, 3)),
    Reduced((Plain, (), {"s": 1}, None, None, setter)), Reduced((list, (), None, iter([1] * 1001))),
    Reduced((dict, (), None, None, iter([(1, 2), (3, 4)]))), Reduced((dict, (), None, None, iter([1]))),
    Reduced((1,) * 7),
]


class Writer:
    def __init__(self):
        self.parts = []

    def write(self, data):
        self.parts.append(bytes(data))


def dumps(obj, protocol):
    return pickle.dumps(obj, protocol)


def dump_unfixed(obj, protocol):
    file = io.BytesIO()
    pickle.Pickler(file, protocol, fix_imports=False).dump(obj)
    return file.getvalue()


def dump_parts(obj, protocol):
    file = Writer()
    pickle.dump(obj, file, protocol)
    print([len(part) for part in file.parts], end=" ")
    return b"".join(file.parts)


def show_error(error):
    print(type(error).__name__, re.sub("0x[0-9a-f]+", "0x", str(error))[:200])


for number, obj in enumerate(objects):
    for protocol in range(6):
        for dump in dumps, dump_unfixed, dump_parts:
            print(number, protocol, dump.__name__, end=" ")
            try:
                data = dump(obj, protocol)
            except Exception as error:
                show_error(error)
                continue
            print(zlib.crc32(data), len(data), data if len(data) < 300 else "")
        if isinstance(obj, Reduced): continue
        try:
            files = io.BytesIO(data), io.BufferedReader(io.BytesIO(data))
            loaded = pickle.loads(data), *map(pickle.load, files)
        except Exception as error:
            show_error(error)
            continue
        print([type(o).__name__ for o in loaded], end=" ")
        if type(obj) in (int, float, str, bytes, list, dict, set, Point, List) and len(data) > 40:
            try:
                print(all(o == obj for o in loaded))
            except RecursionError:
                print("recursive")
        else:
            print()


# What is no pickle, byte by byte: what happens to each opcode on stacks of all kinds.
def load(data, **kwargs):
    try:
        print(repr(pickle.loads(data, **kwargs))[:100])
    except Exception as error:
        show_error(error)


prefixes = (b"", b"(", b"N", b"K\x01(", b"]K\x01", b"(K\x01K\x02", b"}K\x01K\x02", b"](K\x01K\x02",
            b"cbuiltins\nlist\n)")
suffixes = (b"", b".", b"\1\0\0\0\0\0\0\0.", b"\xff" * 8 + b".", b"1\n.", b"'a'\n.", b"-3\nx\n.")
for prefix in prefixes:
    for op in range(256):
        for suffix in suffixes:
            if op in b"jr" and suffix[:1] == b"\xff": continue      # a memo of gigabytes
            print(prefix, op, suffix, end=" ")
            load(prefix + bytes([op]) + suffix)

data = pickle.dumps([Plain(), "text", b"bytes", 1.5, {1: (2, 3)}], 5)
for end in range(len(data)):
    load(data[:end])
for text in (b"S'abc'\n.", b'S"a\\x41\\n"\n.', b"Sabc\n.", b"T\x03\0\0\0\xff\xfe\xfd.", b"U\x01\xe9.",
             b"V\\u1234\\U0001f600\n."):
    for encoding in "ASCII", "latin-1", "bytes", "nope":
        print(text, encoding, end=" ")
        load(text, encoding=encoding)
        load(text, encoding=encoding, errors="replace")
load(b"\x80\x05\x97.")
load(b"\x80\x05\x97.", buffers=[])
load(b"\x80\x05\x97.", buffers=[b"x"])
load(b"\x80\x05cbuiltins\nbytes\n\x97\x98\x85R.", buffers=[bytearray(b"x")])
load("text")
load(b"I01\n.")
load(b"c__builtin__\nunicode\n.")
load(b"c__builtin__\nunicode\n.", fix_imports=False)
load(b"\x80\x04\x8c\x08builtins\x8c\x0bstr.nothing\x93.")
load(b"\x80\x04\x8c\x08builtins\x8c\x0astr.upper\x93.".replace(b"\x0a", b"\x09"))
load(b"\x80\x04\x8c\x08builtins\x8c\x0cf.<locals>.g\x93.")
