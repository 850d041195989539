/* time: clocks, sleeping, and the conversions between seconds, struct_time and text (the manual: library/time). */
#include <Python.h>
#include <internal/krait_exports.h>
#include <structseq.h>

#include <errno.h>
#include <pthread.h>
#include <time.h>
#include <wchar.h>
#include <sys/times.h>

struct TimeModule {
    PyTypeObject *struct_time;          /* owned */
};

enum { FIELDS = 11, ZONE = 9, OFFSET = 10 };

static inline struct TimeModule *time_state(PyObject *module)
{
    return PyModule_GetState(module);
}

/* ---- Clocks ---- */

static PyObject *as_float(_PyTime_t t)
{
    return PyFloat_FromDouble(_PyTime_AsSecondsDouble(t));
}

static PyObject *time_time(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(ignored))
{
    return as_float(_PyTime_GetSystemClock());
}

static PyObject *time_time_ns(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(ignored))
{
    return PyLong_FromLongLong(_PyTime_GetSystemClock());
}

static PyObject *time_monotonic(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(ignored))
{
    return as_float(_PyTime_GetMonotonicClock());
}

static PyObject *time_monotonic_ns(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(ignored))
{
    return PyLong_FromLongLong(_PyTime_GetMonotonicClock());
}

static PyObject *time_perf_counter(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(ignored))
{
    return as_float(_PyTime_GetPerfCounter());
}

static PyObject *time_perf_counter_ns(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(ignored))
{
    return PyLong_FromLongLong(_PyTime_GetPerfCounter());
}

static int read_clock(clockid_t id, _PyTime_t *t)
{
    struct timespec ts;
    if (clock_gettime(id, &ts) != 0) {
        PyErr_SetFromErrno(PyExc_OSError);
        return -1;
    }
    return _PyTime_FromTimespec(t, &ts);
}

static PyObject *clock_as_float(clockid_t id)
{
    _PyTime_t t;
    return read_clock(id, &t) < 0 ? NULL : as_float(t);
}

static PyObject *clock_as_int(clockid_t id)
{
    _PyTime_t t;
    return read_clock(id, &t) < 0 ? NULL : PyLong_FromLongLong(t);
}

static PyObject *time_process_time(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(ignored))
{
    return clock_as_float(CLOCK_PROCESS_CPUTIME_ID);
}

static PyObject *time_process_time_ns(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(ignored))
{
    return clock_as_int(CLOCK_PROCESS_CPUTIME_ID);
}

static PyObject *time_thread_time(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(ignored))
{
    return clock_as_float(CLOCK_THREAD_CPUTIME_ID);
}

static PyObject *time_thread_time_ns(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(ignored))
{
    return clock_as_int(CLOCK_THREAD_CPUTIME_ID);
}

static PyObject *time_clock_gettime(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    int id;
    return _PyArg_ParseStack(args, nargs, "i:clock_gettime", &id) ? clock_as_float(id) : NULL;
}

static PyObject *time_clock_gettime_ns(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    int id;
    return _PyArg_ParseStack(args, nargs, "i:clock_gettime_ns", &id) ? clock_as_int(id) : NULL;
}

static PyObject *set_clock(int id, _PyTime_t t)
{
    struct timespec ts;
    if (_PyTime_AsTimespec(t, &ts) < 0) return NULL;
    if (clock_settime(id, &ts) != 0) return PyErr_SetFromErrno(PyExc_OSError);
    Py_RETURN_NONE;
}

static PyObject *time_clock_settime(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    int id;
    PyObject *obj;
    _PyTime_t t;
    if (!_PyArg_ParseStack(args, nargs, "iO:clock_settime", &id, &obj)) return NULL;
    return _PyTime_FromSecondsObject(&t, obj, _PyTime_ROUND_FLOOR) < 0 ? NULL : set_clock(id, t);
}

