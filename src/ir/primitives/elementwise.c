// The elementwise primitives: types, derivatives, transposition, batching. Their evaluation is in
// elementwise_evaluate.c.
//
// Operands have one shape, and one dtype but for the predicate of select: broadcasting and
// promotion are made explicit by those who emit. So every rule here works on whole arrays of one
// shape, and batching is the same operation with the batch axis put in where it is missing.
//
// The derivative formulas stand in two tables: `partial`, the contribution of one operand's tangent
// to the tangent of the result, and `contribution`, that of the cotangent to one linear operand.
// A row of `partial` has one operation with a tangent in it, and that is linear; everything else in
// it is a coefficient of primal values, which a linearization computes once and keeps. Where a
// function has a kink the values are those of jax.lax: ties of max and min count half for each
// side, abs has the slope 1 at 0, clamp passes nothing at its bounds.

#include "ir/primitives/elementwise.h"

static void check_same(const ir_typing *t, uint32_t i, uint32_t j) {
    const ir_type *x = t->in[i], *y = t->in[j];
    if (x == y) return;
    char first[IR_TYPE_TEXT], second[IR_TYPE_TEXT];
    bool shapes = !ir_dims_equal(ir_shape(x), ir_shape(y));
    ir_type_error(t, "%s and %s: %s differ", ir_type_text(x, first), ir_type_text(y, second),
                  shapes ? "shapes" : "dtypes");
}

void ir_type_elementwise(ir_typing *t) {
    ir_check_dtype(t, 0);
    for (uint32_t i = 1; i < t->n_in; i++) check_same(t, 0, i);
    t->out[0] = t->in[0];
}

static void type_comparison(ir_typing *t) {
    ir_type_elementwise(t);
    t->out[0] = ir_type_with_dtype(t->module, t->in[0], CV_BOOL);
}

static void type_abs(ir_typing *t) {
    ir_type_elementwise(t);
    t->out[0] = ir_type_with_dtype(t->module, t->in[0], ir_part_dtype(t->in[0]->dtype));
}

static void type_select(ir_typing *t) {
    char first[IR_TYPE_TEXT], second[IR_TYPE_TEXT];
    ir_check_dtype(t, 1);
    check_same(t, 1, 2);
    if (t->in[0]->dtype != CV_BOOL)
        ir_type_error(t, "%s: a predicate is bool, not %s", ir_type_text(t->in[0], first),
                      cv_dtype_name(t->in[0]->dtype));
    if (!ir_dims_equal(ir_shape(t->in[0]), ir_shape(t->in[1])))
        ir_type_error(t, "%s and %s: shapes of predicate and operands differ",
                      ir_type_text(t->in[0], first), ir_type_text(t->in[1], second));
    t->out[0] = t->in[1];
}

static void type_convert(ir_typing *t) {
    const ir_convert_attributes *attributes = t->attributes;
    ir_check_dtype(t, 0);
    uint32_t taken = ir_primitives[t->primitive].dtypes;
    char text[IR_TYPE_TEXT];
    if ((uint32_t)attributes->dtype >= CV_DTYPE_COUNT || !(taken >> attributes->dtype & 1))
        ir_type_error(t, "%s: nothing converts to %s", ir_type_text(t->in[0], text),
                      cv_dtype_name(attributes->dtype));
    if (ir_rules_of(t->primitive)->not_yet >> attributes->dtype & 1)
        ir_type_unsupported(t, "%s: nothing converts to %s yet", ir_type_text(t->in[0], text),
                            cv_dtype_name(attributes->dtype));
    t->out[0] = ir_type_with_dtype(t->module, t->in[0], attributes->dtype);
}

// Coefficients that take more than one line. `one`, `half` and `zero` fill the type of x.

// 1 where x alone is the extreme, 1/2 where y is as well, else 0.
static ir_val share_of_extreme(ir_builder *b, ir_val x, ir_val y, ir_val out) {
    ir_val one = ir_full_like(b, x, 1), half = ir_full_like(b, x, 0.5), zero = ir_full_like(b, x, 0);
    ir_val shared = ir_select(b, ir_eq(b, y, out), half, one);
    return ir_select(b, ir_eq(b, x, out), shared, zero);
}

