#include "vm/call.h"

#include <string.h>

#include "objects/names.h"
#include "objects/thread_state.h"
#include "objects/tuple.h"
#include "objects/type/type.h"
#include "vm/data_stack.h"
#include "vm/ops.h"
#include "vm/trace.h"
#include "vm/vm.h"

/* ---- Argument errors ------------------------------------------------------------------------------------------ */

static PyObject *parameter_name(const PyCodeObject *code, int i) { return PyTuple_GET_ITEM(code->co_localsplusnames, i); }

/* "'a'", "'a' and 'b'", "'a', 'b', and 'c'". A new str. */
static PyObject *list_names(PyObject *names)
{
    Py_ssize_t n = PyList_GET_SIZE(names);
    PyObject *text = PyUnicode_FromFormat("%R", PyList_GET_ITEM(names, 0));
    for (Py_ssize_t i = 1; text && i < n; i++) {
        const char *format = i + 1 < n ? "%U, %R" : n == 2 ? "%U and %R" : "%U, and %R";
        Py_SETREF(text, PyUnicode_FromFormat(format, text, PyList_GET_ITEM(names, i)));
    }
    return text;
}

static void missing_error(PyFunctionObject *func, const Value *locals, int start, int end, const char *kind)
{
    PyCodeObject *code = (PyCodeObject *)func->func_code;
    PyObject *names = PyList_New(0), *text = NULL;
    for (int i = start; names && i < end; i++) {
        if (locals[i] == VALUE_EMPTY && PyList_Append(names, parameter_name(code, i)) < 0) Py_CLEAR(names);
    }
    if (names) text = list_names(names);
    if (text) {
        Py_ssize_t n = PyList_GET_SIZE(names);
        PyErr_Format(PyExc_TypeError, "%U() missing %zd required %s argument%s: %U", func->func_qualname, n, kind,
                     n == 1 ? "" : "s", text);
    }
    Py_XDECREF(text);
    Py_XDECREF(names);
}

static void too_many_error(PyFunctionObject *func, const Value *locals, size_t given)
{
    PyCodeObject *code = (PyCodeObject *)func->func_code;
    int count = code->co_argcount, keyword_only = 0;
    Py_ssize_t defaults = func->func_defaults ? PyTuple_GET_SIZE(func->func_defaults) : 0;
    for (int i = count; i < count + code->co_kwonlyargcount; i++) keyword_only += locals[i] != VALUE_EMPTY;
    PyObject *takes = defaults ? PyUnicode_FromFormat("from %zd to %d", count - defaults, count) : PyUnicode_FromFormat("%d", count);
    if (!takes) return;
    bool plural = defaults ? true : count != 1;
    if (keyword_only) {
        PyErr_Format(PyExc_TypeError, "%U() takes %U positional argument%s but %zd positional argument%s (and %d keyword-only argument%s) were given",
                     func->func_qualname, takes, plural ? "s" : "", (Py_ssize_t)given, given != 1 ? "s" : "", keyword_only,
                     keyword_only != 1 ? "s" : "");
    }
    else {
        PyErr_Format(PyExc_TypeError, "%U() takes %U positional argument%s but %zd %s given", func->func_qualname, takes,
                     plural ? "s" : "", (Py_ssize_t)given, given == 1 ? "was" : "were");
    }
    Py_DECREF(takes);
}

