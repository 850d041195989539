/* Where things are: the executable, the prefixes, the module search path.
 *
 * The library's place is fixed when Krait is built (KRAIT_LIBRARY) and moved by PYTHONHOME; it is not searched for.
 */
#include "runtime/config.h"

#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <wchar.h>

#include <internal/krait_exports.h>

#ifndef KRAIT_LIBRARY
#define KRAIT_LIBRARY "/usr/lib/python3.11"
#endif
#ifndef KRAIT_PREFIX
#define KRAIT_PREFIX "/usr"
#endif
#define WIDEN_(text) L##text
#define WIDEN(text) WIDEN_(text)

/* What the embedding program set before the start, and what Py_Get… give after it. */
static struct {
    wchar_t *program_name, *home, *program_full_path, *prefix, *exec_prefix, *module_search_path;
    wchar_t *stdlib_dir;
    bool path_given;        /* Py_SetPath */
} globals;

/* ---- Small parts ---------------------------------------------------------------------------------------------- */

static wchar_t *join(const wchar_t *directory, const wchar_t *name)
{
    size_t a = wcslen(directory), b = wcslen(name);
    bool slash = a && directory[a - 1] != L'/';
    wchar_t *path = PyMem_RawMalloc((a + b + 2) * sizeof(wchar_t));
    if (!path) return NULL;
    wmemcpy(path, directory, a);
    if (slash) path[a] = L'/';
    wmemcpy(path + a + slash, name, b + 1);
    return path;
}

static int status_of(const wchar_t *path, struct stat *info)
{
    char *bytes = _Py_EncodeLocaleRaw(path, NULL);
    int result = bytes ? stat(bytes, info) : -1;
    PyMem_RawFree(bytes);
    return result;
}

static bool is_executable(const wchar_t *path)
{
    struct stat info;
    return status_of(path, &info) == 0 && S_ISREG(info.st_mode) && (info.st_mode & 0111);
}

/* An owned absolute form of path. */
static wchar_t *absolute(const wchar_t *path)
{
    if (path[0] == L'/') return _PyMem_RawWcsdup(path);
    char cwd[PATH_MAX];
    wchar_t *wide = getcwd(cwd, sizeof(cwd)) ? Py_DecodeLocale(cwd, NULL) : NULL;
    if (!wide) return _PyMem_RawWcsdup(path);
    while (path[0] == L'.' && path[1] == L'/') path += 2;
    wchar_t *result = *path ? join(wide, path) : _PyMem_RawWcsdup(wide);
    PyMem_RawFree(wide);
    return result;
}

/* ---- The executable ------------------------------------------------------------------------------------------- */

/* Looks for the program as the shell does. Owned; empty if not found. */
static wchar_t *find_program(const wchar_t *name)
{
    if (!name || !*name) return _PyMem_RawWcsdup(L"");
    if (wcschr(name, L'/')) return absolute(name);
    const char *variable = getenv("PATH");
    wchar_t *path = variable ? Py_DecodeLocale(variable, NULL) : NULL, *found = NULL, *position = NULL;
    for (wchar_t *dir = path ? wcstok(path, L":", &position) : NULL; dir && !found; dir = wcstok(NULL, L":", &position)) {
        wchar_t *candidate = join(dir, name);
        if (candidate && is_executable(candidate)) found = absolute(candidate);
        PyMem_RawFree(candidate);
    }
    PyMem_RawFree(path);
    return found ? found : _PyMem_RawWcsdup(L"");
}

/* In a virtual environment, whose pyvenv.cfg names the directory of the base executable, that executable. Owned, or NULL. */
static wchar_t *base_executable(const wchar_t *executable)
{
    char *bytes = *executable ? _Py_EncodeLocaleRaw(executable, NULL) : NULL;
    if (!bytes) return NULL;
    char file[PATH_MAX + 16], line[PATH_MAX + 64];
    wchar_t *result = NULL;
    const char *slash = strrchr(bytes, '/');
    int directory = slash ? (int)(slash - bytes) : 0;
    for (int up = 0; up < 2 && !result; up++) {
        snprintf(file, sizeof(file), "%.*s%s/pyvenv.cfg", directory, bytes, up == 0 ? "" : "/..");
        FILE *f = fopen(file, "r");
        if (!f) continue;
        while (fgets(line, sizeof(line), f)) {
            char *equals = strchr(line, '=');
            if (!equals) continue;
            char key[16] = "";
            sscanf(line, " %15[^ =]", key);
            if (strcasecmp(key, "home") != 0) continue;
            char *value = equals + 1 + strspn(equals + 1, " \t");
            value[strcspn(value, "\r\n")] = 0;
            snprintf(file, sizeof(file), "%s/%s", value, slash + 1);
            result = Py_DecodeLocale(file, NULL);
            break;
        }
        fclose(f);
        break;
    }
    PyMem_RawFree(bytes);
    return result;
}