static PyObject *time_clock_settime_ns(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    int id;
    PyObject *obj;
    _PyTime_t t;
    if (!_PyArg_ParseStack(args, nargs, "iO:clock_settime", &id, &obj)) return NULL;
    return _PyTime_FromNanosecondsObject(&t, obj) < 0 ? NULL : set_clock(id, t);
}

static PyObject *time_clock_getres(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    int id;
    struct timespec ts;
    if (!_PyArg_ParseStack(args, nargs, "i:clock_getres", &id)) return NULL;
    if (clock_getres(id, &ts) != 0) return PyErr_SetFromErrno(PyExc_OSError);
    return PyFloat_FromDouble((double)ts.tv_sec + (double)ts.tv_nsec * 1e-9);
}

static PyObject *time_pthread_getcpuclockid(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    unsigned long thread;
    clockid_t id;
    if (!_PyArg_ParseStack(args, nargs, "k:pthread_getcpuclockid", &thread)) return NULL;
    int error = pthread_getcpuclockid((pthread_t)thread, &id);
    if (error) {
        errno = error;
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    return PyLong_FromLong(id);
}

/* What is known of a clock by its name; 0, or -1 with an exception set. */
static int describe_clock(const char *name, _Py_clock_info_t *info)
{
    _PyTime_t t;
    clockid_t id;
    if (!strcmp(name, "time")) return _PyTime_GetSystemClockWithInfo(&t, info);
    if (!strcmp(name, "monotonic")) return _PyTime_GetMonotonicClockWithInfo(&t, info);
    if (!strcmp(name, "perf_counter")) return _PyTime_GetPerfCounterWithInfo(&t, info);
    if (!strcmp(name, "process_time")) {
        info->implementation = "clock_gettime(CLOCK_PROCESS_CPUTIME_ID)";
        id = CLOCK_PROCESS_CPUTIME_ID;
    } else if (!strcmp(name, "thread_time")) {
        info->implementation = "clock_gettime(CLOCK_THREAD_CPUTIME_ID)";
        id = CLOCK_THREAD_CPUTIME_ID;
    } else {
        PyErr_SetString(PyExc_ValueError, "unknown clock");
        return -1;
    }
    struct timespec ts;
    info->monotonic = 1;
    info->adjustable = 0;
    info->resolution = clock_getres(id, &ts) == 0 ? (double)ts.tv_sec + (double)ts.tv_nsec * 1e-9 : 1e-9;
    return 0;
}

static PyObject *time_get_clock_info(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    const char *name;
    _Py_clock_info_t info;
    if (!_PyArg_ParseStack(args, nargs, "s:get_clock_info", &name)) return NULL;
    if (describe_clock(name, &info) < 0) return NULL;
    PyObject *dict = Py_BuildValue("{sssNsNsd}", "implementation", info.implementation, "monotonic",
                                   PyBool_FromLong(info.monotonic), "adjustable", PyBool_FromLong(info.adjustable),
                                   "resolution", info.resolution);
    if (!dict) return NULL;
    PyObject *result = _PyNamespace_New(dict);
    Py_DECREF(dict);
    return result;
}

static PyObject *time_sleep(PyObject *Py_UNUSED(module), PyObject *obj)
{
    _PyTime_t timeout;
    if (_PyTime_FromSecondsObject(&timeout, obj, _PyTime_ROUND_TIMEOUT) < 0) return NULL;
    if (timeout < 0) {
        PyErr_SetString(PyExc_ValueError, "sleep length must be non-negative");
        return NULL;
    }
    struct timespec deadline;
    if (_PyTime_AsTimespec(_PyDeadline_Init(timeout), &deadline) < 0) return NULL;
    for (;;) {
        int error;
        Py_BEGIN_ALLOW_THREADS
        error = clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &deadline, NULL);
        Py_END_ALLOW_THREADS
        if (error == 0) Py_RETURN_NONE;
        if (error != EINTR) {
            errno = error;
            return PyErr_SetFromErrno(PyExc_OSError);
        }
        if (PyErr_CheckSignals() < 0) return NULL;
    }
}

/* ---- struct_time ---- */

