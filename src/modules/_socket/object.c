/* Socket objects. */
#include "modules/_socket/socket.h"

#include <fcntl.h>
#include <poll.h>
#include <structmember.h>
#include <unistd.h>

/* ---- Waiting ------------------------------------------------------------------------------------------------------ */

/* 0: ready, 1: the time is up, -1: errno. */
static int wait_for(int fd, SocketDirection direction, _PyTime_t left)
{
    struct pollfd p = {.fd = fd, .events = direction == SOCKET_READ ? POLLIN : POLLOUT};
    int ms = left < 0 ? -1 : (int)_PyTime_AsMilliseconds(left, _PyTime_ROUND_CEILING), n;
    Py_BEGIN_ALLOW_THREADS
    n = poll(&p, 1, ms);
    Py_END_ALLOW_THREADS
    return n < 0 ? -1 : n == 0;
}

ssize_t socket_perform(Socket *s, SocketDirection direction, SocketAttempt attempt, void *data, _PyTime_t timeout)
{
    _PyTime_t deadline = timeout > 0 ? _PyDeadline_Init(timeout) : 0;
    for (bool first = true;; first = false) {
        if (timeout > 0) {
            _PyTime_t left = first ? timeout : _PyDeadline_Get(deadline);
            int waited = left < 0 ? 1 : wait_for(s->fd, direction, left);
            if (waited > 0) {
                PyErr_SetString(PyExc_TimeoutError, "timed out");
                return -1;
            }
            if (waited < 0) {
                if (errno != EINTR) goto failed;
                if (PyErr_CheckSignals()) return -1;
                continue;
            }
        }
        ssize_t result;
        int code;
        Py_BEGIN_ALLOW_THREADS
        result = attempt(s, data);
        code = errno;
        Py_END_ALLOW_THREADS
        if (result >= 0) return result;
        errno = code;
        if (errno == EINTR) {
            if (PyErr_CheckSignals()) return -1;
            continue;
        }
        if (timeout > 0 && (errno == EWOULDBLOCK || errno == EAGAIN)) continue;
failed:
        PyErr_SetFromErrno(PyExc_OSError);
        return -1;
    }
}

/* ---- Making ------------------------------------------------------------------------------------------------------- */

static PyObject *set_error(void) { return PyErr_SetFromErrno(PyExc_OSError); }

static PyObject *socket_new(PyTypeObject *type, PyObject *Py_UNUSED(args), PyObject *Py_UNUSED(kwargs))
{
    Socket *s = (Socket *)type->tp_alloc(type, 0);
    if (s) {
        s->fd = -1;
        s->set_error = set_error;
        s->timeout = socket_runtime.default_timeout;
    }
    return (PyObject *)s;
}

static int set_blocking(Socket *s, bool block)
{
    if (_Py_set_blocking(s->fd, block) == 0) return 0;
    return -1;
}

/* What a descriptor from elsewhere is; asked for where the caller did not say. -1 with an exception set. */
static int adopt(Socket *s, PyObject *fileno, int family, int type, int proto)
{
    Address address;
    socklen_t length = sizeof address;
    if (PyFloat_Check(fileno)) {
        PyErr_SetString(PyExc_TypeError, "integer argument expected, got float");
        return -1;
    }
    long fd = PyLong_AsLong(fileno);
    if (fd == -1 && PyErr_Occurred()) return -1;
    if (fd < 0) {
        PyErr_SetString(PyExc_ValueError, "negative file descriptor");
        return -1;
    }
    if (getsockname((int)fd, &address.any, &length) < 0) {
        if (family == -1 || errno == EBADF || errno == ENOTSOCK) {
            PyErr_SetFromErrno(PyExc_OSError);
            return -1;
        }
    }
    else if (family == -1) family = address.any.sa_family;
    int value;
    length = sizeof value;
    if (type == -1) {
        if (getsockopt((int)fd, SOL_SOCKET, SO_TYPE, &value, &length) < 0) goto failed;
        type = value;
    }
    length = sizeof value;
    if (proto == -1) {
        if (getsockopt((int)fd, SOL_SOCKET, SO_PROTOCOL, &value, &length) < 0) goto failed;
        proto = value;
    }
    s->fd = (int)fd;
    s->family = family;
    s->type = type;
    s->proto = proto;
    return 0;
failed:
    PyErr_SetFromErrno(PyExc_OSError);
    return -1;
}

