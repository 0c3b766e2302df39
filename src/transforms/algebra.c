// In: elementwise operations. Out: simpler ones with the same value.
//
// Every rule is exact: the result keeps its bits, the payload of a NaN aside. There is one
// deviation: x + 0, x - 0 and fma(x, y, 0) become x and x * y although -0 + 0 is +0, because sums
// that start from a zero are what gradients are made of. So 0 * x stays for floats (NaN, infinity,
// the sign), and sums are not regrouped. pow(x, 2) becomes x * x and pow(x, -1) becomes 1 / x, which
// are rounded once. Integers wrap, so they regroup freely.
//
// What all operands share as a broadcast is computed before the broadcast: once per element of
// what is broadcast.

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "transforms/simplify.h"

#define RULE(name) ir_val sx_rule_##name(sx *s, const sx_op *op)
#define X (op->in[0])
#define Y (op->in[1])
#define Z (op->in[2])

static cv_dtype dtype_of(const sx *s, ir_val x) { return sx_type(s, x)->dtype; }

static bool is_integer(const sx *s, ir_val x) { return ir_is_integer(dtype_of(s, x)); }

// Integers and booleans: the values with all bits clear and all bits set.
static bool is_none_set(const sx *s, ir_val x) {
    return !ir_is_differentiable(dtype_of(s, x)) && sx_is(s, x, 0);
}

static bool is_all_set(const sx *s, ir_val x) {
    cv_dtype dtype = dtype_of(s, x);
    union ir_scalar element, ones;
    if (ir_is_differentiable(dtype) || !sx_splat(s, x, &element)) return false;
    ir_scalar_from_int(&ones, dtype, -1);
    return ir_scalar_to_int(&element, dtype) == ir_scalar_to_int(&ones, dtype);
}

static ir_val full_like(sx *s, ir_val x, double value) { return sx_full(s, sx_type(s, x), value); }

// f(f(x, c), d) = f(x, f(c, d)) for splats c, d of an operation that regroups.
static ir_val regroup(sx *s, const sx_op *op) {
    const ir_op *inner = sx_def(s, X, op->primitive);
    union ir_scalar element;
    if (!inner || !sx_splat(s, Y, &element) || !sx_splat(s, sx_in(s, inner, 1), &element)) return IR_NONE;
    ir_val constant = sx_binary(s, op->primitive, sx_in(s, inner, 1), Y);
    return sx_binary(s, op->primitive, sx_in(s, inner, 0), constant);
}

RULE(neg) { return sx_undo(s, X, IR_neg); }

RULE(abs) {
    if (sx_def(s, X, IR_abs) || ir_is_unsigned(dtype_of(s, X))) return X;
    ir_val negated = sx_undo(s, X, IR_neg);
    return negated == IR_NONE ? IR_NONE : sx_unary(s, IR_abs, negated);
}

RULE(not ) {
    ir_val negated = sx_undo(s, X, IR_not);
    if (negated != IR_NONE) return negated;
    const ir_op *comparison = ir_def_of(s->b, X);
    if (!comparison || dtype_of(s, X) != CV_BOOL || comparison->n_in != 2) return IR_NONE;
    ir_val x = sx_in(s, comparison, 0), y = sx_in(s, comparison, 1);
    if (comparison->primitive == IR_eq) return sx_binary(s, IR_ne, x, y);
    if (comparison->primitive == IR_ne) return sx_binary(s, IR_eq, x, y);
    if (ir_is_differentiable(dtype_of(s, x))) return IR_NONE; // a NaN makes both false
    switch (comparison->primitive) {
    case IR_lt: return sx_binary(s, IR_ge, x, y);
    case IR_le: return sx_binary(s, IR_gt, x, y);
    case IR_gt: return sx_binary(s, IR_le, x, y);
    case IR_ge: return sx_binary(s, IR_lt, x, y);
    default: return IR_NONE;
    }
}

// What it stops has happened: simplified programs are not differentiated any more.
RULE(stop_gradient) {
    (void)s;
    return X;
}

// Bits of the significand, sign of integers included.
static int precision(cv_dtype dtype) {
    switch (dtype) {
    case CV_BF16: return 8;
    case CV_F16: return 11;
    case CV_F32: return 24;
    case CV_F64: return 53;
    default: return (int)cv_dtype_size(dtype) * 8;
    }
}

// True if every value of `from` is a value of `to`.
static bool embeds(cv_dtype from, cv_dtype to) {
    if (from == to || from == CV_BOOL) return true;
    if (ir_is_complex(from) || ir_is_complex(to) || to == CV_BOOL) return false;
    int room = precision(to) - precision(from);
    if (ir_is_float(from)) return ir_is_float(to) && room > 0 && !(from == CV_BF16 && to == CV_F16);
    if (to == CV_F16) return precision(from) <= 8;
    if (ir_is_float(to)) return room >= 0;
    if (ir_is_signed(from) == ir_is_signed(to)) return room >= 0;
    return ir_is_signed(to) && room > 0;
}

