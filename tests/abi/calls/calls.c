/* Calls every exported function, for run.py: call(name, arguments...) -> (result, exception or None).
 *
 * thunks.inc has a thunk and a Row for each function of tools/abi/exports.tsv (tools/abi/exports thunks). Arguments go by what they
 * are: an int is a number or an address, a str or bytes text, a bytearray memory that is written to, None and NULL a null pointer, a
 * list an array of objects (terminated by NULL), and for a PyObject ** the place that is read or written. The row says who owns what;
 * if it is right and the function keeps to it, a call leaves no reference too many and none too few. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <structmember.h>

#include <locale.h>
#include <stdarg.h>
#include <stdbool.h>

enum { MOST_WORDS = 24, SPARE_WORDS = 8 };  /* the words behind the last argument are NULL: what a variadic function reads */

typedef union {
    void *p;
    long long i;
    double d;
    Py_complex c;
    PyStatus status;
} Word;

typedef struct {
    const char *name;
    void (*thunk)(Word *a, Word *result);
    const char *parameters;     /* a letter each: O object, R variable of an object, d double, c complex, w wide text, S status,
                                   i number, * any other; "." at the end: variadic */
    const char *ownership;      /* for each parameter: s stolen, x stolen on success, r replaced, n receives a new, b a borrowed one */
    char result;                /* O new, B borrowed object, i u number, d, c, s text, w wide text, * pointer, S status, - nothing */
} Row;

#include "thunks.inc"

static PyObject *Null;          /* stands for NULL */

static PyObject *object_or_null(PyObject *o) { return o ? o : Py_NewRef(Null); }

/* What a call needs as long as it runs. */
typedef struct {
    Word words[MOST_WORDS + SPARE_WORDS];
    PyObject *slots[MOST_WORDS];            /* the variables of objects */
    void *memory[MOST_WORDS];               /* to be freed */
} Call;

static const Row *find_row(const char *name)
{
    for (const Row *row = rows; row->name; row++) {
        if (strcmp(row->name, name) == 0) return row;
    }
    return NULL;
}

/* An array of the objects of a list, NULL at its end. */
static int put_array(Call *call, Py_ssize_t n, PyObject *list)
{
    PyObject **array = PyMem_Calloc((size_t)PyList_GET_SIZE(list) + 1, sizeof *array);
    if (!array) return -1;
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(list); i++) {
        PyObject *item = PyList_GET_ITEM(list, i);
        array[i] = item == Null ? NULL : item;
    }
    call->words[n].p = call->memory[n] = array;
    return 0;
}

static int put_argument(Call *call, Py_ssize_t n, char parameter, char ownership, PyObject *arg)
{
    Word *word = &call->words[n];
    if (parameter == 'R' && PyList_Check(arg)) {
        PyObject *content = PyList_GET_SIZE(arg) ? PyList_GET_ITEM(arg, 0) : Null;
        call->slots[n] = content == Null ? NULL : ownership == 'r' ? Py_NewRef(content) : content;
        word->p = &call->slots[n];
    }
    else if (arg == Null) word->p = NULL;
    else if (parameter == 'O') {
        word->p = arg;
        if (ownership == 's' || ownership == 'x') Py_INCREF(arg);
    }
    else if (parameter == 'd') word->d = PyFloat_AsDouble(arg);
    else if (parameter == 'c') word->c = PyComplex_AsCComplex(arg);
    else if (parameter == 'S') word->status = arg == Py_None ? PyStatus_Ok() : PyStatus_Error("a status");
    else if (arg == Py_None) word->p = NULL;
    else if (PyLong_Check(arg)) word->i = (long long)PyLong_AsUnsignedLongLongMask(arg);
    else if (PyByteArray_Check(arg)) word->p = PyByteArray_AS_STRING(arg);
    else if (PyBytes_Check(arg)) word->p = PyBytes_AS_STRING(arg);
    else if (PyUnicode_Check(arg) && parameter == 'w') word->p = call->memory[n] = PyUnicode_AsWideCharString(arg, NULL);
    else if (PyUnicode_Check(arg)) word->p = (void *)PyUnicode_AsUTF8(arg);
    else if (PyList_Check(arg)) return put_array(call, n, arg);
    else word->p = arg;
    return PyErr_Occurred() ? -1 : 0;
}

