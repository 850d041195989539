/* Frames: the activation record of a code object.
 *
 *      Frame header            what runs, where it stands, whose it is
 *      registers[0 ..)         | locals | cells and free variables | temporaries |
 *                              0        co_nlocals                 co_nlocalsplus          exec->register_count
 *
 * A frame of a plain call lies on its thread's data stack (chunks that never move); a generator's frame lies in the
 * generator object; when a finished frame is still wanted by its PyFrameObject, the registers move into that object.
 *
 * Invariants
 *  - A register holds a Value; a temporary that was consumed never keeps an owned word, so "release every register" is
 *    right at any instruction boundary.
 *  - A parameter may be on loan: a borrowed word for what a register of the caller's owns. While the callee is there, the caller's
 *    registers do not change; where one is changed from outside, frame_settle_loans() comes first. What outlives its place
 *    on the stack (a generator's frame, a frame object's) owns what it holds.
 *  - `ip` is up to date whenever code outside the loop may look: before any call that can run Python or raise.
 *    It points at the instruction being executed; exec_unit_at() turns it into the offset in the interchange form.
 *  - `previous` is meaningful while the frame runs (state FRAME_RUNNING).
 *  - Every frame has a function (PyEval_EvalCode makes one), which keeps globals and builtins alive.
 */
#ifndef KRAIT_VM_FRAME_H
#define KRAIT_VM_FRAME_H

#include "memory/tracemalloc.h"
#include "vm/data_stack.h"
#include "vm/exec.h"
#include "vm/value.h"

typedef struct _PyInterpreterFrame Frame;   /* the ABI's name for what it does not show */

typedef enum {
    FRAME_ON_STACK,         /* on the thread's data stack */
    FRAME_IN_GENERATOR,     /* inside a generator, coroutine or asynchronous generator */
    FRAME_IN_OBJECT,        /* finished or detached, inside its PyFrameObject */
} FrameOwner;

/* What the end of a frame does with its result. RETURN itself sees to the plain end of those up to RETURN_FROM_COMPARISON. */
typedef enum {
    RETURN_TO_REGISTER,     /* to register return_register of the frame before */
    RETURN_FROM_INIT,       /* an __init__ called for a new object: the result must be None, the object is kept in `created` */
    RETURN_FROM_GETTER,     /* a property's getter: to register return_register; the object is kept in `created`, for errors */
    RETURN_TO_C,            /* leaves vm_run: the frame that C code entered */
    RETURN_FROM_SPECIAL,    /* a special method called by an operator's instruction: special_done (instructions/special.h) */
    RETURN_FROM_COMPARISON, /* the same; counted twice, as a comparison is recursion of its own */
    RETURN_TO_FOR,          /* a generator resumed by FOR_ITER: its end jumps */
    RETURN_TO_SEND,         /* a generator resumed by SEND: its end jumps and gives the value */
    RETURN_TO_NEXT,         /* __next__ called by FOR_ITER: to register return_register, or the jump of the end */
} FrameReturn;

/* Before the first instruction that a user sees (RESUME), running, suspended in a yield, ended. */
typedef enum {
    FRAME_CREATED = -2,
    FRAME_SUSPENDED = -1,
    FRAME_EXECUTING = 0,
    FRAME_COMPLETED = 1,
    FRAME_CLEARED = 4,
} FrameState;

struct _PyInterpreterFrame {
    Frame *previous;            /* borrowed: the caller's frame */
    const Word *ip;             /* the instruction being executed; see above */
    ExecCode *exec;             /* borrowed from code: the form that is running */
    PyCodeObject *code;         /* owned */
    PyFunctionObject *func;     /* owned */
    PyObject *locals;           /* owned: the namespace of module and class code, or the snapshot that locals() gave; or NULL */
    PyFrameObject *object;      /* owned: the frame object, once somebody looked; or NULL */
    PyObject *created;          /* owned: RETURN_FROM_INIT's or RETURN_FROM_GETTER's object; with another `returns` not set */
    union {
        struct {
            uint16_t return_register;   /* of the frame before; RETURN_FROM_SPECIAL: whether the in-place method was called */
            uint16_t return_words;      /* length of the calling instruction */
            uint8_t returns;            /* FrameReturn */
            uint8_t owner;              /* FrameOwner */
            bool traced;                /* a plain frame under tracing: events are due */
            bool yielding;              /* the event of a yield is being told */
        };
        uint64_t linkage;               /* all of these, for a store at once: frame_linkage() */
    };
    union {
        struct {
            bool jumped;                /* suspended, and a debugger moved ip to the instruction to go on with: what is sent is dropped */
            uint16_t register_count;    /* of the registers below, all initialised */
            int32_t traced_unit;        /* last code unit that a line event was considered for; -1 at the start */
        };
        uint64_t extent;                /* the same: frame_extent() */
    };
    Value registers[];
};

