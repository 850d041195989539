/* Times as 64-bit nanoseconds (_PyTime_t): conversions with a stated rounding, and the system's clocks.
 *
 * Sums and products saturate at the ends of the range. A conversion that would not fit raises OverflowError.
 */
#include <Python.h>

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <time.h>
#include <sys/time.h>

#define NS_PER_SEC 1000000000LL

static int time_overflow(void)
{
    PyErr_SetString(PyExc_OverflowError, "timestamp too large to convert to C _PyTime_t");
    return -1;
}

static int time_t_overflow(void)
{
    PyErr_SetString(PyExc_OverflowError, "timestamp out of range for platform time_t");
    return -1;
}

static int not_a_number(void)
{
    PyErr_SetString(PyExc_ValueError, "Invalid value NaN (not a number)");
    return -1;
}

static double round_double(double x, _PyTime_round_t round)
{
    switch (round) {
    case _PyTime_ROUND_FLOOR: return floor(x);
    case _PyTime_ROUND_CEILING: return ceil(x);
    case _PyTime_ROUND_UP: return x >= 0 ? ceil(x) : floor(x);
    default: return nearbyint(x);       /* the default mode of the processor: half to even */
    }
}

/* t / k, rounded; k > 1. */
static _PyTime_t divide(_PyTime_t t, _PyTime_t k, _PyTime_round_t round)
{
    _PyTime_t q = t / k, r = t % k;
    if (!r) return q;
    switch (round) {
    case _PyTime_ROUND_FLOOR: return t < 0 ? q - 1 : q;
    case _PyTime_ROUND_CEILING: return t < 0 ? q : q + 1;
    case _PyTime_ROUND_UP: return t < 0 ? q - 1 : q + 1;
    default: {
        _PyTime_t twice = 2 * (r < 0 ? -r : r);
        if (twice > k || (twice == k && (q & 1))) return t < 0 ? q - 1 : q + 1;
        return q;
    }
    }
}

static _PyTime_t multiply(_PyTime_t t, _PyTime_t k)
{
    _PyTime_t product;
    if (__builtin_mul_overflow(t, k, &product)) return t < 0 ? _PyTime_MIN : _PyTime_MAX;
    return product;
}

/* Sum, saturating. */
_PyTime_t _PyTime_Add(_PyTime_t t1, _PyTime_t t2)
{
    _PyTime_t sum;
    if (__builtin_add_overflow(t1, t2, &sum)) return t2 > 0 ? _PyTime_MAX : _PyTime_MIN;
    return sum;
}

/* ticks * mul / div without an intermediate overflow, saturating. */
_PyTime_t _PyTime_MulDiv(_PyTime_t ticks, _PyTime_t mul, _PyTime_t div)
{
    _PyTime_t whole = multiply(ticks / div, mul), rest = multiply(ticks % div, mul) / div;
    return _PyTime_Add(whole, rest);
}

/* ---- To and from Python objects ---- */

/* OverflowError if the int does not fit a time_t; -1 with an exception set. */
time_t _PyLong_AsTime_t(PyObject *obj)
{
    long long value = PyLong_AsLongLong(obj);
    if (value == -1 && PyErr_Occurred()) {
        if (PyErr_ExceptionMatches(PyExc_OverflowError)) time_t_overflow();
        return -1;
    }
    return (time_t)value;
}

PyObject *_PyLong_FromTime_t(time_t t)
{
    return PyLong_FromLongLong(t);
}

/* Seconds and a fraction counted in 1/denominator. */
static int object_to_pair(PyObject *obj, time_t *sec, long *part, long denominator, _PyTime_round_t round)
{
    if (!PyFloat_Check(obj)) {
        *sec = _PyLong_AsTime_t(obj);
        *part = 0;
        return *sec == (time_t)-1 && PyErr_Occurred() ? -1 : 0;
    }
    double x = PyFloat_AS_DOUBLE(obj), whole;
    if (isnan(x)) {
        *part = 0;
        return not_a_number();
    }
    double fraction = round_double(modf(x, &whole) * (double)denominator, round);
    if (fraction >= (double)denominator) {
        fraction -= (double)denominator;
        whole += 1.0;
    } else if (fraction < 0) {
        fraction += (double)denominator;
        whole -= 1.0;
    }
    if (!(whole >= -0x1p63 && whole < 0x1p63)) return time_t_overflow();
    *sec = (time_t)whole;
    *part = (long)fraction;
    return 0;
}

