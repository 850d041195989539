/* The methods of array.array, and the module. */
#include "modules/array/array.h"
#include "vm/packed.h"
#include "vm/vm.h"

#include <wchar.h>

static bool index_argument(PyObject *arg, Py_ssize_t *index)
{
    PyObject *number = PyNumber_Index(arg);
    if (number == NULL) return false;
    *index = PyLong_AsSsize_t(number);
    Py_DECREF(number);
    return *index != -1 || !PyErr_Occurred();
}

static PyObject *none_unless(int failed)
{
    return failed < 0 ? NULL : Py_NewRef(Py_None);
}

/* ---- Items ---- */

static PyObject *array_append(PyObject *self, PyObject *value)
{
    return none_unless(array_append_item(as_array(self), value));
}

static PyObject *array_extend(PyObject *self, PyObject *iterable)
{
    return none_unless(array_extend_from(self, iterable));
}

static PyObject *array_insert(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    Array *array = as_array(self);
    Py_ssize_t where, item_size = array->kind->item_size;
    if (!_PyArg_CheckPositional("insert", nargs, 2, 2) || !index_argument(args[0], &where)) return NULL;
    if (array->kind->set(array, -1, args[1]) < 0) return NULL;
    Py_ssize_t n = Py_SIZE(array);
    if (array_resize(array, n + 1) < 0) return NULL;
    if (where < 0) where = Py_MAX(where + n, 0);
    if (where > n) where = n;
    memmove(array->items + (where + 1) * item_size, array->items + where * item_size, (size_t)((n - where) * item_size));
    return none_unless(array->kind->set(array, where, args[1]));
}

static PyObject *array_pop(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    Py_ssize_t where = -1;
    if (!_PyArg_CheckPositional("pop", nargs, 0, 1) || (nargs == 1 && !index_argument(args[0], &where))) return NULL;
    if (Py_SIZE(self) == 0) {
        PyErr_SetString(PyExc_IndexError, "pop from empty array");
        return NULL;
    }
    if (where < 0) where += Py_SIZE(self);
    if ((size_t)where >= (size_t)Py_SIZE(self)) {
        PyErr_SetString(PyExc_IndexError, "pop index out of range");
        return NULL;
    }
    PyObject *value = as_array(self)->kind->get(as_array(self), where);
    if (value != NULL && array_replace_range(as_array(self), where, where + 1, NULL) < 0) Py_CLEAR(value);
    return value;
}

/* Equality of item i and value: 1, 0 or -1. */
static int item_equals(PyObject *self, Py_ssize_t i, PyObject *value)
{
    PyObject *item = as_array(self)->kind->get(as_array(self), i);
    if (item == NULL) return -1;
    int equal = PyObject_RichCompareBool(item, value, Py_EQ);
    Py_DECREF(item);
    return equal;
}

static PyObject *array_index(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    Py_ssize_t start, stop;
    if (index_arguments(args, nargs, Py_SIZE(self), &start, &stop) < 0) return NULL;
    for (Py_ssize_t i = start; i < stop && i < Py_SIZE(self); i++) {
        int equal = item_equals(self, i, args[0]);
        if (equal < 0) return NULL;
        if (equal) return PyLong_FromSsize_t(i);
    }
    PyErr_SetString(PyExc_ValueError, "array.index(x): x not in array");
    return NULL;
}

static PyObject *array_count(PyObject *self, PyObject *value)
{
    Py_ssize_t count = 0;
    for (Py_ssize_t i = 0; i < Py_SIZE(self); i++) {
        int equal = item_equals(self, i, value);
        if (equal < 0) return NULL;
        count += equal;
    }
    return PyLong_FromSsize_t(count);
}

static PyObject *array_remove(PyObject *self, PyObject *value)
{
    for (Py_ssize_t i = 0; i < Py_SIZE(self); i++) {
        int equal = item_equals(self, i, value);
        if (equal < 0) return NULL;
        if (equal) return none_unless(array_replace_range(as_array(self), i, i + 1, NULL));
    }
    PyErr_SetString(PyExc_ValueError, "array.remove(x): x not in array");
    return NULL;
}

