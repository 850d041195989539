# What the types of _io have, and the signatures of their methods.
import _io

for name in sorted(dir(_io)):
    o = getattr(_io, name)
    if not isinstance(o, type):
        print(name, type(o).__name__ if name.startswith('__') else repr(o)[:40].split(' at ')[0], getattr(o, '__text_signature__', None),
              getattr(o, '__module__', None))
        continue
    print(name, o.__module__, o.__qualname__, [b.__name__ for b in o.__bases__], o.__text_signature__, bool(o.__doc__))
    if o.__module__ != '_io':
        continue
    for key, value in sorted(o.__dict__.items()):
        print('   ', key, type(value).__name__, getattr(value, '__text_signature__', None), bool(getattr(value, '__doc__', None)))
