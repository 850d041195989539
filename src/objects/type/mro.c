/* The order of bases (C3), the layout that bases leave to a class, and the subtype relation. */
#include "objects/type/type.h"

#include "objects/names.h"

/* -- Subtypes --------------------------------------------------------------------------------- */

bool type_is_subtype_by_bases(PyTypeObject *a, PyTypeObject *b)
{
    for (; a; a = a->tp_base) {
        if (a == b) return true;
    }
    return b == &PyBaseObject_Type;
}

int PyType_IsSubtype(PyTypeObject *a, PyTypeObject *b)
{
    /* A metaclass's mro() may leave the type itself out: then it is no subtype of its own. */
    PyObject *mro = a->tp_mro;
    if (!mro) return type_is_subtype_by_bases(a, b);
    PyObject *const *end = &PyTuple_GET_ITEM(mro, PyTuple_GET_SIZE(mro));
    for (Py_ssize_t i = -PyTuple_GET_SIZE(mro); i < 0; i++) {
        if (end[i] == (PyObject *)b) return 1;
    }
    return 0;
}

/* -- Layout ----------------------------------------------------------------------------------- */

/* Whether instances of `type` have fields that instances of `base` have not, other than the dict
 * and the weak reference list that a class statement appends. */
static bool adds_fields(PyTypeObject *type, PyTypeObject *base)
{
    Py_ssize_t size = type->tp_basicsize;
    const Py_ssize_t word = sizeof(PyObject *);
    if (type->tp_itemsize || base->tp_itemsize) {
        return size != base->tp_basicsize || type->tp_itemsize != base->tp_itemsize;
    }
    if (type->tp_flags & Py_TPFLAGS_HEAPTYPE) {
        if (type->tp_weaklistoffset && !base->tp_weaklistoffset
            && type->tp_weaklistoffset + word == size) {
            size -= word;
        }
        if (!(type->tp_flags & Py_TPFLAGS_MANAGED_DICT) && type->tp_dictoffset
            && !base->tp_dictoffset && type->tp_dictoffset + word == size) {
            size -= word;
        }
    }
    return size != base->tp_basicsize;
}

/* The chain is as deep as the class's inheritance, whose MRO takes far more memory than this
 * recursion takes stack. */
PyTypeObject *type_solid_base(PyTypeObject *type)
{
    PyTypeObject *base = type->tp_base ? type_solid_base(type->tp_base) : &PyBaseObject_Type;
    return adds_fields(type, base) ? type : base;
}

PyTypeObject *type_best_base(PyObject *bases)
{
    PyTypeObject *winner = NULL, *best = NULL;
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(bases); i++) {
        PyObject *item = PyTuple_GET_ITEM(bases, i);
        if (!PyType_Check(item)) {
            PyErr_SetString(PyExc_TypeError, "bases must be types");
            return NULL;
        }
        PyTypeObject *base = (PyTypeObject *)item;
        if (!base->tp_dict && PyType_Ready(base) < 0) return NULL;
        if (!(base->tp_flags & Py_TPFLAGS_BASETYPE)) {
            PyErr_Format(PyExc_TypeError, "type '%.100s' is not an acceptable base type",
                         base->tp_name);
            return NULL;
        }
        PyTypeObject *candidate = type_solid_base(base);
        if (!winner) {
            winner = candidate;
            best = base;
        } else if (PyType_IsSubtype(winner, candidate)) {
            continue;
        } else if (PyType_IsSubtype(candidate, winner)) {
            winner = candidate;
            best = base;
        } else {
            PyErr_SetString(PyExc_TypeError, "multiple bases have instance lay-out conflict");
            return NULL;
        }
    }
    return best;
}

/* -- C3 --------------------------------------------------------------------------------------- */

static bool stands_behind(PyObject *tuple, Py_ssize_t from, PyObject *type)
{
    for (Py_ssize_t i = from + 1; i < PyTuple_GET_SIZE(tuple); i++) {
        if (PyTuple_GET_ITEM(tuple, i) == type) return true;
    }
    return false;
}

static PyObject *class_name(PyObject *klass)
{
    PyObject *name;
    if (_PyObject_LookupAttr(klass, NAME(__name__), &name) < 0) return NULL;
    return name ? name : PyObject_Repr(klass);
}

