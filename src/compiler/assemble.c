/* From the flow graph to the code object. */
#include "compiler/unit.h"

#include "bytecode/exceptions.h"
#include "objects/code.h"
#include "objects/code_locations.h"

/* ---- Flags and variables --------------------------------------------------------------------- */

static int code_flags(const Compiler *c)
{
    const SymtableEntry *entry = c->unit->entry;
    int flags = 0;
    if (entry->type == BLOCK_FUNCTION) {
        flags |= CO_NEWLOCALS | CO_OPTIMIZED;
        if (entry->nested) flags |= CO_NESTED;
        if (entry->is_generator) {
            flags |= entry->is_coroutine ? CO_ASYNC_GENERATOR : CO_GENERATOR;
        } else if (entry->is_coroutine) {
            flags |= CO_COROUTINE;
        }
        if (entry->has_varargs) flags |= CO_VARARGS;
        if (entry->has_varkeywords) flags |= CO_VARKEYWORDS;
    }
    flags |= c->flags & PyCF_MASK;
    if (is_top_level_await(c) && entry->is_coroutine && !entry->is_generator) flags |= CO_COROUTINE;
    return flags;
}

/* For each cell and free variable, as code generation numbers them, its place among all
 * "locals plus": after the plain locals, except that a parameter which is a cell keeps its
 * place among these. */
typedef struct {
    int count;          /* cells and free variables together */
    int dropped;        /* how many of them are parameters */
    int *place;
} CellPlaces;

static int find_places(Unit *u, CellPlaces *out)
{
    int local_count = (int)PyDict_GET_SIZE(u->varnames);
    out->count = (int)(PyDict_GET_SIZE(u->cellvars) + PyDict_GET_SIZE(u->freevars));
    out->dropped = 0;
    out->place = flow_alloc(&u->flow, (size_t)out->count * sizeof(int) + 1);
    if (!out->place) return -1;
    for (int i = 0; i < out->count; i++) out->place[i] = local_count + i;
    Py_ssize_t pos = 0;
    PyObject *name, *index;
    while (PyDict_Next(u->cellvars, &pos, &name, &index)) {
        PyObject *local = PyDict_GetItemWithError(u->varnames, name);
        if (!local && PyErr_Occurred()) return -1;
        if (local) out->place[PyLong_AsLong(index)] = (int)PyLong_AsLong(local);
    }
    return 0;
}

static void close_gaps(Unit *u, CellPlaces *places)
{
    int local_count = (int)PyDict_GET_SIZE(u->varnames);
    for (int i = 0; i < places->count; i++) {
        if (places->place[i] == local_count + i) {
            places->place[i] -= places->dropped;
        } else {
            places->dropped++;
        }
    }
    for (Block *b = u->flow.entry; b; b = b->next) {
        for (int i = 0; i < b->size; i++) {
            Instr *instr = &b->code[i];
            if (instr->opcode < 256 && opcode_has_free(instr->opcode)) {
                instr->oparg = places->place[instr->oparg];
            }
        }
    }
}

static int insert(Unit *u, int index, int opcode, int oparg, AstPosition pos)
{
    Instr *instr = block_insert(&u->flow, u->flow.entry, index);
    if (!instr) return -1;
    instr->opcode = opcode;
    instr->oparg = oparg;
    instr->pos = pos;
    return 0;
}

