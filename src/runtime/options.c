/* The command line and the PYTHON* variables. What there is stands in options.def. */
#include "runtime/config.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <wchar.h>

#include <internal/krait_exports.h>

#include "base/switches.h"
#include "memory/memory.h"
#include "runtime/state.h"
#include "vm/vm.h"

int Py_BytesWarningFlag, Py_DebugFlag, Py_DontWriteBytecodeFlag, Py_FrozenFlag, Py_IgnoreEnvironmentFlag, Py_InspectFlag;
int Py_InteractiveFlag, Py_IsolatedFlag, Py_NoSiteFlag, Py_NoUserSiteDirectory, Py_OptimizeFlag, Py_QuietFlag;
int Py_UnbufferedStdioFlag, Py_VerboseFlag;

/* ---- Environment ---------------------------------------------------------------------------------------------- */

const char *_Py_GetEnv(int use_environment, const char *name)
{
    const char *value = use_environment ? getenv(name) : NULL;
    return value && *value ? value : NULL;
}

char *Py_GETENV(const char *name) { return Py_IgnoreEnvironmentFlag ? NULL : getenv(name); }
const char *options_getenv(const PyConfig *config, const char *name) { return _Py_GetEnv(config->use_environment != 0, name); }

int _Py_str_to_int(const char *text, int *result)
{
    char *end;
    errno = 0;
    long value = strtol(text, &end, 10);
    if (*end || errno == ERANGE || value < INT_MIN || value > INT_MAX) return -1;
    *result = (int)value;
    return 0;
}

/* The largest of *flag and the variable's number; text that is none counts as 1. */
void _Py_get_env_flag(int use_environment, int *flag, const char *name)
{
    const char *text = _Py_GetEnv(use_environment, name);
    if (!text) return;
    int value;
    if (_Py_str_to_int(text, &value) < 0 || value < 0) value = 1;
    if (*flag < value) *flag = value;
}

/* ---- -X ------------------------------------------------------------------------------------------------------- */

const wchar_t *_Py_get_xoption(const PyWideStringList *options, const wchar_t *name)
{
    size_t length = wcslen(name);
    for (Py_ssize_t i = 0; i < options->length; i++) {
        const wchar_t *option = options->items[i];
        if (wcsncmp(option, name, length) == 0 && (option[length] == L'=' || option[length] == 0)) return option;
    }
    return NULL;
}

const wchar_t *options_xoption(const PyConfig *config, const wchar_t *name) { return _Py_get_xoption(&config->xoptions, name); }

static const wchar_t *xoption_value(const PyConfig *config, const wchar_t *name)
{
    const wchar_t *option = options_xoption(config, name);
    const wchar_t *equals = option ? wcschr(option, L'=') : NULL;
    return equals ? equals + 1 : NULL;
}

/* ---- Help ----------------------------------------------------------------------------------------------------- */

static void print_usage_line(FILE *out, const wchar_t *program)
{
    fprintf(out, "usage: %ls [option] ... [-c cmd | -m mod | file | -] [arg] ...\n", program);
}

static void print_option_help(void)
{
    printf("Options:\n");
#define OPTION(letter, argument, effect, help) printf("-%c %-7s: %s\n", letter, argument, help);
#define LONG_OPTION(text, help) printf("%s\n         : %s\n", text, help);
#include "runtime/options.def"
    printf("Arguments:\nfile      : program read from a script file\n"
           "-         : program read from stdin (the default; interactive on a terminal)\n"
           "arg ...   : passed to the program in sys.argv[1:]\n");
}

static void print_variable_help(void)
{
    printf("Environment variables that change behavior:\n");
#define VARIABLE(name, effect, help) printf("%-25s: %s\n", #name, help);
#include "runtime/options.def"
}

static void print_xoption_help(void)
{
    printf("The following implementation-specific options are available:\n");
#define XOPTION(name, help) printf("-X %s\n    %s\n", name, help);
#include "runtime/options.def"
}

