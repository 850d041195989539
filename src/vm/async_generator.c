/* Asynchronous generators (PEP 525): the generator, and the awaitables that its methods give. */
#include <Python.h>
#include <stddef.h>
#include <structmember.h>

#include "internal/krait_exports.h"
#include "objects/immortal.h"
#include "objects/names.h"
#include "objects/thread_state.h"
#include "vm/generator.h"
#include "vm/vm.h"

/* A value that the body yields, told apart from what an `await` inside it lets through. */
typedef struct {
    PyObject_HEAD
    PyObject *value;            /* owned */
} WrappedValue;

typedef enum { AWAIT_INIT, AWAIT_ITERATING, AWAIT_CLOSED } AwaitState;

/* asend(value) and __anext__() */
typedef struct {
    PyObject_HEAD
    PyAsyncGenObject *gen;      /* owned */
    PyObject *sent;             /* owned, or NULL for None */
    AwaitState state;
} ASend;

/* athrow(...) and, with args NULL, aclose() */
typedef struct {
    PyObject_HEAD
    PyAsyncGenObject *gen;      /* owned */
    PyObject *args;             /* owned tuple, or NULL */
    AwaitState state;
} AThrow;

PyObject *async_generator_wrap(PyObject *value)
{
    WrappedValue *wrapped = PyObject_GC_New(WrappedValue, &_PyAsyncGenWrappedValue_Type);
    if (!wrapped) return NULL;
    wrapped->value = Py_NewRef(value);
    PyObject_GC_Track(wrapped);
    return (PyObject *)wrapped;
}

PyObject *_PyAsyncGenValueWrapperNew(PyObject *value) { return async_generator_wrap(value); }

static void wrapped_dealloc(WrappedValue *wrapped)
{
    PyObject_GC_UnTrack(wrapped);
    Py_CLEAR(wrapped->value);
    PyObject_GC_Del(wrapped);
}

static int wrapped_traverse(WrappedValue *wrapped, visitproc visit, void *arg)
{
    Py_VISIT(wrapped->value);
    return 0;
}

PyTypeObject _PyAsyncGenWrappedValue_Type = {
    IMMORTAL_TYPE_HEAD,
    .tp_name = "async_generator_wrapped_value",
    .tp_basicsize = sizeof(WrappedValue),
    .tp_dealloc = (destructor)wrapped_dealloc,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_traverse = (traverseproc)wrapped_traverse,
};

/* ---- The event loop's hooks ----------------------------------------------------------------------------------- */

int async_generator_init_hooks(PyAsyncGenObject *gen)
{
    if (gen->ag_hooks_inited) return 0;
    gen->ag_hooks_inited = 1;
    PyThreadState *tstate = thread_state();
    gen->ag_origin_or_finalizer = Py_XNewRef(tstate->async_gen_finalizer);
    PyObject *first = Py_XNewRef(tstate->async_gen_firstiter);
    if (!first) return 0;
    PyObject *result = PyObject_CallOneArg(first, (PyObject *)gen);
    Py_DECREF(first);
    Py_XDECREF(result);
    return result ? 0 : -1;
}

/* ---- The awaitables ------------------------------------------------------------------------------------------- */

/* What a step of the body gave: a wrapped value ends the await with it (StopIteration); anything else goes up to the event
 * loop. Consumes `result`, which may be NULL. */
static PyObject *unwrap(PyAsyncGenObject *gen, PyObject *result)
{
    if (!result) {
        if (!PyErr_Occurred()) PyErr_SetNone(PyExc_StopAsyncIteration);
        if (PyErr_ExceptionMatches(PyExc_StopAsyncIteration) || PyErr_ExceptionMatches(PyExc_GeneratorExit)) gen->ag_closed = 1;
        gen->ag_running_async = 0;
        return NULL;
    }
    if (!Py_IS_TYPE(result, &_PyAsyncGenWrappedValue_Type)) return result;
    _PyGen_SetStopIterationValue(((WrappedValue *)result)->value);
    Py_DECREF(result);
    gen->ag_running_async = 0;
    return NULL;
}

