#include "emit.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "bytecode/opcodes.h"
#include "bytecode/verify.h"
#include "objects/abi_runtime.h"
#include "objects/code.h"
#include "objects/str/str.h"
#include "objects/bytes/bytes.h"
#include "vm/exec.h"

/* Objects written so far get numbers: object n is the C variable o<n>. */
static PyObject *numbers;           /* dict: address -> number */
static int count;
static PyObject *interned;          /* list of the numbers of interned strs of what every start imports */
static PyObject *runs;              /* set of the lines of the lists of functions that run at the start or at import */
static PyObject *touched;           /* dict: address of a str or tuple of code that runs -> module that first needs it, as below */
static PyObject *mentioned;         /* dict: address of a str in code that does not run -> the same */
static PyObject *counted;           /* dict: tuples that such code stores or iterates over -> the same */
static PyObject *docs;              /* set: addresses of doc strings of code that does not run */
static PyObject *looked_at;         /* dict: the same of what making a function of code that does not run looks at */
static bool running;                /* what is being written belongs to code that runs */
static PyObject *idle;              /* list of the addresses of strs of the present module that nobody touches */
static PyObject *sets;              /* list of C texts: the present module's rows of FrozenSet */

/* The present module of the library: its number and its file; -1 and NULL for what every start imports. */
static int library_module = -1;     /* EVERY_START */
static const char *library_file;
static PyObject *slots;             /* dict: its interned strs (numbers) -> list of C texts, the places that refer to one */

static void must(int ok)
{
    if (!ok) die("out of memory");
}

void emit_note_run(const char *line)
{
    if (!runs) must((runs = PySet_New(NULL)) != NULL);
    PyObject *text = PyUnicode_FromString(line);
    must(text && PySet_Add(runs, text) == 0);
    Py_DECREF(text);
}

static bool runs_at_import(const PyCodeObject *code)
{
    if (!(code->co_flags & CO_OPTIMIZED)) return true;
    PyObject *line = library_file ? PyUnicode_FromFormat("%s %U", library_file, code->co_qualname)
                                  : PyUnicode_FromFormat("%U %U", code->co_filename, code->co_qualname);
    int found = line ? PySet_Contains(runs, line) : -1;
    must(found >= 0);
    Py_DECREF(line);
    return found;
}

/* The number of an object written before, or -1. */
static int number_of(PyObject *o)
{
    PyObject *address = PyLong_FromVoidPtr(o);
    must(address != NULL);
    PyObject *number = PyDict_GetItemWithError(numbers, address);
    Py_DECREF(address);
    return number ? (int)PyLong_AsLong(number) : -1;
}

/* ---- What is touched when a module is executed ---------------------------------------------------------------- */

/* The module that needs an object, or ... */
enum { EVERY_START = -1, NOBODY = -2, SEVERAL = -3 };

static int find_module(PyObject *modules, PyObject *o)
{
    PyObject *address = PyLong_FromVoidPtr(o);
    PyObject *module = address ? PyDict_GetItemWithError(modules, address) : NULL;
    must(address && !PyErr_Occurred());
    Py_DECREF(address);
    return module ? (int)PyLong_AsLong(module) : NOBODY;
}

static int owner_of(PyObject *o) { return find_module(touched, o); }

static void mark(PyObject *modules, PyObject *o)
{
    int before = find_module(modules, o);
    bool several = before != NOBODY && before != EVERY_START && before != library_module;
    if (before != NOBODY && !several) return;
    PyObject *address = PyLong_FromVoidPtr(o), *module = PyLong_FromLong(several ? SEVERAL : library_module);
    must(address && module && PyDict_SetItem(modules, address, module) == 0);
    Py_DECREF(address);
    Py_DECREF(module);
}

/* Marks an object, and what is in it if it is a container. */
static void touch(PyObject *o)
{
    mark(touched, o);
    if (PyTuple_CheckExact(o)) {
        for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(o); i++) touch(PyTuple_GET_ITEM(o, i));
    }
    if (PyFrozenSet_CheckExact(o)) {
        PyObject *item;
        Py_hash_t hash;
        for (Py_ssize_t i = 0; _PySet_NextEntry(o, &i, &item, &hash);) touch(item);
    }
}

