/* The loop as a whole: which registers it uses, what they hold, how paths meet, and how control leaves.
 *
 * One pass, in the order of the words. What a path knows (State) is fixed for a jump's target by the first path that reaches it;
 * a later one that knows otherwise leaves to the interpreter there. So no value ever changes its kind on an edge, and each VM
 * register has one home per class, int or float, for the whole loop.
 */
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/switches.h"
#include "objects/code_lines.h"
#include "objects/list.h"
#include "objects/range.h"
#include "objects/tuple.h"
#include "vm/native/compiler.h"
#include "vm/vm.h"

static const char *const operand_letters[EXEC_OP_COUNT] = {
#define I(NAME, operands, words, text) [X_##NAME] = (operands),
#include "vm/instructions.def"
#undef I
};

static const Register int_registers[] = {RBX, RBP, R13, R14, R15, RSI, RDI, R8, R9, R10, R11};
static const Register saved_registers[] = {RBX, RBP, R12, R13, R14, R15};
enum {
    INT_REGISTERS = sizeof int_registers / sizeof *int_registers,
    SAVED_REGISTERS = sizeof saved_registers / sizeof *saved_registers,
    FIRST_FLOAT = 2, FLOAT_REGISTERS = 14,
};

bool compiler_grow(Compiler *c, void **array, int count, int *capacity, size_t size)
{
    if (c->failed) return false;
    if (count < *capacity) return true;
    int more = *capacity ? 2 * *capacity : 16;
    void *new_array = PyMem_Realloc(*array, (size_t)more * size);
    if (!new_array) {
        c->failed = true;
        return false;
    }
    *array = new_array;
    *capacity = more;
    return true;
}

/* ---- Registers and homes -------------------------------------------------------------------------------------- */

int compiler_index(Compiler *c, int reg)
{
    if (c->index_of[reg] >= 0) return c->index_of[reg];
    if (c->register_count == MAX_NATIVE_REGISTERS) {
        c->failed = true;
        return 0;
    }
    c->registers[c->register_count] = (uint16_t)reg;
    c->index_of[reg] = (int16_t)c->register_count;
    return c->register_count++;
}

uint8_t compiler_slot(Compiler *c)
{
    if (c->slots == NATIVE_SLOTS) {
        c->failed = true;
        return 0;
    }
    return (uint8_t)c->slots++;
}

static Place slot_place(int slot) { return in_memory(SLOTS, 8 * slot); }

Place compiler_home(Compiler *c, int index, bool is_float)
{
    Home *h = is_float ? &c->float_homes[index] : &c->int_homes[index];
    if (h->used) return h->place;
    h->used = true;
    h->slot = compiler_slot(c);
    if (is_float && c->floats_in_registers < FLOAT_REGISTERS) h->place = in_register(FIRST_FLOAT + c->floats_in_registers++);
    else if (!is_float && c->ints_in_registers < INT_REGISTERS) h->place = in_register(int_registers[c->ints_in_registers++]);
    else h->place = slot_place(h->slot);
    return h->place;
}

int compiler_parts(Compiler *c, int index)
{
    if (!c->parts[index]) {
        c->parts[index] = compiler_slot(c);
        for (int i = 1; i < PARTS; i++) compiler_slot(c);
    }
    return c->parts[index];
}

Place compiler_constant(Compiler *c, uint64_t word)
{
    NativeLoop *l = c->loop;
    for (int i = 0; i < l->constant_count; i++) {
        if (l->constants[i].word == word) return slot_place(l->constants[i].slot);
    }
    uint8_t slot = compiler_slot(c);
    if (GROW(c, l->constants, l->constant_count, c->constant_capacity)) {
        l->constants[l->constant_count++] = (NativeConstant){slot, word};
    }
    return slot_place(slot);
}

static bool survives_calls(Register reg)
{
    for (int i = 0; i < SAVED_REGISTERS; i++) {
        if (saved_registers[i] == reg) return true;
    }
    return false;
}

void compiler_save(Compiler *c, bool save)
{
    for (int i = 0; i < c->register_count; i++) {
        Kind kind = c->now.facts[i].kind;
        if (kind != KIND_INT && kind != KIND_FLOAT && kind != KIND_BOOL && kind != KIND_OBJECT && kind != KIND_OWNED) continue;
        const Home *h = kind == KIND_FLOAT ? &c->float_homes[i] : &c->int_homes[i];
        Register reg = h->place.reg;
        if (reg == NO_REGISTER || (kind != KIND_FLOAT && survives_calls(reg))) continue;
        if (kind == KIND_FLOAT && save) asm_float_store(&c->code, slot_place(h->slot), reg);
        else if (kind == KIND_FLOAT) asm_float_move(&c->code, reg, slot_place(h->slot));
        else if (save) asm_store(&c->code, slot_place(h->slot), reg);
        else asm_move(&c->code, reg, slot_place(h->slot));
    }
}

