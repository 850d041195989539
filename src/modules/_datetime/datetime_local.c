/* datetime and the clock: time stamps, local time, astimezone(). Seconds are counted from the first of January of year 1
 * (with year 1 beginning at 86400), which is what POSIX time stamps are once EPOCH is added. */
#include "modules/_datetime/datetime_module.h"

#include <time.h>

static const long long EPOCH = 719163LL * 86400;
static const long long MAX_FOLD = 24 * 3600;

long long seconds_from_fields(const Fields *f)
{
    if (f->year < MINYEAR || f->year > MAXYEAR) {
        PyErr_Format(PyExc_ValueError, "year %i is out of range", f->year);
        return -1;
    }
    return ((calendar_ordinal(f->year, f->month, f->day) * 24LL + f->hour) * 60 + f->minute) * 60 + f->second;
}

static Fields fields_from_tm(const struct tm *tm)
{
    return (Fields){tm->tm_year + 1900, tm->tm_mon + 1, tm->tm_mday, tm->tm_hour, tm->tm_min,
                    tm->tm_sec < 59 ? tm->tm_sec : 59, .tzinfo = Py_None};
}

/* Local time of a time in UTC, both counted as above; -1 with an exception. */
static long long local(long long u)
{
    struct tm tm;
    if (_PyTime_localtime((time_t)(u - EPOCH), &tm) != 0) return -1;
    Fields f = fields_from_tm(&tm);
    f.second = tm.tm_sec;
    return seconds_from_fields(&f);
}

/* The u with local(u) == f: where there are two, fold picks; in a gap, as if the offset had not changed (fold 0) or had. */
long long local_to_seconds(const Fields *f)
{
    long long t = seconds_from_fields(f), there, a, b, u1, u2, t1, t2;
    if (t == -1) return -1;
    if ((there = local(t)) == -1) return -1;
    a = there - t;
    u1 = t - a;
    if ((t1 = local(u1)) == -1) return -1;
    if (t1 == t) {
        u2 = f->fold ? u1 + MAX_FOLD : u1 - MAX_FOLD;
        if ((there = local(u2)) == -1) return -1;
        b = there - u2;
        if (a == b) return u1;
    }
    else {
        b = t1 - u1;
    }
    u2 = t - b;
    if ((t2 = local(u2)) == -1) return -1;
    if (t2 == t) return u2;
    if (t1 == t) return u1;
    return f->fold ? (u1 < u2 ? u1 : u2) : (u1 > u2 ? u1 : u2);
}

/* A datetime for a second since 1970, in local time or UTC. */
static PyObject *from_second(PyObject *cls, bool is_local, time_t second, int us, PyObject *tzinfo)
{
    struct tm tm;
    if ((is_local ? _PyTime_localtime(second, &tm) : _PyTime_gmtime(second, &tm)) != 0) return NULL;
    Fields f = fields_from_tm(&tm);
    f.us = us;
    f.tzinfo = tzinfo;
    if (tzinfo == Py_None && is_local && second - MAX_FOLD > 0) {
        /* is it the second of two moments that read the same? */
        long long here = seconds_from_fields(&f);
        if (here == -1) return NULL;
        long long before = local(EPOCH + second - MAX_FOLD);
        if (before == -1) return NULL;
        long long change = here - before - MAX_FOLD;
        if (change < 0) {
            before = local(EPOCH + second + change);
            if (before == -1) return NULL;
            f.fold = before == here;
        }
    }
    return datetime_new_subclass(cls, &f);
}

PyObject *datetime_from_timestamp(PyObject *cls, PyObject *timestamp, bool is_local, PyObject *tzinfo)
{
    time_t second;
    long us;
    if (_PyTime_ObjectToTimeval(timestamp, &second, &us, _PyTime_ROUND_HALF_EVEN) < 0) return NULL;
    return from_second(cls, is_local, second, (int)us, tzinfo);
}

