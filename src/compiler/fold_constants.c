/* Folding of single expressions whose operands are constants. */
#include "base/try.h"
#include "compiler/fold.h"

/* A folded value may not be much larger than its source text (the reference's limits). */
enum {
    MAX_INT_BITS = 128,
    MAX_COLLECTION_ITEMS = 256,
    MAX_TEXT_LENGTH = 4096,
    MAX_TOTAL_ITEMS = 1024
};

int fold_to_constant_steal(Expr *e, PyObject *value, Arena *arena)
{
    if (!value) {
        if (PyErr_ExceptionMatches(PyExc_KeyboardInterrupt)) return -1;
        PyErr_Clear();
        return 0;
    }
    TRY(arena_own(arena, value));
    e->kind = expr_Constant;
    e->Constant.kind = NULL;
    e->Constant.value = value;
    return 0;
}

static PyObject *unary_not(PyObject *value)
{
    int truth = PyObject_IsTrue(value);
    return truth < 0 ? NULL : PyBool_FromLong(!truth);
}

int fold_unary(Expr *e, Arena *arena)
{
    Expr *operand = e->UnaryOp.operand;
    if (operand->kind != expr_Constant) {
        /* not (a is b) is a is not b, and so on; other comparisons may be overloaded. */
        if (e->UnaryOp.op == unaryop_Not && operand->kind == expr_Compare &&
            operand->Compare.ops->size == 1) {
            intptr_t *op = &operand->Compare.ops->items[0];
            switch (*op) {
            case cmpop_Is: *op = cmpop_IsNot; break;
            case cmpop_IsNot: *op = cmpop_Is; break;
            case cmpop_In: *op = cmpop_NotIn; break;
            case cmpop_NotIn: *op = cmpop_In; break;
            default: return 0;
            }
            *e = *operand;
        }
        return 0;
    }
    PyObject *value = operand->Constant.value;
    switch (e->UnaryOp.op) {
    case unaryop_Invert: return fold_to_constant_steal(e, PyNumber_Invert(value), arena);
    case unaryop_Not: return fold_to_constant_steal(e, unary_not(value), arena);
    case unaryop_UAdd: return fold_to_constant_steal(e, PyNumber_Positive(value), arena);
    case unaryop_USub: return fold_to_constant_steal(e, PyNumber_Negative(value), arena);
    default: return 0;
    }
}

/* How much of `limit` items is left when all items nested in a constant are counted; negative:
 * too many. */
static Py_ssize_t count_down_items(PyObject *value, Py_ssize_t limit)
{
    if (PyTuple_Check(value)) {
        limit -= PyTuple_GET_SIZE(value);
        for (Py_ssize_t i = 0; limit >= 0 && i < PyTuple_GET_SIZE(value); i++) {
            limit = count_down_items(PyTuple_GET_ITEM(value, i), limit);
        }
    } else if (PyFrozenSet_Check(value)) {
        Py_ssize_t pos = 0;
        PyObject *item;
        Py_hash_t hash;
        limit -= PySet_GET_SIZE(value);
        while (limit >= 0 && _PySet_NextEntry(value, &pos, &item, &hash)) {
            limit = count_down_items(item, limit);
        }
    }
    return limit;
}

static bool is_nonzero_int(PyObject *v)
{
    return PyLong_Check(v) && Py_SIZE(v) != 0;
}

/* Length of a constant that may be repeated, -1 if it is none; *limit: the length that the
 * result may have. */
static Py_ssize_t repeatable_length(PyObject *v, Py_ssize_t *limit)
{
    *limit = MAX_COLLECTION_ITEMS;
    if (PyTuple_Check(v)) return PyTuple_GET_SIZE(v);
    if (PyFrozenSet_Check(v)) return PySet_GET_SIZE(v);
    *limit = MAX_TEXT_LENGTH;
    if (PyUnicode_Check(v)) return PyUnicode_GET_LENGTH(v);
    return PyBytes_Check(v) ? PyBytes_GET_SIZE(v) : -1;
}

static PyObject *multiply(PyObject *v, PyObject *w)
{
    if (is_nonzero_int(v) && is_nonzero_int(w)) {
        size_t v_bits = _PyLong_NumBits(v), w_bits = _PyLong_NumBits(w);
        if (v_bits == (size_t)-1 || w_bits == (size_t)-1 || v_bits + w_bits > MAX_INT_BITS) {
            return NULL;
        }
        return PyNumber_Multiply(v, w);
    }
    PyObject *count = PyLong_Check(v) ? v : w, *sequence = PyLong_Check(v) ? w : v;
    Py_ssize_t limit, length = PyLong_Check(count) ? repeatable_length(sequence, &limit) : -1;
    if (length > 0) {
        long n = PyLong_AsLong(count);
        if (n < 0 || n > limit / length) return NULL;
        if (n && limit == MAX_COLLECTION_ITEMS &&
            count_down_items(sequence, MAX_TOTAL_ITEMS / n) < 0)
            return NULL;
    }
    return PyNumber_Multiply(v, w);
}

