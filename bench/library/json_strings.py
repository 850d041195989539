"""JSON of strings: plain, with escapes, with other alphabets; escaped to ASCII or not."""
import json
from _data import prose, times

text = prose()
words, lines = text.split(), text.splitlines()
data = [words[:20_000], lines, [word + "é€😀" for word in words[:20_000]], ['say "\\%s"\n' % word for word in words[:20_000]]]
for _ in range(times(10)):
    for ascii_only in True, False:
        written = json.dumps(data, ensure_ascii=ascii_only)
        print(len(written), json.loads(written) == data)