/* ---- The command line ----------------------------------------------------------------------------------------- */

typedef struct {
    PyConfig *config;
    PyWideStringList warnings;  /* -W, in order */
    int version_count;
    Py_ssize_t index;           /* of the argument to look at next */
    const wchar_t *rest;        /* letters left of a cluster */
    PyStatus status;
} Parser;

static PyStatus usage_error(Parser *p)
{
    print_usage_line(stderr, p->config->orig_argv.length ? p->config->orig_argv.items[0] : L"python3");
    fprintf(stderr, "Try `python -h' for more information.\n");
    return PyStatus_Exit(2);
}

/* The argument of a short option: the rest of its cluster, or the next word. */
static const wchar_t *option_argument(Parser *p, wchar_t letter)
{
    if (*p->rest) {
        const wchar_t *argument = p->rest;
        p->rest = L"";
        return argument;
    }
    if (p->index < p->config->argv.length) return p->config->argv.items[p->index++];
    fprintf(stderr, "Argument expected for the -%lc option\n", (wint_t)letter);
    p->status = usage_error(p);
    return NULL;
}

static PyStatus run_command(Parser *p, const wchar_t *text)
{
    size_t length = wcslen(text);
    wchar_t *copy = PyMem_RawMalloc((length + 2) * sizeof(wchar_t));
    if (!copy) return CONFIG_STATUS_NO_MEMORY();
    wmemcpy(copy, text, length);
    copy[length] = L'\n';
    copy[length + 1] = 0;
    p->config->run_command = copy;
    return PyStatus_Ok();
}

/* The options that need more than a field. True: options end here. */
static bool special_option(Parser *p, wchar_t letter)
{
    PyConfig *config = p->config;
    const wchar_t *argument;
    switch (letter) {
    case L'c':
        if ((argument = option_argument(p, letter)) && !config->run_command) p->status = run_command(p, argument);
        return true;
    case L'm':
        if ((argument = option_argument(p, letter)) && !config->run_module) p->status = config_set(&config->run_module, argument);
        return true;
    case L'W':
        if ((argument = option_argument(p, letter))) p->status = PyWideStringList_Append(&p->warnings, argument);
        return false;
    case L'X':
        if ((argument = option_argument(p, letter))) p->status = PyWideStringList_Append(&config->xoptions, argument);
        return false;
    case L'i':
        config->inspect++;
        config->interactive++;
        return false;
    case L'I':
        config->isolated++;
        return false;
    case L'V':
        p->version_count++;
        return false;
    case L'h':
    case L'?':
        print_usage_line(stdout, config->program_name ? config->program_name : config->argv.items[0]);
        print_option_help();
        p->status = PyStatus_Exit(0);
        return true;
    default:
        return false;       /* -R */
    }
}

static void short_option(Parser *p, wchar_t letter, bool *ended)
{
    PyConfig *config = p->config;
    switch (letter) {
#define INCREMENT(field) config->field++
#define SET(field, value) config->field = value
#define SPECIAL *ended = special_option(p, letter)
#define OPTION(letter, argument, effect, help) case letter: effect; break;
#include "runtime/options.def"
#undef INCREMENT
#undef SET
#undef SPECIAL
    case L'?':
        *ended = special_option(p, letter);
        break;
    default:
        fprintf(stderr, "Unknown option: -%lc\n", (wint_t)letter);
        p->status = usage_error(p);
    }
}