static int socket_init(PyObject *self, PyObject *args, PyObject *kwargs)
{
    static char *keywords[] = {"family", "type", "proto", "fileno", NULL};
    Socket *s = (Socket *)self;
    int family = -1, type = -1, proto = -1;
    PyObject *fileno = Py_None;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|iiiO:socket", keywords, &family, &type, &proto, &fileno)) return -1;
    if (PySys_Audit("socket.__new__", "Oiii", s, family, type, proto) < 0) return -1;
    if (fileno != Py_None) {
        if (adopt(s, fileno, family, type, proto) < 0) return -1;
    }
    else {
        if (family == -1) family = AF_INET;
        if (type == -1) type = SOCK_STREAM;
        if (proto == -1) proto = 0;
        Py_BEGIN_ALLOW_THREADS
        s->fd = socket(family, type | SOCK_CLOEXEC, proto);
        Py_END_ALLOW_THREADS
        if (s->fd < 0) {
            PyErr_SetFromErrno(PyExc_OSError);
            return -1;
        }
        s->family = family;
        s->type = type;
        s->proto = proto;
    }
    if (s->type & SOCK_NONBLOCK) s->timeout = 0;
    else if (socket_runtime.default_timeout >= 0 && set_blocking(s, false) < 0) return -1;
    s->type &= ~(SOCK_NONBLOCK | SOCK_CLOEXEC);
    return 0;
}

static void socket_finalize(PyObject *self)
{
    Socket *s = (Socket *)self;
    if (s->fd == -1) return;
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    if (PyErr_ResourceWarning(self, 1, "unclosed %R", self) < 0 && PyErr_ExceptionMatches(PyExc_Warning)) PyErr_WriteUnraisable(self);
    int fd = s->fd;
    s->fd = -1;
    close(fd);
    PyErr_Restore(type, value, traceback);
}

static void socket_dealloc(PyObject *self)
{
    if (PyObject_CallFinalizerFromDealloc(self) < 0) return;
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    type->tp_free(self);
    Py_DECREF(type);
}

static int socket_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    return 0;
}

static PyObject *socket_repr(PyObject *self)
{
    Socket *s = (Socket *)self;
    return PyUnicode_FromFormat("<socket object, fd=%ld, family=%d, type=%d, proto=%d>", (long)s->fd, s->family, s->type, s->proto);
}

/* ---- Connecting ----------------------------------------------------------------------------------------------------- */

typedef struct { Address *address; socklen_t length; } AddressOut;

static ssize_t try_accept(Socket *s, void *data)
{
    AddressOut *out = data;
    return accept4(s->fd, &out->address->any, &out->length, SOCK_CLOEXEC);
}

static PyObject *socket_accept(Socket *s, PyObject *Py_UNUSED(ignored))
{
    Address address;
    AddressOut out = {&address, sizeof address};
    ssize_t fd = socket_perform(s, SOCKET_READ, try_accept, &out, s->timeout);
    if (fd < 0) return NULL;
    PyObject *peer = address_to_object(&address, out.length, s->proto);
    if (!peer) {
        close((int)fd);
        return NULL;
    }
    return Py_BuildValue("iN", (int)fd, peer);
}