#define FRAME_RETURN_MASK 0xffffffffffu     /* return_register, return_words and returns */

#define FRAME_OWNER_SHIFT 40                /* the place of `owner` */
#define FRAME_TRACED ((uint64_t)1 << 48)    /* `traced` */

/* A frame's linkage: how it returns, on the data stack and not traced. */
static inline uint64_t frame_linkage(FrameReturn returns, unsigned return_register, unsigned return_words)
{
    return return_register | (uint64_t)return_words << 16 | (uint64_t)returns << 32;
}

/* Says how a frame returns from now on. RETURN reads the linkage in one piece, so it is written in
 * one: a load waits for all stores to parts of its word to reach the cache, where it would take a
 * single one over at once. */
static inline void frame_return_to(Frame *frame, FrameReturn returns, unsigned reg, unsigned words)
{
    frame->linkage = (frame->linkage & ~FRAME_RETURN_MASK) | frame_linkage(returns, reg, words);
}

/* A new frame's extent. */
static inline uint64_t frame_extent(int register_count) { return (uint64_t)(uint32_t)register_count << 16 | 0xffffffff00000000; }

#define FRAME_DISTANCE(field, start) \
    (offsetof(struct _PyInterpreterFrame, field) - offsetof(struct _PyInterpreterFrame, start))
static_assert(FRAME_DISTANCE(returns, linkage) == 4
                  && FRAME_DISTANCE(owner, linkage) == FRAME_OWNER_SHIFT / 8
                  && FRAME_DISTANCE(traced, linkage) == 6
                  && FRAME_DISTANCE(register_count, extent) == 2,
              "frame_linkage(), FRAME_... and frame_extent() know where these lie");
#undef FRAME_DISTANCE

/* ---- Making and ending frames (frame.c) ----------------------------------------------------------------------- */

/* A frame on tstate's data stack for func, registers empty, exec translated. Owns new references. NULL with MemoryError
 * or a translation error set. */
Frame *frame_push(PyThreadState *tstate, PyFunctionObject *func, PyObject *locals);

/* The namespaces that the frame's code sees, dicts (builtins: as a rule). Borrowed. */
static inline PyObject *frame_globals(const Frame *frame) { return frame->func->func_globals; }
static inline PyObject *frame_builtins(const Frame *frame) { return frame->func->func_builtins; }

/* Fills in a new frame's header. Takes over the reference to func, a new one to its code, and one to locals, which may be NULL.
 * The registers are the caller's to fill, all of them; `created` where `linkage` says that it is used. */
ALWAYS_INLINE void frame_init_header(Frame *frame, PyFunctionObject *func, ExecCode *exec, PyObject *locals, uint64_t linkage)
{
    PyCodeObject *code = (PyCodeObject *)func->func_code;
    Py_INCREF(code);
    frame->ip = exec->words - 1;
    frame->exec = exec;
    frame->code = code;
    frame->func = func;
    frame->locals = Py_XNewRef(locals);
    frame->object = NULL;
    frame->linkage = linkage;
    frame->extent = frame_extent(exec->register_count);
}

typedef Value ValuePair __attribute__((vector_size(16), aligned(8), may_alias));

/* Empties the registers from `first` on, and perhaps one more. They are few: a call of memset, which volatile keeps the compiler
 * from, takes longer. */
ALWAYS_INLINE void frame_empty_registers(Frame *frame, int first)
{
    Value *end = frame->registers + frame->register_count;
    for (Value *v = frame->registers + first; v < end; v += 2) *(volatile ValuePair *)v = (ValuePair){VALUE_EMPTY, VALUE_EMPTY};
}

/* Fills in a new frame with a reference to func of its own and its registers emptied. */
static inline void frame_init(Frame *frame, PyFunctionObject *func, ExecCode *exec, PyObject *locals)
{
    frame_init_header(frame, (PyFunctionObject *)Py_NewRef(func), exec, locals, frame_linkage(RETURN_TO_C, 0, 0));
    frame_empty_registers(frame, 0);
}