static PyObject *array_reverse(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    Array *array = as_array(self);
    size_t size = (size_t)array->kind->item_size;
    char item[16];
    if (Py_SIZE(array) < 2) Py_RETURN_NONE;
    for (char *low = array->items, *high = low + bytes_of(array) - size; low < high; low += size, high -= size) {
        memcpy(item, low, size);
        memcpy(low, high, size);
        memcpy(high, item, size);
    }
    Py_RETURN_NONE;
}

static PyObject *array_byteswap(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    Array *array = as_array(self);
    int size = array->kind->item_size;
    char *item = array->items;
    for (Py_ssize_t i = 0; i < Py_SIZE(array); i++, item += size) {
        for (int low = 0, high = size - 1; low < high; low++, high--) {
            char byte = item[low];
            item[low] = item[high];
            item[high] = byte;
        }
    }
    Py_RETURN_NONE;
}

/* ---- Copies and conversions ---- */

static PyObject *array_copy(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    PyObject *copy = array_new_of(&array_type, Py_SIZE(self), as_array(self)->kind);
    if (copy != NULL && Py_SIZE(self) > 0) memcpy(as_array(copy)->items, as_array(self)->items, bytes_of(as_array(self)));
    return copy;
}

PyObject *array_tolist(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    PyObject *list = PyList_New(Py_SIZE(self));
    for (Py_ssize_t i = 0; list != NULL && i < Py_SIZE(self); i++) {
        PyObject *item = as_array(self)->kind->get(as_array(self), i);
        if (item == NULL) Py_CLEAR(list);
        else PyList_SET_ITEM(list, i, item);
    }
    return list;
}

static PyObject *array_fromlist(PyObject *self, PyObject *list)
{
    Array *array = as_array(self);
    if (!PyList_Check(list)) {
        PyErr_SetString(PyExc_TypeError, "arg must be list");
        return NULL;
    }
    Py_ssize_t n = PyList_GET_SIZE(list), old = Py_SIZE(array);
    if (n == 0) Py_RETURN_NONE;
    if (array_resize(array, old + n) < 0) return NULL;
    for (Py_ssize_t i = 0; i < n; i++) {
        PyObject *value = Py_NewRef(PyList_GET_ITEM(list, i));
        int result = array->kind->set(array, old + i, value);
        Py_DECREF(value);
        if (result == 0 && n != PyList_GET_SIZE(list)) {
            PyErr_SetString(PyExc_RuntimeError, "list changed size during iteration");
            result = -1;
        }
        if (result < 0) {
            array_resize(array, old);
            return NULL;
        }
    }
    Py_RETURN_NONE;
}

static PyObject *array_tobytes(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return PyBytes_FromStringAndSize(as_array(self)->items, (Py_ssize_t)bytes_of(as_array(self)));
}

static PyObject *array_frombytes(PyObject *self, PyObject *arg)
{
    Py_buffer buffer;
    if (PyObject_GetBuffer(arg, &buffer, PyBUF_SIMPLE) < 0) return NULL;
    int result = array_append_bytes(as_array(self), buffer.buf, buffer.len);
    PyBuffer_Release(&buffer);
    return none_unless(result);
}

static PyObject *array_fromunicode(PyObject *self, PyObject *text)
{
    if (!PyUnicode_Check(text)) {
        _PyArg_BadArgument("fromunicode", "argument", "str", text);
        return NULL;
    }
    if (as_array(self)->kind->typecode != 'u') {
        PyErr_SetString(PyExc_ValueError, "fromunicode() may only be called on unicode type arrays");
        return NULL;
    }
    return none_unless(array_append_str(as_array(self), text));
}

PyObject *array_tounicode(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    if (as_array(self)->kind->typecode != 'u') {
        PyErr_SetString(PyExc_ValueError, "tounicode() may only be called on unicode type arrays");
        return NULL;
    }
    return PyUnicode_FromWideChar((wchar_t *)as_array(self)->items, Py_SIZE(self));
}

/* ---- Files ---- */