PyObject *datetime_best_now(PyObject *cls, bool is_local, PyObject *tzinfo)
{
    time_t second;
    int us;
    if (_PyTime_AsTimevalTime_t(_PyTime_GetSystemClock(), &second, &us, _PyTime_ROUND_FLOOR) < 0) return NULL;
    return from_second(cls, is_local, second, us, tzinfo);
}

PyObject *datetime_timestamp(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    Fields f = datetime_fields(self);
    if (f.tzinfo != Py_None) {
        PyObject *delta = PyNumber_Subtract(self, datetime_runtime.epoch);
        if (delta == NULL) return NULL;
        PyObject *result = PyObject_CallMethod(delta, "total_seconds", NULL);
        Py_DECREF(delta);
        return result;
    }
    long long seconds = local_to_seconds(&f);
    if (seconds == -1) return NULL;
    return PyFloat_FromDouble((double)(seconds - EPOCH) + f.us / 1e6);
}

/* The system's timezone at an aware datetime in UTC. */
static PyObject *local_zone(PyObject *utc)
{
    PyObject *delta = datetime_subtract_naive(utc, datetime_runtime.epoch);
    if (delta == NULL) return NULL;
    PyObject *count = PyNumber_FloorDivide(delta, datetime_runtime.second);
    Py_DECREF(delta);
    if (count == NULL) return NULL;
    time_t timestamp = _PyLong_AsTime_t(count);
    Py_DECREF(count);
    if (timestamp == -1 && PyErr_Occurred()) return NULL;
    return zone_local(timestamp);
}

/* The system's timezone at a naive local datetime. */
static PyObject *local_zone_of_naive(PyObject *moment)
{
    Fields f = datetime_fields(moment);
    long long seconds = local_to_seconds(&f);
    if (seconds == -1) return NULL;
    return zone_local((time_t)(seconds - EPOCH));
}

/* The same fields with another tzinfo. */
static PyObject *with_tzinfo(PyObject *moment, PyObject *tzinfo)
{
    Fields f = datetime_fields(moment);
    f.tzinfo = tzinfo;
    return datetime_new(Py_TYPE(moment), &f);
}

PyObject *datetime_astimezone(PyObject *self, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"tz", NULL};
    PyObject *tzinfo = Py_None, *offset, *result;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|O:astimezone", names, &tzinfo)) return NULL;
    if (check_tzinfo(tzinfo) < 0) return NULL;
    PyObject *mine = PyDateTime_DATE_GET_TZINFO(self);
    if (mine == Py_None) mine = local_zone_of_naive(self);
    else Py_INCREF(mine);
    if (mine == NULL) return NULL;
    if (mine == tzinfo) {
        Py_DECREF(mine);
        return Py_NewRef(self);
    }
    offset = zone_call_offset(mine, "utcoffset", self);
    if (offset == Py_None) {
        /* a tzinfo that does not know: local time after all */
        Py_DECREF(offset);
        Py_SETREF(mine, local_zone_of_naive(self));
        offset = mine ? zone_call_offset(mine, "utcoffset", self) : NULL;
    }
    Py_XDECREF(mine);
    if (offset == NULL) return NULL;
    result = datetime_add_delta(self, offset, -1);
    Py_DECREF(offset);
    if (result == NULL) return NULL;
    Py_SETREF(result, with_tzinfo(result, datetime_runtime.utc));
    if (result == NULL) return NULL;
    if (tzinfo == Py_None) tzinfo = local_zone(result);
    else Py_INCREF(tzinfo);
    if (tzinfo == NULL) {
        Py_DECREF(result);
        return NULL;
    }
    Py_SETREF(result, with_tzinfo(result, tzinfo));
    if (result != NULL) Py_SETREF(result, PyObject_CallMethodOneArg(tzinfo, NAME(fromutc), result));
    Py_DECREF(tzinfo);
    return result;
}
