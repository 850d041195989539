/* Code for expressions. */
#include "compiler/unit.h"
#include "objects/recursion.h"
#include "syntax/syntax.h"

int gen_exprs(Compiler *c, const ExprSeq *seq)
{
    for (Py_ssize_t i = 0; i < seq->size; i++) TRY(gen_expr(c, seq->items[i]));
    return 0;
}

/* An attribute on a later line than where its expression starts is an event of its own line. */
void set_pos_of_attribute(Compiler *c, const Expr *attribute)
{
    AstPosition *pos = &c->unit->pos;
    if (pos->lineno == attribute->pos.end_lineno) return;
    pos->lineno = attribute->pos.end_lineno;
    Py_ssize_t length = PyUnicode_GET_LENGTH(attribute->Attribute.attr);
    if (length <= attribute->pos.end_col_offset) {
        pos->col_offset = attribute->pos.end_col_offset - (int)length;
    } else {
        /* Only a tree made by hand is like this. */
        pos->col_offset = pos->end_col_offset = -1;
    }
}

/* ---- Operators ------------------------------------------------------------------------------- */

enum { IN_PLACE = 13 };     /* distance from an operator's number to that of its in-place form */

int gen_binary_op(Compiler *c, Operator op, bool in_place)
{
    static const uint8_t numbers[] = {
        [operator_Add] = 0,     [operator_BitAnd] = 1,  [operator_FloorDiv] = 2,
        [operator_LShift] = 3,  [operator_MatMult] = 4, [operator_Mult] = 5,
        [operator_Mod] = 6,     [operator_BitOr] = 7,   [operator_Pow] = 8,
        [operator_RShift] = 9,  [operator_Sub] = 10,    [operator_Div] = 11,
        [operator_BitXor] = 12,
    };
    return emit_arg(c, OP_BINARY_OP, numbers[op] + (in_place ? IN_PLACE : 0));
}

int gen_compare_op(Compiler *c, intptr_t op)
{
    switch ((CmpOp)op) {
    case cmpop_Lt: return emit_arg(c, OP_COMPARE_OP, Py_LT);
    case cmpop_LtE: return emit_arg(c, OP_COMPARE_OP, Py_LE);
    case cmpop_Eq: return emit_arg(c, OP_COMPARE_OP, Py_EQ);
    case cmpop_NotEq: return emit_arg(c, OP_COMPARE_OP, Py_NE);
    case cmpop_Gt: return emit_arg(c, OP_COMPARE_OP, Py_GT);
    case cmpop_GtE: return emit_arg(c, OP_COMPARE_OP, Py_GE);
    case cmpop_Is: return emit_arg(c, OP_IS_OP, 0);
    case cmpop_IsNot: return emit_arg(c, OP_IS_OP, 1);
    case cmpop_In: return emit_arg(c, OP_CONTAINS_OP, 0);
    case cmpop_NotIn: return emit_arg(c, OP_CONTAINS_OP, 1);
    default: Py_UNREACHABLE();
    }
}

static int gen_unary(Compiler *c, Expr *e)
{
    static const int opcodes[] = {
        [unaryop_Invert] = OP_UNARY_INVERT,
        [unaryop_Not] = OP_UNARY_NOT,
        [unaryop_UAdd] = OP_UNARY_POSITIVE,
        [unaryop_USub] = OP_UNARY_NEGATIVE,
    };
    TRY(gen_expr(c, e->UnaryOp.operand));
    return emit(c, opcodes[e->UnaryOp.op]);
}

/* a < b < c: every operand but the first and last is copied below the result of the comparison
 * before it. */
static int gen_chain_link(Compiler *c, Expr *e, Py_ssize_t i)
{
    TRY(gen_expr(c, e->Compare.comparators->items[i]));
    if (i < e->Compare.ops->size - 1) {
        TRY(emit_arg(c, OP_SWAP, 2));
        TRY(emit_arg(c, OP_COPY, 2));
    }
    return gen_compare_op(c, e->Compare.ops->items[i]);
}

