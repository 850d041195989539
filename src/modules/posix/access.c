/* Owners, permissions, times and extended attributes of files. */
#include "modules/posix/posix.h"

#include <linux/limits.h>
#include <sys/xattr.h>

DEFINE_KEYWORDS(access)
{
    Path path = PATH("access", "path", false, false);
    int mode, dir_fd = AT_FDCWD, effective = 0, follow = 1, result;
    PARSER("O&i|$O&pp:access", "path", "mode", "dir_fd", "effective_ids", "follow_symlinks");
    PARSE(path_convert, &path, &mode, dir_fd_convert, &dir_fd, &effective, &follow);
    Py_BEGIN_ALLOW_THREADS
    if (dir_fd != AT_FDCWD || effective || !follow) {
        result = faccessat(dir_fd, path.name, mode, (follow ? 0 : AT_SYMLINK_NOFOLLOW) | (effective ? AT_EACCESS : 0));
    } else {
        result = access(path.name, mode);
    }
    Py_END_ALLOW_THREADS
    return path_done(&path, PyBool_FromLong(result == 0));
}

/* ---- Permissions ---- */

DEFINE_KEYWORDS(chmod)
{
    Path path = PATH("chmod", "path", false, true);
    int mode, dir_fd = AT_FDCWD, follow = 1, result;
    PARSER("O&i|$O&p:chmod", "path", "mode", "dir_fd", "follow_symlinks");
    PARSE(path_convert, &path, &mode, dir_fd_convert, &dir_fd, &follow);
    if (PySys_Audit("os.chmod", "Oii", path.object, mode, audit_dir_fd(dir_fd)) < 0) return path_done(&path, NULL);
    bool unsupported = false;
    Py_BEGIN_ALLOW_THREADS
    if (path.fd != -1) {
        result = fchmod(path.fd, (mode_t)mode);
    } else if (dir_fd != AT_FDCWD || !follow) {
        result = fchmodat(dir_fd, path.name, (mode_t)mode, follow ? 0 : AT_SYMLINK_NOFOLLOW);
        unsupported = result != 0 && !follow && (errno == ENOTSUP || errno == EOPNOTSUPP);
    } else {
        result = chmod(path.name, (mode_t)mode);
    }
    Py_END_ALLOW_THREADS
    if (unsupported) {
        if (dir_fd != AT_FDCWD) {
            PyErr_SetString(PyExc_ValueError, "chmod: cannot use dir_fd and follow_symlinks together");
        } else {
            PyErr_Format(PyExc_NotImplementedError, "%s: %s unavailable on this platform", "chmod", "follow_symlinks");
        }
        return path_done(&path, NULL);
    }
    return path_none_or_error(&path, result);
}

DEFINE_KEYWORDS(fchmod)
{
    int fd, mode, result, interrupted = 0;
    PARSER("ii:fchmod", "fd", "mode");
    PARSE(&fd, &mode);
    if (PySys_Audit("os.chmod", "iii", fd, mode, -1) < 0) return NULL;
    RETRY(result, interrupted, fchmod(fd, (mode_t)mode));
    return interrupted ? NULL : none_or_error(result);
}

/* ---- Owners ---- */

DEFINE_KEYWORDS(chown)
{
    Path path = PATH("chown", "path", false, true);
    uid_t uid;
    gid_t gid;
    int dir_fd = AT_FDCWD, follow = 1, result;
    PARSER("O&O&O&|$O&p:chown", "path", "uid", "gid", "dir_fd", "follow_symlinks");
    PARSE(path_convert, &path, _Py_Uid_Converter, &uid, _Py_Gid_Converter, &gid, dir_fd_convert, &dir_fd, &follow);
    if (dir_fd != AT_FDCWD && path.fd != -1) {
        PyErr_SetString(PyExc_ValueError, "chown: can't specify both dir_fd and fd");
        return path_done(&path, NULL);
    }
    if (path_refuses_no_follow("chown", &path, follow)) return path_done(&path, NULL);
    if (PySys_Audit("os.chown", "OIIi", path.object, uid, gid, audit_dir_fd(dir_fd)) < 0) return path_done(&path, NULL);
    Py_BEGIN_ALLOW_THREADS
    if (path.fd != -1) result = fchown(path.fd, uid, gid);
    else result = fchownat(dir_fd, path.name, uid, gid, follow ? 0 : AT_SYMLINK_NOFOLLOW);
    Py_END_ALLOW_THREADS
    return path_none_or_error(&path, result);
}

DEFINE_KEYWORDS(fchown)
{
    int fd, result, interrupted = 0;
    uid_t uid;
    gid_t gid;
    PARSER("iO&O&:fchown", "fd", "uid", "gid");
    PARSE(&fd, _Py_Uid_Converter, &uid, _Py_Gid_Converter, &gid);
    if (PySys_Audit("os.chown", "iIIi", fd, uid, gid, -1) < 0) return NULL;
    RETRY(result, interrupted, fchown(fd, uid, gid));
    return interrupted ? NULL : none_or_error(result);
}

