/* The GIL: one lock per process, handed over on request of a waiter.
 *
 * `word` is the lock and what its waiters sleep on: the bit LOCKED, and above it the number of threads that want it. While nobody
 * waits, taking and letting go are one atomic exchange each. Who lets go of a lock that others want wakes one of them; whoever comes
 * first takes it.
 *
 * A waiter whose patience is over, while the lock stayed with one thread, raises `drop_request` and the eval breaker; the holder's
 * loop comes to gil_yield(), and the holder takes the lock again only after somebody else had it.
 *
 * Patience is the switch interval for a thread that the lock was last taken away from: it computes. A thread that let go by itself is
 * back from waiting for the world, and will do so again soon: its patience is twice as long as it last held the lock, though
 * not below a tenth of the interval. So it answers fast beside one that computes, and yet leaves it most of the time.
 *
 * Who releases another lock (pythread.c) on which a thread sleeps, while it holds this one, would wake that thread only to have it
 * wait here; mostly it is about to block itself. So the waking is put off until it lets go of this lock, and no longer than
 * WAKE_DELAY, some 20 us: that is looked at often, hence by the processor's counter. Who lets go wakes the first of those whose
 * waking was put off, and leaves the others to the next holder: each thread that is woken comes here next, and then wakes another
 * one. So they run in turn, and do not crowd before the lock.
 *
 * While one that was woken so is on its way here, no other is woken, as that one will do it; but for WAKE_DELAY only, as it may be
 * kept from a processor. Else two that were once awake together would stay so, each waking another before it sleeps, and crowd.
 *
 * The first is the thread whose last progress is the longest ago: progress is to release what another sleeps on. Where many wait for
 * different things under one condition and all are woken, most find nothing to do and sleep again; in the order in which they came
 * to sleep they could do so for ever, at a switch of threads each, before the one that gets on. None is passed over for long.
 */
#include <errno.h>
#include <limits.h>
#include <x86intrin.h>

#include <internal/krait_exports.h>

#include "objects/thread_state.h"
#include "platform/futex.h"
#include "platform/spin.h"
#include "runtime/gil_report.h"
#include "runtime/state.h"
#include "vm/vm.h"

enum { DEFAULT_INTERVAL_US = 5000, FORCED_SWITCH_NS = 50 * 1000 * 1000, WAKE_DELAY = 50 * 1000, MOST_WAKES = 8 };

/* A sleeper on another lock, and what gil_progress() was for it. */
typedef struct {
    atomic_uint *word;
    uint64_t progress;
} Wake;

/* Those that are still to be woken, in the order in which their locks were released. */
typedef struct {
    Wake list[MOST_WAKES];
    atomic_int count;
    int passed_over;                /* how often others were woken before the first of the list */
    uint64_t progress;              /* the latest that any thread made */
    atomic_int coming;              /* of those that were woken, how many have not come to the GIL yet, or fewer */
    uint64_t coming_since;          /* when the last of them was woken */
    uint64_t since;                 /* when the holder put the first of them off, or took them over, by the processor's counter */
} Wakes;

static struct {
    atomic_uint word;               /* LOCKED, and WANTED for each thread that waits */
    atomic_uint switches;           /* how often the lock came to another thread; who was asked to give it away sleeps on this */
    _Atomic(PyThreadState *) holder; /* last one, also after it let go */
    atomic_bool drop_request;
    atomic_ulong interval;          /* microseconds */
    Wakes wakes;                    /* the holder's to change */
} gil = {.interval = DEFAULT_INTERVAL_US};

/* Of each thread: what its patience depends on. */
static _Thread_local struct {
    int64_t since;                  /* nanoseconds: when it took the lock, 0 if nobody else wanted it then */
    int64_t held;                   /* how long it had it the last time */
    bool computes;                  /* it was asked to let go */
    bool coming;                    /* it slept on another lock and was woken */
    SpinLuck *watched;              /* it waited awake for another lock and got it */
    uint64_t progress;              /* when it last released what another slept on, by gil.wakes.progress */
} turn;

