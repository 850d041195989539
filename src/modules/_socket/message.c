/* sendmsg(), recvmsg() and recvmsg_into(): data in several buffers, and ancillary data beside it. */
#include "modules/_socket/socket.h"

#include <limits.h>
#include <linux/if_alg.h>
#include <string.h>
#include <unistd.h>

/* The buffers of an iterable, as the system call wants them. */
typedef struct {
    Py_buffer *views;
    struct iovec *vectors;
    Py_ssize_t count;
} Buffers;

static void buffers_release(Buffers *b)
{
    for (Py_ssize_t i = 0; i < b->count; i++) PyBuffer_Release(&b->views[i]);
    PyMem_Free(b->views);
    PyMem_Free(b->vectors);
}

/* Fills `b` from an iterable; `format` is how one item is parsed. -1 with an exception set, nothing to release then. */
static int buffers_get(Buffers *b, PyObject *iterable, const char *format, const char *not_iterable)
{
    *b = (Buffers){0};
    PyObject *items = PySequence_Fast(iterable, not_iterable);
    if (!items) return -1;
    Py_ssize_t n = PySequence_Fast_GET_SIZE(items);
    b->views = n ? PyMem_New(Py_buffer, n) : NULL;
    b->vectors = n ? PyMem_New(struct iovec, n) : NULL;
    if (n > INT_MAX) PyErr_SetString(PyExc_OSError, "argument 1 is too long");
    else if (n && (!b->views || !b->vectors)) PyErr_NoMemory();
    else {
        for (; b->count < n && b->count < PySequence_Fast_GET_SIZE(items); b->count++) {
            Py_buffer *view = &b->views[b->count];
            if (!PyArg_Parse(PySequence_Fast_GET_ITEM(items, b->count), format, view)) break;
            b->vectors[b->count] = (struct iovec){view->buf, (size_t)view->len};
        }
    }
    Py_DECREF(items);
    if (!PyErr_Occurred()) return 0;
    buffers_release(b);
    return -1;
}

/* CMSG_SPACE() of a length, or false if that is more than the kernel's types hold. */
bool message_control_space(Py_ssize_t length, size_t *space)
{
    if (length < 0 || (size_t)length > INT_MAX - CMSG_SPACE(1)) return false;
    *space = CMSG_SPACE((size_t)length);
    return *space <= INT_MAX;
}

typedef struct { struct msghdr *header; int flags; } Message;

/* ---- Receiving ---------------------------------------------------------------------------------------------------- */

static ssize_t try_recvmsg(Socket *s, void *data)
{
    Message *m = data;
    return recvmsg(s->fd, m->header, m->flags);
}

/* How much of an item's data lies within what was received; -1 if not even its head does. */
static Py_ssize_t item_length(const struct msghdr *header, const struct cmsghdr *item)
{
    const char *start = header->msg_control, *data = (const char *)CMSG_DATA(item), *end = start + header->msg_controllen;
    if ((const char *)item < start || data > end || item->cmsg_len < CMSG_LEN(0)) return -1;
    size_t length = item->cmsg_len - CMSG_LEN(0), room = (size_t)(end - data);
    return (Py_ssize_t)(length < room ? length : room);
}

/* Descriptors that came with a message that nobody will see. */
static void close_descriptors(struct msghdr *header)
{
    for (struct cmsghdr *c = CMSG_FIRSTHDR(header); c; c = CMSG_NXTHDR(header, c)) {
        Py_ssize_t length = item_length(header, c);
        if (length < 0) return;
        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS) continue;
        for (size_t i = 0; i < (size_t)length / sizeof(int); i++) {
            int fd;
            memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof fd);
            close(fd);
        }
    }
}

