"""Dates and times: arithmetic, comparison, attributes, replacement, sorting."""
from datetime import date, datetime, timedelta
from _data import times

total = timedelta()
moment, step = datetime(2000, 1, 1), timedelta(hours=7, minutes=13, microseconds=5)
found = []
for i in range(times(120_000)):
    moment += step
    if moment.weekday() == 3 and moment.hour > 12:
        found.append(moment)
    total += step * 2 - timedelta(days=i % 3)
    if moment.date() < date(2010, 5, 5):
        day = moment.replace(day=1, hour=0)
print(moment, total, day, len(found), max(found) - min(found), sorted(found, reverse=True)[3], hash(moment) == hash(moment + timedelta()))
days = [date.fromordinal(730_000 + i * 37 % 5000) for i in range(times(100_000))]
print(sorted(days)[5], len({d.isocalendar()[1] for d in days}), sum(d.toordinal() for d in days), days[7].timetuple().tm_yday)