static PyObject *asend_new(PyAsyncGenObject *gen, PyObject *sent)
{
    if (async_generator_init_hooks(gen) < 0) return NULL;
    ASend *o = PyObject_GC_New(ASend, &_PyAsyncGenASend_Type);
    if (!o) return NULL;
    o->gen = (PyAsyncGenObject *)Py_NewRef(gen);
    o->sent = Py_XNewRef(sent);
    o->state = AWAIT_INIT;
    PyObject_GC_Track(o);
    return (PyObject *)o;
}

static void asend_dealloc(ASend *o)
{
    PyObject_GC_UnTrack(o);
    Py_CLEAR(o->gen);
    Py_CLEAR(o->sent);
    PyObject_GC_Del(o);
}

static int asend_traverse(ASend *o, visitproc visit, void *arg)
{
    Py_VISIT(o->gen);
    Py_VISIT(o->sent);
    return 0;
}

static PyObject *asend_send(ASend *o, PyObject *arg)
{
    if (o->state == AWAIT_CLOSED) {
        PyErr_SetString(PyExc_RuntimeError, "cannot reuse already awaited __anext__()/asend()");
        return NULL;
    }
    if (o->state == AWAIT_INIT) {
        if (o->gen->ag_running_async) {
            PyErr_SetString(PyExc_RuntimeError, "anext(): asynchronous generator is already running");
            return NULL;
        }
        if (arg == Py_None) arg = o->sent ? o->sent : Py_None;
        o->state = AWAIT_ITERATING;
    }
    o->gen->ag_running_async = 1;
    PyObject *result = unwrap(o->gen, generator_send((PyObject *)o->gen, arg));
    if (!result) o->state = AWAIT_CLOSED;
    return result;
}

static PyObject *asend_next(ASend *o) { return asend_send(o, Py_None); }

static PyObject *asend_throw(ASend *o, PyObject *const *args, Py_ssize_t nargs)
{
    if (o->state == AWAIT_CLOSED) {
        PyErr_SetString(PyExc_RuntimeError, "cannot reuse already awaited __anext__()/asend()");
        return NULL;
    }
    PyObject *result = unwrap(o->gen, generator_throw((PyObject *)o->gen, args, nargs));
    if (!result) o->state = AWAIT_CLOSED;
    return result;
}

static PyObject *asend_close(ASend *o, PyObject *Py_UNUSED(ignored))
{
    o->state = AWAIT_CLOSED;
    Py_RETURN_NONE;
}

static PyMethodDef asend_methods[] = {
    {"send", (PyCFunction)asend_send, METH_O, PyDoc_STR("send(arg) -> send 'arg' into generator,\nreturn next yielded value or raise StopIteration.")},
    {"throw", (PyCFunction)(void (*)(void))asend_throw, METH_FASTCALL, PyDoc_STR("throw(value)\nthrow(type[,value[,tb]])\n\nRaise the exception inside the generator; return the next value that it yields.")},
    {"close", (PyCFunction)asend_close, METH_NOARGS, PyDoc_STR("close() -> raise GeneratorExit inside generator.")},
    {0},
};

static PyAsyncMethods awaitable_as_async = {.am_await = PyObject_SelfIter};

PyTypeObject _PyAsyncGenASend_Type = {
    IMMORTAL_TYPE_HEAD,
    .tp_name = "async_generator_asend",
    .tp_basicsize = sizeof(ASend),
    .tp_dealloc = (destructor)asend_dealloc,
    .tp_as_async = &awaitable_as_async,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_traverse = (traverseproc)asend_traverse,
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = (iternextfunc)asend_next,
    .tp_methods = asend_methods,
};

/* ---- athrow and aclose ---------------------------------------------------------------------------------------- */

static PyObject *athrow_new(PyAsyncGenObject *gen, PyObject *args)
{
    if (async_generator_init_hooks(gen) < 0) return NULL;
    AThrow *o = PyObject_GC_New(AThrow, &_PyAsyncGenAThrow_Type);
    if (!o) return NULL;
    o->gen = (PyAsyncGenObject *)Py_NewRef(gen);
    o->args = Py_XNewRef(args);
    o->state = AWAIT_INIT;
    PyObject_GC_Track(o);
    return (PyObject *)o;
}

