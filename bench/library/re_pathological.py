"""Patterns that make a backtracking matcher work: nested repetition, ambiguous alternatives, references, far look-ahead."""
import re
from _data import times

for _ in range(times(1.5)):
    print(re.match(r"(a+)+$", "a" * 17 + "b"), re.match(r"(?:a|aa)+$", "a" * 22 + "b"))
    print(bool(re.match(r"(a?){14}a{14}", "a" * 14)), re.search(r"(x+x+)+y", "x" * 14), re.match(r"^(\w+\s?)*$", "word " * 3 + "!"))
    print(len(re.findall(r"(?=(\d\d))", "1234567890" * 3000)), re.match(r".*?,.*?,.*?,.*?,z", "a,b,c,d," * 8))
    print(re.search(r"(.+)\1\1b", "ab" * 100), re.match(r"(?:(?:a*)*)*b", "a" * 8))