/* [(level, type, data), ...]. New reference. */
static PyObject *ancillary_list(struct msghdr *header)
{
    PyObject *list = PyList_New(0);
    if (!list || header->msg_controllen == 0) return list;
    for (struct cmsghdr *c = CMSG_FIRSTHDR(header); c; c = CMSG_NXTHDR(header, c)) {
        Py_ssize_t length = item_length(header, c);
        if (length < 0) {
            if (PyErr_WarnEx(PyExc_RuntimeWarning, "received malformed or improperly-truncated ancillary data", 1) < 0) goto error;
            break;
        }
        PyObject *item = Py_BuildValue("iiy#", c->cmsg_level, c->cmsg_type, (char *)CMSG_DATA(c), length);
        int failed = item ? PyList_Append(list, item) : -1;
        Py_XDECREF(item);
        if (failed) goto error;
    }
    return list;
error:
    Py_DECREF(list);
    return NULL;
}

/* Receives one message into `vectors`. `result(size, data)` makes the first of the four things returned. */
static PyObject *receive_message(Socket *s, struct iovec *vectors, int count, int flags, Py_ssize_t control_size,
                                 PyObject *(*result)(Py_ssize_t size, void *data), void *data)
{
    if (control_size < 0 || control_size > INT_MAX) {
        PyErr_SetString(PyExc_ValueError, "invalid ancillary data buffer length");
        return NULL;
    }
    void *control = control_size ? PyMem_Calloc(1, (size_t)control_size) : NULL;
    if (control_size && !control) return PyErr_NoMemory();
    Address address = {0};
    struct msghdr header = {.msg_name = &address, .msg_namelen = sizeof address, .msg_iov = vectors, .msg_iovlen = (size_t)count,
                            .msg_control = control, .msg_controllen = (size_t)control_size};
    Message message = {&header, flags};
    PyObject *values = NULL, *first = NULL, *ancillary = NULL, *peer = NULL;
    ssize_t size = socket_perform(s, SOCKET_READ, try_recvmsg, &message, s->timeout);
    if (size < 0) goto done;
    socklen_t length = header.msg_namelen > sizeof address ? (socklen_t)sizeof address : header.msg_namelen;
    ancillary = ancillary_list(&header);
    first = ancillary ? result(size, data) : NULL;
    peer = first ? address_to_object(&address, length, s->proto) : NULL;
    values = peer ? Py_BuildValue("OOiO", first, ancillary, (int)header.msg_flags, peer) : NULL;
    if (!values && control) close_descriptors(&header);
done:
    Py_XDECREF(first);
    Py_XDECREF(ancillary);
    Py_XDECREF(peer);
    PyMem_Free(control);
    return values;
}

/* The bytes object that was received into, cut to what came. New reference. */
static PyObject *take_bytes(Py_ssize_t size, void *data)
{
    PyObject **bytes = data, *o = *bytes;
    *bytes = NULL;
    if (size != PyBytes_GET_SIZE(o)) _PyBytes_Resize(&o, size);
    return o;
}

static PyObject *size_object(Py_ssize_t size, void *Py_UNUSED(data)) { return PyLong_FromSsize_t(size); }

PyObject *socket_recvmsg(Socket *s, PyObject *args)
{
    Py_ssize_t size, control_size = 0;
    int flags = 0;
    if (!PyArg_ParseTuple(args, "n|ni:recvmsg", &size, &control_size, &flags)) return NULL;
    if (size < 0) {
        PyErr_SetString(PyExc_ValueError, "negative buffer size in recvmsg()");
        return NULL;
    }
    PyObject *bytes = PyBytes_FromStringAndSize(NULL, size);
    if (!bytes) return NULL;
    struct iovec vector = {PyBytes_AS_STRING(bytes), (size_t)size};
    PyObject *result = receive_message(s, &vector, 1, flags, control_size, take_bytes, &bytes);
    Py_XDECREF(bytes);
    return result;
}

PyObject *socket_recvmsg_into(Socket *s, PyObject *args)
{
    PyObject *iterable;
    Py_ssize_t control_size = 0;
    int flags = 0;
    Buffers b;
    if (!PyArg_ParseTuple(args, "O|ni:recvmsg_into", &iterable, &control_size, &flags)) return NULL;
    if (buffers_get(&b, iterable, "w*;recvmsg_into() argument 1 must be an iterable of single-segment read-write buffers",
                    "recvmsg_into() argument 1 must be an iterable") < 0) {
        return NULL;
    }
    PyObject *result = receive_message(s, b.vectors, (int)b.count, flags, control_size, size_object, NULL);
    buffers_release(&b);
    return result;
}

