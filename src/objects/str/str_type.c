/* The type str: construction, items, and the tables of slots and methods. */
#include "objects/args_unpack.h"
#include "objects/immortal.h"
#include "objects/names.h"
#include "objects/str/encoding_map.h"
#include "objects/str/str_internal.h"

static Py_ssize_t str_length(PyObject *self)
{
    return PyUnicode_READY(self) < 0 ? -1 : PyUnicode_GET_LENGTH(self);
}

static PyObject *str_item(PyObject *self, Py_ssize_t i)
{
    if (PyUnicode_READY(self) < 0)
        return NULL;
    if (i < 0 || i >= PyUnicode_GET_LENGTH(self)) {
        PyErr_SetString(PyExc_IndexError, "string index out of range");
        return NULL;
    }
    return str_getitem(self, i);
}

PyObject *str_every(PyObject *self, Py_ssize_t start, Py_ssize_t step, Py_ssize_t count)
{
    if (count == 0)
        return str_empty();
    if (step == 1)
        return str_slice(self, start, start + count);
    StrView v = str_view(self);
    Py_UCS4 max = 0x7f;
    if (!PyUnicode_IS_ASCII(self)) {
        for (Py_ssize_t i = 0, at = start; i < count; i++, at += step) {
            Py_UCS4 ch = PyUnicode_READ(v.kind, v.data, at);
            max = Py_MAX(max, ch);
        }
    }
    PyObject *result = PyUnicode_New(count, max);
    if (result == NULL)
        return NULL;
    int kind = PyUnicode_KIND(result);
    void *to = PyUnicode_DATA(result);
    for (Py_ssize_t i = 0, at = start; i < count; i++, at += step)
        PyUnicode_WRITE(kind, to, i, PyUnicode_READ(v.kind, v.data, at));
    return str_share_steal(result);
}

PyObject *str_subscript(PyObject *self, PyObject *key)
{
    if (PyUnicode_READY(self) < 0)
        return NULL;
    Py_ssize_t n = PyUnicode_GET_LENGTH(self);
    if (PyIndex_Check(key)) {
        Py_ssize_t i = PyNumber_AsSsize_t(key, PyExc_IndexError);
        if (i == -1 && PyErr_Occurred())
            return NULL;
        return str_item(self, i < 0 ? i + n : i);
    }
    if (!PySlice_Check(key)) {
        PyErr_Format(PyExc_TypeError, "string indices must be integers, not '%.200s'", Py_TYPE(key)->tp_name);
        return NULL;
    }
    Py_ssize_t start, stop, step;
    if (PySlice_Unpack(key, &start, &stop, &step) < 0)
        return NULL;
    Py_ssize_t count = PySlice_AdjustIndices(n, &start, &stop, step);
    return str_every(self, start, step, count);
}

static PyObject *str_str(PyObject *self)
{
    return str_unchanged(self);
}

static PyObject *str_remainder(PyObject *format, PyObject *args)
{
    if (!PyUnicode_Check(format))
        Py_RETURN_NOTIMPLEMENTED;
    return PyUnicode_Format(format, args);
}

static PyObject *getnewargs(PyObject *self, PyObject *unused)
{
    (void)unused;
    PyObject *copy = _PyUnicode_Copy(self);
    return copy == NULL ? NULL : Py_BuildValue("(N)", copy);
}

static PyObject *sizeof_method(PyObject *self, PyObject *unused)
{
    (void)unused;
    return PyLong_FromSsize_t(str_size_in_memory(self));
}

/* --- construction --- */

static PyObject *make(PyTypeObject *type, PyObject *object, const char *encoding, const char *errors)
{
    PyObject *plain;
    if (object == NULL)
        plain = str_empty();
    else if (encoding == NULL && errors == NULL)
        plain = PyObject_Str(object);
    else
        plain = PyUnicode_FromEncodedObject(object, encoding, errors);
    if (plain == NULL || type == &PyUnicode_Type)
        return plain;
    PyObject *self = PyUnicode_READY(plain) < 0 ? NULL : str_new_of_subtype(type, plain);
    Py_DECREF(plain);
    return self;
}

