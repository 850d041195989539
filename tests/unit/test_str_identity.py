"""A str method that changes nothing gives back the very object, also when that is no shared one-character str."""
import unittest


class Text(str):
    pass


class Unchanged(unittest.TestCase):
    def test_methods(self):
        for text in Text("a")[:], Text("\xe9")[:], "ab", "\u1234\u1235":
            for change in (
                lambda s: s.replace("x", "y"), lambda s: s.replace("xx", "y"), lambda s: s.replace("x", ""), str.strip,
                str.expandtabs, str, format, "".__add__, lambda s: s + "", lambda s: s[:], lambda s: s * 1,
                lambda s: s.zfill(0), lambda s: s.center(0), lambda s: s.split()[0], lambda s: s.partition(",")[0],
                lambda s: s.removeprefix("x"), lambda s: "".join([s]), lambda s: "%s" % s, lambda s: "{}".format(s),
            ):
                self.assertIs(change(text), text)


if __name__ == "__main__":
    unittest.main()
