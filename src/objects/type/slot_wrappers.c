/* Special methods of built-in types: each takes its arguments out of a tuple and calls the slot it
 * wraps. */
#include "objects/type/slot_wrappers.h"

#include "objects/type/type.h"

static bool check_count(PyObject *args, Py_ssize_t wanted)
{
    if (!PyTuple_CheckExact(args)) {
        PyErr_SetString(PyExc_SystemError, "PyArg_UnpackTuple() argument list is not a tuple");
        return false;
    }
    if (PyTuple_GET_SIZE(args) == wanted) return true;
    PyErr_Format(PyExc_TypeError, "expected %zd argument%s, got %zd", wanted,
                 wanted == 1 ? "" : "s", PyTuple_GET_SIZE(args));
    return false;
}

static PyObject *none_unless(bool failed)
{
    return failed ? NULL : Py_NewRef(Py_None);
}

/* -- Numbers ---------------------------------------------------------------------------------- */

PyObject *wrap_unaryfunc(PyObject *self, PyObject *args, void *wrapped)
{
    return check_count(args, 0) ? ((unaryfunc)wrapped)(self) : NULL;
}

PyObject *wrap_binaryfunc(PyObject *self, PyObject *args, void *wrapped)
{
    return check_count(args, 1) ? ((binaryfunc)wrapped)(self, PyTuple_GET_ITEM(args, 0)) : NULL;
}

PyObject *wrap_binaryfunc_l(PyObject *self, PyObject *args, void *wrapped)
{
    return wrap_binaryfunc(self, args, wrapped);
}

PyObject *wrap_binaryfunc_r(PyObject *self, PyObject *args, void *wrapped)
{
    return check_count(args, 1) ? ((binaryfunc)wrapped)(PyTuple_GET_ITEM(args, 0), self) : NULL;
}

PyObject *wrap_ternaryfunc(PyObject *self, PyObject *args, void *wrapped)
{
    PyObject *other, *third = Py_None;
    if (!PyArg_UnpackTuple(args, "", 1, 2, &other, &third)) return NULL;
    return ((ternaryfunc)wrapped)(self, other, third);
}

PyObject *wrap_ternaryfunc_r(PyObject *self, PyObject *args, void *wrapped)
{
    PyObject *other, *third = Py_None;
    if (!PyArg_UnpackTuple(args, "", 1, 2, &other, &third)) return NULL;
    return ((ternaryfunc)wrapped)(other, self, third);
}

PyObject *wrap_inquirypred(PyObject *self, PyObject *args, void *wrapped)
{
    if (!check_count(args, 0)) return NULL;
    int truth = ((inquiry)wrapped)(self);
    return truth == -1 && PyErr_Occurred() ? NULL : PyBool_FromLong(truth);
}

PyObject *wrap_hashfunc(PyObject *self, PyObject *args, void *wrapped)
{
    if (!check_count(args, 0)) return NULL;
    Py_hash_t hash = ((hashfunc)wrapped)(self);
    return hash == -1 && PyErr_Occurred() ? NULL : PyLong_FromSsize_t(hash);
}

/* -- Containers ------------------------------------------------------------------------------- */

PyObject *wrap_lenfunc(PyObject *self, PyObject *args, void *wrapped)
{
    if (!check_count(args, 0)) return NULL;
    Py_ssize_t length = ((lenfunc)wrapped)(self);
    return length < 0 && PyErr_Occurred() ? NULL : PyLong_FromSsize_t(length);
}

PyObject *wrap_indexargfunc(PyObject *self, PyObject *args, void *wrapped)
{
    PyObject *index;
    if (!PyArg_UnpackTuple(args, "", 1, 1, &index)) return NULL;
    Py_ssize_t n = PyNumber_AsSsize_t(index, PyExc_OverflowError);
    if (n == -1 && PyErr_Occurred()) return NULL;
    return ((ssizeargfunc)wrapped)(self, n);
}

/* The index for a sequence slot, which counts from the end itself if negative. -1 with an
 * exception. */
static Py_ssize_t sequence_index(PyObject *self, PyObject *arg)
{
    Py_ssize_t i = PyNumber_AsSsize_t(arg, PyExc_OverflowError);
    if (i == -1 && PyErr_Occurred()) return -1;
    PySequenceMethods *methods = Py_TYPE(self)->tp_as_sequence;
    if (i < 0 && methods && methods->sq_length) {
        Py_ssize_t length = methods->sq_length(self);
        if (length < 0) return -1;
        i += length;
    }
    return i;
}

PyObject *wrap_sq_item(PyObject *self, PyObject *args, void *wrapped)
{
    if (!check_count(args, 1)) return NULL;
    Py_ssize_t i = sequence_index(self, PyTuple_GET_ITEM(args, 0));
    if (i == -1 && PyErr_Occurred()) return NULL;
    return ((ssizeargfunc)wrapped)(self, i);
}

PyObject *wrap_sq_setitem(PyObject *self, PyObject *args, void *wrapped)
{
    PyObject *arg, *value;
    if (!PyArg_UnpackTuple(args, "", 2, 2, &arg, &value)) return NULL;
    Py_ssize_t i = sequence_index(self, arg);
    if (i == -1 && PyErr_Occurred()) return NULL;
    int status = ((ssizeobjargproc)wrapped)(self, i, value);
    return none_unless(status == -1 && PyErr_Occurred());
}

PyObject *wrap_sq_delitem(PyObject *self, PyObject *args, void *wrapped)
{
    if (!check_count(args, 1)) return NULL;
    Py_ssize_t i = sequence_index(self, PyTuple_GET_ITEM(args, 0));
    if (i == -1 && PyErr_Occurred()) return NULL;
    int status = ((ssizeobjargproc)wrapped)(self, i, NULL);
    return none_unless(status == -1 && PyErr_Occurred());
}

