/* Method tables of bytes and bytearray, and how shared methods make their results. */
#define PY_SSIZE_T_CLEAN
#include "objects/bytes/bytes.h"
#include "objects/bytes/bytearray.h"

PyObject *bytes_like_new(PyObject *self, const char *text, Py_ssize_t size)
{
    return PyBytes_Check(self) ? PyBytes_FromStringAndSize(text, size) : PyByteArray_FromStringAndSize(text, size);
}

PyObject *bytes_like_unchanged(PyObject *self)
{
    return PyBytes_CheckExact(self) ? Py_NewRef(self) : bytes_like_new(self, bytes_like_data(self), Py_SIZE(self));
}

static PyObject *getnewargs(PyObject *self, PyObject *unused)
{
    (void)unused;
    return Py_BuildValue("(y#)", PyBytes_AS_STRING(self), Py_SIZE(self));
}

static PyObject *to_bytes(PyObject *self, PyObject *unused)
{
    (void)unused;
    return PyBytes_CheckExact(self) ? Py_NewRef(self) : PyBytes_FromStringAndSize(PyBytes_AS_STRING(self), Py_SIZE(self));
}

#define FAST(f) _PyCFunction_CAST(f), METH_FASTCALL
#define FASTKW(f) _PyCFunction_CAST(f), METH_FASTCALL | METH_KEYWORDS

