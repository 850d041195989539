/* datetime.time. */
#include "modules/_datetime/datetime_module.h"

/* ---- making ---- */

/* tp_alloc of time and datetime: `aware` says whether there is room for a tzinfo. */
PyObject *moment_alloc(PyTypeObject *type, Py_ssize_t aware)
{
    size_t size = (size_t)type->tp_basicsize;
    if (!aware) size = type == &datetime_time_type ? sizeof(_PyDateTime_BaseTime) : sizeof(_PyDateTime_BaseDateTime);
    PyObject *self = PyObject_Malloc(size);
    if (self == NULL) return PyErr_NoMemory();
    return PyObject_Init(self, type);
}

PyObject *time_new(PyTypeObject *type, const Fields *f)
{
    if (check_time(f->hour, f->minute, f->second, f->us, f->fold) < 0 || check_tzinfo(f->tzinfo) < 0) return NULL;
    bool aware = f->tzinfo != Py_None;
    Time *self = (Time *)type->tp_alloc(type, aware);
    if (self == NULL) return NULL;
    self->hastzinfo = aware;
    self->hashcode = -1;
    self->data[0] = (unsigned char)f->hour;
    self->data[1] = (unsigned char)f->minute;
    self->data[2] = (unsigned char)f->second;
    self->data[3] = (unsigned char)(f->us >> 16);
    self->data[4] = (unsigned char)(f->us >> 8);
    self->data[5] = (unsigned char)f->us;
    self->fold = (unsigned char)f->fold;
    if (aware) self->tzinfo = Py_NewRef(f->tzinfo);
    return (PyObject *)self;
}

static PyObject *time_new_subclass(PyObject *cls, const Fields *f)
{
    if (cls == (PyObject *)&datetime_time_type) return time_new(&datetime_time_type, f);
    PyObject *self = PyObject_CallFunction(cls, "iiiiO", f->hour, f->minute, f->second, f->us, f->tzinfo);
    if (self != NULL && PyTime_Check(self)) ((Time *)self)->fold = (unsigned char)f->fold;
    return self;
}

Fields time_fields(PyObject *self)
{
    return (Fields){
        1900, 1, 1, PyDateTime_TIME_GET_HOUR(self), PyDateTime_TIME_GET_MINUTE(self), PyDateTime_TIME_GET_SECOND(self),
        PyDateTime_TIME_GET_MICROSECOND(self), PyDateTime_TIME_GET_FOLD(self), PyDateTime_TIME_GET_TZINFO(self),
    };
}

/* From a pickled state. */
static PyObject *time_from_state(PyTypeObject *type, PyObject *state, PyObject *tzinfo)
{
    bool aware = tzinfo != Py_None;
    if (aware && !PyTZInfo_Check(tzinfo)) {
        PyErr_SetString(PyExc_TypeError, "bad tzinfo state arg");
        return NULL;
    }
    Time *self = (Time *)type->tp_alloc(type, aware);
    if (self == NULL) return NULL;
    memcpy(self->data, PyBytes_AS_STRING(state), _PyDateTime_TIME_DATASIZE);
    self->hashcode = -1;
    self->hastzinfo = aware;
    if (aware) self->tzinfo = Py_NewRef(tzinfo);
    self->fold = self->data[0] >> 7;
    self->data[0] &= 0x7F;
    return (PyObject *)self;
}

static char *time_names[] = {"hour", "minute", "second", "microsecond", "tzinfo", "fold", NULL};

static PyObject *time_type_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    Fields f = {.tzinfo = Py_None};
    Py_ssize_t count = PyTuple_GET_SIZE(args);
    PyObject *v[6];
    if (count <= 5 && arguments_collect(args, kwargs, time_names, 6, v) && arguments_int(v[0], &f.hour)
        && arguments_int(v[1], &f.minute) && arguments_int(v[2], &f.second) && arguments_int(v[3], &f.us)
        && arguments_int(v[5], &f.fold)) {
        if (v[4] != NULL) f.tzinfo = v[4];
        return time_new(type, &f);
    }
    f = (Fields){.tzinfo = Py_None};
    if (count >= 1 && count <= 2) {
        PyObject *state;
        int status = read_state(PyTuple_GET_ITEM(args, 0), _PyDateTime_TIME_DATASIZE, 0, -24, "time", &state);
        if (status < 0) return NULL;
        if (status > 0) {
            PyObject *self = time_from_state(type, state, count == 2 ? PyTuple_GET_ITEM(args, 1) : Py_None);
            Py_DECREF(state);
            return self;
        }
    }
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|iiiiO$i", time_names, &f.hour, &f.minute, &f.second, &f.us, &f.tzinfo,
                                     &f.fold)) {
        return NULL;
    }
    return time_new(type, &f);
}

