def f():
    return prin(3)

f()
