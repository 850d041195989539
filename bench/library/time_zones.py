"""Moments in time zones: fixed offsets and zoneinfo, conversion, comparison, text."""
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo
from _data import times

zones = [timezone.utc, timezone(timedelta(hours=5, minutes=30)), ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York"), ZoneInfo("Asia/Tokyo")]
start = datetime(2020, 1, 1, tzinfo=timezone.utc)
length, summer = 0, 0
for i in range(times(25_000)):
    moment = start + timedelta(hours=i)
    for zone in zones:
        local = moment.astimezone(zone)
        summer += bool(local.dst())
        length += local == moment
    length += len(local.isoformat()) + int(local.timestamp()) % 7
print(length, summer, local, local.utcoffset(), local - start)