static PyStatus long_option(Parser *p, const wchar_t *word)
{
    PyConfig *config = p->config;
    const wchar_t *program = config->argv.items[0];
    if (wcscmp(word, L"--help") == 0 || wcscmp(word, L"--help-all") == 0) {
        print_usage_line(stdout, program);
        print_option_help();
        if (word[6]) {
            putchar('\n');
            print_variable_help();
            putchar('\n');
            print_xoption_help();
        }
        return PyStatus_Exit(0);
    }
    if (wcscmp(word, L"--help-env") == 0) {
        print_variable_help();
        return PyStatus_Exit(0);
    }
    if (wcscmp(word, L"--help-xoptions") == 0) {
        print_xoption_help();
        return PyStatus_Exit(0);
    }
    if (wcscmp(word, L"--version") == 0) {
        p->version_count++;
        return PyStatus_Ok();
    }
    if (wcscmp(word, L"--check-hash-based-pycs") == 0) {
        if (p->index >= config->argv.length) {
            fprintf(stderr, "Argument expected for the --check-hash-based-pycs options\n");
            return usage_error(p);
        }
        const wchar_t *mode = config->argv.items[p->index++];
        if (wcscmp(mode, L"always") && wcscmp(mode, L"never") && wcscmp(mode, L"default")) {
            fprintf(stderr, "--check-hash-based-pycs must be one of 'default', 'always', or 'never'\n");
            return usage_error(p);
        }
        return config_set(&config->check_hash_pycs_mode, mode);
    }
    fprintf(stderr, "unknown option %ls\n", word);
    return usage_error(p);
}

/* Puts what follows the options into config->argv: argv[0] is "-c", "-m", the script, "-" or "". */
static PyStatus keep_program_arguments(Parser *p)
{
    PyConfig *config = p->config;
    PyWideStringList rest = {0};
    Py_ssize_t first = p->index;
    PyStatus status = PyStatus_Ok();
    if (config->run_command) status = PyWideStringList_Append(&rest, L"-c");
    else if (config->run_module) status = PyWideStringList_Append(&rest, L"-m");
    else if (first >= config->argv.length) status = PyWideStringList_Append(&rest, L"");
    for (Py_ssize_t i = first; i < config->argv.length && !PyStatus_Exception(status); i++) {
        status = PyWideStringList_Append(&rest, config->argv.items[i]);
    }
    if (PyStatus_Exception(status)) {
        _PyWideStringList_Clear(&rest);
        return status;
    }
    _PyWideStringList_Clear(&config->argv);
    config->argv = rest;
    return status;
}

/* The script's name made absolute: the program may change its folder before somebody asks for __file__. */
static PyStatus set_run_filename(PyConfig *config, const wchar_t *name)
{
    wchar_t path[PATH_MAX + 1];
    if (name[0] == L'/' || !_Py_wgetcwd(path, PATH_MAX)) return config_set(&config->run_filename, name);
    if (!name[0] || wcscmp(name, L".") == 0) return config_set(&config->run_filename, path);
    size_t length = wcslen(path);
    if (length + 1 + wcslen(name) > PATH_MAX) return config_set(&config->run_filename, name);
    swprintf(path + length, PATH_MAX - length, L"/%ls", name);
    return config_set(&config->run_filename, path);
}

static PyStatus parse_command_line(Parser *p)
{
    PyConfig *config = p->config;
    p->index = 1;
    bool ended = false;
    while (!ended && p->index < config->argv.length) {
        const wchar_t *word = config->argv.items[p->index];
        if (word[0] != L'-' || word[1] == 0) break;
        p->index++;
        if (wcscmp(word, L"--") == 0) break;
        if (word[1] == L'-') {
            p->status = long_option(p, word);
            if (PyStatus_Exception(p->status)) return p->status;
            continue;
        }
        p->rest = word + 1;
        while (*p->rest && !ended) {
            wchar_t letter = *p->rest++;
            short_option(p, letter, &ended);
            if (PyStatus_Exception(p->status)) return p->status;
        }
    }
    if (p->version_count) {
        printf("Python %s\n", p->version_count > 1 ? Py_GetVersion() : PY_VERSION);
        return PyStatus_Exit(0);
    }
    if (!config->run_command && !config->run_module && !config->run_filename && p->index < config->argv.length
        && wcscmp(config->argv.items[p->index], L"-") != 0) {
        PyStatus status = set_run_filename(config, config->argv.items[p->index]);
        if (PyStatus_Exception(status)) return status;
    }
    return keep_program_arguments(p);
}