int _PyTime_ObjectToTime_t(PyObject *obj, time_t *sec, _PyTime_round_t round)
{
    if (!PyFloat_Check(obj)) {
        *sec = _PyLong_AsTime_t(obj);
        return *sec == (time_t)-1 && PyErr_Occurred() ? -1 : 0;
    }
    double x = PyFloat_AS_DOUBLE(obj);
    if (isnan(x)) return not_a_number();
    x = round_double(x, round);
    if (!(x >= -0x1p63 && x < 0x1p63)) return time_t_overflow();
    *sec = (time_t)x;
    return 0;
}

int _PyTime_ObjectToTimespec(PyObject *obj, time_t *sec, long *nsec, _PyTime_round_t round)
{
    return object_to_pair(obj, sec, nsec, NS_PER_SEC, round);
}

int _PyTime_ObjectToTimeval(PyObject *obj, time_t *sec, long *usec, _PyTime_round_t round)
{
    return object_to_pair(obj, sec, usec, 1000000, round);
}

_PyTime_t _PyTime_FromSeconds(int seconds)
{
    return _PYTIME_FROMSECONDS(seconds);
}

_PyTime_t _PyTime_FromNanoseconds(_PyTime_t ns)
{
    return ns;
}

int _PyTime_FromNanosecondsObject(_PyTime_t *t, PyObject *obj)
{
    if (!PyLong_Check(obj)) {
        PyErr_Format(PyExc_TypeError, "expect int, got %s", Py_TYPE(obj)->tp_name);
        return -1;
    }
    long long ns = PyLong_AsLongLong(obj);
    if (ns == -1 && PyErr_Occurred()) {
        return PyErr_ExceptionMatches(PyExc_OverflowError) ? time_overflow() : -1;
    }
    *t = ns;
    return 0;
}

/* An int or float counted in `unit` nanoseconds. */
static int from_object(_PyTime_t *t, PyObject *obj, _PyTime_round_t round, long unit)
{
    if (PyFloat_Check(obj)) {
        double x = PyFloat_AS_DOUBLE(obj);
        if (isnan(x)) return not_a_number();
        x = round_double(x * (double)unit, round);
        if (!(x >= -0x1p63 && x < 0x1p63)) {
            *t = 0;
            return time_overflow();
        }
        *t = (_PyTime_t)x;
        return 0;
    }
    long long count = PyLong_AsLongLong(obj);
    if (count == -1 && PyErr_Occurred()) {
        return PyErr_ExceptionMatches(PyExc_OverflowError) ? time_overflow() : -1;
    }
    if (__builtin_mul_overflow(count, (long long)unit, (long long *)t)) return time_overflow();
    return 0;
}

int _PyTime_FromSecondsObject(_PyTime_t *t, PyObject *obj, _PyTime_round_t round)
{
    return from_object(t, obj, round, NS_PER_SEC);
}

int _PyTime_FromMillisecondsObject(_PyTime_t *t, PyObject *obj, _PyTime_round_t round)
{
    return from_object(t, obj, round, 1000000);
}

double _PyTime_AsSecondsDouble(_PyTime_t t)
{
    /* Whole seconds are exact even where the nanoseconds would not fit a double. */
    if (t % NS_PER_SEC == 0) return (double)(t / NS_PER_SEC);
    return (double)t / 1e9;
}

PyObject *_PyTime_AsNanosecondsObject(_PyTime_t t)
{
    return PyLong_FromLongLong(t);
}

/* ---- To and from the system's structs ---- */

static int from_parts(_PyTime_t *t, time_t seconds, long part, long unit)
{
    _PyTime_t result = multiply(seconds, NS_PER_SEC);
    bool overflowed = result == _PyTime_MIN || result == _PyTime_MAX;
    *t = _PyTime_Add(result, part * unit);
    return overflowed ? time_overflow() : 0;
}

int _PyTime_FromTimespec(_PyTime_t *t, struct timespec *ts)
{
    return from_parts(t, ts->tv_sec, ts->tv_nsec, 1);
}

int _PyTime_FromTimeval(_PyTime_t *t, struct timeval *tv)
{
    return from_parts(t, tv->tv_sec, tv->tv_usec, 1000);
}

_PyTime_t _PyTime_AsNanoseconds(_PyTime_t t)
{
    return t;
}

_PyTime_t _PyTime_AsMicroseconds(_PyTime_t t, _PyTime_round_t round)
{
    return divide(t, 1000, round);
}

_PyTime_t _PyTime_AsMilliseconds(_PyTime_t t, _PyTime_round_t round)
{
    return divide(t, 1000000, round);
}

