/* Built-in functions about one object: attributes, classes, numbers and text of it. */
#include "modules/builtins/builtins.h"

#include <internal/krait_exports.h>

#include "objects/names.h"

static PyObject *builtin_abs(PyObject *Py_UNUSED(m), PyObject *x) { return PyNumber_Absolute(x); }
static PyObject *builtin_ascii(PyObject *Py_UNUSED(m), PyObject *x) { return PyObject_ASCII(x); }
static PyObject *builtin_bin(PyObject *Py_UNUSED(m), PyObject *x) { return PyNumber_ToBase(x, 2); }
static PyObject *builtin_oct(PyObject *Py_UNUSED(m), PyObject *x) { return PyNumber_ToBase(x, 8); }
static PyObject *builtin_hex(PyObject *Py_UNUSED(m), PyObject *x) { return PyNumber_ToBase(x, 16); }
static PyObject *builtin_callable(PyObject *Py_UNUSED(m), PyObject *x) { return PyBool_FromLong(PyCallable_Check(x)); }
static PyObject *builtin_repr(PyObject *Py_UNUSED(m), PyObject *x) { return PyObject_Repr(x); }

static PyObject *builtin_chr(PyObject *Py_UNUSED(m), PyObject *x)
{
    int i = _PyLong_AsInt(x);
    if (i == -1 && PyErr_Occurred()) return NULL;
    return PyUnicode_FromOrdinal(i);
}

static PyObject *builtin_ord(PyObject *Py_UNUSED(m), PyObject *c)
{
    Py_ssize_t size;
    if (PyUnicode_Check(c)) {
        size = PyUnicode_GET_LENGTH(c);
        if (size == 1) return PyLong_FromLong((long)PyUnicode_READ_CHAR(c, 0));
    }
    else if (PyBytes_Check(c)) {
        size = PyBytes_GET_SIZE(c);
        if (size == 1) return PyLong_FromLong((unsigned char)*PyBytes_AS_STRING(c));
    }
    else if (PyByteArray_Check(c)) {
        size = PyByteArray_GET_SIZE(c);
        if (size == 1) return PyLong_FromLong((unsigned char)*PyByteArray_AS_STRING(c));
    }
    else {
        return PyErr_Format(PyExc_TypeError, "ord() expected string of length 1, but %.200s found", Py_TYPE(c)->tp_name);
    }
    return PyErr_Format(PyExc_TypeError, "ord() expected a character, but string of length %zd found", size);
}

static PyObject *builtin_id(PyObject *Py_UNUSED(m), PyObject *x)
{
    PyObject *id = PyLong_FromVoidPtr(x);
    if (id && PySys_Audit("builtins.id", "O", id) < 0) Py_CLEAR(id);
    return id;
}

static PyObject *builtin_hash(PyObject *Py_UNUSED(m), PyObject *x)
{
    Py_hash_t hash = PyObject_Hash(x);
    return hash == -1 ? NULL : PyLong_FromSsize_t(hash);
}

static PyObject *builtin_len(PyObject *Py_UNUSED(m), PyObject *x)
{
    Py_ssize_t size = PyObject_Size(x);
    return size < 0 ? NULL : PyLong_FromSsize_t(size);
}

static PyObject *builtin_divmod(PyObject *Py_UNUSED(m), PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("divmod", nargs, 2, 2)) return NULL;
    return PyNumber_Divmod(args[0], args[1]);
}

static PyObject *builtin_pow(PyObject *Py_UNUSED(m), PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    static const char *const keywords[] = {"base", "exp", "mod", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .fname = "pow"};
    PyObject *buffer[3];
    args = _PyArg_UnpackKeywords(args, nargs, NULL, kwnames, &parser, 2, 3, 0, buffer);
    return args ? PyNumber_Power(args[0], args[1], nargs + (kwnames ? PyTuple_GET_SIZE(kwnames) : 0) > 2 ? args[2] : Py_None) : NULL;
}

static PyObject *builtin_round(PyObject *Py_UNUSED(m), PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    static const char *const keywords[] = {"number", "ndigits", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .fname = "round"};
    PyObject *buffer[2];
    Py_ssize_t given = nargs + (kwnames ? PyTuple_GET_SIZE(kwnames) : 0);
    args = _PyArg_UnpackKeywords(args, nargs, NULL, kwnames, &parser, 1, 2, 0, buffer);
    if (!args) return NULL;
    PyObject *method = _PyObject_LookupSpecial(args[0], NAME(__round__));
    if (!method) {
        if (PyErr_Occurred()) return NULL;
        return PyErr_Format(PyExc_TypeError, "type %.100s doesn't define __round__ method", Py_TYPE(args[0])->tp_name);
    }
    PyObject *result = given < 2 || args[1] == Py_None ? PyObject_CallNoArgs(method) : PyObject_CallOneArg(method, args[1]);
    Py_DECREF(method);
    return result;
}

