def show(f):
    import sys
    try:
        f()
    except Exception:
        sys.excepthook(*sys.exc_info())

d = {}
l = [1]
show(lambda: d["x"])
show(lambda: d["x"]["y"])
show(lambda: l[5])
show(lambda: l[1:2][0])
show(lambda: l [ 5 ])
show(lambda: l[l[0] + 1])
show(lambda: None["x"]["y"])
show(lambda: (d)[l[3]])
show(lambda: l[0](3))
show(lambda: d["x"].y)
