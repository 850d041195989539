/* The report of who held the GIL: see gil_report.h. */
#include "runtime/gil_report.h"

#include <pthread.h>
#include <stdio.h>
#include <x86intrin.h>

#include "platform/futex.h"

struct GilReport gil_report;

enum { MOST_RECORDS = 400, NAME_SIZE = 64 };

/* Times are of the processor's counter, from the start of the report. */
typedef struct Record Record;
struct Record {
    Record *next;
    char name[NAME_SIZE];
    pthread_mutex_t mutex;              /* held by its thread for a moment at each change, and by who reads */
    bool ended;
    GilState state;
    uint64_t start, since;              /* `since`: when it came into `state`, or when it ended */
    uint64_t totals[GIL_STATES];
    unsigned long asked;
    uint64_t width;                     /* of a piece of the time line */
    float held[GIL_REPORT_BINS], waited[GIL_REPORT_BINS];   /* of each piece, in the counter's units */
};

static struct {
    pthread_mutex_t mutex;              /* guards what follows */
    Record *first, **last;
    int count, left_out;
    unsigned generation;                /* of the report: records of an older one are not this one's */
    uint64_t start;
    int64_t clock_start;
    double seconds;                     /* how long the report lasted, when it has been stopped */
} report = {.mutex = PTHREAD_MUTEX_INITIALIZER, .last = &report.first};

static _Thread_local struct {
    Record *record;                     /* NULL: there are too many */
    unsigned generation;
} own;

enum { FIRST_WIDTH = 1 << 18 };         /* some 0.1 ms */

static uint64_t now(void) { return __rdtsc() - report.start; }

static Record *record_new(GilState state)
{
    if (report.count == MOST_RECORDS) {
        report.left_out++;
        return NULL;
    }
    Record *record = PyMem_RawCalloc(1, sizeof(*record));
    if (!record) return NULL;
    record->width = FIRST_WIDTH;
    record->state = state;
    record->start = record->since = now();
    pthread_mutex_init(&record->mutex, NULL);
    snprintf(record->name, NAME_SIZE, report.count ? "thread %d" : "MainThread", report.count);
    *report.last = record;
    report.last = &record->next;
    report.count++;
    return record;
}

/* This thread's record, made if it is new to the report; NULL if there is none. */
static Record *own_record(GilState state)
{
    if (own.generation != report.generation) {
        pthread_mutex_lock(&report.mutex);
        own.record = record_new(state);
        own.generation = report.generation;
        pthread_mutex_unlock(&report.mutex);
    }
    return own.record;
}

/* Joins pieces in pairs. */
static void widen(Record *record)
{
    for (int i = 0; i < GIL_REPORT_BINS; i++) {
        bool inside = i < GIL_REPORT_BINS / 2;
        record->held[i] = inside ? record->held[2 * i] + record->held[2 * i + 1] : 0;
        record->waited[i] = inside ? record->waited[2 * i] + record->waited[2 * i + 1] : 0;
    }
    record->width *= 2;
}

/* Puts the time from `since` to `until` to the state's account. */
static void account(Record *record, uint64_t until)
{
    uint64_t from = record->since;
    if (until <= from) return;
    record->since = until;
    record->totals[record->state] += until - from;
    while (until >= record->width * GIL_REPORT_BINS) widen(record);
    if (record->state == GIL_OUTSIDE) return;
    float *line = record->state == GIL_HOLDING ? record->held : record->waited;
    for (uint64_t bin = from / record->width; from < until; bin++) {
        uint64_t end = Py_MIN((bin + 1) * record->width, until);
        line[bin] += (float)(end - from);
        from = end;
    }
}

void gil_report_enter(GilState state)
{
    Record *record = own_record(state);
    if (!record) return;
    pthread_mutex_lock(&record->mutex);
    account(record, now());
    record->state = state;
    pthread_mutex_unlock(&record->mutex);
}

void gil_report_asked(void)
{
    Record *record = own_record(GIL_HOLDING);
    if (record) record->asked++;
}

void gil_report_name(const char *name)
{
    Record *record = own_record(GIL_HOLDING);
    if (record) snprintf(record->name, NAME_SIZE, "%s", name);
}

void gil_report_leave(void)
{
    if (own.generation != report.generation || !own.record) return;
    pthread_mutex_lock(&own.record->mutex);
    account(own.record, now());
    own.record->ended = true;
    pthread_mutex_unlock(&own.record->mutex);
}

