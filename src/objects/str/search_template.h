/* Search for needles of two and more characters, written for one character type.
 * Before each inclusion define CH (the type), T(name) (the function's name for it), and SET1 and EQUAL (the SSE2 operations on its
 * lanes).
 *
 * find() looks at the last character of the window first; a mismatch there, with the character behind the window not in
 * the needle's 64-bit Bloom filter, skips a whole needle. Partial matches are counted: when they have cost more than
 * the haystack is long, the rest is searched by the two-way algorithm (Crochemore and Perrin, 1991), which is linear.
 */

#define IN_BLOOM(mask, ch) (((mask) >> ((ch) & 63)) & 1)

/* Start of the maximal suffix of the needle under an order of the alphabet, and that suffix's period. */
static Py_ssize_t T(maximal_suffix)(const CH *p, Py_ssize_t m, bool inverted, Py_ssize_t *period)
{
    Py_ssize_t suffix = 0, candidate = 1, k = 0, per = 1;
    while (candidate + k < m) {
        CH a = p[candidate + k], b = p[suffix + k];
        if (inverted ? b < a : a < b) {
            candidate += k + 1;
            k = 0;
            per = candidate - suffix;
        } else if (a == b) {
            if (k + 1 == per) {
                candidate += per;
                k = 0;
            } else {
                k++;
            }
        } else {
            suffix = candidate++;
            k = 0;
            per = 1;
        }
    }
    *period = per;
    return suffix;
}

static Py_ssize_t T(two_way)(const CH *s, Py_ssize_t n, const CH *p, Py_ssize_t m)
{
    Py_ssize_t per_a, per_b;
    Py_ssize_t cut_a = T(maximal_suffix)(p, m, false, &per_a);
    Py_ssize_t cut_b = T(maximal_suffix)(p, m, true, &per_b);
    Py_ssize_t cut = cut_a > cut_b ? cut_a : cut_b;
    Py_ssize_t period = cut_a > cut_b ? per_a : per_b;
    bool periodic = cut + period <= m && memcmp(p, p + period, (size_t)cut * sizeof(CH)) == 0;
    if (!periodic)
        period = (cut > m - cut ? cut : m - cut) + 1;
    Py_ssize_t at = 0, known = 0;       /* `known` characters of the needle's start are known to match (periodic case) */
    while (at <= n - m) {
        Py_ssize_t i = cut > known ? cut : known;
        while (i < m && p[i] == s[at + i])
            i++;
        if (i < m) {
            at += i - cut + 1;
            known = 0;
            continue;
        }
        i = cut - 1;
        while (i >= known && p[i] == s[at + i])
            i--;
        if (i < known)
            return at;
        at += period;
        known = periodic ? m - period : 0;
    }
    return -1;
}

static Py_ssize_t T(find_text)(const CH *s, Py_ssize_t n, const CH *p, Py_ssize_t m)
{
    Py_ssize_t last = m - 1, skip = last, w = n - m, cost = 0;
    uint64_t bloom = 0;
    CH end = p[last];
    for (Py_ssize_t i = 0; i < last; i++) {
        bloom |= 1ull << (p[i] & 63);
        if (p[i] == end)
            skip = last - i - 1;
    }
    bloom |= 1ull << (end & 63);
    for (Py_ssize_t i = 0; i <= w; i++) {
        if (s[i + last] == end) {
            Py_ssize_t j = 0;
            while (j < last && s[i + j] == p[j])
                j++;
            if (j == last)
                return i;
            cost += j + 1;
            if (cost > n && w - i > 64) {
                Py_ssize_t found = T(two_way)(s + i, n - i, p, m);
                return found < 0 ? -1 : i + found;
            }
            if (i < w && !IN_BLOOM(bloom, s[i + m]))
                i += m;
            else
                i += skip;
        } else if (i < w && !IN_BLOOM(bloom, s[i + m])) {
            i += m;
        }
    }
    return -1;
}

/* Windows whose first and last characters match are found sixteen bytes at a time. What matching the rest of them costs is bounded
 * as in find_text(). */
