# The interactive prompt, on a terminal and with a file as standard input.
. "$HERE/_prelude.sh"
terminal()
{
    echo "\$ terminal $*"
    "$REFERENCE" "$HERE/_pty.py" "$PYTHON" "$@"
}
cat >keys <<'K'
1 + 1
_
_ * 2
x = 3
_
None
"é" "ü"
if x:
    print("indented")
else:
    print("no")

for i in range(2):
  i

def f(n):
    """doc"""

    return n / 0

f(1)
class C:
    a = 1
    def m(self): return self.a

C().m()
@staticmethod
def g(): pass

(1,
 2,
 # comment

 3)
"""a
b"""
1 +
if x:
1
print(
)
x = = 1
  indented
def bad(:
a\
 = 5
a
undefined
import sys; sys.ps1
sys.ps1 = "first> "
sys.ps2 = "more. "
if 1:
    5

class P:
    n = 0
    def __str__(self): P.n += 1; return f"{P.n}: "

sys.ps1 = P()
1
2
del sys.ps1
1
sys.ps1 = ">>> "
raise SyntaxError("made")
raise ValueError("a") from KeyError("b")
try: 1 / 0
except Exception as e: raise

assert 0
def deep(n): return deep(n + 1) if n < 5 else n / 0
deep(0)
from __future__ import annotations
def h(x: undefined): pass

h.__annotations__
import warnings; warnings.warn("careful")
"\d"
1 is 1
import builtins; del builtins._
sys.displayhook = lambda v: print("shown", v)
5
sys.displayhook = sys.__displayhook__
sys.excepthook = lambda *a: print("hook", a[0])
1 / 0
sys.excepthook = sys.__excepthook__
print("no newline", end="")
sys.stdout.write("text")
exit
quit
copyright.__class__
help
input("asked: ")
answer
lambda: (yield)
async def co(): await x

match x:
    case 3: print("three")
    case _: pass

with open("missing") as f:
    pass

exit()
K
terminal -q <keys
terminal -q <<'K'
if 1:
^C
1
^C
partial ^C
import time; time.sleep(30)
^C
while True: pass

^C
K
terminal <<'K'
^D
K
terminal -q <<'K'
if 1:
    print(2)
^D
(1,
^D
3
^D
K
terminal -q <<'K'
raise SystemExit(5)
K
terminal -q <<'K'
raise KeyboardInterrupt
raise SystemExit("message")
K
terminal -i -c 'x = 1' <<'K'
x
import sys; sys.exit(2)
K
echo '1 / 0' >fails.py
terminal -i fails.py <<'K'
import sys; sys.last_type
__file__
^D
K
terminal -q -O <<'K'
assert 0
__debug__
^D
K
terminal -q -c 'input("name: ")' <<'K'
me
K
terminal -c 'print(input("name: "))' <<'K'
^D
K
terminal -c 'print(input("name: "))' <<'K'
^C
K
terminal -c 'import time; print(1); time.sleep(30)' <<'K'
^C
K
terminal -c 'import sys; print(sys.stdin.isatty(), sys.stdout.line_buffering, sys.stdout.encoding)' </dev/null
"$PYTHON" -i <keys
echo "status $?"
"$PYTHON" - a b <keys
echo "status $?"
printf 'x = 1\nprint(x)\ndef f():\n  return 1' | "$PYTHON"
printf 'print(__file__)\n' | "$PYTHON"
printf '\357\273\277print("bom")\n' | "$PYTHON"
printf '# coding: latin-1\nprint("\351")\n' >latin.py
"$PYTHON" <latin.py
printf 'print("\351")\n' | "$PYTHON"
printf 'print(1)\0\n' | "$PYTHON"
printf 'import sys\nprint(sys.stdin.read())\nthe rest\n' | "$PYTHON"
printf 'print(input())\nthe rest\n' | "$PYTHON"
