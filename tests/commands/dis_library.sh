# dis, by -m, of every file of the library's top folder: a line per file, so that the one that differs is seen.
. "$HERE/_prelude.sh"
for file in /usr/lib/python3.11/*.py; do
    digest -m dis "$file"
done
