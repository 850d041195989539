/* Fields of C structs as attributes: PyMember_GetOne and PyMember_SetOne for all kinds of
 * structmember.h. */
#include <Python.h>
#include <stdbool.h>
#include <structmember.h>

#include "objects/immortal.h"

/* New reference to the field that `member` describes in the object at `address`. */
PyObject *PyMember_GetOne(const char *address, PyMemberDef *member)
{
    const char *field = address + member->offset;
    PyObject *value;
    switch (member->type) {
    case T_BOOL:
        return PyBool_FromLong(*(char *)field);
    case T_BYTE:
        return PyLong_FromLong(*(signed char *)field);
    case T_UBYTE:
        return PyLong_FromUnsignedLong(*(unsigned char *)field);
    case T_SHORT:
        return PyLong_FromLong(*(short *)field);
    case T_USHORT:
        return PyLong_FromUnsignedLong(*(unsigned short *)field);
    case T_INT:
        return PyLong_FromLong(*(int *)field);
    case T_UINT:
        return PyLong_FromUnsignedLong(*(unsigned int *)field);
    case T_LONG:
        return PyLong_FromLong(*(long *)field);
    case T_ULONG:
        return PyLong_FromUnsignedLong(*(unsigned long *)field);
    case T_LONGLONG:
        return PyLong_FromLongLong(*(long long *)field);
    case T_ULONGLONG:
        return PyLong_FromUnsignedLongLong(*(unsigned long long *)field);
    case T_PYSSIZET:
        return PyLong_FromSsize_t(*(Py_ssize_t *)field);
    case T_FLOAT:
        return PyFloat_FromDouble(*(float *)field);
    case T_DOUBLE:
        return PyFloat_FromDouble(*(double *)field);
    case T_STRING:
        if (!*(char **)field) Py_RETURN_NONE;
        return PyUnicode_FromString(*(char **)field);
    case T_STRING_INPLACE:
        return PyUnicode_FromString(field);
    case T_CHAR:
        return PyUnicode_FromStringAndSize(field, 1);
    case T_OBJECT:
        value = *(PyObject **)field;
        return Py_NewRef(value ? value : Py_None);
    case T_OBJECT_EX:
        value = *(PyObject **)field;
        if (!value) {
            PyObject *self = (PyObject *)address;
            PyErr_Format(PyExc_AttributeError, "'%.200s' object has no attribute '%s'",
                         Py_TYPE(self)->tp_name, member->name);
        }
        return Py_XNewRef(value);
    case T_NONE:
        Py_RETURN_NONE;
    default:
        PyErr_SetString(PyExc_SystemError, "bad memberdescr type");
        return NULL;
    }
}

/* -- Setting ---------------------------------------------------------------------------------- */

static int warn_truncated(const char *c_type)
{
    return PyErr_WarnFormat(PyExc_RuntimeWarning, 1, "Truncation of value to %s", c_type);
}

/* Converts to a C long and checks that it fits. -1 with an exception in *failed. */
static long to_long(PyObject *value, long low, long high, const char *c_type, bool *failed)
{
    long n = PyLong_AsLong(value);
    *failed =
        (n == -1 && PyErr_Occurred()) || ((n < low || n > high) && warn_truncated(c_type) < 0);
    return n;
}

/* For unsigned kinds, which accept negative numbers with a warning. */
static unsigned long to_unsigned_long(PyObject *value, const char *c_type, bool *failed)
{
    unsigned long n = PyLong_AsUnsignedLong(value);
    *failed = false;
    if (n == (unsigned long)-1 && PyErr_Occurred()) {
        PyErr_Clear();
        n = (unsigned long)PyLong_AsLong(value);
        if (n == (unsigned long)-1 && PyErr_Occurred()) {
            *failed = true;
        } else {
            *failed = PyErr_WarnFormat(PyExc_RuntimeWarning, 1,
                                       "Writing negative value into unsigned field")
                      < 0;
        }
    }
    if (!*failed && strcmp(c_type, "unsigned int") == 0 && n > UINT_MAX) {
        *failed = warn_truncated(c_type) < 0;
    }
    return n;
}