static PyObject *socket_bind(Socket *s, PyObject *o)
{
    Address address;
    socklen_t length;
    int result;
    if (!address_from_object(s, o, &address, &length, "bind")) return NULL;
    if (PySys_Audit("socket.bind", "OO", s, o) < 0) return NULL;
    Py_BEGIN_ALLOW_THREADS
    result = bind(s->fd, &address.any, length);
    Py_END_ALLOW_THREADS
    if (result < 0) return PyErr_SetFromErrno(PyExc_OSError);
    Py_RETURN_NONE;
}

/* 0, or the errno of the failure; -1 with an exception set. */
static int do_connect(Socket *s, PyObject *o, const char *function)
{
    Address address;
    socklen_t length;
    int result;
    if (!address_from_object(s, o, &address, &length, function)) return -1;
    if (PySys_Audit("socket.connect", "OO", s, o) < 0) return -1;
    Py_BEGIN_ALLOW_THREADS
    result = connect(s->fd, &address.any, length);
    Py_END_ALLOW_THREADS
    if (result == 0) return 0;
    int code = errno;
    if (code == EINTR && PyErr_CheckSignals()) return -1;
    bool wait = (code == EINTR && s->timeout != 0) || (s->timeout > 0 && code == EINPROGRESS);
    if (!wait) return code;
    _PyTime_t deadline = s->timeout > 0 ? _PyDeadline_Init(s->timeout) : 0;
    for (;;) {
        int waited = wait_for(s->fd, SOCKET_WRITE, s->timeout > 0 ? _PyDeadline_Get(deadline) : -1);
        if (waited > 0) {
            PyErr_SetString(PyExc_TimeoutError, "timed out");
            return -1;
        }
        if (waited == 0) break;
        if (errno != EINTR) return errno;
        if (PyErr_CheckSignals()) return -1;
    }
    length = sizeof code;
    if (getsockopt(s->fd, SOL_SOCKET, SO_ERROR, &code, &length) < 0) return errno;
    return code == EISCONN ? 0 : code;
}

