/* The module unicodedata: its functions are also the methods of ucd_3_2_0, the object that answers for Unicode 3.2.0. */
#define PY_SSIZE_T_CLEAN
#include "modules/unicodedata/unicodedata.h"
#include <structmember.h>

typedef struct {
    PyObject_HEAD
    const char *version;
} Ucd;

typedef struct {
    PyObject *words[UCD_WORDS_KINDS][UCD_WORDS_MAX];    /* owned; NULL until asked for */
} State;

/* Called as a method of ucd_3_2_0, or as a function of the module? */
static bool is_old(PyObject *self)
{
    return !PyModule_Check(self);
}

/* The character of a str argument; -1 with TypeError. */
static int character(const char *name, const char *which, PyObject *arg, Py_UCS4 *ch)
{
    if (!PyUnicode_Check(arg) || PyUnicode_READY(arg) < 0 || PyUnicode_GET_LENGTH(arg) != 1) {
        if (!PyErr_Occurred())
            _PyArg_BadArgument(name, which, "a unicode character", arg);
        return -1;
    }
    *ch = PyUnicode_READ_CHAR(arg, 0);
    return 0;
}

/* chr, default: the character; -1 on error. */
static int with_default(const char *name, PyObject *const *args, Py_ssize_t nargs, Py_UCS4 *ch)
{
    if (!_PyArg_CheckPositional(name, nargs, 1, 2))
        return -1;
    return character(name, "argument 1", args[0], ch);
}

static PyObject *or_default(PyObject *const *args, Py_ssize_t nargs, const char *message)
{
    if (nargs > 1)
        return Py_NewRef(args[1]);
    PyErr_SetString(PyExc_ValueError, message);
    return NULL;
}

static PyObject *decimal(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    Py_UCS4 ch;
    if (with_default("decimal", args, nargs, &ch) < 0)
        return NULL;
    int value = ucd_decimal(ch, is_old(self));
    return value >= 0 ? PyLong_FromLong(value) : or_default(args, nargs, "not a decimal");
}

static PyObject *digit_method(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    Py_UCS4 ch;
    (void)self;
    if (with_default("digit", args, nargs, &ch) < 0)
        return NULL;
    int value = Py_UNICODE_TODIGIT(ch);
    return value >= 0 ? PyLong_FromLong(value) : or_default(args, nargs, "not a digit");
}

static PyObject *numeric(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    Py_UCS4 ch;
    if (with_default("numeric", args, nargs, &ch) < 0)
        return NULL;
    double value = is_old(self) && !ucd_assigned_in_old(ch) ? -1.0 : Py_UNICODE_TONUMERIC(ch);
    return value != -1.0 ? PyFloat_FromDouble(value) : or_default(args, nargs, "not a numeric character");
}

static PyObject *name(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    Py_UCS4 ch;
    char text[257];
    if (with_default("name", args, nargs, &ch) < 0)
        return NULL;
    int length = is_old(self) && !ucd_assigned_in_old(ch) ? 0 : ucd_name(ch, text, sizeof(text));
    if (length > 0)
        return str_from_ascii(text, length);
    return or_default(args, nargs, "no such name");
}

/* The str of a word: one for all characters that have it. */
static PyObject *word(PyObject *self, UcdWords words, unsigned number)
{
    State *state = is_old(self) ? PyType_GetModuleState(Py_TYPE(self)) : PyModule_GetState(self);
    PyObject **at = &state->words[words][number];
    if (*at == NULL)
        *at = PyUnicode_InternFromString(ucd_word(words, number));
    return Py_XNewRef(*at);
}

#define NUMBER(self, words, number) PyLong_FromLong(number)

