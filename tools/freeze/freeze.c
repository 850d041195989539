/* krait-freeze LIBRARY START-LIST LIBRARY-LIST OUTPUT.c: compiles what start-up imports and writes it as marshalled code, for the
 * binary to hold; what every start runs, and the code of the modules in the second list, also as static objects (emit.h).
 *
 * It is the interpreter's own objects and compiler with a start that needs no import: the first step of the build.
 */
#include <Python.h>
#include <marshal.h>
#include <stdio.h>
#include <stdlib.h>
#include <stdbool.h>
#include <string.h>

#include "emit.h"

#include "compiler/compiler.h"
#include "objects/code.h"
#include "objects/hash.h"
#include "objects/objects.h"
#include "objects/thread_state.h"
#include "runtime/frozen_static.h"
#include "runtime/state.h"
#include "syntax/ast.h"
#include "syntax/syntax.h"
#include "vm/vm.h"

typedef enum { BOOTSTRAP, STDLIB, TEST, TABLES } Table;

/* A row of the tables. `original` differs from `name` for aliases; `file` is below the library, NULL for a module whose source
 * is in `text`. */
static const struct {
    Table table;
    const char *name, *original, *file;
    int is_package;
    const char *text;
    bool at_start;              /* every start runs it: it is kept as static objects, too */
} modules[] = {
    {BOOTSTRAP, "_frozen_importlib", "importlib._bootstrap", "importlib/_bootstrap.py", 0, NULL, true},
    {BOOTSTRAP, "_frozen_importlib_external", "importlib._bootstrap_external", "importlib/_bootstrap_external.py", 0, NULL, true},
    {BOOTSTRAP, "zipimport", "zipimport", "zipimport.py", 0, NULL, true},
    {STDLIB, "abc", "abc", "abc.py", 0, NULL, true},
    {STDLIB, "codecs", "codecs", "codecs.py", 0, NULL, true},
    {STDLIB, "io", "io", "io.py", 0, NULL, true},
    {STDLIB, "_collections_abc", "_collections_abc", "_collections_abc.py", 0, NULL, true},
    {STDLIB, "_sitebuiltins", "_sitebuiltins", "_sitebuiltins.py", 0, NULL, true},
    {STDLIB, "genericpath", "genericpath", "genericpath.py", 0, NULL, true},
    {STDLIB, "ntpath", "ntpath", "ntpath.py", 0, NULL, false},
    {STDLIB, "posixpath", "posixpath", "posixpath.py", 0, NULL, true},
    {STDLIB, "os.path", "posixpath", NULL, 0, NULL, false},
    {STDLIB, "os", "os", "os.py", 0, NULL, true},
    {STDLIB, "site", "site", "site.py", 0, NULL, true},
    {STDLIB, "stat", "stat", "stat.py", 0, NULL, true},
    {STDLIB, "importlib.util", "importlib.util", "importlib/util.py", 0, NULL, false},
    {STDLIB, "importlib.machinery", "importlib.machinery", "importlib/machinery.py", 0, NULL, false},
    {STDLIB, "runpy", "runpy", "runpy.py", 0, NULL, false},
    {TEST, "__hello__", "__hello__", "__hello__.py", 0, NULL, false},
    {TEST, "__hello_alias__", "__hello__", NULL, 0, NULL, false},
    {TEST, "__phello_alias__", "__hello__", NULL, 1, NULL, false},
    {TEST, "__phello_alias__.spam", "__hello__", NULL, 0, NULL, false},
    {TEST, "__phello__", "__phello__", "__phello__/__init__.py", 1, NULL, false},
    {TEST, "__phello__.__init__", "<__phello__", NULL, 0, NULL, false},
    {TEST, "__phello__.ham", "__phello__.ham", NULL, 1, "", false},
    {TEST, "__phello__.ham.__init__", "<__phello__.ham", NULL, 0, NULL, false},
    {TEST, "__phello__.ham.eggs", "__phello__.ham.eggs", NULL, 0, "", false},
    {TEST, "__phello__.spam", "__phello__.spam", "__phello__/spam.py", 0, NULL, false},
    {TEST, "__hello_only__", NULL, NULL, 0, "initialized = True\nprint(\"Hello world!\")\n", false},
};
enum { COUNT = sizeof modules / sizeof modules[0] };

static long sizes[COUNT];

void die(const char *what)
{
    fprintf(stderr, "krait-freeze: %s\n", what);
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    PyObject *text = value ? PyObject_Str(value) : NULL;
    if (text) fprintf(stderr, "  %s: %s\n", ((PyTypeObject *)type)->tp_name, PyUnicode_AsUTF8(text));
    exit(1);
}