/* ---- Sending ------------------------------------------------------------------------------------------------------ */

static ssize_t try_sendmsg(Socket *s, void *data)
{
    Message *m = data;
    return sendmsg(s->fd, m->header, m->flags);
}

typedef struct { int level, type; Py_buffer data; } ControlItem;

/* Lays the items out one behind the other. A block of *size bytes to be freed, or NULL with an exception set. */
static void *pack_control(const ControlItem *items, Py_ssize_t count, size_t *size)
{
    *size = 0;
    for (Py_ssize_t i = 0; i < count; i++) {
        size_t space;
        if (!message_control_space(items[i].data.len, &space)) {
            PyErr_SetString(PyExc_OSError, "ancillary data item too large");
            return NULL;
        }
        *size += space;
        if (*size > INT_MAX) {
            PyErr_SetString(PyExc_OSError, "too much ancillary data");
            return NULL;
        }
    }
    char *control = PyMem_Calloc(1, *size), *place = control;
    if (!control) return PyErr_NoMemory();
    for (Py_ssize_t i = 0; i < count; i++) {
        struct cmsghdr *head = (struct cmsghdr *)place;
        size_t length = (size_t)items[i].data.len;
        *head = (struct cmsghdr){.cmsg_level = items[i].level, .cmsg_type = items[i].type, .cmsg_len = CMSG_LEN(length)};
        memcpy(CMSG_DATA(head), items[i].data.buf, length);
        place += CMSG_SPACE(length);
    }
    return control;
}

/* The ancillary data that an iterable of (level, type, data) means, for `header`: *control is to be freed. -1 with an exception. */
static int get_control(PyObject *iterable, void **control, size_t *size)
{
    *control = NULL;
    *size = 0;
    if (!iterable) return 0;
    PyObject *sequence = PySequence_Fast(iterable, "sendmsg() argument 2 must be an iterable");
    if (!sequence) return -1;
    Py_ssize_t n = PySequence_Fast_GET_SIZE(sequence), count = 0;
    ControlItem *items = n ? PyMem_New(ControlItem, n) : NULL;
    if (n && !items) PyErr_NoMemory();
    while (items && count < n && count < PySequence_Fast_GET_SIZE(sequence)) {
        ControlItem *item = &items[count];
        if (!PyArg_Parse(PySequence_Fast_GET_ITEM(sequence, count), "(iiy*):[sendmsg() ancillary data items]", &item->level, &item->type,
                         &item->data)) {
            break;
        }
        count++;
    }
    if (count && !PyErr_Occurred()) *control = pack_control(items, count, size);
    for (Py_ssize_t i = 0; i < count; i++) PyBuffer_Release(&items[i].data);
    PyMem_Free(items);
    Py_DECREF(sequence);
    return PyErr_Occurred() ? -1 : 0;
}

#define NO_BUFFERS "sendmsg() argument 1 must be an iterable"
#define NOT_A_BUFFER "y*;sendmsg() argument 1 must be an iterable of bytes-like objects"

static PyObject *send_message(Socket *s, struct msghdr *header, int flags)
{
    Message message = {header, flags};
    ssize_t n = socket_perform(s, SOCKET_WRITE, try_sendmsg, &message, s->timeout);
    return n < 0 ? NULL : PyLong_FromSsize_t(n);
}