static PyObject *result_object(const Row *row, const Word *r)
{
    switch (row->result) {
    case 'O': return object_or_null(r->p);
    case 'B': return object_or_null(Py_XNewRef((PyObject *)r->p));
    case 'i': return PyLong_FromLongLong(r->i);
    case 'u': return PyLong_FromUnsignedLongLong((unsigned long long)r->i);
    case 'd': return PyFloat_FromDouble(r->d);
    case 'c': return PyComplex_FromCComplex(r->c);
    case 's': return r->p ? PyUnicode_DecodeLatin1(r->p, (Py_ssize_t)strlen(r->p), NULL) : Py_NewRef(Null);
    case 'w': return r->p ? PyUnicode_FromWideChar(r->p, -1) : Py_NewRef(Null);
    case 'S': return Py_BuildValue("(izi)", r->status._type, r->status.err_msg, r->status.exitcode);
    case '*': return r->p ? PyLong_FromVoidPtr(r->p) : Py_NewRef(Null);
    default: return Py_NewRef(Py_None);
    }
}

/* Whether the call reports success, for what is stolen on success only. */
static int succeeded(const Row *row, const Word *r)
{
    return row->result == 'i' ? r->i >= 0 : row->result == '-' || r->p;
}

static PyObject *call(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    const char *name = nargs ? PyUnicode_AsUTF8(args[0]) : "";
    bool with_error = name && *name == '!';         /* an exception is set before the call */
    const Row *row = name ? find_row(name + with_error) : NULL;
    if (!row) return PyErr_Format(PyExc_LookupError, "no function %s", name);
    const char *p = row->parameters, *end = p + strcspn(p, ".");
    if (nargs - 1 < end - p || nargs - 1 > (*end ? MOST_WORDS : end - p)) {
        return PyErr_Format(PyExc_TypeError, "%s has parameters %s", name, p);
    }
    Call c = {0};
    PyObject *result = NULL, *type, *exception, *traceback;
    for (Py_ssize_t i = 1; i < nargs; i++) {
        char parameter = i - 1 < end - p ? p[i - 1] : '*';
        if (put_argument(&c, i - 1, parameter, i - 1 < end - p ? row->ownership[i - 1] : ' ', args[i]) < 0) goto done;
    }
    Word r = {0};
    if (with_error) PyErr_SetString(PyExc_ValueError, "set before");
    row->thunk(c.words, &r);
    PyErr_Fetch(&type, &exception, &traceback);
    if (type) {
        PyErr_NormalizeException(&type, &exception, &traceback);
        Py_DECREF(type);
        Py_XDECREF(traceback);
    }
    result = Py_BuildValue("(NN)", result_object(row, &r), exception ? exception : Py_NewRef(Py_None));
    for (Py_ssize_t i = 0; i < nargs - 1 && i < end - p; i++) {
        if (row->ownership[i] == 'x' && !succeeded(row, &r)) Py_DECREF(args[i + 1]);
        if (p[i] == 'R' && c.words[i].p) {
            PyObject *content = object_or_null(c.slots[i]);
            if (row->ownership[i] == 'b' && c.slots[i]) Py_INCREF(content);
            if (PyList_SetSlice(args[i + 1], 0, PY_SSIZE_T_MAX, NULL) < 0 || PyList_Append(args[i + 1], content) < 0) PyErr_Clear();
            if (row->ownership[i] != ' ' || !c.slots[i]) Py_DECREF(content);
        }
    }
done:
    for (Py_ssize_t i = 0; i < MOST_WORDS; i++) PyMem_Free(c.memory[i]);
    return result;
}