static PyObject *socket_connect(Socket *s, PyObject *o)
{
    int code = do_connect(s, o, "connect");
    if (code < 0) return NULL;
    if (code) {
        errno = code;
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    Py_RETURN_NONE;
}

static PyObject *socket_connect_ex(Socket *s, PyObject *o)
{
    int code = do_connect(s, o, "connect_ex");
    if (code < 0) {
        if (!PyErr_ExceptionMatches(PyExc_TimeoutError)) return NULL;
        PyErr_Clear();
        code = EWOULDBLOCK;
    }
    return PyLong_FromLong(code);
}

static PyObject *socket_listen(Socket *s, PyObject *args)
{
    int backlog = SOMAXCONN < 128 ? SOMAXCONN : 128, result;
    if (!PyArg_ParseTuple(args, "|i:listen", &backlog)) return NULL;
    if (backlog < 0) backlog = 0;
    Py_BEGIN_ALLOW_THREADS
    result = listen(s->fd, backlog);
    Py_END_ALLOW_THREADS
    if (result < 0) return PyErr_SetFromErrno(PyExc_OSError);
    Py_RETURN_NONE;
}

static PyObject *socket_shutdown(Socket *s, PyObject *arg)
{
    int how = _PyLong_AsInt(arg), result;
    if (how == -1 && PyErr_Occurred()) return NULL;
    Py_BEGIN_ALLOW_THREADS
    result = shutdown(s->fd, how);
    Py_END_ALLOW_THREADS
    if (result < 0) return PyErr_SetFromErrno(PyExc_OSError);
    Py_RETURN_NONE;
}

static PyObject *socket_close(Socket *s, PyObject *Py_UNUSED(ignored))
{
    int fd = s->fd, result;
    if (fd == -1) Py_RETURN_NONE;
    s->fd = -1;
    Py_BEGIN_ALLOW_THREADS
    result = close(fd);
    Py_END_ALLOW_THREADS
    if (result < 0 && errno != ECONNRESET) return PyErr_SetFromErrno(PyExc_OSError);
    Py_RETURN_NONE;
}

static PyObject *socket_detach(Socket *s, PyObject *Py_UNUSED(ignored))
{
    int fd = s->fd;
    s->fd = -1;
    return PyLong_FromLong(fd);
}

static PyObject *socket_fileno(Socket *s, PyObject *Py_UNUSED(ignored)) { return PyLong_FromLong(s->fd); }

static PyObject *name_of(Socket *s, int (*ask)(int, struct sockaddr *, socklen_t *))
{
    Address address;
    socklen_t length = sizeof address;
    if (ask(s->fd, &address.any, &length) < 0) return PyErr_SetFromErrno(PyExc_OSError);
    return address_to_object(&address, length, s->proto);
}

static PyObject *socket_getsockname(Socket *s, PyObject *Py_UNUSED(ignored)) { return name_of(s, getsockname); }
static PyObject *socket_getpeername(Socket *s, PyObject *Py_UNUSED(ignored)) { return name_of(s, getpeername); }

/* ---- Time-outs and options ------------------------------------------------------------------------------------------ */

static int parse_timeout(PyObject *o, _PyTime_t *timeout)
{
    if (o == Py_None) {
        *timeout = -1;
        return 0;
    }
    if (_PyTime_FromSecondsObject(timeout, o, _PyTime_ROUND_TIMEOUT) < 0) return -1;
    if (*timeout < 0) {
        PyErr_SetString(PyExc_ValueError, "Timeout value out of range");
        return -1;
    }
    return 0;
}

static PyObject *timeout_object(_PyTime_t timeout)
{
    return timeout < 0 ? Py_NewRef(Py_None) : PyFloat_FromDouble(_PyTime_AsSecondsDouble(timeout));
}

static PyObject *socket_settimeout(Socket *s, PyObject *o)
{
    _PyTime_t timeout;
    if (parse_timeout(o, &timeout) < 0) return NULL;
    s->timeout = timeout;
    if (set_blocking(s, timeout < 0) < 0) return NULL;
    Py_RETURN_NONE;
}

static PyObject *socket_gettimeout(Socket *s, PyObject *Py_UNUSED(ignored)) { return timeout_object(s->timeout); }
static PyObject *get_timeout(Socket *s, void *Py_UNUSED(closure)) { return timeout_object(s->timeout); }

static PyObject *socket_setblocking(Socket *s, PyObject *o)
{
    int block = PyObject_IsTrue(o);
    if (block < 0) return NULL;
    s->timeout = block ? -1 : 0;
    if (set_blocking(s, block) < 0) return NULL;
    Py_RETURN_NONE;
}

static PyObject *socket_getblocking(Socket *s, PyObject *Py_UNUSED(ignored)) { return PyBool_FromLong(s->timeout != 0); }

static PyObject *socket_setsockopt(Socket *s, PyObject *args)
{
    int level, option, number, result;
    unsigned int length;
    PyObject *none;
    Py_buffer view;
    unsigned long long wide;    /* AF_VSOCK has numbers of 64 bits */
    if (s->family == AF_VSOCK && PyArg_ParseTuple(args, "iiK:setsockopt", &level, &option, &wide)) {
        result = setsockopt(s->fd, level, option, &wide, sizeof wide);
        return result < 0 ? PyErr_SetFromErrno(PyExc_OSError) : Py_NewRef(Py_None);
    }
    PyErr_Clear();
    if (PyArg_ParseTuple(args, "iii:setsockopt", &level, &option, &number)) result = setsockopt(s->fd, level, option, &number, sizeof number);
    else {
        PyErr_Clear();
        if (PyArg_ParseTuple(args, "iiO!I:setsockopt", &level, &option, Py_TYPE(Py_None), &none, &length)) {
            result = setsockopt(s->fd, level, option, NULL, length);
        }
        else {
            PyErr_Clear();
            if (!PyArg_ParseTuple(args, "iiy*:setsockopt", &level, &option, &view)) return NULL;
            result = setsockopt(s->fd, level, option, view.buf, (socklen_t)view.len);
            PyBuffer_Release(&view);
        }
    }
    if (result < 0) return PyErr_SetFromErrno(PyExc_OSError);
    Py_RETURN_NONE;
}

static PyObject *socket_getsockopt(Socket *s, PyObject *args)
{
    int level, option, number;
    socklen_t size = 0;
    if (!PyArg_ParseTuple(args, "ii|i:getsockopt", &level, &option, (int *)&size)) return NULL;
    if (size == 0 && s->family == AF_VSOCK) {
        unsigned long long wide = 0;
        size = sizeof wide;
        if (getsockopt(s->fd, level, option, &wide, &size) < 0) return PyErr_SetFromErrno(PyExc_OSError);
        return PyLong_FromUnsignedLongLong(wide);
    }
    if (size == 0) {
        size = sizeof number;
        if (getsockopt(s->fd, level, option, &number, &size) < 0) return PyErr_SetFromErrno(PyExc_OSError);
        return PyLong_FromLong(number);
    }
    if (size > 1024) {
        PyErr_SetString(PyExc_OSError, "getsockopt buflen out of range");
        return NULL;
    }
    char buffer[1024];
    if (getsockopt(s->fd, level, option, buffer, &size) < 0) return PyErr_SetFromErrno(PyExc_OSError);
    return PyBytes_FromStringAndSize(buffer, (Py_ssize_t)size);
}

/* ---- Receiving ------------------------------------------------------------------------------------------------------- */

typedef struct {
    void *buffer;
    size_t size;
    int flags;
    Address *address;           /* NULL: not wanted */
    socklen_t length;
} Transfer;

static ssize_t try_receive(Socket *s, void *data)
{
    Transfer *t = data;
    if (!t->address) return recv(s->fd, t->buffer, t->size, t->flags);
    t->length = sizeof *t->address;
    return recvfrom(s->fd, t->buffer, t->size, t->flags, &t->address->any, &t->length);
}

/* recv and recvfrom into a new bytes. */
static PyObject *receive_bytes(Socket *s, Py_ssize_t size, int flags, Address *address, socklen_t *length, const char *function)
{
    if (size < 0) {
        PyErr_Format(PyExc_ValueError, "negative buffersize in %s", function);
        return NULL;
    }
    PyObject *bytes = PyBytes_FromStringAndSize(NULL, size);
    if (!bytes) return NULL;
    Transfer t = {PyBytes_AS_STRING(bytes), (size_t)size, flags, address, 0};
    ssize_t n = socket_perform(s, SOCKET_READ, try_receive, &t, s->timeout);
    if (n < 0) Py_CLEAR(bytes);
    else if (n != size) _PyBytes_Resize(&bytes, n);
    if (length) *length = t.length;
    return bytes;
}

static PyObject *socket_recv(Socket *s, PyObject *args)
{
    Py_ssize_t size;
    int flags = 0;
    if (PyTuple_GET_SIZE(args) == 1 && PyLong_CheckExact(PyTuple_GET_ITEM(args, 0))) {
        size = PyLong_AsSsize_t(PyTuple_GET_ITEM(args, 0));
        if (size == -1 && PyErr_Occurred()) return NULL;
    }
    else if (!PyArg_ParseTuple(args, "n|i:recv", &size, &flags)) return NULL;
    return receive_bytes(s, size, flags, NULL, NULL, "recv");
}

static PyObject *socket_recvfrom(Socket *s, PyObject *args)
{
    Py_ssize_t size;
    int flags = 0;
    Address address;
    socklen_t length = 0;
    if (!PyArg_ParseTuple(args, "n|i:recvfrom", &size, &flags)) return NULL;
    PyObject *bytes = receive_bytes(s, size, flags, &address, &length, "recvfrom");
    PyObject *peer = bytes ? address_to_object(&address, length, s->proto) : NULL, *result = peer ? PyTuple_Pack(2, bytes, peer) : NULL;
    Py_XDECREF(bytes);
    Py_XDECREF(peer);
    return result;
}

/* recv_into and recvfrom_into: number of bytes, -1 with an exception set. */
static Py_ssize_t receive_into(Socket *s, PyObject *args, PyObject *kwargs, const char *format, const char *function, Address *address,
                               socklen_t *length)
{
    static char *keywords[] = {"buffer", "nbytes", "flags", NULL};
    Py_buffer view;
    Py_ssize_t size = 0, n = -1;
    int flags = 0;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, format, keywords, &view, &size, &flags)) return -1;
    if (size < 0) PyErr_Format(PyExc_ValueError, "negative buffersize in %s", function);
    else if (size > view.len) {
        PyErr_SetString(PyExc_ValueError, address ? "nbytes is greater than the length of the buffer" : "buffer too small for requested bytes");
    }
    else {
        Transfer t = {view.buf, (size_t)(size ? size : view.len), flags, address, 0};
        n = socket_perform(s, SOCKET_READ, try_receive, &t, s->timeout);
        if (length) *length = t.length;
    }
    PyBuffer_Release(&view);
    return n;
}

