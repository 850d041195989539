def make(n):
    try:
        try:
            raise ValueError(n)
        except ValueError as e:
            raise TypeError(n) from e
    except TypeError as e:
        return e
try:
    1 / 0
except ZeroDivisionError:
    raise ExceptionGroup("outer", [make(1), ExceptionGroup("inner", [make(2), make(3)])])
