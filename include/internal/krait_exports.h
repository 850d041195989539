/* Names that the reference exports for its own folders and its own modules, and that no public
 * header declares. Krait exports them too, with the same signatures. Extensions do not include
 * this file.
 */
#ifndef KRAIT_INTERNAL_EXPORTS_H
#define KRAIT_INTERNAL_EXPORTS_H

#include <Python.h>
#include <locale.h>
#include <sys/stat.h>

#ifdef __cplusplus
extern "C" {
#endif

/* --- structs that stay opaque here --- */
struct symtable;
struct _mod;
struct _PyCodeConstructor;
struct _gilstate_runtime_state;
struct _PyTraceMalloc_Config;
typedef struct _symtable_entry PySTEntryObject;
typedef struct _arena PyArena;
typedef struct pyruntimestate _PyRuntimeState;
typedef struct _Py_hashtable_t _Py_hashtable_t;

/* Command line, as bytes or as wide strings. */
typedef struct _PyArgv {
    Py_ssize_t argc;
    int use_bytes_argv;
    char *const *bytes_argv;
    wchar_t *const *wchar_argv;
} _PyArgv;

/* Joins many strings: `small` collects a few, `large` what was joined; both NULL at the start. */
typedef struct {
    PyObject *large;
    PyObject *small;
} _PyAccu;

typedef enum {
    _Py_ERROR_UNKNOWN = 0,
    _Py_ERROR_STRICT,
    _Py_ERROR_SURROGATEESCAPE,
    _Py_ERROR_REPLACE,
    _Py_ERROR_IGNORE,
    _Py_ERROR_BACKSLASHREPLACE,
    _Py_ERROR_SURROGATEPASS,
    _Py_ERROR_XMLCHARREFREPLACE,
    _Py_ERROR_OTHER
} _Py_error_handler;

typedef Py_uhash_t (*_Py_hashtable_hash_func)(const void *key);
typedef int (*_Py_hashtable_compare_func)(const void *key1, const void *key2);
typedef void (*_Py_hashtable_destroy_func)(void *key);
typedef int (*_Py_hashtable_foreach_func)(_Py_hashtable_t *ht, const void *key, const void *value,
                                          void *user_data);
typedef struct {
    void *(*malloc)(size_t size);
    void (*free)(void *ptr);
} _Py_hashtable_allocator_t;

/* In cpython/object.h this is the form for a _Py_Identifier; the exported function takes a str. */
#undef _PyObject_LookupSpecial

/* --- types, calls and attributes --- */
PyAPI_FUNC(int) _PyType_CheckConsistency(PyTypeObject *type);
PyAPI_FUNC(PyObject *) _PyObject_Call(PyThreadState *tstate, PyObject *callable, PyObject *args,
    PyObject *kwargs);
PyAPI_FUNC(PyObject *) _PyObject_Call_Prepend(PyThreadState *tstate, PyObject *callable,
    PyObject *obj, PyObject *args, PyObject *kwargs);
PyAPI_FUNC(int) _PyObject_DebugMallocStats(FILE *out);
PyAPI_FUNC(PyObject *) _PyObject_FastCallDictTstate(PyThreadState *tstate, PyObject *callable,
    PyObject *const *args, size_t nargsf, PyObject *kwargs);
PyAPI_FUNC(PyObject *) _PyObject_LookupSpecial(PyObject *, PyObject *);

/* --- bytes and int --- */
PyAPI_FUNC(Py_ssize_t) _PyBytes_Find(const char *haystack, Py_ssize_t len_haystack,
    const char *needle, Py_ssize_t len_needle, Py_ssize_t offset);
PyAPI_FUNC(void) _PyBytes_Repeat(char *dest, Py_ssize_t len_dest, const char *src,
    Py_ssize_t len_src);
PyAPI_FUNC(Py_ssize_t) _PyBytes_ReverseFind(const char *haystack, Py_ssize_t len_haystack,
    const char *needle, Py_ssize_t len_needle, Py_ssize_t offset);
PyAPI_DATA(unsigned char) _PyLong_DigitValue[256];
PyAPI_FUNC(int) _PyLong_FormatAdvancedWriter(_PyUnicodeWriter *writer, PyObject *obj,
    PyObject *format_spec, Py_ssize_t start, Py_ssize_t end);
PyAPI_FUNC(char *) _PyLong_FormatBytesWriter(_PyBytesWriter *writer, char *str, PyObject *obj,
    int base, int alternate);
PyAPI_FUNC(int) _PyLong_FormatWriter(_PyUnicodeWriter *writer, PyObject *obj, int base,
    int alternate);
PyAPI_FUNC(void) _PyFloat_DebugMallocStats(FILE *out);
PyAPI_FUNC(int) _PyFloat_FormatAdvancedWriter(_PyUnicodeWriter *writer, PyObject *obj,
    PyObject *format_spec, Py_ssize_t start, Py_ssize_t end);
PyAPI_FUNC(PyObject *) _Py_strhex(const char *argbuf, const Py_ssize_t arglen);
PyAPI_FUNC(PyObject *) _Py_strhex_bytes(const char *argbuf, const Py_ssize_t arglen);
PyAPI_FUNC(PyObject *) _Py_strhex_bytes_with_sep(const char *argbuf, const Py_ssize_t arglen,
    PyObject *sep, const int bytes_per_group);
PyAPI_FUNC(PyObject *) _Py_strhex_with_sep(const char *argbuf, const Py_ssize_t arglen,
    PyObject *sep, const int bytes_per_group);

/* --- dict, namespace, struct sequence, module --- */
PyAPI_FUNC(int) _PyDict_CheckConsistency(PyObject *mp, int check_content);
PyAPI_FUNC(PyObject *) _PyNamespace_New(PyObject *kwds);
PyAPI_DATA(PyTypeObject) _PyNamespace_Type;
PyAPI_FUNC(int) _PyStructSequence_InitType(PyTypeObject *type, PyStructSequence_Desc *desc,
    unsigned long tp_flags);
PyAPI_FUNC(PyTypeObject *) _PyStructSequence_NewType(PyStructSequence_Desc *desc,
    unsigned long tp_flags);
PyAPI_FUNC(int) _PyState_AddModule(PyThreadState *tstate, PyObject *module, PyModuleDef *def);

/* --- exceptions: as the public functions, in a given thread --- */
PyAPI_FUNC(void) _PyErr_ChainStackItem(_PyErr_StackItem *exc_info);
PyAPI_FUNC(int) _PyErr_CheckSignalsTstate(PyThreadState *tstate);
PyAPI_FUNC(void) _PyErr_Clear(PyThreadState *tstate);
PyAPI_FUNC(void) _PyErr_Display(PyObject *file, PyObject *exception, PyObject *value, PyObject *tb);
PyAPI_FUNC(int) _PyErr_ExceptionMatches(PyThreadState *tstate, PyObject *exc);
PyAPI_FUNC(void) _PyErr_Fetch(PyThreadState *tstate, PyObject **type, PyObject **value,
    PyObject **traceback);
PyAPI_FUNC(PyObject *) _PyErr_Format(PyThreadState *tstate, PyObject *exception, const char *format,
    ...);
PyAPI_FUNC(PyObject *) _PyErr_FormatFromCauseTstate(PyThreadState *tstate, PyObject *exception,
    const char *format, ...);
PyAPI_FUNC(PyObject *) _PyErr_NoMemory(PyThreadState *tstate);
PyAPI_FUNC(void) _PyErr_NormalizeException(PyThreadState *tstate, PyObject **exc, PyObject **val,
    PyObject **tb);
PyAPI_FUNC(void) _PyErr_Print(PyThreadState *tstate);
PyAPI_FUNC(void) _PyErr_Restore(PyThreadState *tstate, PyObject *type, PyObject *value,
    PyObject *traceback);
PyAPI_FUNC(void) _PyErr_SetNone(PyThreadState *tstate, PyObject *exception);
PyAPI_FUNC(void) _PyErr_SetObject(PyThreadState *tstate, PyObject *type, PyObject *value);
PyAPI_FUNC(void) _PyErr_SetString(PyThreadState *tstate, PyObject *exception, const char *string);
PyAPI_FUNC(PyObject *) _PyErr_StackItemToExcInfoTuple(_PyErr_StackItem *err_info);
PyAPI_FUNC(void) _Py_NO_RETURN _Py_FatalError_TstateNULL(const char *func);
PyAPI_FUNC(void) _Py_NO_RETURN _Py_FatalRefcountErrorFunc(const char *func, const char *message);
PyAPI_DATA(int) _Py_UnhandledKeyboardInterrupt;
PyAPI_FUNC(int) _Py_HandleSystemExit(int *exitcode_p);
PyAPI_FUNC(Py_ssize_t) _Py_UTF8_Edit_Cost(PyObject *str_a, PyObject *str_b, Py_ssize_t max_cost);
PyAPI_FUNC(int) _PyOS_InterruptOccurred(PyThreadState *tstate);

/* --- tracebacks; the dump functions are safe in a signal handler --- */
PyAPI_FUNC(PyObject *) _PyTraceBack_FromFrame(PyObject *tb_next, PyFrameObject *frame);
PyAPI_FUNC(int) _PyTraceBack_Print_Indented(PyObject *tb, int indent, const char *margin,
    const char *header_margin, const char *header, PyObject *f);
PyAPI_FUNC(void) _Py_DumpASCII(int fd, PyObject *text);
PyAPI_FUNC(void) _Py_DumpDecimal(int fd, size_t value);
PyAPI_FUNC(void) _Py_DumpExtensionModules(int fd, PyInterpreterState *interp);
PyAPI_FUNC(void) _Py_DumpHexadecimal(int fd, uintptr_t value, Py_ssize_t width);
PyAPI_FUNC(void) _Py_DumpTraceback(int fd, PyThreadState *tstate);
PyAPI_FUNC(const char *) _Py_DumpTracebackThreads(int fd, PyInterpreterState *interp,
    PyThreadState *current_tstate);
PyAPI_FUNC(int) _Py_WriteIndent(int, PyObject *);
PyAPI_FUNC(int) _Py_WriteIndentedMargin(int, const char*, PyObject *);

/* --- evaluation --- */
PyAPI_FUNC(int) _PyEval_AddPendingCall(PyInterpreterState *interp, int (*func)(void *), void *arg);
PyAPI_FUNC(void) _PyEval_SignalAsyncExc(PyInterpreterState *interp);
PyAPI_FUNC(void) _PyEval_SignalReceived(PyInterpreterState *interp);
PyAPI_FUNC(int) _Py_CheckRecursiveCall(PyThreadState *tstate, const char *where);

/* --- code, compiler, symbol tables, arenas --- */
PyAPI_FUNC(PyCodeObject *) _PyCode_New(struct _PyCodeConstructor *);
PyAPI_FUNC(int) _PyCode_Validate(struct _PyCodeConstructor *);
PyAPI_FUNC(PyCodeObject *) _PyAST_Compile(struct _mod *mod, PyObject *filename,
    PyCompilerFlags *flags, int optimize, struct _arena *arena);
PyAPI_FUNC(PySTEntryObject *) PySymtable_Lookup(struct symtable *, void *);
PyAPI_FUNC(int) _PyArena_AddPyObject(PyArena *, PyObject *);
PyAPI_FUNC(void) _PyArena_Free(PyArena *);
PyAPI_FUNC(void *) _PyArena_Malloc(PyArena *, size_t size);
PyAPI_FUNC(PyArena *) _PyArena_New(void);

/* --- interpreters, threads, the runtime --- */
PyAPI_FUNC(PyInterpreterState *) _PyInterpreterID_LookUp(PyObject *);
PyAPI_FUNC(PyObject *) _PyInterpreterID_New(int64_t);
PyAPI_DATA(PyTypeObject) _PyInterpreterID_Type;
PyAPI_FUNC(PyStatus) _PyInterpreterState_Enable(_PyRuntimeState *runtime);
PyAPI_FUNC(PyObject *) _PyInterpreterState_GetIDObject(PyInterpreterState *);
PyAPI_FUNC(void) _PyInterpreterState_IDDecref(PyInterpreterState *);
PyAPI_FUNC(int) _PyInterpreterState_IDIncref(PyInterpreterState *);
PyAPI_FUNC(int) _PyInterpreterState_IDInitref(PyInterpreterState *);
PyAPI_FUNC(PyInterpreterState *) _PyInterpreterState_LookUpID(int64_t);
PyAPI_FUNC(void) _PyThreadState_DeleteCurrent(PyThreadState *tstate);
PyAPI_FUNC(void) _PyThreadState_DeleteExcept(_PyRuntimeState *runtime, PyThreadState *tstate);
PyAPI_FUNC(void) _PyThreadState_Init(PyThreadState *tstate);
PyAPI_FUNC(void) _PyThreadState_SetCurrent(PyThreadState *tstate);
PyAPI_FUNC(PyThreadState *) _PyThreadState_Swap(struct _gilstate_runtime_state *gilstate,
    PyThreadState *newts);
PyAPI_DATA(_PyRuntimeState) _PyRuntime;
PyAPI_FUNC(void) _PyRuntime_Finalize(void);
PyAPI_FUNC(PyStatus) _PyRuntime_Initialize(void);
PyAPI_FUNC(void) _PyRuntimeState_Fini(_PyRuntimeState *runtime);
PyAPI_FUNC(PyStatus) _PyRuntimeState_Init(_PyRuntimeState *runtime);

/* --- importing --- */
PyAPI_DATA(const struct _frozen *) _PyImport_FrozenBootstrap;
PyAPI_DATA(const struct _frozen *) _PyImport_FrozenStdlib;
PyAPI_DATA(const struct _frozen *) _PyImport_FrozenTest;

/* --- configuration --- */
PyAPI_FUNC(PyObject *) _PyConfig_AsDict(const PyConfig *config);
PyAPI_FUNC(int) _PyConfig_FromDict(PyConfig *config, PyObject *dict);
PyAPI_FUNC(void) _PyConfig_InitCompatConfig(PyConfig *config);
PyAPI_FUNC(void) _PyPreConfig_InitCompatConfig(PyPreConfig *preconfig);
PyAPI_FUNC(PyObject *) _PyWideStringList_AsList(const PyWideStringList *list);
PyAPI_FUNC(void) _PyWideStringList_Clear(PyWideStringList *list);
PyAPI_FUNC(int) _PyWideStringList_Copy(PyWideStringList *list, const PyWideStringList *list2);
PyAPI_FUNC(PyStatus) _PyWideStringList_Extend(PyWideStringList *list,
    const PyWideStringList *list2);
PyAPI_FUNC(PyStatus) _PyArgv_AsWstrList(const _PyArgv *args, PyWideStringList *list);
PyAPI_FUNC(void) _PyPathConfig_ClearGlobal(void);
PyAPI_FUNC(PyStatus) _Py_PreInitializeFromConfig(const PyConfig *config, const _PyArgv *args);
PyAPI_FUNC(PyStatus) _Py_PreInitializeFromPyArgv(const PyPreConfig *src_config,
    const _PyArgv *args);
PyAPI_FUNC(PyObject *) _Py_Get_Getpath_CodeObject(void);
PyAPI_FUNC(PyObject *) _Py_GetConfigsAsDict(void);
PyAPI_FUNC(const char *) _Py_GetEnv(int use_environment, const char *name);
PyAPI_FUNC(void) _Py_get_env_flag(int use_environment, int *flag, const char *name);
PyAPI_FUNC(const wchar_t *) _Py_get_xoption(const PyWideStringList *xoptions, const wchar_t *name);
PyAPI_FUNC(int) _Py_str_to_int(const char *str, int *result);
PyAPI_FUNC(void) _Py_ClearArgcArgv(void);
PyAPI_FUNC(void) _Py_ClearStandardStreamEncoding(void);
PyAPI_FUNC(int) _Py_IsLocaleCoercionTarget(const char *ctype_loc);

/* --- memory --- */
PyAPI_FUNC(int) _PyMem_GetAllocatorName(const char *name, PyMemAllocatorName *allocator);
PyAPI_FUNC(int) _PyMem_SetDefaultAllocator(PyMemAllocatorDomain domain,
    PyMemAllocatorEx *old_alloc);
PyAPI_FUNC(int) _PyMem_SetupAllocators(PyMemAllocatorName allocator);
PyAPI_FUNC(Py_ssize_t) _Py_GetAllocatedBlocks(void);
struct _PyTraceMalloc_Config {
    enum { TRACEMALLOC_NOT_INITIALIZED, TRACEMALLOC_INITIALIZED, TRACEMALLOC_FINALIZED } initialized;
    int tracing;
    int max_nframe;     /* frames kept of a traceback */
};
PyAPI_DATA(struct _PyTraceMalloc_Config) _Py_tracemalloc_config;

/* --- locale and text encodings; strings come from PyMem_RawMalloc() --- */
PyAPI_FUNC(int) _Py_DecodeLocaleEx(const char *arg, wchar_t **wstr, size_t *wlen,
    const char **reason, int current_locale, _Py_error_handler errors);
PyAPI_FUNC(wchar_t *) _Py_DecodeUTF8_surrogateescape(const char *arg, Py_ssize_t arglen,
    size_t *wlen);
PyAPI_FUNC(int) _Py_DecodeUTF8Ex(const char *arg, Py_ssize_t arglen, wchar_t **wstr, size_t *wlen,
    const char **reason, _Py_error_handler errors);
PyAPI_FUNC(int) _Py_EncodeLocaleEx(const wchar_t *text, char **str, size_t *error_pos,
    const char **reason, int current_locale, _Py_error_handler errors);
PyAPI_FUNC(char *) _Py_EncodeLocaleRaw(const wchar_t *text, size_t *error_pos);
PyAPI_FUNC(int) _Py_EncodeUTF8Ex(const wchar_t *text, char **str, size_t *error_pos,
    const char **reason, int raw_malloc, _Py_error_handler errors);
PyAPI_FUNC(_Py_error_handler) _Py_GetErrorHandler(const char *errors);
PyAPI_FUNC(int) _Py_GetLocaleconvNumeric(struct lconv *lc, PyObject **decimal_point,
    PyObject **thousands_sep);
PyAPI_FUNC(wchar_t *) _Py_GetLocaleEncoding(void);
PyAPI_FUNC(PyObject *) _Py_GetLocaleEncodingObject(void);
PyAPI_FUNC(int) _Py_GetForceASCII(void);
PyAPI_FUNC(void) _Py_ResetForceASCII(void);
PyAPI_DATA(int) _Py_HasFileSystemDefaultEncodeErrors;
PyAPI_FUNC(PyObject *) _Py_device_encoding(int);

/* --- files: the _noraise ones leave errno, the others raise --- */
PyAPI_FUNC(int) _Py_open(const char *pathname, int flags);
PyAPI_FUNC(int) _Py_open_noraise(const char *pathname, int flags);
PyAPI_FUNC(Py_ssize_t) _Py_read(int fd, void *buf, size_t count);
PyAPI_FUNC(Py_ssize_t) _Py_write(int fd, const void *buf, size_t count);
PyAPI_FUNC(Py_ssize_t) _Py_write_noraise(int fd, const void *buf, size_t count);
PyAPI_FUNC(int) _Py_fstat(int fd, struct stat *status);
PyAPI_FUNC(int) _Py_fstat_noraise(int fd, struct stat *status);
PyAPI_FUNC(int) _Py_stat(PyObject *path, struct stat *status);
PyAPI_FUNC(int) _Py_dup(int fd);
PyAPI_FUNC(void) _Py_closerange(int first, int last);
PyAPI_FUNC(int) _Py_get_blocking(int fd);
PyAPI_FUNC(int) _Py_get_inheritable(int fd);
PyAPI_FUNC(int) _Py_set_blocking(int fd, int blocking);
PyAPI_FUNC(int) _Py_set_inheritable(int fd, int inheritable, int *atomic_flag_works);
PyAPI_FUNC(int) _Py_set_inheritable_async_safe(int fd, int inheritable, int *atomic_flag_works);
PyAPI_FUNC(FILE *) _Py_wfopen(const wchar_t *path, const wchar_t *mode);
PyAPI_FUNC(wchar_t *) _Py_wgetcwd(wchar_t *buf, size_t buflen);
PyAPI_FUNC(int) _Py_wreadlink(const wchar_t *path, wchar_t *buf, size_t buflen);
PyAPI_FUNC(wchar_t *) _Py_wrealpath(const wchar_t *path, wchar_t *resolved_path,
    size_t resolved_path_len);
PyAPI_FUNC(wchar_t *) _Py_normpath(wchar_t *path, Py_ssize_t size);

/* --- double to and from shortest text --- */
PyAPI_FUNC(char *) _Py_dg_dtoa(double d, int mode, int ndigits, int *decpt, int *sign, char **rve);
PyAPI_FUNC(void) _Py_dg_freedtoa(char *s);
PyAPI_FUNC(double) _Py_dg_infinity(int sign);
PyAPI_FUNC(double) _Py_dg_stdnan(int sign);
PyAPI_FUNC(double) _Py_dg_strtod(const char *str, char **ptr);

/* --- hash table of C pointers --- */
PyAPI_FUNC(void) _Py_hashtable_clear(_Py_hashtable_t *ht);
PyAPI_FUNC(int) _Py_hashtable_compare_direct(const void *key1, const void *key2);
PyAPI_FUNC(void) _Py_hashtable_destroy(_Py_hashtable_t *ht);
PyAPI_FUNC(int) _Py_hashtable_foreach(_Py_hashtable_t *ht, _Py_hashtable_foreach_func func,
    void *user_data);
PyAPI_FUNC(void *) _Py_hashtable_get(_Py_hashtable_t *ht, const void *key);
PyAPI_FUNC(Py_uhash_t) _Py_hashtable_hash_ptr(const void *key);
PyAPI_FUNC(_Py_hashtable_t *) _Py_hashtable_new(_Py_hashtable_hash_func hash_func,
    _Py_hashtable_compare_func compare_func);
PyAPI_FUNC(_Py_hashtable_t *) _Py_hashtable_new_full(_Py_hashtable_hash_func hash_func,
    _Py_hashtable_compare_func compare_func, _Py_hashtable_destroy_func key_destroy_func,
    _Py_hashtable_destroy_func value_destroy_func, _Py_hashtable_allocator_t *allocator);
PyAPI_FUNC(int) _Py_hashtable_set(_Py_hashtable_t *ht, const void *key, void *value);
PyAPI_FUNC(size_t) _Py_hashtable_size(const _Py_hashtable_t *ht);
PyAPI_FUNC(void *) _Py_hashtable_steal(_Py_hashtable_t *ht, const void *key);

/* --- accumulator of strings --- */
PyAPI_FUNC(int) _PyAccu_Accumulate(_PyAccu *acc, PyObject *unicode);
PyAPI_FUNC(void) _PyAccu_Destroy(_PyAccu *acc);
PyAPI_FUNC(PyObject *) _PyAccu_Finish(_PyAccu *acc);
PyAPI_FUNC(PyObject *) _PyAccu_FinishAsList(_PyAccu *acc);
PyAPI_FUNC(int) _PyAccu_Init(_PyAccu *acc);

/* --- the rest --- */
PyAPI_FUNC(PyObject *) _PyWarnings_Init(void);

/* --- conversions and types of single modules --- */
PyAPI_DATA(PyTypeObject) _PyBytesIOBuffer_Type;
PyAPI_FUNC(PyObject *) PyMarshal_Init(void);
PyAPI_FUNC(PyObject *) _PyLong_FromUid(uid_t uid);
PyAPI_FUNC(PyObject *) _PyLong_FromGid(gid_t gid);
/* For the "O&" format: 1, or 0 with an exception. */
PyAPI_FUNC(int) _Py_Uid_Converter(PyObject *obj, uid_t *p);
PyAPI_FUNC(int) _Py_Gid_Converter(PyObject *obj, gid_t *p);
PyAPI_FUNC(int) _Py_Sigset_Converter(PyObject *obj, void *addr);

#ifdef __cplusplus
}
#endif

#endif /* KRAIT_INTERNAL_EXPORTS_H */
