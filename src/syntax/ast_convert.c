/* C trees <-> trees of Python objects, both driven by the tables of ast.def. */
#include "objects/recursion.h"
#include "syntax/ast_types.h"

#include <string.h>

/* Deeper trees than this would not fit the C stack, whatever sys.setrecursionlimit() says. */
enum { DEEPEST = 25000, FRAME_SCALE = 3 };

static size_t align(size_t offset, size_t to)
{
    return (offset + to - 1) & ~(to - 1);
}

/* ---- C -> Python ------------------------------------------------------------------------------------------------ */

typedef struct {
    int depth, limit;
} Builder;

static PyObject *build_struct(Builder *b, AstTypeId id, const char *from);

static PyObject *build_simple(AstTypeId id, int kind)
{
    if (id == AST_ID_integer) return PyLong_FromLong(kind);
    return Py_NewRef(syntax_runtime.singletons[ast_types[id].first + (AstNodeId)(kind - 1)]);
}

static PyObject *build_value(Builder *b, AstTypeId id, void *value)
{
    if (!value) Py_RETURN_NONE;
    if (id <= AST_ID_constant) return Py_NewRef((PyObject *)value);
    return build_struct(b, id, value);
}

static PyObject *build_list(Builder *b, AstTypeId id, AstSeq *seq)
{
    Py_ssize_t size = seq ? seq->size : 0;
    PyObject *list = PyList_New(size);
    if (!list) return NULL;
    bool simple = ast_types[id].simple;
    for (Py_ssize_t i = 0; i < size; i++) {
        PyObject *item = simple ? build_simple(id, (int)(intptr_t)seq->items[i]) : build_value(b, id, seq->items[i]);
        if (!item) {
            Py_DECREF(list);
            return NULL;
        }
        PyList_SET_ITEM(list, i, item);
    }
    return list;
}

static int add(PyObject *dict, PyObject *name, PyObject *value_steal)
{
    if (!value_steal) return -1;
    int result = PyDict_SetItem(dict, name, value_steal);
    Py_DECREF(value_steal);
    return result;
}

static PyObject *build_field(Builder *b, const AstField *f, const char *at)
{
    if (f->count == FIELD_MANY) return build_list(b, f->type, *(AstSeq *const *)at);
    if (ast_field_size(f) == sizeof(int)) return build_simple(f->type, *(const int *)at);
    return build_value(b, f->type, *(void *const *)at);
}

static PyObject *build_struct(Builder *b, AstTypeId id, const char *from)
{
    const AstTypeInfo *type = &ast_types[id];
    if (++b->depth > b->limit || c_stack_is_low("")) {
        PyErr_SetString(PyExc_RecursionError, "maximum recursion depth exceeded during ast construction");
        return NULL;
    }
    AstNodeId id_of_node = type->first + (AstNodeId)(type->product ? 0 : *(const int *)from - 1);
    const AstNode *node = &ast_nodes[id_of_node];
    PyObject *names = syntax_runtime.names[id_of_node];
    PyObject *object = ast_new_instance(syntax_runtime.nodes[id_of_node]);
    if (!object) return NULL;
    PyObject *dict = ((AstObject *)object)->dict = PyDict_New();
    if (!dict) goto error;
    size_t offset = type->fields_offset;
    for (int i = 0; i < node->field_count; i++) {
        size_t size = ast_field_size(&node->fields[i]);
        offset = align(offset, size);
        if (add(dict, PyTuple_GET_ITEM(names, i), build_field(b, &node->fields[i], from + offset)) < 0) goto error;
        offset += size;
    }
    if (type->positions) {
        const AstPosition *pos = (const AstPosition *)(from + type->position_offset);
        const int values[] = {pos->lineno, pos->col_offset, pos->end_lineno, pos->end_col_offset};
        for (int i = 0; i < 4; i++)
            if (add(dict, syntax_runtime.positions[i], PyLong_FromLong(values[i])) < 0) goto error;
    }
    b->depth--;
    return object;
error:
    Py_DECREF(object);
    return NULL;
}

PyObject *ast_to_object(Mod *mod)
{
    if (ast_types_init() < 0) return NULL;
    PyThreadState *state = PyThreadState_Get();
    int limit = Py_GetRecursionLimit(), used = limit - state->recursion_remaining;
    if (limit > DEEPEST / FRAME_SCALE) limit = DEEPEST / FRAME_SCALE + used;
    Builder b = {.depth = used * FRAME_SCALE, .limit = limit * FRAME_SCALE};
    return build_struct(&b, AST_ID_mod, (const char *)mod);
}

/* ---- Python -> C ------------------------------------------------------------------------------------------------ */