static PyStructSequence_Field struct_time_fields[] = {
    {"tm_year", "the year, all of it: 1993"},
    {"tm_mon", "the month, 1 to 12"},
    {"tm_mday", "the day of the month, 1 to 31"},
    {"tm_hour", "the hour, 0 to 23"},
    {"tm_min", "the minute, 0 to 59"},
    {"tm_sec", "the second, 0 to 61"},
    {"tm_wday", "the day of the week, 0 (Monday) to 6"},
    {"tm_yday", "the day of the year, 1 to 366"},
    {"tm_isdst", "whether summer time holds: 1, 0, or -1 for unknown"},
    {"tm_zone", "the time zone's short name"},
    {"tm_gmtoff", "seconds east of UTC"},
    {NULL, NULL},
};

static PyStructSequence_Desc struct_time_desc = {
    "time.struct_time",
    "A moment taken apart, as gmtime(), localtime() and strptime() give it and asctime(), mktime() and strftime()\n"
    "take it: a sequence of nine ints, with tm_zone and tm_gmtoff as attributes beside. Unlike C's struct tm the\n"
    "year is the whole year and months count from 1.",
    struct_time_fields,
    9,
};

static PyObject *struct_time_new(PyObject *module, const struct tm *tm)
{
    PyObject *self = PyStructSequence_New(time_state(module)->struct_time);
    if (!self) return NULL;
    const long numbers[9] = {
        (long)tm->tm_year + 1900, tm->tm_mon + 1, tm->tm_mday, tm->tm_hour, tm->tm_min, tm->tm_sec,
        (tm->tm_wday + 6) % 7, tm->tm_yday + 1, tm->tm_isdst,
    };
    for (int i = 0; i < 9; i++) PyStructSequence_SET_ITEM(self, i, PyLong_FromLong(numbers[i]));
    PyStructSequence_SET_ITEM(self, ZONE, PyUnicode_DecodeLocale(tm->tm_zone ? tm->tm_zone : "", "surrogateescape"));
    PyStructSequence_SET_ITEM(self, OFFSET, PyLong_FromLong(tm->tm_gmtoff));
    if (PyErr_Occurred()) {
        Py_DECREF(self);
        return NULL;
    }
    return self;
}

/* The seconds of an optional argument; without one or with None, now. */
static int moment_from_args(PyObject *const *args, Py_ssize_t nargs, const char *format, time_t *when)
{
    PyObject *obj = NULL;
    if (!_PyArg_ParseStack(args, nargs, format, &obj)) return -1;
    if (!obj || obj == Py_None) {
        *when = time(NULL);
        return 0;
    }
    return _PyTime_ObjectToTime_t(obj, when, _PyTime_ROUND_FLOOR);
}

