/* Names: of locals, cells, classes, modules and builtins. */
#include "objects/names.h"
#include "vm/ops.h"
#include "vm/vm.h"

static void name_error(PyObject *type, const char *format, PyObject *name)
{
    const char *text = PyUnicode_AsUTF8(name);
    if (!text) return;
    PyErr_Format(type, format, text);
    if (type != PyExc_NameError) return;
    PyObject *t, *value, *traceback;
    PyErr_Fetch(&t, &value, &traceback);
    PyErr_NormalizeException(&t, &value, &traceback);
    if (value && PyErr_GivenExceptionMatches(value, PyExc_NameError)) {
        PyNameErrorObject *error = (PyNameErrorObject *)value;
        if (!error->name) error->name = Py_NewRef(name);    /* for "Did you mean" */
    }
    PyErr_Restore(t, value, traceback);
}

static void undefined_name(PyObject *name) { name_error(PyExc_NameError, "name '%.200s' is not defined", name); }

void op_unbound_local_error(PyCodeObject *code, int local)
{
    name_error(PyExc_UnboundLocalError, "cannot access local variable '%s' where it is not associated with a value",
               PyTuple_GET_ITEM(code->co_localsplusnames, local));
}

void op_unbound_deref_error(PyCodeObject *code, int index)
{
    PyObject *name = PyTuple_GET_ITEM(code->co_localsplusnames, index);
    if (index < code->co_nlocalsplus - code->co_nfreevars) op_unbound_local_error(code, index);
    else {
        name_error(PyExc_NameError,
                   "cannot access free variable '%s' where it is not associated with a value in enclosing scope", name);
    }
}

/* A mapping's item, new reference; NULL without an error if it is missing. */
static PyObject *lookup(PyObject *mapping, PyObject *name)
{
    PyObject *o;
    if (PyDict_CheckExact(mapping)) {
        o = PyDict_GetItemWithError(mapping, name);
        return Py_XNewRef(o);
    }
    o = PyObject_GetItem(mapping, name);
    if (!o && PyErr_ExceptionMatches(PyExc_KeyError)) PyErr_Clear();
    return o;
}

PyObject *op_load_classderef(Frame *frame, int index)
{
    PyObject *name = PyTuple_GET_ITEM(frame->code->co_localsplusnames, index);
    PyObject *o = lookup(frame->locals, name);
    if (o || PyErr_Occurred()) return o;
    PyObject *cell = op_cell(frame->registers[index]);
    o = cell ? PyCell_GET(cell) : NULL;
    if (!o) op_unbound_deref_error(frame->code, index);
    return Py_XNewRef(o);
}

static PyObject *load_builtin(Frame *frame, PyObject *name)
{
    PyObject *o = lookup(frame_builtins(frame), name);
    if (!o && !PyErr_Occurred()) undefined_name(name);
    return o;
}

/* Functions honour a __getitem__ or __missing__ of their globals; LOAD_NAME does not. */
PyObject *op_load_global(Frame *frame, PyObject *name)
{
    PyObject *o = lookup(frame_globals(frame), name);
    return o || PyErr_Occurred() ? o : load_builtin(frame, name);
}

PyObject *op_load_name(Frame *frame, PyObject *name)
{
    if (!frame->locals) {
        PyErr_Format(PyExc_SystemError, "no locals when loading %R", name);
        return NULL;
    }
    PyObject *o = lookup(frame->locals, name);
    if (o || PyErr_Occurred()) return o;
    o = PyDict_GetItemWithError(frame_globals(frame), name);
    if (o) return Py_NewRef(o);
    return PyErr_Occurred() ? NULL : load_builtin(frame, name);
}

int op_store_name(Frame *frame, PyObject *name, PyObject *value)
{
    if (!frame->locals) {
        PyErr_Format(PyExc_SystemError, "no locals found when storing %R", name);
        return -1;
    }
    if (PyDict_CheckExact(frame->locals)) return PyDict_SetItem(frame->locals, name, value);
    return PyObject_SetItem(frame->locals, name, value);
}

int op_delete_name(Frame *frame, PyObject *name)
{
    if (!frame->locals) {
        PyErr_Format(PyExc_SystemError, "no locals when deleting %R", name);
        return -1;
    }
    if (PyObject_DelItem(frame->locals, name) == 0) return 0;
    undefined_name(name);
    return -1;
}

int op_delete_global(Frame *frame, PyObject *name)
{
    if (PyDict_DelItem(frame_globals(frame), name) == 0) return 0;
    if (PyErr_ExceptionMatches(PyExc_KeyError)) undefined_name(name);
    return -1;
}

bool op_function_parts_fit(PyObject *code, PyObject *const *parts)
{
    PyObject *defaults = parts[0], *kwdefaults = parts[1], *annotations = parts[2], *closure = parts[3];
    bool fit = PyCode_Check(code) && (!defaults || PyTuple_CheckExact(defaults)) && (!kwdefaults || PyDict_CheckExact(kwdefaults))
        && (!annotations || PyTuple_CheckExact(annotations) || PyDict_CheckExact(annotations))
        && (!closure || PyTuple_CheckExact(closure))
        && (closure ? PyTuple_GET_SIZE(closure) : 0) == ((PyCodeObject *)code)->co_nfreevars;
    for (Py_ssize_t i = 0; fit && closure && i < PyTuple_GET_SIZE(closure); i++) fit = PyCell_Check(PyTuple_GET_ITEM(closure, i));
    if (!fit) PyErr_SetString(PyExc_SystemError, "bad code object: the parts of a function do not fit");
    return fit;
}

PyObject *op_load_build_class(Frame *frame)
{
    PyObject *o = lookup(frame_builtins(frame), NAME(__build_class__));
    if (!o && !PyErr_Occurred()) PyErr_SetString(PyExc_NameError, "__build_class__ not found");
    return o;
}

int op_setup_annotations(Frame *frame)
{
    if (!frame->locals) {
        PyErr_SetString(PyExc_SystemError, "no locals found when setting up annotations");
        return -1;
    }
    PyObject *o = lookup(frame->locals, NAME(__annotations__));
    if (o) {
        Py_DECREF(o);
        return 0;
    }
    if (PyErr_Occurred()) return -1;
    PyObject *dict = PyDict_New();
    int r = dict ? PyObject_SetItem(frame->locals, NAME(__annotations__), dict) : -1;
    Py_XDECREF(dict);
    return r;
}
