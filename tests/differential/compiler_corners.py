"""What fuzzing found in the compiler and the VM: what it prints is that it is accepted, and runs."""
import sys

# Constant tests inside conditional expressions, with something below them on the stack.
for text in ("not (False if p else False)", "not (True if p else True)", "(p and 0)", "not (p or 1)", "(0 if p else 1) and (1 if p else 0)"):
    for p in (0, 1):
        print(eval(f"(7, 5 if {text} else 3)", {"p": p}), eval(f"[8, [9, 5 if {text} else 3]]", {"p": p}))


class Dropped:
    """Says when it goes, and which frame is running then."""
    def __init__(self, name): self.name = name
    def __del__(self): print("gone:", self.name, sys._getframe(1).f_code.co_name)


# What waits on the stack when an exception leaves a frame goes before the frame does, the newest first.
def leave():
    kept = Dropped("local")
    return [Dropped(1), Dropped(2), 1 / 0]


def leave_loop():
    for i in (Dropped(j) for j in range(3)): return [i, Dropped("four"), 1 / 0]


def pass_on(function):
    try:
        return Dropped("outer"), function()
    except ZeroDivisionError as error:
        print("caught")
        return error


for function in (leave, leave_loop):
    error = pass_on(function)
    print("kept")
    del error


# A tracer hears of generators that are closed as they are dropped.
def count():
    yield 1


def events(frame, event, argument):
    if frame.f_code.co_filename == __file__: print(event, frame.f_code.co_name)
    return events


def trace(function):
    sys.settrace(events)
    try:
        function()
    except ZeroDivisionError:
        pass
    finally:
        sys.settrace(None)


def started(): list(zip(count(), [1 / 0 for x in count()]))
def suspended():
    for a, b in zip(count(), count()): 1 / 0
def fresh(): count()


for function in (started, suspended, fresh): trace(function)


# Where what `%` formats is chosen by a condition, its format specification belongs to no line: a line event of its own.
def lines(x, y, z):
    a = '%5s' % ((x if y else z),)
    b = '%-4s|%.2s' % (x or z,
                       x < y < z)
    return f"{a}{b}"


def line_events(frame, event, argument):
    if frame.f_code is lines.__code__: print(event, frame.f_lineno - frame.f_code.co_firstlineno)
    return line_events


print(list(lines.__code__.co_positions()))
for arguments in ((1, 0, 3), (0, 1, 2)):
    sys.settrace(line_events)
    try:
        print(lines(*arguments))
    finally:
        sys.settrace(None)


# A pattern that begins with "_" is the wildcard, whatever follows.
for pattern in ("_(1)", "_.x", "[_()]", "{1: _.x()}", "{_.x: 1}", "A(_=1)", "A(_=_())", "x._()", "_ as x", "_ if _ else 1"):
    try:
        print(pattern, compile(f"match 1:\n    case {pattern}: pass\n", "p", "exec").co_names)
    except SyntaxError as error:
        print(pattern, error.msg, error.offset, error.end_offset)
