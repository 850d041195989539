/* Pickling what an object's __reduce_ex__() gives, and references to globals. */
#include "modules/_pickle/pickle.h"

#include <stdarg.h>

int save_built(Pickler *self, PyObject *object, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    PyObject *reduction = Py_VaBuildValue(format, args);
    va_end(args);
    if (!reduction) return -1;
    int status = save_reduce(self, reduction, object);
    Py_DECREF(reduction);
    return status;
}

/* ---- Reductions ---- */

/* What __reduce__() returned, all borrowed; NULL for what is absent or None. */
typedef struct {
    PyObject *callable, *args, *state, *list_items, *dict_items, *state_setter;
} Reduction;

static const char *type_name(PyObject *object)
{
    return Py_TYPE(object)->tp_name;
}

static int unpack_reduction(PyObject *tuple, Reduction *r)
{
    Py_ssize_t size = PyTuple_GET_SIZE(tuple);
    PyObject *items[6] = {NULL};
    if (size < 2 || size > 6) {
        return pickling_error("tuple returned by __reduce__ must contain 2 through 6 elements");
    }
    for (Py_ssize_t i = 0; i < size; i++) {
        PyObject *item = PyTuple_GET_ITEM(tuple, i);
        items[i] = i >= 2 && item == Py_None ? NULL : item;
    }
    *r = (Reduction){items[0], items[1], items[2], items[3], items[4], items[5]};
    if (!PyCallable_Check(r->callable)) {
        return pickling_error("first item of the tuple returned by __reduce__ must be callable");
    }
    if (!PyTuple_Check(r->args)) {
        return pickling_error("second item of the tuple returned by __reduce__ must be a tuple");
    }
    if (r->list_items && !PyIter_Check(r->list_items)) {
        return pickling_error("fourth element of the tuple returned by __reduce__ must be an "
                              "iterator, not %s",
            type_name(r->list_items));
    }
    if (r->dict_items && !PyIter_Check(r->dict_items)) {
        return pickling_error("fifth element of the tuple returned by __reduce__ must be an "
                              "iterator, not %s",
            type_name(r->dict_items));
    }
    if (r->state_setter && !PyCallable_Check(r->state_setter)) {
        return pickling_error("sixth element of the tuple returned by __reduce__ must be a "
                              "function, not %s",
            type_name(r->state_setter));
    }
    return 0;
}

/* cls.__new__(cls, *args, **kwargs), below protocol 4 as a call of a partial function. */
static int save_newobj_ex(Pickler *self, PyObject *tuple)
{
    if (PyTuple_GET_SIZE(tuple) != 3) {
        return pickling_error("length of the NEWOBJ_EX argument tuple must be exactly 3, not %zd",
            PyTuple_GET_SIZE(tuple));
    }
    PyObject *cls = PyTuple_GET_ITEM(tuple, 0), *args = PyTuple_GET_ITEM(tuple, 1);
    PyObject *kwargs = PyTuple_GET_ITEM(tuple, 2);
    if (!PyType_Check(cls)) {
        return pickling_error(
            "first item from NEWOBJ_EX argument tuple must be a class, not %.200s", type_name(cls));
    }
    if (!PyTuple_Check(args)) {
        return pickling_error(
            "second item from NEWOBJ_EX argument tuple must be a tuple, not %.200s",
            type_name(args));
    }
    if (!PyDict_Check(kwargs)) {
        return pickling_error("third item from NEWOBJ_EX argument tuple must be a dict, not %.200s",
            type_name(kwargs));
    }
    if (self->proto >= 4) {
        if (save(self, cls, false) < 0 || save(self, args, false) < 0) return -1;
        return save(self, kwargs, false) < 0 ? -1 : output_op(self, OP_NEWOBJ_EX);
    }
    PyObject *new = PyObject_GetAttr(cls, NAME(__new__)), *partial = NULL;
    PyObject *bound = new ? PyTuple_New(PyTuple_GET_SIZE(args) + 2) : NULL;
    if (bound) {
        PyTuple_SET_ITEM(bound, 0, Py_NewRef(new));
        PyTuple_SET_ITEM(bound, 1, Py_NewRef(cls));
        for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(args); i++) {
            PyTuple_SET_ITEM(bound, i + 2, Py_NewRef(PyTuple_GET_ITEM(args, i)));
        }
        partial = PyObject_Call(pickle_runtime.partial, bound, kwargs);
    }
    Py_XDECREF(new);
    Py_XDECREF(bound);
    int status = partial ? save(self, partial, false) : -1;
    Py_XDECREF(partial);
    PyObject *empty = status < 0 ? NULL : PyTuple_New(0);
    status = empty ? save(self, empty, false) : -1;
    Py_XDECREF(empty);
    return status < 0 ? -1 : output_op(self, OP_REDUCE);
}

