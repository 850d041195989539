"""The latency of a thread that answers messages beside one that computes."""
import socket
import threading
import time

from _figures import echo_load, report, times

done = False


def compute():
    total = 0
    while not done:
        for i in range(1000):
            total += i * i
    return total


def answer(listener):
    connection, _ = listener.accept()
    with connection:
        while text := connection.recv(64):
            connection.sendall(text)


with socket.create_server(("127.0.0.1", 0)) as listener:
    threads = [threading.Thread(target=compute), threading.Thread(target=answer, args=(listener,))]
    for thread in threads:
        thread.start()
    try:
        figures = echo_load(listener.getsockname()[1], 1, times(400), 2000)
    finally:
        done = True
    for thread in threads:
        thread.join()
report(*figures)
print("answered")
