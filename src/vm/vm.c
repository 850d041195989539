/* What the VM sets up at start, and what the type system asks it. */
#include "vm/vm.h"

#include "memory/memory.h"
#include "objects/code.h"
#include "objects/list.h"
#include "objects/names.h"
#include "objects/thread_state.h"
#include "objects/type/type.h"
#include "vm/generator.h"

static PyObject *current_globals_borrow(void)
{
    Frame *frame = thread_state() ? frame_current(thread_state()) : NULL;
    return frame ? frame_globals(frame) : NULL;
}

/* ---- super() without arguments --------------------------------------------------------------------------------- */

static int no_super(const char *text)
{
    PyErr_SetString(PyExc_RuntimeError, text);
    return -1;
}

/* The first argument, which may have moved into a cell. A new reference, or NULL. */
static PyObject *first_argument(Frame *frame)
{
    Value v = frame->registers[0];
    PyObject *kinds = frame->code->co_localspluskinds;
    if (PyBytes_AS_STRING(kinds)[0] & CODE_CELL && value_is_object(v) && value_object(v) && PyCell_Check(value_object(v))) {
        return Py_XNewRef(PyCell_GET(value_object(v)));
    }
    return value_box(v);
}

static int find_class_cell(Frame *frame, PyTypeObject **type)
{
    PyCodeObject *code = frame->code;
    for (int i = code->co_nlocalsplus - code->co_nfreevars; i < code->co_nlocalsplus; i++) {
        if (!_PyUnicode_EQ(PyTuple_GET_ITEM(code->co_localsplusnames, i), NAME(__class__))) continue;
        PyObject *cell = value_object(frame->registers[i]);
        if (!cell || !PyCell_Check(cell)) return no_super("super(): bad __class__ cell");
        PyObject *found = PyCell_GET(cell);
        if (!found) return no_super("super(): empty __class__ cell");
        if (!PyType_Check(found)) {
            PyErr_Format(PyExc_RuntimeError, "super(): __class__ is not a type (%s)", Py_TYPE(found)->tp_name);
            return -1;
        }
        *type = (PyTypeObject *)Py_NewRef(found);
        return 0;
    }
    return no_super("super(): __class__ cell not found");
}

static int super_find_arguments(PyTypeObject **type, PyObject **obj)
{
    Frame *frame = frame_current(thread_state());
    if (!frame) return no_super("super(): no current frame");
    if (frame->code->co_argcount == 0) return no_super("super(): no arguments");
    PyObject *first = first_argument(frame);
    if (!first) return PyErr_Occurred() ? -1 : no_super("super(): arg[0] deleted");
    if (find_class_cell(frame, type) < 0) {
        Py_DECREF(first);
        return -1;
    }
    *obj = first;
    return 0;
}

/* ---- Start ------------------------------------------------------------------------------------------------------ */

int vm_init_types(void)
{
    PyTypeObject *const types[] = {
        &PyFunction_Type, &PyFrame_Type, &PyTraceBack_Type, &PyGen_Type, &PyCoro_Type, &_PyCoroWrapper_Type, &PyAsyncGen_Type,
        &_PyAsyncGenASend_Type, &_PyAsyncGenAThrow_Type, &_PyAsyncGenWrappedValue_Type,
    };
    memory_populate(&vm_runtime, sizeof vm_runtime);
    code_runtime.exec_free = exec_free;
    list_runtime.extend_by_generator = generator_extend_list;
    tracemalloc_runtime.walk = frame_walk_for_tracemalloc;
    type_runtime.super_find_arguments = super_find_arguments;
    type_runtime.current_globals_borrow = current_globals_borrow;
    for (size_t i = 0; i < Py_ARRAY_LENGTH(types); i++) {
        if (PyType_Ready(types[i]) < 0) return -1;
    }
    return 0;
}