/* ---- Leaving -------------------------------------------------------------------------------------------------- */

static void bind(Compiler *c, int index, const Fact *f)
{
    NativeLoop *l = c->loop;
    if (f->kind == KIND_NONE || !GROW(c, l->bindings, l->binding_count, c->binding_capacity)) return;
    Binding b = {.reg = c->registers[index], .kind = (uint8_t)f->kind, .what = f->what};
    if (f->kind == KIND_RANGE || f->kind == KIND_ITEMS) b.slot = (uint8_t)compiler_parts(c, index);
    else if (f->kind != KIND_KNOWN) {
        compiler_home(c, index, f->kind == KIND_FLOAT);
        b.slot = f->kind == KIND_FLOAT ? c->float_homes[index].slot : c->int_homes[index].slot;
    }
    l->bindings[l->binding_count++] = b;
}

/* An exit to a word with what is known now. What the loop only reads is in its register still, and may be an object there. */
static int new_exit(Compiler *c, int word)
{
    NativeLoop *l = c->loop;
    if (!GROW(c, l->exits, l->exit_count, c->exit_capacity)) return 0;
    int first = l->binding_count;
    for (int i = 0; i < c->register_count; i++) {
        if (c->is_written[i]) bind(c, i, &c->now.facts[i]);
    }
    l->exits[l->exit_count] = (NativeExit){word, first, l->binding_count - first};
    return l->exit_count++;
}

static void add_exit_jump(Compiler *c, int place, int exit)
{
    if (GROW(c, c->exit_jumps, c->exit_jump_count, c->exit_jump_capacity)) {
        c->exit_jumps[c->exit_jump_count++] = (ExitJump){place, exit};
    }
}

void compiler_guard_jump(Compiler *c, int place)
{
    if (c->exit_here < 0) c->exit_here = new_exit(c, c->word);
    add_exit_jump(c, place, c->exit_here);
}

void compiler_guard(Compiler *c, Condition condition) { compiler_guard_jump(c, asm_jump_if(&c->code, condition)); }

static void leave_for(Compiler *c, int word) { add_exit_jump(c, asm_jump(&c->code), new_exit(c, word)); }

/* ---- Edges ---------------------------------------------------------------------------------------------------- */

static bool fits(const Compiler *c, const State *want)
{
    for (int i = 0; i < c->register_count; i++) {
        const Fact *have = &c->now.facts[i], *wanted = &want->facts[i];
        if (have->kind != wanted->kind || have->what != wanted->what) return false;
    }
    return true;
}

static void remember(Compiler *c, int word)
{
    State *s = PyMem_Malloc(sizeof *s);
    if (!s) {
        c->failed = true;
        return;
    }
    *s = c->now;
    c->states[word - c->first] = s;
}

/* A jump backwards lets the eval breaker in, as the interpreter's does. */
static void go_back(Compiler *c, int word)
{
    if (word == c->first) {
        c->closed = true;
        asm_increment(&c->code, slot_place(0), 1);
    }
    asm_move_constant(&c->code, RAX, (int64_t)(intptr_t)&vm_runtime.eval_breaker);
    asm_move_low(&c->code, RAX, in_memory(RAX, 0));
    asm_test(&c->code, RAX, RAX);
    add_exit_jump(c, asm_jump_if(&c->code, CC_NOT_EQUAL), new_exit(c, word));
    asm_patch(&c->code, asm_jump(&c->code), c->code_at[word - c->first]);
}

void compiler_go(Compiler *c, int word)
{
    if (word < c->first || word >= c->end) {
        leave_for(c, word);
        return;
    }
    State *want = c->states[word - c->first];
    bool back = word <= c->word;
    if (back ? !want || c->code_at[word - c->first] < 0 || !fits(c, want) : want && !fits(c, want)) {
        leave_for(c, word);
        return;
    }
    if (back) {
        go_back(c, word);
        return;
    }
    if (!want) remember(c, word);
    if (GROW(c, c->forward_jumps, c->forward_jump_count, c->forward_jump_capacity)) {
        c->forward_jumps[c->forward_jump_count++] = (ForwardJump){asm_jump(&c->code), word};
    }
}

