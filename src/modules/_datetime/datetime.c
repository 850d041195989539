/* datetime.datetime: the object, its parts, arithmetic and comparison. The class's other methods: datetime_methods.c. */
#include "modules/_datetime/datetime_module.h"

/* ---- making ---- */

PyObject *datetime_new(PyTypeObject *type, const Fields *f)
{
    if (check_date(f->year, f->month, f->day) < 0) return NULL;
    if (check_time(f->hour, f->minute, f->second, f->us, f->fold) < 0 || check_tzinfo(f->tzinfo) < 0) return NULL;
    bool aware = f->tzinfo != Py_None;
    Moment *self = (Moment *)type->tp_alloc(type, aware);
    if (self == NULL) return NULL;
    self->hastzinfo = aware;
    self->hashcode = -1;
    self->data[0] = (unsigned char)(f->year >> 8);
    self->data[1] = (unsigned char)f->year;
    self->data[2] = (unsigned char)f->month;
    self->data[3] = (unsigned char)f->day;
    self->data[4] = (unsigned char)f->hour;
    self->data[5] = (unsigned char)f->minute;
    self->data[6] = (unsigned char)f->second;
    self->data[7] = (unsigned char)(f->us >> 16);
    self->data[8] = (unsigned char)(f->us >> 8);
    self->data[9] = (unsigned char)f->us;
    self->fold = (unsigned char)f->fold;
    if (aware) self->tzinfo = Py_NewRef(f->tzinfo);
    return (PyObject *)self;
}

PyObject *datetime_new_subclass(PyObject *cls, const Fields *f)
{
    if (cls == (PyObject *)&datetime_datetime_type) return datetime_new(&datetime_datetime_type, f);
    PyObject *self = PyObject_CallFunction(cls, "iiiiiiiO", f->year, f->month, f->day, f->hour, f->minute, f->second, f->us,
                                           f->tzinfo);
    if (self != NULL && PyDateTime_Check(self)) ((Moment *)self)->fold = (unsigned char)f->fold;
    return self;
}

Fields datetime_fields(PyObject *self)
{
    return (Fields){
        PyDateTime_GET_YEAR(self), PyDateTime_GET_MONTH(self), PyDateTime_GET_DAY(self), PyDateTime_DATE_GET_HOUR(self),
        PyDateTime_DATE_GET_MINUTE(self), PyDateTime_DATE_GET_SECOND(self), PyDateTime_DATE_GET_MICROSECOND(self),
        PyDateTime_DATE_GET_FOLD(self), PyDateTime_DATE_GET_TZINFO(self),
    };
}

static PyObject *datetime_from_state(PyTypeObject *type, PyObject *state, PyObject *tzinfo)
{
    bool aware = tzinfo != Py_None;
    if (aware && !PyTZInfo_Check(tzinfo)) {
        PyErr_SetString(PyExc_TypeError, "bad tzinfo state arg");
        return NULL;
    }
    Moment *self = (Moment *)type->tp_alloc(type, aware);
    if (self == NULL) return NULL;
    memcpy(self->data, PyBytes_AS_STRING(state), _PyDateTime_DATETIME_DATASIZE);
    self->hashcode = -1;
    self->hastzinfo = aware;
    if (aware) self->tzinfo = Py_NewRef(tzinfo);
    self->fold = self->data[2] >> 7;
    self->data[2] &= 0x7F;
    return (PyObject *)self;
}