static void start(void)
{
    static const uint32_t seed = 0;
    gil_init();
    PyInterpreterState *interp = state_new_interpreter();
    PyThreadState *tstate = interp ? PyThreadState_New(interp) : NULL;
    if (!tstate) die("out of memory");
    PyThreadState_Swap(tstate);
    if (hash_init_secret(&seed) < 0 || objects_init() < 0 || code_init_types() < 0 || vm_init_types() < 0
        || compiler_init_types() < 0) {
        die("the built-in types cannot be made");
    }
}

/* The file's bytes, with a zero behind them; NULL if it cannot be opened. */
static char *try_read(const char *path, long *size)
{
    FILE *in = fopen(path, "rb");
    if (!in) return NULL;
    fseek(in, 0, SEEK_END);
    *size = ftell(in);
    rewind(in);
    char *text = malloc((size_t)*size + 1);
    if (!text || fread(text, 1, (size_t)*size, in) != (size_t)*size) die(path);
    text[*size] = '\0';
    fclose(in);
    return text;
}

static char *read_source(const char *library, const char *file)
{
    char path[4096];
    long size;
    snprintf(path, sizeof path, "%s/%s", library, file);
    char *text = try_read(path, &size);
    if (!text) die(path);
    return text;
}

/* The module's code, a new object. */
static PyObject *compile_module(const char *source, const char *name)
{
    PyCompilerFlags flags = _PyCompilerFlags_INIT;
    PyObject *filename = PyUnicode_FromFormat("<frozen %s>", name);
    Arena *arena = arena_new();
    Mod *tree = filename && arena ? syntax_parse_string(source, filename, Py_file_input, &flags, arena) : NULL;
    PyCodeObject *code = tree ? compiler_compile(tree, filename, &flags, 0, arena) : NULL;
    if (!code) die(name);
    return (PyObject *)code;
}

/* The code marshalled. */
static void write_array(FILE *out, int number, PyObject *bytes)
{
    const unsigned char *data = (const unsigned char *)PyBytes_AS_STRING(bytes);
    sizes[number] = (long)PyBytes_GET_SIZE(bytes);
    fprintf(out, "FROZEN_MARSHALLED static const unsigned char code_%d[%ld] = {\n", number, sizes[number]);
    for (long i = 0; i < sizes[number]; i++) fprintf(out, "%d,%s", data[i], i % 32 == 31 ? "\n" : "");
    fprintf(out, "};\n");
}

/* The row that holds the code of a row: itself, or the original of an alias. */
static int code_of(int number)
{
    if (modules[number].file || modules[number].text) return number;
    const char *original = modules[number].original;
    if (*original == '<') original++;
    for (int i = 0; i < COUNT; i++) {
        if ((modules[i].file || modules[i].text) && strcmp(modules[i].name, original) == 0) return i;
    }
    die(original);
    return -1;
}

static void write_tables(FILE *out)
{
    static const char *const names[TABLES] = {"frozen_bootstrap", "frozen_stdlib", "frozen_test"};
    for (int table = 0; table < TABLES; table++) {
        fprintf(out, "const struct _frozen %s[] = {\n", names[table]);
        for (int i = 0; i < COUNT; i++) {
            if ((int)modules[i].table != table) continue;
            int code = code_of(i);
            fprintf(out, "    {\"%s\", code_%d, %ld, %d, ", modules[i].name, code, sizes[code], modules[i].is_package);
            fprintf(out, modules[code].at_start ? "get_code_%d},\n" : "NULL},\n", code);
        }
        fprintf(out, "    {0},\n};\n");
    }
    fprintf(out, "const struct FrozenAlias frozen_aliases[] = {\n");
    for (int i = 0; i < COUNT; i++) {
        const char *original = modules[i].original;
        if (original && strcmp(original, modules[i].name) == 0) continue;
        if (original) fprintf(out, "    {\"%s\", \"%s\"},\n", modules[i].name, original);
        else fprintf(out, "    {\"%s\", NULL},\n", modules[i].name);
    }
    fprintf(out, "    {0},\n};\n");
}

/* ---- The library ---------------------------------------------------------------------------------------------- */

enum { MOST_LIBRARY_MODULES = 500, PYC_HEADER = 16 };
#define PYC_MAGIC "\xa7\r\r\n"    /* 3495 */

typedef struct {
    int number;
    char *file;                 /* below the library; NULL: a frozen module that not every start imports */
    PyObject *code;
    uint64_t hash;              /* of the marshalled code */
    long size;
} LibraryRow;

static LibraryRow library_rows[MOST_LIBRARY_MODULES];
static int library_count;

static void add_library_row(const char *file, PyObject *code, const char *data, long size)
{
    if (library_count == MOST_LIBRARY_MODULES) die("too many modules of the library");
    LibraryRow *row = &library_rows[library_count];
    *row = (LibraryRow){library_count, file ? strdup(file) : NULL, code, frozen_library_hash(data, (size_t)size), size};
    library_count++;
}