static void set_conflict(PyObject **to_merge, Py_ssize_t *remain, Py_ssize_t n)
{
    PyObject *names = PyDict_New();
    if (!names) return;
    for (Py_ssize_t i = 0; i < n; i++) {
        if (remain[i] < PyTuple_GET_SIZE(to_merge[i])
            && PyDict_SetItem(names, PyTuple_GET_ITEM(to_merge[i], remain[i]), Py_None) < 0) {
            Py_DECREF(names);
            return;
        }
    }
    PyObject *text = NULL, *klass;
    Py_ssize_t position = 0;
    while (PyDict_Next(names, &position, &klass, NULL)) {
        PyObject *name = class_name(klass);
        PyObject *longer = NULL;
        if (name) longer = text ? PyUnicode_FromFormat("%U, %S", text, name) : PyObject_Str(name);
        Py_XDECREF(name);
        Py_XSETREF(text, longer);
        if (!text) break;
    }
    Py_DECREF(names);
    if (!text) return;
    PyErr_Format(PyExc_TypeError,
                 "Cannot create a consistent method resolution\norder (MRO) for bases %U", text);
    Py_DECREF(text);
}

/* Appends to `order` the merge of n tuples: always the first head that stands behind no other
 * head. */
static int merge(PyObject *order, PyObject **to_merge, Py_ssize_t *remain, Py_ssize_t n)
{
    for (;;) {
        Py_ssize_t exhausted = 0, i;
        for (i = 0; i < n; i++) {
            PyObject *current = to_merge[i];
            if (remain[i] >= PyTuple_GET_SIZE(current)) {
                exhausted++;
                continue;
            }
            PyObject *candidate = PyTuple_GET_ITEM(current, remain[i]);
            bool blocked = false;
            for (Py_ssize_t j = 0; j < n && !blocked; j++) {
                blocked = stands_behind(to_merge[j], remain[j], candidate);
            }
            if (blocked) continue;
            if (PyList_Append(order, candidate) < 0) return -1;
            for (Py_ssize_t j = 0; j < n; j++) {
                if (remain[j] < PyTuple_GET_SIZE(to_merge[j])
                    && PyTuple_GET_ITEM(to_merge[j], remain[j]) == candidate) {
                    remain[j]++;
                }
            }
            break;
        }
        if (i < n) continue;
        if (exhausted == n) return 0;
        set_conflict(to_merge, remain, n);
        return -1;
    }
}

static int check_duplicates(PyObject *bases)
{
    Py_ssize_t n = PyTuple_GET_SIZE(bases);
    for (Py_ssize_t i = 0; i < n; i++) {
        PyObject *base = PyTuple_GET_ITEM(bases, i);
        if (!stands_behind(bases, i, base)) continue;
        PyObject *name = class_name(base);
        if (name) {
            if (PyUnicode_Check(name)) {
                PyErr_Format(PyExc_TypeError, "duplicate base class %U", name);
            } else {
                PyErr_SetString(PyExc_TypeError, "duplicate base class");
            }
            Py_DECREF(name);
        } else {
            PyErr_SetString(PyExc_TypeError, "duplicate base class");
        }
        return -1;
    }
    return 0;
}

/* With one base: the type, then the base's order. */
static PyObject *single_order(PyTypeObject *type, PyTypeObject *base)
{
    Py_ssize_t n = PyTuple_GET_SIZE(base->tp_mro);
    PyObject *order = PyTuple_New(n + 1);
    if (!order) return NULL;
    PyTuple_SET_ITEM(order, 0, Py_NewRef((PyObject *)type));
    for (Py_ssize_t i = 0; i < n; i++) {
        PyTuple_SET_ITEM(order, i + 1, Py_NewRef(PyTuple_GET_ITEM(base->tp_mro, i)));
    }
    return order;
}