static int read_struct(PyObject *object, AstTypeId id, Arena *arena, void **out);

/* The kind of a leaf of a simple sum. */
static int read_leaf(PyObject *object, AstTypeId id, int *kind)
{
    const AstTypeInfo *type = &ast_types[id];
    for (int i = 0; i < type->count; i++) {
        int is = PyObject_IsInstance(object, syntax_runtime.nodes[type->first + (AstNodeId)i]);
        if (is < 0) return -1;
        if (is) {
            *kind = i + 1;
            return 0;
        }
    }
    PyErr_Format(PyExc_TypeError, "expected some sort of %s, but got %R", type->name, object);
    return -1;
}

static int read_int(PyObject *object, int *value)
{
    if (!PyLong_Check(object)) {
        PyErr_Format(PyExc_ValueError, "invalid integer value: %R", object);
        return -1;
    }
    *value = _PyLong_AsInt(object);
    return *value == -1 && PyErr_Occurred() ? -1 : 0;
}

static int read_object(PyObject *object, AstTypeId id, Arena *arena, void **out)
{
    *out = NULL;
    if (id == AST_ID_identifier && object != Py_None && !PyUnicode_CheckExact(object)) {
        PyErr_SetString(PyExc_TypeError, "AST identifier must be of type str");
        return -1;
    }
    if (id == AST_ID_string && object != Py_None && !PyUnicode_CheckExact(object) && !PyBytes_CheckExact(object)) {
        PyErr_SetString(PyExc_TypeError, "AST string must be of type str");
        return -1;
    }
    if (object == Py_None && id != AST_ID_constant) return 0;
    if (arena_own(arena, Py_NewRef(object)) < 0) return -1;
    *out = object;
    return 0;
}

static int read_value(PyObject *object, AstTypeId id, Arena *arena, void **out)
{
    if (id <= AST_ID_constant) return read_object(object, id, arena, out);
    if (ast_types[id].simple) {
        int kind = 0;
        if (read_leaf(object, id, &kind) < 0) return -1;
        *out = (void *)(intptr_t)kind;
        return 0;
    }
    return read_struct(object, id, arena, out);
}

static int read_list(PyObject *list, const AstNode *node, const AstField *f, Arena *arena, void **out)
{
    if (!PyList_Check(list)) {
        PyErr_Format(PyExc_TypeError, "%s field \"%s\" must be a list, not a %.200s", node->name, f->name,
                     _PyType_Name(Py_TYPE(list)));
        return -1;
    }
    Py_ssize_t size = PyList_GET_SIZE(list);
    AstSeq *seq = ast_seq_new(arena, size);
    if (!seq) return -1;
    for (Py_ssize_t i = 0; i < size; i++) {
        PyObject *item = Py_NewRef(PyList_GET_ITEM(list, i));
        char where[160];
        PyOS_snprintf(where, sizeof where, " while traversing '%s' node", ast_types[f->type].name);
        if (Py_EnterRecursiveCall(where)) {
            Py_DECREF(item);
            return -1;
        }
        int result = read_value(item, f->type, arena, &seq->items[i]);
        Py_LeaveRecursiveCall();
        Py_DECREF(item);
        if (result < 0) return -1;
        if (PyList_GET_SIZE(list) != size) {
            PyErr_Format(PyExc_RuntimeError, "%s field \"%s\" changed size during iteration", node->name, f->name);
            return -1;
        }
    }
    *out = seq;
    return 0;
}

/* Reads attribute `name` of a node; 1 found, 0 missing or (with `optional`) None, -1 with an exception set. */
static int look_up(PyObject *object, PyObject *name, bool optional, PyObject **value)
{
    if (_PyObject_LookupAttr(object, name, value) < 0) return -1;
    if (*value && optional && *value == Py_None) Py_CLEAR(*value);
    return *value != NULL;
}

static int missing(PyObject *name, const char *of)
{
    PyErr_Format(PyExc_TypeError, "required field \"%U\" missing from %s", name, of);
    return -1;
}

static int read_field(PyObject *object, const AstNode *node, const AstField *f, PyObject *name, Arena *arena, char *at)
{
    PyObject *value;
    bool is_int = ast_field_size(f) == sizeof(int);
    int found = look_up(object, name, f->count == FIELD_OPT, &value);
    if (found < 0) return -1;
    if (!found) return f->count == FIELD_OPT ? 0 : missing(name, node->name);
    char where[160];
    PyOS_snprintf(where, sizeof where, " while traversing '%s' node", ast_types[f->type].name);
    int result = -1;
    void *out = NULL;
    if (f->count == FIELD_MANY) {
        result = read_list(value, node, f, arena, (void **)at);
    }
    else if (Py_EnterRecursiveCall(where) == 0) {
        if (f->type == AST_ID_integer) {
            result = read_int(value, (int *)at);
        }
        else {
            result = read_value(value, f->type, arena, &out);
            if (is_int) {
                *(int *)at = (int)(intptr_t)out;
            }
            else {
                *(void **)at = out;
            }
        }
        Py_LeaveRecursiveCall();
    }
    Py_DECREF(value);
    return result;
}