static void time_dealloc(PyObject *self)
{
    if (HAS_TZINFO(self)) Py_XDECREF(((Time *)self)->tzinfo);
    Py_TYPE(self)->tp_free(self);
}

static PyObject *time_fromisoformat(PyObject *cls, PyObject *arg)
{
    Fields f = {.tzinfo = Py_None};
    int offset = 0, offset_us = 0, status = -1;
    Py_ssize_t length;
    if (!PyUnicode_Check(arg)) {
        PyErr_SetString(PyExc_TypeError, "fromisoformat: argument must be str");
        return NULL;
    }
    const char *text = PyUnicode_AsUTF8AndSize(arg, &length);
    if (text == NULL) {
        PyErr_Clear();
    }
    else {
        if (*text == 'T') {
            text++;
            length--;
        }
        status = parse_time(text, (size_t)length, &f, &offset, &offset_us);
    }
    if (status < 0) return PyErr_Format(PyExc_ValueError, "Invalid isoformat string: %R", arg);
    PyObject *tzinfo = parsed_tzinfo(status, offset, offset_us);
    if (tzinfo == NULL) return NULL;
    f.tzinfo = tzinfo;
    PyObject *self = time_new_subclass(cls, &f);
    Py_DECREF(tzinfo);
    return self;
}

/* ---- parts ---- */

static PyObject *time_get_hour(PyObject *self, void *Py_UNUSED(closure))
{
    return PyLong_FromLong(PyDateTime_TIME_GET_HOUR(self));
}

static PyObject *time_get_minute(PyObject *self, void *Py_UNUSED(closure))
{
    return PyLong_FromLong(PyDateTime_TIME_GET_MINUTE(self));
}

static PyObject *time_get_second(PyObject *self, void *Py_UNUSED(closure))
{
    return PyLong_FromLong(PyDateTime_TIME_GET_SECOND(self));
}

static PyObject *time_get_microsecond(PyObject *self, void *Py_UNUSED(closure))
{
    return PyLong_FromLong(PyDateTime_TIME_GET_MICROSECOND(self));
}

static PyObject *time_get_tzinfo(PyObject *self, void *Py_UNUSED(closure))
{
    return Py_NewRef(PyDateTime_TIME_GET_TZINFO(self));
}

static PyObject *time_get_fold(PyObject *self, void *Py_UNUSED(closure))
{
    return PyLong_FromLong(PyDateTime_TIME_GET_FOLD(self));
}

static PyObject *time_utcoffset(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return zone_call_offset(PyDateTime_TIME_GET_TZINFO(self), "utcoffset", Py_None);
}

static PyObject *time_dst(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return zone_call_offset(PyDateTime_TIME_GET_TZINFO(self), "dst", Py_None);
}

static PyObject *time_tzname(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return zone_call_name(PyDateTime_TIME_GET_TZINFO(self), Py_None);
}

static PyObject *time_replace(PyObject *self, PyObject *args, PyObject *kwargs)
{
    Fields f = time_fields(self);
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|iiiiO$i:replace", time_names, &f.hour, &f.minute, &f.second, &f.us,
                                     &f.tzinfo, &f.fold)) {
        return NULL;
    }
    return time_new(Py_TYPE(self), &f);
}

/* ---- text ---- */