static Py_ssize_t T(find_fast)(const CH *s, Py_ssize_t n, const CH *p, Py_ssize_t m)
{
    Py_ssize_t i = 0;
#ifdef __SSE2__
    const Py_ssize_t lanes = 16 / (Py_ssize_t)sizeof(CH), last = m - 1;
    const __m128i first = SET1(p[0]), end = SET1(p[last]);
    Py_ssize_t cost = 0;
    for (; i + lanes - 1 <= n - m; i += lanes) {
        __m128i a = _mm_loadu_si128((const __m128i *)(s + i)), b = _mm_loadu_si128((const __m128i *)(s + i + last));
        unsigned hits = (unsigned)_mm_movemask_epi8(_mm_and_si128(EQUAL(a, first), EQUAL(b, end)));
        while (hits) {
            Py_ssize_t at = i + __builtin_ctz(hits) / (int)sizeof(CH), j = 1;
            while (j < last && s[at + j] == p[j])
                j++;
            if (j >= last)
                return at;
            hits &= ~(((1u << sizeof(CH)) - 1) << ((at - i) * (Py_ssize_t)sizeof(CH)));
            cost += j;
        }
        if (cost > n) {
            Py_ssize_t found = T(two_way)(s + i, n - i, p, m);
            return found < 0 ? -1 : i + found;
        }
    }
    if (i > n - m)
        return -1;
#endif
    Py_ssize_t found = T(find_text)(s + i, n - i, p, m);
    return found < 0 ? -1 : i + found;
}

/* Number of occurrences that do not overlap, at most `limit`. What lies between two is passed over in one go. */
static Py_ssize_t T(count_text)(const CH *s, Py_ssize_t n, const CH *p, Py_ssize_t m, Py_ssize_t limit)
{
    Py_ssize_t count = 0, i = 0;
#ifdef __SSE2__
    const Py_ssize_t lanes = 16 / (Py_ssize_t)sizeof(CH), last = m - 1;
    const __m128i first = SET1(p[0]), end = SET1(p[last]);
    Py_ssize_t cost = 0, from = 0;      /* `from`: behind the last occurrence */
    for (; i + lanes - 1 <= n - m && count < limit && cost <= n; i += lanes) {
        __m128i a = _mm_loadu_si128((const __m128i *)(s + i)), b = _mm_loadu_si128((const __m128i *)(s + i + last));
        unsigned hits = (unsigned)_mm_movemask_epi8(_mm_and_si128(EQUAL(a, first), EQUAL(b, end)));
        while (hits && count < limit) {
            Py_ssize_t at = i + __builtin_ctz(hits) / (int)sizeof(CH), j = 1;
            hits &= ~(((1u << sizeof(CH)) - 1) << ((at - i) * (Py_ssize_t)sizeof(CH)));
            if (at < from)
                continue;
            while (j < last && s[at + j] == p[j])
                j++;
            cost += j - 1;
            if (j >= last) {
                count++;
                cost -= j - 1;
                from = at + m;
            }
        }
    }
    if (from > i)
        i = from;
#endif
    while (count < limit && i <= n - m) {
        Py_ssize_t gap = T(find_fast)(s + i, n - i, p, m);
        if (gap < 0)
            break;
        count++;
        i += gap + m;
    }
    return count;
}

/* From the right. Quadratic for hostile text, as nobody has asked for better. */
static Py_ssize_t T(rfind_text)(const CH *s, Py_ssize_t n, const CH *p, Py_ssize_t m)
{
    Py_ssize_t last = m - 1, skip = last, w = n - m;
    uint64_t bloom = 1ull << (p[0] & 63);
    for (Py_ssize_t i = last; i > 0; i--) {
        bloom |= 1ull << (p[i] & 63);
        if (p[i] == p[0])
            skip = i - 1;
    }
    for (Py_ssize_t i = w; i >= 0; i--) {
        if (s[i] == p[0]) {
            Py_ssize_t j = last;
            while (j > 0 && s[i + j] == p[j])
                j--;
            if (j == 0)
                return i;
            if (i > 0 && !IN_BLOOM(bloom, s[i - 1]))
                i -= m;
            else
                i -= skip;
        } else if (i > 0 && !IN_BLOOM(bloom, s[i - 1])) {
            i -= m;
        }
    }
    return -1;
}

#undef IN_BLOOM
