/* Type variables in the arguments of generics: finding them, and putting something in their place (PEP 484, 612, 646).
 *
 * The variables themselves are objects of the typing module; they take part through attributes:
 *   __typing_subst__(value)                  makes what stands in a variable's place
 *   __typing_prepare_subst__(alias, args)    lets a variable arrange all arguments first
 *   __typing_is_unpacked_typevartuple__      says that several arguments stand in its place
 *   __typing_unpacked_tuple_args__           of *tuple[int, str], are the arguments that it brings
 */
#include "objects/generic.h"
#include "objects/names.h"
#include "objects/recursion.h"

/* ---- finding ---- */

/* Appends to a list unless it is there already. -1 with an exception. */
static int append_once(PyObject *list, PyObject *op)
{
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(list); i++) {
        if (PyList_GET_ITEM(list, i) == op) return 0;
    }
    return PyList_Append(list, op);
}

/* Adds op's own variables: itself, or its __parameters__. */
static int collect_parameters(PyObject *list, PyObject *op)
{
    if (c_stack_is_low("")) return -1;
    if (PyType_Check(op)) return 0;     /* its __parameters__ would be a descriptor's or a template's */
    PyObject *value;
    int found = _PyObject_LookupAttr(op, NAME(__typing_subst__), &value);
    if (found < 0) return -1;
    if (value) {
        Py_DECREF(value);
        return append_once(list, op);
    }
    if (_PyObject_LookupAttr(op, NAME(__parameters__), &value) < 0) return -1;
    int result = 0;
    if (value && PyTuple_Check(value)) {
        for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(value) && result == 0; i++) {
            result = append_once(list, PyTuple_GET_ITEM(value, i));
        }
    }
    Py_XDECREF(value);
    return result;
}

PyObject *generic_make_parameters(PyObject *args)
{
    PyObject *list = PyList_New(0);
    if (!list) return NULL;
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(args); i++) {
        if (collect_parameters(list, PyTuple_GET_ITEM(args, i)) < 0) {
            Py_DECREF(list);
            return NULL;
        }
    }
    PyObject *result = PyList_AsTuple(list);
    Py_DECREF(list);
    return result;
}

static Py_ssize_t tuple_index(PyObject *tuple, PyObject *op)
{
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(tuple); i++) {
        if (PyTuple_GET_ITEM(tuple, i) == op) return i;
    }
    return -1;
}

/* ---- the arguments that are put in ---- */

/* list.extend for a tuple. -1 with an exception. */
static int extend(PyObject *list, PyObject *tuple)
{
    Py_ssize_t n = PyList_GET_SIZE(list);
    return PyList_SetSlice(list, n, n, tuple);
}

/* The arguments of an unpacked tuple type: new reference, *args is NULL if op is none. -1 with an exception. */
static int unpacked_tuple_args(PyObject *op, PyObject **args)
{
    *args = NULL;
    if (PyType_Check(op)) return 0;
    if (Py_IS_TYPE(op, &Py_GenericAliasType)) {
        GenericAlias *alias = (GenericAlias *)op;
        if (alias->starred && alias->origin == (PyObject *)&PyTuple_Type) *args = Py_NewRef(alias->args);
        return 0;
    }
    if (_PyObject_LookupAttr(op, NAME(__typing_unpacked_tuple_args__), args) < 0) return -1;
    if (*args == Py_None) Py_CLEAR(*args);
    return 0;
}

/* A new tuple of the arguments, with unpacked tuples of known length put in line. */
static PyObject *flatten_arguments(PyObject *item)
{
    PyObject *list = PyList_New(0);
    if (!list) return NULL;
    bool several = PyTuple_Check(item);
    Py_ssize_t n = several ? PyTuple_GET_SIZE(item) : 1;
    for (Py_ssize_t i = 0; i < n; i++) {
        PyObject *op = several ? PyTuple_GET_ITEM(item, i) : item, *args;
        if (unpacked_tuple_args(op, &args) < 0) goto error;
        int result;
        if (args && PyTuple_Check(args)
            && !(PyTuple_GET_SIZE(args) > 0 && PyTuple_GET_ITEM(args, PyTuple_GET_SIZE(args) - 1) == Py_Ellipsis)) {
            result = extend(list, args);
        } else {
            result = PyList_Append(list, op);
        }
        Py_XDECREF(args);
        if (result < 0) goto error;
    }
    PyObject *tuple = PyList_AsTuple(list);
    Py_DECREF(list);
    return tuple;
error:
    Py_DECREF(list);
    return NULL;
}

