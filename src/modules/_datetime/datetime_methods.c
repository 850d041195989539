/* The methods of datetime.datetime. */
#include "modules/_datetime/datetime_module.h"

/* ---- class methods ---- */

/* tz.fromutc(moment) when there is a tz; steals the moment, which may be NULL. */
static PyObject *from_utc_steal(PyObject *tz, PyObject *moment)
{
    if (moment == NULL || tz == Py_None) return moment;
    PyObject *result = PyObject_CallMethodOneArg(tz, NAME(fromutc), moment);
    Py_DECREF(moment);
    return result;
}

static PyObject *datetime_now(PyObject *cls, PyObject *const *args, Py_ssize_t nargs, PyObject *names)
{
    static const char *const keywords[] = {"tz", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .fname = "now"};
    PyObject *buffer[1], *tz = Py_None;
    if (nargs != 0 || names != NULL) {
        args = _PyArg_UnpackKeywords(args, nargs, NULL, names, &parser, 0, 1, 0, buffer);
        if (args == NULL) return NULL;
        tz = args[0];
    }
    if (check_tzinfo(tz) < 0) return NULL;
    return from_utc_steal(tz, datetime_best_now(cls, tz == Py_None, tz));
}

static PyObject *datetime_utcnow(PyObject *cls, PyObject *Py_UNUSED(ignored))
{
    return datetime_best_now(cls, false, Py_None);
}

static PyObject *datetime_fromtimestamp(PyObject *cls, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"timestamp", "tz", NULL};
    PyObject *timestamp, *tz = Py_None;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O|O:fromtimestamp", names, &timestamp, &tz)) return NULL;
    if (check_tzinfo(tz) < 0) return NULL;
    return from_utc_steal(tz, datetime_from_timestamp(cls, timestamp, tz == Py_None, tz));
}

static PyObject *datetime_utcfromtimestamp(PyObject *cls, PyObject *args)
{
    PyObject *timestamp;
    if (!PyArg_ParseTuple(args, "O:utcfromtimestamp", &timestamp)) return NULL;
    return datetime_from_timestamp(cls, timestamp, false, Py_None);
}

static PyObject *datetime_strptime(PyObject *cls, PyObject *args)
{
    PyObject *string, *format;
    if (!PyArg_ParseTuple(args, "UU:strptime", &string, &format)) return NULL;
    PyObject *module = PyImport_ImportModule("_strptime");
    if (module == NULL) return NULL;
    PyObject *result = PyObject_CallMethod(module, "_strptime_datetime", "OOO", cls, string, format);
    Py_DECREF(module);
    return result;
}

static PyObject *datetime_combine(PyObject *cls, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"date", "time", "tzinfo", NULL};
    PyObject *date, *time, *tzinfo = NULL;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O!O!|O:combine", names, &datetime_date_type, &date, &datetime_time_type,
                                     &time, &tzinfo)) {
        return NULL;
    }
    Fields f = time_fields(time);
    f.year = PyDateTime_GET_YEAR(date);
    f.month = PyDateTime_GET_MONTH(date);
    f.day = PyDateTime_GET_DAY(date);
    if (tzinfo != NULL) f.tzinfo = tzinfo;
    return datetime_new_subclass(cls, &f);
}

/* The text of a str whose surrogates, which may separate date and time, are replaced by 'T'. */
static const char *utf8_of(PyObject *string, PyObject **owner, Py_ssize_t *length)
{
    *owner = NULL;
    const char *text = PyUnicode_AsUTF8AndSize(string, length);
    if (text != NULL) return text;
    Py_ssize_t count = PyUnicode_GET_LENGTH(string);
    static const int places[] = {7, 8, 10};
    PyErr_Clear();
    for (size_t i = 0; i < Py_ARRAY_LENGTH(places); i++) {
        if (places[i] >= count || !Py_UNICODE_IS_SURROGATE(PyUnicode_READ_CHAR(string, places[i]))) continue;
        PyObject *copy = _PyUnicode_Copy(string);
        if (copy == NULL || PyUnicode_WriteChar(copy, places[i], 'T') < 0) {
            Py_XDECREF(copy);
            return NULL;
        }
        *owner = copy;
        return PyUnicode_AsUTF8AndSize(copy, length);
    }
    return PyUnicode_AsUTF8AndSize(string, length);
}

