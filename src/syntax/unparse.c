/* The text of an expression: what `from __future__ import annotations` stores. */
#include "syntax/syntax.h"

#include <float.h>
#include <string.h>

/* How tightly an expression binds; parentheses go around one that binds less than its place asks for. */
typedef enum {
    TUPLE, TEST, OR, AND, NOT, COMPARISON, BIT_OR, BIT_XOR, BIT_AND, SHIFT, ARITHMETIC, TERM, FACTOR, POWER, AWAIT, ATOM,
} Level;

typedef _PyUnicodeWriter Writer;

static int write_expr(Writer *w, Expr *e, int level);

static int put(Writer *w, const char *text)
{
    return _PyUnicodeWriter_WriteASCIIString(w, text, -1);
}

static int put_if(Writer *w, bool condition, const char *text)
{
    return condition ? put(w, text) : 0;
}

static int put_comma_if(Writer *w, bool condition)
{
    return put_if(w, condition, ", ");
}

#define TRY(call) do { if ((call) < 0) return -1; } while (0)

static int write_list(Writer *w, ExprSeq *seq, int level)
{
    for (Py_ssize_t i = 0; i < seq->size; i++) {
        TRY(put_comma_if(w, i > 0));
        TRY(write_expr(w, seq->items[i], level));
    }
    return 0;
}

/* ---- Operators -------------------------------------------------------------------------------------------------- */

static int write_bool_op(Writer *w, Expr *e, int level)
{
    bool is_and = e->BoolOp.op == boolop_And;
    int own = is_and ? AND : OR;
    TRY(put_if(w, level > own, "("));
    for (Py_ssize_t i = 0; i < e->BoolOp.values->size; i++) {
        TRY(put_if(w, i > 0, is_and ? " and " : " or "));
        TRY(write_expr(w, e->BoolOp.values->items[i], own + 1));
    }
    return put_if(w, level > own, ")");
}

static int write_bin_op(Writer *w, Expr *e, int level)
{
    static const struct { const char *text; Level level; } ops[] = {
        [operator_Add] = {" + ", ARITHMETIC}, [operator_Sub] = {" - ", ARITHMETIC}, [operator_Mult] = {" * ", TERM},
        [operator_MatMult] = {" @ ", TERM}, [operator_Div] = {" / ", TERM}, [operator_Mod] = {" % ", TERM},
        [operator_FloorDiv] = {" // ", TERM}, [operator_LShift] = {" << ", SHIFT}, [operator_RShift] = {" >> ", SHIFT},
        [operator_BitOr] = {" | ", BIT_OR}, [operator_BitXor] = {" ^ ", BIT_XOR}, [operator_BitAnd] = {" & ", BIT_AND},
        [operator_Pow] = {" ** ", POWER},
    };
    int own = ops[e->BinOp.op].level;
    bool right = e->BinOp.op == operator_Pow;
    TRY(put_if(w, level > own, "("));
    TRY(write_expr(w, e->BinOp.left, own + right));
    TRY(put(w, ops[e->BinOp.op].text));
    TRY(write_expr(w, e->BinOp.right, own + !right));
    return put_if(w, level > own, ")");
}

static int write_unary_op(Writer *w, Expr *e, int level)
{
    static const char *const texts[] = {[unaryop_Invert] = "~", [unaryop_Not] = "not ", [unaryop_UAdd] = "+",
                                        [unaryop_USub] = "-"};
    int own = e->UnaryOp.op == unaryop_Not ? NOT : FACTOR;
    TRY(put_if(w, level > own, "("));
    TRY(put(w, texts[e->UnaryOp.op]));
    TRY(write_expr(w, e->UnaryOp.operand, own));
    return put_if(w, level > own, ")");
}

