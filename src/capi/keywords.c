/* Functions with keyword arguments: PyArg_ParseTupleAndKeywords, and the _PyArg_Parser forms, which keep the names as interned
 * strings from one call to the next. The former's parser lives for one call: it has no kwtuple, and what is given is compared with
 * the names as C strings.
 */
#include "capi/convert.h"
#include "objects/str/str.h"

#include <string.h>

/* The arguments of a call: an array of positional ones, and named ones either in a dict or, as vectorcall lays them out, behind
 * the positional ones with their names in a tuple. All borrowed. */
typedef struct {
    PyObject *const *args;
    Py_ssize_t nargs;
    PyObject *kwargs;           /* dict or NULL */
    PyObject *kwnames;          /* tuple or NULL */
} Call;

static Py_ssize_t keyword_count(const Call *call)
{
    return call->kwargs ? PyDict_GET_SIZE(call->kwargs) : call->kwnames ? PyTuple_GET_SIZE(call->kwnames) : 0;
}

static bool same_name(PyObject *given, PyObject *name)
{
    return given == name || (PyUnicode_Check(given) && _PyUnicode_EQ(given, name));
}

/* Whether an object is a str with the characters of a name in UTF-8. Never an exception. */
static bool is_text(PyObject *given, const char *name)
{
    if (!PyUnicode_Check(given) || PyUnicode_READY(given) < 0) return false;
    if (PyUnicode_IS_ASCII(given)) {
        size_t n = strlen(name);
        return (size_t)PyUnicode_GET_LENGTH(given) == n && memcmp(PyUnicode_DATA(given), name, n) == 0;
    }
    PyObject *text = PyUnicode_FromString(name);
    bool same = text && _PyUnicode_EQ(given, text);
    Py_XDECREF(text);
    if (!text) PyErr_Clear();
    return same;
}

/* The value that a dict has for a name in UTF-8. Borrowed; NULL if there is none, or with an exception set. */
static PyObject *find_text(PyObject *kwargs, const char *name)
{
    PyObject *text = str_from_c_name(name);
    PyObject *value = text ? PyDict_GetItemWithError(kwargs, text) : NULL;
    Py_XDECREF(text);
    return value;
}

/* The value given for parameter i, borrowed; NULL if there is none, or with an exception set. */
static PyObject *find_keyword(const Call *call, const _PyArg_Parser *parser, int i)
{
    if (!parser->kwtuple) return call->kwargs ? find_text(call->kwargs, parser->keywords[i]) : NULL;
    PyObject *name = PyTuple_GET_ITEM(parser->kwtuple, i - parser->pos);
    if (call->kwargs) return PyDict_GetItemWithError(call->kwargs, name);
    if (!call->kwnames) return NULL;
    Py_ssize_t n = PyTuple_GET_SIZE(call->kwnames);
    for (Py_ssize_t i = 0; i < n; i++) {
        if (PyTuple_GET_ITEM(call->kwnames, i) == name) return call->args[call->nargs + i];
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        if (same_name(PyTuple_GET_ITEM(call->kwnames, i), name)) return call->args[call->nargs + i];
    }
    return NULL;
}

/* ---- Parsers ------------------------------------------------------------------------------------------------------- */

static int parser_count(const _PyArg_Parser *parser)
{
    if (parser->kwtuple) return parser->pos + (int)PyTuple_GET_SIZE(parser->kwtuple);
    int count = parser->pos;
    while (parser->keywords[count]) count++;
    return count;
}

/* Name of a parameter that is not positional-only: new reference. */
static PyObject *parser_name(const _PyArg_Parser *parser, int i)
{
    if (!parser->kwtuple) return PyUnicode_FromString(parser->keywords[i]);
    return Py_NewRef(PyTuple_GET_ITEM(parser->kwtuple, i - parser->pos));
}

/* Fills in a parser from its format and keywords. `pos` names are positional-only; `min` arguments are required; at most `max`
 * may be positional. `for_one_call`: of the old form, which words a complaint otherwise. */