/* Keyword arguments that name positional-only parameters: all of them are told. True if there are any. */
static bool positional_only_error(PyFunctionObject *func, PyObject *kwnames)
{
    PyCodeObject *code = (PyCodeObject *)func->func_code;
    PyObject *names = PyList_New(0);
    if (!names) return true;
    for (int i = 0; i < code->co_posonlyargcount; i++) {
        PyObject *name = parameter_name(code, i);
        for (Py_ssize_t k = 0; k < PyTuple_GET_SIZE(kwnames); k++) {
            int same = PyObject_RichCompareBool(name, PyTuple_GET_ITEM(kwnames, k), Py_EQ);
            if (same < 0 || (same && PyList_Append(names, name) < 0)) {
                Py_DECREF(names);
                return true;
            }
        }
    }
    bool any = PyList_GET_SIZE(names) > 0;
    if (any) {
        PyObject *comma = PyUnicode_FromString(", "), *text = comma ? PyUnicode_Join(comma, names) : NULL;
        if (text) {
            PyErr_Format(PyExc_TypeError, "%U() got some positional-only arguments passed as keyword arguments: '%U'",
                         func->func_qualname, text);
        }
        Py_XDECREF(comma);
        Py_XDECREF(text);
    }
    Py_DECREF(names);
    return any;
}

/* ---- Binding -------------------------------------------------------------------------------------------------- */

/* Index of the parameter that a keyword names, -1 if none, -2 with an exception set. Identity settles most cases. */
static int find_parameter(const PyCodeObject *code, PyObject *name)
{
    int total = code->co_argcount + code->co_kwonlyargcount;
    for (int i = code->co_posonlyargcount; i < total; i++) {
        if (parameter_name(code, i) == name) return i;
    }
    if (PyUnicode_CHECK_INTERNED(name)) return -1;      /* as the parameters are */
    for (int i = code->co_posonlyargcount; i < total; i++) {
        int same = PyObject_RichCompareBool(name, parameter_name(code, i), Py_EQ);
        if (same < 0) return -2;
        if (same) return i;
    }
    return -1;
}

/* Where the arguments of a call come from: up to two values that are owned here, then objects, or the operands of a CALL. */
typedef struct {
    Value first[2];
    size_t first_count;
    PyObject *const *objects;           /* borrowed; NULL: operands */
    const Word *ip;
    Value *registers;
    const Value *constants;
    int first_temporary, constant_count;
    PyObject *keywords;                 /* borrowed: a dict of exact strings with more, or NULL */
} Arguments;

static PyObject *const no_objects[1];

static uint16_t lane(const Word *ip, size_t i) { return ip[3 + i / 4].lane[i % 4]; }

/* Argument i as a value for a register. Each is taken once: what is owned here or is a temporary is moved, a local lent. */
ALWAYS_INLINE Value take_argument(Arguments *a, size_t i)
{
    if (i < a->first_count) {
        Value v = a->first[i];
        a->first[i] = VALUE_EMPTY;
        return v;
    }
    i -= a->first_count;
    if (a->objects) return op_load(a->objects[i]);
    uint16_t x = lane(a->ip, i);
    if (x & OPERAND_CONSTANT) return a->constants[(x & ~OPERAND_CONSTANT) + a->constant_count];
    return operand_pass(a->registers, a->first_temporary, x);
}

/* A function that got a keyword argument which it has no parameter for. */
static void unexpected_keyword_error(PyFunctionObject *func, PyObject *name, PyObject *kwnames)
{
    PyCodeObject *code = (PyCodeObject *)func->func_code;
    if (code->co_posonlyargcount && positional_only_error(func, kwnames)) return;
    if (PyErr_Occurred()) return;
    PyErr_Format(PyExc_TypeError, "%U() got an unexpected keyword argument '%S'", func->func_qualname, name);
}

/* Finds the place of a keyword argument: a local, or NULL with *failed where it goes to `extra`, or with an exception set. */
ALWAYS_INLINE Value *place_keyword(PyFunctionObject *func, Value *locals, PyObject *name, PyObject *extra, bool *failed)
{
    int i = find_parameter((PyCodeObject *)func->func_code, name);
    *failed = i == -2 || (i == -1 && !extra);
    if (i < 0) return NULL;
    if (LIKELY(locals[i] == VALUE_EMPTY)) return &locals[i];
    PyErr_Format(PyExc_TypeError, "%U() got multiple values for argument '%S'", func->func_qualname, name);
    *failed = true;
    return NULL;
}

