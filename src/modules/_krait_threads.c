/* The `_krait_threads` module: what the GIL knows of threads (runtime/gil_report.h), for the module krait.threads and for tests. */
#include <Python.h>

#include "runtime/gil_report.h"

PyDoc_STRVAR(start_doc, "start($module, /)\n--\n\nFrom now on write down who holds the GIL, who waits for it and who is outside.");

static PyObject *start(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(ignored))
{
    gil_report_start();
    Py_RETURN_NONE;
}

PyDoc_STRVAR(figures_doc, "figures($module, /)\n--\n\nStop that, and say what was written down: a dict of \"seconds\", \"bin\" (the seconds of a piece\n"
"of the time lines) and \"threads\": (name, start, end, (outside, waiting, holding), asked, held, waited) of each,\n"
"where held and waited are the shares of each piece, as bytes of C floats.");

static PyObject *figures(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(ignored))
{
    return gil_report_figures();
}

static PyMethodDef methods[] = {
    {"figures", figures, METH_NOARGS, figures_doc},
    {"start", start, METH_NOARGS, start_doc},
    {NULL, NULL, 0, NULL},
};

static PyModuleDef module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_krait_threads",
    .m_doc = "Who held the GIL, who waited for it, who was outside.",
    .m_methods = methods,
};

PyMODINIT_FUNC PyInit__krait_threads(void);
PyMODINIT_FUNC PyInit__krait_threads(void)
{
    return PyModuleDef_Init(&module);
}
