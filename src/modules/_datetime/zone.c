/* datetime.tzinfo and datetime.timezone. */
#include "modules/_datetime/datetime_module.h"
#include "objects/str/str.h"

/* ---- asking a tzinfo ---- */

static bool offset_in_range(PyObject *offset)
{
    Micros micros = delta_micros(offset);
    return -MICROS_PER_DAY < micros && micros < MICROS_PER_DAY;
}

PyObject *zone_call_offset(PyObject *tzinfo, const char *method, PyObject *arg)
{
    if (tzinfo == Py_None) Py_RETURN_NONE;
    PyObject *name = str_from_c_name(method);
    if (name == NULL) return NULL;
    PyObject *offset = PyObject_CallMethodOneArg(tzinfo, name, arg);
    Py_DECREF(name);
    if (offset == NULL || offset == Py_None) return offset;
    if (!PyDelta_Check(offset)) {
        PyErr_Format(PyExc_TypeError, "tzinfo.%s() must return None or timedelta, not '%.200s'", method,
                     Py_TYPE(offset)->tp_name);
        Py_DECREF(offset);
        return NULL;
    }
    if (!offset_in_range(offset)) {
        PyErr_SetString(PyExc_ValueError, "offset must be a timedelta strictly between -timedelta(hours=24) and "
                        "timedelta(hours=24).");
        Py_DECREF(offset);
        return NULL;
    }
    return offset;
}

PyObject *zone_call_name(PyObject *tzinfo, PyObject *arg)
{
    if (tzinfo == Py_None) Py_RETURN_NONE;
    PyObject *name = PyObject_CallMethodOneArg(tzinfo, NAME(tzname), arg);
    if (name == NULL || name == Py_None || PyUnicode_Check(name)) return name;
    PyErr_Format(PyExc_TypeError, "tzinfo.tzname() must return None or a string, not '%s'", Py_TYPE(name)->tp_name);
    Py_DECREF(name);
    return NULL;
}

/* ---- tzinfo ---- */

static PyObject *not_implemented(const char *method)
{
    PyErr_Format(PyExc_NotImplementedError, "a tzinfo subclass must implement %s()", method);
    return NULL;
}

static PyObject *tzinfo_tzname(PyObject *Py_UNUSED(self), PyObject *Py_UNUSED(arg))
{
    return not_implemented("tzname");
}

static PyObject *tzinfo_utcoffset(PyObject *Py_UNUSED(self), PyObject *Py_UNUSED(arg))
{
    return not_implemented("utcoffset");
}

static PyObject *tzinfo_dst(PyObject *Py_UNUSED(self), PyObject *Py_UNUSED(arg))
{
    return not_implemented("dst");
}

/* Is `arg` a datetime with `self` as its tzinfo? -1 with an exception. */
static int check_fromutc(PyObject *self, PyObject *arg)
{
    if (!PyDateTime_Check(arg)) {
        PyErr_SetString(PyExc_TypeError, "fromutc: argument must be a datetime");
        return -1;
    }
    if (PyDateTime_DATE_GET_TZINFO(arg) != self) {
        PyErr_SetString(PyExc_ValueError, "fromutc: dt.tzinfo is not self");
        return -1;
    }
    return 0;
}

/* utcoffset() or dst() of a datetime, which must not be None. */
static PyObject *needed_offset(PyObject *self, const char *method, PyObject *moment)
{
    PyObject *offset = zone_call_offset(self, method, moment);
    if (offset == Py_None) {
        PyErr_Format(PyExc_ValueError, "fromutc: non-None %s() result required", method);
        Py_CLEAR(offset);
    }
    return offset;
}

static PyObject *tzinfo_fromutc(PyObject *self, PyObject *moment)
{
    PyObject *offset = NULL, *dst = NULL, *standard = NULL, *result = NULL;
    if (check_fromutc(self, moment) < 0) return NULL;
    if ((offset = needed_offset(self, "utcoffset", moment)) == NULL) goto done;
    if ((dst = needed_offset(self, "dst", moment)) == NULL) goto done;
    if ((standard = delta_subtract(offset, dst)) == NULL) goto done;
    if ((result = datetime_add_delta(moment, standard, 1)) == NULL) goto done;
    Py_SETREF(dst, zone_call_offset(PyDateTime_DATE_GET_TZINFO(result), "dst", result));
    if (dst == NULL) {
        Py_CLEAR(result);
    }
    else if (dst == Py_None) {
        PyErr_SetString(PyExc_ValueError, "fromutc: tz.dst() gave inconsistent results; cannot convert");
        Py_CLEAR(result);
    }
    else if (delta_micros(dst) != 0) {
        Py_SETREF(result, datetime_add_delta(result, dst, 1));
    }
done:
    Py_XDECREF(offset);
    Py_XDECREF(dst);
    Py_XDECREF(standard);
    return result;
}