/* Binds the keyword arguments, which follow the `nargs` positional ones. */
ALWAYS_INLINE int bind_keywords(PyFunctionObject *func, Value *locals, Arguments *a, size_t nargs, PyObject *kwnames, PyObject *extra)
{
    for (Py_ssize_t k = 0; k < PyTuple_GET_SIZE(kwnames); k++) {
        PyObject *name = PyTuple_GET_ITEM(kwnames, k);
        bool failed;
        if (UNLIKELY(!PyUnicode_Check(name))) {
            PyErr_Format(PyExc_TypeError, "%U() keywords must be strings", func->func_qualname);
            return -1;
        }
        Value *place = place_keyword(func, locals, name, extra, &failed);
        if (place) *place = take_argument(a, nargs + (size_t)k);
        else if (UNLIKELY(failed)) {
            if (!PyErr_Occurred()) unexpected_keyword_error(func, name, kwnames);
            return -1;
        }
        else {
            PyObject *o = value_take_boxed(take_argument(a, nargs + (size_t)k));
            int status = o ? PyDict_SetItem(extra, name, o) : -1;
            Py_XDECREF(o);
            if (status < 0) return -1;
        }
    }
    return 0;
}

/* The same for those of a dict of exact strings, which no comparison can change. */
static int bind_dict(PyFunctionObject *func, Value *locals, PyObject *keywords, PyObject *extra)
{
    PyObject *name, *value;
    for (Py_ssize_t i = 0; dict_next_borrow((PyDictObject *)keywords, &i, &name, &value);) {
        bool failed;
        Value *place = place_keyword(func, locals, name, extra, &failed);
        if (place) *place = op_load(value);
        else if (UNLIKELY(failed)) {
            PyObject *names = PyErr_Occurred() ? NULL : PySequence_Tuple(keywords);
            if (names) unexpected_keyword_error(func, name, names);
            Py_XDECREF(names);
            return -1;
        }
        else if (PyDict_SetItem(extra, name, value) < 0) return -1;
    }
    return 0;
}

/* Gives the keyword-only parameters that got nothing their defaults. */
static int bind_keyword_defaults(PyFunctionObject *func, Value *locals)
{
    PyCodeObject *code = (PyCodeObject *)func->func_code;
    int start = code->co_argcount, end = start + code->co_kwonlyargcount;
    bool missing = false;
    for (int i = start; i < end; i++) {
        if (locals[i] != VALUE_EMPTY) continue;
        PyObject *value = func->func_kwdefaults ? PyDict_GetItemWithError(func->func_kwdefaults, parameter_name(code, i)) : NULL;
        if (value) locals[i] = op_load(value);
        else if (PyErr_Occurred()) return -1;
        else missing = true;
    }
    if (missing) missing_error(func, locals, start, end, "keyword-only");
    return missing ? -1 : 0;
}

/* The same for the positional parameters, of which the first `given` got something. */
ALWAYS_INLINE int bind_defaults(PyFunctionObject *func, Value *locals, int given)
{
    int count = ((PyCodeObject *)func->func_code)->co_argcount;
    int required = func->func_defaults ? count - (int)PyTuple_GET_SIZE(func->func_defaults) : count;
    for (int i = given; i < required; i++) {
        if (UNLIKELY(locals[i] == VALUE_EMPTY)) {
            missing_error(func, locals, 0, required, "positional");
            return -1;
        }
    }
    for (int i = given > required ? given : required; i < count; i++) {
        if (locals[i] == VALUE_EMPTY) locals[i] = op_load(PyTuple_GET_ITEM(func->func_defaults, i - required));
    }
    return 0;
}

