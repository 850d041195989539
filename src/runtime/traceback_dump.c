/* Tracebacks for the moment of a crash: written with write(2) alone, so they may be asked for in a signal handler, without
 * the GIL, and with the heap in any state. Nothing here allocates, raises, or counts references.
 */
#include <Python.h>
#include <internal/krait_exports.h>

#include <errno.h>
#include <unistd.h>

#include "memory/memory.h"
#include "objects/code_locations.h"
#include "objects/names.h"
#include "runtime/state.h"
#include "vm/frame.h"

enum { MAX_FRAMES = 100, MAX_THREADS = 100, MAX_TEXT = 500 };

static void dump_bytes(int fd, const char *text, size_t size)
{
    while (size > 0) {
        ssize_t written = write(fd, text, size);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return;
        text += written;
        size -= (size_t)written;
    }
}

static void dump(int fd, const char *text) { dump_bytes(fd, text, strlen(text)); }

void _Py_DumpDecimal(int fd, size_t value)
{
    char buffer[24], *p = buffer + sizeof(buffer);
    do {
        *--p = (char)('0' + value % 10);
        value /= 10;
    } while (value);
    dump_bytes(fd, p, (size_t)(buffer + sizeof(buffer) - p));
}

/* At least `width` digits. */
void _Py_DumpHexadecimal(int fd, uintptr_t value, Py_ssize_t width)
{
    char buffer[2 * sizeof(value)], *end = buffer + sizeof(buffer), *p = end;
    if (width > (Py_ssize_t)sizeof(buffer)) width = (Py_ssize_t)sizeof(buffer);
    do {
        *--p = Py_hexdigits[value & 15];
        value >>= 4;
    } while (end - p < width || value);
    dump_bytes(fd, p, (size_t)(end - p));
}

/* A str, what is not printable ASCII escaped, the rest cut off. */
void _Py_DumpASCII(int fd, PyObject *text)
{
    if (!PyUnicode_Check(text) || !PyUnicode_IS_READY(text)) return;
    Py_ssize_t length = PyUnicode_GET_LENGTH(text);
    bool cut = length > MAX_TEXT;
    if (cut) length = MAX_TEXT;
    for (Py_ssize_t i = 0; i < length; i++) {
        Py_UCS4 c = PyUnicode_READ_CHAR(text, i);
        char byte = (char)c;
        if (c >= ' ' && c <= '~') {
            dump_bytes(fd, &byte, 1);
            continue;
        }
        dump(fd, c <= 0xff ? "\\x" : c <= 0xffff ? "\\u" : "\\U");
        _Py_DumpHexadecimal(fd, c, c <= 0xff ? 2 : c <= 0xffff ? 4 : 8);
    }
    if (cut) dump(fd, "...");
}

/* ---- Frames --------------------------------------------------------------------------------------------------- */

static void dump_frame(int fd, const Frame *frame)
{
    PyCodeObject *code = frame->code;
    dump(fd, "  File ");
    if (code->co_filename && PyUnicode_Check(code->co_filename)) {
        dump(fd, "\"");
        _Py_DumpASCII(fd, code->co_filename);
        dump(fd, "\"");
    }
    else dump(fd, "???");
    PyObject *table = code->co_linetable;
    int unit = frame_unit(frame);
    int line = unit < 0 ? code->co_firstlineno
                        : location_table_find(PyBytes_AS_STRING(table), PyBytes_GET_SIZE(table), code->co_firstlineno, unit).line;
    dump(fd, ", line ");
    if (line >= 0) _Py_DumpDecimal(fd, (size_t)line);
    else dump(fd, "???");
    dump(fd, " in ");
    if (code->co_name && PyUnicode_Check(code->co_name)) _Py_DumpASCII(fd, code->co_name);
    else dump(fd, "???");
    dump(fd, "\n");
}

