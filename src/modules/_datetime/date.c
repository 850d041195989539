/* datetime.date, and the tuple that date.isocalendar() gives. */
#include "modules/_datetime/datetime_module.h"

/* ---- making ---- */

static void set_date(PyObject *op, int year, int month, int day)
{
    unsigned char *data = ((Date *)op)->data;
    data[0] = (unsigned char)(year >> 8);
    data[1] = (unsigned char)year;
    data[2] = (unsigned char)month;
    data[3] = (unsigned char)day;
}

PyObject *date_new(PyTypeObject *type, int year, int month, int day)
{
    if (check_date(year, month, day) < 0) return NULL;
    PyObject *self = type->tp_alloc(type, 0);
    if (self == NULL) return NULL;
    ((Date *)self)->hashcode = -1;
    set_date(self, year, month, day);
    return self;
}

PyObject *date_new_subclass(PyObject *cls, int year, int month, int day)
{
    if (cls == (PyObject *)&datetime_date_type) return date_new(&datetime_date_type, year, month, day);
    if (cls == (PyObject *)&datetime_datetime_type) {
        return datetime_new(&datetime_datetime_type, &(Fields){year, month, day, .tzinfo = Py_None});
    }
    return PyObject_CallFunction(cls, "iii", year, month, day);
}

int read_state(PyObject *state, Py_ssize_t size, int at, int limit, const char *what, PyObject **out)
{
    if (PyBytes_Check(state)) {
        *out = Py_NewRef(state);
    }
    else {
        if (!PyUnicode_Check(state)) return 0;
        if (PyUnicode_READY(state) < 0) return -1;
        if (PyUnicode_GET_LENGTH(state) != size) return 0;
        Py_UCS4 ch = PyUnicode_READ_CHAR(state, at);
        int value = (int)(ch & 0x7F);
        if (limit < 0 ? ch >= 256 || value >= -limit : ch >= 256 || value < 1 || value > limit) return 0;
        *out = PyUnicode_AsLatin1String(state);
        if (*out == NULL) {
            if (PyErr_ExceptionMatches(PyExc_UnicodeEncodeError)) {
                PyErr_Format(PyExc_ValueError, "Failed to encode latin1 string when unpickling a %s object. "
                             "pickle.load(data, encoding='latin1') is assumed.", what);
            }
            return -1;
        }
    }
    if (PyBytes_GET_SIZE(*out) == size) {
        int value = PyBytes_AS_STRING(*out)[at] & 0x7F;
        if (limit < 0 ? value < -limit : value >= 1 && value <= limit) return 1;
    }
    Py_CLEAR(*out);
    return 0;
}

static PyObject *date_type_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"year", "month", "day", NULL};
    int year, month, day;
    PyObject *v[3];
    if (arguments_collect(args, kwargs, names, 3, v) && v[0] && v[1] && v[2] && arguments_int(v[0], &year)
        && arguments_int(v[1], &month) && arguments_int(v[2], &day)) {
        return date_new(type, year, month, day);
    }
    if (PyTuple_GET_SIZE(args) == 1) {
        PyObject *state;
        int status = read_state(PyTuple_GET_ITEM(args, 0), _PyDateTime_DATE_DATASIZE, 2, 12, "date", &state);
        if (status < 0) return NULL;
        if (status > 0) {
            PyObject *self = NULL;
            if (!(PyBytes_AS_STRING(state)[2] & 0x80) && (self = type->tp_alloc(type, 0)) != NULL) {
                ((Date *)self)->hashcode = -1;
                memcpy(((Date *)self)->data, PyBytes_AS_STRING(state), _PyDateTime_DATE_DATASIZE);
            }
            Py_DECREF(state);
            if (self != NULL || PyErr_Occurred()) return self;
        }
    }
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "iii", names, &year, &month, &day)) return NULL;
    return date_new(type, year, month, day);
}

static PyObject *date_from_timestamp(PyObject *cls, PyObject *timestamp)
{
    struct tm tm;
    time_t t;
    if (_PyTime_ObjectToTime_t(timestamp, &t, _PyTime_ROUND_FLOOR) < 0) return NULL;
    if (_PyTime_localtime(t, &tm) != 0) return NULL;
    return date_new_subclass(cls, tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday);
}

static PyObject *date_fromtimestamp(PyObject *cls, PyObject *timestamp)
{
    return date_from_timestamp(cls, timestamp);
}

static PyObject *date_today(PyObject *cls, PyObject *Py_UNUSED(ignored))
{
    PyObject *now = call_time(NAME(time), NULL);
    if (now == NULL) return NULL;
    PyObject *result = PyObject_CallMethod(cls, "fromtimestamp", "O", now);
    Py_DECREF(now);
    return result;
}