// y x^(y-1). At (0, 0), where that is 0 times infinity, the exponent 1 makes it 0, the derivative of
// x^0, in the derivatives of this formula too; a selection of its value would leave NaNs in those.
static ir_val power_by_base(ir_builder *b, ir_val x, ir_val y) {
    ir_val one = ir_full_like(b, x, 1), zero = ir_full_like(b, x, 0);
    ir_val origin = ir_and(b, ir_eq(b, x, zero), ir_eq(b, y, zero));
    ir_val exponent = ir_select(b, origin, one, ir_sub(b, y, one));
    return ir_mul(b, y, ir_pow(b, x, exponent));
}

// log(x) x^y, with 0 for log(0): x^y does not vary with y there.
static ir_val power_by_exponent(ir_builder *b, ir_val x, ir_val out) {
    ir_val one = ir_full_like(b, x, 1), zero = ir_full_like(b, x, 0);
    ir_val base = ir_select(b, ir_eq(b, x, zero), one, x);
    return ir_mul(b, ir_log(b, base), out);
}

// What |z| and z / |z| are divided by in their derivatives: |z|, as the dtype of z, or 1 for 0.
static ir_val length_of(ir_builder *b, ir_val z, ir_val length) {
    ir_val one = ir_full_like(b, length, 1);
    length = ir_select(b, ir_eq(b, length, ir_full_like(b, length, 0)), one, length);
    return ir_convert(b, length, ir_type_of(b, z)->dtype);
}

// 1 or -1; of a complex number re(conj(z) t) / |z|.
static ir_val abs_by_operand(ir_builder *b, ir_val t, ir_val x, ir_val out) {
    if (ir_is_complex(ir_type_of(b, x)->dtype))
        return ir_real(b, ir_mul(b, t, ir_div(b, ir_conj(b, x), length_of(b, x, out))));
    ir_val one = ir_full_like(b, x, 1), minus_one = ir_full_like(b, x, -1);
    return ir_mul(b, t, ir_select(b, ir_ge(b, x, ir_full_like(b, x, 0)), one, minus_one));
}

// z / |z| turns by the part of t / z that is imaginary.
static ir_val sign_by_operand(ir_builder *b, ir_val t, ir_val x, ir_val out) {
    ir_val size = ir_abs(b, x), zero = ir_zeros(b, ir_type_of(b, size));
    ir_val turn = ir_imag(b, ir_mul(b, t, ir_div(b, ir_conj(b, out), length_of(b, x, size))));
    return ir_mul(b, ir_complex(b, zero, turn), out);
}