/* ---- The lock ------------------------------------------------------------------------------------------------- */

enum { LOCKED = 1, WANTED = 2 };

void gil_init(void)
{
    vm_runtime.handle_eval_breaker = attention_handle;
}

/* Threads other than the one that ends the interpreter must not come back to it. */
static bool must_end(PyThreadState *tstate)
{
    PyThreadState *finalizing = atomic_load(&runtime_state.finalizing);
    return finalizing && finalizing != tstate;
}

static int64_t patience(void)
{
    int64_t interval = (int64_t)atomic_load_explicit(&gil.interval, memory_order_relaxed) * 1000;
    if (turn.computes || 2 * turn.held > interval) return interval;
    return 2 * turn.held > interval / 10 ? 2 * turn.held : interval / 10;
}

static void note_holder(PyThreadState *tstate)
{
    if (atomic_load_explicit(&gil.holder, memory_order_relaxed) != tstate) {
        atomic_store_explicit(&gil.holder, tstate, memory_order_relaxed);
        atomic_fetch_add(&gil.switches, 1);
    }
}

/* One that was woken is here, or there was none to wake. Those that were woken by others than the holder are not told apart: hence
 * "or fewer". */
static void note_arrival(void)
{
    int coming = atomic_load(&gil.wakes.coming);
    while (coming > 0 && !atomic_compare_exchange_weak(&gil.wakes.coming, &coming, coming - 1)) {}
}

void gil_note_woken(void) { turn.coming = true; }
void gil_note_watched(SpinLuck *luck) { turn.watched = luck; }

static void arrive(void)
{
    if (!turn.coming) return;
    turn.coming = false;
    note_arrival();
}

/* Waits for the lock and takes it. false: the interpreter ends, and this thread has to. */
static bool wait_for_lock(PyThreadState *tstate)
{
    unsigned seen = atomic_load(&gil.switches);
    int64_t until = 0;      /* when to ask for the lock */
    for (;;) {
        unsigned word = atomic_load(&gil.word);
        if (!(word & LOCKED)) {
            if (atomic_compare_exchange_weak(&gil.word, &word, word - WANTED + LOCKED)) return true;
            continue;
        }
        int64_t now = futex_now();
        unsigned switches = atomic_load(&gil.switches);
        if (!until || switches != seen) {
            seen = switches;
            until = now + patience();
        } else if (now >= until) {
            if (must_end(tstate)) {
                atomic_fetch_sub(&gil.word, WANTED);
                return false;
            }
            atomic_store(&gil.drop_request, true);
            attention_request();
            until = now + patience();
        }
        futex_wait(&gil.word, word, until);
    }
}

/* Takes the lock if it becomes free within microseconds. */
static bool take_soon(void)
{
    static _Thread_local SpinLuck luck;
    if (!spin_while_set(&gil.word, LOCKED, &luck)) return false;
    unsigned word = atomic_load(&gil.word);
    return !(word & LOCKED) && atomic_compare_exchange_strong(&gil.word, &word, word | LOCKED);
}

static void take_slowly(PyThreadState *tstate)
{
    gil_note(GIL_WAITING);
    if (!take_soon()) {
        if (turn.watched) spin_regret(turn.watched);
        atomic_fetch_add(&gil.word, WANTED);
        if (!wait_for_lock(tstate)) {
            arrive();
            pthread_exit(NULL);
        }
    }
    note_holder(tstate);
    if (atomic_exchange(&gil.drop_request, false)) futex_wake(&gil.switches, INT_MAX);
    turn.since = futex_now();
}

void gil_take(PyThreadState *tstate)
{
    int saved_errno = errno;
    if (must_end(tstate)) {
        arrive();
        pthread_exit(NULL);
    }
    unsigned nobody = 0;
    if (atomic_compare_exchange_strong(&gil.word, &nobody, LOCKED)) {
        note_holder(tstate);
        turn.since = 0;
    } else take_slowly(tstate);
    arrive();
    turn.watched = NULL;
    if (must_end(tstate)) {
        gil_drop(tstate);
        pthread_exit(NULL);
    }
    gil_note(GIL_HOLDING);
    attention_recall(tstate);
    if (gil.wakes.count) {
        gil.wakes.since = __rdtsc();
        attention_request();
    }
    errno = saved_errno;
}