static PyObject *builtin_format(PyObject *Py_UNUSED(m), PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("format", nargs, 1, 2)) return NULL;
    if (nargs > 1 && !PyUnicode_Check(args[1])) {
        _PyArg_BadArgument("format", "argument 2", "str", args[1]);
        return NULL;
    }
    return PyObject_Format(args[0], nargs > 1 ? args[1] : NULL);
}

/* ---- Attributes ----------------------------------------------------------------------------------------------- */

static PyObject *builtin_getattr(PyObject *Py_UNUSED(m), PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("getattr", nargs, 2, 3)) return NULL;
    if (!PyUnicode_Check(args[1])) {
        PyErr_Format(PyExc_TypeError, "attribute name must be string, not '%.200s'", Py_TYPE(args[1])->tp_name);
        return NULL;
    }
    if (nargs == 2) return PyObject_GetAttr(args[0], args[1]);
    PyObject *value;
    if (_PyObject_LookupAttr(args[0], args[1], &value) == 0) return Py_NewRef(args[2]);
    return value;
}

static PyObject *builtin_setattr(PyObject *Py_UNUSED(m), PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("setattr", nargs, 3, 3) || PyObject_SetAttr(args[0], args[1], args[2]) < 0) return NULL;
    Py_RETURN_NONE;
}

static PyObject *builtin_delattr(PyObject *Py_UNUSED(m), PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("delattr", nargs, 2, 2) || PyObject_SetAttr(args[0], args[1], NULL) < 0) return NULL;
    Py_RETURN_NONE;
}

static PyObject *builtin_hasattr(PyObject *Py_UNUSED(m), PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("hasattr", nargs, 2, 2)) return NULL;
    if (!PyUnicode_Check(args[1])) {
        PyErr_Format(PyExc_TypeError, "attribute name must be string, not '%.200s'", Py_TYPE(args[1])->tp_name);
        return NULL;
    }
    PyObject *value;
    int found = _PyObject_LookupAttr(args[0], args[1], &value);
    if (found < 0) return NULL;
    Py_XDECREF(value);
    return PyBool_FromLong(found);
}

static PyObject *builtin_isinstance(PyObject *Py_UNUSED(m), PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("isinstance", nargs, 2, 2)) return NULL;
    int result = PyObject_IsInstance(args[0], args[1]);
    return result < 0 ? NULL : PyBool_FromLong(result);
}

static PyObject *builtin_issubclass(PyObject *Py_UNUSED(m), PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("issubclass", nargs, 2, 2)) return NULL;
    int result = PyObject_IsSubclass(args[0], args[1]);
    return result < 0 ? NULL : PyBool_FromLong(result);
}

static PyObject *builtin_dir(PyObject *Py_UNUSED(m), PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("dir", nargs, 0, 1)) return NULL;
    return PyObject_Dir(nargs ? args[0] : NULL);
}

static PyObject *builtin_vars(PyObject *Py_UNUSED(m), PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("vars", nargs, 0, 1)) return NULL;
    PyObject *dict;
    if (nargs == 0) return Py_XNewRef(PyEval_GetLocals());
    if (_PyObject_LookupAttr(args[0], NAME(__dict__), &dict) == 0) {
        PyErr_SetString(PyExc_TypeError, "vars() argument must have __dict__ attribute");
    }
    return dict;
}

