/* Weak references and proxies. */
#ifndef Py_WEAKREFOBJECT_H
#define Py_WEAKREFOBJECT_H

#ifdef __cplusplus
extern "C" {
#endif

typedef struct _PyWeakReference PyWeakReference;

PyAPI_DATA(PyTypeObject) _PyWeakref_RefType;
PyAPI_DATA(PyTypeObject) _PyWeakref_CallableProxyType;
PyAPI_DATA(PyTypeObject) _PyWeakref_ProxyType;
#define PyWeakref_CheckRef(op) PyObject_TypeCheck(op, &_PyWeakref_RefType)
#define PyWeakref_CheckRefExact(op) Py_IS_TYPE(op, &_PyWeakref_RefType)
#define PyWeakref_CheckProxy(op)                                                               \
    (Py_IS_TYPE(op, &_PyWeakref_ProxyType) || Py_IS_TYPE(op, &_PyWeakref_CallableProxyType))
#define PyWeakref_Check(op) (PyWeakref_CheckRef(op) || PyWeakref_CheckProxy(op))

/* PyWeakref_GetObject() borrows; None when the object is gone. */
PyAPI_FUNC(PyObject *) PyWeakref_GetObject(PyObject *ref);
PyAPI_FUNC(PyObject *) PyWeakref_NewProxy(PyObject *ob, PyObject *callback);
PyAPI_FUNC(PyObject *) PyWeakref_NewRef(PyObject *ob, PyObject *callback);

#ifndef Py_LIMITED_API
struct _PyWeakReference {
    PyObject_HEAD
    PyObject *wr_object;       /* borrowed; None once it is gone */
    PyObject *wr_callback;     /* owned, or NULL */
    Py_hash_t hash;            /* -1 until computed */
    PyWeakReference *wr_prev;  /* all references to one object form a list … */
    PyWeakReference *wr_next;  /* … that starts at its tp_weaklistoffset */
    vectorcallfunc vectorcall;
};

PyAPI_FUNC(void) _PyWeakref_ClearRef(PyWeakReference *self);
PyAPI_FUNC(Py_ssize_t) _PyWeakref_GetWeakrefCount(PyWeakReference *head);

/* Borrowed. An object whose count is 0 is being destroyed: None. */
static inline PyObject *PyWeakref_GET_OBJECT(PyObject *ref_obj)
{
    PyObject *obj;
    assert(PyWeakref_Check(ref_obj));
    obj = _Py_CAST(PyWeakReference *, ref_obj)->wr_object;
    return Py_REFCNT(obj) > 0 ? obj : Py_None;
}
#define PyWeakref_GET_OBJECT(ref) PyWeakref_GET_OBJECT(_PyObject_CAST(ref))
#endif

#ifdef __cplusplus
}
#endif

#endif /* Py_WEAKREFOBJECT_H */
