# Wrong calls of streams, and what they say.
import _io
import copy
import io
import os
import pickle

folder = os.path.abspath('io_errors_folder')
os.mkdir(folder)
path = os.path.join(folder, 'file')


def attempt(f, *args, **kwargs):
    try:
        r = f(*args, **kwargs)
        print('->', r if isinstance(r, (int, str, bytes, tuple, list, type(None))) else type(r).__name__)
    except BaseException as e:
        print(type(e).__name__, str(e).replace(folder, '.'), getattr(e, 'errno', None), getattr(e, 'characters_written', None))


with open(path, 'wb') as f:
    f.write(b'first\nsecond\r\nthird')


def text(*args, **kwargs):
    return _io.TextIOWrapper(io.BytesIO(b'abc'), *args, **kwargs)


def file(mode='r'):
    return _io.FileIO(path, mode)


R, B, T, S, BR = _io._RawIOBase, io.BytesIO, text, io.StringIO, lambda: _io.BufferedReader(io.BytesIO(b'abc'))
for base in (_io._IOBase, _io._RawIOBase, _io._BufferedIOBase, _io._TextIOBase):
    for method, args in [('read', ()), ('read', ('a',)), ('readinto', (b'',)), ('write', (b'',)), ('seek', ()), ('tell', ()), ('fileno', ()),
                         ('truncate', ()), ('detach', ()), ('readline', ()), ('readall', ()), ('isatty', ()), ('flush', ()),
                         ('writelines', ([],)), ('_checkReadable', ()), ('_checkWritable', ()), ('_checkSeekable', ()),
                         ('_checkClosed', ()), ('close', ()), ('flush', ()), ('__enter__', ()), ('readlines', ())]:
        o = base()
        print(base.__name__, method, args, end=' ')
        attempt(lambda: getattr(o, method)(*args))
    o.close()
    attempt(o.flush)
    print(o.closed)

for args in [(1.5,), (-1,), (2**70,), (999999,), (folder,), (folder + '/none',), (path, 1), (path, 'rw'), (path, 'b'), (path, 'q'), (), ('a\0b',),
             (path, 'r', False), (path, 'x'), (path, 'r', True, lambda *a: -1), (path, 'r', True, lambda *a: 'x'), ([],), (b'',)]:
    attempt(_io.FileIO, *args)
for name, args in [('seek', (1.5,)), ('seek', (2**70,)), ('seek', ()), ('seek', (0, 'a')), ('seek', (0, 0, 0)), ('seek', (-5,)), ('seek', (0, 77)),
                   ('readinto', (b'x',)), ('readinto', ('x',)), ('read', ('x',)), ('write', (b'x',)), ('write', ('x',)), ('truncate', ()),
                   ('read', (3,)), ('read', (-7,)), ('readall', ()), ('readline', ()), ('readlines', ()), ('tell', ())]:
    f = file()
    print('FileIO', name, args, end=' ')
    attempt(getattr(f, name), *args)
    f.close()
    attempt(getattr(f, name), *args)
f = file('a')
for name in ('read', 'readall', 'readinto'):
    attempt(getattr(f, name), *([bytearray(3)] if name == 'readinto' else []))
print(repr(f).replace(folder, '.'), f.mode, f.tell())
f.close()
print(repr(f))
for mode in ('r', 'r+', 'a', 'a+', 'w', 'w+'):
    with file(mode) as f:
        print(f.mode, f.readable(), f.writable(), f.seekable(), f.closefd, f.isatty())

for make in (BR, lambda: _io.BufferedWriter(io.BytesIO()), lambda: _io.BufferedRandom(io.BytesIO(b'abcdef'))):
    for name, args in [('seek', (1.5,)), ('seek', (1, 9)), ('seek', (2**70,)), ('peek', ('a',)), ('read', ('a',)), ('read', (-2,)), ('read1', ('a',)),
                       ('write', ('a',)), ('truncate', (-1,)), ('readinto', (b'',)), ('seek', (-1,)), ('detach', ()), ('tell', (1,)),
                       ('readline', (2,)), ('readline', ('a',))]:
        b = make()
        print(type(b).__name__, name, args, end=' ')
        attempt(lambda: getattr(b, name)(*args))
        if name == 'detach':
            for attribute in ('closed', 'name', 'mode', 'raw'):
                attempt(lambda: getattr(b, attribute))
            attempt(lambda: getattr(b, 'flush')())
            attempt(b.close)
            print(repr(b))
        else:
            b.close()
            attempt(lambda: getattr(b, name)(*args))
