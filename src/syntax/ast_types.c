/* The `_ast` module: a class for every row of ast.def (the manual: library/ast). */
#include "syntax/ast_types.h"
#include "objects/names.h"

#include <structmember.h>
#include <string.h>

struct SyntaxRuntime syntax_runtime;

/* ---- Tables ----------------------------------------------------------------------------------------------------- */

#define F(type, name, how) {#name, AST_ID_##type, FIELD_##how},
#define SUM(...)
#define LEAF(...)
#define NODE(sum, Name, ...) static const AstField fields_##sum##_##Name[] = {__VA_ARGS__ {NULL, 0, 0}};
#define PRODUCT(name, attributes, ...) static const AstField fields_##name[] = {__VA_ARGS__ {NULL, 0, 0}};
#include "syntax/ast.def"
#undef LEAF
#undef NODE
#undef PRODUCT

#define FIELD_COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])) - 1)
static const AstField no_fields[] = {{NULL, 0, 0}};

const AstNode ast_nodes[] = {
#define LEAF(sum, Name) {#Name, AST_ID_##sum, no_fields, 0},
#define NODE(sum, Name, ...) {#Name, AST_ID_##sum, fields_##sum##_##Name, FIELD_COUNT(fields_##sum##_##Name)},
#define PRODUCT(name, attributes, ...) {#name, AST_ID_##name, fields_##name, FIELD_COUNT(fields_##name)},
#include "syntax/ast.def"
#undef LEAF
#undef NODE
#undef PRODUCT
#undef SUM
#undef F
};

/* Structs and the place of their fields. Every union of constructors starts at the same place as its first member. */
#define STRUCT(type, first_member) .size = sizeof(type), .fields_offset = offsetof(type, first_member)
#define POSITIONED(type) .positions = true, .position_offset = offsetof(type, pos)
#define OF_SUM(sum, first_name, last_name) \
    .name = #sum, .first = AST_NODE_##sum##_##first_name, \
    .count = AST_NODE_##sum##_##last_name - AST_NODE_##sum##_##first_name + 1
#define OF_PRODUCT(type) .name = #type, .product = true, .first = AST_NODE_##type, .count = 1

const AstTypeInfo ast_types[] = {
    [AST_ID_identifier] = {.name = "identifier"},
    [AST_ID_string] = {.name = "string"},
    [AST_ID_constant] = {.name = "constant"},
    [AST_ID_integer] = {.name = "int"},
    [AST_ID_mod] = {OF_SUM(mod, Module, FunctionType), STRUCT(Mod, Module)},
    [AST_ID_stmt] = {OF_SUM(stmt, FunctionDef, Continue), STRUCT(Stmt, FunctionDef), POSITIONED(Stmt)},
    [AST_ID_expr] = {OF_SUM(expr, BoolOp, Slice), STRUCT(Expr, BoolOp), POSITIONED(Expr)},
    [AST_ID_expr_context] = {OF_SUM(expr_context, Load, Del), .simple = true},
    [AST_ID_boolop] = {OF_SUM(boolop, And, Or), .simple = true},
    [AST_ID_operator] = {OF_SUM(operator, Add, FloorDiv), .simple = true},
    [AST_ID_unaryop] = {OF_SUM(unaryop, Invert, USub), .simple = true},
    [AST_ID_cmpop] = {OF_SUM(cmpop, Eq, NotIn), .simple = true},
    [AST_ID_comprehension] = {OF_PRODUCT(comprehension), STRUCT(Comprehension, target)},
    [AST_ID_excepthandler] = {OF_SUM(excepthandler, ExceptHandler, ExceptHandler), STRUCT(ExceptHandler, ExceptHandler),
                              POSITIONED(ExceptHandler)},
    [AST_ID_arguments] = {OF_PRODUCT(arguments), STRUCT(Arguments, posonlyargs)},
    [AST_ID_arg] = {OF_PRODUCT(arg), STRUCT(Arg, arg), POSITIONED(Arg)},
    [AST_ID_keyword] = {OF_PRODUCT(keyword), STRUCT(Keyword, arg), POSITIONED(Keyword)},
    [AST_ID_alias] = {OF_PRODUCT(alias), STRUCT(Alias, name), POSITIONED(Alias)},
    [AST_ID_withitem] = {OF_PRODUCT(withitem), STRUCT(WithItem, context_expr)},
    [AST_ID_match_case] = {OF_PRODUCT(match_case), STRUCT(MatchCase, pattern)},
    [AST_ID_pattern] = {OF_SUM(pattern, MatchValue, MatchOr), STRUCT(Pattern, MatchValue), POSITIONED(Pattern),
                        .ends_required = true},
    [AST_ID_type_ignore] = {OF_SUM(type_ignore, TypeIgnore, TypeIgnore), STRUCT(TypeIgnore, TypeIgnore)},
};

