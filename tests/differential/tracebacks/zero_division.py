def f(a, b):
    return a / b

def g():
    x = f(1, 0)

g()
