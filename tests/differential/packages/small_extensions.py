# needs: yaml markupsafe simplejson msgpack greenlet multidict psutil
# not in: asan (greenlet copies C stacks, red zones and all)
"""Packages with a compiled module of few functions, each at its real work."""
import os

import greenlet
import markupsafe
import msgpack
import multidict
import psutil
import simplejson
import yaml

text = "a: [1, 2.5, null, yes]\nb: &x {c: d}\ne: *x\nf: 2001-12-14\ng: |\n  lines\n  of text\n"
print(yaml.load(text, yaml.CSafeLoader), yaml.load(text, yaml.CSafeLoader) == yaml.safe_load(text))
print(yaml.dump({"b": [1, {"c": "ä"}], "a": None}, Dumper=yaml.CSafeDumper))
try:
    yaml.load("a: [1, 2\nb: }", yaml.CSafeLoader)
except yaml.YAMLError as error:
    print(error)

print(markupsafe.escape("<a href='x'>&"), markupsafe.Markup("<b>%s</b>") % "<i>")
print(simplejson.dumps({"a": [1, 2.5, "ü", None, True], "b": {}}, sort_keys=True), simplejson.loads('{"x": [1e3, "\\u00e4"]}'))
try:
    simplejson.loads('{"x": }')
except ValueError as error:
    print(type(error).__name__, error)

packed = msgpack.packb({"k": [1, -1, 2 ** 40, 1.5, b"x", "y", None, True]})
print(packed, msgpack.unpackb(packed), list(msgpack.Unpacker(__import__("io").BytesIO(packed * 3)))[2]["k"][2])

trail = []


def inner(value):
    for _ in range(3):
        trail.append(value)
        value = outer.switch(value * 2)
    raise KeyError("end")


outer = greenlet.getcurrent()
g = greenlet.greenlet(inner)
value = g.switch(1)
try:
    while True:
        value = g.switch(value + 1)
except KeyError as error:
    print(trail, repr(error), g.dead, bool(g))

deep = greenlet.greenlet(lambda n: sum(greenlet.greenlet(lambda x: x + 1).switch(i) for i in range(n)))
print(deep.switch(1000))

d = multidict.CIMultiDict([("A", 1), ("b", 2), ("a", 3)])
d.add("B", 4)
print(d, d.getall("A"), "A" in d, list(d.keys()), d.popall("b"), multidict.MultiDictProxy(multidict.MultiDict(x=1)))

process = psutil.Process()
print(process.pid == os.getpid(), process.name() != "", psutil.cpu_count() == os.cpu_count(), process.memory_info().rss > 1 << 20,
      [type(x).__name__ for x in psutil.disk_partitions(all=True)[:1]])
