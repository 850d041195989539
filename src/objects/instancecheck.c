/* isinstance() and issubclass(). */
#include "objects/abstract.h"

#include <stdbool.h>

#include "objects/generic.h"
#include "objects/names.h"
#include "objects/thread_state.h"
#include "objects/type/type.h"

/* cls.__bases__ if that is a tuple. New reference; NULL without an exception if not. */
static PyObject *bases_of(PyObject *cls)
{
    PyObject *bases;
    (void)_PyObject_LookupAttr(cls, NAME(__bases__), &bases);
    if (bases && !PyTuple_Check(bases)) Py_CLEAR(bases);
    return bases;
}

/* Is `derived` the same as cls or has it among its bases' bases …? For anything with __bases__. */
static int subclass_by_bases(PyObject *derived, PyObject *cls)
{
    PyObject *owned = NULL;     /* keeps `derived` alive while the loop walks up a single line of bases */
    int result = 0;
    for (;;) {
        if (derived == cls) {
            result = 1;
            break;
        }
        PyObject *bases = bases_of(derived);
        if (!bases) {
            result = PyErr_Occurred() ? -1 : 0;
            break;
        }
        Py_XSETREF(owned, bases);
        Py_ssize_t n = PyTuple_GET_SIZE(bases);
        if (n == 1) {
            derived = PyTuple_GET_ITEM(bases, 0);
            continue;
        }
        if (n == 0 || Py_EnterRecursiveCall(" in __issubclass__")) {
            result = n ? -1 : 0;
            break;
        }
        for (Py_ssize_t i = 0; i < n && result == 0; i++) result = subclass_by_bases(PyTuple_GET_ITEM(bases, i), cls);
        Py_LeaveRecursiveCall();
        break;
    }
    Py_XDECREF(owned);
    return result;
}

/* Does cls look like a class? If not, TypeError with `message` and false. */
static bool check_class(PyObject *cls, const char *message)
{
    PyObject *bases = bases_of(cls);
    if (!bases) {
        if (!PyErr_Occurred()) PyErr_SetString(PyExc_TypeError, message);
        return false;
    }
    Py_DECREF(bases);
    return true;
}

int _PyObject_RealIsInstance(PyObject *inst, PyObject *cls)
{
    PyObject *inst_class;
    int result;
    if (PyType_Check(cls)) {
        if (PyObject_TypeCheck(inst, (PyTypeObject *)cls)) return 1;
        result = _PyObject_LookupAttr(inst, NAME(__class__), &inst_class);
        if (!inst_class) return result;
        result = inst_class != (PyObject *)Py_TYPE(inst) && PyType_Check(inst_class)
                 && PyType_IsSubtype((PyTypeObject *)inst_class, (PyTypeObject *)cls);
        Py_DECREF(inst_class);
        return result;
    }
    if (!check_class(cls, "isinstance() arg 2 must be a type, a tuple of types, or a union")) return -1;
    result = _PyObject_LookupAttr(inst, NAME(__class__), &inst_class);
    if (!inst_class) return result;
    result = subclass_by_bases(inst_class, cls);
    Py_DECREF(inst_class);
    return result;
}

int _PyObject_RealIsSubclass(PyObject *derived, PyObject *cls)
{
    if (PyType_Check(cls) && PyType_Check(derived)) {
        return derived == cls || PyType_IsSubtype((PyTypeObject *)derived, (PyTypeObject *)cls);
    }
    if (!check_class(derived, "issubclass() arg 1 must be a class")) return -1;
    if (!check_class(cls, "issubclass() arg 2 must be a class, a tuple of classes, or a union")) return -1;
    return subclass_by_bases(derived, cls);
}

/* The check of each class of a tuple, until one says yes. */
static int check_tuple(PyObject *op, PyObject *tuple, int (*check)(PyObject *, PyObject *), const char *where)
{
    if (Py_EnterRecursiveCall(where)) return -1;
    int result = 0;
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(tuple) && result == 0; i++) {
        result = check(op, PyTuple_GET_ITEM(tuple, i));
    }
    Py_LeaveRecursiveCall();
    return result;
}

struct AbstractRuntime abstract_runtime;

/* The answer of a method that need not be called; -1 without an exception if it must be. */
static int check_by_shortcut(const struct CheckShortcut *shortcut, PyObject *method, PyObject *cls,
                             PyObject *op)
{
    if (method != shortcut->method) return -1;
    if (((PyFunctionObject *)method)->func_code != shortcut->code) return -1;
    if (thread_state()->cframe->use_tracing) return -1;
    return shortcut->answer(shortcut->context, cls, op);
}

/* The answer of cls's own `name` method; *found is false if it has none. */
static int check_by_method(PyObject *op, PyObject *cls, PyObject *name, const struct CheckShortcut *shortcut,
                           const char *where, bool *found)
{
    bool unbound;
    PyObject *checker = type_lookup_method(cls, name, &unbound);
    *found = checker || PyErr_Occurred();
    if (!checker) return -1;
    int result = check_by_shortcut(shortcut, checker, cls, op);
    if (result < 0 && Py_EnterRecursiveCall(where) == 0) {
        PyObject *args[] = {cls, op};
        PyObject *answer = unbound ? PyObject_Vectorcall(checker, args, 2, NULL)
                                   : PyObject_CallOneArg(checker, op);
        Py_LeaveRecursiveCall();
        if (answer) {
            result = PyObject_IsTrue(answer);
            Py_DECREF(answer);
        }
    }
    Py_DECREF(checker);
    return result;
}

int PyObject_IsInstance(PyObject *inst, PyObject *cls)
{
    if (Py_IS_TYPE(inst, (PyTypeObject *)cls)) return 1;
    if (PyType_CheckExact(cls)) return _PyObject_RealIsInstance(inst, cls);
    if (union_check(cls)) cls = ((UnionObject *)cls)->args;
    if (PyTuple_Check(cls)) return check_tuple(inst, cls, PyObject_IsInstance, " in __instancecheck__");
    bool found;
    int result = check_by_method(inst, cls, NAME(__instancecheck__), &abstract_runtime.instance,
                                 " in __instancecheck__", &found);
    return found ? result : _PyObject_RealIsInstance(inst, cls);
}

int PyObject_IsSubclass(PyObject *derived, PyObject *cls)
{
    if (PyType_CheckExact(cls)) return derived == cls ? 1 : _PyObject_RealIsSubclass(derived, cls);
    if (union_check(cls)) cls = ((UnionObject *)cls)->args;
    if (PyTuple_Check(cls)) return check_tuple(derived, cls, PyObject_IsSubclass, " in __subclasscheck__");
    bool found;
    int result = check_by_method(derived, cls, NAME(__subclasscheck__), &abstract_runtime.subclass,
                                 " in __subclasscheck__", &found);
    return found ? result : _PyObject_RealIsSubclass(derived, cls);
}
