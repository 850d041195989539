class C:
    def __enter__(self): return self
    def __exit__(self, *a): return 1 / 0

with C() as c:
    raise KeyError(3)