/* ---- The search path ------------------------------------------------------------------------------------------ */

static PyStatus append_joined(PyWideStringList *list, const wchar_t *a, const wchar_t *b, const wchar_t *c)
{
    wchar_t *first = join(a, b), *path = first && c ? join(first, c) : first;
    PyStatus status = path ? PyWideStringList_Append(list, path) : CONFIG_STATUS_NO_MEMORY();
    if (path != first) PyMem_RawFree(path);
    PyMem_RawFree(first);
    return status;
}

static PyStatus append_pythonpath(PyWideStringList *list, const wchar_t *variable)
{
    wchar_t *copy = _PyMem_RawWcsdup(variable);
    if (!copy) return CONFIG_STATUS_NO_MEMORY();
    PyStatus status = PyStatus_Ok();
    for (wchar_t *start = copy, *end; start && !PyStatus_Exception(status); start = end) {
        end = wcschr(start, L':');
        if (end) *end++ = 0;
        wchar_t *path = absolute(start);
        status = path ? PyWideStringList_Append(list, path) : CONFIG_STATUS_NO_MEMORY();
        PyMem_RawFree(path);
    }
    PyMem_RawFree(copy);
    return status;
}

static PyStatus set_default(wchar_t **field, const wchar_t *value) { return *field ? PyStatus_Ok() : config_set(field, value); }

static PyStatus compute_prefixes(PyConfig *c)
{
    PyStatus status;
    const wchar_t *prefix = WIDEN(KRAIT_PREFIX), *exec_prefix = prefix;
    wchar_t *home = NULL;
    if (c->home) {
        home = _PyMem_RawWcsdup(c->home);
        if (!home) return CONFIG_STATUS_NO_MEMORY();
        wchar_t *colon = wcschr(home, L':');
        if (colon) *colon++ = 0;
        prefix = home;
        exec_prefix = colon ? colon : home;
    }
    status = set_default(&c->prefix, prefix);
    if (!PyStatus_Exception(status)) status = set_default(&c->base_prefix, c->prefix);
    if (!PyStatus_Exception(status)) status = set_default(&c->exec_prefix, exec_prefix);
    if (!PyStatus_Exception(status)) status = set_default(&c->base_exec_prefix, c->exec_prefix);
    if (!PyStatus_Exception(status) && !c->stdlib_dir) {
        if (home) {
            wchar_t *lib = join(prefix, c->platlibdir);
            c->stdlib_dir = lib ? join(lib, L"python3.11") : NULL;
            PyMem_RawFree(lib);
            if (!c->stdlib_dir) status = CONFIG_STATUS_NO_MEMORY();
        }
        else status = config_set(&c->stdlib_dir, WIDEN(KRAIT_LIBRARY));
    }
    PyMem_RawFree(home);
    return status;
}

/* ---- EXECUTABLE._pth: a file that alone says what the search path is ------------------------------------------- */

/* The directory of the executable; owned. */
static wchar_t *executable_directory(const PyConfig *c)
{
    wchar_t *directory = _PyMem_RawWcsdup(c->executable), *slash = directory ? wcsrchr(directory, L'/') : NULL;
    if (slash) slash[slash == directory] = 0;
    return directory;
}

/* A line without its comment and the blanks around: a path, `import site`, or nothing. */
static PyStatus apply_pth_line(PyConfig *c, const wchar_t *directory, char *line)
{
    line[strcspn(line, "#")] = 0;
    line += strspn(line, " \t\r\n");
    for (size_t n = strlen(line); n && strchr(" \t\r\n", line[n - 1]); n--) line[n - 1] = 0;
    if (!*line) return PyStatus_Ok();
    if (strncmp(line, "import ", 7) == 0) {
        if (strcmp(line, "import site") == 0) c->site_import = 1;
        else fprintf(stderr, "unsupported 'import' line in ._pth file\n");
        return PyStatus_Ok();
    }
    wchar_t *name = Py_DecodeLocale(line, NULL);
    wchar_t *path = !name ? NULL : name[0] == L'/' ? _PyMem_RawWcsdup(name) : join(directory, name);
    PyStatus status = path ? PyWideStringList_Append(&c->module_search_paths, _Py_normpath(path, -1)) : CONFIG_STATUS_NO_MEMORY();
    PyMem_RawFree(path);
    PyMem_RawFree(name);
    return status;
}

