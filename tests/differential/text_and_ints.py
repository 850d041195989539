"""Big ints against their rules; repr, ASCII checks and codecs by name."""
import random
random.seed(3)
def rnd(bits): 
    k=random.randrange(4)
    if k==0: return random.getrandbits(bits)
    if k==1: return (1<<bits)-1
    if k==2: return (1<<bits)-random.getrandbits(bits//3)
    return 1<<bits
M=(1<<61)-1
for bits in list(range(1,1500,7))*3:
    a=rnd(bits); b=rnd(random.randrange(1,1500)); 
    s=a+b; p=a*b; d=a-b
    assert s-b==a and s-a==b and (s%M)==((a%M)+(b%M))%M
    assert p%M==(a%M)*(b%M)%M, (a,b)
    for m in (10**9+7, 2**31-1, 998244353): assert p%m==(a%m)*(b%m)%m
    assert d+b==a and (b-a)==-d
    assert (a+b)*(a+b)==a*a+2*a*b+b*b
    if b: assert divmod(p,b)==(a,0)
for x in ["", "a", "it's", 'say "hi"', "back\\slash", "tab\t", "a"*15+"'", "a"*16+"\\", "x"*100, "é"*5, "\x7f", "\x1f"*17, "a"*31+"\x80", "~ "*20]:
    print(repr(x), ascii(x))
for n in range(0,70):
    for k in range(n):
        b=bytearray(b"a"*n); b[k]=0xc3
        try: bytes(b).decode(); print("?")
        except UnicodeDecodeError as e: assert e.start==k
        assert not bytes(b).isascii()
        assert bytes(b).decode("latin-1")[k]=="Ã"
    assert (b"a"*n).decode()=="a"*n and (b"a"*n).isascii()
for args in [(1,2,3,4),(b"a","utf8"),(b"a","UTF-8","strict"),(b"\xff","ascii"),(b"\xff","Latin-1"),(b"a",1),("a","utf-8"),(b"a","utf\0")]:
    try: print(str(*args))
    except Exception as e: print(type(e).__name__, e)
try: str(object=1, foo=2)
except TypeError as e: print(e)
print(str(b"a", errors="strict"), str(object=b"x", encoding="ascii"))