// The contribution of the tangent of operand i: a row per primitive and operand.
static ir_val partial(const ir_jvp *c, uint32_t i) {
    ir_builder *b = c->b;
    ir_val t = c->tangent[i], out = c->out[0];
    ir_val x = c->in[0], y = c->op->n_in > 1 ? c->in[1] : IR_NONE, z = c->op->n_in > 2 ? c->in[2] : IR_NONE;
#define WRT(name, operand) case IR_##name * 4 + operand: return
#define CONSTANT(value) ir_full_like(b, x, value)
    switch (c->op->primitive * 4 + i) {
    WRT(abs, 0)      abs_by_operand(b, t, x, out);
    WRT(sign, 0)     sign_by_operand(b, t, x, out);
    WRT(exp, 0)      ir_mul(b, t, out);
    WRT(expm1, 0)    ir_mul(b, t, ir_add(b, out, CONSTANT(1)));
    WRT(log, 0)      ir_div(b, t, x);
    WRT(log1p, 0)    ir_div(b, t, ir_add(b, x, CONSTANT(1)));
    WRT(sin, 0)      ir_mul(b, t, ir_cos(b, x));
    WRT(cos, 0)      ir_mul(b, t, ir_neg(b, ir_sin(b, x)));
    // (1 + out) (1 - out) rather than 1 - out^2: exact where out is close to 1
    WRT(tanh, 0)     ir_mul(b, t, ir_mul(b, ir_add(b, CONSTANT(1), out), ir_sub(b, CONSTANT(1), out)));
    WRT(logistic, 0) ir_mul(b, t, ir_mul(b, out, ir_sub(b, CONSTANT(1), out)));
    WRT(sqrt, 0)     ir_mul(b, t, ir_div(b, CONSTANT(0.5), out));
    WRT(rsqrt, 0)    ir_mul(b, t, ir_mul(b, CONSTANT(-0.5), ir_div(b, out, x)));
    WRT(add, 0)      t;
    WRT(add, 1)      t;
    WRT(sub, 0)      t;
    WRT(sub, 1)      ir_neg(b, t);
    WRT(mul, 0)      ir_mul(b, t, y);
    WRT(mul, 1)      ir_mul(b, t, x);
    WRT(div, 0)      ir_div(b, t, y);
    WRT(div, 1)      ir_mul(b, t, ir_neg(b, ir_div(b, out, y)));
    WRT(pow, 0)      ir_mul(b, t, power_by_base(b, x, y));
    WRT(pow, 1)      ir_mul(b, t, power_by_exponent(b, x, out));
    WRT(max, 0)      ir_mul(b, t, share_of_extreme(b, x, y, out));
    WRT(max, 1)      ir_mul(b, t, share_of_extreme(b, y, x, out));
    WRT(min, 0)      ir_mul(b, t, share_of_extreme(b, x, y, out));
    WRT(min, 1)      ir_mul(b, t, share_of_extreme(b, y, x, out));
    // clamp(low x, value y, high z)
    WRT(clamp, 0)    ir_select(b, ir_and(b, ir_gt(b, x, y), ir_lt(b, x, z)), t, CONSTANT(0));
    WRT(clamp, 1)    ir_select(b, ir_and(b, ir_gt(b, y, x), ir_lt(b, y, z)), t, CONSTANT(0));
    WRT(clamp, 2)    ir_select(b, ir_lt(b, z, y), t, CONSTANT(0));
    WRT(fma, 0)      ir_mul(b, t, y);
    WRT(fma, 1)      ir_mul(b, t, x);
    WRT(fma, 2)      t;
    default: base_check(!"a row for the operand");
    }
#undef CONSTANT
#undef WRT
    return IR_NONE;
}

static void jvp_partials(ir_jvp *c) {
    for (uint32_t i = 0; i < c->op->n_in; i++)
        if (c->tangent[i] != IR_NONE)
            c->tangent_out[0] = ir_accumulate(c->b, c->tangent_out[0], partial(c, i));
}

// Of a real number it is a step.
static void jvp_sign(ir_jvp *c) {
    if (ir_is_complex(ir_type_of(c->b, c->in[0])->dtype)) jvp_partials(c);
}

// One operation where both tangents are there, instead of a sum with a negation.
static void jvp_sub(ir_jvp *c) {
    bool both = c->tangent[0] != IR_NONE && c->tangent[1] != IR_NONE;
    (both ? ir_jvp_linear : jvp_partials)(c);
}

// An operand of a linear operation that has to be known: not linear itself.
static ir_val known(const ir_transposition *c, uint32_t i) {
    base_check(!c->linear[i]);
    return c->in[i];
}

// What the cotangent of the result adds to that of the linear operand i.
static ir_val contribution(const ir_transposition *c, uint32_t i) {
    ir_builder *b = c->b;
    ir_val ct = c->ct[0];
    const ir_type *type = ir_operand_type(c->f, c->op, i);
#define WRT(name, operand) case IR_##name * 4 + operand: return
    switch (c->op->primitive * 4 + i) {
    WRT(neg, 0)     ir_neg(b, ct);
    WRT(convert, 0) ir_convert(b, ct, type->dtype);
    WRT(add, 0)     ct;
    WRT(add, 1)     ct;
    WRT(sub, 0)     ct;
    WRT(sub, 1)     ir_neg(b, ct);
    WRT(mul, 0)     ir_mul(b, ct, known(c, 1));
    WRT(mul, 1)     ir_mul(b, ct, known(c, 0));
    WRT(div, 0)     ir_div(b, ct, known(c, 1));
    WRT(select, 1)  ir_select(b, known(c, 0), ct, ir_zeros(b, type));
    WRT(select, 2)  ir_select(b, known(c, 0), ir_zeros(b, type), ct);
    default: base_check(!"an operand in which the operation is linear");
    }
#undef WRT
    return IR_NONE;
}

