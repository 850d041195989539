/* The tree of names: listing, making, removing, renaming, linking, and where the process stands in it. */
#include "modules/posix/posix.h"

#include "runtime/fileutils.h"

#include <limits.h>

/* ---- The working directory ---- */

static PyObject *current_directory(bool as_bytes)
{
    char few[1024], *buffer = few, *found;
    size_t size = sizeof few;
    for (;;) {
        Py_BEGIN_ALLOW_THREADS
        found = getcwd(buffer, size);
        Py_END_ALLOW_THREADS
        if (found || errno != ERANGE) break;
        char *larger = PyMem_RawRealloc(buffer == few ? NULL : buffer, size *= 2);
        if (!larger) {
            if (buffer != few) PyMem_RawFree(buffer);
            return PyErr_NoMemory();
        }
        buffer = larger;
    }
    PyObject *result;
    if (!found) result = posix_error();
    else if (as_bytes) result = PyBytes_FromString(buffer);
    else result = PyUnicode_DecodeFSDefault(buffer);
    if (buffer != few) PyMem_RawFree(buffer);
    return result;
}

DEFINE_NONE(getcwd)
{
    return current_directory(false);
}

DEFINE_NONE(getcwdb)
{
    return current_directory(true);
}

DEFINE_KEYWORDS(chdir)
{
    Path path = PATH("chdir", "path", false, true);
    int result;
    PARSER("O&:chdir", "path");
    PARSE(path_convert, &path);
    if (PySys_Audit("os.chdir", "(O)", path.object) < 0) return path_done(&path, NULL);
    Py_BEGIN_ALLOW_THREADS
    result = path.fd != -1 ? fchdir(path.fd) : chdir(path.name);
    Py_END_ALLOW_THREADS
    return path_none_or_error(&path, result);
}

DEFINE_KEYWORDS(fchdir)
{
    int fd, result, interrupted = 0;
    PARSER("O&:fchdir", "fd");
    PARSE(fildes_convert, &fd);
    if (PySys_Audit("os.chdir", "(i)", fd) < 0) return NULL;
    RETRY(result, interrupted, fchdir(fd));
    return interrupted ? NULL : none_or_error(result);
}

DEFINE_KEYWORDS(chroot)
{
    Path path = PATH("chroot", "path", false, false);
    int result;
    PARSER("O&:chroot", "path");
    PARSE(path_convert, &path);
    Py_BEGIN_ALLOW_THREADS
    result = chroot(path.name);
    Py_END_ALLOW_THREADS
    return path_none_or_error(&path, result);
}

/* ---- Listing ---- */

/* Opens what the path names ("." for nothing). A descriptor is duplicated: the directory stream closes its own. NULL with
 * errno or an exception set. */
DIR *posix_open_directory(const Path *path)
{
    DIR *dir;
    if (path->fd == -1) {
        Py_BEGIN_ALLOW_THREADS
        dir = opendir(path->name ? path->name : ".");
        Py_END_ALLOW_THREADS
        return dir;
    }
    int fd = _Py_dup(path->fd);
    if (fd == -1) return NULL;
    Py_BEGIN_ALLOW_THREADS
    dir = fdopendir(fd);
    Py_END_ALLOW_THREADS
    if (!dir) {
        int error = errno;
        close(fd);
        errno = error;
    }
    return dir;
}

static bool is_dots(const char *name)
{
    return name[0] == '.' && (!name[1] || (name[1] == '.' && !name[2]));
}

/* Reads names of entries into `text`, each with its zero, while one more surely fits: so the GIL is released once for many. The end
 * of what was read; *more is false at the end of the directory, or with errno set. */
static char *read_names(DIR *dir, char *text, size_t room, bool *more)
{
    char *end = text;
    Py_BEGIN_ALLOW_THREADS
    struct dirent *entry = NULL;
    while ((size_t)(text + room - end) >= sizeof entry->d_name) {
        errno = 0;
        entry = readdir(dir);
        if (!entry) break;
        if (!is_dots(entry->d_name)) end = stpcpy(end, entry->d_name) + 1;
    }
    *more = entry != NULL;
    Py_END_ALLOW_THREADS
    return end;
}