/* None may not stand where the grammar wants something. Told after all fields were read. */
static int check_required(const AstNode *node, const char *at, size_t offset)
{
    for (const AstField *f = node->fields; f->name; f++) {
        size_t size = ast_field_size(f);
        offset = align(offset, size);
        if (f->count == FIELD_ONE && size == sizeof(void *) && !*(void *const *)(at + offset)) {
            PyErr_Format(PyExc_ValueError, "field '%s' is required for %s", f->name, node->name);
            return -1;
        }
        offset += size;
    }
    return 0;
}

static int read_fields(PyObject *object, AstNodeId id, Arena *arena, char *to)
{
    const AstNode *node = &ast_nodes[id];
    size_t offset = ast_types[node->type].fields_offset;
    for (int i = 0; i < node->field_count; i++) {
        size_t size = ast_field_size(&node->fields[i]);
        offset = align(offset, size);
        PyObject *name = PyTuple_GET_ITEM(syntax_runtime.names[id], i);
        if (read_field(object, node, &node->fields[i], name, arena, to + offset) < 0) return -1;
        offset += size;
    }
    return check_required(node, to, ast_types[node->type].fields_offset);
}

static int read_positions(PyObject *object, const AstTypeInfo *type, AstPosition *pos)
{
    int *values[] = {&pos->lineno, &pos->col_offset, &pos->end_lineno, &pos->end_col_offset};
    for (int i = 0; i < 4; i++) {
        PyObject *value;
        bool optional = i >= 2 && !type->ends_required;
        int found = look_up(object, syntax_runtime.positions[i], optional, &value);
        if (found < 0) return -1;
        if (!found && !optional) return missing(syntax_runtime.positions[i], type->name);
        if (!found) {
            *values[i] = *values[i - 2];
            continue;
        }
        int result = read_int(value, values[i]);
        Py_DECREF(value);
        if (result < 0) return -1;
    }
    return 0;
}

static int read_struct(PyObject *object, AstTypeId id, Arena *arena, void **out)
{
    const AstTypeInfo *type = &ast_types[id];
    *out = NULL;
    if (object == Py_None && !type->product) return 0;
    if (!type->product) {
        int is = PyObject_IsInstance(object, syntax_runtime.sums[id]);
        if (is < 0) return -1;
        if (!is) {
            PyErr_Format(PyExc_TypeError, "expected some sort of %s, but got %R", type->name, object);
            return -1;
        }
    }
    char *to = arena_alloc(arena, type->size);
    if (!to) return -1;
    AstPosition *pos = (AstPosition *)(to + type->position_offset);
    if (type->product) {
        if (read_fields(object, type->first, arena, to) < 0) return -1;
        if (type->positions && read_positions(object, type, pos) < 0) return -1;
        *out = to;
        return 0;
    }
    if (type->positions && read_positions(object, type, pos) < 0) return -1;
    for (int i = 0; i < type->count; i++) {
        int is = PyObject_IsInstance(object, syntax_runtime.nodes[type->first + (AstNodeId)i]);
        if (is < 0) return -1;
        if (!is) continue;
        *(int *)to = i + 1;
        if (read_fields(object, type->first + (AstNodeId)i, arena, to) < 0) return -1;
        *out = to;
        return 0;
    }
    PyErr_Format(PyExc_TypeError, "expected some sort of %s, but got %R", type->name, object);
    return -1;
}

Mod *ast_from_object(PyObject *object, int mode, Arena *arena)
{
    static const AstNodeId wanted[] = {AST_NODE_mod_Module, AST_NODE_mod_Expression, AST_NODE_mod_Interactive,
                                       AST_NODE_mod_FunctionType};
    if (ast_types_init() < 0 || PySys_Audit("compile", "OO", object, Py_None) < 0) return NULL;
    int is = PyObject_IsInstance(object, syntax_runtime.nodes[wanted[mode]]);
    if (is < 0) return NULL;
    if (!is) {
        PyErr_Format(PyExc_TypeError, "expected %s node, got %.400s", ast_nodes[wanted[mode]].name,
                     _PyType_Name(Py_TYPE(object)));
        return NULL;
    }
    void *mod;
    return read_struct(object, AST_ID_mod, arena, &mod) < 0 ? NULL : mod;
}