/* ---- What functions are given --------------------------------------------------------------------------------------- */

static PyObject *c_twice(PyObject *Py_UNUSED(self), PyObject *arg) { return PyNumber_Add(arg, arg); }
static void c_nothing(void) {}
static void c_take(void *Py_UNUSED(p)) {}
static int c_zero(void *Py_UNUSED(p)) { return 0; }
static int c_audit(const char *Py_UNUSED(event), PyObject *Py_UNUSED(args), void *Py_UNUSED(data)) { return 0; }
static int c_trace(PyObject *Py_UNUSED(o), PyFrameObject *Py_UNUSED(f), int Py_UNUSED(what), PyObject *Py_UNUSED(arg)) { return 0; }
static PyObject *c_get(PyObject *self, void *Py_UNUSED(closure)) { return Py_NewRef(Py_TYPE(self)); }
static PyObject *c_parse(const char *text, Py_ssize_t n, void *Py_UNUSED(data)) { return PyUnicode_FromStringAndSize(text, n); }
static PyObject *c_init(void) { return PyModuleDef_Init(NULL); }
static int c_cross(PyObject *Py_UNUSED(o), struct _xid *Py_UNUSED(data)) { return 0; }
static int c_keep(PyObject *Py_UNUSED(o)) { return 0; }
static Py_uhash_t c_hash(const void *p) { return (Py_uhash_t)(uintptr_t)p; }
static int c_same(const void *a, const void *b) { return a == b; }
static int c_each(void *Py_UNUSED(table), const void *Py_UNUSED(key), const void *Py_UNUSED(value), void *Py_UNUSED(data)) { return 0; }
static PyObject *c_wrapped(PyObject *self, PyObject *Py_UNUSED(args), void *Py_UNUSED(wrapped)) { return PyObject_Repr(self); }

static PyMethodDef twice_def = {"twice", c_twice, METH_O, "twice($module, arg, /)\n--\n\nTwo of it."};
static PyMethodDef functions_def[] = {{"twice", c_twice, METH_O, NULL}, {0}};
static PyModuleDef module_def = {PyModuleDef_HEAD_INIT, .m_name = "made", .m_methods = functions_def};
static PyModuleDef_Slot no_slots[] = {{0, NULL}};
static PyModuleDef phases_def = {PyModuleDef_HEAD_INIT, .m_name = "phases", .m_slots = no_slots};
static PyGetSetDef getset_def = {"kind", c_get, NULL, NULL, NULL};
static PyMemberDef member_def = {"place", T_PYSSIZET, offsetof(PyVarObject, ob_size), READONLY, NULL};
static PyMemberDef write_def = {"written", T_INT, 0, 0, NULL};
static struct wrapperbase wrapper_def = {.name = "__repr__", .wrapper = (wrapperfunc)c_wrapped, .doc = "repr"};
static PyStructSequence_Field fields[] = {{"first", NULL}, {"second", NULL}, {NULL, NULL}};
static PyStructSequence_Desc sequence_def = {"pair", NULL, fields, 2};
static PyType_Slot type_slots[] = {{Py_tp_doc, "doc"}, {0, NULL}};
static PyType_Spec spec = {"made.Kind", sizeof(PyObject), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE, type_slots};
static PyTypeObject static_type = {PyVarObject_HEAD_INIT(NULL, 0) .tp_name = "made.Static", .tp_basicsize = sizeof(PyObject)};
static const char *const keywords[] = {"first", "second", NULL};
static _PyArg_Parser format_parser = {.format = "O|O:named", .keywords = keywords};
static _PyArg_Parser plain_parser = {.fname = "named", .keywords = keywords};
static _Py_Identifier identifier = {"real", -1};
static struct _inittab inittab[] = {{"made", c_init}, {NULL, NULL}};