static int write_compare(Writer *w, Expr *e, int level)
{
    static const char *const texts[] = {
        [cmpop_Eq] = " == ", [cmpop_NotEq] = " != ", [cmpop_Lt] = " < ", [cmpop_LtE] = " <= ", [cmpop_Gt] = " > ",
        [cmpop_GtE] = " >= ", [cmpop_Is] = " is ", [cmpop_IsNot] = " is not ", [cmpop_In] = " in ", [cmpop_NotIn] = " not in ",
    };
    TRY(put_if(w, level > COMPARISON, "("));
    TRY(write_expr(w, e->Compare.left, COMPARISON + 1));
    for (Py_ssize_t i = 0; i < e->Compare.ops->size; i++) {
        TRY(put(w, texts[e->Compare.ops->items[i]]));
        TRY(write_expr(w, e->Compare.comparators->items[i], COMPARISON + 1));
    }
    return put_if(w, level > COMPARISON, ")");
}

/* ---- Lambdas ---------------------------------------------------------------------------------------------------- */

static int write_arg(Writer *w, Arg *arg)
{
    TRY(_PyUnicodeWriter_WriteStr(w, arg->arg));
    if (!arg->annotation) return 0;
    TRY(put(w, ": "));
    return write_expr(w, arg->annotation, TEST);
}

static int write_default(Writer *w, Expr *value)
{
    if (!value) return 0;
    TRY(put(w, "="));
    return write_expr(w, value, TEST);
}

static int write_args(Writer *w, Arguments *a)
{
    bool first = true;
    Py_ssize_t positional_only = a->posonlyargs->size, count = positional_only + a->args->size;
    for (Py_ssize_t i = 0; i < count; i++) {
        TRY(put_comma_if(w, !first));
        first = false;
        TRY(write_arg(w, i < positional_only ? a->posonlyargs->items[i] : a->args->items[i - positional_only]));
        Py_ssize_t k = i - count + a->defaults->size;
        if (k >= 0) TRY(write_default(w, a->defaults->items[k]));
        if (positional_only && i + 1 == positional_only) TRY(put(w, ", /"));
    }
    if (a->vararg || a->kwonlyargs->size) {
        TRY(put_comma_if(w, !first));
        first = false;
        TRY(put(w, "*"));
        if (a->vararg) TRY(write_arg(w, a->vararg));
    }
    for (Py_ssize_t i = 0; i < a->kwonlyargs->size; i++) {
        TRY(put_comma_if(w, !first));
        first = false;
        TRY(write_arg(w, a->kwonlyargs->items[i]));
        if (i < a->kw_defaults->size) TRY(write_default(w, a->kw_defaults->items[i]));
    }
    if (a->kwarg) {
        TRY(put_comma_if(w, !first));
        TRY(put(w, "**"));
        TRY(write_arg(w, a->kwarg));
    }
    return 0;
}

static int write_lambda(Writer *w, Expr *e, int level)
{
    Arguments *a = e->Lambda.args;
    TRY(put_if(w, level > TEST, "("));
    TRY(put(w, a->posonlyargs->size + a->args->size ? "lambda " : "lambda"));
    TRY(write_args(w, a));
    TRY(put(w, ": "));
    TRY(write_expr(w, e->Lambda.body, TEST));
    return put_if(w, level > TEST, ")");
}

static int write_if(Writer *w, Expr *e, int level)
{
    TRY(put_if(w, level > TEST, "("));
    TRY(write_expr(w, e->IfExp.body, TEST + 1));
    TRY(put(w, " if "));
    TRY(write_expr(w, e->IfExp.test, TEST + 1));
    TRY(put(w, " else "));
    TRY(write_expr(w, e->IfExp.orelse, TEST));
    return put_if(w, level > TEST, ")");
}

/* ---- Displays and comprehensions -------------------------------------------------------------------------------- */

static int write_dict(Writer *w, Expr *e)
{
    TRY(put(w, "{"));
    for (Py_ssize_t i = 0; i < e->Dict.values->size; i++) {
        Expr *key = e->Dict.keys->items[i];
        TRY(put_comma_if(w, i > 0));
        if (key) {
            TRY(write_expr(w, key, TEST));
            TRY(put(w, ": "));
            TRY(write_expr(w, e->Dict.values->items[i], TEST));
        }
        else {
            TRY(put(w, "**"));
            TRY(write_expr(w, e->Dict.values->items[i], BIT_OR));
        }
    }
    return put(w, "}");
}