static PyObject *socket_recv_into(Socket *s, PyObject *args, PyObject *kwargs)
{
    Py_ssize_t n = receive_into(s, args, kwargs, "w*|ni:recv_into", "recv_into", NULL, NULL);
    return n < 0 ? NULL : PyLong_FromSsize_t(n);
}

static PyObject *socket_recvfrom_into(Socket *s, PyObject *args, PyObject *kwargs)
{
    Address address;
    socklen_t length;
    Py_ssize_t n = receive_into(s, args, kwargs, "w*|ni:recvfrom_into", "recvfrom_into", &address, &length);
    PyObject *peer = n < 0 ? NULL : address_to_object(&address, length, s->proto);
    return peer ? Py_BuildValue("nN", n, peer) : NULL;
}

/* ---- Sending --------------------------------------------------------------------------------------------------------- */

static ssize_t try_send(Socket *s, void *data)
{
    Transfer *t = data;
    if (!t->address) return send(s->fd, t->buffer, t->size, t->flags);
    return sendto(s->fd, t->buffer, t->size, t->flags, &t->address->any, t->length);
}

/* The arguments of send and sendall: data[, flags]. False: an exception is set. */
static bool parse_send(PyObject *args, const char *format, Py_buffer *view, int *flags)
{
    *flags = 0;
    if (PyTuple_GET_SIZE(args) == 1 && PyBytes_CheckExact(PyTuple_GET_ITEM(args, 0))) {
        return PyObject_GetBuffer(PyTuple_GET_ITEM(args, 0), view, PyBUF_SIMPLE) == 0;
    }
    return PyArg_ParseTuple(args, format, view, flags);
}

