"""CSV text written: numbers, text with and without need of quotes, dicts."""
import csv
import io
from _data import times

rows = [[i, f"item {i}", i * 1.5, 'with "quotes", commas' if i % 5 == 0 else "plain", None] for i in range(15_000)]
for _ in range(times(6)):
    for quoting in csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC:
        out = io.StringIO()
        csv.writer(out, quoting=quoting).writerows(rows)
        print(len(out.getvalue()))
    out = io.StringIO()
    writer = csv.DictWriter(out, ["a", "b"])
    for i in range(5_000):
        writer.writerow({"a": i, "b": "x"})
    print(len(out.getvalue()))
