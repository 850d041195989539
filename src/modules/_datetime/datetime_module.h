/* _datetime: what its files share.
 *
 * The layouts are those of include/datetime.h. An object without tzinfo is allocated short, without that field
 * (moment_alloc), so `tzinfo` may be read only after HAS_TZINFO(). Spans are counted in microseconds as __int128: the
 * largest timedelta has 67 bits.
 */
#ifndef KRAIT_MODULES_DATETIME_H
#define KRAIT_MODULES_DATETIME_H

#include <Python.h>
#include <stdbool.h>

#define _PY_DATETIME_IMPL
#include <datetime.h>

#include "memory/memory.h"
#include "objects/names.h"

typedef PyDateTime_Delta Delta;
typedef PyDateTime_Date Date;
typedef PyDateTime_Time Time;
typedef PyDateTime_DateTime Moment;
typedef __int128 Micros;

typedef struct {
    PyObject_HEAD
    PyObject *offset;       /* owned timedelta */
    PyObject *name;         /* owned str or NULL */
} Zone;

extern PyTypeObject datetime_date_type, datetime_time_type, datetime_datetime_type, datetime_delta_type,
    datetime_tzinfo_type, datetime_timezone_type, datetime_isocalendar_type;

#define PyDate_Check(op) PyObject_TypeCheck((PyObject *)(op), &datetime_date_type)
#define PyDateTime_Check(op) PyObject_TypeCheck((PyObject *)(op), &datetime_datetime_type)
#define PyTime_Check(op) PyObject_TypeCheck((PyObject *)(op), &datetime_time_type)
#define PyDelta_Check(op) PyObject_TypeCheck((PyObject *)(op), &datetime_delta_type)
#define PyTZInfo_Check(op) PyObject_TypeCheck((PyObject *)(op), &datetime_tzinfo_type)

#define HAS_TZINFO(op) _PyDateTime_HAS_TZINFO(op)

/* Objects that live as long as the process; filled when the module is first made. */
struct DatetimeRuntime {
    PyObject *utc;              /* timezone.utc */
    PyObject *epoch;            /* datetime(1970, 1, 1, tzinfo=utc) */
    PyObject *second;           /* timedelta(seconds=1) */
};
extern struct DatetimeRuntime datetime_runtime;

enum { MINYEAR = 1, MAXYEAR = 9999, MAXORDINAL = 3652059, MAX_DELTA_DAYS = 999999999 };
#define MICROS_PER_SECOND 1000000
#define MICROS_PER_DAY ((Micros)86400 * MICROS_PER_SECOND)

/* The fields of a datetime, or of a date or time alone. */
typedef struct {
    int year, month, day, hour, minute, second, us, fold;
    PyObject *tzinfo;           /* borrowed; Py_None without */
} Fields;

/* ---- arguments.c ---- */
/* Sorts the arguments by name into `values` (borrowed, NULL where missing); false when this is not a plain case. */
bool arguments_collect(PyObject *args, PyObject *kwargs, char *const *names, int count, PyObject **values);
/* An exact int that fits; a missing one leaves *out alone. False for all else, without an exception. */
bool arguments_int(PyObject *value, int *out);

/* ---- calendar.c ---- */
bool calendar_is_leap(int year);
int calendar_days_in_month(int year, int month);
int calendar_days_before_month(int year, int month);
int calendar_ordinal(int year, int month, int day);
void calendar_from_ordinal(int ordinal, int *year, int *month, int *day);
int calendar_weekday(int year, int month, int day);         /* Monday is 0 */
int calendar_iso_week1_monday(int year);                    /* its ordinal */
/* The ISO week: 0, or -1 with nothing set: see the callers. */
int calendar_from_iso(int iso_year, int week, int weekday, int *year, int *month, int *day);
void calendar_to_iso(int year, int month, int day, int *iso_year, int *week, int *weekday);
int check_date(int year, int month, int day);
int check_time(int hour, int minute, int second, int us, int fold);
int check_tzinfo(PyObject *tzinfo);
/* Brings the fields that an addition has left out of range back in. -1 with OverflowError. */
int fields_normalize(Fields *fields);

