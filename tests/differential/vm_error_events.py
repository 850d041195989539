"""Tracers hear of what a failing instruction lets go before they hear of its exception."""
import sys, operator
def gen(n):
    yield 1
def tr(f, ev, arg):
    if f.f_code.co_filename==__file__: print(ev, f.f_code.co_name, f.f_lineno)
    return tr
def a(): zip(1.0, gen(-7))
def b(): dict(zip(1.0, gen(-7)))
def c(): print({}, {} == dict(zip(1.0, gen(-7))))
def d(): operator.add(1.0, gen(3))
def e(): list(1, gen(4))
def f(): map(1.0, 5, gen(4))
def g(): len(1.0, gen(4))
def h(): filter(gen(3), 3)
def i(): list(3,*(gen(4),))
def j(): zip(1.0, *[gen(4)])
def k(): zip(1.0, strict=gen(4))
def l(): zip(gen(3), 1.0)
def m(): enumerate(1.0, gen(3))
def n(): print(sep=gen(3))
def o(): 5+gen(3)
def p(): gen(3)[5]
def q(): gen(3).foo
def r(): (gen(3),1.0)+5
def s(): gen(3)()
def t(): raise gen(3)
def u(): {gen(3):1}[5]
def v():
    x,y=(gen(3),)
def w(): f"{gen(3):5}"
def x(): int(gen(3))
def y(): min(gen(3),5)
def z():
    for q in 5, gen(3): q+1.0
def aa(): getattr(gen(3),'foo')
def bb(): [].append(gen(3),1)
def cc(): "a".join((gen(3),1.0))
def dd(): isinstance(gen(3), 5)
def ee(): sum(gen(3), 'a')
def ff(): -gen(3)
def gg(): gen(3) < 5
def hh(): 5 in gen
def ii():
    with gen(3): pass
def jj(): del gen(3)[0]
def kk(): gen(3).x = 5
def ll(): gen(3)[0] = 5
def mm(): [*5, gen(3)]
def nn(): [gen(3), *5]
def oo(): {**gen(3)}
def pp(): print(**{1:gen(3)})
def qq(): tr(gen(3))
def rr(): tr(1,2,3,4,x=gen(3))
def ss(): type('a',(),gen(3))
def tt(): iter(5, gen(3), 1)
def uu(): sorted(gen(3), 5)
def vv(): dict(gen(3))
for fn in (a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q,r,s,t,u,v,w,x,y,z,aa,bb,cc,dd,ee,ff,gg,hh,ii,jj,kk,ll,mm,nn,oo,pp,qq,rr,ss,tt,uu,vv):
  for turn in range(2):
    sys.settrace(tr)
    try: fn()
    except BaseException: pass
    sys.settrace(None)
    print('--', fn.__name__)
