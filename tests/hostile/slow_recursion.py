"""Recursion without end and sizes without measure, the recursion limit raised out of reach: every way from C back into Python."""
import re
import unittest

from _child import SANITIZED, Survives

# Where memory has no limit, frames that need no C stack would take long to fill it.
PRELUDE = f"import sys\nsys.setrecursionlimit({10**5 if SANITIZED else 10**9})\n"

PROGRAMS = {
    '__getattr__': 'class A:\n    def __getattr__(self,*args):\n        a=self\n        a.x\n        return 1\na=A()\na.x\n',
    '__getattribute__': 'class A:\n    def __getattribute__(self,*args):\n        a=self\n        a.x\n        return 1\na=A()\na.x\n',
    '__eq__': 'class A:\n    def __eq__(self,*args):\n        a=self\n        a==a\n        return 1\na=A()\na==a\n',
    '__ne__': 'class A:\n    def __ne__(self,*args):\n        a=self\n        a!=a\n        return 1\na=A()\na!=a\n',
    '__lt__': 'class A:\n    def __lt__(self,*args):\n        a=self\n        a<a\n        return 1\na=A()\na<a\n',
    '__hash__': 'class A:\n    def __hash__(self,*args):\n        a=self\n        hash(a)\n        return 1\na=A()\nhash(a)\n',
    '__repr__': 'class A:\n    def __repr__(self,*args):\n        a=self\n        repr(a)\n        return 1\na=A()\nrepr(a)\n',
    '__str__': 'class A:\n    def __str__(self,*args):\n        a=self\n        str(a)\n        return 1\na=A()\nstr(a)\n',
    '__format__': 'class A:\n    def __format__(self,*args):\n        a=self\n        format(a)\n        return 1\na=A()\nformat(a)\n',
    '__len__': 'class A:\n    def __len__(self,*args):\n        a=self\n        len(a)\n        return 1\na=A()\nlen(a)\n',
    '__bool__': 'class A:\n    def __bool__(self,*args):\n        a=self\n        bool(a)\n        return 1\na=A()\nbool(a)\n',
    '__iter__': 'class A:\n    def __iter__(self,*args):\n        a=self\n        iter(a)\n        return 1\na=A()\niter(a)\n',
    '__contains__': 'class A:\n    def __contains__(self,*args):\n        a=self\n        1 in a\n        return 1\na=A()\n1 in a\n',
    '__getitem__': 'class A:\n    def __getitem__(self,*args):\n        a=self\n        a[0]\n        return 1\na=A()\na[0]\n',
    '__call__': 'class A:\n    def __call__(self,*args):\n        a=self\n        a()\n        return 1\na=A()\na()\n',
    '__add__': 'class A:\n    def __add__(self,*args):\n        a=self\n        a+a\n        return 1\na=A()\na+a\n',
    '__neg__': 'class A:\n    def __neg__(self,*args):\n        a=self\n        -a\n        return 1\na=A()\n-a\n',
    '__index__': 'class A:\n    def __index__(self,*args):\n        a=self\n        [1][a]\n        return 1\na=A()\n[1][a]\n',
    '__int__': 'class A:\n    def __int__(self,*args):\n        a=self\n        int(a)\n        return 1\na=A()\nint(a)\n',
    '__float__': 'class A:\n    def __float__(self,*args):\n        a=self\n        float(a)\n        return 1\na=A()\nfloat(a)\n',
    '__enter__': 'class A:\n    def __enter__(self,*args):\n        a=self\n        with a: pass\n        return 1\na=A()\nwith a: pass\n',
    '__dir__': 'class A:\n    def __dir__(self,*args):\n        a=self\n        dir(a)\n        return 1\na=A()\ndir(a)\n',
    '__bytes__': 'class A:\n    def __bytes__(self,*args):\n        a=self\n        bytes(a)\n        return 1\na=A()\nbytes(a)\n',
    '__hash2__': 'class A:\n    def __hash__(self,*args):\n        a=self\n        {a:1}\n        return 1\na=A()\n{a:1}\n',
    '__instancecheck__': 'class A:\n    def __instancecheck__(self,*args):\n        a=self\n        isinstance(1,a)\n        return 1\na=A()\nisinstance(1,a)\n',
    '__missing__': 'class A:\n    def __missing__(self,*args):\n        a=self\n        a\n        return 1\na=A()\na\n',
    '__reversed__': 'class A:\n    def __reversed__(self,*args):\n        a=self\n        reversed(a)\n        return 1\na=A()\nreversed(a)\n',
    '__length_hint__': 'class A:\n    def __length_hint__(self,*args):\n        a=self\n        list(a)\n        return 1\na=A()\nlist(a)\n',
    '__round__': 'class A:\n    def __round__(self,*args):\n        a=self\n        round(a)\n        return 1\na=A()\nround(a)\n',
    '__sizeof__': 'class A:\n    def __sizeof__(self,*args):\n        a=self\n        sys.getsizeof(a)\n        return 1\na=A()\nsys.getsizeof(a)\n',
    '__fspath__': 'class A:\n    def __fspath__(self,*args):\n        a=self\n        open(a)\n        return 1\na=A()\nopen(a)\n',
    '__complex__': 'class A:\n    def __complex__(self,*args):\n        a=self\n        complex(a)\n        return 1\na=A()\ncomplex(a)\n',
    '__set_name__': 'class A:\n    def __set_name__(self,*args):\n        a=self\n        a\n        return 1\na=A()\na\n',
    '__setattr__': 'class A:\n    def __setattr__(self,*args):\n        a=self\n        a.x=1\n        return 1\na=A()\na.x=1\n',
    '__delattr__': 'class A:\n    def __delattr__(self,*args):\n        a=self\n        del a.x\n        return 1\na=A()\ndel a.x\n',
    '__setitem__': 'class A:\n    def __setitem__(self,*args):\n        a=self\n        a[1]=1\n        return 1\na=A()\na[1]=1\n',
    '__delitem__': 'class A:\n    def __delitem__(self,*args):\n        a=self\n        del a[1]\n        return 1\na=A()\ndel a[1]\n',
    '__iadd__': 'class A:\n    def __iadd__(self,*args):\n        a=self\n        a+=a\n        return 1\na=A()\na+=a\n',
    '__radd__': 'class A:\n    def __radd__(self,*args):\n        a=self\n        1+a\n        return 1\na=A()\n1+a\n',
    '__divmod__': 'class A:\n    def __divmod__(self,*args):\n        a=self\n        divmod(a,1)\n        return 1\na=A()\ndivmod(a,1)\n',
    '__pow__': 'class A:\n    def __pow__(self,*args):\n        a=self\n        a**2\n        return 1\na=A()\na**2\n',
    '__matmul__': 'class A:\n    def __matmul__(self,*args):\n        a=self\n        a@a\n        return 1\na=A()\na@a\n',
    '__next__': 'class A:\n    def __next__(self,*args):\n        a=self\n        next(a)\n        return 1\na=A()\nnext(a)\n',
    '__invert__': 'class A:\n    def __invert__(self,*args):\n        a=self\n        ~a\n        return 1\na=A()\n~a\n',
    '__abs__': 'class A:\n    def __abs__(self,*args):\n        a=self\n        abs(a)\n        return 1\na=A()\nabs(a)\n',
    '__trunc__': "class A:\n    def __trunc__(self,*args):\n        a=self\n        __import__('math').trunc(a)\n        return 1\na=A()\n__import__('math').trunc(a)\n",
    '__ceil__': "class A:\n    def __ceil__(self,*args):\n        a=self\n        __import__('math').ceil(a)\n        return 1\na=A()\n__import__('math').ceil(a)\n",
    'sortkey': 'k=lambda x: sorted([1,2],key=k)\nk(1)',
    'map': 'f=lambda x: list(map(f,[1]))\nf(1)',
    'filter': 'f=lambda x: list(filter(f,[1]))\nf(1)',
    'partial': 'import functools\ndef f(x): return functools.partial(f,1)()\nf(1)',
    'reduce': 'import functools\ndef f(x,y): return functools.reduce(f,[1,2])\nf(1,2)',
    'resub': "import re\ndef f(m): return re.sub('a',f,'a')\nf(1)",
    'json': 'import json\ndef f(o): return json.dumps(object(),default=f)\nf(1)',
    'jsonsame': 'import json\ndef f(o): return object()\njson.dumps(object(),default=f)',
    'property': 'class A:\n  @property\n  def x(self): return self.x\nA().x',
    'descr': 'class D:\n  def __get__(s,i,o): return i.x\nclass A: x=D()\nA().x',
    'meta': 'class M(type):\n  def __call__(c): return c()\nclass A(metaclass=M): pass\nA()',
    'metagetattr': 'class M(type):\n  def __getattr__(c,n): return getattr(c,n)\nclass A(metaclass=M): pass\nA.x',
    'new': 'class A:\n  def __new__(c): return c()\nA()',
    'init': 'class A:\n  def __init__(s): A()\nA()',
    'initsub': "class A:\n  def __init_subclass__(c): type('B',(A,),{})\nclass B(A): pass",
    'prepare': 'class M(type):\n  @classmethod\n  def __prepare__(m,n,b): return M.__prepare__(n,b)\nclass A(metaclass=M): pass',
    'minmax': 'f=lambda x: max([1,2],key=f)\nf(1)',
    'exec': "s='exec(s)'\nexec(s)",
    'eval': "s='eval(s)'\neval(s)",
    'import': 'import builtins\no=__import__\ndef f(*a): import xxxyy\nbuiltins.__import__=f\nf()',
    'iter2': 'f=lambda: next(iter(f,1))\nf()',
    'agen': 'async def f():\n  async for x in f(): yield 1\nf().__anext__().send(None)',
    'comp': 'f=lambda: [f() for x in [1]]\nf()',
    'lambda': 'f=lambda: f()\nf()',
    'star': 'f=lambda *a,**k: f(*a,**k)\nf(1,b=2)',
    'with': 'import contextlib\n@contextlib.contextmanager\ndef m():\n  with m(): yield\nwith m(): pass',
    'except': 'def f():\n  try: f()\n  except ZeroDivisionError: pass\nf()',
    'finally': 'def f():\n  try: f()\n  finally: len([])\nf()',
    'retry': 'def f():\n  try: f()\n  except RecursionError: f()\nsys.setrecursionlimit(12)\nf()',
    'del': 'class A:\n  n=0\n  def __del__(s):\n    A.n+=1\n    if A.n<10**5: A()\nA()',
    'weakcb': 'import weakref\nclass A: pass\ndef f(r=None):\n  a=A(); w=weakref.ref(a,f); del a\nf()',
    'trace': 'def t(*a): t()\nsys.settrace(t)\nlen([])\ndef f(): pass\nf()',
    'audit': "def h(*a): sys.audit('x')\nsys.addaudithook(h)\nsys.audit('y')",
    'displayhook': "def h(*a): sys.displayhook(*a)\nsys.displayhook=h\nexec(compile('1','a','single'))",
    'codec': "import codecs\ncodecs.register(lambda n: codecs.lookup(n+'x') if len(n)<100 else codecs.lookup('y'+n[-50:]))\n'a'.encode('foo')",
    'errhandler': "import codecs\ndef h(e): return ('\\xff'.encode('ascii','h').decode(),1)\ncodecs.register_error('h',h)\n'\\xff'.encode('ascii','h')",
    'bisect': 'import bisect\nf=lambda x: bisect.bisect([1,2],1,key=f)\nf(1)',
    'heapq': 'import heapq\nclass A:\n  def __lt__(s,o): return heapq.heapify([A(),A()])\nA()<A()',
    'dictsubclass': 'class D(dict):\n  def __missing__(s,k): return s[k]\nD()[1]',
    'dictget': 'class D(dict):\n  def __getitem__(s,k): return dict.update(D(),s)\n  def keys(s): return s[1]\nD()[1]',
    'defaultdict': 'from collections import defaultdict\nd=defaultdict(lambda: d[1])\nd[1]',
    'lru': 'import functools\n@functools.lru_cache\ndef f(n): return f(n+1)\nf(1)',
    'lru0': 'import functools\n@functools.lru_cache(0)\ndef f(n): return f(n+1)\nf(1)',
    'cachedprop': 'import functools\nclass A:\n  @functools.cached_property\n  def x(s): return s.x\nA().x',
    'total': 'import functools\n@functools.total_ordering\nclass A:\n  def __lt__(s,o): return s>=o\nA()<A()',
    'cmpkey': 'import functools\nk=functools.cmp_to_key(lambda a,b: k(1)<k(2))\nk(1)<k(2)',
    'singledispatch': 'import functools\n@functools.singledispatch\ndef f(x): return f(x)\nf(1)',
    'super': 'class A:\n  def f(s): return B.f(s)\nclass B(A):\n  def f(s): return super().f()\nB().f()',
    'abc': 'import abc\nclass A(abc.ABC):\n  @classmethod\n  def __subclasshook__(c,o): return issubclass(o,c)\nisinstance(1,A)',
    'subclasscheck': 'class M(type):\n  def __subclasscheck__(c,o): return issubclass(o,c)\nclass A(metaclass=M): pass\nissubclass(int,A)',
    'listself': 'L=[]\nL.append(L)\nrepr(L)\nM=[]\nM.append(M)\nL==M',
    'dictself': 'L={}\nL[1]=L\nrepr(L)\nM={}\nM[1]=M\nL==M',
    'tupself': 'L=[]\nt=(L,)\nL.append(t)\nhash(t)',
    'jsonself': 'import json\nL=[]\nL.append(L)\njson.dumps(L,check_circular=False)',
    'pickleself': 'import pickle\nclass A:\n  def __reduce__(s): return (A,(A(),))\npickle.dumps(A())',
    'copy': 'import copy\nclass A:\n  def __deepcopy__(s,m): return copy.deepcopy(s)\ncopy.deepcopy(A())',
    'copy2': 'import copy\nclass A:\n  def __reduce_ex__(s,m): return copy.copy(s)\ncopy.copy(A())',
    'isinst': "t=int\nfor i in range(10**5): t=(t,)\nisinstance('a',t)",
    'issub': 't=int\nfor i in range(10**5): t=(t,)\nissubclass(str,t)',
    'except tuple': 't=int\nfor i in range(10**5): t=(t,)\ntry: 1/0\nexcept t: pass',
    'startswith': "t='a'\nfor i in range(10**5): t=(t,)\n'a'.startswith(t)",
    'format': "f='{:'*10**5+'}'*10**5\nf.format(*[1]*10**6)",
    'percent': "f='%('*10**5+')'*10**5+'s'\nf%{}",
    're': "import re\nre.compile('('*10**5+')'*10**5)",
    're2': "import re\nre.compile('(?:a|'*3000+')'*3000)",
    'jsonload': "import json\njson.loads('['*10**5)",
    'jsonload2': 'import json\njson.loads(\'{"a":\'*10**5)',
    'marshalload': "import marshal\nmarshal.loads(b'('+(b'\\x01\\x00\\x00\\x00(')*10**5)",
    'pickleload': "import pickle\npickle.loads(b'('*10**6+b't'*10**6+b'.')",
    'pickleload2': "import pickle\npickle.loads(b'\\x80\\x04'+b'N'+b'\\x85'*10**6+b'.')",
    'xml': "import xml.parsers.expat as e\np=e.ParserCreate()\np.Parse('<a>'*10**6)",
    'struct': "import struct\nstruct.calcsize('9'*10**5+'i')",
    'unicodename': '\'\\N{\'.encode()\neval(\'"\\\\N{\'+\'a\'*10**6+\'}"\')',
    'int': "int('1'*10**6)",
}

