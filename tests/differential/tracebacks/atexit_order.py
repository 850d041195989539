import atexit
atexit.register(print, 'first', end='!\n')
@atexit.register
def bad():
    1 / 0
atexit.register(print, 'gone')
atexit.register(print, 'kept')
class E:
    def __eq__(self, o): return False
atexit.unregister(E())
raise ValueError
