/* Python functions (the manual: reference/datamodel, "User-defined functions"). */
#include <Python.h>
#include "internal/krait_exports.h"
#include "objects/code.h"
#include "objects/containers.h"
#include "objects/dict/dict.h"
#include "objects/immortal.h"
#include "objects/names.h"
#include "objects/thread_state.h"
#include "vm/vm.h"

#include <stddef.h>
#include <structmember.h>

/* ---- Making --------------------------------------------------------------------------------------------------- */

/* What a new function takes from its globals: __name__ (borrowed, or NULL) and the builtins (a new reference, NULL with an
 * exception). Where the two names stand among these keys is remembered. */
static PyObject *look_into_globals(PyThreadState *tstate, PyObject *globals, PyObject **module)
{
    PyDictObject *dict = (PyDictObject *)globals;
    struct GlobalsPlaces *places = &vm_runtime.globals_places;
    if (PyDict_CheckExact(globals) && dict->ma_keys->dk_kind == KEYS_UNICODE) {
        if (dict_keys_version(dict->ma_keys) != places->version || !places->version) {
            places->name = dict_get_index(dict, NAME(__name__), dict_unicode_hash(NAME(__name__)));
            places->builtins = dict_get_index(dict, NAME(__builtins__), dict_unicode_hash(NAME(__builtins__)));
            places->version = dict->ma_keys->dk_version;
        }
        if (places->version && places->name >= 0 && places->builtins >= 0) {
            *module = dict_entry_value_at(dict->ma_keys, places->name);
            PyObject *builtins = dict_entry_value_at(dict->ma_keys, places->builtins);
            return Py_NewRef(PyModule_Check(builtins) ? PyModule_GetDict(builtins) : builtins);
        }
    }
    *module = PyDict_GetItemWithError(globals, NAME(__name__));
    return *module || !PyErr_Occurred() ? vm_builtins_for(tstate, globals) : NULL;
}

/* Code, its names, its doc string and the defaults are kept and dropped as immortal.h says: a function of frozen code that nobody
 * calls leaves them clean. */
static void replace(PyObject **field, PyObject *value_taken)
{
    PyObject *old = *field;
    *field = value_taken;
    if (old) immortal_drop(old);
}

PyObject *PyFunction_NewWithQualName(PyObject *code_object, PyObject *globals, PyObject *qualname)
{
    PyCodeObject *code = (PyCodeObject *)code_object;
    PyObject *module, *builtins = look_into_globals(thread_state(), globals, &module);
    if (!builtins) return NULL;
    PyFunctionObject *func = container_new(&PyFunction_Type, sizeof(PyFunctionObject));
    if (!func) {
        Py_DECREF(builtins);
        return NULL;
    }
    PyObject *doc = PyTuple_GET_SIZE(code->co_consts) ? PyTuple_GET_ITEM(code->co_consts, 0) : Py_None;
    bool known = code_has_static_doc(code);     /* it need not be looked at */
    if (!known && !PyUnicode_Check(doc)) doc = Py_None;
    func->func_globals = Py_NewRef(globals);
    func->func_builtins = builtins;
    func->func_name = immortal_keep(code->co_name);
    func->func_qualname = immortal_keep(qualname ? qualname : code->co_qualname);
    func->func_code = immortal_keep(code_object);
    func->func_defaults = func->func_kwdefaults = func->func_closure = NULL;
    func->func_doc = known ? doc : immortal_keep(doc);
    func->func_dict = func->func_weakreflist = NULL;
    func->func_module = Py_XNewRef(module);
    func->func_annotations = NULL;
    func->vectorcall = _PyFunction_Vectorcall;
    func->func_version = 0;
    gc_track(func);
    return (PyObject *)func;
}

PyObject *PyFunction_New(PyObject *code, PyObject *globals)
{
    return PyFunction_NewWithQualName(code, globals, NULL);
}

/* Whatever changes how the function must be called makes inline caches that know it by version miss. */
static void function_changed(PyFunctionObject *func) { func->func_version = 0; }

