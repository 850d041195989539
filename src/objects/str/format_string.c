#include "objects/str/format_string.h"

static Py_UCS4 char_at(Part p, Py_ssize_t i)
{
    return PyUnicode_READ_CHAR(p.str, i);
}

static int error(const char *message)
{
    PyErr_SetString(PyExc_ValueError, message);
    return -1;
}

/* Behind the '!' or ':' that ended a field's name. */
static int parse_conversion_and_spec(Part *rest, FormatPiece *piece, Py_UCS4 ch)
{
    if (ch == '!') {
        if (rest->start >= rest->end)
            return error("end of string while looking for conversion specifier");
        piece->conversion = char_at(*rest, rest->start++);
        if (rest->start < rest->end) {
            ch = char_at(*rest, rest->start++);
            if (ch == '}')
                return 1;
            if (ch != ':')
                return error("expected ':' after conversion specifier");
        }
    }
    piece->spec = (Part){rest->str, rest->start, rest->end};
    int depth = 1;
    for (; rest->start < rest->end; rest->start++) {
        ch = char_at(*rest, rest->start);
        if (ch == '{') {
            piece->spec_nested = true;
            depth++;
        } else if (ch == '}' && --depth == 0) {
            piece->spec.end = rest->start++;
            return 1;
        }
    }
    return error("unmatched '{' in format spec");
}

/* A field behind its '{'. */
static int parse_field(Part *rest, FormatPiece *piece)
{
    Py_UCS4 ch = 0;
    bool bracket = false, ended = false;
    piece->has_field = true;
    piece->name.str = rest->str;
    piece->name.start = rest->start;
    while (rest->start < rest->end) {
        ch = char_at(*rest, rest->start++);
        if (ch == '{' && !bracket)
            return error("unexpected '{' in field name");
        if (ch == '[') {
            bracket = true;
        } else if (ch == ']') {
            bracket = false;
        } else if ((ch == '}' || ch == ':' || ch == '!') && !bracket) {
            ended = true;
            break;
        }
    }
    if (!ended)
        return error("expected '}' before end of string");
    piece->name.end = rest->start - 1;
    return ch == '}' ? 1 : parse_conversion_and_spec(rest, piece, ch);
}

int format_markup_next(FormatMarkup *m, FormatPiece *piece)
{
    Part *rest = &m->rest;
    Py_UCS4 ch = 0;
    bool markup = false;
    /* Field by field: a struct that is stored in words and loaded in vectors waits for the stores. */
    piece->literal.str = rest->str;
    piece->literal.start = rest->start;
    piece->literal.end = rest->end;
    piece->has_field = piece->spec_nested = false;
    piece->spec.str = NULL;
    piece->conversion = 0;
    if (rest->start >= rest->end)
        return 0;
    while (rest->start < rest->end) {
        ch = char_at(*rest, rest->start++);
        if (ch == '{' || ch == '}') {
            markup = true;
            break;
        }
    }
    bool at_end = rest->start >= rest->end;
    piece->literal.end = rest->start;
    if (!markup)
        return 1;
    if (ch == '}' && (at_end || char_at(*rest, rest->start) != '}'))
        return error("Single '}' encountered in format string");
    if (ch == '{' && at_end)
        return error("Single '{' encountered in format string");
    if (char_at(*rest, rest->start) == ch) {    /* doubled: one brace of the literal */
        rest->start++;
        return 1;
    }
    piece->literal.end--;
    return parse_field(rest, piece);
}

/* The number that a part is, or -1 when it is none; -2 with ValueError. */
static Py_ssize_t part_number(Part p)
{
    Py_ssize_t number = 0;
    if (p.start >= p.end)
        return -1;
    for (Py_ssize_t i = p.start; i < p.end; i++) {
        Py_UCS4 ch = char_at(p, i);
        int digit = ch < 128 ? (ch - '0' < 10 ? (int)(ch - '0') : -1) : Py_UNICODE_TODECIMAL(ch);
        if (digit < 0)
            return -1;
        if (number > (PY_SSIZE_T_MAX - digit) / 10)
            return error("Too many decimal digits in format string") - 1;
        number = number * 10 + digit;
    }
    return number;
}

int format_name_first(Part name, Part *first, Py_ssize_t *index, Part *rest, Numbering *numbering)
{
    Py_ssize_t i = name.start;
    while (i < name.end && char_at(name, i) != '.' && char_at(name, i) != '[')
        i++;
    *first = (Part){name.str, name.start, i};
    *rest = (Part){name.str, i, name.end};
    *index = part_number(*first);
    if (*index == -2)
        return -1;
    bool empty = first->start >= first->end;
    if (numbering != NULL && (empty || *index != -1)) {
        if (numbering->mode == NUMBERING_UNKNOWN)
            numbering->mode = empty ? NUMBERING_AUTOMATIC : NUMBERING_MANUAL;
        if (numbering->mode == NUMBERING_MANUAL && empty)
            return error("cannot switch from manual field specification to automatic field numbering");
        if (numbering->mode == NUMBERING_AUTOMATIC && !empty)
            return error("cannot switch from automatic field numbering to manual field specification");
        if (empty)
            *index = numbering->next++;
    }
    return 0;
}

int format_name_next(Part *rest, bool *is_attribute, Part *text, Py_ssize_t *index)
{
    if (rest->start >= rest->end)
        return 0;
    Py_UCS4 ch = char_at(*rest, rest->start++);
    Py_ssize_t i = rest->start;
    *text = *rest;
    *index = -1;
    if (ch == '.') {
        *is_attribute = true;
        while (i < rest->end && char_at(*rest, i) != '.' && char_at(*rest, i) != '[')
            i++;
        text->end = rest->start = i;
    } else if (ch == '[') {
        *is_attribute = false;
        while (i < rest->end && char_at(*rest, i) != ']')
            i++;
        if (i == rest->end)
            return error("Missing ']' in format string");
        text->end = i;
        rest->start = i + 1;
        *index = part_number(*text);
        if (*index == -2)
            return -1;
    } else {
        return error("Only '.' or '[' may follow ']' in format field specifier");
    }
    if (text->start == text->end)
        return error("Empty attribute in format string");
    return 1;
}
