def f():
    abc = 1
    del abc
    abcd = 2
    abc

f()