/* ---- Variables and -X options that set fields ------------------------------------------------------------------ */

static PyStatus read_string_variable(PyConfig *config, const char *name, wchar_t **field)
{
    const char *text = *field ? NULL : options_getenv(config, name);
    return text ? PyConfig_SetBytesString(config, field, text) : PyStatus_Ok();
}

static PyStatus read_hash_seed(PyConfig *config)
{
    if (config->use_hash_seed >= 0) return PyStatus_Ok();
    const char *text = options_getenv(config, "PYTHONHASHSEED");
    config->use_hash_seed = 0;
    config->hash_seed = 0;
    if (!text || strcmp(text, "random") == 0) return PyStatus_Ok();
    char *end;
    errno = 0;
    unsigned long seed = strtoul(text, &end, 10);
    if (*end || seed > 4294967295UL || errno == ERANGE) {
        return CONFIG_STATUS_ERROR_IN("config_init_hash_seed", "PYTHONHASHSEED must be \"random\" or an integer in range [0; 4294967295]");
    }
    config->use_hash_seed = 1;
    config->hash_seed = seed;
    return PyStatus_Ok();
}

static PyStatus read_tracemalloc(PyConfig *config)
{
    if (config->tracemalloc >= 0) return PyStatus_Ok();
    config->tracemalloc = 0;
    const char *text = options_getenv(config, "PYTHONTRACEMALLOC");
    if (text && (_Py_str_to_int(text, &config->tracemalloc) < 0 || config->tracemalloc < 0)) {
        return CONFIG_STATUS_ERROR_IN("config_init_tracemalloc", "PYTHONTRACEMALLOC: invalid number of frames");
    }
    const wchar_t *option = options_xoption(config, L"tracemalloc");
    if (!option) return PyStatus_Ok();
    const wchar_t *value = xoption_value(config, L"tracemalloc");
    wchar_t *end;
    long frames = value ? wcstol(value, &end, 10) : 1;
    config->tracemalloc = (int)frames;
    if (value && (*end || frames < 0 || frames > INT_MAX)) {
        return CONFIG_STATUS_ERROR_IN("config_init_tracemalloc", "-X tracemalloc=NFRAME: invalid number of frames");
    }
    return PyStatus_Ok();
}

#define LIMIT_ERROR ": invalid limit; must be >= 640 or 0 for unlimited."

/* The limit of digits between int and str; the option wins. sys takes it up when it is made. */
static PyStatus read_digit_limit(const PyConfig *config)
{
    static const char place[] = "config_init_int_max_str_digits";
    const wchar_t *option = options_xoption(config, L"int_max_str_digits");
    const char *text = options_getenv(config, "PYTHONINTMAXSTRDIGITS");
    int *limit = &runtime_state.max_str_digits_option;
    *limit = -1;
    if (text && (_Py_str_to_int(text, limit) < 0 || (*limit && *limit < 640))) {
        return CONFIG_STATUS_ERROR_IN(place, "PYTHONINTMAXSTRDIGITS" LIMIT_ERROR);
    }
    if (!option) return PyStatus_Ok();
    const wchar_t *value = xoption_value(config, L"int_max_str_digits");
    wchar_t *end = NULL;
    errno = 0;
    long number = value ? wcstol(value, &end, 10) : -1;
    if (errno || !value || *end || number > INT_MAX || (number && number < 640)) {
        return CONFIG_STATUS_ERROR_IN(place, "-X int_max_str_digits" LIMIT_ERROR);
    }
    *limit = (int)number;
    return PyStatus_Ok();
}

/* The names in an option's list are ASCII. */
static void read_list(const wchar_t *list, const char *variable, void (*read)(const char *))
{
    char text[256];
    size_t length = 0;
    for (; list && list[length] && length + 1 < sizeof text; length++) text[length] = (char)list[length];
    text[length] = 0;
    read(text);
    read(variable);
}

