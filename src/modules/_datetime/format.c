/* Text out of dates and times. */
#include "modules/_datetime/datetime_module.h"

char *put_digits(char *to, int value, int count)
{
    for (int i = count - 1; i >= 0; i--) {
        to[i] = (char)('0' + value % 10);
        value /= 10;
    }
    return to + count;
}

int format_offset(char *buffer, size_t size, const char *separator, PyObject *tzinfo, PyObject *arg)
{
    PyObject *offset = zone_call_offset(tzinfo, "utcoffset", arg);
    if (offset == NULL) return -1;
    buffer[0] = '\0';
    if (offset == Py_None) {
        Py_DECREF(offset);
        return 0;
    }
    Micros micros = delta_micros(offset);
    Py_DECREF(offset);
    char sign = micros < 0 ? '-' : '+';
    if (micros < 0) micros = -micros;
    int seconds = (int)(micros / MICROS_PER_SECOND), us = (int)(micros % MICROS_PER_SECOND);
    int hour = seconds / 3600, minute = seconds / 60 % 60, second = seconds % 60;
    if (us) return snprintf(buffer, size, "%c%02d%s%02d%s%02d.%06d", sign, hour, separator, minute, separator, second, us);
    if (second) return snprintf(buffer, size, "%c%02d%s%02d%s%02d", sign, hour, separator, minute, separator, second);
    return snprintf(buffer, size, "%c%02d%s%02d", sign, hour, separator, minute);
}

char *format_time(char *to, const Fields *f, const char *timespec)
{
    static const char *const names[] = {"auto", "hours", "minutes", "seconds", "milliseconds", "microseconds"};
    size_t kind = 0;
    if (timespec != NULL) {
        while (kind < Py_ARRAY_LENGTH(names) && strcmp(timespec, names[kind]) != 0) kind++;
    }
    if (kind == Py_ARRAY_LENGTH(names)) {
        PyErr_SetString(PyExc_ValueError, "Unknown timespec value");
        return NULL;
    }
    if (kind == 0) kind = f->us ? 5 : 3;
    to = put_digits(to, f->hour, 2);
    if (kind >= 2) *to++ = ':', to = put_digits(to, f->minute, 2);
    if (kind >= 3) *to++ = ':', to = put_digits(to, f->second, 2);
    if (kind == 4) *to++ = '.', to = put_digits(to, f->us / 1000, 3);
    if (kind == 5) *to++ = '.', to = put_digits(to, f->us, 6);
    *to = '\0';
    return to;
}

PyObject *time_function(PyObject *name)
{
    PyObject *module = PyImport_GetModule(NAME(time));
    if (module == NULL && !PyErr_Occurred()) module = PyImport_Import(NAME(time));
    if (module == NULL) return NULL;
    PyObject *function = PyObject_GetAttr(module, name);
    Py_DECREF(module);
    return function;
}

PyObject *call_time(PyObject *name, PyObject *arg)
{
    PyObject *result = NULL, *function = time_function(name);
    if (function != NULL) result = arg ? PyObject_CallOneArg(function, arg) : PyObject_CallNoArgs(function);
    Py_XDECREF(function);
    return result;
}

PyObject *make_struct_time(const Fields *f, int dst)
{
    const int values[] = {f->year, f->month, f->day, f->hour, f->minute, f->second, calendar_weekday(f->year, f->month, f->day),
                          calendar_days_before_month(f->year, f->month) + f->day, dst};
    PyObject *fields = PyTuple_New(Py_ARRAY_LENGTH(values)), *result = NULL;
    for (size_t i = 0; fields != NULL && i < Py_ARRAY_LENGTH(values); i++) {
        PyObject *value = PyLong_FromLong(values[i]);
        if (value == NULL) Py_CLEAR(fields);
        else PyTuple_SET_ITEM(fields, (Py_ssize_t)i, value);
    }
    if (fields != NULL) result = call_time(NAME(struct_time), fields);
    Py_XDECREF(fields);
    return result;
}

