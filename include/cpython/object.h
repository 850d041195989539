/* The type object's layout, the trashcan, and what only the full API has. Included by object.h. */
#ifndef Py_CPYTHON_OBJECT_H
#define Py_CPYTHON_OBJECT_H

/* A C string that becomes an interned str at first use (_PyUnicode_FromId). */
typedef struct _Py_Identifier {
    const char *string;
    Py_ssize_t index;
} _Py_Identifier;
#define _Py_static_string_init(value) {.string = value, .index = -1}
#define _Py_static_string(varname, value)                                                      \
    static _Py_Identifier varname = _Py_static_string_init(value)
#define _Py_IDENTIFIER(varname) _Py_static_string(PyId_##varname, #varname)

typedef int (*getbufferproc)(PyObject *, Py_buffer *, int);
typedef void (*releasebufferproc)(PyObject *, Py_buffer *);
typedef PyObject *(*vectorcallfunc)(PyObject *, PyObject *const *, size_t, PyObject *);
typedef PySendResult (*sendfunc)(PyObject *, PyObject *, PyObject **);
/* Former type of the slot that is now tp_vectorcall_offset. */
typedef Py_ssize_t printfunc;

typedef struct {
    binaryfunc nb_add;
    binaryfunc nb_subtract;
    binaryfunc nb_multiply;
    binaryfunc nb_remainder;
    binaryfunc nb_divmod;
    ternaryfunc nb_power;
    unaryfunc nb_negative;
    unaryfunc nb_positive;
    unaryfunc nb_absolute;
    inquiry nb_bool;
    unaryfunc nb_invert;
    binaryfunc nb_lshift;
    binaryfunc nb_rshift;
    binaryfunc nb_and;
    binaryfunc nb_xor;
    binaryfunc nb_or;
    unaryfunc nb_int;
    void *nb_reserved;  /* once nb_long */
    unaryfunc nb_float;
    binaryfunc nb_inplace_add;
    binaryfunc nb_inplace_subtract;
    binaryfunc nb_inplace_multiply;
    binaryfunc nb_inplace_remainder;
    ternaryfunc nb_inplace_power;
    binaryfunc nb_inplace_lshift;
    binaryfunc nb_inplace_rshift;
    binaryfunc nb_inplace_and;
    binaryfunc nb_inplace_xor;
    binaryfunc nb_inplace_or;
    binaryfunc nb_floor_divide;
    binaryfunc nb_true_divide;
    binaryfunc nb_inplace_floor_divide;
    binaryfunc nb_inplace_true_divide;
    unaryfunc nb_index;
    binaryfunc nb_matrix_multiply;
    binaryfunc nb_inplace_matrix_multiply;
} PyNumberMethods;

typedef struct {
    lenfunc sq_length;
    binaryfunc sq_concat;
    ssizeargfunc sq_repeat;
    ssizeargfunc sq_item;
    void *was_sq_slice;
    ssizeobjargproc sq_ass_item;
    void *was_sq_ass_slice;
    objobjproc sq_contains;
    binaryfunc sq_inplace_concat;
    ssizeargfunc sq_inplace_repeat;
} PySequenceMethods;

typedef struct {
    lenfunc mp_length;
    binaryfunc mp_subscript;
    objobjargproc mp_ass_subscript;
} PyMappingMethods;

typedef struct {
    unaryfunc am_await;
    unaryfunc am_aiter;
    unaryfunc am_anext;
    sendfunc am_send;
} PyAsyncMethods;

typedef struct {
    getbufferproc bf_getbuffer;
    releasebufferproc bf_releasebuffer;
} PyBufferProcs;