/* ---- delta.c ---- */
PyObject *delta_new(PyTypeObject *type, int days, int seconds, int us, bool normalize);
PyObject *delta_from_micros(PyTypeObject *type, Micros micros);
Micros delta_micros(const PyObject *delta);
int delta_compare(const PyObject *a, const PyObject *b);
extern PyObject *delta_subtract(PyObject *left, PyObject *right);

/* ---- zone.c ---- */
PyObject *zone_new(PyObject *offset, PyObject *name);
/* Calls utcoffset() or dst() of a tzinfo: a timedelta or None, owned. */
PyObject *zone_call_offset(PyObject *tzinfo, const char *method, PyObject *arg);
PyObject *zone_call_name(PyObject *tzinfo, PyObject *arg);
PyObject *zone_local(time_t timestamp);

/* ---- format.c ---- */
char *put_digits(char *to, int value, int count);
/* +HH<separator>MM[…] of the tzinfo's utcoffset(arg); "" for None. -1 with an exception; else the length. */
int format_offset(char *buffer, size_t size, const char *separator, PyObject *tzinfo, PyObject *arg);
/* HH:MM:SS.ffffff as `timespec` says; NULL with ValueError. */
char *format_time(char *to, const Fields *f, const char *timespec);
PyObject *format_strftime(PyObject *self, PyObject *format, PyObject *timetuple, PyObject *tzinfo_arg);
PyObject *make_struct_time(const Fields *f, int dst);
PyObject *format_ctime(const Fields *f);
PyObject *method_format(PyObject *self, PyObject *args);

/* ---- parse.c ---- */
enum { PARSED_NAIVE = 0, PARSED_AWARE = 1 };
int parse_date(const char *text, size_t length, Fields *f);
int parse_time(const char *text, size_t length, Fields *f, int *offset, int *offset_us);
int parse_datetime(const char *text, size_t length, Fields *f, int *offset, int *offset_us);
/* The tzinfo for a parse's result, owned: None, UTC or a timezone. */
PyObject *parsed_tzinfo(int status, int offset, int offset_us);

/* ---- date.c ---- */
PyObject *date_new(PyTypeObject *type, int year, int month, int day);
PyObject *date_new_subclass(PyObject *cls, int year, int month, int day);

/* ---- time.c ---- */
PyObject *moment_alloc(PyTypeObject *type, Py_ssize_t aware);
PyObject *time_new(PyTypeObject *type, const Fields *f);
Fields time_fields(PyObject *self);

/* ---- datetime.c, datetime_local.c ---- */
PyObject *datetime_new(PyTypeObject *type, const Fields *f);
PyObject *datetime_new_subclass(PyObject *cls, const Fields *f);
Fields datetime_fields(PyObject *self);
/* self + factor * delta, of the same class. */
PyObject *datetime_add_delta(PyObject *self, PyObject *delta, int factor);
PyObject *datetime_subtract_naive(PyObject *left, PyObject *right);
long long seconds_from_fields(const Fields *f);             /* since year 1; -1 with ValueError */
long long local_to_seconds(const Fields *f);
PyObject *datetime_from_timestamp(PyObject *cls, PyObject *timestamp, bool local, PyObject *tzinfo);
PyObject *datetime_best_now(PyObject *cls, bool local, PyObject *tzinfo);
PyObject *datetime_astimezone(PyObject *self, PyObject *args, PyObject *kwargs);
PyObject *datetime_timestamp(PyObject *self, PyObject *ignored);
extern PyMethodDef datetime_methods[];

/* For unpickling: the 1-byte characters of a bytes or str state of `size`. 1: *out is an owned bytes; 0: no state, -1. */
int read_state(PyObject *state, Py_ssize_t size, int at, int limit, const char *what, PyObject **out);
/* The function of the module time by its name: owned; and what it returns. arg may be NULL. */
PyObject *time_function(PyObject *name);
PyObject *call_time(PyObject *name, PyObject *arg);

#endif