void compiler_go_if(Compiler *c, Condition condition, int word)
{
    int over = asm_jump_if(&c->code, condition ^ 1);
    compiler_go(c, word);
    asm_patch(&c->code, over, c->code.count);
}

/* ---- The loop ------------------------------------------------------------------------------------------------- */

/* Where an instruction may jump to, or -1. */
static int jump_target(const ExecCode *exec, int word)
{
    const Word *ip = &exec->words[word];
    const char *letters = operand_letters[native_opcode(exec, ip)];
    if (letters[2] == 'J') return word + (int16_t)ip->c;
    if (letters[1] == 'j') return word + ip->jump;
    if (letters[3] == ':' && letters[4] == 'j') return word + (int)(int64_t)ip[1].word;
    return -1;
}

/* The last word of the loop's last jump back to its header, plus one; or -1. */
static int find_end(const ExecCode *exec, int header)
{
    int end = -1;
    for (int w = header; w < exec->word_count && w - header < MAX_NATIVE_WORDS; w += exec_length(&exec->words[w])) {
        if (jump_target(exec, w) == header) end = w + exec_length(&exec->words[w]);
    }
    return end;
}

static void mark_written(Compiler *c, int reg)
{
    c->is_written[compiler_index(c, reg)] = true;
    NativeLoop *l = c->loop;
    for (int i = 0; i < l->written_count; i++) {
        if (l->written[i] == reg) return;
    }
    if (GROW(c, l->written, l->written_count, c->written_capacity)) l->written[l->written_count++] = (uint16_t)reg;
}

static void use_operand(Compiler *c, char letter, uint16_t x, int weight)
{
    if (!strchr("drto", letter) || x & OPERAND_CONSTANT) return;
    int index = compiler_index(c, x);
    c->weights[index] += weight;
    if (letter == 'd') mark_written(c, x);
}

/* The registers that an instruction names. */
static void use_registers(Compiler *c, int word, int weight)
{
    const Word *ip = &c->exec->words[word];
    int op = native_opcode(c->exec, ip);
    const char *letters = operand_letters[op];
    uint16_t lanes[3] = {ip->a, ip->b, ip->c};
    for (int i = 0; i < 3 && letters[i] != 'j'; i++) {
        if (!(letters[i] == 'J')) use_operand(c, letters[i], lanes[i], weight);
    }
    if (op == X_SWAP) {
        mark_written(c, ip->a);
        mark_written(c, ip->b);
    }
    if (op == X_UNPACK_SEQUENCE) {
        for (int i = 0; i < ip->c; i++) use_operand(c, 'd', ((const uint16_t *)(ip + 1))[i], weight);
    }
    else if (strstr(letters, ":k*c")) {
        for (int i = 0; i < ip->c; i++) use_operand(c, 'o', ((const uint16_t *)(ip + 3))[i], weight);
        if (letters[1] == 'r') use_operand(c, 'o', (uint16_t)(ip->b + 1), weight);      /* a method's self */
    }
    if (op == X_LOAD_METHOD || op == X_LOAD_METHOD_TYPE) use_operand(c, 'd', (uint16_t)(ip->a + 1), weight);
}

/* Registers weigh more in inner loops. */
static int weight_at(const Compiler *c, const int16_t *depth, int word)
{
    int d = depth[word - c->first];
    return 1 << 3 * (d > 6 ? 6 : d);
}

static void survey(Compiler *c)
{
    int16_t *depth = PyMem_Calloc((size_t)(c->end - c->first + 1), sizeof *depth);
    if (!depth) {
        c->failed = true;
        return;
    }
    for (int w = c->first; w < c->end; w += exec_length(&c->exec->words[w])) {
        int target = jump_target(c->exec, w);
        if (target < c->first || target >= c->end) continue;
        c->is_target[target - c->first] = true;
        if (target <= w) {
            for (int i = target; i <= w; i++) depth[i - c->first]++;
        }
    }
    for (int w = c->first; w < c->end && !c->failed; w += exec_length(&c->exec->words[w])) {
        use_registers(c, w, weight_at(c, depth, w));
    }
    PyMem_Free(depth);
}

/* What a register holds at this moment. */
static Fact observe(Value v)
{
    if (value_is_int(v)) return (Fact){.kind = KIND_INT};
    if (value_is_float(v)) return (Fact){.kind = KIND_FLOAT};
    PyObject *o = value_object(v);
    if (!o) return (Fact){.kind = KIND_NONE};
    if (PyBool_Check(o)) return (Fact){.kind = KIND_BOOL};
    PyTypeObject *type = Py_TYPE(o);
    if (type == &PyLong_Type) return (Fact){.kind = KIND_INT};
    if (type == &PyFloat_Type) return (Fact){.kind = KIND_FLOAT};
    return o == Py_None ? (Fact){.kind = KIND_NONE} : (Fact){KIND_OBJECT, type, o};
}