/* Things in C by name: addresses. */
static const struct {
    const char *name;
    const void *address;
} things[] = {
    {"twice", (void *)c_twice}, {"nothing", (void *)c_nothing}, {"take", (void *)c_take}, {"zero", (void *)c_zero},
    {"audit", (void *)c_audit}, {"trace", (void *)c_trace}, {"parse", (void *)c_parse}, {"init", (void *)c_init},
    {"cross", (void *)c_cross}, {"keep", (void *)c_keep}, {"hash", (void *)c_hash}, {"same", (void *)c_same}, {"each", (void *)c_each},
    {"twice_def", &twice_def}, {"functions_def", functions_def}, {"module_def", &module_def}, {"phases_def", &phases_def},
    {"getset_def", &getset_def}, {"member_def", &member_def}, {"write_def", &write_def}, {"wrapper_def", &wrapper_def},
    {"sequence_def", &sequence_def}, {"spec", &spec}, {"static_type", &static_type}, {"keywords", keywords},
    {"format_parser", &format_parser}, {"plain_parser", &plain_parser}, {"identifier", &identifier}, {"inittab", inittab},
};

static PyObject *tstate(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(none)) { return PyLong_FromVoidPtr(PyThreadState_Get()); }
static PyObject *interp(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(none)) { return PyLong_FromVoidPtr(PyInterpreterState_Get()); }
static PyObject *address(PyObject *Py_UNUSED(module), PyObject *o) { return PyLong_FromVoidPtr(PyByteArray_Check(o) ? PyByteArray_AS_STRING(o) : (void *)o); }

static PyObject *c_localeconv(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(none)) { return PyLong_FromVoidPtr(localeconv()); }
/* An object with one reference more, as a function returns it. */
static PyObject *returned(PyObject *Py_UNUSED(module), PyObject *o) { Py_INCREF(o); return Py_NewRef(o); }

/* file(bytes): a FILE * with that content, read from its start. */
static PyObject *file(PyObject *Py_UNUSED(module), PyObject *text)
{
    FILE *f = tmpfile();
    if (!f || !PyBytes_Check(text)) return PyErr_SetFromErrno(PyExc_OSError);
    fwrite(PyBytes_AS_STRING(text), 1, (size_t)PyBytes_GET_SIZE(text), f);
    rewind(f);
    return PyLong_FromVoidPtr(f);
}

static PyMethodDef methods[] = {
    {"call", (PyCFunction)(void (*)(void))call, METH_FASTCALL, NULL}, {"tstate", tstate, METH_NOARGS, NULL},
    {"interp", interp, METH_NOARGS, NULL}, {"file", file, METH_O, NULL}, {"address", address, METH_O, NULL},
    {"localeconv", c_localeconv, METH_NOARGS, NULL}, {"returned", returned, METH_O, NULL}, {0},
};
static PyModuleDef calls_def = {PyModuleDef_HEAD_INIT, .m_name = "calls", .m_size = -1, .m_methods = methods};

PyMODINIT_FUNC PyInit_calls(void)
{
    PyObject *module = PyModule_Create(&calls_def);
    if (!module) return NULL;
    Null = PyUnicode_FromString("NULL");
    PyObject *table = PyDict_New(), *addresses = PyDict_New();
    for (const Row *row = rows; row->name; row++) {
        PyObject *facts = Py_BuildValue("(ssC)", row->parameters, row->ownership, row->result);
        if (!facts || PyDict_SetItemString(table, row->name, facts) < 0) return NULL;
        Py_DECREF(facts);
    }
    for (size_t i = 0; i < Py_ARRAY_LENGTH(things); i++) {
        PyObject *number = PyLong_FromVoidPtr((void *)things[i].address);
        if (!number || PyDict_SetItemString(addresses, things[i].name, number) < 0) return NULL;
        Py_DECREF(number);
    }
    if (PyModule_AddObjectRef(module, "NULL", Null) < 0 || PyModule_AddObject(module, "rows", table) < 0
        || PyModule_AddObject(module, "things", addresses) < 0) {
        return NULL;
    }
    return module;
}