/* Notes the strs of a tuple of code that does not run: if it does one day, they are touched where they lie. */
static void mention(PyObject *tuple)
{
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(tuple); i++) {
        PyObject *item = PyTuple_GET_ITEM(tuple, i);
        if (PyUnicode_CheckExact(item)) mark(mentioned, item);
        else if (PyTuple_CheckExact(item)) mention(item);
    }
}

/* Whether the first constant is a str that is written as a static object of ours. */
static bool has_doc(const PyCodeObject *code)
{
    PyObject *first = PyTuple_GET_SIZE(code->co_consts) ? PyTuple_GET_ITEM(code->co_consts, 0) : Py_None;
    return PyUnicode_CheckExact(first) && !PyUnicode_CHECK_INTERNED(first) && PyUnicode_GET_LENGTH(first) > 1;
}

/* A decorator like property() takes over the doc string of a function that does not run. */
static void touch_decorated_docs(const PyCodeObject *code)
{
    const _Py_CODEUNIT *unit = _PyCode_CODE(code);
    for (Py_ssize_t i = 0, arg = 0; i + 2 < Py_SIZE(code); i++) {
        arg = arg << 8 | _Py_OPARG(unit[i]);
        if (_Py_OPCODE(unit[i]) == OP_LOAD_CONST && _Py_OPCODE(unit[i + 1]) == OP_MAKE_FUNCTION && _Py_OPCODE(unit[i + 2]) == OP_PRECALL) {
            const PyCodeObject *function = (PyCodeObject *)PyTuple_GET_ITEM(code->co_consts, arg);
            if (has_doc(function)) touch(PyTuple_GET_ITEM(function->co_consts, 0));
        }
        if (_Py_OPCODE(unit[i]) != OP_EXTENDED_ARG) arg = 0;
    }
}

static void plan_code(PyCodeObject *code)
{
    if (runs_at_import(code)) {
        touch_decorated_docs(code);
        for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(code->co_consts); i++) {
            PyObject *constant = PyTuple_GET_ITEM(code->co_consts, i);
            if (PyTuple_CheckExact(constant)) mark(counted, constant);
        }
        touch(code->co_names);
        touch(code->co_localsplusnames);
        touch(code->co_localspluskinds);
        touch(code->co_consts);
    }
    else {
        mention(code->co_names);
        mention(code->co_localsplusnames);
        mention(code->co_consts);
        mark(looked_at, code->co_consts);
        PyObject *first = PyTuple_GET_ITEM(code->co_consts, 0);
        if (!has_doc(code)) mark(looked_at, first);
        else {
            PyObject *address = PyLong_FromVoidPtr(first);
            must(address && PySet_Add(docs, address) == 0);
            Py_DECREF(address);
        }
    }
    touch(code->co_name);
    touch(code->co_qualname);
    touch(code->co_filename);
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(code->co_consts); i++) {
        PyObject *constant = PyTuple_GET_ITEM(code->co_consts, i);
        if (PyCode_Check(constant)) plan_code((PyCodeObject *)constant);
        if (PyFrozenSet_CheckExact(constant)) touch(constant);      /* made when the module is loaded */
    }
}

void emit_plan(PyObject *code, int number, const char *file)
{
    if (!touched) must((touched = PyDict_New()) && (looked_at = PyDict_New()) && (mentioned = PyDict_New()) && (counted = PyDict_New()) &&
                       (docs = PySet_New(NULL)));
    library_module = number;
    library_file = file;
    plan_code((PyCodeObject *)code);
    Py_INCREF(code);
}

/* The section of a kind of a module, as it stands before a definition. */
static const char *section(int module, const char *kind)
{
    static char text[60];
    if (module == SEVERAL) return "FROZEN_SECTION(library_names)";
    if (module < 0) snprintf(text, sizeof text, "FROZEN_SECTION(frozen_%s)", kind);
    else snprintf(text, sizeof text, "FROZEN_SECTION(library_%d_%s)", module, kind);
    return text;
}

/* The section for a str or a tuple, where `kind` is its place if it is touched. */
static const char *section_of(PyObject *o, const char *kind)
{
    int owner = owner_of(o), looker = find_module(looked_at, o);
    if (owner >= 0) {
        int mentioner = find_module(mentioned, o);
        return section(mentioner == NOBODY || mentioner == owner ? owner : SEVERAL, kind);
    }
    if (owner != NOBODY) return section(owner, kind);
    if (looker != NOBODY) return section(looker, "seen");
    PyObject *address = PyLong_FromVoidPtr(o);
    int is_doc = address ? PySet_Contains(docs, address) : -1;
    must(is_doc >= 0);
    Py_DECREF(address);
    return section(EVERY_START, is_doc ? "docs" : "idle");
}

