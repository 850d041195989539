/* select: waiting for descriptors, by select(), poll() and epoll (the manual: library/select). */
#include <Python.h>
#include <internal/krait_exports.h>

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdbool.h>
#include <unistd.h>
#include <sys/epoll.h>
#include <sys/select.h>

struct SelectModule {
    PyTypeObject *poll_type, *epoll_type;       /* owned */
};

static inline struct SelectModule *module_state(PyObject *module)
{
    return PyModule_GetState(module);
}

/* A descriptor from an int or an object with fileno(). */
static int fildes_convert(PyObject *obj, void *fd)
{
    int value = PyObject_AsFileDescriptor(obj);
    if (value < 0) return 0;
    *(int *)fd = value;
    return 1;
}

/* A timeout in the unit of the call: 0 with *timeout and *limited set, or -1. None, or no object, is no limit. */
static int timeout_from(PyObject *obj, bool milliseconds, _PyTime_t *timeout, bool *limited)
{
    *limited = obj && obj != Py_None;
    if (!*limited) return 0;
    int result = milliseconds ? _PyTime_FromMillisecondsObject(timeout, obj, _PyTime_ROUND_TIMEOUT)
                              : _PyTime_FromSecondsObject(timeout, obj, _PyTime_ROUND_TIMEOUT);
    if (result == 0) return 0;
    if (PyErr_ExceptionMatches(PyExc_TypeError)) {
        PyErr_SetString(PyExc_TypeError, "timeout must be an integer or None");
    }
    return -1;
}

/* Milliseconds for poll() and epoll_wait(); -1 is no limit; -2 with an exception set if they would not fit. */
static int milliseconds_from(_PyTime_t timeout, bool limited, _PyTime_round_t round)
{
    if (!limited) return -1;
    _PyTime_t ms = _PyTime_AsMilliseconds(timeout, round);
    if (ms < INT_MIN || ms > INT_MAX) {
        PyErr_SetString(PyExc_OverflowError, "timeout is too large");
        return -2;
    }
    return ms < 0 ? -1 : (int)ms;
}

/* ---- select() ---- */

typedef struct {
    PyObject *objects;                  /* owned list */
    int *fds;
    Py_ssize_t count;
    fd_set set;
} Watched;

static void watched_release(Watched *self)
{
    Py_CLEAR(self->objects);
    PyMem_Free(self->fds);
    self->fds = NULL;
}

/* Collects the descriptors of a sequence; 0, or -1 with an exception set. */
static int watched_collect(Watched *self, PyObject *sequence, int *highest)
{
    FD_ZERO(&self->set);
    self->fds = NULL;
    self->count = 0;
    self->objects = PyList_New(0);
    PyObject *fast = self->objects ? PySequence_Fast(sequence, "arguments 1-3 must be sequences") : NULL;
    if (!fast) goto error;
    /* fileno() may change the sequence: its size is asked anew each time. */
    for (Py_ssize_t i = 0; i < PySequence_Fast_GET_SIZE(fast); i++) {
        PyObject *item = PySequence_Fast_GET_ITEM(fast, i);
        if (PyList_Append(self->objects, item) < 0) goto error;
        int fd = PyObject_AsFileDescriptor(item);
        if (fd < 0) goto error;
        if (fd >= FD_SETSIZE) {
            PyErr_SetString(PyExc_ValueError, "filedescriptor out of range in select()");
            goto error;
        }
        if (self->count >= FD_SETSIZE) {
            PyErr_SetString(PyExc_ValueError, "too many file descriptors in select()");
            goto error;
        }
        if ((self->count & (self->count - 1)) == 0) {
            int *larger = PyMem_Realloc(self->fds, (size_t)(self->count ? self->count * 2 : 1) * sizeof *larger);
            if (!larger) {
                PyErr_NoMemory();
                goto error;
            }
            self->fds = larger;
        }
        self->fds[self->count++] = fd;
        FD_SET(fd, &self->set);
        if (fd > *highest) *highest = fd;
    }
    Py_DECREF(fast);
    return 0;
error:
    Py_XDECREF(fast);
    watched_release(self);
    return -1;
}

