"""Methods of bytes and bytearray: random calls with a fixed seed; both interpreters print the same results and the same errors."""
import random
import warnings

warnings.simplefilter("ignore")
R = random.Random(2)


def run(f, *args):
    try:
        return ascii(f(*args))
    except Exception as e:
        return f"{type(e).__name__}: {ascii(str(e))}"


ints=lambda: R.choice([0,1,2,3,-1,-2,5,10,None,100])


def rb(n=12):
    al=R.choice([b'ab',b'abc \t\n\r',b'aAbB1 .',bytes(range(256)),b'\xff\x80a',b'+AGEa-!\xff',b'\\x41nu0N{}8']); return bytes(R.choice(al) for _ in range(R.randrange(n)))
MB=['capitalize','title','lower','upper','swapcase','isascii','islower','isupper','istitle','isspace','isdigit','isalpha','isalnum','splitlines','split','rsplit','strip','hex','expandtabs','__repr__','__len__','__str__']
def opb():
    k=R.randrange(20); s=rb(20)
    if k==0: return R.choice(MB),s,()
    if k==1: return R.choice(['find','rfind','index','rindex','count','startswith','endswith']),s,(R.choice([rb(4),97,300,'x',-1,(b'a',b'b')]),)+tuple(ints() for _ in range(R.randrange(3)))
    if k==2: return 'replace',s,(rb(3),rb(4))+((R.choice([-1,0,1,2,5]),) if R.random()<.4 else ())
    if k==3: return R.choice(['split','rsplit']),s,(R.choice([rb(3),None]),)+((R.choice([-1,0,1,2]),) if R.random()<.5 else ())
    if k==4: return R.choice(['partition','rpartition','removeprefix','removesuffix','__contains__','__add__','__eq__','__lt__','__ge__']),s,(R.choice([rb(3),rb(3),bytearray(rb(3)),'a',3]),)
    if k==5: return R.choice(['strip','lstrip','rstrip']),s,(rb(4),)
    if k==6: return R.choice(['center','ljust','rjust']),s,(R.randrange(20),)+((rb(3),) if R.random()<.6 else ())
    if k==7: return 'zfill',s,(R.randrange(20),)
    if k==8: return 'expandtabs',s,(R.randrange(-1,9),)
    if k==9: return '__getitem__',s,(R.choice([R.randrange(-5,25),slice(ints(),ints(),R.choice([1,2,-1,-2,None]))]),)
    if k==10: return 'hex',s,R.choice([(),(':',),(':',2),(b'-',-3),('ab',),('\xe9',),(3,),(':',0)])
    if k==11: return '__mul__',s,(R.randrange(-1,5),)
    if k==12: return 'join',rb(3),([R.choice([rb(5),bytearray(rb(3))]) for _ in range(R.randrange(4))]+([3] if R.random()<.1 else []),)
    if k==13: return 'translate',s,(R.choice([None,bytes(range(255,-1,-1)),b'x']),)+((rb(3),) if R.random()<.5 else ())
    if k==14: return 'splitlines',s,(R.random()<.5,)
    if k==15: return '__mod__',R.choice([b'%s|%r|%a',b'%5s|%-7.2s',b'%d %i %u',b'%x %X %o',b'%#x %#o',b'%05d|%-5d|%+d',b'% d %.3d',b'%e %f %g',b'%c',b'%%',b'%(a)s',b'%*d',b'%.*f',b'%q',b'%',b'%(a',b'%b']),(R.choice([rb(5),(rb(5),3,2.5),(-5,255,8),{b'a':b'1'},(3,7),(65,),(b'a',),2.5,'x',(256,)]),)
    if k>=16: return 'decode',s,(R.choice(['utf-8','utf-8','ascii','latin-1','utf-16','utf-32','utf-16-be','utf-7','unicode-escape','raw-unicode-escape','utf-32-le','cp1252']),R.choice(['strict','ignore','replace','backslashreplace','surrogateescape','surrogatepass','nosuch']))


for _ in range(10000):
    method, data, args = opb()
    for kind in (bytes, bytearray):
        print(kind.__name__, method, data, ascii(args), run(getattr(kind(data), method), *args))
