/* errno: the system's error numbers by name (the manual: library/errno). */
#include <Python.h>

#include <errno.h>

/* Where two names share a number, errorcode has the later one. */
static const struct {
    const char *name;
    int value;
} numbers[] = {
#define E(name) {#name, name},
    E(ENODEV) E(ENOCSI) E(EHOSTUNREACH) E(ENOMSG) E(EUCLEAN) E(EL2NSYNC) E(EL2HLT) E(ENODATA)
    E(ENOTBLK) E(ENOSYS) E(EPIPE) E(EINVAL) E(EOVERFLOW) E(EADV) E(EINTR) E(EUSERS) E(ENOTEMPTY)
    E(ENOBUFS) E(EPROTO) E(EREMOTE) E(ENAVAIL) E(ECHILD) E(ELOOP) E(EXDEV) E(E2BIG) E(ESRCH)
    E(EMSGSIZE) E(EAFNOSUPPORT) E(EBADR) E(EHOSTDOWN) E(EPFNOSUPPORT) E(ENOPROTOOPT) E(EBUSY)
    E(EWOULDBLOCK) E(EBADFD) E(EDOTDOT) E(EISCONN) E(ENOANO) E(ESHUTDOWN) E(ECHRNG) E(ELIBBAD)
    E(ENONET) E(EBADE) E(EBADF) E(EMULTIHOP) E(EIO) E(EUNATCH) E(EPROTOTYPE) E(ENOSPC) E(ENOEXEC)
    E(EALREADY) E(ENETDOWN) E(ENOTNAM) E(EACCES) E(ELNRNG) E(EILSEQ) E(ENOTDIR) E(ENOTUNIQ)
    E(EPERM) E(EDOM) E(EXFULL) E(ECONNREFUSED) E(EISDIR) E(EPROTONOSUPPORT) E(EROFS)
    E(EADDRNOTAVAIL) E(EIDRM) E(ECOMM) E(ESRMNT) E(EREMOTEIO) E(EL3RST) E(EBADMSG) E(ENFILE)
    E(ELIBMAX) E(ESPIPE) E(ENOLINK) E(ENETRESET) E(ETIMEDOUT) E(ENOENT) E(EEXIST) E(EDQUOT)
    E(ENOSTR) E(EBADSLT) E(EBADRQC) E(ELIBACC) E(EFAULT) E(EFBIG) E(EDEADLK) E(ENOTCONN)
    E(EDESTADDRREQ) E(ELIBSCN) E(ENOLCK) E(EISNAM) E(ECONNABORTED) E(ENETUNREACH) E(ESTALE)
    E(ENOSR) E(ENOMEM) E(ENOTSOCK) E(ESTRPIPE) E(EMLINK) E(ERANGE) E(ELIBEXEC) E(EL3HLT)
    E(ECONNRESET) E(EADDRINUSE) E(EOPNOTSUPP) E(EREMCHG) E(EAGAIN) E(ENAMETOOLONG) E(ENOTTY)
    E(ERESTART) E(ESOCKTNOSUPPORT) E(ETIME) E(EBFONT) E(EDEADLOCK) E(ETOOMANYREFS) E(EMFILE)
    E(ETXTBSY) E(EINPROGRESS) E(ENXIO) E(ENOPKG) E(ENOMEDIUM) E(EMEDIUMTYPE) E(ECANCELED)
    E(ENOKEY) E(EKEYEXPIRED) E(EKEYREVOKED) E(EKEYREJECTED) E(EOWNERDEAD) E(ENOTRECOVERABLE)
    E(ERFKILL) E(ENOTSUP)
#undef E
};

static int module_exec(PyObject *module)
{
    PyObject *dict = PyModule_GetDict(module), *codes = PyDict_New();
    if (!codes || PyDict_SetItemString(dict, "errorcode", codes) < 0) goto error;
    for (size_t i = 0; i < Py_ARRAY_LENGTH(numbers); i++) {
        PyObject *name = PyUnicode_InternFromString(numbers[i].name), *value = PyLong_FromLong(numbers[i].value);
        int failed = !name || !value || PyDict_SetItem(dict, name, value) < 0 || PyDict_SetItem(codes, value, name) < 0;
        Py_XDECREF(name);
        Py_XDECREF(value);
        if (failed) goto error;
    }
    Py_DECREF(codes);
    return 0;
error:
    Py_XDECREF(codes);
    return -1;
}

static PyModuleDef_Slot slots[] = {{Py_mod_exec, module_exec}, {0, NULL}};

static PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "errno",
    .m_doc = "The system's error numbers as attributes, and the dict errorcode from a number to its name.\n"
             "os.strerror() gives a number's message.",
    .m_slots = slots,
};

PyMODINIT_FUNC PyInit_errno(void)
{
    return PyModuleDef_Init(&definition);
}
