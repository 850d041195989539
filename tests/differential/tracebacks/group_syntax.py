try:
    compile('a b', 'f', 'exec')
except SyntaxError as e:
    raise ExceptionGroup('g', [e])