static PyObject *time_repr(PyObject *self)
{
    Fields f = time_fields(self);
    char text[80];
    int length = snprintf(text, sizeof text, "%d, %d", f.hour, f.minute);
    if (f.second || f.us) length += snprintf(text + length, sizeof text - (size_t)length, ", %d", f.second);
    if (f.us) length += snprintf(text + length, sizeof text - (size_t)length, ", %d", f.us);
    PyObject *zone = f.tzinfo == Py_None ? PyUnicode_FromString("") : PyUnicode_FromFormat(", tzinfo=%R", f.tzinfo);
    if (zone == NULL) return NULL;
    return PyUnicode_FromFormat("%s(%s%V%s)", Py_TYPE(self)->tp_name, text, zone, "", f.fold ? ", fold=1" : "");
}

static PyObject *time_isoformat(PyObject *self, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"timespec", NULL};
    const char *timespec = NULL;
    char text[64];
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|s:isoformat", names, &timespec)) return NULL;
    Fields f = time_fields(self);
    char *end = format_time(text, &f, timespec);
    if (end == NULL) return NULL;
    if (f.tzinfo != Py_None) {
        int length = format_offset(end, sizeof text - (size_t)(end - text), ":", f.tzinfo, Py_None);
        if (length < 0) return NULL;
        end += length;
    }
    return PyUnicode_FromStringAndSize(text, end - text);
}

static PyObject *time_str(PyObject *self)
{
    return PyObject_CallMethod(self, "isoformat", NULL);
}

static PyObject *time_strftime(PyObject *self, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"format", NULL};
    PyObject *format;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "U:strftime", names, &format)) return NULL;
    PyObject *tuple = Py_BuildValue("iiiiiiiii", 1900, 1, 1, PyDateTime_TIME_GET_HOUR(self),
                                    PyDateTime_TIME_GET_MINUTE(self), PyDateTime_TIME_GET_SECOND(self), 0, 1, -1);
    if (tuple == NULL) return NULL;
    PyObject *result = format_strftime(self, format, tuple, Py_None);
    Py_DECREF(tuple);
    return result;
}

/* ---- comparing ---- */

static long long time_micros(PyObject *self)
{
    Fields f = time_fields(self);
    return (f.hour * 3600LL + f.minute * 60 + f.second) * MICROS_PER_SECOND + f.us;
}

static PyObject *time_richcompare(PyObject *self, PyObject *other, int op)
{
    if (!PyTime_Check(other)) Py_RETURN_NOTIMPLEMENTED;
    int diff = memcmp(((Time *)self)->data, ((Time *)other)->data, _PyDateTime_TIME_DATASIZE);
    if (PyDateTime_TIME_GET_TZINFO(self) == PyDateTime_TIME_GET_TZINFO(other)) Py_RETURN_RICHCOMPARE(diff, 0, op);
    PyObject *mine = time_utcoffset(self, NULL), *theirs = mine ? time_utcoffset(other, NULL) : NULL, *result = NULL;
    if (theirs != NULL) {
        if (mine != Py_None && theirs != Py_None) {
            Micros a = time_micros(self) - delta_micros(mine), b = time_micros(other) - delta_micros(theirs);
            diff = (a > b) - (a < b);
            result = Py_NewRef(Py_None);
        }
        else if (mine == theirs) {
            result = Py_NewRef(Py_None);
        }
        else if (op == Py_EQ || op == Py_NE) {
            diff = 1;
            result = Py_NewRef(Py_None);
        }
        else {
            PyErr_SetString(PyExc_TypeError, "can't compare offset-naive and offset-aware times");
        }
    }
    Py_XDECREF(mine);
    Py_XDECREF(theirs);
    if (result == NULL) return NULL;
    Py_DECREF(result);
    Py_RETURN_RICHCOMPARE(diff, 0, op);
}

static Py_hash_t time_hash(PyObject *op)
{
    Time *self = (Time *)op;
    if (self->hashcode != -1) return self->hashcode;
    PyObject *plain = Py_NewRef(op);
    if (self->fold) {
        Fields f = time_fields(op);
        f.fold = 0;
        Py_SETREF(plain, time_new(&datetime_time_type, &f));
        if (plain == NULL) return -1;
    }
    PyObject *offset = time_utcoffset(plain, NULL);
    Py_DECREF(plain);
    if (offset == NULL) return -1;
    if (offset == Py_None) {
        self->hashcode = _Py_HashBytes(self->data, _PyDateTime_TIME_DATASIZE);
    }
    else {
        PyObject *delta = delta_from_micros(&datetime_delta_type, time_micros(op) - delta_micros(offset));
        if (delta != NULL) self->hashcode = PyObject_Hash(delta);
        Py_XDECREF(delta);
    }
    Py_DECREF(offset);
    return self->hashcode;
}