/* The section for a code object that is being written: running code counts its references, as its execution form does its runs. */
static const char *code_section(void) { return section(library_module, running ? "code" : "seen"); }
/* For its constants and the tuples of its names, which stay as they are. */
static const char *constants_section(void) { return section(library_module, "seen"); }

/* Notes that the place that the format gives refers to `o`, where that is an interned str of a module of the library: when the
 * module is loaded, another may have been interned before it. */
static void note_slot(PyObject *o, const char *format, ...)
{
    if (library_module < 0 || !PyUnicode_CheckExact(o) || !PyUnicode_CHECK_INTERNED(o) || number_of(o) < 0) return;
    if (owner_of(o) == EVERY_START) return;
    va_list args;
    va_start(args, format);
    PyObject *number = PyLong_FromLong(number_of(o)), *place = PyUnicode_FromFormatV(format, args);
    va_end(args);
    PyObject *none = PyList_New(0), *places = number && none ? PyDict_SetDefault(slots, number, none) : NULL;
    must(places && place && PyList_Append(places, place) == 0);
    Py_DECREF(number);
    Py_DECREF(place);
    Py_DECREF(none);
}

/* A number for an object, which is kept alive: its address stands for it. */
static int add_number(PyObject *o)
{
    PyObject *address = PyLong_FromVoidPtr(o), *number = PyLong_FromLong(count);
    must(address && number && PyDict_SetItem(numbers, address, number) == 0);
    Py_DECREF(address);
    Py_DECREF(number);
    Py_INCREF(o);
    return count++;
}

/* ---- Names of objects ----------------------------------------------------------------------------------------- */

typedef struct { char text[80]; } Name;

static bool is_shared_text(PyObject *o)
{
    return PyUnicode_CheckExact(o) && PyUnicode_KIND(o) == PyUnicode_1BYTE_KIND && PyUnicode_GET_LENGTH(o) <= 1;
}

/* The C expression for what an object that the interpreter has anyway, or that has been written, has as its address. */
static bool try_name(PyObject *o, Name *name)
{
    static struct { PyObject *object; const char *name; } constants[4];
    constants[0].object = Py_None, constants[0].name = "_Py_NoneStruct";
    constants[1].object = Py_True, constants[1].name = "_Py_TrueStruct";
    constants[2].object = Py_False, constants[2].name = "_Py_FalseStruct";
    constants[3].object = Py_Ellipsis, constants[3].name = "_Py_EllipsisObject";
    for (int i = 0; i < 4; i++) {
        if (o == constants[i].object) return snprintf(name->text, sizeof name->text, "&%s", constants[i].name) > 0;
    }
    if (is_shared_text(o)) {
        if (PyUnicode_GET_LENGTH(o) == 0) return snprintf(name->text, sizeof name->text, "&str_static_empty") > 0;
        unsigned ch = PyUnicode_1BYTE_DATA(o)[0];
        return snprintf(name->text, sizeof name->text, ch < 128 ? "&str_static_ascii[%u]" : "&str_static_latin1[%u]",
                        ch < 128 ? ch : ch - 128) > 0;
    }
    if (PyBytes_CheckExact(o) && PyBytes_GET_SIZE(o) <= 1) {
        if (PyBytes_GET_SIZE(o) == 0) return snprintf(name->text, sizeof name->text, "&bytes_static_empty") > 0;
        return snprintf(name->text, sizeof name->text, "&bytes_static_one[%d]", (unsigned char)PyBytes_AS_STRING(o)[0]) > 0;
    }
    if (PyTuple_CheckExact(o) && PyTuple_GET_SIZE(o) == 0) {
        return snprintf(name->text, sizeof name->text, "&tuple_static_empty.tuple") > 0;
    }
    if (PyLong_CheckExact(o)) {
        int overflow;
        long value = PyLong_AsLongAndOverflow(o, &overflow);
        if (!overflow && value >= -INT_SMALL_NEGATIVE && value < INT_SMALL_COUNT - INT_SMALL_NEGATIVE) {
            return snprintf(name->text, sizeof name->text, "&_PyRuntime.small_ints[%ld]", value + INT_SMALL_NEGATIVE) > 0;
        }
    }
    int number = number_of(o);
    return number >= 0 && snprintf(name->text, sizeof name->text, "&o%d.head", number) > 0;
}

