"""Structures nested without end: made, looked at in every way, and destroyed, without overrunning the C stack."""
import unittest

from _child import SANITIZED, Survives

DEPTH = 20_000 if SANITIZED else 100_000

# name: statements that make x, which holds an x, which ...
STRUCTURES = {
    'list': '''\
x=[]
for i in range(N): x=[x]''',
    'tuple': '''\
x=()
for i in range(N): x=(x,)''',
    'dict': '''\
x={}
for i in range(N): x={1:x}''',
    'frozenset': '''\
x=frozenset()
for i in range(N): x=frozenset([x])''',
    'dictvalues': '''\
x={}
for i in range(N): x={1:x}.values()''',
    'partial': '''\
import functools
x=print
for i in range(N): x=functools.partial(x)''',
    'partial2': '''\
import functools
x=print
for i in range(N):
  x=functools.partial(x); x.a=1''',
    'slice': '''\
x=None
for i in range(N): x=slice(x)''',
    'exc': '''\
x=None
for i in range(N): x=Exception(x)''',
    'cause': '''\
x=None
for i in range(N):
  y=Exception('a'); y.__cause__=x; x=y''',
    'ctx': '''\
x=None
for i in range(N):
  y=Exception('a'); y.__context__=x; x=y''',
    'group': '''\
x=Exception()
for i in range(N): x=ExceptionGroup('a',[x])''',
    'deque': '''\
from collections import deque
x=deque()
for i in range(N): x=deque([x])''',
    'od': '''\
from collections import OrderedDict
x=1
for i in range(N): x=OrderedDict(a=x)''',
    'dd': '''\
from collections import defaultdict
x=1
for i in range(N): x=defaultdict(None,a=x)''',
    'obj': '''\
class A: pass
x=None
for i in range(N):
  a=A(); a.x=x; x=a''',
    'slots': '''\
class A: __slots__='x',
x=None
for i in range(N):
  a=A(); a.x=x; x=a''',
    'ns': '''\
import types
x=1
for i in range(N): x=types.SimpleNamespace(a=x)''',
    'proxy': '''\
import types
x={}
for i in range(N): x=types.MappingProxyType(x)''',
    'alias': '''\
x=int
for i in range(N): x=list[x]''',
    'union': '''\
x=int
for i in range(N): x=list[x]|None''',
    'iter': '''\
x=[]
for i in range(N): x=iter([x])''',
    'map': '''\
x=[]
for i in range(N): x=map(int,x)''',
    'filter': '''\
x=[]
for i in range(N): x=filter(None,x)''',
    'zip': '''\
x=[]
for i in range(N): x=zip(x)''',
    'enum': '''\
x=[]
for i in range(N): x=enumerate(x)''',
    'chain': '''\
import itertools
x=[]
for i in range(N): x=itertools.chain(x)''',
    'islice': '''\
import itertools
x=iter([])
for i in range(N): x=itertools.islice(x,5)''',
    'tee': '''\
import itertools
x=iter([])
for i in range(N): x=itertools.tee(x,1)[0]''',
    'genexp': '''\
def g(x):
  yield from x
x=[]
for i in range(N): x=g(x)''',
    'genstarted': '''\
def g(x):
  yield 1
  yield from x
x=iter([])
for i in range(N):
  x=g(x); next(x)''',
    'genfor': '''\
def g(x):
  for i in x: yield i
x=iter([1])
for i in range(N):
  x=g(x)''',
    'coro': '''\
async def g(x):
  await x
async def h(): pass
x=h()
for i in range(N): x=g(x)''',
    'method': '''\
import types
x=print
for i in range(N): x=types.MethodType(x,1)''',
    'closure': '''\
def mk(x):
  def f(): return x()
  return f
x=int
for i in range(N): x=mk(x)''',
    'class': '''\
x=object
for i in range(300): x=type('A',(x,),{})''',
    'prop': '''\
x=1
for i in range(N): x=property(x)''',
    'static': '''\
x=int
for i in range(N): x=staticmethod(x)''',
    'classm': '''\
x=int
for i in range(N): x=classmethod(x)''',
    'memview': '''\
x=b'a'
for i in range(N): x=memoryview(x)''',
    'reversed': '''\
class R:
  def __init__(s,x): s.x=x
  def __len__(s): return 1
  def __getitem__(s,i): return 1
x=R(1)
for i in range(N): x=reversed(R(x))''',
    'weak': '''\
import weakref
class A: pass
x=None
L=[]
for i in range(N):
  a=A(); L.append(a); x=weakref.ref(a,lambda r,x=x:None)''',
    'frame': '''\
import sys
x=None
def f(x): return sys._getframe()
for i in range(N): x=f(x)''',
    'tb': '''\
x=None
import types,sys
f=sys._getframe()
for i in range(N): x=types.TracebackType(x,f,0,1)''',
    'cell': '''\
import types
x=1
for i in range(N): x=types.CellType(x)''',
    'ctxvar': '''\
import contextvars
v=contextvars.ContextVar('v')
x=1
for i in range(N): x=v.set(x)''',
    'groupby': '''\
import itertools
x=[1]
for i in range(N): x=itertools.groupby(x)''',
    'accum': '''\
import itertools
x=[1]
for i in range(N): x=itertools.accumulate(x)''',
    'starmap': '''\
import itertools
x=[[1]]
for i in range(N): x=itertools.starmap(int,x)''',
    'attrg': '''\
import operator
x=print
for i in range(N): x=operator.methodcaller('a',x)''',
    'bytesiox': '''\
import io
x=io.BytesIO()
for i in range(N): x=io.BufferedReader(x)''',
    'lru': '''\
import functools
x=int
for i in range(N): x=functools.lru_cache(x)''',
    'cmpkey': '''\
import functools
K=functools.cmp_to_key(lambda a,b:0)
x=1
for i in range(N): x=K(x)''',
    'super': '''\
class A: pass
x=A()
for i in range(N):
  a=A(); a.s=super(A,x); x=a''',
}