for args in [(), (3,), (B(), 0), (B(), -1), (B(), 'a'), (B(), 1, 2)]:
    attempt(_io.BufferedReader, *args)
    attempt(_io.BufferedWriter, *args)
    attempt(_io.BufferedRandom, *args)
attempt(_io.BufferedRWPair)
attempt(_io.BufferedRWPair, B(), 3)
attempt(_io.BufferedRWPair, B(), B(), foo=3)
attempt(_io.BufferedRWPair(B(), B()).read, 'a')
for t in (_io.BufferedRWPair, _io.BufferedReader, _io.TextIOWrapper, _io.StringIO, _io.FileIO, _io.IncrementalNewlineDecoder):
    o = t.__new__(t)
    for name in ('read', 'close', 'flush', 'write', 'decode', 'tell', 'reset'):
        print(t.__name__, name, end=' ')
        attempt(lambda: getattr(o, name)())
    for name in ('closed', 'encoding', 'errors', 'newlines', 'name', 'mode', 'raw', 'line_buffering'):
        print(t.__name__, name, end=' ')
        attempt(lambda: getattr(o, name))

for kwargs in [dict(newline=b'a'), dict(newline='a'), dict(errors=1), dict(encoding=1), dict(encoding='a\0'), dict(encoding='hex'), dict(encoding='nix'),
               dict(line_buffering='x'), dict(encoding='utf-8', errors='nix'), dict(bad=1), dict(encoding='locale'), dict(encoding='rot13')]:
    attempt(text, **kwargs)
for name, args in [('seek', (1, 1)), ('seek', (1, 2)), ('seek', (-1,)), ('seek', (1, 7)), ('seek', (1.5,)), ('read', ('a',)), ('readline', ('a',)),
                   ('write', (b'a',)), ('write', ()), ('truncate', ('a',)), ('reconfigure', (1,)), ('detach', ()), ('fileno', ()), ('seek', (2**200,))]:
    t = text()
    print('TextIOWrapper', name, args, end=' ')
    attempt(getattr(t, name), *args)
    if name == 'detach':
        for a in ('closed', 'name', 'buffer', 'encoding', 'errors', 'newlines', '_CHUNK_SIZE'):
            attempt(lambda: getattr(t, a))
        attempt(t.read)
        attempt(t.detach)
        print(repr(t))
for kwargs in [dict(encoding=3), dict(errors=3), dict(newline=3), dict(newline='x'), dict(line_buffering='x'), dict(write_through=2), dict(errors='ignore'),
               dict(encoding='utf-16'), dict(encoding='nix'), dict(newline='\r\n')]:
    t = text(errors='replace')
    print('reconfigure', kwargs, end=' ')
    attempt(lambda: (t.reconfigure(**kwargs), t.encoding, t.errors, t.line_buffering, t.write_through)[1:])
t = text()
attempt(setattr, t, '_CHUNK_SIZE', 0)
attempt(setattr, t, '_CHUNK_SIZE', 'a')
attempt(delattr, t, '_CHUNK_SIZE')

