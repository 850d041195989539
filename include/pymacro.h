/* Small macros without a subject of their own. */
#ifndef Py_PYMACRO_H
#define Py_PYMACRO_H

#define Py_MIN(x, y) (((x) > (y)) ? (y) : (x))
#define Py_MAX(x, y) (((x) > (y)) ? (x) : (y))
#define Py_ABS(x) ((x) < 0 ? -(x) : (x))

#define _Py_XSTRINGIFY(x) #x
/* The argument, macro-expanded, as a string literal. */
#define Py_STRINGIFY(x) _Py_XSTRINGIFY(x)

#define Py_MEMBER_SIZE(type, member) sizeof(((type *)0)->member)

/* A char (or an int holding one, signed or not) as an index from 0 to 255. */
#define Py_CHARMASK(c) ((unsigned char)((c) & 0xff))

/* 0 if the constant condition holds; does not compile otherwise. */
#define Py_BUILD_ASSERT_EXPR(cond) (sizeof(char[1 - 2 * !(cond)]) - 1)
#define Py_BUILD_ASSERT(cond)                                                                  \
    do {                                                                                       \
        (void)Py_BUILD_ASSERT_EXPR(cond);                                                      \
    } while (0)

/* Number of elements of an array; GNU C refuses a pointer here. */
#if defined(__GNUC__) && !defined(__STRICT_ANSI__) && !defined(__cplusplus)
#define Py_ARRAY_LENGTH(array)                                                                 \
    (sizeof(array) / sizeof((array)[0]) +                                                      \
     Py_BUILD_ASSERT_EXPR(!__builtin_types_compatible_p(typeof(array), typeof(&(array)[0]))))
#else
#define Py_ARRAY_LENGTH(array) (sizeof(array) / sizeof((array)[0]))
#endif

/* Doc strings: they vanish from a build without WITH_DOC_STRINGS. */
#ifdef WITH_DOC_STRINGS
#define PyDoc_STR(str) str
#else
#define PyDoc_STR(str) ""
#endif
#define PyDoc_VAR(name) static const char name[]
#define PyDoc_STRVAR(name, str) PyDoc_VAR(name) = PyDoc_STR(str)

/* Rounding to a multiple of `a`, a power of two. */
#define _Py_SIZE_ROUND_DOWN(n, a) ((size_t)(n) & ~(size_t)((a) - 1))
#define _Py_SIZE_ROUND_UP(n, a) (((size_t)(n) + (size_t)((a) - 1)) & ~(size_t)((a) - 1))
#define _Py_ALIGN_DOWN(p, a) ((void *)((uintptr_t)(p) & ~(uintptr_t)((a) - 1)))
#define _Py_ALIGN_UP(p, a)                                                                     \
    ((void *)(((uintptr_t)(p) + (uintptr_t)((a) - 1)) & ~(uintptr_t)((a) - 1)))
#define _Py_IS_ALIGNED(p, a) (!((uintptr_t)(p) & (uintptr_t)((a) - 1)))

/* Names a parameter that is not used: int f(int Py_UNUSED(x)). */
#define Py_UNUSED(name) _unused_##name __attribute__((unused))

#define Py_UNREACHABLE() __builtin_unreachable()

/* An expression that cannot stand left of an assignment. */
#define _Py_RVALUE(EXPR) ((void)0, (EXPR))

#endif /* Py_PYMACRO_H */
