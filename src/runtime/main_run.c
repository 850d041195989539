/* The command: what `krait` does between start and end (the manual: using/cmdline). */
#include <Python.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>
#include <wchar.h>

#include <internal/krait_exports.h>

#include "objects/names.h"
#include "objects/thread_state.h"
#include "objects/type/type.h"
#include "runtime/import.h"
#include "runtime/lifecycle.h"

/* KeyboardInterrupt ended the program: so does the process, by the signal, that the shell may see it. */
int _Py_UnhandledKeyboardInterrupt;

/* Prints the current exception and gives the status that it means. */
static int error_status(void)
{
    int status = 1;
    if (_Py_HandleSystemExit(&status)) return status;
    PyErr_Print();
    return 1;
}

/* ---- sys.path[0] -------------------------------------------------------------------------------------------------- */

static int insert_path(PyObject *directory)
{
    PyObject *path = PySys_GetObject("path");
    if (!path) {
        PyErr_SetString(PyExc_RuntimeError, "unable to get sys.path");
        return -1;
    }
    return PyList_Insert(path, 0, directory);
}

/* The folder of the script, with links followed; "" for -c and the prompt; the current folder for -m. 0: none. -1: exception. */
static int first_path(const PyConfig *config, PyObject **result)
{
    wchar_t buffer[4096], target[4096], folder[4096];
    const wchar_t *argv0 = config->argv.length ? config->argv.items[0] : L"";
    *result = NULL;
    if (wcscmp(argv0, L"-m") == 0) {
        if (!_Py_wgetcwd(buffer, Py_ARRAY_LENGTH(buffer))) return 0;
        argv0 = buffer;
        *result = PyUnicode_FromWideChar(argv0, -1);
        return *result ? 1 : -1;
    }
    if (wcscmp(argv0, L"-c") == 0) {
        *result = PyUnicode_FromString("");
        return *result ? 1 : -1;
    }
    int length = _Py_wreadlink(argv0, target, Py_ARRAY_LENGTH(target));
    if (length > 0 && target[0] == L'/') argv0 = target;
    else if (length > 0 && wcschr(target, L'/')) {
        const wchar_t *slash = wcsrchr(argv0, L'/');
        size_t prefix = slash ? (size_t)(slash - argv0) + 1 : 0;
        if (prefix + (size_t)length < Py_ARRAY_LENGTH(folder)) {
            wmemcpy(folder, argv0, prefix);
            wcscpy(folder + prefix, target);
            argv0 = folder;
        }
    }
    if (*argv0 && _Py_wrealpath(argv0, buffer, Py_ARRAY_LENGTH(buffer))) argv0 = buffer;
    const wchar_t *slash = wcsrchr(argv0, L'/');
    Py_ssize_t n = slash ? slash - argv0 : 0;
    if (slash && n == 0) n = 1;
    *result = PyUnicode_FromWideChar(argv0, n);
    return *result ? 1 : -1;
}

/* ---- The ways to run ------------------------------------------------------------------------------------------------ */

static int run_command(const wchar_t *command, PyCompilerFlags *flags)
{
    PyObject *text = PyUnicode_FromWideChar(command, -1), *bytes = NULL;
    int failed = -1;
    if (text && PySys_Audit("cpython.run_command", "O", text) == 0) bytes = PyUnicode_AsUTF8String(text);
    Py_XDECREF(text);
    if (!bytes) {
        fprintf(stderr, "Unable to decode the command from the command line:\n");
        return error_status();
    }
    flags->cf_flags |= PyCF_IGNORE_COOKIE;
    failed = PyRun_SimpleStringFlags(PyBytes_AS_STRING(bytes), flags);
    Py_DECREF(bytes);
    return failed != 0;
}

static int run_module(const wchar_t *name, bool set_argv0)
{
    PyObject *text = PyUnicode_FromWideChar(name, -1), *runpy = NULL, *result = NULL;
    if (text && PySys_Audit("cpython.run_module", "O", text) == 0) runpy = PyImport_ImportModule("runpy");
    if (runpy) result = PyObject_CallMethod(runpy, "_run_module_as_main", "Oi", text, (int)set_argv0);
    Py_XDECREF(text);
    Py_XDECREF(runpy);
    if (!result && PyErr_Occurred() == PyExc_KeyboardInterrupt) _Py_UnhandledKeyboardInterrupt = 1;
    if (!result) return error_status();
    Py_DECREF(result);
    return 0;
}

/* Says on stderr what is wrong with the script: program's name, script's name, error number and its text. */
static void complain(const PyConfig *config, const char *format, PyObject *name, int code)
{
    PyObject *program = PyUnicode_FromWideChar(config->program_name, -1);
    if (program) PySys_FormatStderr(format, program, name, code, strerror(code));
    else PyErr_Clear();
    Py_XDECREF(program);
}