static int append_names(PyObject *list, const char *text, const char *end, bool as_bytes)
{
    for (size_t n; text < end; text += n + 1) {
        n = strlen(text);
        PyObject *name = as_bytes ? PyBytes_FromStringAndSize(text, (Py_ssize_t)n) : PyUnicode_DecodeFSDefaultAndSize(text, (Py_ssize_t)n);
        int status = name ? PyList_Append(list, name) : -1;
        Py_XDECREF(name);
        if (status < 0) return -1;
    }
    return 0;
}

static PyObject *list_directory(const Path *path)
{
    bool as_bytes = path->name && !PyUnicode_Check(path->object), more = true;
    DIR *dir = posix_open_directory(path);
    if (!dir) return PyErr_Occurred() ? NULL : path_error(path);
    PyObject *list = PyList_New(0);
    while (list && more) {
        char text[8192], *end = read_names(dir, text, sizeof text, &more);
        int error = more ? 0 : errno;
        if (error) {
            errno = error;
            path_error(path);
        }
        if (error || append_names(list, text, end, as_bytes) < 0) Py_CLEAR(list);
    }
    Py_BEGIN_ALLOW_THREADS
    if (path->fd != -1) rewinddir(dir);
    closedir(dir);
    Py_END_ALLOW_THREADS
    return list;
}

DEFINE_KEYWORDS(listdir)
{
    Path path = PATH("listdir", "path", true, true);
    PARSER("|O&:listdir", "path");
    PARSE(path_convert, &path);
    if (PySys_Audit("os.listdir", "O", audit_object(&path)) < 0) return path_done(&path, NULL);
    return path_done(&path, list_directory(&path));
}

/* ---- Making and removing ---- */

DEFINE_KEYWORDS(mkdir)
{
    Path path = PATH("mkdir", "path", false, false);
    int mode = 0777, dir_fd = AT_FDCWD, result;
    PARSER("O&|i$O&:mkdir", "path", "mode", "dir_fd");
    PARSE(path_convert, &path, &mode, dir_fd_convert, &dir_fd);
    if (PySys_Audit("os.mkdir", "Oii", path.object, mode, audit_dir_fd(dir_fd)) < 0) return path_done(&path, NULL);
    Py_BEGIN_ALLOW_THREADS
    result = mkdirat(dir_fd, path.name, (mode_t)mode);
    Py_END_ALLOW_THREADS
    return path_none_or_error(&path, result);
}

static PyObject *remove_name(Path *path, const char *event, int dir_fd, int flags)
{
    int result;
    if (PySys_Audit(event, "Oi", path->object, audit_dir_fd(dir_fd)) < 0) return path_done(path, NULL);
    Py_BEGIN_ALLOW_THREADS
    result = unlinkat(dir_fd, path->name, flags);
    Py_END_ALLOW_THREADS
    return path_none_or_error(path, result);
}

DEFINE_KEYWORDS(rmdir)
{
    Path path = PATH("rmdir", "path", false, false);
    int dir_fd = AT_FDCWD;
    PARSER("O&|$O&:rmdir", "path", "dir_fd");
    PARSE(path_convert, &path, dir_fd_convert, &dir_fd);
    return remove_name(&path, "os.rmdir", dir_fd, AT_REMOVEDIR);
}

DEFINE_KEYWORDS(unlink)
{
    Path path = PATH("unlink", "path", false, false);
    int dir_fd = AT_FDCWD;
    PARSER("O&|$O&:unlink", "path", "dir_fd");
    PARSE(path_convert, &path, dir_fd_convert, &dir_fd);
    return remove_name(&path, "os.remove", dir_fd, 0);
}

