"""Calls functions of the C API and tells what happened: run.py FOLDER [NAME ...], FOLDER having calls.so.

Calls are made in child processes, for some must end them. Prints a line of JSON for each: [function, case, how the process
ended, result and exception, what did not come out even when the call was repeated, what it printed, flags].

What a function is given stands in arguments.txt, or is made up from its name and signature. The case "good" has those arguments; in
the case "2=NULL" the second of them is NULL instead, in others an object of no use, a negative number, or one that is too large.
"""
import collections
import gc
import importlib.machinery
import importlib.util
import json
import os
import pathlib
import re
import resource
import signal
import sys
import tempfile
import types
import weakref

HERE = pathlib.Path(__file__).resolve().parent
sys.dont_write_bytecode = True
exports = types.ModuleType("exports")
loader = importlib.machinery.SourceFileLoader("exports", str(HERE.parent.parent.parent / "tools/abi/exports"))
exports.__file__ = loader.path
loader.exec_module(exports)

REPEATS = 10
DEADLINE = 5           # seconds for one call


class Out(bytearray):
    """Memory that the function writes a number to, which is shown."""


class Holder:
    """A class whose instances the collector tracks, without a dict."""
    __slots__ = ("held",)


class Plain:
    """A class, and instances, that can do nothing."""
    def method(self, *args):
        return args


def function(a, b=2, *, c=3):
    "A function."
    return a, b, c


def generator():
    yield 1
    return 2


async def coroutine():
    pass


def frame():
    return sys._getframe()


def started():
    made = generator()
    next(made)
    return made


# What arguments are made of, the same objects every time: so a reference too many is seen.
LEAVES = {
    "S": "a text", "T": "another", "U": "\u03b1\u20ac\U0001f600", "B": b"some bytes", "I": 12345678901, "J": 987654321012, "F": 2.5,
    "C": Plain, "D": Plain(), "E": ValueError("wrong"), "G": function, "K": function.__code__,
    "L": [1, 2, 3], "M": types, "N": (1, 2, 3), "O": object(), "Z": 3 + 4j,
}


def make_names(calls):
    call, kept = calls.call, []

    def made(name, *args):
        """The result of another function, for use as an argument."""
        return call(name, *args)[0]

    def memory(size=256, *, init=None, args=()):
        """Room for a struct, set up by the function `init`."""
        room = bytearray(size)
        if init:
            call(init, room, *args)
        return room

    def writer():
        return memory(init="_PyUnicodeWriter_Init")

    def bytes_writer():
        room = bytearray(1024)
        call("_PyBytesWriter_Init", room)
        call("_PyBytesWriter_Alloc", room, 10)
        return room

    def buffer(o, flags=0x11c):
        room = bytearray(80)
        call("PyObject_GetBuffer", o, room, flags)
        return room

    def text_file(text=b"1 + 1\n"):
        return calls.file(text)

    def capsule(name="capsule"):
        return made("PyCapsule_New", calls.things["static_type"], name, None)

    def wide_array(*texts):
        """A wchar_t **."""
        rooms = [bytearray((text + "\0").encode("utf-32-le")) for text in texts]
        kept.extend(rooms)
        return b"".join(calls.address(room).to_bytes(8, "little") for room in rooms)

    def fresh_type():
        """Room for a static type object, with a reference count of one; it stays."""
        kept.append(bytearray(b"\1" + bytes(599)))
        return kept[-1]

    def locked():
        lock = made("PyThread_allocate_lock")
        call("PyThread_acquire_lock", lock, 1)
        return lock

    def tss():
        key = made("PyThread_tss_alloc")
        call("PyThread_tss_create", key)
        return key

    def table():
        made_table = made("_Py_hashtable_new", calls.things["hash"], calls.things["same"])
        call("_Py_hashtable_set", made_table, calls.things["spec"], calls.things["spec"])
        return made_table

    names = dict(LEAVES, made=made, memory=memory, writer=writer, bytes_writer=bytes_writer, buffer=buffer, capsule=capsule, Out=Out,
                 text_file=text_file, frame=frame, wide_array=wide_array, fresh_type=fresh_type, locked=locked, tss=tss, table=table, returned=calls.returned,
                 localeconv=calls.localeconv, collections=collections, importlib=importlib, Holder=Holder, started=started, generator=generator, coroutine=coroutine, weakref=weakref,
                 calls=calls, NULL=calls.NULL, tstate=calls.tstate, interp=calls.interp, address=calls.address, types=types, os=os,
                 sys=sys, Plain=Plain, __builtins__=__builtins__, **calls.things)
    return names


