"""Text that is put together piece by piece: shared with what it was made of, short, long and wide; counted; pickled."""
import pickle
import random
import sys

print("%s|%5s|%-5s|%.2s|%r|%d|%05d|%+d|% d|%x|%#x|%X|%#X|%o|%#o|%08.3f|%e|%g|%-10d|%%" % ("ab","cd","ef","ghi","j",12,-34,5,6,255,255,255,255,8,8,3.14159,1e10,2.5,7))
print("%(a)s %(b)05d" % {"a":"é","b":3}, "%s%s" % ("é"*300, "x"*300) == "é"*300+"x"*300, len("%s" % ("y"*1000)), "%-300s|" % "a" == "a".ljust(300)+"|")
s="abc"; print("%s" % s is s, f"{s}" is s, "{}".format(s) is s, format(s) is s, "%s%s" % ("", s) is s)
print("%.300d" % 3 == "0"*299+"3", "%300d" % -3 == "-3".rjust(300), "%-3d|%.3d|%5.3d|%-5.3d|" % (1,2,3,4), "%#.3x" % 10)
print("{:>10}|{:<10}|{:^10}|{:*^10}|{:05}|{:,}|{:_x}|{:.2f}|{!r:>8}|{}".format("a","b","c","d",5,1234567,0xabcdef,2.345,"q",None))
print([1,2,{"a":1,"é":[True,None,-5]}], {1:2,3:"x"*300}, (1,), (), [], {}, ["\u1234"])
print("a,b,,c".split(","), "a b  c ".split(), "".split(","), "".split(), "aéb".split("é"), "abc".split("b",0), ("x,"*20).split(","), "abc".rsplit("c",1))
print(sys.getsizeof("a,b".split(",")), sys.getsizeof("a b".split()), sys.getsizeof(("x,"*20).split(",")), sys.getsizeof("abc".split(",",1)), sys.getsizeof("a".rsplit(",")))
class S(str):
    def __rmod__(s,o): return "rmod"
    def __radd__(s,o): return "radd"
print("a%s" % S("b"), "a"+S("b"), S("a")+"b", S("%s") % 1)
for bad in ["%d" , "%q", "%s %s", "%", "%(a)s", "%c", "%*d"]:
    try: print(bad % ("a",))
    except Exception as e: print(type(e).__name__, e)
print("a"+"", ""+"b", "é"+"a", "a"+"é", "\U0001f600"+"a", "ab"*3+"cd")
x="abc"; print('%-5s' % x, x, '%*s' % (-5,x), x, '%5s' % x, '%-5s' % "é", '%-5.2s' % x, x, '%-300s|' % x == x.ljust(300)+"|")
print("{:<5}".format(x), x, "{:>5}".format(x), f"{x:<6}"+"|", x, format(x, "^7"), x)
random.seed(5)
for al in ("ab","aé","aŁ","a😀b"):
    for _ in range(3000):
        s="".join(random.choices(al,k=random.randrange(0,120))); p="".join(random.choices(al,k=random.randrange(1,5)))
        # reference count
        c=0;i=0
        while (k:=s.find(p,i))>=0: c+=1; i=k+len(p)
        assert s.count(p)==c,(s,p,c,s.count(p))
        assert s.replace(p,"Z",3).count("Z")==min(c,3)+s.count("Z")
        b=s.encode(); q=p.encode()
        c=0;i=0
        while (k:=b.find(q,i))>=0: c+=1; i=k+len(q)
        assert b.count(q)==c
for s in ["é","é"*100,"Ł"*10,"Ł"*100,"x"*50+"Ł"+"y"*50,"😀"*70,"\ud800abcŁ","a"*10000+"é","Ł"*30000,"x"*70000+"\udc80","é"*127,"é"*128, "Ł"*85, "Ł"*86, "abcdefgh"*3+"Ł"+"abcdefgh"*3+"ab"]:
    for proto in range(6):
        d=pickle.dumps(s,proto); assert pickle.loads(d)==s
        print(proto,len(d),hash(d) and d[:20],d[-8:])
    print(s.encode("utf-8","surrogatepass")[:30])
print("aaaa".count("aa"), "a"*10000==("a"*10000), ("a"*1000).count("aaaaab"), ("ab"*500).count("aba"))