/* What the registers hold at the header. A temporary that no stack entry lies in may still hold a number, which is nothing. */
static void observe_registers(Compiler *c)
{
    uint64_t *live = exec_find_live(c->exec);
    if (!live || exec_find_number_locals(c->exec, c->number_locals) < 0) {
        PyMem_Free(live);
        PyErr_Clear();
        c->failed = true;
        return;
    }
    const uint64_t *at_header = live + (size_t)c->first * (size_t)exec_live_words(c->exec);
    for (int i = 0; i < c->register_count; i++) {
        int reg = c->registers[i], bit = 1 + reg - c->exec->first_temporary;
        bool empty = bit > 0 && !(at_header[bit / 64] >> bit % 64 & 1);
        c->now.facts[i] = empty ? (Fact){.kind = KIND_NONE} : observe(c->frame->registers[reg]);
    }
    PyMem_Free(live);
}

/* Homes of what is there at the header, by weight, and what has to be there on entry. */
static void bind_header(Compiler *c)
{
    NativeLoop *l = c->loop;
    for (bool again = true; again;) {
        int best = -1;
        for (int i = 0; i < c->register_count; i++) {
            bool waits = c->now.facts[i].kind != KIND_NONE && !c->int_homes[i].used && !c->float_homes[i].used;
            if (waits && (best < 0 || c->weights[i] > c->weights[best])) best = i;
        }
        again = best >= 0;
        if (again) compiler_home(c, best, c->now.facts[best].kind == KIND_FLOAT);
    }
    for (int i = 0; i < c->register_count; i++) bind(c, i, &c->now.facts[i]);
    l->entry_count = l->binding_count;
}

static void prologue(Compiler *c)
{
    for (int i = 0; i < SAVED_REGISTERS; i++) asm_push(&c->code, saved_registers[i]);
    asm_alu_constant(&c->code, ALU_SUB, in_register(RSP), 8);       /* calls find the stack aligned */
    asm_move(&c->code, SLOTS, in_register(RDI));
    for (int i = 0; i < c->register_count; i++) {
        Home *n = &c->int_homes[i], *f = &c->float_homes[i];
        if (n->used && n->place.reg != NO_REGISTER) asm_move(&c->code, n->place.reg, slot_place(n->slot));
        if (f->used && f->place.reg != NO_REGISTER) asm_float_move(&c->code, f->place.reg, slot_place(f->slot));
    }
}

/* The stubs of the exits, and the common way out: homes to their slots. */
static void epilogue(Compiler *c)
{
    NativeLoop *l = c->loop;
    int *stub_at = PyMem_New(int, l->exit_count + 1), *common_jumps = PyMem_New(int, l->exit_count + 1);
    if (!stub_at || !common_jumps) c->failed = true;
    for (int i = 0; i < l->exit_count && !c->failed; i++) {
        stub_at[i] = c->code.count;
        asm_move_constant(&c->code, RAX, i);
        common_jumps[i] = asm_jump(&c->code);
    }
    for (int i = 0; i < c->exit_jump_count && !c->failed; i++) {
        asm_patch(&c->code, c->exit_jumps[i].place, stub_at[c->exit_jumps[i].exit]);
    }
    for (int i = 0; i < l->exit_count && !c->failed; i++) asm_patch(&c->code, common_jumps[i], c->code.count);
    PyMem_Free(stub_at);
    PyMem_Free(common_jumps);
    for (int i = 0; i < c->register_count; i++) {
        Home *n = &c->int_homes[i], *f = &c->float_homes[i];
        if (n->used && n->place.reg != NO_REGISTER) asm_store(&c->code, slot_place(n->slot), n->place.reg);
        if (f->used && f->place.reg != NO_REGISTER) asm_float_store(&c->code, slot_place(f->slot), f->place.reg);
    }
    asm_alu_constant(&c->code, ALU_ADD, in_register(RSP), 8);
    for (int i = SAVED_REGISTERS - 1; i >= 0; i--) asm_pop(&c->code, saved_registers[i]);
    asm_byte(&c->code, 0xc3);
}