/* Krait's own: -X dump= and -X stress=, KRAIT_DUMP and KRAIT_STRESS. */
static void read_switches(const PyConfig *config)
{
    read_list(xoption_value(config, L"dump"), options_getenv(config, "KRAIT_DUMP"), switches_read_dump);
    read_list(xoption_value(config, L"stress"), options_getenv(config, "KRAIT_STRESS"), switches_read_stress);
    if (switches.stress_gc) memory_set_gc_stress(true);
    vm_apply_switches();
}

/* Whether a variable is set to anything but the number 0. */
static bool is_on(bool use_environment, const char *name)
{
    int value = 0;
    _Py_get_env_flag(use_environment, &value, name);
    return value != 0;
}

static PyStatus read_variables(PyConfig *config)
{
    bool use = config->use_environment;
    const char *text;
    /* SET in the table means: the variable is there and not empty. -1 ("not decided") of an INCREMENT field never comes here. */
#define INCREMENT(field) _Py_get_env_flag(use, &config->field, name)
#define SET(field, value) if (text) config->field = value
#define CLEAR(field) if (is_on(use, name)) config->field = 0
#define SPECIAL (void)0
#define VARIABLE(variable, effect, help)                    \
    {                                                       \
        const char *name = #variable;                       \
        text = _Py_GetEnv(use, name);                       \
        (void)name;                                         \
        effect;                                             \
    }
#include "runtime/options.def"
#undef INCREMENT
#undef CLEAR
#undef SET
#undef SPECIAL
    PyStatus status = read_hash_seed(config);
    if (!PyStatus_Exception(status)) status = read_tracemalloc(config);
    if (!PyStatus_Exception(status)) status = read_digit_limit(config);
    if (!PyStatus_Exception(status)) status = read_string_variable(config, "PYTHONPATH", &config->pythonpath_env);
    if (!PyStatus_Exception(status)) status = read_string_variable(config, "PYTHONHOME", &config->home);
    if (!PyStatus_Exception(status)) status = read_string_variable(config, "PYTHONPLATLIBDIR", &config->platlibdir);
    return status;
}

static PyStatus read_xoptions(PyConfig *config)
{
    if (config->faulthandler < 0) config->faulthandler = options_xoption(config, L"faulthandler") != NULL;
    else if (options_xoption(config, L"faulthandler")) config->faulthandler = 1;
    if (options_xoption(config, L"importtime")) config->import_time = 1;
    if (options_xoption(config, L"no_debug_ranges")) config->code_debug_ranges = 0;
    if (options_xoption(config, L"warn_default_encoding")) config->warn_default_encoding = 1;
    if (config->dev_mode < 0) config->dev_mode = 0;
    if (options_xoption(config, L"dev")) config->dev_mode = 1;
    const wchar_t *frozen = options_xoption(config, L"frozen_modules");
    if (frozen) {
        const wchar_t *value = xoption_value(config, L"frozen_modules");
        if (!value || !*value || wcscmp(value, L"on") == 0) config->use_frozen_modules = 1;
        else if (wcscmp(value, L"off") == 0) config->use_frozen_modules = 0;
        else return CONFIG_STATUS_ERROR_IN(NULL, "bad value for option -X frozen_modules (expected \"on\" or \"off\")");
    }
    const wchar_t *prefix = options_xoption(config, L"pycache_prefix");
    if (prefix && !config->pycache_prefix) {
        const wchar_t *value = xoption_value(config, L"pycache_prefix");
        return value && *value ? config_set(&config->pycache_prefix, value) : PyStatus_Ok();
    }
    return prefix ? PyStatus_Ok() : read_string_variable(config, "PYTHONPYCACHEPREFIX", &config->pycache_prefix);
}