PyObject *socket_sendmsg(Socket *s, PyObject *args)
{
    PyObject *iterable, *ancillary = NULL, *to = NULL, *result = NULL;
    int flags = 0;
    Buffers b;
    Address address;
    void *control = NULL;
    struct msghdr header = {0};
    if (!PyArg_ParseTuple(args, "O|OiO:sendmsg", &iterable, &ancillary, &flags, &to)) return NULL;
    if (to && to != Py_None) {
        socklen_t length;
        if (!address_from_object(s, to, &address, &length, "sendmsg")) return NULL;
        if (PySys_Audit("socket.sendmsg", "OO", s, to) < 0) return NULL;
        header.msg_name = &address;
        header.msg_namelen = length;
    }
    else if (PySys_Audit("socket.sendmsg", "OO", s, Py_None) < 0) return NULL;
    if (buffers_get(&b, iterable, NOT_A_BUFFER, NO_BUFFERS) < 0) return NULL;
    header.msg_iov = b.vectors;
    header.msg_iovlen = (size_t)b.count;
    if (get_control(ancillary, &control, &header.msg_controllen) < 0) goto done;
    header.msg_control = control;
    result = send_message(s, &header, flags);
done:
    PyMem_Free(control);
    buffers_release(&b);
    return result;
}

/* The ancillary data of sendmsg_afalg(): operation, initialisation vector (if there is one), length of the associated data (unless
 * negative). A block to be freed, or NULL with an exception set. */
static void *pack_algorithm_control(uint32_t operation, const Py_buffer *vector, int associated, size_t *size)
{
    uint32_t associated_length = (uint32_t)associated;
    ControlItem items[3];
    Py_ssize_t count = 0;
    struct af_alg_iv *iv = PyMem_Calloc(1, sizeof *iv + (size_t)vector->len);
    if (!iv) return PyErr_NoMemory();
    items[count++] = (ControlItem){SOL_ALG, ALG_SET_OP, {.buf = &operation, .len = sizeof operation}};
    if (vector->buf) {
        iv->ivlen = (uint32_t)vector->len;
        memcpy(iv->iv, vector->buf, (size_t)vector->len);
        items[count++] = (ControlItem){SOL_ALG, ALG_SET_IV, {.buf = iv, .len = (Py_ssize_t)sizeof *iv + vector->len}};
    }
    if (associated >= 0) {
        items[count++] = (ControlItem){SOL_ALG, ALG_SET_AEAD_ASSOCLEN, {.buf = &associated_length, .len = sizeof associated_length}};
    }
    void *control = pack_control(items, count, size);
    PyMem_Free(iv);
    return control;
}

PyObject *socket_sendmsg_afalg(Socket *s, PyObject *args, PyObject *kwargs)
{
    static char *keywords[] = {"msg", "op", "iv", "assoclen", "flags", NULL};
    PyObject *iterable = NULL, *operation_object = NULL, *associated_object = NULL, *result = NULL;
    int operation = -1, associated = -1, flags = 0;
    Py_buffer vector = {0};
    Buffers b = {0};
    if (s->family != AF_ALG) {
        PyErr_SetString(PyExc_OSError, "algset is only supported for AF_ALG");
        return NULL;
    }
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|O$O!y*O!i:sendmsg_afalg", keywords, &iterable, &PyLong_Type, &operation_object,
                                     &vector, &PyLong_Type, &associated_object, &flags)) {
        return NULL;
    }
    if (operation_object) operation = _PyLong_AsInt(operation_object);
    if (operation < 0 && !PyErr_Occurred()) PyErr_SetString(PyExc_TypeError, "Invalid or missing argument 'op'");
    if (associated_object && !PyErr_Occurred()) {
        associated = _PyLong_AsInt(associated_object);
        if (associated < 0 && !PyErr_Occurred()) PyErr_SetString(PyExc_TypeError, "assoclen must be positive");
    }
    if (!PyErr_Occurred() && (!iterable || buffers_get(&b, iterable, NOT_A_BUFFER, NO_BUFFERS) == 0)) {
        struct msghdr header = {.msg_iov = b.vectors, .msg_iovlen = (size_t)b.count};
        header.msg_control = pack_algorithm_control((uint32_t)operation, &vector, associated, &header.msg_controllen);
        if (header.msg_control) result = send_message(s, &header, flags);
        PyMem_Free(header.msg_control);
        buffers_release(&b);
    }
    PyBuffer_Release(&vector);
    return result;
}
