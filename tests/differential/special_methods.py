"""Objects whose every special method raises, or returns what it should not, handed to builtins, methods and functions of modules."""
import re
import sys
import types

sys.setrecursionlimit(300)

SPECIAL = """__abs__ __add__ __aenter__ __aexit__ __aiter__ __and__ __anext__ __await__ __bool__ __bytes__ __call__ __ceil__ __complex__ __contains__ __copy__ __deepcopy__
__delattr__ __delete__ __delitem__ __dir__ __divmod__ __enter__ __eq__ __exit__ __float__ __floor__ __floordiv__ __format__ __fspath__ __ge__ __get__ __getattr__ __getitem__
__getnewargs__ __getnewargs_ex__ __getstate__ __gt__ __hash__ __iadd__ __iand__ __ifloordiv__ __ilshift__ __imatmul__ __imod__ __imul__ __index__ __instancecheck__ __int__ __invert__ __ior__ __ipow__
__irshift__ __isub__ __iter__ __itruediv__ __ixor__ __le__ __len__ __length_hint__ __lshift__ __lt__ __matmul__ __missing__ __mod__ __mro_entries__ __mul__ __ne__ __neg__ __next__ __or__
__pos__ __pow__ __prepare__ __radd__ __rand__ __rdivmod__ __reduce__ __reduce_ex__ __repr__ __reversed__ __rfloordiv__ __rlshift__ __rmatmul__ __rmod__ __rmul__ __ror__ __round__ __rpow__ __rrshift__
__rshift__ __rsub__ __rtruediv__ __rxor__ __set__ __setattr__ __setitem__ __setstate__ __sizeof__ __str__ __sub__ __subclasscheck__ __truediv__ __trunc__ __xor__ __set_name__""".split()


def raising(name):
    def method(*args, **keywords): raise ValueError(name)
    return method


def returning(value):
    def method(*args, **keywords): return value
    return method


class Odd:
    pass


KINDS = {"raises": {name: raising(name) for name in SPECIAL}}
for value in (None, -1, "x", 2.5, NotImplemented, 1 << 70, Odd(), (), b"b"):
    KINDS[f"gives {type(value).__name__}"] = {name: returning(value) for name in SPECIAL}
KINDS = {name: type("Odd", (), methods) for name, methods in KINDS.items()}
SKIPPED = {"anext", "ReferenceType", "input", "exit", "quit", "breakpoint", "print", "help", "open", "copyright", "credits", "license", "__build_class__", "__import__", "__loader__", "eval", "exec", "id", "globals", "locals", "vars",
           "object", "repeat", "cycle", "count", "sleep", "open_code", "text_encoding", "IncrementalNewlineDecoder", "FileIO", "register", "unregister", "lookup", "proxy", "ref", "getweakrefs",
           "getweakrefcount", "breakpointhook", "seed", "register_error", "shuffle", "tee", "BufferedReader", "BufferedWriter", "BufferedRandom", "BufferedRWPair", "TextIOWrapper", "cmp_to_key",
           "partial", "_lru_cache_wrapper", "perf_counter", "getlocale", "time", "time_ns", "monotonic", "monotonic_ns", "perf_counter_ns", "process_time", "process_time_ns", "thread_time", "thread_time_ns",
           "gmtime", "localtime", "ctime", "asctime", "today", "now", "utcnow", "clock_gettime", "clock_gettime_ns", "clock_settime", "clock_settime_ns", "tzset", "attrgetter", "Random", "urandom", "getrandbits",
           "random", "escape_decode", "Struct", "_clearcache", "unpack_from", "TypeVar", "_swap_current_task"}


def outcome(function, *args):
    try:
        result = function(*args)
        if isinstance(result, types.GeneratorType | map | filter | zip | enumerate) or type(result).__module__ == "itertools": result = [next(result)]
        text = type(result).__name__ if isinstance(result, Odd) or type(result).__name__ == "Odd" else repr(result)
    except BaseException as error:
        try:
            text = f"{type(error).__name__}: {error}"
        except Exception:
            text = f"{type(error).__name__} without text"
    return re.sub(r"0x[0-9a-f]+|\b\d{9,}\b", "N", text)[:160]


def functions():
    for module in ("builtins", "math", "cmath", "_operator", "itertools", "_functools", "_collections", "_bisect", "_heapq", "_struct", "array", "_json", "_sre", "_random", "unicodedata",
                   "_codecs", "marshal", "_io", "_weakref", "_datetime", "time", "_statistics", "_string", "_csv", "_stat", "_opcode", "_contextvars", "_pickle"):
        space = vars(__import__(module))
        for name in sorted(space):
            if name in SKIPPED or not callable(space[name]): continue
            if isinstance(space[name], type) and (issubclass(space[name], BaseException) or module in ("_io", "_pickle", "_contextvars", "_csv")): continue
            yield f"{module}.{name}", space[name]