static PyObject *array_fromfile(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    Py_ssize_t n, item_size = as_array(self)->kind->item_size;
    if (!_PyArg_CheckPositional("fromfile", nargs, 2, 2) || !index_argument(args[1], &n)) return NULL;
    if (n < 0) {
        PyErr_SetString(PyExc_ValueError, "negative count");
        return NULL;
    }
    if (n > PY_SSIZE_T_MAX / item_size) return PyErr_NoMemory();
    PyObject *bytes = PyObject_CallMethod(args[0], "read", "n", n * item_size);
    if (bytes == NULL) return NULL;
    int result = -1;
    if (!PyBytes_Check(bytes)) {
        PyErr_SetString(PyExc_TypeError, "read() didn't return bytes");
    } else {
        bool enough = PyBytes_GET_SIZE(bytes) == n * item_size;
        result = array_append_bytes(as_array(self), PyBytes_AS_STRING(bytes), PyBytes_GET_SIZE(bytes));
        if (result == 0 && !enough) {
            PyErr_SetString(PyExc_EOFError, "read() didn't return enough bytes");
            result = -1;
        }
    }
    Py_DECREF(bytes);
    return none_unless(result);
}

static PyObject *array_tofile(PyObject *self, PyObject *file)
{
    const size_t block_size = 64 * 1024;
    for (size_t done = 0; done < bytes_of(as_array(self)); done += block_size) {
        size_t n = Py_MIN(block_size, bytes_of(as_array(self)) - done);
        PyObject *bytes = PyBytes_FromStringAndSize(as_array(self)->items + done, (Py_ssize_t)n);
        if (bytes == NULL) return NULL;
        PyObject *written = PyObject_CallMethod(file, "write", "O", bytes);
        Py_DECREF(bytes);
        if (written == NULL) return NULL;
        Py_DECREF(written);
    }
    Py_RETURN_NONE;
}

/* ---- Others ---- */

static PyObject *array_buffer_info(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return Py_BuildValue("Nn", PyLong_FromVoidPtr(as_array(self)->items), Py_SIZE(self));
}

static PyObject *array_sizeof(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return PyLong_FromSsize_t(Py_TYPE(self)->tp_basicsize + as_array(self)->allocated * as_array(self)->kind->item_size);
}

static PyObject *array_get_typecode(PyObject *self, void *Py_UNUSED(ignored))
{
    return PyUnicode_FromFormat("%c", as_array(self)->kind->typecode);
}

static PyObject *array_get_itemsize(PyObject *self, void *Py_UNUSED(ignored))
{
    return PyLong_FromLong(as_array(self)->kind->item_size);
}

#define FASTCALL(function) ((PyCFunction)(void (*)(void))(function)), METH_FASTCALL

PyMethodDef array_methods[] = {
    {"append", array_append, METH_O, "append($self, v, /)\n--\n\nAdds v at the end."},
    {"buffer_info", array_buffer_info, METH_NOARGS,
     "buffer_info($self, /)\n--\n\n"
     "The pair (address, length) of the memory that holds the items; the length counts items."},
    {"byteswap", array_byteswap, METH_NOARGS, "byteswap($self, /)\n--\n\nTurns the bytes of each item around."},
    {"__copy__", array_copy, METH_NOARGS, "__copy__($self, /)\n--\n\nA new array of the same items."},
    {"__deepcopy__", array_copy, METH_O, "__deepcopy__($self, unused, /)\n--\n\nA new array of the same items."},
    {"count", array_count, METH_O, "count($self, v, /)\n--\n\nHow often v occurs."},
    {"extend", array_extend, METH_O, "extend($self, bb, /)\n--\n\nAdds items at the end."},
    {"fromfile", FASTCALL(array_fromfile),
     "fromfile($self, f, n, /)\n--\n\nReads n items from the file object f and adds them at the end."},
    {"fromlist", array_fromlist, METH_O, "fromlist($self, list, /)\n--\n\nAdds the items of a list, all or none."},
    {"frombytes", array_frombytes, METH_O,
     "frombytes($self, buffer, /)\n--\n\nAdds items, given as machine values in a bytes-like object."},
    {"fromunicode", array_fromunicode, METH_O,
     "fromunicode($self, ustr, /)\n--\n\nAdds the characters of a str.\n\n"
     "ValueError unless the typecode is 'u'; array.frombytes(ustr.encode(...)) does it for others."},
    {"index", FASTCALL(array_index),
     "index($self, v, start=0, stop=sys.maxsize, /)\n--\n\nThe first position of v.\n\nValueError if it is not there."},
    {"insert", FASTCALL(array_insert), "insert($self, i, v, /)\n--\n\nPuts v in front of position i."},
    {"pop", FASTCALL(array_pop),
     "pop($self, i=-1, /)\n--\n\nTakes out the item at i (the last one by default) and returns it."},
    {"__reduce_ex__", array_reduce_ex, METH_O, "__reduce_ex__($self, value, /)\n--\n\nWhat pickling needs."},
    {"remove", array_remove, METH_O, "remove($self, v, /)\n--\n\nTakes out the first item equal to v."},
    {"reverse", array_reverse, METH_NOARGS, "reverse($self, /)\n--\n\nTurns the order of the items around."},
    {"tofile", array_tofile, METH_O, "tofile($self, f, /)\n--\n\nWrites all items, as machine values, to the file object f."},
    {"tolist", array_tolist, METH_NOARGS, "tolist($self, /)\n--\n\nA list of the items."},
    {"tobytes", array_tobytes, METH_NOARGS, "tobytes($self, /)\n--\n\nThe items as machine values."},
    {"tounicode", array_tounicode, METH_NOARGS,
     "tounicode($self, /)\n--\n\nA str of the characters.\n\n"
     "ValueError unless the typecode is 'u'; array.tobytes().decode() does it for others."},
    {"__sizeof__", array_sizeof, METH_NOARGS, "__sizeof__($self, /)\n--\n\nThe bytes of memory that the array takes."},
    {NULL, NULL, 0, NULL},
};