/* Adds what is not there yet. */
static PyStatus add_warning(PyWideStringList *all, const wchar_t *option)
{
    for (Py_ssize_t i = 0; i < all->length; i++) {
        if (wcscmp(all->items[i], option) == 0) return PyStatus_Ok();
    }
    return PyWideStringList_Append(all, option);
}

static PyStatus add_warnings(PyWideStringList *all, const PyWideStringList *more)
{
    PyStatus status = PyStatus_Ok();
    for (Py_ssize_t i = 0; i < more->length && !PyStatus_Exception(status); i++) {
        status = add_warning(all, more->items[i]);
    }
    return status;
}

static PyStatus add_warnings_of_variable(PyWideStringList *all, const char *text)
{
    wchar_t *wide = Py_DecodeLocale(text, NULL), *position;
    if (!wide) return CONFIG_STATUS_ERROR("cannot decode PYTHONWARNINGS");
    PyStatus status = PyStatus_Ok();
    for (wchar_t *word = wcstok(wide, L",", &position); word && !PyStatus_Exception(status);
         word = wcstok(NULL, L",", &position)) {
        status = add_warning(all, word);
    }
    PyMem_RawFree(wide);
    return status;
}

/* Warning options, each once, in the order in which the warnings module takes them, so that the last one counts first:
 * -X dev's, variable, -W, -b, then those that the embedding program gave. */
static PyStatus collect_warnings(Parser *p)
{
    PyConfig *config = p->config;
    PyWideStringList all = {0};
    const char *text = options_getenv(config, "PYTHONWARNINGS");
    PyStatus status = config->dev_mode ? add_warning(&all, L"default") : PyStatus_Ok();
    if (text && !PyStatus_Exception(status)) status = add_warnings_of_variable(&all, text);
    if (!PyStatus_Exception(status)) status = add_warnings(&all, &p->warnings);
    if (config->bytes_warning && !PyStatus_Exception(status)) {
        status = add_warning(&all, config->bytes_warning > 1 ? L"error::BytesWarning" : L"default::BytesWarning");
    }
    if (!PyStatus_Exception(status)) status = add_warnings(&all, &config->warnoptions);
    _PyWideStringList_Clear(&p->warnings);
    _PyWideStringList_Clear(&config->warnoptions);
    config->warnoptions = all;
    return status;
}

/* ---- Streams and encodings ------------------------------------------------------------------------------------ */

static PyStatus read_stdio_encoding(PyConfig *config)
{
    if (runtime_state.stream_encoding && !config->stdio_encoding) {
        PyConfig_SetBytesString(config, &config->stdio_encoding, runtime_state.stream_encoding);
    }
    if (runtime_state.stream_errors && !config->stdio_errors) {
        PyConfig_SetBytesString(config, &config->stdio_errors, runtime_state.stream_errors);
    }
    const char *text = options_getenv(config, "PYTHONIOENCODING");
    if (text) {
        char copy[256];
        snprintf(copy, sizeof(copy), "%s", text);
        char *colon = strchr(copy, ':');
        if (colon) *colon = 0;
        if (copy[0] && !config->stdio_encoding) PyConfig_SetBytesString(config, &config->stdio_encoding, copy);
        if (!config->stdio_errors) {
            if (colon && colon[1]) PyConfig_SetBytesString(config, &config->stdio_errors, colon + 1);
            else if (copy[0]) config_set(&config->stdio_errors, L"strict");
        }
    }
    bool utf8 = runtime_state.preconfig.utf8_mode > 0;
    if (!config->stdio_encoding) {
        wchar_t *encoding = utf8 ? _PyMem_RawWcsdup(L"utf-8") : _Py_GetLocaleEncoding();
        if (!encoding) return CONFIG_STATUS_NO_MEMORY();
        config->stdio_encoding = encoding;
    }
    if (!config->stdio_errors) {
        const char *ctype = setlocale(LC_CTYPE, NULL);
        bool lenient = utf8 || (ctype && (!strcmp(ctype, "C") || !strcmp(ctype, "POSIX"))) || (ctype && _Py_IsLocaleCoercionTarget(ctype));
        PyStatus status = config_set(&config->stdio_errors, lenient ? L"surrogateescape" : L"strict");
        if (PyStatus_Exception(status)) return status;
    }
    if (!config->filesystem_encoding) {
        wchar_t *encoding = utf8 ? _PyMem_RawWcsdup(L"utf-8") : _Py_GetLocaleEncoding();
        if (!encoding) return CONFIG_STATUS_NO_MEMORY();
        config->filesystem_encoding = encoding;
    }
    return config->filesystem_errors ? PyStatus_Ok() : config_set(&config->filesystem_errors, L"surrogateescape");
}

