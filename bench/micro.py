#!/usr/bin/python3.11
"""Single operations on text, bytes, streams, numbers and the modules that serve them: Krait beside the reference.

    bench/micro.py [--bin build/krait] [--times 3] [--below 0.9] [--instructions] [NAME ...]

The interpreters take turns; the least CPU time of N counts, and the empty loop is taken off. "ratio" is the reference's time divided
by Krait's: above 1, Krait is faster. NAME limits the run to operations whose name contains it; --below shows only what is slower
than that. --instructions counts instructions by valgrind instead: slow, but a busy machine does not disturb it.
"""
import argparse
import json
import math
import os
import re
import subprocess
import sys
import time

REFERENCE = "/usr/bin/python3.11"

# What every operation may use.
COMMON = r"""
from itertools import repeat
import io, struct, json, re, csv, zlib, binascii, base64, hashlib, datetime, decimal, pickle, _pickle, tokenize, textwrap, string
s = "the quick brown fox jumps over the lazy dog"; u = "Ünïcödé – text, naïve façade"; w = "word"
long = s * 200; ulong = u * 200; line = "a,b,c,d,e,f"; lines = (s + "\n") * 1000
words = long.split(); b = s.encode(); blong = long.encode(); ba = bytearray(blong)
i = 12345; f = 3.14159; big = 3**200; big2 = 7**150; huge = 3**4000; huge2 = 7**3500; D = decimal.Decimal
now = datetime.datetime(2026, 11, 21, 7, 45, 12, 3456); day = datetime.date(2026, 11, 21); delta = datetime.timedelta(hours=5)
record = {"id": 17, "name": "Krait", "tags": ["a", "b", "ü"], "size": 1.5, "none": None, "nested": {"x": [1, 2, 3], "y": True}}
records = [dict(record, id=n) for n in range(100)]; text_json = json.dumps(records); text_ints = json.dumps(list(range(1000)))
intkeys = {n: n for n in range(1000)}; strkeys = {str(n): n for n in range(1000)}
p_int = pickle.dumps(intkeys); p_rec = pickle.dumps(records); ulist = [u + str(n) for n in range(100)]; slist = [s + str(n) for n in range(100)]
null = open(os.devnull, "w"); bnull = open(os.devnull, "wb")
source = '''def f(a, b=1, *c, **d):
    # a comment
    x = [i * 2.5 for i in range(10) if i % 2 == 0]
    return {"key": x, 'other': (a, b)}, f"{x!r:>10}"
''' * 50
"""

