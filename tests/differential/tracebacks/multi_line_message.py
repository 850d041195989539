raise ValueError('one\n  two\n')
