// Values of special functions that C has not, to nearly the precision of long double.
#ifndef IR_PRIMITIVES_SPECIAL_H
#define IR_PRIMITIVES_SPECIAL_H

#include <stdint.h>

long double ir_long_erf_inv(long double x);
long double ir_long_digamma(long double x);
long double ir_long_polygamma(int64_t order, long double x); // order 1 and more
long double ir_long_scaled_bessel(int order, long double x); // e^-|x| I_n(x), order n of 0 and 1

#endif
