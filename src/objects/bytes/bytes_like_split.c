/* Taking bytes and bytearray apart, and joining them. */
#include "objects/bytes/bytes.h"
#include "objects/args_unpack.h"
#include "objects/list_internal.h"

static inline int add_piece(PyObject *list, PyObject *self, Py_ssize_t start, Py_ssize_t end)
{
    const char *text = bytes_like_data(self) + start;
    PyObject *piece = PyBytes_CheckExact(self) ? PyBytes_FromStringAndSize(text, end - start)
                                               : bytes_like_new(self, text, end - start);
    if (piece == NULL)
        return -1;
    return list_append_steal((PyListObject *)list, piece);
}

static int split_space(PyObject *list, PyObject *self, Py_ssize_t limit)
{
    StrView v = bytes_like_view(self);
    const unsigned char *p = v.data;
    Py_ssize_t i = 0, n = v.length;
    for (;;) {
        while (i < n && Py_ISSPACE(p[i]))
            i++;
        if (i == n)
            return 0;
        Py_ssize_t start = i;
        if (limit-- <= 0)
            return add_piece(list, self, start, n);
        while (i < n && !Py_ISSPACE(p[i]))
            i++;
        if (start == 0 && i == n && PyBytes_CheckExact(self))
            return PyList_Append(list, self);
        if (add_piece(list, self, start, i) < 0)
            return -1;
    }
}

static int rsplit_space(PyObject *list, PyObject *self, Py_ssize_t limit)
{
    StrView v = bytes_like_view(self);
    const unsigned char *p = v.data;
    Py_ssize_t i = v.length;
    for (;;) {
        while (i > 0 && Py_ISSPACE(p[i - 1]))
            i--;
        if (i == 0)
            return 0;
        Py_ssize_t end = i;
        if (limit-- <= 0)
            return add_piece(list, self, 0, end);
        while (i > 0 && !Py_ISSPACE(p[i - 1]))
            i--;
        if (i == 0 && end == v.length && PyBytes_CheckExact(self))
            return PyList_Append(list, self);
        if (add_piece(list, self, i, end) < 0)
            return -1;
    }
}

static int split_text(PyObject *list, PyObject *self, const Needle *sep, Py_ssize_t limit)
{
    StrView v = bytes_like_view(self);
    Py_ssize_t at = 0, gap;
    while (limit-- > 0 && (gap = search_find(view_part(v, at, v.length), sep)) >= 0) {
        if (add_piece(list, self, at, at + gap) < 0)
            return -1;
        at += gap + sep->view.length;
    }
    if (at == 0 && PyBytes_CheckExact(self))
        return PyList_Append(list, self);
    return add_piece(list, self, at, v.length);
}

static int split_byte(PyObject *list, PyObject *self, unsigned char sep, Py_ssize_t limit)
{
    StrView v = bytes_like_view(self);
    const unsigned char *text = v.data;
    Py_ssize_t at = 0;
    for (Py_ssize_t i = 0; i < v.length && limit > 0; i++) {
        Py_ssize_t near = Py_MIN(i + 12, v.length);     /* what is near is found without a call */
        while (i < near && text[i] != sep)
            i++;
        if (i == near) {
            const unsigned char *hit = i < v.length ? memchr(text + i, sep, (size_t)(v.length - i)) : NULL;
            if (hit == NULL)
                break;
            i = hit - text;
        }
        if (add_piece(list, self, at, i) < 0)
            return -1;
        at = i + 1;
        limit--;
    }
    if (at == 0 && PyBytes_CheckExact(self))
        return PyList_Append(list, self);
    return add_piece(list, self, at, v.length);
}

static int rsplit_text(PyObject *list, PyObject *self, const Needle *sep, Py_ssize_t limit)
{
    StrView v = bytes_like_view(self);
    Py_ssize_t end = v.length, at;
    while (limit-- > 0 && (at = search_rfind(view_part(v, 0, end), sep)) >= 0) {
        if (add_piece(list, self, at + sep->view.length, end) < 0)
            return -1;
        end = at;
    }
    if (end == v.length && PyBytes_CheckExact(self))
        return PyList_Append(list, self);
    return add_piece(list, self, 0, end);
}

