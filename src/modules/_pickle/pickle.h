/* _pickle: what the files of the module share. The format is described by the library's
 * pickletools.py.
 *
 *   module.c                what both directions share, dump(), dumps(), load(), loads()
 *   pickler.c, unpickler.c  the classes
 *   output.c, input.c       buffer and frames; reading from bytes or from a file
 *   memo.c, stack.c         what a Pickler has seen; an Unpickler's values, marks and memo
 *   save*.c, load*.c        the opcodes: atoms, containers, objects
 *
 * Functions that can fail return -1 or NULL with an exception set.
 */
#ifndef KRAIT_MODULES_PICKLE_H
#define KRAIT_MODULES_PICKLE_H

#include <Python.h>
#include <stdbool.h>
#include <stdint.h>

#include "objects/names.h"

enum { PROTOCOL_HIGHEST = 5, PROTOCOL_DEFAULT = 4 };

/* How many items one APPENDS, SETITEMS or ADDITEMS adds. */
enum { BATCH_SIZE = 1000 };

/* clang-format off */
enum Opcode {
    OP_MARK = '(', OP_STOP = '.', OP_POP = '0', OP_POP_MARK = '1', OP_DUP = '2', OP_FLOAT = 'F',
    OP_INT = 'I', OP_BININT = 'J', OP_BININT1 = 'K', OP_BININT2 = 'M', OP_LONG = 'L',
    OP_NONE = 'N', OP_PERSID = 'P', OP_BINPERSID = 'Q', OP_REDUCE = 'R', OP_STRING = 'S',
    OP_BINSTRING = 'T', OP_SHORT_BINSTRING = 'U', OP_UNICODE = 'V', OP_BINUNICODE = 'X',
    OP_APPEND = 'a', OP_BUILD = 'b', OP_GLOBAL = 'c', OP_DICT = 'd', OP_EMPTY_DICT = '}',
    OP_APPENDS = 'e', OP_GET = 'g', OP_BINGET = 'h', OP_INST = 'i', OP_LONG_BINGET = 'j',
    OP_LIST = 'l', OP_EMPTY_LIST = ']', OP_OBJ = 'o', OP_PUT = 'p', OP_BINPUT = 'q',
    OP_LONG_BINPUT = 'r', OP_SETITEM = 's', OP_TUPLE = 't', OP_EMPTY_TUPLE = ')',
    OP_SETITEMS = 'u', OP_BINFLOAT = 'G',
    /* protocol 2 */
    OP_PROTO = 0x80, OP_NEWOBJ, OP_EXT1, OP_EXT2, OP_EXT4, OP_TUPLE1, OP_TUPLE2, OP_TUPLE3,
    OP_NEWTRUE, OP_NEWFALSE, OP_LONG1, OP_LONG4,
    /* protocol 3 */
    OP_BINBYTES = 'B', OP_SHORT_BINBYTES = 'C',
    /* protocol 4 */
    OP_SHORT_BINUNICODE = 0x8c, OP_BINUNICODE8, OP_BINBYTES8, OP_EMPTY_SET, OP_ADDITEMS,
    OP_FROZENSET, OP_NEWOBJ_EX, OP_STACK_GLOBAL, OP_MEMOIZE, OP_FRAME,
    /* protocol 5 */
    OP_BYTEARRAY8 = 0x96, OP_NEXT_BUFFER, OP_READONLY_BUFFER,
};
/* clang-format on */

/* What the module needs of others, filled when it is imported; all owned. */
struct PickleRuntime {
    PyObject *error, *pickling_error, *unpickling_error;
    /* of copyreg: dicts */
    PyObject *dispatch_table, *extension_registry, *inverted_registry, *extension_cache;
    /* of _compat_pickle: dicts from names of Python 2 to names of Python 3, and back */
    PyObject *name_2to3, *import_2to3, *name_3to2, *import_3to2;
    PyObject *codecs_encode, *getattr, *partial;
};
extern struct PickleRuntime pickle_runtime;

extern PyTypeObject pickler_type, unpickler_type, pickler_memo_type, unpickler_memo_type;

/* ---- Shared by both directions ---- */

/* Raise PicklingError and UnpicklingError, formatted as by PyErr_Format(). -1. */
__attribute__((cold)) int pickling_error(const char *format, ...);
__attribute__((cold)) int unpickling_error(const char *format, ...);

/* A method that a subclass or an attribute may provide (persistent_id, persistent_load). Bound
 * methods of the object itself are kept as function and borrowed self, so that they make no cycle.
 */
