/* What the files of this folder share with each other and with nobody else. */
#ifndef KRAIT_OBJECTS_STR_STR_INTERNAL_H
#define KRAIT_OBJECTS_STR_STR_INTERNAL_H

#include "objects/str/str.h"

/* str_object.c */
void str_dealloc(PyObject *s);
Py_ssize_t str_size_in_memory(PyObject *s);
bool str_is_modifiable(PyObject *s);
PyObject *str_new_of_subtype(PyTypeObject *type, PyObject *plain);
PyObject *str_new_unready(Py_ssize_t n);
int str_resize_compact(PyObject **p, Py_ssize_t length);

/* str_access.c */
const char *str_kind_name(PyObject *s);

/* str_split.c: white space among the first 256 characters */
extern const bool str_latin1_space[256];

/* str_compare.c */
Py_hash_t str_hash(PyObject *s);

/* str_iter.c */
PyObject *str_iter(PyObject *s);

/* slots and method bodies, each beside its subject; tables in str_type.c */
PyObject *str_repr(PyObject *s);
PyObject *str_multiply(PyObject *s, Py_ssize_t n);
PyObject *str_subscript(PyObject *s, PyObject *key);

#define STR_NOARGS(name) PyObject *str_##name##_method(PyObject *self, PyObject *unused)
#define STR_ONE(name) PyObject *str_##name##_method(PyObject *self, PyObject *arg)
#define STR_FAST(name) PyObject *str_##name##_method(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
#define STR_FASTKW(name) \
    PyObject *str_##name##_method(PyObject *self, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)

/* str_case.c */
STR_NOARGS(capitalize); STR_NOARGS(casefold); STR_NOARGS(title); STR_NOARGS(lower); STR_NOARGS(upper);
STR_NOARGS(swapcase);
/* str_classify.c */
STR_NOARGS(isascii); STR_NOARGS(islower); STR_NOARGS(isupper); STR_NOARGS(istitle); STR_NOARGS(isspace);
STR_NOARGS(isdecimal); STR_NOARGS(isdigit); STR_NOARGS(isnumeric); STR_NOARGS(isalpha); STR_NOARGS(isalnum);
STR_NOARGS(isidentifier); STR_NOARGS(isprintable);
/* str_find.c */
STR_FAST(count); STR_FAST(find); STR_FAST(index); STR_FAST(rfind); STR_FAST(rindex);
STR_FAST(startswith); STR_FAST(endswith); STR_FAST(replace); STR_ONE(removeprefix); STR_ONE(removesuffix);
/* str_split.c */
STR_FASTKW(split); STR_FASTKW(rsplit); STR_ONE(partition); STR_ONE(rpartition); STR_FASTKW(splitlines);
STR_ONE(join);
/* str_pad.c */
STR_FAST(center); STR_FAST(ljust); STR_FAST(rjust); STR_ONE(zfill); STR_FASTKW(expandtabs);
STR_FAST(strip); STR_FAST(lstrip); STR_FAST(rstrip);
/* str_translate.c */
PyObject *str_translate(PyObject *s, PyObject *table);
STR_ONE(translate);
PyObject *str_maketrans_method(PyObject *unused, PyObject *const *args, Py_ssize_t nargs);
/* format_method.c */
PyObject *str_format_method(PyObject *self, PyObject *args, PyObject *kwargs);
STR_ONE(format_map); STR_ONE(__format__);

/* codec entry */
STR_FASTKW(encode);

#endif