PyMethodDef builtins_object_methods[] = {
    {"abs", builtin_abs, METH_O, PyDoc_STR("abs($module, x, /)\n--\n\nReturn the absolute value of the argument.")},
    {"ascii", builtin_ascii, METH_O,
     PyDoc_STR("ascii($module, obj, /)\n--\n\nAs repr(), with characters outside ASCII as \\x, \\u or \\U escapes.")},
    {"bin", builtin_bin, METH_O, PyDoc_STR("bin($module, number, /)\n--\n\nReturn the binary text of an integer.\n\n   >>> bin(2796202)\n   '0b1010101010101010101010'")},
    {"callable", builtin_callable, METH_O, PyDoc_STR("callable($module, obj, /)\n--\n\nReturn whether the object can be called.")},
    {"chr", builtin_chr, METH_O, PyDoc_STR("chr($module, i, /)\n--\n\nReturn the string of the one character with code point i; 0 <= i <= 0x10ffff.")},
    {"delattr", (PyCFunction)(void *)builtin_delattr, METH_FASTCALL,
     PyDoc_STR("delattr($module, obj, name, /)\n--\n\nDelete the named attribute.\n\ndelattr(x, 'y') is the same as ``del x.y``")},
    {"dir", (PyCFunction)(void *)builtin_dir, METH_FASTCALL,
     PyDoc_STR("dir([object]) -> list of strings\n\nWithout an argument, the names in the current scope.\nElse, the sorted names of (some of) the object's attributes; if the object\nhas a method __dir__, what that says.")},
    {"divmod", (PyCFunction)(void *)builtin_divmod, METH_FASTCALL,
     PyDoc_STR("divmod($module, x, y, /)\n--\n\nReturn the tuple (x//y, x%y).")},
    {"format", (PyCFunction)(void *)builtin_format, METH_FASTCALL,
     PyDoc_STR("format($module, value, format_spec='', /)\n--\n\nReturn type(value).__format__(value, format_spec).")},
    {"getattr", (PyCFunction)(void *)builtin_getattr, METH_FASTCALL,
     PyDoc_STR("getattr(object, name[, default]) -> value\n\nThe named attribute; getattr(x, 'y') is the same as x.y. When there is none,\nthe default if given, else AttributeError.")},
    {"hasattr", (PyCFunction)(void *)builtin_hasattr, METH_FASTCALL,
     PyDoc_STR("hasattr($module, obj, name, /)\n--\n\nReturn whether getattr(obj, name) works without AttributeError.")},
    {"hash", builtin_hash, METH_O, PyDoc_STR("hash($module, obj, /)\n--\n\nReturn the hash value; equal objects have equal ones.")},
    {"hex", builtin_hex, METH_O, PyDoc_STR("hex($module, number, /)\n--\n\nReturn the hexadecimal text of an integer.\n\n   >>> hex(12648430)\n   '0xc0ffee'")},
    {"id", builtin_id, METH_O, PyDoc_STR("id($module, obj, /)\n--\n\nReturn the object's identity: unique among the objects that live at the time.")},
    {"isinstance", (PyCFunction)(void *)builtin_isinstance, METH_FASTCALL,
     PyDoc_STR("isinstance($module, obj, class_or_tuple, /)\n--\n\nReturn whether the object is an instance of the class or of one in the tuple.")},
    {"issubclass", (PyCFunction)(void *)builtin_issubclass, METH_FASTCALL,
     PyDoc_STR("issubclass($module, cls, class_or_tuple, /)\n--\n\nReturn whether cls derives from the class or from one in the tuple.")},
    {"len", builtin_len, METH_O, PyDoc_STR("len($module, obj, /)\n--\n\nReturn the number of items in a container.")},
    {"oct", builtin_oct, METH_O, PyDoc_STR("oct($module, number, /)\n--\n\nReturn the octal text of an integer.\n\n   >>> oct(342391)\n   '0o1234567'")},
    {"ord", builtin_ord, METH_O, PyDoc_STR("ord($module, c, /)\n--\n\nReturn the code point of a string of one character.")},
    {"pow", (PyCFunction)(void *)builtin_pow, METH_FASTCALL | METH_KEYWORDS,
     PyDoc_STR("pow($module, /, base, exp, mod=None)\n--\n\nReturn base**exp, or, with mod, base**exp % mod.")},
    {"repr", builtin_repr, METH_O, PyDoc_STR("repr($module, obj, /)\n--\n\nReturn the text form; for many types, eval(repr(obj)) == obj.")},
    {"round", (PyCFunction)(void *)builtin_round, METH_FASTCALL | METH_KEYWORDS,
     PyDoc_STR("round($module, /, number, ndigits=None)\n--\n\nRound to a number of decimal digits, which may be negative.\n\nThe result is an int if ndigits is left out or None, else of the number's type.")},
    {"setattr", (PyCFunction)(void *)builtin_setattr, METH_FASTCALL,
     PyDoc_STR("setattr($module, obj, name, value, /)\n--\n\nSet the named attribute.\n\nsetattr(x, 'y', v) is the same as ``x.y = v``")},
    {"vars", (PyCFunction)(void *)builtin_vars, METH_FASTCALL,
     PyDoc_STR("vars([object]) -> dictionary\n\nWithout an argument, as locals(); else object.__dict__.")},
    {0},
};
