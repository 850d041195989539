/* _heapq: binary heaps in lists. A heap is ordered so that no item is below its parent, which for
 * item i is item (i-1)/2; in a max-heap, none above it. Comparisons run other code: after each, a
 * changed list is an error and items are read anew.
 */
#include <Python.h>

#include <stdbool.h>

#include "objects/compare.h"

/* Whether child belongs above parent: 1, 0, or -1 with an exception. Both are held while other code runs. */
static inline int comes_first(PyObject *child, PyObject *parent, bool max)
{
    int plain = max ? compare_less_plainly(parent, child) : compare_less_plainly(child, parent);
    if (plain >= 0) return plain;
    Py_INCREF(child);
    Py_INCREF(parent);
    int r = max ? PyObject_RichCompareBool(parent, child, Py_LT)
                : PyObject_RichCompareBool(child, parent, Py_LT);
    Py_DECREF(child);
    Py_DECREF(parent);
    return r;
}

static int size_unchanged(PyListObject *heap, Py_ssize_t n)
{
    if (PyList_GET_SIZE(heap) == n) return 0;
    PyErr_SetString(PyExc_RuntimeError, "list changed size during iteration");
    return -1;
}

static inline void swap(PyListObject *heap, Py_ssize_t i, Py_ssize_t j)
{
    PyObject *item = PyList_GET_ITEM(heap, i);
    PyList_SET_ITEM(heap, i, PyList_GET_ITEM(heap, j));
    PyList_SET_ITEM(heap, j, item);
}

/* Moves the item at `at` up to its place, not above `start`. */
static int sift_up_to(PyListObject *heap, Py_ssize_t start, Py_ssize_t at, bool max)
{
    Py_ssize_t n = PyList_GET_SIZE(heap);
    if (at >= n) {
        PyErr_SetString(PyExc_IndexError, "index out of range");
        return -1;
    }
    while (at > start) {
        Py_ssize_t parent = (at - 1) >> 1;
        int first = comes_first(PyList_GET_ITEM(heap, at), PyList_GET_ITEM(heap, parent), max);
        if (first < 0 || size_unchanged(heap, n) < 0) return -1;
        if (first == 0) break;
        swap(heap, at, parent);
        at = parent;
    }
    return 0;
}

/* The items of a large heap lie all over the memory: those of the next level are asked for while this one is compared. */
static inline void prefetch_items(PyListObject *heap, Py_ssize_t first, int n)
{
    for (int i = 0; i < n; i++) __builtin_prefetch(PyList_GET_ITEM(heap, first + i));
}

/* Moves the item at `at` down along the better children to a leaf, and back up to its place: fewer
 * comparisons than stopping on the way, since the item came from the bottom and mostly goes back
 * there. */
static int sift_down(PyListObject *heap, Py_ssize_t at, bool max)
{
    Py_ssize_t n = PyList_GET_SIZE(heap), start = at, inner = n >> 1;
    if (at >= n) {
        PyErr_SetString(PyExc_IndexError, "index out of range");
        return -1;
    }
    while (at < inner) {
        Py_ssize_t child = 2 * at + 1;
        if (4 * at + 6 < n) prefetch_items(heap, 4 * at + 3, 4);
        if (child + 1 < n) {
            int first =
                comes_first(PyList_GET_ITEM(heap, child), PyList_GET_ITEM(heap, child + 1), max);
            if (first < 0 || size_unchanged(heap, n) < 0) return -1;
            child += !first;
        }
        swap(heap, child, at);
        at = child;
    }
    return sift_up_to(heap, start, at, max);
}

static int need_list(PyObject *o, const char *function, const char *argument)
{
    if (PyList_Check(o)) return 0;
    _PyArg_BadArgument(function, argument, "list", o);
    return -1;
}

static PyObject *pop(PyObject *o, bool max)
{
    PyListObject *heap = (PyListObject *)o;
    Py_ssize_t n = PyList_GET_SIZE(heap);
    if (n == 0) {
        PyErr_SetString(PyExc_IndexError, "index out of range");
        return NULL;
    }
    PyObject *last = Py_NewRef(PyList_GET_ITEM(heap, n - 1));
    if (PyList_SetSlice(o, n - 1, n, NULL) < 0) {
        Py_DECREF(last);
        return NULL;
    }
    if (n == 1) return last;
    PyObject *top = PyList_GET_ITEM(heap, 0);
    PyList_SET_ITEM(heap, 0, last);
    if (sift_down(heap, 0, max) < 0) Py_CLEAR(top);
    return top;
}

static PyObject *replace(PyObject *o, PyObject *item, bool max)
{
    PyListObject *heap = (PyListObject *)o;
    if (PyList_GET_SIZE(heap) == 0) {
        PyErr_SetString(PyExc_IndexError, "index out of range");
        return NULL;
    }
    PyObject *top = PyList_GET_ITEM(heap, 0);
    PyList_SET_ITEM(heap, 0, Py_NewRef(item));
    if (sift_down(heap, 0, max) < 0) Py_CLEAR(top);
    return top;
}

/* From the last parent back to the root. */
static PyObject *heapify_list(PyObject *heap, bool max)
{
    for (Py_ssize_t i = (PyList_GET_SIZE(heap) >> 1) - 1; i >= 0; i--) {
        if (sift_down((PyListObject *)heap, i, max) < 0) return NULL;
    }
    Py_RETURN_NONE;
}

static PyObject *heappush(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("heappush", nargs, 2, 2) ||
        need_list(args[0], "heappush", "argument 1") < 0)
        return NULL;
    PyObject *heap = args[0];
    if (PyList_Append(heap, args[1]) < 0) return NULL;
    if (sift_up_to((PyListObject *)heap, 0, PyList_GET_SIZE(heap) - 1, false) < 0) return NULL;
    Py_RETURN_NONE;
}

