"""Where a text stream writes a byte order mark: at the start, not in the midst, and not where it cannot ask for its place."""
import bz2
import io


class NotSeekable(io.BytesIO):
    def seekable(self):
        return False


for encoding in ("utf-16", "UTF-32", "utf-8-sig", "utf-16-le", "utf-7", "idna"):
    seekable, later, fixed, before, after = io.BytesIO(), io.BytesIO(b"xx"), NotSeekable(), NotSeekable(), NotSeekable()
    later.read()
    for raw in (seekable, later, fixed, before):
        text = io.TextIOWrapper(raw, encoding=encoding, write_through=raw is fixed)
        text.write("ab")
        text.write("c")
        text.flush()
        if raw is before:
            text.reconfigure(encoding="utf-16")
            text.write("ab")
            text.flush()
        print(encoding, raw.getvalue())
        text.detach()
    text = io.TextIOWrapper(after, encoding="ascii")
    text.reconfigure(encoding=encoding)
    text.write("ab")
    text.flush()
    print(encoding, after.getvalue())
    with bz2.open("t", "wt", encoding=encoding) as text:
        text.write("ab")
    with bz2.open("t") as raw:
        print(raw.read())
