/* PyOS_snprintf and its family, PyOS_stricmp (the manual: c-api/conversion). */
#include <Python.h>
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>

int PyOS_vsnprintf(char *text, size_t size, const char *format, va_list args)
{
    if (size > INT_MAX - 1000) return -666;     /* the manual's word for an absurd size */
    int n = vsnprintf(text, size, format, args);
    if (size > 0) text[size - 1] = '\0';
    return n;
}

int PyOS_snprintf(char *text, size_t size, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int n = PyOS_vsnprintf(text, size, format, args);
    va_end(args);
    return n;
}

int PyOS_mystrnicmp(const char *a, const char *b, Py_ssize_t size)
{
    for (Py_ssize_t i = 0; i < size; i++) {
        int x = tolower((unsigned char)a[i]), y = tolower((unsigned char)b[i]);
        if (x != y || !x) return x - y;
    }
    return 0;
}

int PyOS_mystricmp(const char *a, const char *b) { return PyOS_mystrnicmp(a, b, PY_SSIZE_T_MAX); }

const char *Py_hexdigits = "0123456789abcdef";
