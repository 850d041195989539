# json.tool, tokenize, ast and dis on files of more than 1 MB.
. "$HERE/_prelude.sh"
"$REFERENCE" "$HERE/_large_files.py" large.json large.py
digest -m json.tool large.json
digest -m json.tool --compact --sort-keys large.json
digest -m tokenize large.py
digest -m ast -a large.py
digest -m dis large.py
digest -m py_compile large.py
