/* _datetime: the module, its constants and the C API capsule. */
#include "modules/_datetime/datetime_module.h"
#include "objects/type/type.h"

struct DatetimeRuntime datetime_runtime;

/* ---- the C API ---- */

static PyObject *api_datetime_fold(int year, int month, int day, int hour, int minute, int second, int us, PyObject *tzinfo,
                                   int fold, PyTypeObject *type)
{
    return datetime_new(type, &(Fields){year, month, day, hour, minute, second, us, fold, tzinfo});
}

static PyObject *api_datetime(int year, int month, int day, int hour, int minute, int second, int us, PyObject *tzinfo,
                              PyTypeObject *type)
{
    return api_datetime_fold(year, month, day, hour, minute, second, us, tzinfo, 0, type);
}

static PyObject *api_time_fold(int hour, int minute, int second, int us, PyObject *tzinfo, int fold, PyTypeObject *type)
{
    return time_new(type, &(Fields){0, 0, 0, hour, minute, second, us, fold, tzinfo});
}

static PyObject *api_time(int hour, int minute, int second, int us, PyObject *tzinfo, PyTypeObject *type)
{
    return api_time_fold(hour, minute, second, us, tzinfo, 0, type);
}

static PyObject *api_date(int year, int month, int day, PyTypeObject *type)
{
    return date_new(type, year, month, day);
}

static PyObject *api_delta(int days, int seconds, int us, int normalize, PyTypeObject *type)
{
    return delta_new(type, days, seconds, us, normalize != 0);
}

/* cls.fromtimestamp(*args, **kwargs) */
static PyObject *api_datetime_from_timestamp(PyObject *cls, PyObject *args, PyObject *kwargs)
{
    PyObject *method = PyObject_GetAttrString((PyObject *)&datetime_datetime_type, "fromtimestamp"), *result = NULL;
    if (method == NULL) return NULL;
    if (cls != (PyObject *)&datetime_datetime_type) Py_SETREF(method, PyObject_GetAttrString(cls, "fromtimestamp"));
    if (method != NULL) result = PyObject_Call(method, args, kwargs);
    Py_XDECREF(method);
    return result;
}

static PyObject *api_date_from_timestamp(PyObject *cls, PyObject *args)
{
    PyObject *timestamp;
    if (!PyArg_UnpackTuple(args, "fromtimestamp", 1, 1, &timestamp)) return NULL;
    return PyObject_CallMethod(cls, "fromtimestamp", "O", timestamp);
}

static PyDateTime_CAPI datetime_api = {
    .DateType = &datetime_date_type,
    .DateTimeType = &datetime_datetime_type,
    .TimeType = &datetime_time_type,
    .DeltaType = &datetime_delta_type,
    .TZInfoType = &datetime_tzinfo_type,
    .Date_FromDate = api_date,
    .DateTime_FromDateAndTime = api_datetime,
    .Time_FromTime = api_time,
    .Delta_FromDelta = api_delta,
    .TimeZone_FromTimeZone = zone_new,
    .DateTime_FromTimestamp = api_datetime_from_timestamp,
    .Date_FromTimestamp = api_date_from_timestamp,
    .DateTime_FromDateAndTimeAndFold = api_datetime_fold,
    .Time_FromTimeAndFold = api_time_fold,
};

/* ---- constants ---- */

/* type.name = value; steals the value, which may be NULL. */
static int set_constant_steal(PyTypeObject *type, const char *name, PyObject *value)
{
    if (value == NULL) return -1;
    int status = PyDict_SetItemString(type_dict(type), name, value);
    Py_DECREF(value);
    return status;
}

static PyObject *make_delta(int days, int seconds, int us)
{
    return delta_new(&datetime_delta_type, days, seconds, us, false);
}

static PyObject *make_zone(int days, int seconds)
{
    PyObject *delta = delta_new(&datetime_delta_type, days, seconds, 0, true);
    PyObject *zone = delta ? zone_new(delta, NULL) : NULL;
    Py_XDECREF(delta);
    return zone;
}

