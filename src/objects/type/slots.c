/* Special methods and slots kept in step: from slots to methods for built-in types, from methods to
 * slots for classes. */
#include "objects/type/type.h"

#include <structmember.h>

#include "base/bits.h"
#include "objects/names.h"
#include "objects/type/slot_functions.h"
#include "objects/type/slot_wrappers.h"

typedef struct wrapperbase SlotRow;

#define SLOT(method, field, slot_function, slot_wrapper, text) \
    {.name = #method, \
     .offset = offsetof(PyHeapTypeObject, field), \
     .function = (void *)(slot_function), \
     .wrapper = (wrapperfunc)(slot_wrapper), \
     .doc = text},
#define SLOT_KW(method, field, slot_function, slot_wrapper, text) \
    {.name = #method, \
     .offset = offsetof(PyHeapTypeObject, field), \
     .function = (void *)(slot_function), \
     .wrapper = (wrapperfunc)(void (*)(void))(slot_wrapper), \
     .doc = text, \
     .flags = PyWrapperFlag_KEYWORDS},

static SlotRow slot_table[] = {
#include "objects/type/slots.def"
    {.name = NULL},
};

enum { ROW_COUNT = sizeof(slot_table) / sizeof(slot_table[0]) - 1, BUCKETS = 256 };

/* Rows by the hash of their name: 1 + the first row of a bucket, and the next one of each row; 0 ends
 * a chain. Written once, when the names are interned. */
static uint8_t first_row[BUCKETS], next_row[ROW_COUNT];
static_assert(ROW_COUNT <= 128, "rows are numbered in a byte, and groups in a SlotSet");

/* The structs that a type's slots are in. */
enum { SUITE_TYPE, SUITE_ASYNC, SUITE_NUMBER, SUITE_MAPPING, SUITE_SEQUENCE, SUITES };

/* Rows of one slot. */
typedef struct {
    uint8_t first, end;     /* rows */
    uint8_t suite;
    bool never;             /* tp_getattr, tp_setattr: classes do without */
    uint16_t offset;        /* in the suite */
} SlotGroup;

static SlotGroup groups[ROW_COUNT];
static uint8_t group_of_row[ROW_COUNT];
static uint8_t groups_left[ROW_COUNT];      /* how many groups of the same suite follow without another's between */
static int group_count;

static SlotSet all_groups, top_groups;      /* the latter: those of SUITE_TYPE */

static void add_to_set(SlotSet set, int group)
{
    set[group / 64] |= (uint64_t)1 << group % 64;
}

static bool is_in_set(const SlotSet set, int group)
{
    return set[group / 64] >> group % 64 & 1;
}

static SlotGroup make_group(int row)
{
    static const size_t starts[SUITES] = {0, offsetof(PyHeapTypeObject, as_async), offsetof(PyHeapTypeObject, as_number),
                                          offsetof(PyHeapTypeObject, as_mapping), offsetof(PyHeapTypeObject, as_sequence)};
    size_t offset = (size_t)slot_table[row].offset;
    int suite = SUITES - 1;
    while (offset < starts[suite]) suite--;
    return (SlotGroup){.first = (uint8_t)row, .end = (uint8_t)row, .suite = (uint8_t)suite,
                       .never = offset < offsetof(PyHeapTypeObject, ht_type.tp_repr),
                       .offset = (uint16_t)(offset - starts[suite])};
}

static void find_suites(PyTypeObject *type, char **suites)
{
    suites[SUITE_TYPE] = (char *)type;
    suites[SUITE_ASYNC] = (char *)type->tp_as_async;
    suites[SUITE_NUMBER] = (char *)type->tp_as_number;
    suites[SUITE_MAPPING] = (char *)type->tp_as_mapping;
    suites[SUITE_SEQUENCE] = (char *)type->tp_as_sequence;
}

int slots_init(void)
{
    for (int i = 0; i < ROW_COUNT; i++) {
        if (i == 0 || slot_table[i].offset != slot_table[i - 1].offset) groups[group_count++] = make_group(i);
        groups[group_count - 1].end++;
        group_of_row[i] = (uint8_t)(group_count - 1);
    }
    for (int i = 0; i < group_count; i++) {
        add_to_set(all_groups, i);
        if (groups[i].suite == SUITE_TYPE) add_to_set(top_groups, i);
    }
    for (int i = group_count - 1; i-- > 0;) {
        if (groups[i].suite == groups[i + 1].suite) groups_left[i] = groups_left[i + 1] + 1;
    }
    for (int i = ROW_COUNT; i-- > 0;) {
        SlotRow *row = &slot_table[i];
        row->name_strobj = PyUnicode_InternFromString(row->name);
        if (!row->name_strobj) return -1;
        uint8_t *bucket = &first_row[(size_t)((PyASCIIObject *)row->name_strobj)->hash % BUCKETS];
        next_row[i] = *bucket;
        *bucket = (uint8_t)(i + 1);
    }
    return 0;
}

