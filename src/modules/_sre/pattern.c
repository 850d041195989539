/* re.Pattern: matching, searching, splitting. Substitution is in sub.c. */
#include "modules/_sre/sre.h"
#include "objects/args_unpack.h"

#include <structmember.h>

/* ---- arguments ---- */

typedef struct {
    PyObject *string;       /* borrowed */
    Py_ssize_t pos, endpos;
} Subject;

/* The three arguments of match() and its like. -1 with an exception. */
static int read_subject(_PyArg_Parser *parser, PyObject *const *args, Py_ssize_t nargs, PyObject *names, Subject *out)
{
    PyObject *buffer[3];
    out->pos = 0;
    out->endpos = PY_SSIZE_T_MAX;
    if (nargs == 1 && names == NULL) {
        out->string = args[0];
        return 0;
    }
    if (args_unpack(args, nargs, NULL, names, parser, 1, 3, 3, buffer) < 0) return -1;
    args = buffer;
    out->string = args[0];
    Py_ssize_t *numbers[] = {&out->pos, &out->endpos};
    for (int i = 0; i < 2; i++) {
        if (args[i + 1] == NULL) continue;
        PyObject *index = PyNumber_Index(args[i + 1]);
        if (index == NULL) return -1;
        *numbers[i] = PyLong_AsSsize_t(index);
        Py_DECREF(index);
        if (*numbers[i] == -1 && PyErr_Occurred()) return -1;
    }
    return 0;
}

static const char *const subject_names[] = {"string", "pos", "endpos", NULL};