/* ---- The C API ------------------------------------------------------------------------------------------------ */

#define ACCESSOR(NAME, FIELD) \
    PyObject *PyFunction_Get##NAME(PyObject *o) \
    { \
        if (!PyFunction_Check(o)) { \
            PyErr_BadInternalCall(); \
            return NULL; \
        } \
        return ((PyFunctionObject *)o)->FIELD; \
    }

ACCESSOR(Code, func_code)
ACCESSOR(Globals, func_globals)
ACCESSOR(Module, func_module)
ACCESSOR(Defaults, func_defaults)
ACCESSOR(KwDefaults, func_kwdefaults)
ACCESSOR(Closure, func_closure)

static int set_field(PyObject *o, PyObject **field, PyObject *value, bool right_type, const char *complaint)
{
    if (!PyFunction_Check(o)) {
        PyErr_BadInternalCall();
        return -1;
    }
    if (value == Py_None) value = NULL;
    else if (!right_type) {
        PyErr_SetString(PyExc_SystemError, complaint);
        return -1;
    }
    function_changed((PyFunctionObject *)o);
    replace(field, value ? immortal_keep(value) : NULL);
    return 0;
}

int PyFunction_SetDefaults(PyObject *o, PyObject *defaults)
{
    return set_field(o, &((PyFunctionObject *)o)->func_defaults, defaults, defaults && PyTuple_Check(defaults), "non-tuple default args");
}

int PyFunction_SetKwDefaults(PyObject *o, PyObject *defaults)
{
    return set_field(o, &((PyFunctionObject *)o)->func_kwdefaults, defaults, defaults && PyDict_Check(defaults),
                     "non-dict keyword only default args");
}

int PyFunction_SetClosure(PyObject *o, PyObject *closure)
{
    if (closure != Py_None && !PyTuple_Check(closure)) {
        PyErr_Format(PyExc_SystemError, "expected tuple for closure, got '%.100s'", Py_TYPE(closure)->tp_name);
        return -1;
    }
    return set_field(o, &((PyFunctionObject *)o)->func_closure, closure, true, "");
}

int PyFunction_SetAnnotations(PyObject *o, PyObject *annotations)
{
    return set_field(o, &((PyFunctionObject *)o)->func_annotations, annotations, annotations && PyDict_Check(annotations),
                     "non-dict annotations");
}

/* __annotations__ as a dict: a compiler-made tuple of names and values is turned into one at first sight. Borrowed. */
static PyObject *annotations_borrow(PyFunctionObject *func)
{
    PyObject *made = func->func_annotations;
    if (!made || !PyTuple_CheckExact(made)) return made;
    PyObject *dict = PyDict_New();
    for (Py_ssize_t i = 0; dict && i + 1 < PyTuple_GET_SIZE(made); i += 2) {
        if (PyDict_SetItem(dict, PyTuple_GET_ITEM(made, i), PyTuple_GET_ITEM(made, i + 1)) < 0) Py_CLEAR(dict);
    }
    if (dict) Py_SETREF(func->func_annotations, dict);
    return dict;
}

PyObject *PyFunction_GetAnnotations(PyObject *o)
{
    if (!PyFunction_Check(o)) {
        PyErr_BadInternalCall();
        return NULL;
    }
    return annotations_borrow((PyFunctionObject *)o);
}

/* ---- Attributes ----------------------------------------------------------------------------------------------- */

static PyObject *get_code(PyFunctionObject *func, void *Py_UNUSED(closure))
{
    if (PySys_Audit("object.__getattr__", "Os", func, "__code__") < 0) return NULL;
    return Py_NewRef(func->func_code);
}