static bool parser_read(_PyArg_Parser *parser, bool for_one_call)
{
    const char *const *names = parser->keywords;
    int count = 0, pos = 0;
    while (names[pos] && !*names[pos]) pos++;
    for (count = pos; names[count]; count++) {
        if (!*names[count]) {
            PyErr_SetString(PyExc_SystemError, "Empty keyword parameter name");
            return false;
        }
    }
    int min = INT_MAX, max = INT_MAX;
    if (parser->format) {
        const char *format = parser->format;
        int i = 0;
        for (;; i++) {
            if (i == count && (*format == '|' || *format == '$')) break;    /* what follows the last one is not looked at */
            if (*format == '|') {
                if (min != INT_MAX || max != INT_MAX) {
                    PyErr_SetString(PyExc_SystemError, max != INT_MAX ? "Invalid format string ($ before |)"
                                                                      : "Invalid format string (| specified twice)");
                    return false;
                }
                min = i;
                format++;
            }
            if (*format == '$') {
                if (max != INT_MAX) {
                    PyErr_SetString(PyExc_SystemError, "Invalid format string ($ specified twice)");
                    return false;
                }
                max = i;
                format++;
                if (max < pos) {
                    PyErr_SetString(PyExc_SystemError, "Empty parameter name after $");
                    return false;
                }
            }
            if (!*format || *format == ':' || *format == ';') break;
            if (i >= count) {
                PyErr_Format(PyExc_SystemError, "more argument specifiers than keyword list entries (remaining format:'%s')", format);
                return false;
            }
            /* only the format is walked here: the variables belong to a call */
            char unit = *format++;
            if (unit == '(') {
                for (int level = 1; level && *format; format++) level += *format == '(' ? 1 : *format == ')' ? -1 : 0;
            }
            else {
                if (unit == 'e' && *format) format++;
                if (*format == '#' || *format == '*' || *format == '!' || *format == '&') format++;
            }
        }
        const char *colon = *format == ':' ? format : strchr(format, ':'), *semicolon = colon ? NULL : strchr(format, ';');
        parser->fname = colon ? colon + 1 : NULL;
        parser->custom_msg = semicolon ? semicolon + 1 : NULL;
        if (i < count) {
            PyErr_Format(PyExc_SystemError, for_one_call ? "More keyword list entries (%d) than format specifiers (%d)"
                                                         : "more keyword list entries (%d) than argument specifiers (%d)", count, i);
            return false;
        }
    }
    parser->pos = pos;
    parser->min = min < count ? min : count;
    parser->max = max < count ? max : count;
    return true;
}

/* Makes the parser one for many calls. */
static bool parser_keep_names(_PyArg_Parser *parser)
{
    const char *const *names = parser->keywords;
    int pos = parser->pos, count = parser_count(parser);
    PyObject *tuple = PyTuple_New(count - pos);
    for (int i = pos; tuple && i < count; i++) {
        PyObject *name = PyUnicode_InternFromString(names[i]);
        if (!name) Py_CLEAR(tuple);
        else PyTuple_SET_ITEM(tuple, i - pos, name);
    }
    parser->kwtuple = tuple;
    return tuple != NULL;
}

static bool parser_init(_PyArg_Parser *parser)
{
    /* Parsers of extension modules come with a kwtuple of their own and min and max unset: those are read, too. */
    if (parser->kwtuple && (parser->max || !parser->format)) return true;
    return parser_read(parser, false) && (parser->kwtuple || parser_keep_names(parser));
}

/* ---- Errors -------------------------------------------------------------------------------------------------------- */

static const char *function_name(const _PyArg_Parser *parser, const char *otherwise) { return parser->fname ? parser->fname : otherwise; }
static const char *parentheses(const _PyArg_Parser *parser) { return parser->fname ? "()" : ""; }

static void too_many(const _PyArg_Parser *parser, const Call *call, int limit)
{
    PyErr_Format(PyExc_TypeError, "%.200s%s takes %s %d %sargument%s (%zd given)", function_name(parser, "function"),
                 parentheses(parser), "at most", limit, call->nargs == 0 ? "keyword " : "", limit == 1 ? "" : "s",
                 call->nargs + keyword_count(call));
}