/* ---- pickling ---- */

static PyObject *time_state(PyObject *op, int protocol)
{
    unsigned char data[_PyDateTime_TIME_DATASIZE];
    memcpy(data, ((Time *)op)->data, sizeof data);
    if (protocol > 3 && ((Time *)op)->fold) data[0] |= 0x80;
    PyObject *bytes = PyBytes_FromStringAndSize((char *)data, sizeof data);
    if (bytes == NULL) return NULL;
    if (!HAS_TZINFO(op)) return Py_BuildValue("O(N)", Py_TYPE(op), bytes);
    return Py_BuildValue("O(NO)", Py_TYPE(op), bytes, ((Time *)op)->tzinfo);
}

static PyObject *time_reduce_ex(PyObject *self, PyObject *args)
{
    int protocol;
    if (!PyArg_ParseTuple(args, "i:__reduce_ex__", &protocol)) return NULL;
    return time_state(self, protocol);
}

static PyObject *time_reduce(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return time_state(self, 2);
}

#define KEYWORDS(function) ((PyCFunction)(void (*)(void))(function)), METH_VARARGS | METH_KEYWORDS

static PyMethodDef time_methods[] = {
    {"isoformat", KEYWORDS(time_isoformat),
     "Return string in ISO 8601 format, [HH[:MM[:SS[.mmm[uuu]]]]][+HH:MM].\n\n"
     "timespec says how many parts of the time there are: 'auto', 'hours', 'minutes',\n"
     "'seconds', 'milliseconds' or 'microseconds'.\n"},
    {"strftime", KEYWORDS(time_strftime), "format -> strftime() style string."},
    {"__format__", method_format, METH_VARARGS, "Formats self with strftime."},
    {"utcoffset", time_utcoffset, METH_NOARGS, "Return self.tzinfo.utcoffset(self)."},
    {"tzname", time_tzname, METH_NOARGS, "Return self.tzinfo.tzname(self)."},
    {"dst", time_dst, METH_NOARGS, "Return self.tzinfo.dst(self)."},
    {"replace", KEYWORDS(time_replace), "Return time with new specified fields."},
    {"fromisoformat", time_fromisoformat, METH_O | METH_CLASS, "string -> time from a string in ISO 8601 format"},
    {"__reduce_ex__", time_reduce_ex, METH_VARARGS, "__reduce_ex__(proto) -> (cls, state)"},
    {"__reduce__", time_reduce, METH_NOARGS, "__reduce__() -> (cls, state)"},
    {0},
};

static PyGetSetDef time_getset[] = {
    {"hour", time_get_hour, NULL, NULL, NULL},
    {"minute", time_get_minute, NULL, NULL, NULL},
    {"second", time_get_second, NULL, NULL, NULL},
    {"microsecond", time_get_microsecond, NULL, NULL, NULL},
    {"tzinfo", time_get_tzinfo, NULL, NULL, NULL},
    {"fold", time_get_fold, NULL, NULL, NULL},
    {0},
};

PyDoc_STRVAR(time_doc,
"time([hour[, minute[, second[, microsecond[, tzinfo]]]]]) --> a time object\n\n"
"All arguments are optional. tzinfo is None or an instance of a tzinfo\n"
"subclass; the others are ints.\n");

PyTypeObject datetime_time_type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "datetime.time",
    .tp_basicsize = sizeof(Time),
    .tp_dealloc = time_dealloc,
    .tp_repr = time_repr,
    .tp_hash = time_hash,
    .tp_str = time_str,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .tp_doc = time_doc,
    .tp_richcompare = time_richcompare,
    .tp_methods = time_methods,
    .tp_getset = time_getset,
    .tp_alloc = moment_alloc,
    .tp_new = time_type_new,
    .tp_free = PyObject_Free,
};
