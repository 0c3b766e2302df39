// Complex numbers as pairs of real values, in the program: what the pair rules of complex.c,
// complex_functions.c and complex_inverse.c share.
#ifndef IR_PRIMITIVES_COMPLEX_H
#define IR_PRIMITIVES_COMPLEX_H

#include "ir/primitives/common.h"

typedef struct ir_pair {
    ir_val re, im;
} ir_pair;

static inline ir_pair ir_pair_operand(const ir_pairing *c, uint32_t i) {
    return (ir_pair){c->in[i], c->imag[i]};
}
static inline void ir_pair_set(ir_pairing *c, ir_pair z) { c->out[0] = z.re, c->out_imag[0] = z.im; }
static inline ir_pair ir_pair_swap(ir_pair z) { return (ir_pair){z.im, z.re}; }
static inline bool ir_pair_is_wide(const ir_builder *b, ir_val x) {
    return ir_type_of(b, x)->dtype == CV_F64;
}

// Short names for formulas, with the builder `b` in scope.
#define ADD(x, y) ir_add(b, x, y)
#define SUB(x, y) ir_sub(b, x, y)
#define MUL(x, y) ir_mul(b, x, y)
#define DIV(x, y) ir_div(b, x, y)
#define NEG(x) ir_neg(b, x)
#define ABS(x) ir_abs(b, x)
#define SELECT(p, x, y) ir_select(b, p, x, y)
#define LIKE(x, value) ir_full_like(b, x, value)
#define IS_ZERO(x) ir_eq(b, x, LIKE(x, 0))
#define SCALE(x, value) MUL(x, LIKE(x, value))
#define WITH_SIGN(y, x) ir_pair_with_sign(b, y, x)

// complex.c: whether |x| is infinite; the product; the quotient.
ir_val ir_pair_infinite(ir_builder *b, ir_val x);
ir_pair ir_pair_product(ir_builder *b, ir_pair x, ir_pair y);
ir_pair ir_pair_quotient(ir_builder *b, ir_pair x, ir_pair y);

// The greater (of IR_max; IR_min: the smaller) by real parts, of equal ones by imaginary parts.
ir_pair ir_pair_choose(ir_builder *b, ir_primitive p, ir_pair x, ir_pair y);
// What is left to choose from among imaginary parts: those of a real part that is the extreme one.
ir_val ir_pair_left(ir_builder *b, ir_primitive p, ir_val im, ir_val re, ir_val extreme);

// complex_functions.c. -y where x is negative or -0, else y.
ir_val ir_pair_with_sign(ir_builder *b, ir_val y, ir_val x);
// log(exp x + exp y), with an imaginary part from -pi to pi.
ir_pair ir_pair_log_add_exp(ir_builder *b, ir_pair x, ir_pair y);

// The absolute value as largest * hypotenuse: the larger of |re| and |im|, infinite if one of them is, and
// the length of z / unit, between 1 and sqrt(2) (1 for 0 and what is infinite). unit is `largest`, or 1 for
// 0.
typedef struct ir_pair_size {
    ir_val largest, unit, hypotenuse;
} ir_pair_size;
ir_pair_size ir_pair_size_of(ir_builder *b, ir_pair z);

#endif
