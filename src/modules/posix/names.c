/* Limits and options of the system by name: sysconf(), pathconf(), confstr(). */
#include "modules/posix/posix.h"

typedef struct {
    const char *name;
    int value;
} Name;

static const Name sysconf_names[] = {
#define N(name) {"SC_" #name, _SC_##name},
    N(2_CHAR_TERM) N(2_C_BIND) N(2_C_DEV) N(2_C_VERSION) N(2_FORT_DEV) N(2_FORT_RUN)
    N(2_LOCALEDEF) N(2_SW_DEV) N(2_UPE) N(2_VERSION) N(AIO_LISTIO_MAX) N(AIO_MAX)
    N(AIO_PRIO_DELTA_MAX) N(ARG_MAX) N(ASYNCHRONOUS_IO) N(ATEXIT_MAX) N(AVPHYS_PAGES)
    N(BC_BASE_MAX) N(BC_DIM_MAX) N(BC_SCALE_MAX) N(BC_STRING_MAX) N(CHARCLASS_NAME_MAX)
    N(CHAR_BIT) N(CHAR_MAX) N(CHAR_MIN) N(CHILD_MAX) N(CLK_TCK) N(COLL_WEIGHTS_MAX)
    N(DELAYTIMER_MAX) N(EQUIV_CLASS_MAX) N(EXPR_NEST_MAX) N(FSYNC) N(GETGR_R_SIZE_MAX)
    N(GETPW_R_SIZE_MAX) N(INT_MAX) N(INT_MIN) N(IOV_MAX) N(JOB_CONTROL) N(LINE_MAX)
    N(LOGIN_NAME_MAX) N(LONG_BIT) N(MAPPED_FILES) N(MB_LEN_MAX) N(MEMLOCK) N(MEMLOCK_RANGE)
    N(MEMORY_PROTECTION) N(MESSAGE_PASSING) N(MINSIGSTKSZ) N(MQ_OPEN_MAX) N(MQ_PRIO_MAX)
    N(NGROUPS_MAX) N(NL_ARGMAX) N(NL_LANGMAX) N(NL_MSGMAX) N(NL_NMAX) N(NL_SETMAX) N(NL_TEXTMAX)
    N(NPROCESSORS_CONF) N(NPROCESSORS_ONLN) N(NZERO) N(OPEN_MAX) N(PAGESIZE) N(PAGE_SIZE)
    N(PASS_MAX) N(PHYS_PAGES) N(PII) N(PII_INTERNET) N(PII_INTERNET_DGRAM) N(PII_INTERNET_STREAM)
    N(PII_OSI) N(PII_OSI_CLTS) N(PII_OSI_COTS) N(PII_OSI_M) N(PII_SOCKET) N(PII_XTI) N(POLL)
    N(PRIORITIZED_IO) N(PRIORITY_SCHEDULING) N(REALTIME_SIGNALS) N(RE_DUP_MAX) N(RTSIG_MAX)
    N(SAVED_IDS) N(SCHAR_MAX) N(SCHAR_MIN) N(SELECT) N(SEMAPHORES) N(SEM_NSEMS_MAX)
    N(SEM_VALUE_MAX) N(SHARED_MEMORY_OBJECTS) N(SHRT_MAX) N(SHRT_MIN) N(SIGQUEUE_MAX) N(SSIZE_MAX)
    N(STREAM_MAX) N(SYNCHRONIZED_IO) N(THREADS) N(THREAD_ATTR_STACKADDR) N(THREAD_ATTR_STACKSIZE)
    N(THREAD_DESTRUCTOR_ITERATIONS) N(THREAD_KEYS_MAX) N(THREAD_PRIORITY_SCHEDULING)
    N(THREAD_PRIO_INHERIT) N(THREAD_PRIO_PROTECT) N(THREAD_PROCESS_SHARED)
    N(THREAD_SAFE_FUNCTIONS) N(THREAD_STACK_MIN) N(THREAD_THREADS_MAX) N(TIMERS) N(TIMER_MAX)
    N(TTY_NAME_MAX) N(TZNAME_MAX) N(T_IOV_MAX) N(UCHAR_MAX) N(UINT_MAX) N(UIO_MAXIOV) N(ULONG_MAX)
    N(USHRT_MAX) N(VERSION) N(WORD_BIT) N(XBS5_ILP32_OFF32) N(XBS5_ILP32_OFFBIG)
    N(XBS5_LP64_OFF64) N(XBS5_LPBIG_OFFBIG) N(XOPEN_CRYPT) N(XOPEN_ENH_I18N) N(XOPEN_LEGACY)
    N(XOPEN_REALTIME) N(XOPEN_REALTIME_THREADS) N(XOPEN_SHM) N(XOPEN_UNIX) N(XOPEN_VERSION)
    N(XOPEN_XCU_VERSION) N(XOPEN_XPG2) N(XOPEN_XPG3) N(XOPEN_XPG4)
#undef N
};

static const Name pathconf_names[] = {
#define N(name) {"PC_" #name, _PC_##name},
    N(ALLOC_SIZE_MIN) N(ASYNC_IO) N(CHOWN_RESTRICTED) N(FILESIZEBITS) N(LINK_MAX) N(MAX_CANON)
    N(MAX_INPUT) N(NAME_MAX) N(NO_TRUNC) N(PATH_MAX) N(PIPE_BUF) N(PRIO_IO) N(REC_INCR_XFER_SIZE)
    N(REC_MAX_XFER_SIZE) N(REC_MIN_XFER_SIZE) N(REC_XFER_ALIGN) N(SOCK_MAXBUF) N(SYMLINK_MAX)
    N(SYNC_IO) N(VDISABLE)
#undef N
};