/* Lets each variable arrange the arguments. Steals `item`, a tuple; new reference to a tuple or single argument. */
static PyObject *prepare_arguments_steal(PyObject *self, PyObject *parameters, PyObject *item)
{
    for (Py_ssize_t i = 0; item && i < PyTuple_GET_SIZE(parameters); i++) {
        PyObject *prepare;
        if (_PyObject_LookupAttr(PyTuple_GET_ITEM(parameters, i), NAME(__typing_prepare_subst__), &prepare) < 0) {
            Py_CLEAR(item);
            break;
        }
        if (prepare && prepare != Py_None) {
            PyObject *tuple = PyTuple_Check(item) ? Py_NewRef(item) : PyTuple_Pack(1, item);
            PyObject *prepared = tuple ? PyObject_CallFunctionObjArgs(prepare, self, tuple, NULL) : NULL;
            Py_XDECREF(tuple);
            Py_SETREF(item, prepared);
        }
        Py_XDECREF(prepare);
    }
    return item;
}

/* ---- putting them in ---- */

/* obj[…] with the values of those of its own variables that are among `parameters`; obj itself if it has none. New reference. */
static PyObject *substitute_inside(PyObject *obj, PyObject *parameters, PyObject *const *values)
{
    PyObject *own, *result = NULL;
    if (_PyObject_LookupAttr(obj, NAME(__parameters__), &own) < 0) return NULL;
    if (!own || !PyTuple_Check(own) || PyTuple_GET_SIZE(own) == 0) {
        Py_XDECREF(own);
        return Py_NewRef(obj);
    }
    PyObject *list = PyList_New(0);
    for (Py_ssize_t i = 0; list && i < PyTuple_GET_SIZE(own); i++) {
        PyObject *variable = PyTuple_GET_ITEM(own, i);
        Py_ssize_t index = tuple_index(parameters, variable);
        PyObject *value = index < 0 ? variable : values[index];
        /* What can be iterated over is a TypeVarTuple: it takes a tuple of arguments. */
        bool many = index >= 0 && Py_TYPE(variable)->tp_iter && PyTuple_Check(value);
        if ((many ? extend(list, value) : PyList_Append(list, value)) < 0) Py_CLEAR(list);
    }
    Py_DECREF(own);
    PyObject *subscript = list ? PyList_AsTuple(list) : NULL;
    Py_XDECREF(list);
    if (subscript) {
        result = PyObject_GetItem(obj, subscript);
        Py_DECREF(subscript);
    }
    return result;
}

static int is_unpacked_typevartuple(PyObject *op)
{
    PyObject *value;
    if (PyType_Check(op)) return 0;
    if (_PyObject_LookupAttr(op, NAME(__typing_is_unpacked_typevartuple__), &value) < 0) return -1;
    if (!value) return 0;
    int result = PyObject_IsTrue(value);
    Py_DECREF(value);
    return result;
}

/* Appends to `list` what stands in place of `arg`. -1 with an exception. */
static int substitute_one(PyObject *list, PyObject *arg, PyObject *parameters, PyObject *const *values)
{
    if (PyType_Check(arg)) return PyList_Append(list, arg);
    int unpack = is_unpacked_typevartuple(arg);
    if (unpack < 0) return -1;
    PyObject *substitute, *result = NULL;
    if (_PyObject_LookupAttr(arg, NAME(__typing_subst__), &substitute) < 0) return -1;
    if (substitute) {
        Py_ssize_t index = tuple_index(parameters, arg);
        if (index >= 0) result = PyObject_CallOneArg(substitute, values[index]);
        else PyErr_SetString(PyExc_SystemError, "type variable is not among the parameters");
        Py_DECREF(substitute);
    } else {
        result = substitute_inside(arg, parameters, values);
    }
    if (!result) return -1;
    int status = unpack && PyTuple_Check(result) ? extend(list, result) : PyList_Append(list, result);
    Py_DECREF(result);
    return status;
}

PyObject *generic_substitute(PyObject *self, PyObject *args, PyObject *parameters, PyObject *item)
{
    Py_ssize_t n = PyTuple_GET_SIZE(parameters);
    if (n == 0) return PyErr_Format(PyExc_TypeError, "%R is not a generic class", self);
    item = flatten_arguments(item);
    item = item ? prepare_arguments_steal(self, parameters, item) : NULL;
    if (!item) return NULL;
    bool several = PyTuple_Check(item);
    Py_ssize_t given = several ? PyTuple_GET_SIZE(item) : 1;
    PyObject *const *values = several ? ((PyTupleObject *)item)->ob_item : &item;
    if (given != n) {
        PyErr_Format(PyExc_TypeError, "Too %s arguments for %R; actual %zd, expected %zd", given > n ? "many" : "few", self,
                     given, n);
        Py_DECREF(item);
        return NULL;
    }
    PyObject *list = PyList_New(0), *result = NULL;
    for (Py_ssize_t i = 0; list && i < PyTuple_GET_SIZE(args); i++) {
        if (substitute_one(list, PyTuple_GET_ITEM(args, i), parameters, values) < 0) Py_CLEAR(list);
    }
    if (list) {
        result = PyList_AsTuple(list);
        Py_DECREF(list);
    }
    Py_DECREF(item);
    return result;
}
