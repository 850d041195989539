/* syslog: messages to the system's log (the manual: library/syslog). */
#include <Python.h>
#include <internal/krait_exports.h>

#include <stdbool.h>
#include <syslog.h>

/* The C library keeps the pointer to the program's name: the str lives here until closelog(). Process-wide, as the log is. */
struct SyslogRuntime {
    PyObject *ident;                    /* owned */
    bool open;
};
static struct SyslogRuntime syslog_runtime;

/* The last part of sys.argv[0]: a new str; NULL, perhaps with an exception, if there is none. */
static PyObject *program_name(void)
{
    PyObject *argv = PySys_GetObject("argv");
    if (!argv || !PyList_Check(argv) || PyList_GET_SIZE(argv) == 0) return NULL;
    PyObject *name = PyList_GET_ITEM(argv, 0);
    if (!PyUnicode_Check(name)) return NULL;
    Py_ssize_t length = PyUnicode_GET_LENGTH(name);
    if (length == 0) return NULL;
    Py_ssize_t slash = PyUnicode_FindChar(name, '/', 0, length, -1);
    if (slash == -2) return NULL;
    return slash >= 0 ? PyUnicode_Substring(name, slash + 1, length) : Py_NewRef(name);
}

/* Opens the log under a name (steals it; NULL: none). 0, or -1 with an exception set. */
static int open_log(PyObject *ident_steal, long options, long facility)
{
    const char *text = NULL;
    if (ident_steal && !(text = PyUnicode_AsUTF8(ident_steal))) {
        Py_DECREF(ident_steal);
        return -1;
    }
    if (PySys_Audit("syslog.openlog", "Oll", ident_steal ? ident_steal : Py_None, options, facility) < 0) {
        Py_XDECREF(ident_steal);
        return -1;
    }
    openlog(text, (int)options, (int)facility);
    Py_XSETREF(syslog_runtime.ident, ident_steal);
    syslog_runtime.open = true;
    return 0;
}

static PyObject *syslog_openlog(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    static const char *const keywords[] = {"ident", "logoption", "facility", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .format = "|Ull:openlog"};
    PyObject *ident = NULL;
    long options = 0, facility = LOG_USER;
    if (!_PyArg_ParseStackAndKeywords(args, nargs, kwnames, &parser, &ident, &options, &facility)) return NULL;
    if (ident) {
        Py_INCREF(ident);
    } else {
        ident = program_name();
        if (!ident && PyErr_Occurred()) return NULL;
    }
    if (open_log(ident, options, facility) < 0) return NULL;
    Py_RETURN_NONE;
}

static PyObject *syslog_syslog(PyObject *Py_UNUSED(module), PyObject *args)
{
    PyObject *message;
    int priority = LOG_INFO;
    if (!PyArg_ParseTuple(args, "iU;[priority,] message string", &priority, &message)) {
        PyErr_Clear();
        if (!PyArg_ParseTuple(args, "U;[priority,] message string", &message)) return NULL;
    }
    const char *text = PyUnicode_AsUTF8(message);
    if (!text || PySys_Audit("syslog.syslog", "is", priority, text) < 0) return NULL;
    if (!syslog_runtime.open) {
        PyObject *ident = program_name();
        if (!ident && PyErr_Occurred()) return NULL;
        if (open_log(ident, 0, LOG_USER) < 0) return NULL;
    }
    PyObject *ident = Py_XNewRef(syslog_runtime.ident);     /* another thread may close the log meanwhile */
    Py_BEGIN_ALLOW_THREADS
    syslog(priority, "%s", text);
    Py_END_ALLOW_THREADS
    Py_XDECREF(ident);
    Py_RETURN_NONE;
}

static PyObject *syslog_closelog(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(ignored))
{
    if (PySys_Audit("syslog.closelog", NULL) < 0) return NULL;
    if (syslog_runtime.open) {
        closelog();
        Py_CLEAR(syslog_runtime.ident);
        syslog_runtime.open = false;
    }
    Py_RETURN_NONE;
}

static PyObject *syslog_setlogmask(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    long mask;
    if (!_PyArg_ParseStack(args, nargs, "l;mask for priority", &mask)) return NULL;
    if (PySys_Audit("syslog.setlogmask", "(O)", args[0]) < 0) return NULL;
    return PyLong_FromLong(setlogmask((int)mask));
}

static PyObject *syslog_log_mask(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    long priority;
    return _PyArg_ParseStack(args, nargs, "l:LOG_MASK", &priority) ? PyLong_FromLong(LOG_MASK(priority)) : NULL;
}

static PyObject *syslog_log_upto(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    long priority;
    return _PyArg_ParseStack(args, nargs, "l:LOG_UPTO", &priority) ? PyLong_FromLong(LOG_UPTO(priority)) : NULL;
}

static PyMethodDef functions[] = {
    {"openlog", _PyCFunction_CAST(syslog_openlog), METH_FASTCALL | METH_KEYWORDS, NULL},
    {"closelog", syslog_closelog, METH_NOARGS, NULL},
    {"syslog", syslog_syslog, METH_VARARGS, NULL},
    {"setlogmask", _PyCFunction_CAST(syslog_setlogmask), METH_FASTCALL, NULL},
    {"LOG_MASK", _PyCFunction_CAST(syslog_log_mask), METH_FASTCALL, NULL},
    {"LOG_UPTO", _PyCFunction_CAST(syslog_log_upto), METH_FASTCALL, NULL},
    {NULL, NULL, 0, NULL},
};

static const struct {
    const char *name;
    long value;
} constants[] = {
#define C(name) {#name, name},
    C(LOG_EMERG) C(LOG_ALERT) C(LOG_CRIT) C(LOG_ERR) C(LOG_WARNING) C(LOG_NOTICE) C(LOG_INFO)
    C(LOG_DEBUG) C(LOG_PID) C(LOG_CONS) C(LOG_NDELAY) C(LOG_ODELAY) C(LOG_NOWAIT) C(LOG_PERROR)
    C(LOG_KERN) C(LOG_USER) C(LOG_MAIL) C(LOG_DAEMON) C(LOG_AUTH) C(LOG_LPR) C(LOG_LOCAL0)
    C(LOG_LOCAL1) C(LOG_LOCAL2) C(LOG_LOCAL3) C(LOG_LOCAL4) C(LOG_LOCAL5) C(LOG_LOCAL6)
    C(LOG_LOCAL7) C(LOG_SYSLOG) C(LOG_CRON) C(LOG_UUCP) C(LOG_NEWS) C(LOG_AUTHPRIV)
#undef C
};

static int module_exec(PyObject *module)
{
    for (size_t i = 0; i < Py_ARRAY_LENGTH(constants); i++) {
        if (PyModule_AddIntConstant(module, constants[i].name, constants[i].value) < 0) return -1;
    }
    return 0;
}

static PyModuleDef_Slot slots[] = {{Py_mod_exec, module_exec}, {0, NULL}};

static PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "syslog",
    .m_methods = functions,
    .m_slots = slots,
};

PyMODINIT_FUNC PyInit_syslog(void)
{
    return PyModuleDef_Init(&definition);
}
