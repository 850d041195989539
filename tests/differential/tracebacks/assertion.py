def f(x):
    assert x > 3, f'{x} is small'

f(2)