static void too_many_positional(const _PyArg_Parser *parser, const Call *call, int max, bool exactly)
{
    if (max == 0) {
        PyErr_Format(PyExc_TypeError, "%.200s%s takes no positional arguments", function_name(parser, "function"), parentheses(parser));
        return;
    }
    PyErr_Format(PyExc_TypeError, "%.200s%s takes %s %d positional argument%s (%zd given)", function_name(parser, "function"),
                 parentheses(parser), exactly ? "exactly" : "at most", max, max == 1 ? "" : "s", call->nargs);
}

static void missing_positional_only(const _PyArg_Parser *parser, const Call *call, int needed, bool at_least)
{
    PyErr_Format(PyExc_TypeError, "%.200s%s takes %s %d positional argument%s (%zd given)", function_name(parser, "function"),
                 parentheses(parser), at_least ? "at least" : "exactly", needed, needed == 1 ? "" : "s", call->nargs);
}

static void missing_required(const _PyArg_Parser *parser, int i)
{
    PyObject *name = parser_name(parser, i);
    if (!name) return;
    PyErr_Format(PyExc_TypeError, "%.200s%s missing required argument '%U' (pos %i)", function_name(parser, "function"),
                 parentheses(parser), name, i + 1);
    Py_DECREF(name);
}

/* 1 or 0: whether a parameter has that name; -1 with an exception. */
static int is_known(const _PyArg_Parser *parser, const Call *call, PyObject *name)
{
    if (parser->kwtuple && call->kwargs) return PySequence_Contains(parser->kwtuple, name);
    for (int i = parser->pos, count = parser_count(parser); i < count; i++) {
        if (!parser->kwtuple ? is_text(name, parser->keywords[i]) : same_name(name, PyTuple_GET_ITEM(parser->kwtuple, i - parser->pos))) {
            return 1;
        }
    }
    return 0;
}

static bool check_name(const _PyArg_Parser *parser, const Call *call, PyObject *name)
{
    if (!PyUnicode_Check(name)) {
        PyErr_SetString(PyExc_TypeError, "keywords must be strings");
        return false;
    }
    int known = is_known(parser, call, name);
    if (known == 0) {
        PyErr_Format(PyExc_TypeError, "'%S' is an invalid keyword argument for %.200s%s", name, function_name(parser, "this function"),
                     parentheses(parser));
    }
    return known > 0;
}

/* Some named argument was not used: it repeats a positional one, or has no such name. */
static void leftover_keywords(const _PyArg_Parser *parser, const Call *call)
{
    int count = parser_count(parser);
    for (int i = parser->pos; i < count && i < call->nargs; i++) {
        if (find_keyword(call, parser, i)) {
            PyObject *name = parser_name(parser, i);
            if (!name) return;
            PyErr_Format(PyExc_TypeError, "argument for %.200s%s given by name ('%U') and position (%d)",
                         function_name(parser, "function"), parentheses(parser), name, i + 1);
            Py_DECREF(name);
            return;
        }
        if (PyErr_Occurred()) return;
    }
    if (call->kwargs) {
        PyObject *name;
        Py_ssize_t position = 0;
        while (PyDict_Next(call->kwargs, &position, &name, NULL)) {
            if (!check_name(parser, call, name)) return;
        }
    }
    else {
        for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(call->kwnames); i++) {
            if (!check_name(parser, call, PyTuple_GET_ITEM(call->kwnames, i))) return;
        }
    }
    /* Known names all, but of a kind of str that did not let itself be found. */
    PyErr_Format(PyExc_TypeError, "invalid keyword argument for %.200s%s", function_name(parser, "this function"), parentheses(parser));
}

/* ---- With a format --------------------------------------------------------------------------------------------------- */