static PyObject *datetime_type_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"year", "month", "day", "hour", "minute", "second", "microsecond", "tzinfo", "fold", NULL};
    Fields f = {.tzinfo = Py_None};
    Py_ssize_t count = PyTuple_GET_SIZE(args);
    PyObject *v[9];
    if (count <= 8 && arguments_collect(args, kwargs, names, 9, v) && v[0] && v[1] && v[2] && arguments_int(v[0], &f.year)
        && arguments_int(v[1], &f.month) && arguments_int(v[2], &f.day) && arguments_int(v[3], &f.hour)
        && arguments_int(v[4], &f.minute) && arguments_int(v[5], &f.second) && arguments_int(v[6], &f.us)
        && arguments_int(v[8], &f.fold)) {
        if (v[7] != NULL) f.tzinfo = v[7];
        return datetime_new(type, &f);
    }
    f = (Fields){.tzinfo = Py_None};
    if (count >= 1 && count <= 2) {
        PyObject *state;
        int status = read_state(PyTuple_GET_ITEM(args, 0), _PyDateTime_DATETIME_DATASIZE, 2, 12, "datetime", &state);
        if (status < 0) return NULL;
        if (status > 0) {
            PyObject *self = datetime_from_state(type, state, count == 2 ? PyTuple_GET_ITEM(args, 1) : Py_None);
            Py_DECREF(state);
            return self;
        }
    }
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "iii|iiiiO$i", names, &f.year, &f.month, &f.day, &f.hour, &f.minute,
                                     &f.second, &f.us, &f.tzinfo, &f.fold)) {
        return NULL;
    }
    return datetime_new(type, &f);
}

static void datetime_dealloc(PyObject *self)
{
    if (HAS_TZINFO(self)) Py_XDECREF(((Moment *)self)->tzinfo);
    Py_TYPE(self)->tp_free(self);
}

/* ---- parts ---- */

static PyObject *datetime_get_hour(PyObject *self, void *Py_UNUSED(closure))
{
    return PyLong_FromLong(PyDateTime_DATE_GET_HOUR(self));
}

static PyObject *datetime_get_minute(PyObject *self, void *Py_UNUSED(closure))
{
    return PyLong_FromLong(PyDateTime_DATE_GET_MINUTE(self));
}

static PyObject *datetime_get_second(PyObject *self, void *Py_UNUSED(closure))
{
    return PyLong_FromLong(PyDateTime_DATE_GET_SECOND(self));
}

static PyObject *datetime_get_microsecond(PyObject *self, void *Py_UNUSED(closure))
{
    return PyLong_FromLong(PyDateTime_DATE_GET_MICROSECOND(self));
}

static PyObject *datetime_get_tzinfo(PyObject *self, void *Py_UNUSED(closure))
{
    return Py_NewRef(PyDateTime_DATE_GET_TZINFO(self));
}

static PyObject *datetime_get_fold(PyObject *self, void *Py_UNUSED(closure))
{
    return PyLong_FromLong(PyDateTime_DATE_GET_FOLD(self));
}

static PyObject *datetime_utcoffset(PyObject *self)
{
    return zone_call_offset(PyDateTime_DATE_GET_TZINFO(self), "utcoffset", self);
}

/* ---- text ---- */

static PyObject *datetime_repr(PyObject *self)
{
    Fields f = datetime_fields(self);
    char text[120];
    int length = snprintf(text, sizeof text, "%d, %d, %d, %d, %d", f.year, f.month, f.day, f.hour, f.minute);
    if (f.second || f.us) length += snprintf(text + length, sizeof text - (size_t)length, ", %d", f.second);
    if (f.us) length += snprintf(text + length, sizeof text - (size_t)length, ", %d", f.us);
    if (f.fold) snprintf(text + length, sizeof text - (size_t)length, ", fold=1");
    const char *name = Py_TYPE(self)->tp_name;
    if (f.tzinfo == Py_None) return PyUnicode_FromFormat("%s(%s)", name, text);
    return PyUnicode_FromFormat("%s(%s, tzinfo=%R)", name, text, f.tzinfo);
}

static PyObject *datetime_str(PyObject *self)
{
    return PyObject_CallMethod(self, "isoformat", "s", " ");
}

/* ---- arithmetic ---- */

PyObject *datetime_add_delta(PyObject *self, PyObject *delta, int factor)
{
    Fields f = datetime_fields(self);
    const Delta *d = (Delta *)delta;
    f.day += d->days * factor;
    f.second += d->seconds * factor;
    f.us += d->microseconds * factor;
    f.fold = 0;
    if (fields_normalize(&f) < 0) return NULL;
    return datetime_new_subclass((PyObject *)Py_TYPE(self), &f);
}

