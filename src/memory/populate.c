/* Asking the system for pages before they are touched. A page fault costs several times what the page itself does, the more so in
 * a virtual machine; where it is known that pages will be used, they are asked for many at once (Linux 5.14; before that, and
 * when memory is short, nothing happens and they come one by one as always).
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "base/bits.h"
#include "memory/memory.h"

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

enum { PAGE = 4096 };

void memory_populate(void *start, size_t size)
{
    int error = errno;
    uintptr_t from = (uintptr_t)start & ~(uintptr_t)(PAGE - 1);
    uintptr_t to = bits_round_up((uintptr_t)start + size, PAGE);
    (void)madvise((void *)from, to - from, MADV_POPULATE_WRITE);
    errno = error;
}

/* The heap of malloc grows page by page, too. Its first 324 kB, which the interpreter's start uses up, is taken in pieces
 * that malloc takes from there (larger ones would be mapped apart) and given back at once. A last small block stays behind them,
 * lest they go back to the system. */
UNUSED static void populate_heap(void)
{
    enum { PIECES = 3, PIECE = 108 * 1024 };
    char *pieces[PIECES];
    for (int i = 0; i < PIECES; i++) pieces[i] = malloc(PIECE);
    char *volatile stays = malloc(16);
    (void)stays;
    for (int i = 0; i < PIECES; i++) {
        if (pieces[i]) memory_populate(pieces[i], PIECE);
    }
    for (int i = 0; i < PIECES; i++) free(pieces[i]);
}

/* The linker puts a section that it does not know behind .data, and the first that it meets, which is this one, before others. */
UNUSED static char data_end __attribute__((section("behind_data"), used)) = 1;

void memory_populate_start(void)
{
#ifndef __SANITIZE_ADDRESS__
#ifndef __PIC__     /* in a library, the names below would mean the program's data */
    /* Reference counts of static objects: nearly all of it. Behind it lies frozen code, which sees to itself. */
    extern char __data_start[];
    memory_populate(__data_start, (size_t)(&data_end - __data_start));
#endif
    populate_heap();
#endif
}
