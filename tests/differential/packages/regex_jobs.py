# needs: regex
"""regex: what re does not have."""
import regex

print(regex.findall(r"\p{Lu}\p{Ll}+", "Äpfel und Birnen Ünd"), regex.split(r"(?V1)(?=[A-Z])", "oneTwoThree"))
print(regex.match(r"(?:(\w)(\d))+", "a1b2c3").captures(1, 2), regex.fullmatch(r"(?P<a>x)(?P<a>y)", "xy").capturesdict())
print(regex.search(r"(?:hello){e<=2}", "I said helo!"), regex.search(r"(?:cats|cat){e<=1}", "cat").fuzzy_counts)
print(regex.findall(r"\((?:[^()]|(?R))*\)", "f(a(b)c)(d)"), regex.sub(r"(?i)ß", "[\\g<0>]", "straße"))
print(regex.findall(r"\X", "e\u0301a"), regex.compile(r"(?<=a+)b").search("aaab").span(), regex.escape("a b.c"))
print([m.group() for m in regex.finditer(r"\b\w", "to be or not", overlapped=True)], regex.search(r"\L<words>", "three two", words=["two"]))
print(regex.sub(r"\d+", lambda m: str(int(m[0]) * 2), "a1b22"), regex.match("ab", "a", partial=True))
try:
    regex.compile("(a")
except regex.error as error:
    print(type(error).__name__, error)
try:
    regex.search(r"(a+)+$", "a" * 40 + "b" * 9, timeout=0.05)
    print("searched")
except TimeoutError as error:
    print(error)
