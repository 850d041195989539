/* Probe points: none in this build, so that the calls vanish. */
#ifndef Py_DTRACE_H
#define Py_DTRACE_H

#ifdef __cplusplus
extern "C" {
#endif

#define PyDTrace_LINE(arg0, arg1, arg2) ((void)0)
#define PyDTrace_FUNCTION_ENTRY(arg0, arg1, arg2) ((void)0)
#define PyDTrace_FUNCTION_RETURN(arg0, arg1, arg2) ((void)0)
#define PyDTrace_GC_START(arg0) ((void)0)
#define PyDTrace_GC_DONE(arg0) ((void)0)
#define PyDTrace_INSTANCE_NEW_START(arg0) ((void)0)
#define PyDTrace_INSTANCE_NEW_DONE(arg0) ((void)0)
#define PyDTrace_INSTANCE_DELETE_START(arg0) ((void)0)
#define PyDTrace_INSTANCE_DELETE_DONE(arg0) ((void)0)
#define PyDTrace_IMPORT_FIND_LOAD_START(arg0) ((void)0)
#define PyDTrace_IMPORT_FIND_LOAD_DONE(arg0, arg1) ((void)0)
#define PyDTrace_AUDIT(arg0, arg1) ((void)0)

#define PyDTrace_LINE_ENABLED() 0
#define PyDTrace_FUNCTION_ENTRY_ENABLED() 0
#define PyDTrace_FUNCTION_RETURN_ENABLED() 0
#define PyDTrace_GC_START_ENABLED() 0
#define PyDTrace_GC_DONE_ENABLED() 0
#define PyDTrace_INSTANCE_NEW_START_ENABLED() 0
#define PyDTrace_INSTANCE_NEW_DONE_ENABLED() 0
#define PyDTrace_INSTANCE_DELETE_START_ENABLED() 0
#define PyDTrace_INSTANCE_DELETE_DONE_ENABLED() 0
#define PyDTrace_IMPORT_FIND_LOAD_START_ENABLED() 0
#define PyDTrace_IMPORT_FIND_LOAD_DONE_ENABLED() 0
#define PyDTrace_AUDIT_ENABLED() 0

#ifdef __cplusplus
}
#endif

#endif /* Py_DTRACE_H */
