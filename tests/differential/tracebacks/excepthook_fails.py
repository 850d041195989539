import sys
def hook(t, v, tb):
    {}['x']
sys.excepthook = hook
1 / 0