/* Lets go of a lock that others want. If one of them has asked, lets it have its turn, lest this thread take the lock again at once. */
static void drop_slowly(PyThreadState *tstate)
{
    unsigned switches = atomic_load(&gil.switches);
    bool asked = atomic_load(&gil.drop_request);
    atomic_fetch_sub(&gil.word, LOCKED);
    futex_wake(&gil.word, 1);
    if (!asked || atomic_load(&gil.holder) != tstate) return;
    int64_t until = futex_now() + FORCED_SWITCH_NS;
    while (atomic_load(&gil.switches) == switches && atomic_load(&gil.drop_request) && futex_now() < until) {
        futex_wait(&gil.switches, switches, until);
    }
}

/* Which of the wakings comes next. */
static int next_wake(const Wakes *wakes)
{
    int next = 0;
    if (wakes->passed_over == MOST_WAKES) return next;
    for (int i = 1; i < wakes->count; i++) {
        if (wakes->list[i].progress < wakes->list[next].progress) next = i;
    }
    return next;
}

/* One of the wakings, of which there is one at least, taken off. */
static atomic_uint *take_wake(void)
{
    Wakes *wakes = &gil.wakes;
    int next = next_wake(wakes), left = wakes->count - 1;
    atomic_uint *word = wakes->list[next].word;
    for (int i = next; i < left; i++) wakes->list[i] = wakes->list[i + 1];
    wakes->count = left;
    wakes->passed_over = next == 0 ? 0 : wakes->passed_over + 1;
    return word;
}

static void note_coming(void)
{
    atomic_fetch_add(&gil.wakes.coming, 1);
    gil.wakes.coming_since = __rdtsc();
}

/* Whether there was anybody to wake. */
static bool wake(atomic_uint *word)
{
    if (futex_wake(word, 1) > 0) return true;
    note_arrival();
    return false;
}

/* Whether the wakings can be left to one that was woken. */
static bool somebody_comes(void)
{
    return atomic_load(&gil.wakes.coming) > 0 && __rdtsc() - gil.wakes.coming_since < WAKE_DELAY;
}

/* Lets go of the lock. Of wakings that were put off one comes before it waits for anybody's turn, unless they are left to one that
 * comes. If nobody slept there any more, or who was to come slept again before this let go, nobody need come to this lock to do the
 * others: it is taken again for them, if it is still free and no other holder has done them. So it is also with those that another
 * holder left to one whom this was about to wake. */
static void let_go(PyThreadState *tstate)
{
    unsigned alone = LOCKED, nobody = 0;
    while (gil.wakes.count) {
        atomic_uint *next = NULL;
        if (!somebody_comes()) {
            next = take_wake();
            note_coming();
        }
        bool dropped = atomic_compare_exchange_strong(&gil.word, &alone, 0);
        bool comes = next ? wake(next) : atomic_load(&gil.wakes.coming) > 0;
        if (!dropped) {
            drop_slowly(tstate);
            return;
        }
        if (comes || !gil.wakes.count || !atomic_compare_exchange_strong(&gil.word, &nobody, LOCKED)) return;
    }
    if (!atomic_compare_exchange_strong(&gil.word, &alone, 0)) drop_slowly(tstate);
}

static void drop(PyThreadState *tstate)
{
    turn.held = turn.since ? futex_now() - turn.since : 0;
    turn.computes = false;
    atomic_store_explicit(&gil.holder, tstate, memory_order_relaxed);
    let_go(tstate);
}

void gil_drop(PyThreadState *tstate)
{
    gil_note(GIL_OUTSIDE);
    drop(tstate);
}