static PyObject *socket_send(Socket *s, PyObject *args)
{
    Py_buffer view;
    int flags;
    if (!parse_send(args, "y*|i:send", &view, &flags)) return NULL;
    Transfer t = {view.buf, (size_t)view.len, flags, NULL, 0};
    ssize_t n = socket_perform(s, SOCKET_WRITE, try_send, &t, s->timeout);
    PyBuffer_Release(&view);
    return n < 0 ? NULL : PyLong_FromSsize_t(n);
}

static PyObject *socket_sendall(Socket *s, PyObject *args)
{
    Py_buffer view;
    int flags;
    if (!parse_send(args, "y*|i:sendall", &view, &flags)) return NULL;
    _PyTime_t deadline = s->timeout > 0 ? _PyDeadline_Init(s->timeout) : 0;
    Transfer t = {view.buf, (size_t)view.len, flags, NULL, 0};
    bool ok = true;
    while (ok && (t.size || t.buffer == view.buf)) {
        _PyTime_t left = s->timeout > 0 ? _PyDeadline_Get(deadline) : s->timeout;
        if (s->timeout > 0 && left <= 0) {
            PyErr_SetString(PyExc_TimeoutError, "timed out");
            ok = false;
            break;
        }
        ssize_t n = socket_perform(s, SOCKET_WRITE, try_send, &t, left);
        ok = n >= 0 && PyErr_CheckSignals() == 0;
        if (n <= 0) break;
        t.buffer = (char *)t.buffer + n;
        t.size -= (size_t)n;
    }
    PyBuffer_Release(&view);
    if (!ok) return NULL;
    Py_RETURN_NONE;
}