#define SHARED_METHODS(what) \
    {"capitalize", bytes_like_capitalize, METH_NOARGS, \
     "B.capitalize() -> copy of B\n\nThe first byte in upper case, the others in lower case (ASCII)."}, \
    {"center", FAST(bytes_like_center), \
     "center($self, width, fillchar=b' ', /)\n--\n\nReturn a copy centred in a field of the given width."}, \
    {"count", FAST(bytes_like_count), \
     "B.count(sub[, start[, end]]) -> int\n\nNumber of occurrences of sub in B[start:end] that do not overlap."}, \
    {"decode", FASTKW(bytes_like_decode), \
     "decode($self, /, encoding='utf-8', errors='strict')\n--\n\nDecode the " what " with a registered codec."}, \
    {"endswith", FAST(bytes_like_endswith), \
     "B.endswith(suffix[, start[, end]]) -> bool\n\nTrue if B[start:end] ends with suffix, or one of a tuple of them."}, \
    {"expandtabs", FASTKW(bytes_like_expandtabs), \
     "expandtabs($self, /, tabsize=8)\n--\n\nReturn a copy with tabs replaced by spaces up to the next tab stop."}, \
    {"find", FAST(bytes_like_find), \
     "B.find(sub[, start[, end]]) -> int\n\nLowest index of sub in B[start:end], or -1."}, \
    {"hex", FASTKW(bytes_like_hex), \
     "hex($self, /, sep=<unrepresentable>, bytes_per_sep=1)\n--\n\nHexadecimal digits of the " what \
     ", with sep between groups.\n\n" \
     "A group has bytes_per_sep bytes; counted from the right, or from the left if it is negative.\n\n" \
     ">>> data = " what "(b'\\x01\\xaa\\xff')\n" \
     ">>> data.hex()\n'01aaff'\n" \
     ">>> data.hex('-')\n'01-aa-ff'\n" \
     ">>> data.hex('-', 2)\n'01-aaff'\n" \
     ">>> data.hex('-', -2)\n'01aa-ff'"}, \
    {"index", FAST(bytes_like_index), \
     "B.index(sub[, start[, end]]) -> int\n\nLike B.find(), but raises ValueError when sub is not there."}, \
    {"isalnum", bytes_like_isalnum, METH_NOARGS, \
     "B.isalnum() -> bool\n\nTrue if there are bytes in B and all are ASCII letters or digits."}, \
    {"isalpha", bytes_like_isalpha, METH_NOARGS, \
     "B.isalpha() -> bool\n\nTrue if there are bytes in B and all are ASCII letters."}, \
    {"isascii", bytes_like_isascii, METH_NOARGS, "B.isascii() -> bool\n\nTrue if all bytes of B are below 128."}, \
    {"isdigit", bytes_like_isdigit, METH_NOARGS, \
     "B.isdigit() -> bool\n\nTrue if there are bytes in B and all are ASCII digits."}, \
    {"islower", bytes_like_islower, METH_NOARGS, \
     "B.islower() -> bool\n\nTrue if there are letters in B and none is in upper case."}, \
    {"isspace", bytes_like_isspace, METH_NOARGS, \
     "B.isspace() -> bool\n\nTrue if there are bytes in B and all are white space."}, \
    {"istitle", bytes_like_istitle, METH_NOARGS, \
     "B.istitle() -> bool\n\nTrue if B is in title case: capitals start the words, and only there."}, \
    {"isupper", bytes_like_isupper, METH_NOARGS, \
     "B.isupper() -> bool\n\nTrue if there are letters in B and none is in lower case."}, \
    {"join", bytes_like_join, METH_O, \
     "join($self, iterable_of_bytes, /)\n--\n\nConcatenate bytes-like objects with this " what " between them."}, \
    {"ljust", FAST(bytes_like_ljust), \
     "ljust($self, width, fillchar=b' ', /)\n--\n\nReturn a copy at the left of a field of the given width."}, \
    {"lower", bytes_like_lower, METH_NOARGS, "B.lower() -> copy of B\n\nASCII letters in lower case."}, \
    {"lstrip", FAST(bytes_like_lstrip), \
     "lstrip($self, bytes=None, /)\n--\n\nReturn a copy without leading white space, or leading bytes of the argument."}, \
    {"maketrans", FAST(bytes_like_maketrans) | METH_STATIC, \
     "maketrans(frm, to, /)\n--\n\nTable for translate(): each byte of frm becomes the one of to in the same place."}, \
    {"partition", bytes_like_partition, METH_O, \
     "partition($self, sep, /)\n--\n\nThe part before the first sep, sep, and the part after it."}, \
    {"removeprefix", bytes_like_removeprefix, METH_O, \
     "removeprefix($self, prefix, /)\n--\n\nReturn a copy without the prefix, if it starts with it."}, \
    {"removesuffix", bytes_like_removesuffix, METH_O, \
     "removesuffix($self, suffix, /)\n--\n\nReturn a copy without the suffix, if it ends with it."}, \
    {"replace", FAST(bytes_like_replace), \
     "replace($self, old, new, count=-1, /)\n--\n\nReturn a copy with occurrences of old replaced by new; at most " \
     "count of them."}, \
    {"rfind", FAST(bytes_like_rfind), \
     "B.rfind(sub[, start[, end]]) -> int\n\nHighest index of sub in B[start:end], or -1."}, \
    {"rindex", FAST(bytes_like_rindex), \
     "B.rindex(sub[, start[, end]]) -> int\n\nLike B.rfind(), but raises ValueError when sub is not there."}, \
    {"rjust", FAST(bytes_like_rjust), \
     "rjust($self, width, fillchar=b' ', /)\n--\n\nReturn a copy at the right of a field of the given width."}, \
    {"rpartition", bytes_like_rpartition, METH_O, \
     "rpartition($self, sep, /)\n--\n\nThe part before the last sep, sep, and the part after it."}, \
    {"rsplit", FASTKW(bytes_like_rsplit), \
     "rsplit($self, /, sep=None, maxsplit=-1)\n--\n\nList of the sections of the " what ", cut at sep from the right."}, \
    {"rstrip", FAST(bytes_like_rstrip), \
     "rstrip($self, bytes=None, /)\n--\n\nReturn a copy without trailing white space, or trailing bytes of the " \
     "argument."}, \
    {"split", FASTKW(bytes_like_split), \
     "split($self, /, sep=None, maxsplit=-1)\n--\n\nList of the sections of the " what ", cut at sep from the left."}, \
    {"splitlines", FASTKW(bytes_like_splitlines), \
     "splitlines($self, /, keepends=False)\n--\n\nList of the lines of the " what "."}, \
    {"startswith", FAST(bytes_like_startswith), \
     "B.startswith(prefix[, start[, end]]) -> bool\n\nTrue if B[start:end] starts with prefix, or one of a tuple."}, \
    {"strip", FAST(bytes_like_strip), \
     "strip($self, bytes=None, /)\n--\n\nReturn a copy without white space, or bytes of the argument, at both ends."}, \
    {"swapcase", bytes_like_swapcase, METH_NOARGS, "B.swapcase() -> copy of B\n\nASCII letters in the other case."}, \
    {"title", bytes_like_title, METH_NOARGS, "B.title() -> copy of B\n\nASCII words starting with a capital."}, \
    {"translate", FASTKW(bytes_like_translate), \
     "translate($self, table, /, delete=b'')\n--\n\nReturn a copy mapped through a table of 256 bytes, without " \
     "those in delete."}, \
    {"upper", bytes_like_upper, METH_NOARGS, "B.upper() -> copy of B\n\nASCII letters in upper case."}, \
    {"zfill", bytes_like_zfill, METH_O, \
     "zfill($self, width, /)\n--\n\nReturn a copy filled with zeros on the left, behind a sign."}

