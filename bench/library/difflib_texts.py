"""Differences of texts: unified, similar words, ratios."""
import difflib
from _data import prose, times

lines = prose().splitlines()[:900]
changed = [line.replace("the", "a") if i % 7 == 0 else line for i, line in enumerate(lines) if i % 31]
words = sorted(set(prose().split()))[::12]
for _ in range(times(2)):
    print(len(list(difflib.unified_diff(lines, changed, n=2))), difflib.get_close_matches("exceptions", words, 3))
    print(difflib.SequenceMatcher(None, " ".join(lines[:60]), " ".join(changed[:60])).ratio(), len(list(difflib.ndiff(lines[:60], changed[:60]))))