static PyObject *socket_sendto(Socket *s, PyObject *args)
{
    Py_buffer view;
    int flags = 0;
    PyObject *to;
    Address address;
    Transfer t = {.address = &address};
    switch (PyTuple_GET_SIZE(args)) {
    case 2:
        if (!PyArg_ParseTuple(args, "y*O:sendto", &view, &to)) return NULL;
        break;
    case 3:
        if (!PyArg_ParseTuple(args, "y*iO:sendto", &view, &flags, &to)) return NULL;
        break;
    default:
        PyErr_Format(PyExc_TypeError, "sendto() takes 2 or 3 arguments (%zd given)", PyTuple_GET_SIZE(args));
        return NULL;
    }
    ssize_t n = -1;
    if (address_from_object(s, to, &address, &t.length, "sendto") && PySys_Audit("socket.sendto", "OO", s, to) == 0) {
        t.buffer = view.buf;
        t.size = (size_t)view.len;
        t.flags = flags;
        n = socket_perform(s, SOCKET_WRITE, try_send, &t, s->timeout);
    }
    PyBuffer_Release(&view);
    return n < 0 ? NULL : PyLong_FromSsize_t(n);
}

/* ---- The type -------------------------------------------------------------------------------------------------------- */

#define METHOD(name, flags, doc) {#name, (PyCFunction)(void (*)(void))socket_##name, flags, PyDoc_STR(doc)}
static PyMethodDef socket_methods[] = {
    {"_accept", (PyCFunction)socket_accept, METH_NOARGS, PyDoc_STR("_accept() -> (integer, address info)\n\nWait for a connection; return its descriptor and the peer's address.")},
    METHOD(bind, METH_O, "bind(address)\n\nBind the socket to a local address."),
    METHOD(close, METH_NOARGS, "close()\n\nClose the socket."),
    METHOD(connect, METH_O, "connect(address)\n\nConnect the socket to a remote address."),
    METHOD(connect_ex, METH_O, "connect_ex(address) -> errno\n\nLike connect(address), but returns an error code."),
    METHOD(detach, METH_NOARGS, "detach()\n\nClose the object without the descriptor, which is returned."),
    METHOD(fileno, METH_NOARGS, "fileno() -> integer\n\nReturn the descriptor."),
    METHOD(getpeername, METH_NOARGS, "getpeername() -> address info\n\nReturn the remote address."),
    METHOD(getsockname, METH_NOARGS, "getsockname() -> address info\n\nReturn the local address."),
    METHOD(getsockopt, METH_VARARGS, "getsockopt(level, option[, buffersize]) -> value\n\nGet a socket option."),
    METHOD(listen, METH_VARARGS, "listen([backlog])\n\nLet connections come in."),
    METHOD(recv, METH_VARARGS, "recv(buffersize[, flags]) -> data\n\nReceive up to buffersize bytes."),
    METHOD(recv_into, METH_VARARGS | METH_KEYWORDS, "recv_into(buffer, [nbytes[, flags]]) -> nbytes_read\n\nReceive into a buffer."),
    METHOD(recvmsg, METH_VARARGS, "recvmsg(bufsize[, ancbufsize[, flags]]) -> (data, ancdata, msg_flags, address)\n\nReceive data, and ancillary data into a buffer of ancbufsize bytes: a list of (level, type, data)."),
    METHOD(recvmsg_into, METH_VARARGS, "recvmsg_into(buffers[, ancbufsize[, flags]]) -> (nbytes, ancdata, msg_flags, address)\n\nReceive data into buffers, one after the other, and ancillary data as recvmsg() does."),
    METHOD(recvfrom, METH_VARARGS, "recvfrom(buffersize[, flags]) -> (data, address info)\n\nReceive, and tell from whom."),
    METHOD(recvfrom_into, METH_VARARGS | METH_KEYWORDS, "recvfrom_into(buffer[, nbytes[, flags]]) -> (nbytes, address info)\n\nReceive into a buffer, and tell from whom."),
    METHOD(send, METH_VARARGS, "send(data[, flags]) -> count\n\nSend what fits at once."),
    METHOD(sendall, METH_VARARGS, "sendall(data[, flags])\n\nSend everything."),
    METHOD(sendmsg, METH_VARARGS, "sendmsg(buffers[, ancdata[, flags[, address]]]) -> count\n\nSend the data of several buffers as one message, and ancillary data beside it."),
    METHOD(sendmsg_afalg, METH_VARARGS | METH_KEYWORDS, "sendmsg_afalg([msg], *, op[, iv[, assoclen[, flags=MSG_MORE]]])\n\nSend to an AF_ALG socket and set the operation, the initialisation vector and the length of associated data."),
    METHOD(sendto, METH_VARARGS, "sendto(data[, flags], address) -> count\n\nSend to an address."),
    METHOD(setblocking, METH_O, "setblocking(flag)\n\nMake the socket blocking or not."),
    METHOD(getblocking, METH_NOARGS, "getblocking()\n\nReturn whether the socket blocks."),
    METHOD(settimeout, METH_O, "settimeout(timeout)\n\nSet the time-out in seconds; None for none."),
    METHOD(gettimeout, METH_NOARGS, "gettimeout() -> timeout\n\nReturn the time-out in seconds, or None."),
    METHOD(setsockopt, METH_VARARGS, "setsockopt(level, option, value: int)\nsetsockopt(level, option, value: buffer)\nsetsockopt(level, option, None, optlen: int)\n\nSet a socket option."),
    METHOD(shutdown, METH_O, "shutdown(flag)\n\nShut down the reading side, the writing side, or both."),
    {0},
};

