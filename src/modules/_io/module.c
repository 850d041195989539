/* _io: the module. */
#include "modules/_io/io.h"

#include <internal/krait_exports.h>

#include "capi/file.h"

struct IoRuntime io_runtime;

static PyTypeObject *const types[] = {
    &PyIOBase_Type,
    &PyRawIOBase_Type,
    &PyBufferedIOBase_Type,
    &PyTextIOBase_Type,
    &PyFileIO_Type,
    &PyBytesIO_Type,
    &PyStringIO_Type,
    &PyBufferedReader_Type,
    &PyBufferedWriter_Type,
    &PyBufferedRWPair_Type,
    &PyBufferedRandom_Type,
    &PyTextIOWrapper_Type,
    &PyIncrementalNewlineDecoder_Type,
};

/* UnsupportedOperation is an OSError and a ValueError. */
static int make_unsupported_operation(void)
{
    if (io_runtime.unsupported_operation) return 0;
    PyObject *bases = PyTuple_Pack(2, PyExc_OSError, PyExc_ValueError);
    if (!bases) return -1;
    io_runtime.unsupported_operation = PyErr_NewException("io.UnsupportedOperation", bases, NULL);
    Py_DECREF(bases);
    return io_runtime.unsupported_operation ? 0 : -1;
}

/* Adds the functions as those of `io`, which is where the public finds them, so that they can be
 * pickled. The module gives that as its own name, too. */
static int add_functions(PyObject *module)
{
    PyObject *name = PyUnicode_InternFromString("io");
    int failed = !name || PyObject_SetAttr(module, NAME(__name__), name) < 0;
    for (PyMethodDef *m = io_functions; !failed && m->ml_name; m++) {
        PyObject *function = PyCFunction_NewEx(m, module, name);
        failed = !function || PyModule_AddObjectRef(module, m->ml_name, function) < 0;
        Py_XDECREF(function);
    }
    Py_XDECREF(name);
    return failed ? -1 : 0;
}

static int io_exec(PyObject *module)
{
    if (make_unsupported_operation() < 0 || PyType_Ready(&_PyBytesIOBuffer_Type) < 0) return -1;
    if (add_functions(module) < 0) return -1;
    if (PyModule_AddIntConstant(module, "DEFAULT_BUFFER_SIZE", IO_BUFFER_SIZE) < 0) return -1;
    if (PyModule_AddObjectRef(module, "UnsupportedOperation", io_runtime.unsupported_operation) < 0)
        return -1;
    if (PyModule_AddObjectRef(module, "BlockingIOError", PyExc_BlockingIOError) < 0) return -1;
    file_runtime.is_plain = textio_is_plain;
    file_runtime.write = textio_write_str;
    for (size_t i = 0; i < Py_ARRAY_LENGTH(types); i++) {
        if (PyModule_AddType(module, types[i]) < 0) return -1;
    }
    return 0;
}

static PyModuleDef_Slot slots[] = {
    {Py_mod_exec, io_exec},
    {0, NULL},
};

static PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "io",
    .m_doc = "Streams, and the builtin function open.\n\n"
             "All streams derive from the abstract class IOBase. Reading, writing and\n"
             "positioning are not told apart by classes: a stream may raise OSError for\n"
             "what it cannot do.\n\n"
             "RawIOBase stands for raw bytes; FileIO is its subclass for the system's files.\n"
             "BufferedIOBase stands for buffered bytes: BufferedReader, BufferedWriter,\n"
             "BufferedRWPair and BufferedRandom buffer raw streams, BytesIO is a stream in\n"
             "memory. TextIOBase stands for text: TextIOWrapper decodes and encodes a buffered\n"
             "stream, StringIO is a stream in memory.\n\n"
             "Only the arguments of open() are meant to be given by keyword.\n\n"
             "data:\n\n"
             "DEFAULT_BUFFER_SIZE\n\n"
             "   Size of buffers in bytes; open() uses the block size of the file (as os.stat\n"
             "   tells it) if it can.\n",
    .m_size = 0,
    .m_slots = slots,
};

PyMODINIT_FUNC PyInit__io(void)
{
    return PyModuleDef_Init(&definition);
}
