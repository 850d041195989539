/* Code for the match statement (PEP 634).
 *
 * While a pattern is matched, its subject is on top of the stack; a pattern that fails jumps
 * to a cleanup block that pops what has been pushed since the case began. Names are captured
 * by moving values below everything that is still needed; only when the whole pattern has
 * matched are they stored.
 */
#include "compiler/unit.h"

typedef struct {
    PyObject *
        stores; /* owned list: names captured so far, whose values lie on the stack in this order */
    bool allow_irrefutable;
    Block **fail;               /* fail[n] pops n entries and leaves the case */
    Py_ssize_t fail_count;
    Py_ssize_t on_top; /* entries above the captured values that a failure must pop as well */
} Match;

static int gen_pattern(Compiler *c, Pattern *p, Match *m);

static bool is_wildcard(const Pattern *p) { return p->kind == pattern_MatchAs && !p->MatchAs.name; }
static bool is_star_wildcard(const Pattern *p)
{
    return p->kind == pattern_MatchStar && !p->MatchStar.name;
}

/* ---- Failing --------------------------------------------------------------------------------- */

static int ensure_fail_blocks(Compiler *c, Match *m, Py_ssize_t pops)
{
    if (pops < m->fail_count) return 0;
    Block **blocks = flow_alloc(&c->unit->flow, (size_t)(pops + 1) * sizeof(*blocks));
    if (!blocks) return -1;
    for (Py_ssize_t i = 0; i < m->fail_count; i++) blocks[i] = m->fail[i];
    m->fail = blocks;
    while (m->fail_count <= pops) {
        NEW_BLOCK(block);
        m->fail[m->fail_count++] = block;
    }
    return 0;
}

static int emit_fail_jump(Compiler *c, Match *m, int opcode)
{
    Py_ssize_t pops = m->on_top + PyList_GET_SIZE(m->stores);
    TRY(ensure_fail_blocks(c, m, pops));
    return emit_jump(c, opcode, m->fail[pops]);
}

/* Lays out the cleanup blocks, each falling through to the one that pops one less. */
static int emit_fail_blocks(Compiler *c, Match *m)
{
    if (!m->fail_count) {
        NEW_BLOCK(block);
        use_block(c, block);
        return 0;
    }
    while (--m->fail_count > 0) {
        use_block(c, m->fail[m->fail_count]);
        TRY(emit(c, OP_POP_TOP));
    }
    use_block(c, m->fail[0]);
    m->fail = NULL;
    return 0;
}

/* ---- Helpers --------------------------------------------------------------------------------- */

/* Moves the top of the stack below `count - 1` others. */
static int emit_rotate(Compiler *c, Py_ssize_t count)
{
    for (; count > 1; count--) TRY(emit_arg(c, OP_SWAP, count));
    return 0;
}

static int add_store(Compiler *c, PyObject *name, Match *m)
{
    int duplicate = PySequence_Contains(m->stores, name);
    if (duplicate < 0) return -1;
    if (duplicate) return compiler_error(c, "multiple assignments to name %R in pattern", name);
    return PyList_Append(m->stores, name);
}

static int gen_capture(Compiler *c, PyObject *name, Match *m)
{
    if (!name) return emit(c, OP_POP_TOP);
    TRY(check_forbidden_name(c, name, expr_context_Store));
    int duplicate = PySequence_Contains(m->stores, name);
    if (duplicate < 0) return -1;
    if (duplicate) return compiler_error(c, "multiple assignments to name %R in pattern", name);
    TRY(emit_rotate(c, m->on_top + PyList_GET_SIZE(m->stores) + 1));
    return PyList_Append(m->stores, name);
}

/* A pattern inside another may be irrefutable. */
static int gen_subpattern(Compiler *c, Pattern *p, Match *m)
{
    bool allowed = m->allow_irrefutable;
    m->allow_irrefutable = true;
    TRY(gen_pattern(c, p, m));
    m->allow_irrefutable = allowed;
    return 0;
}

static int emit_length_test(Compiler *c, Match *m, Py_ssize_t length, CmpOp op)
{
    TRY(emit(c, OP_GET_LEN));
    TRY(emit_const_steal(c, PyLong_FromSsize_t(length)));
    TRY(gen_compare_op(c, op));
    return emit_fail_jump(c, m, OP_POP_JUMP_IF_FALSE);
}

static int emit_not_none_test(Compiler *c, Match *m)
{
    TRY(emit_arg(c, OP_COPY, 1));
    TRY(emit_const(c, Py_None));
    TRY(emit_arg(c, OP_IS_OP, 1));
    m->on_top++;
    return emit_fail_jump(c, m, OP_POP_JUMP_IF_FALSE);
}

