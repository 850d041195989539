"""memoryview and PickleBuffer: indexing, casting, assignment, release, and the texts of errors."""
import array
import ctypes
import pickle
import re


class Pair(ctypes.Structure):
    _fields_ = [("a", ctypes.c_int), ("b", ctypes.c_int)]


m = memoryview(b"abcdef")
w = memoryview(bytearray(b"abcdef"))
i = memoryview(array.array("i", [1, 2, 3]))
d = memoryview(array.array("d", [1.5, 2]))
d2 = memoryview(bytes(range(12))).cast("B", [3, 4])
c3 = memoryview(bytes(range(24))).cast("B", [2, 3, 4])
z = memoryview(bytes(8)).cast("q", [])
s = memoryview(b"abcdef")[::2]
c = memoryview(b"abc").cast("c")
bl = memoryview(array.array("B", [1, 0, 2])).cast("?")
st = memoryview((Pair * 2)())
rel = memoryview(b"x")
rel.release()

EXPRESSIONS = """
m[0]
m[-7]
m["a"]
m[0,0]
m[1:3].tobytes()
m[...]
m[()]
z[()]
z[0]
z[...]
z[1:]
z.tolist()
d2[0]
d2[0,1]
d2[0,1,2]
d2[5,1]
d2[1,-5]
d2[0:1].tolist()
d2[0:1,1]
d2[0:1,0:1]
d2["a"]
d2.tolist()
d2[0,"a"]
len(d2)
len(z)
len(rel)
rel[0]
rel.release()
repr(rel)
hash(rel)
hash(w)
hash(m)==hash(b"abcdef")
hash(i)
w[0:2].hash()
m==b"abcdef"
m=="abc"
rel!=rel
i==array.array("l",[1,2,3])
d==array.array("f",[1.5,2])
d==array.array("i",[1,2])
m<m
m.cast("i")
m.cast("x")
m.cast("ii")
m.cast(3)
m.cast("B",[2,3]).tolist()
m.cast("B",[2,2])
m.cast("B",(2,-3))
m.cast("B",["a"])
m.cast("B",3)
d2.cast("B").tolist()
d2.cast("h")
d2.cast("B",[12])
d2.cast("B",[4,3])
s.cast("B")
i.cast("d")
i.cast("B").cast("d")
i.cast("h")
m.cast("@B").format
m.cast("<B")
w.cast("@i")
m.tobytes("F")
m.tobytes("x")
m.tobytes(None)
m.tobytes(order="A")
m.tobytes(3)
d2.tobytes("F")
d2[::2].tobytes()
m.hex()
m.hex(":")
m.hex("::")
m.hex(":",2)
d2.hex()
s.hex("-")
m.toreadonly()
m.tolist()
c.tolist()
c[0]
bl.tolist()
st.tolist()
st[0]
st.format
st==st
w.__setitem__(0,256)
w.__setitem__(0,"a")
w.__setitem__(0,-1)
w.__setitem__(0,1.5)
m.__setitem__(0,1)
w.__setitem__(slice(0,2),b"xyz")
w.__setitem__(slice(0,2),b"xy")
w.__setitem__(slice(0,2),5)
w.__setitem__(slice(0,2),array.array("h",[1,2]))
w.__delitem__(0)
m.__delitem__(0)
i.__setitem__(0,1<<40)
i.__setitem__(0,"a")
d.__setitem__(0,"a")
d.__setitem__(0,3)
memoryview()
memoryview(1)
memoryview(object=b"a")
memoryview(b"a",1)
m.shape
z.shape
m.strides
d2.strides
m.suboffsets
m.obj
m.nbytes
m.itemsize
m.ndim
m.readonly
m.c_contiguous
d2.f_contiguous
s.contiguous
list(m)
list(d2)
list(z)
list(reversed(m))
97 in m
m.__enter__()
m.index(1)
m.count(1)
m+m
m*2
bytes(m)
memoryview(m)
c.__class__
memoryview.__class_getitem__
m.foo
m[::-1].tolist()
m[10:20].tolist()
d2.cast("B",shape=[2,6]).tolist()
c3[0]
c3[0,1]
c3[1,2,3]
c3.tolist()
memoryview(b"ab").cast("c")[0]
c.tobytes()
bl[0]
memoryview(bytearray(1)).cast("c").__setitem__(0,b"ab")
memoryview(bytearray(1)).cast("c").__setitem__(0,1)
memoryview(bytearray(1)).cast("?").__setitem__(0,[])
memoryview(bytearray(8)).cast("P").__setitem__(0,-1)
memoryview(bytearray(8)).cast("P").__setitem__(0,1<<64)
memoryview(bytearray(8)).cast("Q").__setitem__(0,-1)
memoryview(bytearray(8)).cast("N").__setitem__(0,1<<65)
memoryview(bytearray(8)).cast("n").__setitem__(0,1<<65)
memoryview(bytearray(2)).cast("H").__setitem__(0,1<<16)
memoryview(bytearray(4)).cast("f").__setitem__(0,1e300)
memoryview(bytearray(2)).cast("e")
memoryview(bytearray(1)).cast("b").__setitem__(0,200)
memoryview(bytearray(8)).cast("l").__setitem__(0,1<<64)
memoryview(bytearray(8)).cast("q").__setitem__(0,1<<64)
memoryview(bytearray(8)).cast("L").__setitem__(0,1<<64)
memoryview(bytearray(4)).cast("I").__setitem__(0,1<<33)
memoryview(bytearray(4)).cast("I").__setitem__(0,1<<66)
memoryview(bytearray(2)).cast("h").__setitem__(0,1<<66)
memoryview(bytearray(1)).cast("B").__setitem__(0,1<<66)
memoryview(bytearray(1)).cast("B").__setitem__(0,None)
m.cast("B",[])
m.cast("B",[1]*65)
m.cast("B",[1<<62,8])
m.cast()
m.cast(format="B",shape=(6,))
m.tobytes(1,2)
rel.tolist()
rel.shape
rel.nbytes
rel.__enter__()
rel.cast("B")
memoryview(rel)
bytes(rel)
rel.hex()
rel.obj
m.release
m.__sizeof__()
d2[...] is d2
z[()]
z.cast("B").tolist()
z.__setitem__((),3)
z.__setitem__(0,3)
memoryview(bytearray(8)).cast("q",[]).__setitem__((),3)
memoryview(bytearray(8)).cast("q",[]).__setitem__(...,3)
memoryview(bytearray(8)).cast("q",[]).__setitem__(0,3)
memoryview(bytearray(8)).cast("B",[2,4]).__setitem__(0,3)
memoryview(bytearray(8)).cast("B",[2,4]).__setitem__((0,1),3)
memoryview(bytearray(8)).cast("B",[2,4]).__setitem__(slice(0,1),b"abcd")
memoryview(bytearray(8)).cast("B",[2,4]).__setitem__((slice(0,1),1),b"abcd")
memoryview(bytearray(8)).__setitem__("a",1)
memoryview(bytearray(8)).__setitem__(...,b"a"*8)
m._from_flags
pickle.PickleBuffer(b"a").raw().tolist()
pickle.PickleBuffer()
pickle.PickleBuffer(1)
pickle.PickleBuffer(s).raw()
pickle.PickleBuffer(d2).raw().shape
pickle.PickleBuffer(buffer=1)
pickle.PickleBuffer(b"a", 1)
(lambda p: (p.release(), p.raw()))(pickle.PickleBuffer(b"a"))
"""

for expression in EXPRESSIONS.strip().split("\n"):
    try:
        result = repr(eval(expression))
    except BaseException as e:
        result = f"{type(e).__name__}: {e}"
    print(expression, "->", re.sub("0x[0-9a-f]+", "0x", result))

data = bytearray(3)
view = memoryview(data)
part = view[1:]
for action in (lambda: data.append(1), view.release, lambda: data.append(1), part.release, lambda: data.append(1)):
    try:
        action()
    except BufferError as e:
        print(e)
print(data)
