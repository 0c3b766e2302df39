// Values to compare elementary functions with, and the measure of errors.
#ifndef TESTS_MATH_REFERENCE_H
#define TESTS_MATH_REFERENCE_H

#include <stdbool.h>

#include "ir/primitive.h"

// The function of one argument in double by libm, whose errors are about a unit; NULL where it has none.
typedef double reference_function(double);
reference_function *reference_libm(ir_primitive p);

double reference_f32(ir_primitive p, double x, double y); // the arguments are numbers of f32
long double reference_f64(ir_primitive p, double x, double y);

// |y - exact| in units in the last place of the format, infinite where a special value is wrong.
// Infinity counts as the power of two after the greatest number, so that results there may round either way.
double reference_error(ir_primitive p, bool wide, double y, long double exact);

// For sweeps: false unless the errors of a block of results of f32 are at most so many units, by the same
// measure.
enum { REFERENCE_BLOCK = 64 };
bool reference_near(ir_primitive p, const float *y, const double *exact, double units);

#endif
