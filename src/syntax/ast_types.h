/* The grammar of ast.def as tables, and the Python classes made from them. Private to this folder. */
#ifndef KRAIT_SYNTAX_AST_TYPES_H
#define KRAIT_SYNTAX_AST_TYPES_H

#include "syntax/syntax.h"

#include <stddef.h>

typedef enum { FIELD_ONE, FIELD_OPT, FIELD_MANY } FieldCount;

/* Types of fields: four simple ones, then every sum and product. */
typedef enum AstTypeId {
    AST_ID_identifier, AST_ID_string, AST_ID_constant, AST_ID_integer,
#define F(type, name, how)
#define NODE(...)
#define LEAF(...)
#define SUM(sum, attributes) AST_ID_##sum,
#define PRODUCT(name, attributes, ...) AST_ID_##name,
#include "syntax/ast.def"
#undef NODE
#undef LEAF
#undef SUM
#undef PRODUCT
#undef F
    AST_TYPE_COUNT
} AstTypeId;

/* Constructors: those of the sums, and the products. */
typedef enum AstNodeId {
#define NODE(sum, Name, ...) AST_NODE_##sum##_##Name,
#define LEAF(sum, Name) AST_NODE_##sum##_##Name,
#define SUM(sum, attributes)
#define PRODUCT(name, attributes, ...) AST_NODE_##name,
#include "syntax/ast.def"
#undef NODE
#undef LEAF
#undef SUM
#undef PRODUCT
    AST_NODE_COUNT
} AstNodeId;

typedef struct {
    const char *name;           /* NULL ends a list */
    AstTypeId type;
    FieldCount count;
} AstField;

typedef struct {
    const char *name;
    AstTypeId type;             /* the sum, or the product itself */
    const AstField *fields;
    int field_count;
} AstNode;

typedef struct {
    const char *name;
    bool product, positions;
    bool ends_required;         /* the end of the position may not be left out, as elsewhere */
    bool simple;                /* a sum of leaves only: a value, no struct */
    AstNodeId first;            /* its constructors */
    int count;
    size_t fields_offset;       /* where the fields begin in its struct (pos is where `position_offset` says) */
    size_t size, position_offset;
} AstTypeInfo;

extern const AstNode ast_nodes[AST_NODE_COUNT];
extern const AstTypeInfo ast_types[AST_TYPE_COUNT];

/* The bytes a field takes in its struct, which is its alignment too. */
static inline size_t ast_field_size(const AstField *field)
{
    if (field->count == FIELD_MANY) return sizeof(void *);
    if (field->type == AST_ID_integer || (field->type > AST_ID_integer && ast_types[field->type].simple)) return sizeof(int);
    return sizeof(void *);
}

/* The classes. One set per process; made at first use. */
struct SyntaxRuntime {
    bool ready;
    PyObject *base;                             /* ast.AST */
    PyObject *sums[AST_TYPE_COUNT];             /* classes of sums and products; all references here are owned */
    PyObject *nodes[AST_NODE_COUNT];            /* classes of constructors */
    PyObject *names[AST_NODE_COUNT];            /* their field names, a tuple of interned strs */
    PyObject *singletons[AST_NODE_COUNT];       /* instances of leaves of simple sums */
    PyObject *positions[4];                     /* names of the position attributes */
};
extern struct SyntaxRuntime syntax_runtime;

/* Makes the classes if need be; -1 with an exception set. */
int ast_types_init(void);

/* A new instance without attributes. */
PyObject *ast_new_instance(PyObject *type);

typedef struct {
    PyObject_HEAD
    PyObject *dict;             /* owned, or NULL */
} AstObject;

#endif
