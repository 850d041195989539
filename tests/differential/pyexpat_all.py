"""pyexpat: what it offers, its errors, and every handler, with each way to report."""
import pyexpat, sys
def t(f):
    try: r=f(); print('->',repr(r) if 'object' not in repr(r) else '')
    except BaseException as e: print(type(e).__name__, e, getattr(e,'__dict__',None))
print(dir(pyexpat), pyexpat.version_info, pyexpat.EXPAT_VERSION, pyexpat.native_encoding, pyexpat.features, dir(pyexpat.XMLParserType), pyexpat.XMLParserType.__flags__)
print({k:v for k,v in vars(pyexpat.errors).items() if not k.startswith('__')})
print({k:v for k,v in vars(pyexpat.model).items() if not k.startswith('__')})
P=pyexpat.ParserCreate
t(lambda: P(1)); t(lambda: P('utf-8', 'ab')); t(lambda: P(namespace_separator='')); t(lambda:P(intern=1)); t(lambda:P(None,None,{})); t(lambda:P('x',1))
t(lambda: P('invalid-enc').Parse(b'<a/>',True)); t(lambda: P('koi8-r').Parse(b'<a>\xc1</a>',True)); t(lambda: P('shift_jis').Parse(b'<a>\xc1</a>',True))
p=P()
t(lambda: setattr(p,'foo',1)); t(lambda: p.foo); t(lambda: delattr(p,'buffer_size')); t(lambda: delattr(p,'CharacterDataHandler'))
t(lambda: setattr(p,'buffer_size',0)); t(lambda: setattr(p,'buffer_size','a')); t(lambda: setattr(p,'buffer_size',1<<70)); t(lambda: setattr(p,'buffer_size',1<<33)); t(lambda: setattr(p,'buffer_text','x')); t(lambda: p.buffer_text)
t(lambda: setattr(p,'intern',{})); t(lambda: setattr(p,'ErrorCode',1)); t(lambda: setattr(p,'StartElementHandler',5)); t(lambda:p.StartElementHandler)
t(lambda: p.Parse(b'<a>',1)); t(lambda: p.StartElementHandler); t(lambda: p.Parse(b'<a>',1)); t(lambda: p.ParseFile(5)); t(lambda: p.Parse(5)); t(lambda: p.Parse()); t(lambda: p.Parse(1,2,3)); t(lambda: P().Parse(b'<a></b>')); t(lambda: p.ExternalEntityParserCreate('a',5)); t(lambda: p.ExternalEntityParserCreate(5));t(lambda: p.ExternalEntityParserCreate())
t(lambda: p.SetBase(5)); t(lambda: p.SetBase('a\0')); t(lambda: p.SetParamEntityParsing(9)); t(lambda: p.UseForeignDTD()); t(lambda: p.GetInputContext()); t(lambda: pyexpat.XMLParserType()); t(lambda: pyexpat.ErrorString(4)); t(lambda: pyexpat.ErrorString(4444)); t(lambda: P().UseForeignDTD(5))
class B:
    def __init__(s,v): s.v=v
    def read(s,n): print('read',n); v,s.v=s.v,b''; return v
t(lambda: P().ParseFile(B(b'<a/>'))); t(lambda: P().ParseFile(B('<a/>'))); t(lambda: P().ParseFile(B(5))); t(lambda: P().ParseFile(B(b'x'*5000)))
t(lambda: P().Parse('<a>\ud800</a>'))
p=P()
def h(*a): 1/0
p.StartElementHandler=h
p.CharacterDataHandler=print
try: p.Parse(b'<a>t')
except ZeroDivisionError as e:
    tb=e.__traceback__
    while tb: print(tb.tb_frame.f_code.co_name, tb.tb_frame.f_code.co_filename.rpartition('/')[2]); tb=tb.tb_next
print(p.CurrentLineNumber, p.ErrorCode, p.StartElementHandler, p.CharacterDataHandler)
for kw in ({}, {'namespace_separator':'!'}):
  for opts in ({}, dict(ordered_attributes=1,specified_attributes=1,namespace_prefixes=1,buffer_text=1)):
    p=P(**kw)
    for k,v in opts.items(): setattr(p,k,v)
    l=[]
    for n in dir(p):
        if n.endswith('Handler') or n=='DefaultHandlerExpand':
            if n!='DefaultHandler' and not (n=='DefaultHandlerExpand' and opts): setattr(p,n,lambda *a,n=n: l.append((n, a if n != 'ExternalEntityRefHandler' else a[1:], p.GetInputContext())) or 1)
    t(lambda: p.Parse('''<?xml version="1.0" encoding="utf-8" standalone="no"?><!DOCTYPE a SYSTEM "x" [<!ELEMENT a (b|c?)*><!ATTLIST a x CDATA #IMPLIED def CDATA "dd"><!ENTITY e "t"><!NOTATION n SYSTEM "q"><!ENTITY u SYSTEM "s" NDATA n><!ENTITY ext SYSTEM "e">]><a x="é" xmlns:z="urn:z" z:y="1">&e;&ext;&unk;t\n\nz<!--c--><?pi d?><z:k xmlns="q"/><![CDATA[q]]></a>''',True))
    for x in l: print(x)
    print(sorted(p.intern, key=str), p.CurrentByteIndex, p.buffer_used)