RULE(convert) {
    cv_dtype to = ((const ir_convert_attributes *)op->attributes)->dtype, over = dtype_of(s, X);
    if (to == over) return X;
    ir_val source = sx_undo(s, X, IR_convert);
    if (source == IR_NONE) return IR_NONE;
    cv_dtype from = dtype_of(s, source);
    if (!embeds(from, over)) return IR_NONE;
    // Floats saturate on the way to integers, where integers wrap: the ways differ unless both are exact.
    if (ir_is_float(over) && ir_is_integer(from) && ir_is_integer(to) && !embeds(from, to)) return IR_NONE;
    return sx_convert(s, source, to);
}

RULE(add) {
    if (sx_is(s, Y, 0)) return X;
    if (sx_is(s, X, 0)) return Y;
    ir_val x = sx_undo(s, X, IR_neg), y = sx_undo(s, Y, IR_neg);
    if (y != IR_NONE) return sx_binary(s, IR_sub, X, y);
    if (x != IR_NONE) return sx_binary(s, IR_sub, Y, x);
    return is_integer(s, X) ? regroup(s, op) : IR_NONE;
}

static bool is_minus_zero(const sx *s, ir_val x) {
    union ir_scalar element;
    if (!ir_is_float(dtype_of(s, x)) || !sx_splat(s, x, &element)) return false;
    double value = ir_scalar_to_double(&element, dtype_of(s, x));
    return value == 0 && signbit(value);
}

RULE(sub) {
    if (sx_is(s, Y, 0)) return X;
    ir_val y = sx_undo(s, Y, IR_neg);
    if (y != IR_NONE) return sx_binary(s, IR_add, X, y);
    if (is_minus_zero(s, X)) return sx_unary(s, IR_neg, Y);
    if (!is_integer(s, X)) return IR_NONE;
    union ir_scalar element;
    if (sx_is(s, X, 0)) return sx_unary(s, IR_neg, Y);
    if (X == Y) return full_like(s, X, 0);
    return sx_splat(s, Y, &element) ? sx_binary(s, IR_add, X, sx_unary(s, IR_neg, Y)) : IR_NONE;
}

RULE(mul) {
    union ir_scalar element;
    if (sx_is(s, Y, 1)) return X;
    if (is_none_set(s, Y)) return Y;
    if (is_integer(s, X) ? is_all_set(s, Y) && ir_is_signed(dtype_of(s, X)) : sx_is(s, Y, -1))
        return sx_unary(s, IR_neg, X);
    ir_val x = sx_undo(s, X, IR_neg), y = sx_undo(s, Y, IR_neg);
    if (x != IR_NONE && y != IR_NONE) return sx_binary(s, IR_mul, x, y);
    if (x != IR_NONE && sx_splat(s, Y, &element)) return sx_binary(s, IR_mul, x, sx_unary(s, IR_neg, Y));
    return is_integer(s, X) ? regroup(s, op) : IR_NONE;
}

// The exponents of normal powers of two whose inverses are normal as well.
static int largest_exponent(cv_dtype dtype) {
    switch (dtype) {
    case CV_F16: return 14;
    case CV_F64: return 1022;
    default: return 126;
    }
}

RULE(div) {
    union ir_scalar element;
    if (sx_is(s, Y, 1)) return X;
    cv_dtype dtype = dtype_of(s, X);
    if (!ir_is_unsigned(dtype) && sx_is(s, Y, -1)) return sx_unary(s, IR_neg, X);
    if (!ir_is_float(dtype) || !sx_splat(s, Y, &element)) return IR_NONE;
    int exponent;
    double value = ir_scalar_to_double(&element, dtype), fraction = frexp(value, &exponent);
    if (fabs(fraction) != 0.5 || abs(exponent - 1) > largest_exponent(dtype)) return IR_NONE;
    return sx_binary(s, IR_mul, X, full_like(s, Y, 1 / value));
}

RULE(pow) {
    if (sx_is(s, Y, 0)) return full_like(s, X, 1);
    if (sx_is(s, Y, 1)) return X;
    if (sx_is(s, Y, 2)) return sx_binary(s, IR_mul, X, X);
    if (sx_is(s, Y, -1)) return sx_binary(s, IR_div, full_like(s, X, 1), X);
    return IR_NONE;
}

// max and min take x itself with x, with what lies beyond everything on the far side, and with an
// operand that they have already.
static ir_val extreme(sx *s, const sx_op *op, double neutral) {
    if (X == Y) return X;
    cv_dtype dtype = dtype_of(s, X);
    union ir_scalar element, limit;
    ir_scalar_from_double(&limit, dtype, neutral);
    if (sx_splat(s, Y, &element) && (ir_is_float(dtype) || ir_is_integer(dtype)) &&
        !memcmp(&element, &limit, cv_dtype_size(dtype)))
        return X;
    for (int side = 0; side < 2; side++) {
        const ir_op *inner = sx_def(s, op->in[side], op->primitive);
        ir_val other = op->in[!side];
        if (inner && (sx_in(s, inner, 0) == other || sx_in(s, inner, 1) == other)) return op->in[side];
    }
    return regroup(s, op);
}