static int write_comprehensions(Writer *w, ComprehensionSeq *seq)
{
    for (Py_ssize_t i = 0; i < seq->size; i++) {
        Comprehension *c = seq->items[i];
        TRY(put(w, c->is_async ? " async for " : " for "));
        TRY(write_expr(w, c->target, TUPLE));
        TRY(put(w, " in "));
        TRY(write_expr(w, c->iter, TEST + 1));
        for (Py_ssize_t k = 0; k < c->ifs->size; k++) {
            TRY(put(w, " if "));
            TRY(write_expr(w, c->ifs->items[k], TEST + 1));
        }
    }
    return 0;
}

static int write_comprehension(Writer *w, Expr *e, const char *open, const char *close)
{
    TRY(put(w, open));
    TRY(write_expr(w, e->ListComp.elt, TEST));
    TRY(write_comprehensions(w, e->ListComp.generators));
    return put(w, close);
}

static int write_dict_comprehension(Writer *w, Expr *e)
{
    TRY(put(w, "{"));
    TRY(write_expr(w, e->DictComp.key, TEST));
    TRY(put(w, ": "));
    TRY(write_expr(w, e->DictComp.value, TEST));
    TRY(write_comprehensions(w, e->DictComp.generators));
    return put(w, "}");
}

static int write_tuple(Writer *w, Expr *e, int level)
{
    ExprSeq *elts = e->Tuple.elts;
    if (!elts->size) return put(w, "()");
    TRY(put_if(w, level > TUPLE, "("));
    TRY(write_list(w, elts, TEST));
    TRY(put_if(w, elts->size == 1, ","));
    return put_if(w, level > TUPLE, ")");
}

/* ---- Calls and the like ----------------------------------------------------------------------------------------- */

static int write_call(Writer *w, Expr *e)
{
    ExprSeq *args = e->Call.args;
    KeywordSeq *keywords = e->Call.keywords;
    TRY(write_expr(w, e->Call.func, ATOM));
    if (args->size == 1 && !keywords->size && args->items[0]->kind == expr_GeneratorExp)
        return write_expr(w, args->items[0], ATOM);
    TRY(put(w, "("));
    TRY(write_list(w, args, TEST));
    for (Py_ssize_t i = 0; i < keywords->size; i++) {
        Keyword *k = keywords->items[i];
        TRY(put_comma_if(w, i > 0 || args->size));
        if (k->arg) {
            TRY(_PyUnicodeWriter_WriteStr(w, k->arg));
            TRY(put(w, "="));
        }
        else {
            TRY(put(w, "**"));
        }
        TRY(write_expr(w, k->value, TEST));
    }
    return put(w, ")");
}

static int write_attribute(Writer *w, Expr *e)
{
    Expr *value = e->Attribute.value;
    bool number = value->kind == expr_Constant && PyLong_CheckExact(value->Constant.value);
    TRY(write_expr(w, value, ATOM));
    /* 1 .real: without the space it would be read as a float. */
    TRY(put(w, number ? " ." : "."));
    return _PyUnicodeWriter_WriteStr(w, e->Attribute.attr);
}

static int write_subscript(Writer *w, Expr *e)
{
    TRY(write_expr(w, e->Subscript.value, ATOM));
    TRY(put(w, "["));
    TRY(write_expr(w, e->Subscript.slice, TUPLE));
    return put(w, "]");
}

static int write_slice(Writer *w, Expr *e)
{
    if (e->Slice.lower) TRY(write_expr(w, e->Slice.lower, TEST));
    TRY(put(w, ":"));
    if (e->Slice.upper) TRY(write_expr(w, e->Slice.upper, TEST));
    if (!e->Slice.step) return 0;
    TRY(put(w, ":"));
    return write_expr(w, e->Slice.step, TEST);
}

static int write_yield(Writer *w, Expr *e, const char *start)
{
    if (!e->Yield.value) return put(w, "(yield)");
    TRY(put(w, start));
    TRY(write_expr(w, e->Yield.value, TEST));
    return put(w, ")");
}

