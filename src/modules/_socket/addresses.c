/* Socket addresses as Python objects: (host, port), (host, port, flow, scope), or the path of a local socket. */
#include "modules/_socket/link_addresses.h"

#include <string.h>

void address_set_gaierror(int code)
{
    if (code == EAI_SYSTEM) {
        PyErr_SetFromErrno(PyExc_OSError);
        return;
    }
    PyObject *value = Py_BuildValue("(is)", code, gai_strerror(code));
    if (value) PyErr_SetObject(socket_runtime.gaierror, value);
    Py_XDECREF(value);
}

int address_host_converter(PyObject *o, void *result)
{
    PyObject **bytes = result;
    if (!o) {       /* clean-up */
        Py_CLEAR(*bytes);
        return 1;
    }
    if (PyBytes_Check(o)) *bytes = Py_NewRef(o);
    else if (PyByteArray_Check(o)) *bytes = PyBytes_FromObject(o);
    else if (PyUnicode_Check(o)) {
        *bytes = PyUnicode_IS_COMPACT_ASCII(o) ? PyUnicode_AsASCIIString(o) : PyUnicode_AsEncodedString(o, "idna", NULL);
        if (!*bytes && !PyUnicode_IS_COMPACT_ASCII(o)) {
            PyErr_Clear();
            PyErr_SetString(PyExc_TypeError, "encoding of hostname failed");
        }
    }
    else {
        PyErr_Format(PyExc_TypeError, "str, bytes or bytearray expected, not %s", Py_TYPE(o)->tp_name);
        return 0;
    }
    if (*bytes && strlen(PyBytes_AS_STRING(*bytes)) != (size_t)PyBytes_GET_SIZE(*bytes)) {
        PyErr_SetString(PyExc_TypeError, "host name must not contain null character");
        Py_CLEAR(*bytes);
    }
    return *bytes ? Py_CLEANUP_SUPPORTED : 0;
}

static bool resolve(const char *host, const struct addrinfo *hints, Address *address, socklen_t *length)
{
    struct addrinfo *found;
    int code;
    Py_BEGIN_ALLOW_THREADS
    code = getaddrinfo(host, hints->ai_flags & AI_PASSIVE ? "0" : NULL, hints, &found);
    Py_END_ALLOW_THREADS
    if (code) {
        address_set_gaierror(code);
        return false;
    }
    memcpy(address, found->ai_addr, found->ai_addrlen < sizeof *address ? found->ai_addrlen : sizeof *address);
    *length = found->ai_addrlen;
    freeaddrinfo(found);
    return true;
}

bool address_resolve(const char *host, int family, Address *address, socklen_t *length)
{
    if (!*host) {
        struct addrinfo hints = {.ai_family = family, .ai_socktype = SOCK_DGRAM, .ai_flags = AI_PASSIVE};
        return resolve(NULL, &hints, address, length);
    }
    if (strcmp(host, "255.255.255.255") == 0 || strcmp(host, "<broadcast>") == 0) {
        if (family != AF_INET && family != AF_UNSPEC) {
            PyErr_SetString(PyExc_OSError, "address family mismatched");
            return false;
        }
        address->in4 = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = INADDR_BROADCAST};
        *length = sizeof address->in4;
        return true;
    }
    struct addrinfo hints = {.ai_family = family};
    return resolve(host, &hints, address, length);
}

static bool check_tuple(PyObject *o, const char *function, const char *family)
{
    if (PyTuple_Check(o)) return true;
    PyErr_Format(PyExc_TypeError, "%s(): %s address must be tuple, not %.500s", function, family, Py_TYPE(o)->tp_name);
    return false;
}

static bool check_port(int port, const char *function)
{
    if (port >= 0 && port <= 0xffff) return true;
    PyErr_Format(PyExc_OverflowError, "%s(): port must be 0-65535.", function);
    return false;
}

static bool inet_address(PyObject *o, Address *address, socklen_t *length, const char *function)
{
    PyObject *host = NULL;
    int port;
    if (!check_tuple(o, function, "AF_INET")) return false;
    if (!PyArg_ParseTuple(o, "O&i;AF_INET address must be a pair (host, port)", address_host_converter, &host, &port)) return false;
    bool ok = address_resolve(PyBytes_AS_STRING(host), AF_INET, address, length);
    Py_DECREF(host);
    if (!ok || !check_port(port, function)) return false;
    address->in4.sin_port = htons((uint16_t)port);
    return true;
}

