# Every option of the command line that needs no terminal.
. "$HERE/_prelude.sh"
flags='import sys; print(sys.flags, sys.warnoptions, sys._xoptions, sys.argv, sys.orig_argv[1:], sys.dont_write_bytecode)'
cat >script.py <<'P'
import sys
print(__name__, __file__, sys.argv, sys.path[0], __spec__, __package__, type(__loader__).__name__, __cached__ if "__cached__" in globals() else "")
P
mkdir package
cp script.py package/__main__.py
echo 'print("package is imported", __name__)' >package/__init__.py
cp script.py package/part.py

python -V
python --version -c 'print(1)'
python -c "$flags" a -b --c
python -c 'print(__name__, __doc__, __builtins__, __spec__, sorted(globals()))'
python -c
python -m
python -W
python -X
python -Z
python --nonsense
python -c 'print('
python -c 'raise SystemExit(3)'
python -c 'raise SystemExit("message")'
python -c 'import sys; sys.exit([1, 2])'
python -c 'é = "ü"; print(é)'
python -c '1
2
  3'
for option in -b -bb -B -d -E -I -O -OO -P -q -R -s -S -u -v -x -i -ddd -OOO -bbb -sSEuq -Bc; do
    case $option in
    -v | -x | -i | -Bc) continue;;
    esac
    python $option -c "$flags"
done
python -Bc 'print(1)'
python -cprint
python -c'print(2)' x
python -mscript
python -m script a -b
python -mpackage a
python -m package.part
python -m package.
python -m .package
python -m package.missing
python -m missing.part
python script.py a -c b
python ./script.py
python -- script.py a
python package
python package/
python missing.py
python missing/
python . 
python script.py/
python -x script.py
echo 'not python at all
import sys; print(sys.argv); raise ValueError("line two")' >skip.py
python -x skip.py
python -x package
printf '#!/usr/bin/x\nprint(1)' | python -x
python - a b <script.py
python -- - a <script.py
python -I script.py
python -P script.py
python -Im script
python -s -c 'import site; print(site.ENABLE_USER_SITE)'
python -S -c 'import sys; print("site" in sys.modules, hasattr(__builtins__, "exit"))'
python -I -c 'import sys; print(sys.path)'
python -S -c 'import sys; print(sys.path)'
python -c 'import sys; print(sys.path, sys.prefix, sys.exec_prefix, sys.base_prefix, sys.platlibdir)'
python -O -c 'assert 0; print(__debug__)'
python -c 'assert 0, "text"'
python -OO -c 'def f(): "text"
print(f.__doc__)'
python -b -c 'print(str(b"a"), b"a" == "a", b"a" == 97)'
python -bb -c 'print(str(b"a"))'
python -bb -c 'print(b"a" == "a")'
python -W error -c 'import warnings; warnings.warn("x")'
python -W always -c 'import warnings
for i in range(2): warnings.warn("x", DeprecationWarning)'
python -W nonsense -c '1'
python -W error::nonsense -c '1'
python -W ignore:::a:x -c '1'
python -W error:text:UserWarning:__main__:1 -c 'import warnings; warnings.warn("text")'
python -W error -c '"\d"'
python -W always -c '"\d"; 1 is 1; assert (1, 2)'
python -We -Wi -c "$flags"
for option in dev utf8 utf8=0 utf8=2 importtimes no_debug_ranges faulthandler warn_default_encoding frozen_modules=off \
              frozen_modules=maybe int_max_str_digits=1000 int_max_str_digits=5 int_max_str_digits=x pycache_prefix=there a=b=c '' =x; do
    python -X "$option" -c "$flags"
done
python -X no_debug_ranges -c '1 / 0'
python -X int_max_str_digits=700 -c 'print(len("1" * 700), 10 ** 700)'
python -X warn_default_encoding -c 'open("script.py").close()'
python -X pycache_prefix=there -c 'import sys; print(sys.pycache_prefix)'
python -u -c 'import sys; print(sys.stdout.write_through, sys.stdout.line_buffering, sys.stdin.line_buffering, sys.stderr.line_buffering)'
python -u -c 'import sys; print(type(sys.stdout.buffer).__name__, type(sys.stdin.buffer).__name__); print("a"); print("b", file=sys.stderr)' 2>&1
python --check-hash-based-pycs always -c 'import _imp; print(_imp.check_hash_based_pycs)'
python --check-hash-based-pycs nonsense -c '1'
python --check-hash-based-pycs
python -q -c '1'
python -i -c 'x = 5' <<'P'
x
P
python -i script.py </dev/null
echo '1 / 0' >fails.py
echo 'print(__name__, "after")' | "$PYTHON" -i fails.py
echo "status $?"
echo 'raise SystemExit(4)' >exits.py
echo 'print("after")' | "$PYTHON" -i exits.py
echo "status $?"
echo 'print("still")' | "$PYTHON" -i -m script
echo 'exit(7)' | "$PYTHON" -iq
echo "status $?"
