/* The `_opcode` module: what dis and opcode ask the interpreter about its instructions. */
#include <Python.h>

PyDoc_STRVAR(stack_effect_doc, "stack_effect($module, opcode, oparg=None, /, *, jump=None)\n--\n\n"
"Compute how the opcode changes the depth of the stack.");

static PyObject *opcode_module_stack_effect(PyObject *Py_UNUSED(module), PyObject *const *args,
                                            Py_ssize_t nargs, PyObject *kwnames)
{
    static const char *const keywords[] = {"", "", "jump", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .fname = "stack_effect"};
    PyObject *buffer[3];
    Py_ssize_t given = nargs + (kwnames ? PyTuple_GET_SIZE(kwnames) : 0);
    args = _PyArg_UnpackKeywords(args, nargs, NULL, kwnames, &parser, 1, 2, 0, buffer);
    if (!args) return NULL;
    int opcode = _PyLong_AsInt(args[0]);
    if (opcode == -1 && PyErr_Occurred()) return NULL;
    PyObject *oparg = nargs > 1 ? args[1] : Py_None, *jump = given > nargs ? args[2] : Py_None;

    int taken = jump == Py_None ? -1 : jump == Py_True ? 1 : jump == Py_False ? 0 : 2;
    if (taken == 2) {
        PyErr_SetString(PyExc_ValueError, "stack_effect: jump must be False, True or None");
        return NULL;
    }
    int argument = 0;
    if (opcode >= 90) {
        if (oparg == Py_None) {
            PyErr_SetString(PyExc_ValueError,
                            "stack_effect: opcode requires oparg but oparg was not specified");
            return NULL;
        }
        argument = (int)PyLong_AsLong(oparg);
        if (argument == -1 && PyErr_Occurred()) return NULL;
    } else if (oparg != Py_None) {
        PyErr_SetString(PyExc_ValueError,
                        "stack_effect: opcode does not permit oparg but oparg was specified");
        return NULL;
    }
    int effect = PyCompile_OpcodeStackEffectWithJump(opcode, argument, taken);
    if (effect == PY_INVALID_STACK_EFFECT) {
        PyErr_SetString(PyExc_ValueError, "invalid opcode or oparg");
        return NULL;
    }
    return PyLong_FromLong(effect);
}

PyDoc_STRVAR(specialization_stats_doc,
             "get_specialization_stats($module, /)\n--\n\nReturn the specialization stats");

/* 3.11 has figures only in a special build, and None otherwise; Krait's own are shown by -X
 * dump=caches. */
static PyObject *opcode_module_specialization_stats(PyObject *Py_UNUSED(module),
                                                    PyObject *Py_UNUSED(ignored))
{
    Py_RETURN_NONE;
}

static PyMethodDef opcode_methods[] = {
    {"stack_effect", (PyCFunction)(void (*)(void))opcode_module_stack_effect,
     METH_FASTCALL | METH_KEYWORDS, stack_effect_doc},
    {"get_specialization_stats", opcode_module_specialization_stats, METH_NOARGS,
     specialization_stats_doc},
    {NULL, NULL, 0, NULL},
};

static PyModuleDef opcode_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_opcode",
    .m_doc = "Opcode support module.",
    .m_methods = opcode_methods,
};

PyMODINIT_FUNC PyInit__opcode(void)
{
    return PyModuleDef_Init(&opcode_module);
}
