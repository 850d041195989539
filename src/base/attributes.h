/* Hints to the compiler, spelt once. */
#ifndef KRAIT_BASE_ATTRIBUTES_H
#define KRAIT_BASE_ATTRIBUTES_H

#define LIKELY(x) __builtin_expect(!!(x), 1)
#define UNLIKELY(x) __builtin_expect(!!(x), 0)

/* The caller must look at the result: it is an error code or an owned reference. */
#define NODISCARD __attribute__((warn_unused_result))

#define ALWAYS_INLINE static inline __attribute__((always_inline))
#define NEVER_INLINE __attribute__((noinline))
/* One copy, at its name: for a function that is recognised by where its code lies. */
#ifdef __clang__
#define ONE_COPY __attribute__((noinline))
#else
#define ONE_COPY __attribute__((noipa))
#endif
#define COLD __attribute__((cold, noinline))
#define HOT __attribute__((hot))
#define UNUSED __attribute__((unused))
/* Of a thread's variable: where it lies is known to the linker, in a program even as a number. */
#ifdef __PIC__
#define THREAD_VARIABLE __attribute__((tls_model("initial-exec")))
#else
#define THREAD_VARIABLE __attribute__((tls_model("local-exec")))
#endif
#define PRINTF_LIKE(format, first) __attribute__((format(printf, format, first)))
#define NORETURN __attribute__((noreturn))

#endif