static PyObject *watched_ready(const Watched *self, const fd_set *set)
{
    PyObject *list = PyList_New(0);
    for (Py_ssize_t i = 0; list && i < self->count; i++) {
        if (FD_ISSET(self->fds[i], set) && PyList_Append(list, PyList_GET_ITEM(self->objects, i)) < 0) Py_CLEAR(list);
    }
    return list;
}

static PyObject *select_wait(Watched watched[3], int highest, _PyTime_t timeout, bool limited)
{
    fd_set sets[3];
    int n;
    _PyTime_t deadline = limited ? _PyDeadline_Init(timeout) : 0;
    for (;;) {
        struct timeval tv;
        for (int i = 0; i < 3; i++) sets[i] = watched[i].set;
        if (limited) _PyTime_AsTimeval_clamp(timeout, &tv, _PyTime_ROUND_CEILING);
        Py_BEGIN_ALLOW_THREADS
        errno = 0;
        n = select(highest + 1, &sets[0], &sets[1], &sets[2], limited ? &tv : NULL);
        Py_END_ALLOW_THREADS
        if (errno != EINTR) break;
        if (PyErr_CheckSignals()) return NULL;
        if (!limited) continue;
        timeout = _PyDeadline_Get(deadline);
        if (timeout < 0) {              /* time is up: nothing is ready */
            for (int i = 0; i < 3; i++) FD_ZERO(&sets[i]);
            n = 0;
            break;
        }
    }
    if (n < 0) return PyErr_SetFromErrno(PyExc_OSError);
    PyObject *r = watched_ready(&watched[0], &sets[0]), *w = watched_ready(&watched[1], &sets[1]);
    PyObject *x = watched_ready(&watched[2], &sets[2]);
    PyObject *result = r && w && x && !PyErr_Occurred() ? PyTuple_Pack(3, r, w, x) : NULL;
    Py_XDECREF(r);
    Py_XDECREF(w);
    Py_XDECREF(x);
    return result;
}

static PyObject *select_select(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("select", nargs, 3, 4)) return NULL;
    _PyTime_t timeout = 0;
    bool limited = nargs == 4 && args[3] != Py_None;
    if (limited) {
        if (_PyTime_FromSecondsObject(&timeout, args[3], _PyTime_ROUND_TIMEOUT) < 0) {
            if (PyErr_ExceptionMatches(PyExc_TypeError)) {
                PyErr_SetString(PyExc_TypeError, "timeout must be a float or None");
            }
            return NULL;
        }
        if (timeout < 0) {
            PyErr_SetString(PyExc_ValueError, "timeout must be non-negative");
            return NULL;
        }
    }
    Watched watched[3] = {0};
    int highest = -1;
    PyObject *result = NULL;
    int collected = 0;
    while (collected < 3 && watched_collect(&watched[collected], args[collected], &highest) == 0) collected++;
    if (collected == 3) result = select_wait(watched, highest, timeout, limited);
    while (collected--) watched_release(&watched[collected]);
    return result;
}

/* ---- poll ---- */

typedef struct {
    PyObject_HEAD
    PyObject *events;                   /* owned dict: descriptor -> events */
    struct pollfd *polled;              /* owned; made from the dict when `stale` */
    int count;
    bool stale, running;
} Poll;

static int events_convert(PyObject *obj, void *address)
{
    if (!PyLong_Check(obj)) {
        PyErr_SetString(PyExc_TypeError, "an integer is required");
        return 0;
    }
    if (_PyLong_Sign(obj) < 0) {
        PyErr_SetString(PyExc_ValueError, "value must be positive");
        return 0;
    }
    unsigned long value = PyLong_AsUnsignedLong(obj);
    if (value == (unsigned long)-1 && PyErr_Occurred()) return 0;
    if (value > USHRT_MAX) {
        PyErr_SetString(PyExc_OverflowError, "Python int too large for C unsigned short");
        return 0;
    }
    *(unsigned short *)address = (unsigned short)value;
    return 1;
}

