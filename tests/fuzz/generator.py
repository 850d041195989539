"""Random programs that end, and print the same in every right Python: generator.make(seed) is the source of one.

Types are tracked loosely: most operations suit what they meet, some do not, and then the error is what is printed. Functions are
called many times with operands of one type and then of another, so that code specialises and has to give that up again.
What may differ between right answers is avoided: identity of numbers, addresses, the order of nothing but sets of small ints.
"""
import random

PRELUDE = '''\
class Box:
    def __init__(self, v): self.v = v; self.n = 0
    def __repr__(self): return f"Box({self.v!r})"
    def __add__(self, o): return Box(cap(self.v + (o.v if isinstance(o, Box) else o)))
    def __radd__(self, o): return Box(cap(o + self.v))
    def __mul__(self, o): return NotImplemented if isinstance(o, str) else Box(cap(self.v * 2))
    def __eq__(self, o): return isinstance(o, Box) and self.v == o.v
    def __hash__(self): return hash(self.v)
    def __lt__(self, o): return self.v < (o.v if isinstance(o, Box) else o)
    def __len__(self): return self.n
    def __bool__(self): return self.n % 3 != 1
    def __getitem__(self, i): return (self.v, i) if not isinstance(i, int) or i < 4 else [][i]
    def __contains__(self, x): return x == self.v
    def __call__(self, *a, **k): self.n += 1; return (a, sorted(k))
    def __index__(self): return self.n
    @property
    def half(self): return self.v / 2
    @classmethod
    def of(cls, v=1): return cls(v)
    @staticmethod
    def three(a, b=2, *c, d=4, **e): return [a, b, c, d, sorted(e.items())]
def nan_last(k): return (k != k, k)     # in a set, NaNs lie by their addresses
class Sub(Box):
    __slots__ = ("w",)
    def __init__(self, v, w=0): super().__init__(v); self.w = w
    def __getattr__(self, name):
        if name.startswith("q"): return name
        raise AttributeError(name + "?")
    def __iter__(self): return iter([self.v, self.w])
    def __sub__(self, o): return super().__add__(o)
    def __setitem__(self, i, v): self.v = v
    def __enter__(self): self.n += 1; return self
    def __exit__(self, t, e, tb): self.n += 1; return bool(t) and issubclass(t, LookupError)
class Point:
    __match_args__ = ("x", "y"); __slots__ = ("x", "y")
    def __init__(self, x, y): self.x, self.y = x, y
    def __repr__(self): return f"<{self.x}|{self.y}>"
    def __hash__(self): return 5
    def __getattribute__(self, n): return object.__getattribute__(self, "x" if n == "z" else n)
class MyInt(int):
    def __add__(self, o): return MyInt(int(self) + int(o) + 1)
class MyErr(ValueError): pass
def cap(x):
    if isinstance(x, int) and x.bit_length() > 120: return x % 1000000007
    if isinstance(x, (str, list, tuple, bytes)) and len(x) > 40: return x[:9]
    if isinstance(x, dict) and len(x) > 40: x.clear()
    return x
def gen(n):
    for i in range(n % 7):
        r = yield i
        if r: yield r * 2
    return n
def deco(f):
    def inner(*a, **k): return f(*a, **k)
    return inner
G = 0
'''

INTS = ["0", "1", "2", "3", "-1", "-7", "10", "255", "256", "257", "1000", "2**31", "2**60 - 1", "2**60", "-2**60", "2**62", "-2**63",
        "2**64", "10**20", "-10**30", "True", "MyInt(5)"]
FLOATS = ["0.0", "-0.0", "1.0", "0.5", "-2.5", "3.25", "1e300", "-1e300", "1e-300", "5e-324", "1e16", "0.1", "float('inf')", "float('-inf')",
          "float('nan')", "1e22"]
STRS = ["''", "'a'", "'abc'", "'xyz '", "'A b'", "'\\u00e9t\\u00e9'", "'\\U0001f600!'", "'%s'", "'a,b,c'", "'12'", "'-3.5'", "'\\n\\t'",
        "'000000000'", "'\\u0416z'", "'aabaabaab'"]
EXCEPTIONS = ["ValueError", "TypeError", "KeyError", "IndexError", "ZeroDivisionError", "MyErr", "AttributeError", "StopIteration",
              "RuntimeError", "LookupError", "ArithmeticError", "OverflowError"]
ATTRIBUTE_NAMES = ["'v'", "'w'", "'qq'", "'append'"]
FORMATS = ["''", "'>8'", "'08.3f'", "'x'", "','", "'^9'", "'+.2e'", "'b'", "'g'", "'%'"]
SPLITS = ["", "','", "None, 1"]
ENCODINGS = ["", "'ascii', 'replace'", "'utf-16'"]
KEYS = ["1", "'a'"]
TYPES = ["int", "float", "str", "list", "dict", "tuple", "bool", "set", "box", "bytes", "point"]


