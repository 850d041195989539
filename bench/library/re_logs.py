"""Regular expressions over the log of a web server, line by line and at once."""
import re
from _data import log, times

LINE = re.compile(r'(?P<host>\d+(?:\.\d+){3}) - (?P<user>\w+) \[(?P<day>\d\d)/(?P<month>\w{3})/(?P<year>\d{4}):[\d:]+\] '
                  r'"(?P<verb>[A-Z]+) (?P<path>[^ ?"]+)(?:\?(?P<query>[^ "]*))? HTTP/[\d.]+" (?P<status>\d{3}) (?P<size>\d+)')
text = log(times(30_000))
sizes = {}
for line in text.splitlines():
    match = LINE.match(line)
    sizes[match["user"]] = sizes.get(match["user"], 0) + int(match["size"])
print(sorted(sizes.items())[:3])
print(sum(match["status"] == "404" for match in LINE.finditer(text)), len(re.findall(r"x=(\d+)", text)))
print(len(re.findall(r'" 404 \d+$', text, re.M)), len(re.sub(r"\d+\.\d+\.\d+\.\d+", "HOST", text)))
