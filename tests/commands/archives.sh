# zipfile, tarfile and the encoders, by -m.
. "$HERE/_prelude.sh"
mkdir folder
printf 'one\n' >folder/one.txt
"$REFERENCE" -c 'print("two" * 50000)' >folder/two.txt
touch -d 2020-01-02T03:04:06 folder folder/*
python -m zipfile -c made.zip folder
python -m zipfile -l made.zip
python -m zipfile -t made.zip
python -m zipfile -e made.zip unpacked
run cmp folder/two.txt unpacked/folder/two.txt
run cksum made.zip
head -c 100 made.zip >cut.zip
python -m zipfile -l cut.zip 2>&1 | tail -1
python -m tarfile -c made.tar folder
python -m tarfile -l made.tar
python -m tarfile -v -l made.tar
python -m tarfile -c made.tar.gz folder
python -m tarfile -t made.tar.gz -v
python -m tarfile -e made.tar.gz unpacked.tar
run cmp folder/two.txt unpacked.tar/folder/two.txt
python -m tarfile -l folder/one.txt
python -m tarfile -l missing.tar 2>&1 | tail -1
python -m gzip folder/two.txt
python -m gzip -d folder/two.txt.gz
python -m base64 -e folder/one.txt
printf 'b25lCg==' | python -m base64 -d
python -m quopri folder/one.txt
python -m uu folder/one.txt
