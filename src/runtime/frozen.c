/* Frozen modules: code that was marshalled into the binary when it was built. The tables come from tools/freeze. */
#include "runtime/import.h"

#include <internal/krait_exports.h>

#include "bytecode/marshal.h"
#include "objects/thread_state.h"
#include "base/switches.h"
#include "memory/memory.h"
#include "objects/code.h"
#include "runtime/frozen_static.h"

const struct _frozen *_PyImport_FrozenBootstrap = frozen_bootstrap;
const struct _frozen *_PyImport_FrozenStdlib = frozen_stdlib;
const struct _frozen *_PyImport_FrozenTest = frozen_test;
const struct _frozen *PyImport_FrozenModules;       /* the embedding program's own: first in the order */
int frozen_override;

static bool is_enabled(void)
{
    if (frozen_override) return frozen_override > 0;
    return thread_state()->interp->config.use_frozen_modules != 0;
}

static const struct _frozen *look_in(const struct _frozen *table, PyObject *name)
{
    Py_UCS4 first = PyUnicode_GET_LENGTH(name) ? PyUnicode_READ_CHAR(name, 0) : 0;
    for (const struct _frozen *p = table; p && p->name; p++) {
        if ((unsigned char)*p->name == first && _PyUnicode_EqualToASCIIString(name, p->name)) return p;
    }
    return NULL;
}

static const struct _frozen *look_up(PyObject *name, bool *is_own)
{
    const struct _frozen *p = look_in(PyImport_FrozenModules, name);
    *is_own = !p;
    if (!p) p = look_in(_PyImport_FrozenBootstrap, name);
    if (!p && is_enabled()) {
        p = look_in(_PyImport_FrozenStdlib, name);
        if (!p) p = look_in(_PyImport_FrozenTest, name);
    }
    return p;
}

static const struct FrozenAlias *alias_of(const char *name)
{
    for (const struct FrozenAlias *a = frozen_aliases; a->name; a++) {
        if (strcmp(a->name, name) == 0) return a;
    }
    return NULL;
}

FrozenStatus frozen_find(PyObject *name, FrozenInfo *info)
{
    *info = (FrozenInfo){0};
    if (!name || name == Py_None || !PyUnicode_Check(name)) return FROZEN_BAD_NAME;
    bool is_own;
    const struct _frozen *p = look_up(name, &is_own);
    if (!p) return FROZEN_NOT_FOUND;
    const struct FrozenAlias *alias = alias_of(p->name);
    *info = (FrozenInfo){
        .name = name, .data = (const char *)p->code, .get_code = p->get_code, .size = p->size,
        .is_package = p->is_package, .is_alias = alias != NULL, .is_own = is_own,
        .original_name = alias ? alias->original : p->name,
    };
    if (!p->code) return FROZEN_EXCLUDED;
    /* What is there as objects need not be looked at: the pages of the other form stay where they are. */
    if (p->size == 0 || (!p->get_code && p->code[0] == '\0')) return FROZEN_INVALID;
    return FROZEN_OKAY;
}

void frozen_set_error(FrozenStatus status, PyObject *name)
{
    static const char *const messages[] = {
        [FROZEN_BAD_NAME] = "No such frozen object named %R",
        [FROZEN_NOT_FOUND] = "No such frozen object named %R",
        [FROZEN_DISABLED] = "Frozen modules are disabled and the frozen object named %R is not essential",
        [FROZEN_EXCLUDED] = "Excluded frozen object named %R",
        [FROZEN_INVALID] = "Frozen object named %R is invalid",
    };
    PyObject *message = PyUnicode_FromFormat(messages[status], name ? name : Py_None);
    if (message) PyErr_SetImportError(message, name, NULL);
    Py_XDECREF(message);
}

int frozen_init_strings(void)
{
    extern char __start_frozen_names[] __attribute__((weak)), __stop_frozen_names[] __attribute__((weak));
    extern char __start_frozen_code[] __attribute__((weak)), __stop_frozen_code[] __attribute__((weak));
    memory_populate(__start_frozen_names, (size_t)(__stop_frozen_names - __start_frozen_names));
    memory_populate(__start_frozen_code, (size_t)(__stop_frozen_code - __start_frozen_code));
    return str_intern_first(frozen_strings);
}

/* Static code has columns, and an execution form without special wishes. */
static bool static_code_fits(void)
{
    static const struct Switches none;
    return !code_runtime.without_columns && memcmp(&switches, &none, sizeof none) == 0;
}

PyObject *frozen_static_code(PyObject *code, const FrozenSet *sets)
{
    for (const FrozenSet *set = sets; set->slot && !*set->slot; set++) {
        PyObject *made = PyFrozenSet_New(set->items);
        if (!made) return NULL;
        *set->slot = made;
        if (set->value) set->value[0] = set->value[set->count] = value_from_borrowed(made);
    }
    return Py_NewRef(code);
}

