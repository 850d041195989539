"""Offsets in ISO text, with seconds and parts of seconds."""
import datetime

for text in ('Z', '+00', '+0000', '-00:00', '+00:00:00', '+00:00:00.123456', '-00:00:00.123456', '+00:00:01.123456', '-00:01:00.5', '+23:59:59.999999',
             '+24:00', '-2400', '+00000020228', '-0000000922102', '+1', '+00:', '+00:00:00.', '+00:00:00,5', '+00:00.5'):
    for kind, read in (('time', lambda t: datetime.time.fromisoformat('09:30:00' + t)),
                       ('datetime', lambda t: datetime.datetime.fromisoformat('2020-01-01T09:30' + t)),
                       ('strptime', lambda t: datetime.datetime.strptime('09:30:00' + t, '%H:%M:%S%z'))):
        try:
            value = read(text)
            print(text, kind, repr(value), value.isoformat(), value.utcoffset())
        except ValueError as e:
            print(text, kind, e)