/* Where the compiled form of a file of the library is. */
static void pyc_path(char *path, size_t room, const char *library, const char *file)
{
    const char *slash = strrchr(file, '/');
    int folder = slash ? (int)(slash + 1 - file) : 0;
    snprintf(path, room, "%s/%.*s__pycache__/%.*s.cpython-311.pyc", library, folder, file, (int)strlen(file + folder) - 3,
             file + folder);
}

/* A module's code, out of the .pyc that importing it will read. No .pyc, or one of another version: no row. */
static void read_library_module(const char *library, const char *file)
{
    char path[4096];
    long size;
    pyc_path(path, sizeof path, library, file);
    char *data = try_read(path, &size);
    if (!data) return;
    if (size > PYC_HEADER && memcmp(data, PYC_MAGIC, 4) == 0) {
        PyObject *code = PyMarshal_ReadObjectFromString(data + PYC_HEADER, size - PYC_HEADER);
        if (!code || !PyCode_Check(code)) die(path);
        add_library_row(file, code, data + PYC_HEADER, size - PYC_HEADER);
    }
    free(data);
}

static int compare_rows(const void *a, const void *b)
{
    uint64_t x = ((const LibraryRow *)a)->hash, y = ((const LibraryRow *)b)->hash;
    return x < y ? -1 : x > y;
}

static void write_library_table(FILE *out)
{
    qsort(library_rows, (size_t)library_count, sizeof library_rows[0], compare_rows);
    fprintf(out, "const size_t frozen_library_count = %d;\nstruct LibraryCode frozen_library[] = {\n", library_count);
    for (int i = 0; i < library_count; i++) {
        const LibraryRow *row = &library_rows[i];
        int n = row->number;
        fprintf(out, "    {0x%llxu, %ld, false, LIBRARY_%d, sets_library_%d, library_%d_list, {LIBRARY_SECTION(library_%d_code), "
                "LIBRARY_SECTION(library_%d_names), LIBRARY_SECTION(library_%d_seen)}},\n",
                (unsigned long long)row->hash, row->size, n, n, n, n, n, n);
    }
    fprintf(out, "    {0},\n};\n");
}

/* ---- The lists ------------------------------------------------------------------------------------------------ */

/* Calls `take` for each line that is no comment, without its end. */
static void read_list(const char *path, void (*take)(const char *line, void *context), void *context)
{
    FILE *in = fopen(path, "r");
    char line[500];
    if (!in) die(path);
    while (fgets(line, sizeof line, in)) {
        line[strcspn(line, "\n")] = '\0';
        if (line[0] && line[0] != '#') take(line, context);
    }
    fclose(in);
}

static void note_run(const char *line, void *Py_UNUSED(context))
{
    emit_note_run(line);
}

/* A line with nothing behind the file is a module. */
static void take_module(const char *line, void *library)
{
    if (!strchr(line, ' ')) read_library_module(library, line);
}

int main(int argc, char **argv)
{
    if (argc != 5) die("usage: krait-freeze LIBRARY START-LIST LIBRARY-LIST OUTPUT.c");
    start();
    read_list(argv[2], note_run, NULL);
    read_list(argv[3], note_run, NULL);
    FILE *out = fopen(argv[4], "w");
    if (!out) die(argv[4]);
    fprintf(out, "/* Made by krait-freeze. */\n#include \"runtime/frozen_static.h\"\n");
    static PyObject *codes[COUNT], *arrays[COUNT];
    for (int i = 0; i < COUNT; i++) {
        if (!modules[i].file && !modules[i].text) continue;
        const char *source = modules[i].text ? modules[i].text : read_source(argv[1], modules[i].file);
        codes[i] = compile_module(source, modules[i].original ? modules[i].original : modules[i].name);
        if (modules[i].at_start) emit_plan(codes[i], -1, NULL);
        arrays[i] = PyMarshal_WriteObjectToString(codes[i], Py_MARSHAL_VERSION);
        if (!arrays[i]) die("marshal");
    }
    for (int i = 0; i < COUNT; i++) {
        if (codes[i] && modules[i].table == STDLIB && !modules[i].at_start) {
            add_library_row(NULL, codes[i], PyBytes_AS_STRING(arrays[i]), PyBytes_GET_SIZE(arrays[i]));
        }
    }
    read_list(argv[3], take_module, argv[1]);
    for (int i = 0; i < library_count; i++) emit_plan(library_rows[i].code, i, library_rows[i].file);

    emit_order(out, library_count);
    for (int i = 0; i < COUNT; i++) {
        if (!codes[i]) continue;
        write_array(out, i, arrays[i]);
        if (modules[i].at_start) emit_module(out, codes[i], i);
    }
    write_tables(out);
    for (int i = 0; i < library_count; i++) emit_library_module(out, library_rows[i].code, i, library_rows[i].file);
    write_library_table(out);
    emit_strings(out);
    if (fclose(out)) die(argv[4]);
    return 0;
}
