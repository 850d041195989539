/* Kept so that old include lines work: the grammar's symbol numbers are no longer public. */
#ifndef Py_GRAMINIT_H
#define Py_GRAMINIT_H

#endif /* Py_GRAMINIT_H */
