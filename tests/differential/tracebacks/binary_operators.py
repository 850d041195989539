def show(f):
    import sys
    try:
        f()
    except Exception:
        sys.excepthook(*sys.exc_info())

a, b, s = 1, 0, "s"
show(lambda: a + s)
show(lambda: (a + b) + s)
show(lambda: a // b)
show(lambda: a  //  b)
show(lambda: (a) % (b))
show(lambda: a ** s)
show(lambda: a @ s)
show(lambda: a << s)
show(lambda: 1 + a / b * 3)
show(lambda: [a, b, a / b, s])
show(lambda: s - 1 if a else 3)
show(lambda: (a +
              s))
show(lambda: a +s)
show(lambda: a<s)
show(lambda: a in 3)
show(lambda: -s)