static Name name_of(PyObject *o)
{
    Name name;
    if (!try_name(o, &name)) die("an object that has not been written");
    return name;
}

/* ---- Text ----------------------------------------------------------------------------------------------------- */

static void write_literal(FILE *out, const unsigned char *text, Py_ssize_t size)
{
    putc('"', out);
    for (Py_ssize_t i = 0; i < size; i++) {
        if (text[i] < ' ' || text[i] > '~' || text[i] == '"' || text[i] == '\\' || text[i] == '?') {
            fprintf(out, "\\%03o", text[i]);
        }
        else putc(text[i], out);
        if (i % 100 == 99) fputs("\"\n\"", out);
    }
    putc('"', out);
}

static void write_str(FILE *out, PyObject *o)
{
    Py_ssize_t size = PyUnicode_GET_LENGTH(o);
    int kind = PyUnicode_KIND(o);
    const char *place = section_of(o, "names");
    int number = add_number(o);
    if (PyUnicode_IS_ASCII(o)) {
        fprintf(out, "%s static FROZEN_ASCII(%zd) o%d = {FROZEN_ASCII_HEAD(%zd, 1, 1), ", place, size, number, size);
        write_literal(out, PyUnicode_1BYTE_DATA(o), size);
    }
    else {
        fprintf(out, "%s static FROZEN_TEXT(Py_UCS%d, %zd) o%d = {{._base = FROZEN_ASCII_HEAD(%zd, %d, 0)}, {", place, kind, size,
                number, size, kind);
        for (Py_ssize_t i = 0; i < size; i++) fprintf(out, "%u,", (unsigned)PyUnicode_READ_CHAR(o, i));
        fputs("0}", out);
    }
    fputs("};\n", out);
    if (owner_of(o) == NOBODY) {
        PyObject *address = PyLong_FromVoidPtr(o);
        must(address && PyList_Append(idle, address) == 0);
        Py_DECREF(address);
    }
    if (!PyUnicode_CHECK_INTERNED(o) || owner_of(o) != EVERY_START) return;
    PyObject *entry = PyLong_FromLong(number);
    must(entry && PyList_Append(interned, entry) == 0);
    Py_DECREF(entry);
}

static void write_bytes(FILE *out, PyObject *o)
{
    Py_ssize_t size = PyBytes_GET_SIZE(o);
    fprintf(out, "%s static FROZEN_BYTES(%zd) o%d = {FROZEN_VAR_HEAD(PyBytes_Type, %zd), -1, ", section_of(o, "names"), size,
            add_number(o), size);
    write_literal(out, (const unsigned char *)PyBytes_AS_STRING(o), size);
    fputs("};\n", out);
}

/* ---- Numbers -------------------------------------------------------------------------------------------------- */

static void write_int(FILE *out, PyObject *o)
{
    Py_ssize_t size = Py_SIZE(o), digits = Py_ABS(size);
    fprintf(out, "%s static FROZEN_INT(%zd) o%d = {FROZEN_VAR_HEAD(PyLong_Type, %zd), {", constants_section(), digits, add_number(o),
            size);
    for (Py_ssize_t i = 0; i < digits; i++) fprintf(out, "%u,", (unsigned)((PyLongObject *)o)->ob_digit[i]);
    fputs("}};\n", out);
}

/* ---- Containers ----------------------------------------------------------------------------------------------- */

static void write_object(FILE *out, PyObject *o);

/* `number` is the tuple's, `owner` that of the code object whose constants it is, or -1. */
static void note_set(PyObject *items, int number, Py_ssize_t index, int owner, Py_ssize_t size)
{
    PyObject *row;
    Name name = name_of(items);
    if (owner >= 0) {
        row = PyUnicode_FromFormat("{&o%d.items[%zd], &e%d_constants[%zd], %zd, (PyObject *)%s}", number, index, owner, index, size,
                                   name.text);
    }
    else row = PyUnicode_FromFormat("{&o%d.items[%zd], NULL, 0, (PyObject *)%s}", number, index, name.text);
    must(row && PyList_Append(sets, row) == 0);
    Py_DECREF(row);
}