struct _typeobject {
    PyObject_VAR_HEAD
    const char *tp_name;              /* "module.name" */
    Py_ssize_t tp_basicsize;          /* bytes of an instance … */
    Py_ssize_t tp_itemsize;           /* … and of each item */
    destructor tp_dealloc;
    Py_ssize_t tp_vectorcall_offset;  /* where in the instance; 0 for none */
    getattrfunc tp_getattr;
    setattrfunc tp_setattr;
    PyAsyncMethods *tp_as_async;
    reprfunc tp_repr;
    PyNumberMethods *tp_as_number;
    PySequenceMethods *tp_as_sequence;
    PyMappingMethods *tp_as_mapping;
    hashfunc tp_hash;
    ternaryfunc tp_call;
    reprfunc tp_str;
    getattrofunc tp_getattro;
    setattrofunc tp_setattro;
    PyBufferProcs *tp_as_buffer;
    unsigned long tp_flags;
    const char *tp_doc;
    traverseproc tp_traverse;
    inquiry tp_clear;
    richcmpfunc tp_richcompare;       /* with Py_LT … Py_GE */
    Py_ssize_t tp_weaklistoffset;     /* 0: no weak references */
    getiterfunc tp_iter;
    iternextfunc tp_iternext;
    PyMethodDef *tp_methods;
    PyMemberDef *tp_members;
    PyGetSetDef *tp_getset;
    PyTypeObject *tp_base;            /* owned by a heap type, borrowed by a static one */
    PyObject *tp_dict;
    descrgetfunc tp_descr_get;
    descrsetfunc tp_descr_set;
    Py_ssize_t tp_dictoffset;         /* 0: no instance dict */
    initproc tp_init;
    allocfunc tp_alloc;
    newfunc tp_new;
    freefunc tp_free;
    inquiry tp_is_gc;
    PyObject *tp_bases;               /* tuple */
    PyObject *tp_mro;                 /* tuple */
    PyObject *tp_cache;
    PyObject *tp_subclasses;
    PyObject *tp_weaklist;
    destructor tp_del;
    unsigned int tp_version_tag;      /* 0: not assigned */
    destructor tp_finalize;
    vectorcallfunc tp_vectorcall;     /* calls of the type itself */
};

struct _specialization_cache {
    PyObject *getitem;
};

/* A type made at run time; slots of the instances and members follow it. */
typedef struct _heaptypeobject {
    struct _typeobject ht_type;
    PyAsyncMethods as_async;
    PyNumberMethods as_number;
    PyMappingMethods as_mapping;
    PySequenceMethods as_sequence;
    PyBufferProcs as_buffer;
    PyObject *ht_name;
    PyObject *ht_slots;
    PyObject *ht_qualname;
    struct _dictkeysobject *ht_cached_keys;
    PyObject *ht_module;
    char *_ht_tpname;
    struct _specialization_cache _spec_cache;
} PyHeapTypeObject;

PyAPI_FUNC(void) _Py_NewReference(PyObject *op);
PyAPI_FUNC(PyTypeObject *) _PyType_CalculateMetaclass(PyTypeObject *, PyObject *);
PyAPI_FUNC(PyObject *) _PyType_GetDocFromInternalDoc(const char *, const char *);
PyAPI_FUNC(PyObject *) _PyType_GetTextSignatureFromInternalDoc(const char *, const char *);
PyAPI_FUNC(PyObject *) _PyType_Lookup(PyTypeObject *, PyObject *);
PyAPI_FUNC(PyObject *) _PyType_LookupId(PyTypeObject *, _Py_Identifier *);
PyAPI_FUNC(const char *) _PyType_Name(PyTypeObject *);
PyAPI_FUNC(PyObject *) PyType_GetModuleByDef(PyTypeObject *, PyModuleDef *);
PyAPI_FUNC(PyObject *) _PyObject_LookupSpecialId(PyObject *, _Py_Identifier *);
PyAPI_FUNC(int) _PyObject_GetMethod(PyObject *obj, PyObject *name, PyObject **method);
PyAPI_FUNC(PyObject *) _PyObject_GetAttrId(PyObject *, _Py_Identifier *);
PyAPI_FUNC(int) _PyObject_SetAttrId(PyObject *, _Py_Identifier *, PyObject *);
PyAPI_FUNC(int) _PyObject_LookupAttr(PyObject *, PyObject *, PyObject **);
PyAPI_FUNC(int) _PyObject_LookupAttrId(PyObject *, _Py_Identifier *, PyObject **);
PyAPI_FUNC(int) _PyObject_IsAbstract(PyObject *);
#define _PyObject_LookupSpecial _PyObject_LookupSpecialId

/* Drops the old value only after the variable holds the new one. */
#define Py_SETREF(op, op2)                                                                     \
    do {                                                                                       \
        PyObject *_py_tmp = _PyObject_CAST(op);                                                \
        (op) = (op2);                                                                          \
        Py_DECREF(_py_tmp);                                                                    \
    } while (0)
#define Py_XSETREF(op, op2)                                                                    \
    do {                                                                                       \
        PyObject *_py_tmp = _PyObject_CAST(op);                                                \
        (op) = (op2);                                                                          \
        Py_XDECREF(_py_tmp);                                                                   \
    } while (0)

/* The trashcan: brackets around the body of a container's tp_dealloc. From a certain nesting on,
 * the object is put on a list instead and destroyed once the stack has unwound. No `return` out of
 * the body: jump to a label before Py_TRASHCAN_END.
 */