# What a function's first object is, by the start of its name; the longest that fits counts.
FIRST = {
    "Py": "S", "PyAnySet": "set(N)", "PySet": "set(N)", "PyFrozenSet": "frozenset(N)", "PyByteArray": "bytearray(B)", "PyBytes": "B",
    "PyCapsule": "capsule()", "PyCell": "types.CellType(S)", "PyCode": "K", "PyComplex": "Z", "PyContext": "made('PyContext_New')",
    "PyCFunction": "len", "PyCMethod": "len", "PyDict": "{S: T}", "PyObjectDict": "{S: T}", "PyErr": "ValueError", "PyException": "ValueError(S)",
    "PyFloat": "F", "PyFrame": "frame()", "PyFunction": "types.FunctionType(K, {})", "PyGen": "started()", "PyImport": "'json'",
    "PyInstanceMethod": "made('PyInstanceMethod_New', G)", "PyIter": "iter(L)", "PyList": "list(N)", "PyLong": "I", "PyMapping": "{S: T}",
    "PyMemoryView": "memoryview(B)", "PyMethod": "D.method", "PyModule": "types.ModuleType('empty')", "PyNumber": "I", "PyObject": "D",
    "PySequence": "list(N)", "PySlice": "slice(1, 2)", "PyStaticMethod": "G", "PyClassMethod": "G", "PyTuple": "(S, T)", "PyType": "C",
    "PyUnicode": "S", "PyWeakref": "weakref.ref(D)", "PyDescr": "C", "PyDictProxy": "{S: T}", "PyEval": "G", "PyUnicodeDecodeError":
    "UnicodeDecodeError('utf-8', B, 1, 2, S)", "PyUnicodeEncodeError": "UnicodeEncodeError('utf-8', S, 1, 2, S)",
    "PyUnicodeTranslateError": "UnicodeTranslateError(S, 1, 2, T)", "PyCoro": "coroutine()", "PyOS": "S", "PyFile": "sys.stdout",
    "PyArg": "(S, T)", "PyCallIter": "G", "PySeqIter": "L", "PyWrapper": "str.__add__", "PyVectorcall": "G", "PyState": "M",
    "PyStructSequence": "list(N)", "PyPickleBuffer": "B", "PyMarshal": "N", "PyNamespace": "{S: T}", "PyStack": "[S, T]",
}
NUMBERS = r"(unsigned |const )*(int|char|Py_ssize_t|size_t|long|long long|Py_UCS4|_PyTime_t|time_t|uid_t|gid_t|Py_hash_t|double|int64_t) \*"
BY_TYPE = [
    (r"PyThreadState \*", "tstate()"), (r"(struct )?PyInterpreterState \*", "interp()"), (r"FILE \*", "text_file()"), (r"PyCompilerFlags \*", "None"),
    (r"_Py_Identifier \*", "identifier"), (r"_PyUnicodeWriter \*", "writer()"), (r"_PyBytesWriter \*", "bytes_writer()"),
    (r"PyTypeObject \*", "C"), (r"PyCodeObject \*", "K"), (r"PyFrameObject \*", "frame()"), (r"PyLongObject \*", "I"),
    (r"PyConfig \*", "memory(512, init='PyConfig_InitPythonConfig')"), (r"PyPreConfig \*", "memory(64, init='PyPreConfig_InitPythonConfig')"),
    (r"struct _PyArg_Parser \*", "format_parser"), (r"(const )?Py_buffer \*", "buffer(B)"), (r"(const )?wchar_t \*", "'wide'"),
    (r"const (char|unsigned char|void) \*", "'name'"), (r"PyObject \*\*", "[]"), (r"PyObject \*const \*", "[S, T]"), (r"PyObject \*", "S"),
    (r"double", "1.5"), (r"Py_complex", "Z"), (r"PyStatus", "None"), (r"PyModuleDef \*", "module_def"), (r"PyMethodDef \*", "twice_def"),
    (r"PyType_Spec \*", "spec"), (r"PyStructSequence_Desc \*", "sequence_def"), (r"_PyRuntimeState \*", "None"),
    (NUMBERS, "Out(8)"), (r".*\*", "memory()"), (r".*", "1"),
]