DEFINE_KEYWORDS(lchown)
{
    Path path = PATH("lchown", "path", false, false);
    uid_t uid;
    gid_t gid;
    int result;
    PARSER("O&O&O&:lchown", "path", "uid", "gid");
    PARSE(path_convert, &path, _Py_Uid_Converter, &uid, _Py_Gid_Converter, &gid);
    if (PySys_Audit("os.chown", "OIIi", path.object, uid, gid, -1) < 0) return path_done(&path, NULL);
    Py_BEGIN_ALLOW_THREADS
    result = lchown(path.name, uid, gid);
    Py_END_ALLOW_THREADS
    return path_none_or_error(&path, result);
}

/* ---- Times ---- */

/* Seconds and nanoseconds of an int of nanoseconds. */
static int split_nanoseconds(PyObject *obj, struct timespec *ts)
{
    PyObject *billion = PyLong_FromLong(1000000000), *both = billion ? PyNumber_Divmod(obj, billion) : NULL;
    Py_XDECREF(billion);
    if (!both) return -1;
    int result = -1;
    if (!PyTuple_Check(both) || PyTuple_GET_SIZE(both) != 2) {
        PyErr_Format(PyExc_TypeError, "%.200s.__divmod__() must return a 2-tuple, not %.200s", Py_TYPE(obj)->tp_name,
                     Py_TYPE(both)->tp_name);
    } else {
        ts->tv_sec = _PyLong_AsTime_t(PyTuple_GET_ITEM(both, 0));
        if (ts->tv_sec != -1 || !PyErr_Occurred()) {
            ts->tv_nsec = PyLong_AsLong(PyTuple_GET_ITEM(both, 1));
            if (ts->tv_nsec != -1 || !PyErr_Occurred()) result = 0;
        }
    }
    Py_DECREF(both);
    return result;
}

/* The two times asked for; *now tells that it is the present. 0, or -1 with an exception set. */
static int utime_times(PyObject *times, PyObject *ns, struct timespec ts[2], bool *now)
{
    *now = false;
    if (times != Py_None && ns) {
        PyErr_SetString(PyExc_ValueError, "utime: you may specify either 'times' or 'ns' but not both");
        return -1;
    }
    if (times != Py_None) {
        if (!PyTuple_CheckExact(times) || PyTuple_GET_SIZE(times) != 2) {
            PyErr_SetString(PyExc_TypeError, "utime: 'times' must be either a tuple of two ints or None");
            return -1;
        }
        for (int i = 0; i < 2; i++) {
            if (_PyTime_ObjectToTimespec(PyTuple_GET_ITEM(times, i), &ts[i].tv_sec, &ts[i].tv_nsec,
                                         _PyTime_ROUND_FLOOR) < 0) {
                return -1;
            }
        }
        return 0;
    }
    if (!ns) {
        *now = true;
        return 0;
    }
    if (!PyTuple_CheckExact(ns) || PyTuple_GET_SIZE(ns) != 2) {
        PyErr_SetString(PyExc_TypeError, "utime: 'ns' must be a tuple of two ints");
        return -1;
    }
    for (int i = 0; i < 2; i++) {
        if (split_nanoseconds(PyTuple_GET_ITEM(ns, i), &ts[i]) < 0) return -1;
    }
    return 0;
}

DEFINE_KEYWORDS(utime)
{
    Path path = PATH("utime", "path", false, true);
    PyObject *times = Py_None, *ns = NULL;
    int dir_fd = AT_FDCWD, follow = 1, result;
    struct timespec ts[2];
    bool now;
    PARSER("O&|O$OO&p:utime", "path", "times", "ns", "dir_fd", "follow_symlinks");
    PARSE(path_convert, &path, &times, &ns, dir_fd_convert, &dir_fd, &follow);
    if (utime_times(times, ns, ts, &now) < 0 || path_refuses_dir_fd("utime", &path, dir_fd)
        || path_refuses_no_follow("utime", &path, follow)
        || PySys_Audit("os.utime", "OOOi", path.object, times, ns ? ns : Py_None, audit_dir_fd(dir_fd)) < 0) {
        return path_done(&path, NULL);
    }
    Py_BEGIN_ALLOW_THREADS
    if (path.fd != -1) result = futimens(path.fd, now ? NULL : ts);
    else result = utimensat(dir_fd, path.name, now ? NULL : ts, follow ? 0 : AT_SYMLINK_NOFOLLOW);
    Py_END_ALLOW_THREADS
    path_release(&path);
    return none_or_error(result);        /* without the name, as the reference has it */
}

/* ---- Extended attributes ---- */