/* A tuple of the positional arguments from number `start` on. */
ALWAYS_INLINE PyObject *collect_rest(Arguments *a, size_t start, size_t nargs)
{
    if (start >= nargs) return PyTuple_New(0);
    PyObject *rest = PyTuple_New((Py_ssize_t)(nargs - start));
    for (size_t i = start; rest && i < nargs; i++) {
        PyObject *o = value_take_boxed(take_argument(a, i));
        if (o) PyTuple_SET_ITEM(rest, (Py_ssize_t)(i - start), o);
        else Py_CLEAR(rest);
    }
    return rest;
}

/* Binds all arguments but the first `taken`, which are bound; the other locals are empty. */
ALWAYS_INLINE int bind_rest(PyFunctionObject *func, Value *locals, Arguments *a, size_t taken, size_t nargs, PyObject *kwnames)
{
    PyCodeObject *code = (PyCodeObject *)func->func_code;
    size_t count = (size_t)code->co_argcount;
    PyObject *extra = NULL;
    if (code->co_flags & (CO_VARARGS | CO_VARKEYWORDS)) {
        Value *next = &locals[code->co_argcount + code->co_kwonlyargcount];
        if (code->co_flags & CO_VARARGS) {
            PyObject *rest = collect_rest(a, taken, nargs);
            if (!rest) return -1;
            *next++ = value_from_owned(rest);
        }
        if (code->co_flags & CO_VARKEYWORDS) {
            if (!(extra = PyDict_New())) return -1;
            *next = value_from_owned(extra);
        }
    }
    if (kwnames && bind_keywords(func, locals, a, nargs, kwnames, extra) < 0) return -1;
    if (a->keywords && bind_dict(func, locals, a->keywords, extra) < 0) return -1;
    if (UNLIKELY(nargs > count) && !(code->co_flags & CO_VARARGS)) {
        too_many_error(func, locals, nargs);
        return -1;
    }
    if (nargs < count && bind_defaults(func, locals, (int)nargs) < 0) return -1;
    return code->co_kwonlyargcount ? bind_keyword_defaults(func, locals) : 0;
}

/* A pushed and counted frame; the first `taken` registers hold nothing and are not even empty. */
ALWAYS_INLINE Frame *push_unbound(PyThreadState *tstate, PyFunctionObject *func, PyObject *locals, int taken)
{
    ExecCode *exec = code_exec((PyCodeObject *)func->func_code);
    if (LIKELY(exec && exec->fused_function && !locals && !tstate->cframe->use_tracing)) {
        Frame *frame = call_push_simple(tstate, func, exec, taken, 0);
        if (LIKELY(frame != NULL)) Py_INCREF(func);
        return frame;
    }
    if (vm_enter_recursion(tstate) < 0) return NULL;
    Frame *frame = frame_push(tstate, func, locals);
    if (!frame) vm_leave_recursion(tstate);
    return frame;
}

ALWAYS_INLINE Frame *push_bound(PyThreadState *tstate, PyFunctionObject *func, PyObject *locals, Arguments *a, size_t nargs,
                                PyObject *kwnames)
{
    size_t count = (size_t)((PyCodeObject *)func->func_code)->co_argcount, taken = nargs < count ? nargs : count;
    Frame *frame = push_unbound(tstate, func, locals, (int)taken);
    if (LIKELY(frame != NULL)) {
        for (size_t i = 0; i < taken; i++) frame->registers[i] = take_argument(a, i);
        if (LIKELY(bind_rest(func, frame->registers, a, taken, nargs, kwnames) == 0)) return frame;
        vm_leave_recursion(tstate);
        frame_pop(tstate, frame);
    }
    for (size_t i = 0; i < a->first_count; i++) value_release(a->first[i]);
    return NULL;
}

/* ---- Calls from the loop -------------------------------------------------------------------------------------- */

PyFunctionObject *call_method_borrow(PyObject *callable)
{
    if (Py_TYPE(callable)->tp_call != slot_tp_call) return NULL;
    PyObject *method = _PyType_Lookup(Py_TYPE(callable), NAME(__call__));
    return method && call_is_python(method) ? (PyFunctionObject *)method : NULL;
}

