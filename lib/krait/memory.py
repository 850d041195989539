"""Shows a program's memory as a page for the browser.

    python -m krait.memory [-o PAGE.html] SCRIPT [ARGUMENT ...]     runs a script; the page tells of its whole run
    krait.memory.snapshot("page.html")                              in a running program: of this moment
    krait.memory.record()                                           ... and, from here on, of collections and types over time

The page needs no network: it is `memory.html`, beside this file, with the figures put in.
"""
import collections
import gc
import sys
import time

import _krait_memory
from krait import page

__all__ = ["record", "snapshot"]

MOST_OBJECTS = 300_000      # of the graph in which retainers are looked for
MOST_TYPES = 12
MOST_RETAINERS = 18
MOST_IN_CYCLE = 24
SHARE = 0.04                # of its time a program gives for counting types


class Record:
    """Collections and counts of objects by type, while a program runs."""

    def __init__(self):
        self.start = self.next_count = time.perf_counter()
        self.collections = []       # (seconds since the start, generation, milliseconds, collected)
        self.counts = []            # (seconds since the start, {type: number})
        gc.callbacks.append(self.collection)

    def collection(self, phase, info):
        now = time.perf_counter()
        if phase == "start":
            self.began = now
            return
        self.collections.append((now - self.start, info["generation"], (now - self.began) * 1000, info["collected"]))
        if now >= self.next_count:
            self.count()

    def count(self):
        began = time.perf_counter()
        found = collections.Counter(map(type, gc.get_objects()))
        self.counts.append((began - self.start, {name_of(kind): n for kind, n in found.most_common(3 * MOST_TYPES)}))
        now = time.perf_counter()
        self.next_count = now + max(0.02, (now - began) / SHARE)

    def stop(self):
        gc.callbacks.remove(self.collection)


running = None


def record():
    """From now on collections and types are written down for snapshot()."""
    global running
    if running is None:
        running = Record()
        running.count()


def name_of(kind):
    return kind.__qualname__ if kind.__module__ in ("builtins", "__main__") else f"{kind.__module__}.{kind.__qualname__}"


def is_of_module(names):
    """Is this dict that of a module?"""
    name = names.get("__name__")
    return type(name) is str and name in sys.modules and getattr(sys.modules[name], "__dict__", None) is names


def label_of(thing):
    """A few words for an object, without running code of its own."""
    kind = type(thing)
    if kind in (str, bytes):
        return f"{kind.__name__} {thing[:30]!r}" + ("…" if len(thing) > 30 else "")
    if kind in (int, float, bool):
        return f"{kind.__name__} {thing}" if kind is not int or thing.bit_length() < 200 else "large int"
    if kind is dict and is_of_module(thing):
        return f"names of {thing['__name__']}"
    if kind in (list, tuple, dict, set, frozenset):
        return f"{kind.__name__} of {len(thing)}"
    name = getattr(thing, "__qualname__", None) or getattr(thing, "__name__", None) \
        if kind in FUNCTIONS or isinstance(thing, type) or kind is type(sys) else None
    return f"{name_of(kind)} {name}" if isinstance(name, str) else name_of(kind)


FUNCTIONS = {type(label_of), type(len)}


def size_of(thing):
    try:
        return sys.getsizeof(thing)
    except Exception:
        return 0


def edge_label(owner, thing):
    """How `owner` calls `thing`: .name, [key], or nothing."""
    if type(owner) is dict:
        for key, value in owner.items():
            if value is thing:
                return f"[{key!r}]"[:24]
    elif type(owner) in (list, tuple):
        for i, value in enumerate(owner[:10_000]):
            if value is thing:
                return f"[{i}]"
    elif type(owner).__dictoffset__:
        for key, value in owner.__dict__.items():
            if value is thing:
                return f".{key}"
    return ""


# ---- Who retains what ------------------------------------------------------------------------------------------------