static PyObject *date_fromordinal(PyObject *cls, PyObject *args)
{
    int ordinal, year, month, day;
    if (!PyArg_ParseTuple(args, "i:fromordinal", &ordinal)) return NULL;
    if (ordinal < 1) {
        PyErr_SetString(PyExc_ValueError, "ordinal must be >= 1");
        return NULL;
    }
    if (ordinal > MAXORDINAL + 146097) {
        /* beyond what the conversion is made for, and in any case out of range */
        calendar_from_ordinal((ordinal - 1) % 146097 + 1, &year, &month, &day);
        PyErr_Format(PyExc_ValueError, "year %i is out of range", year + (ordinal - 1) / 146097 * 400);
        return NULL;
    }
    calendar_from_ordinal(ordinal, &year, &month, &day);
    return date_new_subclass(cls, year, month, day);
}

static PyObject *date_fromisoformat(PyObject *cls, PyObject *arg)
{
    Fields f = {.tzinfo = Py_None};
    Py_ssize_t length;
    if (!PyUnicode_Check(arg)) {
        PyErr_SetString(PyExc_TypeError, "fromisoformat: argument must be str");
        return NULL;
    }
    const char *text = PyUnicode_AsUTF8AndSize(arg, &length);
    if (text != NULL && (length == 7 || length == 8 || length == 10) && parse_date(text, (size_t)length, &f) >= 0) {
        return date_new_subclass(cls, f.year, f.month, f.day);
    }
    if (text == NULL) PyErr_Clear();
    PyErr_Format(PyExc_ValueError, "Invalid isoformat string: %R", arg);
    return NULL;
}

static PyObject *date_fromisocalendar(PyObject *cls, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"year", "week", "day", NULL};
    int year, week, weekday, month, day;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "iii:fromisocalendar", names, &year, &week, &weekday)) {
        if (PyErr_ExceptionMatches(PyExc_OverflowError)) {
            PyErr_Format(PyExc_ValueError, "ISO calendar component out of range");
        }
        return NULL;
    }
    switch (calendar_from_iso(year, week, weekday, &year, &month, &day)) {
    case -4: return PyErr_Format(PyExc_ValueError, "Year is out of range: %d", year);
    case -2: return PyErr_Format(PyExc_ValueError, "Invalid week: %d", week);
    case -3: return PyErr_Format(PyExc_ValueError, "Invalid day: %d (range is [1, 7])", weekday);
    }
    return date_new_subclass(cls, year, month, day);
}

/* ---- parts ---- */

static Fields date_fields(PyObject *op)
{
    return (Fields){PyDateTime_GET_YEAR(op), PyDateTime_GET_MONTH(op), PyDateTime_GET_DAY(op), .tzinfo = Py_None};
}

static int date_ordinal(PyObject *op)
{
    return calendar_ordinal(PyDateTime_GET_YEAR(op), PyDateTime_GET_MONTH(op), PyDateTime_GET_DAY(op));
}

static PyObject *date_get_year(PyObject *self, void *Py_UNUSED(closure))
{
    return PyLong_FromLong(PyDateTime_GET_YEAR(self));
}

static PyObject *date_get_month(PyObject *self, void *Py_UNUSED(closure))
{
    return PyLong_FromLong(PyDateTime_GET_MONTH(self));
}

static PyObject *date_get_day(PyObject *self, void *Py_UNUSED(closure))
{
    return PyLong_FromLong(PyDateTime_GET_DAY(self));
}

static PyObject *date_weekday(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return PyLong_FromLong((date_ordinal(self) + 6) % 7);
}

static PyObject *date_isoweekday(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return PyLong_FromLong((date_ordinal(self) + 6) % 7 + 1);
}

static PyObject *date_toordinal(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return PyLong_FromLong(date_ordinal(self));
}

static PyObject *date_isocalendar(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    int year, week, weekday;
    Fields f = date_fields(self);
    calendar_to_iso(f.year, f.month, f.day, &year, &week, &weekday);
    return PyObject_CallFunction((PyObject *)&datetime_isocalendar_type, "iii", year, week, weekday);
}

static PyObject *date_replace(PyObject *self, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"year", "month", "day", NULL};
    int year = PyDateTime_GET_YEAR(self), month = PyDateTime_GET_MONTH(self), day = PyDateTime_GET_DAY(self);
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|iii:replace", names, &year, &month, &day)) return NULL;
    return date_new(Py_TYPE(self), year, month, day);
}

/* ---- text ---- */

