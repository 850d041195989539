/* Telling tracemalloc about memory it does not see. */
#ifndef Py_TRACEMALLOC_H
#define Py_TRACEMALLOC_H

#ifdef __cplusplus
extern "C" {
#endif

#ifndef Py_LIMITED_API
PyAPI_FUNC(PyObject *) _PyTraceMalloc_GetTraceback(unsigned int domain, uintptr_t ptr);
PyAPI_FUNC(int) PyTraceMalloc_Track(unsigned int domain, uintptr_t ptr, size_t size);
PyAPI_FUNC(int) PyTraceMalloc_Untrack(unsigned int domain, uintptr_t ptr);
#endif

#ifdef __cplusplus
}
#endif

#endif /* Py_TRACEMALLOC_H */