static int set_small_int(char *field, int kind, PyObject *value)
{
    bool failed;
    switch (kind) {
    case T_BYTE:
        *(signed char *)field = (signed char)to_long(value, CHAR_MIN, CHAR_MAX, "char", &failed);
        break;
    case T_UBYTE:
        *(unsigned char *)field =
            (unsigned char)to_long(value, 0, UCHAR_MAX, "unsigned char", &failed);
        break;
    case T_SHORT:
        *(short *)field = (short)to_long(value, SHRT_MIN, SHRT_MAX, "short", &failed);
        break;
    case T_USHORT:
        *(unsigned short *)field =
            (unsigned short)to_long(value, 0, USHRT_MAX, "unsigned short", &failed);
        break;
    case T_INT:
        *(int *)field = (int)to_long(value, INT_MIN, INT_MAX, "int", &failed);
        break;
    case T_UINT:
        *(unsigned int *)field = (unsigned int)to_unsigned_long(value, "unsigned int", &failed);
        break;
    default:
        *(unsigned long *)field = to_unsigned_long(value, "unsigned long", &failed);
    }
    return failed ? -1 : 0;
}

static int set_long_int(char *field, int kind, PyObject *value)
{
    switch (kind) {
    case T_LONG:
        *(long *)field = PyLong_AsLong(value);
        return *(long *)field == -1 && PyErr_Occurred() ? -1 : 0;
    case T_PYSSIZET:
        *(Py_ssize_t *)field = PyLong_AsSsize_t(value);
        return *(Py_ssize_t *)field == -1 && PyErr_Occurred() ? -1 : 0;
    case T_LONGLONG:
        *(long long *)field = PyLong_AsLongLong(value);
        return *(long long *)field == -1 && PyErr_Occurred() ? -1 : 0;
    default: {
        unsigned long long n = PyLong_Check(value) ? PyLong_AsUnsignedLongLong(value)
                                                   : (unsigned long long)PyLong_AsLong(value);
        *(unsigned long long *)field = n;
        return n == (unsigned long long)-1 && PyErr_Occurred() ? -1 : 0;
    }
    }
}

static int set_char(char *field, PyObject *value)
{
    Py_ssize_t length;
    const char *text = PyUnicode_Check(value) ? PyUnicode_AsUTF8AndSize(value, &length) : NULL;
    if (!text || length != 1) {
        if (!PyErr_Occurred()) PyErr_BadArgument();
        return -1;
    }
    *field = *text;
    return 0;
}

static int set_float(char *field, int kind, PyObject *value)
{
    double number = PyFloat_AsDouble(value);
    if (number == -1 && PyErr_Occurred()) return -1;
    if (kind == T_FLOAT) *(float *)field = (float)number;
    else *(double *)field = number;
    return 0;
}

static void replace_reference(char *field, const PyMemberDef *member, PyObject *value)
{
    bool spares = member->flags & MEMBER_SPARES_IMMORTALS;
    PyObject *old = *(PyObject **)field;
    *(PyObject **)field = value ? spares ? immortal_keep(value) : Py_NewRef(value) : NULL;
    if (!old) return;
    if (spares) immortal_drop(old);
    else Py_DECREF(old);
}

/* Deleting: for references only. */
static int delete_field(char *field, PyMemberDef *member)
{
    if (member->type == T_OBJECT_EX && !*(PyObject **)field) {
        PyErr_SetString(PyExc_AttributeError, member->name);
        return -1;
    }
    if (member->type != T_OBJECT && member->type != T_OBJECT_EX) {
        PyErr_SetString(PyExc_TypeError, "can't delete numeric/char attribute");
        return -1;
    }
    replace_reference(field, member, NULL);
    return 0;
}

/* Sets (value NULL: deletes) the field. 0, or -1 with an exception. */
int PyMember_SetOne(char *address, PyMemberDef *member, PyObject *value)
{
    char *field = address + member->offset;
    if (member->flags & READONLY) {
        PyErr_SetString(PyExc_AttributeError, "readonly attribute");
        return -1;
    }
    if (!value) return delete_field(field, member);
    switch (member->type) {
    case T_BOOL:
        if (!PyBool_Check(value)) {
            PyErr_SetString(PyExc_TypeError, "attribute value type must be bool");
            return -1;
        }
        *field = value == Py_True;
        return 0;
    case T_BYTE:
    case T_UBYTE:
    case T_SHORT:
    case T_USHORT:
    case T_INT:
    case T_UINT:
    case T_ULONG:
        return set_small_int(field, member->type, value);
    case T_LONG:
    case T_PYSSIZET:
    case T_LONGLONG:
    case T_ULONGLONG:
        return set_long_int(field, member->type, value);
    case T_FLOAT:
    case T_DOUBLE:
        return set_float(field, member->type, value);
    case T_OBJECT:
    case T_OBJECT_EX:
        replace_reference(field, member, value);
        return 0;
    case T_CHAR:
        return set_char(field, value);
    case T_STRING:
    case T_STRING_INPLACE:
        PyErr_SetString(PyExc_TypeError, "readonly attribute");
        return -1;
    default:
        PyErr_Format(PyExc_SystemError, "bad memberdescr type for %s", member->name);
        return -1;
    }
}