static int write_await(Writer *w, Expr *e, int level)
{
    TRY(put_if(w, level > AWAIT, "("));
    TRY(put(w, "await "));
    TRY(write_expr(w, e->Await.value, ATOM));
    return put_if(w, level > AWAIT, ")");
}

static int write_named(Writer *w, Expr *e, int level)
{
    TRY(put_if(w, level > TUPLE, "("));
    TRY(write_expr(w, e->NamedExpr.target, ATOM));
    TRY(put(w, " := "));
    TRY(write_expr(w, e->NamedExpr.value, ATOM));
    return put_if(w, level > TUPLE, ")");
}

/* ---- Constants and f-strings ------------------------------------------------------------------------------------ */

static int write_repr(Writer *w, PyObject *value)
{
    PyObject *text = PyObject_Repr(value);
    if (text && ((PyFloat_CheckExact(value) && Py_IS_INFINITY(PyFloat_AS_DOUBLE(value))) || PyComplex_CheckExact(value))) {
        /* There is no literal for infinity but a number that is too large. */
        PyObject *inf = PyUnicode_FromString("inf"), *large = PyUnicode_FromFormat("1e%d", 1 + DBL_MAX_10_EXP);
        PyObject *replaced = inf && large ? PyUnicode_Replace(text, inf, large, -1) : NULL;
        Py_XDECREF(inf);
        Py_XDECREF(large);
        Py_SETREF(text, replaced);
    }
    int result = text ? _PyUnicodeWriter_WriteStr(w, text) : -1;
    Py_XDECREF(text);
    return result;
}

static int write_constant(Writer *w, PyObject *value)
{
    if (value == Py_Ellipsis) return put(w, "...");
    if (!PyTuple_CheckExact(value)) return write_repr(w, value);
    Py_ssize_t size = PyTuple_GET_SIZE(value);
    if (!size) return put(w, "()");
    TRY(put(w, "("));
    for (Py_ssize_t i = 0; i < size; i++) {
        TRY(put_comma_if(w, i > 0));
        TRY(write_constant(w, PyTuple_GET_ITEM(value, i)));
    }
    TRY(put_if(w, size == 1, ","));
    return put(w, ")");
}

static int write_fstring_part(Writer *w, Expr *e, bool specification);

static PyObject *text_of(Expr *e, int level)
{
    Writer w;
    _PyUnicodeWriter_Init(&w);
    w.min_length = 256;
    w.overallocate = 1;
    if (write_expr(&w, e, level) < 0) {
        _PyUnicodeWriter_Dealloc(&w);
        return NULL;
    }
    return _PyUnicodeWriter_Finish(&w);
}

static PyObject *fstring_body(ExprSeq *values, bool specification)
{
    Writer w;
    _PyUnicodeWriter_Init(&w);
    w.min_length = 256;
    w.overallocate = 1;
    for (Py_ssize_t i = 0; i < values->size; i++) {
        if (write_fstring_part(&w, values->items[i], specification) < 0) {
            _PyUnicodeWriter_Dealloc(&w);
            return NULL;
        }
    }
    return _PyUnicodeWriter_Finish(&w);
}

static int write_joined(Writer *w, Expr *e, bool specification)
{
    PyObject *body = fstring_body(e->JoinedStr.values, specification);
    if (!body) return -1;
    int result;
    if (specification) {
        result = _PyUnicodeWriter_WriteStr(w, body);
    }
    else {
        result = put(w, "f");
        if (result == 0) result = write_repr(w, body);
    }
    Py_DECREF(body);
    return result;
}

