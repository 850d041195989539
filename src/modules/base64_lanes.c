/* base64 by the vector. Each half of a vector of 32 bytes holds 16 digits, or 12 bytes and four of no account.
 *
 * A digit's value and its character differ by a constant that depends on which of five ranges it is in (A to Z, a to z, 0 to 9, +, /).
 * In both directions a few bits of the one are made into the number of the range, and a shuffle fetches the constant. (The method is
 * that of Muła and Lemire, "Faster Base64 Encoding and Decoding Using AVX2 Instructions", 2018.) */
#include "modules/base64_lanes.h"

#ifdef __x86_64__
#include <immintrin.h>

#if __has_include(<sys/platform/x86.h>)
#include <sys/platform/x86.h>
#endif

#define AVX2 __attribute__((target("avx2")))

static int usable(void)
{
#ifdef CPU_FEATURE_ACTIVE
    return CPU_FEATURE_ACTIVE(AVX2);    /* as the C library found */
#else
    return __builtin_cpu_supports("avx2");
#endif
}

/* The same 16 bytes in both halves. */
#define BOTH(...) _mm256_setr_epi8(__VA_ARGS__, __VA_ARGS__)

static AVX2 size_t encode(const unsigned char *from, size_t size, char *to)
{
    /* Of each three bytes a, b, c: b a c b, so that the bits of each digit lie in one word of 16 bits. */
    const __m256i spread = BOTH(1, 0, 2, 1, 4, 3, 5, 4, 7, 6, 8, 7, 10, 9, 11, 10);
    /* What is added to a value, by range: 0: a to z, 1 to 10: 0 to 9, 11: +, 12: /, 13: A to Z. */
    const __m256i offsets = BOTH('a' - 26, '0' - 52, '0' - 52, '0' - 52, '0' - 52, '0' - 52, '0' - 52, '0' - 52, '0' - 52, '0' - 52,
                                 '0' - 52, '+' - 62, '/' - 63, 'A', 0, 0);
    size_t done = 0;
    for (; done + 28 <= size; done += 24, to += 32) {   /* the upper half reads 16 bytes from the twelfth on */
        __m128i low = _mm_loadu_si128((const __m128i *)(const void *)(from + done));
        __m128i high = _mm_loadu_si128((const __m128i *)(const void *)(from + done + 12));
        __m256i in = _mm256_shuffle_epi8(_mm256_set_m128i(high, low), spread);
        __m256i even = _mm256_mulhi_epu16(_mm256_and_si256(in, _mm256_set1_epi32(0x0fc0fc00)), _mm256_set1_epi32(0x04000040));
        __m256i odd = _mm256_mullo_epi16(_mm256_and_si256(in, _mm256_set1_epi32(0x003f03f0)), _mm256_set1_epi32(0x01000010));
        __m256i values = _mm256_or_si256(even, odd);
        __m256i range = _mm256_subs_epu8(values, _mm256_set1_epi8(51));
        __m256i upper = _mm256_cmpgt_epi8(_mm256_set1_epi8(26), values);
        range = _mm256_or_si256(range, _mm256_and_si256(upper, _mm256_set1_epi8(13)));
        _mm256_storeu_si256((__m256i *)(void *)to, _mm256_add_epi8(values, _mm256_shuffle_epi8(offsets, range)));
    }
    return done;
}

static AVX2 size_t decode(const unsigned char *from, size_t size, unsigned char *to)
{
    /* A character is a digit if the bits for its upper half and for its lower half have none in common. */
    const __m256i by_low = BOTH(0x15, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x13, 0x1a, 0x1b, 0x1b, 0x1b, 0x1a);
    const __m256i by_high = BOTH(0x10, 0x10, 0x01, 0x02, 0x04, 0x08, 0x04, 0x08, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10);
    /* What is added to a character, by its upper half; that of / is one less. */
    const __m256i offsets = BOTH(0, 63 - '/', 62 - '+', 52 - '0', -'A', -'A', 26 - 'a', 26 - 'a', 0, 0, 0, 0, 0, 0, 0, 0);
    const __m256i gather = BOTH(2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1);
    const __m256i slash = _mm256_set1_epi8('/'), low_bits = _mm256_set1_epi8(15);
    size_t done = 0;
    for (; done + 44 <= size; done += 32, to += 24) {   /* 32 bytes are stored */
        __m256i in = _mm256_loadu_si256((const __m256i *)(const void *)(from + done));
        __m256i high = _mm256_and_si256(_mm256_srli_epi16(in, 4), low_bits), low = _mm256_and_si256(in, low_bits);
        if (!_mm256_testz_si256(_mm256_shuffle_epi8(by_high, high), _mm256_shuffle_epi8(by_low, low))) break;
        __m256i range = _mm256_add_epi8(high, _mm256_cmpeq_epi8(in, slash));
        __m256i values = _mm256_add_epi8(in, _mm256_shuffle_epi8(offsets, range));
        __m256i pairs = _mm256_maddubs_epi16(values, _mm256_set1_epi32(0x01400140));       /* 12 bits each */
        __m256i groups = _mm256_madd_epi16(pairs, _mm256_set1_epi32(0x00011000));          /* 24 bits each */
        __m256i bytes = _mm256_shuffle_epi8(groups, gather);
        bytes = _mm256_permutevar8x32_epi32(bytes, _mm256_setr_epi32(0, 1, 2, 4, 5, 6, 3, 7));
        _mm256_storeu_si256((__m256i *)(void *)to, bytes);
    }
    return done;
}

size_t base64_lanes_encode(const unsigned char *from, size_t size, char *to)
{
    return size >= 28 && usable() ? encode(from, size, to) : 0;
}

size_t base64_lanes_decode(const unsigned char *from, size_t size, unsigned char *to)
{
    return size >= 44 && usable() ? decode(from, size, to) : 0;
}

#else

size_t base64_lanes_encode(const unsigned char *from, size_t size, char *to)
{
    (void)from, (void)size, (void)to;
    return 0;
}

size_t base64_lanes_decode(const unsigned char *from, size_t size, unsigned char *to)
{
    (void)from, (void)size, (void)to;
    return 0;
}

#endif