class Maker:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.lines = []
        self.level = 0
        self.scopes = [{}]          # name -> type, innermost last
        self.functions = []         # (name, types of parameters) of those that can be called from here
        self.number = 0
        self.loops = 0
        self.in_function = self.in_generator = self.in_finally = False
        self.budget = 90            # statements

    # ---- Words ----------------------------------------------------------------------------------------------------

    def chance(self, part): return self.random.random() < part
    def pick(self, items): return self.random.choice(items)
    def small(self, n=5): return str(self.random.randrange(-n, n + 1))

    def new_name(self, kind="v"):
        self.number += 1
        return f"{kind}{self.number}"

    def names(self, kind):
        return [n for scope in self.scopes for n, t in scope.items() if t == kind or self.chance(0.03)]

    def emit(self, text):
        self.lines.append("    " * self.level + text)

    # ---- Expressions ----------------------------------------------------------------------------------------------

    def any(self, depth=2):
        return self.expr(self.pick(TYPES), depth)

    def expr(self, kind, depth=2):
        if self.chance(0.02): kind = self.pick(TYPES)
        if depth <= 0 or self.chance(0.2):
            names = self.names(kind)
            if names and self.chance(0.8): return self.pick(names)
            return self.literal(kind)
        if self.chance(0.04): return f"({self.expr(kind, depth - 1)} if {self.condition(depth - 1)} else {self.expr(kind, depth - 1)})"
        if self.chance(0.02): return f"({self.new_local(kind)} := {self.expr(kind, depth - 1)})"
        if self.chance(0.02): return f"(lambda x, y={self.literal(kind)}: x or y)({self.expr(kind, depth - 1)})"
        if self.functions and self.chance(0.03): return self.call(depth)
        return getattr(self, "make_" + kind)(depth - 1)

    def new_local(self, kind):
        name = self.new_name()
        self.scopes[-1][name] = kind
        return name

    def literal(self, kind):
        if kind == "int": return f"({self.pick(INTS) if self.chance(0.5) else self.small(40)})"
        if kind == "float": return f"({self.pick(FLOATS)})"
        if kind == "str": return self.pick(STRS)
        if kind == "bool": return self.pick(["True", "False"])
        if kind == "list": return self.pick(["[]", "[1, 2, 3]", "[5, 'a', None]", "list(range(6))", "[[1], [2, 3]]", "[1.5, 2.5]", "[*'abc']"])
        if kind == "dict": return self.pick(["{}", "{'a': 1}", "{1: 2, 3: 4}", "dict(x=1, y=2)", "{'a': [1], 2: 'b', None: 3}", "{**{'k': 1}, 'k': 2}"])
        if kind == "tuple": return self.pick(["()", "(1,)", "(1, 'a')", "(1, 2, 3)", "((1, 2), 3)", "(1.5, True)"])
        if kind == "set": return self.pick(["set()", "{1, 2}", "{3, 4, 5}", "frozenset([1, 2])"])
        if kind == "box": return self.pick([f"Box({self.small()})", f"Sub({self.small()}, 2)", "Box.of()", "Box('s')", "Sub(1.5)"])
        if kind == "point": return f"Point({self.small()}, {self.small()})"
        return self.pick(["b''", "b'ab'", "bytes(3)", "bytearray(b'xy')", "b'\\xff\\x00'"])

    def make_int(self, d):
        e = lambda: self.expr("int", d)
        return self.pick([
            lambda: f"({e()} {self.pick(['+', '-', '+', '-', '&', '|', '^'])} {e()})",
            lambda: f"cap({e()} * {e()})",
            lambda: f"({e()} {self.pick(['//', '%'])} {e()})",
            lambda: f"({e()} % {self.pick(['7', '10', '-3', '1', '1000'])})",
            lambda: f"(({e()}) << ({e()} & 15))", lambda: f"({e()} >> ({e()} & 31))",
            lambda: f"({e()} % 50) ** {self.random.randrange(5)}",
            lambda: f"(-{e()})", lambda: f"(~{e()})", lambda: f"abs({e()})",
            lambda: f"len({self.expr(self.pick(['list', 'str', 'dict', 'tuple', 'set', 'bytes']), d)})",
            lambda: f"int({self.expr(self.pick(['float', 'str', 'bool', 'int']), d)})",
            lambda: f"sum({self.ints(d)})", lambda: f"max({e()}, {e()})", lambda: f"min({self.ints(d)}, default=3)",
            lambda: f"hash({e()})",
            lambda: f"ord({self.expr('str', d)}[:1])", lambda: f"{self.expr('str', d)}.find({self.expr('str', d)})",
            lambda: f"{self.expr('list', d)}.count({self.any(d)})", lambda: f"divmod({e()}, {e()})[{self.pick('01')}]",
            lambda: f"round({self.expr('float', d)})", lambda: f"{self.expr('box', d)}.n", lambda: f"{self.expr('point', d)}.{self.pick('xyz')}",
            lambda: f"({e()}).bit_length()", lambda: f"{self.expr('bytes', d)}[{self.small(2)}]", lambda: f"pow({e()}, {self.pick(['2', '-1', '5'])}, 97)",
            lambda: f"next(gen({e()} % 9), {e()})",
        ])()

    def make_float(self, d):
        e = lambda: self.expr("float", d)
        return self.pick([
            lambda: f"({e()} {self.pick(['+', '-', '*', '+', '-', '*'])} {self.expr(self.pick(['float', 'int']), d)})",
            lambda: f"({self.expr('int', d)} / {self.expr(self.pick(['int', 'float']), d)})",
            lambda: f"({e()} {self.pick(['//', '%'])} {e()})", lambda: f"({e()} ** {self.pick(['2', '0.5', '-1', '3'])})",
            lambda: f"(-{e()})", lambda: f"abs({e()})", lambda: f"float({self.expr(self.pick(['int', 'str']), d)})",
            lambda: f"round({e()}, {self.small(3)})", lambda: f"{self.expr('box', d)}.half", lambda: f"max({e()}, {self.expr('int', d)})",
            lambda: f"sum([{e()}, {e()}])", lambda: f"({e()}).__add__({self.expr('int', d)})",
        ])()

    def make_bool(self, d):
        return self.condition(d)

    def condition(self, d=1):
        kind = self.pick(["int", "float", "str", "list", "tuple", "set", "box", "bool"])
        e = lambda k=kind: self.expr(k, d)
        return self.pick([
            lambda: f"({e()} {self.pick(['<', '<=', '>', '>=', '==', '!='])} {e()})",
            lambda: f"({e('int')} {self.pick(['<', '==', '>', '!='])} {e(self.pick(['int', 'float']))})",
            lambda: f"({e('int')} < {e('int')} <= {e('float')})", lambda: f"(not {e()})",
            lambda: f"({e()} {self.pick(['and', 'or'])} {e()})", lambda: f"({self.any(d)} {self.pick(['in', 'not in'])} {e(self.pick(['list', 'tuple', 'dict', 'set', 'str']))})",
            lambda: f"({self.any(d)} is {self.pick(['None', 'not None'])})",
            lambda: f"isinstance({self.any(d)}, {self.pick(['int', 'str', '(int, float)', 'Box', 'list | dict', 'Sub'])})",
            lambda: f"bool({e()})", lambda: f"{self.pick(['any', 'all'])}({self.ints(d)})", lambda: f"{e('str')}.{self.pick(['isdigit', 'isalpha', 'isupper'])}()",
            lambda: f"{e('str')}.startswith({e('str')})", lambda: f"hasattr({self.any(d)}, {self.pick(ATTRIBUTE_NAMES)})",
            lambda: f"callable({self.any(d)})",
        ])()

    def make_str(self, d):
        e = lambda: self.expr("str", d)
        return self.pick([
            lambda: f"cap({e()} + {e()})", lambda: f"cap({e()} * ({self.expr('int', d)} % 4))", lambda: f"str({self.any(d)})", lambda: f"repr({self.any(d)})",
            lambda: self.fstring(d), lambda: self.fstring(d), lambda: f"{e()}[{self.index(d)}]", lambda: f"{e()}[{self.slice(d)}]", lambda: f"{e()}.join({self.expr('list', d)})",
            lambda: f"{e()}.{self.pick(['upper', 'lower', 'strip', 'title', 'swapcase', 'capitalize', 'casefold'])}()",
            lambda: f"{e()}.replace({e()}, {e()})[:60]", lambda: f"('%{self.pick(['s', 'r', '5s', '-4s|', 'd', 'x', '.3f', 'e', '+d', '05d', 'c', 'a'])}' % ({self.any(d)},))",
            lambda: f"format({self.expr(self.pick(['int', 'float', 'str']), d)}, {self.pick(FORMATS)})",
            lambda: f"{e()}.center({self.random.randrange(9)}, '*')", lambda: f"chr({self.expr('int', d)} % 1000 + 32)", lambda: f"type({self.any(d)}).__name__",
            lambda: f"{e()}.zfill(6)", lambda: f"{e()}.partition({e()})[{self.small(3)}]", lambda: f"hex({self.expr('int', d)})", lambda: f"'{{}} {{!r:>4}}'.format({self.any(d)}, {e()})",
            lambda: f"{self.expr('bytes', d)}.decode('latin-1')", lambda: f"ascii({e()})", lambda: f"Sub(1).q{self.pick('abc')}",
        ])()

    def fstring(self, d):
        part = self.pick([lambda: f"{{{self.any(d - 1)}!r}}", lambda: f"{{{self.expr('int', d - 1)}:{self.pick(['5', '<6', '#x', ',', '+'])}}}",
                          lambda: f"{{{self.expr('float', d - 1)}:{self.pick(['.2f', 'e', '8.3', 'g'])}}}", lambda: f"{{{self.expr('str', d - 1)}:>{{{self.random.randrange(1, 9)}}}}}",
                          lambda: f"{{{self.any(d - 1)}!s}}"])()
        if any(c in part for c in "\"\\'#\n") or "lambda" in part or ":=" in part: return f"str({self.any(d)})"
        return "f'<{ " + part[1:] + ">'"

    def index(self, d):
        return self.expr("int", d) if self.chance(0.3) else self.small(3)

    def slice(self, d):
        part = lambda: self.pick(["", self.small(4), self.small(9), self.expr("int", d - 1) if self.chance(0.2) else "", "None"])
        return f"{part()}:{part()}" + (f":{self.pick(['', '2', '-1', '-2', '3', '0', self.small(3)])}" if self.chance(0.4) else "")

    def ints(self, d):
        return self.pick([lambda: f"range({self.small(9)})", lambda: f"[{self.expr('int', d - 1)}, {self.expr('int', d - 1)}]", lambda: self.comprehension("int", d),
                          lambda: f"gen({self.small(9)})", lambda: f"range({self.small()}, {self.small(9)}, {self.pick(['1', '2', '-1', '3'])})",
                          lambda: f"map(lambda q: q + 1, {self.expr('list', d - 1)})", lambda: f"filter(None, [0, {self.expr('int', d - 1)}])"])()

    def comprehension(self, kind, d, brackets="[]"):
        name = self.new_name("c")
        source = f"range({self.random.randrange(7)})" if self.chance(0.5) else self.expr(self.pick(["list", "tuple", "str", "set"]), d - 1)
        if source.startswith("{") or "set(" in source: source = f"sorted({source}, key=nan_last)"
        if ":=" in source: source = "range(3)"
        self.scopes.append({name: "int"})
        condition = f" if {self.condition(d - 1)}" if self.chance(0.4) else ""
        inner = ""
        if self.chance(0.2):
            second = self.new_name("c")
            self.scopes[-1][second] = "int"
            inner = f" for {second} in range({name}{' if isinstance(' + name + ', int) else 2'})" if self.chance(0.5) else f" for {second} in [{name}, 1]"
        value = self.expr(kind, d - 1)
        self.scopes.pop()
        if ":=" in value + condition: value, condition = name, ""
        if brackets == "{:}": return f"{{{name}: {value} for {name} in {source}{inner}{condition}}}"
        return f"{brackets[0]}{value} for {name} in {source}{inner}{condition}{brackets[1]}"

    def make_list(self, d):
        e = lambda: self.expr("list", d)
        return self.pick([
            lambda: f"[{', '.join(self.any(d) for _ in range(self.random.randrange(4)))}]", lambda: f"cap({e()} + {e()})", lambda: f"cap({e()} * {self.random.randrange(3)})",
            lambda: f"{e()}[{self.slice(d)}]", lambda: f"sorted({self.ints(d)}{self.pick(['', ', reverse=True', ', key=lambda k: -k', ', key=str'])})", lambda: f"list({self.ints(d)})",
            lambda: self.comprehension(self.pick(["int", "str", "float", "tuple"]), d), lambda: f"{self.expr('str', d)}.split({self.pick(SPLITS)})", lambda: f"list({self.expr('dict', d)}.{self.pick(['keys', 'values', 'items'])}())",
            lambda: f"[*{e()}, {self.any(d)}]", lambda: f"list(zip({e()}, {self.ints(d)}))", lambda: f"list(enumerate({e()}, {self.small()}))", lambda: f"list(reversed({e()}))", lambda: f"Box.three({self.arguments(d)})",
            lambda: f"sorted({self.expr('set', d)}, key=nan_last)", lambda: f"list({self.comprehension('int', d, '()')})", lambda: f"{e()}.copy()", lambda: f"list({self.expr('str', d)})",
        ])()

    def make_dict(self, d):
        e = lambda: self.expr("dict", d)
        return self.pick([
            lambda: f"{{{self.expr('str', d)}: {self.any(d)}, {self.expr('int', d)}: {self.any(d)}}}", lambda: f"({e()} | {e()})", lambda: f"{{**{e()}, 'z': {self.any(d)}}}",
            lambda: f"dict(a={self.any(d)}, b={self.any(d)})", lambda: self.comprehension(self.pick(["int", "str"]), d, "{:}"), lambda: f"dict(zip({self.expr('str', d)}, {self.ints(d)}))", lambda: f"dict.fromkeys({self.expr('tuple', d)})",
            lambda: f"{self.expr('box', d)}.__dict__.copy()",
        ])()

    def make_tuple(self, d):
        e = lambda: self.expr("tuple", d)
        return self.pick([
            lambda: f"({self.any(d)}, {self.any(d)})", lambda: f"cap({e()} + {e()})", lambda: f"{e()}[{self.slice(d)}]", lambda: f"tuple({self.ints(d)})", lambda: f"(*{e()}, *{self.expr('list', d)})",
            lambda: f"divmod({self.expr('float', d)}, {self.expr('int', d)})", lambda: f"{self.expr('box', d)}({self.arguments(d)})", lambda: f"{self.expr('box', d)}[{self.any(d)}]", lambda: f"{self.expr('str', d)}.rpartition('a')",
            lambda: f"slice({self.small()}, {self.small()}).indices({self.random.randrange(9)})", lambda: f"({self.expr('float', d)}).as_integer_ratio()",
        ])()

    def make_set(self, d):
        e = lambda: self.expr("set", d)
        return self.pick([lambda: f"({e()} {self.pick(['|', '&', '-', '^'])} {e()})", lambda: f"set({self.ints(d)})", lambda: f"{{*{self.expr('tuple', d)}, 1}}", lambda: f"frozenset({e()})"])()

    def make_box(self, d):
        e = lambda: self.expr("box", d)
        return self.pick([lambda: f"({e()} + {self.any(d)})", lambda: f"({self.expr('int', d)} + {e()})", lambda: f"{self.pick(['Box', 'Sub'])}({self.any(d)})", lambda: f"({e()} * {self.any(d)})", lambda: f"({e()} - {self.any(d)})",
                          lambda: f"max({e()}, {e()})", lambda: f"{self.pick(['Box', 'Sub'])}.of({self.any(d)})"])()

    def make_point(self, d):
        return f"Point({self.any(d)}, {self.any(d)})"

    def make_bytes(self, d):
        e = lambda: self.expr("bytes", d)
        return self.pick([lambda: f"cap({e()} + {e()})", lambda: f"{e()}[{self.slice(d)}]", lambda: f"{self.expr('str', d)}.encode({self.pick(ENCODINGS)})", lambda: f"bytes([{self.expr('int', d)} % 256])",
                          lambda: f"{e()}.hex().encode()", lambda: f"({self.expr('int', d)} & 0xffff).to_bytes(2, 'big')"])()

    def arguments(self, d):
        parts = [self.any(d) for _ in range(self.random.randrange(3))]
        if self.chance(0.2): parts.append(f"*{self.expr(self.pick(['list', 'tuple']), d)}")
        if self.chance(0.2): parts.append(f"{self.pick('abdexy')}={self.any(d)}")
        if self.chance(0.1): parts.append(f"**{self.expr('dict', d)}")
        return ", ".join(parts)

    def call(self, d):
        name, kinds = self.pick(self.functions)
        parts = [self.expr(k if self.chance(0.85) else self.pick(TYPES), d - 1) for k in kinds]
        if self.chance(0.04): parts = parts[:-1]
        if self.chance(0.03): parts.append(f"*{self.expr('tuple', 1)}")
        return f"{name}({', '.join(parts)})"

    # ---- Statements -----------------------------------------------------------------------------------------------

    def block(self, depth, most=4, tail=None):
        self.level += 1
        self.scopes.append({})
        for _ in range(self.random.randrange(1, most + 1)):
            self.statement(depth)
        if tail: self.emit(tail)
        self.level -= 1
        inner = self.scopes.pop()
        if self.chance(0.7): self.scopes[-1].update(inner)      # the rest may be unbound: so be it

    def statement(self, depth):
        self.budget -= 1
        if self.budget < 0: return self.emit(f"print({self.any(1)})")
        simple = [self.assign] * 6 + [self.augment] * 4 + [self.show] * 3 + [self.unpack] * 2 + [self.store] * 3 + [self.method] * 3 + [self.leave] * 2 + [self.fail, self.remove, self.check_locals, self.look]
        compound = [self.branch] * 4 + [self.loop] * 5 + [self.loop_while] * 2 + [self.attempt] * 4 + [self.match] * 2 + [self.with_] * 2 + [self.closure, self.class_, self.generator, self.groups, self.function, self.coroutine, self.loop_hot]
        self.pick(simple if depth <= 0 or self.chance(0.6) else compound)(depth - 1)

    def target(self, kind):
        names = [n for n, t in self.scopes[-1].items() if not n.startswith("i")]
        if names and self.chance(0.5):
            name = self.pick(names)
            self.scopes[-1][name] = kind
            return name
        return self.new_local(kind)

    def assign(self, depth):
        kind = self.pick(TYPES[:6] + TYPES)
        value = self.expr(kind, 3)
        names = [self.target(kind) for _ in range(1 if self.chance(0.9) else 2)]
        self.emit(f"{' = '.join(names)} = {value}" if self.chance(0.95) or not self.in_function
                  else f"{names[0]}: int = {value}")    # in a module's match statement the reference may forget SETUP_ANNOTATIONS

    def augment(self, depth):
        kind = self.pick(["int", "int", "float", "str", "list", "set", "tuple"])
        names = [n for n in self.names(kind) if n in self.scopes[-1] and not n.startswith("i")]
        if not names: return self.assign(depth)
        name = self.pick(names)
        operator = {"int": ["+=", "-=", "&=", "|=", "//=", "%=", "^=", "+=", "-="], "float": ["+=", "-=", "*=", "/="], "set": ["|=", "-=", "&="]}.get(kind, ["+="])
        self.emit(f"{name} {self.pick(operator)} {self.expr(kind, 2)}")
        if kind in ("str", "list", "tuple"): self.emit(f"{name} = cap({name})")

    def show(self, depth):
        self.emit(f"print({', '.join(self.any(3) for _ in range(self.random.randrange(1, 3)))})")

    def look(self, depth):
        self.emit(self.pick(["print(sys._getframe().f_lineno)", "print(sys.exc_info()[0])", "print(sys._getframe().f_code.co_name)"]))

    def unpack(self, depth):
        kinds = [self.pick(TYPES) for _ in range(self.random.randrange(2, 4))]
        values = ", ".join(self.expr(k, 2) for k in kinds)
        names = [self.target(k) for k in kinds]
        self.emit(self.pick([f"{', '.join(names)} = {values}", f"{names[0]}, *{names[1]} = {self.expr(self.pick(['list', 'tuple', 'str']), 2)}",
                             f"({names[0]}, {names[1]}) = {self.expr(self.pick(['tuple', 'list', 'dict']), 2)}", f"[{names[0]}, [{names[1]}]] = {self.any(1)}, {self.expr('list', 1)}[:1]"]))

    def store(self, depth):
        self.emit(self.pick([
            lambda: f"{self.expr('list', 1)}[{self.index(1)}] = {self.any(2)}", lambda: f"{self.expr('dict', 1)}[{self.expr(self.pick(['str', 'int', 'tuple', 'float']), 1)}] = {self.any(2)}",
            lambda: f"{self.expr('list', 0)}[{self.slice(1)}] = {self.expr(self.pick(['list', 'tuple', 'str']), 1)}", lambda: f"{self.expr('box', 0)}.{self.pick('vnwz')} = {self.any(2)}", lambda: f"{self.expr('point', 0)}.{self.pick('xyzw')} = {self.any(2)}",
            lambda: f"{self.expr('box', 0)}.n += {self.expr('int', 1)}", lambda: f"{self.expr('dict', 0)}[{self.pick(KEYS)}] += {self.expr('int', 1)}", lambda: f"{self.expr('list', 0)}[{self.small(2)}] += {self.expr('int', 1)}",
            lambda: f"del {self.expr('list', 0)}[{self.slice(1)}]", lambda: f"del {self.expr('dict', 0)}[{self.expr('int', 1)}]", lambda: f"del {self.expr('box', 0)}.{self.pick('vnw')}",
            lambda: f"globals()['G'] = {self.expr('int', 1)}", lambda: f"{self.expr('bytes', 0)}[0] = {self.expr('int', 1)} & 255",
        ])().replace("(", "(", 1))

    def method(self, depth):
        listed, mapped = self.expr("list", 0), self.expr("dict", 0)
        self.emit(self.pick([
            lambda: f"{listed}.append({self.any(2)})", lambda: f"{listed}.extend({self.ints(1)})", lambda: f"print({listed}.pop({self.pick(['', '0', '-1', '9'])}))", lambda: f"{listed}.insert({self.small()}, {self.any(1)})", lambda: f"{listed}.sort({self.pick(['', 'key=str', 'reverse=True', 'key=repr'])})", lambda: f"{listed}.reverse()",
            lambda: f"{listed}.remove({self.any(1)})", lambda: f"print({mapped}.get({self.any(1)}, {self.any(1)}))", lambda: f"{mapped}.update({self.expr('dict', 1)})", lambda: f"print({mapped}.setdefault({self.expr('str', 1)}, {self.any(1)}))",
            lambda: f"print({mapped}.pop({self.any(1)}, None))", lambda: f"{self.expr('set', 0)}.add({self.expr('int', 1)})", lambda: f"print(list({mapped}), {mapped} == {self.expr('dict', 1)})", lambda: f"print({self.any(1)} == {self.any(1)}, {self.any(1)} != {self.any(1)})",
        ])())

    def leave(self, depth):
        choices = [f"assert {self.condition()}, {self.any(1)}"]
        if self.loops and not self.in_finally: choices += [f"if {self.condition()}: break", f"if {self.condition()}: continue"] * 2
        if self.in_function: choices += [f"if {self.condition()}: return {self.any(2)}"] * 2
        if self.in_generator: choices += [f"print((yield {self.any(2)}))", f"yield {self.any(2)}", f"yield from {self.ints(1)}"] * 2
        self.emit(self.pick(choices))

    def fail(self, depth):
        self.emit(f"if {self.condition()}: raise {self.pick(EXCEPTIONS)}({self.any(1)})" + self.pick(["", "", " from None", " from OSError('c')"]))

    def remove(self, depth):
        names = [n for n in self.scopes[-1] if not n.startswith("i")]
        if names: self.emit(f"del {self.pick(names)}")
        else: self.assign(depth)

    def check_locals(self, depth):
        if self.in_function: self.emit("print(sorted(locals()))")
        else: self.show(depth)

    def branch(self, depth):
        self.emit(f"if {self.condition(2)}:")
        self.block(depth)
        if self.chance(0.3):
            self.emit(f"elif {self.condition(2)}:")
            self.block(depth)
        if self.chance(0.5):
            self.emit("else:")
            self.block(depth)

    def loop(self, depth):
        kind = self.pick(["range", "range", "list", "items", "enumerate", "zip", "str", "gen", "box", "tuple"])
        i, j = self.new_name("i"), self.new_name("i")
        times = self.random.choice([3, 5, 8, 12, 25]) if self.loops == 0 else self.random.choice([2, 3, 4])
        source, names = {
            "range": (f"range({times})", {i: "int"}), "list": (f"{self.expr('list', 2)}[:{times}]", {i: "int"}), "items": (f"list({self.expr('dict', 2)}.items())[:{times}]", {i: "str", j: "int"}),
            "enumerate": (f"enumerate({self.expr(self.pick(['list', 'str', 'tuple']), 2)}[:{times}])", {i: "int", j: "str"}), "zip": (f"zip({self.expr('list', 1)}[:{times}], {self.ints(1)})", {i: "int", j: "int"}),
            "str": (f"{self.expr('str', 2)}[:{times}]", {i: "str"}), "gen": (f"gen({self.random.randrange(8)})", {i: "int"}), "box": (f"{self.expr('box', 1)}", {i: "int"}), "tuple": (f"({self.any(1)}, {self.any(1)}, {self.any(1)})", {i: self.pick(TYPES)}),
        }[kind]
        self.emit(f"for {', '.join(names)} in {source}:")
        self.scopes[-1].update(names)
        self.looped(depth)

    # A loop that turns so often that it becomes machine code: numbers, lists and attributes, and at a few turns any other statement.

    def hot_number(self, names, depth=2):
        """A number made of `names`; now and then of what is no number, or no name yet."""
        if depth <= 0 or self.chance(0.25):
            return self.pick(names) if self.chance(0.7) else self.literal(self.pick(["int", "int", "float"])) if self.chance(0.5) else self.small(9)
        e = lambda: self.hot_number(names, depth - 1)
        return self.pick([
            lambda: f"({e()} {self.pick('+-*')} {e()})", lambda: f"({e()} {self.pick('+-')} {e()})", lambda: f"({e()} {self.pick(['%', '//', '/', '&', '|', '^'])} {self.pick(['7', '3', '2.5', '255', '-4', e()])})",
            lambda: f"({e()} {self.pick(['<<', '>>'])} {self.random.randrange(5)})", lambda: f"({e()} if {e()} {self.pick(['<', '>=', '==', '!='])} {e()} else {e()})", lambda: f"{self.pick(['abs', 'float', 'bool', '-', '+'])}({e()})", lambda: f"(not {e()})",
            lambda: f"{self.pick(['min', 'max'])}({e()}, {e()})", lambda: f"items[{self.pick(names)} % 5]", lambda: f"items[{self.small(5)}]", lambda: "box.v", lambda: "len(items)", lambda: "G", lambda: self.any(1) if self.chance(0.1) else e(),
        ])()

    def hot_statement(self, names, depth):
        name, e = self.pick(names[1:]), lambda: self.hot_number(names)
        self.emit(self.pick([
            lambda: f"{name} = {e()}", lambda: f"{name} = {e()}", lambda: f"{name} {self.pick(['+=', '-=', '*='])} {self.hot_number(names, 1)}", lambda: f"{name}, {self.pick(names[1:])} = {e()}, {e()}", lambda: f"items[{names[0]} % 5] = {e()}",
            lambda: f"box.v = {e()}", lambda: f"box.v += {self.hot_number(names, 1)}", lambda: f"if {e()} > {e()}: {self.pick(['break', 'continue', f'{name} = {self.hot_number(names, 1)}'])}", lambda: f"items.append(items.pop())",
            lambda: f"for {name} in {self.pick(['items', f'range({self.random.randrange(4)})', '(1, 2.5)'])}: {self.pick(names[1:])} = {self.hot_number(names, 1)}", lambda: f"{name} = items[-1]; items[0], items[1] = items[1], items[0]",
        ])())
        if self.chance(0.8): self.emit(f"if not -1e15 < {name} < 1e15: {name} = {names[0]}")

    def loop_hot(self, depth):
        if self.loops or self.level > 2: return self.loop(depth)
        names = [self.new_name("i")] + [self.new_name() for _ in range(self.random.randrange(1, 4))]
        for name in names[1:]: self.emit(f"{name} = {self.literal(self.pick(['int', 'float']))}")
        self.emit(f"items, box = [{', '.join(self.literal(self.pick(['int', 'int', 'float'])) for _ in range(5))}], Box({self.small()})")
        turns = self.random.randrange(1001, 2500)
        counted = self.chance(0.2)
        if counted: self.emit(f"{names[0]} = 0")
        self.emit(f"while {names[0]} < {turns}:" if counted else f"for {names[0]} in {self.pick([f'range({turns})', f'range({turns})', f'range({turns}, 0, -1)', f'range(-{turns}, {turns}, 2)', f'[1, 2.5, 3] * {turns // 3}'])}:")
        self.level += 1
        if counted: self.emit(f"{names[0]} += 1")
        guarded = self.chance(0.5)
        if guarded:
            self.emit("try:")
            self.level += 1
        for _ in range(self.random.randrange(1, 6)): self.hot_statement(names, depth)
        if self.chance(0.5):
            self.emit(f"if {names[0]} % 600 == {self.random.randrange(600)}:")
            self.scopes[-1].update({name: "int" for name in names})
            self.loops += 1
            self.block(0, 3)
            self.loops -= 1
        if guarded:
            self.level -= 1
            self.emit(f"except {self.pick(['Exception', 'ZeroDivisionError', '(TypeError, ValueError)'])} as e: {names[-1]} = {self.literal(self.pick(['int', 'float']))}")
        self.level -= 1
        self.emit(f"print({', '.join(names)}, items[:9], box)")

    def looped(self, depth, tail=None):
        was, self.loops = self.loops, self.loops + 1
        finally_, self.in_finally = self.in_finally, False
        self.block(depth if self.loops < 3 else 0, tail=tail)
        self.loops, self.in_finally = was, finally_
        if self.chance(0.15):
            self.emit("else:")
            self.block(0)

    def loop_while(self, depth):
        i = self.new_name("i")
        self.emit(f"{i} = {self.random.randrange(12)}")
        self.emit(f"while {i} > 0{self.pick(['', f' and {self.condition()}', f' or False'])}:")
        self.scopes[-1][i] = "int"
        self.level += 1
        self.emit(f"{i} -= {self.pick(['1', '2', '3'])}")
        self.level -= 1
        self.looped(depth)

    def attempt(self, depth):
        self.emit("try:")
        self.block(depth)
        catches = self.chance(0.85)
        if catches:
            for _ in range(self.random.randrange(1, 3)):
                self.emit(f"except {self.pick(EXCEPTIONS)} as e:" if self.chance(0.7) else f"except ({self.pick(EXCEPTIONS)}, {self.pick(EXCEPTIONS)}) as e:")
                self.level += 1
                self.emit("print(type(e).__name__, e)")
                self.level -= 1
                self.block(depth - 1, 2, self.pick([None, None, "raise"]) if self.chance(0.3) else None)
            if self.chance(0.7):
                self.emit("except Exception as e:")
                self.block(0, 2, "print(type(e).__name__, e, type(e.__context__).__name__)")
            if self.chance(0.3):
                self.emit("else:")
                self.block(depth - 1, 2)
        if not catches or self.chance(0.3):
            self.emit("finally:")
            was, self.in_finally = self.in_finally, True
            self.block(depth - 1, 2)
            self.in_finally = was

    def groups(self, depth):
        self.emit("try:")
        self.block(0, 2, f"raise ExceptionGroup('g', [{self.pick(EXCEPTIONS)}({self.any(1)}), {self.pick(EXCEPTIONS)}(2), ExceptionGroup('h', [KeyError(1), TypeError(2)])])" if self.chance(0.8) else None)
        was, self.loops = self.loops, 0
        function, self.in_function = self.in_function, False
        generator, self.in_generator = self.in_generator, False
        for name in self.random.sample(EXCEPTIONS, 2):
            self.emit(f"except* {name} as e:")
            self.block(0, 2, "print(e, e.exceptions)" if self.chance(0.8) else "raise")
        self.loops, self.in_function, self.in_generator = was, function, generator

    def with_(self, depth):
        name = self.new_local("box")
        self.emit(f"with Sub({self.any(1)}) as {name}" + (f", Sub({self.small()}, 'w'):" if self.chance(0.3) else ":"))
        self.block(depth)

    def pattern(self, depth=2):
        name = lambda: self.new_local(self.pick(TYPES))
        if depth <= 0: return self.pick([lambda: self.small(3), lambda: "'a'", lambda: "_", name, lambda: "None", lambda: "1.5", lambda: "True", lambda: "-1"])()
        p = lambda: self.pattern(depth - 1)
        return self.pick([
            lambda: f"[{p()}, {p()}]", lambda: f"[{p()}, *{name()}]", lambda: f"({p()}, *_, {p()})", lambda: f"{{'a': {p()}, **{name()}}}", lambda: f"{{1: {p()}}}", lambda: f"int({name()})", lambda: f"str() | float()", lambda: f"Point({p()}, {p()})",
            lambda: f"Point(y={p()})", lambda: f"Box(v={p()})", lambda: "1 | 2 | 3", lambda: f"[{p()}] as {name()}", lambda: "'abc' | ''", lambda: "[]", lambda: "[_, _, _]", p,
        ])()

    def match(self, depth):
        self.emit(f"match {self.any(3)}:")
        self.level += 1
        for _ in range(self.random.randrange(1, 5)):
            pattern = self.pattern()
            if pattern.isidentifier() and pattern not in ("_", "None", "True") or pattern == "_": pattern = "[_, *_]"
            self.emit(f"case {pattern}{f' if {self.condition()}' if self.chance(0.3) else ''}:")
            self.block(depth - 1, 2)
        if self.chance(0.6):
            self.emit(f"case {self.new_local('int') if self.chance(0.5) else '_'}:")
            self.block(0, 1)
        self.level -= 1

    def body(self, names, depth, is_generator=False, tail=None):
        """The body of a function; names: {parameter: type}."""
        saved = self.loops, self.in_function, self.in_generator, self.in_finally, self.functions[:]
        self.loops, self.in_function, self.in_generator, self.in_finally = 0, not is_generator, is_generator, False
        if is_generator: self.in_function = True
        outside, self.scopes = self.scopes, [{n: t for s in self.scopes for n, t in s.items()}] if self.chance(0.4) else [{}]
        self.scopes[0] = {n: t for n, t in self.scopes[0].items() if self.chance(0.5)}
        self.scopes.append(dict(names))
        self.block(depth, 5, tail)
        self.scopes = outside
        self.loops, self.in_function, self.in_generator, self.in_finally, self.functions = saved

    def parameters(self):
        kinds = [self.pick(TYPES[:4] + TYPES) for _ in range(self.random.randrange(1, 4))]
        names = {self.new_name("p"): k for k in kinds}
        parts = list(names)
        if self.chance(0.2): parts[-1] += f"={self.literal(kinds[-1])}"
        if self.chance(0.1): parts += ["*args"]
        if self.chance(0.1): parts += ["**kw"]
        return ", ".join(parts), names, kinds

    def function(self, depth):
        if self.level > 2: return self.assign(depth)
        name = self.new_name("f")
        text, names, kinds = self.parameters()
        if self.chance(0.1): self.emit("@deco")
        self.emit(f"def {name}({text}):")
        if self.chance(0.15):
            self.level += 1
            self.emit("global G")
            self.emit(f"G = {self.expr('int', 0)}")
            self.level -= 1
        self.body(names, depth, tail=f"return {self.pick(list(names))}" if self.chance(0.5) else None)
        self.functions.append((name, kinds))
        self.try_call(name, kinds)

    def try_call(self, name, kinds, wrap="{}"):
        """Many calls with operands of one type, then of others."""
        rounds = []
        for _ in range(self.random.randrange(1, 4)):
            row = [self.literal(k if self.chance(0.8) else self.pick(TYPES)) for k in kinds]
            rounds += [f"({', '.join(row)},)"] * self.pick([1, 2, 9, 20])
        if len(rounds) > 12 and self.loops: rounds = rounds[:3]
        value = self.new_name("a")
        unique = list(dict.fromkeys(rounds))
        table = " + ".join(f"[{u}] * {rounds.count(u)}" for u in unique)
        self.emit(f"for {value} in {table}:")
        self.level += 1
        self.emit(f"try: print({wrap.format(f'{name}(*{value})')})")
        self.emit("except Exception as e: print(type(e).__name__, e)")
        self.level -= 1

    def closure(self, depth):
        if self.level > 3: return self.assign(depth)
        outer, inner, cell = self.new_name("f"), self.new_name("f"), self.new_name()
        text, names, kinds = self.parameters()
        self.emit(f"def {outer}({text}):")
        self.level += 1
        self.emit(f"{cell} = {self.literal('int')}")
        self.emit(f"def {inner}(q=1):")
        self.level += 1
        self.emit(f"nonlocal {cell}" if self.chance(0.7) else "pass")
        self.emit(f"{self.new_name()} = {self.pick(list(names))}")
        self.level -= 1
        self.body(names | {"q": "int", cell: "int"}, depth - 1, tail=f"{cell} = cap({cell} + q)")
        self.emit(f"{inner}(); {inner}({self.literal('int')})")
        self.emit(f"return {cell}, [{inner}() for _ in range(2)]" if self.chance(0.5) else f"return {cell}")
        self.level -= 1
        self.try_call(outer, kinds)

    def class_(self, depth):
        if self.level > 2: return self.assign(depth)
        name = self.new_name("C")
        self.emit(f"class {name}({self.pick(['', 'Box', 'Sub', 'Box', 'dict', 'list', 'int', 'Exception'])}):")
        self.level += 1
        self.emit(f"k = {self.literal('int')}")
        for method in self.random.sample(["__eq__", "__lt__", "__add__", "__getitem__", "__len__", "run", "__contains__", "__call__", "__bool__", "__iter__", "__getattr__", "__setattr__", "__hash__", "__index__", "__str__", "__radd__"], 2):
            unary = method in ("__len__", "__bool__", "__iter__", "__hash__", "__index__", "__str__")
            self.emit(f"def {method}(self{'' if unary else ', o, *r'}):")
            self.level += 1
            if method == "__setattr__": self.emit("object.__setattr__(self, o, r[0])")
            self.level -= 1
            kind = {"__len__": "int", "__bool__": "bool", "__hash__": "int", "__index__": "int", "__str__": "str"}.get(method, self.pick(TYPES))
            self.body({} if unary else {"o": "int"}, 0, tail=f"return {'iter(' + self.expr('list', 1) + ')' if method == '__iter__' else self.expr(kind, 1)}")
        self.level -= 1
        value = self.new_name("a")
        self.emit(f"for {value} in range({self.pick([2, 10])}):")
        self.level += 1
        for use in self.random.sample(["x == 1", "x < x", "x + 1", "x[0]", "len(x)", "x.run(2)", "3 in x", "x(4)", "bool(x)", "list(x)[:4]", "x.zzz", "setattr(x, 'y', 5)", "x.y", "str(x)[:0]", "[1,2,3][x]", "1 + x", "x.k", "type(x).__mro__[1]", "x.v", "sorted([x, x])[:0]", "not x", "x != 2", "x <= 3"], 4):
            self.emit(f"try: x = {name}(); print({use})" if self.chance(0.4) else f"try: x = {name}(3); print({use})")
            self.emit("except Exception as e: print(type(e).__name__, str(e)[:90])")
        self.level -= 1

    def generator(self, depth):
        if self.level > 2: return self.assign(depth)
        name, value = self.new_name("g"), self.new_name("a")
        text, names, kinds = self.parameters()
        self.emit(f"def {name}({text}):")
        self.body(names, depth, True, tail=f"yield {self.pick(list(names))}")
        arguments = ", ".join(self.literal(k) for k in kinds)
        self.emit(f"{value} = {name}({arguments})")
        self.emit("for step in range(9):")
        self.level += 1
        self.emit("try: print(" + self.pick([f"next({value})", f"{value}.send(step if step else None)", f"{value}.throw(KeyError(step)) if step == 3 else next({value})",
                                            f"{value}.close() if step == 2 else next({value})", f"list({value})[:20]", f"sum(1 for _ in {value})"]) + ")")
        self.emit("except (Exception, StopIteration) as e: print(type(e).__name__, e)")
        self.level -= 1

    def coroutine(self, depth):
        if self.level > 1: return self.assign(depth)
        name, value = self.new_name("co"), self.new_name("a")
        text, names, kinds = self.parameters()
        self.emit("class Wait:")
        self.emit("    def __await__(self): r = yield 7; return r")
        self.emit(f"async def {name}({text}):")
        self.level += 1
        self.emit(f"{value} = await Wait()")
        self.level -= 1
        self.body(names | {value: "int"}, 0, tail=f"return {self.any(1)}, await Wait()")
        self.emit(f"{value} = {name}({', '.join(self.literal(k) for k in kinds)})")
        self.emit("for step in range(4):")
        self.emit(f"    try: print({value}.send(step if step else None))")
        self.emit("    except BaseException as e: print(type(e).__name__, e)")

    def make(self):
        for _ in range(self.random.randrange(3, 7)):
            if self.chance(0.75):
                self.pick([self.function] * 4 + [self.closure, self.class_, self.generator, self.coroutine, self.loop_hot])(3)
            else:
                self.statement(3)
        return PRELUDE + "\n".join(self.lines) + "\n"


def make(seed):
    return Maker(seed).make()


if __name__ == "__main__":
    import sys
    print(make(int(sys.argv[1])))
