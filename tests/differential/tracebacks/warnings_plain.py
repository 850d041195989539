import warnings
def f():
    warnings.warn('user', stacklevel=2)
    warnings.warn('old', DeprecationWarning, 2)
    warnings.warn(FutureWarning('future'))
f()
f()
warnings.simplefilter('error')
f()
