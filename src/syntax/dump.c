#include "syntax/dump.h"

#include <string.h>

#include "syntax/ast_types.h"

/* ---- Tokens ----------------------------------------------------------------------------------------------------- */

void tokens_dump(const Parser *p, FILE *out)
{
    for (int i = 0; i < (int)p->fill; i++) {
        const Token *t = &p->tokens[i];
        fprintf(out, "%4d,%-3d %4d,%-3d  %s", t->lineno, t->col, t->end_lineno, t->end_col, token_text(t->kind));
        bool has_text = t->kind == TOK_NAME || t->kind == TOK_NUMBER || t->kind == TOK_STRING;
        if (has_text) fprintf(out, "  %.*s", (int)(t->end - t->start), p->tok->buffer + t->start);
        putc('\n', out);
    }
}

/* ---- Trees ------------------------------------------------------------------------------------------------------ */

enum { DEEPEST = 200 };     /* a dump of deeper trees would not be readable */

static void dump_struct(AstTypeId id, const char *from, int indent, FILE *out);

static void dump_object(PyObject *o, bool quoted, FILE *out)
{
    PyObject *text = quoted ? PyObject_Repr(o) : Py_NewRef(o);
    const char *utf8 = text && PyUnicode_Check(text) ? PyUnicode_AsUTF8(text) : NULL;
    fprintf(out, "%s", utf8 ? utf8 : "?");
    if (!utf8) PyErr_Clear();
    Py_XDECREF(text);
}

static void start_line(const char *label, int indent, FILE *out) { fprintf(out, "\n%*s%s: ", 2 * indent, "", label); }

static void dump_simple(AstTypeId id, int kind, FILE *out)
{
    if (id == AST_ID_integer) fprintf(out, "%d", kind);
    else fprintf(out, "%s", ast_nodes[ast_types[id].first + (AstNodeId)(kind - 1)].name);
}

static void dump_value(AstTypeId id, void *value, int indent, FILE *out)
{
    if (!value) fprintf(out, "None");
    else if (id <= AST_ID_constant) dump_object(value, id != AST_ID_identifier, out);
    else dump_struct(id, value, indent, out);
}

static void dump_list(AstTypeId id, const AstSeq *seq, int indent, FILE *out)
{
    Py_ssize_t size = seq ? seq->size : 0;
    if (!size) fprintf(out, "[]");
    for (Py_ssize_t i = 0; i < size; i++) {
        fprintf(out, "\n%*s- ", 2 * indent, "");
        if (ast_types[id].simple) dump_simple(id, (int)(intptr_t)seq->items[i], out);
        else dump_value(id, seq->items[i], indent + 1, out);
    }
}

static void dump_field(const AstField *f, const char *at, int indent, FILE *out)
{
    start_line(f->name, indent, out);
    if (f->count == FIELD_MANY) dump_list(f->type, *(AstSeq *const *)at, indent + 1, out);
    else if (ast_field_size(f) == sizeof(int)) dump_simple(f->type, *(const int *)at, out);
    else dump_value(f->type, *(void *const *)at, indent + 1, out);
}

static void dump_struct(AstTypeId id, const char *from, int indent, FILE *out)
{
    const AstTypeInfo *type = &ast_types[id];
    const AstNode *node = &ast_nodes[type->first + (AstNodeId)(type->product ? 0 : *(const int *)from - 1)];
    fprintf(out, "%s", node->name);
    if (type->positions) {
        const AstPosition *pos = (const AstPosition *)(from + type->position_offset);
        fprintf(out, " @%d,%d-%d,%d", pos->lineno, pos->col_offset, pos->end_lineno, pos->end_col_offset);
    }
    if (indent > DEEPEST) {
        fprintf(out, " ...");
        return;
    }
    size_t offset = type->fields_offset;
    for (int i = 0; i < node->field_count; i++) {
        size_t size = ast_field_size(&node->fields[i]);
        offset = (offset + size - 1) & ~(size - 1);
        dump_field(&node->fields[i], from + offset, indent, out);
        offset += size;
    }
}

void ast_dump(const Mod *mod, FILE *out)
{
    dump_struct(AST_ID_mod, (const char *)mod, 1, out);
    putc('\n', out);
}
