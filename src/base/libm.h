/* The C library's mathematics, loaded when it is first needed. */
#ifndef KRAIT_BASE_LIBM_H
#define KRAIT_BASE_LIBM_H

/* Makes libm's own names visible to what is loaded from now on: extension modules that use libm without naming it rely on the
 * program to have it, as the reference has. */
void libm_share(void);

#endif
