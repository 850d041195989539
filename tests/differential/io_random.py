# Random operations on every kind of stream; a line holds what one series of them gave.
import _io
import codecs
import os
import random
import sys
import warnings

warnings.simplefilter('ignore')
path = os.path.abspath('io_random_file')


def val(x):
    if isinstance(x,memoryview): return bytes(x)
    if isinstance(x,(str,bytes,int,float,type(None),bool,list,tuple)): return x
    return type(x).__name__
def run(f):
    try: return ('ok', val(f()))
    except Exception as e: return (type(e).__name__, str(e))
ALPH=['a','b','\n','\r','\r\n','é','€','😀','\0','xyz','line of text\n','\n\n']
def text(rng,n): return ''.join(rng.choice(ALPH) for _ in range(rng.randrange(n)))
def one(seed):
    rng=random.Random(seed)
    kind=rng.choice(['sio','bio','text','text','text','textfile','rand','br','bw','inc'])
    logs=[]
    st=rng.getstate()
    for M in (_io,):
        rng.setstate(st)
        log=[]
        try:
            def rec(name,f):
                r=run(f); log.append((name,r)); return r
            if kind=='sio':
                nl=rng.choice([None,'','\n','\r','\r\n'])
                iv=text(rng,30)
                o=M.StringIO(iv,newline=nl)
                log.append((nl,iv))
            elif kind=='bio':
                o=M.BytesIO(text(rng,30).encode())
            elif kind in('text','textfile'):
                nl=rng.choice([None,'','\n','\r','\r\n']); enc=rng.choice(['utf-8','latin-1','ascii','utf-16','utf-8-sig','cp1252','utf-32','UTF8','shift_jis','utf-7'])
                err=rng.choice(['strict','replace','ignore','surrogateescape','backslashreplace'])
                raw=text(rng,60).encode(rng.choice([enc,'utf-8','utf-8']),'replace')
                log.append((nl,enc,err,raw))
                cs=rng.choice([1,2,3,5,10,8192])
                if kind=='text':
                    b=M.BytesIO(raw)
                    if rng.random()<.5: b=rng.choice([M.BufferedRandom,M.BufferedReader,M.BufferedWriter])(b,rng.choice([1,2,5,16,8192]))
                    o=M.TextIOWrapper(b,enc,err,nl,line_buffering=rng.random()<.2,write_through=rng.random()<.2)
                else:
                    with M.open(path,'wb') as f: f.write(raw)
                    o=M.open(path,rng.choice(['r','r+','a+','a','w+']),encoding=enc,errors=err,newline=nl,buffering=rng.choice([-1,1,5,100]))
                o._CHUNK_SIZE=cs
            elif kind=='rand':
                o=M.BufferedRandom(M.BytesIO(text(rng,60).encode()),rng.choice([1,2,5,16,8192]))
            elif kind=='br':
                o=M.BufferedReader(M.BytesIO(text(rng,60).encode()),rng.choice([1,2,5,16,8192]))
            elif kind=='bw':
                o=M.BufferedWriter(M.BytesIO(text(rng,60).encode()),rng.choice([1,2,5,16,8192]))
            else:
                d=rng.choice([None,codecs.getincrementaldecoder('utf-8')()])
                o=M.IncrementalNewlineDecoder(d,rng.random()<.5)
            tells=[0]; iterated=False
            for i in range(rng.randrange(1,25)):
                if kind=='inc':
                    op=rng.choice(['decode','decode','decode','getstate','reset','newlines','rt'])
                    t=text(rng,6)
                    fin=rng.random()<.2
                    if op=='decode': rec(op,lambda:o.decode(t if d is None else t.encode(),fin))
                    elif op=='newlines': rec(op,lambda:o.newlines)
                    elif op=='rt': rec(op,lambda:o.setstate(o.getstate()))
                    else: rec(op,getattr(o,op))
                    continue
                op=rng.choice(['read','read','readline','write','write','seek','tell','truncate','next','readlines','flush','getvalue','attrs','readinto','read1','peek','seekt','writelines','reconf','rl','det'] )
                n=rng.choice([-1,0,1,2,3,5,10,100,None]); n2=rng.randrange(-3,20); wh=rng.choice([0,0,0,1,2,3]); t=text(rng,8); x=rng.random(); e2=rng.choice(['utf-8','latin-1','utf-16',None]); nl2=rng.choice([None,'','\n','\r','\r\n'])
                tk=rng.randrange(1000)
                if kind in ('text','textfile'):
                    if op in ('next','readlines'): iterated=True
                    if iterated and (op=='tell' or op=='seek' and wh==1): continue
                if op=='read': rec((op,n),lambda:o.read(n))
                elif op in('readline','rl'): rec((op,n),lambda:o.readline(n if n is not None else -1))
                elif op=='write': rec((op,t),lambda:o.write(t if kind in('sio','text','textfile') else t.encode()))
                elif op=='writelines': rec((op,t),lambda:o.writelines([t,t] if kind in('sio','text','textfile') else [t.encode()]))
                elif op=='seek':
                    if kind in('text','textfile') : 
                        rec((op,0,wh),lambda:o.seek(0,wh))
                    else: rec((op,n2,wh),lambda:o.seek(n2,wh))
                elif op=='seekt': 
                    p=tells[tk%len(tells)]; rec((op,p),lambda:o.seek(p))
                elif op=='tell':
                    r=rec(op,o.tell)
                    if r[0]=='ok': tells.append(r[1])
                elif op=='truncate':
                    rec((op,n2),lambda:o.truncate(n2 if x<.7 else None))
                elif op=='next': rec(op,lambda:next(o,'END'))
                elif op=='readlines': rec((op,n),lambda:o.readlines(n))
                elif op=='readinto':
                    ba=bytearray(max(n2,0)); rec((op,n2),lambda:o.readinto(ba)); log.append(bytes(ba))
                elif op in('read1','peek'): rec((op,n),lambda:getattr(o,op)(n if n is not None else 1))
                elif op=='attrs':
                    for a in ('closed','newlines','encoding','errors','line_buffering','write_through'): rec(a,lambda:getattr(o,a))
                    for a in ('readable','writable','seekable','isatty'): rec(a,lambda:getattr(o,a)())
                    rec('state',lambda:o.__getstate__() if kind in('sio','bio') else 0)
                elif op=='reconf':
                    if kind in('text','textfile'): rec((op,e2,nl2),lambda:o.reconfigure(encoding=e2,newline=nl2) if x<.5 else o.reconfigure(encoding=e2,line_buffering=x<.7))
                elif op=='det': pass
                else: rec(op,lambda:getattr(o,op)())
            if kind in ('rand','bw','br'):
                rec('fl',o.flush); rec('raw',lambda:o.raw.getvalue())
            elif kind=='text':
                rec('fl',o.flush); rec('raw',lambda:(o.buffer.raw if hasattr(o.buffer,'raw') else o.buffer).getvalue())
            elif kind=='textfile':
                rec('cl',o.close); log.append(open(path,'rb').read())
        except Exception as e:
            log.append(('ctor',type(e).__name__,str(e)))
        logs.append(log)
    return logs[0]


for seed in range(4000):
    log = repr(one(seed))
    print(seed, int.from_bytes(log.encode('utf-8', 'surrogatepass'), 'big') % (2 ** 61 - 1), len(log))
    if str(seed) in sys.argv[1:]:
        print(log, file=sys.stderr)
os.remove(path)