static PyObject *str_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    static const char *const keywords[] = {"object", "encoding", "errors", NULL};
    static _PyArg_Parser parser = {.format = "|OOO:str", .keywords = keywords};
    PyObject *object = NULL, *encoding_arg = NULL, *errors_arg = NULL;
    const char *encoding, *errors;
    if (kwargs == NULL && PyTuple_GET_SIZE(args) == 1)
        return make(type, PyTuple_GET_ITEM(args, 0), NULL, NULL);
    if (!_PyArg_ParseTupleAndKeywordsFast(args, kwargs, &parser, &object, &encoding_arg, &errors_arg) ||
        str_codec_arguments("str", encoding_arg, errors_arg, &encoding, &errors) < 0)
        return NULL;
    return make(type, object, encoding, errors);
}

/* str(x) without an argument tuple. */
static PyObject *str_vectorcall(PyObject *type, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    Py_ssize_t nargs = PyVectorcall_NARGS(nargsf);
    if (kwnames == NULL && nargs <= 1)
        return make((PyTypeObject *)type, nargs ? args[0] : NULL, NULL, NULL);
    if (!args_names_are_exact(kwnames))
        return _PyObject_MakeTpCall(PyThreadState_Get(), type, args, nargs, kwnames);
    static const char *const keywords[] = {"object", "encoding", "errors", NULL};
    static _PyArg_Parser parser = {.fname = "str", .keywords = keywords};
    PyObject *values[3];
    const char *encoding, *errors;
    if (args_unpack(args, nargs, NULL, kwnames, &parser, 0, 3, 3, values) < 0 ||
        str_codec_arguments("str", values[1], values[2], &encoding, &errors) < 0)
        return NULL;
    return make((PyTypeObject *)type, values[0], encoding, errors);
}

/* --- tables --- */

#define FAST(f) _PyCFunction_CAST(f), METH_FASTCALL
#define FASTKW(f) _PyCFunction_CAST(f), METH_FASTCALL | METH_KEYWORDS

