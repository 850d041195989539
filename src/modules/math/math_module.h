/* math: the parts of the module. math_functions.c has the C functions and the module, math_sums.c
 * sums and norms, math_integers.c the functions on ints, math_gamma.c gamma and lgamma.
 */
#ifndef KRAIT_MODULES_MATH_MATH_MODULE_H
#define KRAIT_MODULES_MATH_MATH_MODULE_H

#include <Python.h>

/* Gamma function and log of its absolute value; errno as is usual for C functions. */
double math_gamma(double x);
double math_lgamma(double x);

extern PyMethodDef math_integer_methods[];      /* comb factorial gcd isqrt lcm perm */
extern PyMethodDef math_sum_methods[];          /* dist fsum hypot prod */

#endif