static void dump_thread(int fd, PyThreadState *tstate, bool with_header)
{
    if (with_header) dump(fd, "Stack (most recent call first):\n");
    const Frame *frame = tstate->cframe ? tstate->cframe->current_frame : NULL;
    if (!frame) {
        dump(fd, "  <no Python frame>\n");
        return;
    }
    int depth = 0;
    for (; frame; frame = frame->previous) {
        if (frame_is_incomplete(frame)) continue;
        if (depth++ == MAX_FRAMES) {
            dump(fd, "  ...\n");
            return;
        }
        dump_frame(fd, frame);
    }
}

void _Py_DumpTraceback(int fd, PyThreadState *tstate) { dump_thread(fd, tstate, true); }

/* All threads of the interpreter, which may be NULL. Returns what went wrong, or NULL. */
const char *_Py_DumpTracebackThreads(int fd, PyInterpreterState *interp, PyThreadState *current)
{
    if (!current) current = PyGILState_GetThisThreadState();
    if (!interp) interp = current ? current->interp : runtime_state.main;
    if (!interp) return "unable to get the interpreter state";
    PyThreadState *tstate = interp->threads;
    if (!tstate) return "unable to get the thread head state";
    for (int count = 0; tstate; tstate = tstate->next, count++) {
        if (count) dump(fd, "\n");
        if (count == MAX_THREADS) {
            dump(fd, "...\n");
            break;
        }
        dump(fd, tstate == current ? "Current thread 0x" : "Thread 0x");
        _Py_DumpHexadecimal(fd, tstate->thread_id, 2 * sizeof(unsigned long));
        dump(fd, " (most recent call first):\n");
        if (tstate == current && memory_runtime.gc.collecting) dump(fd, "  Garbage-collecting\n");
        dump_thread(fd, tstate, false);
    }
    return NULL;
}

/* ---- Extension modules ---------------------------------------------------------------------------------------- */

static bool same_text(PyObject *a, PyObject *b)
{
    if (!PyUnicode_Check(b) || PyUnicode_GET_LENGTH(a) != PyUnicode_GET_LENGTH(b)) return false;
    if (PyUnicode_KIND(a) != PyUnicode_KIND(b)) return false;
    return memcmp(PyUnicode_DATA(a), PyUnicode_DATA(b), (size_t)PyUnicode_GET_LENGTH(a) * PyUnicode_KIND(a)) == 0;
}

/* Whether the name, or the package that it lies in, is the standard library's. */
static bool is_stdlib_name(PyObject *names, PyObject *name)
{
    if (!names || !PyAnySet_Check(names)) return false;
    Py_ssize_t position = 0;
    PyObject *item;
    Py_hash_t hash;
    while (_PySet_NextEntry(names, &position, &item, &hash)) {
        if (same_text(name, item)) return true;
    }
    return false;
}

/* Names the modules from compiled extensions that are not the standard library's: the first to be suspected. */
void _Py_DumpExtensionModules(int fd, PyInterpreterState *interp)
{
    if (!interp || !interp->modules || !PyDict_Check(interp->modules)) return;
    Py_ssize_t position = 0, count = 0;
    PyObject *name, *module, *stdlib = NULL;
    while (interp->sysdict && PyDict_Next(interp->sysdict, &position, &name, &module)) {    /* a look-up could raise */
        if (name == NAME(stdlib_module_names)) stdlib = module;
    }
    position = 0;
    while (PyDict_Next(interp->modules, &position, &name, &module)) {
        if (!PyUnicode_Check(name) || !PyModule_Check(module)) continue;
        PyModuleDef *def = PyModule_GetDef(module);
        if (!def || !def->m_methods || is_stdlib_name(stdlib, name)) continue;
        dump(fd, count++ ? ", " : "\nExtension modules: ");
        _Py_DumpASCII(fd, name);
    }
    if (!count) return;
    dump(fd, " (total: ");
    _Py_DumpDecimal(fd, (size_t)count);
    dump(fd, ")\n");
}