static PyObject *datetime_fromisoformat(PyObject *cls, PyObject *arg)
{
    Fields f = {.tzinfo = Py_None};
    int offset = 0, offset_us = 0, status = -1;
    Py_ssize_t length;
    PyObject *owner, *result = NULL;
    if (!PyUnicode_Check(arg)) {
        PyErr_SetString(PyExc_TypeError, "fromisoformat: argument must be str");
        return NULL;
    }
    const char *text = utf8_of(arg, &owner, &length);
    if (text != NULL) {
        status = parse_datetime(text, (size_t)length, &f, &offset, &offset_us);
    }
    else if (PyErr_ExceptionMatches(PyExc_UnicodeEncodeError)) {
        PyErr_Clear();
    }
    else {
        goto done;
    }
    if (status < 0) {
        PyErr_Format(PyExc_ValueError, "Invalid isoformat string: %R", arg);
        goto done;
    }
    PyObject *tzinfo = parsed_tzinfo(status, offset, offset_us);
    if (tzinfo == NULL) goto done;
    f.tzinfo = tzinfo;
    result = datetime_new_subclass(cls, &f);
    Py_DECREF(tzinfo);
done:
    Py_XDECREF(owner);
    return result;
}

/* ---- parts ---- */

static PyObject *datetime_date(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return date_new(&datetime_date_type, PyDateTime_GET_YEAR(self), PyDateTime_GET_MONTH(self), PyDateTime_GET_DAY(self));
}

static PyObject *datetime_time(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    Fields f = datetime_fields(self);
    f.tzinfo = Py_None;
    return time_new(&datetime_time_type, &f);
}

static PyObject *datetime_timetz(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    Fields f = datetime_fields(self);
    return time_new(&datetime_time_type, &f);
}

static PyObject *datetime_utcoffset(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return zone_call_offset(PyDateTime_DATE_GET_TZINFO(self), "utcoffset", self);
}

static PyObject *datetime_dst(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return zone_call_offset(PyDateTime_DATE_GET_TZINFO(self), "dst", self);
}

static PyObject *datetime_tzname(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return zone_call_name(PyDateTime_DATE_GET_TZINFO(self), self);
}

static PyObject *datetime_timetuple(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    Fields f = datetime_fields(self);
    int flag = -1;
    if (f.tzinfo != Py_None) {
        PyObject *dst = datetime_dst(self, NULL);
        if (dst == NULL) return NULL;
        if (dst != Py_None) flag = delta_micros(dst) != 0;
        Py_DECREF(dst);
    }
    return make_struct_time(&f, flag);
}

static PyObject *datetime_utctimetuple(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    Fields f = datetime_fields(self);
    PyObject *offset = datetime_utcoffset(self, NULL);
    if (offset == NULL) return NULL;
    if (offset != Py_None) {
        f.day -= ((Delta *)offset)->days;
        f.second -= ((Delta *)offset)->seconds;
        f.us -= ((Delta *)offset)->microseconds;
    }
    Py_DECREF(offset);
    return fields_normalize(&f) < 0 ? NULL : make_struct_time(&f, 0);
}

static PyObject *datetime_replace(PyObject *self, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"year", "month", "day", "hour", "minute", "second", "microsecond", "tzinfo", "fold", NULL};
    Fields f = datetime_fields(self);
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|iiiiiiiO$i:replace", names, &f.year, &f.month, &f.day, &f.hour,
                                     &f.minute, &f.second, &f.us, &f.tzinfo, &f.fold)) {
        return NULL;
    }
    return datetime_new(Py_TYPE(self), &f);
}

/* ---- text ---- */

static PyObject *datetime_isoformat(PyObject *self, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"sep", "timespec", NULL};
    int separator = 'T';
    const char *timespec = NULL;
    char date[12], time[64];
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|Cs:isoformat", names, &separator, &timespec)) return NULL;
    Fields f = datetime_fields(self);
    char *p = put_digits(date, f.year, 4);
    *p++ = '-';
    p = put_digits(p, f.month, 2);
    *p++ = '-';
    p = put_digits(p, f.day, 2);
    *p = '\0';
    char *end = format_time(time, &f, timespec);
    if (end == NULL) return NULL;
    if (f.tzinfo != Py_None) {
        int length = format_offset(end, sizeof time - (size_t)(end - time), ":", f.tzinfo, self);
        if (length < 0) return NULL;
    }
    if (separator < 128) {
        char text[80];
        int length = snprintf(text, sizeof text, "%s%c%s", date, separator, time);
        if (separator != 0) return PyUnicode_FromStringAndSize(text, length);
    }
    return PyUnicode_FromFormat("%s%c%s", date, separator, time);
}

