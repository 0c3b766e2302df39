// Operations on arrays. Names, results and dtypes follow jax.numpy and jax.lax.
//
// Every operation is a macro over a function with `_at` at the end of its name, which takes the place
// of the call besides; operands may be C scalars. An operand or option that does not fit gives poison
// and an error (context.h) that names the line of the call.
//
// Dtypes are promoted as in JAX: a C scalar takes the dtype of the array that it meets (0.1 with f32
// is 0.1f); a C floating number with integers gives the default float; C scalars alone give weakly
// typed values of s32 or the default float. (In C11 the words true and false are of type int; a
// variable of type bool and cv_bool(true) are bool.) Shapes are broadcast as in NumPy: aligned at the
// last axis, with axes of size 1 stretched.
//
// Axes are counted from 0, negative ones from the end. A list of axes is CV_INTS(0, -1).
#ifndef COVECTOR_OPS_H
#define COVECTOR_OPS_H

#include "covector/ops_elementwise.h"
#include "covector/ops_functions.h"
#include "covector/ops_index.h"
#include "covector/ops_linear.h"
#include "covector/ops_make.h"
#include "covector/ops_names.h"
#include "covector/ops_nn.h"
#include "covector/ops_numbers.h"
#include "covector/ops_reduce.h"
#include "covector/ops_shape.h"
#include "covector/ops_sort.h"
#include "covector/ops_stack.h"
#include "covector/ops_statistics.h"

#endif
