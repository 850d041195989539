# The larger modules of the library that are run by -m: profilers, debugger, archives, documentation, servers.
# mask: \d+\.\d{3}\b \d+\sfunction\scalls(\s\(\d+\sprimitive\scalls\))? (?<=test\sin\s)[\d.]+s (?<=tests\sin\s)[\d.]+s
. "$HERE/_prelude.sh"
cat >work.py <<'P'
"""A module to work on."""
import sys

def fib(n):
    """The n-th number."""
    return n if n < 2 else fib(n - 1) + fib(n - 2)

class Tree:
    """Left and right."""
    def __init__(self, left=None, *, right: int = 3):
        self.left = left

if __name__ == "__main__":
    print(fib(10), sys.argv)
P
export PYTHONDONTWRITEBYTECODE=1 TZ=UTC COLUMNS=80

python -m cProfile -s ncalls -o profile.out work.py a b
python -m cProfile -m no_such_module | head -n 1
python -m profile -o profile2.out work.py
printf 'strip\nsort calls\nstats fib\ncallers fib\nquit\n' | python -m pstats profile.out | grep -v profile.out$
printf 'b fib\nc\np n\nw\nu\nl\nwhatis fib\nlonglist\ndisable 1\nc\nq\n' | python -m pdb work.py x
python -m pdb -c "until 8" -c "p fib" -c q work.py
python -m trace --listfuncs work.py
python -m trace --count --missing -C cover work.py
cat cover/work.cover
python -m trace --trackcalls work.py

python -m pydoc work
python -m pydoc work.Tree
digest -m pydoc textwrap
python -m pydoc -w work
grep -c "The n-th number" work.html
python -m inspect work:Tree
python -m inspect --details json
digest -m pyclbr collections

printf 'some text\nmore text\n' >text
for module in base64 quopri uu; do
    "$PYTHON" -m $module <text >coded 2>errors; echo $module $?; cat coded errors
done
python -m base64 -d coded
python -m base64 -t
python -m gzip text; python -m gzip -d text.gz; cat text
python -m zipfile -c made.zip text work.py; python -m zipfile -t made.zip; mkdir out; python -m zipfile -e made.zip out; cat out/text
python -m zipfile -l missing.zip
python -m tarfile -c made.tar.xz text work.py; python -m tarfile -l made.tar.xz; python -m tarfile -t made.tar.xz; python -m tarfile -e made.tar.xz out2
ls out2
python -m compileall -q -d elsewhere out; ls out/__pycache__ 2>/dev/null
"$REFERENCE" -c "import pickle; pickle.dump([1, {'a': (2.5, b'x')}], open('some.pickle', 'wb'), 4)"
python -m pickle some.pickle
python -m pickletools -a some.pickle
python -m pickletools -o short.pickle -m some.pickle
python -m unittest work
python -m unittest work no_such
python -m doctest -v work.py
python -m lib2to3 work.py
printf 'print "x"\n' >old.py
python -m lib2to3 old.py
python -m sysconfig | tail -n +2 | grep -c =
python -m site --user-base
python -m platform terse
python -m locale | head -3
python -m getopt; python -m bdb; python -m plistlib
python -m ctypes.util >/dev/null
python -m webbrowser
python -m webbrowser -x
python -m http.server --help
python -m http.server port 2>errors; tail -n 1 errors
python -m smtpd --help 2>&1 | tail -n 2
python -m asyncio </dev/null 2>&1 | tail -n 1
python -m idlelib -h
python -m turtledemo 2>&1 | tail -n 1
python -m ensurepip --version
python -m ensurepip 2>&1 | tail -n 3
python -m symtable; python -m sre_compile 2>&1 | tail -n 1; python -m rlcompleter; python -m antigravity.x
python -m test.no_such
python -m encodings; python -m unittest.mock; python -m json; python -m xml.sax; python -m distutils
python -m textwrap; python -m difflib text work.py; python -m curses.has_key 2>&1 | tail -n 1; python -m nturl2path; python -m sndhdr text
python -m imghdr text; python -m html.entities; python -m mailcap | head -n 2; python -m netrc; python -m poplib 2>&1 | tail -n 1
python -m telnetlib nowhere.invalid 1 2>&1 | tail -n 1; python -m ftplib; python -m nntplib -h | head -n 3
python -m urllib.parse; python -m filecmp out out2; python -m secrets; python -m random >/dev/null; python -m sched; python -m heapq
