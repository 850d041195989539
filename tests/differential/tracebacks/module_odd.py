import sys
for m in 3, None, 'builtins', '__main__':
    E = type('E', (Exception,), {'__module__': m, '__qualname__': 'A.B'})
    sys.excepthook(E, E('x'), None)
