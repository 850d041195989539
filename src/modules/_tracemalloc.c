/* The _tracemalloc module: memory/tracemalloc.h as Python sees it. */
#include <Python.h>

#include "memory/gc.h"
#include "memory/tracemalloc.h"

/* ---- Tracebacks as tuples ------------------------------------------------------------------------------------- */

/* ((file, line), ...), innermost first. A new reference. */
static PyObject *traceback_tuple(const Traceback *traceback)
{
    PyObject *tuple = PyTuple_New(traceback->count), *unknown = tuple ? PyUnicode_FromString("<unknown>") : NULL;
    for (int i = 0; unknown && i < traceback->count; i++) {
        const TraceFrame *frame = &traceback->frames[i];
        PyObject *pair = Py_BuildValue("(OI)", frame->file ? frame->file : unknown, frame->line);
        if (!pair) Py_CLEAR(tuple);
        if (!pair) break;
        PyTuple_SET_ITEM(tuple, i, pair);
    }
    if (!unknown) Py_CLEAR(tuple);
    Py_XDECREF(unknown);
    return tuple;
}

/* The traceback of a block as a tuple, or None. A new reference. */
PyObject *_PyTraceMalloc_GetTraceback(unsigned int domain, uintptr_t address)
{
    Trace trace;
    if (!tracemalloc_find(domain, address, &trace)) Py_RETURN_NONE;
    return traceback_tuple(trace.traceback);
}

PyDoc_STRVAR(get_object_traceback_doc,
"_get_object_traceback($module, obj, /)\n--\n\n"
"Where the memory of obj was allocated: a tuple of (filename, lineno), or None if that is not known.");

static PyObject *get_object_traceback(PyObject *Py_UNUSED(module), PyObject *obj)
{
    return _PyTraceMalloc_GetTraceback(0, (uintptr_t)obj - gc_header_size(Py_TYPE(obj)));
}

PyDoc_STRVAR(get_traces_doc,
"_get_traces($module, /)\n--\n\n"
"All traced blocks: a list of (domain, size, traceback, number of frames), empty if tracing is off.");

/* Blocks of one place share the tuple. `known` maps a Traceback to its tuple, borrowed from the list. */
static PyObject *record_tuple(_Py_hashtable_t *known, const TraceRecord *record)
{
    const Traceback *traceback = record->trace.traceback;
    PyObject *frames = _Py_hashtable_get(known, traceback);
    if (frames) Py_INCREF(frames);
    else {
        frames = traceback_tuple(traceback);
        if (!frames) return NULL;
        if (_Py_hashtable_set(known, traceback, frames) < 0) {
            Py_DECREF(frames);
            return PyErr_NoMemory();
        }
    }
    return Py_BuildValue("(InNi)", record->domain, (Py_ssize_t)record->trace.size, frames, traceback->total);
}

static PyObject *get_traces(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(ignored))
{
    if (!_Py_tracemalloc_config.tracing) return PyList_New(0);
    size_t count;
    TraceRecord *records = tracemalloc_copy_traces(&count);
    _Py_hashtable_t *known = _Py_hashtable_new(_Py_hashtable_hash_ptr, _Py_hashtable_compare_direct);
    PyObject *list = !records || !known ? PyErr_NoMemory() : PyList_New((Py_ssize_t)count);
    for (size_t i = 0; list && i < count; i++) {
        PyObject *tuple = record_tuple(known, &records[i]);
        if (tuple) PyList_SET_ITEM(list, (Py_ssize_t)i, tuple);
        else Py_CLEAR(list);
    }
    if (known) _Py_hashtable_destroy(known);
    tracemalloc_free_traces(records);
    return list;
}

/* ---- Switches and gauges -------------------------------------------------------------------------------------- */

PyDoc_STRVAR(is_tracing_doc, "is_tracing($module, /)\n--\n\nWhether allocations are being traced.");

