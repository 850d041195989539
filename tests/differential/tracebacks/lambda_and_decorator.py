def deco(f):
    return f + 1

@deco
def g():
    pass