static PyObject *keyword_names(const Value *constants, const Word *ip)
{
    return ip[1].op ? value_object(constants[ip[1].op - 1]) : NULL;
}

Frame *call_push_value(PyThreadState *tstate, PyFunctionObject *func, Value argument)
{
    Arguments a = {.first = {argument}, .first_count = 1, .objects = no_objects};
    return push_bound(tstate, func, NULL, &a, 1, NULL);
}

Frame *call_push_operands(PyThreadState *tstate, PyFunctionObject *func, Value first, Value second, Frame *caller, const Word *ip)
{
    PyObject *kwnames = keyword_names(caller->exec->constants, ip);
    Arguments a = {
        .first = {first, second}, .first_count = (size_t)((first != VALUE_EMPTY) + (second != VALUE_EMPTY)), .ip = ip,
        .registers = caller->registers, .constants = caller->exec->constants, .constant_count = caller->exec->constant_count,
        .first_temporary = caller->exec->first_temporary,
    };
    size_t nargs = a.first_count + ip->c;
    return push_bound(tstate, func, NULL, &a, kwnames ? nargs - (size_t)PyTuple_GET_SIZE(kwnames) : nargs, kwnames);
}

Frame *call_push_ex(PyThreadState *tstate, PyObject *callable, PyObject *args, PyObject *keywords)
{
    Arguments a = {.objects = tuple_items(args), .keywords = keywords};
    if (PyMethod_Check(callable)) {
        a.first[0] = value_from_owned(Py_NewRef(PyMethod_GET_SELF(callable)));
        a.first_count = 1;
        callable = PyMethod_GET_FUNCTION(callable);
    }
    return push_bound(tstate, (PyFunctionObject *)callable, NULL, &a, a.first_count + (size_t)PyTuple_GET_SIZE(args), NULL);
}

PyObject *call_object(PyThreadState *tstate, PyObject *callable, PyObject *self, Value *registers, const Value *constants,
                      const Word *ip)
{
    int count = ip->c, with_self = self != NULL;
    PyObject *kwnames = keyword_names(constants, ip);
    PyObject *few[CALL_FEW + 2], **args = count <= CALL_FEW ? few : PyMem_New(PyObject *, count + 2), *result = NULL;
    if (!args) return PyErr_NoMemory();
    args[1] = self;
    for (int i = 0; i < count; i++) {
        uint16_t x = lane(ip, i);
        PyObject *o = operand_object(x & OPERAND_CONSTANT ? (Value *)&constants[x & ~OPERAND_CONSTANT] : &registers[x]);
        if (!o) goto done;
        args[1 + with_self + i] = o;
    }
    size_t keywords = kwnames ? (size_t)PyTuple_GET_SIZE(kwnames) : 0;
    size_t nargs = (size_t)(count + with_self) - keywords;
    if (tstate->cframe->use_tracing) result = trace_call(tstate, callable, args + 1, nargs | PY_VECTORCALL_ARGUMENTS_OFFSET, kwnames);
    else result = PyObject_Vectorcall(callable, args + 1, nargs | PY_VECTORCALL_ARGUMENTS_OFFSET, kwnames);
done:
    if (args != few) PyMem_Free(args);
    return result;
}

/* A new reference to an operand's object; a temporary is empty from then on. NULL with MemoryError set. */
ALWAYS_INLINE PyObject *keep_operand(Frame *frame, uint16_t x)
{
    bool temporary = (int16_t)x >= frame->exec->first_temporary;
    Value *slot = x & OPERAND_CONSTANT ? (Value *)&frame->exec->constants[x & ~OPERAND_CONSTANT] : &frame->registers[x];
    PyObject *o = operand_object(slot);
    if (UNLIKELY(!o)) return NULL;
    bool moved = temporary && value_is_owned(*slot);
    if (temporary) *slot = VALUE_EMPTY;
    return moved ? o : Py_NewRef(o);
}