/* Writes a tuple; `owner` as above. Its number. */
static int write_tuple(FILE *out, PyObject *o, int owner)
{
    Py_ssize_t size = PyTuple_GET_SIZE(o);
    PyObject *items_of_sets = PyDict_New();
    must(items_of_sets != NULL);
    for (Py_ssize_t i = 0; i < size; i++) {
        PyObject *item = PyTuple_GET_ITEM(o, i);
        if (!PyFrozenSet_CheckExact(item)) {
            write_object(out, item);
            continue;
        }
        PyObject *items = PySequence_Tuple(item), *key = PyLong_FromSsize_t(i);
        must(items && key && PyDict_SetItem(items_of_sets, key, items) == 0);
        touch(items);
        write_object(out, items);
        Py_DECREF(items);
        Py_DECREF(key);
    }
    int number = add_number(o);
    bool touching = owner_of(o) != NOBODY;
    fprintf(out, "%s static FROZEN_TUPLE(%zd) o%d = {.head = FROZEN_VAR_HEAD(PyTuple_Type, %zd), .items = {",
            section_of(o, find_module(counted, o) == NOBODY ? "seen" : "code"), size, number, size);
    for (Py_ssize_t i = 0; i < size; i++) {
        PyObject *item = PyTuple_GET_ITEM(o, i);
        if (PyFrozenSet_CheckExact(item)) fputs("NULL,", out);
        else fprintf(out, "(PyObject *)%s,", name_of(item).text);
        if (touching) note_slot(item, "&o%d.items[%zd]", number, i);
    }
    fputs("}};\n", out);
    Py_ssize_t at = 0;
    PyObject *key, *items;
    while (PyDict_Next(items_of_sets, &at, &key, &items)) note_set(items, number, PyLong_AsSsize_t(key), owner, size);
    Py_DECREF(items_of_sets);
    return number;
}

/* ---- Code ----------------------------------------------------------------------------------------------------- */

static void write_value(FILE *out, Value v)
{
    if (!value_is_object(v)) fprintf(out, "0x%llxu,", (unsigned long long)v);
    else if (PyFrozenSet_CheckExact(value_object(v))) fputs("0,", out);
    else fprintf(out, "(Value)%s + TAG_BORROWED,", name_of(value_object(v)).text);
}

/* The execution form of the code object with this number: e<number>, declared before and defined after the code object. */
static void write_exec_parts(FILE *out, const ExecCode *exec, int number)
{
    fprintf(out, "static ExecCode e%d;\n%s static Value e%d_constants[] = {", number, constants_section(), number);
    for (int i = 0; i < 2 * exec->constant_count; i++) {
        Value v = exec->constants[i];
        write_value(out, v);
        if (value_is_object(v)) note_slot(value_object(v), "(char *)&e%d_constants[%d] + TAG_BORROWED", number, i);
    }
    fprintf(out, "0};\nFROZEN_CONST static const uint16_t e%d_units[] = {", number);
    for (int i = 0; i < exec->word_count; i++) fprintf(out, "%u,", (unsigned)exec->units[i]);
    fprintf(out, "0};\nFROZEN_CONST static const ExecHandler e%d_handlers[] = {", number);
    for (int i = 0; i < exec->handler_count; i++) {
        const ExecHandler *h = &exec->handlers[i];
        fprintf(out, "{%u,%u,%u,%u,%d},", h->start, h->end, h->handler, h->depth, h->lasti);
    }
    fputs("{0}};\n", out);
}

static void write_exec(FILE *out, const ExecCode *exec, int number)
{
    fprintf(out,
            "%s static ExecCode e%d = {.code = (PyCodeObject *)&o%d, .near = %d, .register_count = %d, .register_capacity = %d, "
            ".first_temporary = %d, .word_count = %d, .handler_count = %d, .constant_count = %d, .constants = e%d_constants, "
            ".units = (uint16_t *)e%d_units, .handlers = (ExecHandler *)e%d_handlers, .simple_arguments = %d, "
            ".fused_function = %d, .words = {",
            section(library_module, "code"), number, number, exec->near, exec->register_count, exec->register_capacity, exec->first_temporary, exec->word_count,
            exec->handler_count, exec->constant_count, number, number, number, exec->simple_arguments,
            exec->fused_function);
    for (int i = 0; i < exec->word_count; i++) fprintf(out, "{0x%llx},", (unsigned long long)exec->words[i].word);
    fputs("}};\n", out);
}