/* What happens before RESUME: free variables are copied in, cells made, a generator returned. */
static int insert_prefix(Unit *u, const CellPlaces *places, int flags)
{
    if (flags & (CO_GENERATOR | CO_COROUTINE | CO_ASYNC_GENERATOR)) {
        TRY(insert(u, 0, OP_RETURN_GENERATOR, 0,
                   (AstPosition){u->first_line, -1, u->first_line, -1}));
        TRY(insert(u, 1, OP_POP_TOP, 0, NO_POSITION));
    }
    int cells = (int)PyDict_GET_SIZE(u->cellvars), made = 0;
    if (cells) {
        int variables = cells + (int)PyDict_GET_SIZE(u->varnames);
        int *cell_at = flow_alloc(&u->flow, (size_t)variables * sizeof(*cell_at));
        if (!cell_at) return -1;
        for (int i = 0; i < cells; i++) cell_at[places->place[i]] = i + 1;
        for (int i = 0; made < cells; i++) {
            if (cell_at[i]) TRY(insert(u, made++, OP_MAKE_CELL, cell_at[i] - 1, NO_POSITION));
        }
    }
    int free_count = (int)PyDict_GET_SIZE(u->freevars);
    return free_count ? insert(u, 0, OP_COPY_FREE_VARS, free_count, NO_POSITION) : 0;
}

/* ---- Sizes of jumps -------------------------------------------------------------------------- */

static int arg_units(int oparg)
{
    unsigned value = (unsigned)oparg;
    return 1 + (value > 0xff) + (value > 0xffff) + (value > 0xffffff);
}

static int instr_units(const Instr *i)
{
    return arg_units(i->oparg) + opcode_caches[i->opcode];
}

/* Offsets of blocks and arguments of jumps, until no jump outgrows its place. Returns the total
 * size. */
static int size_jumps(Flow *flow)
{
    bool again;
    int total;
    do {
        again = false;
        total = 0;
        for (Block *b = flow->entry; b; b = b->next) {
            b->offset = total;
            for (int i = 0; i < b->size; i++) total += instr_units(&b->code[i]);
        }
        for (Block *b = flow->entry; b; b = b->next) {
            int at = b->offset;
            for (int i = 0; i < b->size; i++) {
                Instr *instr = &b->code[i];
                int units = instr_units(instr);
                at += units;
                if (!instr_is_jump(instr)) continue;
                int target = instr->target->offset;
                instr->oparg = target < at ? at - target : target - at;
                if (instr_units(instr) != units) again = true;
            }
        }
    } while (again);
    return total;
}

/* ---- Tables ---------------------------------------------------------------------------------- */

static PyObject *make_code_bytes(Flow *flow, int units)
{
    PyObject *bytes = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)units * 2);
    if (!bytes) return NULL;
    uint8_t *out = (uint8_t *)PyBytes_AS_STRING(bytes);
    for (Block *b = flow->entry; b; b = b->next) {
        for (int i = 0; i < b->size; i++) {
            const Instr *instr = &b->code[i];
            for (int k = arg_units(instr->oparg) - 1; k > 0; k--) {
                *out++ = OP_EXTENDED_ARG;
                *out++ = (uint8_t)((unsigned)instr->oparg >> (8 * k));
            }
            *out++ = (uint8_t)instr->opcode;
            *out++ = (uint8_t)instr->oparg;
            for (int k = opcode_caches[instr->opcode]; k > 0; k--) {
                *out++ = 0;
                *out++ = 0;
            }
        }
    }
    return bytes;
}

static PyObject *make_location_table(Flow *flow, int first_line)
{
    LocationWriter writer;
    location_writer_init(&writer, first_line);
    for (Block *b = flow->entry; b; b = b->next) {
        for (int i = 0; i < b->size; i++) {
            AstPosition p = b->code[i].pos;
            CodeLocation location = {p.lineno, p.end_lineno, p.col_offset, p.end_col_offset};
            if (location_writer_add(&writer, instr_units(&b->code[i]), location) < 0) {
                location_writer_discard(&writer);
                return NULL;
            }
        }
    }
    return location_writer_finish(&writer);
}

static int add_handler(ExceptionWriter *writer, int start, int end, const Block *handler)
{
    ExceptionEntry entry = {
        .start = start,
        .end = end,
        .target = handler->offset,
        .depth = handler->start_depth - 1 - handler->preserve_lasti,
        .lasti = handler->preserve_lasti,
    };
    return exception_writer_add(writer, &entry);
}

