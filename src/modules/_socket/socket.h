/* The _socket module: sockets, addresses, names.
 *
 * A socket with a time-out is non-blocking underneath; a call waits with poll() until the deadline and tries again.
 */
#ifndef KRAIT_MODULES_SOCKET_H
#define KRAIT_MODULES_SOCKET_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <arpa/inet.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <internal/krait_exports.h>

/* The layout is ABI: the library's _ssl reads it, and gets at the type through the capsule _socket.CAPI. */
typedef struct {
    PyObject_HEAD
    int fd;                     /* -1: closed */
    int family, type, proto;
    PyObject *(*set_error)(void);   /* raises OSError from errno; NULL */
    _PyTime_t timeout;          /* ns; negative: block for ever, 0: never block */
} Socket;

typedef struct {
    PyTypeObject *type;
    PyObject *error, *timeout_error;
} SocketApi;

typedef union {
    struct sockaddr any;
    struct sockaddr_in in4;
    struct sockaddr_in6 in6;
    struct sockaddr_un local;
    struct sockaddr_storage storage;
} Address;

struct SocketRuntime {
    PyTypeObject *type;         /* owned: _socket.socket */
    PyObject *herror, *gaierror;    /* owned */
    _PyTime_t default_timeout;
    SocketApi api;
};
extern struct SocketRuntime socket_runtime;

/* ---- addresses.c ---- */
/* The address that a Python object means for a socket. False with an exception set. `function` for messages. */
bool address_from_object(const Socket *s, PyObject *o, Address *address, socklen_t *length, const char *function);
/* The Python form of an address of a socket of that protocol; None for length 0. New reference. */
PyObject *address_to_object(const Address *address, socklen_t length, int proto);
/* Resolves a host name into an address of the family (AF_UNSPEC for any). False with an exception set. */
bool address_resolve(const char *host, int family, Address *address, socklen_t *length);
/* Sets gaierror for a result of getaddrinfo(). */
void address_set_gaierror(int code);
/* An O& converter: host name as bytes (IDNA for str), None for NULL. */
int address_host_converter(PyObject *o, void *result);

/* ---- names.c ---- */
extern PyMethodDef socket_name_functions[];

/* ---- object.c ---- */
typedef enum { SOCKET_READ, SOCKET_WRITE } SocketDirection;
/* One attempt at a system call: its result, -1 with errno set. Runs without the GIL. */
typedef ssize_t (*SocketAttempt)(Socket *s, void *data);
/* Repeats the attempt until it succeeds, fails for good, or the time is up. -1 with an exception set. */
ssize_t socket_perform(Socket *s, SocketDirection direction, SocketAttempt attempt, void *data, _PyTime_t timeout);
extern PyType_Spec socket_spec;

/* ---- message.c ---- */
PyObject *socket_recvmsg(Socket *s, PyObject *args);
PyObject *socket_recvmsg_into(Socket *s, PyObject *args);
PyObject *socket_sendmsg(Socket *s, PyObject *args);
PyObject *socket_sendmsg_afalg(Socket *s, PyObject *args, PyObject *kwargs);
/* CMSG_SPACE() of a length, or false if that is more than the kernel's types hold. */
bool message_control_space(Py_ssize_t length, size_t *space);

#endif
