/* The module: exceptions, constants, and the functions that make or duplicate sockets. */
#include "modules/_socket/link_addresses.h"

#include <fcntl.h>
#include <linux/netlink.h>
#include <linux/vm_sockets.h>
#include <linux/if_alg.h>
#include <linux/can.h>
#include <linux/can/bcm.h>
#include <linux/can/j1939.h>
#include <linux/can/raw.h>
#include <linux/if_packet.h>
#include <linux/tipc.h>
#include <netinet/udp.h>
#include <sys/ioctl.h>
#include <unistd.h>

struct SocketRuntime socket_runtime = {.default_timeout = -1};

static PyObject *module_socketpair(PyObject *m, PyObject *args)
{
    int family = AF_UNIX, type = SOCK_STREAM, proto = 0, fds[2];
    if (!PyArg_ParseTuple(args, "|iii:socketpair", &family, &type, &proto)) return NULL;
    (void)m;
    if (socketpair(family, type | SOCK_CLOEXEC, proto, fds) < 0) return PyErr_SetFromErrno(PyExc_OSError);
    PyObject *class = (PyObject *)socket_runtime.type;
    PyObject *a = PyObject_CallFunction(class, "iiii", family, type, proto, fds[0]);
    PyObject *b = a ? PyObject_CallFunction(class, "iiii", family, type, proto, fds[1]) : NULL;
    if (!a) close(fds[0]);
    if (!b) close(fds[1]);
    PyObject *pair = b ? PyTuple_Pack(2, a, b) : NULL;
    Py_XDECREF(a);
    Py_XDECREF(b);
    return pair;
}

static PyObject *module_close(PyObject *Py_UNUSED(m), PyObject *o)
{
    int fd = _PyLong_AsInt(o), result;
    if (fd == -1 && PyErr_Occurred()) return NULL;
    Py_BEGIN_ALLOW_THREADS
    result = close(fd);
    Py_END_ALLOW_THREADS
    if (result < 0 && errno != ECONNRESET) return PyErr_SetFromErrno(PyExc_OSError);
    Py_RETURN_NONE;
}

static PyObject *module_dup(PyObject *Py_UNUSED(m), PyObject *o)
{
    int fd = _PyLong_AsInt(o);
    if (fd == -1 && PyErr_Occurred()) return NULL;
    int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    return copy < 0 ? PyErr_SetFromErrno(PyExc_OSError) : PyLong_FromLong(copy);
}

static PyObject *module_getdefaulttimeout(PyObject *Py_UNUSED(m), PyObject *Py_UNUSED(ignored))
{
    if (socket_runtime.default_timeout < 0) Py_RETURN_NONE;
    return PyFloat_FromDouble(_PyTime_AsSecondsDouble(socket_runtime.default_timeout));
}

static PyObject *module_setdefaulttimeout(PyObject *Py_UNUSED(m), PyObject *o)
{
    _PyTime_t timeout = -1;
    if (o != Py_None) {
        if (_PyTime_FromSecondsObject(&timeout, o, _PyTime_ROUND_TIMEOUT) < 0) return NULL;
        if (timeout < 0) {
            PyErr_SetString(PyExc_ValueError, "Timeout value out of range");
            return NULL;
        }
    }
    socket_runtime.default_timeout = timeout;
    Py_RETURN_NONE;
}

static PyObject *module_cmsg_len(PyObject *Py_UNUSED(m), PyObject *args)
{
    Py_ssize_t n;
    if (!PyArg_ParseTuple(args, "n:CMSG_LEN", &n)) return NULL;
    if (n >= 0 && (size_t)n <= INT_MAX - CMSG_LEN(0)) return PyLong_FromSize_t(CMSG_LEN((size_t)n));
    PyErr_SetString(PyExc_OverflowError, "CMSG_LEN() argument out of range");
    return NULL;
}

static PyObject *module_cmsg_space(PyObject *Py_UNUSED(m), PyObject *args)
{
    Py_ssize_t n;
    size_t space;
    if (!PyArg_ParseTuple(args, "n:CMSG_SPACE", &n)) return NULL;
    if (message_control_space(n, &space)) return PyLong_FromSize_t(space);
    PyErr_SetString(PyExc_OverflowError, "CMSG_SPACE() argument out of range");
    return NULL;
}

