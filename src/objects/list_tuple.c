/* What list and tuple, and others like them, share. */
#include "objects/containers.h"
#include "objects/int/int.h"
#include "objects/str/writer.h"

static int write_item(_PyUnicodeWriter *writer, PyObject *item, bool first)
{
    if (!first && writer_put_ascii(writer, ", ", 2) < 0) return -1;
    if (!item) return writer_put_ascii(writer, "<NULL>", 6);    /* C code is still filling the sequence */
    if (PyLong_CheckExact(item)) return _PyLong_FormatWriter(writer, item, 10, 0);
    Py_INCREF(item);
    PyObject *text = PyObject_Repr(item);
    Py_DECREF(item);
    if (text == NULL) return -1;
    int result = _PyUnicodeWriter_WriteStr(writer, text);
    Py_DECREF(text);
    return result;
}

/* "[" items "]", safe against recursion and against items that change the list.
 * `items` is where the sequence keeps its array: it may move while items are asked for their text. */
PyObject *sequence_repr(PyObject *self, PyObject **const *items, char open, char close, bool comma_after_one)
{
    if (Py_SIZE(self) == 0) return PyUnicode_FromFormat("%c%c", open, close);
    int entered = Py_ReprEnter(self);
    if (entered != 0) return entered > 0 ? PyUnicode_FromFormat("%c...%c", open, close) : NULL;
    WriterScratch scratch;
    _PyUnicodeWriter writer;
    writer_init_scratch(&writer, &scratch);
    writer.overallocate = 1;
    writer.min_length = 1 + 1 + (2 + 1) * (Py_SIZE(self) - 1) + 1;
    PyObject *text = NULL;
    if (_PyUnicodeWriter_WriteChar(&writer, (Py_UCS4)open) < 0) goto error;
    for (Py_ssize_t i = 0; i < Py_SIZE(self); i++) {
        if (write_item(&writer, (*items)[i], i == 0) < 0) goto error;
    }
    if (comma_after_one && Py_SIZE(self) == 1 && _PyUnicodeWriter_WriteChar(&writer, ',') < 0) goto error;
    writer.overallocate = 0;
    if (_PyUnicodeWriter_WriteChar(&writer, (Py_UCS4)close) < 0) goto error;
    text = _PyUnicodeWriter_Finish(&writer);
    Py_ReprLeave(self);
    return text;

error:
    _PyUnicodeWriter_Dealloc(&writer);
    Py_ReprLeave(self);
    return NULL;
}

int index_arguments(PyObject *const *args, Py_ssize_t nargs, Py_ssize_t length, Py_ssize_t *start, Py_ssize_t *stop)
{
    *start = 0;
    *stop = PY_SSIZE_T_MAX;
    if (!_PyArg_CheckPositional("index", nargs, 1, 3)) return -1;
    if (nargs > 1 && !_PyEval_SliceIndexNotNone(args[1], start)) return -1;
    if (nargs > 2 && !_PyEval_SliceIndexNotNone(args[2], stop)) return -1;
    if (*start < 0) *start = Py_MAX(*start + length, 0);
    if (*stop < 0) *stop = Py_MAX(*stop + length, 0);
    return 0;
}