static bool inet6_address(PyObject *o, Address *address, socklen_t *length, const char *function)
{
    PyObject *host = NULL;
    int port;
    unsigned int flow = 0, scope = 0;
    if (!check_tuple(o, function, "AF_INET6")) return false;
    if (!PyArg_ParseTuple(o, "O&i|II;AF_INET6 address must be a tuple (host, port[, flowinfo[, scopeid]])", address_host_converter, &host,
                          &port, &flow, &scope)) {
        return false;
    }
    bool ok = address_resolve(PyBytes_AS_STRING(host), AF_INET6, address, length);
    Py_DECREF(host);
    if (!ok || !check_port(port, function)) return false;
    if (flow > 0xfffff) {
        PyErr_Format(PyExc_OverflowError, "%s(): flowinfo must be 0-1048575.", function);
        return false;
    }
    address->in6.sin6_port = htons((uint16_t)port);
    address->in6.sin6_flowinfo = htonl(flow);
    address->in6.sin6_scope_id = scope;
    return true;
}

static bool local_address(PyObject *o, Address *address, socklen_t *length)
{
    PyObject *path = NULL;
    if (PyUnicode_Check(o)) path = PyUnicode_EncodeFSDefault(o);
    else {
        Py_buffer view;
        if (PyObject_GetBuffer(o, &view, PyBUF_SIMPLE) < 0) return false;
        path = PyBytes_FromStringAndSize(view.buf, view.len);
        PyBuffer_Release(&view);
    }
    if (!path) return false;
    size_t size = (size_t)PyBytes_GET_SIZE(path);
    bool abstract = size == 0 || PyBytes_AS_STRING(path)[0] == '\0';
    bool fits = abstract ? size <= sizeof address->local.sun_path : size < sizeof address->local.sun_path;
    if (fits) {
        memset(&address->local, 0, sizeof address->local);
        address->local.sun_family = AF_UNIX;
        memcpy(address->local.sun_path, PyBytes_AS_STRING(path), size);
        *length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + size + (abstract ? 0 : 1));
    }
    else PyErr_SetString(PyExc_OSError, "AF_UNIX path too long");
    Py_DECREF(path);
    return fits;
}

bool address_from_object(const Socket *s, PyObject *o, Address *address, socklen_t *length, const char *function)
{
    switch (s->family) {
    case AF_INET:
    case AF_RDS: return inet_address(o, address, length, function);
    case AF_INET6: return inet6_address(o, address, length, function);
    case AF_UNIX: return local_address(o, address, length);
    default: return link_address_from_object(s, o, address, length, function);
    }
}

/* Digits alone: the scope of an IPv6 address has its own place in the tuple. */
static PyObject *host_text(int family, const void *number)
{
    char text[INET6_ADDRSTRLEN];
    return inet_ntop(family, number, text, sizeof text) ? PyUnicode_FromString(text) : PyErr_SetFromErrno(PyExc_OSError);
}

PyObject *address_to_object(const Address *address, socklen_t length, int proto)
{
    if (length == 0) Py_RETURN_NONE;
    switch (address->any.sa_family) {
    case AF_INET: {
        PyObject *host = host_text(AF_INET, &address->in4.sin_addr);
        return host ? Py_BuildValue("Ni", host, ntohs(address->in4.sin_port)) : NULL;
    }
    case AF_INET6: {
        PyObject *host = host_text(AF_INET6, &address->in6.sin6_addr);
        return host ? Py_BuildValue("NiII", host, ntohs(address->in6.sin6_port), (unsigned)ntohl(address->in6.sin6_flowinfo),
                                    (unsigned)address->in6.sin6_scope_id)
                    : NULL;
    }
    case AF_UNIX: {
        size_t size = length - offsetof(struct sockaddr_un, sun_path);
        if (size > 0 && address->local.sun_path[0] == '\0') return PyBytes_FromStringAndSize(address->local.sun_path, (Py_ssize_t)size);
        return PyUnicode_DecodeFSDefaultAndSize(address->local.sun_path, (Py_ssize_t)strnlen(address->local.sun_path, size));
    }
    default: return link_address_to_object(address, length, proto);
    }
}
