/* Names of hosts, services, protocols and interfaces; byte orders; the text of addresses. */
#include "modules/_socket/socket.h"

#include <string.h>
#include <unistd.h>

/* ---- Hosts ---------------------------------------------------------------------------------------------------------- */

static PyObject *socket_getaddrinfo(PyObject *Py_UNUSED(m), PyObject *args, PyObject *kwargs)
{
    static char *keywords[] = {"host", "port", "family", "type", "proto", "flags", NULL};
    PyObject *host, *port, *host_bytes = NULL, *port_text = NULL, *all = NULL;
    int family = AF_UNSPEC, type = 0, proto = 0, flags = 0, code;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "OO|iiii:getaddrinfo", keywords, &host, &port, &family, &type, &proto, &flags)) return NULL;
    if (host != Py_None && !address_host_converter(host, &host_bytes)) {
        if (PyErr_ExceptionMatches(PyExc_TypeError) && !PyUnicode_Check(host)) {
            PyErr_Clear();
            PyErr_SetString(PyExc_TypeError, "getaddrinfo() argument 1 must be string or None");
        }
        return NULL;
    }
    if (PyLong_CheckExact(port)) {
        PyObject *text = PyObject_Str(port);
        port_text = text ? PyUnicode_AsUTF8String(text) : NULL;
        Py_XDECREF(text);
    }
    else if (PyUnicode_Check(port)) port_text = PyUnicode_AsUTF8String(port);
    else if (PyBytes_Check(port)) port_text = Py_NewRef(port);
    else if (port != Py_None) PyErr_SetString(PyExc_OSError, "Int or String expected");
    if (!port_text && port != Py_None) goto done;
    if (PySys_Audit("socket.getaddrinfo", "OOiii", host, port, family, type, proto) < 0) goto done;
    struct addrinfo hints = {.ai_family = family, .ai_socktype = type, .ai_protocol = proto, .ai_flags = flags}, *found;
    Py_BEGIN_ALLOW_THREADS
    code = getaddrinfo(host_bytes ? PyBytes_AS_STRING(host_bytes) : NULL, port_text ? PyBytes_AS_STRING(port_text) : NULL, &hints, &found);
    Py_END_ALLOW_THREADS
    if (code) {
        address_set_gaierror(code);
        goto done;
    }
    all = PyList_New(0);
    for (struct addrinfo *a = found; all && a; a = a->ai_next) {
        Address address;
        memcpy(&address, a->ai_addr, a->ai_addrlen < sizeof address ? a->ai_addrlen : sizeof address);
        PyObject *o = address_to_object(&address, a->ai_addrlen, -1);
        PyObject *row = o ? Py_BuildValue("iiisN", a->ai_family, a->ai_socktype, a->ai_protocol, a->ai_canonname ? a->ai_canonname : "", o) : NULL;
        if (!row || PyList_Append(all, row) < 0) Py_CLEAR(all);
        Py_XDECREF(row);
    }
    freeaddrinfo(found);
done:
    Py_XDECREF(host_bytes);
    Py_XDECREF(port_text);
    return all;
}

static PyObject *socket_getnameinfo(PyObject *Py_UNUSED(m), PyObject *args)
{
    PyObject *tuple;
    int flags, port, code;
    const char *host;
    unsigned int flow = 0, scope = 0;
    if (!PyArg_ParseTuple(args, "Oi:getnameinfo", &tuple, &flags)) return NULL;
    if (!PyTuple_Check(tuple)) {
        PyErr_SetString(PyExc_TypeError, "getnameinfo() argument 1 must be a tuple");
        return NULL;
    }
    if (!PyArg_ParseTuple(tuple, "si|II;getnameinfo(): illegal sockaddr argument", &host, &port, &flow, &scope)) return NULL;
    if (flow > 0xfffff) {
        PyErr_SetString(PyExc_OverflowError, "getnameinfo(): flowinfo must be 0-1048575.");
        return NULL;
    }
    if (PySys_Audit("socket.getnameinfo", "(O)", tuple) < 0) return NULL;
    char service[16], name[NI_MAXHOST], port_name[NI_MAXSERV];
    PyOS_snprintf(service, sizeof service, "%d", port);
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_DGRAM, .ai_flags = AI_NUMERICHOST}, *found;
    Py_BEGIN_ALLOW_THREADS
    code = getaddrinfo(host, service, &hints, &found);
    Py_END_ALLOW_THREADS
    if (code) {
        address_set_gaierror(code);
        return NULL;
    }
    if (found->ai_next) {
        PyErr_SetString(PyExc_OSError, "sockaddr resolved to multiple addresses");
        freeaddrinfo(found);
        return NULL;
    }
    if (found->ai_family == AF_INET && PyTuple_GET_SIZE(tuple) != 2) {
        PyErr_SetString(PyExc_OSError, "IPv4 sockaddr must be 2 tuple");
        freeaddrinfo(found);
        return NULL;
    }
    if (found->ai_family == AF_INET6) {
        ((struct sockaddr_in6 *)found->ai_addr)->sin6_flowinfo = htonl(flow);
        ((struct sockaddr_in6 *)found->ai_addr)->sin6_scope_id = scope;
    }
    Py_BEGIN_ALLOW_THREADS
    code = getnameinfo(found->ai_addr, found->ai_addrlen, name, sizeof name, port_name, sizeof port_name, flags);
    Py_END_ALLOW_THREADS
    freeaddrinfo(found);
    if (code) {
        address_set_gaierror(code);
        return NULL;
    }
    return Py_BuildValue("ss", name, port_name);
}

