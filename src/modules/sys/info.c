/* sys: facts about the interpreter, the platform and the build. */
#include "modules/sys/sys.h"

#include <internal/krait_exports.h>

#include "objects/int/int.h"
#include "runtime/state.h"

#define KRAIT_VERSION "0.1"

const unsigned long Py_Version = PY_VERSION_HEX;

/* ---- Texts ---------------------------------------------------------------------------------------------------- */

const char *Py_GetCompiler(void)
{
#ifdef __clang__
    return "[Clang " __clang_version__ "]";
#else
    return "[GCC " __VERSION__ "]";
#endif
}

const char *Py_GetBuildInfo(void) { return "Krait " KRAIT_VERSION ", " __DATE__ ", " __TIME__; }
const char *Py_GetVersion(void)
{
    static char version[250];
    if (!version[0]) snprintf(version, sizeof(version), "%.80s (%.80s) %.80s", PY_VERSION, Py_GetBuildInfo(), Py_GetCompiler());
    return version;
}

const char *Py_GetPlatform(void) { return "linux"; }

const char *Py_GetCopyright(void)
{
    return "Krait: Copyright (c) its authors, MIT licence.\n"
           "The Python library that it runs: Copyright (c) 2001-2023 Python Software Foundation.\nAll Rights Reserved.";
}

const char *_Py_gitversion(void) { return ""; }
const char *_Py_gitidentifier(void) { return ""; }

/* ---- Struct sequences ----------------------------------------------------------------------------------------- */

static PyTypeObject flags_type, version_type, hash_type;

static PyStructSequence_Field flags_fields[] = {
    {"debug", "-d"},
    {"inspect", "-i"},
    {"interactive", "-i"},
    {"optimize", "-O or -OO"},
    {"dont_write_bytecode", "-B"},
    {"no_user_site", "-s"},
    {"no_site", "-S"},
    {"ignore_environment", "-E"},
    {"verbose", "-v"},
    {"bytes_warning", "-b"},
    {"quiet", "-q"},
    {"hash_randomization", "-R"},
    {"isolated", "-I"},
    {"dev_mode", "-X dev"},
    {"utf8_mode", "-X utf8"},
    {"warn_default_encoding", "-X warn_default_encoding"},
    {"safe_path", "-P"},
    {"int_max_str_digits", "-X int_max_str_digits"},
    {0},
};
static PyStructSequence_Desc flags_desc = {"sys.flags", "sys.flags\n\nThe command-line options.", flags_fields, 18};

static PyStructSequence_Field version_fields[] = {
    {"major", "Major release number"}, {"minor", "Minor release number"}, {"micro", "Patch release number"},
    {"releaselevel", "'alpha', 'beta', 'candidate', or 'final'"}, {"serial", "Serial release number"}, {0},
};
static PyStructSequence_Desc version_desc = {"sys.version_info", "sys.version_info\n\nThe version as a named tuple.", version_fields, 5};

static PyStructSequence_Field hash_fields[] = {
    {"width", "width of the hashes, in bits"},
    {"modulus", "prime number of the hashes of numbers"},
    {"inf", "hash of positive infinity"},
    {"nan", "hash of a NaN, not used any more"},
    {"imag", "multiplier of the imaginary part of a complex number"},
    {"algorithm", "algorithm for str, bytes and memoryview"},
    {"hash_bits", "internal output size of the algorithm"},
    {"seed_bits", "size of its secret"},
    {"cutoff", "length up to which short strings are hashed another way"},
    {0},
};
static PyStructSequence_Desc hash_desc = {"sys.hash_info", "hash_info\n\nParameters of the hash functions.", hash_fields, 9};

/* hash_info alone can be called by programs. */
static int ready(PyTypeObject *type, PyStructSequence_Desc *desc)
{
    if (type->tp_name) return 0;
    return _PyStructSequence_InitType(type, desc, type == &hash_type ? 0 : Py_TPFLAGS_DISALLOW_INSTANTIATION);
}

/* Steals the items, which end with NULL only if one could not be made. */
static PyObject *make_sequence(PyTypeObject *type, PyStructSequence_Desc *desc, PyObject *const *items)
{
    PyObject *sequence = ready(type, desc) < 0 ? NULL : PyStructSequence_New(type);
    for (int i = 0; i < desc->n_in_sequence; i++) {
        if (sequence && items[i]) PyStructSequence_SET_ITEM(sequence, i, items[i]);
        else {
            Py_XDECREF(items[i]);
            Py_CLEAR(sequence);
        }
    }
    return sequence;
}

