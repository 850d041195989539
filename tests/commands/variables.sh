# The PYTHON* variables.
. "$HERE/_prelude.sh"
flags='import sys; print(sys.flags, sys.warnoptions, sys.dont_write_bytecode, sys.pycache_prefix)'
# with NAME=VALUE … -- WORD…: runs the interpreter with variables.
with()
{
    echo "\$ $*"
    assignments=
    while [ "$1" != -- ]; do
        assignments="$assignments '$1'"
        shift
    done
    shift
    eval env $assignments '"$PYTHON" "$@"'
    echo "status $?"
}
unset PYTHONHASHSEED PYTHONDONTWRITEBYTECODE
for value in '' 0 1 2 7 no yes; do
    for name in BYTESWARNING DEBUG DEVMODE DONTWRITEBYTECODE FAULTHANDLER INSPECT NODEBUGRANGES NOUSERSITE OPTIMIZE SAFEPATH \
                UNBUFFERED UTF8 WARNDEFAULTENCODING COERCECLOCALE; do
        with PYTHON$name=$value PYTHONDONTWRITEBYTECODE=$value -- -c "$flags" </dev/null
    done
done 2>&1
with PYTHONOPTIMIZE=2 -- -E -c "$flags"
with PYTHONOPTIMIZE=2 -- -I -c "$flags"
with PYTHONOPTIMIZE=2 -- -O -c "$flags"
with PYTHONVERBOSE= -- -c "$flags"
with PYTHONNODEBUGRANGES=1 -- -c '1 / 0'
mkdir one two
echo 'print("from one")' >one/module.py
echo 'print("from two")' >two/module.py
with PYTHONPATH=two:one -- -c 'import sys, module; print(sys.path[:3])'
with PYTHONPATH=:one: -- -c 'import sys; print(sys.path[:4])'
with PYTHONPATH=one -- -E -c 'import module'
with PYTHONPATH=one PYTHONSAFEPATH=1 -- -c 'import sys; print(sys.path[:2])'
with PYTHONSAFEPATH=1 -- -m two.module
with PYTHONPYCACHEPREFIX=there -- -c 'import one.module'
run find there -name 'module*'
with PYTHONPYCACHEPREFIX=there -- -X pycache_prefix=here -c 'import sys; print(sys.pycache_prefix)'
with PYTHONWARNINGS=error -- -c 'import warnings; warnings.warn("x")'
with PYTHONWARNINGS=error,ignore::UserWarning, -- -W always -c 'import sys; print(sys.warnoptions)'
with PYTHONWARNINGS=bad:bad:bad:bad:bad:bad -- -c '1'
with PYTHONWARNINGS=error::missing.Class -- -c '1'
for value in random 0 1 4294967295 4294967296 -1 x ' 1'; do
    with "PYTHONHASHSEED=$value" -- -c 'import sys, os; print(sys.flags.hash_randomization, hash("text") if os.environ["PYTHONHASHSEED"] != "random" else "")'
done
with PYTHONHASHSEED=0 -- -R -c 'import sys; print(sys.flags.hash_randomization)'
for value in 640 0 5 x 99999999999 ''; do
    with "PYTHONINTMAXSTRDIGITS=$value" -- -c 'import sys; print(sys.flags.int_max_str_digits, sys.get_int_max_str_digits())'
done
streams='import sys; print([(s.encoding, s.errors, s.line_buffering) for s in (sys.stdin, sys.stdout, sys.stderr)], sys.getfilesystemencoding(), sys.getfilesystemencodeerrors())'
for value in latin-1 latin-1:replace :backslashreplace utf-8 UTF8: ascii:strict nonsense utf-8:nonsense; do
    with PYTHONIOENCODING=$value -- -c "$streams"
done
with PYTHONIOENCODING=latin-1 -- -c 'print("é")' | od -c
with PYTHONIOENCODING=ascii -- -c 'print("é")'
with PYTHONIOENCODING=ascii:xmlcharrefreplace -- -c 'print("é")'
with PYTHONUTF8=1 -- -c "$streams"
for locale in C POSIX C.UTF-8 en_US.UTF-8 nonsense; do
    with LC_ALL=$locale -- -c "$streams; import locale; print(locale.getpreferredencoding(), sys.argv, sys.flags.utf8_mode)" é
    with LC_ALL= LC_CTYPE=$locale PYTHONCOERCECLOCALE=warn -- -c "$streams; print(sys.argv)" é
    with LC_ALL= LC_CTYPE=$locale PYTHONCOERCECLOCALE=0 PYTHONUTF8=0 -- -c "$streams; print(sys.argv)" é
    with LC_ALL= LANG=$locale -- -X utf8=0 -c "$streams; import os; print(os.environ.get('LC_CTYPE'))"
done
with LC_ALL=C PYTHONUTF8=0 PYTHONCOERCECLOCALE=0 -- -c 'print("é")'
for value in malloc pymalloc debug malloc_debug pymalloc_debug default nonsense; do
    with PYTHONMALLOC=$value -- -c 'print(1)'
done
with PYTHONFAULTHANDLER=1 -- -c 'import faulthandler; print(faulthandler.is_enabled())'
with PYTHONBREAKPOINT=0 -- -c 'breakpoint(); print(1)'
with PYTHONBREAKPOINT=sys.exit -- -c 'breakpoint(3)'
with PYTHONEXECUTABLE=/x -- -c 'import sys, os; print(os.path.isabs(sys.executable))'
with PYTHONCASEOK=1 -- -c 'import JSON'
echo 'print("startup", __name__); kept = 1' >startup.py
echo 'print(kept)' | with PYTHONSTARTUP=startup.py -- -iq
echo 'print(kept)' | with PYTHONSTARTUP=missing.py -- -iq
echo 'print(kept)' | with PYTHONSTARTUP=startup.py -- -Eiq
echo 'print(1)' | with PYTHONSTARTUP=startup.py --
echo '1 / 0' >fails.py
echo 'print(kept)' | with PYTHONSTARTUP=fails.py -- -iq
echo 'print("inspected", x)' | with PYTHONINSPECT=1 -- -c 'x = 1'
echo 'print("inspected", x)' | with PYTHONINSPECT= -- -c 'x = 1; import os; os.environ["PYTHONINSPECT"] = "1"'
with PYTHONUNBUFFERED=1 -- -c 'import os; print("a"); os._exit(0)'
with PYTHONUNBUFFERED= -- -c 'import os; print("a"); os._exit(0)'
with PYTHONPROFILEIMPORTTIME=1 -- -c 'import textwrap' 2>&1 | sed 's/[0-9]//g' | tail -1
with -- -X importtime -c 'import textwrap' 2>&1 | sed 's/[0-9]//g' | tail -1
