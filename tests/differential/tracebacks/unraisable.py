class A:
    def __del__(self):
        1 / 0

A()
def f():
    yield
    try:
        yield
    finally:
        {}['x']
g = f()
next(g); next(g)
del g
print('done')
