/* The gc module: the cycle collector's controls and gauges. */
#include "memory/gc.h"

#include <Python.h>

static struct GcState *state(void)
{
    return &memory_runtime.gc;
}

/* ---- switches ---- */

static PyObject *gc_enable(PyObject *module, PyObject *unused)
{
    (void)module;
    (void)unused;
    PyGC_Enable();
    Py_RETURN_NONE;
}

static PyObject *gc_disable(PyObject *module, PyObject *unused)
{
    (void)module;
    (void)unused;
    PyGC_Disable();
    Py_RETURN_NONE;
}

static PyObject *gc_isenabled(PyObject *module, PyObject *unused)
{
    (void)module;
    (void)unused;
    return PyBool_FromLong(PyGC_IsEnabled());
}

static PyObject *gc_collect_method(PyObject *module, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    (void)module;
    static const char *const keywords[] = {"generation", NULL};
    static _PyArg_Parser parser = {.format = "|i:collect", .keywords = keywords};
    int generation = GC_GENERATIONS - 1;
    if (!_PyArg_ParseStackAndKeywords(args, nargs, kwnames, &parser, &generation)) return NULL;
    if (generation < 0 || generation >= GC_GENERATIONS) {
        PyErr_SetString(PyExc_ValueError, "invalid generation");
        return NULL;
    }
    return PyLong_FromSsize_t(gc_collect(generation, true));
}

static PyObject *gc_set_debug(PyObject *module, PyObject *arg)
{
    (void)module;
    int flags = _PyLong_AsInt(arg);
    if (flags == -1 && PyErr_Occurred()) return NULL;
    state()->debug = flags;
    Py_RETURN_NONE;
}

static PyObject *gc_get_debug(PyObject *module, PyObject *unused)
{
    (void)module;
    (void)unused;
    return PyLong_FromLong(state()->debug);
}

static PyObject *gc_set_threshold(PyObject *module, PyObject *args)
{
    (void)module;
    int *threshold[GC_GENERATIONS];
    for (int i = 0; i < GC_GENERATIONS; i++) threshold[i] = &state()->generations[i].threshold;
    if (!PyArg_ParseTuple(args, "i|ii:set_threshold", threshold[0], threshold[1], threshold[2])) return NULL;
    Py_RETURN_NONE;
}

static PyObject *gc_get_threshold(PyObject *module, PyObject *unused)
{
    (void)module;
    (void)unused;
    struct GcGeneration *g = state()->generations;
    return Py_BuildValue("(iii)", g[0].threshold, g[1].threshold, g[2].threshold);
}

/* ---- gauges ---- */

static PyObject *gc_get_count(PyObject *module, PyObject *unused)
{
    (void)module;
    (void)unused;
    struct GcGeneration *g = state()->generations;
    return Py_BuildValue("(iii)", g[0].count, g[1].count, g[2].count);
}

static PyObject *gc_get_stats(PyObject *module, PyObject *unused)
{
    (void)module;
    (void)unused;
    /* The figures are copied first: making the result may collect. */
    struct GcStats stats[GC_GENERATIONS];
    memcpy(stats, state()->stats, sizeof stats);
    PyObject *result = PyList_New(0);
    for (int i = 0; result && i < GC_GENERATIONS; i++) {
        PyObject *dict = Py_BuildValue("{snsnsn}", "collections", stats[i].collections, "collected", stats[i].collected,
                                       "uncollectable", stats[i].uncollectable);
        if (!dict || PyList_Append(result, dict) < 0) Py_CLEAR(result);
        Py_XDECREF(dict);
    }
    return result;
}

static PyObject *gc_is_tracked(PyObject *module, PyObject *op)
{
    (void)module;
    return PyBool_FromLong(PyObject_GC_IsTracked(op));
}

static PyObject *gc_is_finalized(PyObject *module, PyObject *op)
{
    (void)module;
    return PyBool_FromLong(PyObject_GC_IsFinalized(op));
}

/* ---- looking at the heap ----
 * The result list is made before the walk and only grows inside it; growing a list allocates no container, so nothing is collected
 * while the lists of objects are walked. */

/* Appends the objects of a list other than the result itself. -1 with an exception. */
static int append_objects(PyObject *result, GcHead *list)
{
    for (GcHead *h = (GcHead *)list->next; h != list; h = (GcHead *)h->next) {
        PyObject *op = gc_object(h);
        if (op != result && PyList_Append(result, op) < 0) return -1;
    }
    return 0;
}