static PyObject *power(PyObject *v, PyObject *w)
{
    if (is_nonzero_int(v) && PyLong_Check(w) && Py_SIZE(w) > 0) {
        size_t v_bits = _PyLong_NumBits(v), exponent = PyLong_AsSize_t(w);
        if (v_bits == (size_t)-1 || exponent == (size_t)-1 || v_bits > MAX_INT_BITS / exponent) {
            return NULL;
        }
    }
    return PyNumber_Power(v, w, Py_None);
}

static PyObject *shift_left(PyObject *v, PyObject *w)
{
    if (is_nonzero_int(v) && is_nonzero_int(w)) {
        size_t v_bits = _PyLong_NumBits(v), shift = PyLong_AsSize_t(w);
        if (v_bits == (size_t)-1 || shift == (size_t)-1) return NULL;
        if (shift > MAX_INT_BITS || v_bits > MAX_INT_BITS - shift) return NULL;
    }
    return PyNumber_Lshift(v, w);
}

static PyObject *remainder_of(PyObject *v, PyObject *w)
{
    return PyUnicode_Check(v) || PyBytes_Check(v) ? NULL : PyNumber_Remainder(v, w);
}

static PyObject *binary_value(Operator op, PyObject *v, PyObject *w)
{
    switch (op) {
    case operator_Add: return PyNumber_Add(v, w);
    case operator_Sub: return PyNumber_Subtract(v, w);
    case operator_Mult: return multiply(v, w);
    case operator_Div: return PyNumber_TrueDivide(v, w);
    case operator_FloorDiv: return PyNumber_FloorDivide(v, w);
    case operator_Mod: return remainder_of(v, w);
    case operator_Pow: return power(v, w);
    case operator_LShift: return shift_left(v, w);
    case operator_RShift: return PyNumber_Rshift(v, w);
    case operator_BitOr: return PyNumber_Or(v, w);
    case operator_BitXor: return PyNumber_Xor(v, w);
    case operator_BitAnd: return PyNumber_And(v, w);
    default: return NULL;
    }
}

int fold_binary(Expr *e, Arena *arena)
{
    Expr *left = e->BinOp.left, *right = e->BinOp.right;
    if (left->kind != expr_Constant) return 0;
    PyObject *value = left->Constant.value;
    if (e->BinOp.op == operator_Mod && right->kind == expr_Tuple && PyUnicode_Check(value)) {
        return fold_percent_format(e, value, right->Tuple.elts, arena);
    }
    if (right->kind != expr_Constant || e->BinOp.op == operator_MatMult) return 0;
    PyObject *result = binary_value(e->BinOp.op, value, right->Constant.value);
    if (!result && !PyErr_Occurred()) return 0;
    return fold_to_constant_steal(e, result, arena);
}

int fold_subscript(Expr *e, Arena *arena)
{
    Expr *value = e->Subscript.value, *index = e->Subscript.slice;
    if (e->Subscript.ctx != expr_context_Load || value->kind != expr_Constant ||
        index->kind != expr_Constant)
        return 0;
    return fold_to_constant_steal(e, PyObject_GetItem(value->Constant.value, index->Constant.value),
                                  arena);
}

/* A new tuple of the elements' values; NULL without an exception when one of them is no
 * constant. */
static PyObject *constant_tuple(const ExprSeq *elts)
{
    for (Py_ssize_t i = 0; i < elts->size; i++) {
        if (elts->items[i]->kind != expr_Constant) return NULL;
    }
    PyObject *tuple = PyTuple_New(elts->size);
    if (!tuple) return NULL;
    for (Py_ssize_t i = 0; i < elts->size; i++) {
        PyTuple_SET_ITEM(tuple, i, Py_NewRef(elts->items[i]->Constant.value));
    }
    return tuple;
}

static int fold_to_tuple(Expr *e, const ExprSeq *elts, Arena *arena)
{
    PyObject *tuple = constant_tuple(elts);
    if (!tuple && !PyErr_Occurred()) return 0;
    return fold_to_constant_steal(e, tuple, arena);
}

int fold_tuple(Expr *e, Arena *arena)
{
    return e->Tuple.ctx == expr_context_Load ? fold_to_tuple(e, e->Tuple.elts, arena) : 0;
}

int fold_iterable(Expr *e, Arena *arena)
{
    if (e->kind == expr_List) {
        ExprSeq *elts = e->List.elts;
        for (Py_ssize_t i = 0; i < elts->size; i++) {
            if (elts->items[i]->kind == expr_Starred) return 0;
        }
        ExprContext ctx = e->List.ctx;
        e->kind = expr_Tuple;
        e->Tuple.elts = elts;
        e->Tuple.ctx = ctx;
        return fold_to_tuple(e, elts, arena);
    }
    if (e->kind == expr_Set) {
        PyObject *tuple = constant_tuple(e->Set.elts);
        if (!tuple && !PyErr_Occurred()) return 0;
        PyObject *set = tuple ? PyFrozenSet_New(tuple) : NULL;
        Py_XDECREF(tuple);
        return fold_to_constant_steal(e, set, arena);
    }
    return 0;
}
