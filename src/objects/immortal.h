/* Reference count that singletons and static types start with: far from 0 whatever stray counts do to it. */
#ifndef KRAIT_OBJECTS_IMMORTAL_H
#define KRAIT_OBJECTS_IMMORTAL_H

#define IMMORTAL_REFCNT ((Py_ssize_t)1 << 30)

/* For a field that holds many objects of frozen code, whose pages stay clean so: the reference that an immortal object is spared
 * when it is stored must not be dropped later. Macros, as this header comes before Python.h. */
#define immortal_is(o) (((PyObject *)(o))->ob_refcnt >= IMMORTAL_REFCNT / 2)
#define immortal_keep(o) (immortal_is(o) ? (PyObject *)(o) : Py_NewRef(o))
#define immortal_drop(o) ((void)(immortal_is(o) || (Py_DECREF(o), 0)))

/* In the flags of a PyMemberDef: such a field, to be stored and dropped as just said. */
#define MEMBER_SPARES_IMMORTALS 0x100

/* First fields of a static singleton, and of a static PyTypeObject (its type is filled in by PyType_Ready). */
#define IMMORTAL_HEAD(type) {.ob_refcnt = IMMORTAL_REFCNT, .ob_type = (type)}
#define IMMORTAL_TYPE_HEAD .ob_base = {.ob_base = {.ob_refcnt = IMMORTAL_REFCNT, .ob_type = &PyType_Type}}

#endif