static PyMethodDef str_methods[] = {
    {"encode", FASTKW(str_encode_method),
     "encode($self, /, encoding='utf-8', errors='strict')\n--\n\nEncode the string with a registered codec."},
    {"replace", FAST(str_replace_method),
     "replace($self, old, new, count=-1, /)\n--\n\nReturn a copy with occurrences of old replaced by new; at most count "
     "of them."},
    {"split", FASTKW(str_split_method),
     "split($self, /, sep=None, maxsplit=-1)\n--\n\nList of the substrings, cut at sep (white space if None) from the left."},
    {"rsplit", FASTKW(str_rsplit_method),
     "rsplit($self, /, sep=None, maxsplit=-1)\n--\n\nList of the substrings, cut at sep (white space if None) from the "
     "right."},
    {"join", str_join_method, METH_O,
     "join($self, iterable, /)\n--\n\nConcatenate strings with this string between them.\n\n"
     "'.'.join(['ab', 'pq', 'rs']) is 'ab.pq.rs'."},
    {"capitalize", str_capitalize_method, METH_NOARGS,
     "capitalize($self, /)\n--\n\nFirst character in title case, the rest in lower case."},
    {"casefold", str_casefold_method, METH_NOARGS,
     "casefold($self, /)\n--\n\nReturn a version for caseless comparison."},
    {"title", str_title_method, METH_NOARGS,
     "title($self, /)\n--\n\nReturn a version whose words start with a title-case character, the rest in lower case."},
    {"center", FAST(str_center_method),
     "center($self, width, fillchar=' ', /)\n--\n\nReturn the string centred in a field of the given width."},
    {"count", FAST(str_count_method),
     "S.count(sub[, start[, end]]) -> int\n\nNumber of occurrences of sub in S[start:end] that do not overlap."},
    {"expandtabs", FASTKW(str_expandtabs_method),
     "expandtabs($self, /, tabsize=8)\n--\n\nReturn a copy with tabs replaced by spaces up to the next tab stop."},
    {"find", FAST(str_find_method), "S.find(sub[, start[, end]]) -> int\n\nLowest index of sub in S[start:end], or -1."},
    {"partition", str_partition_method, METH_O,
     "partition($self, sep, /)\n--\n\nThe part before the first sep, sep, and the part after it."},
    {"index", FAST(str_index_method),
     "S.index(sub[, start[, end]]) -> int\n\nLike S.find(), but raises ValueError when sub is not there."},
    {"ljust", FAST(str_ljust_method),
     "ljust($self, width, fillchar=' ', /)\n--\n\nReturn the string at the left of a field of the given width."},
    {"lower", str_lower_method, METH_NOARGS, "lower($self, /)\n--\n\nReturn a copy in lower case."},
    {"lstrip", FAST(str_lstrip_method),
     "lstrip($self, chars=None, /)\n--\n\nReturn a copy without leading white space, or leading characters of chars."},
    {"rfind", FAST(str_rfind_method),
     "S.rfind(sub[, start[, end]]) -> int\n\nHighest index of sub in S[start:end], or -1."},
    {"rindex", FAST(str_rindex_method),
     "S.rindex(sub[, start[, end]]) -> int\n\nLike S.rfind(), but raises ValueError when sub is not there."},
    {"rjust", FAST(str_rjust_method),
     "rjust($self, width, fillchar=' ', /)\n--\n\nReturn the string at the right of a field of the given width."},
    {"rstrip", FAST(str_rstrip_method),
     "rstrip($self, chars=None, /)\n--\n\nReturn a copy without trailing white space, or trailing characters of chars."},
    {"rpartition", str_rpartition_method, METH_O,
     "rpartition($self, sep, /)\n--\n\nThe part before the last sep, sep, and the part after it."},
    {"splitlines", FASTKW(str_splitlines_method),
     "splitlines($self, /, keepends=False)\n--\n\nList of the lines of the string."},
    {"strip", FAST(str_strip_method),
     "strip($self, chars=None, /)\n--\n\nReturn a copy without white space, or characters of chars, at both ends."},
    {"swapcase", str_swapcase_method, METH_NOARGS,
     "swapcase($self, /)\n--\n\nUpper case becomes lower case, and lower case upper case."},
    {"translate", str_translate_method, METH_O,
     "translate($self, table, /)\n--\n\nMap each character through table[ord(c)]: a string, an ordinal, or None to "
     "delete it."},
    {"upper", str_upper_method, METH_NOARGS, "upper($self, /)\n--\n\nReturn a copy in upper case."},
    {"startswith", FAST(str_startswith_method),
     "S.startswith(prefix[, start[, end]]) -> bool\n\nTrue if S[start:end] starts with prefix, or one of a tuple of them."},
    {"endswith", FAST(str_endswith_method),
     "S.endswith(suffix[, start[, end]]) -> bool\n\nTrue if S[start:end] ends with suffix, or one of a tuple of them."},
    {"removeprefix", str_removeprefix_method, METH_O,
     "removeprefix($self, prefix, /)\n--\n\nReturn a copy without the prefix, if it starts with it."},
    {"removesuffix", str_removesuffix_method, METH_O,
     "removesuffix($self, suffix, /)\n--\n\nReturn a copy without the suffix, if it ends with it."},
    {"isascii", str_isascii_method, METH_NOARGS, "isascii($self, /)\n--\n\nTrue if all characters are below U+0080."},
    {"islower", str_islower_method, METH_NOARGS,
     "islower($self, /)\n--\n\nTrue if all cased characters are lower case and there is one."},
    {"isupper", str_isupper_method, METH_NOARGS,
     "isupper($self, /)\n--\n\nTrue if all cased characters are upper case and there is one."},
    {"istitle", str_istitle_method, METH_NOARGS,
     "istitle($self, /)\n--\n\nTrue if capitals start the words, and stand only there."},
    {"isspace", str_isspace_method, METH_NOARGS,
     "isspace($self, /)\n--\n\nTrue if all characters are white space and there is one."},
    {"isdecimal", str_isdecimal_method, METH_NOARGS,
     "isdecimal($self, /)\n--\n\nTrue if all characters are decimal and there is one."},
    {"isdigit", str_isdigit_method, METH_NOARGS,
     "isdigit($self, /)\n--\n\nTrue if all characters are digits and there is one."},
    {"isnumeric", str_isnumeric_method, METH_NOARGS,
     "isnumeric($self, /)\n--\n\nTrue if all characters are numeric and there is one."},
    {"isalpha", str_isalpha_method, METH_NOARGS,
     "isalpha($self, /)\n--\n\nTrue if all characters are letters and there is one."},
    {"isalnum", str_isalnum_method, METH_NOARGS,
     "isalnum($self, /)\n--\n\nTrue if all characters are letters or numeric and there is one."},
    {"isidentifier", str_isidentifier_method, METH_NOARGS,
     "isidentifier($self, /)\n--\n\nTrue if the string is an identifier or keyword of the language."},
    {"isprintable", str_isprintable_method, METH_NOARGS,
     "isprintable($self, /)\n--\n\nTrue if repr() leaves all characters as they are."},
    {"zfill", str_zfill_method, METH_O,
     "zfill($self, width, /)\n--\n\nReturn a copy filled with zeros on the left, behind a sign."},
    {"format", _PyCFunction_CAST(str_format_method), METH_VARARGS | METH_KEYWORDS,
     "S.format(*args, **kwargs) -> str\n\nReturn S with its replacement fields ({...}) filled in from the arguments."},
    {"format_map", str_format_map_method, METH_O,
     "S.format_map(mapping) -> str\n\nReturn S with its replacement fields ({...}) filled in from the mapping."},
    {"__format__", str___format___method, METH_O,
     "__format__($self, format_spec, /)\n--\n\nReturn the string formatted as format_spec says."},
    {"maketrans", FAST(str_maketrans_method) | METH_STATIC,
     "maketrans(x, y=<unrepresentable>, z=<unrepresentable>, /)\n--\n\n"
     "Return a translation table for str.translate(), from a dict of characters or ordinals, or from two\n"
     "strings of equal length; characters of a third string are deleted."},
    {"__sizeof__", sizeof_method, METH_NOARGS, "__sizeof__($self, /)\n--\n\nReturn the size of the string in memory, in bytes."},
    {"__getnewargs__", getnewargs, METH_NOARGS, NULL},
    {0},
};

