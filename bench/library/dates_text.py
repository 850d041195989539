"""Dates as text: ISO and other formats, both ways."""
from datetime import date, datetime, time
from _data import times

moments = [datetime(2000 + i % 25, i % 12 + 1, i % 28 + 1, i % 24, i % 60, i * 7 % 60, i * 1001 % 1_000_000) for i in range(times(25_000))]
texts = [m.isoformat() for m in moments]
print(len("".join(texts)), [datetime.fromisoformat(t) for t in texts] == moments, sum(len(str(m.date())) for m in moments))
print(sum(len(m.strftime("%A, %d. %B %Y %H:%M:%S.%f")) for m in moments), sum(len(f"{m:%Y/%m/%d}") for m in moments))
print(sum(date.fromisoformat(t[:10]).day for t in texts), sum(time.fromisoformat(t[11:]).second for t in texts))
print(sum(datetime.strptime(t[:19], "%Y-%m-%dT%H:%M:%S").minute for t in texts[:8000]), sum(len(repr(m)) for m in moments))