DEFINE_KEYWORDS(remove)
{
    Path path = PATH("remove", "path", false, false);
    int dir_fd = AT_FDCWD;
    PARSER("O&|$O&:remove", "path", "dir_fd");
    PARSE(path_convert, &path, dir_fd_convert, &dir_fd);
    return remove_name(&path, "os.remove", dir_fd, 0);
}

DEFINE_KEYWORDS(mkfifo)
{
    Path path = PATH("mkfifo", "path", false, false);
    int mode = 0666, dir_fd = AT_FDCWD, result, interrupted = 0;
    PARSER("O&|i$O&:mkfifo", "path", "mode", "dir_fd");
    PARSE(path_convert, &path, &mode, dir_fd_convert, &dir_fd);
    RETRY(result, interrupted, mkfifoat(dir_fd, path.name, (mode_t)mode));
    return interrupted ? path_done(&path, NULL) : path_none_or_error(&path, result);
}

static int device_convert(PyObject *obj, void *device)
{
    unsigned long value;
    if (!PyLong_Check(obj)) {
        PyErr_SetString(PyExc_TypeError, "an integer is required");
        return 0;
    }
    value = PyLong_AsUnsignedLong(obj);
    if (value == (unsigned long)-1 && PyErr_Occurred()) return 0;
    *(dev_t *)device = value;
    return 1;
}

DEFINE_KEYWORDS(mknod)
{
    Path path = PATH("mknod", "path", false, false);
    int mode = 0600, dir_fd = AT_FDCWD, result, interrupted = 0;
    dev_t device = 0;
    PARSER("O&|iO&$O&:mknod", "path", "mode", "device", "dir_fd");
    PARSE(path_convert, &path, &mode, device_convert, &device, dir_fd_convert, &dir_fd);
    RETRY(result, interrupted, mknodat(dir_fd, path.name, (mode_t)mode, device));
    return interrupted ? path_done(&path, NULL) : path_none_or_error(&path, result);
}

DEFINE_ONE(umask)
{
    int mask = _PyLong_AsInt(arg);
    if (mask == -1 && PyErr_Occurred()) return NULL;
    return PyLong_FromLong((long)umask((mode_t)mask));
}

/* ---- Renaming and linking ---- */

static PyObject *rename_name(Path *src, Path *dst, int src_fd, int dst_fd)
{
    int result;
    PyObject *value = NULL;
    if (PySys_Audit("os.rename", "OOii", src->object, dst->object, audit_dir_fd(src_fd), audit_dir_fd(dst_fd)) == 0) {
        Py_BEGIN_ALLOW_THREADS
        result = renameat(src_fd, src->name, dst_fd, dst->name);
        Py_END_ALLOW_THREADS
        value = result != 0 ? path_error2(src, dst) : Py_NewRef(Py_None);
    }
    path_release(dst);
    return path_done(src, value);
}

DEFINE_KEYWORDS(rename)
{
    Path src = PATH("rename", "src", false, false), dst = PATH("rename", "dst", false, false);
    int src_fd = AT_FDCWD, dst_fd = AT_FDCWD;
    PARSER("O&O&|$O&O&:rename", "src", "dst", "src_dir_fd", "dst_dir_fd");
    PARSE(path_convert, &src, path_convert, &dst, dir_fd_convert, &src_fd, dir_fd_convert, &dst_fd);
    return rename_name(&src, &dst, src_fd, dst_fd);
}

DEFINE_KEYWORDS(replace)
{
    Path src = PATH("replace", "src", false, false), dst = PATH("replace", "dst", false, false);
    int src_fd = AT_FDCWD, dst_fd = AT_FDCWD;
    PARSER("O&O&|$O&O&:replace", "src", "dst", "src_dir_fd", "dst_dir_fd");
    PARSE(path_convert, &src, path_convert, &dst, dir_fd_convert, &src_fd, dir_fd_convert, &dst_fd);
    return rename_name(&src, &dst, src_fd, dst_fd);
}