static void athrow_dealloc(AThrow *o)
{
    PyObject_GC_UnTrack(o);
    Py_CLEAR(o->gen);
    Py_CLEAR(o->args);
    PyObject_GC_Del(o);
}

static int athrow_traverse(AThrow *o, visitproc visit, void *arg)
{
    Py_VISIT(o->gen);
    Py_VISIT(o->args);
    return 0;
}

static PyObject *ignored_exit(AThrow *o)
{
    o->gen->ag_running_async = 0;
    o->state = AWAIT_CLOSED;
    PyErr_SetString(PyExc_RuntimeError, "async generator ignored GeneratorExit");
    return NULL;
}

/* The end of the awaitable by an exception: aclose() takes the ones that mean "it is closed" for success. */
static PyObject *athrow_failed(AThrow *o)
{
    o->gen->ag_running_async = 0;
    o->state = AWAIT_CLOSED;
    if (!o->args && (PyErr_ExceptionMatches(PyExc_StopAsyncIteration) || PyErr_ExceptionMatches(PyExc_GeneratorExit))) {
        PyErr_Clear();
        PyErr_SetNone(PyExc_StopIteration);
    }
    return NULL;
}

static PyObject *athrow_start(AThrow *o)
{
    PyGenObject *gen = (PyGenObject *)o->gen;
    if (o->gen->ag_running_async) {
        o->state = AWAIT_CLOSED;
        PyErr_SetString(PyExc_RuntimeError, o->args ? "athrow(): asynchronous generator is already running"
                                                    : "aclose(): asynchronous generator is already running");
        return NULL;
    }
    if (o->gen->ag_closed) {
        o->state = AWAIT_CLOSED;
        PyErr_SetNone(PyExc_StopAsyncIteration);
        return NULL;
    }
    o->state = AWAIT_ITERATING;
    o->gen->ag_running_async = 1;
    PyObject *result;
    if (!o->args) {
        o->gen->ag_closed = 1;
        result = generator_throw_fetched(gen, false, PyExc_GeneratorExit, NULL, NULL);
        if (result && Py_IS_TYPE(result, &_PyAsyncGenWrappedValue_Type)) {
            Py_DECREF(result);
            return ignored_exit(o);
        }
    }
    else {
        PyObject *type, *value = NULL, *traceback = NULL;
        if (!PyArg_UnpackTuple(o->args, "athrow", 1, 3, &type, &value, &traceback)) return NULL;
        result = unwrap(o->gen, generator_throw_fetched(gen, false, type, value, traceback));
    }
    return result ? result : athrow_failed(o);
}

static PyObject *athrow_send(AThrow *o, PyObject *arg)
{
    if (o->state == AWAIT_CLOSED) {
        PyErr_SetString(PyExc_RuntimeError, "cannot reuse already awaited aclose()/athrow()");
        return NULL;
    }
    if (((PyGenObject *)o->gen)->gi_frame_state >= FRAME_COMPLETED) {
        o->state = AWAIT_CLOSED;
        PyErr_SetNone(PyExc_StopIteration);
        return NULL;
    }
    if (o->state == AWAIT_INIT) {
        if (arg != Py_None) {
            PyErr_SetString(PyExc_RuntimeError, "can't send non-None value to a just-started coroutine");
            return NULL;
        }
        return athrow_start(o);
    }
    PyObject *result = generator_send((PyObject *)o->gen, arg);
    if (o->args) {
        result = unwrap(o->gen, result);
        return result ? result : athrow_failed(o);
    }
    if (result && Py_IS_TYPE(result, &_PyAsyncGenWrappedValue_Type)) {
        Py_DECREF(result);
        return ignored_exit(o);
    }
    return result ? result : athrow_failed(o);
}

static PyObject *athrow_next(AThrow *o) { return athrow_send(o, Py_None); }

static PyObject *athrow_throw(AThrow *o, PyObject *const *args, Py_ssize_t nargs)
{
    if (o->state == AWAIT_CLOSED) {
        PyErr_SetString(PyExc_RuntimeError, "cannot reuse already awaited aclose()/athrow()");
        return NULL;
    }
    PyObject *result = generator_throw((PyObject *)o->gen, args, nargs);
    if (o->args) return unwrap(o->gen, result);
    if (result && Py_IS_TYPE(result, &_PyAsyncGenWrappedValue_Type)) {
        Py_DECREF(result);
        return ignored_exit(o);
    }
    return result ? result : athrow_failed(o);
}