static int gen_compare(Compiler *c, Expr *e)
{
    TRY(check_compare(c, e));
    TRY(gen_expr(c, e->Compare.left));
    Py_ssize_t last = e->Compare.ops->size - 1;
    if (last == 0) return gen_chain_link(c, e, 0);
    NEW_BLOCK(cleanup);
    for (Py_ssize_t i = 0; i < last; i++) {
        TRY(gen_chain_link(c, e, i));
        TRY(emit_jump(c, OP_JUMP_IF_FALSE_OR_POP, cleanup));
    }
    TRY(gen_chain_link(c, e, last));
    NEW_BLOCK(end);
    TRY(emit_artificial_jump(c, OP_JUMP, end));
    use_block(c, cleanup);
    TRY(emit_arg(c, OP_SWAP, 2));
    TRY(emit(c, OP_POP_TOP));
    use_block(c, end);
    return 0;
}

static int gen_boolop(Compiler *c, Expr *e)
{
    int opcode = e->BoolOp.op == boolop_And ? OP_JUMP_IF_FALSE_OR_POP : OP_JUMP_IF_TRUE_OR_POP;
    NEW_BLOCK(end);
    Py_ssize_t last = e->BoolOp.values->size - 1;
    for (Py_ssize_t i = 0; i < last; i++) {
        TRY(gen_expr(c, e->BoolOp.values->items[i]));
        TRY(emit_jump(c, opcode, end));
    }
    TRY(gen_expr(c, e->BoolOp.values->items[last]));
    use_block(c, end);
    return 0;
}

static int gen_conditional(Compiler *c, Expr *e)
{
    NEW_BLOCK(end);
    NEW_BLOCK(otherwise);
    TRY(gen_jump_if(c, e->IfExp.test, otherwise, false));
    TRY(gen_expr(c, e->IfExp.body));
    TRY(emit_artificial_jump(c, OP_JUMP, end));
    use_block(c, otherwise);
    TRY(gen_expr(c, e->IfExp.orelse));
    use_block(c, end);
    return 0;
}

/* ---- Conditions: jump to `target` when the truth of `e` is `condition`, else fall through ---- */

static int jump_if_boolop(Compiler *c, Expr *e, Block *target, bool condition)
{
    bool is_or = e->BoolOp.op == boolop_Or;
    Block *early = target;
    if (is_or != condition && !(early = flow_block_new(&c->unit->flow))) return -1;
    Py_ssize_t last = e->BoolOp.values->size - 1;
    for (Py_ssize_t i = 0; i < last; i++) {
        TRY(gen_jump_if(c, e->BoolOp.values->items[i], early, is_or));
    }
    TRY(gen_jump_if(c, e->BoolOp.values->items[last], target, condition));
    if (early != target) use_block(c, early);
    return 0;
}

static int jump_if_conditional(Compiler *c, Expr *e, Block *target, bool condition)
{
    NEW_BLOCK(end);
    NEW_BLOCK(otherwise);
    TRY(gen_jump_if(c, e->IfExp.test, otherwise, false));
    TRY(gen_jump_if(c, e->IfExp.body, target, condition));
    TRY(emit_artificial_jump(c, OP_JUMP, end));
    use_block(c, otherwise);
    TRY(gen_jump_if(c, e->IfExp.orelse, target, condition));
    use_block(c, end);
    return 0;
}

static int jump_if_chain(Compiler *c, Expr *e, Block *target, bool condition)
{
    TRY(check_compare(c, e));
    NEW_BLOCK(cleanup);
    TRY(gen_expr(c, e->Compare.left));
    Py_ssize_t last = e->Compare.ops->size - 1;
    for (Py_ssize_t i = 0; i < last; i++) {
        TRY(gen_chain_link(c, e, i));
        TRY(emit_jump(c, OP_POP_JUMP_IF_FALSE, cleanup));
    }
    TRY(gen_chain_link(c, e, last));
    TRY(emit_jump(c, condition ? OP_POP_JUMP_IF_TRUE : OP_POP_JUMP_IF_FALSE, target));
    NEW_BLOCK(end);
    TRY(emit_artificial_jump(c, OP_JUMP, end));
    use_block(c, cleanup);
    TRY(emit(c, OP_POP_TOP));
    if (!condition) TRY(emit_artificial_jump(c, OP_JUMP, target));
    use_block(c, end);
    return 0;
}