for make in (lambda: S('abc'), lambda: B(b'abc')):
    for name, args in [('seek', (1, 1)), ('seek', (1, 2)), ('seek', (-1,)), ('seek', (1, 7)), ('seek', (1.5,)), ('write', (1,)), ('truncate', (-1,)),
                       ('truncate', ('a',)), ('__setstate__', (1,)), ('__setstate__', ((1,),)), ('__setstate__', ((1, 1, 1, 1),)),
                       ('__setstate__', (('', '', 0, 1),)), ('__setstate__', (('', '\n', '', 1),)), ('__setstate__', (('', '\n', -1, 1),)),
                       ('__setstate__', ((b'', 1.0, 1),)), ('__setstate__', ((b'', -1, 1),)), ('__setstate__', ((b'', 0, 1),)), ('__getstate__', ()),
                       ('seek', (2**63 - 1, 0)), ('readlines', ('a',)), ('readinto', (b'',)), ('read1', ('a',)), ('fileno', ()), ('detach', ()),
                       ('getbuffer', ()), ('isatty', ()), ('read', (None,)), ('readline', (None,))]:
        o = make()
        print(type(o).__name__, name, args, end=' ')
        attempt(lambda: getattr(o, name)(*args))
        attempt(o.tell)
        o.close()
        attempt(lambda: getattr(o, name)(*args))
attempt(S, b'')
attempt(S, newline=b'')
attempt(S, newline='x')
attempt(B, 1)
attempt(B, 'a')
b = B(b'abc')
view = b.getbuffer()
attempt(b.write, b'abcdefghij')
attempt(b.truncate, 0)
attempt(b.close)
view[0] = 65
del view
print(b.getvalue(), type(b.getbuffer().obj).__name__)

for args, kwargs in [((path, 'z'), {}), ((path, 'rr'), {}), ((path, 'bt'), {}), ((path, 'rw'), {}), ((path, 'rb'), dict(encoding='x')),
                     ((path, 'rb'), dict(errors='x')), ((path, 'rb'), dict(newline='x')), ((path,), dict(newline='x')), ((path, 'r', 0), {}),
                     ((path, 'rb', -5), {}), ((path, 'rU'), {}), ((path, 5), {}), (([],), {}), ((), {}), ((path,), dict(encoding=3)),
                     ((path,), dict(newline=3)), ((path,), dict(buffering='a')), ((path, ''), {}), ((path, 'b'), {}), ((path, 'rb', 0), {}),
                     ((path, 'r+b'), {}), ((path, 'wb'), {}), ((folder,), {}), ((path,), dict(closefd=False)), ((path,), dict(opener=3)), ((-3,), {})]:
    print(args[1:], kwargs, end=' ')
    attempt(open, *args, **kwargs)
attempt(_io.open_code, b'/x')
attempt(_io.open_code, path)
attempt(_io.text_encoding)
attempt(_io.text_encoding, 3, 'a')
attempt(_io.text_encoding, None)
attempt(_io.text_encoding, 'x')
for o in (open(path), open(path, 'rb'), open(path, 'rb', 0), B(b'x'), S('x'), open(path, 'r+b')):
    try:
        print(type(pickle.loads(pickle.dumps(o))).__name__)
    except TypeError as e:
        print(e)
    try:
        print(type(copy.copy(o)).__name__)
    except TypeError as e:
        print(e)
print(pickle.loads(pickle.dumps(open)) is open)


class Raw(io.RawIOBase):
    def __init__(self, answer):
        self.answer = answer

    def readable(self):
        return True

    writable = seekable = readable

    def tell(self):
        return 0

    def seek(self, *args):
        return -1

    def readinto(self, b):
        return self.answer

    def write(self, b):
        return self.answer


for answer in (5000000, -1, None, 'x', 2.5, 0):
    for size in (10, -1):
        r = _io.BufferedReader(Raw(answer), 8)
        if isinstance(answer, str) or size > 0:
            attempt(r.read, size)
        attempt(r.read1, 10)
        attempt(r.peek)
        attempt(r.readinto, bytearray(20))
        attempt(r.readline)
    if answer != 0:
        w = _io.BufferedWriter(Raw(answer), 8)
        attempt(w.write, b'123456')
        attempt(w.write, b'1234567890')
        attempt(w.flush)
        w.raw.answer = 6
        attempt(w.detach)
    attempt(lambda: _io.BufferedReader(Raw(answer)).seek(1))
os.remove(path)
os.rmdir(folder)
