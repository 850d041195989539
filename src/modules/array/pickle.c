/* Pickling of arrays: as machine values with a code for their form, which another machine can read. */
#include "modules/array/array.h"

#include <wchar.h>

/* Forms of machine values: their numbers stand in pickles. */
enum {
    UNKNOWN_FORM = -1, UINT8, INT8, UINT16_LE, UINT16_BE, INT16_LE, INT16_BE, UINT32_LE, UINT32_BE, INT32_LE, INT32_BE, UINT64_LE,
    UINT64_BE, INT64_LE, INT64_BE, FLOAT_LE, FLOAT_BE, DOUBLE_LE, DOUBLE_BE, UTF16_LE, UTF16_BE, UTF32_LE, UTF32_BE, N_FORMS,
};

typedef struct {
    int size;
    bool is_signed, is_big_endian;
} Form;

static const Form forms[N_FORMS] = {
    {1, false, false}, {1, true, false}, {2, false, false}, {2, false, true}, {2, true, false}, {2, true, true},
    {4, false, false}, {4, false, true}, {4, true, false}, {4, true, true}, {8, false, false}, {8, false, true},
    {8, true, false}, {8, true, true}, {4, false, false}, {4, false, true}, {8, false, false}, {8, false, true},
    {4, false, false}, {4, false, true}, {8, false, false}, {8, false, true},
};

/* The form that this machine has the items of a kind in. */
static int form_of(const ItemKind *kind)
{
    int big = PY_BIG_ENDIAN;
    switch (kind->typecode) {
        case 'b': return INT8;
        case 'B': return UINT8;
        case 'u': return sizeof(wchar_t) == 4 ? UTF32_LE + big : UTF16_LE + big;
        case 'f': return FLOAT_LE + big;
        case 'd': return DOUBLE_LE + big;
    }
    switch (kind->item_size) {
        case 2: return (kind->is_signed ? INT16_LE : UINT16_LE) + big;
        case 4: return (kind->is_signed ? INT32_LE : UINT32_LE) + big;
        case 8: return (kind->is_signed ? INT64_LE : UINT64_LE) + big;
        default: return UNKNOWN_FORM;
    }
}

PyObject *array_reduce_ex(PyObject *self, PyObject *protocol_arg)
{
    if (!PyLong_Check(protocol_arg)) {
        PyErr_SetString(PyExc_TypeError, "__reduce_ex__ argument should be an integer");
        return NULL;
    }
    long protocol = PyLong_AsLong(protocol_arg);
    if (protocol == -1 && PyErr_Occurred()) return NULL;
    PyObject *dict;
    if (_PyObject_LookupAttr(self, NAME(__dict__), &dict) < 0) return NULL;
    if (dict == NULL) dict = Py_NewRef(Py_None);
    int typecode = as_array(self)->kind->typecode, form = form_of(as_array(self)->kind);
    if (form == UNKNOWN_FORM || protocol < 3) {
        PyObject *list = array_tolist(self, NULL);
        if (list == NULL) goto error;
        return Py_BuildValue("O(CN)N", Py_TYPE(self), typecode, list, dict);
    }
    PyObject *module = PyImport_ImportModule("array");
    PyObject *constructor = module == NULL ? NULL : PyObject_GetAttrString(module, "_array_reconstructor");
    Py_XDECREF(module);
    if (constructor == NULL) goto error;
    PyObject *bytes = PyBytes_FromStringAndSize(as_array(self)->items, (Py_ssize_t)bytes_of(as_array(self)));
    if (bytes == NULL) {
        Py_DECREF(constructor);
        goto error;
    }
    return Py_BuildValue("N(OCiN)N", constructor, Py_TYPE(self), typecode, form, bytes, dict);

error:
    Py_DECREF(dict);
    return NULL;
}