static PyNumberMethods as_number = {.nb_remainder = str_remainder};

static PySequenceMethods as_sequence = {
    .sq_length = str_length,
    .sq_concat = PyUnicode_Concat,
    .sq_repeat = str_multiply,
    .sq_item = str_item,
    .sq_contains = PyUnicode_Contains,
};

static PyMappingMethods as_mapping = {.mp_length = str_length, .mp_subscript = str_subscript};

PyDoc_STRVAR(str_doc,
"str(object='') -> str\n"
"str(bytes_or_buffer[, encoding[, errors]]) -> str\n"
"\n"
"Create a string from an object: its __str__() or repr(), or, with an encoding or\n"
"an error handler given, the text decoded from its buffer. The defaults are\n"
"sys.getdefaultencoding() and 'strict'.");

PyTypeObject PyUnicode_Type = {
    IMMORTAL_TYPE_HEAD,
    .tp_name = "str",
    .tp_basicsize = sizeof(PyUnicodeObject),
    .tp_dealloc = str_dealloc,
    .tp_repr = str_repr,
    .tp_as_number = &as_number,
    .tp_as_sequence = &as_sequence,
    .tp_as_mapping = &as_mapping,
    .tp_hash = str_hash,
    .tp_str = str_str,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_UNICODE_SUBCLASS | _Py_TPFLAGS_MATCH_SELF,
    .tp_doc = str_doc,
    .tp_richcompare = PyUnicode_RichCompare,
    .tp_iter = str_iter,
    .tp_methods = str_methods,
    .tp_new = str_new,
    .tp_free = PyObject_Free,
    .tp_vectorcall = str_vectorcall,
};

int str_init_types(void)
{
    PyTypeObject *types[] = {&PyUnicode_Type, &PyUnicodeIter_Type, &_PyUnicodeASCIIIter_Type, &EncodingMap_Type};
    for (size_t i = 0; i < Py_ARRAY_LENGTH(types); i++)
        if (PyType_Ready(types[i]) < 0)
            return -1;
    return 0;
}