/* ---- Sequences ------------------------------------------------------------------------------- */

static int gen_unpack_patterns(Compiler *c, const PatternSeq *patterns)
{
    Py_ssize_t n = patterns->size;
    bool seen_star = false;
    for (Py_ssize_t i = 0; i < n; i++) {
        if (patterns->items[i]->kind != pattern_MatchStar) continue;
        if (seen_star) return compiler_error(c, "multiple starred expressions in sequence pattern");
        if (i >= 1 << 8 || n - i - 1 >= INT_MAX >> 8) {
            return compiler_error(c, "too many expressions in star-unpacking sequence pattern");
        }
        TRY(emit_arg(c, OP_UNPACK_EX, i + ((n - i - 1) << 8)));
        seen_star = true;
    }
    return seen_star ? 0 : emit_arg(c, OP_UNPACK_SEQUENCE, n);
}

static int gen_sequence_unpack(Compiler *c, const PatternSeq *patterns, Match *m)
{
    TRY(gen_unpack_patterns(c, patterns));
    m->on_top += patterns->size;
    for (Py_ssize_t i = 0; i < patterns->size; i++) {
        m->on_top--;
        TRY(gen_subpattern(c, patterns->items[i], m));
    }
    return 0;
}

/* With `*_`, elements are fetched one by one instead of unpacking all. */
static int gen_sequence_subscript(Compiler *c, const PatternSeq *patterns, Py_ssize_t star,
                                  Match *m)
{
    m->on_top++;
    for (Py_ssize_t i = 0; i < patterns->size; i++) {
        Pattern *p = patterns->items[i];
        if (is_wildcard(p) || i == star) continue;
        TRY(emit_arg(c, OP_COPY, 1));
        if (i < star) {
            TRY(emit_const_steal(c, PyLong_FromSsize_t(i)));
        } else {
            TRY(emit(c, OP_GET_LEN));
            TRY(emit_const_steal(c, PyLong_FromSsize_t(patterns->size - i)));
            TRY(gen_binary_op(c, operator_Sub, false));
        }
        TRY(emit(c, OP_BINARY_SUBSCR));
        TRY(gen_subpattern(c, p, m));
    }
    m->on_top--;
    return emit(c, OP_POP_TOP);
}

static int gen_pattern_sequence(Compiler *c, Pattern *p, Match *m)
{
    const PatternSeq *patterns = p->MatchSequence.patterns;
    Py_ssize_t star = -1;
    bool only_wildcards = true, star_is_wildcard = false;
    for (Py_ssize_t i = 0; i < patterns->size; i++) {
        Pattern *element = patterns->items[i];
        if (element->kind == pattern_MatchStar) {
            if (star >= 0) return compiler_error(c, "multiple starred names in sequence pattern");
            star_is_wildcard = is_star_wildcard(element);
            only_wildcards = only_wildcards && star_is_wildcard;
            star = i;
        } else {
            only_wildcards = only_wildcards && is_wildcard(element);
        }
    }
    m->on_top++;
    TRY(emit(c, OP_MATCH_SEQUENCE));
    TRY(emit_fail_jump(c, m, OP_POP_JUMP_IF_FALSE));
    if (star < 0) {
        TRY(emit_length_test(c, m, patterns->size, cmpop_Eq));
    } else if (patterns->size > 1) {
        TRY(emit_length_test(c, m, patterns->size - 1, cmpop_GtE));
    }
    m->on_top--;
    if (only_wildcards) return emit(c, OP_POP_TOP);
    return star_is_wildcard ? gen_sequence_subscript(c, patterns, star, m)
                            : gen_sequence_unpack(c, patterns, m);
}

/* ---- Mappings -------------------------------------------------------------------------------- */

static int check_key(Compiler *c, Expr *key, PyObject *seen)
{
    if (key->kind == expr_Constant) {
        int duplicate = PySet_Contains(seen, key->Constant.value);
        if (duplicate < 0) return -1;
        if (duplicate) {
            return compiler_error(c, "mapping pattern checks duplicate key (%R)",
                                  key->Constant.value);
        }
        return PySet_Add(seen, key->Constant.value);
    }
    if (key->kind == expr_Attribute) return 0;
    return compiler_error(c, "mapping pattern keys may only match literals and attribute lookups");
}