static PyObject *socket_gethostname(PyObject *Py_UNUSED(m), PyObject *Py_UNUSED(ignored))
{
    char name[1024];
    if (PySys_Audit("socket.gethostname", NULL) < 0) return NULL;
    if (gethostname(name, sizeof name - 1) < 0) return PyErr_SetFromErrno(PyExc_OSError);
    name[sizeof name - 1] = '\0';
    return PyUnicode_DecodeFSDefault(name);
}

static PyObject *socket_sethostname(PyObject *Py_UNUSED(m), PyObject *args)
{
    PyObject *name;
    if (!PyArg_ParseTuple(args, "O&:sethostname", PyUnicode_FSConverter, &name)) return NULL;
    int failed = PySys_Audit("socket.sethostname", "O", name) < 0
                 || (sethostname(PyBytes_AS_STRING(name), (size_t)PyBytes_GET_SIZE(name)) < 0 && PyErr_SetFromErrno(PyExc_OSError) == NULL);
    Py_DECREF(name);
    if (failed) return NULL;
    Py_RETURN_NONE;
}

static PyObject *socket_gethostbyname(PyObject *Py_UNUSED(m), PyObject *args)
{
    PyObject *host = NULL;
    Address address;
    socklen_t length;
    char text[INET_ADDRSTRLEN];
    if (!PyArg_ParseTuple(args, "O&:gethostbyname", address_host_converter, &host)) return NULL;
    bool ok = PySys_Audit("socket.gethostbyname", "O", PyTuple_GET_ITEM(args, 0)) == 0
              && address_resolve(PyBytes_AS_STRING(host), AF_INET, &address, &length);
    Py_DECREF(host);
    return ok ? PyUnicode_FromString(inet_ntop(AF_INET, &address.in4.sin_addr, text, sizeof text)) : NULL;
}

/* (name, aliases, addresses) of a host entry. */
static PyObject *host_entry(const struct hostent *h)
{
    PyObject *aliases = PyList_New(0), *addresses = PyList_New(0), *result = NULL;
    for (char **a = h->h_aliases; aliases && a && *a; a++) {
        PyObject *o = PyUnicode_FromString(*a);
        if (!o || PyList_Append(aliases, o) < 0) Py_CLEAR(aliases);
        Py_XDECREF(o);
    }
    for (char **a = h->h_addr_list; addresses && a && *a; a++) {
        char text[INET6_ADDRSTRLEN];
        PyObject *o = PyUnicode_FromString(inet_ntop(h->h_addrtype, *a, text, sizeof text));
        if (!o || PyList_Append(addresses, o) < 0) Py_CLEAR(addresses);
        Py_XDECREF(o);
    }
    if (aliases && addresses) result = Py_BuildValue("sOO", h->h_name, aliases, addresses);
    Py_XDECREF(aliases);
    Py_XDECREF(addresses);
    return result;
}

static void set_herror(int code)
{
    PyObject *value = Py_BuildValue("(is)", code, hstrerror(code));
    if (value) PyErr_SetObject(socket_runtime.herror, value);
    Py_XDECREF(value);
}