def first_object(name):
    bare = name.lstrip("_")
    return FIRST[max((start for start in FIRST if bare.startswith(start)), key=len)]


def made_up(name, signature):
    """Arguments as text, for a function that arguments.txt does not mention."""
    signature = signature.replace(" __attribute__((noreturn))", "")
    parameters = exports.split_parameters(signature[signature.index("(") + 1:signature.rindex(")")]) if "(" in signature else []
    parts, seen = [], False
    for ctype in parameters:
        if ctype in ("...", "struct __va_list_tag *"):
            continue
        if re.fullmatch(r"PyObject \*", ctype) and not seen:
            parts.append(first_object(name))
            seen = True
        else:
            parts.append(next(text for pattern, text in BY_TYPE if re.fullmatch(pattern, ctype)))
    return parts


def split_text(text):
    """Expressions divided by commas, as they stand in arguments.txt."""
    import ast
    tree = ast.parse(f"({text},)", mode="eval").body
    return [ast.unparse(element) for element in tree.elts] if text else []


def read_arguments():
    """{function: [(flags, arguments as text)]} of arguments.txt."""
    found = {}
    for line in (HERE / "arguments.txt").read_text().splitlines():
        if line and not line.startswith("#"):
            match = re.fullmatch(r"(\w+)(?: \[([\w ]+)\])?(?:  (.*))?", line)
            found.setdefault(match[1], []).append((set((match[2] or "").split()), split_text(match[3])))
    return found


def cases(name, row, given):
    """(case, flags, arguments as text) of a function; see the top of the file."""
    parameters = row[0].rstrip(".")
    for number, (flags, parts) in enumerate(given):
        yield "good" if number == 0 else f"good {number + 1}", flags, parts
    flags, parts = given[0]
    if "once" in flags:
        return
    for place, (kind, part) in enumerate(zip(parameters, parts)):
        if kind == "O":
            others = ["NULL", "object()"]
        elif kind == "i":
            others = ["-1", "1 << 62"]
        elif part.startswith(("'", '"', "b'")):
            others = ["None"]
        else:
            others = []
        for other in others:
            yield f"{place + 1}={other}", flags, parts[:place] + [other] + parts[place + 1:]


ADDRESS = re.compile(r"0x[0-9a-f]+")


def describe(value):
    if value is NULL:
        return "NULL"
    try:
        text = repr(value)
    except BaseException as error:
        text = f"repr: {type(error).__name__}"
    return ADDRESS.sub("ADDRESS", f"{type(value).__name__} {text}")[:300]


def outcome_text(kind, result, error):
    """What one call gave, as text."""
    if kind == "*" and result is not NULL:
        result = "pointer"
    text = "" if kind == "-" else describe(result)
    return text + (f" raises {describe(error)}" if error is not None else "")


def lasting_growth(again):
    """Whether each call leaves a block behind, when caches and buffers of output have had time to fill."""
    again(200 * REPEATS)
    blocks = sys.getallocatedblocks()
    again(REPEATS)
    return sys.getallocatedblocks() - blocks >= REPEATS


def tell(report, key, value):
    os.write(report, json.dumps([key, value]).encode() + b"\n")