/* If there is such a file, it makes an isolated interpreter, whose prefix is the directory of the executable. */
static PyStatus apply_pth_file(PyConfig *c, bool *found)
{
    char file[PATH_MAX + 8], line[PATH_MAX + 64], *executable = Py_EncodeLocale(c->executable, NULL);
    snprintf(file, sizeof(file), "%s._pth", executable ? executable : "");
    PyMem_Free(executable);
    FILE *f = *c->executable ? fopen(file, "r") : NULL;
    *found = f != NULL;
    if (!f) return PyStatus_Ok();
    c->isolated = c->safe_path = 1;
    c->use_environment = c->site_import = 0;
    _PyWideStringList_Clear(&c->module_search_paths);
    wchar_t *directory = executable_directory(c), **prefixes[] = {&c->prefix, &c->base_prefix, &c->exec_prefix, &c->base_exec_prefix};
    PyStatus status = directory ? PyStatus_Ok() : CONFIG_STATUS_NO_MEMORY();
    for (size_t i = 0; i < Py_ARRAY_LENGTH(prefixes) && !PyStatus_Exception(status); i++) {
        status = config_set(prefixes[i], directory);
    }
    while (!PyStatus_Exception(status) && fgets(line, sizeof(line), f)) status = apply_pth_line(c, directory, line);
    fclose(f);
    PyMem_RawFree(directory);
    c->module_search_paths_set = 1;
    return status;
}

PyStatus paths_compute(PyConfig *c)
{
    PyStatus status = PyStatus_Ok();
    if (globals.home && !c->home) status = config_set(&c->home, globals.home);
    if (globals.program_name && !c->program_name) status = config_set(&c->program_name, globals.program_name);
    if (!c->program_name && !PyStatus_Exception(status)) status = config_set(&c->program_name, L"python3");
    if (PyStatus_Exception(status)) return status;
    if (!c->executable) {
        c->executable = globals.program_full_path ? _PyMem_RawWcsdup(globals.program_full_path) : find_program(c->program_name);
        if (!c->executable) return CONFIG_STATUS_NO_MEMORY();
    }
    if (!c->base_executable) {
        c->base_executable = base_executable(c->executable);
        status = set_default(&c->base_executable, c->executable);
    }
    if (!PyStatus_Exception(status)) status = set_default(&c->platlibdir, L"lib");
    bool found = false;
    if (!PyStatus_Exception(status) && !c->module_search_paths_set) status = apply_pth_file(c, &found);
    if (!PyStatus_Exception(status)) status = compute_prefixes(c);
    if (PyStatus_Exception(status) || c->module_search_paths_set) return status;
    PyWideStringList *paths = &c->module_search_paths;
    _PyWideStringList_Clear(paths);
    if (globals.path_given && globals.module_search_path) {
        status = append_pythonpath(paths, globals.module_search_path);
    }
    else {
        if (c->pythonpath_env) status = append_pythonpath(paths, c->pythonpath_env);
        if (!PyStatus_Exception(status)) status = append_joined(paths, c->prefix, c->platlibdir, L"python311.zip");
        if (!PyStatus_Exception(status)) status = PyWideStringList_Append(paths, c->stdlib_dir);
        if (!PyStatus_Exception(status)) {
            if (c->home) {
                wchar_t *lib = join(c->exec_prefix, c->platlibdir);
                status = lib ? append_joined(paths, lib, L"python3.11", L"lib-dynload") : CONFIG_STATUS_NO_MEMORY();
                PyMem_RawFree(lib);
            }
            else status = append_joined(paths, c->stdlib_dir, L"lib-dynload", NULL);
        }
    }
    c->module_search_paths_set = 1;
    return status;
}

/* ---- sys.path[0] ---------------------------------------------------------------------------------------------- */