static_assert(offsetof(Expr, BoolOp) == offsetof(Expr, Slice) && offsetof(Stmt, FunctionDef) == offsetof(Stmt, Expr),
              "constructors share one place");

/* ---- The base class --------------------------------------------------------------------------------------------- */

PyObject *ast_new_instance(PyObject *type)
{
    return ((PyTypeObject *)type)->tp_alloc((PyTypeObject *)type, 0);
}

static void ast_dealloc(AstObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    Py_TRASHCAN_BEGIN(self, ast_dealloc)
    Py_CLEAR(self->dict);
    type->tp_free(self);
    Py_DECREF(type);
    Py_TRASHCAN_END
}

static int ast_traverse(AstObject *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(self->dict);
    return 0;
}

static int ast_clear(AstObject *self)
{
    Py_CLEAR(self->dict);
    return 0;
}

static int set_positional(PyObject *self, PyObject *fields, Py_ssize_t count, PyObject *args)
{
    Py_ssize_t given = PyTuple_GET_SIZE(args);
    if (given > count) {
        PyErr_Format(PyExc_TypeError, "%.400s constructor takes at most %zd positional argument%s", _PyType_Name(Py_TYPE(self)),
                     count, count == 1 ? "" : "s");
        return -1;
    }
    for (Py_ssize_t i = 0; i < given; i++) {
        /* The fields may be any sequence that a subclass made. */
        PyObject *name = PySequence_GetItem(fields, i);
        if (!name) return -1;
        int result = PyObject_SetAttr(self, name, PyTuple_GET_ITEM(args, i));
        Py_DECREF(name);
        if (result < 0) return -1;
    }
    return 0;
}

static int set_keywords(PyObject *self, PyObject *fields, PyObject *args, PyObject *kwargs)
{
    Py_ssize_t i = 0;
    PyObject *key, *value;
    while (kwargs && PyDict_Next(kwargs, &i, &key, &value)) {
        int known = fields ? PySequence_Contains(fields, key) : 0;
        if (known < 0) return -1;
        if (known) {
            Py_ssize_t index = PySequence_Index(fields, key);
            if (index < 0) return -1;
            if (index < PyTuple_GET_SIZE(args)) {
                PyErr_Format(PyExc_TypeError, "%.400s got multiple values for argument '%U'", _PyType_Name(Py_TYPE(self)), key);
                return -1;
            }
        }
        if (PyObject_SetAttr(self, key, value) < 0) return -1;
    }
    return 0;
}

static int ast_init(PyObject *self, PyObject *args, PyObject *kwargs)
{
    PyObject *fields;
    if (_PyObject_LookupAttr((PyObject *)Py_TYPE(self), NAME(_fields), &fields) < 0) return -1;
    Py_ssize_t count = fields ? PySequence_Size(fields) : 0;
    int result = count < 0 ? -1 : set_positional(self, fields, count, args);
    if (result == 0) result = set_keywords(self, fields, args, kwargs);
    Py_XDECREF(fields);
    return result;
}

static PyObject *ast_reduce(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    PyObject *dict = ((AstObject *)self)->dict;
    if (dict) return Py_BuildValue("O()O", Py_TYPE(self), dict);
    return Py_BuildValue("O()", Py_TYPE(self));
}

static PyMemberDef ast_members[] = {
    {"__dictoffset__", T_PYSSIZET, offsetof(AstObject, dict), READONLY, NULL},
    {NULL, 0, 0, 0, NULL},
};