int gen_jump_if(Compiler *c, Expr *e, Block *target, bool condition)
{
    if (e->kind == expr_UnaryOp && e->UnaryOp.op == unaryop_Not) {
        return gen_jump_if(c, e->UnaryOp.operand, target, !condition);
    }
    if (e->kind == expr_BoolOp) return jump_if_boolop(c, e, target, condition);
    if (e->kind == expr_IfExp) return jump_if_conditional(c, e, target, condition);
    if (e->kind == expr_Compare) {
        set_pos(c, e->pos);
        if (e->Compare.ops->size > 1) return jump_if_chain(c, e, target, condition);
    }
    TRY(gen_expr(c, e));
    return emit_jump(c, condition ? OP_POP_JUMP_IF_TRUE : OP_POP_JUMP_IF_FALSE, target);
}

/* ---- Displays -------------------------------------------------------------------------------- */

static bool all_constant(const ExprSeq *elts, Py_ssize_t begin, Py_ssize_t end)
{
    for (Py_ssize_t i = begin; i < end; i++) {
        if (!elts->items[i] || elts->items[i]->kind != expr_Constant) return false;
    }
    return true;
}

static PyObject *constants_tuple(const ExprSeq *elts, Py_ssize_t begin, Py_ssize_t end)
{
    PyObject *tuple = PyTuple_New(end - begin);
    for (Py_ssize_t i = begin; tuple && i < end; i++) {
        PyTuple_SET_ITEM(tuple, i - begin, Py_NewRef(elts->items[i]->Constant.value));
    }
    return tuple;
}

/* Three or more constants: loaded as one, then spread. */
static int gen_constant_elements(Compiler *c, const ExprSeq *elts, Py_ssize_t pushed, int build,
                                 int extend, bool tuple)
{
    PyObject *folded = constants_tuple(elts, 0, elts->size);
    if (tuple && !pushed) return emit_const_steal(c, folded);
    if (folded && build == OP_BUILD_SET) Py_SETREF(folded, PyFrozenSet_New(folded));
    if (!folded) return -1;
    int status =
        emit_arg(c, build, pushed) < 0 || emit_const(c, folded) < 0 || emit_arg(c, extend, 1) < 0
            ? -1
            : 0;
    Py_DECREF(folded);
    return status == 0 && tuple ? emit(c, OP_LIST_TO_TUPLE) : status;
}

int gen_elements(Compiler *c, const ExprSeq *elts, Py_ssize_t pushed, int build, int add,
                 int extend, bool tuple)
{
    Py_ssize_t n = elts->size;
    if (n > 2 && all_constant(elts, 0, n)) {
        return gen_constant_elements(c, elts, pushed, build, extend, tuple);
    }

    bool big = n + pushed > STACK_USE_GUIDELINE, starred = false;
    for (Py_ssize_t i = 0; i < n; i++) starred = starred || elts->items[i]->kind == expr_Starred;
    if (!starred && !big) {
        TRY(gen_exprs(c, elts));
        return emit_arg(c, tuple ? OP_BUILD_TUPLE : build, n + pushed);
    }
    bool built = big;
    if (big) TRY(emit_arg(c, build, pushed));
    for (Py_ssize_t i = 0; i < n; i++) {
        Expr *element = elts->items[i];
        if (element->kind == expr_Starred) {
            if (!built) TRY(emit_arg(c, build, i + pushed));
            built = true;
            TRY(gen_expr(c, element->Starred.value));
            TRY(emit_arg(c, extend, 1));
        } else {
            TRY(gen_expr(c, element));
            if (built) TRY(emit_arg(c, add, 1));
        }
    }
    return tuple ? emit(c, OP_LIST_TO_TUPLE) : 0;
}