PyObject *sys_make_flags(void)
{
    const PyConfig *c = _Py_GetConfig();
    PyObject *items[] = {
        PyLong_FromLong(c->parser_debug), PyLong_FromLong(c->inspect), PyLong_FromLong(c->interactive),
        PyLong_FromLong(c->optimization_level), PyLong_FromLong(!c->write_bytecode), PyLong_FromLong(!c->user_site_directory),
        PyLong_FromLong(!c->site_import), PyLong_FromLong(!c->use_environment), PyLong_FromLong(c->verbose),
        PyLong_FromLong(c->bytes_warning), PyLong_FromLong(c->quiet), PyLong_FromLong(c->use_hash_seed == 0 || c->hash_seed != 0),
        PyLong_FromLong(c->isolated), PyBool_FromLong(c->dev_mode), PyLong_FromLong(runtime_state.preconfig.utf8_mode),
        PyLong_FromLong(c->warn_default_encoding), PyBool_FromLong(c->safe_path), PyLong_FromLong(runtime_state.max_str_digits_option),
    };
    return make_sequence(&flags_type, &flags_desc, items);
}

static PyObject *make_version(void)
{
    PyObject *items[] = {
        PyLong_FromLong(PY_MAJOR_VERSION), PyLong_FromLong(PY_MINOR_VERSION), PyLong_FromLong(PY_MICRO_VERSION),
        PyUnicode_FromString("final"), PyLong_FromLong(PY_RELEASE_SERIAL),
    };
    return make_sequence(&version_type, &version_desc, items);
}

static PyObject *make_hash_info(void)
{
    PyObject *items[] = {
        PyLong_FromLong(64), PyLong_FromSsize_t(_PyHASH_MODULUS), PyLong_FromLong(_PyHASH_INF), PyLong_FromLong(0),
        PyLong_FromLong(_PyHASH_IMAG), PyUnicode_FromString("siphash13"), PyLong_FromLong(64), PyLong_FromLong(128),
        PyLong_FromLong(Py_HASH_CUTOFF),
    };
    return make_sequence(&hash_type, &hash_desc, items);
}

static PyObject *make_implementation(PyObject *version)
{
    PyObject *dict = Py_BuildValue("{ssssss}", "name", "cpython", "cache_tag", "cpython-311", "_multiarch", "x86_64-linux-gnu");
    PyObject *hexversion = PyLong_FromLong(PY_VERSION_HEX), *own = PyUnicode_FromString(KRAIT_VERSION), *result = NULL;
    if (dict && hexversion && own && version && PyDict_SetItemString(dict, "version", version) == 0
        && PyDict_SetItemString(dict, "hexversion", hexversion) == 0 && PyDict_SetItemString(dict, "krait_version", own) == 0) {
        result = _PyNamespace_New(dict);
    }
    Py_XDECREF(dict);
    Py_XDECREF(hexversion);
    Py_XDECREF(own);
    return result;
}

static PyObject *make_module_names(void)
{
    PyObject *list = PyList_New(0);
    for (const char *const *name = sys_stdlib_module_names; list && *name; name++) {
        PyObject *text = PyUnicode_InternFromString(*name);
        if (!text || PyList_Append(list, text) < 0) Py_CLEAR(list);
        Py_XDECREF(text);
    }
    PyObject *set = list ? PyFrozenSet_New(list) : NULL;
    Py_XDECREF(list);
    return set;
}

/* ---- The module's entries ------------------------------------------------------------------------------------- */

/* Steals value. */
static int add(PyObject *dict, const char *name, PyObject *value)
{
    int result = value ? PyDict_SetItemString(dict, name, value) : -1;
    Py_XDECREF(value);
    return result;
}

int sys_add_info(PyObject *dict)
{
    PyObject *version = make_version();
    if (!version) return -1;
    struct {
        const char *name;
        PyObject *value;
    } entries[] = {
        {"version", PyUnicode_FromString(Py_GetVersion())},
        {"hexversion", PyLong_FromLong(PY_VERSION_HEX)},
        {"_git", Py_BuildValue("(sss)", "CPython", "", "")},
        {"_framework", PyUnicode_FromString("")},
        {"api_version", PyLong_FromLong(PYTHON_API_VERSION)},
        {"copyright", PyUnicode_FromString(Py_GetCopyright())},
        {"platform", PyUnicode_FromString(Py_GetPlatform())},
        {"maxsize", PyLong_FromSsize_t(PY_SSIZE_T_MAX)},
        {"float_info", PyFloat_GetInfo()},
        {"int_info", PyLong_GetInfo()},
        {"hash_info", make_hash_info()},
        {"maxunicode", PyLong_FromLong(0x10FFFF)},
        {"stdlib_module_names", make_module_names()},
        {"byteorder", PyUnicode_FromString("little")},
        {"abiflags", PyUnicode_FromString("")},
        {"version_info", Py_NewRef(version)},
        {"implementation", make_implementation(version)},
        {"float_repr_style", PyUnicode_FromString("short")},
        {"thread_info", PyThread_GetInfo()},
    };
    int result = 0;
    for (size_t i = 0; i < Py_ARRAY_LENGTH(entries); i++) {
        if (add(dict, entries[i].name, entries[i].value) < 0) result = -1;
    }
    Py_DECREF(version);
    return result;
}