/* ---- Entry points --------------------------------------------------------------------------------------------- */

static void fill_defaults(PyConfig *c)
{
    struct { int *field; int value; } defaults[] = {
        {&c->isolated, 0}, {&c->use_environment, 1}, {&c->site_import, 1}, {&c->bytes_warning, Py_BytesWarningFlag},
        {&c->inspect, Py_InspectFlag}, {&c->interactive, Py_InteractiveFlag}, {&c->optimization_level, Py_OptimizeFlag},
        {&c->parser_debug, Py_DebugFlag}, {&c->write_bytecode, !Py_DontWriteBytecodeFlag}, {&c->verbose, Py_VerboseFlag},
        {&c->quiet, Py_QuietFlag}, {&c->user_site_directory, !Py_NoUserSiteDirectory},
        {&c->buffered_stdio, !Py_UnbufferedStdioFlag}, {&c->pathconfig_warnings, !Py_FrozenFlag},
    };
    for (size_t i = 0; i < Py_ARRAY_LENGTH(defaults); i++) {
        if (*defaults[i].field < 0) *defaults[i].field = defaults[i].value;
    }
}

static void isolate(PyConfig *config)
{
    config->use_environment = 0;
    config->user_site_directory = 0;
    config->safe_path = 1;
}

PyStatus options_read(PyConfig *config)
{
    Parser parser = {.config = config, .status = PyStatus_Ok()};
    PyStatus status = PyStatus_Ok();
    fill_defaults(config);
    if (config->argv.length && !config->program_name) status = config_set(&config->program_name, config->argv.items[0]);
    if (PyStatus_Exception(status)) return status;
    if (config->parse_argv == 1) {
        status = config->argv.length ? parse_command_line(&parser) : PyWideStringList_Append(&config->argv, L"");
        if (PyStatus_Exception(status)) return status;
        config->parse_argv = 2;
    }
    else if (config->argv.length == 0) {
        status = PyWideStringList_Append(&config->argv, L"");
        if (PyStatus_Exception(status)) return status;
    }
    if (config->isolated > 0) isolate(config);
    status = read_variables(config);
    if (!PyStatus_Exception(status)) status = read_xoptions(config);
    if (!PyStatus_Exception(status)) status = collect_warnings(&parser);
    if (!PyStatus_Exception(status)) status = read_stdio_encoding(config);
    if (PyStatus_Exception(status)) return status;
    if (config->dev_mode && config->faulthandler <= 0) config->faulthandler = 1;
    if (config->use_hash_seed < 0) config->use_hash_seed = 0;
    if (!config->check_hash_pycs_mode) status = config_set(&config->check_hash_pycs_mode, L"default");
    read_switches(config);
    return status;
}