static PyObject *select_poll(PyObject *module, PyObject *Py_UNUSED(ignored))
{
    Poll *self = PyObject_New(Poll, module_state(module)->poll_type);
    if (!self) return NULL;
    self->polled = NULL;
    self->count = 0;
    self->stale = true;
    self->running = false;
    self->events = PyDict_New();
    if (!self->events) Py_CLEAR(self);
    return (PyObject *)self;
}

static void Poll_dealloc(Poll *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyMem_Free(self->polled);
    Py_XDECREF(self->events);
    PyObject_Free(self);
    Py_DECREF(type);
}

static int poll_set(Poll *self, int fd, unsigned short events)
{
    PyObject *key = PyLong_FromLong(fd), *value = PyLong_FromLong(events);
    int result = key && value ? PyDict_SetItem(self->events, key, value) : -1;
    Py_XDECREF(key);
    Py_XDECREF(value);
    self->stale = true;
    return result;
}

static PyObject *Poll_register(Poll *self, PyObject *const *args, Py_ssize_t nargs)
{
    int fd;
    unsigned short events = POLLIN | POLLPRI | POLLOUT;
    if (!_PyArg_CheckPositional("register", nargs, 1, 2) || !fildes_convert(args[0], &fd)
        || (nargs == 2 && !events_convert(args[1], &events)) || poll_set(self, fd, events) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

static PyObject *Poll_modify(Poll *self, PyObject *const *args, Py_ssize_t nargs)
{
    int fd;
    unsigned short events;
    if (!_PyArg_CheckPositional("modify", nargs, 2, 2) || !fildes_convert(args[0], &fd) || !events_convert(args[1], &events)) {
        return NULL;
    }
    PyObject *key = PyLong_FromLong(fd);
    if (!key) return NULL;
    int known = PyDict_Contains(self->events, key);
    Py_DECREF(key);
    if (known < 0) return NULL;
    if (!known) {
        errno = ENOENT;
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    if (poll_set(self, fd, events) < 0) return NULL;
    Py_RETURN_NONE;
}

static PyObject *Poll_unregister(Poll *self, PyObject *obj)
{
    int fd;
    if (!fildes_convert(obj, &fd)) return NULL;
    PyObject *key = PyLong_FromLong(fd);
    if (!key) return NULL;
    int result = PyDict_DelItem(self->events, key);
    Py_DECREF(key);
    if (result < 0) return NULL;
    self->stale = true;
    Py_RETURN_NONE;
}

static int poll_refresh(Poll *self)
{
    Py_ssize_t n = PyDict_GET_SIZE(self->events), at = 0;
    struct pollfd *larger = PyMem_Realloc(self->polled, (size_t)(n ? n : 1) * sizeof *larger);
    if (!larger) {
        PyErr_NoMemory();
        return -1;
    }
    self->polled = larger;
    PyObject *key, *value;
    int i = 0;
    while (PyDict_Next(self->events, &at, &key, &value)) {
        self->polled[i].fd = (int)PyLong_AsLong(key);
        self->polled[i++].events = (short)PyLong_AsLong(value);
    }
    self->count = i;
    self->stale = false;
    return 0;
}

/* (fd, events), new. */
static PyObject *ready_pair(int fd, unsigned int events)
{
    PyObject *first = PyLong_FromLong(fd), *second = PyLong_FromUnsignedLong(events);
    PyObject *both = first && second ? PyTuple_New(2) : NULL;
    if (!both) {
        Py_XDECREF(first);
        Py_XDECREF(second);
        return NULL;
    }
    PyTuple_SET_ITEM(both, 0, first);
    PyTuple_SET_ITEM(both, 1, second);
    return both;
}

static PyObject *poll_result(const Poll *self, int ready)
{
    PyObject *list = PyList_New(ready);
    for (int i = 0, at = 0; list && at < ready; i++) {
        if (!self->polled[i].revents) continue;
        PyObject *both = ready_pair(self->polled[i].fd, (unsigned short)self->polled[i].revents);
        if (both) PyList_SET_ITEM(list, at++, both);
        else Py_CLEAR(list);
    }
    return list;
}

static PyObject *Poll_poll(Poll *self, PyObject *const *args, Py_ssize_t nargs)
{
    _PyTime_t timeout = 0;
    bool limited;
    if (!_PyArg_CheckPositional("poll", nargs, 0, 1)) return NULL;
    if (timeout_from(nargs ? args[0] : NULL, true, &timeout, &limited) < 0) return NULL;
    int ms = milliseconds_from(timeout, limited, _PyTime_ROUND_TIMEOUT), n;
    if (ms == -2) return NULL;
    if (ms < 0) limited = false;
    _PyTime_t deadline = limited ? _PyDeadline_Init(timeout) : 0;
    /* The array of descriptors serves one call at a time. */
    if (self->running) {
        PyErr_SetString(PyExc_RuntimeError, "concurrent poll() invocation");
        return NULL;
    }
    if (self->stale && poll_refresh(self) < 0) return NULL;
    self->running = true;
    for (;;) {
        Py_BEGIN_ALLOW_THREADS
        errno = 0;
        n = poll(self->polled, (nfds_t)self->count, ms);
        Py_END_ALLOW_THREADS
        if (errno != EINTR) break;
        if (PyErr_CheckSignals()) {
            self->running = false;
            return NULL;
        }
        if (!limited) continue;
        timeout = _PyDeadline_Get(deadline);
        if (timeout < 0) {
            n = 0;
            break;
        }
        ms = (int)_PyTime_AsMilliseconds(timeout, _PyTime_ROUND_CEILING);
    }
    self->running = false;
    if (n < 0) return PyErr_SetFromErrno(PyExc_OSError);
    return poll_result(self, n);
}

static PyMethodDef poll_methods[] = {
    {"register", _PyCFunction_CAST(Poll_register), METH_FASTCALL,
     "register($self, fd,\n         eventmask=select.POLLIN | select.POLLPRI | select.POLLOUT, /)\n--\n\n"
     "Watch a descriptor for events."},
    {"modify", _PyCFunction_CAST(Poll_modify), METH_FASTCALL,
     "modify($self, fd, eventmask, /)\n--\n\nWatch a descriptor that is watched for other events."},
    {"unregister", (PyCFunction)Poll_unregister, METH_O, "unregister($self, fd, /)\n--\n\nNo longer watch a descriptor."},
    {"poll", _PyCFunction_CAST(Poll_poll), METH_FASTCALL,
     "poll($self, timeout=None, /)\n--\n\nWait, at most timeout milliseconds, for events: a list of (descriptor, events)."},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot poll_slots[] = {{Py_tp_dealloc, Poll_dealloc}, {Py_tp_methods, poll_methods}, {0, NULL}};

static PyType_Spec poll_spec = {
    .name = "select.poll",
    .basicsize = sizeof(Poll),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .slots = poll_slots,
};

/* ---- epoll ---- */

typedef struct {
    PyObject_HEAD
    int fd;                             /* -1 once closed */
} Epoll;

static PyObject *epoll_closed_error(void)
{
    PyErr_SetString(PyExc_ValueError, "I/O operation on closed epoll object");
    return NULL;
}

static int epoll_shut(Epoll *self)
{
    int error = 0;
    if (self->fd >= 0) {
        int fd = self->fd;
        self->fd = -1;
        Py_BEGIN_ALLOW_THREADS
        if (close(fd) < 0) error = errno;
        Py_END_ALLOW_THREADS
    }
    return error;
}

/* Takes over a descriptor, or makes one where it is -1. */
static PyObject *epoll_make(PyTypeObject *type, int fd)
{
    Epoll *self = (Epoll *)((allocfunc)PyType_GetSlot(type, Py_tp_alloc))(type, 0);
    if (!self) return NULL;
    self->fd = fd;
    if (fd == -1) {
        Py_BEGIN_ALLOW_THREADS
        self->fd = epoll_create1(EPOLL_CLOEXEC);
        Py_END_ALLOW_THREADS
    }
    if (self->fd < 0) {
        Py_DECREF(self);
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    return (PyObject *)self;
}

static PyObject *Epoll_new(PyTypeObject *type, PyObject *args, PyObject *kwds)
{
    static const char *const keywords[] = {"sizehint", "flags", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .format = "|ii:epoll"};
    int size = -1, flags = 0;
    if (!_PyArg_ParseTupleAndKeywordsFast(args, kwds, &parser, &size, &flags)) return NULL;
    if (size != -1 && size <= 0) {
        PyErr_SetString(PyExc_ValueError, "negative sizehint");
        return NULL;
    }
    if (flags && flags != EPOLL_CLOEXEC) {
        PyErr_SetString(PyExc_OSError, "invalid flags");
        return NULL;
    }
    return epoll_make(type, -1);
}

static void Epoll_dealloc(Epoll *self)
{
    PyTypeObject *type = Py_TYPE(self);
    epoll_shut(self);
    type->tp_free(self);
    Py_DECREF(type);
}

static PyObject *Epoll_close(Epoll *self, PyObject *Py_UNUSED(ignored))
{
    errno = epoll_shut(self);
    if (errno) return PyErr_SetFromErrno(PyExc_OSError);
    Py_RETURN_NONE;
}

static PyObject *Epoll_fileno(Epoll *self, PyObject *Py_UNUSED(ignored))
{
    return self->fd < 0 ? epoll_closed_error() : PyLong_FromLong(self->fd);
}

static PyObject *Epoll_get_closed(Epoll *self, void *Py_UNUSED(closure))
{
    return PyBool_FromLong(self->fd < 0);
}

static PyObject *Epoll_fromfd(PyTypeObject *type, PyObject *obj)
{
    int fd = _PyLong_AsInt(obj);
    if (fd == -1 && PyErr_Occurred()) return NULL;
    return epoll_make(type, fd);
}

static PyObject *epoll_control(Epoll *self, int operation, int fd, unsigned int events)
{
    if (self->fd < 0) return epoll_closed_error();
    struct epoll_event event = {.events = events, .data.fd = fd};
    int result;
    Py_BEGIN_ALLOW_THREADS
    result = epoll_ctl(self->fd, operation, fd, operation == EPOLL_CTL_DEL ? NULL : &event);
    Py_END_ALLOW_THREADS
    if (result < 0) return PyErr_SetFromErrno(PyExc_OSError);
    Py_RETURN_NONE;
}

static PyObject *Epoll_register(Epoll *self, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    static const char *const keywords[] = {"fd", "eventmask", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .format = "O&|I:register"};
    int fd;
    unsigned int events = EPOLLIN | EPOLLPRI | EPOLLOUT;
    if (!_PyArg_ParseStackAndKeywords(args, nargs, kwnames, &parser, fildes_convert, &fd, &events)) return NULL;
    return epoll_control(self, EPOLL_CTL_ADD, fd, events);
}

static PyObject *Epoll_modify(Epoll *self, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    static const char *const keywords[] = {"fd", "eventmask", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .format = "O&I:modify"};
    int fd;
    unsigned int events;
    if (!_PyArg_ParseStackAndKeywords(args, nargs, kwnames, &parser, fildes_convert, &fd, &events)) return NULL;
    return epoll_control(self, EPOLL_CTL_MOD, fd, events);
}

static PyObject *Epoll_unregister(Epoll *self, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    static const char *const keywords[] = {"fd", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .format = "O&:unregister"};
    int fd;
    if (!_PyArg_ParseStackAndKeywords(args, nargs, kwnames, &parser, fildes_convert, &fd)) return NULL;
    return epoll_control(self, EPOLL_CTL_DEL, fd, 0);
}

static PyObject *epoll_wait_for(Epoll *self, _PyTime_t timeout, int ms, struct epoll_event *events, int most)
{
    int n;
    _PyTime_t deadline = ms >= 0 ? _PyDeadline_Init(timeout) : 0;
    for (;;) {
        Py_BEGIN_ALLOW_THREADS
        errno = 0;
        n = epoll_wait(self->fd, events, most, ms);
        Py_END_ALLOW_THREADS
        if (errno != EINTR) break;
        if (PyErr_CheckSignals()) return NULL;
        if (ms < 0) continue;
        timeout = _PyDeadline_Get(deadline);
        if (timeout < 0) {
            n = 0;
            break;
        }
        ms = (int)_PyTime_AsMilliseconds(timeout, _PyTime_ROUND_CEILING);
    }
    if (n < 0) return PyErr_SetFromErrno(PyExc_OSError);
    PyObject *list = PyList_New(n);
    for (int i = 0; list && i < n; i++) {
        PyObject *both = ready_pair(events[i].data.fd, events[i].events);
        if (both) PyList_SET_ITEM(list, i, both);
        else Py_CLEAR(list);
    }
    return list;
}

static PyObject *Epoll_poll(Epoll *self, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    static const char *const keywords[] = {"timeout", "maxevents", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .format = "|Oi:poll"};
    PyObject *obj = Py_None;
    int most = -1;
    _PyTime_t timeout = 0;
    bool limited;
    if (!_PyArg_ParseStackAndKeywords(args, nargs, kwnames, &parser, &obj, &most)) return NULL;
    if (self->fd < 0) return epoll_closed_error();
    if (timeout_from(obj, false, &timeout, &limited) < 0) return NULL;
    int ms = milliseconds_from(timeout, limited, _PyTime_ROUND_CEILING);
    if (ms == -2) return NULL;
    if (most == -1) most = FD_SETSIZE - 1;
    else if (most < 1) {
        PyErr_Format(PyExc_ValueError, "maxevents must be greater than 0, got %d", most);
        return NULL;
    }
    struct epoll_event *events = PyMem_New(struct epoll_event, (size_t)most);
    if (!events) return PyErr_NoMemory();
    PyObject *list = epoll_wait_for(self, timeout, ms, events, most);
    PyMem_Free(events);
    return list;
}

static PyObject *Epoll_enter(Epoll *self, PyObject *Py_UNUSED(ignored))
{
    return self->fd < 0 ? epoll_closed_error() : Py_NewRef(self);
}

static PyObject *Epoll_exit(PyObject *self, PyObject *const *Py_UNUSED(args), Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("__exit__", nargs, 0, 3)) return NULL;
    return PyObject_CallMethod(self, "close", NULL);
}

static PyMethodDef epoll_methods[] = {
    {"fromfd", (PyCFunction)Epoll_fromfd, METH_O | METH_CLASS,
     "fromfd($type, fd, /)\n--\n\nAn epoll object for a descriptor that is one."},
    {"close", (PyCFunction)Epoll_close, METH_NOARGS, "close($self, /)\n--\n\nClose the descriptor; nothing else works after that."},
    {"fileno", (PyCFunction)Epoll_fileno, METH_NOARGS, "fileno($self, /)\n--\n\nThe descriptor."},
    {"modify", _PyCFunction_CAST(Epoll_modify), METH_FASTCALL | METH_KEYWORDS,
     "modify($self, /, fd, eventmask)\n--\n\nWatch a descriptor that is watched for other events."},
    {"register", _PyCFunction_CAST(Epoll_register), METH_FASTCALL | METH_KEYWORDS,
     "register($self, /, fd,\n         eventmask=select.EPOLLIN | select.EPOLLPRI | select.EPOLLOUT)\n--\n\n"
     "Watch a descriptor for events."},
    {"unregister", _PyCFunction_CAST(Epoll_unregister), METH_FASTCALL | METH_KEYWORDS,
     "unregister($self, /, fd)\n--\n\nNo longer watch a descriptor."},
    {"poll", _PyCFunction_CAST(Epoll_poll), METH_FASTCALL | METH_KEYWORDS,
     "poll($self, /, timeout=None, maxevents=-1)\n--\n\nWait, at most timeout seconds, for events: a list of (descriptor, events)."},
    {"__enter__", (PyCFunction)Epoll_enter, METH_NOARGS, "__enter__($self, /)\n--\n\n"},
    {"__exit__", _PyCFunction_CAST(Epoll_exit), METH_FASTCALL,
     "__exit__($self, exc_type=None, exc_value=None, exc_tb=None, /)\n--\n\n"},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef epoll_getset[] = {
    {"closed", (getter)Epoll_get_closed, NULL, "whether the descriptor is closed", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot epoll_slots[] = {
    {Py_tp_dealloc, Epoll_dealloc},
    {Py_tp_doc, "select.epoll(sizehint=-1, flags=0)\n\nA set of descriptors that the kernel watches. sizehint and flags are for "
                "old programs\nand have no effect."},
    {Py_tp_getattro, PyObject_GenericGetAttr},
    {Py_tp_getset, epoll_getset},
    {Py_tp_methods, epoll_methods},
    {Py_tp_new, Epoll_new},
    {0, NULL},
};

static PyType_Spec epoll_spec = {
    .name = "select.epoll",
    .basicsize = sizeof(Epoll),
    .flags = Py_TPFLAGS_DEFAULT,
    .slots = epoll_slots,
};

/* ---- The module ---- */

static PyMethodDef functions[] = {
    {"poll", select_poll, METH_NOARGS, "poll($module, /)\n--\n\nA new object that waits for descriptors by poll()."},
    {"select", _PyCFunction_CAST(select_select), METH_FASTCALL,
     "select($module, rlist, wlist, xlist, timeout=None, /)\n--\n\n"
     "Wait, at most timeout seconds, until a descriptor in rlist can be read, one in wlist written, or one in xlist has\n"
     "something exceptional: three lists of those that have. A descriptor is an int or has fileno()."},
    {NULL, NULL, 0, NULL},
};

static const struct {
    const char *name;
    long value;
} constants[] = {
#define C(name) {#name, name},
    C(PIPE_BUF) C(POLLIN) C(POLLPRI) C(POLLOUT) C(POLLERR) C(POLLHUP) C(POLLNVAL) C(POLLRDNORM) C(POLLRDBAND)
    C(POLLWRNORM) C(POLLWRBAND) C(POLLMSG) C(POLLRDHUP) C(EPOLLIN) C(EPOLLOUT) C(EPOLLPRI) C(EPOLLERR) C(EPOLLHUP)
    C(EPOLLRDHUP) {"EPOLLET", (unsigned)EPOLLET}, C(EPOLLONESHOT) C(EPOLLEXCLUSIVE) C(EPOLLRDNORM) C(EPOLLRDBAND)
    C(EPOLLWRNORM) C(EPOLLWRBAND) C(EPOLLMSG) C(EPOLL_CLOEXEC)
#undef C
};

static int module_exec(PyObject *module)
{
    struct SelectModule *state = module_state(module);
    if (PyModule_AddObjectRef(module, "error", PyExc_OSError) < 0) return -1;
    for (size_t i = 0; i < Py_ARRAY_LENGTH(constants); i++) {
        if (PyModule_AddIntConstant(module, constants[i].name, constants[i].value) < 0) return -1;
    }
    state->poll_type = (PyTypeObject *)PyType_FromModuleAndSpec(module, &poll_spec, NULL);
    state->epoll_type = (PyTypeObject *)PyType_FromModuleAndSpec(module, &epoll_spec, NULL);
    if (!state->poll_type || !state->epoll_type) return -1;
    return PyModule_AddType(module, state->epoll_type);
}

static int module_traverse(PyObject *module, visitproc visit, void *arg)
{
    Py_VISIT(module_state(module)->poll_type);
    Py_VISIT(module_state(module)->epoll_type);
    return 0;
}

static int module_clear(PyObject *module)
{
    Py_CLEAR(module_state(module)->poll_type);
    Py_CLEAR(module_state(module)->epoll_type);
    return 0;
}

static void module_free(void *module)
{
    module_clear(module);
}

static PyModuleDef_Slot slots[] = {{Py_mod_exec, module_exec}, {0, NULL}};

static PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "select",
    .m_doc = "Waiting for several descriptors at once.",
    .m_size = sizeof(struct SelectModule),
    .m_methods = functions,
    .m_slots = slots,
    .m_traverse = module_traverse,
    .m_clear = module_clear,
    .m_free = module_free,
};

PyMODINIT_FUNC PyInit_select(void)
{
    return PyModuleDef_Init(&definition);
}