PyObject *format_ctime(const Fields *f)
{
    static const char *const days[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    return PyUnicode_FromFormat("%s %s %2d %02d:%02d:%02d %04d", days[calendar_weekday(f->year, f->month, f->day)],
                                months[f->month - 1], f->day, f->hour, f->minute, f->second, f->year);
}

/* ---- strftime ---- */

/* What %Z stands for, with its own % doubled; owned. */
static PyObject *zone_text(PyObject *tzinfo, PyObject *arg)
{
    if (tzinfo == Py_None) return PyUnicode_FromString("");
    PyObject *name = zone_call_name(tzinfo, arg);
    if (name == NULL) return NULL;
    if (name == Py_None) {
        Py_DECREF(name);
        return PyUnicode_FromString("");
    }
    PyObject *text = PyObject_CallMethod(name, "replace", "ss", "%", "%%");
    Py_DECREF(name);
    if (text != NULL && !PyUnicode_Check(text)) {
        PyErr_SetString(PyExc_TypeError, "tzname.replace() did not return a string");
        Py_CLEAR(text);
    }
    /* a name with surrogates is an error, as a format with surrogates is */
    if (text != NULL && PyUnicode_AsUTF8(text) == NULL) Py_CLEAR(text);
    return text;
}

static int microsecond_of(PyObject *op)
{
    if (PyTime_Check(op)) return PyDateTime_TIME_GET_MICROSECOND(op);
    if (PyDateTime_Check(op)) return PyDateTime_DATE_GET_MICROSECOND(op);
    return 0;
}

static PyObject *tzinfo_of(PyObject *op)
{
    if (PyTime_Check(op)) return PyDateTime_TIME_GET_TZINFO(op);
    if (PyDateTime_Check(op)) return PyDateTime_DATE_GET_TZINFO(op);
    return Py_None;
}

/* Writes what %z, %Z or %f stands for. */
static int write_special(_PyUnicodeWriter *writer, char which, PyObject *self, PyObject *tzinfo_arg)
{
    char buffer[40];
    int length;
    if (which == 'Z') {
        PyObject *text = zone_text(tzinfo_of(self), tzinfo_arg);
        int status = text ? _PyUnicodeWriter_WriteStr(writer, text) : -1;
        Py_XDECREF(text);
        return status;
    }
    if (which == 'z') length = format_offset(buffer, sizeof buffer, "", tzinfo_of(self), tzinfo_arg);
    else length = (int)(put_digits(buffer, microsecond_of(self), 6) - buffer);
    return length < 0 ? -1 : _PyUnicodeWriter_WriteASCIIString(writer, buffer, length);
}

PyObject *format_strftime(PyObject *self, PyObject *format, PyObject *timetuple, PyObject *tzinfo_arg)
{
    _PyUnicodeWriter writer;
    if (PyUnicode_AsUTF8(format) == NULL) return NULL;
    _PyUnicodeWriter_Init(&writer);
    writer.overallocate = 1;
    Py_ssize_t length = PyUnicode_GET_LENGTH(format), last = 0;
    /* the format ends at a NUL, as in C */
    Py_ssize_t nul = PyUnicode_FindChar(format, 0, 0, length, 1);
    if (nul >= 0) length = nul;
    for (Py_ssize_t i = 0; i + 1 < length; i++) {
        if (PyUnicode_READ_CHAR(format, i) != '%') continue;
        Py_UCS4 ch = PyUnicode_READ_CHAR(format, ++i);
        if (ch != 'z' && ch != 'Z' && ch != 'f') continue;
        if (_PyUnicodeWriter_WriteSubstring(&writer, format, last, i - 1) < 0) goto error;
        if (write_special(&writer, (char)ch, self, tzinfo_arg) < 0) goto error;
        last = i + 1;
    }
    if (_PyUnicodeWriter_WriteSubstring(&writer, format, last, length) < 0) goto error;
    PyObject *text = _PyUnicodeWriter_Finish(&writer), *result = NULL;
    PyObject *function = text ? time_function(NAME(strftime)) : NULL;
    if (function != NULL) result = PyObject_CallFunctionObjArgs(function, text, timetuple, NULL);
    Py_XDECREF(function);
    Py_XDECREF(text);
    return result;
error:
    _PyUnicodeWriter_Dealloc(&writer);
    return NULL;
}

PyObject *method_format(PyObject *self, PyObject *args)
{
    PyObject *format;
    if (!PyArg_ParseTuple(args, "U:__format__", &format)) return NULL;
    if (PyUnicode_GetLength(format) == 0) return PyObject_Str(self);
    return PyObject_CallMethod(self, "strftime", "O", format);
}
