# Environments: made by -m venv, their python, and Debian's pip that installs a wheel from a folder.
# mask: (?<=text.txt/x/bin/)\S+
. "$HERE/_prelude.sh"
export PYTHONDONTWRITEBYTECODE=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 HOME=$PWD
python -m venv --without-pip plain
(cd plain && find . | grep -v bin/.*python3.11 | grep -v "bin/$(basename "$PYTHON")\$" | sort)
grep -v "^command\|^executable\|^home" plain/pyvenv.cfg
run plain/bin/python -c 'import sys, site; print(sys.prefix != sys.base_prefix, sys.version_info[:2], sys.flags.no_site)
print([p.replace(sys.prefix, "PREFIX") for p in sys.path]); print(site.ENABLE_USER_SITE, sys.base_prefix)'
run plain/bin/python -c 'import os, sys; print(os.path.realpath(sys.executable) == os.path.realpath(os.environ["PYTHON"]))'
python -m venv --copies --prompt here --without-pip copied
run copied/bin/python -c 'import sys; print(sys.prefix.rpartition("/")[2])'
python -m venv
python -m venv --upgrade --clear x
python -m venv text.txt/x

# A wheel, made by hand.
mkdir wheels
"$PYTHON" - <<'P'
import zipfile
with zipfile.ZipFile("wheels/small-1.0-py3-none-any.whl", "w") as wheel:
    wheel.writestr("small.py", "def main():\n    import sys\n    print('small runs in', sys.prefix.rpartition('/')[2])\n")
    folder = "small-1.0.dist-info/"
    wheel.writestr(folder + "METADATA", "Metadata-Version: 2.1\nName: small\nVersion: 1.0\n")
    wheel.writestr(folder + "WHEEL", "Wheel-Version: 1.0\nGenerator: hand\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
    wheel.writestr(folder + "entry_points.txt", "[console_scripts]\nsmall = small:main\n")
    wheel.writestr(folder + "RECORD", "small.py,,\n" + "".join(f"{folder}{n},,\n" for n in ("METADATA", "WHEEL", "entry_points.txt", "RECORD")))
P
if "$REFERENCE" -c "import ensurepip, pip" 2>/dev/null; then
    run "$PYTHON" -m pip --python plain/bin/python install -q --no-index --find-links wheels small
    run plain/bin/small
    run "$PYTHON" -m pip --python plain/bin/python list
    run "$PYTHON" -m pip --python plain/bin/python uninstall -qy small
    run plain/bin/small
    run "$PYTHON" -m venv full
    run full/bin/python -m pip install -q --no-index --find-links wheels small==2.0
    run full/bin/pip install -q --no-index --find-links wheels small
    run full/bin/small
fi