static int write_formatted(Writer *w, Expr *e)
{
    PyObject *text = text_of(e->FormattedValue.value, TEST + 1);
    if (!text) return -1;
    /* `{{` would be a literal brace. */
    bool brace = PyUnicode_GET_LENGTH(text) && PyUnicode_READ_CHAR(text, 0) == '{';
    int result = put(w, brace ? "{ " : "{");
    if (result == 0) result = _PyUnicodeWriter_WriteStr(w, text);
    Py_DECREF(text);
    TRY(result);
    switch (e->FormattedValue.conversion) {
    case 'a': TRY(put(w, "!a")); break;
    case 'r': TRY(put(w, "!r")); break;
    case 's': TRY(put(w, "!s")); break;
    case -1: break;
    default: PyErr_SetString(PyExc_SystemError, "unknown f-value conversion kind"); return -1;
    }
    if (e->FormattedValue.format_spec) {
        TRY(put(w, ":"));
        TRY(write_fstring_part(w, e->FormattedValue.format_spec, true));
    }
    return put(w, "}");
}

static int write_fstring_part(Writer *w, Expr *e, bool specification)
{
    switch (e->kind) {
    case expr_Constant: {
        PyObject *text = e->Constant.value;
        for (Py_ssize_t i = 0; i < PyUnicode_GET_LENGTH(text); i++) {
            Py_UCS4 c = PyUnicode_READ_CHAR(text, i);
            TRY(_PyUnicodeWriter_WriteChar(w, c));
            if (c == '{' || c == '}') TRY(_PyUnicodeWriter_WriteChar(w, c));
        }
        return 0;
    }
    case expr_JoinedStr: return write_joined(w, e, specification);
    case expr_FormattedValue: return write_formatted(w, e);
    default: PyErr_SetString(PyExc_SystemError, "unknown expression kind inside f-string"); return -1;
    }
}

/* ---- All of them ------------------------------------------------------------------------------------------------ */

static int write_kind(Writer *w, Expr *e, int level)
{
    switch (e->kind) {
    case expr_BoolOp: return write_bool_op(w, e, level);
    case expr_BinOp: return write_bin_op(w, e, level);
    case expr_UnaryOp: return write_unary_op(w, e, level);
    case expr_Lambda: return write_lambda(w, e, level);
    case expr_IfExp: return write_if(w, e, level);
    case expr_Dict: return write_dict(w, e);
    case expr_Set:
        TRY(put(w, "{"));
        TRY(write_list(w, e->Set.elts, TEST));
        return put(w, "}");
    case expr_GeneratorExp: return write_comprehension(w, e, "(", ")");
    case expr_ListComp: return write_comprehension(w, e, "[", "]");
    case expr_SetComp: return write_comprehension(w, e, "{", "}");
    case expr_DictComp: return write_dict_comprehension(w, e);
    case expr_Yield: return write_yield(w, e, "(yield ");
    case expr_YieldFrom: return write_yield(w, e, "(yield from ");
    case expr_Await: return write_await(w, e, level);
    case expr_Compare: return write_compare(w, e, level);
    case expr_Call: return write_call(w, e);
    case expr_Constant:
        if (e->Constant.value == Py_Ellipsis) return put(w, "...");
        if (e->Constant.kind) TRY(_PyUnicodeWriter_WriteStr(w, e->Constant.kind));
        return write_constant(w, e->Constant.value);
    case expr_JoinedStr: return write_joined(w, e, false);
    case expr_FormattedValue: return write_formatted(w, e);
    case expr_Attribute: return write_attribute(w, e);
    case expr_Starred:
        TRY(put(w, "*"));
        return write_expr(w, e->Starred.value, BIT_OR);
    case expr_Name: return _PyUnicodeWriter_WriteStr(w, e->Name.id);
    case expr_List:
        TRY(put(w, "["));
        TRY(write_list(w, e->List.elts, TEST));
        return put(w, "]");
    case expr_Tuple: return write_tuple(w, e, level);
    case expr_Subscript: return write_subscript(w, e);
    case expr_Slice: return write_slice(w, e);
    case expr_NamedExpr: return write_named(w, e, level);
    default: PyErr_SetString(PyExc_SystemError, "unknown expression kind"); return -1;
    }
}

static int write_expr(Writer *w, Expr *e, int level)
{
    if (Py_EnterRecursiveCall(" during compilation")) return -1;
    int result = write_kind(w, e, level);
    Py_LeaveRecursiveCall();
    return result;
}

PyObject *ast_unparse_expr(Expr *expr)
{
    return text_of(expr, TEST);
}
