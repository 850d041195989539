def f(x):
    match x:
        case {'a': y}:
            return y.z

f({'a': 1})
