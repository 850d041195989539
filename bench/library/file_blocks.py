"""A file by blocks: written, read, sought, copied, in memory."""
import io
import os
import shutil
import tempfile
from _data import times

with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "data")
    block = bytes(range(256)) * 16
    for _ in range(times(6)):
        with open(path, "wb") as file:
            for _ in range(4_000):
                file.write(block)
        with open(path, "rb") as file:
            total = 0
            while data := file.read(1000):
                total += data[0]
            for i in range(15_000):
                file.seek(i * 501)
                total += file.read(16)[1]
        shutil.copy(path, path + "2")
        memory = io.BytesIO()
        for i in range(60_000):
            memory.write(b"0123456789")
        memory.seek(0)
        buffer = bytearray(4096)
        while count := memory.readinto(buffer):
            total += count
        print(total, os.path.getsize(path + "2"))