typedef struct {
    PyObject *function; /* owned, or NULL: there is none */
    PyObject *self;     /* borrowed, or NULL: function is called with the argument alone */
} Hook;

/* Takes the attribute `name` of owner, if it has one. */
int hook_find(Hook *hook, PyObject *owner, PyObject *name);
void hook_set(Hook *hook, PyObject *callable);
PyObject *hook_get(const Hook *hook, const char *name);
PyObject *hook_call(const Hook *hook, PyObject *arg);

/* Imports as builtins.__import__ does; quick for what is imported already. New reference. */
PyObject *pickle_import(PyObject *name);

/* Is a part of a dotted name "<locals>", which nothing outside can reach? */
bool pickle_is_local(PyObject *name);

/* The attribute that a dotted name leads to; *parent (unless NULL) gets the object it was found in.
 * New references. AttributeError if there is none, or if a part is "<locals>". */
PyObject *pickle_get_dotted(PyObject *object, PyObject *name, PyObject **parent);

/* ---- The memo of a Pickler: a hash table by identity ---- */

typedef struct {
    PyObject *object; /* owned, or NULL: free */
    Py_ssize_t index;
} MemoEntry;

typedef struct {
    MemoEntry *entries;
    size_t mask; /* entries minus 1; a power of two */
    size_t used : 63;
    size_t lent : 1; /* are the entries somebody else's memory? */
} Memo;

int memo_init(Memo *memo);
void memo_free(Memo *memo);
void memo_clear(Memo *memo);
int memo_copy(Memo *to, const Memo *from);
int memo_add(Memo *memo, PyObject *object, Py_ssize_t index);
/* Pickler.memo */
PyObject *pickler_get_memo(PyObject *self, void *context);
int pickler_set_memo(PyObject *self, PyObject *value, void *context);

static inline MemoEntry *memo_slot(const Memo *memo, const PyObject *object)
{
    size_t hash = (uintptr_t)object >> 4, perturb = hash, i = hash & memo->mask;
    while (memo->entries[i].object && memo->entries[i].object != object) {
        perturb >>= 5;
        hash = hash * 5 + perturb + 1;
        i = hash & memo->mask;
    }
    return &memo->entries[i];
}

/* The index under which an object was put, or -1. */
static inline Py_ssize_t memo_find(const Memo *memo, const PyObject *object)
{
    const MemoEntry *entry = memo_slot(memo, object);
    return entry->object ? entry->index : -1;
}

/* ---- Pickler ---- */

/* The sizes of the reference's objects, which sys.getsizeof() shows. */
enum { PICKLER_SIZE = 152, UNPICKLER_SIZE = 272 };

typedef struct {
    PyObject_HEAD Memo memo;
    /* Output: in `buffer`, or in memory that dumps() lends. */
    char *data;
    Py_ssize_t length, capacity;
    Py_ssize_t frame_start; /* where the open frame's header is, or -1 */
    PyObject *buffer;       /* owned bytes whose memory `data` is, or NULL */
    PyObject *write;        /* owned: the file's write(), or NULL: all stays in the buffer */
    Hook persistent_id;
    PyObject *dispatch_table;   /* owned: the pickler's own, or NULL */
    PyObject *reducer_override; /* owned, only while dump() runs, or NULL */
    PyObject *buffer_callback;  /* owned or NULL */
    int bin;                    /* is proto above 0? Python code may set it */
    int fast;                   /* without memo; set by Python code */
    int8_t proto;
    bool framing, fix_imports;
    int fast_depth;      /* of containers in fast mode */
    PyObject *fast_seen; /* owned dict of containers deep in fast mode, or NULL */
} Pickler;
static_assert(sizeof(Pickler) <= PICKLER_SIZE, "room for ours");

int pickler_setup(
    Pickler *self, PyObject *file, PyObject *protocol, bool fix_imports, PyObject *buffer_callback);
/* Lets go of everything but what Python code may have set before __init__. */
void pickler_reset(Pickler *self);
void pickler_release(Pickler *self);
/* Pickles into the buffer, and on to the file as frames fill up. */
int pickler_dump(Pickler *self, PyObject *object);
int pickler_write_out(Pickler *self);

/* Makes room for n more bytes; the place to write them, or NULL. */
char *output_reserve_slow(Pickler *self, Py_ssize_t n);
int output_start(Pickler *self);
/* Ends a frame that has grown to its size; called where an object begins. */
int output_boundary(Pickler *self);
int output_end_frame(Pickler *self);
/* Writes a header and data, which go to the file directly if they are many. `payload`: the object
 * of the data, or NULL. */