static PyObject *gc_get_objects(PyObject *module, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    static const char *const keywords[] = {"generation", NULL};
    static _PyArg_Parser parser = {.format = "|O&:get_objects", .keywords = keywords};
    Py_ssize_t generation = -1;
    if (!_PyArg_ParseStackAndKeywords(args, nargs, kwnames, &parser, _Py_convert_optional_to_ssize_t, &generation)) {
        return NULL;
    }
    if (PySys_Audit("gc.get_objects", "n", generation) < 0) return NULL;
    (void)module;
    if (generation >= GC_GENERATIONS) {
        return PyErr_Format(PyExc_ValueError,
                            "generation parameter must be less than the number of available generations (%i)",
                            GC_GENERATIONS);
    }
    if (generation < -1) {
        PyErr_SetString(PyExc_ValueError, "generation parameter cannot be negative");
        return NULL;
    }
    PyObject *result = PyList_New(0);
    for (int i = 0; result && i < GC_GENERATIONS; i++) {
        if (generation >= 0 && generation != i) continue;
        if (append_objects(result, &state()->generations[i].head) < 0) Py_CLEAR(result);
    }
    return result;
}

static int visit_is_among(PyObject *op, void *tuple)
{
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE((PyObject *)tuple); i++) {
        if (PyTuple_GET_ITEM((PyObject *)tuple, i) == op) return 1;
    }
    return 0;
}

static PyObject *gc_get_referrers(PyObject *module, PyObject *args)
{
    (void)module;
    if (PySys_Audit("gc.get_referrers", "(O)", args) < 0) return NULL;
    PyObject *result = PyList_New(0);
    for (int i = 0; result && i < GC_GENERATIONS; i++) {
        GcHead *list = &state()->generations[i].head;
        for (GcHead *h = (GcHead *)list->next; h != list; h = (GcHead *)h->next) {
            PyObject *op = gc_object(h);
            if (op == args || op == result || !Py_TYPE(op)->tp_traverse(op, visit_is_among, args)) continue;
            if (PyList_Append(result, op) < 0) {
                Py_CLEAR(result);
                break;
            }
        }
    }
    return result;
}

static int visit_append(PyObject *op, void *list)
{
    return PyList_Append(list, op) < 0;
}

static PyObject *gc_get_referents(PyObject *module, PyObject *args)
{
    (void)module;
    if (PySys_Audit("gc.get_referents", "(O)", args) < 0) return NULL;
    PyObject *result = PyList_New(0);
    for (Py_ssize_t i = 0; result && i < PyTuple_GET_SIZE(args); i++) {
        PyObject *op = PyTuple_GET_ITEM(args, i);
        traverseproc traverse = gc_is_container(op) ? Py_TYPE(op)->tp_traverse : NULL;
        if (traverse && traverse(op, visit_append, result)) Py_CLEAR(result);
    }
    return result;
}

/* ---- freezing ---- */

static PyObject *gc_freeze(PyObject *module, PyObject *unused)
{
    (void)module;
    (void)unused;
    for (int i = 0; i < GC_GENERATIONS; i++) {
        gc_list_merge(&state()->generations[i].head, &state()->frozen.head);
        state()->generations[i].count = 0;
    }
    Py_RETURN_NONE;
}

static PyObject *gc_unfreeze(PyObject *module, PyObject *unused)
{
    (void)module;
    (void)unused;
    gc_list_merge(&state()->frozen.head, &state()->generations[GC_GENERATIONS - 1].head);
    state()->oldest_is_start = false;
    Py_RETURN_NONE;
}

static PyObject *gc_get_freeze_count(PyObject *module, PyObject *unused)
{
    (void)module;
    (void)unused;
    return PyLong_FromSsize_t(gc_list_size(&state()->frozen.head));
}

/* ---- the module ---- */

#define FASTCALL_KEYWORDS(function) ((PyCFunction)(void (*)(void))(function)), METH_FASTCALL | METH_KEYWORDS

