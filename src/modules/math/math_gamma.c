/* Gamma and log-gamma by Lanczos' approximation, with Boost's coefficients for N = 13 and g
 * = 6.0246...; within a few ulps. */
#include "modules/math/math_module.h"

#include <errno.h>
#include <math.h>

#define LANCZOS_COUNT 13
#define LANCZOS_G 6.024680040776729583740234375
#define G_MINUS_HALF 5.524680040776729583740234375
#define LOG_PI 1.144729885849400174143427351353058711647

static const double numerators[LANCZOS_COUNT] = {
    23531376880.410759688572007674451636754734846804940,
    42919803642.649098768957899047001988850926355848959,
    35711959237.355668049440185451547166705960488635843,
    17921034426.037209699919755754458931112671403265390,
    6039542586.3520280050642916443072979210699388420708,
    1439720407.3117216736632230727949123939715485786372,
    248874557.86205415651146038641322942321632125127801,
    31426415.585400194380614231628318205362874684987640,
    2876370.6289353724412254090516208496135991145378768,
    186056.26539522349504029498971604569928220784236328,
    8071.6720023658162106380029022722506138218516325024,
    210.82427775157934587250973392071336271166969580291,
    2.5066282746310002701649081771338373386264310793408,
};

/* x (x+1) ... (x+11), expanded. */
static const double denominators[LANCZOS_COUNT] = {
    0.0,       39916800.0, 120543840.0, 150917976.0, 105258076.0, 45995730.0, 13339535.0,
    2637558.0, 357423.0,   32670.0,     1925.0,      66.0,        1.0,
};

static const double factorials[23] = {
    1.0, 1.0, 2.0, 6.0, 24.0, 120.0, 720.0, 5040.0, 40320.0, 362880.0, 3628800.0, 39916800.0,
    479001600.0, 6227020800.0, 87178291200.0, 1307674368000.0, 20922789888000.0,
    355687428096000.0, 6402373705728000.0, 121645100408832000.0, 2432902008176640000.0,
    51090942171709440000.0, 1124000727777607680000.0,
};

/* sin(pi x) without the error of pi times a large x. */
static double sin_pi(double x)
{
    double y = fmod(fabs(x), 2.0), r;
    switch ((int)round(2.0 * y)) {
    case 0: r = sin(M_PI * y); break;
    case 1: r = cos(M_PI * (y - 0.5)); break;
    case 2: r = sin(M_PI * (1.0 - y)); break;
    case 3: r = -cos(M_PI * (y - 1.5)); break;
    default: r = sin(M_PI * (y - 2.0)); break;
    }
    return copysign(1.0, x) * r;
}

/* The rational function of the approximation; by powers of 1/x when x is large. */
static double lanczos_sum(double x)
{
    double above = 0.0, below = 0.0;
    if (x < 5.0) {
        for (int i = LANCZOS_COUNT; i-- > 0;) {
            above = above * x + numerators[i];
            below = below * x + denominators[i];
        }
    }
    else {
        for (int i = 0; i < LANCZOS_COUNT; i++) {
            above = above / x + numerators[i];
            below = below / x + denominators[i];
        }
    }
    return above / below;
}

double math_gamma(double x)
{
    if (!isfinite(x)) {
        if (isnan(x) || x > 0.0) return x;
        errno = EDOM;
        return NAN;
    }
    if (x == 0.0) {
        errno = EDOM;
        return copysign(INFINITY, x);
    }
    if (x == floor(x)) {
        if (x < 0.0) {
            errno = EDOM;
            return NAN;
        }
        if (x <= 23) return factorials[(int)x - 1];
    }
    double size = fabs(x), r;
    if (size < 1e-20) {
        r = 1.0 / x;
        if (isinf(r)) errno = ERANGE;
        return r;
    }
    if (size > 200.0) {                 /* beyond all doubles, or below */
        if (x < 0.0) return 0.0 / sin_pi(x);
        errno = ERANGE;
        return INFINITY;
    }
    double y = size + G_MINUS_HALF, z;
    /* What rounding y lost. */
    if (size > G_MINUS_HALF) z = (y - size) - G_MINUS_HALF;
    else z = (y - G_MINUS_HALF) - size;
    z = z * LANCZOS_G / y;
    if (x < 0.0) {
        r = -M_PI / sin_pi(size) / size * exp(y) / lanczos_sum(size);
        r -= z * r;
        if (size < 140.0) r /= pow(y, size - 0.5);
        else {
            double root = pow(y, size / 2.0 - 0.25);
            r /= root;
            r /= root;
        }
    }
    else {
        r = lanczos_sum(size) / exp(y);
        r += z * r;
        if (size < 140.0) r *= pow(y, size - 0.5);
        else {
            double root = pow(y, size / 2.0 - 0.25);
            r *= root;
            r *= root;
        }
    }
    if (isinf(r)) errno = ERANGE;
    return r;
}

double math_lgamma(double x)
{
    if (!isfinite(x)) return isnan(x) ? x : INFINITY;
    if (x == floor(x) && x <= 2.0) {
        if (x > 0.0) return 0.0;
        errno = EDOM;
        return INFINITY;
    }
    double size = fabs(x);
    if (size < 1e-20) return -log(size);
    double r = log(lanczos_sum(size)) - LANCZOS_G;
    r += (size - 0.5) * (log(size + LANCZOS_G - 0.5) - 1);
    if (x < 0.0) r = LOG_PI - log(fabs(sin_pi(size))) - log(size) - r;
    if (isinf(r)) errno = ERANGE;
    return r;
}