class Graph:
    """The objects that can be reached from the program's modules, breadth first, up to MOST_OBJECTS: `things`, and for each the
    numbers of those that it refers to in `out`. Number 0 stands for the roots."""

    def __init__(self, roots, hidden):
        self.things, self.out, self.whole = [None], [[]], True
        known = {id(thing): None for thing in hidden}
        known[id(self.things)] = known[id(self.out)] = known[id(known)] = known[id(self.__dict__)] = None
        self.enter(roots, 0, known)
        i = 1
        while i < len(self.things):
            self.enter(gc.get_referents(self.things[i]), i, known)
            i += 1

    def enter(self, things, owner, known):
        for thing in things:
            number = known.get(id(thing), -1)
            if number == -1:
                if len(self.things) >= MOST_OBJECTS:
                    self.whole = False
                    continue
                known[id(thing)] = number = len(self.things)
                self.things.append(thing)
                self.out.append([])
            if number is not None:
                self.out[owner].append(number)


def post_order(out):
    order, seen, stack = [], bytearray(len(out)), [(0, iter(out[0]))]
    seen[0] = 1
    while stack:
        here, rest = stack[-1]
        for there in rest:
            if not seen[there]:
                seen[there] = 1
                stack.append((there, iter(out[there])))
                break
        else:
            order.append(here)
            stack.pop()
    return order


def dominators(out):
    """For each number the nearest other one that every way from the roots to it goes through (Cooper, Harvey and Kennedy's way)."""
    order = post_order(out)
    place = [0] * len(out)
    for i, number in enumerate(order):
        place[number] = i
    into = [[] for _ in out]
    for number, targets in enumerate(out):
        for target in targets:
            into[target].append(number)
    nearest = [-1] * len(out)
    nearest[0] = 0
    changed = True
    while changed:
        changed = False
        for number in reversed(order[:-1]):
            found = -1
            for other in into[number]:
                if nearest[other] < 0:
                    continue
                if found < 0:
                    found = other
                    continue
                while other != found:
                    while place[other] < place[found]:
                        other = nearest[other]
                    while place[found] < place[other]:
                        found = nearest[found]
            if nearest[number] != found:
                nearest[number] = found
                changed = True
    return nearest, order


def retainers(graph):
    """The objects whose end would free most: [{label, own, retained, objects, path}]."""
    nearest, order = dominators(graph.out)
    own = [0] + [size_of(thing) for thing in graph.things[1:]]
    retained, objects = own[:], [1] * len(own)
    for number in order[:-1]:
        retained[nearest[number]] += retained[number]
        objects[nearest[number]] += objects[number]
    biggest = sorted(range(1, len(own)), key=lambda n: -retained[n])[:2 * MOST_RETAINERS]
    chosen = [n for n in biggest if not (type(graph.things[n]) is dict and is_of_module(graph.things[n]) and nearest[n])][:MOST_RETAINERS]
    return [{"label": label_of(graph.things[n]), "own": own[n], "retained": retained[n], "objects": objects[n],
             "path": path_to(graph, nearest, n)} for n in chosen], retained[0]


def path_to(graph, nearest, number):
    steps = []
    while number and len(steps) < 8:
        owner = nearest[number]
        steps.append(label_of(graph.things[number]) + (f" in {edge}" if owner and (edge := edge_label(graph.things[owner], graph.things[number]))
                                                       else ""))
        number = owner
    return steps[::-1]


# ---- A cycle -----------------------------------------------------------------------------------------------------------

def components(out):
    """Tarjan's strongly connected components with more than one member, or that refer to themselves."""
    index, low, on_stack, stack, count = [0] * len(out), [0] * len(out), bytearray(len(out)), [], 0
    for root in range(1, len(out)):
        if index[root]:
            continue
        count += 1
        index[root] = low[root] = count
        stack.append(root)
        on_stack[root] = 1
        work = [(root, iter(out[root]))]
        while work:
            here, rest = work[-1]
            for there in rest:
                if not index[there]:
                    count += 1
                    index[there] = low[there] = count
                    stack.append(there)
                    on_stack[there] = 1
                    work.append((there, iter(out[there])))
                    break
                if on_stack[there]:
                    low[here] = min(low[here], index[there])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[here])
                if low[here] == index[here]:
                    members = []
                    while not members or members[-1] != here:
                        members.append(stack.pop())
                        on_stack[members[-1]] = 0
                    if len(members) > 1 or here in out[here]:
                        yield members