/* At a word: joins the paths that lead here. */
static void arrive(Compiler *c, int word)
{
    State *want = c->states[word - c->first];
    if (want) {
        if (c->reachable && !fits(c, want)) leave_for(c, word);
        c->now = *want;
        c->reachable = true;
    }
    else if (c->reachable && c->is_target[word - c->first]) remember(c, word);
    if (c->reachable) c->code_at[word - c->first] = c->code.count;
}

static void compile_loop(Compiler *c)
{
    for (int w = c->first; w < c->end && !c->failed && !c->code.failed; w = c->next) {
        c->word = w;
        c->ip = &c->exec->words[w];
        c->next = w + exec_length(c->ip);
        c->exit_here = -1;
        arrive(c, w);
        if (c->reachable && !lower_instruction(c)) {
            leave_for(c, w);
            c->reachable = false;
            if (switches.dump_native) fprintf(stderr, "native: no code for %s at word %d\n", exec_op_names[native_opcode(c->exec, c->ip)], w);
        }
    }
    if (c->reachable) leave_for(c, c->end);
    for (int i = 0; i < c->forward_jump_count; i++) {
        ForwardJump j = c->forward_jumps[i];
        asm_patch(&c->code, j.place, c->code_at[j.word - c->first]);
    }
}

/* ---- Memory that can be run ----------------------------------------------------------------------------------- */

static bool map_code(NativeLoop *l, const Assembler *code)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE), size = ((size_t)code->count + page - 1) / page * page;
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) return false;
    memcpy(memory, code->bytes, (size_t)code->count);
    if (mprotect(memory, size, PROT_READ | PROT_EXEC) < 0) {
        munmap(memory, size);
        return false;
    }
    l->memory = memory;
    l->memory_size = size;
    memcpy(&l->run, &memory, sizeof l->run);
    return true;
}

static bool compiler_init(Compiler *c)
{
    int words = c->end - c->first;
    c->loop = PyMem_Calloc(1, sizeof *c->loop);
    c->index_of = PyMem_New(int16_t, c->exec->register_capacity + 1);
    c->number_locals = PyMem_Calloc((size_t)c->exec->register_capacity + 1, sizeof *c->number_locals);
    c->states = PyMem_Calloc((size_t)words, sizeof *c->states);
    c->code_at = PyMem_New(int, words);
    c->is_target = PyMem_Calloc((size_t)words, sizeof *c->is_target);
    if (!c->loop || !c->index_of || !c->number_locals || !c->states || !c->code_at || !c->is_target) return false;
    for (int i = 0; i <= c->exec->register_capacity; i++) c->index_of[i] = -1;
    for (int i = 0; i < words; i++) c->code_at[i] = -1;
    c->slots = 1;
    return true;
}

static void compiler_clear(Compiler *c)
{
    for (int i = 0; c->states && i < c->end - c->first; i++) PyMem_Free(c->states[i]);
    PyMem_Free(c->states);
    PyMem_Free(c->index_of);
    PyMem_Free(c->number_locals);
    PyMem_Free(c->code_at);
    PyMem_Free(c->is_target);
    PyMem_Free(c->exit_jumps);
    PyMem_Free(c->forward_jumps);
    PyMem_Free(c->code.bytes);
}

NativeLoop *native_compile(Frame *frame, int header)
{
    Compiler c = {.frame = frame, .exec = frame->exec, .first = header, .end = find_end(frame->exec, header)};
    if (c.end < 0) return NULL;
    NativeLoop *l = NULL;
    if (compiler_init(&c)) {
        survey(&c);
        if (!c.failed) {
            observe_registers(&c);
            bind_header(&c);
            prologue(&c);
            c.reachable = true;
            compile_loop(&c);
            epilogue(&c);
        }
        if (!c.failed && !c.code.failed && c.closed && map_code(c.loop, &c.code)) {
            l = c.loop;
            l->header = header;
            l->original = (uint16_t)native_opcode(c.exec, &c.exec->words[header]);
            l->globals = frame_globals(frame);
            l->builtins = frame_builtins(frame);
        }
    }
    if (switches.dump_native) {
        fprintf(stderr, "native: %s:%d, words %d to %d: %s, %d bytes, %d exits\n", PyUnicode_AsUTF8(c.exec->code->co_qualname),
                PyCode_Addr2Line(c.exec->code, 2 * (int)c.exec->units[header]), header, c.end, l ? "compiled" : "not compiled",
                c.code.count, c.loop ? c.loop->exit_count : 0);
    }
    if (!l && c.loop) native_free(c.loop);
    compiler_clear(&c);
    return l;
}