static PyMethodDef functions[] = {
    {"socketpair", module_socketpair, METH_VARARGS, PyDoc_STR("socketpair([family[, type [, proto]]]) -> (socket object, socket object)\n\nCreate two connected sockets.")},
    {"close", module_close, METH_O, PyDoc_STR("close(integer) -> None\n\nClose a socket's descriptor.")},
    {"dup", module_dup, METH_O, PyDoc_STR("dup(integer) -> integer\n\nDuplicate a socket's descriptor.")},
    {"getdefaulttimeout", module_getdefaulttimeout, METH_NOARGS, PyDoc_STR("getdefaulttimeout() -> timeout\n\nReturn the time-out of new sockets in seconds, or None.")},
    {"setdefaulttimeout", module_setdefaulttimeout, METH_O, PyDoc_STR("setdefaulttimeout(timeout)\n\nSet the time-out of new sockets in seconds; None for none.")},
    {"CMSG_LEN", module_cmsg_len, METH_VARARGS, PyDoc_STR("CMSG_LEN(length) -> control message length")},
    {"CMSG_SPACE", module_cmsg_space, METH_VARARGS, PyDoc_STR("CMSG_SPACE(length) -> buffer size")},
    {0},
};

static int add_constants(PyObject *m)
{
#define CONSTANT(name) \
    if (PyModule_AddIntConstant(m, #name, (long)(name)) < 0) return -1;
#define RENAMED(name, value) \
    if (PyModule_AddIntConstant(m, #name, (long)(value)) < 0) return -1;
#include "modules/_socket/constants.def"
#undef CONSTANT
#undef RENAMED
    if (PyModule_AddStringConstant(m, "BDADDR_ANY", "00:00:00:00:00:00") < 0) return -1;
    return PyModule_AddStringConstant(m, "BDADDR_LOCAL", "00:00:00:FF:FF:FF");
}

static int add_exceptions(PyObject *m)
{
    socket_runtime.herror = PyErr_NewException("socket.herror", PyExc_OSError, NULL);
    socket_runtime.gaierror = PyErr_NewException("socket.gaierror", PyExc_OSError, NULL);
    if (!socket_runtime.herror || !socket_runtime.gaierror) return -1;
    if (PyModule_AddObjectRef(m, "error", PyExc_OSError) < 0 || PyModule_AddObjectRef(m, "timeout", PyExc_TimeoutError) < 0) return -1;
    if (PyModule_AddObjectRef(m, "herror", socket_runtime.herror) < 0) return -1;
    return PyModule_AddObjectRef(m, "gaierror", socket_runtime.gaierror);
}

/* For _ssl: the capsule that it imports. */
static int add_api(PyObject *m)
{
    socket_runtime.api = (SocketApi){socket_runtime.type, PyExc_OSError, PyExc_TimeoutError};
    PyObject *capsule = PyCapsule_New(&socket_runtime.api, "_socket.CAPI", NULL);
    int failed = capsule ? PyModule_AddObjectRef(m, "CAPI", capsule) : -1;
    Py_XDECREF(capsule);
    return failed;
}

static int exec(PyObject *m)
{
    socket_runtime.type = (PyTypeObject *)PyType_FromModuleAndSpec(m, &socket_spec, NULL);
    if (!socket_runtime.type || add_exceptions(m) < 0) return -1;
    if (PyModule_AddObjectRef(m, "socket", (PyObject *)socket_runtime.type) < 0) return -1;
    if (PyModule_AddObjectRef(m, "SocketType", (PyObject *)socket_runtime.type) < 0) return -1;
    if (PyModule_AddFunctions(m, socket_name_functions) < 0) return -1;
    if (PyModule_AddObjectRef(m, "has_ipv6", Py_True) < 0) return -1;
    return add_api(m) < 0 ? -1 : add_constants(m);
}

static PyModuleDef_Slot slots[] = {{Py_mod_exec, exec}, {0}};
static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, .m_name = "_socket", .m_doc = PyDoc_STR("Sockets: what the library's socket module is made of."),
    .m_methods = functions, .m_slots = slots,
};

PyMODINIT_FUNC PyInit__socket(void) { return PyModuleDef_Init(&definition); }