/* A member of the code object with this number. */
static void write_field(FILE *out, int number, const char *name, PyObject *o)
{
    fprintf(out, ".%s = (PyObject *)%s, ", name, name_of(o).text);
    if (running) note_slot(o, "&o%d.%s", number, name);
}

static void write_code(FILE *out, PyObject *o)
{
    PyCodeObject *code = (PyCodeObject *)o;
    PyObject *parts[] = {code->co_names, code->co_exceptiontable, code->co_localsplusnames, code->co_localspluskinds,
                         code->co_filename, code->co_name, code->co_qualname, code->co_linetable};
    bool outer_runs = running, runs = runs_at_import(code);
    if (code_verify(code) < 0) die("code that does not hold together");
    for (size_t i = 0; i < Py_ARRAY_LENGTH(parts); i++) write_object(out, parts[i]);
    ExecCode *exec = runs ? exec_get(code, false) : NULL;
    if (exec ? exec->wide : PyErr_Occurred() != NULL) die("code that cannot be translated");
    int number = add_number(o);
    /* Its constants are a tuple of its own, for the sets in it. */
    Name consts;
    running = runs;
    if (!try_name(code->co_consts, &consts)) write_tuple(out, code->co_consts, exec ? number : -1);
    running = runs;     /* not so the last constant, perhaps */
    if (exec) write_exec_parts(out, exec, number);
    fprintf(out, "%s static FROZEN_CODE(%zd) o%d = {.head = FROZEN_VAR_HEAD(PyCode_Type, %zd), ", code_section(), Py_SIZE(code),
            number, Py_SIZE(code));
    write_field(out, number, "consts", code->co_consts);
    write_field(out, number, "names", code->co_names);
    write_field(out, number, "exceptiontable", code->co_exceptiontable);
    write_field(out, number, "localsplusnames", code->co_localsplusnames);
    write_field(out, number, "localspluskinds", code->co_localspluskinds);
    write_field(out, number, "filename", code->co_filename);
    write_field(out, number, "name", code->co_name);
    write_field(out, number, "qualname", code->co_qualname);
    write_field(out, number, "linetable", code->co_linetable);
    fprintf(out,
            ".flags = %d, .marks = %d, .argcount = %d, .posonlyargcount = %d, .kwonlyargcount = %d, .stacksize = %d, .firstlineno = %d, "
            ".nlocalsplus = %d, .nlocals = %d, .nplaincellvars = %d, .ncellvars = %d, .nfreevars = %d, .firsttraceable = %d, "
            ".units = {",
            code->co_flags, (runs ? 0 : CODE_LOOSE_NAMES) | (has_doc(code) ? CODE_STATIC_DOC : 0),
            code->co_argcount, code->co_posonlyargcount, code->co_kwonlyargcount, code->co_stacksize,
            code->co_firstlineno, code->co_nlocalsplus, code->co_nlocals, code->co_nplaincellvars, code->co_ncellvars,
            code->co_nfreevars, code->_co_firsttraceable);
    for (Py_ssize_t i = 0; i < Py_SIZE(code); i++) fprintf(out, "%u,", _PyCode_CODE(code)[i]);
    if (exec) fprintf(out, "}, .exec = &e%d};\n", number);
    else fputs("}};\n", out);
    if (exec) write_exec(out, exec, number);
    running = outer_runs;
}

/* Writes an object and all it is made of, unless it is there. */
static void write_object(FILE *out, PyObject *o)
{
    Name name;
    if (try_name(o, &name)) return;
    if (PyUnicode_CheckExact(o)) write_str(out, o);
    else if (PyBytes_CheckExact(o)) write_bytes(out, o);
    else if (PyLong_CheckExact(o)) write_int(out, o);
    else if (PyFloat_CheckExact(o)) {
        fprintf(out, "%s static FROZEN_FLOAT o%d = {{FROZEN_HEAD(PyFloat_Type), %a}};\n", constants_section(), add_number(o),
                PyFloat_AS_DOUBLE(o));
    }
    else if (PyComplex_CheckExact(o)) {
        Py_complex c = PyComplex_AsCComplex(o);
        fprintf(out, "%s static FROZEN_COMPLEX o%d = {{FROZEN_HEAD(PyComplex_Type), {%a, %a}}};\n", constants_section(), add_number(o), c.real,
                c.imag);
    }
    else if (PyTuple_CheckExact(o)) write_tuple(out, o, -1);
    else if (PyCode_Check(o)) write_code(out, o);
    else die("a constant of a strange type");
}

