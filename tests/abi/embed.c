/* A program that embeds Python, for check_embed.py: what it prints must not depend on whose libpython3.11.so.1.0 it runs with. */
#include <Python.h>

static PyObject *twice(PyObject *Py_UNUSED(self), PyObject *arg) { return PyNumber_Add(arg, arg); }
static PyMethodDef methods[] = {{"twice", twice, METH_O, NULL}, {NULL, NULL, 0, NULL}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, .m_name = "host", .m_size = -1, .m_methods = methods};
static PyObject *init_host(void) { return PyModule_Create(&module); }

/* A pending call: counts. */
static int count(void *data)
{
    ++*(int *)data;
    return 0;
}

int main(int argc, char **argv)
{
    setvbuf(stdout, NULL, _IONBF, 0);
    PyImport_AppendInittab("host", init_host);
    PyConfig config;
    PyConfig_InitIsolatedConfig(&config);
    PyConfig_SetBytesArgv(&config, argc, argv);
    PyConfig_SetString(&config, &config.program_name, L"embedded");
    PyStatus status = Py_InitializeFromConfig(&config);
    PyConfig_Clear(&config);
    if (PyStatus_Exception(status)) Py_ExitStatusException(status);
    PyRun_SimpleString("import host, sys\nprint(host.twice(21), host.twice('ab'), sys.argv[1:], sys.flags.isolated)");
    PyObject *json = PyImport_ImportModule("json"), *text = PyObject_CallMethod(json, "dumps", "([i,d,s,O])", 1, 2.5, "x", Py_None);
    printf("%s %d\n", PyUnicode_AsUTF8(text), Py_TYPE(text) == &PyUnicode_Type);
    Py_DECREF(text);
    Py_DECREF(json);
    int calls = 0;
    Py_AddPendingCall(count, &calls);
    PyRun_SimpleString("for i in range(1000): pass");
    printf("pending %d\n", calls);
    PyRun_SimpleString("import threading\nt = threading.Thread(target=print, args=('in a thread',))\nt.start(); t.join()");
    PyThreadState *main_state = PyThreadState_Get(), *sub = Py_NewInterpreter();
    PyRun_SimpleString("import sys, host\nprint('sub', host.twice(1), 'json' in sys.modules)");
    Py_EndInterpreter(sub);
    PyThreadState_Swap(main_state);
    PyRun_SimpleString("1/0");
    PyGILState_STATE g = PyGILState_Ensure();
    PyErr_SetString(PyExc_ValueError, "set in C");
    PyErr_Print();
    PyGILState_Release(g);
    int finalized = Py_FinalizeEx();
    printf("finalize %d, initialised %d\n", finalized, Py_IsInitialized());
    for (int i = 0; i < 3; i++) {
        Py_Initialize();
        PyRun_SimpleString("import re, asyncio\nasyncio.run(asyncio.sleep(0))\nprint('again', re.sub('a', 'b', 'banana'))");
        printf("finalize %d\n", Py_FinalizeEx());
    }
    return 0;
}