static PyObject *make_exception_table(Flow *flow)
{
    ExceptionWriter writer = {0};
    int at = 0, start = 0;
    Block *handler = NULL;
    for (Block *b = flow->entry; b; b = b->next) {
        for (int i = 0; i < b->size; i++) {
            if (b->code[i].handler != handler) {
                if (handler && add_handler(&writer, start, at, handler) < 0) goto error;
                start = at;
                handler = b->code[i].handler;
            }
            at += instr_units(&b->code[i]);
        }
    }
    if (handler && add_handler(&writer, start, at, handler) < 0) goto error;
    return exception_writer_finish(&writer);
error:
    exception_writer_discard(&writer);
    return NULL;
}

/* ---- The code object ------------------------------------------------------------------------- */

static PyObject *keys_list(PyObject *dict)
{
    PyObject *list = PyList_New(PyDict_GET_SIZE(dict)), *key, *value;
    Py_ssize_t pos = 0, i = 0;
    if (!list) return NULL;
    while (PyDict_Next(dict, &pos, &key, &value)) {
        PyList_SET_ITEM(list, i++,
                        Py_NewRef(PyTuple_CheckExact(key) ? PyTuple_GET_ITEM(key, 1) : key));
    }
    return list;
}

/* Constants at the end that no instruction uses any more are dropped; the first may be a
 * docstring and stays. */
static int trim_consts(Flow *flow, PyObject *consts)
{
    int largest = 0;
    for (Block *b = flow->entry; b; b = b->next) {
        for (int i = 0; i < b->size; i++) {
            const Instr *instr = &b->code[i];
            if ((instr->opcode == OP_LOAD_CONST || instr->opcode == OP_KW_NAMES) &&
                instr->oparg > largest)
                largest = instr->oparg;
        }
    }
    Py_ssize_t size = PyList_GET_SIZE(consts);
    return largest + 1 < size ? PyList_SetSlice(consts, largest + 1, size, NULL) : 0;
}

static void fill_variable(PyObject *names, char *kinds, Py_ssize_t place, PyObject *name, char kind)
{
    kinds[place] = kind;
    PyTuple_SET_ITEM(names, place, Py_NewRef(name));
}

static int fill_variables(Unit *u, PyObject *names, char *kinds)
{
    PyObject *name, *index;
    Py_ssize_t pos = 0, local_count = PyDict_GET_SIZE(u->varnames), dropped = 0;
    while (PyDict_Next(u->varnames, &pos, &name, &index)) {
        int is_cell = PyDict_Contains(u->cellvars, name);
        if (is_cell < 0) return -1;
        fill_variable(names, kinds, PyLong_AsSsize_t(index), name,
                      (char)(CODE_LOCAL | (is_cell ? CODE_CELL : 0)));
    }
    pos = 0;
    while (PyDict_Next(u->cellvars, &pos, &name, &index)) {
        int is_local = PyDict_Contains(u->varnames, name);
        if (is_local < 0) return -1;
        if (is_local) {
            dropped++;
        } else {
            fill_variable(names, kinds, PyLong_AsSsize_t(index) + local_count - dropped, name,
                          CODE_CELL);
        }
    }
    pos = 0;
    while (PyDict_Next(u->freevars, &pos, &name, &index)) {
        fill_variable(names, kinds, PyLong_AsSsize_t(index) + local_count - dropped, name,
                      (char)CODE_FREE);
    }
    return 0;
}

typedef struct {
    PyObject *consts, *names, *variables, *kinds, *code, *locations, *exceptions;   /* owned */
} Parts;

static void parts_clear(Parts *p)
{
    Py_XDECREF(p->consts);
    Py_XDECREF(p->names);
    Py_XDECREF(p->variables);
    Py_XDECREF(p->kinds);
    Py_XDECREF(p->code);
    Py_XDECREF(p->locations);
    Py_XDECREF(p->exceptions);
}

