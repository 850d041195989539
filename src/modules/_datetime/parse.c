/* ISO 8601 text into fields, as fromisoformat() takes it. The functions give a negative number for text that is wrong. */
#include "modules/_datetime/datetime_module.h"

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static const char *read_digits(const char *text, int *value, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!is_digit(*text)) return NULL;
        *value = *value * 10 + (*text++ - '0');
    }
    return text;
}

int parse_date(const char *text, size_t length, Fields *f)
{
    const char *p = read_digits(text, &f->year, 4);
    if (p == NULL) return -1;
    bool separated = *p == '-';
    if (separated) p++;
    if (*p == 'W') {
        int week = 0, weekday = 0;
        p = read_digits(p + 1, &week, 2);
        if (p == NULL) return -3;
        if ((size_t)(p - text) < length) {
            if (separated && *p++ != '-') return -2;
            p = read_digits(p, &weekday, 1);
            if (p == NULL) return -4;
        }
        else {
            weekday = 1;
        }
        if (f->year == 0) {
            /* Year 0 has the weeks of year 400, but no dates: the reference finds that in the month. */
            f->month = 0;
            f->year = 1;
            int ignored;
            return calendar_from_iso(400, week, weekday, &ignored, &ignored, &ignored) ? -3 : 0;
        }
        return calendar_from_iso(f->year, week, weekday, &f->year, &f->month, &f->day) ? -3 : 0;
    }
    p = read_digits(p, &f->month, 2);
    if (p == NULL) return -1;
    if (separated && *p++ != '-') return -2;
    p = read_digits(p, &f->day, 2);
    return p == NULL ? -1 : 0;
}

/* HH[:MM[:SS[.fff…]]]: 1 when something is left at the end, 0 when not. */
static int parse_clock(const char *p, const char *end, int *hour, int *minute, int *second, int *us)
{
    static const int scale[] = {100000, 10000, 1000, 100, 10};
    int *const values[] = {hour, minute, second};
    bool separated = true;
    *hour = *minute = *second = *us = 0;
    for (int i = 0; i < 3; i++) {
        p = read_digits(p, values[i], 2);
        if (p == NULL) return -3;
        char c = *p++;
        if (i == 0) separated = c == ':';
        if (p >= end) return c != '\0';
        if (separated && c == ':') continue;     /* a fraction may follow a colon too */
        if (c == '.' || c == ',') break;
        if (separated) return -4;
        p--;
    }
    size_t digits = end - p >= 6 ? 6 : (size_t)(end - p);
    p = read_digits(p, us, digits);
    if (p == NULL) return -3;
    if (digits < 6) *us *= scale[digits - 1];
    while (is_digit(*p)) p++;
    return *p != '\0';
}

int parse_time(const char *text, size_t length, Fields *f, int *offset, int *offset_us)
{
    const char *end = text + length, *zone = text;
    do {
        if (*zone == '+' || *zone == '-' || *zone == 'Z') break;
    } while (++zone < end);
    int status = parse_clock(text, zone, &f->hour, &f->minute, &f->second, &f->us);
    if (status < 0) return status;
    if (zone == end) return status == 1 ? -5 : PARSED_NAIVE;
    if (*zone == 'Z') {
        *offset = *offset_us = 0;
        return zone[1] != '\0' ? -5 : PARSED_AWARE;
    }
    int sign = *zone == '-' ? -1 : 1, hour, minute, second, us;
    status = parse_clock(zone + 1, end, &hour, &minute, &second, &us);
    if (status < 0) return status;
    *offset = sign * (hour * 3600 + minute * 60 + second);
    *offset_us = sign * us;
    return status ? -5 : PARSED_AWARE;
}

/* Where the date ends in a text of at least 7 characters. */
static size_t find_separator(const char *text, size_t length)
{
    if (length == 7) return 7;
    if (text[4] == '-') {
        if (text[5] != 'W') return 10;
        /* a hyphen after YYYY-Www separates the day, or the time: two digits after it are an hour */
        if (length > 8 && text[8] == '-') return length > 10 && is_digit(text[10]) ? 8 : 10;
        return 8;
    }
    if (text[4] != 'W') return 8;
    size_t place = 7;
    while (place < length && is_digit(text[place])) place++;
    if (place < 9) return place;
    return place % 2 == 0 ? 7 : 8;
}

int parse_datetime(const char *text, size_t length, Fields *f, int *offset, int *offset_us)
{
    if (length < 7) return -1;
    size_t separator = find_separator(text, length);
    int status = parse_date(text, separator, f);
    if (status != 0 || length <= separator) return status;
    /* the separator is any one character, of one to four bytes */
    const unsigned char first = (unsigned char)text[separator];
    size_t width = first < 0x80 ? 1 : (first & 0xF0) == 0xE0 ? 3 : (first & 0xF0) == 0xF0 ? 4 : 2;
    return parse_time(text + separator + width, length - separator - width, f, offset, offset_us);
}

PyObject *parsed_tzinfo(int status, int offset, int offset_us)
{
    if (status != PARSED_AWARE) Py_RETURN_NONE;
    if (offset == 0) return Py_NewRef(datetime_runtime.utc);        /* whatever its microseconds are, as in the reference */
    PyObject *delta = delta_new(&datetime_delta_type, 0, offset, offset_us, true);
    if (delta == NULL) return NULL;
    PyObject *zone = zone_new(delta, NULL);
    Py_DECREF(delta);
    return zone;
}
