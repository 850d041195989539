def f(*a):
    raise ValueError

f(
    1,
    2,
)
