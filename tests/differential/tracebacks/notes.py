e = ValueError('x')
e.add_note('one\ntwo')
e.add_note('')
e.__notes__.append(3)
raise e