PyObject *wrap_objobjproc(PyObject *self, PyObject *args, void *wrapped)
{
    if (!check_count(args, 1)) return NULL;
    int truth = ((objobjproc)wrapped)(self, PyTuple_GET_ITEM(args, 0));
    return truth == -1 && PyErr_Occurred() ? NULL : PyBool_FromLong(truth);
}

PyObject *wrap_objobjargproc(PyObject *self, PyObject *args, void *wrapped)
{
    PyObject *key, *value;
    if (!PyArg_UnpackTuple(args, "", 2, 2, &key, &value)) return NULL;
    int status = ((objobjargproc)wrapped)(self, key, value);
    return none_unless(status == -1 && PyErr_Occurred());
}

PyObject *wrap_delitem(PyObject *self, PyObject *args, void *wrapped)
{
    if (!check_count(args, 1)) return NULL;
    int status = ((objobjargproc)wrapped)(self, PyTuple_GET_ITEM(args, 0), NULL);
    return none_unless(status == -1 && PyErr_Occurred());
}

/* -- Attributes and descriptors --------------------------------------------------------------- */

/* Refuses object.__setattr__(int, …) and its like: a wrapper must not jump over the C code of a
 * type between. */
static bool check_setattr_allowed(PyObject *self, setattrofunc wrapped, const char *what)
{
    PyTypeObject *type = Py_TYPE(self), *definer = type;
    PyObject *mro = type->tp_mro;
    if (!mro) return true;
    for (Py_ssize_t i = PyTuple_GET_SIZE(mro) - 1; i >= 0; i--) {
        PyTypeObject *base = (PyTypeObject *)PyTuple_GET_ITEM(mro, i);
        if (base->tp_setattro == type->tp_setattro && base->tp_setattro != slot_tp_setattro) {
            definer = base;
            break;
        }
    }
    for (PyTypeObject *base = definer; base; base = base->tp_base) {
        if (base->tp_setattro == wrapped) break;
        if (base->tp_setattro != slot_tp_setattro) {
            PyErr_Format(PyExc_TypeError, "can't apply this %s to %s object", what, type->tp_name);
            return false;
        }
    }
    return true;
}

PyObject *wrap_setattr(PyObject *self, PyObject *args, void *wrapped)
{
    PyObject *name, *value;
    if (!PyArg_UnpackTuple(args, "", 2, 2, &name, &value)) return NULL;
    if (!check_setattr_allowed(self, (setattrofunc)wrapped, "__setattr__")) return NULL;
    return none_unless(((setattrofunc)wrapped)(self, name, value) < 0);
}

PyObject *wrap_delattr(PyObject *self, PyObject *args, void *wrapped)
{
    if (!check_count(args, 1)) return NULL;
    if (!check_setattr_allowed(self, (setattrofunc)wrapped, "__delattr__")) return NULL;
    return none_unless(((setattrofunc)wrapped)(self, PyTuple_GET_ITEM(args, 0), NULL) < 0);
}

PyObject *wrap_descr_get(PyObject *self, PyObject *args, void *wrapped)
{
    PyObject *obj, *type = NULL;
    if (!PyArg_UnpackTuple(args, "", 1, 2, &obj, &type)) return NULL;
    if (obj == Py_None) obj = NULL;
    if (type == Py_None) type = NULL;
    if (!type && !obj) {
        PyErr_SetString(PyExc_TypeError, "__get__(None, None) is invalid");
        return NULL;
    }
    return ((descrgetfunc)wrapped)(self, obj, type);
}

PyObject *wrap_descr_set(PyObject *self, PyObject *args, void *wrapped)
{
    PyObject *obj, *value;
    if (!PyArg_UnpackTuple(args, "", 2, 2, &obj, &value)) return NULL;
    return none_unless(((descrsetfunc)wrapped)(self, obj, value) < 0);
}

PyObject *wrap_descr_delete(PyObject *self, PyObject *args, void *wrapped)
{
    if (!check_count(args, 1)) return NULL;
    return none_unless(((descrsetfunc)wrapped)(self, PyTuple_GET_ITEM(args, 0), NULL) < 0);
}

/* -- The rest --------------------------------------------------------------------------------- */

PyObject *wrap_next(PyObject *self, PyObject *args, void *wrapped)
{
    if (!check_count(args, 0)) return NULL;
    PyObject *item = ((iternextfunc)wrapped)(self);
    if (!item && !PyErr_Occurred()) PyErr_SetNone(PyExc_StopIteration);
    return item;
}

PyObject *wrap_del(PyObject *self, PyObject *args, void *wrapped)
{
    if (!check_count(args, 0)) return NULL;
    ((destructor)wrapped)(self);
    return Py_NewRef(Py_None);
}

PyObject *wrap_call(PyObject *self, PyObject *args, void *wrapped, PyObject *kwargs)
{
    return ((ternaryfunc)wrapped)(self, args, kwargs);
}

PyObject *wrap_init(PyObject *self, PyObject *args, void *wrapped, PyObject *kwargs)
{
    return none_unless(((initproc)wrapped)(self, args, kwargs) < 0);
}

#define DEFINE(name, op) \
    PyObject *name(PyObject *self, PyObject *args, void *wrapped) \
    { \
        return check_count(args, 1) ? ((richcmpfunc)wrapped)(self, PyTuple_GET_ITEM(args, 0), op) \
                                    : NULL; \
    }
DEFINE(richcmp_lt, Py_LT)
DEFINE(richcmp_le, Py_LE)
DEFINE(richcmp_eq, Py_EQ)
DEFINE(richcmp_ne, Py_NE)
DEFINE(richcmp_gt, Py_GT)
DEFINE(richcmp_ge, Py_GE)
#undef DEFINE