static int set_code(PyFunctionObject *func, PyObject *value, void *Py_UNUSED(closure))
{
    if (!value || !PyCode_Check(value)) {
        PyErr_SetString(PyExc_TypeError, "__code__ must be set to a code object");
        return -1;
    }
    if (PySys_Audit("object.__setattr__", "OsO", func, "__code__", value) < 0) return -1;
    Py_ssize_t free_variables = ((PyCodeObject *)value)->co_nfreevars;
    Py_ssize_t cells = func->func_closure ? PyTuple_GET_SIZE(func->func_closure) : 0;
    if (cells != free_variables) {
        PyErr_Format(PyExc_ValueError, "%U() requires a code object with %zd free vars, not %zd", func->func_name, cells,
                     free_variables);
        return -1;
    }
    function_changed(func);
    replace(&func->func_code, Py_NewRef(value));
    return 0;
}

static PyObject *get_name(PyFunctionObject *func, void *Py_UNUSED(closure)) { return Py_NewRef(func->func_name); }
static PyObject *get_qualname(PyFunctionObject *func, void *Py_UNUSED(closure)) { return Py_NewRef(func->func_qualname); }

static int set_name(PyFunctionObject *func, PyObject *value, void *Py_UNUSED(closure))
{
    if (!value || !PyUnicode_Check(value)) {
        PyErr_SetString(PyExc_TypeError, "__name__ must be set to a string object");
        return -1;
    }
    replace(&func->func_name, Py_NewRef(value));
    return 0;
}

static int set_qualname(PyFunctionObject *func, PyObject *value, void *Py_UNUSED(closure))
{
    if (!value || !PyUnicode_Check(value)) {
        PyErr_SetString(PyExc_TypeError, "__qualname__ must be set to a string object");
        return -1;
    }
    replace(&func->func_qualname, Py_NewRef(value));
    return 0;
}

static PyObject *get_defaults(PyFunctionObject *func, void *Py_UNUSED(closure))
{
    if (PySys_Audit("object.__getattr__", "Os", func, "__defaults__") < 0) return NULL;
    return Py_NewRef(func->func_defaults ? func->func_defaults : Py_None);
}

static int set_defaults(PyFunctionObject *func, PyObject *value, void *Py_UNUSED(closure))
{
    if (value == Py_None) value = NULL;
    if (value && !PyTuple_Check(value)) {
        PyErr_SetString(PyExc_TypeError, "__defaults__ must be set to a tuple object");
        return -1;
    }
    if (PySys_Audit(value ? "object.__setattr__" : "object.__delattr__", value ? "OsO" : "Os", func, "__defaults__", value) < 0) return -1;
    function_changed(func);
    replace(&func->func_defaults, value ? immortal_keep(value) : NULL);
    return 0;
}

static PyObject *get_kwdefaults(PyFunctionObject *func, void *Py_UNUSED(closure))
{
    if (PySys_Audit("object.__getattr__", "Os", func, "__kwdefaults__") < 0) return NULL;
    return Py_NewRef(func->func_kwdefaults ? func->func_kwdefaults : Py_None);
}

static int set_kwdefaults(PyFunctionObject *func, PyObject *value, void *Py_UNUSED(closure))
{
    if (value == Py_None) value = NULL;
    if (value && !PyDict_Check(value)) {
        PyErr_SetString(PyExc_TypeError, "__kwdefaults__ must be set to a dict object");
        return -1;
    }
    if (PySys_Audit(value ? "object.__setattr__" : "object.__delattr__", value ? "OsO" : "Os", func, "__kwdefaults__", value) < 0) return -1;
    function_changed(func);
    Py_XSETREF(func->func_kwdefaults, Py_XNewRef(value));
    return 0;
}

static PyObject *get_annotations(PyFunctionObject *func, void *Py_UNUSED(closure))
{
    if (!func->func_annotations && !(func->func_annotations = PyDict_New())) return NULL;
    return Py_XNewRef(annotations_borrow(func));
}

static int set_annotations(PyFunctionObject *func, PyObject *value, void *Py_UNUSED(closure))
{
    if (value == Py_None) value = NULL;
    if (value && !PyDict_Check(value)) {
        PyErr_SetString(PyExc_TypeError, "__annotations__ must be set to a dict object");
        return -1;
    }
    function_changed(func);
    Py_XSETREF(func->func_annotations, Py_XNewRef(value));
    return 0;
}

