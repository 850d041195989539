"""Functions of the C API that have a short way for the common case: results in the common case and beside it."""
import contextvars
import ctypes
import gc

api = ctypes.pythonapi
object_, pointer, size = ctypes.py_object, ctypes.c_void_p, ctypes.c_ssize_t


def declared(name, result, *arguments):
    function = api[name]
    function.restype, function.argtypes = result, arguments or None
    return function


def outcome(f, *arguments):
    try:
        return f(*arguments)
    except Exception as e:
        return f"{type(e).__name__}: {e}"


# Capsules: the very name, the same text elsewhere, another text, none.
new, get = declared("PyCapsule_New", object_, pointer, pointer, pointer), declared("PyCapsule_GetPointer", pointer, object_, pointer)
valid = declared("PyCapsule_IsValid", ctypes.c_int, object_, pointer)
one, same, other = (ctypes.create_string_buffer(text) for text in (b"a.name", b"a.name", b"another"))
for capsule in new(4096, ctypes.addressof(one), None), new(4096, None, None), "no capsule":
    for name in one, same, other, None:
        address = ctypes.addressof(name) if name else None
        print(outcome(get, capsule, address), outcome(valid, capsule, address))

# New tuples and instances are empty, whatever lay there before.
tuple_new = declared("PyTuple_New", object_, size)
for turn in range(3):
    for n in range(40):
        used = [tuple(range(1000, 1000 + n)) for _ in range(20)]
        del used
        t = tuple_new(n)
        print(n, len(t), gc.is_tracked(t), ctypes.string_at(id(t) + 24, 8 * n) == bytes(8 * n), end="; ")
        fields = (size * n).from_address(id(t) + 24)
        for i in range(n):      # a tuple with NULLs must not be looked at by the collector for long
            api.Py_IncRef(object_(None))
            fields[i] = id(None)
    print(outcome(tuple_new, -1)[:11], tuple_new(0) is ())

for n in range(70):
    names = [f"s{i}" for i in range(n)]
    for base in object, int, Exception, dict, bytes:
        if n and base in (int, bytes): continue
        cls = type("C", (base,), {"__slots__": names})
        for _ in range(20):
            o = cls()
            assert not any(hasattr(o, name) for name in names), (n, base)
            for i, name in enumerate(names): setattr(o, name, i)
            assert [getattr(o, name) for name in names] == list(range(n))

# Calls with a list of objects that NULL ends.
call = api.PyObject_CallFunctionObjArgs
call.restype, call.argtypes = object_, None


class Method:
    def of(self, *arguments): return arguments


for n in range(12):
    arguments = [object_(i) for i in range(n)]
    for f in (lambda *a: a), max, Method().of, dict, 5:
        print(n, outcome(call, object_(f), *arguments, None))
method_call = api.PyObject_CallMethodObjArgs
method_call.restype = object_
for n in range(12):
    print(outcome(method_call, object_(Method()), object_("of"), *[object_(i) for i in range(n)], None))
print(outcome(call, None, None), outcome(method_call, None, None))

empty = {}
call_plain = declared("PyObject_Call", object_, object_, object_, pointer)
for f in (lambda *a, **k: (a, k)), max, Method().of, type, 5:
    for arguments in (), (1,), (1, 2, 3):
        print(outcome(call_plain, f, arguments, None), outcome(call_plain, f, arguments, id(empty)), end="; ")
print()

# PyDict_GetItem swallows what hashing and comparing raise.
get_item = declared("PyDict_GetItem", pointer, object_, object_)


class Awkward:
    def __hash__(self): return hash("key")
    def __eq__(self, other): raise ValueError("no")


for key in "key", "none", 1, [], Awkward(), 2.0:
    for d in {"key": 1, 1: 2, 2: 3}, {"key": 1}, {}, {Awkward(): 1}, 5:
        print(bool(get_item(d, key)), end=" ")
print()

# Context variables: no context, one where it is set, where it is not, and again the first.
var_get = declared("PyContextVar_Get", ctypes.c_int, object_, pointer, ctypes.POINTER(pointer))
variable, default = contextvars.ContextVar("variable"), contextvars.ContextVar("default", default="the default")


def looked(v, missing):
    out = pointer()
    status = outcome(var_get, v, None if missing is None else id(missing), ctypes.byref(out))
    return status, out.value and ctypes.cast(out, object_).value


def all_looks():
    return [looked(v, missing) for v in (variable, default, "no variable") for missing in (None, "missing") for _ in range(2)]


print(all_looks())
context = contextvars.copy_context()
context.run(variable.set, 5)
print(all_looks(), context.run(all_looks), all_looks())
token = variable.set(6)
print(all_looks(), context.run(all_looks), all_looks())
variable.reset(token)
print(all_looks())

# Subtypes.
is_subtype = declared("PyType_IsSubtype", ctypes.c_int, object_, object_)
classes = [object, int, bool, str, type, Exception, OSError, BlockingIOError, Method]
for a in classes:
    print(*(is_subtype(a, b) for b in classes))

# What is NULL may be freed.
for name in "PyMem_Free", "PyObject_Free", "PyMem_RawFree":
    declared(name, None, pointer)(None)
