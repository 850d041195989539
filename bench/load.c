/* load PORT CONNECTIONS MESSAGES PAUSE_US: sends messages of 64 bytes to an echo server on this machine over so many connections, the next
 * one on each when the answer to the last one is whole and PAUSE_US have passed. Prints "SECONDS P50_US P99_US".
 *
 * In C, so that what is measured is the server. */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { SIZE = 64, MOST = 256 };

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void fail(const char *what)
{
    perror(what);
    exit(1);
}

static int connected(int port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int one = 1, fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) < 0) fail("connect");
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    return fd;
}

int main(int argc, char **argv)
{
    if (argc != 5) return 2;
    int connections = atoi(argv[2]), messages = atoi(argv[3]), sent = 0, done = 0;
    double pause = atof(argv[4]) * 1e-6, since[MOST], *taken = calloc((size_t)messages, sizeof *taken);
    int got[MOST] = {0};
    char text[SIZE], answer[SIZE];
    struct pollfd fds[MOST];
    if (!taken || connections > MOST || connections > messages) return 2;
    memset(text, 'x', SIZE);
    for (int i = 0; i < connections; i++) fds[i] = (struct pollfd){connected(atoi(argv[1])), POLLIN, 0};
    double start = now();
    for (int i = 0; i < connections; i++, sent++) {
        since[i] = now();
        if (write(fds[i].fd, text, SIZE) != SIZE) fail("write");
    }
    while (done < messages) {
        if (poll(fds, (nfds_t)connections, 30000) <= 0) fail("poll");
        for (int i = 0; i < connections; i++) {
            if (!fds[i].revents) continue;
            ssize_t n = read(fds[i].fd, answer, (size_t)(SIZE - got[i]));
            if (n <= 0) fail("read");
            if ((got[i] += (int)n) < SIZE) continue;
            got[i] = 0;
            taken[done++] = now() - since[i];
            if (sent == messages) continue;
            sent++;
            if (pause > 0) usleep((useconds_t)(pause * 1e6));
            since[i] = now();
            if (write(fds[i].fd, text, SIZE) != SIZE) fail("write");
        }
    }
    double seconds = now() - start;
    qsort(taken, (size_t)messages, sizeof *taken, compare);
    printf("%.6f %.1f %.1f\n", seconds, taken[messages / 2] * 1e6, taken[messages - 1 - messages / 100] * 1e6);
    return 0;
}