static PyGetSetDef function_getset[] = {
    {"__code__", (getter)get_code, (setter)set_code, NULL, NULL},
    {"__defaults__", (getter)get_defaults, (setter)set_defaults, NULL, NULL},
    {"__kwdefaults__", (getter)get_kwdefaults, (setter)set_kwdefaults, NULL, NULL},
    {"__annotations__", (getter)get_annotations, (setter)set_annotations, NULL, NULL},
    {"__dict__", PyObject_GenericGetDict, PyObject_GenericSetDict, NULL, NULL},
    {"__name__", (getter)get_name, (setter)set_name, NULL, NULL},
    {"__qualname__", (getter)get_qualname, (setter)set_qualname, NULL, NULL},
    {0},
};

#define OFFSET(field) offsetof(PyFunctionObject, field)
static PyMemberDef function_members[] = {
    {"__closure__", T_OBJECT, OFFSET(func_closure), READONLY, NULL},
    {"__doc__", T_OBJECT, OFFSET(func_doc), MEMBER_SPARES_IMMORTALS, NULL},
    {"__globals__", T_OBJECT, OFFSET(func_globals), READONLY, NULL},
    {"__module__", T_OBJECT, OFFSET(func_module), 0, NULL},
    {"__builtins__", T_OBJECT, OFFSET(func_builtins), READONLY, NULL},
    {0},
};

/* ---- Slots ---------------------------------------------------------------------------------------------------- */

PyDoc_STRVAR(function_doc,
"function(code, globals, name=None, argdefs=None, closure=None)\n--\n\n"
"Make a function object.\n\n"
"  code\n    the code object that it runs\n"
"  globals\n    the dict of its global names\n"
"  name\n    a str in place of the code object's name\n"
"  argdefs\n    a tuple of default values of the last parameters\n"
"  closure\n    a tuple of cells for the code's free variables");

static int check_closure(PyCodeObject *code, PyObject *name, PyObject *closure)
{
    Py_ssize_t wanted = code->co_nfreevars, given = closure == Py_None ? 0 : PyTuple_GET_SIZE(closure);
    if (wanted != given) {
        (void)name;
        PyErr_Format(PyExc_ValueError, "%U requires closure of length %zd, not %zd", code->co_name, wanted, given);
        return -1;
    }
    for (Py_ssize_t i = 0; i < given; i++) {
        PyObject *cell = PyTuple_GET_ITEM(closure, i);
        if (!PyCell_Check(cell)) {
            PyErr_Format(PyExc_TypeError, "arg 5 (closure) expected cell, found %s", Py_TYPE(cell)->tp_name);
            return -1;
        }
    }
    return 0;
}

static PyObject *function_new(PyTypeObject *Py_UNUSED(type), PyObject *args, PyObject *kwargs)
{
    static char *keywords[] = {"code", "globals", "name", "argdefs", "closure", NULL};
    PyObject *code, *globals, *name = Py_None, *defaults = Py_None, *closure = Py_None;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O!O!|OOO:function", keywords, &PyCode_Type, &code, &PyDict_Type, &globals,
                                     &name, &defaults, &closure)) {
        return NULL;
    }
    if (name != Py_None && !PyUnicode_Check(name)) {
        PyErr_SetString(PyExc_TypeError, "arg 3 (name) must be None or string");
        return NULL;
    }
    if (defaults != Py_None && !PyTuple_Check(defaults)) {
        PyErr_SetString(PyExc_TypeError, "arg 4 (defaults) must be None or tuple");
        return NULL;
    }
    if (!PyTuple_Check(closure)) {
        if (((PyCodeObject *)code)->co_nfreevars && closure == Py_None) {
            PyErr_SetString(PyExc_TypeError, "arg 5 (closure) must be tuple");
            return NULL;
        }
        if (closure != Py_None) {
            PyErr_SetString(PyExc_TypeError, "arg 5 (closure) must be None or tuple");
            return NULL;
        }
    }
    if (check_closure((PyCodeObject *)code, name, closure) < 0) return NULL;
    if (PySys_Audit("function.__new__", "O", code) < 0) return NULL;
    PyFunctionObject *func = (PyFunctionObject *)PyFunction_New(code, globals);
    if (!func) return NULL;
    if (name != Py_None) replace(&func->func_name, Py_NewRef(name));
    if (defaults != Py_None) func->func_defaults = immortal_keep(defaults);
    if (closure != Py_None) func->func_closure = Py_NewRef(closure);
    return (PyObject *)func;
}