PyGetSetDef array_getset[] = {
    {"typecode", array_get_typecode, NULL, "the letter of the kind of items", NULL},
    {"itemsize", array_get_itemsize, NULL, "bytes of one item", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

/* ---- The module ---- */

static int register_as_sequence(void)
{
    PyObject *abc = PyImport_ImportModule("collections.abc");
    if (abc == NULL) return -1;
    PyObject *sequence = PyObject_GetAttrString(abc, "MutableSequence");
    Py_DECREF(abc);
    if (sequence == NULL) return -1;
    PyObject *done = PyObject_CallMethod(sequence, "register", "O", &array_type);
    Py_DECREF(sequence);
    Py_XDECREF(done);
    return done == NULL ? -1 : 0;
}

/* What an array holds, for the VM: vm_runtime.array_items. */
static void packed_items(PyObject *op, PackedItems *p)
{
    const Array *array = as_array(op);
    *p = (PackedItems){array->items, Py_SIZE(array), array->kind->item_size, array->kind->format[0], false};
}

static int module_exec(PyObject *module)
{
    char typecodes[Py_ARRAY_LENGTH("bBuhHiIlLqQfd") + 1] = "";
    for (int i = 0; array_kinds[i].typecode != 0; i++) typecodes[i] = (char)array_kinds[i].typecode;
    if (PyType_Ready(&array_iterator_type) < 0 || PyModule_AddType(module, &array_type) < 0) return -1;
    if (PyModule_AddObjectRef(module, "ArrayType", (PyObject *)&array_type) < 0) return -1;
    if (register_as_sequence() < 0) return -1;
    vm_runtime.array_items = packed_items;
    vm_runtime.array_type = &array_type;
    return PyModule_AddStringConstant(module, "typecodes", typecodes);
}

static PyMethodDef module_methods[] = {
    {"_array_reconstructor", FASTCALL(array_reconstructor),
     "_array_reconstructor($module, arraytype, typecode, mformat_code, items,\n                     /)\n--\n\n"
     "Internal. Used for pickling support."},
    {NULL, NULL, 0, NULL},
};

static PyModuleDef_Slot module_slots[] = {
    {Py_mod_exec, module_exec},
    {0, NULL},
};

static struct PyModuleDef module_def = {
    .m_base = PyModuleDef_HEAD_INIT,
    .m_name = "array",
    .m_doc = "Arrays of numbers or characters, kept as the machine has them. They behave much like lists, but all\n"
             "items are of one type, which is stated by a letter, the typecode, when an array is made.\n",
    .m_methods = module_methods,
    .m_slots = module_slots,
};

PyMODINIT_FUNC PyInit_array(void)
{
    return PyModuleDef_Init(&module_def);
}