/* Splits into seconds and a remainder that is not negative. */
static void split(_PyTime_t t, _PyTime_t per_second, time_t *seconds, long *rest)
{
    *seconds = t / per_second;
    *rest = t % per_second;
    if (*rest < 0) {
        *rest += per_second;
        *seconds -= 1;
    }
}

void _PyTime_AsTimeval_clamp(_PyTime_t t, struct timeval *tv, _PyTime_round_t round)
{
    split(divide(t, 1000, round), 1000000, &tv->tv_sec, &tv->tv_usec);
}

int _PyTime_AsTimeval(_PyTime_t t, struct timeval *tv, _PyTime_round_t round)
{
    _PyTime_AsTimeval_clamp(t, tv, round);
    return 0;
}

int _PyTime_AsTimevalTime_t(_PyTime_t t, time_t *secs, int *us, _PyTime_round_t round)
{
    struct timeval tv;
    _PyTime_AsTimeval_clamp(t, &tv, round);
    *secs = tv.tv_sec;
    *us = (int)tv.tv_usec;
    return 0;
}

void _PyTime_AsTimespec_clamp(_PyTime_t t, struct timespec *ts)
{
    split(t, NS_PER_SEC, &ts->tv_sec, &ts->tv_nsec);
}

int _PyTime_AsTimespec(_PyTime_t t, struct timespec *ts)
{
    _PyTime_AsTimespec_clamp(t, ts);
    return 0;
}

/* ---- Clocks ---- */

static int read_clock(clockid_t id, const char *name, bool adjustable, bool monotonic, _PyTime_t *t, _Py_clock_info_t *info)
{
    struct timespec ts;
    if (clock_gettime(id, &ts) != 0) {
        PyErr_SetFromErrno(PyExc_OSError);
        return -1;
    }
    if (_PyTime_FromTimespec(t, &ts) < 0) return -1;
    if (info) {
        info->implementation = name;
        info->monotonic = monotonic;
        info->adjustable = adjustable;
        info->resolution = clock_getres(id, &ts) == 0 ? (double)ts.tv_sec + (double)ts.tv_nsec * 1e-9 : 1e-9;
    }
    return 0;
}

/* The clock as nanoseconds, 0 if it cannot be read; sets no exception and needs no thread state. */
static _PyTime_t read_quietly(clockid_t id)
{
    struct timespec ts;
    if (clock_gettime(id, &ts) != 0) return 0;
    return _PyTime_Add(multiply(ts.tv_sec, NS_PER_SEC), ts.tv_nsec);
}

_PyTime_t _PyTime_GetSystemClock(void)
{
    return read_quietly(CLOCK_REALTIME);
}

int _PyTime_GetSystemClockWithInfo(_PyTime_t *t, _Py_clock_info_t *info)
{
    return read_clock(CLOCK_REALTIME, "clock_gettime(CLOCK_REALTIME)", true, false, t, info);
}

_PyTime_t _PyTime_GetMonotonicClock(void)
{
    return read_quietly(CLOCK_MONOTONIC);
}

int _PyTime_GetMonotonicClockWithInfo(_PyTime_t *t, _Py_clock_info_t *info)
{
    return read_clock(CLOCK_MONOTONIC, "clock_gettime(CLOCK_MONOTONIC)", false, true, t, info);
}

_PyTime_t _PyTime_GetPerfCounter(void)
{
    return read_quietly(CLOCK_MONOTONIC);
}

int _PyTime_GetPerfCounterWithInfo(_PyTime_t *t, _Py_clock_info_t *info)
{
    return _PyTime_GetMonotonicClockWithInfo(t, info);
}

/* The moment, on the monotonic clock, at which a timeout that starts now ends. */
_PyTime_t _PyDeadline_Init(_PyTime_t timeout)
{
    return _PyTime_Add(_PyTime_GetMonotonicClock(), timeout);
}

/* What is left until a deadline; negative when it is past. */
_PyTime_t _PyDeadline_Get(_PyTime_t deadline)
{
    return deadline - _PyTime_GetMonotonicClock();
}

static int break_down(struct tm *(*convert)(const time_t *, struct tm *), time_t t, struct tm *tm)
{
    errno = 0;
    if (convert(&t, tm)) return 0;
    if (errno == 0) errno = EINVAL;
    PyErr_SetFromErrno(PyExc_OSError);
    return -1;
}

int _PyTime_localtime(time_t t, struct tm *tm)
{
    return break_down(localtime_r, t, tm);
}

int _PyTime_gmtime(time_t t, struct tm *tm)
{
    return break_down(gmtime_r, t, tm);
}