# name | set-up | statement, of which ;; parts the lines
OPERATIONS = r"""
percent s | | "%s" % w
percent s s | | "%s and %s" % (w, s)
percent d | | "%d" % i
percent s d | | "%s=%d" % (w, i)
percent 05d | | "%05d" % i
percent x | | "%x" % i
percent .2f | | "%.2f" % f
percent r | | "%r" % w
percent dict | d = {"a": 1, "b": "two"} | "%(a)s %(b)s" % d
percent bytes | | b"%s:%d" % (b, i)
format names | | "{a} {b}".format(a=w, b=i)
format auto | | "{} {}".format(w, i)
format index | | "{0} {1} {0}".format(w, i)
format spec | | "{:>10} {:05d}".format(w, i)
format attr | | "{0.real} {1[0]}".format(i, w)
format_map | d = {"a": 1, "b": "two"} | "{a} {b}".format_map(d)
format() int | | format(i, "08x")
format() float | | format(f, ".3f")
fstring | | f"{w} {i}"
fstring int | | f"{i}"
fstring spec d | | f"{i:>8}"
fstring spec s | | f"{w:>10}"
fstring spec ,d | | f"{i:,d}"
fstring spec x | | f"{i:x}"
fstring spec .2f | | f"{f:.2f}"
fstring spec 8.3f | | f"{f:8.3f}"
fstring r | | f"{w!r}"
fstring nested | n = 10 | f"{w:>{n}}"
str of int | | str(i)
str of small | | str(7)
repr of int | | repr(i)
str of float | | str(f)
repr of float | x = 1.1e-5 / 3 | repr(x)
repr of str | | repr(s)
repr of list | v = list(range(20)) | repr(v)
repr of dict | | repr(record)
int of str | | int("12345")
int of str 20 | | int("12345678901234567890")
int of str hex | | int("ff", 16)
int of float | | int(f)
float of str | | float("3.14159")
float of str long | | float("2.718281828459045e-10")
float of int | | float(i)
chr | | chr(i)
chr ascii | | chr(97)
ord | | ord("a")
hex | | hex(i)
concat | | w + s
concat 3 | | w + " " + s
append in place | n = 0 | t = "" ;; for _ in range(50): t += "ab"
append non-ascii | n = 0 | t = "" ;; for _ in range(50): t += "ä"
repeat | | w * 10
repeat char | | "-" * 70
join words | | " ".join(words)
join 3 | v = ["a", "bc", "def"] | ",".join(v)
join generator | v = words[:50] | " ".join(x for x in v)
join unicode | v = ulong.split() | " ".join(v)
split | | s.split()
split sep | | line.split(",")
split long | | long.split()
split max | | line.split(",", 1)
rsplit | | line.rsplit(",", 1)
partition | | line.partition(",")
rpartition | | line.rpartition(",")
splitlines | | lines.splitlines()
strip | t = "  text  " | t.strip()
strip none | | w.strip()
strip chars | t = "--text--" | t.strip("-")
rstrip newline | t = "some text\n" | t.rstrip("\n")
replace char | | s.replace("o", "0")
replace word | | s.replace("fox", "wolf")
replace none | | s.replace("xyz", "")
replace long | | long.replace("the", "a")
replace long char | | long.replace("o", "0")
find char | | s.find("z")
find word | | s.find("lazy")
find long | | long.find("missing")
find long char | | long.find("@")
find unicode | | ulong.find("missing")
rfind | | s.rfind("quick")
in char | | "z" in s
in word | | "lazy" in s
in long | t = "a" * 10000 + "b" | "aaaab" in t
count | | long.count("the")
count char | | long.count("o")
index | | s.index("fox")
startswith | | s.startswith("the")
startswith tuple | | s.startswith(("a", "the"))
endswith | | s.endswith("dog")
upper | | s.upper()
lower | | s.lower()
lower long | | long.lower()
upper unicode | | u.upper()
casefold | | s.casefold()
title | | s.title()
capitalize | | w.capitalize()
swapcase | | s.swapcase()
isdigit | t = "12345" | t.isdigit()
isalpha | | w.isalpha()
isspace | | " ".isspace()
isidentifier | | w.isidentifier()
isascii | | s.isascii()
ljust | | w.ljust(10)
center | | w.center(11)
zfill | t = "42" | t.zfill(5)
expandtabs | t = "a\tb\tc" | t.expandtabs()
translate | t = str.maketrans("abc", "xyz") | s.translate(t)
translate delete | t = str.maketrans("", "", "aeiou") | s.translate(t)
removeprefix | | s.removeprefix("the ")
iterate str | | for c in s: pass
iterate unicode | | for c in u: pass
index str | | s[10]
slice str | | s[4:9]
slice reverse | | s[::-1]
compare eq | t = s[:-1] + "g" | s == t
compare lt | t = s[:-1] + "x" | s < t
hash new | | hash(s[1:])
list of str | | list(s)
sorted str | | sorted(s)
set of str | | set(s)
max of str | | max(s)
encode ascii | | s.encode()
encode utf-8 | | u.encode()
encode latin-1 | t = "naïve façade" | t.encode("latin-1")
encode ascii name | | s.encode("ascii")
decode ascii | | b.decode()
decode utf-8 | t = u.encode() | t.decode()
decode utf-8 long | t = ulong.encode() | t.decode("utf-8")
decode latin-1 | | b.decode("latin-1")
str of bytes | | str(b, "utf-8")
bytes slice | | b[4:20]
bytes index | | b[7]
bytes concat | | b + b
bytes join | v = [b] * 10 | b"".join(v)
bytes split | | b.split()
bytes split sep | t = b"a,b,c,d" | t.split(b",")
bytes find | | b.find(b"lazy")
bytes in | | b"lazy" in b
bytes in int | | 122 in b
bytes replace | | b.replace(b"o", b"0")
bytes strip | t = b"  x  " | t.strip()
bytes startswith | | b.startswith(b"the")
bytes upper | | b.upper()
bytes hex | | b.hex()
bytes.fromhex | t = b.hex() | bytes.fromhex(t)
bytes iterate | | for c in b: pass
bytes of list | v = list(b) | bytes(v)
bytes of int | | bytes(20)
bytes eq | t = bytes(bytearray(b)) | b == t
bytearray | | bytearray(b)
bytearray append | | t = bytearray() ;; for c in b: t.append(c)
bytearray extend | | t = bytearray(); t += b; t.extend(b)
bytearray slice | | ba[10:30]
bytearray setitem | | ba[3] = 7
memoryview | | memoryview(b)
memoryview slice | m = memoryview(blong) | m[4:20]
memoryview index | m = memoryview(blong) | m[4]
int.to_bytes | | i.to_bytes(4, "big")
int.from_bytes | t = b"abcd" | int.from_bytes(t, "big")
BytesIO | | io.BytesIO()
BytesIO of bytes | | io.BytesIO(b)
BytesIO write | o = io.BytesIO() | o.seek(0); o.write(b)
BytesIO read | o = io.BytesIO(blong) | o.seek(0); o.read(16); o.read(16)
BytesIO lines | o = io.BytesIO(lines.encode()) | o.seek(0) ;; for x in o: pass
StringIO | | io.StringIO()
StringIO of str | | io.StringIO(s)
StringIO write | | o = io.StringIO(); o.write(s); o.write(w); o.getvalue()
StringIO read | o = io.StringIO(long) | o.seek(0); o.read(16); o.read(16)
StringIO lines | o = io.StringIO(lines) | o.seek(0) ;; for x in o: pass
text lines | o = io.TextIOWrapper(io.BytesIO(lines.encode()), "utf-8") | o.seek(0) ;; for x in o: pass
text readline | o = io.TextIOWrapper(io.BytesIO(lines.encode()), "utf-8"); r = o.readline | o.seek(0) ;; while r(): pass
text read | o = io.TextIOWrapper(io.BytesIO(lines.encode()), "utf-8") | o.seek(0); o.read()
text read 16 | o = io.TextIOWrapper(io.BytesIO(lines.encode()), "utf-8") | o.seek(0) ;; for _ in range(50): o.read(16)
text write | | null.write(s)
text write line | | null.write("line\n")
print | | print(w, file=null)
print 3 | | print(w, i, f, file=null)
print empty | | print(file=null)
buffered write | | bnull.write(b)
buffered read 16 | o = open(os.__file__, "rb") | o.seek(0) ;; for _ in range(50): o.read(16)
buffered lines | o = open(os.__file__, "rb") | o.seek(0) ;; for x in o: pass
open read file | | with open(os.__file__) as o: o.read()
open close | | open(os.devnull).close()
re match | r = re.compile(r"(\w+) (\w+)") | r.match(s)
re search | r = re.compile(r"l[a-z]+y") | r.search(s)
re findall | r = re.compile(r"\w+") | r.findall(s)
re sub | r = re.compile(r"[aeiou]") | r.sub("*", s)
re sub function | r = re.compile(r"\b\w") | r.sub(lambda m: m[0].upper(), s)
re split | r = re.compile(r"\s+") | r.split(s)
re finditer | r = re.compile(r"(\d*)(\w+)") | for m in r.finditer(s): m.group()
re module | | re.match("the", s)
re literal | r = re.compile("missing") | r.search(long)
json loads | | json.loads(text_json)
json loads ints | | json.loads(text_ints)
json loads small | t = '{"a": 1, "b": [true, null]}' | json.loads(t)
json dumps | | json.dumps(records)
json dumps small | d = {"a": 1, "b": [True, None]} | json.dumps(d)
json dumps indent | | json.dumps(record, indent=2)
json dumps utf-8 | | json.dumps(ulist, ensure_ascii=False)
pickle loads ints | | pickle.loads(p_int)
pickle loads | | pickle.loads(p_rec)
pickle dumps ints | | pickle.dumps(intkeys)
pickle dumps strs | | pickle.dumps(strkeys)
pickle dumps | | pickle.dumps(records)
pickle dumps utf-8 | | pickle.dumps(ulist)
pickle dumps ascii | | pickle.dumps(slist)
pickle loads utf-8 | t = pickle.dumps(ulist) | pickle.loads(t)
csv read | v = [line] * 100 | for x in csv.reader(v): pass
csv write | v = [["a", 1, 2.5, "with, comma"]] * 50 | csv.writer(io.StringIO()).writerows(v)
struct pack | | struct.pack("<IHh", 1, 2, 3)
struct unpack | t = struct.pack("<IHh", 1, 2, 3) | struct.unpack("<IHh", t)
struct iter | t = bytes(800); S = struct.Struct("<d") | for x in S.iter_unpack(t): pass
zlib crc32 | | zlib.crc32(blong)
base64 | | base64.b64encode(blong)
base64 decode | t = base64.b64encode(blong) | base64.b64decode(t)
hexlify | | binascii.hexlify(blong)
md5 | | hashlib.md5(b).digest()
sha256 long | | hashlib.sha256(blong).digest()
hash of bytes | | hash(b[1:])
int add big | | big + big2
int mul big | | big * big2
int divmod big | | divmod(big, 987654321987654321)
int floordiv big | x = big * big2 | x // big2
int mod small | | big % 1000007
int pow | | 3 ** 100
int pow mod | | pow(3, big, big2)
int shift | | big << 37
int shift right | | big >> 37
int and big | | big & big2
int str big | | str(big)
int of str big | t = str(big) | int(t)
int compare big | | big < big2
int mul huge | | huge * huge2
int divmod huge | x = huge * huge2 | divmod(x, huge2)
int str huge | | str(huge)
int of str huge | t = str(huge) | int(t)
int gcd | import math | math.gcd(big * 6, big2 * 9)
int isqrt | import math | math.isqrt(huge)
int neg big | | -big
int hash big | | hash(big)
int mul 2 digits | x = 2**40 + 1 | x * x
int add 3 digits | x = 2**70 + 1 | x + x
int bit_length | | big.bit_length()
datetime now | | datetime.datetime.now()
datetime new | | datetime.datetime(2026, 11, 21, 7, 45)
datetime add | | now + delta
datetime sub | x = now - delta | now - x
datetime isoformat | | now.isoformat()
datetime str | | str(now)
datetime strftime | | now.strftime("%Y-%m-%d %H:%M:%S")
datetime fromiso | | datetime.datetime.fromisoformat("2026-11-21T07:45:12")
datetime strptime | | datetime.datetime.strptime("2026-11-21", "%Y-%m-%d")
date weekday | | day.weekday()
timedelta mul | | delta * 3
decimal new | | D("3.14159")
decimal add | x = D("1.25"); y = D("3.5") | x + y
decimal mul | x = D("1.25"); y = D("3.5") | x * y
decimal div | x = D("1.25"); y = D("3.7") | x / y
decimal str | x = D("1.25") | str(x)
decimal sqrt | x = D("2") | x.sqrt()
tokenize | | for t in tokenize.generate_tokens(io.StringIO(source).readline): pass
compile | | compile(source, "x", "exec")
textwrap | | textwrap.fill(s * 5, 40)
Template | t = string.Template("$a is $b") | t.substitute(a=1, b=2)
"""