static Micros datetime_micros(PyObject *self)
{
    Fields f = datetime_fields(self);
    return (Micros)seconds_from_fields(&f) * MICROS_PER_SECOND + f.us;
}

PyObject *datetime_subtract_naive(PyObject *left, PyObject *right)
{
    return delta_from_micros(&datetime_delta_type, datetime_micros(left) - datetime_micros(right));
}

static PyObject *datetime_add(PyObject *left, PyObject *right)
{
    if (PyDateTime_Check(left)) {
        if (PyDelta_Check(right)) return datetime_add_delta(left, right, 1);
    }
    else if (PyDelta_Check(left)) {
        return datetime_add_delta(right, left, 1);
    }
    Py_RETURN_NOTIMPLEMENTED;
}

/* The offsets of both: 0, or -1 with an exception. Owned. */
static int both_offsets(PyObject *left, PyObject *right, PyObject **a, PyObject **b)
{
    *b = NULL;
    if ((*a = datetime_utcoffset(left)) == NULL) return -1;
    if ((*b = datetime_utcoffset(right)) == NULL) {
        Py_CLEAR(*a);
        return -1;
    }
    return 0;
}

static PyObject *datetime_subtract(PyObject *left, PyObject *right)
{
    if (!PyDateTime_Check(left)) Py_RETURN_NOTIMPLEMENTED;
    if (PyDelta_Check(right)) return datetime_add_delta(left, right, -1);
    if (!PyDateTime_Check(right)) Py_RETURN_NOTIMPLEMENTED;
    PyObject *a, *b, *result = NULL;
    if (PyDateTime_DATE_GET_TZINFO(left) == PyDateTime_DATE_GET_TZINFO(right)) return datetime_subtract_naive(left, right);
    if (both_offsets(left, right, &a, &b) < 0) return NULL;
    if ((a == Py_None) != (b == Py_None)) {
        PyErr_SetString(PyExc_TypeError, "can't subtract offset-naive and offset-aware datetimes");
    }
    else {
        Micros offset = a == Py_None ? 0 : delta_micros(a) - delta_micros(b);
        result = delta_from_micros(&datetime_delta_type, datetime_micros(left) - datetime_micros(right) - offset);
    }
    Py_DECREF(a);
    Py_DECREF(b);
    return result;
}

/* ---- comparing ---- */

/* Does the offset depend on fold? Then it is equal to nothing in another zone (PEP 495). -1 with an exception. */
static int depends_on_fold(PyObject *self, PyObject *offset)
{
    Fields f = datetime_fields(self);
    f.fold = !f.fold;
    PyObject *flipped = datetime_new(&datetime_datetime_type, &f);
    if (flipped == NULL) return -1;
    PyObject *other = datetime_utcoffset(flipped);
    Py_DECREF(flipped);
    if (other == NULL) return -1;
    int depends = other != offset
               && (other == Py_None || offset == Py_None || delta_compare(other, offset) != 0);
    Py_DECREF(other);
    return depends;
}

/* Compares datetimes of different tzinfos: *diff. -1 with an exception. */
static int compare_zoned(PyObject *self, PyObject *other, int op, int *diff)
{
    PyObject *a, *b;
    bool equality = op == Py_EQ || op == Py_NE;
    int status = 0;
    if (both_offsets(self, other, &a, &b) < 0) return -1;
    if ((a == Py_None) != (b == Py_None)) {
        *diff = 1;
        if (!equality) {
            PyErr_SetString(PyExc_TypeError, "can't compare offset-naive and offset-aware datetimes");
            status = -1;
        }
    }
    else {
        Micros x = datetime_micros(self), y = datetime_micros(other);
        if (a != Py_None) {
            x -= delta_micros(a);
            y -= delta_micros(b);
        }
        *diff = (x > y) - (x < y);
        if (equality && *diff == 0) {
            int depends = depends_on_fold(self, a);
            if (depends == 0) depends = depends_on_fold(other, b);
            if (depends < 0) status = -1;
            if (depends > 0) *diff = 1;
        }
    }
    Py_DECREF(a);
    Py_DECREF(b);
    return status;
}

