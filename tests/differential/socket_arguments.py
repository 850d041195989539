"""What recv, send and sendall take, and what poll objects tell of what is ready."""
import select
import socket


class Index:
    def __index__(self):
        return 5


class Bytes(bytes):
    pass


def show(function, *arguments, **named):
    try:
        print(function(*arguments, **named))
    except Exception as error:
        print(type(error).__name__, error)


near, far = socket.socketpair()
for arguments in ((), (1, 2, 3), ("a",), (1.5,), (-1,), (2**70,), (Index(),), (True,), (3, "x"), (3, socket.MSG_DONTWAIT), (None,)):
    far.send(b"12345")
    show(near.recv, *arguments)
    try:
        near.recv(1000, socket.MSG_DONTWAIT)
    except BlockingIOError:
        pass
for function in (near.send, near.sendall):
    for arguments in ((), (b"x", 0, 1), ("a",), (1,), (None,), (b"abc",), (bytearray(b"q"),), (memoryview(b"abcd")[::2],),
                      (memoryview(b"abcd"),), (b"abc", "x"), (b"",), (b"abc", socket.MSG_DONTWAIT), (Bytes(b"zz"),)):
        show(function, *arguments)
    print(far.recv(1000))
show(near.recv, bufsize=3)
show(near.send, data=b"")
show(near.sendall, data=b"")

epoll, poll = select.epoll(), select.poll()
epoll.register(near.fileno(), select.EPOLLIN | select.EPOLLOUT)
poll.register(near.fileno())


def ready(poller):
    return [(type(pair), len(pair), pair[0] == near.fileno(), pair[1]) for pair in poller.poll(0)]


print(ready(epoll), ready(poll))
far.close()
print(ready(epoll), ready(poll))
