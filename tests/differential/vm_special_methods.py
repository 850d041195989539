"""Special methods that run as frames of the loop, and arguments on loan: results, NotImplemented, errors, depth, what frames show."""
import sys
class V:
    def __init__(s,x): s.x=x
    def __add__(s,o):
        if isinstance(o,V): return V(s.x+o.x)
        return NotImplemented
    def __radd__(s,o): return V(s.x+o) if isinstance(o,int) else NotImplemented
    def __iadd__(s,o):
        if o==7: return NotImplemented
        s.x+=1; return s
    def __mul__(s,o): return NotImplemented
    def __eq__(s,o):
        if not isinstance(o,V): return NotImplemented
        return s.x==o.x
    def __lt__(s,o): return NotImplemented
    def __bool__(s): return s.x
    def __len__(s): return s.x
    def __getitem__(s,i):
        if i>3: raise IndexError(i)
        return i
    def __contains__(s,o): return o==2
    def __iter__(s): return s.x
    def __hash__(s): return 1
class W(V):
    def __radd__(s,o): return 'W.radd'
class L(list):
    def __add__(s,o): return NotImplemented
    def __mul__(s,o): return NotImplemented
    def __iadd__(s,o): return NotImplemented
class N:
    def __init__(s,n): s.n=n
    def __iter__(s): return s
    def __next__(s):
        if s.n==0: raise StopIteration(5)
        if s.n==-3: raise KeyError('k')
        s.n-=1
        return s.n
def t(f,*a):
    for _ in range(3):
        try: r=f(*a)
        except BaseException as e: r=(type(e).__name__,str(e))
    print(f.__name__, r.x if isinstance(r,V) else r)
a=V(1);b=V(2);w=W(3)
def add(x,y): return x+y
def iadd(x,y):
    x+=y
    return x
def addi(x): return x+5
def mul(x,y): return x*y
def eq(x,y): return x==y
def ne(x,y): return x!=y
def lt(x,y): return x<y
def jeq(x,y):
    if x==y: return 'yes'
    return 'no'
def jlt(x,y): return 1 if x<y else 2
def jlti(x): return 1 if x<3 else 2
def boo(x):
    return 1 if x else 2
def nt(x): return not x
def ln(x): return len(x)
def gi(x,i): return x[i]
def cont(x,i): return i in x
def jcont(x,i):
    if i not in x: return 'n'
    return 'y'
def it(x): return [y for y in x]
def nx(n):
    r=[]
    for x in N(n): r.append(x)
    return r
def add3(x,y): return x+y+y
for x,y in [(a,b),(a,w),(a,3),(3,a),(a,'s'),(a,None),(L([1]),[2]),(L([1]),3),(a,7),(a,8),(a,2.5),(a,1<<70)]:
    for f in (add,iadd,mul,eq,ne,lt,jeq,jlt,add3): t(f,x,y)
for f in (addi,jlti,boo,nt,ln,it): 
    for x in (a,V(True),V(False),V(-1),V('x'),V(iter([1,2])),V(1<<80)): t(f,x)
for i in (1,3,4,2.5): t(gi,a,i); t(cont,a,i); t(jcont,a,i)
for n in (0,3,-1,-3): t(nx,n)
# depth
class D:
    def __add__(s,o): return s+o
    def __getitem__(s,i): return s[i]
    def __bool__(s): return not s
    def __eq__(s,o): return s==o
for op in (lambda d:d+d, lambda d:d[0], lambda d: not d, lambda d:d==d):
    try: op(D())
    except RecursionError as e: print(e)
class G:
    def __getitem__(s,i):
        print([f.f_code.co_name for f in iter_frames()], sys._getframe(1).f_lineno)
        return 1
def iter_frames():
    f=sys._getframe(1)
    while f: yield f; f=f.f_back
def go(g):
    return (g[0] +
       g[1])
go(G());go(G());go(G())
class E:
    def __add__(s,o): raise ValueError('x')
    def __lt__(s,o): return 1/0
import traceback
def err(e):
    try: return e+e
    except ValueError: traceback.print_exc(file=sys.stdout)
    try:
        if e<e: pass
    except ZeroDivisionError: traceback.print_exc(file=sys.stdout)
for i in range(3): err(E())
# refcounts
def rc(x): return sys.getrefcount(x)
def rc2(x): return rc(x)
o=object()
print(rc(o),rc2(o),rc2(object()))
def gen(x):
    yield sys.getrefcount(x); yield x
def mk():
    o=object(); g=gen(o); next(g); return g
g=mk(); print(type(next(g)))
# locals changed from outside
import ctypes
def outer():
    x=[1,2,3]
    x=inner(x)
    return x
def inner(y):
    f=sys._getframe(1)
    f.f_locals['x']=5
    ctypes.pythonapi.PyFrame_LocalsToFast(ctypes.py_object(f),ctypes.c_int(0))
    junk=[[7]*3 for _ in range(10)]
    return y
for i in range(4): print(outer())


# a class variable that is written, and what others know of it
class Counted:
    made = 0
    limit = 3

    def __init__(self): Counted.made += 1
    def made_now(self): return self.made, self.limit, Counted.made, type(self).made


class Child(Counted): pass


for i in range(100):
    c = Child()
    if i in (3, 50): Counted.limit = i
    if i == 70: Child.made = -5
    if i == 80: del Child.made
    if i == 90: Counted.limit = property(lambda self: 'property')
    if i % 7 == 0 or i > 88: print(c.made_now())


def defaults(a, b=2, c=[3]): return a, b, c


for i in range(6):
    print(defaults(1), defaults(1, 5), defaults(1, 2, 3), list(map(defaults, [i])))
    if i == 3: defaults.__defaults__ = ('x',)
    if i == 4:
        defaults.__defaults__ = (7, 8)
    try: defaults()
    except TypeError as error: print(error)
    try: defaults(1)
    except TypeError as error: print(error)
    if i == 3: defaults.__defaults__ = (0, 0)


def known(): return here, absent_then_present if i > 2 else None


for i in range(6):         # names come and go beside a known one
    here = i
    globals()[f'other{i}'] = i
    if i == 2: absent_then_present = 'present'
    print(known())
    if i == 4: del here, globals()['other1']
    try: print(known())
    except NameError as error: print(error)