/* ---- The library ---------------------------------------------------------------------------------------------- */

uint64_t frozen_library_hash(const void *data, size_t size)
{
    const uint64_t factors[] = {0x9e3779b97f4a7c15, 0xbf58476d1ce4e5b9};
    const char *text = data;
    uint64_t hash = size, words[2];
    for (; size >= sizeof words; size -= sizeof words, text += sizeof words) {
        memcpy(words, text, sizeof words);
        __uint128_t product = (__uint128_t)(words[0] ^ factors[0] ^ hash) * (words[1] ^ factors[1]);
        hash = (uint64_t)product ^ (uint64_t)(product >> 64);
    }
    words[0] = words[1] = 0;
    memcpy(words, text, size);
    return (hash ^ words[0]) * factors[0] ^ (hash ^ words[1]) * factors[1];
}

static struct LibraryCode *find_library_code(uint64_t hash)
{
    size_t low = 0, high = frozen_library_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (frozen_library[middle].hash < hash) low = middle + 1;
        else high = middle;
    }
    return low < frozen_library_count && frozen_library[low].hash == hash ? &frozen_library[low] : NULL;
}

/* Interns the module's names; where another str was interned before, that goes to all the places. */
static int intern_library_names(const LibraryName *names)
{
    for (const LibraryName *row = names; row->name; row++) {
        PyObject *interned = str_intern_static(row->name);
        if (!interned) {
            PyErr_NoMemory();
            return -1;
        }
        if (interned == row->name) continue;
        for (void *const *at = row->places; at < row[1].places; at++) {
            Py_INCREF(interned);    /* static code lasts for ever */
            if ((uintptr_t)*at & TAG_BORROWED) *(Value *)((char *)*at - TAG_BORROWED) = value_from_borrowed(interned);
            else *(PyObject **)*at = interned;
        }
    }
    return 0;
}

/* Nearly all of a module is looked at or written to when it is loaded. One page too many is better than the system's own way, which
 * maps what lies around the first page that is read: 64 pages, where the file is in its cache in pieces of 256 kB. */
static void populate_library(const struct LibraryCode *code)
{
    char *start = NULL, *stop = NULL;
    for (size_t i = 0; i < Py_ARRAY_LENGTH(code->sections); i++) {
        if (!code->sections[i].start) continue;
        if (!start) start = code->sections[i].start;
        stop = code->sections[i].stop;
    }
    memory_populate(start, (size_t)(stop - start));
}

PyObject *frozen_library_code(const char *data, Py_ssize_t size)
{
    enum { SMALLEST = 300 };
    if (size < SMALLEST || !static_code_fits()) return NULL;
    struct LibraryCode *known = find_library_code(frozen_library_hash(data, (size_t)size));
    if (!known || known->size != (size_t)size || known->taken) return NULL;
    populate_library(known);
    if (intern_library_names(known->names) < 0) return NULL;
    known->taken = true;
    return frozen_static_code(known->code, known->sets);
}

/* ---- Frozen modules ------------------------------------------------------------------------------------------- */

PyObject *frozen_unmarshal(const FrozenInfo *info)
{
    if (info->get_code && (!info->is_own || static_code_fits())) return info->get_code();
    PyObject *code = info->is_own ? frozen_library_code(info->data, info->size) : NULL;
    if (code || PyErr_Occurred()) return code;
    code = info->is_own ? marshal_read_trusted(info->data, info->size)
                        : PyMarshal_ReadObjectFromString(info->data, info->size);
    if (!code) {
        frozen_set_error(FROZEN_INVALID, info->name);
        return NULL;
    }
    if (!PyCode_Check(code)) {
        PyErr_Format(PyExc_TypeError, "frozen object %R is not a code object", info->name);
        Py_CLEAR(code);
    }
    return code;
}

PyObject *frozen_names(void)
{
    const struct _frozen *tables[] = {_PyImport_FrozenBootstrap, _PyImport_FrozenStdlib, _PyImport_FrozenTest, PyImport_FrozenModules};
    bool enabled = is_enabled();
    PyObject *list = PyList_New(0);
    for (int i = 0; list && i < 4; i++) {
        if (!enabled && (i == 1 || i == 2)) continue;
        for (const struct _frozen *p = tables[i]; list && p && p->name; p++) {
            PyObject *name = PyUnicode_FromString(p->name);
            int known = name ? PySequence_Contains(list, name) : -1;
            if (known < 0 || (!known && PyList_Append(list, name) < 0)) Py_CLEAR(list);
            Py_XDECREF(name);
        }
    }
    return list;
}