static PyObject *time_gmtime(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
{
    time_t when;
    struct tm tm;
    if (moment_from_args(args, nargs, "|O:gmtime", &when) < 0 || _PyTime_gmtime(when, &tm) < 0) return NULL;
    tm.tm_zone = "UTC";
    return struct_time_new(module, &tm);
}

static PyObject *time_localtime(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
{
    time_t when;
    struct tm tm;
    if (moment_from_args(args, nargs, "|O:localtime", &when) < 0 || _PyTime_localtime(when, &tm) < 0) return NULL;
    return struct_time_new(module, &tm);
}

/* Fills a struct tm from a tuple or struct_time; tm_zone points into obj. 0, or -1 with an exception set. */
static int tm_from_object(PyObject *module, PyObject *obj, struct tm *tm, const char *format)
{
    memset(tm, 0, sizeof *tm);
    if (!PyTuple_Check(obj)) {
        PyErr_SetString(PyExc_TypeError, "Tuple or struct_time argument required");
        return -1;
    }
    PyTypeObject *type = time_state(module)->struct_time;
    PyObject *tuple = obj;
    if (Py_IS_TYPE(obj, type)) {
        tuple = PyTuple_GetSlice(obj, 0, 9);
        if (!tuple) return -1;
    } else {
        Py_INCREF(tuple);
    }
    int year;
    int ok = PyArg_ParseTuple(tuple, format, &year, &tm->tm_mon, &tm->tm_mday, &tm->tm_hour, &tm->tm_min, &tm->tm_sec,
                              &tm->tm_wday, &tm->tm_yday, &tm->tm_isdst);
    Py_DECREF(tuple);
    if (!ok) return -1;
    if (year < INT_MIN + 1900) {
        PyErr_SetString(PyExc_OverflowError, "year out of range");
        return -1;
    }
    tm->tm_year = year - 1900;
    tm->tm_mon--;
    tm->tm_wday = (tm->tm_wday + 1) % 7;
    tm->tm_yday--;
    if (!Py_IS_TYPE(obj, type)) return 0;
    PyObject *zone = PyStructSequence_GET_ITEM(obj, ZONE), *offset = PyStructSequence_GET_ITEM(obj, OFFSET);
    if (zone && zone != Py_None) {
        tm->tm_zone = PyUnicode_AsUTF8(zone);
        if (!tm->tm_zone) return -1;
    }
    if (offset && offset != Py_None) {
        tm->tm_gmtoff = PyLong_AsLong(offset);
        if (tm->tm_gmtoff == -1 && PyErr_Occurred()) return -1;
    }
    return 0;
}

static int refuse(const char *message)
{
    PyErr_SetString(PyExc_ValueError, message);
    return -1;
}

/* Checks what the C library would index tables with. Zeros where one is the least count as one. */
static int tm_check(struct tm *tm)
{
    if (tm->tm_mon == -1) tm->tm_mon = 0;
    else if (tm->tm_mon < 0 || tm->tm_mon > 11) return refuse("month out of range");
    if (tm->tm_mday == 0) tm->tm_mday = 1;
    else if (tm->tm_mday < 0 || tm->tm_mday > 31) return refuse("day of month out of range");
    if (tm->tm_hour < 0 || tm->tm_hour > 23) return refuse("hour out of range");
    if (tm->tm_min < 0 || tm->tm_min > 59) return refuse("minute out of range");
    if (tm->tm_sec < 0 || tm->tm_sec > 61) return refuse("seconds out of range");
    if (tm->tm_wday < 0) return refuse("day of week out of range");
    if (tm->tm_yday == -1) tm->tm_yday = 0;
    else if (tm->tm_yday < 0 || tm->tm_yday > 365) return refuse("day of year out of range");
    return 0;
}

/* ---- Text ---- */

static PyObject *format_plainly(const struct tm *tm)
{
    static const char days[] = "SunMonTueWedThuFriSat", months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    return PyUnicode_FromFormat("%.3s %.3s%3d %.2d:%.2d:%.2d %d", days + 3 * tm->tm_wday, months + 3 * tm->tm_mon,
                                tm->tm_mday, tm->tm_hour, tm->tm_min, tm->tm_sec, 1900 + tm->tm_year);
}

static PyObject *time_asctime(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
{
    struct tm tm;
    if (!_PyArg_CheckPositional("asctime", nargs, 0, 1)) return NULL;
    if (nargs == 0) {
        if (_PyTime_localtime(time(NULL), &tm) < 0) return NULL;
    } else if (tm_from_object(module, args[0], &tm, "iiiiiiiii;asctime(): illegal time tuple argument") < 0
               || tm_check(&tm) < 0) {
        return NULL;
    }
    return format_plainly(&tm);
}

static PyObject *time_ctime(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    time_t when;
    struct tm tm;
    if (moment_from_args(args, nargs, "|O:ctime", &when) < 0 || _PyTime_localtime(when, &tm) < 0) return NULL;
    return format_plainly(&tm);
}

static PyObject *time_mktime(PyObject *module, PyObject *obj)
{
    struct tm tm;
    if (tm_from_object(module, obj, &tm, "iiiiiiiii;mktime(): illegal time tuple argument") < 0) return NULL;
    tm.tm_wday = -1;                    /* stays so if the C library fails: -1 alone is a moment too */
    time_t when = mktime(&tm);
    if (when == (time_t)-1 && tm.tm_wday == -1) {
        PyErr_SetString(PyExc_OverflowError, "mktime argument out of range");
        return NULL;
    }
    return PyFloat_FromDouble((double)when);
}

static PyObject *time_strftime(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
{
    PyObject *format, *obj = NULL;
    struct tm tm;
    if (!_PyArg_ParseStack(args, nargs, "U|O:strftime", &format, &obj)) return NULL;
    if (!obj) {
        if (_PyTime_localtime(time(NULL), &tm) < 0) return NULL;
    } else if (tm_from_object(module, obj, &tm, "iiiiiiiii;strftime(): illegal time tuple argument") < 0
               || tm_check(&tm) < 0) {
        return NULL;
    }
    if (tm.tm_isdst < -1) tm.tm_isdst = -1;
    else if (tm.tm_isdst > 1) tm.tm_isdst = 1;

    wchar_t *wide = PyUnicode_AsWideCharString(format, NULL), *buffer = NULL;
    if (!wide) return NULL;
    PyObject *result = NULL;
    size_t length = wcslen(wide);
    /* The C library says 0 both for "no room" and for "nothing to write": believe the second when there was
     * plenty of room. */
    for (size_t size = 1024;; size += size) {
        wchar_t *larger = PyMem_Realloc(buffer, size * sizeof *buffer);
        if (!larger) {
            PyErr_NoMemory();
            break;
        }
        buffer = larger;
        errno = 0;
        size_t written = wcsftime(buffer, size, wide, &tm);
        if (written > 0 || size >= 256 * length) {
            result = PyUnicode_FromWideChar(buffer, (Py_ssize_t)written);
            break;
        }
    }
    PyMem_Free(buffer);
    PyMem_Free(wide);
    return result;
}

static PyObject *time_strptime(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    PyObject *strptime = _PyImport_GetModuleAttrString("_strptime", "_strptime_time");
    if (!strptime) return NULL;
    PyObject *result = PyObject_Vectorcall(strptime, args, (size_t)nargs, NULL);
    Py_DECREF(strptime);
    return result;
}

/* ---- The time zone ---- */

/* The offset and short name that hold at a moment. */
static int zone_at(time_t when, long *west, char name[10])
{
    struct tm tm;
    if (_PyTime_localtime(when, &tm) < 0) return -1;
    *west = -tm.tm_gmtoff;
    strncpy(name, tm.tm_zone ? tm.tm_zone : "   ", 9);
    name[9] = '\0';
    return 0;
}

/* Sets timezone, altzone, daylight and tzname from the zone in January and in July. */
static int set_zone_constants(PyObject *module)
{
    const time_t year = (365 * 24 + 6) * 3600;
    const time_t january = time(NULL) / year * year, july = january + year / 2;
    long west[2];
    char names[2][10];
    if (zone_at(january, &west[0], names[0]) < 0 || zone_at(july, &west[1], names[1]) < 0) return -1;
    /* Summer time is the one that is further east. South of the equator it holds in January. */
    int standard = west[0] < west[1];
    if (PyModule_AddIntConstant(module, "timezone", west[standard]) < 0
        || PyModule_AddIntConstant(module, "altzone", west[!standard]) < 0
        || PyModule_AddIntConstant(module, "daylight", west[0] != west[1]) < 0) {
        return -1;
    }
    PyObject *tuple = Py_BuildValue("(NN)", PyUnicode_DecodeLocale(names[standard], "surrogateescape"),
                                    PyUnicode_DecodeLocale(names[!standard], "surrogateescape"));
    if (!tuple) return -1;
    int result = PyModule_AddObjectRef(module, "tzname", tuple);
    Py_DECREF(tuple);
    return result;
}

static PyObject *time_tzset(PyObject *module, PyObject *Py_UNUSED(ignored))
{
    tzset();
    if (set_zone_constants(module) < 0) return NULL;
    Py_RETURN_NONE;
}

/* ---- The module ---- */

#define FORMAT_CODES \
    "\n\nThe usual codes: %Y year, %m month, %d day, %H hour, %M minute, %S second, %z offset from UTC, %a and %A\n" \
    "weekday, %b and %B month name, %c date and time as the locale writes them, %I hour of 12, %p AM or PM.\n" \
    "The manual has the others."

static PyMethodDef functions[] = {
    {"time", time_time, METH_NOARGS, "time() -> floating point number\n\nSeconds since the Epoch, with a fraction."},
    {"time_ns", time_time_ns, METH_NOARGS, "time_ns() -> int\n\nNanoseconds since the Epoch."},
    {"clock_gettime", _PyCFunction_CAST(time_clock_gettime), METH_FASTCALL,
     "clock_gettime(clk_id) -> float\n\nWhat the clock clk_id shows."},
    {"clock_gettime_ns", _PyCFunction_CAST(time_clock_gettime_ns), METH_FASTCALL,
     "clock_gettime_ns(clk_id) -> int\n\nWhat the clock clk_id shows, in nanoseconds."},
    {"clock_settime", _PyCFunction_CAST(time_clock_settime), METH_FASTCALL,
     "clock_settime(clk_id, time)\n\nSet the clock clk_id."},
    {"clock_settime_ns", _PyCFunction_CAST(time_clock_settime_ns), METH_FASTCALL,
     "clock_settime_ns(clk_id, time)\n\nSet the clock clk_id, in nanoseconds."},
    {"clock_getres", _PyCFunction_CAST(time_clock_getres), METH_FASTCALL,
     "clock_getres(clk_id) -> floating point number\n\nThe resolution of the clock clk_id."},
    {"pthread_getcpuclockid", _PyCFunction_CAST(time_pthread_getcpuclockid), METH_FASTCALL,
     "pthread_getcpuclockid(thread_id) -> int\n\nThe id of a thread's CPU clock."},
    {"sleep", time_sleep, METH_O, "sleep(seconds)\n\nWait so many seconds; fractions count."},
    {"gmtime", _PyCFunction_CAST(time_gmtime), METH_FASTCALL,
     "gmtime([seconds]) -> (tm_year, tm_mon, tm_mday, tm_hour, tm_min,\n"
     "                       tm_sec, tm_wday, tm_yday, tm_isdst)\n\n"
     "Seconds since the Epoch, or now, as a struct_time in UTC."},
    {"localtime", _PyCFunction_CAST(time_localtime), METH_FASTCALL,
     "localtime([seconds]) -> (tm_year,tm_mon,tm_mday,tm_hour,tm_min,\n"
     "                          tm_sec,tm_wday,tm_yday,tm_isdst)\n\n"
     "Seconds since the Epoch, or now, as a struct_time in local time."},
    {"asctime", _PyCFunction_CAST(time_asctime), METH_FASTCALL,
     "asctime([tuple]) -> string\n\nA time tuple, or local time now, as text like 'Sat Jun 06 16:26:11 1998'."},
    {"ctime", _PyCFunction_CAST(time_ctime), METH_FASTCALL,
     "ctime(seconds) -> string\n\nThe same as asctime(localtime(seconds)); without seconds, of now."},
    {"mktime", time_mktime, METH_O,
     "mktime(tuple) -> floating point number\n\nA time tuple in local time as seconds since the Epoch."},
    {"strftime", _PyCFunction_CAST(time_strftime), METH_FASTCALL,
     "strftime(format[, tuple]) -> string\n\nA time tuple, or local time now, as text in a format." FORMAT_CODES},
    {"strptime", _PyCFunction_CAST(time_strptime), METH_FASTCALL,
     "strptime(string, format) -> struct_time\n\nThe struct_time that a text in a format means." FORMAT_CODES},
    {"tzset", time_tzset, METH_NOARGS,
     "tzset()\n\nTake the local time zone anew from the environment variable TZ, or from the system if that is not set."},
    {"monotonic", time_monotonic, METH_NOARGS, "monotonic() -> float\n\nSeconds on a clock that never goes back."},
    {"monotonic_ns", time_monotonic_ns, METH_NOARGS,
     "monotonic_ns() -> int\n\nNanoseconds on a clock that never goes back."},
    {"process_time", time_process_time, METH_NOARGS,
     "process_time() -> float\n\nCPU seconds that the process has used, in user and kernel space."},
    {"process_time_ns", time_process_time_ns, METH_NOARGS,
     "process_time() -> int\n\nCPU nanoseconds that the process has used, in user and kernel space."},
    {"thread_time", time_thread_time, METH_NOARGS,
     "thread_time() -> float\n\nCPU seconds that the thread has used, in user and kernel space."},
    {"thread_time_ns", time_thread_time_ns, METH_NOARGS,
     "thread_time() -> int\n\nCPU nanoseconds that the thread has used, in user and kernel space."},
    {"perf_counter", time_perf_counter, METH_NOARGS, "perf_counter() -> float\n\nThe clock for measuring speed."},
    {"perf_counter_ns", time_perf_counter_ns, METH_NOARGS,
     "perf_counter_ns() -> int\n\nThe clock for measuring speed, in nanoseconds."},
    {"get_clock_info", _PyCFunction_CAST(time_get_clock_info), METH_FASTCALL,
     "get_clock_info(name: str) -> dict\n\nWhat the clock of that name is made from and how fine it is."},
    {NULL, NULL, 0, NULL},
};

static int module_exec(PyObject *module)
{
    if (set_zone_constants(module) < 0) return -1;
    static const struct {
        const char *name;
        long value;
    } constants[] = {
        {"CLOCK_REALTIME", CLOCK_REALTIME},
        {"CLOCK_MONOTONIC", CLOCK_MONOTONIC},
        {"CLOCK_MONOTONIC_RAW", CLOCK_MONOTONIC_RAW},
        {"CLOCK_PROCESS_CPUTIME_ID", CLOCK_PROCESS_CPUTIME_ID},
        {"CLOCK_THREAD_CPUTIME_ID", CLOCK_THREAD_CPUTIME_ID},
        {"CLOCK_BOOTTIME", CLOCK_BOOTTIME},
        {"CLOCK_TAI", CLOCK_TAI},
        {"_STRUCT_TM_ITEMS", FIELDS},
    };
    for (size_t i = 0; i < Py_ARRAY_LENGTH(constants); i++) {
        if (PyModule_AddIntConstant(module, constants[i].name, constants[i].value) < 0) return -1;
    }
    PyTypeObject *type = PyStructSequence_NewType(&struct_time_desc);
    time_state(module)->struct_time = type;
    return type ? PyModule_AddType(module, type) : -1;
}

static int module_traverse(PyObject *module, visitproc visit, void *arg)
{
    Py_VISIT(time_state(module)->struct_time);
    return 0;
}

static int module_clear(PyObject *module)
{
    Py_CLEAR(time_state(module)->struct_time);
    return 0;
}

static void module_free(void *module)
{
    module_clear(module);
}

static PyModuleDef_Slot slots[] = {{Py_mod_exec, module_exec}, {0, NULL}};

static PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "time",
    .m_doc = "Clocks and times. A moment is a number, the seconds since the Epoch (1970-01-01 00:00 UTC), or a struct_time:\n"
             "year, month (1-12), day (1-31), hour, minute, second, weekday (0 is Monday), day of the year (1-366), and\n"
             "whether summer time holds (1, 0, or -1 to let mktime() find out).",
    .m_size = sizeof(struct TimeModule),
    .m_methods = functions,
    .m_slots = slots,
    .m_traverse = module_traverse,
    .m_clear = module_clear,
    .m_free = module_free,
};

PyMODINIT_FUNC PyInit_time(void)
{
    return PyModuleDef_Init(&definition);
}
