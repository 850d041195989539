# needs: zmq
"""ZeroMQ: pairs, request and reply over threads, publishing, polling, asyncio, zero-copy messages."""
import asyncio
import threading

import zmq
import zmq.asyncio

context = zmq.Context()
server = context.socket(zmq.REP)
port = server.bind_to_random_port("tcp://127.0.0.1")


def serve():
    for _ in range(3):
        server.send_json({"got": server.recv_json()})


thread = threading.Thread(target=serve)
thread.start()
client = context.socket(zmq.REQ)
client.connect(f"tcp://127.0.0.1:{port}")
for message in ([1], {"a": "ü"}, None):
    client.send_json(message)
    print(client.recv_json())
thread.join()

left, right = context.socket(zmq.PAIR), context.socket(zmq.PAIR)
left.bind("inproc://pair")
right.connect("inproc://pair")
left.send_multipart([b"a", b"", b"c" * 100000], copy=False)
print([len(part) for part in right.recv_multipart()])
poller = zmq.Poller()
poller.register(right, zmq.POLLIN)
print(poller.poll(5))
left.send_pyobj((1, "x"))
print(len(poller.poll(1000)), right.recv_pyobj(), right.getsockopt(zmq.TYPE) == zmq.PAIR)
frame = zmq.Frame(b"bytes of a frame")
left.send(zmq.Frame(bytes(frame), track=True), copy=False)
print(bytes(right.recv(copy=False).buffer[6:]))
try:
    right.recv(zmq.NOBLOCK)
except zmq.Again as error:
    print(type(error).__name__, error)


async def main():
    asynchronous = zmq.asyncio.Context()
    push, pull = asynchronous.socket(zmq.PUSH), asynchronous.socket(zmq.PULL)
    push.bind("inproc://push")
    pull.connect("inproc://push")
    await asyncio.gather(*(push.send_string(str(i)) for i in range(5)))
    print([await pull.recv_string() for _ in range(5)])
    push.close()
    pull.close()
    asynchronous.term()


asyncio.run(main())
for socket in (server, client, left, right):
    socket.close()
context.term()
print(context.closed)
