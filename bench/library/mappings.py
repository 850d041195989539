"""OrderedDict, defaultdict, ChainMap, UserDict and named tuples."""
from collections import ChainMap, OrderedDict, UserDict, defaultdict, namedtuple
from _data import prose, times

Point = namedtuple("Point", "x y z", defaults=[0])
words = prose().split()[:20_000]
for _ in range(times(3)):
    groups, ordered = defaultdict(list), OrderedDict()
    for i, word in enumerate(words):
        groups[word[0]].append(word)
        ordered[word] = i
        if i % 3 == 0:
            ordered.move_to_end(word)
        if len(ordered) > 2_000:
            ordered.popitem(last=False)
    points = [Point(i, y=i + 1) for i in range(20_000)]
    chain, own = ChainMap({"a": 1}, groups, ordered), UserDict(a=1)
    for word in words[:4_000]:
        own[word] = len(word)
    print(len(groups), next(iter(ordered)), sum(p.x + p.y + p[2] for p in points), points[3]._replace(z=5), sum(word in chain for word in words[:5_000]))
    print(sum(own[word] for word in words[:4_000]), sorted(points, reverse=True)[0], points[9]._asdict())
