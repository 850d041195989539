"""csv.reader on random text of the characters that mean something, in every dialect; its records and its errors."""
import csv
import hashlib
import random

rand = random.Random(11)
ALPHABET = 'ab,,;"" \'\n\r\\1.5éΩ😀'
digest = hashlib.md5()
seen = 0
for n in range(12_000):
    options = {
        "delimiter": rand.choice(",,,; \\\t\"a"), "quotechar": rand.choice(['"', '"', "'", None, ",", "a"]),
        "escapechar": rand.choice([None, None, None, "\\", '"', ",", "b"]), "doublequote": rand.random() < 0.7,
        "skipinitialspace": rand.random() < 0.3, "strict": rand.random() < 0.2,
        "quoting": rand.choice([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONE, csv.QUOTE_NONNUMERIC]),
    }
    text = "".join(rand.choices(ALPHABET[:rand.choice((8, 14, 16, 17, 18))], k=rand.randint(0, 30)))
    lines = text.splitlines(True) if rand.random() < 0.7 else [text]
    csv.field_size_limit(rand.choice((3, 8, 131072)))
    outcome = []
    try:
        reader = csv.reader(lines, **options)
        for row in reader:
            outcome.append((reader.line_num, row))
    except (csv.Error, ValueError, TypeError) as e:
        outcome.append((type(e).__name__, str(e)))
    if n % 1500 == 0:
        print(options, ascii(text), ascii(outcome))
    digest.update(ascii(outcome).encode())
    seen += len(outcome)
print(seen, digest.hexdigest())


class Text(str):
    pass


csv.field_size_limit(131072)
rows = list(csv.reader([Text("abc"), Text('"x"\n'), Text("1,2")]))
print(rows, {type(field).__name__ for row in rows for field in row})
csv.field_size_limit(5)
for text in "a" * 5, "a" * 6, '"aaaaa"', '"aaaaaa"', "aa\"aaaa", '"a""aaaa"':
    try:
        print(list(csv.reader([text])))
    except csv.Error as e:
        print(e)
