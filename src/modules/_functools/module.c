/* _functools: the module, reduce() and cmp_to_key(). */
#include "modules/_functools/functools.h"

/* ---- cmp_to_key ---- */

typedef struct {
    PyObject_HEAD
    PyObject *compare;      /* owned */
    PyObject *object;       /* owned; NULL in what cmp_to_key() returns, which makes those that wrap one */
} KeyWrapper;

static PyObject *key_wrapper_of(PyObject *compare, PyObject *object)
{
    KeyWrapper *self = PyObject_GC_New(KeyWrapper, &key_wrapper_type);
    if (self == NULL) return NULL;
    self->compare = Py_NewRef(compare);
    self->object = Py_XNewRef(object);
    PyObject_GC_Track(self);
    return (PyObject *)self;
}

static PyObject *key_wrapper_call(PyObject *op, PyObject *args, PyObject *kwargs)
{
    static char *keywords[] = {"obj", NULL};
    PyObject *object;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O:K", keywords, &object)) return NULL;
    return key_wrapper_of(((KeyWrapper *)op)->compare, object);
}

static PyObject *key_wrapper_richcompare(PyObject *a, PyObject *b, int op)
{
    if (!Py_IS_TYPE(b, &key_wrapper_type)) {
        PyErr_SetString(PyExc_TypeError, "other argument must be K instance");
        return NULL;
    }
    KeyWrapper *x = (KeyWrapper *)a, *y = (KeyWrapper *)b;
    if (x->object == NULL || y->object == NULL) {
        PyErr_SetString(PyExc_AttributeError, "object");
        return NULL;
    }
    PyObject *args[] = {x->object, y->object};
    PyObject *order = call_vector(thread_state(), x->compare, args, 2, NULL);
    if (order == NULL) return NULL;
    if (PyLong_CheckExact(order)) {
        Py_ssize_t sign = Py_SIZE(order);
        Py_DECREF(order);
        Py_RETURN_RICHCOMPARE(sign, 0, op);
    }
    PyObject *answer = PyObject_RichCompare(order, int_small_borrow(0), op);
    Py_DECREF(order);
    return answer;
}

static int key_wrapper_traverse(PyObject *op, visitproc visit, void *arg)
{
    Py_VISIT(((KeyWrapper *)op)->compare);
    Py_VISIT(((KeyWrapper *)op)->object);
    return 0;
}

static int key_wrapper_clear(PyObject *op)
{
    Py_CLEAR(((KeyWrapper *)op)->compare);
    Py_CLEAR(((KeyWrapper *)op)->object);
    return 0;
}

static void key_wrapper_dealloc(PyObject *op)
{
    PyObject_GC_UnTrack(op);
    key_wrapper_clear(op);
    PyObject_GC_Del(op);
}

static PyMemberDef key_wrapper_members[] = {
    {"obj", T_OBJECT, offsetof(KeyWrapper, object), 0, "The value that this key stands for."},
    {NULL, 0, 0, 0, NULL},
};

PyTypeObject key_wrapper_type = {
    IMMORTAL_TYPE_HEAD,
    .tp_name = "functools.KeyWrapper",
    .tp_basicsize = sizeof(KeyWrapper),
    .tp_dealloc = key_wrapper_dealloc,
    .tp_hash = PyObject_HashNotImplemented,
    .tp_call = key_wrapper_call,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .tp_traverse = key_wrapper_traverse,
    .tp_clear = key_wrapper_clear,
    .tp_richcompare = key_wrapper_richcompare,
    .tp_members = key_wrapper_members,
};

static PyObject *cmp_to_key(PyObject *Py_UNUSED(module), PyObject *args, PyObject *kwargs)
{
    static char *keywords[] = {"mycmp", NULL};
    PyObject *compare;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O:cmp_to_key", keywords, &compare)) return NULL;
    return key_wrapper_of(compare, NULL);
}

/* ---- reduce ---- */

static PyObject *reduce(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("reduce", nargs, 2, 3)) return NULL;
    PyObject *function = args[0], *iterator = PyObject_GetIter(args[1]), *item;
    if (iterator == NULL) {
        if (PyErr_ExceptionMatches(PyExc_TypeError)) {
            PyErr_SetString(PyExc_TypeError, "reduce() arg 2 must support iteration");
        }
        return NULL;
    }
    PyObject *result = nargs > 2 ? Py_NewRef(args[2]) : NULL;
    while ((item = PyIter_Next(iterator)) != NULL) {
        if (result == NULL) {
            result = item;
            continue;
        }
        PyObject *operands[] = {NULL, result, item};
        size_t nargsf = 2 | PY_VECTORCALL_ARGUMENTS_OFFSET;
        PyObject *next = call_vector(thread_state(), function, operands + 1, nargsf, NULL);
        Py_DECREF(item);
        Py_SETREF(result, next);
        if (result == NULL) goto done;
    }
    if (PyErr_Occurred()) Py_CLEAR(result);
    else if (result == NULL) PyErr_SetString(PyExc_TypeError, "reduce() of empty iterable with no initial value");

done:
    Py_DECREF(iterator);
    return result;
}

/* ---- The module ---- */

static int module_exec(PyObject *module)
{
    if (lru_cache_init() < 0 || PyType_Ready(&key_wrapper_type) < 0 || PyType_Ready(&lru_link_type) < 0) return -1;
    if (PyModule_AddType(module, &partial_type) < 0) return -1;
    return PyModule_AddType(module, &lru_cache_type);
}

static PyMethodDef module_methods[] = {
    {"reduce", (PyCFunction)(void (*)(void))reduce, METH_FASTCALL,
     "reduce(function, iterable[, initial]) -> value\n\n"
     "Makes one value of the items of an iterable, by a function of two arguments that is given what\n"
     "was made so far and the next item: reduce(f, [1, 2, 3]) is f(f(1, 2), 3). An initial value goes\n"
     "before the items, and is the result if there are none."},
    {"cmp_to_key", (PyCFunction)(void (*)(void))cmp_to_key, METH_VARARGS | METH_KEYWORDS,
     "A key function made of a function that compares two."},
    {NULL, NULL, 0, NULL},
};

static PyModuleDef_Slot module_slots[] = {
    {Py_mod_exec, module_exec},
    {0, NULL},
};

static struct PyModuleDef module_def = {
    .m_base = PyModuleDef_HEAD_INIT,
    .m_name = "_functools",
    .m_doc = "Tools that operate on functions.",
    .m_methods = module_methods,
    .m_slots = module_slots,
};

PyMODINIT_FUNC PyInit__functools(void)
{
    return PyModuleDef_Init(&module_def);
}