/* A list of the numbers that bytes of a foreign form stand for. */
static PyObject *numbers_from(const unsigned char *bytes, Py_ssize_t n, int form)
{
    const Form *f = &forms[form];
    PyObject *list = PyList_New(n);
    for (Py_ssize_t i = 0; list != NULL && i < n; i++, bytes += f->size) {
        PyObject *number;
        if (form == FLOAT_LE || form == FLOAT_BE) {
            number = PyFloat_FromDouble(PyFloat_Unpack4((const char *)bytes, !f->is_big_endian));
        } else if (form == DOUBLE_LE || form == DOUBLE_BE) {
            number = PyFloat_FromDouble(PyFloat_Unpack8((const char *)bytes, !f->is_big_endian));
        } else {
            number = _PyLong_FromByteArray(bytes, (size_t)f->size, !f->is_big_endian, f->is_signed);
        }
        if (number == NULL) Py_CLEAR(list);
        else PyList_SET_ITEM(list, i, number);
    }
    return list;
}

static PyObject *make_array(PyTypeObject *type, int typecode, PyObject *items)
{
    return PyObject_CallFunction((PyObject *)type, "CO", typecode, items);
}

static PyObject *decode_foreign(PyTypeObject *type, const ItemKind *kind, int form, PyObject *bytes)
{
    const char *data = PyBytes_AS_STRING(bytes);
    Py_ssize_t n = PyBytes_GET_SIZE(bytes);
    PyObject *items;
    int typecode = kind->typecode;
    if (form >= UTF16_LE) {
        int order = forms[form].is_big_endian ? 1 : -1;
        items = form <= UTF16_BE ? PyUnicode_DecodeUTF16(data, n, "strict", &order)
                                 : PyUnicode_DecodeUTF32(data, n, "strict", &order);
    } else {
        if (n % forms[form].size != 0) {
            PyErr_SetString(PyExc_ValueError, "bytes length not a multiple of item size");
            return NULL;
        }
        if (form < FLOAT_LE) {  /* a kind that has room for just these integers, if the stated one has not */
            for (const ItemKind *other = array_kinds; other->typecode != 0; other++) {
                if (other->is_integer && other->item_size == forms[form].size && other->is_signed == forms[form].is_signed) {
                    typecode = other->typecode;
                }
            }
            if (kind->is_integer && kind->item_size == forms[form].size && kind->is_signed == forms[form].is_signed) {
                typecode = kind->typecode;
            }
        }
        items = numbers_from((const unsigned char *)data, n / forms[form].size, form);
    }
    if (items == NULL) return NULL;
    PyObject *result = make_array(type, typecode, items);
    Py_DECREF(items);
    return result;
}

PyObject *array_reconstructor(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    PyObject *type, *items;
    int typecode, form;
    if (!_PyArg_CheckPositional("_array_reconstructor", nargs, 4, 4)
        || !_PyArg_ParseStack(args, nargs, "OCiO:_array_reconstructor", &type, &typecode, &form, &items)) return NULL;
    if (!PyType_Check(type)) {
        PyErr_Format(PyExc_TypeError, "first argument must be a type object, not %.200s", Py_TYPE(type)->tp_name);
        return NULL;
    }
    if (!PyType_IsSubtype((PyTypeObject *)type, &array_type)) {
        PyErr_Format(PyExc_TypeError, "%.200s is not a subtype of %.200s", ((PyTypeObject *)type)->tp_name, array_type.tp_name);
        return NULL;
    }
    const ItemKind *kind = array_kind_of(typecode);
    if (kind == NULL) {
        PyErr_SetString(PyExc_ValueError, "second argument must be a valid type code");
        return NULL;
    }
    if (form < 0 || form >= N_FORMS) {
        PyErr_SetString(PyExc_ValueError, "third argument must be a valid machine format code.");
        return NULL;
    }
    if (!PyBytes_Check(items)) {
        PyErr_Format(PyExc_TypeError, "fourth argument should be bytes, not %.200s", Py_TYPE(items)->tp_name);
        return NULL;
    }
    if (form == form_of(kind)) return make_array((PyTypeObject *)type, typecode, items);
    return decode_foreign((PyTypeObject *)type, kind, form, items);
}
