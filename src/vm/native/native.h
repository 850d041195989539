/* Hot loops as machine code.
 *
 * A loop of the execution form that turns often is compiled for the kinds of value that its registers hold at that moment: ints and
 * floats live in machine registers then, without tags. Everything else stays the interpreter's: at an instruction that is not
 * understood, a value of another kind, an overflow, an error about to happen or a call of the eval breaker, the machine code puts
 * the frame's registers back and leaves in front of that instruction, which the interpreter then executes. So machine code never
 * raises, calls no Python and runs no destructor.
 *
 * The first instruction of a compiled loop is replaced by NATIVE_<its length>, which enters the machine code if the registers hold
 * what it was compiled for, and else does what stood there.
 */
#ifndef KRAIT_VM_NATIVE_NATIVE_H
#define KRAIT_VM_NATIVE_NATIVE_H

#include "vm/frame.h"

/* What a VM register holds, and the machine code's word for it. */
typedef enum {
    KIND_NONE,          /* anything; machine code leaves it alone */
    KIND_INT,           /* an int: int64_t */
    KIND_FLOAT,         /* a float: double */
    KIND_BOOL,          /* True or False: 1 or 0 */
    KIND_OBJECT,        /* an object of one exact type: borrowed PyObject * */
    KIND_OWNED,         /* any object, in a temporary, with a reference: PyObject * */
    KIND_KNOWN,         /* one known object, which the loop owns: no word */
    KIND_RANGE,         /* an iterator of a range that is no object yet: RANGE_… words */
    KIND_ITEMS,         /* an iterator of a list or tuple that is no object yet: ITEMS_… words */
} Kind;

enum { RANGE_NEXT, RANGE_STEP, RANGE_LEFT, RANGE_TOTAL, ITEMS_SEQUENCE = 0, ITEMS_INDEX, PARTS = 4 };

typedef struct {
    uint16_t reg;
    uint8_t kind;
    uint8_t slot;               /* of the word, or the first of them */
    const void *what;           /* OBJECT: PyTypeObject *, ITEMS: that of the sequence, KNOWN: PyObject * */
} Binding;

/* Where the interpreter goes on, and what it must find. */
typedef struct {
    int word;
    int first, count;           /* bindings */
} NativeExit;

/* A global or builtin that was taken for a constant; or, with entry -1, a name that is known not to be in a namespace. */
typedef struct {
    PyObject *namespace;        /* borrowed: of the loop's globals or builtins */
    uint32_t version;           /* of its keys */
    int32_t entry;
    PyObject *value;            /* owned */
} NativeGlobal;

typedef struct { uint8_t slot; uint64_t word; } NativeConstant;

enum { MAX_NATIVE_REGISTERS = 64 };     /* VM registers that a loop may name */

#define NATIVE_SLOTS 128        /* words of machine code's memory; the first counts the turns of the loop */

typedef struct NativeLoop NativeLoop;
struct NativeLoop {
    NativeLoop *next;           /* of the same execution code */
    int header;                 /* word of the first instruction */
    uint16_t original;          /* its opcode */
    uint8_t attempts;           /* how often the loop has been compiled, this one included */
    /* Runs the loop; the number of the exit that it took. */
    int (*run)(uint64_t *slots);
    void *memory;               /* mapped */
    size_t memory_size;
    PyObject *globals, *builtins;   /* borrowed, compared with the frame's; set if there are `known` */
    uint16_t *written;          /* registers that the loop writes: what they hold must not end by that */
    int written_count;
    NativeGlobal *known;
    int known_count;
    NativeConstant *constants;
    int constant_count;
    NativeExit *exits;
    int exit_count;
    Binding *bindings;          /* the first entry_count: what registers must hold at the header */
    int binding_count, entry_count;
    int refused;                /* entries in a row that did not find what they need */
    uint32_t entries;
    uint64_t turns;
};

/* Called now and then at a jump backwards to `header`: compiles the loop if it has been seen here before. */
void native_sample(Frame *frame, const Word *header);

/* The loop whose first instruction is NATIVE_… at ip. */
NativeLoop *native_find(const ExecCode *exec, const Word *ip);

/* Runs the loop; the instruction to go on with, or NULL if the registers do not hold what it needs. *failed: MemoryError is set, and
 * that instruction is the one that raised. Fallible only in this way. */
const Word *native_run(NativeLoop *loop, Frame *frame, bool *failed);

void native_free(NativeLoop *loops);

/* Compiles the loop from `header` on for what the frame's registers hold now. NULL without an exception if that is not possible or
 * does not pay. (compile.c) */
NativeLoop *native_compile(Frame *frame, int header);

/* The execution code's opcode at a word, were nothing compiled. */
int native_opcode(const ExecCode *exec, const Word *ip);

#endif
