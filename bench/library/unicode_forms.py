"""Unicode: normal forms, categories, names, case."""
import unicodedata
from _data import prose, times

text = prose()[:60_000] + "Ünïcödé ﬁ ½ Å가각 日本語 " * 1_500
for _ in range(times(6)):
    for form in "NFC", "NFD", "NFKC", "NFKD":
        print(form, len(unicodedata.normalize(form, text)), unicodedata.is_normalized(form, text))
    print(sum(unicodedata.category(ch) == "Ll" for ch in text), len(text.casefold()), len(text.upper()), sum(ch.isalpha() for ch in text))
    print(sum(len(unicodedata.name(ch, "")) for ch in text[-20_000:]), len(set(map(unicodedata.bidirectional, text))), unicodedata.lookup("GREEK SMALL LETTER ALPHA"))