# What is done to x.
OPERATIONS = """\
repr(x)
str(x)
hash(x)
x == y
x < y
copy.copy(x)
copy.deepcopy(x)
pickle.dumps(x)
json.dumps(x)
marshal.dumps(x)
isinstance(1, x)
next(x)
1 in x
x()
len(x)
raise x
format(x)
dir(x)
iter(x)
x.split(ValueError)
x.__reduce_ex__(2)
x.send(None)
x.throw(ValueError)
x.__isabstractmethod__
x | int
x.__parameters__
x.foo
bool(x)
x + x
x * 2
list(reversed(x))
[1][x]
x @ x
str.join('', x)
{x: 1}
"""

SYNTAX = {
    'paren-eval': 's = \'(\'*N + \'x\' + \')\'*(N if \')\'[:1] in \')]}"\' or 0 else 1)\ncompile(s, \'s\', \'eval\')',
    'paren-exec': 's = \'(\'*N + \'x\' + \')\'*(N if \')\'[:1] in \')]}"\' or 0 else 1)\ncompile(s, \'s\', \'exec\')',
    'bracket-eval': 's = \'[\'*N + \'x\' + \']\'*(N if \']\'[:1] in \')]}"\' or 0 else 1)\ncompile(s, \'s\', \'eval\')',
    'bracket-exec': 's = \'[\'*N + \'x\' + \']\'*(N if \']\'[:1] in \')]}"\' or 0 else 1)\ncompile(s, \'s\', \'exec\')',
    'brace-eval': 's = \'{\'*N + \'x\' + \'}\'*(N if \'}\'[:1] in \')]}"\' or 0 else 1)\ncompile(s, \'s\', \'eval\')',
    'brace-exec': 's = \'{\'*N + \'x\' + \'}\'*(N if \'}\'[:1] in \')]}"\' or 0 else 1)\ncompile(s, \'s\', \'exec\')',
    'call-eval': 's = \'f(\'*N + \'x\' + \')\'*(N if \')\'[:1] in \')]}"\' or 0 else 1)\ncompile(s, \'s\', \'eval\')',
    'call-exec': 's = \'f(\'*N + \'x\' + \')\'*(N if \')\'[:1] in \')]}"\' or 0 else 1)\ncompile(s, \'s\', \'exec\')',
    'lambda-eval': 's = \'lambda: \'*N + \'\' + \'0\'*(N if \'0\'[:1] in \')]}"\' or 0 else 1)\ncompile(s, \'s\', \'eval\')',
    'lambda-exec': 's = \'lambda: \'*N + \'\' + \'0\'*(N if \'0\'[:1] in \')]}"\' or 0 else 1)\ncompile(s, \'s\', \'exec\')',
    'neg-eval': 's = \'-\'*N + \'\' + \'1\'*(N if \'1\'[:1] in \')]}"\' or 0 else 1)\ncompile(s, \'s\', \'eval\')',
    'neg-exec': 's = \'-\'*N + \'\' + \'1\'*(N if \'1\'[:1] in \')]}"\' or 0 else 1)\ncompile(s, \'s\', \'exec\')',
    'not-eval': 's = \'not \'*N + \'\' + \'1\'*(N if \'1\'[:1] in \')]}"\' or 0 else 1)\ncompile(s, \'s\', \'eval\')',
    'not-exec': 's = \'not \'*N + \'\' + \'1\'*(N if \'1\'[:1] in \')]}"\' or 0 else 1)\ncompile(s, \'s\', \'exec\')',
    'inv-eval': 's = \'~\'*N + \'\' + \'1\'*(N if \'1\'[:1] in \')]}"\' or 0 else 1)\ncompile(s, \'s\', \'eval\')',
    'inv-exec': 's = \'~\'*N + \'\' + \'1\'*(N if \'1\'[:1] in \')]}"\' or 0 else 1)\ncompile(s, \'s\', \'exec\')',
    'subscript-eval': 's = \'a[\'*N + \'x\' + \']\'*(N if \']\'[:1] in \')]}"\' or 0 else 1)\ncompile(s, \'s\', \'eval\')',
    'subscript-exec': 's = \'a[\'*N + \'x\' + \']\'*(N if \']\'[:1] in \')]}"\' or 0 else 1)\ncompile(s, \'s\', \'exec\')',
    'await-eval': 's = \'await \'*N + \'\' + \'x\'*(N if \'x\'[:1] in \')]}"\' or 0 else 1)\ncompile(s, \'s\', \'eval\')',
    'await-exec': 's = \'await \'*N + \'\' + \'x\'*(N if \'x\'[:1] in \')]}"\' or 0 else 1)\ncompile(s, \'s\', \'exec\')',
    'star-eval': 's = \'*\'*N + \'\' + \'x\'*(N if \'x\'[:1] in \')]}"\' or 0 else 1)\ncompile(s, \'s\', \'eval\')',
    'star-exec': 's = \'*\'*N + \'\' + \'x\'*(N if \'x\'[:1] in \')]}"\' or 0 else 1)\ncompile(s, \'s\', \'exec\')',
    'fstr-eval': 's = "f\'{"*N + \'x\' + "}\'"*(N if "}\'"[:1] in \')]}"\' or 0 else 1)\ncompile(s, \'s\', \'eval\')',
    'fstr-exec': 's = "f\'{"*N + \'x\' + "}\'"*(N if "}\'"[:1] in \')]}"\' or 0 else 1)\ncompile(s, \'s\', \'exec\')',
    'cond-eval': 's = \'a if b else \'*N + \'\' + \'c\'*(N if \'c\'[:1] in \')]}"\' or 0 else 1)\ncompile(s, \'s\', \'eval\')',
    'cond-exec': 's = \'a if b else \'*N + \'\' + \'c\'*(N if \'c\'[:1] in \')]}"\' or 0 else 1)\ncompile(s, \'s\', \'exec\')',
    'yield-eval': 's = \'(yield \'*N + \'x\' + \')\'*(N if \')\'[:1] in \')]}"\' or 0 else 1)\ncompile(s, \'s\', \'eval\')',
    'yield-exec': 's = \'(yield \'*N + \'x\' + \')\'*(N if \')\'[:1] in \')]}"\' or 0 else 1)\ncompile(s, \'s\', \'exec\')',
    'genexp-eval': 's = \'(x for x in \'*N + \'x\' + \')\'*(N if \')\'[:1] in \')]}"\' or 0 else 1)\ncompile(s, \'s\', \'eval\')',
    'genexp-exec': 's = \'(x for x in \'*N + \'x\' + \')\'*(N if \')\'[:1] in \')]}"\' or 0 else 1)\ncompile(s, \'s\', \'exec\')',
    'plus+-eval': 's = \'a+(\'*N + \'x\' + \')\'*(N if \')\'[:1] in \')]}"\' or 0 else 1)\ncompile(s, \'s\', \'eval\')',
    'plus+-exec': 's = \'a+(\'*N + \'x\' + \')\'*(N if \')\'[:1] in \')]}"\' or 0 else 1)\ncompile(s, \'s\', \'exec\')',
    'kw-eval': 's = \'f(x=\'*N + \'x\' + \')\'*(N if \')\'[:1] in \')]}"\' or 0 else 1)\ncompile(s, \'s\', \'eval\')',
    'kw-exec': 's = \'f(x=\'*N + \'x\' + \')\'*(N if \')\'[:1] in \')]}"\' or 0 else 1)\ncompile(s, \'s\', \'exec\')',
    'dict-eval': 's = \'{1:\'*N + \'x\' + \'}\'*(N if \'}\'[:1] in \')]}"\' or 0 else 1)\ncompile(s, \'s\', \'eval\')',
    'dict-exec': 's = \'{1:\'*N + \'x\' + \'}\'*(N if \'}\'[:1] in \')]}"\' or 0 else 1)\ncompile(s, \'s\', \'exec\')',
    'walrus-eval': 's = \'(a:=\'*N + \'x\' + \')\'*(N if \')\'[:1] in \')]}"\' or 0 else 1)\ncompile(s, \'s\', \'eval\')',
    'walrus-exec': 's = \'(a:=\'*N + \'x\' + \')\'*(N if \')\'[:1] in \')]}"\' or 0 else 1)\ncompile(s, \'s\', \'exec\')',
    'lamdef-eval': 's = \'lambda x=\'*N + \'x\' + \'\'*(N if \'\'[:1] in \')]}"\' or 0 else 1)\ncompile(s, \'s\', \'eval\')',
    'lamdef-exec': 's = \'lambda x=\'*N + \'x\' + \'\'*(N if \'\'[:1] in \')]}"\' or 0 else 1)\ncompile(s, \'s\', \'exec\')',
    'pow-eval': 's = \'2**\'*N + \'\' + \'2\'*(N if \'2\'[:1] in \')]}"\' or 0 else 1)\ncompile(s, \'s\', \'eval\')',
    'pow-exec': 's = \'2**\'*N + \'\' + \'2\'*(N if \'2\'[:1] in \')]}"\' or 0 else 1)\ncompile(s, \'s\', \'exec\')',
    'powneg-eval': 's = \'2**-\'*N + \'\' + \'2\'*(N if \'2\'[:1] in \')]}"\' or 0 else 1)\ncompile(s, \'s\', \'eval\')',
    'powneg-exec': 's = \'2**-\'*N + \'\' + \'2\'*(N if \'2\'[:1] in \')]}"\' or 0 else 1)\ncompile(s, \'s\', \'exec\')',
    'slice-eval': 's = \'a[b:\'*N + \'x\' + \']\'*(N if \']\'[:1] in \')]}"\' or 0 else 1)\ncompile(s, \'s\', \'eval\')',
    'slice-exec': 's = \'a[b:\'*N + \'x\' + \']\'*(N if \']\'[:1] in \')]}"\' or 0 else 1)\ncompile(s, \'s\', \'exec\')',
    'tuple-eval': 's = \'(1,\'*N + \'x\' + \')\'*(N if \')\'[:1] in \')]}"\' or 0 else 1)\ncompile(s, \'s\', \'eval\')',
    'tuple-exec': 's = \'(1,\'*N + \'x\' + \')\'*(N if \')\'[:1] in \')]}"\' or 0 else 1)\ncompile(s, \'s\', \'exec\')',
    'compare': "s = ''+'a<'*N + 'a'\ncompile(s, 's', 'exec')\nprint('fine')",
    'compare-run': "s = ''+'a<'*1000 + 'a'\ncompile(s, 's', 'exec')\nprint('fine')",
    'attr': "s = ''+'a.b.'*N + 'c'\ncompile(s, 's', 'exec')\nprint('fine')",
    'attr-run': "s = ''+'a.b.'*1000 + 'c'\ncompile(s, 's', 'exec')\nprint('fine')",
    'add': "s = ''+'a+'*N + 'a'\ncompile(s, 's', 'exec')\nprint('fine')",
    'add-run': "s = ''+'a+'*1000 + 'a'\ncompile(s, 's', 'exec')\nprint('fine')",
    'and': "s = ''+'a and '*N + 'a'\ncompile(s, 's', 'exec')\nprint('fine')",
    'and-run': "s = ''+'a and '*1000 + 'a'\ncompile(s, 's', 'exec')\nprint('fine')",
    'calls': "s = ''+'f()('*N + ''\ncompile(s, 's', 'exec')\nprint('fine')",
    'calls-run': "s = ''+'f()('*1000 + ''\ncompile(s, 's', 'exec')\nprint('fine')",
    'sub': "s = ''+'a[0]'*N + ''\ncompile(s, 's', 'exec')\nprint('fine')",
    'sub-run': "s = ''+'a[0]'*1000 + ''\ncompile(s, 's', 'exec')\nprint('fine')",
    'chaincall': "s = 'a'+'.f()'*N + ''\ncompile(s, 's', 'exec')\nprint('fine')",
    'chaincall-run': "s = 'a'+'.f()'*1000 + ''\ncompile(s, 's', 'exec')\nprint('fine')",
    'comma': "s = ''+'a,'*N + 'a'\ncompile(s, 's', 'exec')\nprint('fine')",
    'comma-run': "s = ''+'a,'*1000 + 'a'\ncompile(s, 's', 'exec')\nprint('fine')",
    'strcat': 's = \'\'+"\'a\' "*N + "\'b\'"\ncompile(s, \'s\', \'exec\')\nprint(\'fine\')',
    'strcat-run': 's = \'\'+"\'a\' "*1000 + "\'b\'"\ncompile(s, \'s\', \'exec\')\nprint(\'fine\')',
    'bitor': "s = ''+'a|'*N + 'a'\ncompile(s, 's', 'exec')\nprint('fine')",
    'bitor-run': "s = ''+'a|'*1000 + 'a'\ncompile(s, 's', 'exec')\nprint('fine')",
    'matmul': "s = ''+'a@'*N + 'a'\ncompile(s, 's', 'exec')\nprint('fine')",
    'matmul-run': "s = ''+'a@'*1000 + 'a'\ncompile(s, 's', 'exec')\nprint('fine')",
    'assign': "s = ''+'a='*N + '1'\ncompile(s, 's', 'exec')\nprint('fine')",
    'assign-run': "s = ''+'a='*1000 + '1'\ncompile(s, 's', 'exec')\nprint('fine')",
    'callchain': "s = 'a'+'()'*N + ''\ncompile(s, 's', 'exec')\nprint('fine')",
    'callchain-run': "s = 'a'+'()'*1000 + ''\ncompile(s, 's', 'exec')\nprint('fine')",
    'elif': "s='if a: pass\\n'+'elif a: pass\\n'*N\ncompile(s,'s','exec')\nprint('fine')",
    'else-if': "s=''.join(' '*i+'if a:\\n' for i in range(120))+' '*120+'pass'\ncompile(s,'s','exec')\nprint('fine')",
    'try': "s=''.join(' '*i+'try:\\n' for i in range(90))+' '*90+'pass\\n'+''.join(' '*i+'finally: pass\\n' for i in reversed(range(90)))\ncompile(s,'s','exec')\nprint('fine')",
    'with': "s='with '+','.join(['a']*N)+': pass'\ncompile(s,'s','exec')\nprint('fine')",
    'for-comp': "s='[x '+'for x in y '*N+']'\ncompile(s,'s','exec')\nprint('fine')",
    'if-comp': "s='[x for x in y '+'if x '*N+']'\ncompile(s,'s','exec')\nprint('fine')",
    'decor': "s='@a\\n'*N+'def f(): pass'\ncompile(s,'s','exec')\nprint('fine')",
    'params': "s='def f('+','.join('a%d'%i for i in range(N))+'): pass'\ncompile(s,'s','exec')\nprint('fine')",
    'args': "s='f('+','.join('a%d'%i for i in range(N))+')'\ncompile(s,'s','exec')\nprint('fine')",
    'class-nest': "s=''.join(' '*i+'class A:\\n' for i in range(99))+' '*99+'pass'\ncompile(s,'s','exec')\nprint('fine')",
    'def-nest': "s=''.join(' '*i+'def f():\\n' for i in range(99))+' '*99+'pass'\ncompile(s,'s','exec')\nprint('fine')",
    'match-or': "s='match x:\\n case '+'|'.join(['1']*N)+': pass'\ncompile(s,'s','exec')\nprint('fine')",
    'match-nest': "s='match x:\\n case '+'['*150+']'*150+': pass'\ncompile(s,'s','exec')\nprint('fine')",
    'match-attr': "s='match x:\\n case a'+'.b'*N+': pass'\ncompile(s,'s','exec')\nprint('fine')",
    'stmts': "s='a=1\\n'*N\nexec(s)\nprint('fine')",
    'semis': "s='a=1;'*N\nexec(s)\nprint('fine')",
    'globals': "s='global '+','.join(['a']*N)\nexec(s)\nprint('fine')",
    'import': "s='import '+'.'.join(['a']*N)\nexec(s)\nprint('fine')",
    'import-from': "s='from '+'.'*N+' import x'\nexec(s)\nprint('fine')",
    'linejoin': "s='a=1+\\\\\\n'*N+'1'\nexec(s)\nprint('fine')",
    'dots': "s='.'*N\nexec(s)\nprint('fine')",
    'quotes': 's=\'"\'*N\nexec(s)\nprint(\'fine\')',
    'mixed': "s='([{'*N\nexec(s)\nprint('fine')",
    'typecomment': "import ast\nast.parse('def f(): # type: ('+'('*N+')\\n pass', type_comments=True)\nast.parse('('*N, mode='func_type')",
    'literal_eval': "import ast\nast.literal_eval('['*N)",
    'literal_eval2': "import ast\nast.literal_eval('-'*N+'1')",
    'fnest': 's=\'1\'\nfor i in range(200): s="f\'\'\'{"+s+"}\'\'\'"\ncompile(s,\'s\',\'eval\')',
    'fspec': 's="f\'"+\'{a:\'*N+\'}\'*N+"\'"\ncompile(s,\'s\',\'eval\')',
    'indent': "s=''.join(' '*i+'if 1:\\n' for i in range(1000))\ncompile(s,'s','exec')",
    'ast-binop': "import ast\nx=ast.Constant(1)\nfor i in range(N): x=ast.UnaryOp(ast.USub(),x)\ncompile(ast.fix_missing_locations(ast.Expression(ast.Constant(1))),'a','eval')\nfor n in (1,):\n  y=x\n  while isinstance(y,ast.UnaryOp): y.lineno=y.col_offset=y.end_lineno=y.end_col_offset=1; y=y.operand\n  y.lineno=y.col_offset=1\ncompile(ast.Expression(x),'a','eval')",
    'ast-if': "import ast\nx=ast.Pass(lineno=1,col_offset=0)\nfor i in range(N): x=ast.If(ast.Constant(1,lineno=1,col_offset=0),[x],[],lineno=1,col_offset=0)\ncompile(ast.Module([x],[]),'a','exec')",
    'ast-func': "import ast\nx=ast.Pass(lineno=1,col_offset=0)\nfor i in range(N): x=ast.FunctionDef('f',ast.arguments([],[],None,[],[],None,[]),[x],[],lineno=1,col_offset=0)\ncompile(ast.Module([x],[]),'a','exec')",
    'ast-cyclic': "import ast\nx=ast.UnaryOp(ast.USub(),None,lineno=1,col_offset=0)\nx.operand=x\ncompile(ast.Expression(x),'a','eval')",
    'ast-cyclic-list': "import ast\nx=ast.List([],ast.Load(),lineno=1,col_offset=0)\nx.elts.append(x)\ncompile(ast.Expression(x),'a','eval')",
    'ast-const-deep': "import ast\nt=()\nfor i in range(N): t=(t,)\ncompile(ast.Expression(ast.Constant(t,lineno=1,col_offset=0)),'a','eval')",
    'ast-dump': 'import ast\nx=ast.Constant(1)\nfor i in range(N): x=ast.UnaryOp(ast.USub(),x)\nast.dump(x)',
    'ast-pattern': "import ast\nx=ast.MatchValue(ast.Constant(1,lineno=1,col_offset=0),lineno=1,col_offset=0)\nfor i in range(N): x=ast.MatchSequence([x],lineno=1,col_offset=0)\ncompile(ast.Module([ast.Match(ast.Constant(1,lineno=1,col_offset=0),[ast.match_case(x,None,[ast.Pass(lineno=1,col_offset=0)])],lineno=1,col_offset=0)],[]),'a','exec')",
}


class Depth(Survives):
    def test_structures(self):
        for name, make in STRUCTURES.items():
            for turn in range(2):
                with self.subTest(name):
                    lines = ["import copy, pickle, json, marshal, gc", f"N = {DEPTH}", make]
                    if turn == 0:       # the rest is done to a structure of its own, and it dies in a cycle
                        lines += ["x = [x]", "x.append(x)", "del x", "gc.collect()"]
                    else:
                        lines += ["y = x", make]
                        for operation in OPERATIONS.splitlines():
                            lines += ["try:", "    " + operation, "except Exception:", "    pass"]
                    self.survives("\n".join(lines))

    def test_syntax(self):
        for name, source in SYNTAX.items():
            with self.subTest(name):
                self.survives("N = 100_000\n" + source, errors=("RecursionError", "MemoryError", "SyntaxError", "IndentationError",
                                                               "TabError",
                                                               "ValueError", "ModuleNotFoundError", "ImportError", "NameError", "TypeError"))


if __name__ == "__main__":
    unittest.main()
