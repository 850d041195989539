# A copy of the library, compiled by one interpreter, is run by the other from those .pyc files alone, and the other way round.
. "$HERE/_prelude.sh"
make_copy()
{
    mkdir -p "$1"
    cp -r /usr/lib/python3.11/*.py /usr/lib/python3.11/collections /usr/lib/python3.11/concurrent /usr/lib/python3.11/ctypes \
          /usr/lib/python3.11/email /usr/lib/python3.11/encodings /usr/lib/python3.11/html /usr/lib/python3.11/http \
          /usr/lib/python3.11/importlib /usr/lib/python3.11/json /usr/lib/python3.11/logging /usr/lib/python3.11/re \
          /usr/lib/python3.11/tomllib /usr/lib/python3.11/unittest /usr/lib/python3.11/urllib /usr/lib/python3.11/xml "$1"
    find "$1" -name __pycache__ | xargs rm -rf
    find "$1" -name '*.py' | xargs touch -d 2020-01-02T03:04:06
}
cat >use.py <<'P'
import argparse, collections, dataclasses, datetime, decimal, difflib, email.message, enum, fractions, html.parser, inspect, json
import logging, pathlib, pprint, random, re, statistics, string, sys, textwrap, tomllib, typing, unittest.mock, urllib.parse
sys.path.insert(0, "")
print(decimal.Decimal(1) / 7, fractions.Fraction(3, 9), statistics.median([3, 1, 2]), datetime.date(2026, 11, 21).isocalendar())
print(textwrap.fill("word " * 30, 40), json.dumps({"a": [1, None]}), tomllib.loads("a = [1, 2.5]"))
@dataclasses.dataclass(order=True)
class Point: x: int; y: int = 0
print(sorted([Point(2), Point(1, 5)]), inspect.signature(Point), typing.get_type_hints(Point))
print(re.sub(r"(\w+) (\w+)", r"\2 \1", "a b c d"), urllib.parse.urlsplit("http://a:80/b?c#d"), list(difflib.ndiff(["a"], ["b"])))
files = {m.__name__: m.__cached__ for m in list(sys.modules.values()) if getattr(m, "__cached__", None) and "copy" in m.__cached__}
print(len(files) > 50, all(f.endswith(".pyc") for f in files.values()))
re.compile("(")
P
exchange()
{
    compiler=$1 runner=$2; shift 2
    make_copy copy
    "$compiler" -m compileall -q "$@" copy
    echo "compiled with $*: status $?, $(find copy -name '*.pyc' | wc -l) files"
    find copy -name '*.pyc' | LC_ALL=C sort | xargs cat | cksum
    find copy -path '*/__pycache__/*.pyc' -name '*.cpython-311.pyc' | while read -r file; do
        mv "$file" "$(dirname "$(dirname "$file")")/$(basename "$file" .cpython-311.pyc).pyc"
    done
    find copy -name '*.py' -delete
    PYTHONPATH=copy "$runner" use.py
    echo "status $?"
    rm -rf copy
}
touch -d 2020-01-02T03:04:06 use.py
exchange "$PYTHON" "$REFERENCE"
exchange "$REFERENCE" "$PYTHON" --invalidation-mode unchecked-hash
exchange "$PYTHON" "$PYTHON" -o 2