PyStatus options_preread(PyPreConfig *pre, Py_ssize_t argc, char *const *argv, wchar_t *const *wide_argv)
{
    enum { BAD_UTF8 = -2 };
    static const char utf8_place[] = "preconfig_init_utf8_mode";
    int utf8 = -1;
    for (Py_ssize_t i = 1; i < argc && pre->parse_argv; i++) {
        char buffer[64];
        const char *word = argv ? argv[i] : buffer;
        if (!argv) {
            size_t n = 0;
            for (; n < sizeof(buffer) - 1 && wide_argv[i][n]; n++) buffer[n] = wide_argv[i][n] < 128 ? (char)wide_argv[i][n] : '?';
            buffer[n] = 0;
        }
        if (word[0] != '-' || !word[1] || word[1] == '-') {
            if (strcmp(word, "--check-hash-based-pycs") == 0) {
                i++;
                continue;
            }
            if (word[0] == '-' && word[1] == '-' && word[2]) continue;
            break;
        }
        for (const char *letter = word + 1; *letter; letter++) {
            if (*letter == 'E') pre->use_environment = 0;
            else if (*letter == 'I') pre->isolated = 1;
            else if (*letter == 'c' || *letter == 'm') goto done;
            else if (*letter == 'W' || *letter == 'X') {
                const char *value = letter[1] ? letter + 1 : i + 1 < argc && argv ? argv[i + 1] : "";
                if (!letter[1]) i++;
                if (*letter == 'X') {
                    if (strcmp(value, "utf8") == 0 || strcmp(value, "utf8=1") == 0) utf8 = 1;
                    else if (strcmp(value, "utf8=0") == 0) utf8 = 0;
                    else if (strncmp(value, "utf8=", 5) == 0) utf8 = BAD_UTF8;
                    else if (strcmp(value, "dev") == 0) pre->dev_mode = 1;
                }
                break;
            }
        }
    }
done:
    if (pre->isolated > 0) pre->use_environment = 0;
    if (pre->use_environment < 0) pre->use_environment = 1;
    if (pre->isolated < 0) pre->isolated = 0;
    if (pre->dev_mode < 0) pre->dev_mode = _Py_GetEnv(pre->use_environment, "PYTHONDEVMODE") != NULL;
    if (pre->utf8_mode < 0 && utf8 == BAD_UTF8) return CONFIG_STATUS_ERROR_IN(utf8_place, "invalid -X utf8 option value");
    if (pre->utf8_mode < 0 && utf8 >= 0) pre->utf8_mode = utf8;
    if (pre->utf8_mode < 0) {
        const char *text = _Py_GetEnv(pre->use_environment, "PYTHONUTF8");
        if (text && strcmp(text, "1") == 0) pre->utf8_mode = 1;
        else if (text && strcmp(text, "0") == 0) pre->utf8_mode = 0;
        else if (text) return CONFIG_STATUS_ERROR_IN(utf8_place, "invalid PYTHONUTF8 environment variable value");
    }
    if (pre->coerce_c_locale < 0) {
        const char *text = _Py_GetEnv(pre->use_environment, "PYTHONCOERCECLOCALE");
        if (text && strcmp(text, "0") == 0) pre->coerce_c_locale = 0;
        if (text && strcmp(text, "warn") == 0 && pre->coerce_c_locale_warn < 0) pre->coerce_c_locale_warn = 1;
    }
    if (pre->coerce_c_locale_warn < 0) pre->coerce_c_locale_warn = 0;
    return PyStatus_Ok();
}

void options_write_flags(const PyConfig *c)
{
    Py_BytesWarningFlag = c->bytes_warning;
    Py_DebugFlag = c->parser_debug;
    Py_DontWriteBytecodeFlag = !c->write_bytecode;
    Py_FrozenFlag = !c->pathconfig_warnings;
    Py_IgnoreEnvironmentFlag = !c->use_environment;
    Py_InspectFlag = c->inspect;
    Py_InteractiveFlag = c->interactive;
    Py_IsolatedFlag = c->isolated;
    Py_NoSiteFlag = !c->site_import;
    Py_NoUserSiteDirectory = !c->user_site_directory;
    Py_OptimizeFlag = c->optimization_level;
    Py_QuietFlag = c->quiet;
    Py_UnbufferedStdioFlag = !c->buffered_stdio;
    Py_VerboseFlag = c->verbose;
    Py_HashRandomizationFlag = c->use_hash_seed == 0 || c->hash_seed != 0;
}
