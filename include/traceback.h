/* Tracebacks. */
#ifndef Py_TRACEBACK_H
#define Py_TRACEBACK_H

#ifdef __cplusplus
extern "C" {
#endif

PyAPI_DATA(PyTypeObject) PyTraceBack_Type;
PyAPI_FUNC(int) PyTraceBack_Here(PyFrameObject *);
PyAPI_FUNC(int) PyTraceBack_Print(PyObject *, PyObject *);
#define PyTraceBack_Check(v) Py_IS_TYPE(v, &PyTraceBack_Type)

#ifndef Py_LIMITED_API
typedef struct _traceback PyTracebackObject;

struct _traceback {
    PyObject_HEAD
    PyTracebackObject *tb_next;  /* towards where the exception was raised */
    PyFrameObject *tb_frame;
    int tb_lasti;
    int tb_lineno;               /* -1: look it up from tb_lasti */
};

PyAPI_FUNC(int) _Py_DisplaySourceLine(PyObject *, PyObject *, int, int, int *, PyObject **);
PyAPI_FUNC(void) _PyTraceback_Add(const char *, const char *, int);
#endif

#ifdef __cplusplus
}
#endif

#endif /* Py_TRACEBACK_H */
