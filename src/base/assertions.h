/* CHECK: an assertion of debug builds. UNREACHABLE: a place that control cannot come to. */
#ifndef KRAIT_BASE_ASSERTIONS_H
#define KRAIT_BASE_ASSERTIONS_H

#include "base/attributes.h"
#include "base/config.h"

/* Writes "FILE:LINE: FUNCTION: TEXT" to standard error and aborts. */
NORETURN COLD void assertion_failed(const char *file, int line, const char *function, const char *text);

#if KRAIT_DEBUG
#define CHECK(condition) \
    ((condition) ? (void)0 : assertion_failed(__FILE__, __LINE__, __func__, "check failed: " #condition))
#define UNREACHABLE() assertion_failed(__FILE__, __LINE__, __func__, "unreachable")
#else
#define CHECK(condition) ((void)sizeof(condition))
#define UNREACHABLE() __builtin_unreachable()
#endif

#endif
