raise BaseExceptionGroup('a', [KeyboardInterrupt(), ExceptionGroup('b', [ValueError(1), ExceptionGroup('c', [OSError(2, 'x')])])])