/* Converts every argument that is there, in order of the format. */
static bool convert_all(const _PyArg_Parser *parser, const Call *call, Parse *p)
{
    const char *format = parser->format;
    int count = parser_count(parser), levels[PARSE_LEVELS];
    char message[PARSE_MESSAGE];
    Py_ssize_t unused = keyword_count(call);
    for (int i = 0; i < count; i++) {
        if (*format == '|') format++;
        if (*format == '$') format++;
        PyObject *arg = NULL;
        if (i < call->nargs) arg = call->args[i];
        else if (unused && i >= parser->pos) {
            arg = find_keyword(call, parser, i);
            if (arg) unused--;
            else if (PyErr_Occurred()) return false;
        }
        const char *complaint;
        if (arg && parse_plain(p, arg, &format)) continue;
        if (arg) {
            complaint = convert_item(p, arg, &format, levels, message);
            if (complaint) {
                convert_error(i + 1, complaint, levels, parser->fname, parser->custom_msg);
                return false;
            }
            continue;
        }
        if (i < parser->min) {
            if (i < parser->pos) {
                int needed = parser->pos < parser->min ? parser->pos : parser->min;
                missing_positional_only(parser, call, needed, needed < parser->max);
            }
            else missing_required(parser, i);
            return false;
        }
        if (!unused && i >= call->nargs && i >= parser->min) return true;     /* only optional ones are left */
        const char *unit = format;
        complaint = convert_skip(p, &format);
        if (complaint) {
            PyErr_Format(PyExc_SystemError, "%s: '%s'", complaint, unit);
            return false;
        }
    }
    if (unused) {
        leftover_keywords(parser, call);
        return false;
    }
    return true;
}

/* The parser has been read. */
static int parse(const Call *call, const _PyArg_Parser *parser, Parse *p)
{
    int count = parser_count(parser);
    if (call->nargs + keyword_count(call) > count) {
        too_many(parser, call, count);
        return parse_finish(p, false);
    }
    if (call->nargs > parser->max) {
        too_many_positional(parser, call, parser->max, parser->min == count && parser->max == parser->min);
        return parse_finish(p, false);
    }
    return parse_finish(p, convert_all(parser, call, p));
}

static Call call_of_tuple(PyObject *args, PyObject *kwargs)
{
    return (Call){&PyTuple_GET_ITEM(args, 0), PyTuple_GET_SIZE(args), kwargs, NULL};
}

/* How many names there are; -1 if an empty one follows one that is not. *pos: how many empty ones begin the list. */
static int count_names(char **names, int *pos)
{
    int count = 0;
    while (names[count] && !*names[count]) count++;
    *pos = count;
    for (; names[count]; count++) {
        if (UNLIKELY(!*names[count])) return -1;
    }
    return count;
}

/* The common call of the old form, in one pass: 1 where there are but plain units and what fits them, every required argument and
 * none too many; -1 with an exception set; 0 where it is another call: then some variables are set, and the parse begins anew. */
static int parse_once_plainly(PyObject *args, PyObject *kwargs, const char *format, char **names, Parse *p)
{
    Py_ssize_t nargs = PyTuple_GET_SIZE(args), unused = kwargs ? PyDict_GET_SIZE(kwargs) : 0;
    int pos, count = count_names(names, &pos);
    if (nargs + unused > count || nargs < pos) return 0;
    bool optional = false;
    for (int i = 0; i < count; i++) {
        if (*format == '|') {
            if (optional) return 0;
            optional = true;
            format++;
        }
        PyObject *arg = NULL;
        if (i < nargs) arg = PyTuple_GET_ITEM(args, i);
        else if (!unused) return optional && Py_ISALPHA(*format);
        else {
            arg = find_text(kwargs, names[i]);
            if (arg) unused--;
            else if (UNLIKELY(PyErr_Occurred() != NULL)) return -1;
        }
        if (!(arg ? parse_plain(p, arg, &format) : optional && parse_plain_skip(p, &format))) return 0;
    }
    return !unused && (*format == '\0' || *format == ':' || *format == ';');
}

/* The old form: keywords come with each call. */
static int parse_once(PyObject *args, PyObject *kwargs, const char *format, char **keywords, Parse *p)
{
    if (!args || !PyTuple_Check(args) || (kwargs && !PyDict_Check(kwargs)) || !format || !keywords) {
        PyErr_BadInternalCall();
        return parse_finish(p, false);
    }
    va_list start;
    va_copy(start, p->args);
    int plain = parse_once_plainly(args, kwargs, format, keywords, p);
    if (UNLIKELY(plain == 0)) {
        va_end(p->args);
        va_copy(p->args, start);
    }
    va_end(start);
    if (LIKELY(plain != 0)) return plain > 0;
    _PyArg_Parser parser = {.format = format, .keywords = (const char *const *)keywords};
    Call call = call_of_tuple(args, kwargs);
    return parser_read(&parser, true) ? parse(&call, &parser, p) : parse_finish(p, false);
}

