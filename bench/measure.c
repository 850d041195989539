/* measure COMMAND [ARGUMENT...]: runs a command and writes "SECONDS PEAK_KB STATUS" to descriptor 3.
 *
 * A program of its own because a process starts with its parent's peak of memory: a Python in its place would hide every figure
 * below its own 12 MB. */
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    struct timespec start, end;
    struct rusage usage;
    int status;
    (void)argc;
    clock_gettime(CLOCK_MONOTONIC, &start);
    pid_t pid = fork();
    if (pid == 0) {
        close(3);
        execv(argv[1], argv + 1);
        _exit(127);
    }
    if (pid < 0 || wait4(pid, &status, 0, &usage) < 0) return 1;
    clock_gettime(CLOCK_MONOTONIC, &end);
    double seconds = (double)(end.tv_sec - start.tv_sec) + 1e-9 * (double)(end.tv_nsec - start.tv_nsec);
    dprintf(3, "%.6f %ld %d\n", seconds, usage.ru_maxrss, status);
    return 0;
}