static PyObject *tzinfo_reduce(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    PyObject *getter, *args, *name = PyUnicode_InternFromString("__getinitargs__");
    if (name == NULL) return NULL;
    int found = _PyObject_LookupAttr(self, name, &getter);
    Py_DECREF(name);
    if (found < 0) return NULL;
    args = getter ? PyObject_CallNoArgs(getter) : PyTuple_New(0);
    Py_XDECREF(getter);
    if (args == NULL) return NULL;
    PyObject *state = PyObject_CallMethod(self, "__getstate__", NULL);
    if (state == NULL) {
        Py_DECREF(args);
        return NULL;
    }
    return Py_BuildValue("ONN", Py_TYPE(self), args, state);
}

static PyMethodDef tzinfo_methods[] = {
    {"tzname", tzinfo_tzname, METH_O, "datetime -> string name of time zone."},
    {"utcoffset", tzinfo_utcoffset, METH_O,
     "datetime -> timedelta showing offset from UTC, negative values indicating West of UTC"},
    {"dst", tzinfo_dst, METH_O, "datetime -> DST offset as timedelta positive east of UTC."},
    {"fromutc", tzinfo_fromutc, METH_O, "datetime in UTC -> datetime in local time."},
    {"__reduce__", tzinfo_reduce, METH_NOARGS, "-> (cls, state)"},
    {0},
};

PyTypeObject datetime_tzinfo_type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "datetime.tzinfo",
    .tp_basicsize = sizeof(PyDateTime_TZInfo),
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .tp_doc = "Abstract base class for time zone info objects.",
    .tp_methods = tzinfo_methods,
    .tp_new = PyType_GenericNew,
};

/* ---- timezone ---- */

static PyObject *zone_create(PyObject *offset, PyObject *name)
{
    Zone *self = (Zone *)datetime_timezone_type.tp_alloc(&datetime_timezone_type, 0);
    if (self == NULL) return NULL;
    self->offset = Py_NewRef(offset);
    self->name = Py_XNewRef(name);
    return (PyObject *)self;
}

PyObject *zone_new(PyObject *offset, PyObject *name)
{
    if (name == NULL && delta_micros(offset) == 0 && datetime_runtime.utc != NULL) return Py_NewRef(datetime_runtime.utc);
    if (!offset_in_range(offset)) {
        PyErr_Format(PyExc_ValueError, "offset must be a timedelta strictly between -timedelta(hours=24) and "
                     "timedelta(hours=24), not %R.", offset);
        return NULL;
    }
    return zone_create(offset, name);
}

PyObject *zone_local(time_t timestamp)
{
    struct tm tm;
    if (_PyTime_localtime(timestamp, &tm) != 0) return NULL;
    PyObject *offset = delta_new(&datetime_delta_type, 0, (int)tm.tm_gmtoff, 0, true);
    PyObject *name = offset ? PyUnicode_DecodeLocale(tm.tm_zone, "surrogateescape") : NULL;
    PyObject *zone = name ? zone_new(offset, name) : NULL;
    Py_XDECREF(offset);
    Py_XDECREF(name);
    return zone;
}

static PyObject *zone_type_new(PyTypeObject *Py_UNUSED(type), PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"offset", "name", NULL};
    PyObject *offset, *name = NULL;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O!|U:timezone", names, &datetime_delta_type, &offset, &name)) return NULL;
    return zone_new(offset, name);
}

static void zone_dealloc(PyObject *self)
{
    Py_CLEAR(((Zone *)self)->offset);
    Py_CLEAR(((Zone *)self)->name);
    Py_TYPE(self)->tp_free(self);
}

