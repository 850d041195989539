/* The inside of an int: |ob_size| digits of 30 bits, least significant first; the sign of ob_size
 * is the number's. No leading zero digit; 0 has ob_size 0.
 */
#ifndef Py_LONGINTREPR_H
#define Py_LONGINTREPR_H

#ifdef __cplusplus
extern "C" {
#endif

#ifndef Py_LIMITED_API
typedef uint32_t digit;
typedef int32_t sdigit;
typedef uint64_t twodigits;
typedef int64_t stwodigits;
#define PyLong_SHIFT 30
#define _PyLong_DECIMAL_SHIFT 9
#define _PyLong_DECIMAL_BASE ((digit)1000000000)
#define PyLong_BASE ((digit)1 << PyLong_SHIFT)
#define PyLong_MASK ((digit)(PyLong_BASE - 1))

struct _longobject {
    PyObject_VAR_HEAD
    digit ob_digit[1];
};

PyAPI_FUNC(PyObject *) _PyLong_Copy(PyLongObject *src);
PyAPI_FUNC(PyLongObject *) _PyLong_New(Py_ssize_t);
#endif

#ifdef __cplusplus
}
#endif

#endif /* Py_LONGINTREPR_H */