DEFINE_KEYWORDS(link)
{
    Path src = PATH("link", "src", false, false), dst = PATH("link", "dst", false, false);
    int src_fd = AT_FDCWD, dst_fd = AT_FDCWD, follow = 1, result;
    PARSER("O&O&|$O&O&p:link", "src", "dst", "src_dir_fd", "dst_dir_fd", "follow_symlinks");
    PARSE(path_convert, &src, path_convert, &dst, dir_fd_convert, &src_fd, dir_fd_convert, &dst_fd, &follow);
    PyObject *value = NULL;
    if (PySys_Audit("os.link", "OOii", src.object, dst.object, audit_dir_fd(src_fd), audit_dir_fd(dst_fd)) == 0) {
        /* link() does not follow a link on Linux, linkat() does when told so: only say it where something differs
         * from the plain call, as the reference does. */
        bool plain = src_fd == AT_FDCWD && dst_fd == AT_FDCWD && follow;
        Py_BEGIN_ALLOW_THREADS
        result = plain ? link(src.name, dst.name)
                       : linkat(src_fd, src.name, dst_fd, dst.name, follow ? AT_SYMLINK_FOLLOW : 0);
        Py_END_ALLOW_THREADS
        value = result != 0 ? path_error2(&src, &dst) : Py_NewRef(Py_None);
    }
    path_release(&dst);
    return path_done(&src, value);
}

DEFINE_KEYWORDS(symlink)
{
    Path src = PATH("symlink", "src", false, false), dst = PATH("symlink", "dst", false, false);
    int is_directory = 0, dir_fd = AT_FDCWD, result;
    PARSER("O&O&|p$O&:symlink", "src", "dst", "target_is_directory", "dir_fd");
    PARSE(path_convert, &src, path_convert, &dst, &is_directory, dir_fd_convert, &dir_fd);
    PyObject *value = NULL;
    if (PySys_Audit("os.symlink", "OOi", src.object, dst.object, audit_dir_fd(dir_fd)) == 0) {
        Py_BEGIN_ALLOW_THREADS
        result = symlinkat(src.name, dir_fd, dst.name);
        Py_END_ALLOW_THREADS
        value = result != 0 ? path_error2(&src, &dst) : Py_NewRef(Py_None);
    }
    path_release(&dst);
    return path_done(&src, value);
}

DEFINE_KEYWORDS(readlink)
{
    Path path = PATH("readlink", "path", false, false);
    int dir_fd = AT_FDCWD;
    char buffer[PATH_MAX + 1];
    ssize_t length;
    PARSER("O&|$O&:readlink", "path", "dir_fd");
    PARSE(path_convert, &path, dir_fd_convert, &dir_fd);
    Py_BEGIN_ALLOW_THREADS
    length = readlinkat(dir_fd, path.name, buffer, PATH_MAX);
    Py_END_ALLOW_THREADS
    PyObject *value;
    if (length < 0) value = path_error(&path);
    else if (PyUnicode_Check(path.object)) value = PyUnicode_DecodeFSDefaultAndSize(buffer, length);
    else value = PyBytes_FromStringAndSize(buffer, length);
    return path_done(&path, value);
}

/* ---- Text of names ---- */

DEFINE_KEYWORDS(_path_normpath)
{
    PyObject *path;
    PARSER("O:_path_normpath", "path");
    PARSE(&path);
    if (!PyUnicode_Check(path)) {
        PyErr_Format(PyExc_TypeError, "expected 'str', not '%.200s'", Py_TYPE(path)->tp_name);
        return NULL;
    }
    Py_ssize_t size;
    wchar_t *text = PyUnicode_AsWideCharString(path, &size);
    if (!text) return NULL;
    bool dot = size == 1 && *text == L'.';
    PyObject *result = PyUnicode_FromWideChar(text, dot ? 1 : path_normalize(text, size));
    PyMem_Free(text);
    return result;
}
