/* _locale: the C library's locales (the manual: library/locale). */
#include <Python.h>
#include <internal/krait_exports.h>

#include <errno.h>
#include <langinfo.h>
#include <libintl.h>
#include <limits.h>
#include <locale.h>
#include <stdbool.h>
#include <wchar.h>

struct LocaleModule {
    PyObject *error;                    /* owned */
};

static inline struct LocaleModule *module_state(PyObject *module)
{
    return PyModule_GetState(module);
}

static PyObject *refuse(PyObject *module, const char *message)
{
    PyErr_SetString(module_state(module)->error, message);
    return NULL;
}

static PyObject *locale_setlocale(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
{
    int category;
    const char *name = NULL;
    if (!_PyArg_CheckPositional("setlocale", nargs, 1, 2)) return NULL;
    category = _PyLong_AsInt(args[0]);
    if (category == -1 && PyErr_Occurred()) return NULL;
    if (nargs == 2 && args[1] != Py_None) {
        if (!PyUnicode_Check(args[1])) {
            _PyArg_BadArgument("setlocale", "argument 2", "str or None", args[1]);
            return NULL;
        }
        Py_ssize_t size;
        name = PyUnicode_AsUTF8AndSize(args[1], &size);
        if (!name) return NULL;
        if (strlen(name) != (size_t)size) {
            PyErr_SetString(PyExc_ValueError, "embedded null character");
            return NULL;
        }
    }
    const char *result = setlocale(category, name);
    if (!result) return refuse(module, name ? "unsupported locale setting" : "locale query failed");
    return PyUnicode_DecodeLocale(result, NULL);
}

/* ---- localeconv() ---- */

/* A grouping as a list of ints with its end mark; empty if there is none. */
static PyObject *grouping_list(const char *grouping)
{
    if (!grouping[0]) return PyList_New(0);
    Py_ssize_t n = 0;
    while (grouping[n] && grouping[n] != CHAR_MAX) n++;
    PyObject *list = PyList_New(n + 1);
    for (Py_ssize_t i = 0; list && i <= n; i++) {
        PyObject *value = PyLong_FromLong(grouping[i]);
        if (value) PyList_SET_ITEM(list, i, value);
        else Py_CLEAR(list);
    }
    return list;
}

static int put(PyObject *dict, const char *key, PyObject *value_steal)
{
    int result = value_steal ? PyDict_SetItemString(dict, key, value_steal) : -1;
    Py_XDECREF(value_steal);
    return result;
}

static bool is_ascii(const char *text)
{
    for (; *text; text++) {
        if (*text & 0x80) return false;
    }
    return true;
}

/* The texts about money are in the encoding of LC_MONETARY, which may not be that of LC_CTYPE. */
static int put_monetary(PyObject *dict, const struct lconv *lc)
{
    const struct {
        const char *key, *text;
    } texts[] = {
        {"int_curr_symbol", lc->int_curr_symbol}, {"currency_symbol", lc->currency_symbol},
        {"mon_decimal_point", lc->mon_decimal_point}, {"mon_thousands_sep", lc->mon_thousands_sep},
    };
    char *before = NULL;
    bool plain = true;
    for (size_t i = 0; i < Py_ARRAY_LENGTH(texts); i++) plain = plain && is_ascii(texts[i].text);
    if (!plain) {
        const char *now = setlocale(LC_CTYPE, NULL), *money = setlocale(LC_MONETARY, NULL);
        if (now && money && strcmp(now, money) != 0) {
            before = _PyMem_Strdup(now);
            if (!before) {
                PyErr_NoMemory();
                return -1;
            }
            setlocale(LC_CTYPE, money);
        }
    }
    int result = 0;
    for (size_t i = 0; result == 0 && i < Py_ARRAY_LENGTH(texts); i++) {
        result = put(dict, texts[i].key, PyUnicode_DecodeLocale(texts[i].text, NULL));
    }
    if (before) setlocale(LC_CTYPE, before);
    PyMem_Free(before);
    return result;
}

static PyObject *locale_localeconv(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(ignored))
{
    PyObject *dict = PyDict_New(), *point = NULL, *separator = NULL;
    if (!dict) return NULL;
    struct lconv lc = *localeconv();    /* a copy: the C library's changes with setlocale() */
    if (put_monetary(dict, &lc) < 0 || put(dict, "mon_grouping", grouping_list(lc.mon_grouping)) < 0
        || put(dict, "positive_sign", PyUnicode_DecodeLocale(lc.positive_sign, NULL)) < 0
        || put(dict, "negative_sign", PyUnicode_DecodeLocale(lc.negative_sign, NULL)) < 0) {
        goto error;
    }
#define NUMBER(name) \
    if (put(dict, #name, PyLong_FromLong(lc.name)) < 0) goto error
    NUMBER(int_frac_digits);
    NUMBER(frac_digits);
    NUMBER(p_cs_precedes);
    NUMBER(p_sep_by_space);
    NUMBER(n_cs_precedes);
    NUMBER(n_sep_by_space);
    NUMBER(p_sign_posn);
    NUMBER(n_sign_posn);
#undef NUMBER
    if (_Py_GetLocaleconvNumeric(&lc, &point, &separator) < 0) goto error;
    if (put(dict, "decimal_point", point) < 0) {
        Py_DECREF(separator);
        goto error;
    }
    if (put(dict, "thousands_sep", separator) < 0) goto error;
    if (put(dict, "grouping", grouping_list(lc.grouping)) < 0) goto error;
    return dict;
error:
    Py_DECREF(dict);
    return NULL;
}

/* ---- Comparing ---- */

static int need_str(const char *function, const char *which, PyObject *obj)
{
    if (PyUnicode_Check(obj)) return 0;
    _PyArg_BadArgument(function, which, "str", obj);
    return -1;
}

static PyObject *locale_strcoll(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("strcoll", nargs, 2, 2) || need_str("strcoll", "argument 1", args[0]) < 0
        || need_str("strcoll", "argument 2", args[1]) < 0) {
        return NULL;
    }
    wchar_t *a = PyUnicode_AsWideCharString(args[0], NULL), *b = a ? PyUnicode_AsWideCharString(args[1], NULL) : NULL;
    PyObject *result = b ? PyLong_FromLong(wcscoll(a, b)) : NULL;
    PyMem_Free(a);
    PyMem_Free(b);
    return result;
}

static PyObject *locale_strxfrm(PyObject *Py_UNUSED(module), PyObject *obj)
{
    if (need_str("strxfrm", "argument", obj) < 0) return NULL;
    wchar_t *text = PyUnicode_AsWideCharString(obj, NULL), *buffer = NULL;
    if (!text) return NULL;
    PyObject *result = NULL;
    size_t room = wcslen(text) + 1;
    for (;;) {
        wchar_t *larger = PyMem_Realloc(buffer, room * sizeof *buffer);
        if (!larger) {
            PyErr_NoMemory();
            break;
        }
        buffer = larger;
        errno = 0;
        size_t n = wcsxfrm(buffer, text, room);
        if (errno && errno != ERANGE) {
            PyErr_SetFromErrno(PyExc_OSError);
            break;
        }
        if (n < room) {
            result = PyUnicode_FromWideChar(buffer, (Py_ssize_t)n);
            break;
        }
        room = n + 1;
    }
    PyMem_Free(buffer);
    PyMem_Free(text);
    return result;
}

/* ---- nl_langinfo() ---- */

static const struct {
    const char *name;
    long value;
} information[] = {
#define C(name) {#name, name},
    C(DAY_1) C(DAY_2) C(DAY_3) C(DAY_4) C(DAY_5) C(DAY_6) C(DAY_7) C(ABDAY_1) C(ABDAY_2)
    C(ABDAY_3) C(ABDAY_4) C(ABDAY_5) C(ABDAY_6) C(ABDAY_7) C(MON_1) C(MON_2) C(MON_3) C(MON_4)
    C(MON_5) C(MON_6) C(MON_7) C(MON_8) C(MON_9) C(MON_10) C(MON_11) C(MON_12) C(ABMON_1)
    C(ABMON_2) C(ABMON_3) C(ABMON_4) C(ABMON_5) C(ABMON_6) C(ABMON_7) C(ABMON_8) C(ABMON_9)
    C(ABMON_10) C(ABMON_11) C(ABMON_12) C(RADIXCHAR) C(THOUSEP) C(CRNCYSTR) C(D_T_FMT) C(D_FMT)
    C(T_FMT) C(AM_STR) C(PM_STR) C(CODESET) C(T_FMT_AMPM) C(ERA) C(ERA_D_FMT) C(ERA_D_T_FMT)
    C(ERA_T_FMT) C(ALT_DIGITS) C(YESEXPR) C(NOEXPR) C(_DATE_FMT)
#undef C
};

static PyObject *locale_nl_langinfo(PyObject *Py_UNUSED(module), PyObject *obj)
{
    int key = _PyLong_AsInt(obj);
    if (key == -1 && PyErr_Occurred()) return NULL;
    for (size_t i = 0; i < Py_ARRAY_LENGTH(information); i++) {
        if (information[i].value != key) continue;
        const char *text = nl_langinfo(key);
        return PyUnicode_DecodeLocale(text ? text : "", NULL);
    }
    PyErr_SetString(PyExc_ValueError, "unsupported langinfo constant");
    return NULL;
}

static PyObject *locale_getencoding(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(ignored))
{
    return _Py_GetLocaleEncodingObject();
}

/* ---- Message catalogues ---- */

static PyObject *locale_gettext(PyObject *Py_UNUSED(module), PyObject *obj)
{
    const char *message;
    if (!PyArg_Parse(obj, "s:gettext", &message)) return NULL;
    return PyUnicode_DecodeLocale(gettext(message), NULL);
}

static PyObject *locale_dgettext(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    const char *domain, *message;
    if (!_PyArg_CheckPositional("dgettext", nargs, 2, 2)
        || !_PyArg_ParseStack(args, nargs, "zs:dgettext", &domain, &message)) {
        return NULL;
    }
    return PyUnicode_DecodeLocale(dgettext(domain, message), NULL);
}

static PyObject *locale_dcgettext(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    const char *domain, *message;
    int category;
    if (!_PyArg_CheckPositional("dcgettext", nargs, 3, 3)
        || !_PyArg_ParseStack(args, nargs, "zsi:dcgettext", &domain, &message, &category)) {
        return NULL;
    }
    return PyUnicode_DecodeLocale(dcgettext(domain, message, category), NULL);
}

static PyObject *locale_textdomain(PyObject *Py_UNUSED(module), PyObject *obj)
{
    const char *domain;
    if (!PyArg_Parse(obj, "z:textdomain", &domain)) return NULL;
    const char *current = textdomain(domain);
    return current ? PyUnicode_DecodeLocale(current, NULL) : PyErr_SetFromErrno(PyExc_OSError);
}

static PyObject *locale_bindtextdomain(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
{
    const char *domain;
    PyObject *folder, *bytes = NULL;
    if (!_PyArg_CheckPositional("bindtextdomain", nargs, 2, 2)
        || !_PyArg_ParseStack(args, nargs, "sO:bindtextdomain", &domain, &folder)) {
        return NULL;
    }
    if (!*domain) return refuse(module, "domain must be a non-empty string");
    if (folder != Py_None && !PyUnicode_FSConverter(folder, &bytes)) return NULL;
    const char *current = bindtextdomain(domain, bytes ? PyBytes_AS_STRING(bytes) : NULL);
    PyObject *result = current ? PyUnicode_DecodeLocale(current, NULL) : PyErr_SetFromErrno(PyExc_OSError);
    Py_XDECREF(bytes);
    return result;
}

static PyObject *locale_bind_textdomain_codeset(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    const char *domain, *codeset;
    if (!_PyArg_CheckPositional("bind_textdomain_codeset", nargs, 2, 2)
        || !_PyArg_ParseStack(args, nargs, "sz:bind_textdomain_codeset", &domain, &codeset)) {
        return NULL;
    }
    const char *current = bind_textdomain_codeset(domain, codeset);
    if (current) return PyUnicode_DecodeLocale(current, NULL);
    Py_RETURN_NONE;
}

static PyMethodDef functions[] = {
    {"setlocale", _PyCFunction_CAST(locale_setlocale), METH_FASTCALL,
     "setlocale($module, category, locale=<unrepresentable>, /)\n--\n\nSet or, without a name, tell the locale of a category."},
    {"localeconv", locale_localeconv, METH_NOARGS,
     "localeconv($module, /)\n--\n\nHow the locale writes numbers and amounts of money, as a dict."},
    {"strcoll", _PyCFunction_CAST(locale_strcoll), METH_FASTCALL,
     "strcoll($module, os1, os2, /)\n--\n\nCompare two strings as the locale sorts them."},
    {"strxfrm", locale_strxfrm, METH_O,
     "strxfrm($module, string, /)\n--\n\nA string that compares as the locale sorts the given one."},
    {"nl_langinfo", locale_nl_langinfo, METH_O,
     "nl_langinfo($module, key, /)\n--\n\nA piece of information about the locale."},
    {"gettext", locale_gettext, METH_O, "gettext($module, msg, /)\n--\n\nA message in the user's language."},
    {"dgettext", _PyCFunction_CAST(locale_dgettext), METH_FASTCALL,
     "dgettext($module, domain, msg, /)\n--\n\nA domain's message in the user's language."},
    {"dcgettext", _PyCFunction_CAST(locale_dcgettext), METH_FASTCALL,
     "dcgettext($module, domain, msg, category, /)\n--\n\nA domain's message in the language of a category."},
    {"textdomain", locale_textdomain, METH_O, "textdomain($module, domain, /)\n--\n\nSet or, with None, tell the domain."},
    {"bindtextdomain", _PyCFunction_CAST(locale_bindtextdomain), METH_FASTCALL,
     "bindtextdomain($module, domain, dir, /)\n--\n\nSet or, with None, tell where a domain's catalogues are."},
    {"bind_textdomain_codeset", _PyCFunction_CAST(locale_bind_textdomain_codeset), METH_FASTCALL,
     "bind_textdomain_codeset($module, domain, codeset, /)\n--\n\nSet or, with None, tell the encoding of a domain's messages."},
    {"getencoding", locale_getencoding, METH_NOARGS, "getencoding($module, /)\n--\n\nThe locale's encoding."},
    {NULL, NULL, 0, NULL},
};

static const struct {
    const char *name;
    long value;
} constants[] = {
#define C(name) {#name, name},
    C(LC_CTYPE) C(LC_TIME) C(LC_COLLATE) C(LC_MONETARY) C(LC_MESSAGES) C(LC_NUMERIC) C(LC_ALL)
    C(CHAR_MAX)
#undef C
};

static int module_exec(PyObject *module)
{
    for (size_t i = 0; i < Py_ARRAY_LENGTH(constants); i++) {
        if (PyModule_AddIntConstant(module, constants[i].name, constants[i].value) < 0) return -1;
    }
    PyObject *error = PyErr_NewException("locale.Error", NULL, NULL);
    module_state(module)->error = error;
    if (!error || PyModule_AddObjectRef(module, "Error", error) < 0) return -1;
    for (size_t i = 0; i < Py_ARRAY_LENGTH(information); i++) {
        if (PyModule_AddIntConstant(module, information[i].name, information[i].value) < 0) return -1;
    }
    return 0;
}

static int module_traverse(PyObject *module, visitproc visit, void *arg)
{
    Py_VISIT(module_state(module)->error);
    return 0;
}

static int module_clear(PyObject *module)
{
    Py_CLEAR(module_state(module)->error);
    return 0;
}

static void module_free(void *module)
{
    module_clear(module);
}

static PyModuleDef_Slot slots[] = {{Py_mod_exec, module_exec}, {0, NULL}};

static PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_locale",
    .m_doc = "The C library's locales.",
    .m_size = sizeof(struct LocaleModule),
    .m_methods = functions,
    .m_slots = slots,
    .m_traverse = module_traverse,
    .m_clear = module_clear,
    .m_free = module_free,
};

PyMODINIT_FUNC PyInit__locale(void)
{
    return PyModuleDef_Init(&definition);
}