static PyObject *datetime_richcompare(PyObject *self, PyObject *other, int op)
{
    int diff;
    if (!PyDateTime_Check(other)) {
        if (!PyDate_Check(other)) Py_RETURN_NOTIMPLEMENTED;
        if (op == Py_EQ) Py_RETURN_FALSE;
        if (op == Py_NE) Py_RETURN_TRUE;
        return PyErr_Format(PyExc_TypeError, "can't compare %s to %s", Py_TYPE(self)->tp_name, Py_TYPE(other)->tp_name);
    }
    if (PyDateTime_DATE_GET_TZINFO(self) == PyDateTime_DATE_GET_TZINFO(other)) {
        diff = memcmp(((Moment *)self)->data, ((Moment *)other)->data, _PyDateTime_DATETIME_DATASIZE);
    }
    else if (compare_zoned(self, other, op, &diff) < 0) {
        return NULL;
    }
    Py_RETURN_RICHCOMPARE(diff, 0, op);
}

static Py_hash_t datetime_hash(PyObject *op)
{
    Moment *self = (Moment *)op;
    if (self->hashcode != -1) return self->hashcode;
    PyObject *plain = Py_NewRef(op);
    if (self->fold) {
        Fields f = datetime_fields(op);
        f.fold = 0;
        Py_SETREF(plain, datetime_new(&datetime_datetime_type, &f));
        if (plain == NULL) return -1;
    }
    PyObject *offset = datetime_utcoffset(plain);
    Py_DECREF(plain);
    if (offset == NULL) return -1;
    if (offset == Py_None) {
        self->hashcode = _Py_HashBytes(self->data, _PyDateTime_DATETIME_DATASIZE);
    }
    else {
        PyObject *delta = delta_from_micros(&datetime_delta_type, datetime_micros(op) - delta_micros(offset));
        if (delta != NULL) self->hashcode = PyObject_Hash(delta);
        Py_XDECREF(delta);
    }
    Py_DECREF(offset);
    return self->hashcode;
}

static PyGetSetDef datetime_getset[] = {
    {"hour", datetime_get_hour, NULL, NULL, NULL},
    {"minute", datetime_get_minute, NULL, NULL, NULL},
    {"second", datetime_get_second, NULL, NULL, NULL},
    {"microsecond", datetime_get_microsecond, NULL, NULL, NULL},
    {"tzinfo", datetime_get_tzinfo, NULL, NULL, NULL},
    {"fold", datetime_get_fold, NULL, NULL, NULL},
    {0},
};

static PyNumberMethods datetime_number = {.nb_add = datetime_add, .nb_subtract = datetime_subtract};

PyDoc_STRVAR(datetime_doc,
"datetime(year, month, day[, hour[, minute[, second[, microsecond[,tzinfo]]]]])\n\n"
"Year, month and day are required. tzinfo is None or an instance of a tzinfo\n"
"subclass; the others are ints.\n");

PyTypeObject datetime_datetime_type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "datetime.datetime",
    .tp_basicsize = sizeof(Moment),
    .tp_dealloc = datetime_dealloc,
    .tp_repr = datetime_repr,
    .tp_as_number = &datetime_number,
    .tp_hash = datetime_hash,
    .tp_str = datetime_str,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .tp_doc = datetime_doc,
    .tp_richcompare = datetime_richcompare,
    .tp_methods = datetime_methods,
    .tp_getset = datetime_getset,
    .tp_base = &datetime_date_type,
    .tp_alloc = moment_alloc,
    .tp_new = datetime_type_new,
    .tp_free = PyObject_Free,
};