RULE(max) { return extreme(s, op, -INFINITY); }
RULE(min) { return extreme(s, op, INFINITY); }

RULE(and) {
    if (X == Y || is_all_set(s, Y)) return X;
    return is_none_set(s, Y) ? Y : regroup(s, op);
}

RULE(or) {
    if (X == Y || is_none_set(s, Y)) return X;
    return is_all_set(s, Y) ? Y : regroup(s, op);
}

RULE(xor) {
    if (is_none_set(s, Y)) return X;
    if (X == Y) return full_like(s, X, 0);
    return is_all_set(s, Y) ? sx_unary(s, IR_not, X) : regroup(s, op);
}

// x compared with itself, where no NaN can come in.
static ir_val compare_same(sx *s, const sx_op *op, bool outcome) {
    if (X != Y || ir_is_differentiable(dtype_of(s, X))) return IR_NONE;
    const ir_type *type = ir_type_with_dtype(s->b->module, sx_type(s, X), CV_BOOL);
    return sx_full_int(s, type, outcome);
}

// A boolean that is compared with a constant is itself or its opposite.
static ir_val compare_boolean(sx *s, const sx_op *op, double kept) {
    if (dtype_of(s, X) != CV_BOOL) return IR_NONE;
    if (sx_is(s, Y, kept)) return X;
    return sx_is(s, Y, !kept) ? sx_unary(s, IR_not, X) : IR_NONE;
}

RULE(eq) {
    ir_val value = compare_same(s, op, true);
    return value != IR_NONE ? value : compare_boolean(s, op, 1);
}

RULE(ne) {
    ir_val value = compare_same(s, op, false);
    return value != IR_NONE ? value : compare_boolean(s, op, 0);
}

RULE(lt) { return compare_same(s, op, false); }
RULE(gt) { return compare_same(s, op, false); }
RULE(le) { return compare_same(s, op, true); }
RULE(ge) { return compare_same(s, op, true); }

static ir_val select_value(sx *s, ir_val predicate, ir_val yes, ir_val no) {
    return sx_emit(s, IR_select, (ir_val[]){predicate, yes, no}, 3, NULL);
}

RULE(select) {
    union ir_scalar predicate;
    if (Y == Z) return Y;
    if (sx_splat(s, X, &predicate)) return predicate.boolean ? Y : Z;
    ir_val opposite = sx_undo(s, X, IR_not);
    if (opposite != IR_NONE) return select_value(s, opposite, Z, Y);
    if (dtype_of(s, Y) == CV_BOOL) {
        if (sx_is(s, Y, 1) && sx_is(s, Z, 0)) return X;
        if (sx_is(s, Y, 0) && sx_is(s, Z, 1)) return sx_unary(s, IR_not, X);
    }
    // The same question inside has the same answer.
    const ir_op *yes = sx_def(s, Y, IR_select), *no = sx_def(s, Z, IR_select);
    if (yes && sx_in(s, yes, 0) == X) return select_value(s, X, sx_in(s, yes, 1), Z);
    if (no && sx_in(s, no, 0) == X) return select_value(s, X, Y, sx_in(s, no, 2));
    return IR_NONE;
}

RULE(fma) {
    if (sx_is(s, Z, 0)) return sx_binary(s, IR_mul, X, Y);
    if (sx_is(s, Y, 1)) return sx_binary(s, IR_add, X, Z);
    return sx_is(s, X, 1) ? sx_binary(s, IR_add, Y, Z) : IR_NONE;
}

// f(broadcast x, broadcast y, splat) = broadcast f(x, y, splat)
ir_val sx_sink_broadcast(sx *s, const sx_op *op) {
    const ir_broadcast_attributes *shared = NULL;
    const ir_type *small = NULL;
    union ir_scalar element;
    for (uint32_t i = 0; i < op->n_in; i++) {
        const ir_op *broadcast = sx_def(s, op->in[i], IR_broadcast_in_dim);
        if (!broadcast) {
            if (!sx_splat(s, op->in[i], &element)) return IR_NONE;
            continue;
        }
        const ir_broadcast_attributes *a = broadcast->attributes;
        const ir_type *type = sx_type(s, sx_in(s, broadcast, 0));
        if (shared &&
            (!ir_dims_equal(shared->dims, a->dims) || !ir_dims_equal(ir_shape(small), ir_shape(type))))
            return IR_NONE;
        shared = a;
        small = type;
    }
    if (!shared) return IR_NONE;
    ir_val in[3];
    for (uint32_t i = 0; i < op->n_in; i++) {
        in[i] = sx_undo(s, op->in[i], IR_broadcast_in_dim);
        if (in[i] != IR_NONE) continue;
        sx_splat(s, op->in[i], &element);
        in[i] =
            sx_constant(s, ir_type_with_dtype(s->b->module, small, dtype_of(s, op->in[i])), true, &element);
    }
    return sx_broadcast(s, sx_emit(s, op->primitive, in, op->n_in, op->attributes), shared->shape,
                        shared->dims);
}