int output_write_large(Pickler *self, const char *header, Py_ssize_t header_size, const char *data,
    Py_ssize_t size, PyObject *payload);

enum { FRAME_HEADER_SIZE = 9, FRAME_SIZE_MIN = 4, FRAME_SIZE_TARGET = 64 * 1024 };

/* As a pointer to n bytes to be filled; NULL on failure. */
static inline char *output_reserve(Pickler *self, Py_ssize_t n)
{
    if ((self->framing && self->frame_start < 0) || n > self->capacity - self->length) {
        return output_reserve_slow(self, n);
    }
    char *at = self->data + self->length;
    self->length += n;
    return at;
}

static inline int output_write(Pickler *self, const char *data, Py_ssize_t n)
{
    char *at = output_reserve(self, n);
    if (!at) return -1;
    memcpy(at, data, (size_t)n);
    return 0;
}

static inline int output_op(Pickler *self, enum Opcode op)
{
    char *at = output_reserve(self, 1);
    if (!at) return -1;
    *at = (char)op;
    return 0;
}

/* Makes an array of pointers or numbers larger, which may be lent memory. NULL with MemoryError. */
void *room_grow(void *array, const void *lent, size_t old_count, size_t new_count);

/* Little-endian numbers of 1, 2, 4 or 8 bytes. */
static inline void store_little(char *at, uint64_t value, int size)
{
    if (size == 1)
        *at = (char)value;
    else if (size == 2)
        memcpy(at, &(uint16_t){(uint16_t)value}, 2);
    else if (size == 4)
        memcpy(at, &(uint32_t){(uint32_t)value}, 4);
    else
        memcpy(at, &value, 8);
}

static inline uint64_t load_little(const char *at, int size)
{
    uint16_t two;
    uint32_t four;
    uint64_t eight;
    if (size == 1) return (uint8_t)*at;
    if (size == 2) return memcpy(&two, at, 2), two;
    if (size == 4) return memcpy(&four, at, 4), four;
    return memcpy(&eight, at, 8), eight;
}

/* The opcode of a memo index: put a new object, or get an old one. */
int save_memo_put(Pickler *self, PyObject *object);
int save_memo_get(Pickler *self, Py_ssize_t index);

/* Pickles any object. `skip_hook`: without asking persistent_id, for an id itself. */
int save(Pickler *self, PyObject *object, bool skip_hook);
int save_str(Pickler *self, PyObject *object);
int save_tuple(Pickler *self, PyObject *object);
int save_list(Pickler *self, PyObject *object);
int save_dict(Pickler *self, PyObject *object);
int save_set(Pickler *self, PyObject *object);
int save_frozenset(Pickler *self, PyObject *object);
int save_appends(Pickler *self, PyObject *iterator);
int save_setitems(Pickler *self, PyObject *iterator);
/* Pickles what `format` and its values build (for Py_BuildValue), a reduction of `object` (or
 * NULL). */
int save_built(Pickler *self, PyObject *object, const char *format, ...);
int save_reduce(Pickler *self, PyObject *reduction, PyObject *object);
/* The same for an object that object_reduce_plainly() takes; consumes state. */
int save_plain(Pickler *self, PyObject *object, PyObject *state);
int save_type(Pickler *self, PyObject *type);
/* Pickles a reference to a global; name NULL: the object's own name. */
int save_global(Pickler *self, PyObject *object, PyObject *name);

/* ---- Unpickler ---- */

typedef struct {
    PyObject_HEAD
        /* Values, and where marks stand among them. */
        PyObject **values; /* owned references */
    Py_ssize_t depth, capacity;
    Py_ssize_t fence; /* the topmost mark, below which nothing may be popped; 0 without */
    Py_ssize_t *marks;
    Py_ssize_t mark_count, mark_capacity;
    /* The memo, by index. */
    PyObject **memo; /* owned references or NULL */
    Py_ssize_t memo_size, memo_used;
    /* Input: a window on what was read. */
    const char *at, *end;
    const char *window;        /* its beginning */
    Py_ssize_t prefetched;     /* of the window, how much read() has consumed already */
    PyObject *holder;          /* owned: bytes or memoryview whose memory the window is, or NULL */
    char *line;                /* a copy of a line that may be changed, or NULL */
    PyObject *read, *readline; /* owned; read NULL: the window is all there is */
    PyObject *readinto, *peek; /* owned or NULL */
    PyObject *buffers;         /* owned iterator of out-of-band buffers, or NULL */
    Hook persistent_load;
    const char *encoding, *errors; /* owned, or the caller's if there is a room */
    struct UnpicklerRoom *room;    /* memory that the caller lends to begin with, or NULL */
    int8_t proto;
    bool fix_imports;
    bool exact; /* is find_class() not overridden? */
} Unpickler;
static_assert(sizeof(Unpickler) <= UNPICKLER_SIZE, "room for ours");