/* split and rsplit: `limit` is the greatest number of cuts. */
static PyObject *split(PyObject *self, PyObject *sep, Py_ssize_t limit, bool from_right)
{
    enum { USUAL = 12 };                /* so many pieces find room at once, as in the reference */
    int r;
    if (limit < 0)
        limit = PY_SSIZE_T_MAX;
    PyObject *list = (PyObject *)list_new_with_room(limit < USUAL ? limit + 1 : USUAL);
    if (list == NULL)
        return NULL;
    if (sep == Py_None) {
        r = from_right ? rsplit_space(list, self, limit) : split_space(list, self, limit);
    } else {
        Py_buffer view;
        if (bytes_buffer_get(sep, &view) < 0)
            goto error;
        Needle needle = {.view = {PyUnicode_1BYTE_KIND, view.len, view.buf}, .possible = true};
        if (view.len == 0) {
            PyErr_SetString(PyExc_ValueError, "empty separator");
            r = -1;
        } else if (view.len == 1 && !from_right) {
            r = split_byte(list, self, *(const unsigned char *)view.buf, limit);
        } else {
            r = from_right ? rsplit_text(list, self, &needle, limit) : split_text(list, self, &needle, limit);
        }
        bytes_buffer_release(&view);
    }
    if (r < 0 || (from_right && PyList_Reverse(list) < 0))
        goto error;
    return list;

error:
    Py_DECREF(list);
    return NULL;
}

static PyObject *split_method(const char *name, PyObject *self, PyObject *const *args, Py_ssize_t nargs,
                              PyObject *kwnames, _PyArg_Parser *parser, bool from_right)
{
    PyObject *room[2];
    Py_ssize_t limit = -1;
    (void)name;
    if (args_unpack(args, nargs, NULL, kwnames, parser, 0, 2, 2, room) < 0)
        return NULL;
    args = room;
    if (args[1] != NULL) {
        limit = args_ssize(args[1]);
        if (limit == -1 && PyErr_Occurred())
            return NULL;
    }
    return split(self, args[0] != NULL ? args[0] : Py_None, limit, from_right);
}

static const char *const split_keywords[] = {"sep", "maxsplit", NULL};

BYTES_FASTKW(split)
{
    static _PyArg_Parser parser = {.keywords = split_keywords, .fname = "split"};
    return split_method("split", self, args, nargs, kwnames, &parser, false);
}

BYTES_FASTKW(rsplit)
{
    static _PyArg_Parser parser = {.keywords = split_keywords, .fname = "rsplit"};
    return split_method("rsplit", self, args, nargs, kwnames, &parser, true);
}

BYTES_FASTKW(splitlines)
{
    static const char *const keywords[] = {"keepends", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .fname = "splitlines"};
    PyObject *room[1];
    int keep = 0;
    if (args_unpack(args, nargs, NULL, kwnames, &parser, 0, 1, 1, room) < 0)
        return NULL;
    args = room;
    if (args[0] != NULL && (keep = _PyLong_AsInt(args[0])) == -1 && PyErr_Occurred())
        return NULL;
    PyObject *list = PyList_New(0);
    if (list == NULL)
        return NULL;
    StrView v = bytes_like_view(self);
    const char *p = v.data;
    for (Py_ssize_t i = 0; i < v.length;) {
        Py_ssize_t start = i;
        while (i < v.length && p[i] != '\n' && p[i] != '\r')
            i++;
        Py_ssize_t end = i;
        if (i < v.length) {
            i += p[i] == '\r' && i + 1 < v.length && p[i + 1] == '\n' ? 2 : 1;
            if (keep)
                end = i;
        }
        int r = start == 0 && end == v.length && PyBytes_CheckExact(self) ? PyList_Append(list, self)
                                                                         : add_piece(list, self, start, end);
        if (r < 0) {
            Py_DECREF(list);
            return NULL;
        }
    }
    return list;
}

/* A tuple of self[:a], sep and self[b:]. */
static PyObject *three_parts(PyObject *self, Py_ssize_t a, PyObject *sep, Py_ssize_t b)
{
    const char *p = bytes_like_data(self);
    PyObject *head = bytes_like_new(self, p, a), *tail = bytes_like_new(self, p + b, Py_SIZE(self) - b);
    if (head == NULL || tail == NULL) {
        Py_XDECREF(head);
        Py_XDECREF(tail);
        return NULL;
    }
    return Py_BuildValue("(NON)", head, sep, tail);
}

