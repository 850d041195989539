#include "platform/random.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/random.h>
#include <unistd.h>

/* The device, for kernels and sandboxes without getrandom() and for a pool that is not ready. */
static int read_device(unsigned char *p, size_t n, int (*interrupted)(void))
{
    int fd = open("/dev/urandom", O_RDONLY | O_CLOEXEC), status = 0;
    if (fd < 0) return -1;
    while (n > 0 && status == 0) {
        ssize_t got = read(fd, p, n);
        if (got > 0) {
            p += got;
            n -= (size_t)got;
        }
        else if (got == 0) {
            errno = EIO;
            status = -1;
        }
        else if (errno != EINTR) status = -1;
        else if (interrupted && interrupted()) status = -2;
    }
    int saved = errno;
    close(fd);
    errno = saved;
    return status;
}

int platform_random(void *buffer, size_t n, bool block, int (*interrupted)(void))
{
    unsigned char *p = buffer;
    while (n > 0) {
        ssize_t got = getrandom(p, n, block ? 0 : GRND_NONBLOCK);
        if (got > 0) {
            p += got;
            n -= (size_t)got;
        }
        else if (errno == EINTR) {
            if (interrupted && interrupted()) return -2;
        }
        else if (errno == ENOSYS || errno == EPERM || (errno == EAGAIN && !block)) {
            return read_device(p, n, interrupted);
        }
        else return -1;
    }
    return 0;
}