/* The first `nargs` operands in a tuple, which is not tracked. */
ALWAYS_INLINE PyObject *tuple_of_operands(Frame *frame, const Word *ip, int nargs)
{
    PyObject *tuple = tuple_new_untracked(nargs);
    if (UNLIKELY(!tuple)) return NULL;
    for (int i = 0; i < nargs; i++) {
        PyObject *o = tuple_items(tuple)[i] = keep_operand(frame, lane(ip, (size_t)i));
        if (LIKELY(o != NULL)) continue;
        while (++i < nargs) tuple_items(tuple)[i] = NULL;
        Py_DECREF(tuple);
        return NULL;
    }
    return tuple;
}

PyObject *call_c_tuple(PyThreadState *tstate, PyObject *callable, PyMethodDef *def, PyObject *self, Frame *frame, const Word *ip)
{
    PyObject *tuple = tuple_of_operands(frame, ip, ip->c), *result = NULL;
    if (UNLIKELY(!tuple)) return NULL;
    if (LIKELY(vm_enter_recursion(tstate) == 0)) {
        result = def->ml_flags & METH_KEYWORDS ? ((PyCFunctionWithKeywords)(void (*)(void))def->ml_meth)(self, tuple, NULL)
                                               : def->ml_meth(self, tuple);
        vm_leave_recursion(tstate);
        result = call_result(tstate, callable, result);
    }
    tuple_drop_arguments(tuple);
    return result;
}

PyObject *call_operands_in_tuple(PyThreadState *tstate, PyObject *callable, Frame *frame, const Word *ip)
{
    PyObject *kwnames = keyword_names(frame->exec->constants, ip), *keywords = NULL, *result = NULL;
    int nargs = ip->c - (kwnames ? (int)PyTuple_GET_SIZE(kwnames) : 0);
    PyObject *tuple = tuple_of_operands(frame, ip, nargs);
    if (UNLIKELY(!tuple)) return NULL;
    if (kwnames && !(keywords = PyDict_New())) goto done;
    for (int i = nargs; i < ip->c; i++) {
        PyObject *o = keep_operand(frame, lane(ip, (size_t)i));
        int status = o ? PyDict_SetItem(keywords, PyTuple_GET_ITEM(kwnames, i - nargs), o) : -1;
        Py_XDECREF(o);
        if (status < 0) goto done;
    }
    result = call_tp_call(tstate, callable, Py_TYPE(callable)->tp_call, tuple, keywords);
done:
    tuple_drop_arguments(tuple);
    Py_XDECREF(keywords);
    return result;
}

/* ---- f(*args, **keywords) ------------------------------------------------------------------------------------- */

static PyObject *as_tuple(PyObject *callable, PyObject *args)
{
    if (PyTuple_CheckExact(args)) return Py_NewRef(args);
    if (!Py_TYPE(args)->tp_iter && !PySequence_Check(args)) {
        PyObject *name = _PyObject_FunctionStr(callable);
        if (name) {
            PyErr_Format(PyExc_TypeError, "%U argument after * must be an iterable, not %.200s", name, Py_TYPE(args)->tp_name);
            Py_DECREF(name);
        }
        return NULL;
    }
    return PySequence_Tuple(args);
}

static PyObject *as_dict(PyObject *callable, PyObject *keywords, bool copy)
{
    if (PyDict_CheckExact(keywords) && !copy) return Py_NewRef(keywords);
    PyObject *dict = PyDict_New();
    if (dict && op_dict_merge(dict, keywords, callable) < 0) Py_CLEAR(dict);
    return dict;
}

PyObject *call_ex(PyThreadState *tstate, PyObject *callable, PyObject *args, PyObject *keywords, bool copy)
{
    PyObject *dict = keywords ? as_dict(callable, keywords, copy) : NULL, *result = NULL;
    if (keywords && !dict) return NULL;
    PyObject *tuple = as_tuple(callable, args);
    if (tuple) {
        if (tstate->cframe->use_tracing) result = trace_call_ex(tstate, callable, tuple, dict);
        else result = PyObject_Call(callable, tuple, dict);
    }
    Py_XDECREF(tuple);
    Py_XDECREF(dict);
    return result;
}

