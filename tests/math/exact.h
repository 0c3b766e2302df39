// Values of elementary functions by MPFR.
#ifndef TESTS_MATH_EXACT_H
#define TESTS_MATH_EXACT_H

#include <stdbool.h>

#include "ir/primitive.h"

// False where the value is zero, infinite or NaN.
bool exact_f64(ir_primitive p, double x, double y, long double *value);

#endif
