/* Functions written in Python. */
#ifndef Py_FUNCOBJECT_H
#define Py_FUNCOBJECT_H

#ifdef __cplusplus
extern "C" {
#endif

#ifndef Py_LIMITED_API
/* What a function is made from. */
typedef struct {
    PyObject *fc_globals;
    PyObject *fc_builtins;
    PyObject *fc_name;
    PyObject *fc_qualname;
    PyObject *fc_code;
    PyObject *fc_defaults;
    PyObject *fc_kwdefaults;
    PyObject *fc_closure;
} PyFrameConstructor;

typedef struct {
    PyObject_HEAD
    PyObject *func_globals;
    PyObject *func_builtins;
    PyObject *func_name;
    PyObject *func_qualname;
    PyObject *func_code;         /* a code object */
    PyObject *func_defaults;     /* tuple or NULL */
    PyObject *func_kwdefaults;   /* dict or NULL */
    PyObject *func_closure;      /* tuple of cells or NULL */
    PyObject *func_doc;          /* any object */
    PyObject *func_dict;         /* or NULL */
    PyObject *func_weakreflist;
    PyObject *func_module;
    PyObject *func_annotations;  /* dict, or flat tuple until asked for, or NULL */
    vectorcallfunc vectorcall;
    uint32_t func_version;       /* guards specialised calls; 0: none */
} PyFunctionObject;

PyAPI_DATA(PyTypeObject) PyClassMethod_Type;
PyAPI_DATA(PyTypeObject) PyFunction_Type;
PyAPI_DATA(PyTypeObject) PyStaticMethod_Type;
#define PyFunction_Check(op) Py_IS_TYPE(op, &PyFunction_Type)

/* All borrow. */
PyAPI_FUNC(PyObject *) PyFunction_GetAnnotations(PyObject *);
PyAPI_FUNC(PyObject *) PyFunction_GetClosure(PyObject *);
PyAPI_FUNC(PyObject *) PyFunction_GetCode(PyObject *);
PyAPI_FUNC(PyObject *) PyFunction_GetDefaults(PyObject *);
PyAPI_FUNC(PyObject *) PyFunction_GetGlobals(PyObject *);
PyAPI_FUNC(PyObject *) PyFunction_GetKwDefaults(PyObject *);
PyAPI_FUNC(PyObject *) PyFunction_GetModule(PyObject *);
PyAPI_FUNC(PyObject *) PyClassMethod_New(PyObject *);
PyAPI_FUNC(PyObject *) PyFunction_New(PyObject *, PyObject *);
PyAPI_FUNC(PyObject *) PyFunction_NewWithQualName(PyObject *, PyObject *, PyObject *);
PyAPI_FUNC(int) PyFunction_SetAnnotations(PyObject *, PyObject *);
PyAPI_FUNC(int) PyFunction_SetClosure(PyObject *, PyObject *);
PyAPI_FUNC(int) PyFunction_SetDefaults(PyObject *, PyObject *);
PyAPI_FUNC(int) PyFunction_SetKwDefaults(PyObject *, PyObject *);
PyAPI_FUNC(PyObject *) _PyFunction_Vectorcall(PyObject *func, PyObject *const *stack, size_t nargsf,
    PyObject *kwnames);
PyAPI_FUNC(PyObject *) PyStaticMethod_New(PyObject *);

#define PyFunction_GET_CODE(func) (((PyFunctionObject *)func)->func_code)
#define PyFunction_GET_GLOBALS(func) (((PyFunctionObject *)func)->func_globals)
#define PyFunction_GET_MODULE(func) (((PyFunctionObject *)func)->func_module)
#define PyFunction_GET_DEFAULTS(func) (((PyFunctionObject *)func)->func_defaults)
#define PyFunction_GET_KW_DEFAULTS(func) (((PyFunctionObject *)func)->func_kwdefaults)
#define PyFunction_GET_CLOSURE(func) (((PyFunctionObject *)func)->func_closure)
#define PyFunction_GET_ANNOTATIONS(func) (((PyFunctionObject *)func)->func_annotations)
#endif

#ifdef __cplusplus
}
#endif

#endif /* Py_FUNCOBJECT_H */
