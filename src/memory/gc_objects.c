/* The collector's part of the C API for objects: allocation, tracking; set-up, shutdown, and the heap checker. */
#include "memory/gc.h"

#include "base/assertions.h"

void gc_init_state(void)
{
    struct GcState *gc = &memory_runtime.gc;
    static const int thresholds[GC_GENERATIONS] = {700, 10, 10};
    for (int i = 0; i < GC_GENERATIONS; i++) {
        gc_list_init(&gc->generations[i].head);
        gc->generations[i].threshold = thresholds[i];
    }
    gc_list_init(&gc->frozen.head);
    gc->enabled = true;
}

int gc_init(void)
{
    struct GcState *gc = &memory_runtime.gc;
    if (!gc->garbage && !(gc->garbage = PyList_New(0))) return -1;
    if (!gc->callbacks && !(gc->callbacks = PyList_New(0))) return -1;
    return 0;
}

static size_t var_size(PyTypeObject *type, Py_ssize_t nitems)
{
    return _PyObject_VAR_SIZE(type, nitems);
}

/* ---- allocation ---- */

PyObject *_PyObject_GC_New(PyTypeObject *type)
{
    PyObject *op = gc_allocate(gc_header_size(type), (size_t)type->tp_basicsize);
    return op ? PyObject_Init(op, type) : NULL;
}

PyVarObject *_PyObject_GC_NewVar(PyTypeObject *type, Py_ssize_t nitems)
{
    if (nitems < 0) {
        PyErr_BadInternalCall();
        return NULL;
    }
    PyObject *op = gc_allocate(gc_header_size(type), var_size(type, nitems));
    return op ? PyObject_InitVar((PyVarObject *)op, type, nitems) : NULL;
}

/* Resizes a container that is not tracked; the old address is gone. On failure NULL with MemoryError, and op is as it was. */
PyVarObject *_PyObject_GC_Resize(PyVarObject *op, Py_ssize_t nitems)
{
    PyTypeObject *type = Py_TYPE(op);
    size_t header = gc_header_size(type), size = var_size(type, nitems);
    CHECK(!gc_tracked(op));
    if (size > (size_t)PY_SSIZE_T_MAX - header) return (PyVarObject *)PyErr_NoMemory();
    char *raw = PyObject_Realloc((char *)op - header, header + size);
    if (!raw) return (PyVarObject *)PyErr_NoMemory();
    op = (PyVarObject *)(raw + header);
    Py_SET_SIZE(op, nitems);
    return op;
}

void PyObject_GC_Del(void *op)
{
    gc_free(op, gc_header_size(Py_TYPE((PyObject *)op)));
}

/* ---- tracking ---- */

void PyObject_GC_Track(void *op)
{
    CHECK(!gc_tracked(op));
    gc_track(op);
}

void PyObject_GC_UnTrack(void *op)
{
    if (gc_tracked(op)) gc_untrack(op);
}

int PyObject_IS_GC(PyObject *op)
{
    return gc_is_container(op);
}

int PyObject_GC_IsTracked(PyObject *op)
{
    return gc_is_container(op) && gc_tracked(op);
}

int PyObject_GC_IsFinalized(PyObject *op)
{
    return gc_is_container(op) && gc_finalized(op);
}

/* ---- shutdown ---- */

static bool has_finalizer(const PyTypeObject *type)
{
    return type->tp_finalize || type->tp_del;
}

/* Whether no instance's death can be noticed, whatever it holds. */
static bool is_silent_type(PyTypeObject *type)
{
    return !has_finalizer(type) && !PyType_FastSubclass(type, Py_TPFLAGS_TYPE_SUBCLASS)
        && !PyType_IsSubtype(type, &_PyWeakref_RefType) && type != &_PyWeakref_ProxyType && type != &_PyWeakref_CallableProxyType;
}

static bool is_noticed(PyObject *op, bool (*is_silent)(PyObject *callback))
{
    if (has_finalizer(Py_TYPE(op))) return true;
    if (PyWeakref_Check(op)) {
        PyObject *callback = ((PyWeakReference *)op)->wr_callback;
        return callback && !is_silent(callback);
    }
    if (!PyType_Check(op)) return false;
    /* Its instances are on no list. */
    PyTypeObject *type = (PyTypeObject *)op;
    return has_finalizer(type) && !PyType_IS_GC(type);
}

static bool is_known(PyObject *op, PyObject *const *known, int n)
{
    for (int i = 0; i < n; i++) {
        if (known[i] == op) return true;
    }
    return false;
}

/* What gc_death_is_noticed asks of each object. */
typedef struct {
    PyObject *const *known;
    int n;
    bool (*is_silent)(PyObject *callback);
    const PyTypeObject *silent[16];     /* types by address: most objects are of a few, whose slots lie far apart */
} DeathQuestion;

static const PyTypeObject **silent_place(DeathQuestion *question, const PyTypeObject *type)
{
    return &question->silent[(uintptr_t)type / sizeof(PyTypeObject) % Py_ARRAY_LENGTH(question->silent)];
}

static bool other_death_is_noticed(DeathQuestion *question, PyObject *op)
{
    if (is_silent_type(Py_TYPE(op))) {
        *silent_place(question, Py_TYPE(op)) = Py_TYPE(op);
        return false;
    }
    return is_noticed(op, question->is_silent) && !is_known(op, question->known, question->n);
}

ALWAYS_INLINE bool death_is_noticed(DeathQuestion *question, const GcHead *head)
{
    PyObject *op = gc_object(head);
    return *silent_place(question, Py_TYPE(op)) != Py_TYPE(op) && other_death_is_noticed(question, op);
}