static int parse_fast(PyObject *args, PyObject *kwargs, _PyArg_Parser *parser, Parse *p)
{
    if (!args || !PyTuple_Check(args) || (kwargs && !PyDict_Check(kwargs)) || !parser) {
        PyErr_BadInternalCall();
        return parse_finish(p, false);
    }
    Call call = call_of_tuple(args, kwargs);
    return parser_init(parser) ? parse(&call, parser, p) : parse_finish(p, false);
}

static int parse_stack(PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames, _PyArg_Parser *parser, Parse *p)
{
    Call call = {args, nargs, NULL, kwnames};
    return parser_init(parser) ? parse(&call, parser, p) : parse_finish(p, false);
}

#define VARIADIC(FUNCTION, CLEAN, PARAMETERS, LAST, CALL) \
    int FUNCTION PARAMETERS \
    { \
        Parse p; \
        parse_begin(&p, CLEAN); \
        va_start(p.args, LAST); \
        int result = CALL; \
        va_end(p.args); \
        return result; \
    }
#define WITH_VA_LIST(FUNCTION, CLEAN, PARAMETERS, CALL) \
    int FUNCTION PARAMETERS \
    { \
        Parse p; \
        parse_begin(&p, CLEAN); \
        va_copy(p.args, va); \
        int result = CALL; \
        va_end(p.args); \
        return result; \
    }

VARIADIC(PyArg_ParseTupleAndKeywords, false, (PyObject *args, PyObject *kwargs, const char *format, char **keywords, ...), keywords,
         parse_once(args, kwargs, format, keywords, &p))
VARIADIC(_PyArg_ParseTupleAndKeywords_SizeT, true, (PyObject *args, PyObject *kwargs, const char *format, char **keywords, ...),
         keywords, parse_once(args, kwargs, format, keywords, &p))
WITH_VA_LIST(PyArg_VaParseTupleAndKeywords, false, (PyObject *args, PyObject *kwargs, const char *format, char **keywords, va_list va),
             parse_once(args, kwargs, format, keywords, &p))
WITH_VA_LIST(_PyArg_VaParseTupleAndKeywords_SizeT, true,
             (PyObject *args, PyObject *kwargs, const char *format, char **keywords, va_list va),
             parse_once(args, kwargs, format, keywords, &p))
VARIADIC(_PyArg_ParseTupleAndKeywordsFast, false, (PyObject *args, PyObject *kwargs, _PyArg_Parser *parser, ...), parser,
         parse_fast(args, kwargs, parser, &p))
VARIADIC(_PyArg_ParseTupleAndKeywordsFast_SizeT, true, (PyObject *args, PyObject *kwargs, _PyArg_Parser *parser, ...), parser,
         parse_fast(args, kwargs, parser, &p))
WITH_VA_LIST(_PyArg_VaParseTupleAndKeywordsFast, false, (PyObject *args, PyObject *kwargs, _PyArg_Parser *parser, va_list va),
             parse_fast(args, kwargs, parser, &p))
WITH_VA_LIST(_PyArg_VaParseTupleAndKeywordsFast_SizeT, true, (PyObject *args, PyObject *kwargs, _PyArg_Parser *parser, va_list va),
             parse_fast(args, kwargs, parser, &p))
VARIADIC(_PyArg_ParseStackAndKeywords, false,
         (PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames, _PyArg_Parser *parser, ...), parser,
         parse_stack(args, nargs, kwnames, parser, &p))
VARIADIC(_PyArg_ParseStackAndKeywords_SizeT, true,
         (PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames, _PyArg_Parser *parser, ...), parser,
         parse_stack(args, nargs, kwnames, parser, &p))

/* ---- Without conversion ------------------------------------------------------------------------------------------------ */

