import sys
def hook(u):
    print(u.exc_type.__name__, u.exc_value, u.err_msg, u.exc_traceback.tb_lineno, type(u.object).__name__)
sys.unraisablehook = hook
class A:
    def __del__(self):
        1 / 0
A()
sys.unraisablehook = None
A()
def bad(u): raise KeyError('in hook')
sys.unraisablehook = bad
A()
del sys.unraisablehook
A()