def a_cycle(graph, names):
    """The largest cycle of the program's own data that can still be drawn: nodes and edges, or None."""
    code = (type, type(sys), *FUNCTIONS, type(Graph.enter.__code__))
    keep = [i and not isinstance(thing, code) and thing is not names for i, thing in enumerate(graph.things)]
    out = [[there for there in targets if keep[there]] if keep[i] else [] for i, targets in enumerate(graph.out)]
    module_dicts = {id(module.__dict__) for module in list(sys.modules.values()) if isinstance(module, type(sys))}
    start = [i for i, thing in enumerate(graph.things) if i and id(thing) == id(names)]
    ours, todo = set(), list(graph.out[start[0]]) if start else []
    while todo:
        here = todo.pop()
        if here not in ours and keep[here] and id(graph.things[here]) not in module_dicts:
            ours.add(here)
            todo.extend(out[here])
    found = [members for members in components(out) if members[0] in ours]
    if not found:
        return None
    drawn = max((members for members in found if len(members) <= MOST_IN_CYCLE), key=len, default=None)
    whole = len(drawn or found[0])
    members = drawn or found[0][:MOST_IN_CYCLE]
    places = {number: i for i, number in enumerate(members)}
    return {"cycles": len(found), "size": whole,
            "nodes": [{"label": label_of(graph.things[n]), "size": size_of(graph.things[n])} for n in members],
            "edges": [[places[n], places[there], edge_label(graph.things[n], graph.things[there])]
                      for n in members for there in dict.fromkeys(out[n]) if there in places]}


# ---- The page ------------------------------------------------------------------------------------------------------------

def resident():
    try:
        with open("/proc/self/status") as file:
            figures = dict(line.split(":", 1) for line in file)
        return [int(figures[name].split()[0]) * 1024 for name in ("VmRSS", "VmHWM")]
    except (OSError, KeyError, ValueError):
        return [0, 0]


def gather(title, names, hidden):
    arena, pool, small = _krait_memory.constants()
    arenas = [[hex(address), pools] for address, pools in sorted(_krait_memory.arenas())]
    generations = [{"objects": len(gc.get_objects(generation=i)), "count": count, "threshold": threshold, **stats}
                   for i, (count, threshold, stats) in enumerate(zip(gc.get_count(), gc.get_threshold(), gc.get_stats()))]
    if running:
        running.count()
    graph = Graph([names, *filter(None, list(sys.modules.values()))], hidden)
    largest, reached = retainers(graph)
    return {"title": title, "time": time.strftime("%Y-%m-%d %H:%M:%S"), "version": sys.version.partition(" (")[0],
            "resident": resident(), "blocks": sys.getallocatedblocks(), "sizes": [arena, pool, small], "arenas": arenas,
            "large": sorted(_krait_memory.large_blocks(), reverse=True), "generations": generations,
            "collections": running.collections if running else [], "counts": running.counts if running else [],
            "types": [[name_of(kind), n] for kind, n in collections.Counter(map(type, gc.get_objects())).most_common(MOST_TYPES)],
            "retainers": largest, "reached": reached, "graph": [len(graph.things) - 1, graph.whole], "cycle": a_cycle(graph, names)}


def snapshot(path="krait-memory.html", title=None):
    """Writes the page to `path` and returns its absolute path."""
    names = sys.modules["__main__"].__dict__
    hidden = [sys._getframe(), running, running and running.__dict__]
    figures = gather(title or sys.argv[0] or "the prompt", names, hidden)
    return page.write("memory.html", figures, path)


def main():
    options = page.options_of("krait.memory", __doc__.splitlines()[0], "krait-memory.html")
    from krait import memory        # the module, not the script that -m made of it
    run = page.prepare(options)
    memory.record()
    try:
        run()
    finally:
        memory.running.stop()
        print(f"memory: {memory.snapshot(options.output, options.script)}", file=sys.stderr)


if __name__ == "__main__":
    main()
