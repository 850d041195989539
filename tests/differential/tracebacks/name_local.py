def f():
    somevalue = 1
    return somevalu

f()