/* Where a type keeps the slot of this row; NULL if it has not got the suite of slots. */
void **type_slot_address(PyTypeObject *type, size_t offset)
{
    char *suite;
    if (offset >= offsetof(PyHeapTypeObject, as_sequence)) {
        suite = (char *)type->tp_as_sequence;
        offset -= offsetof(PyHeapTypeObject, as_sequence);
    } else if (offset >= offsetof(PyHeapTypeObject, as_mapping)) {
        suite = (char *)type->tp_as_mapping;
        offset -= offsetof(PyHeapTypeObject, as_mapping);
    } else if (offset >= offsetof(PyHeapTypeObject, as_number)) {
        suite = (char *)type->tp_as_number;
        offset -= offsetof(PyHeapTypeObject, as_number);
    } else if (offset >= offsetof(PyHeapTypeObject, as_async)) {
        suite = (char *)type->tp_as_async;
        offset -= offsetof(PyHeapTypeObject, as_async);
    } else {
        suite = (char *)type;
    }
    return suite ? (void **)(suite + offset) : NULL;
}

/* -- From slots to methods -------------------------------------------------------------------- */

/* Gives the type's dict the methods of one of its slots. */
static int add_wrappers_of(PyTypeObject *type, const SlotGroup *group, void *slot)
{
    for (int i = group->first; i < group->end; i++) {
        SlotRow *row = &slot_table[i];
        if (!row->wrapper) continue;
        /* A type that says that it has no hash gets __hash__ = None, as in a class statement. */
        bool no_hash = slot == (void *)PyObject_HashNotImplemented;
        PyObject *descr = no_hash ? Py_NewRef(Py_None) : PyDescr_NewWrapper(type, row, slot);
        if (!descr) return -1;
        PyObject *found = PyDict_SetDefault(type->tp_dict, row->name_strobj, descr);
        Py_DECREF(descr);
        if (!found) return -1;
    }
    return 0;
}

void slots_find_own(PyTypeObject *type, SlotSet own)
{
    char *suites[SUITES];
    find_suites(type, suites);
    own[0] = own[1] = 0;
    for (int i = 0; i < group_count; i++) {
        char *suite = suites[groups[i].suite];
        if (!suite) i += groups_left[i];    /* nor has the type any other slot of this suite */
        else if (*(void **)(suite + groups[i].offset)) add_to_set(own, i);
    }
}

bool slots_give_method(const SlotSet own, PyObject *name)
{
    int i = first_row[(size_t)((PyASCIIObject *)name)->hash % BUCKETS];
    for (; i; i = next_row[i - 1]) {
        const SlotRow *row = &slot_table[i - 1];
        if (row->name_strobj == name && row->wrapper && is_in_set(own, group_of_row[i - 1])) return true;
    }
    return false;
}

int slots_add_wrappers(PyTypeObject *type, const SlotSet own)
{
    char *suites[SUITES];
    find_suites(type, suites);
    for (int word = 0; word < 2; word++) {
        for (uint64_t left = own[word]; left; left &= left - 1) {
            const SlotGroup *group = &groups[word * 64 + bits_lowest(left)];
            if (add_wrappers_of(type, group, *(void **)(suites[group->suite] + group->offset)) < 0) return -1;
        }
    }
    return 0;
}

/* -- From methods to slots -------------------------------------------------------------------- */

/* Some names have several slots (__getitem__: mapping and sequence). The one that `type` fills, or
 * NULL if it fills none or more. */
static void **only_filled_slot(PyTypeObject *type, PyObject *name)
{
    void **found = NULL;
    int i = first_row[(size_t)((PyASCIIObject *)name)->hash % BUCKETS];
    for (; i; i = next_row[i - 1]) {
        const SlotRow *row = &slot_table[i - 1];
        if (row->name_strobj != name) continue;
        void **slot = type_slot_address(type, (size_t)row->offset);
        if (!slot || !*slot) continue;
        if (found) return NULL;
        found = slot;
    }
    return found;
}

/* What the methods found for one slot say: a C function to put there as it is, or the general one
 * that calls the method. */
typedef struct {
    void *specific;
    void *generic;
    bool use_generic;
} SlotChoice;

