import sys
class Bad:
    def __str__(self): 1 / 0
    __repr__ = __str__
for notes in "abc", 3, [], ["a", 1, Bad()], Bad(), {1: 2}, b"xy":
    e = ValueError("x")
    e.__notes__ = notes
    sys.excepthook(ValueError, e, None)
