/* SyntaxWarnings about literals where they cannot work. */
#include "compiler/unit.h"

/* Identity with these is meaningful. */
static bool has_identity(const Expr *e)
{
    if (e->kind != expr_Constant) return true;
    PyObject *value = e->Constant.value;
    return value == Py_None || value == Py_False || value == Py_True || value == Py_Ellipsis;
}

int check_compare(Compiler *c, Expr *e)
{
    bool left = has_identity(e->Compare.left);
    for (Py_ssize_t i = 0; i < e->Compare.ops->size; i++) {
        intptr_t op = e->Compare.ops->items[i];
        bool right = has_identity(e->Compare.comparators->items[i]);
        if ((op == cmpop_Is || op == cmpop_IsNot) && !(left && right)) {
            return compiler_warn(c, op == cmpop_Is
                                        ? "\"is\" with a literal. Did you mean \"==\"?"
                                        : "\"is not\" with a literal. Did you mean \"!=\"?");
        }
        left = right;
    }
    return 0;
}

/* The type that an expression has for sure (borrowed), or NULL. */
static PyTypeObject *known_type(const Expr *e)
{
    switch (e->kind) {
    case expr_Tuple: return &PyTuple_Type;
    case expr_List:
    case expr_ListComp: return &PyList_Type;
    case expr_Dict:
    case expr_DictComp: return &PyDict_Type;
    case expr_Set:
    case expr_SetComp: return &PySet_Type;
    case expr_GeneratorExp: return &PyGen_Type;
    case expr_Lambda: return &PyFunction_Type;
    case expr_JoinedStr:
    case expr_FormattedValue: return &PyUnicode_Type;
    case expr_Constant: return Py_TYPE(e->Constant.value);
    default: return NULL;
    }
}

int check_caller(Compiler *c, Expr *e)
{
    switch (e->kind) {
    case expr_Constant:
    case expr_Tuple:
    case expr_List:
    case expr_ListComp:
    case expr_Dict:
    case expr_DictComp:
    case expr_Set:
    case expr_SetComp:
    case expr_GeneratorExp:
    case expr_JoinedStr:
    case expr_FormattedValue:
        return compiler_warn(c, "'%.200s' object is not callable; perhaps you missed a comma?",
                             known_type(e)->tp_name);
    default: return 0;
    }
}

int check_subscripted(Compiler *c, Expr *e)
{
    switch (e->kind) {
    case expr_Constant: {
        PyObject *v = e->Constant.value;
        if (!(v == Py_None || v == Py_Ellipsis || PyLong_Check(v) || PyFloat_Check(v) ||
              PyComplex_Check(v) || PyAnySet_Check(v))) {
            return 0;
        }
    } /* fallthrough */
    case expr_Set:
    case expr_SetComp:
    case expr_GeneratorExp:
    case expr_Lambda:
        return compiler_warn(c, "'%.200s' object is not subscriptable; perhaps you missed a comma?",
                             known_type(e)->tp_name);
    default: return 0;
    }
}

int check_index(Compiler *c, Expr *e, Expr *index)
{
    PyTypeObject *index_type = known_type(index);
    if (!index_type || PyType_FastSubclass(index_type, Py_TPFLAGS_LONG_SUBCLASS) ||
        index_type == &PySlice_Type)
        return 0;
    switch (e->kind) {
    case expr_Constant: {
        PyObject *v = e->Constant.value;
        if (!(PyUnicode_Check(v) || PyBytes_Check(v) || PyTuple_Check(v))) return 0;
    } /* fallthrough */
    case expr_Tuple:
    case expr_List:
    case expr_ListComp:
    case expr_JoinedStr:
    case expr_FormattedValue:
        return compiler_warn(
            c, "%.200s indices must be integers or slices, not %.200s; perhaps you missed a comma?",
            known_type(e)->tp_name, index_type->tp_name);
    default: return 0;
    }
}
