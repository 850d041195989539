"""Regular expressions: log lines, e-mail addresses, substitution, a scanner, alternatives, back references."""
import os
import re

SCALE = float(os.environ.get("BENCH_SCALE", 1))
n = int(8000 * SCALE)
log = "\n".join(
    f'10.{i % 256}.{i * 7 % 256}.{i * 3 % 256} - user{i % 17} [{i % 28 + 1:02}/Nov/2026:{i % 24:02}:{i % 60:02}:00] '
    f'"GET /page/{i}.html?x={i * i % 1000} HTTP/1.1" {200 if i % 9 else 404} {i * 37 % 5000}'
    for i in range(n))
LINE = re.compile(r'(?P<host>\d+(?:\.\d+){3}) - (?P<user>\w+) \[(?P<day>\d\d)/(?P<month>\w{3})/(?P<year>\d{4}):[\d:]+\] '
                  r'"(?P<verb>[A-Z]+) (?P<path>[^ ?"]+)(?:\?(?P<query>[^ "]*))? HTTP/[\d.]+" (?P<status>\d{3}) (?P<size>\d+)')
TOKEN = re.compile(r'\s*(?:(?P<number>\d+(?:\.\d+)?)|(?P<name>[A-Za-z_]\w*)|(?P<op>\*\*|[-+*/()=<>]=?))')

sizes = {}
for match in LINE.finditer(log):
    sizes[match["user"]] = sizes.get(match["user"], 0) + int(match["size"])
print(sorted(sizes.items())[:3])
print(sum(1 for line in log.splitlines() if LINE.match(line)["status"] == "404"))
print(len(re.findall(r"[\w.]+@[\w.]+\.\w+", log.replace("page/", "mail@example.org "))))
print(len(re.sub(r"\d+", lambda m: str(int(m[0]) + 1), log)))
print(len(re.split(r"[ /:]+", log)), len(re.sub(r"(\d)\1+", r"<\1>", log)))
print(len(re.findall(r"(?i)\b(get|post|http|user\d|page)\b", log)))
print(len(re.findall(r"(?:a|b|c|\d)+?x", log)), len(re.findall(r"^.*404 \d+$", log, re.M)))
source = "total = price * (1.0 + tax) ** years - rebate / 2 >= limit\n" * (n // 4)
kinds = {}
for match in TOKEN.finditer(source):
    kinds[match.lastgroup] = kinds.get(match.lastgroup, 0) + 1
print(kinds)
print(bool(re.match(r"(a?){22}a{22}", "a" * 22)), len(re.findall(r"(?=(\d\d))", log[:100000])))