/* The object that the frame's __init__ or getter is called for. Borrowed, or NULL. */
static inline PyObject *frame_created(const Frame *frame)
{
    return frame->returns == RETURN_FROM_INIT || frame->returns == RETURN_FROM_GETTER ? frame->created : NULL;
}

/* Releases the first `count` registers. */
static inline void frame_clear_registers(Frame *frame, int count)
{
    for (int i = 0; i < count; i++) {
        Value v = frame->registers[i];
        if (!value_is_owned(v)) continue;
        frame->registers[i] = VALUE_EMPTY;
        Py_DECREF(value_object(v));
    }
}

/* Ends a frame: hands registers over to its frame object if that is still wanted, releases everything, and gives the
 * data stack back. The current frame must already be another one. */
void frame_pop(PyThreadState *tstate, Frame *frame);

/* The same for a frame that is not a generator's, quicker where nobody looked at it. */
ALWAYS_INLINE void frame_end(PyThreadState *tstate, Frame *frame)
{
    if (frame->object || frame->locals || !frame->func) {
        frame_pop(tstate, frame);
        return;
    }
    frame_clear_registers(frame, frame->register_count);
    Py_DECREF(frame->func);
    Py_DECREF(frame->code);
    data_stack_pop(tstate, frame);
}

/* Releases all that the frame owns, but not its memory. Used for generator frames too. */
void frame_clear(Frame *frame);

/* tp_traverse of what the frame owns. */
int frame_traverse(Frame *frame, visitproc visit, void *arg);

/* Gives the registers references of their own for what they hold on loan from the code or the caller, which the frame may outlive. */
void frame_own_registers(Frame *frame);

/* Makes the frames that run above this one own what they hold on loan. Gives the one that it called, or NULL. */
Frame *frame_settle_loans(Frame *frame);

/* How many locals of the thread's frames hold the object without a reference of their own. */
Py_ssize_t frame_count_loans(PyThreadState *tstate, PyObject *o);

/* Bytes that a frame with this many registers takes: one more than these, for frame_empty_registers(). */
static inline size_t frame_size(int register_count)
{
    return sizeof(Frame) + ((size_t)register_count + 1) * sizeof(Value);
}

/* Registers that the frame may come to have: more when it goes on in the plain form. */
static inline int frame_capacity(const Frame *frame)
{
    int capacity = frame->exec->register_capacity;
    return capacity > frame->register_count ? capacity : frame->register_count;
}

/* Offset in code units of the instruction that the frame stands at, -1 before the first. */
int frame_unit(const Frame *frame);

/* Line number where the frame stands, -1 if that place has none. */
int frame_line(const Frame *frame);

/* The frame's object, made on first demand. Borrowed; NULL with MemoryError set. */
PyFrameObject *frame_object_borrow(Frame *frame);

/* True before RESUME has run: such frames are not shown by tracebacks or sys._getframe. */
bool frame_is_incomplete(const Frame *frame);

/* The generator that holds this frame. Borrowed. */
PyGenObject *frame_generator(const Frame *frame);

/* The innermost complete frame of the thread, or NULL. */
Frame *frame_current(PyThreadState *tstate);

/* The frame to show before this one, or NULL. */
Frame *frame_back(const Frame *frame);

/* For a thread that will not run any more and whose data stack is about to be freed: what others can reach of its frames, which are
 * those that have an object and those of generators, stays good. What the others own is lost, since nobody ends them. */
void frame_orphan_all(PyThreadState *tstate);

/* locals() of the frame: for optimised code a snapshot dict refreshed from registers, else the namespace.
 * Borrowed from the frame; NULL with an exception set. */
PyObject *frame_locals_borrow(Frame *frame);

/* Brings the snapshot dict up to date, and back. -1 with an exception set. */
int frame_fast_to_locals(Frame *frame);
void frame_locals_to_fast(Frame *frame, int clear);

/* tracemalloc_runtime.walk: the running thread's frames. */
size_t frame_walk_for_tracemalloc(TraceFrame *frames, size_t limit);

/* ---- PyFrameObject (frame_object.c) --------------------------------------------------------------------------- */

/* A new frame object that looks at a live frame. Owned; NULL with MemoryError set. */
PyFrameObject *frame_object_new(Frame *frame);

/* Keeps an object, which the function takes over, until the frame has ended. */
void frame_object_keep_steal(PyFrameObject *object, PyObject *o);

/* Moves the ended frame into its own object. The frame's memory is then free. */
void frame_object_adopt(PyFrameObject *object, Frame *frame);

#endif