#define PROPERTY(function, type, make, words) \
    static PyObject *function(PyObject *self, PyObject *arg) \
    { \
        Py_UCS4 ch; \
        if (character(#function, "argument", arg, &ch) < 0) \
            return NULL; \
        return make(self, words, ucd_##type(ch, is_old(self))); \
    }

PROPERTY(category, category, word, UCD_CATEGORIES)
PROPERTY(bidirectional, bidirectional, word, UCD_BIDIRECTIONALS)
PROPERTY(combining, combining, NUMBER, 0)
PROPERTY(mirrored, mirrored, NUMBER, 0)
PROPERTY(east_asian_width, width, word, UCD_WIDTHS)

static PyObject *decomposition(PyObject *self, PyObject *arg)
{
    Py_UCS4 ch;
    const Py_UCS4 *codes;
    const char *prefix;
    char text[256];
    if (character("decomposition", "argument", arg, &ch) < 0)
        return NULL;
    int n = is_old(self) && !ucd_assigned_in_old(ch) ? 0 : ucd_decomposition(ch, &codes, &prefix);
    if (n == 0)
        return str_empty();
    int at = sprintf(text, "%s", prefix);
    for (int i = 0; i < n; i++)
        at += sprintf(text + at, at ? " %04X" : "%04X", (unsigned)codes[i]);
    return str_from_ascii(text, at);
}

static PyObject *lookup(PyObject *self, PyObject *arg)
{
    const char *text;
    Py_ssize_t length;
    Py_UCS4 code;
    if (!PyArg_Parse(arg, "s#:lookup", &text, &length))
        return NULL;
    if (length > 256) {
        PyErr_SetString(PyExc_KeyError, "name too long");
        return NULL;
    }
    switch (ucd_lookup(text, (int)length, is_old(self), &code)) {
    case 1:
        return str_from_char(code);
    case 2:
        return ucd_sequence(code);
    default:
        PyErr_Format(PyExc_KeyError, "undefined character name '%s'", text);
        return NULL;
    }
}

/* form, unistr: 0 or -1. */
static int form_args(const char *function, PyObject *const *args, Py_ssize_t nargs, NormalForm *form)
{
    static const char *const forms[] = {"NFD", "NFKD", "NFC", "NFKC"};
    if (!_PyArg_CheckPositional(function, nargs, 2, 2))
        return -1;
    for (int i = 0; i < 2; i++) {
        if (!PyUnicode_Check(args[i])) {
            _PyArg_BadArgument(function, i == 0 ? "argument 1" : "argument 2", "str", args[i]);
            return -1;
        }
    }
    for (int i = 0; i < 4; i++) {
        if (_PyUnicode_EqualToASCIIString(args[0], forms[i])) {
            *form = (NormalForm)i;
            return 0;
        }
    }
    /* An empty text is in any form, even one that does not exist. */
    if (PyUnicode_READY(args[1]) == 0 && PyUnicode_GET_LENGTH(args[1]) == 0 && strcmp(function, "normalize") == 0) {
        *form = NFC;
        return 0;
    }
    PyErr_SetString(PyExc_ValueError, "invalid normalization form");
    return -1;
}

static PyObject *normalize(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    NormalForm form;
    return form_args("normalize", args, nargs, &form) < 0 ? NULL : ucd_normalize(args[1], form, is_old(self));
}

static PyObject *is_normalized(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    NormalForm form;
    if (form_args("is_normalized", args, nargs, &form) < 0)
        return NULL;
    int r = ucd_is_normalized(args[1], form, is_old(self));
    return r < 0 ? NULL : PyBool_FromLong(r);
}

#define FAST(f) _PyCFunction_CAST(f), METH_FASTCALL

static PyMethodDef methods[] = {
    {"decimal", FAST(decimal),
     "decimal($self, chr, default=<unrepresentable>, /)\n--\n\nDecimal value of a character as an integer; default, or "
     "ValueError, if it has none."},
    {"digit", FAST(digit_method),
     "digit($self, chr, default=<unrepresentable>, /)\n--\n\nDigit value of a character as an integer; default, or ValueError, "
     "if it has none."},
    {"numeric", FAST(numeric),
     "numeric($self, chr, default=<unrepresentable>, /)\n--\n\nNumeric value of a character as a float; default, or ValueError, "
     "if it has none."},
    {"category", category, METH_O, "category($self, chr, /)\n--\n\nGeneral category of a character."},
    {"bidirectional", bidirectional, METH_O,
     "bidirectional($self, chr, /)\n--\n\nBidirectional class of a character, or an empty string."},
    {"combining", combining, METH_O,
     "combining($self, chr, /)\n--\n\nCanonical combining class of a character; 0 if it has none."},
    {"mirrored", mirrored, METH_O, "mirrored($self, chr, /)\n--\n\n1 if a character is mirrored in bidirectional text, else 0."},
    {"east_asian_width", east_asian_width, METH_O, "east_asian_width($self, chr, /)\n--\n\nEast Asian width of a character."},
    {"decomposition", decomposition, METH_O,
     "decomposition($self, chr, /)\n--\n\nDecomposition mapping of a character, or an empty string."},
    {"name", FAST(name),
     "name($self, chr, default=<unrepresentable>, /)\n--\n\nName of a character; default, or ValueError, if it has none."},
    {"lookup", lookup, METH_O,
     "lookup($self, name, /)\n--\n\nCharacter, or sequence of characters, with a name; KeyError if there is none."},
    {"is_normalized", FAST(is_normalized),
     "is_normalized($self, form, unistr, /)\n--\n\nIs the string in the normal form 'NFC', 'NFKC', 'NFD' or 'NFKD'?"},
    {"normalize", FAST(normalize),
     "normalize($self, form, unistr, /)\n--\n\nThe normal form 'NFC', 'NFKC', 'NFD' or 'NFKD' of the string."},
    {0},
};

/* --- the type of ucd_3_2_0 --- */

static PyMemberDef members[] = {
    {"unidata_version", T_STRING, offsetof(Ucd, version), READONLY, NULL},
    {0},
};

static int ucd_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    return 0;
}

static void ucd_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    PyObject_GC_Del(self);
    Py_DECREF(type);
}

static PyType_Slot ucd_slots[] = {
    {Py_tp_dealloc, ucd_dealloc}, {Py_tp_traverse, ucd_traverse}, {Py_tp_getattro, PyObject_GenericGetAttr},
    {Py_tp_methods, methods}, {Py_tp_members, members}, {0, NULL},
};

static PyType_Spec ucd_spec = {
    .name = "unicodedata.UCD",
    .basicsize = sizeof(Ucd),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = ucd_slots,
};

static int exec(PyObject *module)
{
    if (PyModule_AddStringConstant(module, "unidata_version", "14.0.0") < 0)
        return -1;
    PyTypeObject *type = (PyTypeObject *)PyType_FromModuleAndSpec(module, &ucd_spec, NULL);
    if (type == NULL)
        return -1;
    Ucd *old = NULL;
    PyObject *capsule = NULL;
    int r = PyModule_AddType(module, type);
    if (r == 0 && (old = PyObject_GC_New(Ucd, type)) != NULL) {
        old->version = "3.2.0";
        PyObject_GC_Track(old);
    }
    if (old == NULL || PyModule_AddObjectRef(module, "ucd_3_2_0", (PyObject *)old) < 0)
        r = -1;
    if (r == 0) {
        capsule = PyCapsule_New((void *)&ucd_name_api, UNICODE_NAMES_CAPSULE, NULL);
        r = capsule == NULL ? -1 : PyModule_AddObjectRef(module, "_ucnhash_CAPI", capsule);
    }
    Py_XDECREF(capsule);
    Py_XDECREF(old);
    Py_DECREF(type);
    return r;
}

static void free_words(void *module)
{
    State *state = PyModule_GetState(module);
    for (int kind = 0; state != NULL && kind < UCD_WORDS_KINDS; kind++)
        for (int i = 0; i < UCD_WORDS_MAX; i++)
            Py_CLEAR(state->words[kind][i]);
}

static PyModuleDef_Slot slots[] = {{Py_mod_exec, exec}, {0, NULL}};

PyDoc_STRVAR(doc,
"Access to the Unicode Character Database: properties, names and normal forms of characters, as version 14.0.0 of\n"
"Unicode has them. Names and symbols are those of UnicodeData File Format 14.0.0.");

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "unicodedata",
    .m_doc = doc,
    .m_size = sizeof(State),
    .m_methods = methods,
    .m_slots = slots,
    .m_free = free_words,
};

PyMODINIT_FUNC PyInit_unicodedata(void)
{
    return PyModuleDef_Init(&definition);
}