static int add_constants(void)
{
    const Fields none = {1, 1, 1, .tzinfo = Py_None};
    const Fields last = {9999, 12, 31, 23, 59, 59, 999999, 0, Py_None};
    PyTypeObject *delta = &datetime_delta_type, *date = &datetime_date_type, *time = &datetime_time_type;
    PyTypeObject *moment = &datetime_datetime_type, *zone = &datetime_timezone_type;
    datetime_runtime.utc = make_zone(0, 0);
    if (datetime_runtime.utc == NULL) return -1;
    datetime_runtime.second = make_delta(0, 1, 0);
    datetime_runtime.epoch = datetime_new(moment, &(Fields){1970, 1, 1, .tzinfo = datetime_runtime.utc});
    if (datetime_runtime.second == NULL || datetime_runtime.epoch == NULL) return -1;
    datetime_api.TimeZone_UTC = datetime_runtime.utc;

    if (set_constant_steal(delta, "resolution", make_delta(0, 0, 1)) < 0) return -1;
    if (set_constant_steal(delta, "min", make_delta(-MAX_DELTA_DAYS, 0, 0)) < 0) return -1;
    if (set_constant_steal(delta, "max", make_delta(MAX_DELTA_DAYS, 86399, 999999)) < 0) return -1;
    if (set_constant_steal(date, "min", date_new(date, 1, 1, 1)) < 0) return -1;
    if (set_constant_steal(date, "max", date_new(date, MAXYEAR, 12, 31)) < 0) return -1;
    if (set_constant_steal(date, "resolution", make_delta(1, 0, 0)) < 0) return -1;
    if (set_constant_steal(time, "min", time_new(time, &none)) < 0) return -1;
    if (set_constant_steal(time, "max", time_new(time, &last)) < 0) return -1;
    if (set_constant_steal(time, "resolution", make_delta(0, 0, 1)) < 0) return -1;
    if (set_constant_steal(moment, "min", datetime_new(moment, &none)) < 0) return -1;
    if (set_constant_steal(moment, "max", datetime_new(moment, &last)) < 0) return -1;
    if (set_constant_steal(moment, "resolution", make_delta(0, 0, 1)) < 0) return -1;
    if (set_constant_steal(zone, "utc", Py_NewRef(datetime_runtime.utc)) < 0) return -1;
    if (set_constant_steal(zone, "min", make_zone(-1, 60)) < 0) return -1;
    return set_constant_steal(zone, "max", make_zone(0, 86340));
}

static int datetime_exec(PyObject *module)
{
    PyTypeObject *const types[] = {
        &datetime_date_type, &datetime_time_type, &datetime_delta_type, &datetime_tzinfo_type, &datetime_datetime_type,
        &datetime_timezone_type,
    };
    for (size_t i = 0; i < Py_ARRAY_LENGTH(types); i++) {
        if (PyModule_AddType(module, types[i]) < 0) return -1;
    }
    if (PyType_Ready(&datetime_isocalendar_type) < 0) return -1;
    if (datetime_runtime.second == NULL && add_constants() < 0) return -1;
    for (size_t i = 0; i < Py_ARRAY_LENGTH(types); i++) PyType_Modified(types[i]);
    if (PyModule_AddIntConstant(module, "MINYEAR", MINYEAR) < 0) return -1;
    if (PyModule_AddIntConstant(module, "MAXYEAR", MAXYEAR) < 0) return -1;
    PyObject *capsule = PyCapsule_New(&datetime_api, PyDateTime_CAPSULE_NAME, NULL);
    if (capsule == NULL) return -1;
    int status = PyModule_AddObjectRef(module, "datetime_CAPI", capsule);
    Py_DECREF(capsule);
    return status < 0 ? -1 : PyModule_AddObjectRef(module, "UTC", datetime_runtime.utc);
}

static PyModuleDef_Slot datetime_slots[] = {
    {Py_mod_exec, datetime_exec},
    {0, NULL},
};

static struct PyModuleDef datetime_definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_datetime",
    .m_doc = "Fast implementation of the datetime type.",
    .m_slots = datetime_slots,
};

PyMODINIT_FUNC PyInit__datetime(void)
{
    return PyModuleDef_Init(&datetime_definition);
}
