"""The line that a finalizer sees its caller at, however the last reference goes."""
import sys
class D:
    def __init__(s,n): s.n=n
    def __del__(s): print(s.n, sys._getframe(1).f_lineno)
def f(flag=True):
    x = D(1)
    y = 5
    x = 7
    x = D(2)
    y = 1
    x = y
    x = D(3)
    z = x
    del x
    z = y + 1
    x = D(4)
    y = 2
    for x in (1,): pass
    x = D(5)
    y = 3
    x = not y
    x = D(6)
    y = 3
    x, y = y, x
    y = 4
    x = D(7)
    y = [1]
    x = y[0]
    x = D(8)
    y = 1.5
    x = y * 2.0
    x = D(9)
    y = 2
    x = y < 5
    x = D(10)
    y = 3
    x = f
    x = D(11)
    y = 2
    x = (1, 2)
    x = D(12)
    y = 4
    x = [y, y]
    x = D(13)
    y = 5
    x = lambda: y
    x = D(14)
    z = 5
    x = x and z
    x = D(15)
    z = 6
    with open('/dev/null') as x: pass
    x = D(16)
    z = 7
    import sys as x
    x = D(17)
    z = 8
    try: 1/0
    except ZeroDivisionError as x: pass
    x = D(18)
    z = 9
    if (x := z): z = 4
    x = D(19)
    z = D(20)
    q = D(21)
    return (
       z := 5)
f()
class C: pass
def g():
    c = C()
    c.a = D(30)
    y = 3
    c.a = y
    c.a = D(31)
    y = 3
    del c.a
    l = [D(32), D(33)]
    y = 4
    l[0] = y
    y = 5
    del l[0]
    d = {1: D(34)}
    y = 6
    d[1] = y
    d[1] = D(35)
    y = 7
    del d
    y = 8
    s = D(36)
    y = 8
    def h():
        nonlocal s
        s = 5
        y = 4
    h()
    global G
    G = D(37)
    y = 5
    G = 4
    G = D(38)
    y = 5
    del G
g()
m = D(40)
n = 5
m = n
m = D(41)
n = 5
del m
