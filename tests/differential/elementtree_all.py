"""_elementtree: elements, TreeBuilder, XMLParser; what they answer to good and bad arguments."""
import _elementtree as e, sys, copy, pickle
E=e.Element
def t(f):
    try: r=f(); print('->',repr(r) if ' at 0x' not in repr(r) else '<obj>')
    except BaseException as x: print(type(x).__name__, x, {k:v for k,v in getattr(x,'__dict__',{}).items()})
t(lambda:E()); t(lambda:E('a',5)); t(lambda:E('a',attrib=5)); t(lambda:E('a',{'x':'1'},y='2').attrib); t(lambda:E('a',attrib={'x':'1'},y='2').attrib); t(lambda:E('a',{},{})); t(lambda: E('a',{'q':1},attrib={'z':1}).attrib)
t(lambda:e.SubElement()); t(lambda:e.SubElement(5,'a')); t(lambda:e.SubElement(E('a'),'b',5)); t(lambda:e.SubElement(E('a'),'b',attrib=5)); t(lambda:e.SubElement(E('a'),'b',{'q':1},z=3).attrib)
a=E('a'); bs=[e.SubElement(a,'b%d'%i) for i in range(6)]
def s(k,v):
    def f(): a[k]=v
    return f
def d(k):
    def f(): del a[k]
    return f
t(lambda:a[10]); t(lambda:a['x']); t(s(10,E('z'))); t(s('x',E('z'))); t(s(0,5)); t(s(slice(0,2),5)); t(s(slice(0,2),[5])); t(s(slice(0,4,2),[E('z')])); t(d(10)); t(d('x')); t(lambda: [x.tag for x in a[::-2]])
t(s(slice(0,4,2),[E('z'),E('y')])); t(lambda:[x.tag for x in a]); t(d(slice(None,None,-2))); t(lambda:[x.tag for x in a]); t(s(slice(1,1),[E('p'),E('q')]));  t(lambda:[x.tag for x in a]); t(d(-1)); t(lambda:[x.tag for x in a]); t(s(slice(None,None,-1),[E('1')]))
t(lambda:a.append(5)); t(lambda:a.append()); t(lambda:a.extend(5)); t(lambda:a.extend([5])); t(lambda:a.extend([E('x'),5])); t(lambda:[x.tag for x in a]); t(lambda:a.insert(0,5)); t(lambda:a.insert('0',E('k'))); t(lambda:a.insert(-100,E('first'))); t(lambda:a.insert(100,E('last')));t(lambda:a.insert(-1,E('m'))); t(lambda:[x.tag for x in a]); t(lambda:a.remove(E('zz'))); t(lambda:a.remove(5)); t(lambda:a.remove(a[0]))
t(lambda:a.find('m').tag); t(lambda:a.find('./m').tag); t(lambda:a.find('nope')); t(lambda:a.find(b'm')); t(lambda:a.find(5)); t(lambda:a.find('{}m').tag); t(lambda:a.find('{*}m').tag); t(lambda:a.find('z:m',{'z':''})); t(lambda:a.findtext('m')); t(lambda:a.findtext('nope','dd')); t(lambda:a.findtext('nope')); t(lambda:len(a.findall('m'))); t(lambda:len(a.findall('*'))); t(lambda:len(list(a.iterfind('*')))); t(lambda:a.find())
t(lambda:a.get('x')); t(lambda:a.get('x',5)); t(lambda:a.set('x',5)); t(lambda:a.items()); t(lambda:a.keys()); t(lambda:a.get()); t(lambda:E('q').items()); t(lambda: E('q').keys())
t(lambda:[x.tag for x in a.iter()]); t(lambda:[x.tag for x in a.iter('*')]); t(lambda:[x.tag for x in a.iter('m')]); t(lambda:[x.tag for x in a.iter(tag=b'*')]); t(lambda:list(a.itertext())); t(lambda:type(a.iter()))
a.text='T'; a[0].text='U'; a[0].tail='V'; a[1].tail=''; a.tail='outer'
t(lambda:list(a.itertext())); a[0].text=5; t(lambda:list(a.itertext())); a[0].text='U'
t(lambda:a.makeelement('q',{'a':1}).attrib); t(lambda:a.makeelement('q',5)); t(lambda:a.makeelement('q'))
c=copy.copy(a); t(lambda:(c.tag,c.text,c.tail,c.attrib,len(c),c[0] is a[0])); c=copy.deepcopy(a); t(lambda:(c.tag,c.text,c.tail,c.attrib,len(c),c[0] is a[0],c[0].tail))
t(lambda:a.__getstate__().keys()); p=pickle.loads(pickle.dumps(a,2)); t(lambda:(p.tag,p.text,p.tail,p.attrib,len(p)))
t(lambda:a.__setstate__(5)); t(lambda:E('a').__setstate__({})); t(lambda:E('a').__setstate__({'tag':1,'_children':5})); t(lambda:E('a').__setstate__({'tag':1,'_children':[5]})); t(lambda:E('a').__setstate__({'tag':1,'attrib':5})); t(lambda:E('a').__setstate__({'tag':1,'zzz':5}))
def st(o,n,v):
    def f(): setattr(o,n,v)
    return f