static const Name confstr_names[] = {
#define N(name) {"CS_" #name, _CS_##name},
    N(GNU_LIBC_VERSION) N(GNU_LIBPTHREAD_VERSION) N(LFS64_CFLAGS) N(LFS64_LDFLAGS) N(LFS64_LIBS)
    N(LFS64_LINTFLAGS) N(LFS_CFLAGS) N(LFS_LDFLAGS) N(LFS_LIBS) N(LFS_LINTFLAGS) N(PATH)
    N(XBS5_ILP32_OFF32_CFLAGS) N(XBS5_ILP32_OFF32_LDFLAGS) N(XBS5_ILP32_OFF32_LIBS)
    N(XBS5_ILP32_OFF32_LINTFLAGS) N(XBS5_ILP32_OFFBIG_CFLAGS) N(XBS5_ILP32_OFFBIG_LDFLAGS)
    N(XBS5_ILP32_OFFBIG_LIBS) N(XBS5_ILP32_OFFBIG_LINTFLAGS) N(XBS5_LP64_OFF64_CFLAGS)
    N(XBS5_LP64_OFF64_LDFLAGS) N(XBS5_LP64_OFF64_LIBS) N(XBS5_LP64_OFF64_LINTFLAGS)
    N(XBS5_LPBIG_OFFBIG_CFLAGS) N(XBS5_LPBIG_OFFBIG_LDFLAGS) N(XBS5_LPBIG_OFFBIG_LIBS)
    N(XBS5_LPBIG_OFFBIG_LINTFLAGS)
#undef N
};

/* The number of an int, or of a str that a table has. */
static int number_from_object(PyObject *obj, int *number, const Name *names, size_t count)
{
    if (PyLong_Check(obj)) {
        *number = _PyLong_AsInt(obj);
        return *number == -1 && PyErr_Occurred() ? 0 : 1;
    }
    if (!PyUnicode_Check(obj)) {
        PyErr_SetString(PyExc_TypeError, "configuration names must be strings or integers");
        return 0;
    }
    const char *text = PyUnicode_AsUTF8(obj);
    if (!text) return 0;
    for (size_t i = 0; i < count; i++) {
        if (strcmp(names[i].name, text) != 0) continue;
        *number = names[i].value;
        return 1;
    }
    PyErr_SetString(PyExc_ValueError, "unrecognized configuration name");
    return 0;
}

static int sysconf_convert(PyObject *obj, void *number)
{
    return number_from_object(obj, number, sysconf_names, Py_ARRAY_LENGTH(sysconf_names));
}

static int pathconf_convert(PyObject *obj, void *number)
{
    return number_from_object(obj, number, pathconf_names, Py_ARRAY_LENGTH(pathconf_names));
}

static int confstr_convert(PyObject *obj, void *number)
{
    return number_from_object(obj, number, confstr_names, Py_ARRAY_LENGTH(confstr_names));
}

DEFINE_ONE(sysconf)
{
    int number;
    if (!sysconf_convert(arg, &number)) return NULL;
    errno = 0;
    long value = sysconf(number);
    return value == -1 && errno ? posix_error() : PyLong_FromLong(value);
}

DEFINE_ARGS(fpathconf)
{
    int fd, number;
    PARSE_EXACT("fpathconf", 2, 2, "O&O&:fpathconf", fildes_convert, &fd, pathconf_convert, &number);
    errno = 0;
    long value = fpathconf(fd, number);
    return value == -1 && errno ? posix_error() : PyLong_FromLong(value);
}

DEFINE_KEYWORDS(pathconf)
{
    Path path = PATH("pathconf", "path", false, true);
    int number;
    PARSER("O&O&:pathconf", "path", "name");
    PARSE(path_convert, &path, pathconf_convert, &number);
    errno = 0;
    long value = path.name ? pathconf(path.name, number) : fpathconf(path.fd, number);
    PyObject *result;
    if (value != -1 || !errno) result = PyLong_FromLong(value);
    else result = errno == EINVAL ? posix_error() : path_error(&path);      /* EINVAL is about the number */
    return path_done(&path, result);
}

DEFINE_ONE(confstr)
{
    int number;
    char few[256];
    if (!confstr_convert(arg, &number)) return NULL;
    errno = 0;
    size_t size = confstr(number, few, sizeof few);
    if (size == 0) {
        if (errno) return posix_error();
        Py_RETURN_NONE;
    }
    if (size <= sizeof few) return PyUnicode_DecodeFSDefaultAndSize(few, (Py_ssize_t)size - 1);
    char *text = PyMem_Malloc(size);
    if (!text) return PyErr_NoMemory();
    confstr(number, text, size);
    PyObject *result = PyUnicode_DecodeFSDefaultAndSize(text, (Py_ssize_t)size - 1);
    PyMem_Free(text);
    return result;
}

static int add_table(PyObject *module, const char *attribute, const Name *names, size_t count)
{
    PyObject *dict = PyDict_New();
    for (size_t i = 0; dict && i < count; i++) {
        PyObject *value = PyLong_FromLong(names[i].value);
        if (!value || PyDict_SetItemString(dict, names[i].name, value) < 0) Py_CLEAR(dict);
        Py_XDECREF(value);
    }
    if (!dict) return -1;
    int result = PyModule_AddObjectRef(module, attribute, dict);
    Py_DECREF(dict);
    return result;
}

int names_tables_init(PyObject *module)
{
    if (add_table(module, "pathconf_names", pathconf_names, Py_ARRAY_LENGTH(pathconf_names)) < 0) return -1;
    if (add_table(module, "confstr_names", confstr_names, Py_ARRAY_LENGTH(confstr_names)) < 0) return -1;
    return add_table(module, "sysconf_names", sysconf_names, Py_ARRAY_LENGTH(sysconf_names));
}
