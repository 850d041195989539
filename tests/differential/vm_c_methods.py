"""Methods of C objects with and without a dict, functions of modules and classes, called often and then changed."""
import io
class W(io.TextIOWrapper): pass
def run(f, n=300):
    for i in range(n): f.write("a")
f=open("/dev/null","w"); run(f); f.write=lambda s: print("shadow", s) ; run(f,2); del f.write; run(f,3)
g=open("/dev/null","w"); run(g); g.other=1; run(g); g.write=lambda s: print("own",s); run(g,1)
b=io.BytesIO(); 
def rd(b,n=200):
    for i in range(n): b.seek(0); r=b.read(1)
    return r
b.write(b"xyz"); print(rd(b)); b.read=lambda n:"mine"
try: print(rd(b,2))
except AttributeError as e: print(e)
class B(io.BytesIO): pass
c=B(b"abc"); print(rd(c)); c.read=lambda n:"mine2"; print(rd(c,3)); del c.read; print(rd(c,3))
B.read=lambda self,n:"cls"; print(rd(c,3))
import math, types
m=types.ModuleType("m"); m.f=lambda x:x+1
def mf(n):
    for i in range(n): r=m.f(i)
    return r
print(mf(200)); m.f=lambda x:-x; print(mf(200)); m.g=3; print(mf(3)); del m.f
try: mf(1)
except AttributeError as e: print(e)
class K:
    @staticmethod
    def s(x): return ("s",x)
    @classmethod
    def c(cls,x): return (cls.__name__,x)
    def i(self,x=None): return ("i",self,x)
def kc(n):
    for i in range(n): r=(K.s(i),K.c(i),K.i(i))
    return r
print(kc(100)); K.i=lambda a: ("new",a); print(kc(100)); 
class Meta(type):
    def i(cls,x): return "meta"
class L(K,metaclass=Meta): pass
def lc(n):
    for i in range(n): r=L.i(i)
    return r
print(lc(100))
e=Exception("x")
def ex(n):
    for i in range(n): r=e.with_traceback(None)
    return r
print(ex(100)); e.a=1; print(ex(100)); e.with_traceback=lambda t:"sh"; print(ex(5))
print(b"a,b,,c".split(b","), b"".split(b","), b"abc".split(b","), bytearray(b"a,b").split(b",",1), b"a,b,c,d".split(b",",2), b",".split(b","), (b"x"*30+b",")*3, b"a,b".split(b",",0), ((b"x"*30+b",")*3).split(b","))
for a in [(),(b"ab",),("é","utf-8"),(3,),([1,2],)]: print(bytearray(*a))
for a in [("a",),(1,2,3,4),("a",1)]:
    try: bytearray(*a)
    except Exception as x: print(type(x).__name__, x)
print(bytearray(source=b"q"), b"x" in b"xy", 120 in b"xyz", 300 if False else 5 in b"", b"abc"[True], b"abc"[-1], "abc"[True], "é"[0], b"abc"[1:], b"abc"[:], b"abc"[5:2])
for bad in (lambda: b"abc"[3], lambda: 256 in b"a", lambda: "abc"[10**20], lambda: -1 in b"a"):
    try: bad()
    except Exception as x: print(type(x).__name__, x)
