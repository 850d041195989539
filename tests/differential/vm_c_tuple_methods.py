"""Methods in C that take a tuple, called where one callee follows another: descriptors and bound functions, with keywords and without,
errors, subclasses, profiling, and objects of another class.
"""
import io
import socket
import sys
import time


def call(o, *arguments):
    return o.encode(*arguments) if isinstance(o, str) else o.strftime(*arguments)


def send(s, data):
    return s.send(data)


def setsockopt(s, a, b, c):
    return s.setsockopt(a, b, c)


def getsockopt(s, *more):
    if more:
        return s.getsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, more[0])
    return s.getsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR)


def receive(s, n):
    return s.recv(n)


def into(s, buffer):
    return s.recv_into(buffer)


def show(function, *arguments):
    try:
        return function(*arguments)
    except Exception as error:
        return type(error).__name__, str(error)


class Fake:
    def send(self, data):
        return "fake", data

    recv = send
    recv_into = send


class Sub(socket.socket):
    pass


near, far = socket.socketpair()
for turn in range(40):
    out = [send(near, b"abc"), receive(far, 3), send(far, b"xyz"), into(near, bytearray(2)), receive(near, 9)]
    if turn in (0, 20, 39):
        print(out)
print(show(send, near, "text"), show(send, near, 1), show(receive, far, "n"), show(receive, far, -1), show(into, near, b""))
print(send(Fake(), 1), receive(Fake(), 2), into(Fake(), 3))
print(show(send, None, 1), show(send, 5, 1))
for turn in range(20):
    send(near, bytes(str(turn), "ascii") * 3), receive(far, 100)
with Sub(socket.AF_UNIX) as other:
    for turn in range(20):
        setsockopt(other, socket.SOL_SOCKET, socket.SO_REUSEADDR, turn % 2)
        assert getsockopt(other) == turn % 2
    print(getsockopt(other, 4), show(getsockopt, other, "x"), show(setsockopt, other, 1, 2, None))
    print(show(lambda: Sub.send(1, b"")), show(lambda: Sub.send()), show(lambda: other.send(b"x")))

# In a module's functions, and while every call is seen.
clock = time
for turn in range(20):
    text = clock.strftime("%Y %j", (2000, 1, 1, 0, 0, 0, 0, turn % 7 + 1, 0))
print(text)
seen = []
sys.setprofile(lambda frame, event, argument: seen.append((event, getattr(argument, "__name__", None))) if event[0] == "c" else None)
send(near, b"seen")
receive(far, 4)
sys.setprofile(None)
print(seen)


# Operands that are temporaries, and what they hold afterwards.
class Counted(bytes):
    alive = 0

    def __new__(cls, *arguments):
        cls.alive += 1
        return super().__new__(cls, *arguments)

    def __del__(self):
        type(self).alive -= 1


for turn in range(30):
    send(near, Counted(b"123"))
    near.send(Counted(b"456"))
    receive(far, 6)
print(Counted.alive)
for turn in range(30):
    show(near.send, Counted(b"1"), Counted(b"2"))
print(Counted.alive)
near.close()
far.close()