def operations(chosen):
    for row in OPERATIONS.strip().splitlines():
        name, setup, statement = (part.strip() for part in row.split("|", 2))
        if not chosen or any(part in name for part in chosen):
            yield name, setup, statement.replace(" ;; ", "\n    ")


def function_of(setup, statement):
    """The function that runs a statement n times."""
    space = {"os": os}
    text = f"def run(n_):\n  {setup or 'pass'}\n  for _n in repeat(None, n_):\n    {statement}\n"
    exec(COMMON, space)
    exec(text, space)
    return space["run"]


def seconds_each(function, count):
    start = time.process_time()
    function(count)
    return (time.process_time() - start) / count


def worker(chosen):
    """Prints the seconds that each operation takes, as JSON."""
    found = {}
    for name, setup, statement in [("", "", "pass"), *operations(chosen)]:
        function = function_of(setup, statement)
        function(3)
        count = 10
        while (spent := seconds_each(function, count)) * count < 0.002:
            count *= 4
        found[name] = min([spent] + [seconds_each(function, count) for _ in range(6)])
    print(json.dumps(found))


def instructions_each(binary, name):
    """Instructions of one turn of an operation: the difference between two lengths of run."""
    def run(count):
        command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", binary, __file__, "--turns", str(count), name]
        done = subprocess.run(command, capture_output=True, text=True, env=os.environ | {"PYTHONHASHSEED": "0"})
        return int(re.search(r"Collected : (\d+)", done.stderr)[1])
    count = 2000 if run(200) - run(100) < 2_000_000 else 100
    return (run(2 * count) - run(count)) / count