def perform(calls, names, name, parts, flags, report):
    """The calls of one case, in the child."""
    kind = calls.rows[name][2]
    code = compile(f"({''.join(part + ', ' for part in parts)})", "arguments", "eval")
    args = eval(code, names)
    function = "!" + name if "error" in flags else name
    result, error = calls.call(function, *args)
    text = outcome_text(kind, result, error)
    arg = place = None
    for place, arg in enumerate(args):
        if isinstance(arg, Out):
            text += f"; {place + 1}: {bytes(arg).hex()}"
        elif calls.rows[name][0][place:place + 1] == "R" and isinstance(arg, list):
            text += f"; {place + 1}: {describe(arg[0]) if arg else 'empty'}"
    sys.stdout.flush()
    sys.stderr.flush()
    tell(report, "said", text)
    if "once" in flags:
        return
    for stream in 1, 2:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream)
    del args, result, error, arg, place
    gc.disable()

    def again(times):
        for _ in range(times):
            calls.call(function, *eval(code, names))

    again(REPEATS)
    counts = {leaf: sys.getrefcount(o) for leaf, o in LEAVES.items()}
    growth = []
    for _ in range(2):
        blocks = sys.getallocatedblocks()
        again(REPEATS)
        growth.append(sys.getallocatedblocks() - blocks)
    uneven = [f"{leaf} {sys.getrefcount(o) - counts[leaf]:+}" for leaf, o in LEAVES.items() if abs(sys.getrefcount(o) - counts[leaf]) >= REPEATS]
    if min(growth) >= REPEATS and lasting_growth(again):
        uneven.append("memory grows")
    tell(report, "uneven", " ".join(uneven))


def in_child(calls, names, name, wanted):
    """Makes these calls of a function, [(flags, arguments)], in a child process until one ends it; the outcome of each that was made."""
    with os.fdopen(os.memfd_create("report"), "r+b") as report, os.fdopen(os.memfd_create("output"), "r+b") as output:
        pid = os.fork()
        if pid == 0:
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            for flags, parts in wanted:
                signal.alarm(1 if "hangs" in flags else DEADLINE)
                os.dup2(output.fileno(), 1)
                os.dup2(output.fileno(), 2)
                try:
                    perform(calls, names, name, parts, flags, report.fileno())
                except BaseException as error:
                    tell(report.fileno(), "said", f"the test fails: {error!r}")
                tell(report.fileno(), "end", os.lseek(output.fileno(), 0, os.SEEK_CUR))
            os._exit(0)
        status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        report.seek(0)
        output.seek(0)
        seen, current, start = [], {}, 0
        for key, value in [*map(json.loads, report), ("end", None)]:
            if key != "end":
                current[key] = value
            elif value is not None or len(seen) < len(wanted):
                printed = output.read(value - start if value is not None else 2000)[:2000].decode("utf-8", "replace")
                seen.append([0 if value is not None else status, current.get("said"), current.get("uneven", ""), ADDRESS.sub("ADDRESS", printed)])
                current, start = {}, value
        return seen


def together_in_child(left):
    """How many of the cases that are left the next child makes: a call that is made once is alone; one that takes an object for
    what it is not may have written over memory, and is the last."""
    if "once" in left[0][1]:
        return 1
    return next((number for number, (case, *_) in enumerate(left, 1) if case.endswith("=object()")), len(left))


def main():
    global NULL
    spec = importlib.util.spec_from_file_location("calls", f"{sys.argv[1]}/calls.so")
    calls = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(calls)
    NULL = calls.NULL
    names, arguments, wanted = make_names(calls), read_arguments(), set(sys.argv[2:])
    out = os.fdopen(os.dup(1), "w")
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        for name, table_row in exports.table().items():
            if table_row.kind != "function" or (wanted and name not in wanted):
                continue
            given = arguments.get(name) or [(set(), made_up(name, table_row.signature))]
            left = list(cases(name, calls.rows[name], given))
            while left:
                together = together_in_child(left)
                seen = in_child(calls, names, name, [(flags, parts) for _, flags, parts in left[:together]])
                for (case, flags, _), outcome in zip(left, seen):
                    out.write(json.dumps([name, case, *outcome, sorted(flags)]) + "\n")
                del left[:len(seen)]
                out.flush()


if __name__ == "__main__":
    main()