static PyObject *heappop(PyObject *Py_UNUSED(module), PyObject *heap)
{
    return need_list(heap, "heappop", "argument") < 0 ? NULL : pop(heap, false);
}

static PyObject *heapreplace(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("heapreplace", nargs, 2, 2)) return NULL;
    return need_list(args[0], "heapreplace", "argument 1") < 0 ? NULL
                                                               : replace(args[0], args[1], false);
}

static PyObject *heappushpop(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("heappushpop", nargs, 2, 2)) return NULL;
    PyObject *heap = args[0], *item = args[1];
    if (need_list(heap, "heappushpop", "argument 1") < 0) return NULL;
    if (PyList_GET_SIZE(heap) == 0) return Py_NewRef(item);
    int first = comes_first(PyList_GET_ITEM(heap, 0), item, false);
    if (first < 0) return NULL;
    return first ? replace(heap, item, false) : Py_NewRef(item);
}

static PyObject *heapify(PyObject *Py_UNUSED(module), PyObject *heap)
{
    return need_list(heap, "heapify", "argument") < 0 ? NULL : heapify_list(heap, false);
}

static PyObject *heappop_max(PyObject *Py_UNUSED(module), PyObject *heap)
{
    return need_list(heap, "_heappop_max", "argument") < 0 ? NULL : pop(heap, true);
}

static PyObject *heapreplace_max(PyObject *Py_UNUSED(module), PyObject *const *args,
                                 Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("_heapreplace_max", nargs, 2, 2)) return NULL;
    return need_list(args[0], "_heapreplace_max", "argument 1") < 0
               ? NULL
               : replace(args[0], args[1], true);
}

static PyObject *heapify_max(PyObject *Py_UNUSED(module), PyObject *heap)
{
    return need_list(heap, "_heapify_max", "argument") < 0 ? NULL : heapify_list(heap, true);
}

#define FAST(function) (PyCFunction)(void (*)(void))function, METH_FASTCALL

static PyMethodDef methods[] = {
    {"heappush", FAST(heappush),
     "heappush($module, heap, item, /)\n--\n\nPush item onto heap, maintaining the heap "
     "invariant."},
    {"heappushpop", FAST(heappushpop),
     "heappushpop($module, heap, item, /)\n--\n\n"
     "Push item, then pop and return the smallest item: quicker than heappush() and heappop()."},
    {"heappop", heappop, METH_O,
     "heappop($module, heap, /)\n--\n\nPop the smallest item off the heap, maintaining the heap "
     "invariant."},
    {"heapreplace", FAST(heapreplace),
     "heapreplace($module, heap, item, /)\n--\n\n"
     "Pop and return the smallest item, then add the new one, which may be smaller still.\n\n"
     "Quicker than heappop() and heappush(), and right for heaps of a fixed size. To add only what "
     "is\n"
     "larger:\n\n    if item > heap[0]:\n        item = heapreplace(heap, item)"},
    {"heapify", heapify, METH_O,
     "heapify($module, heap, /)\n--\n\nTransform list into a heap, in-place, in O(len(heap)) "
     "time."},
    {"_heappop_max", heappop_max, METH_O,
     "_heappop_max($module, heap, /)\n--\n\nMaxheap variant of heappop."},
    {"_heapreplace_max", FAST(heapreplace_max),
     "_heapreplace_max($module, heap, item, /)\n--\n\nMaxheap variant of heapreplace."},
    {"_heapify_max", heapify_max, METH_O,
     "_heapify_max($module, heap, /)\n--\n\nMaxheap variant of heapify."},
    {NULL, NULL, 0, NULL},
};

static const char about[] = "Heap queues\n\n"
                            "A heap is a list in which a[k] <= a[2*k+1] and a[k] <= a[2*k+2] for "
                            "every k, as far as there are such items.\n"
                            "The smallest item is therefore a[0]. Think of a knock-out tournament: "
                            "item 0 won it, items 1 and 2 played\n"
                            "the final, and so on; taking the winner out leaves a gap that the "
                            "better of two players fills at each\n"
                            "level, so that both adding and removing cost O(log n) comparisons.\n\n"
                            "Heaps serve as priority queues, for schedulers, for merging sorted "
                            "streams, and for sorting in place.\n";

static int module_exec(PyObject *module)
{
    PyObject *text = PyUnicode_FromString(about);
    int status = text ? PyModule_AddObjectRef(module, "__about__", text) : -1;
    Py_XDECREF(text);
    return status;
}

static PyModuleDef_Slot slots[] = {{Py_mod_exec, module_exec}, {0, NULL}};

static PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_heapq",
    .m_doc = "Heap queue algorithm (a.k.a. priority queue).\n\n"
             "A heap is a list with a[k] <= a[2*k+1] and a[k] <= a[2*k+2] for all k, counted from "
             "0; items beyond\n"
             "the end count as infinite. Its smallest item is always a[0].\n\n"
             "heap = []            # an empty heap\n"
             "heappush(heap, item) # adds an item\n"
             "item = heappop(heap) # takes the smallest item off\n"
             "item = heap[0]       # the smallest item, which stays\n"
             "heapify(x)           # makes a list a heap, in place, in linear time\n"
             "item = heapreplace(heap, item) # takes the smallest off and adds another; the size "
             "stays\n",
    .m_size = 0,
    .m_methods = methods,
    .m_slots = slots,
};

PyMODINIT_FUNC PyInit__heapq(void)
{
    return PyModuleDef_Init(&definition);
}
