/* The datetime module's objects and its C API. A module that uses the API runs PyDateTime_IMPORT
 * first; PyDateTimeAPI is NULL (with an exception) if that fails.
 */
#ifndef DATETIME_H
#define DATETIME_H

#ifdef __cplusplus
extern "C" {
#endif

#ifndef Py_LIMITED_API
#define _PyDateTime_DATE_DATASIZE 4
#define _PyDateTime_TIME_DATASIZE 6
#define _PyDateTime_DATETIME_DATASIZE 10

/* --- objects --- */
typedef struct {
    PyObject_HEAD
    Py_hash_t hashcode;  /* -1 until computed */
    int days;            /* the three normalised as in Python */
    int seconds;         /* 0 … 86399 */
    int microseconds;    /* 0 … 999999 */
} PyDateTime_Delta;

typedef struct {
    PyObject_HEAD
} PyDateTime_TZInfo;

/* Fields are stored big-endian in `data`, the way they are pickled. The structs whose name starts
 * with _PyDateTime_Base are what an object without tzinfo allocates. */
typedef struct {
    PyObject_HEAD
    Py_hash_t hashcode;
    char hastzinfo;
} _PyDateTime_BaseTZInfo;

typedef struct {
    PyObject_HEAD
    Py_hash_t hashcode;
    char hastzinfo;
    unsigned char data[4];  /* year (2), month, day */
} PyDateTime_Date;

typedef struct {
    PyObject_HEAD
    Py_hash_t hashcode;
    char hastzinfo;
    unsigned char data[6];
} _PyDateTime_BaseTime;

typedef struct {
    PyObject_HEAD
    Py_hash_t hashcode;
    char hastzinfo;
    unsigned char data[6];  /* hour, minute, second, microsecond (3) */
    unsigned char fold;     /* 0 or 1 */
    PyObject *tzinfo;       /* only there if hastzinfo */
} PyDateTime_Time;

typedef struct {
    PyObject_HEAD
    Py_hash_t hashcode;
    char hastzinfo;
    unsigned char data[10];
} _PyDateTime_BaseDateTime;

typedef struct {
    PyObject_HEAD
    Py_hash_t hashcode;
    char hastzinfo;
    unsigned char data[10];  /* date, then time */
    unsigned char fold;      /* 0 or 1 */
    PyObject *tzinfo;        /* only there if hastzinfo */
} PyDateTime_DateTime;

/* --- fields --- */
#define _PyDateTime_DATA(type, o, i) (((type *)(o))->data[i])
#define _PyDateTime_HAS_TZINFO(o) (((_PyDateTime_BaseTZInfo *)(o))->hastzinfo)

/* Of a date or datetime. */
#define PyDateTime_GET_YEAR(o)                                                                 \
    ((_PyDateTime_DATA(PyDateTime_Date, o, 0) << 8) | _PyDateTime_DATA(PyDateTime_Date, o, 1))
#define PyDateTime_GET_MONTH(o) _PyDateTime_DATA(PyDateTime_Date, o, 2)
#define PyDateTime_GET_DAY(o) _PyDateTime_DATA(PyDateTime_Date, o, 3)

/* Of a datetime; tzinfo is borrowed. */
#define PyDateTime_DATE_GET_HOUR(o) _PyDateTime_DATA(PyDateTime_DateTime, o, 4)
#define PyDateTime_DATE_GET_MINUTE(o) _PyDateTime_DATA(PyDateTime_DateTime, o, 5)
#define PyDateTime_DATE_GET_SECOND(o) _PyDateTime_DATA(PyDateTime_DateTime, o, 6)
#define PyDateTime_DATE_GET_MICROSECOND(o)                                                     \
    ((_PyDateTime_DATA(PyDateTime_DateTime, o, 7) << 16) |                                     \
     (_PyDateTime_DATA(PyDateTime_DateTime, o, 8) << 8) |                                      \
     _PyDateTime_DATA(PyDateTime_DateTime, o, 9))
#define PyDateTime_DATE_GET_FOLD(o) (((PyDateTime_DateTime *)(o))->fold)
#define PyDateTime_DATE_GET_TZINFO(o)                                                          \
    (_PyDateTime_HAS_TZINFO(o) ? ((PyDateTime_DateTime *)(o))->tzinfo : Py_None)

/* Of a time; tzinfo is borrowed. */
#define PyDateTime_TIME_GET_HOUR(o) _PyDateTime_DATA(PyDateTime_Time, o, 0)
#define PyDateTime_TIME_GET_MINUTE(o) _PyDateTime_DATA(PyDateTime_Time, o, 1)
#define PyDateTime_TIME_GET_SECOND(o) _PyDateTime_DATA(PyDateTime_Time, o, 2)
#define PyDateTime_TIME_GET_MICROSECOND(o)                                                     \
    ((_PyDateTime_DATA(PyDateTime_Time, o, 3) << 16) |                                         \
     (_PyDateTime_DATA(PyDateTime_Time, o, 4) << 8) | _PyDateTime_DATA(PyDateTime_Time, o, 5))
#define PyDateTime_TIME_GET_FOLD(o) (((PyDateTime_Time *)(o))->fold)
#define PyDateTime_TIME_GET_TZINFO(o)                                                          \
    (_PyDateTime_HAS_TZINFO(o) ? ((PyDateTime_Time *)(o))->tzinfo : Py_None)

/* Of a timedelta. */
#define PyDateTime_DELTA_GET_DAYS(o) (((PyDateTime_Delta *)(o))->days)
#define PyDateTime_DELTA_GET_SECONDS(o) (((PyDateTime_Delta *)(o))->seconds)
#define PyDateTime_DELTA_GET_MICROSECONDS(o) (((PyDateTime_Delta *)(o))->microseconds)

/* --- the capsule --- */
typedef struct {
    PyTypeObject *DateType;
    PyTypeObject *DateTimeType;
    PyTypeObject *TimeType;
    PyTypeObject *DeltaType;
    PyTypeObject *TZInfoType;
    PyObject *TimeZone_UTC;
    PyObject *(*Date_FromDate)(int, int, int, PyTypeObject *);
    PyObject *(*DateTime_FromDateAndTime)(int, int, int, int, int, int, int, PyObject *,
        PyTypeObject *);
    PyObject *(*Time_FromTime)(int, int, int, int, PyObject *, PyTypeObject *);
    PyObject *(*Delta_FromDelta)(int, int, int, int, PyTypeObject *);
    PyObject *(*TimeZone_FromTimeZone)(PyObject *, PyObject *);
    PyObject *(*DateTime_FromTimestamp)(PyObject *, PyObject *, PyObject *);
    PyObject *(*Date_FromTimestamp)(PyObject *, PyObject *);
    PyObject *(*DateTime_FromDateAndTimeAndFold)(int, int, int, int, int, int, int, PyObject *, int,
        PyTypeObject *);
    PyObject *(*Time_FromTimeAndFold)(int, int, int, int, PyObject *, int, PyTypeObject *);
} PyDateTime_CAPI;

#define PyDateTime_CAPSULE_NAME "datetime.datetime_CAPI"

/* The module itself defines this and uses none of the rest. */
#ifndef _PY_DATETIME_IMPL
static PyDateTime_CAPI *PyDateTimeAPI __attribute__((unused)) = NULL;

#define PyDateTime_IMPORT                                                                      \
    PyDateTimeAPI = (PyDateTime_CAPI *)PyCapsule_Import(PyDateTime_CAPSULE_NAME, 0)

#define PyDateTime_TimeZone_UTC PyDateTimeAPI->TimeZone_UTC

#define PyDate_Check(op) PyObject_TypeCheck(op, PyDateTimeAPI->DateType)
#define PyDate_CheckExact(op) Py_IS_TYPE(op, PyDateTimeAPI->DateType)
#define PyDateTime_Check(op) PyObject_TypeCheck(op, PyDateTimeAPI->DateTimeType)
#define PyDateTime_CheckExact(op) Py_IS_TYPE(op, PyDateTimeAPI->DateTimeType)
#define PyTime_Check(op) PyObject_TypeCheck(op, PyDateTimeAPI->TimeType)
#define PyTime_CheckExact(op) Py_IS_TYPE(op, PyDateTimeAPI->TimeType)
#define PyDelta_Check(op) PyObject_TypeCheck(op, PyDateTimeAPI->DeltaType)
#define PyDelta_CheckExact(op) Py_IS_TYPE(op, PyDateTimeAPI->DeltaType)
#define PyTZInfo_Check(op) PyObject_TypeCheck(op, PyDateTimeAPI->TZInfoType)
#define PyTZInfo_CheckExact(op) Py_IS_TYPE(op, PyDateTimeAPI->TZInfoType)

/* New references. */
#define PyDate_FromDate(year, month, day)                                                      \
    PyDateTimeAPI->Date_FromDate(year, month, day, PyDateTimeAPI->DateType)
#define PyDateTime_FromDateAndTime(year, month, day, hour, min, sec, usec)                     \
    PyDateTimeAPI->DateTime_FromDateAndTime(year, month, day, hour, min, sec, usec, Py_None,   \
                                            PyDateTimeAPI->DateTimeType)
#define PyDateTime_FromDateAndTimeAndFold(year, month, day, hour, min, sec, usec, fold)        \
    PyDateTimeAPI->DateTime_FromDateAndTimeAndFold(year, month, day, hour, min, sec, usec,     \
                                                   Py_None, fold, PyDateTimeAPI->DateTimeType)
#define PyTime_FromTime(hour, minute, second, usecond)                                         \
    PyDateTimeAPI->Time_FromTime(hour, minute, second, usecond, Py_None, PyDateTimeAPI->TimeType)
#define PyTime_FromTimeAndFold(hour, minute, second, usecond, fold)                            \
    PyDateTimeAPI->Time_FromTimeAndFold(hour, minute, second, usecond, Py_None, fold,          \
                                        PyDateTimeAPI->TimeType)
#define PyDelta_FromDSU(days, seconds, useconds)                                               \
    PyDateTimeAPI->Delta_FromDelta(days, seconds, useconds, 1, PyDateTimeAPI->DeltaType)
#define PyTimeZone_FromOffset(offset) PyDateTimeAPI->TimeZone_FromTimeZone(offset, NULL)
#define PyTimeZone_FromOffsetAndName(offset, name)                                             \
    PyDateTimeAPI->TimeZone_FromTimeZone(offset, name)

/* For the database API: arguments as a tuple. */
#define PyDateTime_FromTimestamp(args)                                                         \
    PyDateTimeAPI->DateTime_FromTimestamp((PyObject *)(PyDateTimeAPI->DateTimeType), args, NULL)
#define PyDate_FromTimestamp(args)                                                             \
    PyDateTimeAPI->Date_FromTimestamp((PyObject *)(PyDateTimeAPI->DateType), args)
#endif
#endif

#ifdef __cplusplus
}
#endif

#endif /* DATETIME_H */
