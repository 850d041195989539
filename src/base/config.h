/* Feature switches and build facts: the one place where the preprocessor decides what Krait is. */
#ifndef KRAIT_BASE_CONFIG_H
#define KRAIT_BASE_CONFIG_H

/* KRAIT_DEBUG (assertions, expensive checks) and KRAIT_HOSTILE (tiny limits) come from the build. */
#ifndef KRAIT_DEBUG
#define KRAIT_DEBUG 0
#endif
#ifndef KRAIT_HOSTILE
#define KRAIT_HOSTILE 0
#endif

/* A size or threshold that only speed depends on; the hostile build makes it so small that what lies beyond it is common. */
#define KRAIT_LIMIT(usual, hostile) (KRAIT_HOSTILE ? (hostile) : (usual))

/* Under AddressSanitizer, pools hide every error: all blocks come from malloc. */
#if defined(__SANITIZE_ADDRESS__)
#define KRAIT_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define KRAIT_ASAN 1
#endif
#endif
#ifndef KRAIT_ASAN
#define KRAIT_ASAN 0
#endif

/* ThreadSanitizer, which has to know of all stacks. */
#if defined(__SANITIZE_THREAD__)
#define KRAIT_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define KRAIT_TSAN 1
#endif
#endif
#ifndef KRAIT_TSAN
#define KRAIT_TSAN 0
#endif

#if !defined(__x86_64__) || !defined(__linux__)
#error "Krait supports x86-64 Linux"
#endif

#endif
