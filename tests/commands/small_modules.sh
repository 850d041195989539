# Modules of the library that are run by -m, on small input.
# mask: (?<=best\sof\s1:\s)[\d.]+\s[nmu]?sec \d+(?=\sloops?,\sbest)
. "$HERE/_prelude.sh"
python -m this
python -m calendar 2026
python -m calendar -t html 2026
python -m calendar 2026 3
python -m calendar 2026 13
python -m timeit -n 1000 -r 1 "x = 1 + 2" 
python -m timeit -r 1 -s "x = [3, 1, 2]" "sorted(x)"
python -m timeit -n 2 "1 / 0"
python -m timeit --bad

cat >sums.py <<'P'
"""
>>> 1 + 1
2
>>> print("wrong")
right
>>> 1 / 0
Traceback (most recent call last):
ZeroDivisionError: division by zero
>>> undefined
3
"""
def double(x):
    """
    >>> double(2)
    4
    >>> double("a")
    'ab'
    """
    return x * 2
P
echo '{"b": [1, 2.50, null], "a": {"x": "é"}}' >small.json
python -m json.tool small.json
python -m json.tool --sort-keys --indent 1 small.json
python -m json.tool --compact --no-ensure-ascii small.json
echo '{"b": ' | python -m json.tool
printf '1\n[2]\n' | python -m json.tool --json-lines
python -m tokenize sums.py
printf 'x = (\n' | python -m tokenize
python -m tokenize -e test_things.py
python -m ast -m eval small.json
python -m ast -a --indent 1 sums.py
python -m dis sums.py
python -m tabnanny -v sums.py
python -m pyclbr sums.py
python -m mimetypes x.html x.tar.gz x.unknown
python -m mimetypes -e text/plain
python -m encodings.rot_13 <sums.py
mkdir folder; echo "def main(): print(1)" >folder/one.py
python -m zipapp folder -m one:main -o made.pyz
python -m zipapp made.pyz --info
python made.pyz
python -m modulefinder sums.py
python -m py_compile sums.py missing.py
python -m fileinput sums.py
python -m cmd </dev/null
python -m code </dev/null
python -m no_such_module
python -m folder
python -m sums.other
python -m xml
