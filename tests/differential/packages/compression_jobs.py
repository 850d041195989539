# needs: zstandard lz4 brotli snappy crcmod
"""zstandard, lz4, brotli, snappy, crcmod: there and back, in pieces, and with broken data."""
import io

import brotli
import crcmod.predefined
import lz4.block
import lz4.frame
import snappy
import zstandard

data = b"".join(b"%d %s\n" % (i * i, b"word" * (i % 7)) for i in range(3000))
packer = zstandard.ZstdCompressor(level=5, write_checksum=True)
packed = packer.compress(data)
print(len(packed), zstandard.ZstdDecompressor().decompress(packed) == data, zstandard.frame_content_size(packed), zstandard.get_frame_parameters(packed).has_checksum)
with packer.stream_reader(io.BytesIO(data)) as reader:
    streamed = b"".join(iter(lambda: reader.read(700), b""))
print(zstandard.ZstdDecompressor().stream_reader(io.BytesIO(streamed)).read() == data, b"".join(zstandard.ZstdDecompressor().read_to_iter(packed)) == data)
words = zstandard.train_dictionary(2048, [b"%d line of words %d" % (i, i * 7) for i in range(500)])
print(len(zstandard.ZstdCompressor(dict_data=words).compress(b"17 line of words 99")))
frame = lz4.frame.compress(data, compression_level=9, store_size=True)
print(len(frame), lz4.frame.decompress(frame) == data, lz4.frame.get_frame_info(frame)["content_size"], len(lz4.block.compress(data, mode="high_compression")))
with lz4.frame.open("t.lz4", "wb") as file:
    file.write(data)
with lz4.frame.open("t.lz4") as file:
    print(len(file.readline()), file.seek(100), len(file.read()))
print(len(brotli.compress(data, quality=6)), brotli.decompress(brotli.compress(data)) == data, len(snappy.compress(data)), snappy.uncompress(snappy.compress(data)) == data)
piecewise = brotli.Compressor()
print(brotli.decompress(piecewise.process(data[:100]) + piecewise.flush() + piecewise.finish()) == data[:100])
print(hex(crcmod.predefined.mkCrcFun("crc-32c")(data)), hex(crcmod.predefined.mkCrcFun("crc-64")(data)))
for job in (lambda: zstandard.ZstdDecompressor().decompress(b"nonsense"), lambda: zstandard.ZstdDecompressor().decompress(packed[:-9]), lambda: lz4.frame.decompress(b"nonsense"),
            lambda: lz4.block.decompress(b"\xff" * 9), lambda: brotli.decompress(b"nonsense"), lambda: snappy.uncompress(b"\xff\xff\xff"), lambda: zstandard.ZstdCompressor(level=99)):
    try:
        print(job())
    except Exception as error:
        print(type(error).__module__, type(error).__name__, error)