/* cls.__new__(cls, *args) */
static int save_newobj(Pickler *self, PyObject *args, PyObject *object)
{
    if (PyTuple_GET_SIZE(args) < 1) return pickling_error("__newobj__ arglist is empty");
    PyObject *cls = PyTuple_GET_ITEM(args, 0);
    if (!PyType_Check(cls)) return pickling_error("args[0] from __newobj__ args is not a type");
    if (object) {
        PyObject *own = PyObject_GetAttr(object, NAME(__class__));
        if (!own) return -1;
        Py_DECREF(own);
        if (own != cls) return pickling_error("args[0] from __newobj__ args has the wrong class");
    }
    if (save(self, cls, false) < 0) return -1;
    PyObject *rest = PyTuple_GetSlice(args, 1, PyTuple_GET_SIZE(args));
    int status = rest ? save(self, rest, false) : -1;
    Py_XDECREF(rest);
    return status < 0 ? -1 : output_op(self, OP_NEWOBJ);
}

static int save_call(Pickler *self, const Reduction *r, PyObject *object)
{
    if (self->proto >= 2) {
        PyObject *name;
        if (_PyObject_LookupAttr(r->callable, NAME(__name__), &name) < 0) return -1;
        bool by_new = false, by_new_ex = false;
        if (name && PyUnicode_Check(name)) {
            by_new_ex = _PyUnicode_EqualToASCIIString(name, "__newobj_ex__");
            by_new = _PyUnicode_EqualToASCIIString(name, "__newobj__");
        }
        Py_XDECREF(name);
        if (by_new_ex) return save_newobj_ex(self, r->args);
        if (by_new) return save_newobj(self, r->args, object);
    }
    if (save(self, r->callable, false) < 0 || save(self, r->args, false) < 0) return -1;
    return output_op(self, OP_REDUCE);
}

static int save_state(Pickler *self, const Reduction *r, PyObject *object)
{
    if (!r->state_setter) {
        return save(self, r->state, false) < 0 ? -1 : output_op(self, OP_BUILD);
    }
    /* state_setter(object, state), whose result is dropped */
    if (save(self, r->state_setter, false) < 0 || save(self, object, false) < 0) return -1;
    if (save(self, r->state, false) < 0) return -1;
    static const char ops[] = {(char)OP_TUPLE2, (char)OP_REDUCE, (char)OP_POP};
    return output_write(self, ops, sizeof ops);
}

/* Puts an object that has just been made into the memo. If pickling its arguments pickled it, it is
 * recursive: then that one is taken. */
static int memoize_made(Pickler *self, PyObject *object)
{
    Py_ssize_t index = memo_find(&self->memo, object);
    if (index < 0) return save_memo_put(self, object);
    return output_op(self, OP_POP) < 0 ? -1 : save_memo_get(self, index);
}

int save_plain(Pickler *self, PyObject *object, PyObject *state)
{
    PyObject *empty = PyTuple_New(0);
    int status = empty ? save(self, (PyObject *)Py_TYPE(object), false) : -1;
    if (status == 0) status = save(self, empty, false);
    if (status == 0) status = output_op(self, OP_NEWOBJ);
    if (status == 0) status = memoize_made(self, object);
    if (status == 0 && state != Py_None) {
        status = save(self, state, false);
        if (status == 0) status = output_op(self, OP_BUILD);
    }
    Py_XDECREF(empty);
    Py_DECREF(state);
    return status;
}

int save_reduce(Pickler *self, PyObject *reduction, PyObject *object)
{
    Reduction r = {0};
    if (unpack_reduction(reduction, &r) < 0 || save_call(self, &r, object) < 0) return -1;
    if (object && memoize_made(self, object) < 0) return -1;
    if (r.list_items && save_appends(self, r.list_items) < 0) return -1;
    if (r.dict_items && save_setitems(self, r.dict_items) < 0) return -1;
    return r.state ? save_state(self, &r, object) : 0;
}

/* ---- Globals ---- */

int save_type(Pickler *self, PyObject *type)
{
    PyObject *single = type == (PyObject *)Py_TYPE(Py_None)             ? Py_None
                       : type == (PyObject *)&PyEllipsis_Type           ? Py_Ellipsis
                       : type == (PyObject *)Py_TYPE(Py_NotImplemented) ? Py_NotImplemented
                                                                        : NULL;
    if (single) return save_built(self, type, "O(O)", &PyType_Type, single);
    return save_global(self, type, NULL);
}

