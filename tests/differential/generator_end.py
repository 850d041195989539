# The end of a generator that is dropped or closed where it stands: with and without code of its own that must run.
import gc
import sys


class Loud:
    def __init__(self, name):
        self.name = name

    def __iter__(self):
        return self

    def __next__(self):
        return self.name

    def __del__(self):
        names = []
        frame = sys._getframe(1)
        while frame:
            names.append(frame.f_code.co_name)
            frame = frame.f_back
        print("end of", self.name, names, sys.exc_info()[0])


def plain(x):
    local = Loud("local")
    for item in Loud("iterated"):
        yield item


def two_waiting(x):
    yield (Loud("waits"), (yield 1), (yield 2))


def guarded():
    kept = Loud("kept")
    try:
        yield 1
    finally:
        print("finally", kept.name, sys.exc_info()[0])


def caught():
    try:
        yield 1
    except GeneratorExit:
        print("caught")
        return


def stubborn():
    while True:
        try:
            yield 1
        except GeneratorExit:
            pass


def handling():
    try:
        raise KeyError(1)
    except KeyError:
        yield 1


def outer(inner):
    mark = Loud("outer")
    yield from inner


class Manager:
    def __enter__(self):
        return self

    def __exit__(self, *args):
        print("exit", args[0])


def managed():
    with Manager():
        yield 1


def start(generator):
    next(generator)
    return generator


def check(title, make):
    print("--", title)
    for how in "close", "drop", "fail", "collect":
        print(how)
        generator = start(make())
        frame = generator.gi_frame
        if how == "close":
            try:
                print(generator.close(), generator.gi_frame, generator.gi_running)
            except RuntimeError as error:
                print("error:", error)
            print(next(generator, "ended"))
        elif how == "collect":
            cycle = [generator]
            cycle.append(cycle)
            del generator, cycle
            gc.collect()
        elif how == "fail":
            try:
                raise ValueError("outside")
            except ValueError:
                del generator
                print(sys.exc_info()[1])
        else:
            del generator
        generator = None
        print(frame.f_lineno, sorted(frame.f_locals))
        frame = None


unraisable = []
sys.unraisablehook = lambda info: print("unraisable", info.exc_type, info.exc_value)

check("plain", lambda: plain(1))
check("two waiting", lambda: two_waiting(1))
check("guarded", guarded)
check("caught", caught)
check("stubborn", stubborn)
check("handling", handling)
check("managed", managed)
check("outer of plain", lambda: outer(plain(1)))
check("outer of guarded", lambda: outer(guarded()))
check("outer of caught", lambda: outer(caught()))
check("expression", lambda: (x for x in Loud("expression")))

print("-- never begun")
generator = plain(Loud("argument"))
frame = generator.gi_frame
del generator
print(frame.f_lineno, sorted(frame.f_locals))
del frame

print("-- traced")
events = []


def tracer(frame, event, arg):
    events.append((frame.f_code.co_name, event, arg if event == "return" else None))
    return tracer


for make in (lambda: (x for x in [1, 2]), guarded, handling):
    generator = start(make())
    fresh = make()
    sys.settrace(tracer)
    generator.close()
    del fresh
    sys.settrace(None)
    print(events)
    events.clear()

print("-- a coroutine")


class Wait:
    def __await__(self):
        mark = Loud("wait")
        yield 1


async def work():
    mark = Loud("work")
    await Wait()


coroutine = work()
print(coroutine.send(None))
print(coroutine.close(), coroutine.cr_frame)

print("-- any and next")
print(any(x == 2 for x in range(5)), next((x for x in Loud("searched")), None))


class Raises:
    def __iter__(self):
        return self

    def __next__(self):
        return 1

    def __del__(self):
        raise OSError("in __del__")


generator = start(x for x in Raises())
generator.close()
generator = start(x for x in Raises())
del generator


def deep(n, generator):
    return deep(n - 1, generator) if n else generator.close()


print(deep(100, start(plain(1))))
