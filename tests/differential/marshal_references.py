"""Whether the bytes of marshal say that an object may come again tells how often it is referred to: by locals, too."""
import marshal


def make():
    return compile("x = 1", "a", "exec")


def first(data):
    return hex(data[0])


def own():
    c = make()
    return first(marshal.dumps(c)), first(marshal.dumps(c, 4)), first(marshal.dumps(make()))


def parameter(p):
    return first(marshal.dumps(p)), first(marshal.dumps(*[p])), first(marshal.dumps([p])[5:])


def callers():
    c = make()
    return parameter(c), parameter(make())


for turn in range(5):
    print(own(), callers(), first(marshal.dumps((1, 2))), first(marshal.dumps([])))