/* Defines METHOD(self, args…) that reads a Subject and goes on in `then`. */
#define SUBJECT_METHOD(method, then)                                                                            \
    static PyObject *pattern_##method(PyObject *self, PyObject *const *args, Py_ssize_t nargs, PyObject *names) \
    {                                                                                                           \
        static _PyArg_Parser parser = {.keywords = subject_names, .fname = #method};                            \
        Subject subject;                                                                                        \
        if (read_subject(&parser, args, nargs, names, &subject) < 0) return NULL;                               \
        return then;                                                                                            \
    }

/* ---- one match ---- */

typedef enum { MODE_MATCH, MODE_FULLMATCH, MODE_SEARCH } Mode;

static PyObject *pattern_run(Pattern *self, const Subject *subject, Mode mode)
{
    State state;
    int status = 0;
    if (state_init(&state, self, subject->string, subject->pos, subject->endpos) < 0) return NULL;
    if (state.pos > state.endpos) {
        /* only an empty match at pos is thinkable */
        if (mode == MODE_MATCH) {
            state.end = state.start;
            status = state_match(&state, state.start);
        }
    }
    else if (mode == MODE_SEARCH) {
        status = state_search(&state);
    }
    else {
        state.match_all = mode == MODE_FULLMATCH;
        status = state_match(&state, state.start);
    }
    PyObject *match = match_new(self, &state, status);
    state_fini(&state);
    return match;
}

SUBJECT_METHOD(match, pattern_run((Pattern *)self, &subject, MODE_MATCH))
SUBJECT_METHOD(fullmatch, pattern_run((Pattern *)self, &subject, MODE_FULLMATCH))
SUBJECT_METHOD(search, pattern_run((Pattern *)self, &subject, MODE_SEARCH))

/* ---- all matches ---- */

/* What findall() lists for the match in `state`. */
static PyObject *findall_item(const Pattern *self, const State *state)
{
    if (self->groups == 0) return state_slice(state, state->start, state->ptr);
    if (self->groups == 1) return state_group(state, 1, true);
    PyObject *item = PyTuple_New(self->groups);
    if (item == NULL) return NULL;
    for (Py_ssize_t i = 0; i < self->groups; i++) {
        PyObject *text = state_group(state, i + 1, true);
        if (text == NULL) {
            Py_DECREF(item);
            return NULL;
        }
        PyTuple_SET_ITEM(item, i, text);
    }
    return item;
}

/* Appends and gives the reference away; -1 when `item` is NULL or there is no memory. */
static int append_steal(PyObject *list, PyObject *item)
{
    if (item == NULL) return -1;
    int status = PyList_Append(list, item);
    Py_DECREF(item);
    return status;
}

static PyObject *pattern_list(Pattern *self, const Subject *subject)
{
    State state;
    int status;
    if (state_init(&state, self, subject->string, subject->pos, subject->endpos) < 0) return NULL;
    PyObject *list = PyList_New(0);
    if (list == NULL) goto error;
    while (state.start <= state.end) {
        status = state_search(&state);
        if (status < 0) goto error;
        if (status == 0) break;
        if (append_steal(list, findall_item(self, &state)) < 0) goto error;
        state.must_advance = state.ptr == state.start;
        state.start = state.ptr;
    }
    state_fini(&state);
    return list;
error:
    Py_XDECREF(list);
    state_fini(&state);
    return NULL;
}

SUBJECT_METHOD(findall, pattern_list((Pattern *)self, &subject))
SUBJECT_METHOD(scanner, scanner_new((Pattern *)self, subject.string, subject.pos, subject.endpos))

static PyObject *pattern_iterate(Pattern *self, const Subject *subject)
{
    PyObject *scanner = scanner_new(self, subject->string, subject->pos, subject->endpos);
    if (scanner == NULL) return NULL;
    PyObject *search = PyObject_GetAttrString(scanner, "search");
    Py_DECREF(scanner);
    if (search == NULL) return NULL;
    PyObject *iterator = PyCallIter_New(search, Py_None);
    Py_DECREF(search);
    return iterator;
}

SUBJECT_METHOD(finditer, pattern_iterate((Pattern *)self, &subject))

static PyObject *split_text(Pattern *self, PyObject *string, Py_ssize_t maxsplit)
{
    State state;
    if (state_init(&state, self, string, 0, PY_SSIZE_T_MAX) < 0) return NULL;
    PyObject *list = PyList_New(0);
    if (list == NULL) goto error;
    const void *last = state.start;
    for (Py_ssize_t n = 0; maxsplit == 0 || n < maxsplit; n++) {
        int status = state_search(&state);
        if (status < 0) goto error;
        if (status == 0) break;
        if (append_steal(list, state_slice(&state, last, state.start)) < 0) goto error;
        for (Py_ssize_t i = 1; i <= self->groups; i++) {
            if (append_steal(list, state_group(&state, i, false)) < 0) goto error;
        }
        state.must_advance = state.ptr == state.start;
        state.start = last = state.ptr;
    }
    if (append_steal(list, state_slice(&state, last, state.end)) < 0) goto error;
    state_fini(&state);
    return list;
error:
    Py_XDECREF(list);
    state_fini(&state);
    return NULL;
}

static PyObject *pattern_split(PyObject *self, PyObject *const *args, Py_ssize_t nargs, PyObject *names)
{
    static const char *const keywords[] = {"string", "maxsplit", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .fname = "split"};
    PyObject *buffer[2];
    Py_ssize_t maxsplit = 0;
    if (args_unpack(args, nargs, NULL, names, &parser, 1, 2, 2, buffer) < 0) return NULL;
    args = buffer;
    if (args[1] != NULL) {
        PyObject *index = PyNumber_Index(args[1]);
        if (index == NULL) return NULL;
        maxsplit = PyLong_AsSsize_t(index);
        Py_DECREF(index);
        if (maxsplit == -1 && PyErr_Occurred()) return NULL;
    }
    return split_text((Pattern *)self, args[0], maxsplit);
}

/* ---- the object ---- */

static PyObject *pattern_copy(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return Py_NewRef(self);
}

static const struct {
    const char *name;
    int flag;
} flag_names[] = {
    {"re.TEMPLATE", SRE_FLAG_TEMPLATE}, {"re.IGNORECASE", SRE_FLAG_IGNORECASE}, {"re.LOCALE", SRE_FLAG_LOCALE},
    {"re.MULTILINE", SRE_FLAG_MULTILINE}, {"re.DOTALL", SRE_FLAG_DOTALL}, {"re.UNICODE", SRE_FLAG_UNICODE},
    {"re.VERBOSE", SRE_FLAG_VERBOSE}, {"re.DEBUG", SRE_FLAG_DEBUG}, {"re.ASCII", SRE_FLAG_ASCII},
};

static PyObject *pattern_repr(PyObject *op)
{
    Pattern *self = (Pattern *)op;
    int flags = self->flags;
    /* UNICODE goes without saying for str */
    if (self->is_bytes == 0 && (flags & (SRE_FLAG_LOCALE | SRE_FLAG_UNICODE | SRE_FLAG_ASCII)) == SRE_FLAG_UNICODE) {
        flags &= ~SRE_FLAG_UNICODE;
    }
    char text[200] = "";
    size_t length = 0;
    for (size_t i = 0; i < Py_ARRAY_LENGTH(flag_names); i++) {
        if (!(flags & flag_names[i].flag)) continue;
        length += (size_t)snprintf(text + length, sizeof text - length, "%s%s", length ? "|" : "", flag_names[i].name);
        flags &= ~flag_names[i].flag;
    }
    if (flags) length += (size_t)snprintf(text + length, sizeof text - length, "%s0x%x", length ? "|" : "", flags);
    return PyUnicode_FromFormat(length ? "re.compile(%.200R, %s)" : "re.compile(%.200R)", self->pattern, text);
}

static Py_hash_t pattern_hash(PyObject *op)
{
    Pattern *self = (Pattern *)op;
    Py_hash_t hash = PyObject_Hash(self->pattern);
    if (hash == -1) return -1;
    hash ^= _Py_HashBytes(self->list, Py_SIZE(self) * (Py_ssize_t)sizeof(Code));
    hash ^= self->flags ^ self->is_bytes ^ self->groups;
    return hash == -1 ? -2 : hash;
}

static PyObject *pattern_richcompare(PyObject *left, PyObject *right, int op)
{
    if ((op != Py_EQ && op != Py_NE) || Py_TYPE(left) != Py_TYPE(right)) Py_RETURN_NOTIMPLEMENTED;
    const Pattern *a = (Pattern *)left, *b = (Pattern *)right;
    int equal = a == b;
    if (!equal) {
        equal = a->flags == b->flags && a->is_bytes == b->is_bytes && a->groups == b->groups && Py_SIZE(a) == Py_SIZE(b)
             && memcmp(a->list, b->list, (size_t)Py_SIZE(a) * sizeof(Code)) == 0;
        if (equal) equal = PyObject_RichCompareBool(a->pattern, b->pattern, Py_EQ);
        if (equal < 0) return NULL;
    }
    return PyBool_FromLong(op == Py_EQ ? equal : !equal);
}

static int pattern_traverse(PyObject *op, visitproc visit, void *arg)
{
    Pattern *self = (Pattern *)op;
    Py_VISIT(Py_TYPE(op));
    Py_VISIT(self->groupindex);
    Py_VISIT(self->indexgroup);
    Py_VISIT(self->pattern);
    return 0;
}

static int pattern_clear(PyObject *op)
{
    Pattern *self = (Pattern *)op;
    Py_CLEAR(self->groupindex);
    Py_CLEAR(self->indexgroup);
    Py_CLEAR(self->pattern);
    return 0;
}

static void pattern_dealloc(PyObject *op)
{
    PyTypeObject *type = Py_TYPE(op);
    PyObject_GC_UnTrack(op);
    if (((Pattern *)op)->weakrefs != NULL) PyObject_ClearWeakRefs(op);
    pattern_clear(op);
    program_free(((Pattern *)op)->program);
    type->tp_free(op);
    Py_DECREF(type);
}

static PyObject *pattern_get_groupindex(PyObject *self, void *Py_UNUSED(closure))
{
    PyObject *groupindex = ((Pattern *)self)->groupindex;
    return groupindex ? PyDictProxy_New(groupindex) : PyDict_New();
}

PyDoc_STRVAR(match_doc,
"match($self, /, string, pos=0, endpos=sys.maxsize)\n--\n\n"
"Matches zero or more characters at the beginning of the string.");
PyDoc_STRVAR(fullmatch_doc,
"fullmatch($self, /, string, pos=0, endpos=sys.maxsize)\n--\n\n"
"Matches against all of the string.");
PyDoc_STRVAR(search_doc,
"search($self, /, string, pos=0, endpos=sys.maxsize)\n--\n\n"
"Looks for the first place in the string that matches.\n\n"
"Gives its match object, or None when there is none.");
PyDoc_STRVAR(findall_doc,
"findall($self, /, string, pos=0, endpos=sys.maxsize)\n--\n\n"
"Lists all matches in the string that do not overlap.");
PyDoc_STRVAR(finditer_doc,
"finditer($self, /, string, pos=0, endpos=sys.maxsize)\n--\n\n"
"Iterates over all matches in the string that do not overlap.\n\n"
"Each item is a match object.");
PyDoc_STRVAR(split_doc,
"split($self, /, string, maxsplit=0)\n--\n\n"
"Splits the string where the pattern matches.");
PyDoc_STRVAR(sub_doc,
"sub($self, /, repl, string, count=0)\n--\n\n"
"The string with its leftmost matches that do not overlap replaced by repl.");
PyDoc_STRVAR(subn_doc,
"subn($self, /, repl, string, count=0)\n--\n\n"
"The tuple (new string, number of replacements) of the same replacing as sub().");

static PyObject *substitute(PyObject *self, _PyArg_Parser *parser, PyObject *const *args, Py_ssize_t nargs,
                            PyObject *names, bool with_number)
{
    PyObject *buffer[3];
    Py_ssize_t count = 0;
    if (args_unpack(args, nargs, NULL, names, parser, 2, 3, 3, buffer) < 0) return NULL;
    args = buffer;
    if (args[2] != NULL) {
        PyObject *index = PyNumber_Index(args[2]);
        if (index == NULL) return NULL;
        count = PyLong_AsSsize_t(index);
        Py_DECREF(index);
        if (count == -1 && PyErr_Occurred()) return NULL;
    }
    return pattern_sub((Pattern *)self, args[0], args[1], count, with_number);
}

static const char *const sub_names[] = {"repl", "string", "count", NULL};

static PyObject *pattern_sub_method(PyObject *self, PyObject *const *args, Py_ssize_t nargs, PyObject *names)
{
    static _PyArg_Parser parser = {.keywords = sub_names, .fname = "sub"};
    return substitute(self, &parser, args, nargs, names, false);
}

static PyObject *pattern_subn_method(PyObject *self, PyObject *const *args, Py_ssize_t nargs, PyObject *names)
{
    static _PyArg_Parser parser = {.keywords = sub_names, .fname = "subn"};
    return substitute(self, &parser, args, nargs, names, true);
}

#define FAST(function) ((PyCFunction)(void (*)(void))(function)), METH_FASTCALL | METH_KEYWORDS

static PyMethodDef pattern_methods[] = {
    {"match", FAST(pattern_match), match_doc},
    {"fullmatch", FAST(pattern_fullmatch), fullmatch_doc},
    {"search", FAST(pattern_search), search_doc},
    {"sub", FAST(pattern_sub_method), sub_doc},
    {"subn", FAST(pattern_subn_method), subn_doc},
    {"findall", FAST(pattern_findall), findall_doc},
    {"split", FAST(pattern_split), split_doc},
    {"finditer", FAST(pattern_finditer), finditer_doc},
    {"scanner", FAST(pattern_scanner), "scanner($self, /, string, pos=0, endpos=sys.maxsize)\n--\n\n"},
    {"__copy__", pattern_copy, METH_NOARGS, "__copy__($self, /)\n--\n\n"},
    {"__deepcopy__", pattern_copy, METH_O, "__deepcopy__($self, memo, /)\n--\n\n"},
    {"__class_getitem__", Py_GenericAlias, METH_O | METH_CLASS, "See PEP 585"},
    {0},
};

static PyGetSetDef pattern_getset[] = {
    {"groupindex", pattern_get_groupindex, NULL, "A dictionary mapping group names to group numbers.", NULL},
    {0},
};

static PyMemberDef pattern_members[] = {
    {"pattern", T_OBJECT, offsetof(Pattern, pattern), READONLY, "The pattern string from which the RE object was compiled."},
    {"flags", T_INT, offsetof(Pattern, flags), READONLY, "The regex matching flags."},
    {"groups", T_PYSSIZET, offsetof(Pattern, groups), READONLY, "The number of capturing groups in the pattern."},
    {"__weaklistoffset__", T_PYSSIZET, offsetof(Pattern, weakrefs), READONLY, NULL},
    {0},
};

static PyType_Slot pattern_slots[] = {
    {Py_tp_dealloc, pattern_dealloc},
    {Py_tp_repr, pattern_repr},
    {Py_tp_hash, pattern_hash},
    {Py_tp_doc, "Compiled regular expression object."},
    {Py_tp_richcompare, pattern_richcompare},
    {Py_tp_methods, pattern_methods},
    {Py_tp_members, pattern_members},
    {Py_tp_getset, pattern_getset},
    {Py_tp_traverse, pattern_traverse},
    {Py_tp_clear, pattern_clear},
    {0, NULL},
};

PyType_Spec sre_pattern_spec = {
    .name = "re.Pattern",
    .basicsize = sizeof(Pattern),
    .itemsize = sizeof(Code),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE | Py_TPFLAGS_DISALLOW_INSTANTIATION | Py_TPFLAGS_HAVE_GC,
    .slots = pattern_slots,
};