/* Puts arguments in order of the parameters into buf, NULL for those not given. minpos, maxpos: positional parameters required
 * and allowed; minkw: required keyword-only ones. Gives buf, or args itself where nothing needs to move; NULL with an
 * exception set. */
#undef _PyArg_UnpackKeywords
PyObject *const *_PyArg_UnpackKeywords(PyObject *const *args, Py_ssize_t nargs, PyObject *kwargs, PyObject *kwnames,
                                       _PyArg_Parser *parser, int minpos, int maxpos, int minkw, PyObject **buf)
{
    if (!args && nargs == 0) args = buf;
    if (!parser_init(parser)) return NULL;
    Call call = {args, nargs, kwargs, kwnames};
    int pos = parser->pos, count = parser_count(parser);
    Py_ssize_t unused = keyword_count(&call);
    if (!unused && !minkw && minpos <= nargs && nargs <= maxpos) {
        if (nargs < count || args != buf) {
            /* The caller reads `count` places: those not given must be NULL. */
            for (Py_ssize_t i = 0; i < nargs; i++) buf[i] = args[i];
            for (Py_ssize_t i = nargs; i < count; i++) buf[i] = NULL;
            return buf;
        }
        return args;
    }
    if (nargs + unused > count) {
        too_many(parser, &call, count);
        return NULL;
    }
    if (nargs > maxpos) {
        too_many_positional(parser, &call, maxpos, minpos == maxpos);
        return NULL;
    }
    if (nargs < minpos && nargs < pos) {
        int needed = pos < minpos ? pos : minpos;
        if (nargs < needed) {
            missing_positional_only(parser, &call, needed, minpos < maxpos);
            return NULL;
        }
    }
    int required = minkw ? maxpos + minkw : minpos;
    for (Py_ssize_t i = 0; i < nargs; i++) buf[i] = args[i];
    for (int i = (int)nargs; i < count; i++) {
        PyObject *value = NULL;
        if (i >= pos && unused) {
            value = find_keyword(&call, parser, i);
            if (value) unused--;
            else if (PyErr_Occurred()) return NULL;
        }
        buf[i] = value;
        if (!value && (i < minpos || (maxpos <= i && i < required))) {
            missing_required(parser, i);
            return NULL;
        }
    }
    if (unused) {
        leftover_keywords(parser, &call);
        return NULL;
    }
    return buf;
}

/* The same for a function with *args: parameter `vararg` of buf receives the tuple of surplus positional arguments, new. */
PyObject *const *_PyArg_UnpackKeywordsWithVararg(PyObject *const *args, Py_ssize_t nargs, PyObject *kwargs, PyObject *kwnames,
                                                 _PyArg_Parser *parser, int minpos, int maxpos, int minkw, int vararg, PyObject **buf)
{
    if (!parser_init(parser)) return NULL;
    Py_ssize_t named = nargs < maxpos ? nargs : maxpos, surplus = nargs - named;
    PyObject *rest = PyTuple_New(surplus);
    if (!rest) return NULL;
    for (Py_ssize_t i = 0; i < surplus; i++) PyTuple_SET_ITEM(rest, i, Py_NewRef(args[named + i]));
    Call call = {args, nargs, kwargs, kwnames};
    int pos = parser->pos, count = parser_count(parser);
    Py_ssize_t unused = keyword_count(&call);
    if (nargs < minpos && nargs < pos) {
        missing_positional_only(parser, &call, pos < minpos ? pos : minpos, minpos < maxpos);
        goto error;
    }
    int required = minkw ? maxpos + minkw : minpos;
    for (Py_ssize_t i = 0; i < named; i++) buf[i] = args[i];
    buf[vararg] = rest;
    for (int i = (int)named; i < count; i++) {
        int place = i < vararg ? i : i + 1;
        PyObject *value = NULL;
        if (i >= pos && unused) {
            value = find_keyword(&call, parser, i);
            if (value) unused--;
            else if (PyErr_Occurred()) goto error;
        }
        buf[place] = value;
        if (!value && (i < minpos || (maxpos <= i && i < required))) {
            missing_required(parser, i);
            goto error;
        }
    }
    if (!unused) return buf;
    leftover_keywords(parser, &call);
error:
    Py_DECREF(rest);
    return NULL;
}
