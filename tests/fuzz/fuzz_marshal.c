/* marshal.loads, the verifier, and code from outside that passed it, run in a namespace without builtins.
 *
 * Must hold: what was read can be looked at, written and read again; code that the verifier lets pass runs without a crash.
 */
#include "fuzz.h"

#include <marshal.h>
#include <signal.h>
#include <sys/time.h>

/* Code may loop for ever; and what it catches does not stop it, so the interrupt comes again. */
static void out_of_time(int signal)
{
    (void)signal;
    PyErr_SetInterrupt();
}

static void run(PyObject *code)
{
    struct itimerval timer = {.it_value = {.tv_usec = 100000}, .it_interval = {.tv_usec = 20000}}, none = {.it_value = {0}};
    PyObject *namespace = PyDict_New(), *builtins = PyDict_New();
    if (!namespace || !builtins || PyDict_SetItemString(namespace, "__builtins__", builtins) < 0) abort();
    setitimer(ITIMER_VIRTUAL, &timer, NULL);
    PyObject *result = PyEval_EvalCode(code, namespace, namespace);
    if (!result != !!PyErr_Occurred()) fuzz_bug("the result and the exception contradict each other");
    Py_XDECREF(result);
    PyErr_Clear();
    Py_DECREF(namespace);
    Py_DECREF(builtins);
    PyErr_Clear();
    setitimer(ITIMER_VIRTUAL, &none, NULL);
    PyErr_CheckSignals();
    PyErr_Clear();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static bool ready;
    if (!ready) {
        ready = true;
        signal(SIGVTALRM, out_of_time);
    }
    PyObject *object = PyMarshal_ReadObjectFromString((const char *)data, (Py_ssize_t)size);
    if (!object != !!PyErr_Occurred()) fuzz_bug("the result and the exception contradict each other");
    if (object) {
        Py_XDECREF(PyObject_Repr(object));
        PyErr_Clear();
        Py_hash_t hash = PyObject_Hash(object);
        (void)hash;
        PyErr_Clear();
        PyObject *written = PyMarshal_WriteObjectToString(object, 4);
        if (written) {
            PyObject *again = PyMarshal_ReadObjectFromString(PyBytes_AS_STRING(written), PyBytes_GET_SIZE(written));
            if (!again && !PyErr_ExceptionMatches(PyExc_MemoryError)) fuzz_bug("what was written cannot be read");
            Py_XDECREF(again);
            Py_DECREF(written);
        }
        PyErr_Clear();
        if (PyCode_Check(object) && fuzz_translate(object, false) == 0) run(object);
        Py_DECREF(object);
    }
    fuzz_clean_up();
    return 0;
}
