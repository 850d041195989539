"""Text files in several encodings, written and read; text encoded and decoded at once and in steps."""
import codecs
import os
import tempfile
from _data import prose, times

text = prose()[:150_000].encode("ascii", "ignore").decode() + "äöü é ñ " * 3_000
wide = text + "€ Ω 日本語 😀 " * 3_000
with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "text")
    for _ in range(times(12)):
        for encoding in "utf-8", "utf-8-sig", "latin-1", "utf-16", "cp1252", "utf-32-le":
            with open(path, "w", encoding=encoding) as file:
                file.write(text)
            with open(path, encoding=encoding) as file:
                print(encoding, os.path.getsize(path), sum(len(line) for line in file))
        for encoding in "utf-8", "utf-16-be", "gb18030":
            data = wide.encode(encoding)
            print(encoding, len(data), len(data.decode(encoding)))
        decoder = codecs.getincrementaldecoder("utf-8")()
        data = wide.encode()
        print(sum(len(decoder.decode(data[i:i + 1000])) for i in range(0, len(data), 1000)), len(wide.encode("ascii", "xmlcharrefreplace")))