/* New reference to a list or tuple: the C3 order of the type. */
PyObject *type_mro_default(PyTypeObject *type)
{
    PyObject *bases = type->tp_bases;
    Py_ssize_t n = PyTuple_GET_SIZE(bases);
    for (Py_ssize_t i = 0; i < n; i++) {
        PyTypeObject *base = (PyTypeObject *)PyTuple_GET_ITEM(bases, i);
        if (!base->tp_mro) {
            return PyErr_Format(PyExc_TypeError, "Cannot extend an incomplete type '%.100s'",
                                base->tp_name);
        }
    }
    if (n == 1) return single_order(type, (PyTypeObject *)PyTuple_GET_ITEM(bases, 0));
    if (check_duplicates(bases) < 0) return NULL;

    PyObject **to_merge = PyMem_New(PyObject *, (size_t)n + 1);
    Py_ssize_t *remain = PyMem_Calloc((size_t)n + 1, sizeof(Py_ssize_t));
    PyObject *order = PyList_New(0);
    if (!to_merge || !remain) PyErr_NoMemory();
    if (!to_merge || !remain || !order) goto error;
    for (Py_ssize_t i = 0; i < n; i++) {
        to_merge[i] = ((PyTypeObject *)PyTuple_GET_ITEM(bases, i))->tp_mro;
    }
    to_merge[n] = bases;
    if (PyList_Append(order, (PyObject *)type) < 0 || merge(order, to_merge, remain, n + 1) < 0) {
        goto error;
    }
    PyMem_Free(to_merge);
    PyMem_Free(remain);
    return order;
error:
    PyMem_Free(to_merge);
    PyMem_Free(remain);
    Py_XDECREF(order);
    return NULL;
}

/* -- Installing it ---------------------------------------------------------------------------- */

/* What metaclass.mro() gave must be types whose instance layout fits. */
static int check_custom_order(PyTypeObject *type, PyObject *order)
{
    PyTypeObject *solid = type_solid_base(type);
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(order); i++) {
        PyObject *item = PyTuple_GET_ITEM(order, i);
        if (!PyType_Check(item)) {
            PyErr_Format(PyExc_TypeError, "mro() returned a non-class ('%.500s')",
                         Py_TYPE(item)->tp_name);
            return -1;
        }
        if (!PyType_IsSubtype(solid, type_solid_base((PyTypeObject *)item))) {
            PyErr_Format(PyExc_TypeError, "mro() returned base with unsuitable layout ('%.500s')",
                         ((PyTypeObject *)item)->tp_name);
            return -1;
        }
    }
    return 0;
}

/* New tuple. *custom says that a metaclass's own mro() made it. */
static PyObject *invoke_mro(PyTypeObject *type, bool *custom)
{
    PyObject *result;
    *custom = !Py_IS_TYPE(type, &PyType_Type);
    if (!*custom) {
        result = type_mro_default(type);
    } else {
        bool unbound;
        PyObject *method = type_lookup_method((PyObject *)type, NAME(mro), &unbound);
        if (!method) {
            if (!PyErr_Occurred()) PyErr_SetObject(PyExc_AttributeError, NAME(mro));
            return NULL;
        }
        result =
            unbound ? PyObject_CallOneArg(method, (PyObject *)type) : PyObject_CallNoArgs(method);
        Py_DECREF(method);
    }
    if (!result) return NULL;
    PyObject *order = PySequence_Tuple(result);
    Py_DECREF(result);
    if (!order) return NULL;
    if (PyTuple_GET_SIZE(order) == 0) {
        Py_DECREF(order);
        return PyErr_Format(PyExc_TypeError, "type MRO must not be empty");
    }
    if (*custom && check_custom_order(type, order) < 0) Py_CLEAR(order);
    return order;
}

int type_update_mro(PyTypeObject *type, PyObject **old_mro)
{
    bool custom;
    /* mro() may call back and replace the MRO meanwhile; then the later result stays. */
    PyObject *old = Py_XNewRef(type->tp_mro);
    PyObject *order = invoke_mro(type, &custom);
    bool overtaken = type->tp_mro != old;
    Py_XDECREF(old);
    if (!order) return -1;
    if (overtaken) {
        Py_DECREF(order);
        return 0;
    }
    PyObject *replaced = type->tp_mro;
    type->tp_mro = order;
    PyType_Modified(type);
    if (old_mro) *old_mro = replaced;
    else Py_XDECREF(replaced);
    return 1;
}
