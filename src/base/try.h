/* Propagation of the -1-with-an-exception-set convention where there is nothing to clean up. */
#ifndef KRAIT_BASE_TRY_H
#define KRAIT_BASE_TRY_H

/* Leaves an int-returning function with -1 when `call` fails. */
#define TRY(call) \
    do { \
        if ((call) < 0) return -1; \
    } while (0)

#endif