static PyObject *look_up_host(const char *host, bool by_address)
{
    Address address;
    socklen_t length;
    struct hostent entry, *found = NULL;
    char buffer[16384];
    int code = 0;
    if (!address_resolve(host, by_address ? AF_UNSPEC : AF_INET, &address, &length)) return NULL;
    Py_BEGIN_ALLOW_THREADS
    if (by_address) {
        bool v6 = address.any.sa_family == AF_INET6;
        const void *raw = v6 ? (void *)&address.in6.sin6_addr : (void *)&address.in4.sin_addr;
        gethostbyaddr_r(raw, v6 ? 16 : 4, address.any.sa_family, &entry, buffer, sizeof buffer, &found, &code);
    }
    else gethostbyname_r(host, &entry, buffer, sizeof buffer, &found, &code);
    Py_END_ALLOW_THREADS
    if (found) return host_entry(found);
    set_herror(code);
    return NULL;
}

static PyObject *socket_gethostbyname_ex(PyObject *Py_UNUSED(m), PyObject *args)
{
    PyObject *host = NULL;
    if (!PyArg_ParseTuple(args, "O&:gethostbyname_ex", address_host_converter, &host)) return NULL;
    PyObject *result = PySys_Audit("socket.gethostbyname", "O", PyTuple_GET_ITEM(args, 0)) < 0 ? NULL : look_up_host(PyBytes_AS_STRING(host), false);
    Py_DECREF(host);
    return result;
}

static PyObject *socket_gethostbyaddr(PyObject *Py_UNUSED(m), PyObject *args)
{
    PyObject *host = NULL;
    if (!PyArg_ParseTuple(args, "O&:gethostbyaddr", address_host_converter, &host)) return NULL;
    PyObject *result = PySys_Audit("socket.gethostbyaddr", "O", PyTuple_GET_ITEM(args, 0)) < 0 ? NULL : look_up_host(PyBytes_AS_STRING(host), true);
    Py_DECREF(host);
    return result;
}

/* ---- Services and protocols ------------------------------------------------------------------------------------------- */

static PyObject *socket_getservbyname(PyObject *Py_UNUSED(m), PyObject *args)
{
    const char *name, *proto = NULL;
    struct servent *s;
    if (!PyArg_ParseTuple(args, "s|s:getservbyname", &name, &proto)) return NULL;
    if (PySys_Audit("socket.getservbyname", "ss", name, proto) < 0) return NULL;
    Py_BEGIN_ALLOW_THREADS
    s = getservbyname(name, proto);
    Py_END_ALLOW_THREADS
    if (s) return PyLong_FromLong(ntohs((uint16_t)s->s_port));
    PyErr_SetString(PyExc_OSError, "service/proto not found");
    return NULL;
}

static PyObject *socket_getservbyport(PyObject *Py_UNUSED(m), PyObject *args)
{
    int port;
    const char *proto = NULL;
    struct servent *s;
    if (!PyArg_ParseTuple(args, "i|s:getservbyport", &port, &proto)) return NULL;
    if (port < 0 || port > 0xffff) {
        PyErr_SetString(PyExc_OverflowError, "getservbyport: port must be 0-65535.");
        return NULL;
    }
    if (PySys_Audit("socket.getservbyport", "is", port, proto) < 0) return NULL;
    Py_BEGIN_ALLOW_THREADS
    s = getservbyport(htons((uint16_t)port), proto);
    Py_END_ALLOW_THREADS
    if (s) return PyUnicode_FromString(s->s_name);
    PyErr_SetString(PyExc_OSError, "port/proto not found");
    return NULL;
}

static PyObject *socket_getprotobyname(PyObject *Py_UNUSED(m), PyObject *args)
{
    const char *name;
    struct protoent *p;
    if (!PyArg_ParseTuple(args, "s:getprotobyname", &name)) return NULL;
    Py_BEGIN_ALLOW_THREADS
    p = getprotobyname(name);
    Py_END_ALLOW_THREADS
    if (p) return PyLong_FromLong(p->p_proto);
    PyErr_SetString(PyExc_OSError, "protocol not found");
    return NULL;
}

/* ---- Byte order and address text ---------------------------------------------------------------------------------------- */

static PyObject *swap_short(PyObject *args, const char *format, const char *name)
{
    int x;
    if (!PyArg_ParseTuple(args, format, &x)) return NULL;
    if (x < 0 || x > 0xffff) {
        PyErr_Format(PyExc_OverflowError, x < 0 ? "%s: can't convert negative Python int to C 16-bit unsigned integer"
                                                : "%s: Python int too large to convert to C 16-bit unsigned integer", name);
        return NULL;
    }
    return PyLong_FromUnsignedLong(ntohs((uint16_t)x));
}

