E = type('E', (Exception,), {'__module__': 'some.where'})
raise E('x')