static void transpose(ir_transposition *c) {
    for (uint32_t i = 0; i < c->op->n_in; i++)
        if (c->linear[i])
            c->accumulator[i] = ir_accumulate(c->b, c->accumulator[i], contribution(c, i));
}

void ir_batch_elementwise(ir_batching *c) {
    ir_val in[3];
    for (uint32_t i = 0; i < c->op->n_in; i++) in[i] = ir_with_batch_axis(c, i);
    c->out[0] = ir_emit_like(c->b, c->f, c->op, in);
    c->out_batched[0] = true;
}

// The records.
#define RULES(name, ...)                                                                           \
    const ir_rules ir_rules_##name = {.batch = ir_batch_elementwise, .evaluate = ir_evaluate_##name, __VA_ARGS__};
#define SMOOTH .type = ir_type_elementwise, .jvp = jvp_partials, .no_transpose = "none, because it is not linear"
#define STEP .type = ir_type_elementwise, .jvp = ir_jvp_zero, .no_transpose = "none, because its derivative is zero"
#define LINEAR .transpose = transpose
#define BITS .type = ir_type_elementwise, .jvp = ir_jvp_zero, \
             .no_transpose = "none, because booleans and integers have no cotangents"
#define COMPARISON .type = type_comparison, .jvp = ir_jvp_zero, \
                   .no_transpose = "none, because its result is bool"

RULES(neg, .type = ir_type_elementwise, .jvp = ir_jvp_linear, LINEAR)
RULES(abs, .type = type_abs, .jvp = jvp_partials, .no_transpose = "none, because it is not linear",
      .pair = ir_pair_abs)
RULES(sign, .type = ir_type_elementwise, .jvp = jvp_sign, .no_transpose = "none, because it is not linear",
      .pair = ir_pair_sign)
RULES(floor, STEP)
RULES(exp, SMOOTH, .pair = ir_pair_exp, .cost = 20)
RULES(expm1, SMOOTH, .pair = ir_pair_expm1, .cost = 20)
RULES(log, SMOOTH, .pair = ir_pair_log, .cost = 20)
RULES(log1p, SMOOTH, .pair = ir_pair_log1p, .cost = 20)
RULES(tanh, SMOOTH, .pair = ir_pair_tanh, .cost = 20)
RULES(logistic, SMOOTH, .pair = ir_pair_logistic, .cost = 20)
RULES(sin, SMOOTH, .pair = ir_pair_sin, .cost = 20)
RULES(cos, SMOOTH, .pair = ir_pair_cos, .cost = 20)
RULES(sqrt, SMOOTH, .pair = ir_pair_sqrt, .cost = 6)
RULES(rsqrt, SMOOTH, .pair = ir_pair_rsqrt, .cost = 6)
RULES(not, BITS)
RULES(stop_gradient, STEP, .pair = ir_pair_parts)
RULES(convert, .type = type_convert, .jvp = ir_jvp_linear, LINEAR, .pair = ir_pair_convert)
RULES(add, .type = ir_type_elementwise, .jvp = jvp_partials, LINEAR)
RULES(sub, .type = ir_type_elementwise, .jvp = jvp_sub, LINEAR)
RULES(mul, .type = ir_type_elementwise, .jvp = jvp_partials, LINEAR, .pair = ir_pair_mul)
RULES(div, .type = ir_type_elementwise, .jvp = jvp_partials, LINEAR, .pair = ir_pair_div, .cost = 6)
RULES(pow, SMOOTH, .pair = ir_pair_pow, .cost = 50)
RULES(max, SMOOTH, .pair = ir_pair_extreme)
RULES(min, SMOOTH, .pair = ir_pair_extreme)
RULES(and, BITS)
RULES(or, BITS)
RULES(xor, BITS)
RULES(eq, COMPARISON, .pair = ir_pair_eq)
RULES(ne, COMPARISON, .pair = ir_pair_ne)
RULES(lt, COMPARISON)
RULES(le, COMPARISON)
RULES(gt, COMPARISON)
RULES(ge, COMPARISON)
RULES(select, .type = type_select, .jvp = ir_jvp_linear, LINEAR)
RULES(clamp, SMOOTH)
RULES(fma, SMOOTH)
