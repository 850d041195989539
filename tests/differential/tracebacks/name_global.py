somevalue = 1
def f():
    return some_value

f()