static PyObject *date_repr(PyObject *self)
{
    return PyUnicode_FromFormat("%s(%d, %d, %d)", Py_TYPE(self)->tp_name, PyDateTime_GET_YEAR(self),
                                PyDateTime_GET_MONTH(self), PyDateTime_GET_DAY(self));
}

static PyObject *date_isoformat(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    char text[10];
    char *p = put_digits(text, PyDateTime_GET_YEAR(self), 4);
    *p++ = '-';
    p = put_digits(p, PyDateTime_GET_MONTH(self), 2);
    *p++ = '-';
    put_digits(p, PyDateTime_GET_DAY(self), 2);
    return PyUnicode_FromStringAndSize(text, 10);
}

static PyObject *date_str(PyObject *self)
{
    return PyObject_CallMethod(self, "isoformat", NULL);
}

static PyObject *date_ctime(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    Fields f = date_fields(self);
    return format_ctime(&f);
}

static PyObject *date_timetuple(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    Fields f = date_fields(self);
    return make_struct_time(&f, -1);
}

static PyObject *date_strftime(PyObject *self, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"format", NULL};
    PyObject *format = PyTuple_GET_SIZE(args) == 1 && kwargs == NULL ? PyTuple_GET_ITEM(args, 0) : NULL;
    if ((format == NULL || !PyUnicode_Check(format)) &&
        !PyArg_ParseTupleAndKeywords(args, kwargs, "U:strftime", names, &format)) return NULL;
    PyObject *tuple = PyObject_CallMethodNoArgs(self, NAME(timetuple));
    if (tuple == NULL) return NULL;
    PyObject *result = format_strftime(self, format, tuple, self);
    Py_DECREF(tuple);
    return result;
}

/* ---- comparing and arithmetic ---- */

static PyObject *date_richcompare(PyObject *self, PyObject *other, int op)
{
    if (!PyDate_Check(other)) Py_RETURN_NOTIMPLEMENTED;
    int diff = memcmp(((Date *)self)->data, ((Date *)other)->data, _PyDateTime_DATE_DATASIZE);
    Py_RETURN_RICHCOMPARE(diff, 0, op);
}

static Py_hash_t date_hash(PyObject *op)
{
    Date *self = (Date *)op;
    if (self->hashcode == -1) self->hashcode = _Py_HashBytes(self->data, _PyDateTime_DATE_DATASIZE);
    return self->hashcode;
}

static PyObject *add_days(PyObject *date, PyObject *delta, int sign)
{
    Fields f = date_fields(date);
    f.day += sign * ((Delta *)delta)->days;
    if (fields_normalize(&f) < 0) return NULL;
    return date_new_subclass((PyObject *)Py_TYPE(date), f.year, f.month, f.day);
}

static PyObject *date_add(PyObject *left, PyObject *right)
{
    if (PyDateTime_Check(left) || PyDateTime_Check(right)) Py_RETURN_NOTIMPLEMENTED;
    if (PyDate_Check(left)) {
        if (PyDelta_Check(right)) return add_days(left, right, 1);
    }
    else if (PyDelta_Check(left)) {
        return add_days(right, left, 1);
    }
    Py_RETURN_NOTIMPLEMENTED;
}

static PyObject *date_subtract(PyObject *left, PyObject *right)
{
    if (PyDateTime_Check(left) || PyDateTime_Check(right) || !PyDate_Check(left)) Py_RETURN_NOTIMPLEMENTED;
    if (PyDate_Check(right)) return delta_new(&datetime_delta_type, date_ordinal(left) - date_ordinal(right), 0, 0, false);
    if (PyDelta_Check(right)) return add_days(left, right, -1);
    Py_RETURN_NOTIMPLEMENTED;
}

static PyObject *date_reduce(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return Py_BuildValue("O(N)", Py_TYPE(self),
                         PyBytes_FromStringAndSize((char *)((Date *)self)->data, _PyDateTime_DATE_DATASIZE));
}

#define KEYWORDS(function) ((PyCFunction)(void (*)(void))(function)), METH_VARARGS | METH_KEYWORDS

