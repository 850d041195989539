"""Built-in types as programs see them: sizes, flags, and the attributes of those that no module shows (tests/library/check_surface.py
looks at all that modules show).

Sizes are compared where the C API or programs depend on them, not where the layout is nobody's business.
"""
# options: -W ignore
import _ast, _bisect, _collections, _functools, _heapq, _imp, _io, _operator, _random, _signal, _sre, _stat
import _string, _struct, _symtable, _thread, _tokenize, _typing, _warnings, _weakref, array, atexit, binascii
import builtins, cmath, errno, faulthandler, gc, grp, itertools, marshal, math, os, posix, pwd, re, select, sys, time, types
import unicodedata, weakref, zlib
import _abc, _codecs, _contextvars, _csv, _datetime, _json, _locale, _opcode, _posixsubprocess, _statistics
import collections
import contextvars
import functools
import io
import operator

MODULES = [
    _abc, _ast, _bisect, _codecs, _collections, _contextvars, _csv, _datetime, _functools, _heapq, _imp, _io, _json, _locale,
    _opcode, _operator, _posixsubprocess, _random, _signal, _sre, _stat, _statistics, _string, _struct, _symtable, _thread,
    _tokenize, _typing, _warnings, _weakref, array, atexit, binascii, builtins, cmath, errno, faulthandler, gc, grp, itertools,
    marshal, math, posix, pwd, select, sys, time, unicodedata, zlib,
]
# Layouts that are our own (in some, the reference's type is a heap type and ours is not, or the other way round).
OWN_LAYOUT = set("""_lru_cache_wrapper partial KeyWrapper BufferedRWPair BufferedRandom BufferedReader BufferedWriter BytesIO FileIO
StringIO TextIOWrapper attrgetter itemgetter methodcaller Struct TokenizerIter array arrayiterator zip DirEntry UCD async_generator
coroutine generator frame line_iterator Pattern Match unpack_iterator ScandirIterator poll formatteriterator fieldnameiterator
keys values items Compress Decompress""".split())
# What heap types have in their dicts; and what is worked out when asked for where the reference stores it.
OWN_NAMES = {"__module__", "__vectorcalloffset__"}
OWN = {"traceback.tb_lineno", "unpack_iterator.__new__"}
VALID_VERSION_TAG = 1 << 19


def describe(value):
    kind = type(value).__name__
    if isinstance(value, (staticmethod, classmethod)):
        value = value.__func__
        kind += " of " + type(value).__name__
    if isinstance(value, (bool, int, float, str, bytes, tuple, list, dict, type(None))):
        return kind
    has_doc = getattr(value, "__doc__", None) is not None
    return f"{kind} {getattr(value, '__text_signature__', None)} {'doc' if has_doc else 'no doc'}"


def show_type(cls, attributes=True, seen=set()):
    if cls in seen:
        return
    seen.add(cls)
    name = cls.__name__
    print(f"{getattr(cls, '__module__', None)}.{cls.__qualname__}", [base.__name__ for base in cls.__mro__], cls.__text_signature__)
    if name not in OWN_LAYOUT:
        print("   ", cls.__basicsize__, cls.__itemsize__, hex(cls.__flags__ & ~VALID_VERSION_TAG), cls.__dictoffset__,
              cls.__weakrefoffset__)
    for key, value in sorted(cls.__dict__.items()) if attributes else ():
        if not (name in OWN_LAYOUT and key in OWN_NAMES or f"{name}.{key}" in OWN):
            print("   ", key, describe(value))


for module in MODULES:
    for key, value in sorted(vars(module).items()):
        if isinstance(value, type):
            show_type(value, attributes=False)


def generator():
    yield


async def coroutine():
    pass


async def async_generator():
    yield


def closure():
    x = generator
    return lambda: x


class Plain:
    pass


code = generator.__code__
plain = Plain()
started = coroutine()
dictionary, ordered, context = {}, collections.OrderedDict(), contextvars.copy_context()
examples = [
    iter([]), reversed([]), iter(()), iter(""), iter("\u1234"), iter(b""), iter(bytearray()), iter(memoryview(b"")), iter(set()),
    iter(range(3)), iter(range(10 ** 30)), iter(int, 1), iter(array.array("b")), iter({}), reversed({}),
    dictionary.keys(), dictionary.values(), dictionary.items(), iter(dictionary.values()), iter(dictionary.items()),
    reversed(dictionary.values()), reversed(dictionary.items()), ordered.keys(), ordered.values(), ordered.items(), iter(ordered),
    iter(collections.deque()), reversed(collections.deque()), code.co_lines(), code.co_positions(), code, generator(), started,
    started.__await__(), async_generator(), async_generator().asend(1), async_generator().__anext__(),
    async_generator().athrow(ValueError), closure().__closure__[0], sys._getframe(), closure, [].append, plain.__init__, int.__add__,
    (1).__add__, int.real, types.FunctionType.__code__, types.FunctionType.__closure__, dict.__dict__["fromkeys"], type.__dict__,
    Ellipsis, NotImplemented, None, int | str, list[int], types.SimpleNamespace(), sys.flags, sys.version_info, sys.float_info,
    sys.hash_info, sys.int_info, sys.thread_info, sys.get_asyncgen_hooks(), weakref.ref(closure), weakref.proxy(plain),
    weakref.proxy(closure), functools.lru_cache(generator), functools.partial(int), functools.cmp_to_key(int), context,
    context.keys(), context.values(), context.items(), contextvars.ContextVar("x"), contextvars.Token.MISSING, re.compile(""),
    re.match("", ""), operator.itemgetter(1), operator.attrgetter("a"), operator.methodcaller("a"), itertools.groupby([]),
    itertools.tee([])[0], io.StringIO(), io.BytesIO(), io.BytesIO().getbuffer(), _struct.iter_unpack("b", b""), _csv.reader([]),
    os.stat("/"), os.scandir("/"), os.times(), os.uname(), time.localtime(), zlib.compressobj(), zlib.decompressobj(), select.poll(),
    _thread.allocate_lock(), _thread.RLock(), _string.formatter_parser("a"), _string.formatter_field_name_split("a")[1],
    unicodedata.ucd_3_2_0, ValueError().__traceback__,
]
started.close()
for example in examples:
    show_type(type(example))
try:
    raise ValueError
except ValueError as e:
    show_type(type(e.__traceback__))

for value in (None, True, 1, 1 << 30, 1 << 100, -1, 1.5, 1j, "", "abc", "\xe9", "\u1234", "\U00012345", b"", b"abc", bytearray(),
              bytearray(b"abc"), (), (1,), (1, 2, 3), [], [1], [1, 2, 3], [0] * 10, list(range(10)), {}, {1: 2}, {"a": 1}, dict.fromkeys(range(100)), set(),
              {1}, set(range(10)), frozenset(), frozenset(range(100)), range(3), slice(1), int, type, object(), plain, plain.__dict__,
              memoryview(b"abc"), len, [].append, generator, generator.__get__(1), property(), classmethod(int), staticmethod(int),
              super(Plain, plain), enumerate([]), reversed([]), map(int, []), filter(int, []), ValueError(), OSError(), Ellipsis,
              iter([]), iter(()), iter({}), iter(set()), closure().__closure__[0], weakref.ref(plain), types.SimpleNamespace(),
              dictionary.keys(), collections.deque(), collections.defaultdict(), Plain, types.MappingProxyType({}), list[int]):
    print(type(value).__name__, sys.getsizeof(value))