void gil_wake_next(void)
{
    unsigned nobody = 0;
    arrive();
    if (!gil.wakes.count || !atomic_compare_exchange_strong(&gil.word, &nobody, LOCKED)) return;
    atomic_store_explicit(&gil.holder, NULL, memory_order_relaxed);
    let_go(NULL);
}

uint64_t gil_progress(void) { return turn.progress; }

void gil_wake_later(atomic_uint *word, uint64_t progress)
{
    Wakes *wakes = &gil.wakes;
    turn.progress = ++wakes->progress;
    if (wakes->count == MOST_WAKES) {
        note_coming();
        wake(word);
        return;
    }
    if (wakes->count == 0) {
        wakes->since = __rdtsc();
        wakes->passed_over = 0;
    }
    wakes->list[wakes->count++] = (Wake){word, progress};
    attention_request();
}

void gil_forget_wake(const atomic_uint *word)
{
    int kept = 0;
    for (int i = 0; i < gil.wakes.count; i++) {
        if (gil.wakes.list[i].word != word) gil.wakes.list[kept++] = gil.wakes.list[i];
    }
    gil.wakes.count = kept;
}

bool gil_wants_only_time(void)
{
    return gil.wakes.count && !atomic_load(&gil.drop_request) && __rdtsc() - gil.wakes.since < WAKE_DELAY;
}

void gil_wake_if_due(void)
{
    if (!gil.wakes.count) return;
    if (__rdtsc() - gil.wakes.since < WAKE_DELAY) {
        attention_request();
        return;
    }
    while (gil.wakes.count) {
        note_coming();
        wake(take_wake());
    }
}

void gil_yield(PyThreadState *tstate)
{
    if (!atomic_load(&gil.drop_request)) return;
    if (atomic_load(&gil_report.on)) gil_report_asked();
    PyThreadState_Swap(NULL);
    gil_note(GIL_WAITING);
    drop(tstate);
    turn.computes = true;
    gil_take(tstate);
    PyThreadState_Swap(tstate);
}

void gil_after_fork(PyThreadState *tstate)
{
    atomic_store(&gil.word, LOCKED);
    atomic_store(&gil.holder, tstate);
    atomic_store(&gil.drop_request, false);
    gil.wakes.count = 0;
    atomic_store(&gil.wakes.coming, 0);
    spin_after_fork();
    gil_report_after_fork();
    attention_after_fork();
    runtime_state.main_thread = PyThread_get_thread_ident();
}

unsigned long _PyEval_GetSwitchInterval(void) { return atomic_load(&gil.interval); }
void _PyEval_SetSwitchInterval(unsigned long microseconds) { atomic_store(&gil.interval, microseconds ? microseconds : 1); }

/* ---- PyEval_*: letting go and coming back --------------------------------------------------------------------- */

PyThreadState *PyEval_SaveThread(void)
{
    PyThreadState *tstate = PyThreadState_Swap(NULL);
    if (!tstate) _Py_FatalError_TstateNULL(__func__);
    gil_drop(tstate);
    return tstate;
}

void PyEval_RestoreThread(PyThreadState *tstate)
{
    if (!tstate) _Py_FatalError_TstateNULL(__func__);
    gil_take(tstate);
    PyThreadState_Swap(tstate);
}

void PyEval_AcquireThread(PyThreadState *tstate)
{
    if (!tstate) _Py_FatalError_TstateNULL(__func__);
    gil_take(tstate);
    if (PyThreadState_Swap(tstate)) Py_FatalError("non-NULL old thread state");
}

void PyEval_ReleaseThread(PyThreadState *tstate)
{
    if (PyThreadState_Swap(NULL) != tstate) Py_FatalError("wrong thread state");
    gil_drop(tstate);
}

void PyEval_AcquireLock(void)
{
    PyThreadState *tstate = thread_state();
    if (!tstate) _Py_FatalError_TstateNULL(__func__);
    gil_take(tstate);
}

void PyEval_ReleaseLock(void) { gil_drop(thread_state()); }
void PyEval_InitThreads(void) {}
int PyEval_ThreadsInitialized(void) { return vm_runtime.handle_eval_breaker != NULL; }