void call_init_result_error(Value result)
{
    PyObject *o = value_take_boxed(result);
    if (!o) return;
    PyErr_Format(PyExc_TypeError, "__init__() should return None, not '%.200s'", Py_TYPE(o)->tp_name);
    Py_DECREF(o);
}

/* ---- Calls from C --------------------------------------------------------------------------------------------- */

PyObject *vm_call_function(PyThreadState *tstate, PyFunctionObject *func, PyObject *locals, PyObject *const *args, size_t nargs,
                           PyObject *kwnames)
{
    Arguments a = {.objects = args ? args : no_objects};
    Frame *frame = push_bound(tstate, func, locals, &a, nargs, kwnames);
    if (!frame) return NULL;
    vm_leave_recursion(tstate);     /* vm_run counts it */
    return vm_run(tstate, frame);
}

void call_fill_defaults(Frame *callee, PyFunctionObject *func, int count)
{
    int total = callee->exec->simple_arguments, required = total - (int)PyTuple_GET_SIZE(func->func_defaults);
    for (int i = count; i < total; i++) callee->registers[i] = op_load(PyTuple_GET_ITEM(func->func_defaults, i - required));
}

PyObject *_PyFunction_Vectorcall(PyObject *callable, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    PyThreadState *tstate = thread_state();
    PyFunctionObject *func = (PyFunctionObject *)callable;
    Py_ssize_t nargs = PyVectorcall_NARGS(nargsf);
    ExecCode *exec = code_exec((PyCodeObject *)func->func_code);
    if (UNLIKELY(!exec || kwnames || tstate->cframe->use_tracing || !call_defaults_fit(func, exec, (int)nargs))) {
        return vm_call_function(tstate, func, NULL, args, (size_t)nargs, kwnames);
    }
    Frame *frame = call_push_simple(tstate, func, exec, exec->simple_arguments, frame_linkage(RETURN_TO_C, 0, 0));
    if (UNLIKELY(!frame)) return NULL;
    Py_INCREF(func);
    for (Py_ssize_t i = 0; i < nargs; i++) frame->registers[i] = op_load(args[i]);
    if (exec->simple_arguments != nargs) call_fill_defaults(frame, func, (int)nargs);
    vm_leave_recursion(tstate);     /* vm_run counts it */
    return vm_run(tstate, frame);
}

/* ---- Loans ------------------------------------------------------------------------------------------------------ */

static bool calls_function(Value v, PyCFunction function)
{
    PyObject *o = value_is_object(v) ? value_object(v) : NULL;
    return o && PyCFunction_CheckExact(o) && PyCFunction_GET_FUNCTION(o) == function;
}

bool vm_argument_is_lent(PyThreadState *tstate, PyCFunction function)
{
    Frame *frame = tstate->cframe->current_frame;
    const Word *ip = frame ? frame->ip : NULL;
    if (!ip || frame->exec->word_count == 0 || ip < frame->exec->words || ip->c == 0) return false;
    uint16_t x = lane(ip, 0);
    bool lent = x & OPERAND_CONSTANT || x < frame->exec->first_temporary;
    switch (exec_opcode(ip)) {
    case X_CALL: case X_CALL_C: case X_CALL_C_ONE:
        return lent && !(ip->b & OPERAND_CONSTANT) && calls_function(frame->registers[ip->b], function);
    case X_CALL_METHOD: case X_CALL_METHOD_C: case X_CALL_METHOD_C_ONE:
        return lent && frame->registers[ip->b] == VALUE_EMPTY && calls_function(frame->registers[ip->b + 1], function);
    default: return false;
    }
}
