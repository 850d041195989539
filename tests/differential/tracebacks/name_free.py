def f():
    total = 1
    def g():
        return totl + total
    return g()

f()