static PyMethodDef gc_methods[] = {
    {"enable", gc_enable, METH_NOARGS, "enable($module, /)\n--\n\nTurn automatic collection on."},
    {"disable", gc_disable, METH_NOARGS, "disable($module, /)\n--\n\nTurn automatic collection off."},
    {"isenabled", gc_isenabled, METH_NOARGS, "isenabled($module, /)\n--\n\nTell whether automatic collection is on."},
    {"set_debug", gc_set_debug, METH_O,
     "set_debug($module, flags, /)\n--\n\nSet the debugging flags of the collector.\n\n  flags\n"
     "    A sum of these:\n      DEBUG_STATS - figures of each collection\n"
     "      DEBUG_COLLECTABLE - the collectable objects that were found\n"
     "      DEBUG_UNCOLLECTABLE - unreachable objects that cannot be collected\n"
     "      DEBUG_SAVEALL - put objects into gc.garbage instead of freeing them\n"
     "      DEBUG_LEAK - all of these without STATS\n\nThe output goes to sys.stderr."},
    {"get_debug", gc_get_debug, METH_NOARGS, "get_debug($module, /)\n--\n\nThe debugging flags of the collector."},
    {"get_count", gc_get_count, METH_NOARGS,
     "get_count($module, /)\n--\n\nThe three counters that the thresholds are compared with, as a tuple."},
    {"set_threshold", gc_set_threshold, METH_VARARGS,
     "set_threshold(threshold0, [threshold1, threshold2]) -> None\n\n"
     "Set the thresholds of automatic collection; threshold0 of zero turns it off.\n"},
    {"get_threshold", gc_get_threshold, METH_NOARGS, "get_threshold($module, /)\n--\n\nThe thresholds of automatic collection."},
    {"collect", FASTCALL_KEYWORDS(gc_collect_method),
     "collect($module, /, generation=2)\n--\n\nCollect now.\n\n"
     "All generations are collected, or those up to the given one; ValueError if there is no such\n"
     "generation. Returns the number of unreachable objects found."},
    {"get_objects", FASTCALL_KEYWORDS(gc_get_objects),
     "get_objects($module, /, generation=None)\n--\n\nA list of the objects that the collector tracks, without that list itself.\n\n"
     "  generation\n    Only those of this generation, unless it is None."},
    {"get_stats", gc_get_stats, METH_NOARGS,
     "get_stats($module, /)\n--\n\nA list of dictionaries with the figures of each generation."},
    {"is_tracked", gc_is_tracked, METH_O,
     "is_tracked($module, obj, /)\n--\n\nTell whether the collector tracks an object, as it does with containers."},
    {"is_finalized", gc_is_finalized, METH_O,
     "is_finalized($module, obj, /)\n--\n\nTell whether the collector has finalized an object already."},
    {"get_referrers", gc_get_referrers, METH_VARARGS,
     "get_referrers(*objs) -> list\nThe objects that refer directly to any of objs."},
    {"get_referents", gc_get_referents, METH_VARARGS,
     "get_referents(*objs) -> list\nThe objects that objs refer to directly."},
    {"freeze", gc_freeze, METH_NOARGS,
     "freeze($module, /)\n--\n\nKeep all objects tracked now out of future collections.\n\n"
     "Before a fork() this keeps memory shared between the processes; a collection before it would free\n"
     "memory whose later use unshares it."},
    {"unfreeze", gc_unfreeze, METH_NOARGS,
     "unfreeze($module, /)\n--\n\nPut the frozen objects back, into the oldest generation."},
    {"get_freeze_count", gc_get_freeze_count, METH_NOARGS,
     "get_freeze_count($module, /)\n--\n\nThe number of frozen objects."},
    {0},
};

static int gc_exec(PyObject *module)
{
    if (gc_init() < 0) return -1;
    if (PyModule_AddObjectRef(module, "garbage", state()->garbage) < 0) return -1;
    if (PyModule_AddObjectRef(module, "callbacks", state()->callbacks) < 0) return -1;
    static const struct {
        const char *name;
        int value;
    } flags[] = {
        {"DEBUG_STATS", GC_DEBUG_STATS},
        {"DEBUG_COLLECTABLE", GC_DEBUG_COLLECTABLE},
        {"DEBUG_UNCOLLECTABLE", GC_DEBUG_UNCOLLECTABLE},
        {"DEBUG_SAVEALL", GC_DEBUG_SAVEALL},
        {"DEBUG_LEAK", GC_DEBUG_LEAK},
    };
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
        if (PyModule_AddIntConstant(module, flags[i].name, flags[i].value) < 0) return -1;
    }
    return 0;
}

static PyModuleDef_Slot gc_slots[] = {
    {Py_mod_exec, (void *)gc_exec},
    {0, NULL},
};

PyDoc_STRVAR(gc_doc,
"Controls of the collector of reference cycles.\n\n"
"enable() -- turn automatic collection on\n"
"disable() -- turn it off\n"
"isenabled() -- is it on?\n"
"collect() -- collect now\n"
"get_count() -- the counters\n"
"get_stats() -- figures of each generation\n"
"set_debug() -- set debugging flags\n"
"get_debug() -- get debugging flags\n"
"set_threshold() -- set the thresholds\n"
"get_threshold() -- get the thresholds\n"
"get_objects() -- all tracked objects\n"
"is_tracked() -- is an object tracked?\n"
"is_finalized() -- has an object been finalized?\n"
"get_referrers() -- the objects that refer to an object\n"
"get_referents() -- the objects that an object refers to\n"
"freeze() -- keep all tracked objects out of future collections\n"
"unfreeze() -- put them back\n"
"get_freeze_count() -- how many there are\n");

static PyModuleDef gc_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "gc",
    .m_doc = gc_doc,
    .m_size = 0,    /* the state is the process's */
    .m_methods = gc_methods,
    .m_slots = gc_slots,
};

PyMODINIT_FUNC PyInit_gc(void);

PyMODINIT_FUNC PyInit_gc(void)
{
    return PyModuleDef_Init(&gc_module);
}