DEFINE_KEYWORDS(getxattr)
{
    Path path = PATH("getxattr", "path", false, true), attribute = PATH("getxattr", "attribute", false, false);
    int follow = 1;
    PARSER("O&O&|$p:getxattr", "path", "attribute", "follow_symlinks");
    PARSE(path_convert, &path, path_convert, &attribute, &follow);
    PyObject *value = NULL;
    if (path_refuses_no_follow("getxattr", &path, follow)
        || PySys_Audit("os.getxattr", "OO", path.object, attribute.object) < 0) {
        goto done;
    }
    /* Most are small: a second try takes the largest there can be. */
    for (size_t size = 128;; size = XATTR_SIZE_MAX) {
        value = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)size);
        if (!value) break;
        ssize_t n;
        char *into = PyBytes_AS_STRING(value);
        Py_BEGIN_ALLOW_THREADS
        if (path.fd != -1) n = fgetxattr(path.fd, attribute.name, into, size);
        else n = (follow ? getxattr : lgetxattr)(path.name, attribute.name, into, size);
        Py_END_ALLOW_THREADS
        if (n >= 0) {
            if ((size_t)n != size) _PyBytes_Resize(&value, n);
            break;
        }
        Py_CLEAR(value);
        if (errno == ERANGE && size != XATTR_SIZE_MAX) continue;
        path_error(&path);
        break;
    }
done:
    path_release(&attribute);
    return path_done(&path, value);
}

DEFINE_KEYWORDS(setxattr)
{
    Path path = PATH("setxattr", "path", false, true), attribute = PATH("setxattr", "attribute", false, false);
    Py_buffer value;
    int flags = 0, follow = 1, result;
    PyObject *done = NULL;
    PARSER("O&O&y*|i$p:setxattr", "path", "attribute", "value", "flags", "follow_symlinks");
    PARSE(path_convert, &path, path_convert, &attribute, &value, &flags, &follow);
    if (!path_refuses_no_follow("setxattr", &path, follow)
        && PySys_Audit("os.setxattr", "OOy#i", path.object, attribute.object, value.buf, value.len, flags) == 0) {
        Py_BEGIN_ALLOW_THREADS
        if (path.fd != -1) result = fsetxattr(path.fd, attribute.name, value.buf, (size_t)value.len, flags);
        else result = (follow ? setxattr : lsetxattr)(path.name, attribute.name, value.buf, (size_t)value.len, flags);
        Py_END_ALLOW_THREADS
        done = result ? path_error(&path) : Py_NewRef(Py_None);
    }
    PyBuffer_Release(&value);
    path_release(&attribute);
    return path_done(&path, done);
}

DEFINE_KEYWORDS(removexattr)
{
    Path path = PATH("removexattr", "path", false, true), attribute = PATH("removexattr", "attribute", false, false);
    int follow = 1, result;
    PyObject *done = NULL;
    PARSER("O&O&|$p:removexattr", "path", "attribute", "follow_symlinks");
    PARSE(path_convert, &path, path_convert, &attribute, &follow);
    if (!path_refuses_no_follow("removexattr", &path, follow)
        && PySys_Audit("os.removexattr", "OO", path.object, attribute.object) == 0) {
        Py_BEGIN_ALLOW_THREADS
        if (path.fd != -1) result = fremovexattr(path.fd, attribute.name);
        else result = (follow ? removexattr : lremovexattr)(path.name, attribute.name);
        Py_END_ALLOW_THREADS
        done = result ? path_error(&path) : Py_NewRef(Py_None);
    }
    path_release(&attribute);
    return path_done(&path, done);
}

/* A list of str from names that each end with a NUL. */
static PyObject *names_list(const char *names, ssize_t size)
{
    PyObject *list = PyList_New(0);
    for (ssize_t at = 0; list && at < size; at += (ssize_t)strlen(names + at) + 1) {
        PyObject *name = PyUnicode_DecodeFSDefault(names + at);
        if (!name || PyList_Append(list, name) < 0) Py_CLEAR(list);
        Py_XDECREF(name);
    }
    return list;
}

DEFINE_KEYWORDS(listxattr)
{
    Path path = PATH("listxattr", "path", true, true);
    int follow = 1;
    PARSER("|O&$p:listxattr", "path", "follow_symlinks");
    PARSE(path_convert, &path, &follow);
    PyObject *list = NULL;
    char *buffer = NULL;
    if (path_refuses_no_follow("listxattr", &path, follow)
        || PySys_Audit("os.listxattr", "(O)", audit_object(&path)) < 0) {
        goto done;
    }
    const char *name = path.name ? path.name : ".";
    for (size_t size = 256;; size = XATTR_LIST_MAX) {
        char *larger = PyMem_Realloc(buffer, size);
        if (!larger) {
            PyErr_NoMemory();
            break;
        }
        buffer = larger;
        ssize_t n;
        Py_BEGIN_ALLOW_THREADS
        if (path.fd != -1) n = flistxattr(path.fd, buffer, size);
        else n = (follow ? listxattr : llistxattr)(name, buffer, size);
        Py_END_ALLOW_THREADS
        if (n >= 0) {
            list = names_list(buffer, n);
            break;
        }
        if (errno == ERANGE && size != XATTR_LIST_MAX) continue;
        path_error(&path);
        break;
    }
done:
    PyMem_Free(buffer);
    return path_done(&path, list);
}
