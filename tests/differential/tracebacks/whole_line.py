def f():
    raise ValueError

def g():
    f()   # a comment

g()