/* From both ends: the objects lie in no cache, and so two are waited for at a time. */
static bool any_death_is_noticed(DeathQuestion *question, const GcHead *list)
{
    const GcHead *first = (GcHead *)list->next, *last = gc_prev(list);
    while (first != list) {
        if (death_is_noticed(question, first)) return true;
        if (first == last) break;
        if (death_is_noticed(question, last)) return true;
        first = (GcHead *)first->next;
        if (first == last) break;
        last = gc_prev(last);
    }
    return false;
}

bool gc_death_is_noticed(PyObject *const *known, int n, bool (*is_silent)(PyObject *callback))
{
    struct GcState *gc = &memory_runtime.gc;
    if (gc->debug || (gc->garbage && PyList_GET_SIZE(gc->garbage)) || (gc->callbacks && PyList_GET_SIZE(gc->callbacks))) {
        return true;
    }
    DeathQuestion question = {known, n, is_silent, {NULL}};
    for (int i = 0; i < GC_GENERATIONS; i++) {
        if (any_death_is_noticed(&question, &gc->generations[i].head)) return true;
    }
    return any_death_is_noticed(&question, &gc->frozen.head);
}

void gc_dump_shutdown_stats(void)
{
    struct GcState *gc = &memory_runtime.gc;
    if ((gc->debug & GC_DEBUG_SAVEALL) || !gc->garbage || PyList_GET_SIZE(gc->garbage) == 0) return;
    const char *message = (gc->debug & GC_DEBUG_UNCOLLECTABLE)
        ? "gc: %zd uncollectable objects at shutdown"
        : "gc: %zd uncollectable objects at shutdown; use gc.set_debug(gc.DEBUG_UNCOLLECTABLE) to list them";
    if (PyErr_WarnFormat(PyExc_ResourceWarning, 0, message, PyList_GET_SIZE(gc->garbage)) < 0) {
        PyErr_WriteUnraisable(NULL);
    }
    if (gc->debug & GC_DEBUG_UNCOLLECTABLE) {
        PyObject *text = PyObject_Repr(gc->garbage);
        PyObject *bytes = text ? PyUnicode_EncodeFSDefault(text) : NULL;
        if (bytes) PySys_WriteStderr("      %s\n", PyBytes_AS_STRING(bytes));
        else PyErr_WriteUnraisable(gc->garbage);
        Py_XDECREF(text);
        Py_XDECREF(bytes);
    }
}

void gc_shutdown(void)
{
    Py_CLEAR(memory_runtime.gc.garbage);
    Py_CLEAR(memory_runtime.gc.callbacks);
}

/* ---- heap checker ---- */

static const char *check_links(GcHead *list, PyObject **where)
{
    GcHead *prev = list;
    for (GcHead *h = (GcHead *)list->next; h != list; prev = h, h = (GcHead *)h->next) {
        *where = gc_object(h);
        if (!h->next) return "an untracked object is on a generation's list";
        if (h->next & GC_SUSPECT) return "a suspect is left over from a collection";
        if (h->prev & GC_COLLECTING) return "an object is marked as being collected";
        if (gc_prev(h) != prev) return "the links of a generation's list do not agree";
        if (Py_REFCNT(*where) <= 0) return "a tracked object has no reference";
        if (!Py_TYPE(*where) || !(Py_TYPE(*where)->tp_flags & Py_TPFLAGS_HAVE_GC)) return "a tracked object's type is no container";
        if (!Py_TYPE(*where)->tp_traverse) return "a tracked object cannot be traversed";
    }
    return gc_prev(list) == prev ? NULL : "a list is not circular";
}

static int visit_count(PyObject *op, void *bad)
{
    if (Py_REFCNT(op) <= 0) {
        *(PyObject **)bad = op;
        return -1;
    }
    if (gc_is_container(op) && (gc_head(op)->prev & GC_COLLECTING)) {
        GcHead *h = gc_head(op);
        if (h->prev >> GC_COUNT_SHIFT == 0) {
            *(PyObject **)bad = op;
            return -1;
        }
        h->prev -= (uintptr_t)1 << GC_COUNT_SHIFT;
    }
    return 0;
}

static GcHead *check_list(int i)
{
    return i < GC_GENERATIONS ? &memory_runtime.gc.generations[i].head : &memory_runtime.gc.frozen.head;
}

const char *gc_check_heap(PyObject **where)
{
    const char *wrong = NULL;
    for (int i = 0; i <= GC_GENERATIONS; i++) {
        if ((wrong = check_links(check_list(i), where))) return wrong;
    }
    /* Are all references that objects show covered by their referents' counts? prev is borrowed for it and then restored. */
    for (int i = 0; i <= GC_GENERATIONS; i++) {
        GcHead *list = check_list(i);
        for (GcHead *h = (GcHead *)list->next; h != list; h = (GcHead *)h->next) {
            h->prev = (h->prev & GC_FINALIZED) | GC_COLLECTING | (uintptr_t)Py_REFCNT(gc_object(h)) << GC_COUNT_SHIFT;
        }
    }
    for (int i = 0; i <= GC_GENERATIONS && !wrong; i++) {
        GcHead *list = check_list(i);
        for (GcHead *h = (GcHead *)list->next; h != list && !wrong; h = (GcHead *)h->next) {
            PyObject *op = gc_object(h);
            if (Py_TYPE(op)->tp_traverse(op, visit_count, where)) wrong = "an object has more referrers than references";
        }
    }
    for (int i = 0; i <= GC_GENERATIONS; i++) {
        GcHead *list = check_list(i), *prev = list;
        for (GcHead *h = (GcHead *)list->next; h != list; prev = h, h = (GcHead *)h->next) {
            h->prev = (h->prev & GC_FINALIZED) | (uintptr_t)prev;
        }
    }
    return wrong;
}