def methods():
    for sample in (5, 2.5, 1j, "text", b"bytes", bytearray(b"array"), [1, 2], {1: 2}, {1, 2}, frozenset({1}), (1, 2), range(5), memoryview(b"view"), slice(1), property(), type, object(), None, ...):
        for name in sorted(dir(type(sample))):
            if name in ("__class__", "__init_subclass__", "__subclasshook__", "__init__", "__new__", "__sizeof__", "__dir__", "__reduce_ex__", "__reduce__", "__setattr__", "__delattr__", "__abstractmethods__"): continue
            method = getattr(sample, name, None)
            if callable(method):
                import copy
                def call(*args, sample=sample, name=name): return getattr(copy.copy(sample) if not isinstance(sample, memoryview | types.EllipsisType) else sample, name)(*args)
                yield f"{type(sample).__name__}.{name}", call


SHAPES = [lambda o: (o,), lambda o: (o, o), lambda o: (1, o), lambda o: (o, 1), lambda o: ("a", o), lambda o: ([1], o), lambda o: (o, o, o), lambda o: (int, o), lambda o: (b"a", o)]

for kind, cls in KINDS.items():
    for name, function in [*functions(), *methods()]:
        for number, shape in enumerate(SHAPES):
            print(kind, name, number, outcome(function, *shape(cls())))
    o = cls()
    for text in ("o + 1", "1 + o", "o - o", "o ** 2", "o[0]", "o[1:2]", "o in [1]", "1 in o", "not o", "-o", "~o", "o < 1", "o == 1", "o()", "o.x", "f'{o}'", "f'{o:5}'", "'%s' % o", "'%d' % o", "'%s' % (o,)", "[*o]", "{**o}",
                 "print(*o)", "print(**o)", "{o: 1}", "{o}", "[1][o]", "'a'[o]", "[1, 2][o:]", "(1,)[o]", "b'a'[o]", "range(3)[o]", "{}[o]", "[x for x in o]", "o if o else 1", "o and 1", "o is None", "[1] * o", "'a' * o", "isinstance(1, o)",
                 "issubclass(int, o)", "(o := 1)", "1 @ o", "o | int", "int | o", "list[o]", "lambda: o", "(yield_ for yield_ in o)", "[o] == [o]", "(o, 1) < (o, 2)", "{1: o} == {1: o}", "[o].index(3)", "[o].count(3)", "sorted([o, o])",
                 "max(o, o)", "min([o, 1])", "sum([o])", "','.join([o])", "'{}'.format(o)", "'{0.x}'.format(o)", "'{0[x]}'.format(o)", "divmod(1, o)", "round(o)", "round(o, 1)", "pow(o, 2, 3)", "complex(o, 1)", "int('1', o)", "str(b'', o)", "bytes([o])",
                 "dict([o])", "dict(o)", "set([o])", "type('A', (o,), {})", "type('A', (), {'x': o}).x", "slice(o).indices(5)", "range(o)", "range(1, o)", "hash((o,))", "dir(o)", "getattr(o, 'y')", "getattr(1, o)", "hasattr(o, 'y')"):
        print(kind, text, outcome(lambda: eval(text, {"o": cls()})))
    for text in ("with o: pass", "for x in o: pass", "a, b = o", "a, *b = o", "o.x = 1", "del o.x", "o[0] = 1", "del o[0]", "o += 1", "o @= 1", "raise o", "raise ValueError from o", "assert not o, o", "match o:\n case [a, b]: pass\n case {'a': 1}: pass\n case 1: pass",
                 "try: 1/0\nexcept o: pass", "class A(o): pass", "class A(metaclass=o): pass", "class A: x = o", "import sys; sys.stdout.write(o)", "[1, 2].sort(key=o)", "x = [1, 2]; x[o] = 1", "x = [1]; x[0:1] = o", "x = {}; x[o] = 1", "x = bytearray(b'a'); x[0] = o",
                 "def f(a=o): return a\nf(*o)", "def f(**k): pass\nf(**o)", "x = [1]; x += o", "x = {}; x |= o", "x = {}; x.update(o)", "x = set(); x |= o", "x = 'a'; x %= o", "exec('1', o)", "exec('1', {}, o)", "exec('x', {}, o)", "global_ = o; del global_", "print(o, file=o)",
                 "@o\ndef f(): pass", "async def f():\n async with o: pass\nf().send(None)", "async def f():\n async for x in o: pass\nf().send(None)", "async def f(): await o\nf().send(None)", "def g(): yield from o\nnext(g())", "try: raise ExceptionGroup('a', [ValueError()])\nexcept* o: pass"):
        print(kind, text, outcome(lambda: exec(text, {"o": cls()})))
