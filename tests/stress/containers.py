"""64 threads work on the same containers, files and queues."""
import collections
import io
import itertools
import os
import queue
import tempfile
import threading

from _stress import Growth, run_threads, time_is_over

THREADS = 64
MOST = 200      # items of a container

a_list, a_dict, a_set, a_deque = [], {}, set(), collections.deque(maxlen=MOST)
counts, ordered, default = collections.Counter(), collections.OrderedDict(), collections.defaultdict(list)
an_array = bytearray(b"x" * 100)
text, lines = io.StringIO(), io.BytesIO()
numbers = itertools.count()
folder = tempfile.TemporaryDirectory()
shared_file = open(os.path.join(folder.name, "shared"), "w+b")
between = queue.Queue(50)
lock = threading.Lock()
locked_count = 0
done, taken, given = [0] * THREADS, [0] * THREADS, [0] * THREADS


def change_list(r):
    a_list.append(r.random())
    if len(a_list) > MOST:
        del a_list[r.randrange(50):]
    a_list[:r.randrange(3)] = [1.0, 2.0]
    a_list.sort()
    a_list.reverse()
    sum(a_list), list(a_list), a_list.count(1.0), a_list + a_list, [x for x in a_list], sorted(a_list)


def change_dict(r):
    for names in (a_dict, ordered, default, counts):
        names[r.randrange(MOST)] = r.randrange(10)
        names.pop(r.randrange(MOST), None)
        try:
            for key in names:
                if r.random() < 0.05:
                    names[r.randrange(MOST)] = 1
            dict(names), list(names.items()), names == a_dict
            ordered.move_to_end(r.randrange(MOST))
        except (RuntimeError, KeyError):        # changed while it was looked at
            pass
        if r.random() < 0.02:
            names.clear()


def change_set(r):
    a_set.add(r.randrange(MOST))
    a_set.discard(r.randrange(MOST))
    try:
        a_set ^ {1, 2, 3}, a_set | set(range(20)), frozenset(a_set), sorted(a_set)
        for _ in a_set:
            a_set.add(r.randrange(MOST))
    except RuntimeError:
        pass
    if r.random() < 0.02:
        a_set.clear()


def change_deque(r):
    a_deque.append(r.random())
    a_deque.rotate(r.randrange(-5, 5))
    try:
        list(a_deque), sum(a_deque), a_deque.popleft(), a_deque[0]
    except (IndexError, RuntimeError):
        pass


def change_bytes(r):
    an_array[r.randrange(50)] = r.randrange(256)
    try:
        an_array.extend(b"abc")
        del an_array[100:]
    except BufferError:
        pass
    bytes(an_array), an_array.find(b"abc")
    with memoryview(an_array) as view:
        view[0] = 1
        view.tobytes()


def use_files(r):
    shared_file.seek(r.randrange(1000))
    shared_file.write(b"y" * r.randrange(100))
    shared_file.flush()
    shared_file.read(20)
    for stream, what in ((text, "text\n"), (lines, b"line\n")):
        stream.write(what)
        stream.seek(0)
        stream.readline(), stream.getvalue()
        if r.random() < 0.05:
            stream.truncate(0)
    path = os.path.join(folder.name, str(threading.get_ident()))
    with open(path, "w", encoding="utf-8") as file:
        file.write("é\n" * 50)
    with open(path, encoding="utf-8") as file:
        assert len(file.readlines()) == 50


WORKS = [change_list, change_dict, change_set, change_deque, change_bytes, use_files]


def work(number):
    def run(r):
        global locked_count
        while not time_is_over():
            r.choice(WORKS)(r)
            next(numbers)
            with lock:
                locked_count += 1
            done[number] += 1
            try:
                if r.random() < 0.5:
                    between.put(1, timeout=0.01)
                    given[number] += 1
                else:
                    taken[number] += between.get(timeout=0.01)
            except (queue.Full, queue.Empty):
                pass
    return run


growth = Growth()
run_threads(*map(work, range(THREADS)))
assert sum(done) == locked_count == next(numbers), (sum(done), locked_count)
assert sum(given) == sum(taken) + between.qsize(), (sum(given), sum(taken), between.qsize())
growth.check()
print("no update lost")
