"""The % operator of bytes: plain conversions, which are served apart, beside those that are not."""
for f,a in [(b'%s:%d',(b'k',5)),(b'%d',(True,)),(b'%i',-7),(b'%d',2**59),(b'%d',-2**60+1),(b'%d',2**60),(b'%d',-2**70),(b'%u',(0,)),(b'%5d|%-5d|%+d',(1,2,3)),(b'abcdefghijklmnopqrstuvw%sxyz%%%b',(b'',b'q')),(b'%s',b''),(b'',()),(b'%%',()),(b'%.2s|%5s',(b'abc',b'd')),(b'%d',(1.5,)),(b'%d',('x',)),(bytearray(b'%d%s'),(5,b'x')),(b'%d',()),(b'%d',(1,2))]:
    try: print(f%a)
    except Exception as e: print(type(e),e)
class B(bytes):
    def __bytes__(self): return b'sub'
class I(int):
    def __str__(self): return 'i'
print(b'%s'%B(b'xx'), b'%d'%I(4), b'%s'%(bytearray(b'ba'),), B(b'%d')%3, type(B(b'%d')%3))
for code in 'duixXoceg':       # the letter that the message has
    for text in ('%' + code, b'%' + code.encode()):
        for argument in (b'', 1j, 'a', None, 2.5):
            try: print(text, argument, text % (argument,))
            except Exception as e: print(text, argument, e)