static void consider_method(PyTypeObject *type, SlotRow *row, void **slot, PyObject *descr,
                            SlotChoice *choice)
{
    if (Py_IS_TYPE(descr, &PyWrapperDescr_Type)
        && ((PyWrapperDescrObject *)descr)->d_base->name_strobj == row->name_strobj) {
        PyWrapperDescrObject *wrapper = (PyWrapperDescrObject *)descr;
        void **own = only_filled_slot(type, row->name_strobj);
        if (!own || own == slot) choice->generic = row->function;
        if ((!choice->specific || choice->specific == wrapper->d_wrapped)
            && wrapper->d_base->wrapper == row->wrapper
            && PyType_IsSubtype(type, PyDescr_TYPE(wrapper))) {
            choice->specific = wrapper->d_wrapped;
        } else {
            /* Another type's wrapper, or two that disagree. */
            choice->use_generic = true;
        }
    } else if (Py_IS_TYPE(descr, &PyCFunction_Type)
               && PyCFunction_GET_FUNCTION(descr) == (PyCFunction)(void (*)(void))type_new_wrapper
               && slot == (void **)&type->tp_new) {
        /* __new__ of a built-in type: inherited as tp_new, which keeps object creation fast. */
        choice->specific = (void *)type->tp_new;
    } else if (descr == Py_None && slot == (void **)&type->tp_hash) {
        choice->specific = (void *)PyObject_HashNotImplemented;
    } else {
        choice->use_generic = true;
        choice->generic = row->function;
        /* A method called __call__ knows nothing of the vectorcall protocol. */
        if (row->function == (void *)slot_tp_call) type->tp_flags &= ~Py_TPFLAGS_HAVE_VECTORCALL;
    }
}

/* Sets the slot of the rows that start at `row`; returns the first row after them. */
static SlotRow *update_slot(PyTypeObject *type, SlotRow *row)
{
    int offset = row->offset;
    void **slot = type_slot_address(type, (size_t)offset);
    SlotChoice choice = {NULL, NULL, false};
    for (; row->name && row->offset == offset; row++) {
        if (!slot) continue;
        PyObject *descr = type_find_in_mro(type, row->name_strobj);
        if (descr) {
            consider_method(type, row, slot, descr, &choice);
        } else if (slot == (void **)&type->tp_iternext) {
            choice.specific = (void *)_PyObject_NextNotImplemented;
        }
    }
    if (slot) *slot = choice.specific && !choice.use_generic ? choice.specific : choice.generic;
    return row;
}

/* -- New classes ------------------------------------------------------------------------------ */

bool slots_follow_only_base(PyTypeObject *type)
{
    PyObject *mro = type->tp_mro, *base_mro = type->tp_base->tp_mro;
    if (PyTuple_GET_SIZE(type->tp_bases) != 1
        || PyTuple_GET_SIZE(mro) != PyTuple_GET_SIZE(base_mro) + 1) {
        return false;
    }
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(base_mro); i++) {
        if (PyTuple_GET_ITEM(mro, i + 1) != PyTuple_GET_ITEM(base_mro, i)) return false;
    }
    return true;
}

/* Marks the groups that have a method in the type's own dict. False if that is too strange to tell. */
static bool mark_own_methods(PyTypeObject *type, SlotSet own)
{
    Py_ssize_t position = 0;
    PyObject *key;
    PyObject *dict = type_dict(type);
    if (!dict) {
        PyErr_Clear();
        return false;
    }
    while (PyDict_Next(dict, &position, &key, NULL)) {
        if (!PyUnicode_CheckExact(key)) return false;
        bool interned = PyUnicode_CHECK_INTERNED(key) != 0;
        /* A key of a dict has its hash. */
        int i = first_row[(size_t)((PyASCIIObject *)key)->hash % BUCKETS];
        for (; i; i = next_row[i - 1]) {
            PyObject *name = slot_table[i - 1].name_strobj;
            if (key == name || (!interned && _PyUnicode_EQ(key, name))) add_to_set(own, group_of_row[i - 1]);
        }
    }
    return true;
}

/* The type whose slots the class has, but for the groups marked in `own`: its base, if it goes before
 * all others, else `object`, if no other type in the MRO has the method. NULL: cannot tell. */
static PyTypeObject *slots_source(PyTypeObject *type, bool follows_base, SlotSet own)
{
    if (follows_base) return mark_own_methods(type, own) ? type->tp_base : NULL;
    Py_ssize_t last = PyTuple_GET_SIZE(type->tp_mro) - 1;
    if (PyTuple_GET_ITEM(type->tp_mro, last) != (PyObject *)&PyBaseObject_Type) return NULL;
    for (Py_ssize_t i = 0; i < last; i++) {
        PyTypeObject *other = (PyTypeObject *)PyTuple_GET_ITEM(type->tp_mro, i);
        if (!mark_own_methods(other, own)) return NULL;
    }
    return &PyBaseObject_Type;
}

