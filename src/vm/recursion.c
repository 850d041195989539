#define _GNU_SOURCE
/* The two limits of recursion: see objects/recursion.h. */
#include <pthread.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/bits.h"
#include "internal/krait_exports.h"
#include "objects/recursion.h"
#include "vm/unwind.h"

enum { C_STACK_DEFAULT = 8 << 20, C_STACK_LARGEST = 1 << 30 };

_Thread_local uintptr_t c_stack_floor = UINTPTR_MAX, c_stack_middle = UINTPTR_MAX;

/* The lowest address of the main thread's stack, which grows on demand: the limit, counted from the top, where the kernel puts
 * the program's name. (pthread_getattr_np reads and parses /proc/self/maps for it, which a start has no time for.) 0: not known,
 * or without a limit. */
static uintptr_t main_stack_base(void)
{
    struct rlimit limit;
    uintptr_t name = getauxval(AT_EXECFN);
    if (!name || getrlimit(RLIMIT_STACK, &limit) < 0 || limit.rlim_cur > C_STACK_LARGEST) return 0;
    uintptr_t top = bits_round_up(name + strlen((const char *)name) + 1, (uintptr_t)sysconf(_SC_PAGESIZE));
    return top - limit.rlim_cur;
}

/* The lowest address of another thread's stack; 0: not known. */
static uintptr_t thread_stack_base(void)
{
    pthread_attr_t attributes;
    void *base = NULL;
    size_t size;
    if (pthread_getattr_np(pthread_self(), &attributes) != 0) return 0;
    if (pthread_attr_getstack(&attributes, &base, &size) != 0 || size > C_STACK_LARGEST) base = NULL;
    pthread_attr_destroy(&attributes);
    return (uintptr_t)base;
}

static void set_limits(uintptr_t here, uintptr_t low)
{
    /* Of a small stack, which somebody else made, a part. */
    uintptr_t reserve = (here - low) / 4;
    c_stack_floor = low + (reserve < C_STACK_RESERVE ? reserve : C_STACK_RESERVE);
    c_stack_middle = c_stack_floor + (here - c_stack_floor) / 2;
}

static void find_stack(void)
{
    uintptr_t here = (uintptr_t)__builtin_frame_address(0);
    uintptr_t low = getpid() == gettid() ? main_stack_base() : thread_stack_base();
    if (low == 0 || low > here) low = here - C_STACK_DEFAULT;
    set_limits(here, low);
}

/* Of `size` bytes, the C library takes some at the top for what it knows of the thread and for thread-local variables, and the
 * lowest page is a guard. */
void c_stack_begin(size_t size)
{
    enum { TAKEN = 32 << 10 };
    uintptr_t here = (uintptr_t)__builtin_frame_address(0);
    set_limits(here, here - (size - TAKEN));
}

uintptr_t c_stack_find_middle(void)
{
    if (c_stack_middle == UINTPTR_MAX) find_stack();
    return c_stack_middle;
}

bool c_stack_is_low_now(const char *where)
{
    if (c_stack_floor == UINTPTR_MAX) find_stack();
    if (c_stack_pointer() > c_stack_floor || thread_state()->recursion_headroom) return false;
    PyErr_Format(PyExc_RecursionError, "maximum recursion depth exceeded%s", where);
    return true;
}

/* While RecursionError is being handled, `headroom` more calls are allowed, so that handlers can run. */
int vm_recursion_exceeded(PyThreadState *tstate)
{
    return _Py_CheckRecursiveCall(tstate, "");
}

int _Py_CheckRecursiveCall(PyThreadState *tstate, const char *where)
{
    if (tstate->recursion_headroom) {
        if (tstate->recursion_remaining < -50) Py_FatalError("Cannot recover from stack overflow.");
        return 0;
    }
    if (tstate->recursion_remaining <= 0) {
        tstate->recursion_headroom++;
        PyErr_Format(PyExc_RecursionError, "maximum recursion depth exceeded%s", where);
        tstate->recursion_headroom--;
        tstate->recursion_remaining++;
        return -1;
    }
    return 0;
}

int Py_EnterRecursiveCall(const char *where)
{
    return recursion_enter(thread_state(), where);
}

void Py_LeaveRecursiveCall(void)
{
    thread_state()->recursion_remaining++;
}