def measured(binaries, chosen, times):
    """[{operation: least seconds}] for each binary."""
    best = [{} for _ in binaries]
    for _ in range(times):
        for binary, least in zip(binaries, best):
            command = [binary, __file__, "--worker", *chosen]
            done = subprocess.run(command, stdout=subprocess.PIPE, check=True, env=os.environ | {"PYTHONHASHSEED": "0"})
            for name, spent in json.loads(done.stdout).items():
                least[name] = min(spent, least.get(name, spent))
    for least in best:
        empty = least.pop("", 0)
        for name in least:
            least[name] = max(least[name] - empty, 1e-9)
    return best


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", default="build/krait")
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--below", type=float, default=math.inf)
    parser.add_argument("--instructions", action="store_true")
    parser.add_argument("--worker", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--turns", type=int, help=argparse.SUPPRESS)
    parser.add_argument("names", nargs="*", metavar="NAME")
    given = parser.parse_args()
    if given.worker:
        return worker(given.names)
    if given.turns:
        return [function_of(s, t) for n, s, t in operations([]) if n == given.names[0]][0](given.turns)
    binaries = [os.path.abspath(given.bin), REFERENCE]
    if given.instructions:
        for name, _, _ in operations(given.names):
            ours, theirs = (instructions_each(binary, name) for binary in binaries)
            print(f"{name:20} {ours:10.0f} {theirs:10.0f}  {theirs / ours:5.2f}", flush=True)
        return
    ours, theirs = measured(binaries, given.names, given.times)
    ratios = {name: theirs[name] / ours[name] for name in ours}
    for name in sorted(ratios, key=ratios.get):
        if ratios[name] < given.below:
            print(f"{name:20} {ours[name] * 1e9:10.0f} {theirs[name] * 1e9:10.0f} ns  {ratios[name]:5.2f}")
    mean = math.exp(sum(map(math.log, ratios.values())) / len(ratios))
    print(f"{len(ratios)} operations, geometric mean {mean:.2f}, {sum(r < 0.9 for r in ratios.values())} below 0.9")


if __name__ == "__main__":
    sys.exit(main())
