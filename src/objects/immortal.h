/* Reference count that singletons and static types start with: far from 0 whatever stray counts do to it. */
#ifndef KRAIT_OBJECTS_IMMORTAL_H
#define KRAIT_OBJECTS_IMMORTAL_H

#define IMMORTAL_REFCNT ((Py_ssize_t)1 << 30)

/* First fields of a static singleton, and of a static PyTypeObject (its type is filled in by PyType_Ready). */
#define IMMORTAL_HEAD(type) {.ob_refcnt = IMMORTAL_REFCNT, .ob_type = (type)}
#define IMMORTAL_TYPE_HEAD .ob_base = {.ob_base = {.ob_refcnt = IMMORTAL_REFCNT, .ob_type = &PyType_Type}}

#endif
