/* The functions of libm that the interpreter uses, under their own names, with libm itself loaded at the first call of one. Most
 * starts call none; merely to be linked to it would cost each 340 kB of resident memory (libm chooses its variants for the
 * processor when it is loaded, all over its text).
 *
 * A call goes through a pointer, as a call into a shared library does anyway. The pointers begin at functions that load libm, fill
 * all pointers in and go on; doing so twice at once, in two threads, does no harm. The names are hidden: nobody outside the program
 * is bound to them. This file does without <math.h>, whose declarations the compiler knows too well (-fno-builtin in CMakeLists.txt).
 */
#include "base/libm.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#define LIBM_ONE(F) \
    F(acos) F(acosh) F(asin) F(asinh) F(atan) F(atanh) F(cbrt) F(ceil) F(cos) F(cosh) F(erf) F(erfc) F(exp) F(exp2) F(expm1) F(floor) \
    F(log) F(log10) F(log1p) F(log2) F(nearbyint) F(rint) F(round) F(sin) F(sinh) F(sqrt) F(tan) F(tanh) F(trunc)
#define LIBM_TWO(F) F(atan2) F(fmod) F(hypot) F(nextafter) F(pow) F(remainder)

static void load(void);

#define DEFINE(type, name, parameters, arguments) \
    static type first_##name parameters; \
    static type (*libm_##name) parameters = first_##name; \
    type name parameters __attribute__((visibility("hidden"))); \
    type name parameters { return libm_##name arguments; } \
    static type first_##name parameters \
    { \
        load(); \
        return libm_##name arguments; \
    }
#define DEFINE_ONE(name) DEFINE(double, name, (double x), (x))
#define DEFINE_TWO(name) DEFINE(double, name, (double x, double y), (x, y))

LIBM_ONE(DEFINE_ONE)
LIBM_TWO(DEFINE_TWO)
DEFINE(double, fma, (double x, double y, double z), (x, y, z))
DEFINE(long double, powl, (long double x, long double y), (x, y))
DEFINE(void, sincos, (double x, double *sine, double *cosine), (x, sine, cosine))

static void fail(void)
{
    fprintf(stderr, "krait: %s\n", dlerror());
    abort();
}

static void *open_libm(int flags)
{
    void *libm = dlopen("libm.so.6", flags);
    if (!libm) fail();
    return libm;
}

static void (*find(void *libm, const char *name))(void)
{
    union {
        void *address;
        void (*function)(void);
    } found = {.address = dlsym(libm, name)};
    if (!found.address) fail();
    return found.function;
}

static void load(void)
{
    int error = errno;      /* callers look at it after the call, which this is a part of */
    void *libm = open_libm(RTLD_NOW);
#define FIND(name) libm_##name = (__typeof__(libm_##name))find(libm, #name);
    LIBM_ONE(FIND)
    LIBM_TWO(FIND)
    FIND(fma)
    FIND(powl)
    FIND(sincos)
    errno = error;
}

void libm_share(void)
{
    static bool shared;     /* under the GIL */
    if (!shared) (void)open_libm(RTLD_NOW | RTLD_GLOBAL);
    shared = true;
}
