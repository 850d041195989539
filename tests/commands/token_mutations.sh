# One in 331 of the one-token mutations of a program of 1,000 lines; with 1 instead, all 66,000.
. "$HERE/_prelude.sh"
python "$HERE/../fuzz/mutations.py" 331