/* ---- The file ------------------------------------------------------------------------------------------------- */

/* The module's code object and what it is made of, and its frozensets: sets_<label>. */
static void write_module(FILE *out, PyObject *code, const char *label)
{
    if (!numbers) must((numbers = PyDict_New()) && (interned = PyList_New(0)));
    must((sets = PyList_New(0)) && (idle = PyList_New(0)));
    write_object(out, code);
    fprintf(out, "FROZEN_CONST static const FrozenSet sets_%s[] = {", label);
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(sets); i++) fprintf(out, "%s, ", PyUnicode_AsUTF8(PyList_GET_ITEM(sets, i)));
    fputs("{0}};\n", out);
    /* Another module gets strs of its own, which lie near to what uses them. */
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(idle); i++) must(PyDict_DelItem(numbers, PyList_GET_ITEM(idle, i)) == 0);
    Py_CLEAR(idle);
    Py_CLEAR(sets);
}

void emit_module(FILE *out, PyObject *code, int number)
{
    char label[20];
    library_module = -1;
    library_file = NULL;
    snprintf(label, sizeof label, "%d", number);
    write_module(out, code, label);
    fprintf(out, "static PyObject *get_code_%d(void) { return frozen_static_code((PyObject *)%s, sets_%d); }\n", number,
            name_of(code).text, number);
}

/* The names of a module of the library, each with the places that refer to it. */
static void write_library_names(FILE *out)
{
    Py_ssize_t at = 0, total = 0;
    PyObject *number, *places;
    fprintf(out, "FROZEN_CONST static void *const library_%d_places[] = {", library_module);
    while (PyDict_Next(slots, &at, &number, &places)) {
        for (Py_ssize_t i = 0; i < PyList_GET_SIZE(places); i++) {
            fprintf(out, "%s,%s", PyUnicode_AsUTF8(PyList_GET_ITEM(places, i)), i % 8 == 7 ? "\n" : "");
        }
    }
    fprintf(out, "NULL};\nFROZEN_CONST static const LibraryName library_%d_list[] = {", library_module);
    for (at = 0; PyDict_Next(slots, &at, &number, &places); total += PyList_GET_SIZE(places)) {
        fprintf(out, "{(PyObject *)&o%ld, library_%d_places + %zd},\n", PyLong_AsLong(number), library_module, total);
    }
    fprintf(out, "{NULL, library_%d_places + %zd}};\n", library_module, total);
}

/* The kinds of sections of what a module is made of, as FROZEN_SECTION tells them. */
enum { KINDS = 3 };
static const char *const kinds[KINDS] = {"code", "names", "seen"};

static void emit_section(FILE *out, const char *owner, const char *kind)
{
    fprintf(out, "__asm__(\".section %s_%s, \\\"aw\\\", @progbits\");\n", owner, kind);
}

void emit_order(FILE *out, int modules)
{
    emit_section(out, "library", "names");
    for (int i = 0; i < KINDS; i++) emit_section(out, "frozen", kinds[i]);
    for (int module = 0; module < modules; module++) {
        char owner[20];
        snprintf(owner, sizeof owner, "library_%d", module);
        for (int i = 0; i < KINDS; i++) emit_section(out, owner, kinds[i]);
    }
    fputs("__asm__(\".text\");\n", out);
}

void emit_library_module(FILE *out, PyObject *code, int number, const char *file)
{
    char label[20];
    library_module = number;
    library_file = file;
    snprintf(label, sizeof label, "library_%d", number);
    must((slots = PyDict_New()) != NULL);
    for (int i = 0; i < KINDS; i++) fprintf(out, "LIBRARY_SECTION_ENDS(library_%d_%s)\n", number, kinds[i]);
    write_module(out, code, label);
    write_library_names(out);
    fprintf(out, "#define LIBRARY_%d (PyObject *)%s\n", number, name_of(code).text);
    Py_CLEAR(slots);
}

void emit_strings(FILE *out)
{
    fputs("PyObject *const frozen_strings[] = {\n", out);
    for (Py_ssize_t i = 0; interned && i < PyList_GET_SIZE(interned); i++) {
        fprintf(out, "(PyObject *)&o%ld,%s", PyLong_AsLong(PyList_GET_ITEM(interned, i)), i % 8 == 7 ? "\n" : "");
    }
    fputs("NULL};\n", out);
}