static PyMethodDef date_methods[] = {
    {"fromtimestamp", date_fromtimestamp, METH_O | METH_CLASS,
     "fromtimestamp($type, timestamp, /)\n--\n\nThe local date of a POSIX timestamp, such as time.time() gives."},
    {"fromordinal", date_fromordinal, METH_VARARGS | METH_CLASS,
     "int -> date corresponding to a proleptic Gregorian ordinal."},
    {"fromisoformat", date_fromisoformat, METH_O | METH_CLASS,
     "str -> Construct a date from a string in ISO 8601 format."},
    {"fromisocalendar", KEYWORDS(date_fromisocalendar) | METH_CLASS,
     "int, int, int -> The date of an ISO year, week number and weekday.\n\nThe inverse of isocalendar()."},
    {"today", date_today, METH_NOARGS | METH_CLASS,
     "Current date or datetime:  same as self.__class__.fromtimestamp(time.time())."},
    {"ctime", date_ctime, METH_NOARGS, "Return ctime() style string."},
    {"strftime", KEYWORDS(date_strftime), "format -> strftime() style string."},
    {"__format__", method_format, METH_VARARGS, "Formats self with strftime."},
    {"timetuple", date_timetuple, METH_NOARGS, "Return time tuple, compatible with time.localtime()."},
    {"isocalendar", date_isocalendar, METH_NOARGS, "A named tuple of ISO year, week number and weekday."},
    {"isoformat", date_isoformat, METH_NOARGS, "Return string in ISO 8601 format, YYYY-MM-DD."},
    {"isoweekday", date_isoweekday, METH_NOARGS, "The day of the week.\nMonday == 1 ... Sunday == 7"},
    {"toordinal", date_toordinal, METH_NOARGS,
     "Return proleptic Gregorian ordinal.  January 1 of year 1 is day 1."},
    {"weekday", date_weekday, METH_NOARGS, "The day of the week.\nMonday == 0 ... Sunday == 6"},
    {"replace", KEYWORDS(date_replace), "Return date with new specified fields."},
    {"__reduce__", date_reduce, METH_NOARGS, "__reduce__() -> (cls, state)"},
    {0},
};

static PyGetSetDef date_getset[] = {
    {"year", date_get_year, NULL, NULL, NULL},
    {"month", date_get_month, NULL, NULL, NULL},
    {"day", date_get_day, NULL, NULL, NULL},
    {0},
};

static PyNumberMethods date_number = {.nb_add = date_add, .nb_subtract = date_subtract};

PyTypeObject datetime_date_type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "datetime.date",
    .tp_basicsize = sizeof(Date),
    .tp_repr = date_repr,
    .tp_as_number = &date_number,
    .tp_hash = date_hash,
    .tp_str = date_str,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .tp_doc = "date(year, month, day) --> date object",
    .tp_richcompare = date_richcompare,
    .tp_methods = date_methods,
    .tp_getset = date_getset,
    .tp_new = date_type_new,
};

/* ---- IsoCalendarDate ---- */

static PyObject *iso_repr(PyObject *self)
{
    return PyUnicode_FromFormat("%.200s(year=%S, week=%S, weekday=%S)", Py_TYPE(self)->tp_name, PyTuple_GET_ITEM(self, 0),
                                PyTuple_GET_ITEM(self, 1), PyTuple_GET_ITEM(self, 2));
}

static PyObject *iso_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"year", "week", "weekday", NULL};
    int year, week, weekday;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "iii:IsoCalendarDate", names, &year, &week, &weekday)) return NULL;
    PyObject *self = type->tp_alloc(type, 3);
    if (self == NULL) return NULL;
    int values[] = {year, week, weekday};
    for (int i = 0; i < 3; i++) {
        PyObject *number = PyLong_FromLong(values[i]);
        if (number == NULL) {
            Py_DECREF(self);
            return NULL;
        }
        PyTuple_SET_ITEM(self, i, number);
    }
    return self;
}

static PyObject *iso_get(PyObject *self, void *index)
{
    return Py_NewRef(PyTuple_GET_ITEM(self, (Py_ssize_t)index));
}

static PyObject *iso_reduce(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    PyObject *plain = PyTuple_Pack(3, PyTuple_GET_ITEM(self, 0), PyTuple_GET_ITEM(self, 1), PyTuple_GET_ITEM(self, 2));
    return plain ? Py_BuildValue("O(N)", &PyTuple_Type, plain) : NULL;
}

static PyMethodDef iso_methods[] = {
    {"__reduce__", iso_reduce, METH_NOARGS, "__reduce__() -> (cls, state)"},
    {0},
};

static PyGetSetDef iso_getset[] = {
    {"year", iso_get, NULL, NULL, (void *)0},
    {"week", iso_get, NULL, NULL, (void *)1},
    {"weekday", iso_get, NULL, NULL, (void *)2},
    {0},
};

PyTypeObject datetime_isocalendar_type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "datetime.IsoCalendarDate",
    .tp_basicsize = sizeof(PyTupleObject) - sizeof(PyObject *),
    .tp_itemsize = sizeof(PyObject *),
    .tp_repr = iso_repr,
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_doc = "What date.isocalendar() gives, with attributes for the parts.",
    .tp_methods = iso_methods,
    .tp_getset = iso_getset,
    .tp_base = &PyTuple_Type,
    .tp_new = iso_new,
};
