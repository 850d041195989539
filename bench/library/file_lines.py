"""A file read and written line by line, as text and as bytes."""
import os
import tempfile
from _data import log, times

with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "log")
    lines = log(60_000).split("\n")
    for _ in range(times(3)):
        with open(path, "w") as file:
            for line in lines:
                file.write(line + "\n")
            print("the end", file=file)
        with open(path) as file:
            print(sum(len(line) for line in file))
        with open(path, "rb") as file:
            print(sum(1 for line in file if b"404" in line))
        with open(path, newline="") as file:
            print(len(file.readlines()))
        with open(path) as file:
            count = 0
            while file.readline():
                count += 1
            print(count)
