/* Entry points of the parser, its tokens and its helpers. */
#include "objects/recursion.h"
#include "syntax/parser.h"

#include <string.h>

#include "base/switches.h"
#include "syntax/dump.h"

enum { LATEST_MINOR = 11 };

/* ---- Tokens ----------------------------------------------------------------------------------------------------- */

static bool grow_tokens(Parser *p)
{
    int capacity = p->capacity ? p->capacity * 2 : 64;
    Token *tokens = PyMem_Realloc(p->tokens, (size_t)capacity * sizeof *tokens);
    if (!tokens) return false;
    p->tokens = tokens;
    p->capacity = capacity;
    return true;
}

static bool note_type_ignore(Parser *p, const char *start, const char *end)
{
    if (p->type_ignore_count == p->type_ignore_capacity) {
        size_t capacity = p->type_ignore_capacity ? p->type_ignore_capacity * 2 : 8;
        void *grown = PyMem_Realloc(p->type_ignores, capacity * sizeof *p->type_ignores);
        if (!grown) return PyErr_NoMemory(), false;
        p->type_ignores = grown;
        p->type_ignore_capacity = capacity;
    }
    PyObject *tag = PyUnicode_DecodeUTF8(start, end - start, NULL);
    if (!tag || arena_own(p->arena, tag) < 0) return false;
    p->type_ignores[p->type_ignore_count].lineno = p->tok->lineno;
    p->type_ignores[p->type_ignore_count++].tag = tag;
    return true;
}

/* Position of a token; the first line of an f-string's expression is shifted to where the outer string has it. */
static void place(Parser *p, Token *t, const char *start, const char *end)
{
    const Tokenizer *tok = p->tok;
    bool string = t->kind == TOK_STRING;
    const char *line_start = string ? tok->multi_line_start : tok->line_start;
    t->lineno = string ? tok->first_lineno : tok->lineno;
    t->end_lineno = tok->lineno;
    t->col = start && start >= line_start ? (int)(start - line_start) : -1;
    t->end_col = end && end >= tok->line_start ? (int)(end - tok->line_start) : -1;
    if (p->starting_lineno && tok->lineno == p->starting_lineno) {
        t->col += p->starting_col_offset;
        t->end_col += p->starting_col_offset;
    }
    t->start = start ? start - tok->buffer : 0;
    t->end = end ? end - tok->buffer : 0;
}

bool parser_fill(Parser *p)
{
    Tokenizer *tok = p->tok;
    const char *start, *end;
    bool bad = false;
    TokenKind kind = tokenizer_next(tok, &start, &end);
    while (kind == TOK_TYPE_IGNORE) {
        if (!note_type_ignore(p, start, end)) bad = true;
        kind = tokenizer_next(tok, &start, &end);
    }
    if (p->start == Py_single_input && kind == TOK_ENDMARKER && p->parsing_started) {
        /* The statement's line end that the text lacks. */
        kind = TOK_NEWLINE;
        p->parsing_started = false;
        if (tok->indent && !(p->flags & PyCF_DONT_IMPLY_DEDENT)) {
            tok->pending = -tok->indent;
            tok->indent = 0;
        }
    }
    else {
        p->parsing_started = true;
    }
    if (p->fill == p->capacity && !grow_tokens(p)) {
        /* There is always room for one error token: it takes the place of the last. */
        PyErr_NoMemory();
        p->failed = true;
        p->tokens[p->fill - 1].kind = TOK_ERRORTOKEN;
        p->pos = p->fill - 1;
        return false;
    }
    Token *t = &p->tokens[p->fill++];
    t->kind = bad ? TOK_ERRORTOKEN : kind;
    t->level = tok->level;
    t->memo = NULL;
    t->memo_end = 0;
    place(p, t, start, end);
    if (t->kind != TOK_ERRORTOKEN) return true;
    if (PyErr_Occurred() && PyErr_ExceptionMatches(PyExc_UnicodeDecodeError)) {
        raise_decode_problem(p);
    }
    else {
        raise_tokenizer_error(p);
    }
    p->failed = true;
    return false;
}

bool token_is(const Parser *p, const Token *t, const char *text)
{
    size_t size = strlen(text);
    return (size_t)(t->end - t->start) == size && memcmp(token_start(p, t), text, size) == 0;
}

/* ---- Names ------------------------------------------------------------------------------------------------------ */

static PyObject *make_name(Parser *p, const char *text, Py_ssize_t size)
{
    PyObject *name = PyUnicode_DecodeUTF8(text, size, NULL);
    if (!name) return NULL;
    if (!PyUnicode_IS_ASCII(name)) {
        /* Identifiers are compared in NFKC. */
        PyObject *module = PyImport_ImportModule("unicodedata");
        PyObject *normal = module ? PyObject_CallMethod(module, "normalize", "sO", "NFKC", name) : NULL;
        Py_XDECREF(module);
        Py_DECREF(name);
        name = normal;
        if (!name) return NULL;
        if (!PyUnicode_Check(name)) {
            PyErr_Format(PyExc_TypeError, "unicodedata.normalize() must return a string, not %.200s", _PyType_Name(Py_TYPE(name)));
            Py_DECREF(name);
            return NULL;
        }
    }
    PyUnicode_InternInPlace(&name);
    return arena_own(p->arena, name) < 0 ? NULL : name;
}