static PyObject *datetime_ctime(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    Fields f = datetime_fields(self);
    return format_ctime(&f);
}

/* ---- pickling ---- */

static PyObject *datetime_state(PyObject *op, int protocol)
{
    unsigned char data[_PyDateTime_DATETIME_DATASIZE];
    memcpy(data, ((Moment *)op)->data, sizeof data);
    if (protocol > 3 && ((Moment *)op)->fold) data[2] |= 0x80;
    PyObject *bytes = PyBytes_FromStringAndSize((char *)data, sizeof data);
    if (bytes == NULL) return NULL;
    if (!HAS_TZINFO(op)) return Py_BuildValue("O(N)", Py_TYPE(op), bytes);
    return Py_BuildValue("O(NO)", Py_TYPE(op), bytes, ((Moment *)op)->tzinfo);
}

static PyObject *datetime_reduce_ex(PyObject *self, PyObject *args)
{
    int protocol;
    if (!PyArg_ParseTuple(args, "i:__reduce_ex__", &protocol)) return NULL;
    return datetime_state(self, protocol);
}

static PyObject *datetime_reduce(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return datetime_state(self, 2);
}

#define KEYWORDS(function) ((PyCFunction)(void (*)(void))(function)), METH_VARARGS | METH_KEYWORDS

PyMethodDef datetime_methods[] = {
    {"now", (PyCFunction)(void (*)(void))datetime_now, METH_FASTCALL | METH_KEYWORDS | METH_CLASS,
     "now($type, /, tz=None)\n--\n\nThe current time in a time zone.\n\n  tz\n    Timezone object.\n\n"
     "Without tz, local time."},
    {"utcnow", datetime_utcnow, METH_NOARGS | METH_CLASS,
     "Return a new datetime representing UTC day and time."},
    {"fromtimestamp", KEYWORDS(datetime_fromtimestamp) | METH_CLASS,
     "timestamp[, tz] -> tz's local time from POSIX timestamp."},
    {"utcfromtimestamp", datetime_utcfromtimestamp, METH_VARARGS | METH_CLASS,
     "Construct a naive UTC datetime from a POSIX timestamp."},
    {"strptime", datetime_strptime, METH_VARARGS | METH_CLASS,
     "string, format -> new datetime parsed from a string (like time.strptime())."},
    {"combine", KEYWORDS(datetime_combine) | METH_CLASS, "date, time -> datetime with same date and time fields"},
    {"fromisoformat", datetime_fromisoformat, METH_O | METH_CLASS,
     "string -> datetime from a string in most ISO 8601 formats"},
    {"date", datetime_date, METH_NOARGS, "Return date object with same year, month and day."},
    {"time", datetime_time, METH_NOARGS, "Return time object with same time but with tzinfo=None."},
    {"timetz", datetime_timetz, METH_NOARGS, "Return time object with same time and tzinfo."},
    {"ctime", datetime_ctime, METH_NOARGS, "Return ctime() style string."},
    {"timetuple", datetime_timetuple, METH_NOARGS, "Return time tuple, compatible with time.localtime()."},
    {"timestamp", datetime_timestamp, METH_NOARGS, "Return POSIX timestamp as float."},
    {"utctimetuple", datetime_utctimetuple, METH_NOARGS, "Return UTC time tuple, compatible with time.localtime()."},
    {"isoformat", KEYWORDS(datetime_isoformat),
     "[sep] -> string in ISO 8601 format, YYYY-MM-DDT[HH[:MM[:SS[.mmm[uuu]]]]][+HH:MM].\n"
     "sep stands between date and time, 'T' by default. timespec says how many parts of the\n"
     "time there are: 'auto', 'hours', 'minutes', 'seconds', 'milliseconds' or 'microseconds'.\n"},
    {"utcoffset", datetime_utcoffset, METH_NOARGS, "Return self.tzinfo.utcoffset(self)."},
    {"tzname", datetime_tzname, METH_NOARGS, "Return self.tzinfo.tzname(self)."},
    {"dst", datetime_dst, METH_NOARGS, "Return self.tzinfo.dst(self)."},
    {"replace", KEYWORDS(datetime_replace), "Return datetime with new specified fields."},
    {"astimezone", KEYWORDS(datetime_astimezone), "tz -> convert to local time in new timezone tz\n"},
    {"__reduce_ex__", datetime_reduce_ex, METH_VARARGS, "__reduce_ex__(proto) -> (cls, state)"},
    {"__reduce__", datetime_reduce, METH_NOARGS, "__reduce__() -> (cls, state)"},
    {0},
};