static PyMethodDef ast_methods[] = {
    {"__reduce__", ast_reduce, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef ast_getsets[] = {
    {"__dict__", PyObject_GenericGetDict, PyObject_GenericSetDict, NULL, NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot ast_slots[] = {
    {Py_tp_dealloc, ast_dealloc},
    {Py_tp_getattro, PyObject_GenericGetAttr},
    {Py_tp_setattro, PyObject_GenericSetAttr},
    {Py_tp_traverse, ast_traverse},
    {Py_tp_clear, ast_clear},
    {Py_tp_members, ast_members},
    {Py_tp_methods, ast_methods},
    {Py_tp_getset, ast_getsets},
    {Py_tp_init, ast_init},
    {Py_tp_alloc, PyType_GenericAlloc},
    {Py_tp_new, PyType_GenericNew},
    {Py_tp_free, PyObject_GC_Del},
    {0, NULL},
};

static PyType_Spec ast_spec = {
    .name = "ast.AST",
    .basicsize = sizeof(AstObject),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
    .slots = ast_slots,
};

/* ---- Making the classes ----------------------------------------------------------------------------------------- */

/* The grammar's line for a constructor: Name(type field, type? field). */
static PyObject *describe_node(const AstNode *node)
{
    if (!node->field_count) return PyUnicode_FromString(node->name);
    PyObject *text = PyUnicode_FromFormat("%s(", node->name);
    for (const AstField *f = node->fields; text && f->name; f++) {
        static const char *const marks[] = {"", "?", "*"};
        PyObject *more = PyUnicode_FromFormat("%s%s %s%s", ast_types[f->type].name, marks[f->count], f->name,
                                              f[1].name ? ", " : ")");
        PyUnicode_AppendAndDel(&text, more);
    }
    return text;
}

static PyObject *describe_type(const AstTypeInfo *type)
{
    if (type->product) return describe_node(&ast_nodes[type->first]);
    static const char margin[] = "                    ";
    PyObject *text = PyUnicode_FromFormat("%s = ", type->name);
    for (int i = 0; text && i < type->count; i++) {
        if (i) {
            PyObject *bar = type->simple ? PyUnicode_FromString(" | ")
                                         : PyUnicode_FromFormat("\n%s| ", margin + sizeof margin - 2 - strlen(type->name));
            PyUnicode_AppendAndDel(&text, bar);
        }
        if (text) PyUnicode_AppendAndDel(&text, describe_node(&ast_nodes[type->first + i]));
    }
    return text;
}

static PyObject *field_names(const AstNode *node)
{
    PyObject *names = PyTuple_New(node ? node->field_count : 0);
    for (int i = 0; names && node && i < node->field_count; i++) {
        PyObject *name = PyUnicode_InternFromString(node->fields[i].name);
        if (!name) Py_CLEAR(names);
        if (name) PyTuple_SET_ITEM(names, i, name);
    }
    return names;
}

/* Takes the doc string and the names. */
static PyObject *make_class(const char *name, PyObject *base, PyObject *names_steal, PyObject *doc_steal)
{
    PyObject *type = NULL;
    if (names_steal && doc_steal) {
        type = PyObject_CallFunction((PyObject *)&PyType_Type, "s(O){sOsOsssO}", name, base, "_fields", names_steal,
                                     "__match_args__", names_steal, "__module__", "ast", "__doc__", doc_steal);
    }
    Py_XDECREF(names_steal);
    Py_XDECREF(doc_steal);
    return type;
}

static int set_attributes(PyObject *type, const AstTypeInfo *info)
{
    bool positions = info->positions;
    PyObject **p = syntax_runtime.positions;
    PyObject *names = positions ? PyTuple_Pack(4, p[0], p[1], p[2], p[3]) : PyTuple_New(0);
    int result = names ? PyObject_SetAttrString(type, "_attributes", names) : -1;
    Py_XDECREF(names);
    if (result == 0 && positions && !info->ends_required) {
        result = PyObject_SetAttr(type, p[2], Py_None);
        if (result == 0) result = PyObject_SetAttr(type, p[3], Py_None);
    }
    return result;
}

/* A field that may be left out reads as None. */
static int set_defaults(PyObject *type, const AstNode *node)
{
    for (const AstField *f = node->fields; f->name; f++) {
        if (f->count == FIELD_OPT && PyObject_SetAttrString(type, f->name, Py_None) < 0) return -1;
    }
    return 0;
}

static int make_node(AstNodeId id, PyObject *base, PyObject *doc_steal)
{
    struct SyntaxRuntime *r = &syntax_runtime;
    const AstNode *node = &ast_nodes[id];
    PyObject *names = field_names(node);
    r->names[id] = Py_XNewRef(names);
    r->nodes[id] = make_class(node->name, base, names, doc_steal);
    return r->nodes[id] ? 0 : -1;
}

static int make_type(AstTypeId id)
{
    struct SyntaxRuntime *r = &syntax_runtime;
    const AstTypeInfo *type = &ast_types[id];
    if (type->product) {
        if (make_node(type->first, r->base, describe_type(type)) < 0) return -1;
        r->sums[id] = Py_NewRef(r->nodes[type->first]);
        if (set_attributes(r->sums[id], type) < 0) return -1;
        return set_defaults(r->sums[id], &ast_nodes[type->first]);
    }
    r->sums[id] = make_class(type->name, r->base, field_names(NULL), describe_type(type));
    if (!r->sums[id] || set_attributes(r->sums[id], type) < 0) return -1;
    for (int i = 0; i < type->count; i++) {
        AstNodeId node = type->first + (AstNodeId)i;
        if (make_node(node, r->sums[id], describe_node(&ast_nodes[node])) < 0) return -1;
        if (set_defaults(r->nodes[node], &ast_nodes[node]) < 0) return -1;
        if (type->simple && !(r->singletons[node] = ast_new_instance(r->nodes[node]))) return -1;
    }
    return 0;
}

static int make_base(void)
{
    struct SyntaxRuntime *r = &syntax_runtime;
    static const char *const names[] = {"_fields", "__match_args__", "_attributes"};
    static const char *const positions[] = {"lineno", "col_offset", "end_lineno", "end_col_offset"};
    for (int i = 0; i < 4; i++)
        if (!(r->positions[i] = PyUnicode_InternFromString(positions[i]))) return -1;
    r->base = PyType_FromSpec(&ast_spec);
    PyObject *empty = PyTuple_New(0);
    int result = r->base && empty ? 0 : -1;
    for (int i = 0; i < 3 && result == 0; i++)
        result = PyObject_SetAttrString(r->base, names[i], empty);
    Py_XDECREF(empty);
    return result;
}

int ast_types_init(void)
{
    if (syntax_runtime.ready) return 0;
    if (make_base() < 0) return -1;
    for (AstTypeId id = AST_ID_integer + 1; id < AST_TYPE_COUNT; id++)
        if (make_type(id) < 0) return -1;
    syntax_runtime.ready = true;
    return 0;
}

int ast_is_node(PyObject *object)
{
    if (ast_types_init() < 0) return -1;
    return PyObject_IsInstance(object, syntax_runtime.base);
}

/* ---- The module ------------------------------------------------------------------------------------------------- */

static int ast_exec(PyObject *module)
{
    struct SyntaxRuntime *r = &syntax_runtime;
    if (ast_types_init() < 0) return -1;
    if (PyModule_AddObjectRef(module, "AST", r->base) < 0) return -1;
    if (PyModule_AddIntMacro(module, PyCF_ALLOW_TOP_LEVEL_AWAIT) < 0 || PyModule_AddIntMacro(module, PyCF_ONLY_AST) < 0 ||
        PyModule_AddIntMacro(module, PyCF_TYPE_COMMENTS) < 0)
        return -1;
    for (AstTypeId id = AST_ID_integer + 1; id < AST_TYPE_COUNT; id++) {
        const AstTypeInfo *type = &ast_types[id];
        if (PyModule_AddObjectRef(module, type->name, r->sums[id]) < 0) return -1;
        for (int i = 0; !type->product && i < type->count; i++) {
            AstNodeId node = type->first + (AstNodeId)i;
            if (PyModule_AddObjectRef(module, ast_nodes[node].name, r->nodes[node]) < 0) return -1;
        }
    }
    return 0;
}

static PyModuleDef_Slot ast_module_slots[] = {
    {Py_mod_exec, ast_exec},
    {0, NULL},
};

static struct PyModuleDef ast_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_ast",
    .m_slots = ast_module_slots,
};

PyMODINIT_FUNC PyInit__ast(void)
{
    return PyModuleDef_Init(&ast_module);
}
