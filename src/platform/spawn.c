/* See spawn.h. The C library has no call for this: its clone() lets the child keep the handlers. */
#define _GNU_SOURCE
#include "platform/spawn.h"

#include <linux/sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/syscall.h>

#include "base/config.h"

pid_t spawn_sharing_memory(void (*run)(void *), void *argument)
{
    enum { STACK_SIZE = 64 * 1024 };
    static _Alignas(64) char stack[STACK_SIZE];
    struct clone_args how = {
        .flags = CLONE_VM | CLONE_VFORK | CLONE_CLEAR_SIGHAND, .exit_signal = SIGCHLD,
        .stack = (uintptr_t)stack, .stack_size = STACK_SIZE,
    };
    long result;
    if (KRAIT_ASAN || KRAIT_TSAN) return -1;
    /* Behind the call the child has the parent's registers, but its own stack, to which it must have come without a return. */
    __asm__ volatile(
        "syscall\n\t"
        "test %%rax, %%rax\n\t"
        "jnz 1f\n\t"
        "xor %%ebp, %%ebp\n\t"
        "mov %[argument], %%rdi\n\t"
        "call *%[run]\n\t"
        "ud2\n"
        "1:"
        : "=a"(result)
        : "0"((long)SYS_clone3), "D"(&how), "S"(sizeof how), [run] "r"(run), [argument] "r"(argument)
        : "rcx", "r11", "memory");
    return result > 0 ? (pid_t)result : -1;
}
