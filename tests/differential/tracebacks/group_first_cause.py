try:
    raise ExceptionGroup('a', [ValueError(1)])
except ExceptionGroup as e:
    raise KeyError('k') from e