PyMethodDef bytes_methods[] = {
    SHARED_METHODS("bytes"),
    {"__getnewargs__", getnewargs, METH_NOARGS, NULL},
    {"__bytes__", to_bytes, METH_NOARGS, "__bytes__($self, /)\n--\n\nConvert this value to exact type bytes."},
    {"fromhex", bytes_fromhex_method, METH_O | METH_CLASS,
     "fromhex($type, string, /)\n--\n\nNew bytes from pairs of hexadecimal digits; white space between them is skipped."},
    {0},
};

PyMethodDef bytearray_methods[] = {
    SHARED_METHODS("bytearray"),
    {"__alloc__", bytearray_alloc_method, METH_NOARGS, "B.__alloc__() -> int\n\nNumber of bytes allocated."},
    {"__reduce__", bytearray_reduce_method, METH_NOARGS,
     "__reduce__($self, /)\n--\n\nReturn state information for pickling."},
    {"__reduce_ex__", FAST(bytearray_reduce_ex_method),
     "__reduce_ex__($self, proto=0, /)\n--\n\nReturn state information for pickling."},
    {"__sizeof__", bytearray_sizeof_method, METH_NOARGS,
     "__sizeof__($self, /)\n--\n\nReturns the size of the bytearray object in memory, in bytes."},
    {"append", bytearray_append_method, METH_O,
     "append($self, item, /)\n--\n\nAppend one int in range(256)."},
    {"clear", bytearray_clear_method, METH_NOARGS, "clear($self, /)\n--\n\nRemove all items."},
    {"copy", bytearray_copy_method, METH_NOARGS, "copy($self, /)\n--\n\nReturn a copy."},
    {"extend", bytearray_extend_method, METH_O,
     "extend($self, iterable_of_ints, /)\n--\n\nAppend all ints of an iterable."},
    {"fromhex", bytearray_fromhex_method, METH_O | METH_CLASS,
     "fromhex($type, string, /)\n--\n\nNew bytearray from pairs of hexadecimal digits; white space between them is "
     "skipped."},
    {"insert", FAST(bytearray_insert_method),
     "insert($self, index, item, /)\n--\n\nInsert one int before the index."},
    {"pop", FAST(bytearray_pop_method),
     "pop($self, index=-1, /)\n--\n\nRemove and return the item at the index."},
    {"remove", bytearray_remove_method, METH_O,
     "remove($self, value, /)\n--\n\nRemove the first occurrence of a value."},
    {"reverse", bytearray_reverse_method, METH_NOARGS, "reverse($self, /)\n--\n\nReverse the order in place."},
    {0},
};
