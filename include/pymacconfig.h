/* macOS overrides of pyconfig.h live here in other builds; Krait has none. */
#ifndef Py_PYMACCONFIG_H
#define Py_PYMACCONFIG_H

#endif /* Py_PYMACCONFIG_H */