t(st(a,'attrib',5)); t(st(a,'attrib',{'k':'v'})); t(lambda:a.attrib); t(lambda:delattr(a,'tag')); t(lambda:delattr(a,'text')); t(lambda:delattr(a,'attrib')); t(st(a,'foo',1)); t(lambda:a.foo)
t(lambda: (a.clear(), a.text,a.tail,len(a),a.attrib, a.tag)); t(lambda: repr(E('x'))[:14]); t(lambda:bool(E('x')))
t(lambda:sys.getsizeof(E('x'))); t(lambda:E.__new__(E)); t(lambda:E.__new__(E).tag); t(lambda:E.__new__(E).text)
class Sub(E): pass
t(lambda:Sub('a').foo); x=Sub('a'); x.foo=1; t(lambda:copy.copy(x).__class__); t(lambda:copy.deepcopy(x).__class__); t(lambda:x.makeelement('a',{}).__class__)
T=e.TreeBuilder
t(lambda:T(5,5)); t(lambda:T(element_factory=5).start('a',{})); b=T(); t(lambda:b.end('x')); t(lambda:b.close()); t(lambda:b.data('x')); t(lambda:b.start('a')); t(lambda:b.start('a',{'q':'1'}).attrib); t(lambda:b.data('x')); t(lambda:b.data('y')); t(lambda:b.comment('c')); t(lambda:b.data('z')); t(lambda:b.pi('t','x')); t(lambda:b.pi('t'));  t(lambda:b.start('b',{}).tag); t(lambda:b.end('b').tag); t(lambda:b.data('tail')); t(lambda:b.end('a').tag); t(lambda:b.close().text); t(lambda:b.close()[0].tail); t(lambda:b.start('k',{})); t(lambda:b.start('k',5)); t(lambda:b.end('k'))
t(lambda: e._set_factories(5,None)); t(lambda: e._set_factories(None,5)); old=e._set_factories(None,None); print([f.__name__ for f in old]); t(lambda: e._set_factories(*old)); t(lambda:e._set_factories(1))
import xml.etree.ElementTree as ET
b=T(insert_comments=True,insert_pis=True); b.start('a',{}); b.data('1'); b.comment('c'); b.data('2'); b.pi('t','x'); b.data('3'); b.end('a'); t(lambda: ET.tostring(b.close()))
class FB(E):
    pass
b=T(element_factory=FB); b.start('a',{}); b.data('1'); b.data('2'); b.comment('c'); b.data('3'); b.start('b',{'x':'1'}); b.end('b'); b.data('t'); b.end('a'); t(lambda: (ET.tostring(b.close()), type(b.close())))
b=T(element_factory=lambda t,a: [t,a]); t(lambda:b.start('a',{})); t(lambda:b.data('1')); t(lambda:b.start('b',{}));
X=e.XMLParser
t(lambda:X(5)); t(lambda:X(encoding=5)); t(lambda:X(encoding='nope').feed('<a/>')); p=X(); t(lambda:p.version); t(lambda:p.entity); t(lambda:type(p.target)); t(lambda:p.feed('<a x="1" xmlns:z="u:z">')); t(lambda:p.feed(b'<z:b z:q="2">te')); t(lambda:p.feed(b'xt&lt;</z:b>tail')); t(lambda:p.feed(5)); t(lambda:p.feed('\ud800')); t(lambda:p.feed('</a>')); t(lambda:ET.tostring(p.close())); t(lambda:p.feed('<a>'))
t(lambda:ET.fromstring('<a>')); t(lambda:ET.fromstring('<a></b>')); t(lambda:ET.fromstring('')); t(lambda:ET.fromstring('<a>&foo;</a>')); t(lambda:ET.fromstring('<a/><b/>'))
p=X(); p.entity['foo']='FOO'; p.feed('<!DOCTYPE a SYSTEM "x"><a>x&foo;y</a>'); t(lambda:ET.tostring(p.close())); 
p=X(); t(lambda: p.feed('<!DOCTYPE a SYSTEM "x"><a>x&foo;y</a>')); 
class Tgt:
    def __getattr__(s,n):
        if n.startswith('_'): raise AttributeError
        return lambda *a: print(n,a)
p=X(target=Tgt()); t(lambda: p.feed('<?xml version="1.0"?><!DOCTYPE a PUBLIC "pp" "x"><a x="1" xmlns:z="u:z"><!--c--><?p i?><z:b/>text&#65;&foo;</a>')); t(lambda:p.close())
class Min: pass
p=X(target=Min()); t(lambda: p.feed('<a>t<!--c--></a>')); t(lambda:p.close())
class PD(X):
    def doctype(s,*a): print('doctype',a)
import warnings
with warnings.catch_warnings(record=True) as w:
    warnings.simplefilter('always'); p=PD(); p.feed('<!DOCTYPE a PUBLIC "pp" "x"><a/>'); print([(str(x.message),x.category) for x in w])
import io
for src in (b'<a>1</a>','<a>1\xe9</a>', b'', '<a'):
    f=io.BytesIO(src) if isinstance(src,bytes) else io.StringIO(src)
    p=X(); t(lambda: ET.tostring(p._parse_whole(f)))
class R:
    def read(s,n): print(n); return 5
t(lambda:X()._parse_whole(R())); t(lambda:X()._parse_whole(5))
for ev in (None,('start','end','start-ns','end-ns','comment','pi'),('nope',),5,(5,),('end-ns',),['comment']):
    q=[]; p=X(); t(lambda:p._setevents(q,ev))
    try: p.feed('<a xmlns="u:d" xmlns:z="u:z"><!--c--><?p i?><z:b>t</z:b></a>'); p.close()
    except Exception as x: print(x)
    print([(k, v.tag if hasattr(v,'tag') and isinstance(v.tag,str) else v if not hasattr(v,'tag') else v.text) for k,v in q])
t(lambda:X()._setevents(5)); t(lambda:X(target=Min())._setevents([]))
print(list(ET.iterparse(io.StringIO('<a><b/></a>'), events=('start','end')))[0][0])
