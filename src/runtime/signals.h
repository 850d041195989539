/* Signals: what the operating system hands us, waiting to be handed to Python functions in the main thread.
 *
 * The C handler only notes the signal, asks for the loop's attention and writes to the wakeup fd: it touches no object.
 */
#ifndef KRAIT_RUNTIME_SIGNALS_H
#define KRAIT_RUNTIME_SIGNALS_H

#include <Python.h>
#include <signal.h>
#include <stdbool.h>

#define SIGNAL_COUNT NSIG       /* 65: numbers 1 to 64 */

/* The C handler that notes a signal. */
void signal_note(int number);

/* The Python-level handler of a signal: a callable, SIG_DFL or SIG_IGN as an int, or None for one that is not ours.
 * Borrowed; NULL before signal_init(). */
PyObject *signal_handler_borrow(int number);

/* Replaces it, without any system call. Takes a new reference; the old one is returned, owned, perhaps NULL. */
PyObject *signal_swap_handler(int number, PyObject *handler);

/* Fills the table with what the process has inherited. -1 with an exception set. */
int signal_read_handlers(void);

bool signal_is_default(PyObject *handler);  /* SIG_DFL */
bool signal_is_ignored(PyObject *handler);  /* SIG_IGN */

/* True in the thread that runs handlers. */
bool signal_is_main_thread(void);

/* The fd written to when a signal comes, -1 for none. Returns the one before. */
int signal_set_wakeup_fd(int fd, bool warn_on_full_buffer);

#endif