/* Is this what the module has under the name? 1, 0 (also for a module that has none), or -1. */
static int module_has(PyObject *module_name, PyObject *module, PyObject *object, PyObject *name)
{
    if (module == Py_None) return 0;
    if (PyUnicode_Check(module_name) && _PyUnicode_EqualToASCIIString(module_name, "__main__")) {
        return 0;
    }
    PyObject *found = pickle_get_dotted(module, name, NULL);
    if (!found) {
        if (!PyErr_ExceptionMatches(PyExc_AttributeError)) return -1;
        PyErr_Clear();
        return 0;
    }
    Py_DECREF(found);
    return found == object;
}

/* The name of the module that holds a global. New reference. */
static PyObject *which_module(PyObject *object, PyObject *name)
{
    PyObject *result;
    if (_PyObject_LookupAttr(object, NAME(__module__), &result) < 0) return NULL;
    if (result && result != Py_None) return result;
    Py_XDECREF(result);
    PyObject *modules = PySys_GetObject("modules");
    if (!modules) {
        PyErr_SetString(PyExc_RuntimeError, "unable to get sys.modules");
        return NULL;
    }
    /* A copy, for looking at attributes may import more. */
    PyObject *items = PyMapping_Items(modules);
    if (!items) return NULL;
    result = NULL;
    for (Py_ssize_t i = 0; !result && i < PyList_GET_SIZE(items); i++) {
        PyObject *pair = PyList_GET_ITEM(items, i);
        int has = module_has(PyTuple_GET_ITEM(pair, 0), PyTuple_GET_ITEM(pair, 1), object, name);
        if (has) result = has < 0 ? NULL : Py_NewRef(PyTuple_GET_ITEM(pair, 0));
        if (has < 0) break;
    }
    if (!result && !PyErr_Occurred()) result = Py_NewRef(NAME(__main__));
    Py_DECREF(items);
    return result;
}

/* Makes sure that the object is what a reader will find; *parent: where it stands. New reference.
 */
static int check_global(
    PyObject *object, PyObject *module_name, PyObject *name, PyObject **module, PyObject **parent)
{
    *parent = NULL;
    *module = pickle_import(module_name);
    if (!*module) {
        return pickling_error("Can't pickle %R: import of module %R failed", object, module_name);
    }
    PyObject *found = pickle_get_dotted(*module, name, parent);
    if (!found) {
        return pickling_error(
            "Can't pickle %R: attribute lookup %S on %S failed", object, name, module_name);
    }
    Py_DECREF(found);
    if (found == object) return 0;
    return pickling_error(
        "Can't pickle %R: it's not the same object as %S.%S", object, module_name, name);
}

/* Writes the code of a registered extension: 1, or 0 if it is none, or -1. */
static int save_extension(Pickler *self, PyObject *object, PyObject *module_name, PyObject *name)
{
    if (PyDict_GET_SIZE(pickle_runtime.extension_registry) == 0) return 0;
    PyObject *key = PyTuple_Pack(2, module_name, name);
    if (!key) return -1;
    PyObject *value = PyDict_GetItemWithError(pickle_runtime.extension_registry, key);
    Py_DECREF(key);
    if (!value) return PyErr_Occurred() ? -1 : 0;
    if (!PyLong_Check(value)) {
        return pickling_error("Can't pickle %R: extension code %R isn't an integer", object, value);
    }
    long code = PyLong_AsLong(value);
    if (code <= 0 || code > 0x7fffffffL) {
        if (PyErr_Occurred()) return -1;
        PyErr_Format(PyExc_RuntimeError, "Can't pickle %R: extension code %ld is out of range",
            object, code);
        return -1;
    }
    char op[5];
    int size = code <= 0xff ? 1 : code <= 0xffff ? 2 : 4;
    op[0] = (char)(size == 1 ? OP_EXT1 : size == 2 ? OP_EXT2 : OP_EXT4);
    store_little(op + 1, (uint64_t)code, size);
    return output_write(self, op, 1 + size) < 0 ? -1 : 1;
}