static PyObject *partition(PyObject *self, PyObject *arg, bool from_right)
{
    Py_buffer view;
    PyObject *result = NULL, *sep = NULL;
    if (bytes_buffer_get(arg, &view) < 0)
        return NULL;
    if (view.len == 0) {
        PyErr_SetString(PyExc_ValueError, "empty separator");
        goto done;
    }
    Needle needle = {.view = {PyUnicode_1BYTE_KIND, view.len, view.buf}, .possible = true};
    StrView v = bytes_like_view(self);
    Py_ssize_t at = from_right ? search_rfind(v, &needle) : search_find(v, &needle);
    if (at >= 0) {
        sep = PyBytes_Check(self) ? Py_NewRef(arg) : bytes_like_new(self, view.buf, view.len);
        if (sep != NULL)
            result = three_parts(self, at, sep, at + view.len);
        Py_XDECREF(sep);
    } else {
        PyObject *whole = bytes_like_unchanged(self);
        PyObject *none = bytes_like_new(self, NULL, 0), *more = bytes_like_new(self, NULL, 0);
        if (whole == NULL || none == NULL || more == NULL) {
            Py_XDECREF(whole);
            Py_XDECREF(none);
            Py_XDECREF(more);
        } else {
            result = from_right ? Py_BuildValue("(NNN)", none, more, whole) : Py_BuildValue("(NNN)", whole, none, more);
        }
    }
done:
    bytes_buffer_release(&view);
    return result;
}

BYTES_ONE(partition)
{
    return partition(self, arg, false);
}

BYTES_ONE(rpartition)
{
    return partition(self, arg, true);
}

/* --- join --- */

/* Gets the buffers of `count` items. 0, or -1 with the first *got of them held. */
static int get_buffers(PyObject *const *items, Py_ssize_t count, Py_buffer *views, Py_ssize_t *got)
{
    for (*got = 0; *got < count; ++*got) {
        PyObject *item = items[*got];
        if (PyBytes_CheckExact(item)) {     /* hold it: another item's buffer call may change the list */
            views[*got].obj = Py_NewRef(item);
            views[*got].buf = PyBytes_AS_STRING(item);
            views[*got].len = PyBytes_GET_SIZE(item);
        } else if (PyObject_GetBuffer(item, &views[*got], PyBUF_SIMPLE) < 0) {
            PyErr_Format(PyExc_TypeError, "sequence item %zd: expected a bytes-like object, %.80s found", *got,
                         Py_TYPE(item)->tp_name);
            return -1;
        }
    }
    return 0;
}

static PyObject *join_views(PyObject *self, const Py_buffer *views, Py_ssize_t count)
{
    Py_ssize_t total = 0, gap = Py_SIZE(self);
    for (Py_ssize_t i = 0; i < count; i++) {
        Py_ssize_t more = views[i].len;
        if (i > 0)
            more = more > PY_SSIZE_T_MAX - gap ? PY_SSIZE_T_MAX : more + gap;
        if (more > PY_SSIZE_T_MAX - total) {
            PyErr_SetString(PyExc_OverflowError, "join() result is too long");
            return NULL;
        }
        total += more;
    }
    PyObject *result = bytes_like_new(self, NULL, total);
    if (result == NULL)
        return NULL;
    char *to = bytes_like_writable(result);
    const char *sep = bytes_like_data(self);
    for (Py_ssize_t i = 0; i < count; i++) {
        if (i > 0 && gap > 0) {
            memcpy(to, sep, (size_t)gap);
            to += gap;
        }
        memcpy(to, views[i].buf, (size_t)views[i].len);
        to += views[i].len;
    }
    return result;
}

BYTES_ONE(join)
{
    Py_buffer few[10], *views = few;
    Py_ssize_t got = 0;
    PyObject *result = NULL;
    PyObject *fast = PySequence_Fast(arg, "can only join an iterable");
    if (fast == NULL)
        return NULL;
    Py_ssize_t count = PySequence_Fast_GET_SIZE(fast);
    if (count == 0) {
        result = bytes_like_new(self, NULL, 0);
        goto done;
    }
    if (count == 1 && PyBytes_CheckExact(self) && PyBytes_CheckExact(PySequence_Fast_GET_ITEM(fast, 0))) {
        result = Py_NewRef(PySequence_Fast_GET_ITEM(fast, 0));
        goto done;
    }
    if (count > (Py_ssize_t)Py_ARRAY_LENGTH(few)) {
        views = PyMem_New(Py_buffer, count);
        if (views == NULL) {
            PyErr_NoMemory();
            goto done;
        }
    }
    if (get_buffers(PySequence_Fast_ITEMS(fast), count, views, &got) == 0) {
        if (PySequence_Fast_GET_SIZE(fast) != count)
            PyErr_SetString(PyExc_RuntimeError, "sequence changed size during iteration");
        else
            result = join_views(self, views, count);
    }
done:
    for (Py_ssize_t i = 0; i < got; i++) {
        if (PyBytes_CheckExact(views[i].obj))
            Py_DECREF(views[i].obj);
        else
            PyBuffer_Release(&views[i]);
    }
    if (views != few)
        PyMem_Free(views);
    Py_DECREF(fast);
    return result;
}

/* sep.join(x) of bytes. */
PyObject *_PyBytes_Join(PyObject *sep, PyObject *x)
{
    return bytes_like_join(sep, x);
}
