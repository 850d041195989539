def f(n):
    return f(n + 1)

import sys
sys.setrecursionlimit(120)
f(0)