PyObject *paths_script_directory(const PyWideStringList *argv)
{
    if (argv->length == 0) return NULL;
    const wchar_t *script = argv->items[0];
    if (wcscmp(script, L"-m") == 0) {
        char cwd[PATH_MAX];
        return getcwd(cwd, sizeof(cwd)) ? PyUnicode_DecodeFSDefault(cwd) : NULL;
    }
    if (wcscmp(script, L"-c") == 0 || !*script || wcscmp(script, L"-") == 0) return PyUnicode_FromString("");
    char *bytes = Py_EncodeLocale(script, NULL), resolved[PATH_MAX], link[PATH_MAX + 1], joined[2 * PATH_MAX + 2];
    if (!bytes) return NULL;
    /* One level of symbolic link is followed by hand: realpath follows the rest, if all of it exists. */
    const char *path = bytes;
    ssize_t length = readlink(bytes, link, PATH_MAX);
    if (length > 0) {
        link[length] = 0;
        const char *slash = strrchr(bytes, '/');
        if (link[0] == '/' || !slash) path = link;
        else {
            snprintf(joined, sizeof(joined), "%.*s/%s", (int)(slash - bytes), bytes, link);
            path = joined;
        }
    }
    if (realpath(path, resolved)) path = resolved;
    const char *slash = strrchr(path, '/');
    Py_ssize_t n = !slash ? 0 : slash == path ? 1 : slash - path;
    PyObject *result = PyUnicode_DecodeFSDefaultAndSize(path, n);
    PyMem_Free(bytes);
    return result;
}

/* ---- Py_Get… and Py_Set… -------------------------------------------------------------------------------------- */

void paths_set_globals(const PyConfig *c)
{
    config_set(&globals.program_name, c->program_name);
    config_set(&globals.home, c->home);
    config_set(&globals.program_full_path, c->executable);
    config_set(&globals.prefix, c->prefix);
    config_set(&globals.exec_prefix, c->exec_prefix);
    config_set(&globals.stdlib_dir, c->stdlib_dir);
    size_t length = 1;
    for (Py_ssize_t i = 0; i < c->module_search_paths.length; i++) length += wcslen(c->module_search_paths.items[i]) + 1;
    wchar_t *path = PyMem_RawMalloc(length * sizeof(wchar_t));
    if (!path) return;
    path[0] = 0;
    for (Py_ssize_t i = 0; i < c->module_search_paths.length; i++) {
        if (i) wcscat(path, L":");
        wcscat(path, c->module_search_paths.items[i]);
    }
    PyMem_RawFree(globals.module_search_path);
    globals.module_search_path = path;
}

void paths_clear_globals(void)
{
    wchar_t **fields[] = {&globals.program_name, &globals.home, &globals.program_full_path, &globals.prefix, &globals.exec_prefix,
                          &globals.module_search_path, &globals.stdlib_dir};
    for (size_t i = 0; i < Py_ARRAY_LENGTH(fields); i++) config_set(fields[i], NULL);
    globals.path_given = false;
}

/* The reference computes its paths by Python code that is frozen into it. Krait does so by this file, and has none to show. */
PyObject *_Py_Get_Getpath_CodeObject(void)
{
    PyErr_SetString(PyExc_NotImplementedError, "Krait has no code object that computes its paths");
    return NULL;
}

void _PyPathConfig_ClearGlobal(void) { paths_clear_globals(); }
wchar_t *Py_GetPath(void) { return globals.module_search_path; }
wchar_t *Py_GetPrefix(void) { return globals.prefix; }
wchar_t *Py_GetExecPrefix(void) { return globals.exec_prefix; }
wchar_t *Py_GetProgramFullPath(void) { return globals.program_full_path; }
wchar_t *Py_GetProgramName(void) { return globals.program_name; }
wchar_t *Py_GetPythonHome(void) { return globals.home; }

static void set_global(wchar_t **field, const wchar_t *value)
{
    if (PyStatus_Exception(config_set(field, value && *value ? value : NULL))) Py_FatalError("out of memory");
}

void Py_SetProgramName(const wchar_t *name) { set_global(&globals.program_name, name); }
void Py_SetPythonHome(const wchar_t *home) { set_global(&globals.home, home); }
void _Py_SetProgramFullPath(const wchar_t *path) { set_global(&globals.program_full_path, path); }

void Py_SetPath(const wchar_t *path)
{
    if (!path) {
        paths_clear_globals();
        return;
    }
    set_global(&globals.module_search_path, path);
    globals.path_given = true;
    if (!globals.prefix) set_global(&globals.prefix, L"");
    if (!globals.exec_prefix) set_global(&globals.exec_prefix, L"");
}