static PyObject *athrow_close(AThrow *o, PyObject *Py_UNUSED(ignored))
{
    o->state = AWAIT_CLOSED;
    Py_RETURN_NONE;
}

static PyMethodDef athrow_methods[] = {
    {"send", (PyCFunction)athrow_send, METH_O, PyDoc_STR("send(arg) -> send 'arg' into generator,\nreturn next yielded value or raise StopIteration.")},
    {"throw", (PyCFunction)(void (*)(void))athrow_throw, METH_FASTCALL, PyDoc_STR("throw(value)\nthrow(type[,value[,tb]])\n\nRaise the exception inside the generator; return the next value that it yields.")},
    {"close", (PyCFunction)athrow_close, METH_NOARGS, PyDoc_STR("close() -> raise GeneratorExit inside generator.")},
    {0},
};

PyTypeObject _PyAsyncGenAThrow_Type = {
    IMMORTAL_TYPE_HEAD,
    .tp_name = "async_generator_athrow",
    .tp_basicsize = sizeof(AThrow),
    .tp_dealloc = (destructor)athrow_dealloc,
    .tp_as_async = &awaitable_as_async,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_traverse = (traverseproc)athrow_traverse,
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = (iternextfunc)athrow_next,
    .tp_methods = athrow_methods,
};

/* ---- The generator -------------------------------------------------------------------------------------------- */

static PyObject *gen_anext(PyObject *self) { return asend_new((PyAsyncGenObject *)self, NULL); }
static PyObject *gen_asend(PyObject *self, PyObject *value) { return asend_new((PyAsyncGenObject *)self, value); }
static PyObject *gen_aclose(PyObject *self, PyObject *Py_UNUSED(ignored)) { return athrow_new((PyAsyncGenObject *)self, NULL); }
static PyObject *gen_athrow(PyObject *self, PyObject *args) { return athrow_new((PyAsyncGenObject *)self, args); }

static PyObject *gen_aiter(PyObject *self) { return Py_NewRef(self); }

static int gen_traverse(PyObject *self, visitproc visit, void *arg) { return generator_traverse(self, visit, arg); }

static PyMethodDef gen_methods[] = {
    {"asend", gen_asend, METH_O, PyDoc_STR("asend(v) -> send 'v' in generator.")},
    {"athrow", gen_athrow, METH_VARARGS, PyDoc_STR("athrow(typ[,val[,tb]]) -> raise exception in generator.")},
    {"aclose", gen_aclose, METH_NOARGS, PyDoc_STR("aclose() -> raise GeneratorExit inside generator.")},
    {"__sizeof__", generator_sizeof, METH_NOARGS, PyDoc_STR("gen.__sizeof__() -> bytes that gen takes")},
    {"__class_getitem__", Py_GenericAlias, METH_O | METH_CLASS, PyDoc_STR("See PEP 585")},
    {0},
};

static PyAsyncMethods gen_as_async = {.am_aiter = gen_aiter, .am_anext = gen_anext, .am_send = generator_am_send};

PyTypeObject PyAsyncGen_Type = {
    IMMORTAL_TYPE_HEAD,
    .tp_name = "async_generator",
    .tp_basicsize = offsetof(PyAsyncGenObject, ag_iframe),
    .tp_itemsize = sizeof(PyObject *),
    .tp_dealloc = generator_dealloc,
    .tp_as_async = &gen_as_async,
    .tp_repr = generator_repr,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_traverse = gen_traverse,
    .tp_weaklistoffset = offsetof(PyAsyncGenObject, ag_weakreflist),
    .tp_methods = gen_methods,
    .tp_members = async_generator_members,
    .tp_getset = async_generator_getset,
    .tp_finalize = _PyGen_Finalize,
};

int PyAIter_Check(PyObject *o)
{
    PyAsyncMethods *methods = Py_TYPE(o)->tp_as_async;
    return methods && methods->am_anext;
}