static PyObject *is_tracing(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(ignored))
{
    return PyBool_FromLong(_Py_tracemalloc_config.tracing);
}

PyDoc_STRVAR(clear_traces_doc, "clear_traces($module, /)\n--\n\nForget all blocks traced so far.");

static PyObject *clear_traces(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(ignored))
{
    if (_Py_tracemalloc_config.tracing) tracemalloc_clear();
    Py_RETURN_NONE;
}

PyDoc_STRVAR(start_doc,
"start($module, nframe=1, /)\n--\n\nTrace allocations from now on, each with up to nframe frames of its traceback.");

static PyObject *start(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    int frames = 1;
    if (!_PyArg_ParseStack(args, nargs, "|i:start", &frames) || tracemalloc_start(frames) < 0) return NULL;
    Py_RETURN_NONE;
}

PyDoc_STRVAR(stop_doc, "stop($module, /)\n--\n\nTrace no more, and forget all traces.");

static PyObject *stop(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(ignored))
{
    tracemalloc_stop();
    Py_RETURN_NONE;
}

PyDoc_STRVAR(get_traceback_limit_doc,
"get_traceback_limit($module, /)\n--\n\nHow many frames of a traceback are kept: 1 unless start() was told otherwise.");

static PyObject *get_traceback_limit(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(ignored))
{
    return PyLong_FromLong(_Py_tracemalloc_config.max_nframe);
}

PyDoc_STRVAR(get_tracemalloc_memory_doc,
"get_tracemalloc_memory($module, /)\n--\n\nBytes that tracemalloc itself uses for the traces.");

static PyObject *get_tracemalloc_memory(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(ignored))
{
    return PyLong_FromSize_t(tracemalloc_overhead());
}

PyDoc_STRVAR(get_traced_memory_doc,
"get_traced_memory($module, /)\n--\n\nBytes in the traced blocks, now and at most: (current, peak).");

static PyObject *get_traced_memory(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(ignored))
{
    if (!_Py_tracemalloc_config.tracing) return Py_BuildValue("ii", 0, 0);
    size_t traced = tracemalloc_runtime.traced, peak = tracemalloc_runtime.peak;
    return Py_BuildValue("nn", (Py_ssize_t)traced, (Py_ssize_t)peak);
}

PyDoc_STRVAR(reset_peak_doc, "reset_peak($module, /)\n--\n\nLet the peak be what is traced now.");

static PyObject *reset_peak(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(ignored))
{
    if (_Py_tracemalloc_config.tracing) tracemalloc_reset_peak();
    Py_RETURN_NONE;
}

static PyMethodDef methods[] = {
    {"is_tracing", is_tracing, METH_NOARGS, is_tracing_doc},
    {"clear_traces", clear_traces, METH_NOARGS, clear_traces_doc},
    {"_get_traces", get_traces, METH_NOARGS, get_traces_doc},
    {"_get_object_traceback", get_object_traceback, METH_O, get_object_traceback_doc},
    {"start", (PyCFunction)(void (*)(void))start, METH_FASTCALL, start_doc},
    {"stop", stop, METH_NOARGS, stop_doc},
    {"get_traceback_limit", get_traceback_limit, METH_NOARGS, get_traceback_limit_doc},
    {"get_tracemalloc_memory", get_tracemalloc_memory, METH_NOARGS, get_tracemalloc_memory_doc},
    {"get_traced_memory", get_traced_memory, METH_NOARGS, get_traced_memory_doc},
    {"reset_peak", reset_peak, METH_NOARGS, reset_peak_doc},
    {0},
};

static struct PyModuleDef module_def = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_tracemalloc",
    .m_doc = PyDoc_STR("Traces which Python lines allocate memory: the C half of tracemalloc."),
    .m_size = 0,
    .m_methods = methods,
};

PyMODINIT_FUNC PyInit__tracemalloc(void) { return PyModuleDef_Init(&module_def); }
