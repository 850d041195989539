# Input that is no program: the reference's error each time, never a crash.
. "$HERE/_prelude.sh"
mkdir folder
python folder
python missing.py
python missing/missing.py
: >empty.py
python empty.py
head -c 1000 /dev/zero >nuls.py
python nuls.py
printf 'print(1)\n\0\n' >nul_inside.py
python nul_inside.py
for text in 'x = 1\0 junk\nprint(x)' 'x = 1\0 junk\n;print(x)' 'print(1)\n\0\nprint(2)' '\0print(1)' 'print("a\0b\nc")\nprint(3)' \
        '(1,\n\0' 'x = """\n\0' '# coding: latin-1\nprint(1)\nprint(2)\0x\nprint(3)' 'x = 1\0\r\n;print(x)'; do
    printf "$text\n" >nul.py
    python nul.py
done
printf 'print(1)\n#\0comment\nprint(2)\n' >nul_comment.py
python nul_comment.py
"$REFERENCE" -c '
import random
for seed in range(60):
    random.seed(seed)
    size = random.randrange(1, 3000)
    kind = seed % 4
    data = (random.randbytes(size) if kind == 0 else
            bytes(random.choice(b"ab()[]{}\"\\:=,.@#\n\t 01'"'"'if") for _ in range(size)) if kind == 1 else
            bytes(random.randrange(32, 127) for _ in range(size)) if kind == 2 else
            " ".join(random.choice("if else for in x 1 ( ) [ ] { } : , = == def class return lambda yield * ** \n \n\t await f\"{ } async with as match case _ | @".split(" "))
                     for _ in range(size)).encode())
    open(f"random{seed:02}.py", "wb").write(data)
'
for file in random*.py; do
    "$PYTHON" $file >out 2>err </dev/null
    echo "$file $? $(head -c 300 out | cksum) $(tail -1 err | head -c 300 | tr -c '[:print:]\n' '?')"
done
printf 'x = "\351"\n' >latin.py
python latin.py
printf '# coding: utf-8\nx = "\351"\n' >latin_declared.py
python latin_declared.py
printf '# coding: no-such-codec\nx = 1\n' >codec.py
python codec.py
printf '# coding: rot13\nk = 1\n' >rot13.py
python rot13.py
printf '# coding: hex\nk = 1\n' >hex.py
python hex.py
printf '\357\273\277# coding: latin-1\nx = 1\n' >bom.py
python bom.py
printf '\377\376x\0=\0' >utf16.py
python utf16.py
printf '# coding: ascii\nx = "\303\251"\n' >ascii.py
python ascii.py
printf '# coding: utf-16\nx = 1\n' >utf16_declared.py
python utf16_declared.py
printf '# coding: cp1252\nprint("\200")\n' >cp1252.py
python cp1252.py
printf '# coding: cp1252\nprint("\201")\n' >cp1252_bad.py
python cp1252_bad.py
printf 'x = "\355\240\200"\n' >surrogate.py
python surrogate.py
printf 'if 1:\n\tx = 1\n        y = 2\n' >tabs.py
python tabs.py
printf 'print("cr")\rprint("lines")\r' >cr.py
python cr.py
printf 'print(1)\032print(2)\n' >control.py
python control.py
printf 'print("no end of line")' >no_newline.py
python no_newline.py
printf 'x = 1 \\' >backslash.py
python backslash.py
printf 'x = """abc\n' >string.py
python string.py

echo 'print("compiled", __name__)' >good.py
"$REFERENCE" -m py_compile good.py
cp __pycache__/good.cpython-311.pyc good.pyc
python good.pyc
for size in 0 1 2 4 8 15 16 17 20 40 80 100; do
    head -c $size good.pyc >cut.pyc
    python cut.pyc
    cp cut.pyc cut_module.pyc
    python -c 'import cut_module'
    rm cut_module.pyc
done
printf 'not compiled at all, but long enough' >text.pyc
python text.pyc
python -c 'import text'
{ head -c 16 good.pyc; head -c 4000 /dev/zero; } >zeros.pyc
python zeros.pyc
{ head -c 16 good.pyc; printf 'i\1\0\0\0'; } >number.pyc
python number.pyc
python -c 'import number'
{ head -c 16 good.pyc; printf '\250\377\377\377\000'; } >huge.pyc
python huge.pyc
{ head -c 16 good.pyc; "$REFERENCE" -c 'import sys; sys.stdout.buffer.write(b")\1" * 5000 + b"N")'; } >deep.pyc
python deep.pyc
{ head -c 4 good.pyc; printf '\4\0\0\0\0\0\0\0\0\0\0\0'; tail -c +17 good.pyc; } >flags.pyc
python -c 'import flags'
"$REFERENCE" -c '
import random, marshal
whole = open("good.pyc", "rb").read()
for seed in range(60):
    random.seed(seed)
    data = bytearray(whole)
    data[random.randrange(16, len(data))] ^= 1 << random.randrange(8)
    open(f"flip{seed}.pyc", "wb").write(data)
'
crashes=0
for file in flip*.pyc; do
    "$PYTHON" -X faulthandler $file >out 2>err
    [ $? -lt 128 ] || crashes=$((crashes + 1))
done
[ "$PYTHON" = "$REFERENCE" ] || echo "$crashes crashes" | sed 's/^0 crashes$//' | tr -d '\n'

nested() { "$REFERENCE" -c "import sys; print(eval(sys.argv[1]))" "$1" >nested.py; }
for expression in '"(" * 100000' '"[" * 100000 + "]" * 100000' '"-" * 100000 + "1"' '"not " * 100000 + "1"' '"a." * 100000 + "b"' \
        '"f(" * 150 + ")" * 150' '"x = " * 50000 + "1"' '"if 1:\n" + "".join(" " * i + "if 1:\n" for i in range(1, 200))' \
        '"lambda: " * 50000 + "1"' '"1 + " * 100000 + "1"' '"1 ** " * 50000 + "1"' '"{" * 300' '"(" * 199 + ")" * 199' \
        '"[x for x in " * 100 + "[]" + "]" * 100' '"a if b else " * 50000 + "c"' '"f\"{" * 30'  '"@x\n" * 1000 + "def f(): pass"' \
        '"while 1:" * 50' '"for x in y:\n" + "  pass\n" * 1 + "else " * 100' '"await " * 10000 + "x"' '"a < " * 50000 + "b"' '"x[" * 50000'; do
    nested "$expression"
    echo "$expression"
    "$PYTHON" nested.py 2>&1 | tail -1 | cut -c1-200
done
"$REFERENCE" -c 'print("x = \"" + "a" * 5_000_000 + "\"; print(len(x))")' >long_line.py
python long_line.py
"$REFERENCE" -c 'print("x = [" + "1, " * 200_000 + "]; print(len(x))")' >long_list.py
python long_list.py
python -c 'class A:
    def __repr__(self): return repr(self)
try: repr(A())
except RecursionError as error: print("recursion")
x = []
x.append(x); print(x)
def f(): f()
try: f()
except RecursionError as error: print(error)
import sys
class Odd:
    def __getattribute__(self, name): raise ValueError(name)
    def __del__(self): raise KeyError("del")
    def __eq__(self, other): raise TypeError("eq")
    def __hash__(self): raise OSError("hash")
    def __bool__(self): raise IndexError("bool")
    def __len__(self): raise MemoryError("len")
    def __str__(self): raise RuntimeError("str")
    __repr__ = __str__
for action in (repr, str, hash, bool, len, list, lambda o: o == o, lambda o: o.x, lambda o: {o: 1}, lambda o: [o] == [o], lambda o: o in [1],
               lambda o: sorted([o, o]), lambda o: f"{o}", lambda o: isinstance(o, int), lambda o: print(o), lambda o: int(o), lambda o: o()):
    o = Odd()
    try: print(action(o))
    except Exception as error: print(type(error).__name__, error)
'
"$PYTHON" -c 'import resource, sys
sys.setrecursionlimit(10**9)
def f(n): return f(n + 1)
resource.setrlimit(resource.RLIMIT_AS, (300 << 20, 300 << 20))
try: f(0)
except (RecursionError, MemoryError): pass' >/dev/null 2>&1
[ $? -lt 128 ] || [ "$PYTHON" = "$REFERENCE" ] || echo crash    # the reference may
