"""CSV text read: plain, quoted, by dialects, as dicts."""
import csv
import io
from _data import times

plain = "".join(f"{i},item {i},{i * 1.5},red\n" for i in range(20_000))
quoted = "".join(f'"{i}","item ""{i}"", new","{i}\nx",\'y\'\n' for i in range(12_000))
for _ in range(times(5)):
    print(sum(len(row) for row in csv.reader(io.StringIO(plain))), sum(len(row[1]) for row in csv.reader(io.StringIO(quoted))))
    print(sum(len(row) for row in csv.reader(plain.replace(",", "\t").splitlines(), "excel-tab")))
    print(sum(float(row["c"]) for row in csv.DictReader(plain.splitlines()[:8000], "abcd")))
    print(sum(row[2] for row in csv.reader(plain.replace("item", "").replace("red", "1").replace(" ", "").splitlines(), quoting=csv.QUOTE_NONNUMERIC)))