/* Whether the type came to its slots in C, so that of several that a method fills it may have one only. */
static bool has_c_slots(PyTypeObject *type)
{
    if (type == &PyBaseObject_Type) return false;   /* it has no such methods */
    return !PyType_HasFeature(type, Py_TPFLAGS_HEAPTYPE) || ((PyHeapTypeObject *)type)->_ht_tpname;
}

/* The suites of a class from the source's: all but am_send, which would bypass a send() of the class. */
static void copy_suites(char *const *suites, char *const *from)
{
    static const size_t sizes[SUITES] = {0, offsetof(PyAsyncMethods, am_send), sizeof(PyNumberMethods), sizeof(PyMappingMethods),
                                         sizeof(PySequenceMethods)};
    for (int i = SUITE_ASYNC; i < SUITES; i++) {
        if (from[i]) memcpy(suites[i], from[i], sizes[i]);
        else memset(suites[i], 0, sizes[i]);
    }
}

/* Settles a slot of a class that brings no method for it: it is the source's, which is right by itself. */
static void inherit_slot(PyTypeObject *type, void **slot, PyTypeObject *source, const SlotGroup *group, const char *suite)
{
    SlotRow *row = &slot_table[group->first];
    void *inherited = suite ? *(void **)(suite + group->offset) : NULL;
    if (!inherited && slot == (void **)&type->tp_iternext) inherited = (void *)_PyObject_NextNotImplemented;
    *slot = inherited;
    if (!inherited && row->function && has_c_slots(source) && only_filled_slot(source, row->name_strobj)) {
        update_slot(type, row);
    }
}

void slots_fixup(PyTypeObject *type)
{
    SlotSet own = {0};
    bool follows_base = slots_follow_only_base(type);
    PyTypeObject *source = slots_source(type, follows_base, own);
    char *suites[SUITES], *from[SUITES] = {NULL};
    find_suites(type, suites);
    if (!source) own[0] = own[1] = UINT64_MAX;
    if (source || follows_base) find_suites(source ? source : type->tp_base, from);
    if (follows_base) copy_suites(suites, from);
    bool all = !follows_base || (source && has_c_slots(source));
    for (int word = 0; word < 2; word++) {
        uint64_t left = (all ? UINT64_MAX : own[word] | top_groups[word]) & all_groups[word];
        for (; left; left &= left - 1) {
            int i = word * 64 + bits_lowest(left);
            const SlotGroup *group = &groups[i];
            void **slot = (void **)(suites[group->suite] + group->offset);
            /* tp_getattr and tp_setattr have no function: classes never have them, whatever the base does. */
            if (group->never) *slot = NULL;
            else if (is_in_set(own, i)) update_slot(type, &slot_table[group->first]);
            else inherit_slot(type, slot, source, group, from[group->suite]);
        }
    }
}

/* -- Changed classes -------------------------------------------------------------------------- */

/* Sets the slots that `groups` (first rows, NULL at the end) stand for, in the type and in all
 * subclasses that have no `name` of their own. */
static int update_recursively(PyTypeObject *type, PyObject *name, SlotRow **groups)
{
    descrgetfunc get = type->tp_descr_get;
    descrsetfunc set = type->tp_descr_set;
    for (SlotRow **group = groups; *group; group++) update_slot(type, *group);
    if (type->tp_descr_get != get || type->tp_descr_set != set) type_note_descriptor_change();
    if (!type->tp_subclasses) return 0;
    PyObject *subclasses = type_subclasses_list(type);
    if (!subclasses) return -1;
    int status = 0;
    for (Py_ssize_t i = 0; status == 0 && i < PyList_GET_SIZE(subclasses); i++) {
        PyTypeObject *subclass = (PyTypeObject *)PyList_GET_ITEM(subclasses, i);
        PyObject *dict = type_dict(subclass);
        int own = dict ? PyDict_Contains(dict, name) : -1;
        if (own < 0) status = -1;
        else if (!own) status = update_recursively(subclass, name, groups);
    }
    Py_DECREF(subclasses);
    return status;
}

int slots_update(PyTypeObject *type, PyObject *name)
{
    SlotRow *found[8], *group = slot_table;
    int count = 0;
    for (SlotRow *row = slot_table; row->name; row++) {
        if (row->offset != group->offset) group = row;
        if (row->name_strobj != name) continue;
        if (count == 0 || found[count - 1] != group) found[count++] = group;
    }
    found[count] = NULL;
    return count ? update_recursively(type, name, found) : 0;
}

void slots_update_all(PyTypeObject *type)
{
    for (SlotRow *row = slot_table; row->name; row++) {
        if (slots_update(type, row->name_strobj) < 0) PyErr_Clear();
    }
}