/* The names that Python 2 has for a global; both references are exchanged for new ones. */
static int to_python2(PyObject **module_name, PyObject **name)
{
    PyObject *key = PyTuple_Pack(2, *module_name, *name);
    if (!key) return -1;
    PyObject *pair = PyDict_GetItemWithError(pickle_runtime.name_3to2, key);
    Py_DECREF(key);
    if (pair) {
        if (!PyTuple_Check(pair) || PyTuple_GET_SIZE(pair) != 2) {
            PyErr_Format(PyExc_RuntimeError,
                "_compat_pickle.REVERSE_NAME_MAPPING values should be 2-tuples, not %.200s",
                type_name(pair));
            return -1;
        }
        PyObject *new_module = PyTuple_GET_ITEM(pair, 0), *new_name = PyTuple_GET_ITEM(pair, 1);
        if (!PyUnicode_Check(new_module) || !PyUnicode_Check(new_name)) {
            PyErr_Format(PyExc_RuntimeError,
                "_compat_pickle.REVERSE_NAME_MAPPING values should be pairs of str, "
                "not (%.200s, %.200s)",
                type_name(new_module), type_name(new_name));
            return -1;
        }
        Py_SETREF(*module_name, Py_NewRef(new_module));
        Py_SETREF(*name, Py_NewRef(new_name));
        return 0;
    }
    if (PyErr_Occurred()) return -1;
    PyObject *new_module = PyDict_GetItemWithError(pickle_runtime.import_3to2, *module_name);
    if (!new_module) return PyErr_Occurred() ? -1 : 0;
    if (!PyUnicode_Check(new_module)) {
        PyErr_Format(PyExc_RuntimeError,
            "_compat_pickle.REVERSE_IMPORT_MAPPING values should be strings, not %.200s",
            type_name(new_module));
        return -1;
    }
    Py_SETREF(*module_name, Py_NewRef(new_module));
    return 0;
}

/* One line of GLOBAL: the name in UTF-8, or below protocol 3 in ASCII. */
static int write_name(Pickler *self, PyObject *name, const char *what)
{
    PyObject *bytes =
        self->proto == 3 ? PyUnicode_AsUTF8String(name) : PyUnicode_AsASCIIString(name);
    if (!bytes) {
        if (!PyErr_ExceptionMatches(PyExc_UnicodeEncodeError)) return -1;
        return pickling_error(
            "can't pickle %s identifier '%S' using pickle protocol %i", what, name, self->proto);
    }
    int status = output_write(self, PyBytes_AS_STRING(bytes), PyBytes_GET_SIZE(bytes));
    Py_DECREF(bytes);
    return status < 0 ? -1 : output_write(self, "\n", 1);
}

/* Writes GLOBAL with two lines; protocols 0 to 3. */
static int write_global(Pickler *self, PyObject *module_name, PyObject *name)
{
    int status = 0;
    Py_INCREF(module_name);
    Py_INCREF(name);
    if (self->fix_imports) status = to_python2(&module_name, &name);
    if (status == 0) status = output_op(self, OP_GLOBAL);
    if (status == 0) status = write_name(self, module_name, "module");
    if (status == 0) status = write_name(self, name, "global");
    Py_DECREF(module_name);
    Py_DECREF(name);
    return status;
}

/* The part of a dotted name behind its last dot. New reference. */
static PyObject *last_part(PyObject *name)
{
    Py_ssize_t length = PyUnicode_GET_LENGTH(name);
    Py_ssize_t dot = PyUnicode_FindChar(name, '.', 0, length, -1);
    return dot < 0 ? Py_NewRef(name) : PyUnicode_Substring(name, dot + 1, length);
}

static int write_reference(Pickler *self, PyObject *object, PyObject *module_name, PyObject *name,
    PyObject *module, PyObject *parent)
{
    if (self->proto >= 2) {
        int found = save_extension(self, object, module_name, name);
        if (found) return found < 0 ? -1 : 0;
    }
    PyObject *last = last_part(name);
    if (!last) return -1;
    if (parent == module) name = last;
    int status;
    if (self->proto >= 4) {
        status = save(self, module_name, false);
        if (status == 0) status = save(self, name, false);
        if (status == 0) status = output_op(self, OP_STACK_GLOBAL);
    } else if (parent != module) {
        status = save_built(self, NULL, "O(OO)", pickle_runtime.getattr, parent, last);
    } else {
        status = write_global(self, module_name, name);
    }
    Py_DECREF(last);
    return status < 0 ? -1 : save_memo_put(self, object);
}

/* The name under which the object calls itself. New reference. */
static PyObject *own_name(PyObject *object)
{
    PyObject *name;
    if (_PyObject_LookupAttr(object, NAME(__qualname__), &name) < 0) return NULL;
    return name ? name : PyObject_GetAttr(object, NAME(__name__));
}

int save_global(Pickler *self, PyObject *object, PyObject *name)
{
    PyObject *module_name = NULL, *module = NULL, *parent = NULL;
    int status = -1;
    name = name ? Py_NewRef(name) : own_name(object);
    if (!name) return -1;
    if (PyUnicode_Check(name) && pickle_is_local(name)) {
        PyErr_Format(PyExc_AttributeError, "Can't pickle local object %R", name);
        goto done;
    }
    module_name = which_module(object, name);
    if (!module_name) goto done;
    status = check_global(object, module_name, name, &module, &parent);
    if (status == 0) status = write_reference(self, object, module_name, name, module, parent);
done:
    Py_DECREF(name);
    Py_XDECREF(module_name);
    Py_XDECREF(module);
    Py_XDECREF(parent);
    return status;
}