static PyObject *zone_richcompare(PyObject *self, PyObject *other, int op)
{
    if ((op != Py_EQ && op != Py_NE) || !Py_IS_TYPE(other, &datetime_timezone_type)) Py_RETURN_NOTIMPLEMENTED;
    Py_RETURN_RICHCOMPARE(delta_compare(((Zone *)self)->offset, ((Zone *)other)->offset), 0, op);
}

static Py_hash_t zone_hash(PyObject *self)
{
    return PyObject_Hash(((Zone *)self)->offset);
}

/* The argument of utcoffset() and its like. -1 with TypeError. */
static int check_moment(PyObject *arg, const char *method)
{
    if (arg == Py_None || PyDateTime_Check(arg)) return 0;
    PyErr_Format(PyExc_TypeError, "%s(dt) argument must be a datetime instance or None, not %.200s", method,
                 Py_TYPE(arg)->tp_name);
    return -1;
}

static PyObject *zone_repr(PyObject *op)
{
    const Zone *self = (Zone *)op;
    const char *type = Py_TYPE(op)->tp_name;
    if (op == datetime_runtime.utc) return PyUnicode_FromFormat("%s.utc", type);
    if (self->name == NULL) return PyUnicode_FromFormat("%s(%R)", type, self->offset);
    return PyUnicode_FromFormat("%s(%R, %R)", type, self->offset, self->name);
}

static PyObject *zone_str(PyObject *op)
{
    const Zone *self = (Zone *)op;
    if (self->name != NULL) return Py_NewRef(self->name);
    Micros micros = delta_micros(self->offset);
    if (micros == 0) return PyUnicode_FromString("UTC");
    char sign = micros < 0 ? '-' : '+';
    if (micros < 0) micros = -micros;
    int seconds = (int)(micros / MICROS_PER_SECOND), us = (int)(micros % MICROS_PER_SECOND);
    int hour = seconds / 3600, minute = seconds / 60 % 60, second = seconds % 60;
    if (us) return PyUnicode_FromFormat("UTC%c%02d:%02d:%02d.%06d", sign, hour, minute, second, us);
    if (second) return PyUnicode_FromFormat("UTC%c%02d:%02d:%02d", sign, hour, minute, second);
    return PyUnicode_FromFormat("UTC%c%02d:%02d", sign, hour, minute);
}

static PyObject *zone_tzname(PyObject *self, PyObject *arg)
{
    return check_moment(arg, "tzname") < 0 ? NULL : zone_str(self);
}

static PyObject *zone_utcoffset(PyObject *self, PyObject *arg)
{
    return check_moment(arg, "utcoffset") < 0 ? NULL : Py_NewRef(((Zone *)self)->offset);
}

static PyObject *zone_dst(PyObject *Py_UNUSED(self), PyObject *arg)
{
    if (check_moment(arg, "dst") < 0) return NULL;
    Py_RETURN_NONE;
}

static PyObject *zone_fromutc(PyObject *self, PyObject *moment)
{
    return check_fromutc(self, moment) < 0 ? NULL : datetime_add_delta(moment, ((Zone *)self)->offset, 1);
}

static PyObject *zone_getinitargs(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    const Zone *self = (Zone *)op;
    return self->name ? PyTuple_Pack(2, self->offset, self->name) : PyTuple_Pack(1, self->offset);
}

static PyMethodDef zone_methods[] = {
    {"tzname", zone_tzname, METH_O,
     "The name given when the timezone was made, or else its offset as 'UTC(+|-)HH:MM'."},
    {"utcoffset", zone_utcoffset, METH_O, "Return fixed offset."},
    {"dst", zone_dst, METH_O, "Return None."},
    {"fromutc", zone_fromutc, METH_O, "datetime in UTC -> datetime in local time."},
    {"__getinitargs__", zone_getinitargs, METH_NOARGS, "pickle support"},
    {0},
};

PyTypeObject datetime_timezone_type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "datetime.timezone",
    .tp_basicsize = sizeof(Zone),
    .tp_dealloc = zone_dealloc,
    .tp_repr = zone_repr,
    .tp_hash = zone_hash,
    .tp_str = zone_str,
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_doc = "Fixed offset from UTC implementation of tzinfo.",
    .tp_richcompare = zone_richcompare,
    .tp_methods = zone_methods,
    .tp_base = &datetime_tzinfo_type,
    .tp_new = zone_type_new,
};
