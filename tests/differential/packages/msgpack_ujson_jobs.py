# needs: msgpack ujson
"""msgpack and ujson: back and forth, hooks, limits, errors."""
import datetime
import io

import msgpack
import ujson

values = [None, True, 0, -33, 127, 2 ** 64 - 1, -2 ** 63, 1.5, "ü", b"\x00", [1, [2]], {"a": {"b": 1}}, msgpack.ExtType(5, b"xy"), msgpack.Timestamp(1, 2)]
for value in values:
    packed = msgpack.packb(value)
    print(packed.hex(), msgpack.unpackb(packed, strict_map_key=False) == value)
print(msgpack.packb({1: {2}}, default=sorted), msgpack.unpackb(msgpack.packb({"x": 1}), object_pairs_hook=list, use_list=False))
print(msgpack.unpackb(msgpack.packb(datetime.datetime(2020, 1, 2, tzinfo=datetime.timezone.utc), datetime=True), timestamp=3))
feed = msgpack.Unpacker(max_buffer_size=100)
feed.feed(msgpack.packb([1, 2]) + msgpack.packb("z")[:1])
print(list(feed), feed.tell())
for job in (lambda: msgpack.packb(object()), lambda: msgpack.packb(2 ** 64), lambda: msgpack.unpackb(b"\x91"), lambda: msgpack.unpackb(b"\xc1"),
            lambda: msgpack.unpackb(b"\x01\x02"), lambda: msgpack.unpackb(b"\xd9\x01\xff"), lambda: feed.feed(b"x" * 200),
            lambda: ujson.loads("[1,"), lambda: ujson.dumps({1, 2}), lambda: ujson.dumps(float("nan"), allow_nan=False), lambda: ujson.loads("{'a'}")):
    try:
        print(job())
    except Exception as error:
        print(type(error).__name__, str(error)[:60])


class Described:
    def __json__(self):
        return '{"own": 1}'


print(ujson.dumps({"b": [1.1, "ü</", None], "a": Described()}, sort_keys=True, indent=2), ujson.dumps("ü/", ensure_ascii=False, escape_forward_slashes=False))
print(ujson.loads('{"a": [1e3, -0.5, 12345678901234567890, true], "\\u00e4": null}'), ujson.dumps(10 ** 30), ujson.dumps([object], default=str))
file = io.StringIO()
ujson.dump([1, {"x": 2}], file)
print(file.getvalue(), ujson.load(io.StringIO("[1, 2.5]")))
