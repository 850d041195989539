def f(n):
    if n == 0:
        raise ValueError(n)
    try:
        f(n - 1)
    except Exception as e:
        if n % 2:
            raise TypeError(n) from e
        raise KeyError(n)

f(4)