static PyMemberDef socket_members[] = {
    {"family", T_INT, offsetof(Socket, family), READONLY, PyDoc_STR("the socket family")},
    {"type", T_INT, offsetof(Socket, type), READONLY, PyDoc_STR("the socket type")},
    {"proto", T_INT, offsetof(Socket, proto), READONLY, PyDoc_STR("the socket protocol")},
    {0},
};

static PyGetSetDef socket_getset[] = {
    {"timeout", (getter)get_timeout, NULL, PyDoc_STR("the socket timeout"), NULL},
    {0},
};

static PyType_Slot socket_slots[] = {
    {Py_tp_new, socket_new},
    {Py_tp_init, socket_init},
    {Py_tp_dealloc, socket_dealloc},
    {Py_tp_finalize, socket_finalize},
    {Py_tp_traverse, socket_traverse},
    {Py_tp_getattro, PyObject_GenericGetAttr},
    {Py_tp_repr, socket_repr},
    {Py_tp_methods, socket_methods},
    {Py_tp_members, socket_members},
    {Py_tp_getset, socket_getset},
    {Py_tp_doc, "socket(family=AF_INET, type=SOCK_STREAM, proto=0) -> socket object\nsocket(family=-1, type=-1, proto=-1, fileno=None) -> socket object\n\nA socket of the given kind, or around a descriptor."},
    {0},
};

PyType_Spec socket_spec = {
    .name = "_socket.socket", .basicsize = sizeof(Socket),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_IMMUTABLETYPE, .slots = socket_slots,
};