void gil_report_after_fork(void)
{
    atomic_store(&gil_report.on, false);
    report.first = NULL;
    pthread_mutex_init(&report.mutex, NULL);    /* a thread that is gone may have held it */
}

/* Records of an earlier report are not freed: their threads may be writing to them. */
void gil_report_start(void)
{
    pthread_mutex_lock(&report.mutex);
    report.first = NULL;
    report.last = &report.first;
    report.count = report.left_out = 0;
    report.generation++;
    report.start = __rdtsc();
    report.clock_start = futex_now();
    pthread_mutex_unlock(&report.mutex);
    atomic_store(&gil_report.on, true);
    gil_report_enter(GIL_HOLDING);
}

static double seconds_so_far(void) { return (double)(futex_now() - report.clock_start) / 1e9; }

void gil_report_stop(void)
{
    if (!atomic_exchange(&gil_report.on, false)) return;
    report.seconds = seconds_so_far();
    uint64_t end = now();
    pthread_mutex_lock(&report.mutex);
    for (Record *record = report.first; record; record = record->next) {
        pthread_mutex_lock(&record->mutex);
        if (!record->ended) account(record, end);
        record->ended = true;
        pthread_mutex_unlock(&record->mutex);
    }
    pthread_mutex_unlock(&report.mutex);
}

/* Seconds of a unit of the counter. */
static double unit(void)
{
    uint64_t end = 1;
    for (Record *record = report.first; record; record = record->next) end = Py_MAX(end, record->since);
    return report.seconds / (double)end;
}

void gil_report_print(void)
{
    gil_report_stop();
    double second = unit();
    fprintf(stderr, "%-36s %9s %9s %9s %9s %8s\n", "GIL: thread", "lived s", "computed", "waited", "outside", "asked");
    for (const Record *record = report.first; record; record = record->next) {
        double lived = (double)(record->since - record->start);
        fprintf(stderr, "%-36.36s %9.3f", record->name, lived * second);
        static const GilState order[] = {GIL_HOLDING, GIL_WAITING, GIL_OUTSIDE};
        for (size_t i = 0; i < Py_ARRAY_LENGTH(order); i++) {
            fprintf(stderr, " %8.1f%%", lived > 0 ? 100 * (double)record->totals[order[i]] / lived : 0.0);
        }
        fprintf(stderr, " %8lu\n", record->asked);
    }
    if (report.left_out) fprintf(stderr, "and %d more threads\n", report.left_out);
    fputs("computed: held the GIL; waited: for the GIL; outside: in calls that let go of it; "
          "asked: times it was made to let go\n", stderr);
}

/* A time line as shares of its pieces, all of the width that the widest has. */
static PyObject *shares(const Record *record, const float *line, uint64_t width)
{
    PyObject *bytes = PyBytes_FromStringAndSize(NULL, GIL_REPORT_BINS * (Py_ssize_t)sizeof(float));
    if (!bytes) return NULL;
    float *to = (float *)PyBytes_AS_STRING(bytes);
    memset(to, 0, GIL_REPORT_BINS * sizeof(float));
    uint64_t joined = width / record->width;
    for (int i = 0; i < GIL_REPORT_BINS; i++) to[(uint64_t)i / joined] += line[i] / (float)width;
    return bytes;
}

static PyObject *record_figures(const Record *record, double second, uint64_t width)
{
    const uint64_t *totals = record->totals;
    PyObject *name = PyUnicode_DecodeUTF8(record->name, (Py_ssize_t)strlen(record->name), "replace");
    return Py_BuildValue("Ndd(ddd)kNN", name, (double)record->start * second, (double)record->since * second,
                         (double)totals[GIL_OUTSIDE] * second, (double)totals[GIL_WAITING] * second, (double)totals[GIL_HOLDING] * second,
                         record->asked, shares(record, record->held, width), shares(record, record->waited, width));
}

PyObject *gil_report_figures(void)
{
    gil_report_stop();
    double second = unit();
    uint64_t width = FIRST_WIDTH;
    for (const Record *record = report.first; record; record = record->next) width = Py_MAX(width, record->width);
    PyObject *threads = PyList_New(0);
    for (const Record *record = report.first; threads && record; record = record->next) {
        PyObject *figures = record_figures(record, second, width);
        if (!figures || PyList_Append(threads, figures) < 0) Py_CLEAR(threads);
        Py_XDECREF(figures);
    }
    if (!threads) return NULL;
    return Py_BuildValue("{sdsdsisN}", "seconds", report.seconds, "bin", (double)width * second,
                         "left_out", report.left_out, "threads", threads);
}
