/* The compiler of loops, shared by compile.c (the loop as a whole) and lower.c (instructions). */
#ifndef KRAIT_VM_NATIVE_COMPILER_H
#define KRAIT_VM_NATIVE_COMPILER_H

#include "vm/native/assembler.h"
#include "vm/native/native.h"

enum {
    MAX_NATIVE_WORDS = 4000,        /* of a loop */
};

/* Fixed machine registers; rax, rcx, rdx, xmm0 and xmm1 are scratch. */
#define SLOTS R12

/* What is known of a VM register at a point of the loop. */
typedef struct {
    Kind kind;
    const void *what;               /* as in Binding */
    PyObject *sample;               /* OBJECT: one that was seen here, borrowed: a guess for what is in it; or NULL */
} Fact;

typedef struct { Fact facts[MAX_NATIVE_REGISTERS]; } State;

typedef struct { int place, exit; } ExitJump;       /* a jump to the stub of an exit */
typedef struct { int place, word; } ForwardJump;    /* a jump inside of the loop, forwards */

/* Where the value of one VM register is while it is a number (or pointer): fixed for the whole loop, for ints and floats each. */
typedef struct { Place place; uint8_t slot; bool used; } Home;

typedef struct {
    Frame *frame;
    const ExecCode *exec;
    int first, end;                 /* words of the loop */
    Assembler code;
    NativeLoop *loop;

    int16_t *index_of;              /* VM register to index, or -1 */
    uint16_t registers[MAX_NATIVE_REGISTERS];
    bool is_written[MAX_NATIVE_REGISTERS];      /* by some instruction: the others need not be put back */
    bool *number_locals;            /* exec_find_number_locals() */
    int weights[MAX_NATIVE_REGISTERS];
    int register_count;

    uint8_t parts[MAX_NATIVE_REGISTERS];        /* first slot of an iterator of the loop's own, or 0 */
    Home int_homes[MAX_NATIVE_REGISTERS], float_homes[MAX_NATIVE_REGISTERS];
    int ints_in_registers, floats_in_registers;
    int slots;                      /* in use */

    State now;                      /* before the current instruction, or in it */
    State **states;                 /* per word of the loop: what holds there, for targets of jumps; owned */
    int *code_at;                   /* per word: where its code starts, or -1 */
    bool *is_target;
    bool reachable, closed;         /* closed: some path leads back to the header */

    int word, next;                 /* of the instruction; where the next to be lowered starts */
    const Word *ip;
    int exit_here;                  /* exit in front of it, or -1 */
    ExitJump *exit_jumps;
    int exit_jump_count, exit_jump_capacity;
    ForwardJump *forward_jumps;
    int forward_jump_count, forward_jump_capacity;
    int exit_capacity, binding_capacity, constant_capacity, known_capacity, written_capacity;
    bool failed;                    /* no memory, or too large */
} Compiler;

/* Makes room for one more element of a growing array. False after a failure. */
bool compiler_grow(Compiler *c, void **array, int count, int *capacity, size_t size);
#define GROW(c, array, count, capacity) compiler_grow(c, (void **)&(array), (count), &(capacity), sizeof *(array))

int compiler_index(Compiler *c, int reg);
uint8_t compiler_slot(Compiler *c);
Place compiler_home(Compiler *c, int index, bool is_float);
/* The first of PARTS slots for an iterator. */
int compiler_parts(Compiler *c, int index);
/* The word as a constant in memory. */
Place compiler_constant(Compiler *c, uint64_t word);

/* Before and after a call: the homes in use that it may destroy are saved in their slots, or loaded again. */
void compiler_save(Compiler *c, bool save);

/* Leaves in front of the instruction if the condition holds. */
void compiler_guard(Compiler *c, Condition condition);
/* The same at a jump that was emitted already. */
void compiler_guard_jump(Compiler *c, int place);
/* Goes to a word of the execution form, always or on a condition. */
void compiler_go(Compiler *c, int word);
void compiler_go_if(Compiler *c, Condition condition, int word);

/* Machine code of the instruction at c->ip: false if it has none. */
bool lower_instruction(Compiler *c);     /* lower.c */

#endif
