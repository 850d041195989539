"""Parsing: a JSON reader and writer written in Python, recursive descent over a string."""
import os

SCALE = 5 * float(os.environ.get("BENCH_SCALE", 1))
ESCAPES = {"n": "\n", "t": "\t", '"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "r": "\r"}


class Reader:
    def __init__(self, text):
        self.text = text
        self.place = 0

    def error(self, expected):
        raise ValueError(f"{expected} expected at {self.place}")

    def skip(self):
        text, place = self.text, self.place
        while place < len(text) and text[place] in " \n\t\r":
            place += 1
        self.place = place
        return text[place] if place < len(text) else ""

    def value(self):
        ch = self.skip()
        if ch == "{":
            return self.object()
        if ch == "[":
            return self.array()
        if ch == '"':
            return self.string()
        for word, value in (("true", True), ("false", False), ("null", None)):
            if self.text.startswith(word, self.place):
                self.place += len(word)
                return value
        return self.number()

    def object(self):
        result = {}
        self.place += 1
        if self.skip() == "}":
            self.place += 1
            return result
        while True:
            if self.skip() != '"':
                self.error("name")
            key = self.string()
            if self.skip() != ":":
                self.error("colon")
            self.place += 1
            result[key] = self.value()
            ch = self.skip()
            self.place += 1
            if ch == "}":
                return result
            if ch != ",":
                self.error("comma")

    def array(self):
        result = []
        self.place += 1
        if self.skip() == "]":
            self.place += 1
            return result
        while True:
            result.append(self.value())
            ch = self.skip()
            self.place += 1
            if ch == "]":
                return result
            if ch != ",":
                self.error("comma")

    def string(self):
        text, place = self.text, self.place + 1
        parts = []
        while (ch := text[place]) != '"':
            if ch == "\\":
                place += 1
                if text[place] == "u":
                    parts.append(chr(int(text[place + 1:place + 5], 16)))
                    place += 4
                else:
                    parts.append(ESCAPES[text[place]])
            else:
                parts.append(ch)
            place += 1
        self.place = place + 1
        return "".join(parts)

    def number(self):
        text, start = self.text, self.place
        place = start
        while place < len(text) and text[place] in "+-0123456789.eE":
            place += 1
        if place == start:
            self.error("value")
        self.place = place
        digits = text[start:place]
        return float(digits) if "." in digits or "e" in digits else int(digits)


def write(value, out):
    if value is None or value is True or value is False:
        out.append({None: "null", True: "true", False: "false"}[value])
    elif isinstance(value, str):
        out.append('"' + value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"')
    elif isinstance(value, (int, float)):
        out.append(repr(value))
    elif isinstance(value, list):
        out.append("[")
        for i, item in enumerate(value):
            if i:
                out.append(", ")
            write(item, out)
        out.append("]")
    else:
        out.append("{")
        for i, (key, item) in enumerate(value.items()):
            if i:
                out.append(", ")
            write(key, out)
            out.append(": ")
            write(item, out)
        out.append("}")


record = '{"id": %d, "name": "item \\"%d\\"\\n", "price": %d.25, "tags": ["a", "b\\u00e9", null, true], "in": {"x": -1e3, "y": []}}'
text = "[" + ",\n ".join(record % (i, i, i) for i in range(int(3500 * SCALE))) + "]"
data = Reader(text).value()
out = []
write(data, out)
again = Reader("".join(out)).value()
print(len(text), len(data), data[3], again == data)