/* Unpacking assignment to a list of targets. */
static int gen_unpack(Compiler *c, const ExprSeq *elts)
{
    Py_ssize_t n = elts->size;
    bool seen_star = false;
    for (Py_ssize_t i = 0; i < n; i++) {
        if (elts->items[i]->kind != expr_Starred) continue;
        if (seen_star) return compiler_error(c, "multiple starred expressions in assignment");
        if (i >= 1 << 8 || n - i - 1 >= INT_MAX >> 8) {
            return compiler_error(c, "too many expressions in star-unpacking assignment");
        }
        TRY(emit_arg(c, OP_UNPACK_EX, i + ((n - i - 1) << 8)));
        seen_star = true;
    }
    if (!seen_star) TRY(emit_arg(c, OP_UNPACK_SEQUENCE, n));
    for (Py_ssize_t i = 0; i < n; i++) {
        Expr *element = elts->items[i];
        TRY(gen_expr(c, element->kind == expr_Starred ? element->Starred.value : element));
    }
    return 0;
}

static int gen_sequence(Compiler *c, const ExprSeq *elts, ExprContext ctx, bool tuple)
{
    if (ctx == expr_context_Store) return gen_unpack(c, elts);
    if (ctx == expr_context_Del) return gen_exprs(c, elts);
    return gen_elements(c, elts, 0, OP_BUILD_LIST, OP_LIST_APPEND, OP_LIST_EXTEND, tuple);
}

static int gen_dict_part(Compiler *c, Expr *e, Py_ssize_t begin, Py_ssize_t end)
{
    Py_ssize_t n = end - begin;
    bool big = n * 2 > STACK_USE_GUIDELINE;
    const ExprSeq *keys = e->Dict.keys, *values = e->Dict.values;
    if (n > 1 && !big && all_constant(keys, begin, end)) {
        for (Py_ssize_t i = begin; i < end; i++) TRY(gen_expr(c, values->items[i]));
        TRY(emit_const_steal(c, constants_tuple(keys, begin, end)));
        return emit_arg(c, OP_BUILD_CONST_KEY_MAP, n);
    }
    if (big) TRY(emit_arg(c, OP_BUILD_MAP, 0));
    for (Py_ssize_t i = begin; i < end; i++) {
        TRY(gen_expr(c, keys->items[i]));
        TRY(gen_expr(c, values->items[i]));
        if (big) TRY(emit_arg(c, OP_MAP_ADD, 1));
    }
    return big ? 0 : emit_arg(c, OP_BUILD_MAP, n);
}

static int gen_dict(Compiler *c, Expr *e)
{
    Py_ssize_t n = e->Dict.values->size, pending = 0;
    bool have_dict = false;
    for (Py_ssize_t i = 0; i < n; i++) {
        bool unpacks = !e->Dict.keys->items[i], full = pending * 2 > STACK_USE_GUIDELINE;
        if (unpacks ? pending > 0 : full) {
            TRY(gen_dict_part(c, e, i - pending, unpacks ? i : i + 1));
            if (have_dict) TRY(emit_arg(c, OP_DICT_UPDATE, 1));
            have_dict = true;
            pending = 0;
        } else if (!unpacks) {
            pending++;
        }
        if (!unpacks) continue;
        if (!have_dict) TRY(emit_arg(c, OP_BUILD_MAP, 0));
        have_dict = true;
        TRY(gen_expr(c, e->Dict.values->items[i]));
        TRY(emit_arg(c, OP_DICT_UPDATE, 1));
    }
    if (pending) {
        TRY(gen_dict_part(c, e, n - pending, n));
        return have_dict ? emit_arg(c, OP_DICT_UPDATE, 1) : 0;
    }
    return have_dict ? 0 : emit_arg(c, OP_BUILD_MAP, 0);
}

/* ---- f-strings ------------------------------------------------------------------------------- */

static int gen_joined_str(Compiler *c, Expr *e)
{
    const ExprSeq *values = e->JoinedStr.values;
    if (values->size > STACK_USE_GUIDELINE) {
        TRY(emit_const(c, NAME(empty)));
        TRY(emit_name(c, OP_LOAD_METHOD, NAME(join)));
        TRY(emit_arg(c, OP_BUILD_LIST, 0));
        for (Py_ssize_t i = 0; i < values->size; i++) {
            TRY(gen_expr(c, values->items[i]));
            TRY(emit_arg(c, OP_LIST_APPEND, 1));
        }
        return emit_call(c, 1);
    }
    TRY(gen_exprs(c, values));
    return values->size == 1 ? 0 : emit_arg(c, OP_BUILD_STRING, values->size);
}

