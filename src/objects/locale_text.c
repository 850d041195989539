/* The C locale's numeric punctuation as str. */
#include <Python.h>

#include <locale.h>
#include <stdbool.h>
#include <string.h>

PyAPI_FUNC(int)
    _Py_GetLocaleconvNumeric(struct lconv *lc, PyObject **decimal_point, PyObject **thousands_sep);

static bool is_ascii(const char *text)
{
    for (; *text; text++) {
        if ((unsigned char)*text > 127) return false;
    }
    return true;
}

/* The decimal point and thousands separator of lc, new references. They are in the encoding of
 * LC_NUMERIC's locale, which need not be LC_CTYPE's. -1 with an exception. */
int _Py_GetLocaleconvNumeric(struct lconv *lc, PyObject **decimal_point, PyObject **thousands_sep)
{
    locale_t numeric = (locale_t)0, saved = (locale_t)0;
    if (!is_ascii(lc->decimal_point) || !is_ascii(lc->thousands_sep)) {
        const char *name = setlocale(LC_NUMERIC, NULL);
        if (name) numeric = newlocale(LC_CTYPE_MASK, name, (locale_t)0);
        if (numeric) saved = uselocale(numeric);
    }
    *decimal_point = PyUnicode_DecodeLocale(lc->decimal_point, NULL);
    *thousands_sep = *decimal_point ? PyUnicode_DecodeLocale(lc->thousands_sep, NULL) : NULL;
    if (numeric) {
        uselocale(saved);
        freelocale(numeric);
    }
    if (*thousands_sep) return 0;
    Py_CLEAR(*decimal_point);
    return -1;
}
