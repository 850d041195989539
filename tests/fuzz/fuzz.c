#include "fuzz.h"

#include "vm/exec.h"

void fuzz_bug(const char *what)
{
    fprintf(stderr, "fuzz: %s\n", what);
    if (PyErr_Occurred()) PyErr_Print();
    abort();
}

void fuzz_start(void)
{
    PyConfig config;
    PyConfig_InitIsolatedConfig(&config);
    config.install_signal_handlers = 1;
    config.site_import = 0;
    config.use_hash_seed = 1;
    config.hash_seed = 0;
    PyWideStringList_Append(&config.warnoptions, L"ignore");
    PyStatus status = Py_InitializeFromConfig(&config);
    if (PyStatus_Exception(status)) Py_ExitStatusException(status);
    PyConfig_Clear(&config);
}

void fuzz_clean_up(void)
{
    static unsigned count;
    PyErr_Clear();
    if (++count % 256 == 0) PyGC_Collect();
    PyErr_Clear();
}

int fuzz_translate(PyObject *object, bool must_pass)
{
    PyCodeObject *code = (PyCodeObject *)object;
    if (!exec_get(code, false) || !exec_get(code, true)) {
        if (must_pass && !PyErr_ExceptionMatches(PyExc_MemoryError)) fuzz_bug("the verifier or the translator refuses our own code");
        PyErr_Clear();
        return -1;
    }
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(code->co_consts); i++) {
        PyObject *constant = PyTuple_GET_ITEM(code->co_consts, i);
        if (PyCode_Check(constant) && fuzz_translate(constant, must_pass) < 0) return -1;
    }
    return 0;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc, (void)argv;
    fuzz_start();
    return 0;
}