static int gen_formatted_value(Compiler *c, Expr *e)
{
    int oparg;
    TRY(gen_expr(c, e->FormattedValue.value));
    switch (e->FormattedValue.conversion) {
    case 's': oparg = 1; break;
    case 'r': oparg = 2; break;
    case 'a': oparg = 3; break;
    case -1: oparg = 0; break;
    default:
        PyErr_Format(PyExc_SystemError, "Unrecognized conversion character %d",
                     e->FormattedValue.conversion);
        return -1;
    }
    if (e->FormattedValue.format_spec) {
        TRY(gen_expr(c, e->FormattedValue.format_spec));
        oparg |= 4;
    }
    return emit_arg(c, OP_FORMAT_VALUE, oparg);
}

/* ---- Attributes, subscripts, awaiting -------------------------------------------------------- */

static int gen_attribute(Compiler *c, Expr *e)
{
    static const int opcodes[] = {0, OP_LOAD_ATTR, OP_STORE_ATTR, OP_DELETE_ATTR};
    TRY(gen_expr(c, e->Attribute.value));
    TRY(check_forbidden_name(c, e->Attribute.attr,
                             e->Attribute.ctx == expr_context_Store ? expr_context_Store
                                                                    : expr_context_Load));
    AstPosition pos = c->unit->pos;
    set_pos_of_attribute(c, e);
    TRY(emit_name(c, opcodes[e->Attribute.ctx], e->Attribute.attr));
    set_pos(c, pos);
    return 0;
}

static int gen_subscript(Compiler *c, Expr *e)
{
    static const int opcodes[] = {0, OP_BINARY_SUBSCR, OP_STORE_SUBSCR, OP_DELETE_SUBSCR};
    if (e->Subscript.ctx == expr_context_Load) {
        TRY(check_subscripted(c, e->Subscript.value));
        TRY(check_index(c, e->Subscript.value, e->Subscript.slice));
    }
    TRY(gen_expr(c, e->Subscript.value));
    TRY(gen_expr(c, e->Subscript.slice));
    return emit(c, opcodes[e->Subscript.ctx]);
}

static int gen_slice(Compiler *c, Expr *e)
{
    TRY(e->Slice.lower ? gen_expr(c, e->Slice.lower) : emit_const(c, Py_None));
    TRY(e->Slice.upper ? gen_expr(c, e->Slice.upper) : emit_const(c, Py_None));
    if (!e->Slice.step) return emit_arg(c, OP_BUILD_SLICE, 2);
    TRY(gen_expr(c, e->Slice.step));
    return emit_arg(c, OP_BUILD_SLICE, 3);
}

int gen_yield_from(Compiler *c, bool is_await)
{
    NEW_BLOCK(start);
    NEW_BLOCK(resume);
    NEW_BLOCK(exit);
    use_block(c, start);
    TRY(emit_jump(c, OP_SEND, exit));
    use_block(c, resume);
    TRY(emit(c, OP_YIELD_VALUE));
    TRY(emit_arg(c, OP_RESUME, is_await ? 3 : 2));
    TRY(emit_jump(c, OP_JUMP_NO_INTERRUPT, start));
    use_block(c, exit);
    return 0;
}

int gen_await_rest(Compiler *c, int kind)
{
    TRY(emit_arg(c, OP_GET_AWAITABLE, kind));
    TRY(emit_const(c, Py_None));
    return gen_yield_from(c, true);
}

static int gen_await(Compiler *c, Expr *e)
{
    if (!is_top_level_await(c)) {
        if (!is_function_like(c)) return compiler_error(c, "'await' outside function");
        if (c->unit->type != UNIT_ASYNC_FUNCTION && c->unit->type != UNIT_COMPREHENSION) {
            return compiler_error(c, "'await' outside async function");
        }
    }
    TRY(gen_expr(c, e->Await.value));
    return gen_await_rest(c, 0);
}