static bool grow_names(Parser *p)
{
    size_t old = p->names ? p->name_mask + 1 : 0, size = old ? old * 2 : 128;
    PyObject **names = PyMem_Calloc(size, sizeof *names);
    if (!names) return PyErr_NoMemory(), false;
    for (size_t i = 0; i < old; i++) {
        if (!p->names[i]) continue;
        size_t slot = 5381;
        Py_ssize_t length;
        const unsigned char *text = (const unsigned char *)PyUnicode_AsUTF8AndSize(p->names[i], &length);
        for (Py_ssize_t k = 0; text && k < length; k++)
            slot = slot * 33 + text[k];
        while (names[slot & (size - 1)])
            slot++;
        names[slot & (size - 1)] = p->names[i];
    }
    PyMem_Free(p->names);
    p->names = names;
    p->name_mask = size - 1;
    return true;
}

PyObject *intern_name(Parser *p, const char *text, Py_ssize_t size)
{
    size_t slot = 5381;
    unsigned seen = 0;
    for (Py_ssize_t i = 0; i < size; i++) {
        slot = slot * 33 + (unsigned char)text[i];
        seen |= (unsigned char)text[i];
    }
    if (seen >= 128) return make_name(p, text, size);
    if (p->name_count * 2 >= p->name_mask && !grow_names(p)) return NULL;
    for (;; slot++) {
        PyObject *name = p->names[slot & p->name_mask];
        if (!name) break;
        if (PyUnicode_GET_LENGTH(name) == size && memcmp(PyUnicode_1BYTE_DATA(name), text, (size_t)size) == 0) return name;
    }
    PyObject *name = make_name(p, text, size);
    if (!name) return NULL;
    p->names[slot & p->name_mask] = name;
    p->name_count++;
    return name;
}

PyObject *token_identifier(Parser *p, int index)
{
    Token *t = &p->tokens[index];
    if (!t->memo) {
        t->memo = intern_name(p, token_start(p, t), t->end - t->start);
        if (!t->memo) p->failed = true;
    }
    return t->memo;
}

PyObject *parse_identifier(Parser *p)
{
    if (peek(p) != TOK_NAME) return NULL;
    return token_identifier(p, p->pos++);
}

/* ---- Sequences, depth, versions --------------------------------------------------------------------------------- */

bool stack_push(Parser *p, void *item)
{
    if (p->stack_size == p->stack_capacity) {
        size_t capacity = p->stack_capacity ? p->stack_capacity * 2 : 256;
        void **stack = PyMem_Realloc(p->stack, capacity * sizeof *stack);
        if (!stack) return PyErr_NoMemory(), false;
        p->stack = stack;
        p->stack_capacity = capacity;
    }
    p->stack[p->stack_size++] = item;
    return true;
}

void *stack_take(Parser *p, size_t mark)
{
    size_t count = p->stack_size - mark;
    AstSeq *seq = ast_seq_new(p->arena, (Py_ssize_t)count);
    if (seq && count) memcpy(seq->items, p->stack + mark, count * sizeof(void *));
    p->stack_size = mark;
    return seq;
}

bool parser_enter(Parser *p, int levels)
{
    p->level += levels;
    if (p->level <= PARSER_MAX_LEVEL && !c_stack_is_low("")) return true;
    if (!PyErr_Occurred()) PyErr_NoMemory();
    p->failed = true;
    return false;
}

bool require_version(Parser *p, int minor, const char *what)
{
    if (p->feature_version >= minor) return true;
    raise_at_last_token(p, PyExc_SyntaxError, "%s only supported in Python 3.%i and greater", what, minor);
    return false;
}

/* ---- Running ---------------------------------------------------------------------------------------------------- */

int parser_init(Parser *p, Tokenizer *tok, int start, int flags, int feature_version, Arena *arena)
{
    memset(p, 0, sizeof *p);
    p->tok = tok;
    p->arena = arena;
    p->start = start;
    p->flags = flags;
    p->feature_version = feature_version;
    p->level = PARSER_BASE_LEVEL;
    tok->type_comments = flags & PyCF_TYPE_COMMENTS;
    if (flags & PyCF_ONLY_AST && feature_version < 7) tok->async_hacks = true;
    if (!grow_tokens(p)) {
        PyErr_NoMemory();
        return -1;
    }
    return 0;
}

void parser_clear(Parser *p)
{
    PyMem_Free(p->tokens);
    PyMem_Free(p->stack);
    PyMem_Free(p->type_ignores);
    PyMem_Free(p->names);
}

/* Whether more than white space and comments follows a complete interactive statement. */
static bool text_follows(const Tokenizer *tok)
{
    const char *c = tok->cursor;
    for (;;) {
        while (*c == ' ' || *c == '\t' || *c == '\n' || *c == '\014')
            c++;
        if (!*c) return false;
        if (*c != '#') return true;
        while (*c && *c != '\n')
            c++;
    }
}