static int make_parts(Compiler *c, PyObject *const_list, const CellPlaces *places, Parts *p)
{
    Unit *u = c->unit;
    int units = size_jumps(&u->flow);
    p->locations = make_location_table(&u->flow, u->first_line);
    p->exceptions = p->locations ? make_exception_table(&u->flow) : NULL;
    p->code = p->exceptions ? make_code_bytes(&u->flow, units) : NULL;
    PyObject *name_list = p->code ? keys_list(u->names) : NULL;
    p->names = name_list ? PyList_AsTuple(name_list) : NULL;
    Py_XDECREF(name_list);
    p->consts = p->names ? PyList_AsTuple(const_list) : NULL;
    if (!p->consts) return -1;

    Py_ssize_t count = PyDict_GET_SIZE(u->varnames) + places->count - places->dropped;
    p->variables = PyTuple_New(count);
    p->kinds = PyBytes_FromStringAndSize(NULL, count);
    if (!p->variables || !p->kinds) return -1;
    TRY(fill_variables(u, p->variables, PyBytes_AS_STRING(p->kinds)));

    TRY(merge_constant(c, &p->locations));
    TRY(merge_constant(c, &p->exceptions));
    TRY(merge_constant(c, &p->code));
    TRY(merge_constant(c, &p->names));
    TRY(merge_constant(c, &p->consts));
    return merge_constant(c, &p->variables);
}

static PyCodeObject *make_code(Compiler *c, PyObject *const_list, const CellPlaces *places,
                               int flags, int depth)
{
    Unit *u = c->unit;
    Parts p = {0};
    PyCodeObject *code = NULL;
    if (make_parts(c, const_list, places, &p) == 0) {
        struct _PyCodeConstructor fields = {
            .filename = c->filename,
            .name = u->name,
            .qualname = u->qualname ? u->qualname : u->name,
            .flags = flags,
            .code = p.code,
            .firstlineno = u->first_line,
            .linetable = p.locations,
            .consts = p.consts,
            .names = p.names,
            .localsplusnames = p.variables,
            .localspluskinds = p.kinds,
            .argcount = (int)(u->posonlyargcount + u->argcount),
            .posonlyargcount = (int)u->posonlyargcount,
            .kwonlyargcount = (int)u->kwonlyargcount,
            .stacksize = depth,
            .exceptiontable = p.exceptions,
        };
        if (_PyCode_Validate(&fields) == 0) code = _PyCode_New(&fields);
    }
    parts_clear(&p);
    return code;
}

static PyCodeObject *assemble(Compiler *c, PyObject *consts, int flags, CellPlaces *places)
{
    Flow *flow = &c->unit->flow;
    if (flow_optimize(flow, consts, merge_constant, c) < 0) return NULL;
    if (flow_resolve_lines(flow, c->unit->first_line) < 0) return NULL;
    if (trim_consts(flow, consts) < 0) return NULL;
    int depth = flow_stack_depth(flow);
    if (depth < 0 || flow_label_handlers(flow) < 0 || flow_finish(flow) < 0) return NULL;
    return make_code(c, consts, places, flags, depth);
}

PyCodeObject *unit_assemble(Compiler *c, bool add_none)
{
    Unit *u = c->unit;
    Instr *last = block_last(u->flow.current);
    if (!last || last->opcode != OP_RETURN_VALUE) {
        unset_pos(c);
        if (add_none && emit_const(c, Py_None) < 0) return NULL;
        if (emit(c, OP_RETURN_VALUE) < 0) return NULL;
    }
    if (flow_normalize(&u->flow) < 0) return NULL;
    if (!u->first_line) {
        Instr *first = u->flow.entry->size ? &u->flow.entry->code[0] : NULL;
        u->first_line = first && first->pos.lineno ? first->pos.lineno : 1;
    }
    CellPlaces places;
    int flags = code_flags(c);
    if (find_places(u, &places) < 0 || insert_prefix(u, &places, flags) < 0) return NULL;
    close_gaps(u, &places);
    PyObject *consts = keys_list(u->consts);
    if (!consts) return NULL;
    PyCodeObject *code = assemble(c, consts, flags, &places);
    Py_DECREF(consts);
    return code;
}