static int gen_keys(Compiler *c, Pattern *p)
{
    const ExprSeq *keys = p->MatchMapping.keys;
    PyObject *seen = PySet_New(NULL);
    if (!seen) return -1;
    int status = 0;
    for (Py_ssize_t i = 0; status == 0 && i < keys->size; i++) {
        if (!keys->items[i]) {
            set_pos(c, p->MatchMapping.patterns->items[i]->pos);
            status = compiler_error(
                c, "can't use NULL keys in MatchMapping (set 'rest' parameter instead)");
        } else if ((status = check_key(c, keys->items[i], seen)) == 0) {
            status = gen_expr(c, keys->items[i]);
        }
    }
    Py_DECREF(seen);
    return status;
}

/* [subject, keys] -> a dict of the items with other keys, captured as `name`. */
static int gen_rest(Compiler *c, Py_ssize_t size, PyObject *name, Match *m)
{
    TRY(emit_arg(c, OP_BUILD_MAP, 0));
    TRY(emit_arg(c, OP_SWAP, 3));
    TRY(emit_arg(c, OP_DICT_UPDATE, 2));
    TRY(emit_arg(c, OP_UNPACK_SEQUENCE, size));
    for (; size; size--) {
        TRY(emit_arg(c, OP_COPY, size + 1));
        TRY(emit_arg(c, OP_SWAP, 2));
        TRY(emit(c, OP_DELETE_SUBSCR));
    }
    return gen_capture(c, name, m);
}

static int gen_pattern_mapping(Compiler *c, Pattern *p, Match *m)
{
    const PatternSeq *patterns = p->MatchMapping.patterns;
    PyObject *rest = p->MatchMapping.rest;
    Py_ssize_t size = p->MatchMapping.keys->size;
    if (size != patterns->size) {
        return compiler_error(c, "keys (%d) / patterns (%d) length mismatch in mapping pattern",
                              (int)size, (int)patterns->size);
    }
    m->on_top++;
    TRY(emit(c, OP_MATCH_MAPPING));
    TRY(emit_fail_jump(c, m, OP_POP_JUMP_IF_FALSE));
    if (!size && !rest) {
        m->on_top--;
        return emit(c, OP_POP_TOP);
    }
    if (size) TRY(emit_length_test(c, m, size, cmpop_GtE));
    if (INT_MAX < size - 1) return compiler_error(c, "too many sub-patterns in mapping pattern");
    TRY(gen_keys(c, p));
    TRY(emit_arg(c, OP_BUILD_TUPLE, size));
    TRY(emit(c, OP_MATCH_KEYS));
    m->on_top++;
    TRY(emit_not_none_test(c, m));
    TRY(emit_arg(c, OP_UNPACK_SEQUENCE, size));
    m->on_top += size - 1;
    for (Py_ssize_t i = 0; i < size; i++) {
        m->on_top--;
        TRY(gen_subpattern(c, patterns->items[i], m));
    }
    m->on_top -= 2;
    if (rest) return gen_rest(c, size, rest, m);
    TRY(emit(c, OP_POP_TOP));
    return emit(c, OP_POP_TOP);
}

/* ---- Classes --------------------------------------------------------------------------------- */

static int check_class_attributes(Compiler *c, const IdentifierSeq *attrs,
                                  const PatternSeq *patterns)
{
    for (Py_ssize_t i = 0; i < attrs->size; i++) {
        set_pos(c, patterns->items[i]->pos);
        TRY(check_forbidden_name(c, attrs->items[i], expr_context_Store));
        for (Py_ssize_t j = i + 1; j < attrs->size; j++) {
            if (PyUnicode_Compare(attrs->items[i], attrs->items[j]) == 0) {
                set_pos(c, patterns->items[j]->pos);
                return compiler_error(c, "attribute name repeated in class pattern: %U",
                                      attrs->items[i]);
            }
        }
    }
    return 0;
}

static int gen_pattern_class(Compiler *c, Pattern *p, Match *m)
{
    const PatternSeq *positional = p->MatchClass.patterns, *keyword = p->MatchClass.kwd_patterns;
    const IdentifierSeq *attrs = p->MatchClass.kwd_attrs;
    if (attrs->size != keyword->size) {
        return compiler_error(c,
                              "kwd_attrs (%d) / kwd_patterns (%d) length mismatch in class pattern",
                              (int)attrs->size, (int)keyword->size);
    }
    Py_ssize_t count = positional->size + attrs->size;
    if (INT_MAX < positional->size || INT_MAX < count - 1) {
        return compiler_error(c, "too many sub-patterns in class pattern %R", p->MatchClass.cls);
    }
    if (attrs->size) {
        TRY(check_class_attributes(c, attrs, keyword));
        set_pos(c, p->pos);
    }
    TRY(gen_expr(c, p->MatchClass.cls));
    PyObject *names = PyTuple_New(attrs->size);
    for (Py_ssize_t i = 0; names && i < attrs->size; i++) {
        PyTuple_SET_ITEM(names, i, Py_NewRef(attrs->items[i]));
    }
    TRY(emit_const_steal(c, names));
    TRY(emit_arg(c, OP_MATCH_CLASS, positional->size));
    TRY(emit_not_none_test(c, m));
    TRY(emit_arg(c, OP_UNPACK_SEQUENCE, count));
    m->on_top += count - 1;
    for (Py_ssize_t i = 0; i < count; i++) {
        m->on_top--;
        Pattern *element =
            i < positional->size ? positional->items[i] : keyword->items[i - positional->size];
        TRY(is_wildcard(element) ? emit(c, OP_POP_TOP) : gen_subpattern(c, element, m));
    }
    return 0;
}