static int function_clear(PyFunctionObject *func)
{
    Py_CLEAR(func->func_globals);
    Py_CLEAR(func->func_builtins);
    Py_CLEAR(func->func_module);
    replace(&func->func_defaults, NULL);
    replace(&func->func_kwdefaults, NULL);
    replace(&func->func_doc, NULL);
    Py_CLEAR(func->func_dict);
    replace(&func->func_closure, NULL);
    Py_CLEAR(func->func_annotations);
    return 0;
}

/* For the collector: code stays and the names become empty, for what is left of a function caught in a cycle may be seen. */
static int function_clear_cycle(PyFunctionObject *func)
{
    function_clear(func);
    replace(&func->func_name, PyUnicode_New(0, 0));
    replace(&func->func_qualname, PyUnicode_New(0, 0));
    return 0;
}

static void function_dealloc(PyFunctionObject *func)
{
    if (gc_tracked(func)) gc_untrack(func);
    if (func->func_weakreflist) PyObject_ClearWeakRefs((PyObject *)func);
    function_clear(func);
    immortal_drop(func->func_code);
    immortal_drop(func->func_name);
    immortal_drop(func->func_qualname);
    gc_free(func, sizeof(GcHead));
}

static int function_traverse(PyFunctionObject *func, visitproc visit, void *arg)
{
    Py_VISIT(func->func_code);
    Py_VISIT(func->func_globals);
    Py_VISIT(func->func_builtins);
    Py_VISIT(func->func_module);
    Py_VISIT(func->func_defaults);
    Py_VISIT(func->func_kwdefaults);
    Py_VISIT(func->func_doc);
    Py_VISIT(func->func_name);
    Py_VISIT(func->func_dict);
    Py_VISIT(func->func_closure);
    Py_VISIT(func->func_annotations);
    Py_VISIT(func->func_qualname);
    return 0;
}

static PyObject *function_repr(PyFunctionObject *func)
{
    return PyUnicode_FromFormat("<function %U at %p>", func->func_qualname, func);
}

static PyObject *function_get(PyObject *func, PyObject *obj, PyObject *Py_UNUSED(type))
{
    if (!obj || obj == Py_None) {
        if (!obj) return Py_NewRef(func);
        return Py_NewRef(func);
    }
    return PyMethod_New(func, obj);
}

PyTypeObject PyFunction_Type = {
    IMMORTAL_TYPE_HEAD,
    .tp_name = "function",
    .tp_basicsize = sizeof(PyFunctionObject),
    .tp_dealloc = (destructor)function_dealloc,
    .tp_vectorcall_offset = OFFSET(vectorcall),
    .tp_repr = (reprfunc)function_repr,
    .tp_call = PyVectorcall_Call,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_HAVE_VECTORCALL | Py_TPFLAGS_METHOD_DESCRIPTOR,
    .tp_doc = function_doc,
    .tp_traverse = (traverseproc)function_traverse,
    .tp_clear = (inquiry)function_clear_cycle,
    .tp_weaklistoffset = OFFSET(func_weakreflist),
    .tp_members = function_members,
    .tp_getset = function_getset,
    .tp_descr_get = function_get,
    .tp_dictoffset = OFFSET(func_dict),
    .tp_new = function_new,
};
