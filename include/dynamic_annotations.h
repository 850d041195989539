/* Hints for race detectors: this build takes none, so they vanish. */
#ifndef Py_DYNAMIC_ANNOTATIONS_H
#define Py_DYNAMIC_ANNOTATIONS_H

#ifndef DYNAMIC_ANNOTATIONS_ENABLED
#define DYNAMIC_ANNOTATIONS_ENABLED 0
#endif

#define RUNNING_ON_VALGRIND (0)

#endif /* Py_DYNAMIC_ANNOTATIONS_H */
