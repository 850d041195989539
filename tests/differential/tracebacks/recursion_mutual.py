def f(n):
    g(n)
def g(n):
    if n == 0:
        raise ValueError
    f(n - 1)
def h(n):
    if n == 0:
        f(3)
    h(n - 1)
h(6)
