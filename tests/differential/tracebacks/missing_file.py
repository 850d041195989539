exec(compile('\n\n1 / 0', 'no such file.py', 'exec'))
