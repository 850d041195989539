"""Graphs: breadth first, Dijkstra, strongly connected parts, union and find, a maze's shortest way."""
import collections
import heapq
import os

SCALE = 3 * float(os.environ.get("BENCH_SCALE", 1))
n = int(20000 * SCALE)


def edges(n):
    x = 1
    for i in range(4 * n):
        x = (x * 1103515245 + 12345) & 0x7FFFFFFF
        yield i % n, (x >> 8) % n, (x >> 3) % 97 + 1


graph = collections.defaultdict(list)
for a, b, cost in edges(n):
    graph[a].append((b, cost))


def breadth_first(start):
    depth = {start: 0}
    queue = collections.deque([start])
    while queue:
        here = queue.popleft()
        for there, _ in graph[here]:
            if there not in depth:
                depth[there] = depth[here] + 1
                queue.append(there)
    return max(depth.values()), len(depth)


def dijkstra(start):
    best = {start: 0}
    heap = [(0, start)]
    done = set()
    while heap:
        cost, here = heapq.heappop(heap)
        if here in done:
            continue
        done.add(here)
        for there, step in graph[here]:
            total = cost + step
            if there not in best or total < best[there]:
                best[there] = total
                heapq.heappush(heap, (total, there))
    return sum(best.values())


def components():
    parent = list(range(n))

    def find(x):
        while parent[x] != x:
            parent[x] = parent[parent[x]]
            x = parent[x]
        return x
    count = n
    for a, b, cost in edges(n):
        if cost < 12:
            a, b = find(a), find(b)
            if a != b:
                parent[a] = b
                count -= 1
    return count


def strongly_connected():
    index, low, stack, on_stack, parts = {}, {}, [], set(), 0
    for root in range(n):
        if root in index:
            continue
        index[root] = low[root] = len(index)
        stack.append(root)
        on_stack.add(root)
        work = [(root, iter(graph[root]))]
        while work:
            here, rest = work[-1]
            for there, _ in rest:
                if there not in index:
                    index[there] = low[there] = len(index)
                    stack.append(there)
                    on_stack.add(there)
                    work.append((there, iter(graph[there])))
                    break
                if there in on_stack:
                    low[here] = min(low[here], index[there])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[here])
                if low[here] == index[here]:
                    parts += 1
                    while stack.pop() != here:
                        pass
    return parts


def maze(size):
    walls = {(x, y) for x in range(size) for y in range(size) if (x * 7 + y * 13) % 11 < 3 and x + y}
    seen, edge, steps = {(0, 0)}, [(0, 0)], 0
    while edge:
        steps += 1
        following = []
        for x, y in edge:
            for cell in ((x + 1, y), (x - 1, y), (x, y + 1), (x, y - 1)):
                if 0 <= cell[0] < size and 0 <= cell[1] < size and cell not in seen and cell not in walls:
                    seen.add(cell)
                    following.append(cell)
        edge = following
    return steps, len(seen)


print(breadth_first(0), dijkstra(0), components(), strongly_connected(), maze(int(250 * SCALE ** 0.5)))
