/* _PyRuntime: the reference's process state, as far as compiled modules look into it.
 *
 * The name is exported data, and 3.11's internal inline functions read it in place; so the modules of
 * `lib-dynload` that were compiled with them (_asyncio, _ctypes, _curses, _json, _lsprof, _zoneinfo,
 * _testinternalcapi, _xxsubinterpreters) hold offsets into it. They use two things, and these are true
 * here; the rest is room, so that the object has the reference's size:
 *
 *  - tstate_current: the thread state of whoever holds the GIL, NULL when nobody does. Written by
 *    PyThreadState_Swap and nowhere else; Krait itself asks thread_state().
 *  - small_ints: the ints -5 .. 256. Modules take the address of 0 and 1, so Krait's own singletons
 *    lie here; `objects/int/int.h` says what holds of them.
 *
 * tools/abi_runtime_uses lists the offsets that a set of compiled modules reads.
 */
#ifndef KRAIT_OBJECTS_ABI_RUNTIME_H
#define KRAIT_OBJECTS_ABI_RUNTIME_H

#include <Python.h>
#include <internal/krait_exports.h>
#include <stddef.h>

#define INT_SMALL_NEGATIVE 5
#define INT_SMALL_COUNT 262             /* -5 .. 256 */

struct pyruntimestate {
    char unused_before_tstate[0x240];
    PyThreadState *tstate_current;
    char unused_before_ints[0x60];
    PyLongObject small_ints[INT_SMALL_COUNT];   /* immortal; small_ints[v + 5] is v */
    char unused_rest[0x28b20 - 0x2a8 - INT_SMALL_COUNT * sizeof(PyLongObject)];
};
_Static_assert(offsetof(struct pyruntimestate, tstate_current) == 0x240, "_PyRuntime");
_Static_assert(offsetof(struct pyruntimestate, small_ints[INT_SMALL_NEGATIVE]) == 0x348, "_PyRuntime");
_Static_assert(sizeof(struct pyruntimestate) == 0x28b20, "_PyRuntime");

#endif