/* ---- Alternatives ---------------------------------------------------------------------------- */

/* Brings the captures of an alternative, on the stack and in m->stores, into the order of the
 * first one's. */
static int reorder_captures(Compiler *c, Match *m, PyObject *control)
{
    for (Py_ssize_t wanted = PyList_GET_SIZE(control) - 1; wanted >= 0; wanted--) {
        PyObject *name = PyList_GET_ITEM(control, wanted);
        Py_ssize_t found = PySequence_Index(m->stores, name);
        if (found < 0) {
            PyErr_Clear();
            return compiler_error(c, "alternative patterns bind different names");
        }
        if (found == wanted) continue;
        Py_ssize_t rotations = found + 1;
        PyObject *rotated = PyList_GetSlice(m->stores, 0, rotations);
        if (!rotated) return -1;
        int status = PyList_SetSlice(m->stores, 0, rotations, NULL);
        if (status == 0) {
            status = PyList_SetSlice(m->stores, wanted - found, wanted - found, rotated);
        }
        Py_DECREF(rotated);
        TRY(status);
        while (rotations--) TRY(emit_rotate(c, wanted + 1));
    }
    return 0;
}

static int gen_alternatives(Compiler *c, Pattern *p, Match *m, bool allow_irrefutable, Block *end,
                            PyObject **control)
{
    const PatternSeq *patterns = p->MatchOr.patterns;
    for (Py_ssize_t i = 0; i < patterns->size; i++) {
        Pattern *alternative = patterns->items[i];
        set_pos(c, alternative->pos);
        Py_XSETREF(m->stores, PyList_New(0));
        if (!m->stores) return -1;
        m->allow_irrefutable = i == patterns->size - 1 && allow_irrefutable;
        m->fail = NULL;
        m->fail_count = 0;
        m->on_top = 0;
        TRY(emit_arg(c, OP_COPY, 1));
        TRY(gen_pattern(c, alternative, m));
        if (i == 0) {
            *control = Py_NewRef(m->stores);
        } else if (PyList_GET_SIZE(m->stores) != PyList_GET_SIZE(*control)) {
            return compiler_error(c, "alternative patterns bind different names");
        } else {
            TRY(reorder_captures(c, m, *control));
        }
        TRY(emit_jump(c, OP_JUMP, end));
        TRY(emit_fail_blocks(c, m));
    }
    return 0;
}

/* After one alternative matched: its captures lie above the subject's copy and move down to the
 * older ones. */
static int adopt_captures(Compiler *c, Match *m, PyObject *control)
{
    Py_ssize_t count = PyList_GET_SIZE(control),
               depth = count + 1 + m->on_top + PyList_GET_SIZE(m->stores);
    for (Py_ssize_t i = 0; i < count; i++) {
        TRY(emit_rotate(c, depth));
        TRY(add_store(c, PyList_GET_ITEM(control, i), m));
    }
    return emit(c, OP_POP_TOP);
}

static int gen_pattern_or(Compiler *c, Pattern *p, Match *m)
{
    NEW_BLOCK(end);
    Match inner = {0};
    PyObject *control = NULL;
    int status = gen_alternatives(c, p, &inner, m->allow_irrefutable, end, &control);
    Py_XDECREF(inner.stores);
    if (status == 0 && (emit(c, OP_POP_TOP) < 0 || emit_fail_jump(c, m, OP_JUMP) < 0)) status = -1;
    if (status == 0) {
        use_block(c, end);
        status = adopt_captures(c, m, control);
    }
    Py_XDECREF(control);
    return status;
}

/* ---- The others ------------------------------------------------------------------------------ */