static int run_script(const PyConfig *config, PyCompilerFlags *flags)
{
    PyObject *name = PyUnicode_FromWideChar(config->run_filename, -1);
    if (!name) {
        PyErr_Print();
        return -1;
    }
    int status = 1;
    FILE *file = NULL;
    struct stat info;
    if (PySys_Audit("cpython.run_file", "O", name) < 0) {
        status = error_status();
        goto done;
    }
    file = _Py_fopen_obj(name, "rb");
    if (!file) {
        int code = errno;
        PyErr_Clear();
        complain(config, "%U: can't open file %R: [Errno %d] %s\n", name, code);
        status = 2;
        goto done;
    }
    if (fstat(fileno(file), &info) == 0 && S_ISDIR(info.st_mode)) {
        complain(config, "%U: %R is a directory, cannot continue\n", name, 0);
        fclose(file);
        goto done;
    }
    if (config->skip_source_first_line) {
        int c;
        while ((c = getc(file)) != EOF && c != '\n') {}
        if (c == '\n') ungetc(c, file);     /* so that line numbers stay */
    }
    if (Py_MakePendingCalls() < 0) {
        fclose(file);
        status = error_status();
        goto done;
    }
    status = _PyRun_AnyFileObject(file, name, 1, flags) != 0;
done:
    Py_DECREF(name);
    return status;
}

static int run_startup(PyCompilerFlags *flags)
{
    const char *startup = thread_state()->interp->config.use_environment ? getenv("PYTHONSTARTUP") : NULL;
    if (!startup || !*startup) return 0;
    PyObject *name = PyUnicode_DecodeFSDefault(startup);
    if (!name || PySys_Audit("cpython.run_startup", "O", name) < 0) {
        Py_XDECREF(name);
        return error_status();
    }
    FILE *file = _Py_fopen_obj(name, "r");
    if (file) {
        (void)_PyRun_SimpleFileObject(file, name, 0, flags);
        PyErr_Clear();
        fclose(file);
    }
    else {
        int code = errno;
        PyErr_Clear();
        PySys_WriteStderr("Could not open PYTHONSTARTUP\n");
        errno = code;
        PyErr_SetFromErrnoWithFilename(PyExc_OSError, startup);
        PyErr_Print();
    }
    Py_DECREF(name);
    return 0;
}

static void run_interactive_hook(void)
{
    PyObject *hook = PySys_GetObject("__interactivehook__"), *result;
    if (!hook) return;
    if (PySys_Audit("cpython.run_interactivehook", "O", hook) < 0) result = NULL;
    else result = PyObject_CallNoArgs(hook);
    if (!result) {
        PySys_WriteStderr("Failed calling sys.__interactivehook__\n");
        PyErr_Print();
    }
    Py_XDECREF(result);
}

static bool stdin_is_interactive(const PyConfig *config) { return isatty(STDIN_FILENO) || config->interactive; }

static int run_stdin(PyConfig *config, PyCompilerFlags *flags)
{
    if (stdin_is_interactive(config)) {
        config->inspect = 0;
        Py_InspectFlag = 0;
        int status = run_startup(flags);
        if (status) return status;
        run_interactive_hook();
    }
    if (Py_MakePendingCalls() < 0 || PySys_Audit("cpython.run_stdin", NULL) < 0) return error_status();
    PyObject *name = PyUnicode_FromString("<stdin>");
    int failed = name ? _PyRun_AnyFileObject(stdin, name, 0, flags) : -1;
    Py_XDECREF(name);
    return failed != 0;
}

/* ---- Packages and folders with a __main__ -------------------------------------------------------------------------- */

/* Whether a path hook knows the script as something to import from: a folder or an archive. -1 with an exception set. */
static int is_importable(const wchar_t *filename, PyObject **path)
{
    PyObject *text = PyUnicode_FromWideChar(filename, -1);
    PyObject *importer = text ? PyImport_GetImporter(text) : NULL;
    *path = NULL;
    if (!importer) {
        Py_XDECREF(text);
        return -1;
    }
    int found = importer != Py_None;
    Py_DECREF(importer);
    if (found) *path = text;
    else Py_DECREF(text);
    return found;
}

/* ---- All together ---------------------------------------------------------------------------------------------------- */

static void show_banner(const PyConfig *config)
{
    if (config->quiet) return;
    bool runs_code = config->run_command || config->run_filename || config->run_module;
    if (!config->verbose && (runs_code || !stdin_is_interactive(config))) return;
    fprintf(stderr, "Python %s on %s\n", Py_GetVersion(), Py_GetPlatform());
    if (config->site_import) fprintf(stderr, "Type \"help\", \"copyright\", \"credits\" or \"license\" for more information.\n");
}