static bool is_end_of_source(const Parser *p)
{
    return p->tok->status == TOKENIZER_EOF || p->tok->status == TOKENIZER_UNTERMINATED;
}

bool raise_if_incomplete(Parser *p)
{
    if (!(p->flags & PyCF_ALLOW_INCOMPLETE_INPUT) || !is_end_of_source(p)) return false;
    PyErr_Clear();
    p->failed = false;
    raise_at_last_token(p, PyExc_SyntaxError, "incomplete input");
    return true;
}

void *parser_run(Parser *p)
{
    void *result = parse_start(p);
    if (!result) {
        if (p->at_end) return NULL;
        if (raise_if_incomplete(p)) return NULL;
        if (!PyErr_Occurred()) {
            diagnose(p);
        }
        else if (PyErr_ExceptionMatches(PyExc_SyntaxError) && p->tok->status == TOKENIZER_OK) {
            /* A literal's error; one that stops the tokenizer further on is told first. */
            check_rest_of_source(p);
        }
        return NULL;
    }
    if (p->start == Py_single_input && text_follows(p->tok)) {
        return raise_at_last_token(p, PyExc_SyntaxError, "multiple statements found while compiling a single statement");
    }
    return result;
}

/* An exception from setting up the tokenizer gets the filename. */
static void raise_init_error(PyObject *filename)
{
    if (!PyErr_ExceptionMatches(PyExc_LookupError) && !PyErr_ExceptionMatches(PyExc_SyntaxError) &&
        !PyErr_ExceptionMatches(PyExc_UnicodeDecodeError))
        return;
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    PyErr_NormalizeException(&type, &value, &traceback);
    PyObject *text = value ? PyObject_Str(value) : NULL;
    PyObject *arguments = text ? Py_BuildValue("(O(OiiO))", text, filename, 0, -1, Py_None) : NULL;
    if (arguments) PyErr_SetObject(PyExc_SyntaxError, arguments);
    Py_XDECREF(arguments);
    Py_XDECREF(text);
    Py_XDECREF(type);
    Py_XDECREF(value);
    Py_XDECREF(traceback);
}

static Mod *run(Tokenizer *tok, int start, PyCompilerFlags *flags, Arena *arena, bool *at_end)
{
    Parser parser;
    int bits = flags ? flags->cf_flags : 0;
    int version = flags && bits & PyCF_ONLY_AST ? flags->cf_feature_version : LATEST_MINOR;
    Mod *mod = NULL;
    if (parser_init(&parser, tok, start, bits, version, arena) == 0) {
        mod = parser_run(&parser);
        if (at_end) *at_end = parser.at_end;
        if (switches.dump_tokens) tokens_dump(&parser, stderr);
        if (mod && switches.dump_ast) ast_dump(mod, stderr);
    }
    parser_clear(&parser);
    return mod;
}

Mod *syntax_parse_string(const char *source, PyObject *filename, int start, PyCompilerFlags *flags, Arena *arena)
{
    Tokenizer tok;
    Mod *mod = NULL;
    if (PySys_Audit("compile", "yO", source, filename) < 0) return NULL;
    bool is_utf8 = flags && flags->cf_flags & PyCF_IGNORE_COOKIE;
    if (tokenizer_init_string(&tok, source, is_utf8, start == Py_file_input, filename) < 0) {
        raise_init_error(filename);
    }
    else {
        mod = run(&tok, start, flags, arena, NULL);
    }
    tokenizer_clear(&tok);
    return mod;
}

Mod *syntax_parse_file(FILE *file, PyObject *filename, const char *encoding, int start, const char *ps1, const char *ps2,
                       PyCompilerFlags *flags, bool *at_end, PyObject **interactive_source, Arena *arena)
{
    Tokenizer tok;
    Mod *mod = NULL;
    if (at_end) *at_end = false;
    if (PySys_Audit("compile", "OO", Py_None, filename) < 0) return NULL;
    if (ps1) {
        tokenizer_init_interactive(&tok, file, encoding, ps1, ps2, filename);
    }
    else if (tokenizer_init_file(&tok, file, encoding, filename) < 0) {
        goto done;
    }
    mod = run(&tok, start, flags, arena, at_end);
    if (mod && interactive_source) {
        *interactive_source = PyUnicode_DecodeUTF8(tok.buffer, (Py_ssize_t)tok.size, "replace");
        if (!*interactive_source) mod = NULL;
    }
done:
    tokenizer_clear(&tok);
    return mod;
}

PyObject *ast_docstring_borrow(StmtSeq *body)
{
    if (!body || body->size == 0) return NULL;
    Stmt *first = body->items[0];
    if (first->kind != stmt_Expr || first->Expr.value->kind != expr_Constant) return NULL;
    PyObject *value = first->Expr.value->Constant.value;
    return PyUnicode_CheckExact(value) ? value : NULL;
}