static int gen_yield(Compiler *c, Expr *e)
{
    if (!is_function_like(c)) return compiler_error(c, "'yield' outside function");
    TRY(e->Yield.value ? gen_expr(c, e->Yield.value) : emit_const(c, Py_None));
    const SymtableEntry *entry = c->unit->entry;
    if (entry->is_generator && entry->is_coroutine) TRY(emit(c, OP_ASYNC_GEN_WRAP));
    TRY(emit(c, OP_YIELD_VALUE));
    return emit_arg(c, OP_RESUME, 1);
}

static int gen_yield_from_expr(Compiler *c, Expr *e)
{
    if (!is_function_like(c)) return compiler_error(c, "'yield' outside function");
    if (c->unit->type == UNIT_ASYNC_FUNCTION) {
        return compiler_error(c, "'yield from' inside async function");
    }
    TRY(gen_expr(c, e->YieldFrom.value));
    TRY(emit(c, OP_GET_YIELD_FROM_ITER));
    TRY(emit_const(c, Py_None));
    return gen_yield_from(c, false);
}

int gen_annotation(Compiler *c, Expr *annotation)
{
    return c->future.flags & CO_FUTURE_ANNOTATIONS
               ? emit_const_steal(c, ast_unparse_expr(annotation))
               : gen_expr(c, annotation);
}

/* ---- Dispatch -------------------------------------------------------------------------------- */

static int gen_expr_kind(Compiler *c, Expr *e)
{
    switch (e->kind) {
    case expr_NamedExpr:
        TRY(gen_expr(c, e->NamedExpr.value));
        TRY(emit_arg(c, OP_COPY, 1));
        return gen_expr(c, e->NamedExpr.target);
    case expr_BoolOp: return gen_boolop(c, e);
    case expr_BinOp:
        TRY(gen_expr(c, e->BinOp.left));
        TRY(gen_expr(c, e->BinOp.right));
        return gen_binary_op(c, e->BinOp.op, false);
    case expr_UnaryOp: return gen_unary(c, e);
    case expr_Lambda: return gen_lambda(c, e);
    case expr_IfExp: return gen_conditional(c, e);
    case expr_Dict: return gen_dict(c, e);
    case expr_Set:
        return gen_elements(c, e->Set.elts, 0, OP_BUILD_SET, OP_SET_ADD, OP_SET_UPDATE, false);
    case expr_ListComp:
    case expr_SetComp:
    case expr_DictComp:
    case expr_GeneratorExp: return gen_comprehension(c, e);
    case expr_Yield: return gen_yield(c, e);
    case expr_YieldFrom: return gen_yield_from_expr(c, e);
    case expr_Await: return gen_await(c, e);
    case expr_Compare: return gen_compare(c, e);
    case expr_Call: return gen_call(c, e);
    case expr_Constant: return emit_const(c, e->Constant.value);
    case expr_JoinedStr: return gen_joined_str(c, e);
    case expr_FormattedValue: return gen_formatted_value(c, e);
    case expr_Attribute: return gen_attribute(c, e);
    case expr_Subscript: return gen_subscript(c, e);
    case expr_Starred:
        /* Those that may be are dealt with by what contains them. */
        return compiler_error(c, e->Starred.ctx == expr_context_Store
                                     ? "starred assignment target must be in a list or tuple"
                                     : "can't use starred expression here");
    case expr_Slice: return gen_slice(c, e);
    case expr_Name: return emit_nameop(c, e->Name.id, e->Name.ctx);
    case expr_List: return gen_sequence(c, e->List.elts, e->List.ctx, false);
    case expr_Tuple: return gen_sequence(c, e->Tuple.elts, e->Tuple.ctx, true);
    case expr_none_: break;
    }
    Py_UNREACHABLE();
}

int gen_expr(Compiler *c, Expr *e)
{
    if (c_stack_is_low(" during compilation")) return -1;
    AstPosition pos = c->unit->pos;
    set_pos(c, e->pos);
    TRY(gen_expr_kind(c, e));
    set_pos(c, pos);
    return 0;
}