static int inspect_after(PyConfig *config, PyCompilerFlags *flags, int status)
{
    const char *wanted = getenv("PYTHONINSPECT");
    if (!config->inspect && config->use_environment && wanted && *wanted) {
        config->inspect = 1;
        Py_InspectFlag = 1;
    }
    bool runs_code = config->run_command || config->run_filename || config->run_module;
    if (!config->inspect || !stdin_is_interactive(config) || !runs_code) return status;
    config->inspect = 0;
    Py_InspectFlag = 0;
    run_interactive_hook();
    PyObject *name = PyUnicode_FromString("<stdin>");
    int failed = name ? _PyRun_AnyFileObject(stdin, name, 0, flags) : -1;
    Py_XDECREF(name);
    return failed != 0;
}

static int run(void)
{
    PyConfig *config = &thread_state()->interp->config;
    PyCompilerFlags flags = _PyCompilerFlags_INIT;
    PyObject *importable = NULL, *directory = NULL;
    if (config->run_filename) {
        if (is_importable(config->run_filename, &importable) < 0) return error_status();
    }
    if (importable) {
        if (insert_path(importable) < 0) return error_status();
    }
    else if (!config->safe_path) {
        int found = first_path(config, &directory);
        if (found < 0 || (found && insert_path(directory) < 0)) return error_status();
        Py_XDECREF(directory);
    }
    if (stdin_is_interactive(config) && config->inspect && !config->isolated) {
        PyObject *readline = PyImport_ImportModule("readline");
        if (!readline) PyErr_Clear();
        Py_XDECREF(readline);
    }
    show_banner(config);
    int status;
    if (config->run_command) status = run_command(config->run_command, &flags);
    else if (config->run_module) status = run_module(config->run_module, true);
    else if (importable) status = run_module(L"__main__", false);
    else if (config->run_filename) status = run_script(config, &flags);
    else status = run_stdin(config, &flags);
    Py_XDECREF(importable);
    return inspect_after(config, &flags, status);
}

static int die_of_interrupt(void)
{
    PyOS_setsig(SIGINT, SIG_DFL);
    kill(getpid(), SIGINT);
    return 130;
}

int Py_RunMain(void)
{
    _Py_UnhandledKeyboardInterrupt = 0;
    int status = run();
    if (lifecycle_finish_process() < 0) status = 120;
    return _Py_UnhandledKeyboardInterrupt ? die_of_interrupt() : status;
}

static int start(PyConfig *config)
{
    type_runtime.dicts_wait = import_table_is_own();    /* no foreign code yet */
    PyStatus status = Py_InitializeFromConfig(config);
    PyConfig_Clear(config);
    if (PyStatus_Exception(status)) Py_ExitStatusException(status);
    return Py_RunMain();
}

int Py_BytesMain(int argc, char **argv)
{
    PyConfig config;
    PyConfig_InitPythonConfig(&config);
    PyStatus status = PyConfig_SetBytesArgv(&config, argc, argv);
    if (PyStatus_Exception(status)) Py_ExitStatusException(status);
    return start(&config);
}

int Py_Main(int argc, wchar_t **argv)
{
    PyConfig config;
    PyConfig_InitPythonConfig(&config);
    PyStatus status = PyConfig_SetArgv(&config, argc, argv);
    if (PyStatus_Exception(status)) Py_ExitStatusException(status);
    return start(&config);
}

/* The main program of a frozen one: its modules are in PyImport_FrozenModules, among them __main__. The process's status. */
int Py_FrozenMain(int argc, char **argv)
{
    PyConfig config;
    PyConfig_InitPythonConfig(&config);
    config.pathconfig_warnings = 0;     /* nobody looks for a library */
    config.parse_argv = 0;
    PyStatus status = PyConfig_SetBytesArgv(&config, argc, argv);
    if (!PyStatus_Exception(status)) status = Py_InitializeFromConfig(&config);
    PyConfig_Clear(&config);
    if (PyStatus_Exception(status)) Py_ExitStatusException(status);
    bool interactive = thread_state()->interp->config.inspect && isatty(STDIN_FILENO);
    int found = PyImport_ImportFrozenModule("__main__"), exit_status = 0;
    if (found == 0) Py_FatalError("the __main__ module is not frozen");
    if (found < 0) {
        PyErr_Print();
        exit_status = 1;
    }
    if (interactive) exit_status = PyRun_AnyFile(stdin, "<stdin>") != 0;
    if (Py_FinalizeEx() < 0) exit_status = 120;
    return exit_status;
}
