/* Exceptions: the classes (exceptions.def), their layouts, and what C code needs beyond the C API.
 *
 * A layout is a struct with the fields and behaviour that a family of classes shares; a class is a row of the table. All
 * fields of PyObject * type are owned and may be NULL.
 */
#ifndef KRAIT_OBJECTS_EXCEPTIONS_H
#define KRAIT_OBJECTS_EXCEPTIONS_H

#include <Python.h>
#include <stdbool.h>

typedef struct {
    Py_ssize_t size;
    newfunc new;
    initproc init;
    reprfunc str;
    destructor dealloc;
    traverseproc traverse;
    inquiry clear;
    PyMemberDef *members;
    PyMethodDef *methods;
    PyGetSetDef *getset;
} ExceptionLayout;

extern const ExceptionLayout exception_layout_base, exception_layout_stop_iteration, exception_layout_system_exit,
    exception_layout_group, exception_layout_import_error, exception_layout_os_error, exception_layout_name_error,
    exception_layout_attribute_error, exception_layout_syntax_error, exception_layout_key_error, exception_layout_memory_error,
    exception_layout_unicode_encode_error, exception_layout_unicode_decode_error, exception_layout_unicode_translate_error;

struct ExceptionsRuntime {
    PyObject *errno_map;                    /* owned dict: errno -> subclass of OSError */
    PyObject *exception_group;              /* owned: the class ExceptionGroup */
    PyBaseExceptionObject *free_memory_errors;  /* ready for use when there is no memory; linked by `dict` */
    int free_memory_error_count;
    bool making_memory_error;
};
extern struct ExceptionsRuntime exceptions_runtime;

/* ---- Shared by the layouts (base.c) --------------------------------------------------------------------------- */

PyObject *exception_new(PyTypeObject *type, PyObject *args, PyObject *kwargs);
int exception_init(PyObject *self, PyObject *args, PyObject *kwargs);
PyObject *exception_str(PyObject *self);
PyObject *exception_repr(PyObject *self);
/* Of the base fields; layouts with fields of their own call them after theirs. */
int exception_clear(PyObject *self);
int exception_traverse(PyObject *self, visitproc visit, void *arg);
/* Clears through tp_clear's layout function and frees. */
void exception_free(PyObject *self, destructor dealloc, inquiry clear);

/* layouts.c: makes the MemoryErrors that are kept ready. -1 with an exception set. */
int memory_errors_keep(void);

/* Defines NAME_clear, NAME_traverse and NAME_dealloc for a layout whose own fields stand at these offsets. */
#define EXCEPTION_FIELDS(NAME, ...) \
    static const Py_ssize_t NAME##_fields[] = {__VA_ARGS__}; \
    static int NAME##_clear(PyObject *self) { return exception_clear_fields(self, NAME##_fields, Py_ARRAY_LENGTH(NAME##_fields)); } \
    static int NAME##_traverse(PyObject *self, visitproc visit, void *arg) \
    { \
        return exception_traverse_fields(self, NAME##_fields, Py_ARRAY_LENGTH(NAME##_fields), visit, arg); \
    } \
    static void NAME##_dealloc(PyObject *self) { exception_free(self, NAME##_dealloc, NAME##_clear); }

int exception_clear_fields(PyObject *self, const Py_ssize_t *offsets, size_t count);
int exception_traverse_fields(PyObject *self, const Py_ssize_t *offsets, size_t count, visitproc visit, void *arg);

/* ---- Start ---------------------------------------------------------------------------------------------------- */

int exceptions_init_types(void);
/* Adds all classes (and the aliases of OSError) to the builtins' dict, and makes ExceptionGroup. */
int exceptions_add_builtins(PyObject *dict);

/* ---- For the VM ----------------------------------------------------------------------------------------------- */

/* The part of group `original` that consists of the leaves of the groups in list `keep`; None if there are none. New. */
PyObject *exception_group_project(PyObject *original, PyObject *keep);

#endif
