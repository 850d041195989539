"""Methods of str: random calls with a fixed seed; both interpreters print the same results and the same errors."""
import random
import warnings

warnings.simplefilter("ignore")
R = random.Random(1)


def run(f, *args):
    try:
        return ascii(f(*args))
    except Exception as e:
        return f"{type(e).__name__}: {ascii(str(e))}"


alph=['ab','abc \t\n','aAbB1 .','\xe9\xc9a ','\u0130\u03a3\u03c3a\u2028 ','\U0001f600a\u1234','\ud800\udc00ab\xff','0123456789+-abcxyz{}[]!:.%()','\u0663\u00b2\u00bd\x1c1']
def rs(n=12):
    al=R.choice(alph); return ''.join(R.choice(al) for _ in range(R.randrange(n)))


ints=lambda: R.choice([0,1,2,3,-1,-2,5,10,None,100])
M=['capitalize','casefold','title','lower','upper','swapcase','isascii','islower','isupper','istitle','isspace','isdecimal','isdigit','isnumeric','isalpha','isalnum','isidentifier','isprintable','splitlines','split','rsplit','strip','lstrip','rstrip','expandtabs','__repr__','__len__','__str__','__sizeof__']
def ops():
    k=R.randrange(26); s=rs(20)
    if k==0: return R.choice(M),s,()
    if k==1: return R.choice(['find','rfind','index','rindex','count','startswith','endswith']),s,(rs(4),)+tuple(ints() for _ in range(R.randrange(3)))
    if k==2: return 'replace',s,(rs(3),rs(4))+((R.choice([-1,0,1,2,5]),) if R.random()<.4 else ())
    if k==3: return R.choice(['split','rsplit']),s,(R.choice([rs(3),None]),)+((R.choice([-1,0,1,2]),) if R.random()<.5 else ())
    if k==4: return R.choice(['partition','rpartition','removeprefix','removesuffix','__contains__']),s,(rs(3),)
    if k==5: return R.choice(['strip','lstrip','rstrip']),s,(rs(4),)
    if k==6: return R.choice(['center','ljust','rjust']),s,(R.randrange(20),)+((rs(3),) if R.random()<.6 else ())
    if k==7: return 'zfill',s,(R.randrange(20),)
    if k==8: return 'expandtabs',s,(R.randrange(-1,9),)
    if k==9: return '__getitem__',s,(R.choice([R.randrange(-5,25),slice(ints(),ints(),R.choice([1,2,-1,-2,None]))]),)
    if k==10: return R.choice(['__add__','__eq__','__lt__','__ge__','__ne__']),s,(rs(20),)
    if k==11: return '__mul__',s,(R.randrange(-1,5),)
    if k==12: return 'join',rs(3),([rs(5) for _ in range(R.randrange(4))]+([3] if R.random()<.1 else []),)
    if k==13: return 'translate',s,({ord(c):R.choice([None,rs(3),0x1234,97,1.5,0x110000]) for c in rs(5)},)
    if k==14: return 'maketrans',s,R.choice([(rs(4),rs(4)),(rs(4),rs(4),rs(3)),({'a':1,'b':'x'},),({'ab':1},),(3,)])
    if k==15: return '__format__',s,(R.choice(['','>10','^7','*<5.2','.1','+','=5','10s','d','é^9','\u1234>6','08','z','#']),)
    if k==16: return 'splitlines',s,(R.random()<.5,)
    if k==17: return '__mod__',R.choice(['%s|%r|%a','%5s|%-7.2s','%d %i %u','%x %X %o','%#x %#o %#X','%05d|%-5d|%+d','% d %.3d','%e %f %g','%c','%%','%(a)s','%*d','%.*f','%q','%','%(a','%5.1f|%+e']),(R.choice([rs(5),(rs(5),3,2.5),(-5,255,8),{'a':1},(3,7),(65,),('\u1234',),2.5,(1.5,2,3),(3,1.5)]),)
    if k in (18,19): return 'format',R.choice(['{}','{}{}','{0}{1}','{a}','{0[0]}','{0.real}','{:>5}','{!r}','{!s:^9}','{:{}}','{0:{1}}','{','}','{{}}','{0!x}','{a[b]}','{0[','{.x','{0]}','{:{:{}}}','a{}b{}c','{0[a]b}','{!}','{!rx}','{:d}','{:5.2f}','{:,}','{:é>5}', rs(8),rs(8)]),R.choice([(),(1,),(rs(3),5),([1,2],),(1.5,2),(12345678,)])
    if k==20: return 'encode',s,(R.choice(['utf-8','ascii','latin-1','utf-16','utf-32','utf-16-be','utf-7','unicode-escape','raw-unicode-escape','utf-32-le','cp1252','koi8-r']),R.choice(['strict','ignore','replace','xmlcharrefreplace','backslashreplace','namereplace','surrogateescape','surrogatepass','nosuch']))
    if k==21: return R.choice(M),rs(200)*R.randrange(3),()
    if k==22: return 'find',(rs(3)*R.randrange(300))+rs(3),(rs(3)*R.randrange(1,20),)
    if k==23: return 'count',(rs(3)*R.randrange(300))+rs(3),(rs(3)*R.randrange(1,9),)
    if k==24: return 'rfind',(rs(3)*R.randrange(300))+rs(3),(rs(3)*R.randrange(1,20),)
    return R.choice(['find','replace','split','strip','join','center','startswith','partition','zfill','translate','encode','__format__','removeprefix','__getitem__']),s,R.choice([(),(3,),(None,),('a','b','c','d'),(1.5,2),(b'x',)])


for _ in range(20000):
    method, text, args = ops()
    print(method, ascii(text), ascii(args), run(getattr(text, method), *args))