static int gen_pattern_as(Compiler *c, Pattern *p, Match *m)
{
    PyObject *name = p->MatchAs.name;
    if (!p->MatchAs.pattern) {
        if (!m->allow_irrefutable) {
            return name ? compiler_error(c, "name capture %R makes remaining patterns unreachable",
                                         name)
                        : compiler_error(c, "wildcard makes remaining patterns unreachable");
        }
        return gen_capture(c, name, m);
    }
    m->on_top++;
    TRY(emit_arg(c, OP_COPY, 1));
    TRY(gen_pattern(c, p->MatchAs.pattern, m));
    m->on_top--;
    return gen_capture(c, name, m);
}

static int gen_pattern_value(Compiler *c, Pattern *p, Match *m)
{
    Expr *value = p->MatchValue.value;
    if (value->kind != expr_Constant && value->kind != expr_Attribute) {
        return compiler_error(c, "patterns may only match literals and attribute lookups");
    }
    TRY(gen_expr(c, value));
    TRY(gen_compare_op(c, cmpop_Eq));
    return emit_fail_jump(c, m, OP_POP_JUMP_IF_FALSE);
}

static int gen_pattern(Compiler *c, Pattern *p, Match *m)
{
    set_pos(c, p->pos);
    switch (p->kind) {
    case pattern_MatchValue: return gen_pattern_value(c, p, m);
    case pattern_MatchSingleton:
        TRY(emit_const(c, p->MatchSingleton.value));
        TRY(gen_compare_op(c, cmpop_Is));
        return emit_fail_jump(c, m, OP_POP_JUMP_IF_FALSE);
    case pattern_MatchSequence: return gen_pattern_sequence(c, p, m);
    case pattern_MatchMapping: return gen_pattern_mapping(c, p, m);
    case pattern_MatchClass: return gen_pattern_class(c, p, m);
    case pattern_MatchStar: return gen_capture(c, p->MatchStar.name, m);
    case pattern_MatchAs: return gen_pattern_as(c, p, m);
    case pattern_MatchOr: return gen_pattern_or(c, p, m);
    case pattern_none_: break;
    }
    Py_UNREACHABLE();
}

/* ---- The statement --------------------------------------------------------------------------- */

static int gen_case(Compiler *c, MatchCase *mc, Match *m, bool last, bool may_be_irrefutable,
                    Block *end)
{
    set_pos(c, mc->pattern->pos);
    if (!last) TRY(emit_arg(c, OP_COPY, 1));
    Py_XSETREF(m->stores, PyList_New(0));
    if (!m->stores) return -1;
    m->allow_irrefutable = mc->guard || may_be_irrefutable;
    m->fail = NULL;
    m->fail_count = 0;
    m->on_top = 0;
    TRY(gen_pattern(c, mc->pattern, m));
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(m->stores); i++) {
        TRY(emit_nameop(c, PyList_GET_ITEM(m->stores, i), expr_context_Store));
    }
    if (mc->guard) {
        TRY(ensure_fail_blocks(c, m, 0));
        TRY(gen_jump_if(c, mc->guard, m->fail[0], false));
    }
    if (!last) TRY(emit(c, OP_POP_TOP));
    TRY(gen_stmts(c, mc->body));
    TRY(emit_jump(c, OP_JUMP, end));
    /* The cleanup belongs to the pattern that failed. */
    set_pos(c, mc->pattern->pos);
    return emit_fail_blocks(c, m);
}

static int gen_default_case(Compiler *c, MatchCase *mc, bool only, Block *end)
{
    set_pos(c, mc->pattern->pos);
    TRY(emit(c, only ? OP_POP_TOP : OP_NOP));
    if (mc->guard) TRY(gen_jump_if(c, mc->guard, end, false));
    return gen_stmts(c, mc->body);
}

int gen_match(Compiler *c, Stmt *s)
{
    const MatchCaseSeq *cases = s->Match.cases;
    TRY(gen_expr(c, s->Match.subject));
    NEW_BLOCK(end);
    /* A trailing `case _` needs no copy of the subject. */
    bool has_default = cases->size > 1 && is_wildcard(cases->items[cases->size - 1]->pattern);
    Py_ssize_t tested = cases->size - has_default;
    Match m = {0};
    int status = 0;
    for (Py_ssize_t i = 0; status == 0 && i < tested; i++) {
        status = gen_case(c, cases->items[i], &m, i == tested - 1, i == cases->size - 1, end);
    }
    Py_XDECREF(m.stores);
    TRY(status);
    if (has_default) TRY(gen_default_case(c, cases->items[cases->size - 1], cases->size == 1, end));
    use_block(c, end);
    return 0;
}
