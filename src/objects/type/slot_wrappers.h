/* Wrappers: the functions behind special methods of built-in types (`int.__add__`), which call the
 * slot. The table is slots.def. */
#ifndef KRAIT_OBJECTS_TYPE_SLOT_WRAPPERS_H
#define KRAIT_OBJECTS_TYPE_SLOT_WRAPPERS_H

#include <Python.h>

PyObject *wrap_unaryfunc(PyObject *self, PyObject *args, void *wrapped);
PyObject *wrap_binaryfunc(PyObject *self, PyObject *args, void *wrapped);
PyObject *wrap_binaryfunc_l(PyObject *self, PyObject *args, void *wrapped);
PyObject *wrap_binaryfunc_r(PyObject *self, PyObject *args, void *wrapped);
PyObject *wrap_ternaryfunc(PyObject *self, PyObject *args, void *wrapped);
PyObject *wrap_ternaryfunc_r(PyObject *self, PyObject *args, void *wrapped);
PyObject *wrap_inquirypred(PyObject *self, PyObject *args, void *wrapped);
PyObject *wrap_lenfunc(PyObject *self, PyObject *args, void *wrapped);
PyObject *wrap_hashfunc(PyObject *self, PyObject *args, void *wrapped);
PyObject *wrap_indexargfunc(PyObject *self, PyObject *args, void *wrapped);
PyObject *wrap_sq_item(PyObject *self, PyObject *args, void *wrapped);
PyObject *wrap_sq_setitem(PyObject *self, PyObject *args, void *wrapped);
PyObject *wrap_sq_delitem(PyObject *self, PyObject *args, void *wrapped);
PyObject *wrap_objobjproc(PyObject *self, PyObject *args, void *wrapped);
PyObject *wrap_objobjargproc(PyObject *self, PyObject *args, void *wrapped);
PyObject *wrap_delitem(PyObject *self, PyObject *args, void *wrapped);
PyObject *wrap_setattr(PyObject *self, PyObject *args, void *wrapped);
PyObject *wrap_delattr(PyObject *self, PyObject *args, void *wrapped);
PyObject *wrap_next(PyObject *self, PyObject *args, void *wrapped);
PyObject *wrap_descr_get(PyObject *self, PyObject *args, void *wrapped);
PyObject *wrap_descr_set(PyObject *self, PyObject *args, void *wrapped);
PyObject *wrap_descr_delete(PyObject *self, PyObject *args, void *wrapped);
PyObject *wrap_del(PyObject *self, PyObject *args, void *wrapped);
PyObject *wrap_call(PyObject *self, PyObject *args, void *wrapped, PyObject *kwargs);
PyObject *wrap_init(PyObject *self, PyObject *args, void *wrapped, PyObject *kwargs);
PyObject *richcmp_lt(PyObject *self, PyObject *args, void *wrapped);
PyObject *richcmp_le(PyObject *self, PyObject *args, void *wrapped);
PyObject *richcmp_eq(PyObject *self, PyObject *args, void *wrapped);
PyObject *richcmp_ne(PyObject *self, PyObject *args, void *wrapped);
PyObject *richcmp_gt(PyObject *self, PyObject *args, void *wrapped);
PyObject *richcmp_ge(PyObject *self, PyObject *args, void *wrapped);

#endif