static PyObject *swap_long(PyObject *o)
{
    if (!PyLong_Check(o)) return PyErr_Format(PyExc_TypeError, "expected int, %s found", Py_TYPE(o)->tp_name);
    unsigned long x = PyLong_AsUnsignedLong(o);
    if (x == (unsigned long)-1 && PyErr_Occurred()) return NULL;
    if (x > 0xffffffff) {
        PyErr_SetString(PyExc_OverflowError, "int larger than 32 bits");
        return NULL;
    }
    return PyLong_FromUnsignedLong(ntohl((uint32_t)x));
}

static PyObject *socket_ntohs(PyObject *Py_UNUSED(m), PyObject *args) { return swap_short(args, "i:ntohs", "ntohs"); }
static PyObject *socket_htons(PyObject *Py_UNUSED(m), PyObject *args) { return swap_short(args, "i:htons", "htons"); }
static PyObject *socket_ntohl(PyObject *Py_UNUSED(m), PyObject *o) { return swap_long(o); }
static PyObject *socket_htonl(PyObject *Py_UNUSED(m), PyObject *o) { return swap_long(o); }

static PyObject *socket_inet_aton(PyObject *Py_UNUSED(m), PyObject *args)
{
    const char *text;
    struct in_addr address;
    if (!PyArg_ParseTuple(args, "s:inet_aton", &text)) return NULL;
    if (inet_aton(text, &address)) return PyBytes_FromStringAndSize((char *)&address, sizeof address);
    PyErr_SetString(PyExc_OSError, "illegal IP address string passed to inet_aton");
    return NULL;
}

static PyObject *socket_inet_ntoa(PyObject *Py_UNUSED(m), PyObject *args)
{
    Py_buffer view;
    char text[INET_ADDRSTRLEN];
    if (!PyArg_ParseTuple(args, "y*:inet_ntoa", &view)) return NULL;
    PyObject *result = NULL;
    if (view.len == 4) result = PyUnicode_FromString(inet_ntop(AF_INET, view.buf, text, sizeof text));
    else PyErr_SetString(PyExc_OSError, "packed IP wrong length");
    PyBuffer_Release(&view);
    return result;
}

static PyObject *socket_inet_pton(PyObject *Py_UNUSED(m), PyObject *args)
{
    int family;
    const char *text;
    char packed[16];
    if (!PyArg_ParseTuple(args, "is:inet_pton", &family, &text)) return NULL;
    int result = inet_pton(family, text, packed);
    if (result < 0) return PyErr_SetFromErrno(PyExc_OSError);
    if (result > 0) return PyBytes_FromStringAndSize(packed, family == AF_INET6 ? 16 : 4);
    PyErr_SetString(PyExc_OSError, "illegal IP address string passed to inet_pton");
    return NULL;
}

static PyObject *socket_inet_ntop(PyObject *Py_UNUSED(m), PyObject *args)
{
    int family;
    Py_buffer view;
    char text[INET6_ADDRSTRLEN];
    if (!PyArg_ParseTuple(args, "iy*:inet_ntop", &family, &view)) return NULL;
    PyObject *result = NULL;
    if (family != AF_INET && family != AF_INET6) PyErr_Format(PyExc_ValueError, "unknown address family %d", family);
    else if (view.len != (family == AF_INET ? 4 : 16)) PyErr_SetString(PyExc_ValueError, "invalid length of packed IP address string");
    else if (!inet_ntop(family, view.buf, text, sizeof text)) PyErr_SetFromErrno(PyExc_OSError);
    else result = PyUnicode_FromString(text);
    PyBuffer_Release(&view);
    return result;
}

/* ---- Interfaces ----------------------------------------------------------------------------------------------------------- */

static PyObject *socket_if_nameindex(PyObject *Py_UNUSED(m), PyObject *Py_UNUSED(ignored))
{
    struct if_nameindex *all = if_nameindex();
    if (!all) return PyErr_SetFromErrno(PyExc_OSError);
    PyObject *list = PyList_New(0);
    for (struct if_nameindex *i = all; list && i->if_index; i++) {
        PyObject *row = Py_BuildValue("IO&", i->if_index, PyUnicode_DecodeFSDefault, i->if_name);
        if (!row || PyList_Append(list, row) < 0) Py_CLEAR(list);
        Py_XDECREF(row);
    }
    if_freenameindex(all);
    return list;
}