# Sizes beyond any memory.
SIZES = {
    'pow': 'try: 2**(2**62)\nexcept (MemoryError,OverflowError) as e: print(type(e))\n1<<(1<<40)',
    'mul': "'a'*(2**62)",
    'list': '[0]*(2**60)',
    'tuple': '(0,)*(2**60)',
    'bytes': 'bytes(2**62)',
    'bytearray': 'bytearray(2**62)',
    'fmt': "'%*d'%(2**31-1,1) and '{:>{}}'.format(1,2**62)",
    'range': 'tuple(range(2**62).__reversed__() for i in [1])\nlen(range(2**64))',
    'zfill': "'a'.zfill(2**62)",
    'seek': "import io\nb=io.BytesIO()\nb.seek(2**62)\nb.write(b'a')",
    'array': "import array\narray.array('i',[1])*(2**61)",
    'deque': 'from collections import deque\ndeque([1])*(2**61)',
    'expand': "('\\t'*10).expandtabs(2**30)",
    'join': "('a'*2**20).join(['']*2**45)",
    'replace': "('a'*2**20).replace('a','b'*2**45)",
}


# Parameters of special methods that have others than one.
PARAMETERS = dict.fromkeys(["__repr__", "__str__", "__len__", "__bool__", "__iter__", "__neg__", "__index__", "__int__", "__float__", "__enter__",
                            "__hash__", "__dir__", "__bytes__"], "") | {"__setitem__": ", i, x", "__setattr__": ", n, x"}


def with_plain_parameters(source):
    """With methods that run as frames of the loop, which *args keeps them from (vm/special.h)."""
    return re.sub(r"def (__\w+__)\(self,\*args\):", lambda m: f"def {m[1]}(self{PARAMETERS.get(m[1], ', o')}):", source)


class Recursion(Survives):
    memory = 1 << 28        # soon full of frames

    def test_programs(self):
        for name, source in PROGRAMS.items():
            with self.subTest(name):
                self.survives(PRELUDE + source, errors=None)

    def test_frames(self):
        for name, source in PROGRAMS.items():
            if "*args" not in source: continue
            with self.subTest(name):
                self.survives(PRELUDE + with_plain_parameters(source), errors=None)

    def test_sizes(self):
        for name, source in SIZES.items():
            with self.subTest(name):
                self.survives(source, errors=("MemoryError", "OverflowError", "ValueError"))


if __name__ == "__main__":
    unittest.main()