/* Room on the C stack, in which short pickles need no other memory. */
typedef struct UnpicklerRoom {
    PyObject *values[64];
    Py_ssize_t marks[20];
    PyObject *memo[32];
} UnpicklerRoom;

int unpickler_setup(Unpickler *self, PyObject *file, bool fix_imports, PyObject *buffers);
int unpickler_set_bytes(Unpickler *self, PyObject *data);
/* Lets go of everything but what Python code may have set before __init__. */
void unpickler_reset(Unpickler *self);
void unpickler_release(Unpickler *self);
/* The next object of the input. New reference. */
PyObject *unpickler_load(Unpickler *self);

/* The next n bytes, valid until the next read; NULL with UnpicklingError if there are fewer. */
const char *input_read_slow(Unpickler *self, Py_ssize_t n);
/* The rest of the line with its end, in memory that may be changed; *length counts the end. */
char *input_line(Unpickler *self, Py_ssize_t *length);
/* Fills memory that is the caller's. */
int input_read_into(Unpickler *self, char *to, Py_ssize_t n);
/* Tells the file how much of what was peeked at has been used. */
int input_finish(Unpickler *self);
void input_release(Unpickler *self);
/* UnpicklingError: the data end too soon. */
int input_truncated(void);

static inline const char *input_read(Unpickler *self, Py_ssize_t n)
{
    if (n > self->end - self->at) return input_read_slow(self, n);
    const char *at = self->at;
    self->at += n;
    return at;
}

int stack_grow(Unpickler *self);
int stack_mark(Unpickler *self);
/* Where the topmost mark stands, which is taken away; -1 with UnpicklingError if there is none. */
Py_ssize_t stack_pop_mark(Unpickler *self);
/* UnpicklingError: a value was asked for that is not there. -1. */
int stack_underflow(Unpickler *self);
void stack_truncate(Unpickler *self, Py_ssize_t depth);
/* What lies above `from`, as a new tuple or list. */
PyObject *stack_pop_tuple(Unpickler *self, Py_ssize_t from);
PyObject *stack_pop_list(Unpickler *self, Py_ssize_t from);

/* -1 on failure; consumes value, which may be NULL for a failed call that made it. */
static inline int stack_push_steal(Unpickler *self, PyObject *value)
{
    if (!value) return -1;
    if (self->depth == self->capacity && stack_grow(self) < 0) {
        Py_DECREF(value);
        return -1;
    }
    self->values[self->depth++] = value;
    return 0;
}

/* Owned, or NULL. */
static inline PyObject *stack_pop(Unpickler *self)
{
    if (self->depth <= self->fence) {
        stack_underflow(self);
        return NULL;
    }
    return self->values[--self->depth];
}

/* The topmost value, borrowed, or NULL. */
static inline PyObject *stack_top_borrow(Unpickler *self)
{
    if (self->depth <= self->fence) {
        stack_underflow(self);
        return NULL;
    }
    return self->values[self->depth - 1];
}

int unpickler_memo_put(Unpickler *self, Py_ssize_t index, PyObject *value);
void unpickler_memo_clear(Unpickler *self);
/* Unpickler.memo */
PyObject *unpickler_get_memo(PyObject *self, void *context);
int unpickler_set_memo(PyObject *self, PyObject *value, void *context);

int load_tuple(Unpickler *self);
int load_short_tuple(Unpickler *self, Py_ssize_t n);
int load_list(Unpickler *self);
int load_dict(Unpickler *self);
int load_frozenset(Unpickler *self);
int load_append(Unpickler *self);
int load_appends(Unpickler *self);
int load_setitem(Unpickler *self);
int load_setitems(Unpickler *self);
int load_additems(Unpickler *self);
int load_global(Unpickler *self);
int load_stack_global(Unpickler *self);
int load_extension(Unpickler *self, int size);
int load_instance(Unpickler *self);
int load_object(Unpickler *self);
int load_newobj(Unpickler *self, bool with_keywords);
int load_reduce(Unpickler *self);
int load_build(Unpickler *self);
/* Unpickler.find_class() itself. New reference. */
PyObject *unpickler_find_class(Unpickler *self, PyObject *module_name, PyObject *name);

#endif
