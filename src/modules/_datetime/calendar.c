/* The proleptic Gregorian calendar, and range checks. */
#include "modules/_datetime/datetime_module.h"

static const int month_days[] = {0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
static const int month_starts[] = {0, 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};

bool calendar_is_leap(int year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

int calendar_days_in_month(int year, int month)
{
    return month == 2 && calendar_is_leap(year) ? 29 : month_days[month];
}

int calendar_days_before_month(int year, int month)
{
    return month_starts[month] + (month > 2 && calendar_is_leap(year));
}

static int days_before_year(int year)
{
    int y = year - 1;
    return y * 365 + y / 4 - y / 100 + y / 400;
}

int calendar_ordinal(int year, int month, int day)
{
    return days_before_year(year) + calendar_days_before_month(year, month) + day;
}

void calendar_from_ordinal(int ordinal, int *year, int *month, int *day)
{
    /* Years are counted from March 1 of year 0, so that a leap day is the last of its year. */
    int n = ordinal + 305;
    int era = n / 146097, in_era = n % 146097;
    int y = (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
    int in_year = in_era - (365 * y + y / 4 - y / 100);
    int m = (5 * in_year + 2) / 153;
    *day = in_year - (153 * m + 2) / 5 + 1;
    *month = m < 10 ? m + 3 : m - 9;
    *year = era * 400 + y + (*month <= 2);
}

int calendar_weekday(int year, int month, int day)
{
    return (calendar_ordinal(year, month, day) + 6) % 7;
}

int calendar_iso_week1_monday(int year)
{
    int first = calendar_ordinal(year, 1, 1);
    int weekday = (first + 6) % 7;
    return first - weekday + (weekday > 3 ? 7 : 0);
}

int calendar_from_iso(int iso_year, int week, int weekday, int *year, int *month, int *day)
{
    if (iso_year < MINYEAR || iso_year > MAXYEAR) return -4;
    if (week <= 0 || week >= 53) {
        bool valid = false;
        if (week == 53) {
            /* long years begin on a Thursday, or on a Wednesday when leap */
            int first = calendar_weekday(iso_year, 1, 1);
            valid = first == 3 || (first == 2 && calendar_is_leap(iso_year));
        }
        if (!valid) return -2;
    }
    if (weekday <= 0 || weekday >= 8) return -3;
    calendar_from_ordinal(calendar_iso_week1_monday(iso_year) + (week - 1) * 7 + weekday - 1, year, month, day);
    return 0;
}

void calendar_to_iso(int year, int month, int day, int *iso_year, int *week, int *weekday)
{
    int today = calendar_ordinal(year, month, day);
    int monday = calendar_iso_week1_monday(year);
    if (today < monday) {
        monday = calendar_iso_week1_monday(--year);
    }
    else if ((today - monday) / 7 >= 52) {
        int next = calendar_iso_week1_monday(year + 1);
        if (today >= next) {
            monday = next;
            year++;
        }
    }
    *iso_year = year;
    *week = (today - monday) / 7 + 1;
    *weekday = (today - monday) % 7 + 1;
}

static int out_of_range(const char *message)
{
    PyErr_SetString(PyExc_ValueError, message);
    return -1;
}

int check_date(int year, int month, int day)
{
    if (year < MINYEAR || year > MAXYEAR) {
        PyErr_Format(PyExc_ValueError, "year %i is out of range", year);
        return -1;
    }
    if (month < 1 || month > 12) return out_of_range("month must be in 1..12");
    if (day < 1 || day > calendar_days_in_month(year, month)) return out_of_range("day is out of range for month");
    return 0;
}

int check_time(int hour, int minute, int second, int us, int fold)
{
    if (hour < 0 || hour > 23) return out_of_range("hour must be in 0..23");
    if (minute < 0 || minute > 59) return out_of_range("minute must be in 0..59");
    if (second < 0 || second > 59) return out_of_range("second must be in 0..59");
    if (us < 0 || us > 999999) return out_of_range("microsecond must be in 0..999999");
    if (fold != 0 && fold != 1) return out_of_range("fold must be either 0 or 1");
    return 0;
}

int check_tzinfo(PyObject *tzinfo)
{
    if (tzinfo == Py_None || PyTZInfo_Check(tzinfo)) return 0;
    PyErr_Format(PyExc_TypeError, "tzinfo argument must be None or of a tzinfo subclass, not type '%s'",
                 Py_TYPE(tzinfo)->tp_name);
    return -1;
}

/* Moves what is out of 0 … size-1 in *low over to *high. */
static void carry(long long *high, int *low, int size)
{
    if (*low >= 0 && *low < size) return;
    int turns = *low / size;
    *low -= turns * size;
    if (*low < 0) {
        *low += size;
        turns--;
    }
    *high += turns;
}

int fields_normalize(Fields *f)
{
    long long second = f->second, minute = f->minute, hour = f->hour, day = f->day;
    carry(&second, &f->us, MICROS_PER_SECOND);
    f->second = (int)second;
    carry(&minute, &f->second, 60);
    f->minute = (int)minute;
    carry(&hour, &f->minute, 60);
    f->hour = (int)hour;
    carry(&day, &f->hour, 24);
    if (day >= 1 && day <= 28) {
        f->day = (int)day;
        return 0;
    }
    long long ordinal = calendar_ordinal(f->year, f->month, 1) + day - 1;
    if (ordinal < 1 || ordinal > MAXORDINAL) {
        PyErr_SetString(PyExc_OverflowError, "date value out of range");
        return -1;
    }
    calendar_from_ordinal((int)ordinal, &f->year, &f->month, &f->day);
    return 0;
}
