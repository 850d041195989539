/* The merge sort, once for each way to compare. The includer defines
 *     SORT(name)              the name of this instance of a function
 *     SORT_LESS(sort, a, b)   whether a < b: 1, 0, or negative with an exception
 * All elements stay in the span whatever a comparison does: an error leaves some permutation. */

/* The place among sorted keys[0:n] left of all that are not less than `key`, found by doubling steps from `hint`. -1 on error. */
static Py_ssize_t SORT(gallop_left)(Sort *sort, PyObject *key, PyObject **keys, Py_ssize_t n, Py_ssize_t hint)
{
    Py_ssize_t low, high, step = 1;
    int less = SORT_LESS(sort, keys[hint], key);
    if (less < 0) return -1;
    if (less) {     /* keys[hint] < key: go right */
        low = hint + 1;
        high = n;
        while (hint + step < n) {
            less = SORT_LESS(sort, keys[hint + step], key);
            if (less < 0) return -1;
            if (!less) {
                high = hint + step;
                break;
            }
            low = hint + step + 1;
            step = step * 2 + 1;
        }
    } else {        /* key <= keys[hint]: go left */
        low = 0;
        high = hint;
        while (hint - step >= 0) {
            less = SORT_LESS(sort, keys[hint - step], key);
            if (less < 0) return -1;
            if (less) {
                low = hint - step + 1;
                break;
            }
            high = hint - step;
            step = step * 2 + 1;
        }
    }
    while (low < high) {
        Py_ssize_t middle = low + ((high - low) >> 1);
        less = SORT_LESS(sort, keys[middle], key);
        if (less < 0) return -1;
        if (less) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* The same, right of all that are not greater than `key`. */
static Py_ssize_t SORT(gallop_right)(Sort *sort, PyObject *key, PyObject **keys, Py_ssize_t n, Py_ssize_t hint)
{
    Py_ssize_t low, high, step = 1;
    int less = SORT_LESS(sort, key, keys[hint]);
    if (less < 0) return -1;
    if (less) {     /* key < keys[hint]: go left */
        low = 0;
        high = hint;
        while (hint - step >= 0) {
            less = SORT_LESS(sort, key, keys[hint - step]);
            if (less < 0) return -1;
            if (!less) {
                low = hint - step + 1;
                break;
            }
            high = hint - step;
            step = step * 2 + 1;
        }
    } else {        /* keys[hint] <= key: go right */
        low = hint + 1;
        high = n;
        while (hint + step < n) {
            less = SORT_LESS(sort, key, keys[hint + step]);
            if (less < 0) return -1;
            if (less) {
                high = hint + step;
                break;
            }
            low = hint + step + 1;
            step = step * 2 + 1;
        }
    }
    while (low < high) {
        Py_ssize_t middle = low + ((high - low) >> 1);
        less = SORT_LESS(sort, key, keys[middle]);
        if (less < 0) return -1;
        if (less) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return low;
}

/* Merges neighbours a[0:na] and b[0:nb], na <= nb, from the left, with a copy of a aside. On entry b[0] < a[0], and the last of a is
 * greater than all of b. */
static int SORT(merge_low)(Sort *sort, Span a, Py_ssize_t na, Span b, Py_ssize_t nb)
{
    if (sort_reserve(sort, na) < 0) return -1;
    Span left = sort->spare, to = a;
    span_copy(left, a, na);
    int result = -1;
    Py_ssize_t min_gallop = sort->min_gallop;

    span_take(&to, &b);
    if (--nb == 0) goto rest_left;
    if (na == 1) goto last_left;
    for (;;) {
        Py_ssize_t won_a = 0, won_b = 0;
        while (won_a < min_gallop && won_b < min_gallop) {
            int less = SORT_LESS(sort, b.keys[0], left.keys[0]);
            if (less < 0 || interrupt_check() < 0) goto done;
            if (less) {
                span_take(&to, &b);
                won_b++;
                won_a = 0;
                if (--nb == 0) goto rest_left;
            } else {
                span_take(&to, &left);
                won_a++;
                won_b = 0;
                if (--na == 1) goto last_left;
            }
        }
        min_gallop++;
        do {    /* one side wins again and again: look for how long it will */
            if (interrupt_check() < 0) goto done;
            min_gallop -= min_gallop > 1;
            sort->min_gallop = min_gallop;
            won_a = SORT(gallop_right)(sort, b.keys[0], left.keys, na, 0);
            if (won_a < 0) goto done;
            if (won_a > 0) {
                span_take_many(&to, &left, won_a);
                na -= won_a;
                if (na == 1) goto last_left;
                if (na == 0) goto rest_left;    /* only if comparisons contradict each other */
            }
            span_take(&to, &b);
            if (--nb == 0) goto rest_left;
            won_b = SORT(gallop_left)(sort, left.keys[0], b.keys, nb, 0);
            if (won_b < 0) goto done;
            if (won_b > 0) {
                span_take_many(&to, &b, won_b);
                nb -= won_b;
                if (nb == 0) goto rest_left;
            }
            span_take(&to, &left);
            if (--na == 1) goto last_left;
        } while (won_a >= MIN_GALLOP || won_b >= MIN_GALLOP);
        min_gallop++;
        sort->min_gallop = min_gallop;
    }

rest_left:
    result = 0;
done:
    span_copy(to, left, na);
    return result;

last_left:
    span_take_many(&to, &b, nb);
    span_copy(to, left, 1);
    return 0;
}

/* The same from the right, na >= nb, with a copy of b aside. */
static int SORT(merge_high)(Sort *sort, Span a, Py_ssize_t na, Span b, Py_ssize_t nb)
{
    if (sort_reserve(sort, nb) < 0) return -1;
    Span right = sort->spare;
    span_copy(right, b, nb);
    Py_ssize_t to = na + nb;    /* one past the next place to fill, from a.keys */
    int result = -1;
    Py_ssize_t min_gallop = sort->min_gallop;

    span_set(a, --to, a, --na);
    if (na == 0) goto rest_right;
    if (nb == 1) goto last_right;
    for (;;) {
        Py_ssize_t won_a = 0, won_b = 0;
        while (won_a < min_gallop && won_b < min_gallop) {
            int less = SORT_LESS(sort, right.keys[nb - 1], a.keys[na - 1]);
            if (less < 0 || interrupt_check() < 0) goto done;
            if (less) {
                span_set(a, --to, a, --na);
                won_a++;
                won_b = 0;
                if (na == 0) goto rest_right;
            } else {
                span_set(a, --to, right, --nb);
                won_b++;
                won_a = 0;
                if (nb == 1) goto last_right;
            }
        }
        min_gallop++;
        do {
            if (interrupt_check() < 0) goto done;
            min_gallop -= min_gallop > 1;
            sort->min_gallop = min_gallop;
            Py_ssize_t place = SORT(gallop_right)(sort, right.keys[nb - 1], a.keys, na, na - 1);
            if (place < 0) goto done;
            won_a = na - place;
            if (won_a > 0) {
                to -= won_a;
                na -= won_a;
                span_move(a, to, na, won_a);
                if (na == 0) goto rest_right;
            }
            span_set(a, --to, right, --nb);
            if (nb == 1) goto last_right;
            place = SORT(gallop_left)(sort, a.keys[na - 1], right.keys, nb, nb - 1);
            if (place < 0) goto done;
            won_b = nb - place;
            if (won_b > 0) {
                to -= won_b;
                nb -= won_b;
                span_copy(span_from(a, to), span_from(right, nb), won_b);
                if (nb == 1) goto last_right;
                if (nb == 0) goto rest_right;   /* only if comparisons contradict each other */
            }
            span_set(a, --to, a, --na);
            if (na == 0) goto rest_right;
        } while (won_a >= MIN_GALLOP || won_b >= MIN_GALLOP);
        min_gallop++;
        sort->min_gallop = min_gallop;
    }

rest_right:
    result = 0;
done:
    span_copy(span_from(a, to - nb), right, nb);
    return result;

last_right:
    to -= na;
    span_move(a, to, 0, na);
    span_set(a, to - 1, right, 0);
    return 0;
}

/* Merges runs i and i + 1 of those pending. */
static int SORT(merge_at)(Sort *sort, int i)
{
    Span a = sort->runs[i].span, b = sort->runs[i + 1].span;
    Py_ssize_t na = sort->runs[i].length, nb = sort->runs[i + 1].length;
    sort->runs[i].length = na + nb;
    if (i == sort->n_runs - 3) sort->runs[i + 1] = sort->runs[i + 2];
    sort->n_runs--;

    Py_ssize_t in_place = SORT(gallop_right)(sort, b.keys[0], a.keys, na, 0);
    if (in_place < 0) return -1;
    a = span_from(a, in_place);
    na -= in_place;
    if (na == 0) return 0;
    nb = SORT(gallop_left)(sort, a.keys[na - 1], b.keys, nb, nb - 1);
    if (nb <= 0) return (int)nb;
    return na <= nb ? SORT(merge_low)(sort, a, na, b, nb) : SORT(merge_high)(sort, a, na, b, nb);
}

/* Length of the run that begins at keys[0]: never falling, or strictly falling. -1 on error. */
static Py_ssize_t SORT(count_run)(Sort *sort, PyObject **keys, Py_ssize_t n, bool *falling)
{
    *falling = false;
    if (n < 2) return n;
    int less = SORT_LESS(sort, keys[1], keys[0]);
    if (less < 0) return -1;
    *falling = less;
    Py_ssize_t i = 2;
    for (; i < n; i++) {
        less = SORT_LESS(sort, keys[i], keys[i - 1]);
        if (less < 0 || interrupt_check() < 0) return -1;
        if (less != *falling) break;
    }
    return i;
}

/* Sorts span[0:n], of which [0:sorted] is sorted already, by binary insertion. */
static int SORT(insertion_sort)(Sort *sort, Span span, Py_ssize_t n, Py_ssize_t sorted)
{
    for (; sorted < n; sorted++) {
        if (interrupt_check() < 0) return -1;
        PyObject *key = span.keys[sorted];
        Py_ssize_t low = 0, high = sorted;
        do {
            Py_ssize_t middle = low + ((high - low) >> 1);
            int less = SORT_LESS(sort, key, span.keys[middle]);
            if (less < 0) return -1;
            if (less) {
                high = middle;
            } else {
                low = middle + 1;
            }
        } while (low < high);
        memmove(span.keys + low + 1, span.keys + low, (size_t)(sorted - low) * sizeof(PyObject *));
        span.keys[low] = key;
        if (span.values != NULL) {
            PyObject *value = span.values[sorted];
            memmove(span.values + low + 1, span.values + low, (size_t)(sorted - low) * sizeof(PyObject *));
            span.values[low] = value;
        }
    }
    return 0;
}

static int SORT(run)(Sort *sort, Span span, Py_ssize_t n)
{
    Py_ssize_t min_run = sort_min_run(n), done = 0;
    while (done < n) {
        Span rest = span_from(span, done);
        bool falling;
        Py_ssize_t length = SORT(count_run)(sort, rest.keys, n - done, &falling);
        if (length < 0) return -1;
        if (falling) span_reverse(rest, length);
        if (length < min_run) {
            Py_ssize_t forced = Py_MIN(min_run, n - done);
            if (SORT(insertion_sort)(sort, rest, forced, Py_MAX(length, 1)) < 0) return -1;
            length = forced;
        }
        if (sort->n_runs > 0) {
            Run *last = &sort->runs[sort->n_runs - 1];
            int power = sort_power(last->span.keys - span.keys, last->length, length, n);
            while (sort->n_runs > 1 && sort->runs[sort->n_runs - 2].power > power) {
                if (SORT(merge_at)(sort, sort->n_runs - 2) < 0) return -1;
            }
            sort->runs[sort->n_runs - 1].power = power;
        }
        sort->runs[sort->n_runs++] = (Run){rest, length, 0};
        done += length;
    }
    while (sort->n_runs > 1) {
        int i = sort->n_runs - 2;
        if (i > 0 && sort->runs[i - 1].length < sort->runs[i + 1].length) i--;
        if (SORT(merge_at)(sort, i) < 0) return -1;
    }
    return 0;
}

#undef SORT
#undef SORT_LESS
