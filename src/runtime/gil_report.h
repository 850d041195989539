/* What each thread does with its time, as far as the GIL knows: it holds it, it waits for it, or it is outside of it, in a call that
 * lets go of it. `-X gil=report` prints the totals at exit; `krait.threads` makes a page of them (lib/krait/threads.py).
 *
 * Each thread has a record: totals, and a time line of GIL_REPORT_BINS pieces, each with the shares of it that the thread held the lock
 * and waited. When the time line is full, pieces are joined in pairs and the rest covers as much again: so the memory
 * does not depend on how long the program runs.
 */
#ifndef KRAIT_RUNTIME_GIL_REPORT_H
#define KRAIT_RUNTIME_GIL_REPORT_H

#include <Python.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "base/attributes.h"

enum { GIL_REPORT_BINS = 2048 };

typedef enum { GIL_OUTSIDE, GIL_WAITING, GIL_HOLDING, GIL_STATES } GilState;

struct GilReport {
    atomic_bool on;
};
extern struct GilReport gil_report;

/* From now on this thread is in that state. */
void gil_report_enter(GilState state);

static inline void gil_note(GilState state)
{
    if (UNLIKELY(atomic_load_explicit(&gil_report.on, memory_order_relaxed))) gil_report_enter(state);
}

void gil_report_asked(void);                /* this thread, which holds the lock, is made to give it away */
void gil_report_start(void);                /* by a thread that holds the GIL. A report that was there is dropped */
void gil_report_stop(void);
void gil_report_name(const char *name);     /* of this thread */
void gil_report_after_fork(void);           /* in the child: what was written down is about the parent */
void gil_report_leave(void);                /* this thread ends */
void gil_report_print(void);                /* the totals, on stderr */

/* A new reference: {"seconds": .., "bin": seconds of a piece, "threads": [(name, start, end, (outside, waiting, holding), asked,
 * bytes of floats: the share of each piece in which it held, the same in which it waited), ...]}. NULL with an exception. */
PyObject *gil_report_figures(void);

#endif