PyAPI_FUNC(int) _PyTrash_begin(PyThreadState *tstate, PyObject *op);
PyAPI_FUNC(int) _PyTrash_cond(PyObject *op, destructor dealloc);
PyAPI_FUNC(void) _PyTrash_end(PyThreadState *tstate);
#define Py_TRASHCAN_BEGIN_CONDITION(op, cond)                                                  \
    do {                                                                                       \
        PyThreadState *_tstate = NULL;                                                         \
        if (cond) {                                                                            \
            _tstate = PyThreadState_Get();                                                     \
            if (_PyTrash_begin(_tstate, _PyObject_CAST(op)))                                   \
                break;                                                                         \
        }
#define Py_TRASHCAN_BEGIN(op, dealloc)                                                         \
    Py_TRASHCAN_BEGIN_CONDITION(op, _PyTrash_cond(_PyObject_CAST(op), (destructor)dealloc))
#define Py_TRASHCAN_END                                                                        \
        if (_tstate)                                                                           \
            _PyTrash_end(_tstate);                                                             \
    } while (0);

/* The older pair, which does not check for subtypes. */
Py_DEPRECATED(3.11) typedef int UsingDeprecatedTrashcanMacro;
#define Py_TRASHCAN_SAFE_BEGIN(op)                                                             \
    do {                                                                                       \
        UsingDeprecatedTrashcanMacro cond = 1;                                                 \
        Py_TRASHCAN_BEGIN_CONDITION(op, cond);
#define Py_TRASHCAN_SAFE_END(op)                                                               \
        Py_TRASHCAN_END;                                                                       \
    } while (0);

PyAPI_DATA(int) _Py_SwappedOp[];
PyAPI_DATA(PyTypeObject) _PyNone_Type;
PyAPI_DATA(PyTypeObject) _PyNotImplemented_Type;
PyAPI_FUNC(void) _Py_BreakPoint(void);
PyAPI_FUNC(void) _PyDebugAllocatorStats(FILE *out, const char *block_name, int num_blocks,
    size_t sizeof_block);
PyAPI_FUNC(void) _Py_NO_RETURN _PyObject_AssertFailed(PyObject *obj, const char *expr,
    const char *msg, const char *file, int line, const char *function);
PyAPI_FUNC(void) PyObject_CallFinalizer(PyObject *);
PyAPI_FUNC(int) PyObject_CallFinalizerFromDealloc(PyObject *);
PyAPI_FUNC(int) _PyObject_CheckConsistency(PyObject *op, int check_content);
PyAPI_FUNC(void) _PyObject_DebugTypeStats(FILE *out);
PyAPI_FUNC(void) _PyObject_Dump(PyObject *);
PyAPI_FUNC(PyObject *) _PyObject_FunctionStr(PyObject *);
PyAPI_FUNC(PyObject *) _PyObject_GenericGetAttrWithDict(PyObject *, PyObject *, PyObject *, int);
PyAPI_FUNC(int) _PyObject_GenericSetAttrWithDict(PyObject *, PyObject *, PyObject *, PyObject *);
PyAPI_FUNC(PyObject **) _PyObject_GetDictPtr(PyObject *);
PyAPI_FUNC(PyObject *) _PyObject_GetState(PyObject *);
PyAPI_FUNC(int) _PyObject_IsFreed(PyObject *);
PyAPI_FUNC(PyObject *) _PyObject_NextNotImplemented(PyObject *);
PyAPI_FUNC(int) PyObject_Print(PyObject *, FILE *, int);

/* Object-aware assertions: dump the object, then abort. Nothing with NDEBUG. */
#ifdef NDEBUG
#define _PyObject_ASSERT_FROM(obj, expr, msg, filename, lineno, func) ((void)0)
#else
#define _PyObject_ASSERT_FROM(obj, expr, msg, filename, lineno, func)                          \
    ((expr) ? (void)(0)                                                                        \
            : _PyObject_AssertFailed((obj), Py_STRINGIFY(expr), (msg), (filename), (lineno),   \
                                     (func)))
#endif
#define _PyObject_ASSERT_WITH_MSG(obj, expr, msg)                                              \
    _PyObject_ASSERT_FROM(obj, expr, msg, __FILE__, __LINE__, __func__)
#define _PyObject_ASSERT(obj, expr) _PyObject_ASSERT_WITH_MSG(obj, expr, NULL)
#define _PyObject_ASSERT_FAILED_MSG(obj, msg)                                                  \
    _PyObject_AssertFailed((obj), NULL, (msg), __FILE__, __LINE__, __func__)

#endif /* Py_CPYTHON_OBJECT_H */