static PyObject *socket_if_nametoindex(PyObject *Py_UNUSED(m), PyObject *args)
{
    PyObject *name;
    if (!PyArg_ParseTuple(args, "O&:if_nametoindex", PyUnicode_FSConverter, &name)) return NULL;
    unsigned int index = if_nametoindex(PyBytes_AS_STRING(name));
    Py_DECREF(name);
    if (index) return PyLong_FromUnsignedLong(index);
    PyErr_SetString(PyExc_OSError, "no interface with this name");
    return NULL;
}

static PyObject *socket_if_indextoname(PyObject *Py_UNUSED(m), PyObject *o)
{
    char name[IF_NAMESIZE + 1];
    unsigned long index = PyLong_AsUnsignedLong(o);
    if (index == (unsigned long)-1 && PyErr_Occurred()) return NULL;
    if (!if_indextoname((unsigned)index, name)) return PyErr_SetFromErrno(PyExc_OSError);
    return PyUnicode_DecodeFSDefault(name);
}

#define FUNCTION(name, flags, doc) {#name, (PyCFunction)(void (*)(void))socket_##name, flags, PyDoc_STR(doc)}
PyMethodDef socket_name_functions[] = {
    FUNCTION(getaddrinfo, METH_VARARGS | METH_KEYWORDS, "getaddrinfo(host, port [, family, type, proto, flags])\n    -> list of (family, type, proto, canonname, sockaddr)\n\nResolve a host and a port."),
    FUNCTION(getnameinfo, METH_VARARGS, "getnameinfo(sockaddr, flags) -> (host, port)\n\nName a host and a port."),
    FUNCTION(gethostname, METH_NOARGS, "gethostname() -> string\n\nReturn the name of this machine."),
    FUNCTION(sethostname, METH_VARARGS, "sethostname(name)\n\nSet the name of this machine."),
    FUNCTION(gethostbyname, METH_VARARGS, "gethostbyname(host) -> address\n\nReturn a host's IP address."),
    FUNCTION(gethostbyname_ex, METH_VARARGS, "gethostbyname_ex(host) -> (name, aliaslist, addresslist)\n\nReturn a host's names and addresses."),
    FUNCTION(gethostbyaddr, METH_VARARGS, "gethostbyaddr(host) -> (name, aliaslist, addresslist)\n\nReturn a host's names and addresses by its address."),
    FUNCTION(getservbyname, METH_VARARGS, "getservbyname(servicename[, protocolname]) -> integer\n\nReturn a service's port."),
    FUNCTION(getservbyport, METH_VARARGS, "getservbyport(port[, protocolname]) -> string\n\nReturn a port's service."),
    FUNCTION(getprotobyname, METH_VARARGS, "getprotobyname(name) -> integer\n\nReturn a protocol's number."),
    FUNCTION(ntohs, METH_VARARGS, "ntohs(x) -> integer\n\nConvert 16 bits from network to host byte order."),
    FUNCTION(htons, METH_VARARGS, "htons(x) -> integer\n\nConvert 16 bits from host to network byte order."),
    FUNCTION(ntohl, METH_O, "ntohl(x) -> integer\n\nConvert 32 bits from network to host byte order."),
    FUNCTION(htonl, METH_O, "htonl(x) -> integer\n\nConvert 32 bits from host to network byte order."),
    FUNCTION(inet_aton, METH_VARARGS, "inet_aton(string) -> bytes giving packed 32-bit IP representation"),
    FUNCTION(inet_ntoa, METH_VARARGS, "inet_ntoa(packed_ip) -> ip_address_string"),
    FUNCTION(inet_pton, METH_VARARGS, "inet_pton(af, ip) -> packed IP address string"),
    FUNCTION(inet_ntop, METH_VARARGS, "inet_ntop(af, packed_ip) -> string formatted IP address"),
    FUNCTION(if_nameindex, METH_NOARGS, "if_nameindex()\n\nReturn a list of (index, name) of the network interfaces."),
    FUNCTION(if_nametoindex, METH_VARARGS, "if_nametoindex(if_name)\n\nReturn an interface's index."),
    FUNCTION(if_indextoname, METH_O, "if_indextoname(if_index)\n\nReturn an interface's name."),
    {0},
};
