/* Reading numbers from text of any script. */
#include "objects/str/str.h"

/* New str in which decimal digits of all scripts are ASCII digits and white space is blanks; from the first character that is
 * neither, '?' to the end. What is ASCII already is returned as it is. */
PyObject *_PyUnicode_TransformDecimalAndSpaceToASCII(PyObject *s)
{
    if (!PyUnicode_Check(s)) {
        PyErr_BadInternalCall();
        return NULL;
    }
    if (PyUnicode_READY(s) < 0)
        return NULL;
    if (PyUnicode_IS_ASCII(s))
        return Py_NewRef(s);
    StrView v = str_view(s);
    PyObject *result = PyUnicode_New(v.length, 127);
    if (result == NULL)
        return NULL;
    Py_UCS1 *to = PyUnicode_1BYTE_DATA(result);
    for (Py_ssize_t i = 0; i < v.length; i++) {
        Py_UCS4 ch = PyUnicode_READ(v.kind, v.data, i);
        int digit;
        if (ch < 127) {
            to[i] = (Py_UCS1)ch;
        } else if (Py_UNICODE_ISSPACE(ch)) {
            to[i] = ' ';
        } else if ((digit = Py_UNICODE_TODECIMAL(ch)) >= 0) {
            to[i] = (Py_UCS1)('0' + digit);
        } else {
            to[i++] = '?';
            memset(to + i, 0, (size_t)(v.length - i) + 1);
            str_head(result)->length = i;
            break;
        }
    }
    return str_share_steal(result);
}
